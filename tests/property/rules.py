# SPDX-License-Identifier: GPL-2.0-or-later
"""Random rule sets of the legacy tables, and their text as iptables-save writes it."""
import ipaddress
from functools import lru_cache

HOOKS_OF = {  # formats.md 4.2/5.1: which built-in chains a table has
    'raw': ('PREROUTING', 'OUTPUT'),
    'mangle': ('PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'),
    'nat': ('PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'),
    'filter': ('INPUT', 'FORWARD', 'OUTPUT'),
    'security': ('INPUT', 'FORWARD', 'OUTPUT'),
}
NO_IN, NO_OUT = ('OUTPUT', 'POSTROUTING'), ('PREROUTING', 'INPUT')
PORTS = (22, 53, 80, 443, 8080)
USER_NAMES = ('UC', 'in_lan', 'x:rule:9', 'IN=eth0', 'fw-a', 'DROPLOG', 'policy')


@lru_cache(maxsize=None)
def network(text):
    net = ipaddress.ip_network(text, strict=False)
    return int(net.network_address), int(net.netmask)


@lru_cache(maxsize=None)
def address(text):
    return int(ipaddress.ip_address(text))


class Cond:
    """One condition of a rule: kind is s d i o p sport dport comment mark ctstate."""

    def __init__(self, kind, value, negated=False):
        self.kind, self.value, self.negated = kind, value, negated

    def holds(self, packet, where):
        return (getattr(self, 'is_' + self.kind)(packet, where)) != self.negated

    def is_s(self, packet, _):
        net, mask = network(self.value)
        return address(packet.src) & mask == net

    def is_d(self, packet, _):
        net, mask = network(self.value)
        return address(packet.dst) & mask == net

    def device(self, name):
        if self.value.endswith('+'):
            return name.startswith(self.value[:-1])
        return name == self.value

    def is_i(self, _, where):
        return self.device(where.iif)

    def is_o(self, _, where):
        return self.device(where.oif)

    def is_p(self, packet, _):
        return packet.proto == self.value

    def is_sport(self, packet, _):
        return self.value[0] <= packet.sport <= self.value[1]

    def is_dport(self, packet, _):
        return self.value[0] <= packet.dport <= self.value[1]

    def is_comment(self, _packet, _where):
        return True

    def is_mark(self, packet, _):
        return packet.mark == self.value

    def is_ctstate(self, _, where):
        return where.ctstate in self.value

    def text(self):
        no = '! ' if self.negated else ''
        if self.kind in ('s', 'd', 'i', 'o', 'p'):
            return f'{no}-{self.kind} {self.value}'
        if self.kind in ('sport', 'dport'):
            low, high = self.value
            return f'{no}--{self.kind} {low}' + ('' if low == high else f':{high}')
        if self.kind == 'comment':
            return f'-m comment --comment "{self.value}"'
        if self.kind == 'mark':
            return f'-m mark {no}--mark {self.value:#x}'
        return f'-m conntrack {no}--ctstate {",".join(self.value)}'


class Rule:
    """Conditions and a target: a tuple of its word and what belongs to it, or (None,)."""

    def __init__(self, conds, target):
        self.conds, self.target = conds, target

    def matches(self, packet, where):
        return all(cond.holds(packet, where) for cond in self.conds)

    def unconditional(self):
        """What the kernel takes for the end of a chain in a TRACE line (formats.md 2.3)."""
        return not self.conds and self.target[0] in ('ACCEPT', 'DROP', 'RETURN')

    def text(self):
        words, ports = [], [c for c in self.conds if c.kind in ('sport', 'dport')]
        for cond in self.conds:
            if cond not in ports:
                words.append(cond.text())
            if cond.kind == 'p' and ports:
                words += [f'-m {cond.value}'] + [c.text() for c in ports]
        kind, *more = self.target
        if kind == 'MARK':
            words.append(f'-j MARK --set-xmark {more[0]:#x}/0xffffffff')
        elif kind == 'LOG':
            words.append(' '.join(['-j LOG'] + list(more[0])))
        elif kind in ('JUMP', 'GOTO'):
            words.append(('-j ' if kind == 'JUMP' else '-g ') + more[0])
        elif kind == 'REJECT':
            words.append(f'-j REJECT --reject-with {more[0]}')
        elif kind == 'DNAT':
            words.append(f'-j DNAT --to-destination {more[0]}' + (f':{more[1]}' if more[1] else ''))
        elif kind == 'SNAT':
            words.append(f'-j SNAT --to-source {more[0]}')
        elif kind:
            words.append(f'-j {kind}')
        return ' '.join(words)


class Chain:
    def __init__(self, policy=None):
        self.policy, self.rules, self.role = policy, [], None


class RuleSet:
    """tables[table][chain] is a Chain; base chains are those with a policy."""

    def __init__(self):
        self.tables = {}

    def needs_conntrack(self):
        return any(rule.target[0] in ('DNAT', 'SNAT', 'MASQUERADE')
                   or any(cond.kind == 'ctstate' for cond in rule.conds)
                   for chains in self.tables.values() for chain in chains.values()
                   for rule in chain.rules)

    def places(self):
        """(table, chain, index) of every rule."""
        return [(t, c, i) for t, chains in self.tables.items() for c, chain in chains.items()
                for i in range(len(chain.rules))]

    def text(self, counters=False):
        out = ['# Generated by iptables-save v1.8.9 on Sun Nov 22 15:24:28 2026']
        count = '[0:0] ' if counters else ''
        for table, chains in self.tables.items():
            out.append(f'*{table}')
            out += [f':{name} {chain.policy or "-"} [0:0]' for name, chain in chains.items()]
            out += [f'{count}-A {name} {rule.text()}'.rstrip()
                    for name, chain in chains.items() for rule in chain.rules]
            out.append('COMMIT')
        return '\n'.join(out) + '\n'


class Maker:
    """Makes random rule sets that fit a world (its devices and addresses)."""

    def __init__(self, rng, world, lossless_policies=True):
        self.rng, self.world, self.lossless_policies = rng, world, lossless_policies

    def cond_address(self, kind):
        rng, host = self.rng, self.world.some_address(self.rng)
        length = rng.choice((32, 32, 24, 16, 8))
        net = ipaddress.ip_network(f'{host}/{length}', strict=False)
        return Cond(kind, str(net), rng.random() < 0.25)

    def cond_device(self, kind):
        name = self.rng.choice(self.world.devices).name
        if self.rng.random() < 0.2:
            name = name[:-1] + '+'
        return Cond(kind, name, self.rng.random() < 0.25)

    def cond_proto(self):
        rng, proto = self.rng, self.rng.choice(('tcp', 'tcp', 'udp', 'icmp'))
        if rng.random() < 0.2:
            return [Cond('p', proto, True)]
        out = [Cond('p', proto)]
        if proto != 'icmp':
            for kind, chance in (('dport', 0.6), ('sport', 0.15)):
                if rng.random() < chance:
                    low = rng.choice(PORTS) if kind == 'dport' else rng.choice((1024, 40000))
                    high = low if kind == 'dport' and rng.random() < 0.7 else low + 20000
                    out.append(Cond(kind, (low, high), rng.random() < 0.2))
        return out

    def conds(self, table, base):
        rng, out = self.rng, []
        if rng.random() < 0.25:
            return out
        kinds = [k for k in ('s', 'd', 'i', 'o', 'p', 'comment', 'mark', 'ctstate')
                 if not (k == 'i' and base in NO_IN or k == 'o' and base in NO_OUT)]
        for kind in sorted(rng.sample(kinds, rng.choice((1, 1, 2))), key=kinds.index):
            if kind in ('s', 'd'):
                out.append(self.cond_address(kind))
            elif kind in ('i', 'o'):
                out.append(self.cond_device(kind))
            elif kind == 'p':
                out += self.cond_proto()
            elif kind == 'comment':
                out.append(Cond(kind, rng.choice(('why -j DROP', 'a b', '-A FORWARD', 'it is'))))
            elif kind == 'mark':
                out.append(Cond(kind, rng.choice((0, 5)), rng.random() < 0.3))
            elif self.world.ctstates:
                out.append(Cond(kind, rng.choice((('NEW',), ('RELATED', 'ESTABLISHED'),
                                                  ('INVALID',), ('NEW', 'ESTABLISHED'))),
                                rng.random() < 0.15))
        return out

    def log_options(self):
        rng, out = self.rng, []
        if rng.random() < 0.5:
            out.append('--log-prefix "' + rng.choice(('fw ', 'x', 'IN=eth9 ', 'DROP: ')) + '"')
        for option in ('--log-tcp-sequence', '--log-tcp-options', '--log-ip-options', '--log-uid'):
            if rng.random() < 0.3:
                out.append(option)
        return tuple(out)

    def nat_target(self, role, conds):
        rng, world = self.rng, self.world
        if role == 'PREROUTING':
            ports = any(c.kind == 'p' and not c.negated and c.value != 'icmp' for c in conds)
            return ('DNAT', world.some_address(rng), rng.choice(PORTS) if ports else None)
        if rng.random() < 0.5:
            return ('MASQUERADE',)
        return ('SNAT', world.some_address(rng))

    def target(self, table, role, callable_chains, conds):
        """A target that iptables takes in this table, reached from this base chain."""
        rng = self.rng
        kinds = {'ACCEPT': 3, 'DROP': 2, 'RETURN': 2, None: 1, 'LOG': 1, 'MARK': 1}
        if callable_chains:
            kinds.update({'JUMP': 5, 'GOTO': 3})
        if table == 'filter':
            kinds['REJECT'] = 1.5
        if table == 'nat':
            del kinds['DROP']
            if role in ('PREROUTING', 'POSTROUTING'):
                kinds['NAT'] = 6
        if table == 'raw' and self.world.light == 'raw':
            kinds['DROP'] = 0.5
        kind = rng.choices(list(kinds), list(kinds.values()))[0]
        if kind == 'LOG':
            return ('LOG', self.log_options())
        if kind == 'MARK':
            return ('MARK', rng.choice((0, 5, 0x11)))
        if kind in ('JUMP', 'GOTO'):
            return (kind, rng.choice(callable_chains))
        if kind == 'REJECT':
            tcp = any(c.kind == 'p' and c.value == 'tcp' and not c.negated for c in conds)
            return ('REJECT', 'tcp-reset' if tcp and rng.random() < 0.5
                    else 'icmp-port-unreachable')
        return self.nat_target(role, conds) if kind == 'NAT' else (kind,)

    def fill(self, table, chains, name, at_most):
        chain, rng = chains[name], self.rng
        base = name if chain.policy else None
        names = list(chains)
        later = [n for n in names[names.index(name) + 1:] if not chains[n].policy
                 and chains[n].role in (None, chain.role)]
        for _ in range(rng.randint(0, at_most)):
            conds = self.conds(table, base)
            target = self.target(table, chain.role, later, conds)
            if not conds and target[0] in ('ACCEPT', 'DROP', 'RETURN') and rng.random() < 0.5:
                conds = [Cond('comment', 'not the end')]
            chain.rules.append(Rule(conds, target))

    def policy(self, table):
        drop = {'filter': 0.3, 'security': 0.1, 'raw': 0.03, 'mangle': 0.04, 'nat': 0}[table]
        if self.lossless_policies and table in ('raw', 'mangle'):
            drop = 0
        return 'DROP' if self.rng.random() < drop else 'ACCEPT'

    def table(self, table):
        rng, chains = self.rng, {}
        for hook in HOOKS_OF[table]:
            chains[hook] = Chain(self.policy(table))
            chains[hook].role = hook if table == 'nat' else None
        for name in rng.sample(USER_NAMES, rng.randint(0, 3)):
            chains[name] = Chain()
            chains[name].role = rng.choice(HOOKS_OF['nat']) if table == 'nat' else None
        for name in chains:
            self.fill(table, chains, name, 4)
        return chains

    def trace_rules(self, chains):
        """Where the kernel begins to trace: rules in raw, the first of all or not."""
        rng = self.rng
        for hook in ('PREROUTING', 'OUTPUT'):
            conds = [] if rng.random() < 0.6 else self.conds('raw', hook)
            place = 0 if rng.random() < 0.7 else rng.randint(0, len(chains[hook].rules))
            if rng.random() < 0.9:
                chains[hook].rules.insert(place, Rule(conds, ('TRACE',)))

    def make(self):
        rules, rng = RuleSet(), self.rng
        names = [t for t in HOOKS_OF if rng.random() < 0.7]
        if self.world.light == 'raw' and 'raw' not in names:
            names.append('raw')
        rng.shuffle(names)
        for name in names:
            rules.tables[name] = self.table(name)
        if self.world.light == 'raw':
            self.trace_rules(rules.tables['raw'])
        return rules
