/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sym.h - names as small numbers: tables, chains, devices, prefixes, hosts */
#ifndef NFHOP_SYM_H
#define NFHOP_SYM_H

#include <stdint.h>

#include "nfhop/str.h"

struct syms;

/* sym_t - number of an interned string; 0 is the empty string */
typedef uint32_t sym_t;

/* syms_create - Return: an empty table (heap), or NULL if there is no memory */
struct syms *syms_create(void);
void syms_destroy(struct syms *syms);

/**
 * sym_intern - the number of @s, given out now if it had none
 *
 * Return: the number. Once SYMS_MAX strings are held or memory ends, a new string gets the
 * number of "…": names are lost then, but memory stays bounded.
 */
sym_t sym_intern(struct syms *syms, struct str s);

/* sym_text - the bytes behind a number; valid as long as @syms */
struct str sym_text(const struct syms *syms, sym_t sym);

#define SYMS_MAX (1u << 20)

#endif
