#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""live.py FLOOD COUNT NFHOP [SECONDS]: what an event of a live trace costs nfhop.

A gateway is flooded as in flood.py, but at rates that everybody can follow. nfhop and COUNT, a loop
that receives events and only counts them, listen in turns. CPU is what a process used while the
flood went on and a little after, divided by the events that it saw; its start, and the report at
the end, are not in it. min and med are over the turns; ratios are of the least.
"""
import os, re, sys

import flood as gate
import lab
from target import say

RATES = [5000, 20000]
EVENTS = 8  # of a packet
TURNS = 5
TARGET = 1.5


def programs(count, nfhop):
    """{name: (words, how its output says what it saw and lost)}"""
    return {
        'count': ([os.path.abspath(count)], r'(\d+) events, (\w+) lost'),
        'nfhop': ([os.path.abspath(nfhop), 'report', '-b', 'stop', 'nft:'],
                  r'([\d,]+) trace lines.*?(nothing|records?) lost'),
    }


def once(net, flood, words, pattern, rate, seconds):
    """Seconds of CPU an event, of one turn."""
    out, err, used = gate.listen(net, flood, words, rate, seconds)
    told = re.search(pattern, out)
    if used is None or not told:
        sys.exit(f'{words[0]}: {err or out}')
    events, passed = int(told.group(1).replace(',', '')), gate.counted(net.name('gw'))
    if told.group(2) != 'nothing' or events != passed * EVENTS:
        print(f'{os.path.basename(words[0])}: {events} events of {passed} packets, '
              f'{told.group(2)} lost', flush=True)
    return used / events


def main(flood, count, nfhop, seconds='3'):
    lab.need('iptables-nft')
    print(f'{"ns of CPU an event":20} {"packets/s":>10} {"min":>8} {"med":>8} {"to first":>9}')
    with gate.gateway() as net:
        for rate in RATES:
            costs = {name: [] for name in programs(count, nfhop)}
            for _ in range(TURNS):
                for name, (words, pattern) in programs(count, nfhop).items():
                    costs[name].append(once(net, flood, words, pattern, rate, float(seconds)))
            least = {name: min(each) for name, each in costs.items()}
            for name, each in costs.items():
                print(f'{name:20} {rate:>10} {1e9 * least[name]:>8.0f} '
                      f'{1e9 * sorted(each)[TURNS // 2]:>8.0f} '
                      f'{least[name] / least["count"]:>9.2f}')
            ratio = least['nfhop'] / least['count']
            say(f'an event costs nfhop {ratio:.2f} times as much as counting it', TARGET,
                ratio <= TARGET, 'at most')


if __name__ == '__main__':
    main(*sys.argv[1:])
