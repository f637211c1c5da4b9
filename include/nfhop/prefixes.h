/* SPDX-License-Identifier: GPL-2.0-or-later */
/* prefixes.h - what a LOG line's prefix says of the rule that logged: the firewalls' conventions */
#ifndef NFHOP_PREFIXES_H
#define NFHOP_PREFIXES_H

#include <stdint.h>

#include "nfhop/str.h"
#include "nfhop/words.h"

struct prefixes;

/* Room for names that are put together. A prefix has at most 127 bytes, a chain's name too. */
#define PREFIX_ROOM 256

/**
 * struct prefix_meaning - what a prefix says of its rule
 * @convention: name of the row that knew it ("ufw", "vyos", or the user's); as long as the table
 * @table, @chain: names as `iptables-save` and `nft list` have them, empty if not said
 * @hooks: HOOK_BIT()s of those where the rule may stand, 0 if not said
 * @rule: number of the rule as that firewall counts (its configuration, mostly; not the position
 *	in the chain), 0 if not said
 * @default_rule: what a chain does with packets that none of its rules took
 * @verdict: what becomes of the packet by this rule, VERDICT_NONE if not said. VERDICT_CONTINUE:
 *	it was logged in passing, before anything decided.
 * @certain: the prefix states @verdict. Else that is what this firewall does next by its default
 *	settings, but they, or another rule, may have it otherwise.
 * @room: names that are put together stand here
 *
 * The names point into the prefix, the table, or @room: a copy of the struct is no copy of them.
 */
struct prefix_meaning {
	struct str convention;
	struct str table, chain;
	uint32_t hooks;
	uint32_t rule;
	bool default_rule;
	enum verdict verdict;
	bool certain;
	char room[PREFIX_ROOM];
};

/**
 * struct prefixes_error - why a file of prefixes cannot be used
 * @file: the name it was added under (the caller's string)
 * @line, @column: from 1; columns count bytes
 * @expected: a constant: what should have been there
 * @found: what is there instead, to the line's end; points into the caller's bytes. Control
 *	characters in it are the caller's to escape.
 * @detail: PCRE2's own words if a regular expression is wrong, else empty
 */
struct prefixes_error {
	const char *file;
	uint32_t line, column;
	const char *expected;
	struct str found;
	char detail[128];
};

/* prefixes_create - Return: the built-in conventions (heap), or NULL if there is no memory */
struct prefixes *prefixes_create(void);
void prefixes_destroy(struct prefixes *prefixes);

/**
 * prefixes_builtin - the built-in conventions as text, in the language of prefixes_add()
 * Return: row @i from 0, a constant; NULL if there are no more
 */
const char *prefixes_builtin(size_t i);

/**
 * prefixes_add - take the rows of a user's file; they are asked before the built-in ones
 * @file_name: for @err only
 * @text: the file (nfhop-prefixes(5)); copied
 * @err: filled in if the answer is -EINVAL
 *
 * Rows are asked in their order, those of earlier files first. A file with an error adds nothing.
 *
 * Return: 0; -EINVAL if a row is wrong; -ENOMEM.
 */
int prefixes_add(struct prefixes *prefixes, const char *file_name, struct str text,
		 struct prefixes_error *err);

/**
 * prefixes_match - look a prefix up
 * @prefix: what stands before IN=; blanks at its end do not matter
 * @out: filled in if there is an answer
 *
 * It tries the rows one after the other: ask once for each distinct prefix and keep the answer.
 * A row whose search takes too long, or for which there is no memory, counts as not matching.
 *
 * Return: true if a row knew it.
 */
bool prefixes_match(struct prefixes *prefixes, struct str prefix, struct prefix_meaning *out);

#endif
