#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""readme.py [--update] NFHOP FILE...: the output shown in a page is what the program prints.

A line <!-- output: nfhop report ... --> is followed by a fenced block: that command's output,
run at the top of the tree. After <!-- screen: NAME SIZE N --> stands the Nth screen of
tests/screen/NAME.SIZE.screen, which a test compares with what the view draws.
"""
import difflib, os, re, shlex, subprocess, sys
import tree

BLOCK = re.compile(r'(<!-- output: nfhop (.*?) -->\n```\w*\n)(.*?)(^```$)', re.M | re.S)


SCREEN = re.compile(r'(<!-- screen: (\S+) (\S+) (\d+) -->\n```\w*\n)(.*?)(^```$)', re.M | re.S)


def screen(name, size, number):
    """A screen of a golden file, without the keys that led to it."""
    text = tree.read(f'tests/screen/{name}.{size}.screen').split('===\n')[int(number) - 1]
    lines = text.split('--- styles\n')[0].split('\n')
    return '\n'.join(x for x in lines if not re.match(r'(keys|type|click) ', x))


def output(nfhop, args):
    done = subprocess.run([os.path.abspath(nfhop), *shlex.split(args)], cwd=tree.TOP, text=True,
                          env=dict(os.environ, TZ='UTC', LC_ALL='C.UTF-8'), encoding='utf-8',
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    return done.stdout


def main(args):
    update = args[0] == '--update'
    nfhop, *paths = args[update:]
    report = tree.Report()
    for path in paths:
        text = tree.read(path)
        new = BLOCK.sub(lambda m: m[1] + output(nfhop, m[2]) + m[4], text)
        new = SCREEN.sub(lambda m: m[1] + screen(m[2], m[3], m[4]) + m[6], new)
        if not BLOCK.search(text):
            report.wrong(path, 'shows no output of the program')
        elif update:
            with open(os.path.join(tree.TOP, path), 'w', encoding='utf-8') as f:
                f.write(new)
        elif new != text:
            report.wrong(path, 'the program prints something else (ninja update-readme)')
            print('\n'.join(difflib.unified_diff(text.split('\n'), new.split('\n'), path, 'nfhop',
                                                 lineterm='')))
    return report.status()


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
