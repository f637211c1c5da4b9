# SPDX-License-Identifier: GPL-2.0-or-later
"""From the lines of packets to a log file: several CPUs, stamps, framings, foreign lines, loss."""

FOREIGN_KERNEL = (
    'usb 1-1: new high-speed USB device number 4 using xhci_hcd', 'eth0: Link is Up - 1000Mbps',
    'IPv4: martian source 10.9.2.2 from 10.55.0.1, on dev r0', 'TCP: out of memory',
    'audit: type=1400 audit(1.2:3): apparmor="DENIED" operation="open" name="/etc/IN=x"',
    'TRACE of nothing', 'device r0 entered promiscuous mode')
FOREIGN_USER = (
    'sshd[812]: Accepted publickey for root from 10.9.1.2 port 50022 ssh2',
    'CRON[99]: (root) CMD (run-parts)', 'named[7]: client 10.9.1.2#53: query: a.example IN A')
STEPS = (1, 2, 7, 11, 12, 19)


class Entry:
    """A line of the file: of packet number `owner`, its line number `index`; None if foreign."""
    __slots__ = ('owner', 'index', 'stamp', 'text', 'kernel')

    def __init__(self, owner, index, stamp, text, kernel=True):
        self.owner, self.index, self.stamp, self.text = owner, index, stamp, text
        self.kernel = kernel


class Clock:
    """Kernel stamps: each used once; the stamps of a CPU may be some microseconds off."""

    def __init__(self, rng, skewed):
        self.rng, self.now, self.used = rng, rng.randrange(10 ** 6, 10 ** 10), set()
        self.skew = [rng.randrange(-4, 5) if skewed else 0 for _ in range(4)]

    def tick(self, cpu):
        self.now += self.rng.choice(STEPS)
        stamp = self.now + self.skew[cpu]
        while stamp in self.used:
            stamp += 1
            self.now += 1
        self.used.add(stamp)
        return stamp


def interleave(rng, packets, cpus, foreign, skewed):
    """packets: list of objects with lines, talk and again (a repetition, so later in time).
    Return: entries in the order of the log. Packets of one connection do not overlap."""
    clock, out = Clock(rng, skewed), []
    busy = [None] * cpus  # each [number, lines, next]
    queue = list(range(len(packets)))
    queue.reverse()
    while queue or any(busy):
        if queue and None in busy and (not any(busy) or rng.random() < 0.5):
            new = packets[queue[-1]]
            if not any(b and packets[b[0]].talk is new.talk for b in busy) and \
                    not (new.again and any(busy)):
                number = queue.pop()
                clock.now += 1000000 if new.again else \
                    rng.choice((3, 40) if any(busy) else (3, 40, 900, 30000))
                if new.lines:
                    busy[busy.index(None)] = [number, new.lines, 0]
                continue
        cpu = rng.choice([n for n in range(cpus) if busy[n]] or [0])
        if not busy[cpu]:
            continue
        number, lines, at = busy[cpu]
        if foreign and rng.random() < 0.03:
            out.append(Entry(None, None, clock.tick(cpu), rng.choice(FOREIGN_KERNEL)))
        if foreign and rng.random() < 0.02:
            out.append(Entry(None, None, clock.now, rng.choice(FOREIGN_USER), False))
        out.append(Entry(number, at, clock.tick(cpu), lines[at].text))
        busy[cpu][2] += 1
        if busy[cpu][2] == len(lines):
            busy[cpu] = None
    return out


def frame(entries, framing):
    """The text of the file. A number among the entries: so many lines are lost here, which a
    marker of journald shows, or a hole in the numbers of kmsg records."""
    out, number = [], 675700
    for entry in entries:
        if isinstance(entry, int):  # so many lost
            number += entry
            if framing == 'rsyslog':
                out.append(f'Nov 22 15:10:35 vm systemd-journald[321]: Missed {entry} kernel '
                           'messages')
            continue
        stamp = f'[{entry.stamp // 1000000:5d}.{entry.stamp % 1000000:06d}] '
        if framing == 'kmsg':
            if entry.kernel:
                out.append(f'4,{number},{entry.stamp},-;{entry.text}')
                number += 1
        elif framing == 'rsyslog':
            tag = 'kernel: ' + stamp if entry.kernel else ''
            out.append(f'Nov 22 15:10:35 vm {tag}{entry.text}')
        elif entry.kernel:
            out.append(stamp + entry.text)
    return '\n'.join(out) + '\n' if out else ''


def choose_lost(rng, entries, bursts):
    """Runs of lines to lose. Return: list of (owner, index)."""
    lost = []
    for at in rng.sample(range(len(entries)), min(bursts, len(entries))):
        size = rng.choice((1, 1, 2, 3, 5, 12))
        lost += [(e.owner, e.index) for e in entries[at:at + size] if e.owner is not None]
    return lost


def lose(entries, lost):
    """Takes these lines away; instead of each run of them stands their number."""
    lost, out = set(lost), []
    for entry in entries:
        if (entry.owner, entry.index) not in lost:
            out.append(entry)
        elif out and isinstance(out[-1], int):
            out[-1] += 1
        else:
            out.append(1)
    return out
