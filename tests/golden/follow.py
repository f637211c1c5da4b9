#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""follow.py NFHOP LOG RECORDING: what comes late, some at once, is one log when it is followed.

What -f makes of a log that grows, is rotated and ends must be what is made of it when it lies
there whole: no packet is given up because its next line was late. A recording that comes late
through a pipe still says first whose records it holds.
"""
import json, os, signal, subprocess, sys, tempfile, time

LATE = 0.7  # seconds: far beyond what a live source waits for


def packets(text):
    found = [json.loads(line) for line in text.splitlines()]
    return [(x['path'], x['outcome'], x['stopped_at']) for x in found if x['type'] == 'packet']


def report(nfhop, *args, **more):
    return subprocess.Popen([nfhop, 'report', '--year', '2019', '-F', 'ndjson', *args],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)


def put(path, lines):
    with open(path, 'a', encoding='utf-8') as f:
        f.writelines(lines)


def read_up_to(process, size):
    """Until the log, whatever it is called now, is read that far: the machine may be busy."""
    folder = f'/proc/{process.pid}'
    for _ in range(1000):
        for fd in os.listdir(f'{folder}/fd'):
            try:
                if '/kern.log' not in os.readlink(f'{folder}/fd/{fd}'):
                    continue
                with open(f'{folder}/fdinfo/{fd}', encoding='ascii') as f:
                    if int(f.readline().split()[1]) == size:
                        return
            except OSError:
                continue
        time.sleep(0.02)
    raise TimeoutError(f'{size} bytes were not read')


def grown(nfhop, lines, path):
    """The log grows, is renamed in the middle of a packet's way, and goes on under its name."""
    put(path, lines[:4])
    process = report(nfhop, '-f', path)
    read_up_to(process, os.path.getsize(path))
    time.sleep(LATE)
    put(path, lines[4:6])
    os.rename(path, path + '.1')
    read_up_to(process, os.path.getsize(path + '.1'))
    time.sleep(LATE)
    put(path, lines[6:])
    read_up_to(process, os.path.getsize(path))
    time.sleep(LATE)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err


def piped(nfhop, lines):
    """The end of a pipe is the end of the log."""
    process = report(nfhop, '-f', '-', stdin=subprocess.PIPE)
    for part in (lines[:5], lines[5:]):
        process.stdin.write(''.join(part))
        process.stdin.flush()
        time.sleep(LATE)
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err


def recorded(nfhop, recording):
    """As from `ssh gateway nfhop record -o - | nfhop -f -`: nothing at all comes at first."""
    process = subprocess.Popen([nfhop, 'report', '-f', '-'], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(LATE)
    with open(recording, 'rb') as f:
        out, err = process.communicate(f.read(), timeout=30)
    return process.returncode, out, err


def main(nfhop, log, recording):
    with open(log, encoding='utf-8') as f:
        lines = f.readlines()
    want = packets(report(nfhop, log).communicate(timeout=30)[0])
    assert len(want) > 1 and any(x[1] == 'forwarded' for x in want), want
    with tempfile.TemporaryDirectory() as folder:
        for case, done in (('grown', grown(nfhop, lines, os.path.join(folder, 'kern.log'))),
                           ('piped', piped(nfhop, lines))):
            status, out, err = done
            assert status == 0 and not err, (case, status, err)
            assert packets(out) == want, (case, packets(out), want)
    with open(recording, 'rb') as f:
        whole = subprocess.run([nfhop, 'report', '-'], stdin=f, capture_output=True, check=True)
    assert recorded(nfhop, recording) == (0, whole.stdout, b''), recorded(nfhop, recording)


if __name__ == '__main__':
    main(*sys.argv[1:])
