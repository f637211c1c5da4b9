#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""headers.py BUILD: each header compiles alone, with the flags that the project's files have."""
import json, os, shlex, subprocess, sys
from concurrent.futures import ThreadPoolExecutor
import tree


def command_of(build):
    """The compiler and its flags, from any file of src/ in compile_commands.json."""
    with open(os.path.join(build, 'compile_commands.json'), encoding='utf-8') as f:
        entry = next(e for e in json.load(f) if '/src/' in e['file'] or
                     e['file'].startswith('src/'))
    words = shlex.split(entry['command'])
    keep, skip = [], False
    for word in words:
        if skip:
            skip = False
        elif word in ('-o', '-MF', '-MQ', '-MT', '-c'):
            skip = True
        elif word not in ('-MD', '-MMD') and word != entry['file']:
            keep.append(word)
    return keep, entry['directory']


def main(build):
    report = tree.Report()
    headers = tree.files('include', ends='.h') + tree.files('src', ends='.h')
    command, cwd = command_of(build)

    def compile_alone(path):
        unit = f'#include "{os.path.join(tree.TOP, path)}"\n'
        return subprocess.run([*command, '-Werror', '-fsyntax-only', '-x', 'c', '-'], cwd=cwd,
                              input=unit, text=True, capture_output=True)
    with ThreadPoolExecutor() as pool:
        for path, done in zip(headers, pool.map(compile_alone, headers)):
            if done.returncode:
                report.wrong(path, 'does not compile alone\n' + done.stderr)
    print(f'{len(headers)} headers')
    return report.status()


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
