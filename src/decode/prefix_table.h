/* SPDX-License-Identifier: GPL-2.0-or-later */
/* prefix_table.h - the built-in conventions of LOG prefixes, and the words they use */
#ifndef NFHOP_DECODE_PREFIX_TABLE_H
#define NFHOP_DECODE_PREFIX_TABLE_H

#include <stdint.h>

#include "nfhop/str.h"
#include "nfhop/words.h"

/* builtin_prefixes - rows in the language of nfhop-prefixes(5) */
extern const char *const builtin_prefixes[];
extern const size_t builtin_count;

/* action_verdict - the verdict that a word or letter means, in any case; Return: if it is one */
bool action_verdict(struct str word, enum verdict *verdict);

/* hook_bits - HOOK_BIT()s of names with commas between them, in any case; Return: if all are */
bool hook_bits(struct str names, uint32_t *bits);

#endif
