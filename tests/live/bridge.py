#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""bridge.py NFHOP: what a bridge hands up is one packet, though the kernel gives it two trace ids.

The gateway's lan becomes a bridge of two ports. The trace is switched on at the bridge, for
requests, and by --trace, so answers are told of, too; once with IP's hooks called by the bridge
and once without.
"""
import json, os, signal, subprocess, sys, time

import lab

PORT = 5353
SETTLE = 0.3  # s
RULES = '''
table bridge b {
	chain p { type filter hook prerouting priority dstnat; ip protocol udp meta nftrace set 1; }
	chain i { type filter hook input priority 0; }
	chain f { type filter hook forward priority 0; }
	chain o { type filter hook output priority 0; }
	chain q { type filter hook postrouting priority 0; }
}
table inet t {
	chain pre { type filter hook prerouting priority 0; }
	chain in { type filter hook input priority 0; }
	chain fo { type filter hook forward priority 0; }
	chain out { type filter hook output priority 0; }
	chain post { type filter hook postrouting priority 300; }
}
'''


def make_bridge(net):
    def gw(words):
        net.inside('gw', *words.split())
    if net.inside('gw', *'ip link add br0 type bridge forward_delay 0'.split(), ok=False).stderr:
        lab.skip('no bridges here')
    gw('ip link add lan1 type veth peer name far1')
    for device in ('br0', 'lan1', 'far1'):
        gw(f'ip link set {device} up')
    gw(f'ip addr del {net.addr("gw")}/24 dev lan0')
    gw('ip link set lan0 master br0')
    gw('ip link set lan1 master br0')
    gw(f'ip addr add {net.addr("gw")}/24 dev br0')
    net.inside('gw', 'nft', '-f', '-', text=RULES)


def calls_ip(net, value):
    """Whether the bridge calls IP's hooks. Return: can that be said here?"""
    path = '/proc/sys/net/bridge/bridge-nf-call-iptables'
    return net.inside('gw', 'sh', '-c', f'echo {value} > {path}', ok=False).returncode == 0


def watch(net, nfhop, work):
    """Return: packets that nfhop tells of, while work() makes them"""
    child = subprocess.Popen([nfhop, 'report', '-q', '-F', 'ndjson', '--netns', net.name('gw'),
                              '--for', '30s', '-t', f'udp and port {PORT}', 'nft:'],
                             stdout=subprocess.PIPE, text=True)
    try:
        net.wait_for(lambda: 'nfhop-' in net.inside('gw', 'nft', 'list', 'tables').stdout)
        time.sleep(SETTLE)
        work()
        time.sleep(SETTLE)
        child.send_signal(signal.SIGINT)
        text = child.communicate(timeout=20)[0]
    finally:
        child.kill()
    return [x for x in map(json.loads, text.splitlines()) if x['type'] == 'packet']


def way(packet):
    """Its hooks in order, those of the bridge in small letters."""
    hooks = []
    for hop in packet['hops']:
        name = hop['hook'] if hop['family'] == 'bridge' else hop['hook'].upper()
        if not hooks or hooks[-1] != name:
            hooks.append(name)
    return ' '.join(hooks)


def test(net, nfhop, up):
    def work():
        for to in (net.addr('gw'), net.addr('wan')):
            net.send('lan', to, PORT)
        net.wait_for(lambda: True)
    packets = watch(net, nfhop, work)
    seen = sorted(((way(p), p['outcome'], p['dst'], p['iif'], p['oif']) for p in packets),
                  key=str)
    wanted = sorted([
        (f'{up} INPUT', 'delivered', net.addr('gw'), 'lan0', None),
        (f'{up} FORWARD POSTROUTING', 'forwarded', net.addr('wan'), 'lan0', 'wan0'),
        ('OUTPUT POSTROUTING output postrouting', 'sent', net.addr('lan'), None, 'lan0'),
        ('PREROUTING FORWARD POSTROUTING output postrouting', 'forwarded', net.addr('lan'),
         'wan0', 'lan0'),
    ], key=str)
    assert seen == wanted, f'{seen}\nwanted:\n{wanted}'
    print(f'ok - {up}')


def main(nfhop):
    lab.need('nft', 'ping')
    lab.remove_stale()
    lab.end_on_signals()
    with lab.Lab() as net:
        make_bridge(net)
        net.inside('wan', 'ip', 'route', 'add', 'default', 'via', net.addr('gwan'))
        for role in ('gw', 'wan'):
            net.answer(role, PORT)
        for to in (net.addr('gw'), net.addr('wan')):  # neighbours are known from here on
            net.inside('lan', 'ping', '-c', '1', '-W', '5', to)
        calls_ip(net, 0)
        test(net, nfhop, 'prerouting input PREROUTING')
        if calls_ip(net, 1):
            test(net, nfhop, 'prerouting PREROUTING input')


if __name__ == '__main__':
    main(os.path.abspath(sys.argv[1]))
