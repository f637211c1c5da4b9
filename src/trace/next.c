// SPDX-License-Identifier: GPL-2.0-or-later
/* next.c - what a packet would have been seen at next, had its last hop accepted it */
#include "next.h"

/* Was the trace of that packet filter on before the evaluation that the last hop is of? */
static bool told_before(const struct question *q, bool nft)
{
	for (size_t i = 0; i < q->begin; i++) {
		const struct step *s = paths_hop(q->paths, q->path, i).step;

		if (s->kind != HOP_LOG && !(s->have & STEP_NFT) == !nft)
			return true;
	}
	return false;
}

/* Did a rule at the last hop's hook translate the packet? Then no other chain of NAT is asked. */
static bool nat_is_done(const struct question *q)
{
	for (size_t i = (size_t)q->last + 1; i-- > 0;) {
		struct path_hop h = paths_hop(q->paths, q->path, i);

		if (h.step->hook && h.step->hook != q->hook)
			break;
		if (h.meaning->rule && h.meaning->rule->nat)
			return true;
	}
	return false;
}

/* The packet was seen at @hook in that legacy table, or, if it is none, in @chain. */
static bool seen_in(const struct question *q, enum hook hook, enum table_no table,
		    const struct chain *chain)
{
	for (size_t i = 0; i < q->n; i++) {
		struct path_hop h = paths_hop(q->paths, q->path, i);

		if (h.step->kind == HOP_LOG || h.step->hook != hook)
			continue;
		if (table == TABLE_MAX ? h.meaning->chain == chain
				       : paths_table(q->paths, q->path, i) == table)
			return true;
	}
	return false;
}

/*
 * is_behind - does what stands at @at come behind the base chain that the last hop was in?
 *
 * At the same priority by what is known of the order of the two; else by the trace: what it would
 * have told of already, had it come before, comes behind.
 */
static bool is_behind(const struct question *q, int at, enum table_no table,
		      const struct chain *chain)
{
	enum chain_order order = ORDER_UNKNOWN;

	if (at != q->priority)
		return at > q->priority;
	if (q->base && chain)
		order = chain_order(q->base, chain);
	if (order != ORDER_UNKNOWN)
		return order == ORDER_BEFORE && !seen_in(q, q->hook, table, chain);
	return told_before(q, table == TABLE_MAX) && !seen_in(q, q->hook, table, chain);
}

/* The first visible legacy table in @hook; @behind: behind what the last hop was in. */
static struct next next_table(const struct question *q, enum hook hook, bool behind)
{
	struct next next = { .hook = hook, .table = TABLE_MAX };

	for (int t = 0; t < TABLE_MAX; t++) {
		int at = table_priority((enum table_no)t, hook);

		if (!(q->tables & TABLE_BIT(t)) ||
		    !(table_hooks((enum table_no)t) & HOOK_BIT(hook)))
			continue;
		if (behind && (!is_behind(q, at, (enum table_no)t, NULL) ||
			       (t == TABLE_NAT && nat_is_done(q))))
			continue;
		if (!next.any || at < table_priority(next.table, hook))
			next.table = (enum table_no)t;
		next.any = true;
	}
	return next;
}

/* The same of nft's base chains, by the rule set. */
static struct next next_chain(const struct question *q, enum hook hook, bool behind)
{
	struct next next = { .hook = hook, .table = TABLE_MAX };
	const struct ruleset *rules = paths_rules_of(q->paths, q->path);
	struct chain_list list = { NULL, 0 };

	if (q->nft && rules)
		list = ruleset_hook_chains(rules, q->layer, hook);
	for (size_t i = 0; i < list.n && !next.any; i++) {
		const struct chain *c = list.at[i];

		if (c->table->backend != BACKEND_NFT || !(c->have & CHAIN_PRIORITY) ||
		    ((c->have & CHAIN_NAT) && !q->nft_nat))
			continue;
		if (behind && (!is_behind(q, chain_stands_at(c), TABLE_MAX, c) ||
			       (chain_is_of_nat(c) && nat_is_done(q))))
			continue;
		next.any = true;
		next.chain = c;
	}
	return next;
}

struct next next_in_hook(const struct question *q)
{
	struct next next = next_table(q, q->hook, true);

	return next.any ? next : next_chain(q, q->hook, true);
}

struct next next_first_at(const struct question *q, enum hook hook)
{
	struct next next = next_table(q, hook, false);

	if (!next.any)
		next = next_chain(q, hook, false);
	if (!next.any && (q->nft_hooks & HOOK_BIT(hook)))
		next.any = next.maybe = true;
	return next;
}

struct next next_behind_hook(const struct question *q)
{
	struct next input, forward;

	switch (q->hook) {
	case HOOK_PREROUTING: /* one of the two follows; FORWARD stands for both */
		input = next_first_at(q, HOOK_INPUT);
		forward = next_first_at(q, HOOK_FORWARD);
		if (q->away)
			return forward;
		forward.any &= input.any;
		forward.maybe |= input.maybe;
		return forward;
	case HOOK_FORWARD:
	case HOOK_OUTPUT:
		return next_first_at(q, HOOK_POSTROUTING);
	default:
		return (struct next){ .table = TABLE_MAX };
	}
}
