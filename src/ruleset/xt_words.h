/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xt_words.h - what iptables' tables, built-in chains and targets are */
#ifndef NFHOP_RULESET_XT_WORDS_H
#define NFHOP_RULESET_XT_WORDS_H

#include "nfhop/ruleset.h"

/**
 * struct xt_hook - a built-in chain of a table
 * @priority: of legacy iptables; @nft_priority: of iptables-nft
 */
struct xt_hook {
	struct str table, chain;
	enum hook hook;
	int32_t priority, nft_priority;
};

/* xt_hook_find - Return: NULL if @table has no such built-in chain (ip, ip6 tables) */
const struct xt_hook *xt_hook_find(struct str table, struct str chain);

/* xt_chain_hook - the hook of a built-in chain by its name alone, or HOOK_NONE */
enum hook xt_chain_hook(struct str chain);

/* struct xt_target, flags */
enum {
	XT_TARGET_STANDARD =
		1 << 0,		   /* alone in a rule it makes it unconditional (formats.md 2.3) */
	XT_TARGET_SOURCE = 1 << 1, /* translates the source */
	XT_TARGET_DEST = 1 << 2,   /* translates the destination */
	XT_TARGET_BY_DEVICE = 1 << 3,
	XT_TARGET_BY_MAP = 1 << 4,
};

/**
 * struct xt_target - a target that is no chain
 * @rule_flags: RULE_* bits that a rule with it has
 * @table: the only table where it may stand, empty if many
 * @listing: how `iptables -L` begins what it prints of its options, if not with the name itself
 */
struct xt_target {
	struct str name;
	enum verdict verdict;
	uint32_t flags, rule_flags;
	struct str table, listing;
};

/* xt_target_find - Return: NULL if @name is none that is known: a chain, or something new */
const struct xt_target *xt_target_find(struct str name);

/* xt_match_needs_ct - true if the match asks connection tracking */
bool xt_match_needs_ct(struct str name);

#endif
