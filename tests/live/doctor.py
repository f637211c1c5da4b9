#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""doctor.py NFHOP: what `nfhop doctor --netns` says of a gateway that was prepared for it."""
import json, os, socket, struct, sys

import lab as labs

NETLINK_NETFILTER = 12
CONFIG, BIND = 0x0401, 1  # NFULNL_MSG_CONFIG, NFULNL_CFG_CMD_BIND
GROUP = 5
# Each chain at its own way to drop, or not to.
EARLY = """
table inet early {
    chain far { ip saddr 192.0.2.1 drop; }
    chain near { udp dport 1 goto far; }
    chain harmless { tcp dport 1 return; accept; }
    chain jumps { type filter hook prerouting priority -400; udp dport 2 jump near; }
    chain passes { type filter hook prerouting priority -399; tcp dport 3 jump harmless; }
    chain refuses { type filter hook output priority -351; policy drop; accept; }
    chain maps { type filter hook output priority -360; tcp dport vmap { 5 : drop }; }
    chain late { type filter hook prerouting priority -350; tcp dport 4 drop; }
}
table netdev early {
    chain wire { type filter hook ingress device "wan0" priority 0; udp dport 6 drop; }
}
"""
EARLY_WANT = (
    ('note', 'inet early jumps (prerouting, priority -400)', 'and can drop'),
    ('ok', 'inet early passes (prerouting, priority -399)', 'drops nothing'),
    ('note', 'inet early refuses (output, priority -351)', 'and can drop'),
    ('note', 'inet early maps (output, priority -360)', 'and may drop'),
    ('note', 'netdev early wire (ingress of wan0, priority 0)', 'and can drop'),
)


def bind_group():
    """What ulogd does: this process reads NFLOG group 5 until it is killed."""
    s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
    s.bind((0, 0))
    body = struct.pack('!BBH', 0, 0, GROUP) + struct.pack('=HHB3x', 5, 1, BIND)
    s.send(struct.pack('=IHHII', 16 + len(body), CONFIG, 5, 1, 0) + body)
    error = struct.unpack('=i', s.recv(4096)[16:20])[0]
    if error:
        raise OSError(-error, 'NFLOG')
    while True:
        s.recv(65536)


def examine(lab, nfhop):
    done = labs.run(nfhop, 'doctor', '-F', 'json', '--netns', lab.name('gw'), ok=False)
    said = json.loads(done.stdout)
    assert done.returncode == (1 if said['bad'] else 0), done
    return [(x['check'], x['level'], x['text'], x['command']) for x in said['checks']]


def expect(items, check, level, words, command=''):
    for item in items:
        if item[:2] == (check, level) and words in item[2] and command in (item[3] or ''):
            return 0
    print(f'not ok: no {level} of {check} that says "{words}" and "{command}"')
    print(*(x for x in items if x[0] == check), sep='\n    ')
    return 1


def prepare(lab, legacy):
    rules = 'table inet fw {\nchain pre { type filter hook prerouting priority -310; ' \
            'tcp dport 1 drop; udp dport 9 counter meta nftrace set 1; }\n}\n'
    lab.inside('gw', 'nft', '-f', '-', text=rules)
    lab.inside('gw', 'nft', '-f', '-', text=EARLY)
    lab.sysctl('gw', 'netfilter/nf_log/2', 'nfnetlink_log')
    lab.sysctl('gw', 'ipv4/conf/wan0/rp_filter', 1)
    lab.sysctl('gw', 'ipv6/conf/all/forwarding', 0)
    lab.children.append(lab.child('gw', bind_group))
    lab.wait_for(lambda: f'{GROUP} ' in lab.inside(
        'gw', 'cat', '/proc/net/netfilter/nfnetlink_log').stdout)
    if legacy:
        lab.inside('gw', 'iptables-legacy', '-w', '-t', 'raw', '-A', 'PREROUTING', '-p', 'tcp',
                   '-j', 'TRACE')
    lab.send('lan', lab.addr('gw'), 9)


def has_legacy(lab):
    try:
        return lab.inside('gw', 'iptables-legacy', '-t', 'raw', '-S', ok=False).returncode == 0
    except OSError:
        return False


def check(lab, nfhop):
    bad = expect(examine(lab, nfhop), 'trace-rules', 'note', 'nothing is traced now')
    bad += expect(examine(lab, nfhop), 'early-chains', 'ok', 'no chain comes before')
    legacy = has_legacy(lab)
    prepare(lab, legacy)
    items = examine(lab, nfhop)
    inside = f'ip netns exec {lab.name("gw")} '
    bad += expect(items, 'capabilities', 'ok', 'CAP_NET_ADMIN')
    bad += expect(items, 'nf_tables', 'ok', 'nf_tables tracing')
    bad += expect(items, 'trace-rules', 'ok',
                  'inet fw pre rule 2 (handle 3) sets the trace: 1 packet so far')
    bad += expect(items, 'nflog-groups', 'note',
                  f'NFLOG group {GROUP} is read by python3 (pid {lab.children[0]})'
                  if os.path.basename(sys.executable).startswith('python3') else 'NFLOG group')
    bad += expect(items, 'rp_filter', 'note', 'strict on wan0', inside)
    bad += expect(items, 'forwarding', 'ok', 'IPv4 is forwarded')
    bad += expect(items, 'forwarding', 'note', 'IPv6 is not forwarded', inside)
    bad += expect(items, 'nf_log', 'bad' if legacy else 'note',
                  'legacy TRACE of IPv4 is not printed',
                  inside + 'sysctl -w net.netfilter.nf_log.2=nf_log_ipv4')
    said = [x for x in items if x[0] == 'early-chains']
    for level, chain, words in EARLY_WANT:
        bad += expect([x for x in said if x[2].startswith(chain)], 'early-chains', level, words,
                      f'{inside}nft -a list chain ' if level == 'note' else '')
    if len(said) != len(EARLY_WANT):
        print('not ok: other chains than these are early:', *said, sep='\n    ')
        bad += 1
    for value, level, words in ((1, 'ok', 'lines are printed'),
                                (0, 'bad', 'its kernel log lines are suppressed')):
        if lab.all_netns(value):
            bad += expect(examine(lab, nfhop), 'nf_log_all_netns', level, words)
    if legacy:
        bad += expect(items, 'trace-rules', 'note',
                      'iptables-legacy raw PREROUTING rule 1 sets the trace, but no packet')
        bad += expect(items, 'rule-sets', 'note', 'both legacy (IPv4 raw) and nft rule sets '
                      '(inet fw, inet early, netdev early) are loaded')
    return bad


def main(nfhop):
    labs.need('nft')
    labs.end_on_signals()
    labs.remove_stale()
    with labs.Lab() as lab:
        return 1 if check(lab, nfhop) else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
