# SPDX-License-Identifier: GPL-2.0-or-later
"""How a benchmark says whether its target was met. One that is missed fails nothing: machines and
their load differ."""


def say(what, limit, met, how):
    print(f'  {"met   " if met else "MISSED"} {what}; {how} {limit:g}', flush=True)
