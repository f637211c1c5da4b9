#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""check.py NFHOP: `nfhop check -- COMMAND` on a living gateway: right, wrong, and blind.

doc/ci/run builds the gateway from network namespaces of its own. Skipped without root or tools.
"""
import os, re, shutil, subprocess, sys, tempfile
import xml.etree.ElementTree as xml

TOP = os.path.realpath(os.path.join(os.path.dirname(os.path.realpath(__file__)), '../..'))
CI = os.path.join(TOP, 'doc/ci')
FLOOD = '''$lan bash -c 'for i in {1..1000}; do echo > /dev/udp/203.0.113.32/9; done\''''

# name, a command that sends nothing here, what is said then
ELSEWHERE = [
    ('a command that fails before it sends',
     'exit 7', r'sh ended with status 7\n(.*\n)*.*no packet was seen in this network namespace'),
    ('a command that sends from elsewhere', 'unshare -n true',
     r'^nfhop: no packet was seen in this network namespace while sh ran; --netns NAME'),
]


def skip_unless_possible():
    missing = [x for x in ('ip', 'nft', 'bash', 'sysctl') if not shutil.which(x)]
    if os.geteuid() != 0 or missing:
        print('skipped:', 'needs root' if not missing else 'not here: ' + ' '.join(missing))
        sys.exit(77)
    tried = subprocess.run(['unshare', '-n', 'nft', 'add', 'table', 'inet', 'x'],
                           capture_output=True, text=True)
    if tried.returncode:
        print('skipped: no network namespace with nf_tables can be made:', tried.stderr)
        sys.exit(77)


def run(nfhop, rules, *options, ci=CI):
    done = subprocess.run([f'{ci}/run', rules, *options], capture_output=True, text=True,
                          env=dict(os.environ, NFHOP=nfhop, LC_ALL='C'), timeout=100)
    return done.returncode, done.stdout, done.stderr


def swapped(folder):
    """The same rules, but "other tcp" stands before "no ssh": ssh gets through."""
    with open(f'{CI}/gateway.nft', encoding='utf-8') as f:
        lines = f.read().split('\n')
    at = next(i for i, line in enumerate(lines) if 'no ssh' in line)
    lines[at], lines[at + 1] = lines[at + 1], lines[at]
    path = f'{folder}/swapped.nft'
    with open(path, 'w', encoding='utf-8') as f:
        f.write('\n'.join(lines))
    return path


def flooded(folder):
    """The same test, but with so much traffic that a small buffer cannot hold all events."""
    ci = f'{folder}/ci'
    shutil.copytree(CI, ci)
    with open(f'{ci}/traffic', encoding='utf-8') as f:
        text = f.read()
    with open(f'{ci}/traffic', 'w', encoding='utf-8') as f:
        f.write(text.replace('exit 0', FLOOD + '\nexit 0'))
    return ci


# name, options, command, exit status, what is said on standard output and error; expectations:
CUT = '''
there: some  icmp and dst 127.0.0.1  =>  delivered
not there: none  icmp and dst 127.0.0.2  =>  delivered
wrong: none  icmp and dst 127.0.0.1  =>  delivered
later: some  icmp and dst 127.0.0.3  =>  delivered
'''
PING = 'ping -q -c 1 -W 1 127.0.0.1 > /dev/null; '
CUTS = [
    ('--for ends before the command', ['--for', '2s'], PING + 'exec sleep 60', 1,
     r'^ok 1 (.*\n)+inconclusive 2 (.*\n)+ +inconclusive: reading ended before sh did: --for was '
     r'over(.*\n)+not ok 3 (.*\n)+inconclusive 4 ',
     r'^nfhop: reading ended before sh did: --for was over; what was seen until then is judged$'),
    ('--for ends before anything was seen', ['--for', '1s'], 'exec sleep 60', 3,
     r'^inconclusive 1 (.*\n)+inconclusive 3 .*\n.*\n +inconclusive: reading ended before sh did',
     r'^nfhop: reading ended before sh did: --for was over; what was seen until then is judged$'),
    ('--for ends before the command begins', ['--for', '50ms'], 'exit 7', 3,
     r'^inconclusive 1 (.*\n)+inconclusive 3 .*\n.*\n +inconclusive: reading ended before sh did',
     r'^nfhop: reading ended before sh did: --for was over; what was seen until then is judged$'),
    ('--count is reached before the command ends', ['--count', '1'], PING + 'exec sleep 60', 1,
     r'^not ok 3 ', r'^nfhop: reading ended before sh did: --count was reached; '),
]


def check_cuts(test, nfhop, folder):
    path = f'{folder}/cut.expect'
    with open(path, 'w', encoding='utf-8') as f:
        f.write(CUT)
    for name, options, command, status, out, err in CUTS:
        done = subprocess.run(
            ['unshare', '-n', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh', nfhop, 'check',
             *options, path, '--', 'sh', '-c', command], capture_output=True, text=True,
            timeout=50)
        test.expect(name, done.returncode == status and re.search(out, done.stdout, re.M) and
                    re.search(err, done.stderr, re.M), done)


class Test:
    def __init__(self):
        self.bad = 0

    def expect(self, name, holds, seen):
        print(('ok' if holds else 'not ok'), '-', name)
        if not holds:
            print(seen)
            self.bad += 1


def main(nfhop):
    skip_unless_possible()
    test, nfhop = Test(), os.path.abspath(nfhop)
    with tempfile.TemporaryDirectory() as folder:
        seen = run(nfhop, f'{CI}/gateway.nft')
        test.expect('the right rule set passes', seen[0] == 0 and '5 ok, 0 not ok' in seen[1],
                    seen)

        kept = f'{folder}/kept.rec'
        run(nfhop, f'{CI}/gateway.nft', '--keep', kept)
        again = subprocess.run([nfhop, 'report', kept], capture_output=True, text=True)
        test.expect('what is kept of a run has its end',
                    again.returncode == 0 and not again.stderr and 'nothing lost' in again.stdout,
                    again)

        seen = run(nfhop, swapped(folder))
        failed = re.search(r'^not ok \d+ - no ssh.*?(?=^(ok|not ok|inconclusive) |\Z)', seen[1],
                           re.M | re.S)
        test.expect('two rules swapped: exactly that promise is broken, and the rule is named',
                    seen[0] == 1 and '4 ok, 1 not ok, 0 inconclusive' in seen[1] and failed and
                    re.search(r'gateway forward +rule 3 +accept .*other tcp', failed[0]), seen)

        result = f'{folder}/result.xml'
        seen = run(nfhop, f'{folder}/swapped.nft', '-F', 'junit', '-o', result)
        suite = xml.parse(result).getroot().find('testsuite')
        test.expect('JUnit counts the same', seen[0] == 1 and suite.get('tests') == '5' and
                    suite.get('failures') == '1' and suite.get('errors') == '0', seen)

        seen = run(nfhop, f'{CI}/gateway.nft', '-B', '2K', ci=flooded(folder))
        test.expect('events lost on purpose: inconclusive, never passed',
                    seen[0] == 3 and 'lost' in seen[1] and ' 0 not ok' in seen[1] and
                    not re.search(r'^ok \d+ - no (ssh|udp)', seen[1], re.M), seen)

        seen = run(nfhop, f'{CI}/gateway.nft', '-t', 'udp')
        test.expect('nothing of it was traced: what was not seen is not proved',
                    seen[0] == 1 and re.search('^inconclusive . - web gets out', seen[1], re.M) and
                    'selected); -t "udp" may leave it out' in seen[1] and
                    'inconclusive: -t "udp" leaves out what it selects' in seen[1] and
                    not re.search('^ok . - no ssh', seen[1], re.M), seen)

        for name, command, said in ELSEWHERE:
            done = subprocess.run(['unshare', '-n', nfhop, 'check', f'{CI}/gateway.expect', '--',
                                   'sh', '-c', command], capture_output=True, text=True)
            test.expect(name, done.returncode == 3 and re.search(said, done.stderr), done)

        check_cuts(test, nfhop, folder)

        program = f'{folder}/traffic'
        shutil.copy(f'{CI}/traffic', program)
        done = subprocess.run([nfhop, 'check', f'{CI}/gateway.expect', program],
                              capture_output=True, text=True)
        test.expect('the -- before a command was forgotten',
                    done.returncode == 3 and f'{program} is a program' in done.stderr, done)

        left = subprocess.run(['ip', 'netns'], capture_output=True, text=True).stdout
        test.expect('no namespace is left', 'nfhop-ci' not in left, left)
    return 1 if test.bad else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
