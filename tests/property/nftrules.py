# SPDX-License-Identifier: GPL-2.0-or-later
"""Random rule sets of nftables. Each rule counts what fits it, so the kernel tells its hits."""
from rules import PORTS

PRIORITY = {  # what hooks are used for, and what must hold of nat chains
    'prerouting': (-300, -150, -120, 0, 10), 'input': (-150, 0, 5, 50), 'forward': (-150, 0, 5, 50),
    'output': (-300, -150, 0, 20), 'postrouting': (-150, 0, 150),
}
NAT = {'prerouting': -100, 'input': 100, 'output': -100, 'postrouting': 100}
REJECTS = ('reject', 'reject with icmp type host-unreachable',
           'reject with icmpx type admin-prohibited')
MARKS = ('0x1', '0x2', '0x10', '0x31')
NO_IN, NO_OUT = ('output',), ('prerouting', 'input')


def quoted(names):
    return '{ ' + ', '.join(f'"{name}"' for name in names) + ' }'


class Maker:
    """make() gives one rule set as text, for the devices of a world."""

    def __init__(self, rng, world):
        self.rng, self.world = rng, world
        self.names = [d.name for d in world.devices]

    def network(self):
        rng = self.rng
        device = rng.choice(self.world.devices)
        return rng.choice((f'{device.base}.0/24', f'{device.base}.2', f'{device.base}.3',
                           f'{device.base}.1', f'{device.base}.2-{device.base}.3',
                           f'{device.base}.0/25', f'{device.base}.2/31', self.world.elsewhere))

    def some(self, make, most=3):
        """Different elements for a set, none of which overlaps another."""
        found = []
        for _ in range(self.rng.randrange(1, most + 1)):
            element = make()
            if element not in found:
                found.append(element)
        return '{ ' + ', '.join(found) + ' }'

    def host(self):
        return f'{self.rng.choice(self.world.devices).base}.{self.rng.choice((1, 2, 3))}'

    def port(self):
        return str(self.rng.choice(PORTS))

    def interface(self, word):
        rng, name = self.rng, self.rng.choice(self.names)
        return f'{word} ' + rng.choice((f'"{name}"', f'"{name[:3]}*"', f'!= "{name}"',
                                        quoted(rng.sample(self.names, 2)),
                                        f'!= {quoted(rng.sample(self.names, 2))}'))

    def address(self, word):
        return f'ip {word} ' + self.rng.choice(
            ('', '', '!= ')) + self.rng.choice((self.network, lambda: self.some(self.host)))()

    def ports(self):
        rng = self.rng
        field = rng.choice(('tcp dport', 'udp dport', 'th dport', 'tcp sport', 'udp sport',
                            'th sport'))
        return f'{field} ' + rng.choice(
            (self.port(), self.port(), f'!= {self.port()}', '1-1023', '20000-60000', '!= 80-443',
             self.some(self.port), f'!= {self.some(self.port)}', '> 1023', '<= 443'))

    def flags(self):
        return 'tcp flags ' + self.rng.choice(
            ('syn', '& (fin | syn | rst | ack) == syn', '& (syn | ack) == syn | ack', 'ack',
             '!= syn', '& rst == rst', '& (syn | rst) == 0x0', '{ syn, syn | ack }',
             'syn / syn,ack'))

    def state(self):
        return 'ct ' + self.rng.choice(
            ('state new', 'state established,related', 'state { established, new }', 'state != new',
             'state invalid', 'state untracked', 'direction reply', 'direction original',
             'status dnat', 'status snat', 'mark 0x1', 'mark != 0x0', 'status & seen-reply != 0',
             'state vmap { established : continue, new : continue }'))

    def field(self):
        return self.rng.choice(
            ('meta l4proto tcp', 'meta l4proto { tcp, udp }', 'ip protocol icmp',
             'ip protocol != tcp', 'meta l4proto != udp', 'icmp type echo-request',
             'icmp type { echo-reply, echo-request }', 'meta length > 60', 'meta length 20-60',
             'ip length < 100', 'ip ttl 64', 'ip ttl < 64', 'ip ttl { 63, 64, 128 }',
             'ip dscp cs0', 'meta pkttype host', 'meta mark 0x1', 'meta mark & 0xf0 == 0x10',
             'meta mark != 0x0', 'meta mark { 0x1, 0x2 }', 'ip id > 30', 'udp length > 30',
             'ip frag-off & 0x1fff == 0', 'fib daddr type local', 'fib daddr type != local',
             'ip protocol { tcp, icmp }', 'meta nfproto ipv4', 'ip version 4',
             'tcp window > 100', '@th,16,16 80', 'ip saddr & 0.0.0.1 == 1',
             f'tcp dport . ip daddr {{ 80 . {self.host()}, 443 . {self.host()} }}',
             f'ip saddr . ip daddr {{ {self.host()} . {self.host()} }}',
             f'ip saddr . tcp dport != {{ {self.host()} . 22 }}',
             f'ip daddr & 255.255.255.0 == {self.rng.choice(self.world.devices).base}.0'))

    def named(self):
        rng, names = self.rng, list(self.sets)
        if not names:
            return self.field()
        name = rng.choice(names)
        field = {'ipv4_addr': rng.choice(('ip saddr', 'ip daddr')),
                 'inet_service': rng.choice(('tcp dport', 'udp dport', 'th sport')),
                 'ifname': 'meta iifname' if self.hook not in NO_IN else 'meta oifname'}
        return f'{field[self.sets[name]]} {rng.choice(("", "", "!= "))}@{name}'

    def condition(self):
        hook, kinds = self.hook, [self.ports, self.ports, self.flags, self.state, self.field,
                                  self.field, self.named, lambda: self.address('saddr'),
                                  lambda: self.address('daddr')]
        if hook not in NO_IN:
            kinds.append(lambda: self.interface(self.rng.choice(('iifname', 'meta iifname'))))
            kinds.append(lambda: 'iif ' + f'"{self.rng.choice(self.names)}"')
        if hook not in NO_OUT:
            kinds.append(lambda: self.interface('oifname'))
        if hook not in NO_IN + ('postrouting',):
            kinds.append(lambda: 'ether saddr ' + self.rng.choice(self.world.devices).peer_mac)
        return self.rng.choice(kinds)()

    def verdict(self, chains):
        rng = self.rng
        choice = rng.random()
        if choice < 0.22:
            return 'accept'
        if choice < 0.30:
            return 'drop'
        if choice < 0.34 and self.hook in ('input', 'forward', 'output'):
            return rng.choice(REJECTS)
        if choice < 0.50 and chains:
            return f'{rng.choice(("jump", "jump", "goto"))} {rng.choice(chains)}'
        if choice < 0.56 and self.depth:
            return 'return'
        return ''

    def vmap(self, chains):
        rng = self.rng
        ports = rng.sample(PORTS, rng.randrange(1, 4))
        element = [f'{port} : {self.verdict(chains) or "continue"}' for port in ports]
        element = [e if ' reject' not in e and (self.depth or ': return' not in e)
                   else e.split(' : ')[0] + ' : continue' for e in element]
        return f'{rng.choice(("tcp", "udp", "th"))} dport vmap {{ {", ".join(element)} }}'

    def action(self):
        rng = self.rng
        ttl = 'ip ttl set 40' if self.hook == 'prerouting' else ''
        return rng.choice(('', '', '', f'meta mark set {rng.choice(MARKS)}', ttl,
                           'meta mark set meta mark | 0x10', f'ct mark set {rng.choice(MARKS)}',
                           'meta mark set ct mark'))

    def rule(self, chains):
        rng = self.rng
        words = [self.condition() for _ in range(rng.choice((0, 1, 1, 1, 2, 2, 3)))]
        if rng.random() < 0.1:
            return ' '.join(words[:1] + [self.vmap(chains)])
        verdict = self.verdict(chains) if words or rng.random() < 0.3 else ''
        words.append(self.action())  # it may fail, which ends the rule
        if rng.random() < 0.2:
            self.logs += 1
            words.append(f'log prefix "L{self.logs} "')
        words += ['counter', verdict]
        if rng.random() < 0.1:
            remark = rng.choice(('web', 'policy drop', 'no # handle 7', 'a;b'))
            words.append(f'comment "{remark}"')
        return ' '.join(word for word in words if word)

    def nat_rule(self):
        """One of a chain of NAT, for its hook."""
        rng, device = self.rng, self.rng.choice(self.world.devices)
        to = f'{device.base}.{rng.choice((2, 3))}'
        words = [self.condition() for _ in range(rng.choice((1, 1, 2)))]
        if self.hook in ('postrouting', 'input'):
            kinds = [f'snat ip to {device.address}'] + ['masquerade'] * (self.hook == 'postrouting')
        else:
            words.append(f'{rng.choice(("tcp", "udp"))} dport {self.port()}')
            kinds = [f'dnat ip to {to}', f'dnat ip to {to}:{self.port()}',
                     f'redirect to :{self.port()}']
        return ' '.join(words + ['counter', rng.choice(kinds)])

    def chain(self, head, chains, count, rule):
        lines = [rule(chains) if rule == self.rule else rule() for _ in range(count)]
        return head + [f'\t\t{line}' for line in lines] + ['\t}']

    def regular(self, name, chains):
        """Reached from anywhere: only conditions that every hook has."""
        self.hook, self.depth = 'output', 1
        hook_less = self.chain([f'\tchain {name} {{'], chains, self.rng.randrange(0, 4), self.rule)
        return [line for line in hook_less if 'oif' not in line and 'reject' not in line]

    def table(self, number):
        rng = self.rng
        family, name = rng.choice(('ip', 'ip', 'inet')), rng.choice(('fw', 'filter', 'x-1', 't'))
        self.sets = {}
        out = [f'table {family} {name}{number} {{']
        def device():
            return f'"{rng.choice(self.names)}"'

        def net():
            return f'{rng.choice(self.world.devices).base}.0/30'

        for kind, make, more in (('ipv4_addr', self.host, ''), ('inet_service', self.port, ''),
                                 ('ifname', device, ''), ('ipv4_addr', net, ' flags interval;')):
            if rng.random() < 0.5:
                known = f's{len(self.sets)}'
                out.append(f'\tset {known} {{ type {kind};{more} elements = {self.some(make)} }}')
                self.sets[known] = kind
        chains = []
        for n in range(rng.randrange(0, 4)):
            out += self.regular(f'uc{n}', list(chains))
            chains.append(f'uc{n}')
        self.depth = 0
        for hook in rng.sample(list(PRIORITY), rng.randrange(1, 4)):
            self.hook = hook
            priority = rng.choice([p for p in PRIORITY[hook] if (hook, p) not in self.taken])
            self.taken.add((hook, priority))
            policy = 'drop' if rng.random() < 0.12 else 'accept'
            out += self.chain([f'\tchain {hook[:3]}{abs(priority)} {{', '\t\ttype filter hook '
                               f'{hook} priority {priority}; policy {policy};'], chains,
                              rng.randrange(1, 6), self.rule)
        for hook in NAT if rng.random() < 0.5 else ():
            if rng.random() < 0.5 and (hook, NAT[hook]) not in self.taken:
                self.hook = hook
                self.taken.add((hook, NAT[hook]))
                out += self.chain([f'\tchain n{hook} {{', f'\t\ttype nat hook {hook} priority '
                                   f'{NAT[hook]}; policy accept;'], [], rng.randrange(1, 3),
                                  self.nat_rule)
        return out + ['}']

    def netdev(self):
        """What packets meet on leaving a device, behind all else."""
        device, self.sets, self.hook, self.depth = self.rng.choice(self.names), {}, 'output', 0
        head = ['table netdev dev {', '\tchain out {', '\t\ttype filter hook egress device '
                f'"{device}" priority 0; policy accept;']
        rules = [f'\t\t{self.rng.choice((self.ports, self.flags))()} counter '
                 f'{self.rng.choice(("", "accept", "drop"))}' for _ in range(2)]
        return head + rules + ['\t}', '}']

    def make(self):
        self.logs, self.taken, lines = 0, set(), []
        for number in range(self.rng.choice((1, 1, 2, 3))):
            lines += self.table(number)
        if self.rng.random() < 0.15:
            lines += self.netdev()
        return '\n'.join(lines) + '\n'
