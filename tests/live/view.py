#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""view.py NFHOP: the view on a living gateway, on a real terminal: from the packet to its rule.

The terminal is tmux's (tests/screen/terminal.py). Skipped by name without root, tmux or nft.
"""
import os, sys

import lab as labs

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)), '../screen'))
import terminal

RULES = '''table ip filter {
	chain forward {
		type filter hook forward priority filter; policy accept;
		ct state established,related accept
		udp dport 4001 accept
		udp dport 4002 drop
		jump web
	}
	chain web { udp dport 4003 drop; }
}
'''


def look(t, lab, nfhop):
    wan, gw = lab.addr('wan'), lab.name('gw')
    lab.inside('gw', 'nft', '-f', '-', text=RULES)
    t.line(f'{nfhop} view --netns {gw} -t "udp and dst {wan}" nft:')
    t.wait('No packet yet')

    for port in (4001, 4002, 4003):
        lab.send('lan', wan, port)
    t.wait(r'^ x udp +\S+ +\S+:4002 .*filter forward 3$')
    t.wait(r'^ x udp +\S+ +\S+:4003 .*filter web 1$')
    print('ok what is stopped stands in the list, with its rule')

    t.keys('Enter', 'Enter', 'Enter')
    t.wait(r'^ x +3  udp dport 4002 drop .*stopped here$')
    t.wait(r'^ +2  udp dport 4001 accept +the packet goes to 4002$')
    t.wait(r'^ +4  jump web +not reached$')
    print('ok three keys on it is that rule, and why not the ones before')

    t.keys('1', 'Space')
    t.wait('HELD')
    for port in range(4004, 4009):
        lab.send('lan', wan, port)
    t.wait(r'HELD \+5\b')
    terminal.same(':4008' in t.screen(), False, 'a held screen shows something new')
    t.keys('Space')
    t.wait(':4008')
    print('ok a held screen stays as it is, and counts')

    t.keys('t')
    t.wait('What the kernel is to trace')
    t.keys('G', 'k', 'Enter')
    t.wait('sorted by')
    t.keys('t')
    t.wait(rf'^ now +host {wan} and udp and port 400')
    t.keys('G', 'Enter')
    t.wait('sorted by')
    terminal.same('nfhop' in lab.inside('gw', 'nft', 'list', 'tables').stdout, False,
                  'our table is there after tracing was ended')
    print('ok the trace is armed from the form, and ended')

    t.keys('w', 'Enter')
    t.wait('save to:')
    t.keys('C-u')
    t.tmux('send-keys', '-l', f'{t.folder.name}/flow.nfhop')
    t.keys('Enter')
    t.wait('Saved to .*record')
    t.keys('Q')
    t.wait(r'ready> *$')
    t.line(f'clear; {nfhop} report {t.folder.name}/flow.nfhop | cat')
    t.wait(r'stopped here')
    print('ok what is saved of a live flow can be read again')


def main(nfhop):
    labs.need('nft', 'tmux')
    labs.end_on_signals()
    labs.remove_stale()
    t = terminal.Terminal('100x30')
    try:
        with labs.Lab() as lab:
            look(t, lab, os.path.abspath(nfhop))
    except AssertionError as e:
        print('not ok', e)
        return 1
    finally:
        t.close()
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
