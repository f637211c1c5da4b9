#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""same.py NFHOP GENLOG LOG...: one core, all cores, a pipe and its blocks give the same report.

The log is some megabytes of generated lines with the given logs between them, so that blocks
are cut in lines, in journal entries and in JSON objects. With --keep all is read record by
record, which shows whether blocks say the same. Cut into parts and named in another order it is
merged by time, which must not depend on blocks either; nor does it where reading fails.
"""
import gzip, os, re, socket, subprocess, sys, tempfile, threading

BYTES = 3_000_000
FORMATS = (['-F', 'ndjson'], ['-b', 'stop'])


def kmsg(text):
    """The lines as /dev/kmsg has them, with holes, also where lines are not alike."""
    no = 100
    for sec, usec, words in re.findall(rb'\[ *(\d+)\.(\d+)\] (.*)', text):
        no += 1 + (no % 1500 == 7)
        yield b'4,%d,%s%s,-;%s\n' % (no, sec, usec, words)
        if not no % 500:
            no += 1 + (not no % 1000)
            yield b'6,%d,%s%s,-;usb 1-1: new device\n SUBSYSTEM=usb\n' % (no, sec, usec)


def make(genlog, logs):
    parts = []
    for i, kind in enumerate(('trace', 'mixed', 'log')):
        text = subprocess.run([genlog, kind, '--bytes', str(BYTES), '--seed', str(i + 7),
                               '--flows', '900'], stdout=subprocess.PIPE, check=True).stdout
        if kind == 'log':
            text = text.replace(b'\n', b'\r\n')
        step = len(text) // (len(logs) + 1)
        for at, log in enumerate(logs):
            parts.append(text[at * step:(at + 1) * step])
            with open(log, 'rb') as f:
                parts.append(f.read())
        parts.append(text[len(logs) * step:])
    return b''.join(parts)


def one_core():
    os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])


def run(command, text=None, step=0, core=None):
    """What the program prints; @text is written to its standard input, @step bytes at a time."""
    child = subprocess.Popen(command, stdout=subprocess.PIPE, preexec_fn=core,
                             stdin=subprocess.DEVNULL if text is None else subprocess.PIPE)

    def write():
        for at in range(0, len(text), step):
            os.write(child.stdin.fileno(), text[at:at + step])
        child.stdin.close()

    if text is not None:
        threading.Thread(target=write).start()
    out = child.stdout.read()
    if child.wait():
        sys.exit(f'{command} ended with {child.returncode}')
    return out


def normal(out):
    """Without the time it took."""
    return re.sub(rb'"seconds":[0-9.]+', b'"seconds":0', out)


def compare(title, want, out):
    if out == want:
        return 0
    for no, (a, b) in enumerate(zip(want.split(b'\n'), out.split(b'\n')), 1):
        if a != b:
            print(f'{title}: line {no} differs\n< {a[:400]}\n> {b[:400]}')
            break
    else:
        print(f'{title}: {len(out)} bytes instead of {len(want)}')
    return 1


def main(nfhop, genlog, *logs):
    wrong = 0
    text = make(genlog, logs)
    with tempfile.NamedTemporaryFile(prefix='nfhop-same-') as f, \
            tempfile.NamedTemporaryFile(prefix='nfhop-none-') as none:
        f.write(text)
        f.flush()
        mtime = os.stat(f.name).st_mtime  # the year of the lines is taken from it
        for options in FORMATS:
            command = [nfhop, 'report', '--year', '2026', *options]
            want = normal(run([*command, f.name], core=one_core))
            if b'TRACE' not in text or len(want) < 1000:
                sys.exit('nothing to compare')
            for title, out in {
                'all cores': run([*command, f.name]),
                'record by record': run([*command, '--keep', none.name, f.name]),
                'a pipe': run([*command, '-'], text, 1 << 20),
                'a pipe in drops': run([*command, '-'], text, 4099),
                'a pipe, one core': run([*command, '-'], text, 65537, one_core),
            }.items():
                out = normal(out).replace(b'standard input', os.fsencode(f.name))
                wrong += compare(f'{options}: {title}', want, out)
        wrong += compare_parts(nfhop, text, none.name)
        wrong += compare_kmsg(nfhop, text, none.name)
        wrong += compare_broken(nfhop, text[:50_001], none.name)
    return 1 if wrong else 0


def compare_parts(nfhop, text, keep):
    """Logs that were rotated, one of them compressed, and two that are woven."""
    third = text.rindex(b'\n', 0, len(text) // 3) + 1
    with tempfile.TemporaryDirectory(prefix='nfhop-same-') as folder:
        names = [os.path.join(folder, x) for x in ('a', 'b.gz', 'c', 'd')]
        for name, part in zip(names, (text[:third], gzip.compress(text[third:2 * third], 1),
                                      text[2 * third:], text[third // 2:third])):
            with open(name, 'wb') as f:
                f.write(part)
        command = [nfhop, 'report', '--year', '2026', '-F', 'ndjson', *reversed(names)]
        want = normal(run([*command, '--keep', keep], core=one_core))
        return (compare('parts', want, normal(run(command))) +
                compare('parts, one core', want, normal(run(command, core=one_core))))


def compare_kmsg(nfhop, text, keep):
    """Numbered records: what is lost among them, from block to block."""
    with tempfile.NamedTemporaryFile(prefix='nfhop-kmsg-') as f:
        f.write(b''.join(kmsg(text)))
        f.flush()
        command = [nfhop, 'report', '-F', 'ndjson', f.name]
        want = normal(run([*command, '--keep', keep], core=one_core))
        if not 10 < want.count(b'a hole in the record numbers'):
            sys.exit('nothing is lost')
        return (compare('kmsg', want, normal(run(command))) +
                compare('kmsg, one core', want, normal(run(command, core=one_core))))


def compare_broken(nfhop, text, keep):
    """A connection that breaks down: what came before that is reported."""
    outs = []
    for options in (['--keep', keep], []):
        near, far = socket.socketpair()
        with near, far:
            far.send(b'never read')
            near.sendall(text)
            near.close()
            outs.append(subprocess.run([nfhop, 'report', '--year', '2026', *options, '-'],
                                       stdin=far, stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL).stdout)
    if b'TRACE' not in text or not outs[0]:
        sys.exit('nothing to compare')
    return compare('a broken connection', *outs)


if __name__ == '__main__':
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
