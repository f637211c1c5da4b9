#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""formats.py tap|junit NFHOP: other programs read what `nfhop check` writes, and count the same.

Every .cmd of testdata/expect/ that checks anything is run once more, in that format: junit.xsd
and its own counts for JUnit, `prove` for TAP.
"""
import os, re, shlex, shutil, subprocess, sys, tempfile
import xml.etree.ElementTree as xml
import commands, golden

HERE = os.path.dirname(os.path.realpath(__file__))


def lines(form):
    """(name, words, status) of each check, in the format that is asked for."""
    for name in commands.all_commands():
        path = os.path.join(golden.TESTDATA, name)
        with open(path, encoding='utf-8') as f:
            words = shlex.split(f.read())
        with open(path[:-len('.cmd')] + '.out', encoding='utf-8') as f:
            status = int(f.read().rsplit('exit status ', 1)[1])
        if name.startswith('expect/') and words[0] == 'check' and status != 2 \
                and '--learn' not in words and '-F' not in words:
            yield name, ['check', '-F', form, *words[1:]], status


def output(nfhop, words):
    return subprocess.run([os.path.abspath(nfhop), *words], cwd=golden.TESTDATA, text=True,
                          env=dict(os.environ, LC_ALL='C'), encoding='utf-8',
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout


def junit_troubles(text, status):
    with tempfile.NamedTemporaryFile('w', suffix='.xml', encoding='utf-8') as f:
        f.write(text)
        f.flush()
        done = subprocess.run(['xmllint', '--noout', '--schema', f'{HERE}/junit.xsd', f.name],
                              capture_output=True, text=True)
    if done.returncode:
        yield done.stderr
    suite = xml.fromstring(text).find('testsuite')
    found = [len(list(suite.iter(tag))) for tag in ('testcase', 'failure', 'error')]
    said = [int(suite.get(key)) for key in ('tests', 'failures', 'errors')]
    if found != said:
        yield f'says {said}, has {found}'
    if (1 if said[1] else 3 if said[2] else 0) != status:
        yield f'{said}, but the exit status is {status}'


def tap_troubles(text, status):
    with tempfile.NamedTemporaryFile('w', suffix='.tap', encoding='utf-8') as f:
        f.write(text)
        f.flush()
        done = subprocess.run(['prove', '-e', 'cat', f.name], capture_output=True, text=True)
    if 'Parse errors' in done.stdout or (done.returncode == 0) != (status == 0):
        yield done.stdout
    bad = len(re.findall(r'^not ok ', text, re.M))
    told = re.search(r'Failed: (\d+)\)', done.stdout)
    if bad != (int(told[1]) if told else 0):
        yield f'{bad} are not ok: {done.stdout}'


def main(form, nfhop):
    tool, troubles, form = {'junit': ('xmllint', junit_troubles, 'junit'),
                            'tap': ('prove', tap_troubles, 'tap13')}[form]
    if not shutil.which(tool):
        print(f'skipped: {tool} is not here')
        return 77
    bad, n = 0, 0
    for name, words, status in lines(form):
        n += 1
        text = output(nfhop, words)
        found = list(troubles(text, status))
        if form == 'tap13' and output(nfhop, [x.replace('tap13', 'tap') for x in words]) != \
                text.replace('TAP version 13', 'TAP version 14', 1):
            found.append('-F tap says something else than -F tap13')
        for trouble in found:
            print(f'{name}: {trouble}')
            bad += 1
    print(f'{n} checks')
    return 1 if bad or n < 5 else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
