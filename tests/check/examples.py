#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""examples.py [--update] NFHOP FILE.scd...: the examples of a manual page are what happens.

A line `; output: COMMAND` is followed by a literal block: the command, and what the shell prints
for it at the top of the tree. `; file: PATH` is followed by what stands in that file.
"""
import difflib, os, re, subprocess, sys, tempfile
import tree

BLOCK = re.compile(r'(^; (output|file): (.*?)\n```\n)(.*?)(^```$)', re.M | re.S)


def content(kind, what, folder):
    if kind == 'file':
        return tree.read(what)
    env = dict(os.environ, TZ='UTC', LC_ALL='C.UTF-8', PATH=folder + ':' + os.environ['PATH'])
    env.pop('NO_COLOR', None)
    said = subprocess.run(['sh', '-c', what], cwd=tree.TOP, env=env, text=True, encoding='utf-8',
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout
    shown = re.sub(r'^cd testdata\S* && |( 2>&1)?( \| (head|tail) -n \d+)?$', '', what)
    return f'$ {shown}\n{said}'


def main(args):
    update = args[0] == '--update'
    nfhop, *paths = args[update:]
    report = tree.Report()
    with tempfile.TemporaryDirectory() as folder:
        os.symlink(os.path.abspath(nfhop), os.path.join(folder, 'nfhop'))
        for path in paths:
            path = os.path.relpath(path, tree.TOP)
            text = tree.read(path)
            new = BLOCK.sub(lambda m: m[1] + content(m[2], m[3], folder) + m[5], text)
            if not BLOCK.search(text):
                report.wrong(path, 'shows no example that can be run')
            elif update:
                with open(os.path.join(tree.TOP, path), 'w', encoding='utf-8') as f:
                    f.write(new)
            elif new != text:
                report.wrong(path, 'the program prints something else (ninja update-examples)')
                print('\n'.join(difflib.unified_diff(text.split('\n'), new.split('\n'), path,
                                                     'nfhop', lineterm='')))
    return report.status()


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
