#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""json_doc.py NFHOP: -F json of every input says what its .ndjson golden says, in one document."""
import json, os, sys
import golden

LISTS = {'packet': 'packets', 'flow': 'flows', 'finding': 'findings'}


def differences(nfhop, expected):
    given, _ = golden.split(expected)
    text = golden.run(nfhop, given, ['-F', 'json'])
    if text is None:
        return ['it ended with another exit status']
    doc = json.loads(text)
    with open(expected, encoding='utf-8') as f:
        lines = [json.loads(line) for line in f]
    found = [f'"{key}" differ' for kind, key in LISTS.items()
             if doc.get(key) != [x for x in lines if x['type'] == kind]]
    filters = [x for x in lines if x['type'] == 'filter']
    if doc.get('filter', '') != (filters[0] if filters else None):
        found.append('"filter" differ')
    if [doc.get('stats')] != [x for x in lines if x['type'] == 'stats']:
        found.append('"stats" differ')
    if doc.get('nfhop', {}).get('schema') != 1:
        found.append('"nfhop" does not say schema 1')
    return found


def main():
    bad = 0
    for name in golden.all_expected():
        if name.endswith('.ndjson'):
            for text in differences(sys.argv[1], os.path.join(golden.TESTDATA, name)):
                print(f'{name}: {text}')
                bad += 1
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
