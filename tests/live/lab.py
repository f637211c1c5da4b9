# SPDX-License-Identifier: GPL-2.0-or-later
"""Three network namespaces, lan - gw - wan, that are gone afterwards, however a test ends.

Kernel log lines carry no namespace, and other tests may run on the same host: so each lab has
addresses of its own, from its process number, and namespaces that name it. What a test that was
killed has left behind, the next one removes.
"""
import atexit, ctypes, os, re, shutil, signal, socket, subprocess, sys, time

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
PREFIX = 'nfhop-test'
ALL_NETNS = '/proc/sys/net/netfilter/nf_log_all_netns'
SKIPPED = 77


def skip(why):
    print(f'skipped: {why}')
    sys.exit(SKIPPED)


def need(*tools):
    """Root, and these programs; else the test is skipped, saying what is missing."""
    if os.geteuid() != 0:
        skip('needs root, to make network namespaces')
    for tool in ('ip', *tools):
        if not shutil.which(tool, path=os.environ['PATH'] + ':/usr/sbin:/sbin'):
            skip(f'no {tool} here')
    os.environ['PATH'] += ':/usr/sbin:/sbin'
    if subprocess.run(['ip', 'netns', 'list'], capture_output=True).returncode != 0:
        skip('ip netns does not work here')


def run(*words, ok=True, **more):
    done = subprocess.run(words, capture_output=True, text=True, **more)
    if ok and done.returncode != 0:
        raise RuntimeError(f'{" ".join(words)}: {done.stderr.strip()}')
    return done


def remove_stale():
    for line in run('ip', 'netns', 'list').stdout.splitlines():
        name = line.split()[0]
        match = re.fullmatch(PREFIX + r'-(\d+)-\w+', name)
        if match and not os.path.exists(f'/proc/{match.group(1)}'):
            run('ip', 'netns', 'delete', name, ok=False)


def end_on_signals():
    """meson ends a test that takes too long with SIGTERM: clean up then, too."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))


class Lab:
    """lan (.1.2) - lan0 (.1.1) gw wan0 (.2.1) - wan (.2.2), IPv4 and IPv6; gw forwards."""
    made = 0

    def __init__(self):
        number = 16 + (os.getpid() * 7 + Lab.made) % 200
        Lab.made += 1
        self.pid = os.getpid()  # a child has another number
        self.net4 = f'10.{number}'
        self.net6 = f'fd00:{number:x}'
        self.children = []
        self.was = None

    def name(self, role):
        return f'{PREFIX}-{self.pid}-{role}'

    def addr(self, role, family=4):
        tail = {'lan': '1.2', 'gw': '1.1', 'gwan': '2.1', 'wan': '2.2'}[role]
        if family == 4:
            return f'{self.net4}.{tail}'
        net, host = tail.split('.')
        return f'{self.net6}:{net}::{host}'

    def inside(self, role, *words, ok=True, text=None):
        return run('ip', 'netns', 'exec', self.name(role), *words, ok=ok, input=text)

    def sysctl(self, role, path, value):
        self.inside(role, 'sh', '-c', f'echo {value} > /proc/sys/net/{path}')

    def all_netns(self, value):
        """Whether the kernel log shows lines of all network namespaces, until the lab ends.

        Return: can that be set here? (not from within a container)
        """
        try:
            with open(ALL_NETNS, 'r+', encoding='ascii') as f:
                self.was = self.was or f.read()
                f.seek(0)
                f.write(str(value))
        except OSError:
            return False
        return True

    def link(self, role, far, device):
        run('ip', 'link', 'add', device, 'netns', self.name('gw'), 'type', 'veth', 'peer', 'name',
            'eth0', 'netns', self.name(role))
        for where, dev, who in (('gw', device, far), (role, 'eth0', role)):
            self.inside(where, 'ip', 'link', 'set', dev, 'up')
            self.inside(where, 'ip', 'addr', 'add', self.addr(who) + '/24', 'dev', dev)
            self.inside(where, 'ip', 'addr', 'add', self.addr(who, 6) + '/64', 'dev', dev,
                        'nodad')

    def __enter__(self):
        atexit.register(self.__exit__)
        for role in ('lan', 'gw', 'wan'):
            run('ip', 'netns', 'add', self.name(role))
            self.inside(role, 'ip', 'link', 'set', 'lo', 'up')
        self.link('lan', 'gw', 'lan0')
        self.link('wan', 'gwan', 'wan0')
        self.inside('lan', 'ip', 'route', 'add', 'default', 'via', self.addr('gw'))
        self.inside('lan', 'ip', '-6', 'route', 'add', 'default', 'via', self.addr('gw', 6))
        self.inside('wan', 'ip', '-6', 'route', 'add', 'default', 'via', self.addr('gwan', 6))
        self.sysctl('gw', 'ipv4/ip_forward', 1)
        self.sysctl('gw', 'ipv6/conf/all/forwarding', 1)
        self.all_netns(1)
        return self

    def __exit__(self, *_):
        for pid in self.children:
            try:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            except OSError:
                pass
        self.children = []
        if self.was:
            self.all_netns(self.was)
        for role in ('lan', 'gw', 'wan'):
            run('ip', 'netns', 'delete', self.name(role), ok=False)
        atexit.unregister(self.__exit__)

    def child(self, role, call):
        """Run call() as a process of that namespace; Return: its number."""
        pid = os.fork()
        if pid:
            return pid
        try:
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, signal.SIG_DFL)
            fd = os.open(f'/run/netns/{self.name(role)}', os.O_RDONLY)
            if LIBC.setns(fd, CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), 'setns')
            call()
            os._exit(0)
        except BaseException as error:  # a child must never run the parent's clean-up
            print(f'{role}: {error}', file=sys.stderr)
            os._exit(1)

    def send(self, role, to, port, source=None, text=b'nfhop'):
        """One UDP datagram; that it is refused here is no matter (a rule of OUTPUT)."""
        def call():
            six = ':' in to
            with socket.socket(socket.AF_INET6 if six else socket.AF_INET,
                               socket.SOCK_DGRAM) as s:
                if source:
                    s.bind((source, 0))
                try:
                    s.sendto(text, (to, port))
                except PermissionError:
                    pass
        _, status = os.waitpid(self.child(role, call), 0)
        if status != 0:
            raise RuntimeError(f'{role} could not send to {to}')

    def answer(self, role, port):
        """A UDP service that sends back what it gets, until the lab ends."""
        def call():
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                s.bind(('0.0.0.0', port))
                while True:
                    data, who = s.recvfrom(2048)
                    s.sendto(data, who)
        self.children.append(self.child(role, call))
        self.wait_for(lambda: f':{port}' in self.inside(role, 'ss', '-Hlun').stdout)

    def connect(self, role, to, port):
        """A TCP connection; a word there, and what comes back, if anything does in time."""
        def call():
            with socket.socket() as s:
                s.settimeout(0.5)
                try:
                    s.connect((to, port))
                    s.sendall(b'nfhop')
                    s.recv(100)
                except OSError:
                    pass
        os.waitpid(self.child(role, call), 0)

    def talk(self, role, port):
        """A TCP service that sends back what it gets, until the lab ends."""
        def call():
            with socket.create_server(('0.0.0.0', port)) as s:
                while True:
                    with s.accept()[0] as peer:
                        peer.sendall(peer.recv(100))
        self.children.append(self.child(role, call))
        self.wait_for(lambda: f':{port}' in self.inside(role, 'ss', '-Hltn').stdout)

    @staticmethod
    def wait_for(holds, seconds=20):
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                raise TimeoutError('waited in vain')
            time.sleep(0.03)
