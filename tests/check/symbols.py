#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""symbols.py LIBRARY...: no name is defined in two rooms.

Static libraries are searched in order: the linker takes the first definition that it finds, so a
second one of the same name is silently the wrong function.
"""
import subprocess
import sys

owner, status = {}, 0
for library in sys.argv[1:]:
    listed = subprocess.run(['nm', library], capture_output=True, text=True, check=True).stdout
    for line in listed.splitlines():
        words = line.split()
        if len(words) != 3 or words[1] not in 'TDBR':
            continue
        if owner.setdefault(words[2], library) != library:
            print(f'{words[2]}: defined in {owner[words[2]]} and in {library}')
            status = 1
sys.exit(status)
