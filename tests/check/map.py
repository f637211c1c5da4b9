#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""map.py: the map in src/cli/main.c names every file of src/, the README's every room; no more."""
import os, re, sys
import tree

MAP, README = 'src/cli/main.c', 'README.md'


def compare(report, where, named, real):
    for path in sorted(set(real) - set(named)):
        report.wrong(where, f'does not name {path}')
    for path in sorted(set(named) - set(real)):
        report.wrong(where, f'names {path}, which is not there')


def suggestion(path):
    """The map's line for a file, from the first line of the file's own head."""
    said = re.search(re.escape(os.path.basename(path)) + r' - (.*?)(?: \*/|$)',
                     tree.read(path), re.M)
    return f' *   {path:<28} {said.group(1) if said else "?"}'


def main():
    report = tree.Report()
    sources = tree.files('src', ends='.c')
    head = tree.read(MAP).split('*/')
    named = re.findall(r'^ \*\s+(src/\S+\.c)\s', '\n'.join(head[:3]), re.M)
    compare(report, MAP, named, sources)
    if report.bad:
        print('The whole map would be:', *map(suggestion, sources), sep='\n')

    rooms = {os.path.dirname(x) + '/' for x in sources}
    named = re.findall(r'^ +(src/\w+/)\s', tree.read(README), re.M)
    compare(report, README, named, rooms)
    return report.status()


if __name__ == '__main__':
    sys.exit(main())
