/* SPDX-License-Identifier: GPL-2.0-or-later */
/* list_row.h - turns one row of `iptables -L` back into the words that made the rule */
#ifndef NFHOP_RULESET_LIST_ROW_H
#define NFHOP_RULESET_LIST_ROW_H

#include "nfhop/event.h"

#include "arena.h"

/* struct list_format - which columns the listing has, as its head line says */
struct list_format {
	bool numbers, counters, devices;
};

enum { LIST_ROW_COUNTERS = 1 << 0, LIST_ROW_NUMBER = 1 << 1 };

/**
 * struct list_row - what a row says beside its conditions
 * @hint: FAMILY_IP or FAMILY_IP6 if the addresses tell
 */
struct list_row {
	uint8_t have;
	uint32_t number;
	uint64_t packets, bytes;
	enum family hint;
};

/**
 * list_row_spec - append to @spec what could have stood after `-A CHAIN `
 *
 * What is not understood goes in brackets. Return: NULL, or a constant: what the row lacks.
 */
const char *list_row_spec(struct str row, const struct list_format *format, struct list_row *out,
			  struct text *spec);

/* list_count - `12`, `3456K`, `7M`: counters as -L prints them without -x, K being a thousand */
bool list_count(struct str s, uint64_t *v);

#endif
