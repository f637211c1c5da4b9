#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""layers.py: each room of src/ includes and calls only what its place in the picture allows.

Data flows source -> decode -> trace -> flow -> output; rooms meet in include/nfhop only. The
table says what a room may use beyond what all may; doc/architecture.md says why.
"""
import os, re, sys
import tree

EVERYBODY = '''assert.h ctype.h endian.h errno.h inttypes.h limits.h stdalign.h stdarg.h stdbool.h
    stddef.h stdint.h stdio.h stdlib.h string.h strings.h arpa/inet.h netinet/in.h
    linux/netfilter.h linux/netfilter/ linux/netfilter_ linux/if_ether.h'''.split()
FILES = 'dirent.h fcntl.h poll.h sys/mman.h sys/stat.h sys/types.h time.h unistd.h'.split()
SOCKETS = 'libmnl/ libnftnl/ libnetfilter_log/ libnftables linux/ net/ sched.h sys/'.split()

MODEL = 'flow.h model.h output.h packet.h'.split()

# room: (system headers by prefix, contracts in nfhop/ that it must not know, words it may use)
ROOMS = {
    'decode': (['immintrin.h', 'libmnl/', 'libnftnl/', 'libnetfilter_log/', 'pcre2.h', 'time.h'],
               [*MODEL, 'split.h'], []),
    'ruleset': (['pcre2.h'], ['decode.h', 'output.h', 'split.h'], []),
    'evidence': ([], ['decode.h', 'output.h', 'split.h', *MODEL], []),
    'query': (['jansson.h', 'pcre2.h'], ['output.h', 'split.h'], []),
    'trace': (['jansson.h', 'pcre2.h'], ['output.h', 'split.h'], []),
    'flow': (['jansson.h', 'pcre2.h'], ['output.h', 'split.h'], []),
    'output': (['jansson.h', 'math.h', 'time.h'], ['decode.h', 'record.h', 'split.h', 'source.h'],
               ['write']),
    'source': ([*FILES, *SOCKETS, 'nftables/', 'archive', 'dlfcn.h', 'pthread.h', 'zlib.h',
                'signal.h', 'spawn.h', 'stdatomic.h'], MODEL,
               ['clock', 'devices', 'errno', 'files', 'sockets']),
    'bulk': (['pthread.h', 'sched.h', 'signal.h', 'sys/types.h'], MODEL, []),
    'live': ([*FILES, *SOCKETS, 'signal.h'], MODEL,
             ['clock', 'devices', 'errno', 'files', 'sockets']),
    'tui': (['locale.h', 'math.h', 'pcre2.h', 'time.h', 'wchar.h', 'wctype.h'],
            ['decode.h', 'record.h', 'split.h', 'source.h'], ['clock']),
    'cli': ([*FILES, 'getopt.h', 'langinfo.h', 'locale.h', 'signal.h', 'spawn.h', 'sys/', 'term.h'],
            [],
            ['clock', 'devices', 'end', 'errno', 'files', 'write']),
}

# what a word of the third column stands for: uses that are wrong without it
USES = {
    'clock': r'\b(time|clock_gettime|gettimeofday|localtime(_r)?|mktime)\s*\(',
    'end': r'\bstderr\b|\b(_?exit|abort|perror|errx?|warnx?|getenv|secure_getenv)\s*\(',
    'errno': r'\berrno\b',
    'files': r'\b(open(at)?|fopen|freopen|popen|read|mmap|stat|fstat|opendir)\s*\(',
    'sockets': r'\b(socket|bind|connect|recv(from|m?msg)?|send(to|msg)?|setns|'
               r'mnl_socket_\w+|nflog_open)\s*\(',
    'devices': r'\bioctl\s*\(',
    'write': r'\b(printf|puts|putchar|vprintf)\s*\(|\bstdout\b',
}


def check_include(report, path, room, kind, header):
    system, unknown, _ = ROOMS[room]
    if kind == '<':
        if path == 'src/tui/screen.c' and header == 'ncurses.h':
            return
        if not any(header == x or (x[-2:] != '.h' and header.startswith(x))
                   for x in EVERYBODY + system):
            report.wrong(path, f'<{header}> is not for {room}')
    elif header.startswith('nfhop/'):
        if header[len('nfhop/'):] in unknown:
            report.wrong(path, f'"{header}" is not for {room}: it must not know that')
    elif '/' in header:
        report.wrong(path, f'"{header}": rooms meet in include/nfhop only')
    elif not os.path.exists(os.path.join(tree.TOP, os.path.dirname(path), header)):
        report.wrong(path, f'"{header}" is no neighbour')


def main():
    report = tree.Report()
    for path in tree.files('src', ends='.c') + tree.files('src', ends='.h'):
        room, text = path.split('/')[1], tree.read(path)
        if room not in ROOMS:
            report.wrong(path, f'no row for {room} in the table of rooms')
            continue
        for kind, header in re.findall(r'^\s*#\s*include\s*([<"])([^>"]+)', text, re.M):
            check_include(report, path, room, kind, header)
        lines = tree.code(text).split('\n')
        for use, pattern in USES.items():
            for no, line in enumerate(lines, 1):
                match = re.search(pattern, line)
                if match and use not in ROOMS[room][2] and not line.lstrip().startswith('#'):
                    report.wrong(f'{path}:{no}', f'{match.group(0)} is not for {room} ({use})')
    for path in tree.files('include', ends='.h'):
        for header in re.findall(r'^\s*#\s*include\s*<([^>]+)', tree.read(path), re.M):
            if header not in EVERYBODY:
                report.wrong(path, f'<{header}> is not for a contract')
    return report.status()


if __name__ == '__main__':
    sys.exit(main())
