#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""screens.py [--update] PLAY GENLOG [SCRIPT SIZE...]: the screens that a script of keys leads to.

Beside NAME.keys stands NAME.WIDTHxHEIGHT.screen for each size. In a script @flood@ is a big log
that the generator of the benchmarks writes, the same one each time.
"""
import difflib, glob, os, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.join(HERE, '../..')
SIZES = ('80x24', '160x45')


def play(program, genlog, script, size):
    with open(script, encoding='utf-8') as f:
        keys = f.read()
    with tempfile.TemporaryDirectory() as folder:
        if '@flood@' in keys:
            log = os.path.join(folder, 'flood.log')
            with open(log, 'wb') as f:
                subprocess.run([genlog, 'trace', '--bytes', '3000000', '--flows', '400',
                                '--seed', '7'], stdout=f, check=True)
            keys = keys.replace('@flood@', log)
        copy = os.path.join(folder, 'keys')
        with open(copy, 'w', encoding='utf-8') as f:
            f.write(keys)
        ascii_only = '\nascii\n' in keys
        env = dict(os.environ, TZ='UTC', LC_ALL='C' if ascii_only else 'C.UTF-8')
        done = subprocess.run([program, size, copy], cwd=TOP, env=env, capture_output=True,
                              check=False)
    sys.stderr.write(done.stderr.decode(errors='replace'))
    if done.returncode:
        sys.exit(f'{script}: play ended with {done.returncode}')
    return done.stdout.decode(errors='backslashreplace')


def check(program, genlog, script, size, update):
    golden = f'{script[:-len(".keys")]}.{size}.screen'
    got, want = play(program, genlog, script, size), ''
    if os.path.exists(golden):
        with open(golden, encoding='utf-8') as f:
            want = f.read()
    if update and got != want:
        print('updated', os.path.basename(golden))
        with open(golden, 'w', encoding='utf-8') as f:
            f.write(got)
    if update or got == want:
        return True
    print('\n'.join(difflib.unified_diff(want.split('\n'), got.split('\n'), golden, 'nfhop',
                                         lineterm='')))
    return False


def main(args):
    update = args[0] == '--update'
    program, genlog, *what = [os.path.abspath(x) if os.path.exists(x) else x
                              for x in args[update:]]
    if what:
        scripts, sizes = [what[0]], what[1:]
    else:
        scripts, sizes = sorted(glob.glob(os.path.join(HERE, '*.keys'))), SIZES
    good = [check(program, genlog, x, size, update) for x in scripts for size in sizes]
    return 0 if all(good) else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
