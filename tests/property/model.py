# SPDX-License-Identifier: GPL-2.0-or-later
"""A small model of what the kernel does with a packet, and of the lines that it prints.

Theory of operation: a Packet walks through the hooks; each table that exists is evaluated as
ipt_do_table() does it, with a stack of jumps; what is lit (traced) leaves a Line for each entry
that matches. Independent of nfhop: from formats.md, checked against a kernel by
against_kernel.py.
"""
from rules import HOOKS_OF, network, address

ORDER = {  # formats.md 2.6
    'PREROUTING': ('raw', 'mangle', 'nat'),
    'INPUT': ('mangle', 'filter', 'security', 'nat'),
    'FORWARD': ('mangle', 'filter', 'security'),
    'OUTPUT': ('raw', 'mangle', 'nat', 'filter', 'security'),
    'POSTROUTING': ('mangle', 'nat'),
}
FLAG_ORDER = ('CWR', 'ECE', 'URG', 'ACK', 'PSH', 'RST', 'SYN', 'FIN')
TRACE_FLAGS = ('seq', 'opt', 'uid')
LO_MAC = ':'.join(['00'] * 12 + ['08', '00'])


class Device:
    """A device of the gateway: the addresses of its net are base.1 (ours), base.2 .. ."""

    def __init__(self, name, base, mac, peer_mac, ethernet=True):
        self.name, self.base, self.mac, self.peer_mac = name, base, mac, peer_mac
        self.ethernet = ethernet
        self.address = f'{base}.1'

    def link_header(self):
        return f'{self.mac}:{self.peer_mac}:08:00' if self.ethernet else ''


class World:
    """What does not change during a run.

    light: 'nft' (everything is traced from the start) or 'raw' (by TRACE rules).
    kernel: 'new' (>= 5.5, IN= at POSTROUTING), 'old', 'ancient' (no MAC= with an OUT device).
    conntrack: whether something else than the rule set makes connections tracked.
    """

    def __init__(self, devices, light='nft', kernel='new', forward=True, conntrack=False,
                 ctstates=True, elsewhere='198.51.100.7'):
        self.devices, self.light, self.kernel, self.forward = devices, light, kernel, forward
        self.conntrack, self.ctstates, self.elsewhere = conntrack, ctstates, elsewhere
        self.own = {d.address for d in devices}

    def some_address(self, rng):
        return f'{rng.choice(self.devices).base}.{rng.choice((1, 2, 2, 3))}'

    def route(self, dst):
        """The device to an address, 'lo' for our own, None for none."""
        if dst in self.own:
            return 'lo'
        for device in self.devices:
            net, mask = network(device.base + '.0/24')
            if address(dst) & mask == net:
                return device.name
        return None


class Packet:
    """A packet; sport and dport are the id of an ICMP echo (type 8) or its answer (type 0)."""
    count = 0

    def __init__(self, proto, src, sport, dst, dport, **more):
        Packet.count += 1
        self.no = Packet.count
        self.proto, self.src, self.sport, self.dst, self.dport = proto, src, sport, dst, dport
        self.device = None  # by which it comes in; None: made here
        self.ttl, self.ip_id, self.df, self.mark = 64, 0, True, 0
        self.flags, self.seq, self.ack, self.options, self.window = (), 0, 0, '', 64240
        self.icmp_type, self.icmp_seq, self.payload = 8, 1, 0
        self.__dict__.update(more)

    def copy(self):
        fresh = Packet.__new__(Packet)
        fresh.__dict__.update(self.__dict__)
        Packet.count += 1
        fresh.no = Packet.count
        return fresh

    def tuple(self):
        """What conntrack knows it by: an echo and its answer differ in their type."""
        return (self.proto, self.icmp_type if self.proto == 'icmp' else 8), self.src, self.sport, \
            self.dst, self.dport

    def length(self):
        if self.proto == 'tcp':
            return 40 + len(self.options) // 2 + self.payload
        return 28 + self.payload

    def body(self, flags):
        """The text from SRC= on, without what stands after it (formats.md 1.5)."""
        out = [f'SRC={self.src} DST={self.dst} LEN={self.length()} TOS=0x00 PREC=0x00 '
               f'TTL={self.ttl} ID={self.ip_id} ']
        if self.df:
            out.append('DF ')
        if self.proto == 'tcp':
            out.append(f'PROTO=TCP SPT={self.sport} DPT={self.dport} ')
            if 'seq' in flags:
                out.append(f'SEQ={self.seq} ACK={self.ack} ')
            out.append(f'WINDOW={self.window} RES=0x00 ')
            out += [f'{flag} ' for flag in FLAG_ORDER if flag in self.flags]
            out.append('URGP=0 ')
            if 'opt' in flags and self.options:
                out.append(f'OPT ({self.options}) ')
        elif self.proto == 'udp':
            out.append(f'PROTO=UDP SPT={self.sport} DPT={self.dport} LEN={8 + self.payload} ')
        else:
            out.append(f'PROTO=ICMP TYPE={self.icmp_type} CODE=0 ID={self.sport} '
                       f'SEQ={self.icmp_seq} ')
        return ''.join(out)


class Line:
    """A line of the log, and what the model knows about it.

    kind/rule: what matched (rule number, or 'policy'/'return' with rules+1), type/number as
    printed; chain, depth; LOG lines have kind 'log'.
    """
    __slots__ = ('text', 'kind', 'table', 'chain', 'type', 'number', 'depth', 'hook', 'target')

    def __init__(self, text, kind, table, chain, type_, number, depth, hook, target):
        self.text, self.kind, self.table, self.chain = text, kind, table, chain
        self.type, self.number, self.depth, self.hook = type_, number, depth, hook
        self.target = target

    def token(self):
        if self.kind == 'log':
            return 'log'
        return f'{self.table}:{self.chain}:{self.type}:{self.number}'


class Fate:
    """What became of a packet; line: the one that stopped it (None when it was not lit)."""

    def __init__(self, outcome, line=None, hook=None):
        self.outcome, self.line, self.hook = outcome, line, hook

    def __repr__(self):
        if self.line:
            what = 'policy' if self.line.kind == 'policy' else f'rule {self.line.number}'
            return f'{self.outcome} at {self.line.table} {self.line.chain} {what}'
        return self.outcome + (f' after {self.hook}' if self.hook else '')


class Connection:
    """A conntrack entry. snat/dnat: (address, port) or None, once decided."""

    def __init__(self, packet):
        self.orig = packet.tuple()
        self.snat = self.dnat = None
        self.done = set()  # which of 'src', 'dst' are decided
        self.seen_reply = False

    def reply(self):
        proto, src, sport, dst, dport = self.orig
        if self.snat:
            src, sport = self.snat
        if self.dnat:
            dst, dport = self.dnat
        return (proto[0], 0 if proto[0] == 'icmp' else 8), dst, dport, src, sport


class Where:
    """A packet's place: what -i, -o and ctstate see, and what IN= and OUT= print."""

    def __init__(self, hook, iif, oif, ctstate):
        self.hook, self.iif, self.oif, self.ctstate = hook, iif, oif, ctstate


class Kernel:
    def __init__(self, world, rules):
        self.world, self.rules = world, rules
        self.tracked = world.conntrack or rules.needs_conntrack()
        self.table_of = {}  # conntrack: tuple -> (Connection, direction)
        self.lines, self.lit, self.ct, self.reply, self.packet = [], False, None, False, None

    # ---- printing

    def link(self, where):
        if not where.iif or (self.world.kernel == 'ancient' and where.oif):
            return ''
        if where.iif == 'lo':
            return f'MAC={LO_MAC} '
        return f'MAC={self.packet.device.link_header()} '

    def print(self, prefix, where, flags, **known):
        packet = self.packet
        tail = ''
        if 'uid' in flags and packet.device is None and where.hook in ('OUTPUT', 'POSTROUTING') \
                and where.iif != 'lo':
            tail = 'UID=0 GID=0 '
        if packet.mark:
            tail += f'MARK={packet.mark:#x} '
        text = (f'{prefix}IN={where.iif} OUT={where.oif} {self.link(where)}'
                f'{packet.body(flags)}{tail}')
        self.lines.append(Line(text, hook=where.hook, **known))
        return self.lines[-1]

    def trace(self, where, table, name, number, kind, depth, target):
        """The line of one matched entry; its type is not always what it was (2.3)."""
        if not self.lit:
            return None
        chain = self.rules.tables[table][name]
        printed = 'rule'
        if kind != 'rule' or chain.rules[number - 1].unconditional():
            printed = 'policy' if chain.policy else 'return'
        return self.print(f'TRACE: {table}:{name}:{printed}:{number} ', where, TRACE_FLAGS,
                          kind=kind, table=table, chain=name, type_=printed, number=number,
                          depth=depth, target=target)

    def log(self, where, options, **place):
        prefix, flags = '', []
        for option in options:
            if option.startswith('--log-prefix'):
                prefix = option.split('"')[1]
            elif option == '--log-tcp-sequence':
                flags.append('seq')
            elif option == '--log-tcp-options':
                flags.append('opt')
            elif option == '--log-uid':
                flags.append('uid')
        self.print(prefix, where, flags, kind='log', type_=None, target=None, **place)

    # ---- one table at one hook

    def nat_target(self, where, target):
        packet, ct = self.packet, self.ct
        if target[0] == 'DNAT':
            ct.dnat = (target[1], target[2] if target[2] else packet.dport)
        elif target[0] == 'SNAT':
            ct.snat = (target[1], packet.sport)
        else:
            ct.snat = (self.masquerade_address(where.oif), packet.sport)

    def masquerade_address(self, oif):
        for device in self.world.devices:
            if device.name == oif:
                return device.address
        return self.world.devices[0].address  # lo has none that is seen from elsewhere

    def target(self, where, rule, **place):
        """What a target that is not a standard one does. Return: verdict or None: go on."""
        kind = rule.target[0]
        if kind == 'MARK':
            self.packet.mark = rule.target[1]
        elif kind == 'LOG':
            self.log(where, rule.target[1], **place)
        elif kind == 'TRACE':
            self.lit = True
        elif kind == 'REJECT':
            return 'REJECT'
        elif kind in ('DNAT', 'SNAT', 'MASQUERADE'):
            self.nat_target(where, rule.target)
            return 'ACCEPT'
        return None

    def evaluate(self, table, where):
        """Return: (ACCEPT, DROP or REJECT; the line that said so)."""
        chains = self.rules.tables[table]
        base = where.hook
        name, index, depth = base, 0, 0
        stack = []  # (chain, index after the jump, depth) of each -j
        while True:
            chain = chains[name]
            if index >= len(chain.rules):
                kind = 'policy' if chain.policy else 'return'
                line = self.trace(where, table, name, index + 1, kind, depth, chain.policy)
                if chain.policy:
                    return chain.policy, line
                name, index, depth = stack.pop() if stack else (base, len(chains[base].rules), 0)
                continue
            rule = chain.rules[index]
            index += 1
            if not rule.matches(self.packet, where):
                continue
            kind = rule.target[0]
            line = self.trace(where, table, name, index, 'rule', depth, kind)
            if kind in ('ACCEPT', 'DROP'):
                return kind, line
            if kind == 'RETURN':
                name, index, depth = stack.pop() if stack else (base, len(chains[base].rules), 0)
            elif kind in ('JUMP', 'GOTO'):
                if kind == 'JUMP':
                    stack.append((name, index, depth))
                name, index, depth = rule.target[1], 0, depth + 1
            else:
                verdict = self.target(where, rule, table=table, chain=name, number=index,
                                      depth=depth)
                if verdict:
                    return verdict, line

    # ---- connections

    def track(self):
        """What conntrack does before mangle."""
        if not self.tracked or self.ct:
            return
        found = self.table_of.get(self.packet.tuple())
        if found:
            self.ct, self.reply = found
            if self.reply and 'RST' in self.packet.flags and not self.ct.seen_reply:
                del self.table_of[self.ct.orig], self.table_of[self.ct.reply()]
            self.ct.seen_reply |= self.reply
        elif self.may_begin():
            self.ct, self.reply = Connection(self.packet), False

    def may_begin(self):
        packet = self.packet
        if packet.proto == 'tcp':
            return not {'SYN', 'ACK'} <= set(packet.flags) and 'RST' not in packet.flags
        return packet.proto == 'udp' or packet.icmp_type == 8

    def ctstate(self):
        if not self.ct:
            return 'INVALID'
        return 'ESTABLISHED' if self.ct.seen_reply or self.reply else 'NEW'

    def nat(self, where):
        """The nat table and the translation at one hook."""
        if not self.ct or 'nat' not in self.rules.tables:
            return 'ACCEPT', None
        manip = 'dst' if where.hook in ('PREROUTING', 'OUTPUT') else 'src'
        verdict = 'ACCEPT', None
        if self.ctstate() == 'NEW' and manip not in self.ct.done:
            verdict = self.evaluate('nat', where)
            self.ct.done.add(manip)
        self.translate(manip)
        return verdict

    def translate(self, manip):
        packet, ct = self.packet, self.ct
        _, src, sport, dst, dport = ct.orig
        if not self.reply:
            if manip == 'dst' and ct.dnat:
                packet.dst, packet.dport = ct.dnat
            elif manip == 'src' and ct.snat:
                packet.src, packet.sport = ct.snat
        elif manip == 'dst' and ct.snat:
            packet.dst, packet.dport = src, sport
        elif manip == 'src' and ct.dnat:
            packet.src, packet.sport = dst, dport

    def confirm(self):
        if self.ct and not self.reply and self.ct.orig not in self.table_of:
            self.table_of[self.ct.orig] = (self.ct, False)
            self.table_of[self.ct.reply()] = (self.ct, True)

    # ---- the way of a packet

    def hook(self, hook, iif, oif):
        """All tables of a hook. Return: None, or the fate if it ends here."""
        for table in ORDER[hook]:
            if table == 'mangle':
                self.after_raw(hook)
            if table not in self.rules.tables:
                continue
            where = Where(hook, iif, oif, self.ctstate())
            verdict, line = self.nat(where) if table == 'nat' else self.evaluate(table, where)
            if verdict != 'ACCEPT':
                self.stop = (table, hook)
                return Fate('rejected' if verdict == 'REJECT' else 'dropped', line)
        return None

    def after_raw(self, hook):
        if hook in ('PREROUTING', 'OUTPUT'):
            self.track()

    def send(self, packet):
        """Walks a packet through. Return: (its lines, its fate); packet changes on the way."""
        self.packet, self.lines, self.ct, self.reply = packet, [], None, False
        self.lit, self.over_lo = self.world.light == 'nft', False
        fate = self.come_in(packet.device.name) if packet.device else self.go_out()
        return self.lines, fate

    def come_in(self, iif):
        fate = self.hook('PREROUTING', iif, '')
        if fate:
            return fate
        oif = self.world.route(self.packet.dst)
        if oif == 'lo':
            fate = self.hook('INPUT', iif, '')
            if not fate:
                self.confirm()
            return fate or Fate('delivered')
        if not oif or not self.world.forward or self.packet.ttl <= 1:
            return Fate('lost', hook='prerouting')
        self.packet.ttl -= 1
        fate = self.hook('FORWARD', iif, oif)
        return fate or self.leave(iif if self.world.kernel == 'new' else '', oif, 'forwarded')

    def go_out(self):
        oif = self.world.route(self.packet.dst)
        self.over_lo = oif == 'lo'
        fate = self.hook('OUTPUT', '', oif)
        if fate:
            return fate
        oif = self.world.route(self.packet.dst)  # nat may have turned it
        self.over_lo |= oif == 'lo'
        fate = self.leave('', oif, 'sent')
        if fate.outcome != 'sent' or oif != 'lo':
            return fate
        return self.come_in('lo')

    def leave(self, iif, oif, word):
        fate = self.hook('POSTROUTING', iif, oif)
        if not fate:
            self.confirm()
        return fate or Fate(word)
