// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * passed.c - how far packets of one path came in each chain, by rules that they did not match, too
 *
 * Theory of operation. A trace names the rules that matched. But evaluation of a chain begins at
 * its first rule and goes on in order, so a packet came to all rules before one that is named; to
 * all rules of a chain whose policy or end is named, or that it came back from without a word of
 * it. It did not come to what stands behind a rule that took it out of the chain. Where neither
 * follows, it may have come further.
 */
#include "nfhop/passed.h"

#include <limits.h>

#include "shadow.h"

/* struct walk - one path, and to whom it is told */
struct walk {
	const struct model *m;
	uint32_t path;
	size_t n;
	const struct passed_to *to;
};

static void step_at(const struct walk *walk, size_t i, struct hop_view *hop)
{
	model_path_step(walk->m, walk->path, i, hop);
}

static void tell(const struct walk *walk, const struct chain *chain, uint32_t last, bool further)
{
	walk->to->tell(walk->to->who, chain, last, further);
}

/* The next trace event behind hop @i, no deeper than @depth; @walk->n if there is none */
static size_t next_at(const struct walk *walk, size_t i, unsigned int depth, struct hop_view *hop)
{
	for (i++; i < walk->n; i++) {
		step_at(walk, i, hop);
		if (hop->kind != HOP_LOG && hop->depth <= depth)
			break;
	}
	return i;
}

/* What the last event below hop @i did, those before hop @end; REACH_RULE if there is none. */
static enum reach reach_below(const struct walk *walk, size_t i, size_t end)
{
	enum reach reach = REACH_RULE;
	struct hop_view hop;

	for (i++; i < end; i++) {
		step_at(walk, i, &hop);
		if (hop.kind != HOP_LOG)
			reach = verdict_reach(hop.verdict);
	}
	return reach;
}

/* The number of the rule by which the packet left the chain whose policy is hop @i for good. */
static uint32_t left_by(const struct walk *walk, size_t i, const struct hop_view *end)
{
	struct hop_view hop;

	while (i-- > 0) {
		step_at(walk, i, &hop);
		if (hop.kind == HOP_LOG || hop.depth > end->depth)
			continue;
		if (hop.meaning->chain != end->meaning->chain || !hop.meaning->rule)
			break;
		return hop.verdict == VERDICT_GOTO || hop.verdict == VERDICT_RETURN
			       ? hop.meaning->rule->number
			       : 0;
	}
	return 0;
}

static void tell_end(const struct walk *walk, size_t i, const struct hop_view *hop)
{
	uint32_t left = left_by(walk, i, hop);

	tell(walk, hop->meaning->chain, left ? left : hop->meaning->chain->n_rules, false);
}

/* The chain that a rule sent it to; which one of a verdict map's the trace tells by name. */
static const struct chain *target_of(const struct walk *walk, const struct hop_view *hop)
{
	const struct chain *from = hop->meaning->chain;
	const struct table *table = from->table;
	const struct ruleset *rules = model_rules(walk->m);

	if (hop->meaning->rule->to || !hop->target.n || !rules)
		return hop->meaning->rule->to;
	if (ruleset_chain(rules, table->backend, table->family, table->name, from->name) != from)
		return NULL; /* of a rule set before this one */
	return ruleset_chain(rules, table->backend, table->family, table->name, hop->target);
}

/* A chain that no event is of: it was gone through, if the packet was seen later. */
static void tell_called(const struct walk *walk, size_t i, const struct hop_view *hop)
{
	const struct chain *to = target_of(walk, hop);
	struct hop_view next;
	size_t at = next_at(walk, i, UINT_MAX, &next);

	if (!to || (hop->verdict != VERDICT_JUMP && hop->verdict != VERDICT_GOTO))
		return;
	if (at == walk->n)
		tell(walk, to, 0, true);
	else if (next.depth <= hop->depth)
		tell(walk, to, to->n_rules, false);
}

/* How far the packet came in its chain behind a rule that let it go on. */
static void tell_going_on(const struct walk *walk, size_t i, const struct hop_view *hop)
{
	const struct chain *chain = hop->meaning->chain;
	uint32_t number = hop->meaning->rule->number;
	struct hop_view next;
	size_t at = next_at(walk, i, hop->depth, &next);
	enum reach below = reach_below(walk, i, at);
	bool same = at < walk->n && next.depth == hop->depth && next.meaning->chain == chain;

	if (same && (!next.meaning->rule || next.meaning->rule->number > number))
		return; /* that hop tells */
	if (below == REACH_BASE || below == REACH_PACKET)
		tell(walk, chain, number, false);
	else if (at == walk->n || below == REACH_UNKNOWN || (chain->have & CHAIN_BASE))
		tell(walk, chain, number, true);
	else
		tell(walk, chain, chain->n_rules, false);
}

static void tell_rule(const struct walk *walk, size_t i, const struct hop_view *hop)
{
	uint32_t number = hop->meaning->rule->number;

	tell_called(walk, i, hop);
	tell(walk, hop->meaning->chain, number, hop->verdict == VERDICT_NONE);
	if (hop->verdict != VERDICT_NONE && !verdict_takes(hop->verdict))
		tell_going_on(walk, i, hop);
}

void passed_walk(const struct model *m, uint32_t path, const struct passed_to *to)
{
	struct walk walk = { m, path, model_path_length(m, path), to };
	struct hop_view hop;

	for (size_t i = 0; i < walk.n; i++) {
		step_at(&walk, i, &hop);
		if (hop.kind == HOP_LOG || !hop.meaning->chain)
			continue;
		if (hop.meaning->is == HOP_IS_RULE && hop.meaning->rule)
			tell_rule(&walk, i, &hop);
		else if (hop.meaning->is == HOP_IS_POLICY || hop.meaning->is == HOP_IS_END)
			tell_end(&walk, i, &hop);
		else
			tell(&walk, hop.meaning->chain, 0, true); /* one of several rules */
	}
}
