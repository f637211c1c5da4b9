#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""agreement.py NFHOP TESTDATA: the same packets, written in every dialect, are the same packets.

The kernel's own lines are put into every framing that syslog daemons, journalctl and dmesg make of
them; the captures that two tools made of the same packets are compared with each other. What a
dialect hides is listed with it (doc/dialects.md says the same for people): those keys are left out
on both sides, everything else must be equal.
"""
import itertools
import json
import os
import struct
import subprocess
import sys
import tempfile

HOST, BOOT = 'vm', 1795354267  # 2026-11-22
sequence = itertools.count(1000)


def kernel_lines(path):
    """(uptime in us, text) of a file of /dev/kmsg records"""
    with open(path, encoding='utf-8') as f:
        for line in f:
            head, text = line.rstrip('\n').split(';', 1)
            yield int(head.split(',')[2]), text


def stamp(us):
    return f'[{us // 1000000:5}.{us % 1000000:06}]'


def clock(us):
    s = BOOT + us // 1000000
    return f'{s % 86400 // 3600:02}:{s % 3600 // 60:02}:{s % 60:02}'


def micros(us):
    return f'{us % 1000000:06}'


def journal_entry(us, text):
    return {'__REALTIME_TIMESTAMP': str(BOOT * 1000000 + us), '_HOSTNAME': HOST,
            '_TRANSPORT': 'kernel', '_SOURCE_MONOTONIC_TIMESTAMP': str(us), 'PRIORITY': '4',
            'SYSLOG_IDENTIFIER': 'kernel', 'MESSAGE': text}


def export(us, text):
    fields = [f'{k}={v}' for k, v in journal_entry(us, text).items() if k != 'MESSAGE']
    raw = text.encode()
    return '\n'.join(fields).encode() + b'\nMESSAGE\n' + struct.pack('<Q', len(raw)) + raw + b'\n\n'


FRAMINGS = {  # name: (how a line is written, what it hides)
    'kmsg': (lambda us, t: f'4,{next(sequence)},{us},-;{t}\n', ['host', 'time']),
    'dmesg': (lambda us, t: f'{stamp(us)} {t}\n', ['host', 'time']),
    'dmesg -r': (lambda us, t: f'<4>{stamp(us)} {t}\n', ['host', 'time']),
    'dmesg -x': (lambda us, t: f'kern  :warn  : {stamp(us)} {t}\n', ['host', 'time']),
    'printk caller': (lambda us, t: f'{stamp(us)}[  T123] {t}\n', ['host', 'time']),
    'rsyslog, traditional': (
        lambda us, t: f'Nov 22 {clock(us)} {HOST} kernel: {stamp(us)} {t}\n', ['time']),
    'rsyslog, file format': (
        lambda us, t: f'2026-11-22T{clock(us)}.{micros(us)}+00:00 {HOST} kernel: {stamp(us)} {t}\n',
        []),
    'RFC 5424': (
        lambda us, t: f'<4>1 2026-11-22T{clock(us)}.{micros(us)}+00:00 {HOST} kernel - - - '
        f'{stamp(us)} {t}\n', []),
    'busybox': (lambda us, t: f'Nov 22 {clock(us)} {HOST} kern.warn kernel: {stamp(us)} {t}\n',
                ['time']),
    'journalctl short-iso-precise': (
        lambda us, t: f'2026-11-22T{clock(us)}.{micros(us)}+0000 {HOST} kernel: {t}\n', ['uptime']),
    'journalctl json': (lambda us, t: json.dumps(journal_entry(us, t)) + '\n', []),
    'journalctl json-pretty': (lambda us, t: json.dumps(journal_entry(us, t), indent='\t') + '\n',
                               []),
    'journalctl export': (export, []),
}

PAIRS = [  # two tools, the same packets, and what one of them hides
    ('klog/legacy-trace.kmsg', 'klog/legacy-trace.dmesg', []),
    ('nft/iptables-nft.monitor-trace.txt', 'nft/iptables-nft.xtables-monitor.txt',
     # nft prints no handles, xtables-monitor neither protocol nor marks but at policies
     ['path', 'proto', 'handle', 'rule', 'text', 'mark', 'changes', 'stopped_at', 'reason', 'flow',
      'tcp_flags', 'changes']),
]


def packets(nfhop, path, *args):
    done = subprocess.run([nfhop, 'report', '-F', 'ndjson', '--year', '2026', *args, path],
                          capture_output=True, check=True, env=dict(os.environ, TZ='UTC'))
    found = [json.loads(line) for line in done.stdout.splitlines()]
    return sorted((p for p in found if p['type'] == 'packet'), key=lambda p: p['no'])


def without(value, hidden):
    if isinstance(value, dict):
        return {k: without(v, hidden) for k, v in value.items() if k not in hidden}
    if isinstance(value, list):
        return [without(v, hidden) for v in value]
    return value


def compare(name, want, got, hidden):
    want, got = without(want, hidden), without(got, hidden)
    if want == got:
        return True
    print(f'{name}: {len(got)} packets, should be {len(want)}')
    for w, g in zip(want, got):
        for key in w:
            if w[key] != g.get(key):
                print(f'  packet {w.get("no")}: {key} is {g.get(key)}, should be {w[key]}')
                return False
    return False


def framed(nfhop, folder, lines):
    """All framings of the same lines, compared with the one that hides nothing."""
    files = {}
    for name, (write, _) in FRAMINGS.items():
        files[name] = os.path.join(folder, name.replace(' ', '-').replace(',', ''))
        with open(files[name], 'wb') as f:
            for us, text in lines:
                out = write(us, text)
                f.write(out if isinstance(out, bytes) else out.encode())
    want = packets(nfhop, files['journalctl json'])
    ok = bool(want)
    for name, (_, hidden) in FRAMINGS.items():
        ok &= compare(name, want, packets(nfhop, files[name]), hidden)
    return ok


def captured(nfhop, testdata):
    """A log and an NFLOG capture of the same packets. The capture knows hook and family and
    names no devices; the log prints no mark at egress, no ports of SCTP, and ARP has no NFLOG."""
    hidden = ['mark', 'no', 'flow', 'time', 'uptime', 'iif', 'oif', 'hook', 'family',
              'reason']
    log, capture = ([p for p in packets(nfhop, os.path.join(testdata, 'pcap', name))
                     if p['proto'] not in ('arp', 'sctp')]
                    for name in ('agree.kmsg', 'agree.pcap'))
    return bool(log) and compare('agree.kmsg and agree.pcap', log, capture, hidden)


def main(nfhop, testdata):
    ok = captured(nfhop, testdata)
    with tempfile.TemporaryDirectory() as folder:
        for source in ('klog/legacy-trace.kmsg', 'klog/log-protocols.kmsg',
                       'klog/legacy-trace-brnf.kmsg'):
            # a second between records would close packets; a hole in numbers would be a loss
            lines = list(kernel_lines(os.path.join(testdata, source)))
            ok &= framed(nfhop, folder, lines)
    for a, b, hidden in PAIRS:
        x, y = (packets(nfhop, os.path.join(testdata, p)) for p in (a, b))
        ok &= compare(f'{a} and {b}', x, y, hidden)
    return 0 if ok else 1


sys.exit(main(*sys.argv[1:]))
