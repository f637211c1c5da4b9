# SPDX-License-Identifier: GPL-2.0-or-later
"""What the checks share: the files of the tree, and C text without comments and strings."""
import os, re

TOP = os.path.realpath(os.path.join(os.path.dirname(os.path.realpath(__file__)), '../..'))


def files(*roots, ends=''):
    """Paths below the roots (from the top), sorted; build directories and .git left out."""
    found = []
    for root in roots:
        for d, dirs, names in os.walk(os.path.join(TOP, root)):
            dirs[:] = [x for x in dirs if x not in ('.git', '__pycache__')
                       and not (x.startswith('build') and d == TOP)]
            found += [os.path.relpath(os.path.join(d, n), TOP) for n in names if n.endswith(ends)]
    return sorted(found)


def read(path):
    with open(os.path.join(TOP, path), encoding='utf-8', errors='replace') as f:
        return f.read()


def code(text):
    """C text with comments and the insides of strings blanked; line numbers stay."""
    def blank(match):
        found = match.group(0)
        if found[0] in '"\'':
            return found[0] * 2
        return ' ' + '\n' * found.count('\n')
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text,
                  flags=re.S)


class Report:
    """Collects what is wrong; the exit status says whether anything was."""

    def __init__(self):
        self.bad = 0

    def wrong(self, where, text):
        self.bad += 1
        print(f'{where}: {text}')

    def status(self):
        return 1 if self.bad else 0
