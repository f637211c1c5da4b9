#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""style.py [format]: what of the house rules a machine can see; format: clang-format alone."""
import os, re, shutil, subprocess, sys
import tree

LONGEST_LINE, LONGEST_FUNCTION, LONG_FILE = 100, 80, 500
ROOTS = ('include', 'src', 'tests', 'doc', '.ci')
TOP_FILES = ('bootstrap', 'meson.build', 'meson_options.txt', 'README.md', 'CONTRIBUTING.md',
             'CHANGELOG.md')
NO_LICENCE_LINE = ('.md', '.json', '.txt', '.expect', '.keys', '.screen')
# In pieces, so that this file does not break its own rules.
FORBIDDEN = {
    'a path of one machine': r'(?<![\w.])/(wo' r'rk|tm' r'p|home)/',
    'a note to do something': r'\b(TO' r'DO|FIX' r'ME|XX' r'X)\b(?!\(#\d+\))',
    'a control character': r'[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]',
    'blanks at the end': r'[ \t]$',
}


def widths(path, text):
    """(line number, columns) of the lines that the limit is for."""
    fenced = False
    if path.endswith('.scd'):
        return  # scdoc wants a table's cell and a list's item on one line
    if path.endswith('.screen'):
        return  # a screen is as wide as the terminal that it is of
    for no, line in enumerate(text.split('\n'), 1):
        if path.startswith('tests/') and 'clang-format o' in line:
            fenced = 'clang-format off' in line
        if path.startswith('tests/') and fenced:
            continue  # a table of log lines: they are as long as they are
        if path.endswith('.md'):
            fenced ^= line.startswith('```')
            # a command that readme.py runs stands on one line, too
            if fenced or line.startswith(('|', '<!-- output:')) or '](' in line:
                continue
        if path == 'bootstrap' and re.match(r'(need|build|test|wish) ', line):
            continue  # its table: a row a line
        yield no, len(line.expandtabs(8))


def functions(text):
    """(line, lines, name, marked) of each function: clang-format puts its { } at column 0."""
    lines = text.split('\n')
    start = None
    for no, line in enumerate(lines):
        if line == '{':
            start = no
        elif line == '}' and start is not None:
            top = start
            while top > 0 and lines[top - 1].strip() and lines[top - 1][0] not in '}#':
                top -= 1
            head = '\n'.join(lines[top:start])
            name = re.search(r'(\w+)\(', re.sub(r'/\*.*?\*/', '', head, flags=re.S))
            yield (start + 1, no - start + 1, name.group(1) if name else '?',
                   'flat switch' in head or '/* table' in head)
            start = None


def check_text(report, path):
    text = tree.read(path)
    if not path.endswith(NO_LICENCE_LINE) and 'SPDX-License-Identifier: GPL-2.0-or-later' \
            not in '\n'.join(text.split('\n')[:3]):
        report.wrong(path, 'no SPDX line')
    if text and not text.endswith('\n'):
        report.wrong(path, 'no line end at its end')
    for no, line in enumerate(text.split('\n'), 1):
        for what, pattern in FORBIDDEN.items():
            if re.search(pattern, line):
                report.wrong(f'{path}:{no}', what)
    for no, columns in widths(path, text):
        if columns > LONGEST_LINE:
            report.wrong(f'{path}:{no}', f'{columns} columns')


def check_sizes(report, paths):
    sizes = []
    for path in paths:
        text = tree.read(path)
        lines = text.count('\n')
        if lines > LONG_FILE:
            print(f'note: {path} has {lines} lines: does it hold two purposes?')
        for line, size, name, marked in functions(text):
            sizes.append(size)
            if size > LONGEST_FUNCTION and not marked:
                report.wrong(f'{path}:{line}', f'{name}() has {size} lines')
    sizes.sort()
    if sizes:
        print(f'{len(paths)} files, {len(sizes)} functions: median {sizes[len(sizes) // 2]} lines, '
              f'p90 {sizes[len(sizes) * 9 // 10]}, longest {sizes[-1]}')


def check_format(report, paths):
    program = shutil.which('clang-format-14') or shutil.which('clang-format')
    version = program and subprocess.run([program, '--version'], capture_output=True, text=True,
                                         check=True).stdout
    if not program or ' 14.' not in version:
        print('skipped: clang-format 14 is not here (other versions format otherwise)')
        sys.exit(77)
    done = subprocess.run([program, '--dry-run', '-Werror', *paths], cwd=tree.TOP)
    if done.returncode:
        report.wrong('clang-format', 'run clang-format -i on the files above')


def main(args):
    report = tree.Report()
    c_files = [x for ends in ('.c', '.h') for x in tree.files('include', 'src', 'tests', ends=ends)]
    if args == ['format']:
        check_format(report, c_files)
        return report.status()
    texts = [x for x in tree.files(*ROOTS)
             if os.path.splitext(x)[1] not in ('.png', '.svg', '.bin')]
    for path in texts + [x for x in TOP_FILES if os.path.exists(os.path.join(tree.TOP, x))]:
        check_text(report, path)
    check_sizes(report, [x for x in c_files if x.startswith('src/')])
    return report.status()


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
