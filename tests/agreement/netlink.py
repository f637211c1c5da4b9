#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""netlink.py NFHOP TESTDATA: the same packets as the kernel's own events and as nft monitor text.

nft prints what these very datagrams say, so packets, their ways and what became of them must be
the same, less what the text hides: the handles, and the ends of user chains.
"""
import json, re, subprocess, sys

CAPTURES = ['nft-t1', 'nft-t2', 'iptables-nft']
FIELDS = ['family', 'iif', 'oif', 'proto', 'src', 'dst', 'sport', 'dport', 'length', 'ttl', 'ip_id',
          'tcp_flags', 'icmp_type', 'outcome']


def packets(nfhop, *args):
    done = subprocess.run([nfhop, 'report', '-F', 'ndjson', *args], capture_output=True, check=True)
    lines = (json.loads(line) for line in done.stdout.splitlines())
    return [p for p in lines if p['type'] == 'packet']


def way(packet):
    hops = [re.sub(r':#\d+$', '', hop) for hop in packet['path'].split()]
    return [hop for hop in hops if not hop.endswith(':return')]


def main(nfhop, testdata):
    wrong = compared = 0
    for name in CAPTURES:
        rules = ['-r', f'{testdata}/ruleset/{name}.ruleset']
        events = packets(nfhop, *rules, f'{testdata}/live/{name}.rec')
        text = packets(nfhop, *rules, f'{testdata}/nft/{name}.monitor-trace.txt')
        if len(events) != len(text):
            print(f'{name}: {len(events)} packets by events, {len(text)} by text')
            wrong += 1
        for a, b in zip(sorted(events, key=lambda p: p['no']), sorted(text, key=lambda p: p['no'])):
            compared += 1
            for field in FIELDS:
                if field in ('iif', 'oif') or b[field] is None:
                    continue  # devices have no names in the datagrams; nft does not print all
                if a[field] != b[field]:
                    print(f'{name}: packet {a["no"]}: {field} {a[field]}, by text {b[field]}')
                    wrong += 1
            if way(a) != way(b):
                print(f'{name}: packet {a["no"]}:\n  {a["path"]}\n  {b["path"]}')
                wrong += 1
    print(f'{compared} packets compared')
    return 1 if wrong or not compared else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
