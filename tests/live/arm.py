#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""arm.py NFHOP: the table that --trace makes, as nft reads it; and nothing of it stays.

Each filter becomes rules of the chain prerouting; the kernel must take them and nft must read
back what was meant. The iptables commands of --print-commands must be ones that iptables takes.
"""
import os, re, signal, subprocess, sys, time

import lab

FILTERS = {  # filter: rules of the chain, as nft 1.0.6 prints them, without what all have
    'tcp and dst 203.0.113.32': ['meta l4proto tcp ip daddr 203.0.113.32'],
    'src 10.1.0.0/16 and icmp': ['ip saddr 10.1.0.0/16 meta l4proto icmp',
                                 'ip saddr 10.1.0.0/16 icmp type'],
    'src 2001:db8::1 and udp and dport 53': ['ip6 saddr 2001:db8::1 udp dport 53',
                                             'ip6 saddr 2001:db8::1 meta l4proto udp'],
    'iif lan0 and ip': ['iifname "lan0" meta nfproto ipv4'],
    'iif la*': ['iifname "la*"'],
    'flags syn,!ack': ['tcp flags & (syn | ack) == syn', 'tcp flags syn / syn,ack'],
    'mark 0x7': ['meta mark 0x00000007'],
    'mark 0x10/0xf0': ['meta mark & 0x000000f0 == 0x00000010'],
    'ttl < 5 and ip': ['ip ttl < 5'],
    'length >= 1000 and ip': ['ip length >= 1000'],
}


def table_of(net, child):
    for _ in range(50):
        done = net.inside('gw', 'nft', 'list', 'ruleset', ok=False)
        if f'table inet nfhop-{child.pid}' in done.stdout and 'meta nftrace' in done.stdout:
            return done.stdout
        time.sleep(0.1)
    raise AssertionError('no table of nfhop-PID within 5 s')


def start(net, nfhop, *args):
    return subprocess.Popen([nfhop, 'report', '-q', '--netns', net.name('gw'), *args, 'nft:'],
                            stdout=subprocess.DEVNULL)


def rules_are_what_was_meant(net, nfhop):
    for wanted, rules in FILTERS.items():
        child = start(net, nfhop, '-t', wanted, '--for', '30s')
        try:
            text = table_of(net, child)
        finally:
            child.send_signal(signal.SIGINT)
            child.wait(10)
        chain = re.search(r'chain prerouting \{(.*?)\n\t\}', text, re.S).group(1)
        assert 'flags owner' in text, text
        assert any(rule in chain for rule in rules), f'{wanted}:\n{chain}\nwanted: {rules}'
        assert child.returncode == 0, child.returncode
    print(f'{len(FILTERS)} filters read back')


def nothing_stays(net, nfhop):
    for how in (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        before = net.inside('gw', 'nft', 'list', 'ruleset').stdout
        child = start(net, nfhop, '-t', 'tcp')
        table_of(net, child)
        child.send_signal(how)
        child.wait(10)
        time.sleep(0.2)
        after = net.inside('gw', 'nft', 'list', 'ruleset').stdout
        assert before == after, f'after signal {how}:\n{after}'
    print('nothing stays after KILL, TERM, HUP, INT')


def commands_are_taken(net, nfhop):
    """In a namespace of its own rules: iptables, whichever it is, takes each printed command."""
    taken = 0
    for wanted in FILTERS:
        text = subprocess.run([nfhop, 'report', '-t', wanted, '--print-commands'],
                              capture_output=True, text=True, check=True).stdout
        for line in text.splitlines():
            if not line.startswith('#'):
                net.inside('wan', *line.split())
                taken += 1
    print(f'{taken} commands taken')


def main(nfhop):
    lab.need('nft', 'iptables', 'ip6tables')
    lab.remove_stale()
    lab.end_on_signals()
    with lab.Lab() as net:
        rules_are_what_was_meant(net, os.path.abspath(nfhop))
        nothing_stays(net, os.path.abspath(nfhop))
        commands_are_taken(net, os.path.abspath(nfhop))


if __name__ == '__main__':
    main(sys.argv[1])
