/* SPDX-License-Identifier: GPL-2.0-or-later */
/* weave.c - what two sources tell of one packet becomes one row of hops
 *
 * Theory of Operation
 *
 * Both rows are in order. They are put together by hook, by priority in the hook, and in the order
 * in which they came within one chain or table. Where a packet passes a hook again (loopback, a
 * multicast copy), the rows are compared lap by lap. A bridge, of which only nftables tells, has
 * hooks of the same names: what it did before IP stands before all laps of IP's.
 *
 * A LOG line says neither chain nor, most often, hook, and stamps say little: those of nft's events
 * are of their arrival. So it stands behind the hop that is of its own rule; else, if one rule
 * alone has its prefix, behind what the packet met before that in its chain, or on the way into
 * it; else behind what it met at the first hook that the line's devices allow. Nothing stands
 * behind what ended the packet.
 */
#include "assemble.h"

#include <errno.h>
#include <stdlib.h>

#define UP_PRIORITY (UNKNOWN_PRIORITY + 1) /* of what a bridge hands up: before IP's INPUT */

/* struct key - where a hop stands among those of the other row; @lap: 0 before IP */
struct key {
	unsigned int lap;
	enum hook hook;
	int priority;
};

static int base_priority(const struct assembler *a, const struct step *s)
{
	const struct ruleset *rules = paths_rules(a->paths);
	const struct chain *chain = NULL;
	enum table_no table = table_find(sym_text(a->syms, s->table));

	if (!(s->have & STEP_NFT))
		return table == TABLE_MAX ? UNKNOWN_PRIORITY : table_priority(table, s->hook);
	if (rules)
		chain = ruleset_chain(rules, BACKEND_NFT, s->family, sym_text(a->syms, s->table),
				      sym_text(a->syms, s->chain));
	return chain && chain->have & CHAIN_PRIORITY ? chain_stands_at(chain) : UNKNOWN_PRIORITY;
}

/* log_hooks - where a LOG line can have been written */
static unsigned int log_hooks(const struct assembler *a, const struct hop *hop)
{
	const struct step *s = paths_step_at(a->paths, hop->step);
	const struct rule *rule = paths_meaning_at(a->paths, hop->step)->rule;
	unsigned int hooks = hooks_by_devices(hop->iif, hop->oif), named;

	if (s->hook)
		return HOOK_BIT(s->hook);
	named = paths_name_at(a->paths, hop->step)->hooks;
	if (rule && rule->chain->hook)
		named = HOOK_BIT(rule->chain->hook);
	return hooks & named ? hooks & named : hooks;
}

/* key_of_log - of a LOG line behind a hop that has @before: the first hook where it can be */
static struct key key_of_log(const struct assembler *a, const struct hop *hop,
			     const struct key *before)
{
	const struct rule *rule = paths_meaning_at(a->paths, hop->step)->rule;
	unsigned int hooks = log_hooks(a, hop);
	struct key key = *before;

	if (!key.lap)
		key.lap++;
	if (hooks && !(hooks & HOOK_BIT(before->hook))) {
		key.hook = HOOK_NONE;
		while (!(hooks & HOOK_BIT(key.hook)))
			key.hook++;
		key.priority = UNKNOWN_PRIORITY;
	}
	if (rule && rule->chain->have & CHAIN_PRIORITY)
		key.priority = chain_stands_at(rule->chain);
	return key;
}

/* key_of - the key of a hop behind one that has @before */
static struct key key_of(const struct assembler *a, const struct hop *hop, const struct key *before)
{
	const struct step *s = paths_step_at(a->paths, hop->step);
	bool bridged = s->family == FAMILY_BRIDGE;
	struct key key = *before;

	if (s->kind == HOP_LOG)
		return key_of_log(a, hop, before);
	if (bridged && !before->lap)
		return key;
	if (!before->lap || (s->hook && s->hook < before->hook))
		key.lap++;
	if (s->hook && s->hook != before->hook)
		key.priority = UNKNOWN_PRIORITY;
	if (s->hook)
		key.hook = s->hook;
	if (!(s->have & STEP_NFT) || (s->have & STEP_FIRST))
		key.priority = bridged && s->hook == HOOK_INPUT ? UP_PRIORITY : base_priority(a, s);
	return key;
}

static bool ends_packet(const struct assembler *a, const struct hop *hop)
{
	const struct step *s = paths_step_at(a->paths, hop->step);

	return verdict_reach(s->verdict ? s->verdict
					: paths_meaning_at(a->paths, hop->step)->verdict) ==
	       REACH_PACKET;
}

/* Does the base chain, or the legacy table, that hop @i of @p is in end the packet? */
static bool ends_in(const struct assembler *a, const struct packet *p, uint16_t i)
{
	const struct step *s = paths_step_at(a->paths, p->hops[i].step);

	for (uint16_t k = i + 1u; k < p->n_hops; k++) {
		const struct step *next = paths_step_at(a->paths, p->hops[k].step);

		if (next->kind == HOP_LOG)
			continue;
		if ((next->have & STEP_NFT) ? next->have & STEP_FIRST
					    : next->hook != s->hook || next->table != s->table)
			return false;
		i = k;
	}
	return ends_packet(a, &p->hops[i]);
}

/* struct row - the hops of one that are left, from @i on; @key: of the next */
struct row {
	const struct packet *p;
	uint16_t i;
	struct key key;
};

static const struct step *step_at(const struct assembler *a, const struct row *row, uint16_t i)
{
	return paths_step_at(a->paths, row->p->hops[i].step);
}

static bool is_log(const struct assembler *a, const struct row *row)
{
	return step_at(a, row, row->i)->kind == HOP_LOG;
}

/* Did the rule of @hop write lines with @prefix? */
static bool logs_with(const struct hop_meaning *hop, struct str prefix)
{
	return hop->rule && (hop->rule->flags & RULE_LOGS) && hop->rule->prefix.n &&
	       str_eq(str_trim_right(hop->rule->prefix), str_trim_right(prefix));
}

/* Is @hop of a rule before @rule in its chain, or does it lead into that? */
static bool leads_to(const struct assembler *a, const struct hop *hop, const struct rule *rule)
{
	const struct hop_meaning *m = paths_meaning_at(a->paths, hop->step);

	if (!m->rule)
		return false;
	return m->rule->to == rule->chain ||
	       (m->rule->chain == rule->chain && m->rule->number <= rule->number);
}

/* Has @row passed the hop of a rule that writes @prefix? */
static bool was_logged(const struct assembler *a, const struct row *row, struct str prefix)
{
	for (uint16_t i = row->i; i > 0; i--)
		if (logs_with(paths_meaning_at(a->paths, row->p->hops[i - 1].step), prefix))
			return true;
	return false;
}

/*
 * log_waits - does the next hop of @row, or one behind it, come before the LOG line with @key?
 */
static bool log_waits(const struct assembler *a, const struct hop *log, const struct key *key,
		      const struct row *row)
{
	const struct rule *rule = paths_meaning_at(a->paths, log->step)->rule;
	const struct hop *hops = row->p->hops;
	struct str prefix = sym_text(a->syms, paths_step_at(a->paths, log->step)->prefix);
	bool hook_ahead = false;

	if (ends_packet(a, &hops[row->i]))
		return false;
	for (uint16_t i = row->i; i < row->p->n_hops; i++) {
		if (logs_with(paths_meaning_at(a->paths, hops[i].step), prefix) ||
		    (rule && leads_to(a, &hops[i], rule)))
			return true;
		hook_ahead |= step_at(a, row, i)->hook == key->hook;
	}
	if (rule ? paths_meaning_at(a->paths, hops[row->i].step)->chain == rule->chain
		 : was_logged(a, row, prefix))
		return false;
	if (row->key.hook != key->hook)
		return hook_ahead || row->key.hook < key->hook;
	return key->priority == UNKNOWN_PRIORITY || row->key.priority == UNKNOWN_PRIORITY ||
	       row->key.priority <= key->priority;
}

#define LOOK_AHEAD 64 /* hops: more than a hook has, and each is compared with each */

static uint16_t ahead_of(const struct row *row)
{
	return row->p->n_hops - row->i > LOOK_AHEAD ? (uint16_t)(row->i + LOOK_AHEAD)
						    : row->p->n_hops;
}

/* Is there a line ahead in @log that a rule of the chain wrote which @nft comes to now? */
static bool logged_ahead(const struct assembler *a, const struct row *nft, const struct row *log)
{
	for (uint16_t k = log->i; k < ahead_of(log); k++) {
		const struct step *s = step_at(a, log, k);

		if (s->kind != HOP_LOG)
			continue;
		for (uint16_t i = nft->i; i < ahead_of(nft); i++) {
			if (i > nft->i && (step_at(a, nft, i)->have & STEP_FIRST))
				break;
			if (logs_with(paths_meaning_at(a->paths, nft->p->hops[i].step),
				      sym_text(a->syms, s->prefix)))
				return true;
		}
	}
	return false;
}

/*
 * nft_first - of a chain of nftables and a legacy table at one priority, is nft's asked first?
 *
 * Nobody knows (chain_order()), but nothing is behind what ends the packet, and what the log has
 * before a line of nft's chain was before that.
 */
static bool nft_first(const struct assembler *a, const struct row *nft, const struct row *log)
{
	return !ends_in(a, nft->p, nft->i) && !logged_ahead(a, nft, log);
}

/*
 * is_inside - is the next hop of @row, or a LOG line before that, within what a legacy table began?
 *
 * ipt_do_table() goes through a table's chains in one call, so no chain of nft's comes in between.
 */
static bool is_inside(const struct assembler *a, const struct row *row)
{
	const struct step *was, *next;
	uint16_t before = row->i, i = row->i;

	while (before && step_at(a, row, (uint16_t)(before - 1u))->kind == HOP_LOG)
		before--;
	while (i < row->p->n_hops && step_at(a, row, i)->kind == HOP_LOG)
		i++;
	if (!before || i == row->p->n_hops)
		return false;
	was = step_at(a, row, (uint16_t)(before - 1u));
	next = step_at(a, row, i);
	return !((was->have | next->have) & STEP_NFT) && was->kind != HOP_POLICY && was->table &&
	       was->table == next->table && was->hook == next->hook;
}

/* goes_first - the next hop of the second row, @y, before that of the first one, @x? */
static bool goes_first(const struct assembler *a, const struct row *y, const struct row *x)
{
	const struct key *ky = &y->key, *kx = &x->key;

	if (is_inside(a, y))
		return true;
	if (is_inside(a, x))
		return false;
	if (is_log(a, x))
		return log_waits(a, &x->p->hops[x->i], kx, y);
	if (is_log(a, y))
		return !log_waits(a, &y->p->hops[y->i], ky, x);
	if (ky->lap != kx->lap)
		return ky->lap < kx->lap;
	if (ky->hook != kx->hook)
		return ky->hook < kx->hook;
	if (ky->priority != UNKNOWN_PRIORITY && ky->priority == kx->priority)
		return step_at(a, y, y->i)->have & STEP_NFT ? nft_first(a, y, x)
							    : !nft_first(a, x, y);
	if (ky->priority != UNKNOWN_PRIORITY && kx->priority != UNKNOWN_PRIORITY)
		return ky->priority < kx->priority;
	return stamp_age(&y->p->hops[y->i].stamp, &x->p->hops[x->i].stamp) < 0;
}

/* end_of - the number in @to of endpoints that @from has under @at */
static uint8_t end_of(struct packet *to, const struct packet *from, uint8_t at)
{
	const struct endpoints *e = &from->ends[at];

	if (at >= from->n_ends)
		return 0;
	for (uint8_t i = 0; i < to->n_ends; i++)
		if (!memcmp(&to->ends[i], e, sizeof(*e)))
			return i;
	if (to->n_ends == PACKET_ENDPOINTS)
		return PACKET_ENDPOINTS - 1;
	to->ends[to->n_ends] = *e;
	return to->n_ends++;
}

static void take_next(const struct assembler *a, struct row *row)
{
	row->i++;
	if (row->i < row->p->n_hops)
		row->key = key_of(a, &row->p->hops[row->i], &row->key);
}

static struct row row_of(const struct assembler *a, const struct packet *p)
{
	const struct key none = { 0, HOOK_NONE, UNKNOWN_PRIORITY };

	return (struct row){ .p = p, .key = key_of(a, &p->hops[0], &none) };
}

int weave(const struct assembler *a, struct packet *p, const struct packet *q, bool *q_first)
{
	struct hop *all = malloc((size_t)(p->n_hops + q->n_hops) * sizeof(*all));
	struct row x, y;
	uint16_t n = 0;

	if (!all)
		return -ENOMEM;
	x = row_of(a, p);
	y = row_of(a, q);
	while (x.i < p->n_hops || y.i < q->n_hops) {
		bool second = x.i == p->n_hops || (y.i < q->n_hops && goes_first(a, &y, &x));
		struct row *row = second ? &y : &x;

		all[n] = row->p->hops[row->i];
		if (second)
			all[n].at = end_of(p, q, all[n].at);
		if (!n++)
			*q_first = second;
		take_next(a, row);
	}
	free(p->hops);
	p->hops = all;
	p->n_hops = p->cap_hops = n;
	return 0;
}
