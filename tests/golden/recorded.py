#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""recorded.py NFHOP: a recording of logs says what they say, and replaces recordings only."""
import json, os, subprocess, sys, tempfile

TESTDATA = os.path.join(os.path.dirname(os.path.realpath(__file__)), '../../testdata')
LOGS = ['klog/legacy-trace.kmsg', 'findings/trace-gap.log', 'findings/rule-drop.log',
        'query/xt-save.txt', 'nft/nft-t1.monitor-trace.txt']
OF_THE_FILE = ('bytes', 'seconds')  # not of what it says


def run(nfhop, *words):
    done = subprocess.run([nfhop, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def said(nfhop, name):
    status, out, err = run(nfhop, 'report', '-F', 'ndjson', name)
    lines = [json.loads(line) for line in out.splitlines()]
    for key in OF_THE_FILE:
        lines[-1].pop(key)
    return status, err, lines


def main(nfhop):
    troubles = []
    with tempfile.TemporaryDirectory() as folder:
        rec, log = os.path.join(folder, 'a.rec'), os.path.join(folder, 'a.log')
        for name in LOGS:  # each replaces the one before
            path = os.path.join(TESTDATA, name)
            if run(nfhop, 'record', '-q', '-o', rec, path) != (0, '', ''):
                troubles.append(f'{name}: cannot be recorded')
            elif said(nfhop, rec) != said(nfhop, path):
                troubles.append(f'{name}: the recording says something else')
        with open(log, 'w', encoding='utf-8') as f:
            f.write('nfhop\n')
        status, _, _ = run(nfhop, 'record', '-q', '-o', log, path)
        with open(log, encoding='utf-8') as f:
            if status != 2 or f.read() != 'nfhop\n':
                troubles.append('a log was overwritten')
    print('\n'.join(troubles))
    return 1 if troubles else 0


if __name__ == '__main__':
    sys.exit(main(os.path.abspath(sys.argv[1])))
