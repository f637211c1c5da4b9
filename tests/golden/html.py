#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""html.py NFHOP: -F html says what the text says, of every input here, and is safe to open.

The page is read as XML, strictly: so every element is closed, and nothing of a log becomes one. Its
words are those of the text report, but for the blanks between them and the choice of flows. It has
no elements and attributes but those named here: no script, nothing to be loaded.
"""
import os, sys, tempfile
import xml.etree.ElementTree as xml
import golden

BY = ('flow', 'stop', 'path', 'packet')
ELEMENTS = {
    'html', 'head', 'meta', 'title', 'style', 'body', 'main', 'h1', 'header', 'nav', 'label',
    'input', 'details', 'summary', 'section', 'footer', 'table', 'tr', 'td', 'p', 'span',
}
ATTRIBUTES = {'lang', 'charset', 'name', 'content', 'http-equiv', 'class', 'open', 'type', 'id',
              'checked'}
HOSTILE = '<script>alert("1")</script>&amp;\'-->\ufffe'
LINE = ('Mar  2 01:00:00 {0} kernel: [538.000010] TRACE: filter:{0}:rule:1 IN={1} OUT= '
        'MAC=4e:a7:19:72:b0:99:2e:49:d1:0a:23:ba:08:00 SRC=192.0.2.1 DST=203.0.113.9 LEN=60 '
        'TOS=0x00 PREC=0x00 TTL=64 ID=7 DF PROTO=TCP SPT=39044 DPT=8080 SEQ=12 ACK=0 '
        'WINDOW=64240 RES=0x00 SYN URGP=0 \n'
        'Mar  2 01:00:00 {0} kernel: [538.000020] {2}IN={1} OUT= '
        'MAC=4e:a7:19:72:b0:99:2e:49:d1:0a:23:ba:08:00 SRC=192.0.2.1 DST=203.0.113.9 LEN=60 '
        'TOS=0x00 PREC=0x00 TTL=64 ID=7 DF PROTO=TCP SPT=39044 DPT=8080 WINDOW=64240 RES=0x00 '
        'SYN URGP=0 \n')


def words(element):
    """All text of it in order, with a blank at each border but those of spans."""
    if element.tag in ('nav', 'h1'):
        return ' '
    border = '' if element.tag == 'span' else ' '
    parts = [element.text or ''] + [words(child) + (child.tail or '') for child in element]
    return border + ''.join(parts) + border


def loose_option(main):
    """An option of iptables that a line may end within; None if there is none."""
    for element in main.iter():
        parts = [child.tail for child in element]
        if element.get('class') != 'option':
            parts.append(element.text)
        for word in ' '.join(part or '' for part in parts).split():
            if word.startswith('--') and word.strip('-'):
                return word
    return None


def check(title, page, text):
    try:
        root = xml.fromstring(page.split('\n', 1)[1])  # behind the document type
    except xml.ParseError as e:
        print(f'{title}: {e}: {page.splitlines()[e.position[0]][:200]}')
        return False
    for element in root.iter():
        strange = set(element.attrib) - ATTRIBUTES
        if element.tag not in ELEMENTS or strange:
            print(f'{title}: <{element.tag}> {strange} is not to be there')
            return False
    loose = loose_option(root.find('body/main'))
    if loose:
        print(f'{title}: a line may end within {loose}')
        return False
    # XML has no such character
    got, want = words(root.find('body/main')).split(), text.replace('\ufffe', '?').split()
    if got == want:
        return True
    at = next(i for i, (a, b) in enumerate(zip(got + [''], want + [''])) if a != b)
    print(f'{title}: text: {" ".join(want[at - 5:at + 10])}\n'
          f'{" " * len(title)}  page: {" ".join(got[at - 5:at + 10])}')
    return False


def compare(nfhop, given, name, args):
    page, text = (golden.run(nfhop, given, [*args, *more]) for more in (['-F', 'html'], []))
    return page is not None and text is not None and check(
        f'{name} {" ".join(args)}', page.decode(), text.decode())


def hostile(nfhop):
    """Names that are HTML stay names, wherever they stand."""
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, 'a"<b>&.log')
        with open(log, 'w', encoding='utf-8') as f:
            f.write(LINE.format(HOSTILE, '<img/onerror=x>', HOSTILE))
        page = golden.run(nfhop, log, ['-F', 'html', '-w', 'src 192.0.2.1']).decode()
        good = all([compare(nfhop, log, 'hostile names', ['-b', by]) for by in BY])
        root = xml.fromstring(page.split('\n', 1)[1])
        told = ''.join(root.itertext())
        for part in (HOSTILE.replace('\ufffe', '?'), '<img/onerror=x>', 'a"<b>&.log'):
            if part not in told:
                print(f'hostile names: {part} is missing')
                good = False
        return good


def choices(nfhop):
    """What can be chosen is counted as the first line counts it."""
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, 'kern.log')
        rules = os.path.join(folder, 'rules.save')
        with open(log, 'w', encoding='utf-8') as f:
            f.write(LINE.format('FORWARD', 'lan0', '').split('\n')[0]
                    .replace('rule', 'policy') + '\n')
            for port in range(1000, 2001):
                f.write(LINE.format('gw', 'lan0', 'logged ').split('\n')[1]
                        .replace('DPT=8080', f'DPT={port}') + '\n')
        with open(rules, 'w', encoding='ascii') as f:
            f.write('*filter\n:FORWARD DROP [0:0]\nCOMMIT\n')
        page = golden.run(nfhop, log, ['-q', '-F', 'html', '-r', rules]).decode()
    if 'all flows 1,002<' in page and 'not known 1,001<' in page:
        return True
    print('choices:', [x for x in page.split('\n') if x.startswith('<label>')])
    return False


def main(nfhop):
    inputs = sorted({golden.split(os.path.join(golden.TESTDATA, x))[0]
                     for x in golden.all_expected()})
    bad = sum(not compare(nfhop, x, os.path.relpath(x, golden.TESTDATA), ['-b', by])
              for x in inputs for by in BY)
    bad += not hostile(nfhop)
    bad += not choices(nfhop)
    print(f'{len(inputs)} inputs, {bad} pages are wrong')
    return 1 if bad or not inputs else 0


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
