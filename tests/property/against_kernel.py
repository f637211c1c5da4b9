#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""against_kernel.py [--seed N] [--rulesets N] [--packets N]: the model beside a real kernel.

Random rule sets are loaded in a network namespace, random packets sent through it from others,
and each TRACE and LOG line compared with the model's, letter by letter. Needs root,
iptables-legacy, nft and ip; 77 (skipped) without.
"""
import argparse, ctypes, os, random, shutil, signal, socket, struct, subprocess, sys, time
from model import Device, Kernel, World
from rules import Maker
from traffic import THROUGH, Traffic, mac

SWITCH = '/proc/sys/net/netfilter/nf_log_all_netns'
CLONE_NEWNET = 0x40000000
PROTO = {'icmp': 1, 'tcp': 6, 'udp': 17}
# Lights every packet (or none) and keeps the gateway's own answers out of the way.
NFT = '''table ip pt {{
  chain pre {{
    type filter hook prerouting priority -450
    {light}
  }}
  chain out {{
    type filter hook output priority -450
    meta skuid 0 {own} accept
    drop
  }}
}}
'''


def run(*argv, text=None):
    done = subprocess.run(argv, input=text, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f'{" ".join(argv)}: {done.stderr}\n{text or ""}')
    return done.stdout


def checksum(data):
    data += b'\0' * (len(data) % 2)
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    total = (total >> 16) + (total & 0xffff)
    return ~(total + (total >> 16)) & 0xffff


def wire(p):
    """A model packet as bytes, from the IP header on."""
    src, dst = socket.inet_aton(p.src), socket.inet_aton(p.dst)
    data = b'x' * p.payload
    if p.proto == 'tcp':
        bits = {'FIN': 1, 'SYN': 2, 'RST': 4, 'PSH': 8, 'ACK': 16}
        options = bytes.fromhex(p.options)
        head = struct.pack('!HHIIBBHHH', p.sport, p.dport, p.seq, p.ack,
                           (5 + len(options) // 4) << 4, sum(bits[f] for f in p.flags),
                           p.window, 0, 0) + options
        at = 16
    elif p.proto == 'udp':
        head, at = struct.pack('!HHHH', p.sport, p.dport, 8 + len(data), 0), 6
    else:
        head, at = struct.pack('!BBHHH', p.icmp_type, 0, 0, p.sport, p.icmp_seq), 2
    l4 = head + data
    pseudo = src + dst + struct.pack('!HH', PROTO[p.proto], len(l4)) if p.proto != 'icmp' else b''
    l4 = l4[:at] + struct.pack('!H', checksum(pseudo + l4)) + l4[at + 2:]
    ip = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 20 + len(l4), p.ip_id, 0x4000 if p.df else 0,
                     p.ttl, PROTO[p.proto], 0, src, dst)
    return ip[:10] + struct.pack('!H', checksum(ip)) + ip[12:] + l4


def sockets_in(netns, make):
    """What make() gives when called inside a named network namespace."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open('/proc/self/ns/net') as home, open(f'/run/netns/{netns}') as there:
        if libc.setns(there.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), 'setns')
        try:
            return make()
        finally:
            libc.setns(home.fileno(), CLONE_NEWNET)


class Lab:
    """lan, wan and a third net (one namespace holds their ends), and the gateway."""

    def __init__(self, tag, world):
        self.world, self.gate, self.hosts = world, f'pt-{tag}-g', f'pt-{tag}-h'

    def inside(self, netns, *argv, **more):
        return run('ip', 'netns', 'exec', netns, *argv, **more)

    def build(self):
        world, gate = self.world, self.gate
        batch = []
        for netns in (gate, self.hosts):
            run('ip', 'netns', 'add', netns)
            for key, value in (('all.disable_ipv6', 1), ('default.disable_ipv6', 1),
                               ('lo.disable_ipv6', 1)):
                self.inside(netns, 'sysctl', '-qw', f'net.ipv6.conf.{key}={value}')
        for k, device in enumerate(world.devices):
            run('ip', '-n', gate, 'link', 'add', device.name, 'address', device.mac, 'type', 'veth',
                'peer', 'name', f'p{k}', 'address', device.peer_mac, 'netns', self.hosts)
            batch += [f'addr add {device.address}/24 dev {device.name}',
                      f'link set {device.name} up']
            batch += [f'neigh add {device.base}.{n} lladdr {device.peer_mac} nud permanent dev '
                      f'{device.name}' for n in (2, 3)]
            run('ip', '-n', self.hosts, 'link', 'set', f'p{k}', 'up')
        run('ip', '-n', gate, '-batch', '-', text='\n'.join(batch + ['link set lo up', '']))
        settings = [f'net.ipv4.ip_forward={int(world.forward)}']
        for name in ['all', 'default'] + [d.name for d in world.devices]:
            settings += [f'net.ipv4.conf.{name}.{k}={v}' for k, v in
                         (('rp_filter', 0), ('send_redirects', 0))]
        self.inside(gate, 'sysctl', '-qw', *settings)
        light = 'meta nftrace set 1' if world.light == 'nft' else ''
        self.inside(gate, 'nft', '-f', '-', text=NFT.format(light=light, own=light))
        self.raw = sockets_in(gate, lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW,
                                                          socket.IPPROTO_RAW))
        self.ends = {}
        for k, device in enumerate(world.devices):
            sock = sockets_in(self.hosts, lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
            sock.bind((f'p{k}', 0))
            self.ends[device.name] = sock
        for _ in range(500):  # before all are up, what is sent is thrown away
            if run('ip', '-n', self.hosts, 'link').count('state UP') == len(world.devices):
                return
            time.sleep(0.01)
        raise RuntimeError('a veth did not come up')

    def load(self, rules):
        self.inside(self.gate, 'iptables-legacy-restore', text=rules.text())

    def send(self, packet):
        data = wire(packet)
        if packet.device is None:
            try:
                self.raw.sendto(data, (packet.dst, 0))
            except PermissionError:
                pass  # dropped in OUTPUT
            return
        ether = bytes.fromhex((packet.device.mac + packet.device.peer_mac + '0800')
                              .replace(':', ''))
        self.ends[packet.device.name].send(ether + data)

    def remove(self):
        for sock in [getattr(self, 'raw', None), *getattr(self, 'ends', {}).values()]:
            if sock:
                sock.close()
        for netns in (self.gate, self.hosts):
            subprocess.run(['ip', 'netns', 'del', netns], capture_output=True)


def unescape(text):
    return text.replace('\\x20', ' ').replace('\\x5c', '\\')


def read_log(fd, mine):
    """The texts of new kernel lines with our addresses."""
    out = []
    while True:
        try:
            record = os.read(fd, 8192).decode(errors='replace')
        except BlockingIOError:
            return out
        except BrokenPipeError:
            raise RuntimeError('the kernel log overran')
        text = unescape(record.split(';', 1)[1].split('\n')[0])
        if mine in text and ' OUT=' in text:
            out.append(text)


def try_one(seed, count, tag, net, keep=None):
    """One rule set and its packets. Return: list of what differs, and numbers."""
    rng = random.Random(seed)
    devices = [Device(f'{n}{tag}', f'10.{net}.{k + 1}', mac(rng), mac(rng))
               for k, n in enumerate(('lan', 'wan', 'dmz'))]
    world = World(devices, rng.choice(('nft', 'raw')), 'new', rng.random() < 0.85)
    rules = Maker(rng, world, lossless_policies=False).make()
    if keep:
        print(rules.text())
    kernel, lab = Kernel(world, rules), Lab(tag, world)
    want, log = [], os.open('/dev/kmsg', os.O_RDONLY | os.O_NONBLOCK)
    os.lseek(log, 0, os.SEEK_END)
    got, sent = [], 0
    try:
        lab.build()
        lab.load(rules)
        for talk, packet in (traffic := Traffic(rng, world, count)).packets():
            before = packet.copy()
            lab.send(before)
            lines, fate = kernel.send(packet)
            sent += 1
            want += [(line.text, before, fate) for line in lines]
            if talk:
                talk.sent(before, packet, fate)
            got += read_log(log, f'SRC=10.{net}.')
        del traffic
        time.sleep(0.05)
        got += read_log(log, f'SRC=10.{net}.')
    finally:
        lab.remove()
        os.close(log)
    return rules, world, want, got, sent


def compare(seed, rules, world, want, got):
    for n in range(max(len(want), len(got))):
        expected = want[n][0] if n < len(want) else '(nothing)'
        real = got[n] if n < len(got) else '(nothing)'
        if expected == real:
            continue
        print(f'seed {seed}: line {n} differs; light {world.light}, forward {world.forward}')
        print(rules.text())
        for m in range(max(0, n - 6), n):
            print('      ', got[m])
        print('model: ', expected)
        print('kernel:', real)
        if n < len(want):
            print('packet:', want[n][1].__dict__, want[n][2])
        return False
    return True


def able():
    return (os.geteuid() == 0 and os.path.exists(SWITCH)
            and all(shutil.which(t) for t in ('ip', 'nft', 'iptables-legacy-restore', 'sysctl')))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--rulesets', type=int, default=20)
    parser.add_argument('--packets', type=int, default=40)
    parser.add_argument('--show', action='store_true')
    args = parser.parse_args()
    if not able():
        print('needs root, ip, nft, iptables-legacy')
        return 77
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one CPU: lines in order
    with open(SWITCH) as f:
        before = f.read()
    good = lines = packets = 0
    try:
        for seed in range(args.seed, args.seed + args.rulesets):
            with open(SWITCH, 'w') as f:
                f.write('1')  # each time: others may use it
            rules, world, want, got, sent = try_one(seed, args.packets, os.getpid() % 100000,
                                                    100 + os.getpid() % 100, args.show)
            good += compare(seed, rules, world, want, got)
            lines, packets = lines + len(want), packets + sent
    finally:
        if before.strip() != '1':
            with open(SWITCH, 'w') as f:
                f.write(before)
    print(f'{good} of {args.rulesets} rule sets as the kernel has it: '
          f'{packets} packets, {lines} lines')
    return 0 if good == args.rulesets else 1


if __name__ == '__main__':
    sys.exit(main())
