# SPDX-License-Identifier: GPL-2.0-or-later
"""What nfhop may say of a packet, and what it said: each check yields Complaints."""
from traffic import THROUGH

STOPPED = ('dropped', 'rejected')
VERDICTS = {'ACCEPT': 'accept', 'DROP': 'drop', 'RETURN': 'return', 'JUMP': 'jump',
            'GOTO': 'goto', 'REJECT': 'reject', 'DNAT': 'accept', 'SNAT': 'accept',
            'MASQUERADE': 'accept', 'LOG': 'continue', 'MARK': 'continue', None: 'continue',
            'TRACE': 'continue'}


class Complaint:
    """key: what disagreements of one kind have in common; known: decided to be so."""

    def __init__(self, key, text, owner, known=False):
        self.key, self.text, self.owner, self.known = key, text, owner, known


def traced(lines):
    return [line for line in lines if line.kind != 'log']


def place(line):
    """Where a stop was, as stopped_at has it."""
    return line.table, line.chain, line.number


def allowed(case, packet):
    """The outcomes that a log with its rule set leaves open: more than one where semantics 4
    gives no answer, or where it cannot tell (each such case in the text of property.py)."""
    truth, last = packet.fate.outcome, traced(packet.lines)[-1]
    tables = case.rules.tables
    three = {'mangle', 'filter', 'security'} & set(tables)
    if truth in STOPPED or last.hook in ('POSTROUTING', 'INPUT', 'FORWARD'):
        if last.hook == 'POSTROUTING' and packet.loopback and truth not in STOPPED:
            return {'delivered', 'sent', 'unknown'}
        return {truth}
    if last.hook == 'OUTPUT':
        if packet.loopback:
            return {'delivered', 'sent', 'unknown'}
        return {truth} if 'mangle' in tables else {truth, 'unknown'}
    if three:
        return {truth}
    if any(line.table == 'nat' and line.hook == 'PREROUTING' for line in packet.lines):
        return {truth, 'unknown'}
    return {'unknown'}


def describe(packet):
    last = traced(packet.lines)[-1] if traced(packet.lines) else packet.lines[-1]
    kind = 'unconditional rule as ' + last.type if last.kind == 'rule' and last.type != 'rule' \
        else last.kind
    return (f'{packet.fate.outcome}{" over lo" if packet.loopback else ""}, '
            f'last {last.table}/{last.hook} {kind}')


def check_hops(packet, said, owner):
    """Numbers, depths, kinds, verdicts: with the rule set."""
    for hop, line in zip(said['hops'], packet.lines):
        if line.kind == 'log':
            if hop['kind'] != 'log':
                yield Complaint('a LOG line is no log hop', str(hop), owner)
            elif hop['rule'] is not None and \
                    (hop['table'], hop['chain'], hop['rule']) != place(line):
                yield Complaint('wrong rule for a LOG line', f'{hop} for {place(line)}', owner)
            continue
        want = {'table': line.table, 'chain': line.chain, 'rule': line.number,
                'kind': line.kind, 'depth': line.depth, 'hook': line.hook.lower(),
                'verdict': 'return' if line.kind == 'return' else VERDICTS[line.target]}
        for name, value in want.items():
            if hop[name] != value:
                yield Complaint(f'hop {name}: {hop[name]} for {value} at {line.kind} '
                                f'{line.target} of {line.table}/{line.hook}',
                                f'hop {hop["n"]}', owner)


def check_stop(packet, said, prefix, owner, exact):
    """stopped_at and lost_after, when nfhop says what the truth is."""
    stop, line = said['stopped_at'], packet.fate.line
    if said['outcome'] in STOPPED and packet.fate.outcome in STOPPED:
        if not stop:
            yield Complaint(f'{prefix}: stopped, but no stopped_at', '', owner)
        elif (stop['table'], stop['chain'], stop['rule']) != place(line) or \
                exact and stop['kind'] != line.kind:
            yield Complaint(f'{prefix}: wrong stopped_at ({describe(packet)})', str(stop), owner)
        elif said['hops'][stop['hop'] - 1]['rule'] != line.number:
            yield Complaint(f'{prefix}: wrong stopped_at.hop', str(stop), owner)
    elif stop and packet.fate.outcome not in STOPPED:
        yield Complaint(f'{prefix}: stopped_at for {packet.fate.outcome}', str(stop), owner)
    if said['outcome'] == 'lost' and said['lost_after'] != 'prerouting' and \
            packet.fate.outcome == 'lost':
        yield Complaint(f'{prefix}: wrong lost_after', str(said['lost_after']), owner)


def group(case, answer):
    """nfhop's packets as (packet said, [(owner, index) of each hop])."""
    at = {entry.stamp: (entry.owner, entry.index) for entry in case.entries
          if not isinstance(entry, int) and entry.kernel}
    return [(said, [at.get(round((hop['uptime'] or 0) * 1000000)) for hop in said['hops']])
            for said in answer if said['type'] == 'packet']


def check_groups(case, groups, prefix):
    """Whether each packet is one packet, and whole. Yields complaints; the rest in `case.whole`."""
    case.whole, pieces = [], {}
    for said, lines in groups:
        if any(place is None or place[0] is None for place in lines):
            yield Complaint(f'{prefix}: a hop that is no line of the log', str(said['path']), None)
            continue
        owners = sorted({owner for owner, _ in lines})
        for owner in owners:
            pieces.setdefault(owner, []).append((said, lines, owners))
    for owner, packet in enumerate(case.packets):
        if not packet.lines:
            continue
        found, lo = pieces.get(owner, []), ' (over lo)' if packet.loopback else ''
        if not traced(packet.lines):
            continue  # LOG lines alone
        if len(found) == 1 and found[0][1] == [(owner, n) for n in range(len(packet.lines))]:
            case.whole.append((owner, packet, found[0][0]))
        elif not found:
            yield Complaint(f'{prefix}: grouping: lines of a packet are gone', '', owner)
        elif len(found[0][2]) > 1 or any(len(f[2]) > 1 for f in found):
            logs = any(not traced(case.packets[o].lines) for f in found for o in f[2])
            yield Complaint(f'{prefix}: grouping: packets glued together{lo}'
                            + (' (one of them LOG lines only)' if logs else ''),
                            str([f[2] for f in found]), owner)
        elif len(found) > 1:
            log = ' (LOG lines apart)' if any(all(packet.lines[i].kind == 'log' for _, i in f[1])
                                              for f in found) else ''
            yield Complaint(f'{prefix}: grouping: a packet in pieces{log}{lo}',
                            str([f[0]['path'] for f in found]), owner)
        else:
            yield Complaint(f'{prefix}: grouping: hops in another order', str(found[0][1]), owner)


def with_rules(case, answer):
    """Property a."""
    yield from check_groups(case, group(case, answer), 'a')
    for owner, packet, said in case.whole:
        path = ' '.join(line.token() for line in packet.lines)
        if said['path'] != path:
            yield Complaint('a: path', f'{said["path"]}\nshould be {path}', owner)
        yield from check_hops(packet, said, owner)
        if said['outcome'] not in allowed(case, packet):
            key = f'a: {said["outcome"]} for {describe(packet)}'
            if said['outcome'] == 'unknown' and 'lost' in said['reason']:
                key = 'a: unknown for a gap where nothing was lost'
            yield Complaint(key, said['reason'], owner)
        yield from check_stop(packet, said, 'a', owner, True)


def known_without(packet):
    """The one thing taken for granted without rules: that a policy of mangle accepts."""
    line = packet.fate.line
    return bool(line and line.table == 'mangle' and line.hook in ('POSTROUTING', 'INPUT')
                and line.type == 'policy')


def without_rules(case, answer):
    """Property b."""
    yield from check_groups(case, group(case, answer), 'b')
    for owner, packet, said in case.whole:
        right = {packet.fate.outcome, 'unknown'}
        if packet.loopback:
            right |= allowed(case, packet)
        if packet.fate.outcome == 'rejected':
            right.add('dropped')  # "dropped, and the sender was told": that was not traced
        if said['outcome'] not in right:
            yield Complaint(f'b: {said["outcome"]} for {describe(packet)}', said['reason'], owner,
                            known_without(packet))
        yield from check_stop(packet, said, 'b', owner, False)


def lossy(case, answer):
    """Property c: what is said of a piece must be true of its packet, or unknown."""
    prefix = f'c: {"with" if case.given else "without"} rules'
    for said, lines in group(case, answer):
        owners = {place[0] for place in lines if place}
        if len(owners) != 1 or None in owners:
            case.mixed += 1
            continue
        owner = owners.pop()
        packet = case.packets[owner]
        truth, says = packet.fate.outcome, said['outcome']
        if says in ('unknown', truth):
            yield from check_stop(packet, said, prefix, owner, case.given)
            continue
        if truth == 'rejected' and says == 'dropped' and not case.given:
            continue
        went_on = truth in THROUGH and says in STOPPED + ('lost',)
        sure = said['certainty'] in ('stated', 'ruleset')
        if not went_on and packet.loopback:
            continue
        yield Complaint(
            f'{prefix}: {says} ({said["certainty"]}) for {describe(packet)}', said['reason'], owner,
            not went_on and not sure and (known_without(packet) or not traced(packet.lines)))
