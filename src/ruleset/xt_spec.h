/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xt_spec.h - reads one rule in iptables' own words: what follows `-A CHAIN` */
#ifndef NFHOP_RULESET_XT_SPEC_H
#define NFHOP_RULESET_XT_SPEC_H

#include "build.h"

/**
 * struct xt_spec_result - what the reading found out beside the rule itself
 * @hint: the family that the rule speaks of, or FAMILY_NONE
 * @expands: iptables makes several rules of it (`-s A,B`), so later numbers differ
 * @bad: NULL, or where in the text it went wrong; @expected: a constant
 */
struct xt_spec_result {
	enum family hint;
	bool expands;
	const char *bad, *expected;
};

/* xt_spec_parse - fill @rule from @spec, which must live in the arena */
struct xt_spec_result xt_spec_parse(struct load *load, struct rule *rule, struct str spec);

/**
 * struct xt_token - one word as iptables-restore takes lines apart
 * @raw: with its quotes; @word: without, in the arena if a backslash had to go
 */
struct xt_token {
	struct str raw, word;
};

/* xt_token_next - Return: false at the end of *@rest, or if a quote is not closed (*@rest stays) */
bool xt_token_next(struct arena *arena, struct str *rest, struct xt_token *token);

#endif
