#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""property.py NFHOP [--seed N] [--packets N] [--loss] [--keep DIR]: nfhop beside a model.

Random rule sets and packets; the model of the kernel (model.py, checked by against_kernel.py)
gives the log and the truth. With the rule set, nfhop must say exactly the truth; without it the
truth or `unknown`; with --loss never a stop that was none. Where even the rule set leaves it open:

- last hop in PREROUTING, neither mangle nor filter nor security exist: nothing later would show;
  if a nat line was there, a nat line of a later hook had to follow: `lost`, or `unknown`
- last hop in OUTPUT, no mangle table: `sent`, or `unknown` (semantics 4 has no rule for it)
- to our own address over lo, no table left to show INPUT: `sent`, `delivered` or `unknown`
- packets of which only LOG lines were printed: nothing is demanded but that no claim is wrong

A policy of mangle at INPUT and POSTROUTING is taken for ACCEPT without a rule set: such cases
are made now and then, counted, and do not fail.
"""
import argparse, collections, json, os, random, subprocess, sys, tempfile, time
import judge
from logtext import Entry, choose_lost, frame, interleave, lose
from model import Kernel
from rules import Maker, Rule
from traffic import Traffic, random_world

PER_CASE = 150


class Sent:
    """A packet of a case: as it was sent, its lines and its fate."""

    def __init__(self, before, talk, again):
        self.before, self.talk, self.again = before, talk, again
        self.lines, self.fate, self.loopback = [], None, False

    def walk(self, kernel):
        packet = self.before.copy()
        self.lines, self.fate = kernel.send(packet)
        self.loopback = kernel.over_lo
        return packet


class Case:
    """A rule set, its packets, and how they are written down."""

    def __init__(self, seed, count, loss):
        self.seed, self.loss = seed, loss
        rng = random.Random(seed)
        self.world = random_world(rng)
        self.rules = Maker(rng, self.world, rng.random() < 0.85).make()
        self.framing = rng.choice(('rsyslog', 'kmsg') if loss else ('rsyslog', 'kmsg', 'dmesg'))
        self.cpus, self.foreign = rng.choice((1, 2, 3, 4)), rng.random() < 0.7
        self.skewed, self.counters = rng.random() < 0.3, rng.random() < 0.5
        self.packets, self.write_seed, self.lost = [], rng.random(), None
        kernel = Kernel(self.world, self.rules)
        for talk, packet in Traffic(rng, self.world, count).packets():
            sent = Sent(packet, talk, bool(talk and talk.tries > 1))
            after = sent.walk(kernel)
            if talk:
                talk.sent(packet, after, sent.fate)
            self.packets.append(sent)
        self.write()

    def again(self):
        """After a change of rules or packets: all anew, but for the schedule's seed."""
        kernel = Kernel(self.world, self.rules)
        for sent in self.packets:
            sent.walk(kernel)
        self.write()

    def write(self):
        rng, self.mixed, self.whole = random.Random(self.write_seed), 0, []
        self.entries = interleave(rng, self.packets, self.cpus, self.foreign, self.skewed)
        if self.loss and self.lost is None:
            lost = choose_lost(rng, self.entries, max(2, len(self.entries) // 60))
            self.lost = [(self.packets[owner], index) for owner, index in lost]
        if self.loss:  # something before and behind: else a hole there could not be seen
            stamps = [e.stamp for e in self.entries if e.kernel] or [1000000]
            self.entries = [Entry(None, None, min(stamps) - 90, 'begin'), *self.entries,
                            Entry(None, None, max(stamps) + 900000, 'end')]
            number = {sent: n for n, sent in enumerate(self.packets)}
            self.entries = lose(self.entries, [(number.get(s), i) for s, i in self.lost])
        self.log = frame(self.entries, self.framing)

    def ask(self, nfhop, folder, given):
        self.given = given
        log, rules = os.path.join(folder, 'log'), os.path.join(folder, 'rules.save')
        with open(log, 'w') as f:
            f.write(self.log)
        with open(rules, 'w') as f:
            f.write(self.rules.text(self.counters))
        argv = [nfhop, 'report', '-F', 'ndjson', '--year', '2026', log]
        done = subprocess.run(argv + (['-r', rules] if given else []), capture_output=True,
                              stdin=subprocess.DEVNULL, text=True)
        if done.returncode:
            raise RuntimeError(f'{" ".join(argv)}: status {done.returncode}\n{done.stderr}')
        return [json.loads(line) for line in done.stdout.splitlines()]

    def complaints(self, nfhop, folder):
        if not self.log:
            return []
        out = []
        for given in (True, False):
            answer = self.ask(nfhop, folder, given)
            check = judge.lossy if self.loss else judge.with_rules if given else \
                judge.without_rules
            out += list(check(self, answer))
        return out


class Shrinker:
    """Takes packets and rules away as long as a complaint with this key remains."""

    def __init__(self, case, key, nfhop, folder, seconds):
        self.case, self.key, self.nfhop, self.folder = case, key, nfhop, folder
        self.until = time.monotonic() + seconds

    def fails(self):
        if time.monotonic() > self.until:
            return False
        self.case.again()
        return any(c.key == self.key for c in self.case.complaints(self.nfhop, self.folder))

    def attempt(self, obj, name, value):
        """Sets an attribute if it still fails so. Return: whether."""
        before = getattr(obj, name)
        if before == value:
            return False
        setattr(obj, name, value)
        if self.fails():
            return True
        setattr(obj, name, before)
        return False

    def pieces(self, obj, name):
        """Takes away parts of a list, halves first."""
        size = max(1, len(getattr(obj, name)) // 2)
        while True:
            at = 0
            while at < len(getattr(obj, name)):
                full = getattr(obj, name)
                if not self.attempt(obj, name, full[:at] + full[at + size:]):
                    at += size
            if size == 1:
                return
            size //= 2

    def chains(self):
        for table in list(self.case.rules.tables):
            rest = {t: c for t, c in self.case.rules.tables.items() if t != table}
            if not self.attempt(self.case.rules, 'tables', rest):
                for chain in self.case.rules.tables[table].values():
                    self.pieces(chain, 'rules')

    def unused(self):
        """Chains that no rule calls any more."""
        for chains in self.case.rules.tables.values():
            called = {r.target[1] for c in chains.values() for r in c.rules
                      if r.target[0] in ('JUMP', 'GOTO')}
            for name in [n for n, c in chains.items() if not c.policy and n not in called]:
                if not chains[name].rules:
                    del chains[name]

    def run(self):
        case = self.case
        for name, value in (('foreign', False), ('skewed', False), ('cpus', 1),
                            ('framing', 'kmsg' if case.loss else 'dmesg'), ('counters', False)):
            self.attempt(case, name, value)
        for _ in range(2):
            self.pieces(case, 'packets')
            if case.loss:
                case.lost = [(s, i) for s, i in case.lost if s in case.packets]
                self.pieces(case, 'lost')
            self.chains()
            self.unused()
        for _, chain, rule in self.every_rule():
            self.attempt(rule, 'conds', [])
        case.again()
        return case

    def every_rule(self):
        return [(t, c, rule) for t, chains in self.case.rules.tables.items()
                for c, chain in chains.items() for rule in chain.rules]


def show(case, key, nfhop, folder):
    """A failure in full. Return: its text."""
    out = [f'=== {key}', f'seed {case.seed}; light {case.world.light}, kernel {case.world.kernel}, '
           f'conntrack {Kernel(case.world, case.rules).tracked}, '
           f'ip_forward {case.world.forward}']
    mine = [c for c in case.complaints(nfhop, folder) if c.key == key]
    out += ['--- the log', case.log.rstrip('\n'), '--- the rule set',
            case.rules.text().rstrip('\n')]
    for complaint in mine[:3]:
        if complaint.owner is not None:
            sent = case.packets[complaint.owner]
            out.append(f'--- the truth: {sent.fate!r}: '
                       + ' '.join(line.token() for line in sent.lines))
        out.append(f'--- complaint: {complaint.text}')
    given = not key.startswith(('b', 'c: without'))
    out.append(f'--- nfhop {"with" if given else "without"} the rule set')
    for said in case.ask(nfhop, folder, given):
        if said['type'] == 'packet':
            out.append(json.dumps({k: said[k] for k in (
                'path', 'outcome', 'certainty', 'stopped_at', 'lost_after', 'reason')}))
            out.append('    ' + '; '.join(f'{h["chain"]}:{h["kind"]}:{h["rule"]} depth '
                                          f'{h["depth"]} {h["verdict"]}' for h in said['hops']))
    return '\n'.join(out)


class Tally:
    """Counts over all cases, and the first case of each kind of complaint."""

    def __init__(self):
        self.counts, self.first, self.known = collections.Counter(), {}, {}
        self.packets = self.lines = self.mixed = 0
        self.truth = collections.Counter()

    def add(self, case, complaints):
        self.packets += len(case.packets)
        self.lines += len(case.entries)
        self.mixed += case.mixed
        for sent in case.packets:
            self.truth[sent.fate.outcome] += 1
        for complaint in complaints:
            self.counts[complaint.key] += 1
            self.first.setdefault(complaint.key, case.seed)
            self.known[complaint.key] = complaint.known and self.known.get(complaint.key, True)

    def failures(self):
        return [key for key in self.counts if not self.known[key]]

    def report(self):
        print(f'{self.packets} packets, {self.lines} lines; in truth '
              + ', '.join(f'{n} {word}' for word, n in self.truth.most_common()))
        if self.mixed:
            print(f'{self.mixed} packets of nfhop hold lines of more than one (loss)')
        for key, count in self.counts.most_common():
            print(f'{"known" if self.known[key] else "WRONG"} {count:7d}  {key}  '
                  f'(first: --seed {self.first[key]})')


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('nfhop')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--packets', type=int, default=5000)
    parser.add_argument('--loss', action='store_true')
    parser.add_argument('--keep', metavar='DIR', help='write each shrunk failure there')
    parser.add_argument('--shrink', type=float, default=8, metavar='SECONDS',
                        help='for each kind of failure (0: do not)')
    parser.add_argument('--most', type=int, default=4, help='kinds of failure to show in full')
    args = parser.parse_args()
    nfhop, tally, seed = os.path.abspath(args.nfhop), Tally(), args.seed
    with tempfile.TemporaryDirectory() as folder:
        while tally.packets < args.packets:
            case = Case(seed, min(PER_CASE, args.packets - tally.packets), args.loss)
            tally.add(case, case.complaints(nfhop, folder))
            seed += 1
        for number, key in enumerate(tally.failures()[:args.most]):
            case = Case(tally.first[key], PER_CASE, args.loss)
            if args.shrink:
                case = Shrinker(case, key, nfhop, folder, args.shrink).run()
            text = show(case, key, nfhop, folder)
            print(text, flush=True)
            if args.keep:
                os.makedirs(args.keep, exist_ok=True)
                with open(os.path.join(args.keep, f'{number:02d}.txt'), 'w') as f:
                    f.write(text + '\n')
    tally.report()
    return 1 if tally.failures() else 0


if __name__ == '__main__':
    sys.exit(main())
