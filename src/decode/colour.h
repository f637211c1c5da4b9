/* SPDX-License-Identifier: GPL-2.0-or-later */
/* colour.h - lines that were made for a terminal: dmesg -L, grep --color=always, script(1) */
#ifndef NFHOP_DECODE_COLOUR_H
#define NFHOP_DECODE_COLOUR_H

#include "nfhop/decode.h"

/*
 * colour_off - a line without what only colours it: ESC [ digits ; : and then m (SGR) or K (EL) of
 * ECMA-48 section 8.3; and ESC ( B, which tput sgr0 sends with it. Other escape sequences stay.
 * Return: @line itself if it has none, or if there is no room in @scratch
 */
struct str colour_off(struct str line, struct scratch *scratch);

/* colour_at - where the byte stands in @line that has number @at when the colours are off */
size_t colour_at(struct str line, size_t at);

#endif
