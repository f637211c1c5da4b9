#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""flood.py FLOOD NFHOP [SECONDS]: a gateway that is flooded, and who loses events of it.

lan sends UDP packets through gw to wan; each is traced by iptables-nft's raw table and makes
eight events. The kernel counts the packets that passed the traced rules; how many of them does
each program show? A row a program and rate; `lost` is what it does not show, `said` what it says.
"""
import contextlib, os, re, signal, subprocess, sys, tempfile, time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '../live'))
import lab  # noqa: E402

RULES = '''*raw
-A PREROUTING -p udp -j TRACE
-A PREROUTING -p udp
COMMIT
*mangle
-A FORWARD -p udp -j MARK --set-mark 7
COMMIT
*filter
-A FORWARD -p udp -j ACCEPT
COMMIT
'''
RATES = [5000, 20000, 50000, 0]


def counted(gw):
    """Packets that passed filter FORWARD rule 1 since the rules were loaded."""
    text = lab.run('ip', 'netns', 'exec', gw, 'iptables-nft', '-L', 'FORWARD', '-nvx')
    return int(re.search(r'^\s*(\d+)\s', text.stdout.splitlines()[2]).group(1))


def zero(gw):
    lab.run('ip', 'netns', 'exec', gw, 'iptables-nft', '-t', 'filter', '-Z')


class Program:
    def __init__(self, name, words, shows, says):
        self.name, self.words, self.shows, self.says = name, words, shows, says


def programs(nfhop):
    return [
        Program('nfhop', [nfhop, 'record', '-o', '/dev/null', 'nft:'],
                lambda out, err: int(re.search(r'(\d+) packets of', err).group(1)),
                lambda out, err: re.search(r's, (.*)$', err.strip()).group(1)),
        Program('nft monitor', ['stdbuf', '-o1M', 'nft', 'monitor', 'trace'],
                lambda out, err: out.count(' ip filter FORWARD packet: '),
                lambda out, err: 'lost' if 'We lost' in out + err else 'nothing'),
        Program('xtables-monitor', ['xtables-monitor', '--trace'],
                lambda out, err: out.count(':FORWARD:rule:'),
                lambda out, err: (err.strip().splitlines() or ['nothing'])[-1][:50]),
    ]


def cpu(pid):
    """Seconds of CPU that a process has used, to the nanosecond (clock_getcpuclockid(3))."""
    return time.clock_gettime(~pid << 3 | 2)


def listen(net, flood, words, rate, seconds):
    """Run @words in gw while it is flooded, until ^C.

    Return: what it wrote (output, errors), and the seconds of CPU that the flood cost it: not its
    start, not its end. None: it had died.
    """
    zero(net.name('gw'))
    with tempfile.TemporaryFile('w+') as out, tempfile.TemporaryFile('w+') as err:
        child = subprocess.Popen(['ip', 'netns', 'exec', net.name('gw'), *words], stdout=out,
                                 stderr=err)
        time.sleep(1)
        before = cpu(child.pid)
        net.inside('lan', os.path.abspath(flood), net.addr('wan'), '9', str(rate), str(seconds))
        time.sleep(2)
        used = cpu(child.pid) - before if child.poll() is None else None
        child.send_signal(signal.SIGINT)
        child.wait(60)
        out.seek(0), err.seek(0)
        return out.read(), err.read(), used


def measure(net, flood, program, rate, seconds):
    out, err, used = listen(net, flood, program.words, rate, seconds)
    passed, shown = counted(net.name('gw')), program.shows(out, err)
    lost = 100 * (1 - shown / passed) if passed else 0
    print(f'{program.name:16} {rate or "all":>7} {passed / seconds:>10.0f} {passed:>9} {shown:>9} '
          f'{lost:>6.1f} % {"died" if used is None else f"{used:.1f} s":>7}  '
          f'{program.says(out, err)}', flush=True)


@contextlib.contextmanager
def gateway():
    """The lab, with the rules loaded."""
    lab.remove_stale()
    lab.end_on_signals()
    with lab.Lab() as net:
        net.inside('gw', 'iptables-nft-restore', text=RULES)
        yield net


def main(flood, nfhop, seconds='5'):
    lab.need('iptables-nft', 'nft', 'xtables-monitor')
    nfhop = os.path.abspath(nfhop)
    print(f'{"program":16} {"wanted":>7} {"packets/s":>10} {"passed":>9} {"shown":>9} {"lost":>8} '
          f'{"CPU":>7}  said')
    with gateway() as net:
        for rate in RATES:
            for program in programs(nfhop):
                measure(net, flood, program, rate, float(seconds))


if __name__ == '__main__':
    main(*sys.argv[1:])
