#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""rides.py NFHOP [ROUNDS [SEED]]: packets that are passed over line by line end up the same.

In a block, a packet whose lines follow one another is taken as a whole (src/trace/ride.c). Random
logs are made of what could go wrong with that: packets that are alike to the last bit, or but for
the address that NAT gave them, that answer each other from this host, whose lines are woven into
each other, lost, doubled, out of order, cut by pauses, by midnight, by notes, losses and other
programs; in four framings, of one host or two. Each log is read in blocks and, with --keep, record
by record: that must give the same, with and without a rule set.
"""
import random, subprocess, sys, tempfile

SIDES = {'PREROUTING': 'in', 'INPUT': 'in', 'FORWARD': 'both', 'OUTPUT': 'out',
         'POSTROUTING': 'out'}
BEGIN = ['raw:PREROUTING:policy:1', 'mangle:PREROUTING:policy:1', 'nat:PREROUTING:policy:1']
WAYS = [
    BEGIN + ['mangle:FORWARD:policy:1', 'filter:FORWARD:rule:1', 'mangle:POSTROUTING:policy:1',
             'nat:POSTROUTING:rule:1'],
    BEGIN + ['mangle:FORWARD:policy:1', 'filter:FORWARD:rule:2', 'filter:WEB:rule:1',
             'filter:WEB:return:3', 'filter:FORWARD:policy:4'],
    BEGIN + ['mangle:FORWARD:policy:1', 'filter:FORWARD:rule:2', 'filter:WEB:rule:2'],
    BEGIN[:2] + ['mangle:INPUT:policy:1', 'filter:INPUT:rule:1', 'nat:INPUT:policy:1'],
    BEGIN[:1] + ['filter:INPUT:rule:2'],
    ['raw:OUTPUT:policy:1', 'mangle:OUTPUT:policy:1', 'nat:OUTPUT:policy:1',
     'filter:OUTPUT:policy:1', 'mangle:POSTROUTING:policy:1', 'nat:POSTROUTING:policy:1'],
    ['raw:OUTPUT:policy:1', 'filter:OUTPUT:rule:1'],
]
NOTES = ['nf_conntrack: nf_conntrack: table full, dropping packet',
         'IPv4: martian source 10.0.0.9 from 192.0.2.1, on dev a',
         'usb 1-1.2: new high-speed USB device number 7 using xhci_hcd']
OTHERS = ['rsyslogd: imuxsock lost 7 messages from pid 1 due to rate-limiting',
          'rsyslogd: message repeated 2 times: [ x ]', 'cron[1]: (root) CMD (true)',
          'kernel: last message repeated 2 times']
RULES = '''*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -o b -j SNAT --to-source 203.0.113.7
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:WEB - [0:0]
-A INPUT -p tcp -j ACCEPT
-A INPUT -j REJECT
-A FORWARD -p tcp -j ACCEPT
-A FORWARD -j WEB
-A WEB -p udp --dport 53 -j ACCEPT
-A WEB -j DROP
COMMIT
'''


class Log:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.us = self.r.choice([5_000_000, 86_399_900_000])
        self.wall = self.r.choice([3600, 86_390]) * 1_000_000
        self.framing = self.r.choice(['both', 'both', 'up', 'wall', 'iso'])
        self.jitter = self.r.choice([0, 0, 30, 3000])
        self.hosts = self.r.choice([['gw'], ['gw'], ['gw', 'fw']])
        self.few = self.r.choice([2, 40])
        self.lines = []

    def front(self, host):
        us = self.us + self.r.randint(-self.jitter, self.jitter)
        wall = self.wall + us
        day, second = 1 + wall // 86_400_000_000, wall // 1_000_000 % 86_400
        clock = f'{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}'
        up = f'[{us // 1_000_000:5}.{us % 1_000_000:06}] '
        return {'both': f'Mar {day:2} {clock} {host} kernel: {up}', 'up': up,
                'wall': f'Mar {day:2} {clock} {host} kernel: ',
                'iso': f'2026-02-{day + 26:02}T{clock}.{wall % 1_000_000:06}+00:00 {host} '
                       f'kernel: {up}'}[self.framing]

    def packet(self):
        r = self.r
        src, dst = (f'10.0.0.{r.randint(1, self.few)}' for _ in 'ab')
        proto = r.choice(['SYN', 'SYN', 'RST ACK', 'UDP', 'ICMP', 'ODD'])
        number = r.randint(0, self.few)
        sport, dport = r.randint(1, self.few), r.choice([53, 80])
        head = 'LEN={} TOS=0x00 PREC=0x00 TTL={{ttl}} ID={} '
        text = {
            'UDP': f'PROTO=UDP SPT={sport} DPT={dport} LEN=8 ',
            'ICMP': f'PROTO=ICMP TYPE=8 CODE=0 ID={sport} SEQ={number} ',
            'ODD': 'PROTO=47 ',
        }.get(proto, f'PROTO=TCP SPT={sport} DPT={dport} SEQ={number} ACK=0 WINDOW=64 RES=0x00 '
                     f'{proto} URGP=0 ')
        mark = r.choice(['', '', '', 'MARK=0x7 '])
        id = 0 if proto == 'UDP' else number
        return {'host': r.choice(self.hosts), 'way': list(r.choice(WAYS)), 'ttl': 64,
                'src': src, 'dst': dst, 'nat': r.random() < .15, 'mark': mark,
                'text': head.format(r.choice([60, 60, 84]), id) + 'DF ' + text}

    def step(self, p):
        """The next line of a packet."""
        place = p['way'].pop(0)
        side = SIDES.get(place.split(':')[1], 'both')
        if side == 'both' and p['nat']:
            p['dst'], p['nat'] = '10.9.9.9', False
        if side == 'both':
            p['ttl'] = 63
        devices = {'in': 'IN=a OUT= MAC=4e:a7:19:72:b0:99:2e:49:d1:0a:23:ba:08:00 ',
                   'both': 'IN=a OUT=b MAC=4e:a7:19:72:b0:99:2e:49:d1:0a:23:ba:08:00 ',
                   'out': 'IN= OUT=b '}[side]
        mark = p['mark'] if self.r.random() < .9 else ''
        return (f'{self.front(p["host"])}TRACE: {place} {devices}SRC={p["src"]} DST={p["dst"]} ' +
                p['text'].format(ttl=p['ttl']) + mark)

    def odd(self):
        r = self.r
        what = r.random()
        if what < .3:
            self.us += r.choice([20_000, 300_000, 900_000, 2_500_000, 4_000_000, -50_000])
        elif what < .5:
            self.lines.append(self.front(r.choice(self.hosts)) + r.choice(NOTES))
        elif what < .6:
            self.lines.append(f'Mar  1 00:00:01 gw {r.choice(OTHERS)}')
        elif what < .8 and self.lines:
            self.lines.append(self.lines[-1])
        elif self.lines:
            del self.lines[-1]

    def make(self, n):
        r, open_packets, done = self.r, [], []
        odd = r.choice([0.002, 0.02, 0.1])
        while len(self.lines) < n:
            self.us += r.randint(1, 40)
            if r.random() < odd:
                self.odd()
            if len(open_packets) < r.randint(1, 6):
                again = done and r.random() < .2
                p = dict(r.choice(done[-30:])) if again else self.packet()
                p['way'] = list(p['way'])
                done.append({**p, 'way': list(p['way'])})
                open_packets.append(p)
            p = r.choice(open_packets)
            self.lines.append(self.step(p))
            if not p['way'] or r.random() < .02:
                open_packets.remove(p)
        return '\n'.join(self.lines) + '\n'


def report(nfhop, *options):
    out = subprocess.run([nfhop, 'report', '--year', '2026', '-F', 'ndjson', *options],
                         stdout=subprocess.PIPE, check=True).stdout
    return [line for line in out.split(b'\n') if b'"seconds"' not in line]


def main(nfhop, rounds='60', seed='1'):
    hops = 0
    with tempfile.TemporaryDirectory(prefix='nfhop-rides-') as folder:
        log, rules, kept = (f'{folder}/{name}' for name in ('log', 'rules', 'kept'))
        with open(rules, 'w', encoding='ascii') as f:
            f.write(RULES)
        for i in range(int(seed), int(seed) + int(rounds)):
            with open(log, 'w', encoding='ascii') as f:
                f.write(Log(i).make(1500))
            for options in ([], ['-r', rules]):
                want = report(nfhop, *options, '--keep', kept, log)
                out = report(nfhop, *options, log)
                hops += sum(line.count(b'"hook"') for line in want)
                for a, b in zip(want, out):
                    if a != b:
                        sys.exit(f'seed {i} {options}:\n< {a.decode()}\n> {b.decode()}')
                if len(want) != len(out):
                    sys.exit(f'seed {i} {options}: {len(out)} lines instead of {len(want)}')
    if hops < 1000 * int(rounds):
        sys.exit(f'only {hops} hops')


if __name__ == '__main__':
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(*sys.argv[1:])
