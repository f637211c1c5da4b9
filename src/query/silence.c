// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * silence.c - chains that a packet may have passed, but whose trace is not seen
 *
 * Legacy iptables and nftables tell of a packet by ways of their own, and one of them may be shut:
 * the log lines of a network namespace are suppressed, a logger is bound elsewhere. Then that no
 * hop is seen there proves nothing.
 */
#include "judge.h"
#include "nfhop/own.h"

/* Which of the two filters tell of the packet: bits of enum backend. */
static unsigned int heard_of(const struct look *look)
{
	unsigned int heard = 0;

	for (size_t i = 0; i < model_path_length(look->model, look->path); i++) {
		struct hop_view hop;

		model_path_step(look->model, look->path, i, &hop);
		if (hop_was_traced(&hop))
			heard |= 1u << (hop.nft ? BACKEND_NFT : BACKEND_XT);
	}
	return heard;
}

/* Hooks that no packet of that outcome passes. */
static const unsigned int barred[OUTCOME_MAX] = {
	[OUTCOME_FORWARDED] = HOOK_BIT(HOOK_INPUT) | HOOK_BIT(HOOK_OUTPUT),
	[OUTCOME_DELIVERED] = HOOK_BIT(HOOK_FORWARD),
	[OUTCOME_SENT] = HOOK_BIT(HOOK_FORWARD),
};

static bool is_meant(const struct query_place *place, const struct chain *chain)
{
	if (!place) /* what an empty chain would say, nobody asks for */
		return chain->n_rules || chain->policy == VERDICT_DROP;
	return glob_matches(place->table, chain->table->name) &&
	       glob_matches(place->chain, chain->name);
}

static bool may_pass(struct look *look, const struct chain *chain)
{
	enum family family = look->packet ? look->packet->first.family
			     : look->flow ? (enum family)look->flow->there.family
					  : FAMILY_NONE;

	return !(chain->table->flags & TABLE_DORMANT) &&
	       (chain->table->family == family || chain->table->family == FAMILY_INET) &&
	       !(barred[look_decision(look)->outcome] & HOOK_BIT(chain->hook));
}

bool look_is_silent(struct look *look, const struct query_place *place)
{
	const struct ruleset *rules = model_rules(look->model);
	struct chain_list chains = rules ? ruleset_chains(rules) : (struct chain_list){ 0 };
	unsigned int heard = chains.n ? heard_of(look) : 0;

	for (size_t i = 0; i < chains.n; i++) {
		const struct chain *chain = chains.at[i];
		enum backend backend = chain->table->backend;

		if (backend != BACKEND_ANY && !(heard >> backend & 1) &&
		    !is_own_table(chain->table->family, chain->table->name) &&
		    is_meant(place, chain) && may_pass(look, chain))
			return true;
	}
	return false;
}
