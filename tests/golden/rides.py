#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""rides.py NFHOP [ROUNDS [SEED]]: packets that are passed over line by line end up the same.

In a block, a packet whose lines follow one another is taken as a whole (src/trace/ride.c). Random
logs are made of what could go wrong with that: packets that are alike to the last bit, or but for
the address that NAT gave them, that answer each other from this host, go over lo, quote each other
in ICMP errors, are logged and told by nftables, too, whose lines are woven into each other, lost,
doubled, out of order, cut by pauses, by midnight, by notes, losses and other programs; in four
framings, of one host or two; in one file, compressed or not, or in several that are merged. Each is
read in blocks and, with --keep, record by record: that must give the same, as packets and as a
report, with and without a rule set and filters, and flows must have all packets. Some logs that
once were read in another way are tried first.
"""
import gzip, os, random, re, subprocess, sys, tempfile

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
LO = ['raw:OUTPUT:policy:1', 'mangle:POSTROUTING:policy:1', 'raw:PREROUTING:policy:1',
      'mangle:INPUT:policy:1', 'filter:INPUT:rule:1']
MAC = 'MAC=4e:a7:19:72:b0:99:2e:49:d1:0a:23:ba:08:00 '
DEVICES = {'in': f'IN=a OUT= {MAC}', 'both': f'IN=a OUT=b {MAC}', 'out': 'IN= OUT=b '}
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


OPTIONS = [[], ['-r', RULES], ['-r', RULES, '-F', 'text', '-b', 'path'],
           ['-w', 'stopped at filter:* or dst 10.0.0.1'], ['-F', 'text', '-b', 'flow'],
           ['-r', RULES, '-w', 'udp and not dropped']]


class Log:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.us = self.r.choice([5_000_000, 86_399_900_000])
        self.wall = self.r.choice([3600, 86_390]) * 1_000_000
        self.framing = self.r.choice(['both', 'both', 'up', 'wall', 'iso'])
        self.jitter = self.r.choice([0, 0, 30, 3000])
        self.hosts = self.r.choice([['gw'], ['gw'], ['gw', 'fw']])
        self.few = self.r.choice([2, 40])
        self.nft = self.r.choice([0, 0, 0.3]) if self.framing != 'up' else 0
        self.coarse = self.r.choice([0, 0, 0.5])
        self.drift = self.r.choice([0, 0, 0.01])
        self.ids = 0
        self.lines = []

    def front(self, host):
        us = self.us + self.r.randint(-self.jitter, self.jitter)
        wall = self.wall + us + 1_000_000 * (self.r.random() < self.drift)
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
        lo = r.random() < .05
        length = r.choice([60, 60, 84])
        return {'host': r.choice(self.hosts), 'way': list(LO if lo else r.choice(WAYS)), 'ttl': 64,
                'src': src, 'dst': dst, 'nat': r.random() < .15, 'mark': mark, 'lo': lo,
                'text': head.format(length, id) + 'DF ' + text,
                'nft': f'ip dscp cs0 ip ecn not-ect ip ttl 64 ip id {id} ip length {length} ' +
                       (f'udp sport {sport} udp dport {dport} udp length 8' if proto == 'UDP' else
                        f'tcp sport {sport} tcp dport {dport} tcp flags == syn tcp window 64')}

    def error(self, p):
        """This host answers a packet with an ICMP error, which quotes it."""
        text = p['text'].format(ttl=p['ttl'])
        return {**p, 'way': list(WAYS[5]), 'src': '10.0.0.254', 'dst': p['src'], 'nat': False,
                'lo': False, 'mark': '', 'nft': '',
                'text': 'LEN=88 TOS=0x00 PREC=0xC0 TTL={ttl} ID=9 PROTO=ICMP TYPE=3 CODE=3 '
                        f'[SRC={p["src"]} DST={p["dst"]} {text}] '}

    def told_by_nft(self, p):
        """What nft monitor trace prints of a packet on its way, in the same log."""
        front = self.front(p['host']).split(' kernel: ')[0] + ' nft[311]: trace id '
        if 'id' not in p:
            self.ids += 1
            p['id'] = self.ids
            self.lines.append(f'{front}{p["id"]:08x} inet t pre packet: iif "a" ip saddr '
                              f'{p["src"]} ip daddr {p["dst"]} {p["nft"]} ')
        else:
            p['nft'] = ''
        self.lines.append(f'{front}{p["id"]:08x} inet t pre ' +
                          ('rule counter (verdict continue)' if p['nft'] else 'policy accept') +
                          ' ')

    def step(self, p):
        """The next line of a packet."""
        place = p['way'].pop(0)
        side = SIDES.get(place.split(':')[1], 'both')
        if side == 'both' and p['nat']:
            p['dst'], p['nat'] = '10.9.9.9', False
        if side == 'both':
            p['ttl'] = 63
        devices = DEVICES[side]
        if p['lo']:
            devices = 'IN=lo OUT= ' if side == 'in' else 'IN= OUT=lo '
        mark = p['mark'] if self.r.random() < .9 else ''
        words = f'TRACE: {place}' if self.r.random() < .97 else 'LOGGED'
        return (f'{self.front(p["host"])}{words} {devices}SRC={p["src"]} DST={p["dst"]} ' +
                p['text'].format(ttl=p['ttl']) + mark)

    def odd(self):
        r = self.r
        what = r.random()
        if what < .3:
            self.us += r.choice([20_000, 300_000, 900_000, 2_500_000, 4_000_000, -50_000,
                                 -4_000_000])
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
            self.us += r.randint(1, 40) if r.random() >= self.coarse else 0
            if r.random() < odd:
                self.odd()
            if len(open_packets) < r.randint(1, 6):
                again = done and r.random() < .2
                p = dict(r.choice(done[-30:])) if again else self.packet()
                if again and p['nft'] and r.random() < .2:
                    p = self.error(p)
                p['way'] = list(p['way'])
                done.append({**p, 'way': list(p['way'])})
                open_packets.append(p)
            p = r.choice(open_packets)
            if p['nft'] and r.random() < self.nft:
                self.told_by_nft(p)
            self.lines.append(self.step(p))
            if not p['way'] or r.random() < .02:
                open_packets.remove(p)
        return '\n'.join(self.lines) + '\n'


def trace(us, place, id, dst=2):
    """A line of a packet that is told from others by @id."""
    words = f'TRACE: {place}' if ':' in place else place
    return (f'Mar  2 01:00:{us // 1_000_000:02} gw kernel: [{us // 1_000_000:5}.'
            f'{us % 1_000_000:06}] {words} {DEVICES["in"]}SRC=10.0.0.1 DST=10.0.0.{dst} LEN=60 '
            f'TOS=0x00 PREC=0x00 TTL=64 ID={id} DF PROTO=UDP SPT=1000 DPT=80 LEN=40 \n')


def nft(us, id, what):
    if what == 'packet:':
        what += (f' iif "a" ip saddr 10.0.0.1 ip daddr 10.0.0.2 ip ttl 64 ip id {id} ip length 60 '
                 'udp sport 1000 udp dport 80 udp length 40')
    return (f'Mar  2 01:00:{us // 1_000_000:02} gw nft[311]: trace id {id:08x} inet t pre '
            f'{what} \n')


def late_lines():
    """Of packets that others have closed: three, and but one that begins."""
    ids = (5, 7, 8)
    return ''.join([trace(1_000_000 + id, BEGIN[0], id) for id in ids] +
                   [trace(5_000_000, BEGIN[0], 6)] +
                   [trace(1_000_100 + id, BEGIN[1], id) for id in ids] +
                   [trace(1_000_200 + id, BEGIN[2], id) for id in ids])


def nft_behind():
    """nftables tells of a packet that has arrived."""
    return ''.join(trace(1_000_000 + 100 * id + at, place, id) for id in (1, 2, 3)
                   for at, place in enumerate(BEGIN)) + \
        nft(1_000_400, 2, 'packet:') + nft(1_000_400, 2, 'rule counter (verdict continue)')


def nft_logged():
    """A LOG line goes to what nftables told, the TRACE lines behind it do not."""
    return (nft(1_000_000, 1, 'packet:') + nft(1_000_000, 1, 'rule counter (verdict continue)') +
            trace(1_000_010, 'LOGGED', 1) +
            ''.join(trace(1_000_020 + at, place, 1) for at, place in enumerate(BEGIN)) +
            nft(1_000_100, 1, 'policy accept'))


def nft_order():
    """A packet gets off behind one of which nftables has told long before."""
    return (''.join(trace(1_000_000 + at, place, 1) for at, place in enumerate(BEGIN)) +
            nft(1_001_000, 50, 'packet:') + nft(1_001_000, 50, 'rule counter (verdict continue)') +
            trace(1_001_010, BEGIN[0], 50) + trace(1_001_020, BEGIN[0], 5) +
            trace(1_001_030, BEGIN[1], 5) + trace(1_001_040, BEGIN[1], 50) +
            trace(1_001_050, BEGIN[0], 5, 3) + trace(1_001_060, BEGIN[2], 5))


def nft_answer():
    """nftables tells of an answer before its address is turned back."""
    def answer(text, to):
        for a, b in (('10.0.0.1', 'from'), ('10.0.0.2', to), ('from', '10.0.0.2'),
                     ('SPT=1000 DPT=80', 'SPT=80 DPT=1000'),
                     ('sport 1000 udp dport 80', 'sport 80 udp dport 1000')):
            text = text.replace(a, b)
        return text

    return (''.join(trace(1_000_000 + at, place, 1) for at, place in enumerate(BEGIN)) +
            answer(nft(1_001_000, 2, 'packet:'), '203.0.113.7') +
            nft(1_001_000, 2, 'rule counter (verdict continue)') +
            answer(trace(1_001_010, BEGIN[0], 2), '203.0.113.7') +
            answer(trace(1_001_020, 'mangle:FORWARD:policy:1', 2), '10.0.0.1'))


def same_microsecond():
    """The logger's clock came to the next second, the kernel's to no other microsecond."""
    late = trace(1_000_101, BEGIN[2], 2) + trace(1_000_101, 'mangle:FORWARD:policy:1', 2)
    return (''.join(trace(1_000_000 + at, place, 1) for at, place in enumerate(WAYS[1][:4])) +
            trace(1_000_100, BEGIN[0], 2) + trace(1_000_101, BEGIN[1], 2) +
            late.replace('01:00:01', '01:00:02'))


def read(nfhop, *options):
    options = [*options] if '-F' in options else ['-F', 'ndjson', *options]
    out = subprocess.run([nfhop, 'report', '--year', '2026', *options],
                         stdout=subprocess.PIPE, check=True).stdout
    return [line for line in out.split(b'\n') if b'"seconds"' not in line]


class Folder:
    def __init__(self, nfhop, path):
        self.nfhop, self.path = nfhop, path
        self.hops = 0
        self.rules = self.write('rules', RULES)

    def write(self, name, text):
        path = os.path.join(self.path, name)
        with (gzip.open(path, 'wt', 1) if name.endswith('.gz') else open(path, 'wt')) as f:
            f.write(text)
        return path

    def compare(self, title, options, files):
        options = [self.rules if x is RULES else x for x in options] + files
        want = read(self.nfhop, '--keep', os.path.join(self.path, 'kept'), *options)
        out = read(self.nfhop, *options)
        self.hops += sum(line.count(b'"hook"') for line in want)
        if '-F' not in options and '-w' not in options:
            self.count(title, want)
        for a, b in zip(want, out):
            if a != b:
                sys.exit(f'{title} {options}:\n< {a.decode()}\n> {b.decode()}')
        if len(want) != len(out):
            sys.exit(f'{title} {options}: {len(out)} lines instead of {len(want)}')

    def count(self, title, report):
        """Each packet is one of a flow's."""
        packets = sum(line.startswith(b'{"type":"packet"') for line in report)
        flows = sum(int(n) for line in report if line.startswith(b'{"type":"flow"')
                    for n in re.search(rb'"packets":\[(\d+),(\d+)\]', line).groups())
        if packets != flows:
            sys.exit(f'{title}: {packets} packets, but those of all flows are {flows}')

    def logs(self, seed):
        """The files of a random log."""
        r = random.Random(-seed)
        text = Log(seed).make(1500)
        way = r.choice(['one', 'one', 'packed', 'cut', 'more'])
        if way == 'more':
            return [self.write('a', text), self.write('b', Log(seed + 1_000_000).make(500))]
        if way != 'cut':
            return [self.write('log.gz' if way == 'packed' else 'log', text)]
        parts = [], []
        for line in text.splitlines(True):
            parts[r.random() < .03 and len(parts[0]) > 9].append(line)
            if r.random() < .02:
                parts = parts[::-1]
        return [self.write(name, ''.join(part)) for name, part in zip('ab', parts)]


def main(nfhop, rounds='60', seed='1'):
    with tempfile.TemporaryDirectory(prefix='nfhop-rides-') as path:
        folder = Folder(nfhop, path)
        for once in (late_lines, nft_behind, nft_logged, nft_order, nft_answer, same_microsecond):
            for options in ([], ['-F', 'text', '-b', 'stop']):
                folder.compare(once.__name__, options, [folder.write('log', once())])
        for i in range(int(seed), int(seed) + int(rounds)):
            files = folder.logs(i)
            for options in ([], OPTIONS[1 + i % (len(OPTIONS) - 1)]):
                folder.compare(f'seed {i}', options, files)
        if folder.hops < 1000 * int(rounds):
            sys.exit(f'only {folder.hops} hops')


if __name__ == '__main__':
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(*sys.argv[1:])
