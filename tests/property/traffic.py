# SPDX-License-Identifier: GPL-2.0-or-later
"""Random connections over a world: each gives its packets one by one, as answers allow."""
from model import Device, Packet, World
from rules import PORTS

OPTIONS = '020405B40402080A30F75EF3000000000103030A'
NAMES = ('eth0', 'eth1', 'wg0', 'br-lan', 'zthnhi321', 'venet0', 'r0', 'ppp0')
THROUGH = ('forwarded', 'delivered', 'sent')


def mac(rng):
    return ':'.join(['02'] + [f'{rng.randrange(256):02x}' for _ in range(5)])


def random_world(rng):
    devices = []
    for k, name in enumerate(rng.sample(NAMES, 3)):
        devices.append(Device(name, f'10.9.{k + 1}', mac(rng), mac(rng),
                              name not in ('wg0', 'ppp0', 'venet0')))
    return World(devices, light=rng.choice(('nft', 'raw')),
                 kernel=rng.choice(('new', 'new', 'old', 'ancient')),
                 forward=rng.random() < 0.9, conntrack=rng.random() < 0.5)


class Talk:
    """A connection, a script of steps (who speaks, TCP flags, payload). next() gives a packet,
    sent() is told what became of it: what did not get through is sent again, or nothing more."""

    def __init__(self, rng, world, number, loopback=0.1):
        self.rng, self.world = rng, world
        self.sport = 20000 + number % 40000
        self.proto = rng.choice(('tcp', 'tcp', 'tcp', 'udp', 'icmp'))
        self.client = rng.choice(world.devices) if rng.random() < 0.75 else None
        self.dport = self.sport if self.proto == 'icmp' else rng.choice(PORTS)
        self.ttl = rng.choice((64, 64, 63, 128, 2)) if rng.random() < 0.95 else 1
        self.ends(loopback)
        self.next_seq = {'client': rng.randrange(1 << 31), 'server': rng.randrange(1 << 31)}
        self.icmp_seq, self.at, self.tries, self.last = 0, 0, 0, None
        self.steps = self.script()[:rng.choice((1, 2, 2, 3, 4, 6))]

    def ends(self, loopback):
        """Its addresses."""
        rng, world = self.rng, self.world
        there = rng.choice([d for d in world.devices if d is not self.client])
        self.dst = f'{there.base}.{rng.choice((2, 3))}'
        if not self.client:
            if rng.random() < loopback:
                self.dst = there.address
            self.src = (there if rng.random() < 0.8 else rng.choice(world.devices)).address
            return
        self.src = f'{self.client.base}.{rng.choice((2, 3))}'
        if rng.random() < 0.35:
            self.dst = rng.choice(world.devices).address
        elif rng.random() < 0.06:
            self.dst = world.elsewhere

    def script(self):
        some = self.rng.randrange(1, 100)
        if self.proto != 'tcp':
            return [('client', (), some), ('server', (), some)] * 3
        if self.rng.random() < 0.15:
            return [('client', ('SYN',), 0), ('server', ('ACK', 'RST'), 0)]
        return [('client', ('SYN',), 0), ('server', ('SYN', 'ACK'), 0), ('client', ('ACK',), 0),
                ('client', ('ACK', 'PSH'), some), ('server', ('ACK',), 0),
                ('server', ('ACK', 'PSH'), some)]

    def fresh_id(self, zero=0.15):
        return 0 if self.rng.random() < zero else self.rng.randrange(1, 65536)

    def make(self, who, flags, payload):
        server = who == 'server'
        if server:  # it answers to what arrived
            _, dst, dport, src, sport = self.arrived
            out = self.world.route(src)
            device = next((d for d in self.world.devices if d.name == out), None)
        else:
            src, sport, dst, dport = self.src, self.sport, self.dst, self.dport
            device = self.client
        p = Packet(self.proto, src, sport, dst, dport, device=device, flags=flags,
                   payload=payload, icmp_type=0 if server else 8, icmp_seq=self.icmp_seq,
                   ttl=self.rng.choice((64, 55)) if server else self.ttl,
                   ip_id=self.fresh_id(0.9 if server and flags else 0.15))
        if self.proto == 'tcp':
            p.seq = 0 if 'RST' in flags else self.next_seq[who]
            p.ack = self.next_seq['client' if server else 'server'] if 'ACK' in flags else 0
            p.options = OPTIONS if 'SYN' in flags else ''
            p.window = 0 if 'RST' in flags else 65160 if server else 64240
        return p

    def next(self):
        """The next packet, or None when there is nothing more to say."""
        if self.at >= len(self.steps) or self.tries > 2:
            return None
        self.tries += 1
        if self.last:
            again = self.last.copy()
            if again.ip_id and self.rng.random() < 0.5:
                again.ip_id = self.fresh_id(0)
            return again
        who, flags, payload = self.steps[self.at]
        self.icmp_seq += who == 'client'
        return self.make(who, flags, payload)

    def sent(self, before, after, fate):
        """Tells what became of a packet, before and after its way."""
        self.last = before
        if fate.outcome not in THROUGH:
            if self.rng.random() < 0.5:
                self.tries = 3
            return
        who, flags, payload = self.steps[self.at]
        if self.at == 0:
            self.arrived = after.tuple()
        if self.tries < 2 and self.rng.random() < 0.15:
            return  # once more, though it got through
        self.next_seq[who] += payload + ('SYN' in flags)
        self.at, self.tries, self.last = self.at + 1, 0, None


def stray(rng, world, number):
    """An answer to nothing."""
    device = rng.choice(world.devices)
    there = rng.choice([d for d in world.devices if d is not device])
    port = 61000 + number % 4000
    if rng.random() < 0.5:
        return Packet('tcp', f'{device.base}.2', rng.choice(PORTS), f'{there.base}.3', port,
                      device=device, flags=('SYN', 'ACK'), seq=7, ack=9, options=OPTIONS)
    return Packet('icmp', f'{device.base}.2', port, rng.choice((f'{there.base}.3', device.address)),
                  port, device=device, icmp_type=0, ip_id=rng.randrange(65536))


class Traffic:
    """Lets several connections take turns. packets() gives (talk, packet); then told()."""

    def __init__(self, rng, world, count, loopback=0.1):
        self.rng, self.world, self.count = rng, world, count
        self.loopback, self.made, self.talks = loopback, 0, []

    def packets(self):
        rng = self.rng
        while self.count > 0:
            if rng.random() < 0.02:
                self.count, self.made = self.count - 1, self.made + 1
                yield None, stray(rng, self.world, self.made)
                continue
            while len(self.talks) < 6:
                self.made += 1
                self.talks.append(Talk(rng, self.world, self.made, self.loopback))
            talk = rng.choice(self.talks)
            packet = talk.next()
            if packet is None:
                self.talks.remove(talk)
                continue
            self.count -= 1
            yield talk, packet
