#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""nft_live.py NFHOP [--seed N] [--rulesets N] [--packets N] [--keep DIR]: nfhop beside a kernel.

Random rule sets of nftables are loaded in a network namespace and random packets sent through it.
The truth does not come by the trace: who got through was seen where it arrived, how often a rule
fit is told by its counter. Held against that are nfhop's live recording, what `nft monitor trace`
printed, and the lines that LOG rules left, each with the rule set. Needs root, nft and ip; 77
(skipped) without.
"""
import argparse, collections, json, os, random, re, shutil, signal, socket, struct, subprocess
import sys, tempfile, time
from against_kernel import SWITCH, Lab, run, sockets_in, unescape
from model import Device, Fate, World
from nftrules import Maker
from rules import Maker as LegacyMaker
from traffic import THROUGH, Traffic, mac

STOPPED = ('dropped', 'rejected')
WRONG = ('wrong-ruleset', 'unknown-prefix')
LIGHT = '''table ip pt {
	chain pre { type filter hook prerouting priority -450; meta nftrace set 1; }
	chain out {
		type filter hook output priority -450
		meta skuid 0 meta nftrace set 1 accept
		drop
	}
}
'''


class NftLab(Lab):
    """A lab whose gateway also has ears: what it takes in is seen behind all hooks."""

    def build(self):
        super().build()
        self.inside(self.gate, 'nft', 'flush ruleset')
        self.inside(self.gate, 'nft', '-f', '-', text=LIGHT)
        self.ears = [sockets_in(self.gate, lambda n=n: socket.socket(
            socket.AF_INET, socket.SOCK_RAW, n)) for n in (1, 6, 17)]
        for k, device in enumerate(self.world.devices):
            self.ends[device.name].bind((f'p{k}', 0x0800))  # what comes in, too
        for sock in [*self.ears, *self.ends.values()]:
            sock.setblocking(False)

    def load(self, text):
        """Without the lines that nft refuses. Return: what was loaded"""
        lines = text.split('\n')
        for _ in range(60):
            done = subprocess.run(['ip', 'netns', 'exec', self.gate, 'nft', '-f', '-'],
                                  input='\n'.join(lines), capture_output=True, text=True)
            if not done.returncode:
                return '\n'.join(lines)
            bad = {int(n) for n in re.findall(r'^[^:\n]*:(\d+):\d', done.stderr, re.M)}
            if not bad:
                raise RuntimeError(done.stderr)
            lines = [line for n, line in enumerate(lines, 1) if n not in bad]
        raise RuntimeError('no rule set: ' + done.stderr)

    def heard(self):
        """Packets that came through: [(where, bytes from the IP header on)]."""
        out = []
        for name, sock in [*self.ends.items(), *((None, ear) for ear in self.ears)]:
            while True:
                try:
                    data, who = sock.recvfrom(4096)
                except BlockingIOError:
                    break
                if name is None:
                    out.append(('delivered', data))
                elif who[2] != socket.PACKET_OUTGOING and data[12:14] == b'\x08\x00':
                    out.append(('forwarded', data[14:]))
        return out

    def remove(self):
        for ear in getattr(self, 'ears', []):
            ear.close()
        super().remove()


def key_of(data):
    """What no hook changes, and no two packets share: protocol and IP id."""
    return data[9], struct.unpack('!H', data[4:6])[0]


def arrived_as(packet, data):
    """The packet as it came out, for whoever answers it."""
    at, after = (data[0] & 15) * 4, packet.copy()
    after.src, after.dst = socket.inet_ntoa(data[12:16]), socket.inet_ntoa(data[16:20])
    if data[9] == 1:
        after.sport = after.dport = struct.unpack('!H', data[at + 4:at + 6])[0]
    else:
        after.sport, after.dport = struct.unpack('!HH', data[at:at + 4])
    return after


class Case:
    """One rule set, and what became of each packet, by protocol and IP id."""

    def __init__(self, seed, count, tag, net, legacy, xt):
        self.count, self.tag, self.net = count, tag, net
        self.rng = random.Random(seed)
        rng = self.rng
        devices = [Device(f'{n}{tag}', f'10.{net}.{k + 1}', mac(rng), mac(rng))
                   for k, n in enumerate(('lan', 'wan', 'dmz'))]
        self.world = World(devices, 'nft', 'new', rng.random() < 0.9)
        self.fates, self.unknown, self.saved = {}, [], ''
        self.ends, self.stops, self.syns = {}, {}, collections.Counter()
        self.legacy = None
        self.xt = rng.random() < xt
        if not self.xt and rng.random() < legacy:
            self.legacy = LegacyMaker(rng, self.world, lossless_policies=False).make()

    def fate(self, lab, packet):
        """Send a packet; where was it heard?"""
        lab.send(packet)
        proto = {'icmp': 1, 'tcp': 6, 'udp': 17}[packet.proto]
        for _ in range(3):
            for where, data in lab.heard():
                if key_of(data) == (proto, packet.ip_id):
                    if where == 'forwarded' and packet.device is None:
                        where = 'sent'
                    return where, arrived_as(packet, data)
        return 'gone', packet

    def send_all(self, lab, listen):
        number = 0
        for talk, packet in Traffic(self.rng, self.world, self.count).packets():
            number += 1
            packet = packet.copy()
            packet.ip_id = number
            where, after = self.fate(lab, packet)
            self.fates[(packet.proto, number)] = where
            if where != 'gone':
                self.ends[(packet.proto, number)] = after.src, after.sport, after.dst, after.dport
            if packet.flags == ('SYN',):
                self.syns[packet.src, packet.sport, packet.dst, packet.dport] += 1
            listen()
            if talk:
                talk.sent(packet, after, Fate(where if where in THROUGH else 'dropped'))

    def run(self, nfhop, directory):
        lab = NftLab(self.tag, self.world)
        log = open(f'{directory}/log', 'w')
        kmsg = os.open('/dev/kmsg', os.O_RDONLY | os.O_NONBLOCK)
        os.lseek(kmsg, 0, os.SEEK_END)
        listeners = []
        try:
            lab.build()
            if self.xt:
                self.text = LegacyMaker(self.rng, self.world, lossless_policies=False).make().text()
                lab.inside(lab.gate, 'iptables-nft-restore', text=self.text)
            else:
                self.text = lab.load(Maker(self.rng, self.world).make())
            sources = ['nft:']
            if self.legacy:
                self.text += self.legacy.text()
                lab.inside(lab.gate, 'iptables-legacy-restore', text=self.legacy.text())
                sources.append('kmsg:')
            for name, argv in (('rec', [nfhop, 'record', '-o', f'{directory}/rec', *sources]),
                               ('mon', ['nft', 'monitor', 'trace'])):
                listeners.append(subprocess.Popen(
                    ['ip', 'netns', 'exec', lab.gate, *argv], stdin=subprocess.DEVNULL,
                    stdout=open(f'{directory}/{name}.txt', 'w'), stderr=subprocess.STDOUT))
            wait_for(lambda: listeners_to_nft(lab) >= 2, 'nobody listens to the trace')
            for listener in listeners:  # of the kernel's log all is read from then on
                wait_for(lambda: is_idle(listener.pid), 'a listener does not get ready')
            self.send_all(lab, lambda: self.read_log(kmsg, log))
            time.sleep(0.3)
            for listener in listeners:
                listener.send_signal(signal.SIGINT)
                listener.wait(20)
            self.rules = json.loads(lab.inside(lab.gate, 'nft', '-j', 'list', 'ruleset'))
            with open(f'{directory}/rules', 'w') as f:
                f.write(lab.inside(lab.gate, 'nft', '-a', 'list', 'ruleset'))
            if self.xt:
                with open(f'{directory}/save', 'w') as f:
                    f.write(lab.inside(lab.gate, 'iptables-nft-save'))
                with open(f'{directory}/light', 'w') as f:
                    f.write(lab.inside(lab.gate, 'nft', '-a', 'list', 'table', 'ip', 'pt'))
            if self.legacy:
                self.saved = lab.inside(lab.gate, 'iptables-legacy-save', '-c')
                with open(f'{directory}/legacy', 'w') as f:
                    f.write(self.saved)
            self.read_log(kmsg, log)
        finally:
            log.close()
            for listener in listeners:
                listener.kill()
            lab.remove()
            os.close(kmsg)

    def read_log(self, fd, out):
        """What is new in the kernel's log, as dmesg prints it."""
        device = re.compile(f'SRC=10\\.{self.net}\\.')
        while True:
            try:
                record = os.read(fd, 8192).decode(errors='replace')
            except BlockingIOError:
                return
            head, text = record.split(';', 1)
            text = unescape(text.split('\n')[0])
            if device.search(text):
                stamp = int(head.split(',')[2])
                out.write(f'[{stamp // 1000000:5}.{stamp % 1000000:06}] {text}\n')


def listeners_to_nft(lab):
    """How many netlink sockets are in nftables' group for traces."""
    lines = lab.inside(lab.gate, 'cat', '/proc/net/netlink').split('\n')
    # sk Eth Pid Groups ...: netfilter is 12, NFNLGRP_NFTRACE is group 9
    return sum(line.split()[1] == '12' and bool(int(line.split()[3], 16) & 1 << 8)
               for line in lines[1:] if line)


def is_idle(pid):
    """Does the process wait for something, and did it do nothing else for a while?"""
    def look():
        with open(f'/proc/{pid}/stat') as f:
            words = f.read().rsplit(')', 1)[1].split()
        with open(f'/proc/{pid}/status') as f:
            switches = [line for line in f if 'ctxt_switches' in line]
        return words[0], words[11:13], switches
    before = look()
    time.sleep(0.04)
    return before[0] == 'S' and look() == before


def wait_for(holds, or_else):
    for _ in range(400):
        if holds():
            return
        time.sleep(0.02)
    raise RuntimeError(or_else)


def counters(rules):
    """Hits of each rule that counts, by (family, table, chain, handle)."""
    out = {}
    for item in rules['nftables']:
        rule = item.get('rule')
        for expr in rule['expr'] if rule else ():
            if 'counter' in expr and rule['table'] != 'pt':
                place = rule['family'], rule['table'], rule['chain'], rule['handle']
                out[place] = expr['counter']['packets']
    return out


def legacy_counters(text):
    """The same of what `iptables-save -c` prints, by (family, table, chain, number)."""
    out, table, number = {}, None, collections.Counter()
    for line in text.split('\n'):
        if line.startswith('*'):
            table = line[1:]
        elif line.startswith('['):
            count, _, chain = line.split(' ')[:3]
            number[(table, chain)] += 1
            out['ip', table, chain, number[(table, chain)]] = int(count[1:].split(':')[0])
    return out


def keys_over_lo(packets):
    return {(p['proto'], p['ip_id']) for p in packets if 'lo' in (p['iif'], p['oif'])}


def complain_of_packets(case, name, packets, numbers):
    """Each that nfhop has a word for: was it so?"""
    over_lo = keys_over_lo(packets)
    for said in packets:
        key = said['proto'], said['ip_id']
        truth = case.fates.get(key)
        if truth is None or said['iif'] is None and said['oif'] is None:
            continue
        says = said['outcome']
        numbers[f'{name} {says}'] += 1
        if said['hops'] and said['hops'][-1]['family'] == 'netdev':
            numbers['egress'] += 1
        if says == 'unknown':
            numbers[f'{name} unknown: {truth}'] += 1
            case.unknown.append((name, said))
        elif says != truth and not (truth == 'gone' and says in STOPPED + ('lost',)) and \
                not (says == 'sent' and key in over_lo):
            yield f'{name}: packet {key} is {says} ({said["certainty"]}), it was {truth}: ' \
                  f'{said["path"]}: {said["reason"]}'


def complain_of_ends(case, name, packets, over_lo, numbers):
    """What is said to have been translated must have arrived so."""
    for said in packets:
        key = said['proto'], said['ip_id']
        if not said['nat'] or key not in case.ends or key in over_lo:
            continue
        numbers[f'{name} translated'] += 1
        for field, real in zip(('src', 'sport', 'dst', 'dport'), case.ends[key]):
            echo = said['proto'] == 'icmp' and 'port' in field
            if said['nat'][field] not in (None, real) and not echo:
                yield f'{name}: packet {key} left with {said["nat"]}, it arrived as ' \
                      f'{case.ends[key]}: {said["path"]}'


def stop_of(said):
    stop = said['stopped_at']
    kind = {'log': 'rule'}.get(stop['kind'], stop['kind']) if stop else None
    return (stop['table'], stop['chain'], kind, stop['rule']) if stop else None


def complain_of_stops(case, name, packets):
    """What else tells of a packet has it stopped where the live trace has it."""
    for said in packets:
        key, stop = (said['proto'], said['ip_id']), stop_of(said)
        if name == 'live':
            case.stops[key] = stop
        elif stop and stop[3] and case.stops.get(key) and stop != case.stops[key]:
            yield f'{name}: packet {key} stopped at {stop}, by the live trace {case.stops[key]}: ' \
                  f'{said["path"]}: {said["reason"]}'


def complain_of_syns(case, name, said):
    """Were there as many equal SYNs as that?"""
    flows = {f['no']: f for f in said if f['type'] == 'flow'}
    for finding in said:
        match = re.search(r'the same SYN ([0-9]+) times', finding.get('text') or '')
        if match:
            flow = flows[finding['flow']]
            real = case.syns[tuple(flow[k] for k in ('src', 'sport', 'dst', 'dport'))]
            if int(match.group(1)) > real:
                yield f'{name}: {finding["text"]}: they were {real}'


def ndjson(nfhop, *argv):
    done = subprocess.run([nfhop, 'report', '-q', '-F', 'ndjson', *argv], capture_output=True,
                          text=True)
    if done.returncode or done.stderr:
        raise RuntimeError(f'{argv}: {done.returncode}: {done.stderr}')
    return [json.loads(line) for line in done.stdout.splitlines()]


def inputs(case, directory):
    """What nfhop is given: a name, arguments."""
    monitor, rules = f'{directory}/mon.txt', f'{directory}/rules'
    given = ['-r', rules] + ['-r', f'{directory}/legacy'] * bool(case.saved)
    yield 'live', [f'{directory}/rec']
    yield 'text', [*given, monitor]
    if not case.legacy:  # of which it cannot know
        yield 'bare', [monitor]
    if case.xt:
        yield 'save', ['-r', f'{directory}/save', '-r', f'{directory}/light', monitor]
    if os.path.getsize(f'{directory}/log'):
        yield 'log', [*given, f'{directory}/log']


def complain_of_number(case, name, packets, over_lo):
    """Each packet is one packet."""
    seen = collections.Counter((p['proto'], p['ip_id']) for p in packets)
    for key in case.fates:
        if seen[key] > 1 and key not in over_lo and not case.legacy:
            yield f'{name}: packet {key} is {seen[key]} packets'
        elif not seen[key]:
            yield f'{name}: packet {key} ({case.fates[key]}) is not there'


def judge_packets(case, name, said, over_lo, numbers):
    packets = [p for p in said if p['type'] == 'packet']
    over_lo |= keys_over_lo(packets)
    if name == 'live':
        # LOG lines that show another source than the trace, behind SNAT, are packets of their own
        case.apart = any(p['hops'][0]['kind'] == 'log' for p in packets)
    yield from complain_of_packets(case, name, packets, numbers)
    yield from complain_of_ends(case, name, packets, over_lo, numbers)
    yield from complain_of_stops(case, name, packets)
    if name != 'log':
        yield from complain_of_syns(case, name, said)
        yield from complain_of_number(case, name, packets, over_lo)
    for finding in said:
        if finding['type'] == 'finding' and finding['id'] in WRONG:
            yield f'{name}: {finding["id"]}: {finding["text"]}: {finding["evidence"]}'


def judge_rules(case, nfhop, name, argv):
    """Did each rule fit as often as its counter says?"""
    real = counters(case.rules)
    legacy = legacy_counters(case.saved) if name == 'live' else {}
    done = subprocess.run([nfhop, 'rules', '-q', '-F', 'json', *argv], capture_output=True,
                          text=True)
    for rule in json.loads(done.stdout)['rules']:
        place = rule['family'], rule['table'], rule['chain'], rule['handle']
        numbered = (*place[:3], rule['rule'])
        if rule['unreached'] != 'reads-alike':
            fits = real.get(place, legacy.get(numbered, rule['hits']))
            if fits != rule['hits']:
                yield f'{name}: {numbered} has {rule["hits"]} hits, its counter {fits}: ' \
                      f'{rule["text"]}'


def judge(case, nfhop, directory, numbers):
    """Yields what is wrong."""
    over_lo = set()
    for name, argv in inputs(case, directory):
        yield from judge_packets(case, name, ndjson(nfhop, *argv), over_lo, numbers)
    for name, argv in inputs(case, directory):
        if name in ('live', 'text') and not (case.legacy and (over_lo or case.apart)):
            yield from judge_rules(case, nfhop, name, argv)


def able():
    return (os.geteuid() == 0 and os.path.exists(SWITCH) and
            all(shutil.which(t) for t in ('ip', 'nft', 'sysctl', 'iptables-legacy-restore',
                                       'iptables-nft-restore')))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('nfhop')
    parser.add_argument('--seed', type=int, default=2105)
    parser.add_argument('--rulesets', type=int, default=25)
    parser.add_argument('--packets', type=int, default=60)
    parser.add_argument('--legacy', type=float, default=0.3, help='share that has legacy tables')
    parser.add_argument('--xt', type=float, default=0.2, help='share that is iptables-nft')
    parser.add_argument('--keep')
    args = parser.parse_args()
    if not able():
        print('needs root, ip and nft')
        return 77
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with open(SWITCH) as f:
        before = f.read()
    numbers, bad = collections.Counter(), 0
    try:
        for seed in range(args.seed, args.seed + args.rulesets):
            with open(SWITCH, 'w') as f:
                f.write('1')  # each time: others may use it
            directory = f'{args.keep}/{seed}' if args.keep else tempfile.mkdtemp()
            os.makedirs(directory, exist_ok=True)
            case = Case(seed, args.packets, os.getpid() % 100000, 100 + os.getpid() % 100,
                        args.legacy, args.xt)
            case.run(os.path.abspath(args.nfhop), directory)
            complaints = list(judge(case, args.nfhop, directory, numbers))
            if complaints:
                bad += 1
                print(f'seed {seed}:\n{case.text}')
                for complaint in complaints[:8]:
                    print('  ' + complaint)
            if args.keep:
                with open(f'{directory}/unknown', 'w') as f:
                    for name, said in case.unknown:
                        f.write(f'{name} {said["path"]}: {said["reason"]}\n')
            else:
                shutil.rmtree(directory)
    finally:
        if before.strip() != '1':
            with open(SWITCH, 'w') as f:
                f.write(before)
    print(f'{args.rulesets - bad} of {args.rulesets} rule sets told as they were:',
          ', '.join(f'{n} {what}' for what, n in sorted(numbers.items())))
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
