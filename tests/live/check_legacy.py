#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""check_legacy.py NFHOP: `nfhop check -- COMMAND` on a gateway of iptables-legacy.

Right, wrong, and blind. The way of each packet is told by two sources: nf_tables' events of nfhop's
own chains, and TRACE lines of the kernel log.
"""
import os, re, sys, tempfile

import lab as labs

FORWARD = '-A FORWARD -i lan0 -m comment --comment '
RULES = ['-A FORWARD -m conntrack --ctstate ESTABLISHED -m comment --comment answers -j ACCEPT',
         FORWARD + 'web -p udp --dport 4001 -j ACCEPT',
         FORWARD + 'ssh -p udp --dport 4002 -j DROP',
         FORWARD + 'tcp -p tcp -j REJECT',
         FORWARD + 'trap -p udp --dport 4999 -j DROP',
         '-P FORWARD DROP',
         '-t nat -A POSTROUTING -o wan0 -j MASQUERADE']
EXPECT = '''
web gets out:     all  src {lan} and udp dport 4001  =>  forwarded and at filter:FORWARD:"web" \\
                       and at nat:POSTROUTING:rule:1
answers:          some src {wan} and udp sport 4001  =>  forwarded and oif lan0 \\
                       and at filter:FORWARD:"answers"
no ssh:           all  src {lan} and udp dport 4002  =>  stopped at filter:FORWARD:"ssh"
no tcp:           all  src {lan} and tcp             =>  rejected and at filter:FORWARD:"tcp"
nothing else:     all  src {lan} and udp dport 4003  =>  stopped at filter:FORWARD:policy
no trap is met:   none src {lan}                     =>  at filter:FORWARD:"trap"
'''
TRAFFIC = '''
for port in 4001 4002 4003; do echo > /dev/udp/{wan}/$port; done
timeout 0.5 bash -c 'echo > /dev/tcp/{wan}/4004' 2>/dev/null
exit 0
'''


def check(lab, nfhop, folder, *options):
    done = labs.run(nfhop, 'check', '--netns', lab.name('gw'), *options, f'{folder}/expect', '--',
                    'ip', 'netns', 'exec', lab.name('lan'), 'bash', f'{folder}/traffic', ok=False)
    return done.returncode, done.stdout, done.stderr


class Test:
    def __init__(self):
        self.bad = 0

    def expect(self, name, holds, seen):
        print('ok' if holds else 'not ok', '-', name)
        if not holds:
            print(*seen, sep='\n')
            self.bad += 1


def prepare(lab, folder):
    for name, text in (('expect', EXPECT), ('traffic', TRAFFIC)):
        with open(f'{folder}/{name}', 'w', encoding='utf-8') as f:
            f.write(text.replace('{lan}', lab.addr('lan')).replace('{wan}', lab.addr('wan')))
    lab.answer('wan', 4001)


def check_all(lab, nfhop, folder):
    test = Test()
    prepare(lab, folder)
    for rule in RULES:
        lab.inside('gw', 'iptables-legacy', '-w', *rule.split())
    seen = check(lab, nfhop, folder)
    test.expect('the right rule set passes', seen[0] == 0 and '6 ok, 0 not ok' in seen[1], seen)

    lab.inside('gw', 'iptables-legacy', '-w', '-I', 'FORWARD', '2', '-p', 'udp', '-j', 'ACCEPT')
    seen = check(lab, nfhop, folder)
    broken = re.findall(r'^not ok \d+ - (.*)', seen[1], re.M)
    words = ' '.join(seen[1].split())
    test.expect('a rule before the others: what it breaks is broken, and that it did it is said',
                seen[0] == 1 and broken == ['web gets out', 'no ssh', 'nothing else'] and
                len(re.findall(r'shadowed for packet \d+, which fits it: rule 2 before it',
                               words)) == 2, seen)
    lab.inside('gw', 'iptables-legacy', '-w', '-D', 'FORWARD', '2')

    lab.all_netns(0)
    seen = check(lab, nfhop, folder)
    lab.all_netns(1)
    test.expect('its lines are suppressed: no promise about its rules is kept or broken',
                seen[0] == 3 and '0 ok, 0 not ok, 6 inconclusive' in seen[1], seen)
    return test.bad


def main(nfhop):
    labs.need('nft', 'iptables-legacy', 'bash')
    labs.end_on_signals()
    labs.remove_stale()
    with tempfile.TemporaryDirectory() as folder, labs.Lab() as lab:
        if lab.inside('gw', 'iptables-legacy', '-S', ok=False).returncode != 0:
            labs.skip('this kernel has no legacy iptables')
        if not lab.all_netns(1):
            labs.skip('nf_log_all_netns cannot be set: lines of the gateway would be missing')
        return 1 if check_all(lab, os.path.abspath(nfhop), folder) else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
