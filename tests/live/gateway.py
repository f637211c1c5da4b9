#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""gateway.py NFHOP FLAVOUR [CASE...]: real packets through a real gateway, seen by nfhop live.

FLAVOUR is legacy, iptables-nft or nft; or both: legacy and nft rules at once. Each case loads
rules into a gateway of its own, has nfhop trace one datagram (--trace), sends it, and compares
what nfhop says of it: the way, the rule, the outcome, the findings.
"""
import json, re, signal, subprocess, sys, time
from dataclasses import dataclass, field

import lab as labs

PORT = 4001
# The rules of a case, by family and table; each flavour writes them in its own way.
IPTABLES = {'legacy': ('iptables-legacy', 'ip6tables-legacy'),
            'iptables-nft': ('iptables-nft', 'ip6tables-nft')}
OUTSIDE = ('sysctl -w net.netfilter.nf_log_all_netns=1',)  # shows in the first namespace only
SETTLE = 0.8  # seconds after the datagram, until nfhop is told to end


@dataclass
class Case:
    """iptables: arguments of iptables; nft: lines of nft; {lan}, {gw}, {gwan}, {wan} stand in."""
    name: str
    iptables: list
    nft: str
    want: dict                      # members of the packet that must be so
    hops: list = field(default_factory=list)    # (iptables' hop, nft's hop) that it must have
    findings: dict = field(default_factory=dict)  # id: regular expression of its sentences
    send: tuple = ('lan', 'wan', PORT)          # from, to, port
    family: int = 4
    before: object = None           # what else is to be done in the lab
    trace: str = 'udp and dst {target} and dport 4001'
    tcp: bool = False               # a conversation, not a datagram
    flow: dict = field(default_factory=dict)    # members of its flow that must be so
    sources: tuple = ('nft:', 'kmsg:')
    flavours: tuple = ('legacy', 'iptables-nft', 'nft')


def hop(table, chain, rule=None):
    return f'{table}:{chain}' + (f':rule:{rule}' if rule else ':policy')


def stop(iptables, nft):
    """stopped_at of both: (table, chain, kind, rule); nft gives a policy no number."""
    return {'stopped_at': (iptables, nft)}


NFT_PRE = ('chain prerouting { type filter hook prerouting priority raw; '
           'tcp dport 1 drop; }\n')
XT_PRE = '-t raw -A PREROUTING -p tcp --dport 1 -j DROP'
MASQUERADE = ('chain postrouting { type nat hook postrouting priority srcnat; '
              'oifname "wan0" masquerade; }\n')
MANY_PORTS = ', '.join(str(10000 + x) for x in range(1100))
FORWARD = 'chain forward { type filter hook forward priority filter; policy %s; %s }\n'


def loses_ip_forward(lab):
    lab.sysctl('gw', 'ipv4/ip_forward', 0)


def filters_sources(lab):
    """The way back to the sender's second address is wan0."""
    lab.inside('lan', 'ip', 'addr', 'add', f'{lab.net4}.9.9/32', 'dev', 'lo')
    lab.sysctl('lan', 'ipv4/conf/all/arp_announce', 2)  # rp_filter is for ARP's sender, too
    lab.inside('gw', 'ip', 'route', 'add', f'{lab.net4}.9.0/24', 'via', lab.addr('wan'))
    lab.sysctl('gw', 'ipv4/conf/lan0/rp_filter', 1)


def answers(lab):
    lab.answer('wan', PORT)


def talks(lab):
    lab.talk('wan', PORT)


def suppresses(lab):
    lab.all_netns(0)


def binds_nflog(lab):
    """As tcpdump -i nflog and ulogd leave it."""
    lab.sysctl('gw', 'netfilter/nf_log/2', 'nfnetlink_log')


CASES = [
    Case('forwarded, translated, answered', before=answers,
         iptables=[XT_PRE, '-A FORWARD -i lan0 -p udp -j ACCEPT', '-A FORWARD -i wan0 -j ACCEPT',
                   '-P FORWARD DROP', '-t nat -A POSTROUTING -o lan0 -j ACCEPT',
                   '-t nat -A POSTROUTING -o wan0 -j MASQUERADE'],
         nft='table ip fw {\n' + NFT_PRE +
             FORWARD % ('drop', 'iifname "lan0" meta l4proto udp accept; iifname "wan0" accept;') +
             'chain postrouting { type nat hook postrouting priority srcnat; '
             'oifname "lan0" accept; oifname "wan0" masquerade; }\n}',
         want={'outcome': 'forwarded', 'iif': 'lan0', 'oif': 'wan0'},
         hops=[(hop('filter', 'FORWARD', 1), hop('fw', 'forward', 1)),
               (hop('nat', 'POSTROUTING', 2), hop('fw', 'postrouting', 2))]),
    Case('a conversation, both ways', before=talks, tcp=True,
         trace='tcp and port 4001 and host {target}',
         iptables=['-A FORWARD -i lan0 -p tcp --dport 4001 -j ACCEPT',
                   '-A FORWARD -m conntrack --ctstate ESTABLISHED -j ACCEPT', '-P FORWARD DROP',
                   XT_PRE, '-t nat -A POSTROUTING -o wan0 -j MASQUERADE'],
         nft='table ip fw {\n' + NFT_PRE +
             FORWARD % ('drop', 'iifname "lan0" tcp dport 4001 accept; ct state established '
                        'accept;') + MASQUERADE + '}',
         want={'outcome': 'forwarded'},
         flow={'state': 'two-way', 'outcome': 'forwarded', 'nat': {'src': '{gwan}'}}),
    Case('the answer is stopped', before=talks, tcp=True,
         trace='tcp and port 4001 and host {target}',
         iptables=['-A FORWARD -i lan0 -p tcp --dport 4001 -j ACCEPT', '-P FORWARD DROP',
                   XT_PRE, '-t nat -A POSTROUTING -o wan0 -j MASQUERADE'],
         nft='table ip fw {\n' + NFT_PRE +
             FORWARD % ('drop', 'iifname "lan0" tcp dport 4001 accept;') + MASQUERADE + '}',
         want={'outcome': 'forwarded'}, flow={'state': 'reply-stopped'},
         findings={'reply-blocked': '.', 'policy-drop': '(FORWARD|forward) policy dropped'}),
    Case('dropped by policy',
         iptables=['-A FORWARD -p tcp -j ACCEPT', '-P FORWARD DROP'],
         nft='table ip fw {\n' + FORWARD % ('drop', 'meta l4proto tcp accept;') + '}',
         want={'outcome': 'dropped',
               **stop(('filter', 'FORWARD', 'policy', 2), ('fw', 'forward', 'policy', None))},
         findings={'policy-drop': '(FORWARD|forward) policy dropped 1 packet',
                   'unmatched-before-policy': 'reached the policy'}),
    Case('no element fits', flavours=('nft',), iptables=[],
         nft='table ip fw {\nset doors { type inet_service; elements = { 53, 123 }; }\n'
             'set nobody { type ipv4_addr; }\n'
             f'set large {{ type inet_service; elements = {{ {MANY_PORTS} }}; }}\n'
             'set own { type inet_service; flags timeout; elements = { 5 timeout 1h }; }\n'
             'map verdicts { type inet_service : verdict; elements = { 22 : accept }; }\n' +
             FORWARD % ('drop', 'udp dport @doors accept; ip saddr @nobody accept; '
                        'udp dport @large accept; udp dport @own accept; '
                        'udp dport vmap @verdicts;') + '}',
         want={'outcome': 'dropped'},
         findings={'unmatched-before-policy':
                   'rule 1: .*4001, which is not in the set; '
                   'rule 2: .*; the set is empty; '
                   'rule 3: udp dport @large must have failed; '
                   'rule 4: udp dport @own must have failed; '
                   'rule 5: .*4001, which is not in the map'}),
    Case('dropped by a numbered rule',
         iptables=['-A FORWARD -p tcp -j ACCEPT', '-A FORWARD -p udp --dport 4001 -j DROP'],
         nft='table ip fw {\n' + FORWARD %
             ('accept', 'meta l4proto tcp accept; udp dport 4001 drop;') + '}',
         want={'outcome': 'dropped',
               **stop(('filter', 'FORWARD', 'rule', 2), ('fw', 'forward', 'rule', 2))},
         findings={'rule-drop': '(FORWARD|forward) rule 2 dropped 1 packet'}),
    Case('dropped in a chain of the user',
         iptables=['-N GUARD', '-A FORWARD -p udp -j GUARD', '-A GUARD -p tcp -j RETURN',
                   '-A GUARD -s {lan} -j DROP'],
         nft='table ip fw {\nchain guard { meta l4proto tcp return; ip saddr {lan} drop; }\n' +
             FORWARD % ('accept', 'meta l4proto udp jump guard;') + '}',
         want={'outcome': 'dropped',
               **stop(('filter', 'GUARD', 'rule', 2), ('fw', 'guard', 'rule', 2))},
         hops=[(hop('filter', 'FORWARD', 1), hop('fw', 'forward', 1))],
         findings={'rule-drop': '(GUARD|guard) rule 2 dropped 1 packet'}),
    Case('rejected',
         iptables=['-A FORWARD -p tcp -j ACCEPT', '-A FORWARD -p udp -j REJECT'],
         nft='table ip fw {\n' + FORWARD %
             ('accept', 'meta l4proto tcp accept; meta l4proto udp reject;') + '}',
         want={'outcome': 'rejected',
               **stop(('filter', 'FORWARD', 'rule', 2), ('fw', 'forward', 'rule', 2))},
         findings={'reject': '(FORWARD|forward) rule 2 rejected 1 packet'}),
    Case('ip_forward is 0', before=loses_ip_forward,
         iptables=[XT_PRE, '-A FORWARD -p tcp -j ACCEPT'],
         nft='table ip fw {\n' + NFT_PRE + FORWARD % ('accept', 'meta l4proto tcp accept;') + '}',
         want={'outcome': 'lost', 'lost_after': 'prerouting', 'stopped_at': None},
         findings={'not-forwarded': 'net.ipv4.ip_forward is 0'}),
    Case('rp_filter', before=filters_sources, send=('lan', 'wan', PORT, '9.9'),
         iptables=[XT_PRE, '-A FORWARD -p tcp -j ACCEPT'],
         nft='table ip fw {\n' + NFT_PRE + FORWARD % ('accept', 'meta l4proto tcp accept;') + '}',
         want={'outcome': 'lost', 'lost_after': 'prerouting', 'stopped_at': None},
         findings={'not-forwarded': 'rp_filter is strict on lan0, and the way back .* wan0'}),
    Case('no route', send=('lan', '77.7', PORT),
         iptables=[XT_PRE, '-A FORWARD -p tcp -j ACCEPT'],
         nft='table ip fw {\n' + NFT_PRE + FORWARD % ('accept', 'meta l4proto tcp accept;') + '}',
         want={'outcome': 'lost', 'lost_after': 'prerouting', 'stopped_at': None},
         findings={'not-forwarded': 'there is no route to'}),
    Case('destination translated', send=('lan', 'gw', PORT),
         iptables=['-t nat -A PREROUTING -p tcp -j ACCEPT',
                   '-t nat -A PREROUTING -p udp --dport 4001 -j DNAT --to-destination {wan}:4002',
                   '-A FORWARD -p udp --dport 4002 -j ACCEPT'],
         nft='table ip fw {\nchain prerouting { type nat hook prerouting priority dstnat; '
             'meta l4proto tcp accept; udp dport 4001 dnat to {wan}:4002; }\n' +
             FORWARD % ('accept', 'udp dport 4002 accept;') + '}',
         want={'outcome': 'forwarded', 'nat': {'dst': '{wan}', 'dport': 4002}},
         hops=[(hop('nat', 'PREROUTING', 2), hop('fw', 'prerouting', 2)),
               (hop('filter', 'FORWARD', 1), hop('fw', 'forward', 1))]),
    Case('delivered to this host', send=('lan', 'gw', PORT),
         iptables=['-A INPUT -p udp --dport 4001 -j ACCEPT', '-P INPUT DROP'],
         nft='table ip fw {\nchain input { type filter hook input priority filter; policy drop; '
             'udp dport 4001 accept; }\n}',
         want={'outcome': 'delivered', 'iif': 'lan0'},
         hops=[(hop('filter', 'INPUT', 1), hop('fw', 'input', 1))]),
    Case('stopped on its way in', send=('lan', 'gw', PORT),
         iptables=['-A INPUT -p udp --dport 4001 -j DROP'],
         nft='table ip fw {\nchain input { type filter hook input priority filter; '
             'udp dport 4001 drop; }\n}',
         want={'outcome': 'dropped',
               **stop(('filter', 'INPUT', 'rule', 1), ('fw', 'input', 'rule', 1))},
         findings={'rule-drop': '(INPUT|input) rule 1 dropped 1 packet'}),
    Case('made here, stopped', send=('gw', 'wan', PORT),
         iptables=['-A OUTPUT -p tcp -j ACCEPT', '-A OUTPUT -p udp --dport 4001 -j DROP'],
         nft='table ip fw {\nchain output { type filter hook output priority filter; '
             'meta l4proto tcp accept; udp dport 4001 drop; }\n}',
         want={'outcome': 'dropped', 'iif': None,
               **stop(('filter', 'OUTPUT', 'rule', 2), ('fw', 'output', 'rule', 2))},
         findings={'rule-drop': '(OUTPUT|output) rule 2 dropped 1 packet'}),
    Case('IPv6, dropped by a numbered rule', family=6,
         iptables=['-A FORWARD -p tcp -j ACCEPT', '-A FORWARD -p udp --dport 4001 -j DROP'],
         nft='table ip6 fw {\n' + FORWARD %
             ('accept', 'meta l4proto tcp accept; udp dport 4001 drop;') + '}',
         want={'outcome': 'dropped', 'family': 'ip6',
               **stop(('filter', 'FORWARD', 'rule', 2), ('fw', 'forward', 'rule', 2))},
         findings={'rule-drop': '(FORWARD|forward) rule 2 dropped 1 packet'}),
    Case('legacy accepts, nft drops', flavours=('both',),
         iptables=[XT_PRE, '-A FORWARD -p tcp -j DROP', '-A FORWARD -p udp -j ACCEPT'],
         nft='table inet fw {\nchain forward { type filter hook forward priority filter + 10; '
             'meta l4proto tcp accept; udp dport 4001 drop; }\n}',
         want={'outcome': 'dropped', **stop(None, ('fw', 'forward', 'rule', 2))},
         hops=[(None, 'raw:PREROUTING:policy'), (None, 'filter:FORWARD:rule:2')],
         findings={'rule-drop': 'forward rule 2 dropped 1 packet'}),
    Case('nft accepts, legacy drops', flavours=('both',),
         iptables=[XT_PRE, '-A FORWARD -p udp -j DROP'],
         nft='table inet fw {\nchain forward { type filter hook forward priority filter - 10; '
             'meta l4proto tcp drop; udp dport 4001 accept; }\n}',
         want={'outcome': 'dropped', **stop(None, ('filter', 'FORWARD', 'rule', 1))},
         hops=[(None, 'raw:PREROUTING:policy'), (None, 'fw:forward:rule:2')],
         findings={'rule-drop': 'FORWARD rule 1 dropped 1 packet'}),
    Case('legacy lines are suppressed', flavours=('both',), before=suppresses,
         iptables=['-A FORWARD -p tcp -j DROP'],
         nft='table inet fw {\nchain forward { type filter hook forward priority filter + 10; '
             'meta l4proto tcp accept; udp dport 4001 drop; }\n}',
         want={'outcome': 'dropped', **stop(None, ('fw', 'forward', 'rule', 2))},
         findings={'silent-legacy': 'nf_log_all_netns is 0'}),
    Case('legacy lines come by NFLOG', flavours=('both',), before=binds_nflog,
         sources=('nft:', 'nflog:0'),
         iptables=[XT_PRE, '-A FORWARD -p tcp -j ACCEPT', '-A FORWARD -p udp -j DROP'],
         nft='table inet fw {\nchain forward { type filter hook forward priority filter - 10; '
             'meta l4proto tcp drop; udp dport 4001 accept; }\n}',
         want={'outcome': 'dropped', **stop(None, ('filter', 'FORWARD', 'rule', 2))},
         hops=[(None, 'raw:PREROUTING:policy'), (None, 'fw:forward:rule:2')],
         findings={'rule-drop': 'FORWARD rule 2 dropped 1 packet'}),
    Case('nobody reads where the logger is bound to', flavours=('both',), before=binds_nflog,
         iptables=['-A FORWARD -p udp -j ACCEPT'],
         nft='table inet fw {\nchain forward { type filter hook forward priority filter + 10; '
             'udp dport 4001 drop; }\n}',
         want={'outcome': 'dropped', **stop(None, ('fw', 'forward', 'rule', 1))},
         findings={'silent-legacy': 'goes to NFLOG group 0'}),
]


def fill(lab, text, family):
    for role in ('lan', 'gw', 'gwan', 'wan'):
        text = text.replace('{' + role + '}', lab.addr(role, family))
    return text


def load_rules(lab, flavour, case):
    if flavour in ('nft', 'both'):
        lab.inside('gw', 'nft', '-f', '-', text=fill(lab, case.nft, case.family))
    if flavour == 'nft':
        return
    program = IPTABLES['legacy' if flavour == 'both' else flavour][case.family == 6]
    for rule in case.iptables:
        lab.inside('gw', program, '-w', *fill(lab, rule, case.family).split())


def armed(lab):
    return 'nfhop' in lab.inside('gw', 'nft', 'list', 'tables', ok=False).stdout


def watch(lab, nfhop, case):
    """What nfhop says of the case's datagram: its objects."""
    sender, to, port, *source = case.send
    target = lab.addr(to, case.family) if to.isalpha() else f'{lab.net4}.{to}'
    origin = f'{lab.net4}.{source[0]}' if source else None
    process = subprocess.Popen(
        [nfhop, 'report', '-q', '-F', 'ndjson', '--netns', lab.name('gw'), '--for', '30s',
         '--limit', '0', '--trace', case.trace.replace('{target}', target), *case.sources],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        lab.wait_for(lambda: armed(lab) or process.poll() is not None)
        time.sleep(0.1)
        if case.tcp:
            lab.connect(sender, target, port)
        else:
            lab.send(sender, target, port, origin)
        time.sleep(SETTLE)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    finally:
        process.kill()
    said = [json.loads(line) for line in out.splitlines()]
    if process.returncode != 0 or not said:
        raise RuntimeError(f'nfhop ended with {process.returncode}: {err}')
    return target, said, err


def unlike(lab, case, got, want):
    """Is it not as wanted? Of an object only the members that are wanted count."""
    if isinstance(want, dict) and isinstance(got, dict):
        want = {k: fill(lab, v, case.family) if isinstance(v, str) else v
                for k, v in want.items()}
        got = {k: got[k] for k in want}
    return None if got == want else f'{got}, not {want}'


def wanted_stop(flavour, want):
    place = want[flavour in ('nft', 'both')]
    place = dict(zip(('table', 'chain', 'kind', 'rule'), place))
    if place['kind'] == 'policy' and flavour == 'iptables-nft':
        place['rule'] = None
    return place


def differs(lab, flavour, case, packet, flow, findings):
    """What is not as it must be, in words."""
    for said, wants in ((packet, case.want), (flow, case.flow)):
        for key, want in wants.items():
            if key == 'stopped_at' and want:
                want = wanted_stop(flavour, want)
            wrong = unlike(lab, case, said[key], want)
            if wrong:
                yield f'{said["type"]}: {key} is {wrong}'
    way = [f'{x["table"]}:{x["chain"]}:{x["kind"]}' +
           (f':{x["rule"]}' if x['kind'] == 'rule' else '') for x in packet['hops']]
    for wanted in case.hops:
        if wanted[flavour in ('nft', 'both')] not in way:
            yield f'no hop {wanted} in {way}'
    for name, pattern in case.findings.items():
        texts = ['; '.join((x['text'], *x['evidence'])) for x in findings if x['id'] == name]
        if not any(re.search(pattern, x) for x in texts):
            yield f'no finding {name} that says "{pattern}": {texts}'
    for command in (y for x in findings for y in x['confirm']):
        if not command.startswith(f'ip netns exec {lab.name("gw")} ') and command not in OUTSIDE:
            yield f'to be tried, but not where the packets were: {command}'


def try_case(nfhop, flavour, case):
    with labs.Lab() as lab:
        load_rules(lab, flavour, case)
        if case.before:
            case.before(lab)
        target, said, err = watch(lab, nfhop, case)
        packets = [x for x in said if x['type'] == 'packet' and x['dst'] == target]
        flows = [x for x in said if x['type'] == 'flow']
        findings = [x for x in said if x['type'] == 'finding']
        if not packets or (len(packets) > 1 and not case.tcp) or len(flows) != 1:
            wrong = [f'{len(packets)} packets to {target}, {len(flows)} flows']
        else:
            wrong = list(differs(lab, flavour, case, packets[0], flows[0], findings))
    if wrong:
        print(f'not ok: {flavour}: {case.name}', *wrong, sep='\n    ')
        print(*(json.dumps(x) for x in said), err, sep='\n    ')
    else:
        print(f'ok: {flavour}: {case.name}')
    return not wrong


def main(nfhop, flavour, *names):
    labs.need('nft', *IPTABLES['legacy' if flavour == 'both' else flavour] if flavour != 'nft'
              else ())
    labs.end_on_signals()
    labs.remove_stale()
    cases = [x for x in CASES if flavour in x.flavours and (not names or x.name in names)]
    if flavour in ('legacy', 'both'):
        with labs.Lab() as lab:
            if lab.inside('gw', 'iptables-legacy', '-t', 'raw', '-S', ok=False).returncode != 0:
                labs.skip('this kernel has no legacy iptables')
            if not lab.all_netns(1):
                labs.skip('nf_log_all_netns cannot be set: lines of the gateway would be missing')
    good = [try_case(nfhop, flavour, x) for x in cases]
    print(f'{sum(good)} of {len(good)} as they must be')
    return 0 if all(good) else 1


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
