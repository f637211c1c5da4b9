#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""terminal.py NFHOP [CASE...]: the view on a real terminal, which is tmux's.

What a script of keys cannot show: that ncurses draws what the canvas says, windows that change,
^Z, terminals that can do less, signals. Skips itself without tmux.
"""
import os, re, shutil, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.realpath(os.path.join(HERE, '../..'))
PATIENCE = 20  # seconds; a machine may be busy
DROP = '--year 2026 -r testdata/findings/rule-drop.rules testdata/findings/rule-drop.log'


class Terminal:
    """A window of tmux with a shell in it, on a server of its own."""

    def __init__(self, size='80x24'):
        self.folder = tempfile.TemporaryDirectory()
        self.socket = os.path.join(self.folder.name, 'tmux')
        width, height = size.split('x')
        clean = {'PATH': os.environ['PATH'], 'HOME': self.folder.name, 'LC_ALL': 'C.UTF-8',
                 'TERM': 'xterm-256color'}
        # A shell with job control whose prompt is known; the server's own terminal is UTF-8.
        self.tmux('-f', '/dev/null', 'new-session', '-d', '-x', width, '-y', height, 'sh -i',
                  env=clean)
        self.tmux('set-option', '-g', 'history-limit', '1000')
        self.line("PS1='ready> '; clear")
        self.wait(r'^ready> *$')

    def tmux(self, *args, env=None):
        done = subprocess.run(['tmux', '-S', self.socket, *args], cwd=TOP, env=env, text=True,
                              capture_output=True, check=False, encoding='utf-8')
        return done.stdout

    def line(self, text):
        self.tmux('send-keys', '-l', text)
        self.tmux('send-keys', 'Enter')

    def keys(self, *names):
        for name in names:
            self.tmux('send-keys', name)

    def size(self, width, height):
        self.tmux('resize-window', '-x', str(width), '-y', str(height))

    def screen(self, styles=False):
        return self.tmux('capture-pane', '-p', *(['-e'] if styles else []))

    def wait(self, pattern, styles=False):
        """The screen once it has the pattern."""
        end = time.time() + PATIENCE
        while time.time() < end:
            screen = self.screen(styles)
            if re.search(pattern, screen, re.M):
                return screen
            time.sleep(0.05)
        raise AssertionError(f'no {pattern!r} in:\n{screen}')

    def shows(self, want, what):
        """It becomes what it should be, its first line apart; half of it may be drawn earlier."""
        end = time.time() + PATIENCE
        while time.time() < end and below(self.screen()) != want:
            time.sleep(0.05)
        same(below(self.screen()), want, what)

    def status(self):
        """The exit status of the last command, which has ended."""
        self.line('echo "status=$?."')
        return int(re.search(r'^status=(\d+)\.', self.wait(r'^status=\d+\.'), re.M).group(1))

    def close(self):
        self.tmux('kill-server')
        self.folder.cleanup()


def same(got, want, what):
    if got != want:
        raise AssertionError(f'{what}\n--- is\n{got}\n--- should be\n{want}')


def golden(name, number):
    """A screen that the script of that name leads to, without its first line: it has the memory."""
    with open(os.path.join(HERE, f'{name}.80x24.screen'), encoding='utf-8') as f:
        text = f.read().split('===\n')[number - 1].split('--- styles\n')[0]
    lines = [x for x in text.split('\n') if not x.startswith(('keys ', 'type '))]
    return '\n'.join(lines[1:]).rstrip()


def below(screen):
    return '\n'.join(x.rstrip() for x in screen.split('\n')[1:]).rstrip()


def real_screens_are_those_of_the_scripts(t, nfhop):
    t.line(f'{nfhop} view {DROP}')
    t.shows(golden('rule-drop', 1), 'the flows')
    t.keys('Enter', 'Enter', 'Enter')
    t.shows(golden('rule-drop', 4), 'the rule, three keys on')
    t.keys('Escape', 'm')
    t.shows(golden('rule-drop', 5), 'the map')
    t.keys('Q')
    t.wait(r'ready> *$')
    same(t.status(), 0, 'its exit status')


def a_window_that_changes(t, nfhop):
    t.line(f'{nfhop} view {DROP}')
    t.wait(r'1 of 1, sorted(.*\n)*.*quit')
    for width, height in ((132, 50), (60, 20), (40, 10)):
        t.size(width, height)
        t.wait(rf'\A nfhop.*\n(.*\n){{{height - 2}}}.* {{2}}\? help\n*\Z')
        widest = max(len(x) for x in t.screen().split('\n'))
        same(widest, width, f'the rule across {width}x{height}')
    t.size(20, 5)
    t.wait(r'Too small: 20x5\.')
    t.size(80, 24)
    t.shows(golden('rule-drop', 1), 'as large as it was')


def stopped_and_gone_on_with(t, nfhop):
    t.line(f'{nfhop} view {DROP}')
    t.wait(r'1 of 1, sorted(.*\n)*.*quit')
    t.keys('C-z')
    t.wait(r'Stopped|Suspended')
    t.line('fg')
    t.wait(r'1 of 1, sorted(.*\n)*.*quit')
    t.keys('Enter', 'Enter', 'Enter')
    t.shows(golden('rule-drop', 4), 'after fg')


def a_dumb_terminal(t, nfhop):
    t.line(f'TERM=dumb {nfhop} view {DROP}')
    t.wait('cannot show the view')
    same(t.status(), 2, 'its exit status')
    t.line(f'TERM=dumb {nfhop} {DROP}')
    t.wait('← stopped here')


def no_terminal_at_all(t, nfhop):
    t.line(f'clear; {nfhop} view {DROP} | cat')
    t.wait('needs a terminal')
    t.line(f'clear; {nfhop} {DROP} | grep -c "stopped in"')
    t.wait(r'^1$')


def without_a_command(t, nfhop):
    t.line(f'{nfhop} {DROP}')
    t.shows(golden('rule-drop', 1), 'the view')
    t.keys('q')
    t.wait(r'ready> *$')
    t.line(f'clear; {nfhop} {DROP} -b stop')
    t.wait(r'^where +packets')
    t.line(f'clear; {nfhop} {DROP} -b stpo')
    t.wait('--by takes one of')


def keys_while_standard_input_is_a_source(t, nfhop):
    t.line(f'cat testdata/findings/rule-drop.log | {nfhop} view --year 2026 -')
    t.wait('standard input.*\n')
    t.keys('Enter', 'Enter')
    t.wait('stopped here')
    t.keys('Q')
    t.wait(r'ready> *$')


def a_pipe_that_stays_open(t, nfhop):
    """As tail -f: what came is shown while more may come, and keys are answered."""
    t.line(f'(sleep 1; cat testdata/findings/rule-drop.log; exec sleep 60) | {nfhop} --year 2026 -')
    t.wait('waiting for standard input')
    t.wait('1 of 1, sorted')
    t.keys('t')
    t.wait('Tracing is for live sources')
    t.keys('Enter', 'Enter')
    t.wait('last seen here|stopped here')
    t.keys('Q')
    t.wait('waiting for standard input')


def packets_that_are_under_way(t, nfhop):
    """They are counted at once, and listed when nothing more of them may come."""
    t.line(f'(cat testdata/live/bridge-calls.rec; exec sleep 60) | {nfhop} -')
    t.wait('Packets are coming in')
    t.wait('1 of 2, sorted')
    t.keys('Q')


def a_pipe_that_ends_is_a_log(t, nfhop):
    """Ages are counted from its last packet then, as a file's are."""
    t.line(f'(cat testdata/findings/rule-drop.log; sleep 1) | {nfhop} --year 2020 -')
    t.wait(r'BACK AGE +STOPPED AT\n.* 0s +filter FORWARD')
    t.keys('q')
    t.wait(r'ready> *$')


def a_pipe_that_nobody_reads(t, nfhop):
    """Without a source it is live, which root alone may be."""
    t.line(f'cat testdata/findings/rule-drop.log | {nfhop}')
    t.wait('nfhop - does that|no live source can be opened')
    t.keys('q')
    t.wait(r'ready> *$')


def colours_of(t, nfhop, settings):
    t.line(f'{settings} {nfhop} view {DROP}; echo over')
    screen = t.wait(r'filter FORWARD 2(.*\n)*.*quit', styles=True)
    t.keys('Q')
    t.wait('^over')
    t.line('clear')
    return set(re.findall(r'\x1b\[[0-9;]*m', screen))


def as_many_colours_as_there_are(t, nfhop):
    many = colours_of(t, nfhop, 'TERM=xterm-256color')
    eight = colours_of(t, nfhop, 'TERM=xterm')
    none = colours_of(t, nfhop, 'TERM=vt100')
    asked = colours_of(t, nfhop, 'NO_COLOR=1')
    if not any('38;5;203' in x for x in many):
        raise AssertionError(f'no red of 256 colours: {many}')
    if not any(re.search(r'[;\[]31m', x) for x in eight) or any('38;5' in x for x in eight):
        raise AssertionError(f'not the red of 8 colours: {eight}')
    for name, found in (('vt100', none), ('NO_COLOR', asked)):
        if any(re.search(r'3[1-8]', x) for x in found):
            raise AssertionError(f'{name} has colours: {found}')
        if not any('7' in x for x in found):
            raise AssertionError(f'{name}: the line that is chosen cannot be seen: {found}')


def ended_by_a_signal(t, nfhop):
    t.line(f'(sleep 1; pkill -TERM -P $$ nfhop) & {nfhop} view {DROP}')
    t.wait(r'1 of 1, sorted(.*\n)*.*quit')
    t.wait(r'ready> *$')
    same(t.status(), 143, 'its exit status')


def ended_by_control_backslash(t, nfhop):
    """The shell's screen is there again, and the mouse its own."""
    t.line(f'{nfhop} view {DROP}')
    t.wait(r'1 of 1, sorted(.*\n)*.*quit')
    mouse = ('display-message', '-p', '#{mouse_any_flag}')
    same(t.tmux(*mouse).strip(), '1', 'the mouse is ours')
    t.keys('C-\\')
    t.wait(r'ready> *$')
    same(t.tmux(*mouse).strip(), '0', 'the mouse is given back')
    same(t.status(), 131, 'its exit status')


def what_is_saved_can_be_read(t, nfhop):
    home = t.folder.name
    t.line(f'{nfhop} view {DROP}')
    t.wait(r'1 of 1, sorted(.*\n)*.*quit')
    t.keys('w')
    t.wait('an expectation for nfhop check')
    t.keys('j', 'Enter')
    t.wait('save to:')
    t.keys('C-u')
    t.tmux('send-keys', '-l', f'{home}/it.expect')
    t.keys('Enter')
    t.wait('Added to')
    t.keys('w', 'Enter')
    t.wait('save to:')
    t.keys('C-u')
    t.tmux('send-keys', '-l', f'{home}/it.nfhop')
    t.keys('Enter')
    t.wait('Saved to')
    t.keys('Q')
    t.wait(r'ready> *$')
    t.line(f'clear; {nfhop} check {home}/it.expect {DROP}; echo "checked $?"')
    t.wait(r'^checked 0')
    t.line(f'clear; {nfhop} report -r testdata/findings/rule-drop.rules {home}/it.nfhop | cat')
    t.wait('← stopped here')


CASES = [
    real_screens_are_those_of_the_scripts, a_window_that_changes, stopped_and_gone_on_with,
    a_dumb_terminal, no_terminal_at_all, without_a_command, keys_while_standard_input_is_a_source,
    a_pipe_that_stays_open, a_pipe_that_ends_is_a_log, packets_that_are_under_way,
    a_pipe_that_nobody_reads, as_many_colours_as_there_are, ended_by_a_signal,
    ended_by_control_backslash, what_is_saved_can_be_read,
]


def main(args):
    if not shutil.which('tmux'):
        print('skipped: tmux is not here')
        return 77
    nfhop, failed = os.path.abspath(args[0]), 0
    for case in CASES:
        if args[1:] and case.__name__ not in args[1:]:
            continue
        terminal = Terminal()
        try:
            case(terminal, nfhop)
            print('ok', case.__name__)
        except AssertionError as e:
            print('not ok', case.__name__, e)
            failed += 1
        finally:
            terminal.close()
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
