#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""origins.py: each input in testdata/ has its origin written in the README.md of its folder.

Named there in backticks, by file name or by a pattern (`legacy-*.kmsg`). What the golden tests
wrote, or read beside an input, needs no row.
"""
import fnmatch, os, re, sys
import tree

sys.path.insert(0, os.path.join(tree.TOP, 'tests/golden'))
import golden  # noqa: E402

BESIDE = ('.args', '.status')


def is_input(path):
    full = os.path.join(tree.TOP, path)
    beside = any(full.endswith(x) and os.path.exists(full[:-len(x)]) for x in BESIDE)
    return os.path.basename(path) != 'README.md' and not beside and not golden.split(full)[0]


def main():
    report = tree.Report()
    named = {}
    for path in filter(is_input, tree.files('testdata')):
        folder, name = os.path.split(path)
        if folder not in named:
            readme = os.path.join(folder, 'README.md')
            there = os.path.exists(os.path.join(tree.TOP, readme))
            named[folder] = re.findall(r'`([^`\n]+)`', tree.read(readme)) if there else []
        if not any(fnmatch.fnmatchcase(name, x) for x in named[folder]):
            report.wrong(path, f'its origin is not written in {folder}/README.md')
    for folder, names in named.items():
        for name in names:
            if re.fullmatch(r'[\w.*-]+\.(log|kmsg|txt|pcap|json|dmesg|rules)', name) and \
                    not fnmatch.filter(os.listdir(os.path.join(tree.TOP, folder)), name):
                report.wrong(f'{folder}/README.md', f'names {name}, which is not there')
    return report.status()


if __name__ == '__main__':
    sys.exit(main())
