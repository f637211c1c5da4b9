#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""complete.py NAME...: do the goldens that meson has as tests still equal those that exist?"""
import sys
import golden

changed = sorted(set(golden.all_expected()).symmetric_difference(sys.argv[1:]))
if changed:
    print('Goldens came or went since this build was configured:', *changed, sep='\n  ')
    sys.exit('Please run: meson setup --reconfigure BUILD')
