#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""commands.py [--update|--list] NFHOP [FILE.cmd...]: what a command line prints and ends with.

FILE.cmd in testdata/ holds the words after nfhop, as a shell would read them; the program runs
in testdata/. Variables may stand before the words (COLUMNS=80). FILE.out beside it holds standard
output, then standard error and the exit status.
"""
import difflib, os, re, shlex, subprocess, sys
import golden


def all_commands():
    found = [os.path.join(d, f) for d, _, files in os.walk(golden.TESTDATA) for f in files
             if f.endswith('.cmd')]
    return sorted(os.path.relpath(f, golden.TESTDATA) for f in found)


def run(nfhop, path):
    with open(path, encoding='utf-8') as f:
        words = shlex.split(f.read())
    env = dict(os.environ, TZ='UTC', LC_ALL='C.UTF-8')
    env.pop('NO_COLOR', None)
    while '=' in words[0] and words[0].split('=')[0].isupper():
        env.update([words.pop(0).split('=', 1)])
    done = subprocess.run(['nfhop', *words], executable=os.path.abspath(nfhop), env=env,
                          cwd=golden.TESTDATA, stdin=subprocess.DEVNULL, capture_output=True)
    text = done.stdout.decode(errors='backslashreplace')
    text = re.sub(r'("seconds": ?)[0-9][0-9.eE+-]*', r'\1null', text)
    text = re.sub(r'( time=)"[0-9.]+"', r'\1"0"', text)
    errors = done.stderr.decode(errors='backslashreplace')
    if errors:
        text += '--- standard error\n' + errors
    return text + f'--- exit status {done.returncode}\n'


def check(nfhop, path, update):
    got, want, expected = run(nfhop, path), '', path[:-len('.cmd')] + '.out'
    if os.path.exists(expected):
        with open(expected, encoding='utf-8') as f:
            want = f.read()
    if got == want:
        return True
    if update:
        print('updated', os.path.relpath(expected))
        with open(expected, 'w', encoding='utf-8') as f:
            f.write(got)
        return True
    print('\n'.join(difflib.unified_diff(want.split('\n'), got.split('\n'), expected, 'nfhop',
                                         lineterm='')))
    return False


def main(args):
    mode = args.pop(0) if args and args[0].startswith('--') else ''
    if mode == '--list':
        print('\n'.join(all_commands()))
        return 0
    nfhop, *files = args
    files = files or [os.path.join(golden.TESTDATA, f) for f in all_commands()]
    return 0 if all([check(nfhop, f, mode == '--update') for f in files]) else 1


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
