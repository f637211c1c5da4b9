# SPDX-License-Identifier: GPL-2.0-or-later
"""piped.py NFHOP: what is followed through a pipe to its end tells what the file tells.

  cat FILE | nfhop report -f -     tells what `nfhop report FILE` does, but for the source's name

That holds of every input in testdata/. Where the pipe is slow, it holds of all that is told at the
end: flows, findings, documents. What is told as packets close (ndjson, -b packet) is what was known
then; but where the pipe stops in the midst of a line, the last packet is not told as if no more
came of it.
"""
import difflib, os, re, shlex, subprocess, sys, threading, time
from concurrent.futures import ThreadPoolExecutor

import golden

FORMS = {'flow': ['-b', 'flow'], 'json': ['-F', 'json'], 'ndjson': ['-F', 'ndjson'],
         'packet': ['-b', 'packet']}
AT_THE_END = ('flow', 'json')
FITS = 1 << 16  # bytes that a pipe holds

SLOW = [  # one of each kind of record
    'findings/ct-forgotten-text.log', 'klog/cut-line.log', 'klog/journal-pretty.json',
    'klog/journal.export', 'klog/legacy-trace.kmsg', 'klog/zerotier-gateway-request.log',
    'live/answer-around.rec', 'live/iptables-nft.rec', 'nft/protocols.monitor-trace.txt',
    'pcap/legacy-trace.pcap',
]
BREAK = 2.4  # seconds: packets are over before that


def in_lines(data):
    """Some lines every 50 ms."""
    lines = data.splitlines(keepends=True)
    step = len(lines) // 40 + 1
    for at in range(0, len(lines), step):
        yield b''.join(lines[at:at + step]), 0.05


def in_bytes(data):
    """One byte at a time, and in the first ones nothing is whole for a while."""
    for at in range(len(data)):
        yield data[at:at + 1], 0.003 if at < 200 or at % 100 == 0 else 0


def in_halves(data):
    """A writer of blocks (grep, nft monitor): the first ends in the midst of a line."""
    half = len(data) // 2
    while b'\n' in data[half - 1:half + 1]:
        half += 1
    yield data[:half], BREAK
    yield data[half:], 0


def with_a_break(data):
    """The writer stops behind a line, which is in the midst of a packet's way."""
    half = data.index(b'\n', len(data) // 2) + 1
    yield data[:half], BREAK
    yield data[half:], 0


WAYS = (in_lines, in_bytes, in_halves, with_a_break)
# What comes after the break says nothing more of packets that were told.
HALVED = ['klog/journal-pretty.json', 'klog/legacy-trace.kmsg', 'live/answer-around.rec',
          'pcap/legacy-trace.pcap']
# The pipe stays open behind it: packets that stay untold while nothing more comes.
OPEN = {
    'klog/legacy-trace.kmsg': 0,
    'nft/protocols.monitor-trace.txt': 1,  # it ends in the midst of a line
}
SOON = 20  # seconds, on a machine that is busy


def put(pipe, parts):
    with os.fdopen(pipe, 'wb', buffering=0) as f:
        for part, seconds in parts:
            f.write(part)
            time.sleep(seconds)


def is_merged(path):
    """Several files are merged by time, and what is followed comes as it comes."""
    args = shlex.split(golden.beside(path, '.args', ''))
    here = os.path.dirname(path)
    return any(os.path.isfile(os.path.join(here, arg)) and before not in ('-r', '--ruleset')
               for before, arg in zip(['', *args], args))


def arguments(path, form, source):
    args = shlex.split(golden.beside(path, '.args', ''))
    year = [] if '--year' in args else ['--year', '2026']
    return ['report', *FORMS[form], *year, *source, *args]


class Run:
    def __init__(self, nfhop, path, form, parts=None):
        """@parts: what comes through a pipe, and how long to wait then; None: the file is read."""
        self.name = os.path.basename(path)
        source = ['-f', '-'] if parts else [self.name]
        given, pipe = os.pipe() if parts else (subprocess.DEVNULL, None)
        self.thread = threading.Thread(target=put, args=(pipe, parts)) if parts else None
        if parts and len(parts) == 1 and len(parts[0][0]) <= FITS:
            put(pipe, parts)  # all of it is there at once
            self.thread = None
        env = dict(os.environ, TZ='UTC', LC_ALL='C.UTF-8')
        env.pop('NO_COLOR', None)
        self.child = subprocess.Popen(
            [nfhop, *arguments(path, form, source)], cwd=os.path.dirname(path), env=env,
            stdin=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if parts:
            os.close(given)
        if self.thread:
            self.thread.start()

    def said(self):
        out, err = self.child.communicate(timeout=100)
        if self.thread:
            self.thread.join()
        text = b'\n'.join([out, err, b'status %d' % self.child.returncode])
        text = re.sub(rb'("seconds": ?)[0-9][0-9.eE+-]*', rb'\1null', text)
        return text.decode(errors='backslashreplace').replace(self.name, 'standard input')


def compare(nfhop, name, form, way=None):
    """Return: a complaint, or None"""
    path = os.path.realpath(os.path.join(golden.TESTDATA, name))
    with open(path, 'rb') as f:
        data = f.read()
    parts = list(way(data)) if way else [(data, 0)]
    got, want = (x.said() for x in (Run(nfhop, path, form, parts), Run(nfhop, path, form)))
    if got == want:
        return None
    title = f'{name} -b/-F {form}, {way.__name__ if way else "at once"}'
    diff = difflib.unified_diff(want.splitlines(), got.splitlines(), 'file', 'followed', n=0,
                                lineterm='')
    return '\n'.join([title, *(line[:300] for line in list(diff)[:12])])


def told_soon(nfhop, name):
    """What is complete is told while the pipe is open. Return: a complaint, or None"""
    path = os.path.realpath(os.path.join(golden.TESTDATA, name))
    whole = Run(nfhop, path, 'ndjson').said().count('"type":"packet"')
    with open(path, 'rb') as f:
        data = f.read()
    child = subprocess.Popen([nfhop, *arguments(path, 'ndjson', ['-f', '-'])], text=True,
                             cwd=os.path.dirname(path), stdin=subprocess.PIPE,
                             stdout=subprocess.PIPE)
    os.write(child.stdin.fileno(), data)
    alarm = threading.Timer(SOON, child.kill)
    alarm.start()
    told = 0
    while told < whole - OPEN[name] and '"type":"packet"' in child.stdout.readline():
        told += 1
    alarm.cancel()
    child.communicate()
    return None if told == whole - OPEN[name] else f'{name}: {told} of {whole} packets are told'


def cases():
    paths = {golden.split(os.path.join(golden.TESTDATA, x))[0] for x in golden.all_expected()}
    for way in WAYS:
        yield from ((name, form, way) for name in SLOW for form in AT_THE_END)
    yield from ((name, form, in_halves) for name in HALVED for form in FORMS)
    for path in sorted(paths):
        name = os.path.relpath(path, golden.TESTDATA)
        if not is_merged(path):
            yield from ((name, form) for form in ('flow', 'ndjson'))


def main(nfhop):
    missing = [x for x in [*SLOW, *HALVED, *OPEN]
               if not os.path.isfile(os.path.join(golden.TESTDATA, x))]
    with ThreadPoolExecutor(16) as pool:
        done = list(pool.map(lambda case: compare(nfhop, *case), cases()))
        done += pool.map(lambda name: told_soon(nfhop, name), OPEN)
    troubles = [x for x in done if x] + [f'{x}: is no input' for x in missing]
    print('\n'.join(troubles))
    print(f'{len(done)} done, {len(troubles)} wrong')
    return 1 if troubles else 0


if __name__ == '__main__':
    sys.exit(main(os.path.abspath(sys.argv[1])))
