# SPDX-License-Identifier: GPL-2.0-or-later
"""Goldens: what nfhop prints for an input in testdata/ stands in a file beside it.

  run NFHOP EXPECTED...            compare (a unified diff, exit 1 if they differ)
  run --update NFHOP [EXPECTED...] rewrite those, or all that exist
  run --new NFHOP INPUT...         write .txt and .ndjson for a new input
  run --list                       name all that exist

Beside INPUT may stand INPUT + one of SUFFIXES below, INPUT.args (further arguments; the
program runs in the folder of the input) and INPUT.status (its exit status, if not 0).
"""
import difflib, os, re, shlex, subprocess, sys

TESTDATA = os.path.join(os.path.dirname(os.path.realpath(__file__)), '../../testdata')
SUFFIXES = {  # longest first: a.log.stop.txt is not the .txt of a.log.stop
    '.packet.txt': ['-b', 'packet'], '.path.txt': ['-b', 'path'], '.stop.txt': ['-b', 'stop'],
    '.ndjson': ['-F', 'ndjson'], '.txt': ['-b', 'flow'],
}


def split(expected):
    """The input that a file is the expected output of, and its suffix; None if of none."""
    for suffix in SUFFIXES:
        if expected.endswith(suffix) and os.path.isfile(expected[:-len(suffix)]):
            return expected[:-len(suffix)], suffix
    return None, None


def all_expected():
    found = [os.path.join(d, f) for d, _, files in os.walk(TESTDATA) for f in files]
    return sorted(os.path.relpath(f, TESTDATA) for f in found if split(f)[0])


def beside(path, suffix, default):
    try:
        with open(path + suffix, encoding='utf-8') as f:
            return f.read().strip()
    except FileNotFoundError:
        return default


def run(nfhop, given, more_args):
    """What nfhop prints for an input, as bytes; None if it ends with another status."""
    args = shlex.split(beside(given, '.args', ''))
    year = [] if '--year' in args else ['--year', '2026']
    env = dict(os.environ, TZ='UTC', LC_ALL='C.UTF-8')
    env.pop('NO_COLOR', None)
    done = subprocess.run(
        [os.path.abspath(nfhop), 'report', *more_args, *year, os.path.basename(given), *args],
        cwd=os.path.dirname(given), env=env, stdin=subprocess.DEVNULL, capture_output=True)
    sys.stderr.write(done.stderr.decode(errors='replace'))
    want = int(beside(given, '.status', '0'))
    if done.returncode != want:
        print(f'{given}: exit status {done.returncode}, should be {want}', file=sys.stderr)
        return None
    return re.sub(rb'("seconds": ?)[0-9][0-9.eE+-]*', rb'\1null', done.stdout)


def check(nfhop, expected, update):
    given, suffix = split(expected)
    got = run(nfhop, given, SUFFIXES[suffix])
    if got is None:
        return False
    want = b''
    if os.path.exists(expected):
        with open(expected, 'rb') as f:
            want = f.read()
    if update and want != got:
        print('updated', os.path.relpath(expected))
        with open(expected, 'wb') as f:
            f.write(got)
    if update or want == got:
        return True
    lines = [x.decode(errors='backslashreplace').splitlines() for x in (want, got)]
    print('\n'.join(difflib.unified_diff(*lines, expected, 'nfhop', lineterm='')))
    return False


def main(args):
    mode = args.pop(0) if args and args[0].startswith('--') else ''
    if mode == '--list':
        print('\n'.join(all_expected()))
        return 0
    if not args or mode not in ('', '--update', '--new'):
        sys.exit(__doc__)
    nfhop, *files = args
    if mode == '--new':
        files = [f + suffix for f in files for suffix in ('.txt', '.ndjson')]
    elif not files:
        files = [os.path.join(TESTDATA, f) for f in all_expected()]
    return 0 if all([check(nfhop, os.path.realpath(f), bool(mode)) for f in files]) else 1
