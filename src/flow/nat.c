/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nat.c - what address translation made of a packet where none of its hops shows it
 *
 * A trace shows a packet as it came to a hop, so what the last rule did to it is not seen. Sources
 * change in the last nat chain of all: the new one is seen only by a chain behind that, or in an
 * answer. Later packets of a connection do not even come to the nat chain. And a packet that is
 * lost right after a DNAT is never seen with its new destination. The rule set may tell; what
 * nothing tells is not known: the old address is no guess.
 */
#include "model.h"

#define POST	  HOOK_BIT(HOOK_POSTROUTING)
#define NAT_FIRST (-100) /* NF_IP_PRI_NAT_DST of linux/netfilter_ipv4.h */
#define NAT_LAST  100	 /* NF_IP_PRI_NAT_SRC */
#define RAW	  (-300) /* NF_IP_PRI_RAW */

bool is_nat_chain(const struct chain *chain)
{
	return (chain->have & CHAIN_BASE) &&
	       ((chain->have & CHAIN_NAT) || str_eq(chain->table->name, STR("nat")));
}

size_t base_hop(const struct model *m, uint32_t path, size_t i)
{
	while (i && paths_hop(m->paths, path, i).depth)
		i--;
	return i;
}

bool calling_hop(const struct model *m, uint32_t path, size_t i, size_t *caller)
{
	struct path_hop called = paths_hop(m->paths, path, i);

	while (called.depth && i--) {
		struct path_hop h = paths_hop(m->paths, path, i);

		if (h.step->kind == HOP_LOG || h.depth >= called.depth)
			continue;
		*caller = i;
		return h.depth + 1 == called.depth && h.meaning->is == HOP_IS_RULE &&
		       h.target == called.step->chain;
	}
	return false;
}

const struct chain *base_chain(const struct model *m, uint32_t path, size_t i)
{
	return paths_hop(m->paths, path, base_hop(m, path, i)).meaning->chain;
}

bool base_priority(const struct model *m, uint32_t path, size_t i, int32_t *priority)
{
	const struct chain *chain = base_chain(m, path, i);

	*priority = RAW;
	if (chain && (chain->have & CHAIN_PRIORITY))
		*priority = chain_stands_at(chain);
	else
		return paths_table(m->paths, path, i) == TABLE_RAW;
	return true;
}

/* In legacy's table nat, in a chain of nft's type nat, or in one that such a chain called. */
static bool is_in_nat(const struct model *m, const struct packet *p, size_t i)
{
	const struct chain *chain;

	if (!(paths_step_at(m->paths, p->hops[i].step)->have & STEP_NFT))
		return paths_table(m->paths, p->path, i) == TABLE_NAT;
	chain = base_chain(m, p->path, i);
	return chain && is_nat_chain(chain);
}

int nat_hop(const struct model *m, const struct packet *p, unsigned int hooks)
{
	for (int i = (int)p->n_hops - 1; i >= 0; i--)
		if ((HOOK_BIT(paths_step_at(m->paths, p->hops[i].step)->hook) & hooks) &&
		    is_in_nat(m, p, (size_t)i))
			return i;
	return -1;
}

/* Seen at a chain behind the last one of nat: with the source that it left with. */
static bool seen_behind_nat(const struct model *m, const struct packet *p)
{
	for (size_t i = p->n_hops; i-- > 0;) {
		const struct chain *c = paths_meaning_at(m->paths, p->hops[i].step)->chain;

		if (c && c->hook == HOOK_POSTROUTING && (c->have & CHAIN_PRIORITY) &&
		    chain_stands_at(c) > NAT_LAST)
			return true;
	}
	return false;
}

/* Two zones of conntrack may hold the same tuple. */
static bool has_zones(const struct ruleset *rules)
{
	struct chain_list list = ruleset_chains(rules);

	for (size_t i = 0; i < list.n; i++)
		for (uint32_t k = 0; k < list.at[i]->n_rules; k++)
			if (list.at[i]->rules[k].flags & RULE_SETS_ZONE)
				return true;
	return false;
}

/*
 * Only the first packet of a connection comes to nat chains (formats.md 2.5): seen in one, and
 * behind it, it was about to be confirmed.
 */
static bool is_unconfirmed(const struct model *m, uint32_t path)
{
	bool in_nat = false;

	for (size_t i = 0; i < paths_length(m->paths, path); i++) {
		struct path_hop h = paths_hop(m->paths, path, i);
		const struct chain *c = h.depth ? NULL : h.meaning->chain;

		if (!c || c->hook != HOOK_POSTROUTING || !(c->have & CHAIN_PRIORITY))
			continue;
		if (in_nat && chain_stands_at(c) > NAT_LAST)
			return true;
		in_nat |= (c->have & CHAIN_NAT) && c->table->backend == BACKEND_NFT;
	}
	return false;
}

bool cannot_confirm(const struct model *m, uint32_t path, unsigned int flags)
{
	const struct ruleset *rules = paths_rules(m->paths);

	return (flags & PACKET_NAT_TAKEN) && rules && is_unconfirmed(m, path) && !has_zones(rules);
}

/* A rule that the packet met at POSTROUTING, and that translates sources. */
static const struct rule *translating_rule(const struct model *m, const struct packet *p)
{
	for (size_t i = p->n_hops; i-- > 0;) {
		const struct rule *rule = paths_meaning_at(m->paths, p->hops[i].step)->rule;

		if (rule && rule->nat && rule->nat->source &&
		    paths_step_at(m->paths, p->hops[i].step)->hook == HOOK_POSTROUTING)
			return rule;
	}
	return NULL;
}

/* Nothing translated it: its last hop in nat is the policy, or a rule that accepts. */
static bool passed_nat(const struct model *m, const struct packet *p)
{
	int i = nat_hop(m, p, POST);
	const struct rule *rule = i >= 0 ? paths_meaning_at(m->paths, p->hops[i].step)->rule : NULL;

	return i >= 0 && (paths_step_at(m->paths, p->hops[i].step)->kind == HOP_POLICY ||
			  (rule && !rule->nat && rule->verdict == VERDICT_ACCEPT));
}

const struct chain *nat_chain_at(const struct model *m, enum family family, enum hook hook)
{
	const struct ruleset *rules = paths_rules(m->paths);
	struct chain_list list = { NULL, 0 };

	if (rules)
		list = ruleset_hook_chains(rules, family, hook);
	for (size_t i = 0; i < list.n; i++)
		if (is_nat_chain(list.at[i]))
			return list.at[i];
	return NULL;
}

/* The rule set has nothing at @hook that would translate addresses. */
static bool nothing_translates(const struct model *m, enum family family, enum hook hook)
{
	return paths_rules(m->paths) && !nat_chain_at(m, family, hook);
}

enum left_source model_left_source(const struct model *m, const struct flow *flow,
				   const struct nat_target **to)
{
	enum family family = (enum family)flow->there.family;
	bool as_it_was = nothing_translates(m, family, HOOK_POSTROUTING);
	enum left_source left = as_it_was ? LEFT_AS_IT_WAS : LEFT_NOT_KNOWN;

	if (memcmp(&flow->left.ends.src, &flow->there.ends.src, sizeof(struct addr)))
		return LEFT_TRANSLATED;
	for (uint32_t i = 0; i < flow->n_paths; i++) {
		const struct packet *p = flow->paths[i].back ? NULL : flow->paths[i].sample;
		const struct rule *rule = p ? translating_rule(m, p) : NULL;

		if (p && (seen_behind_nat(m, p) || (!rule && passed_nat(m, p))))
			return LEFT_AS_IT_WAS;
		if (!rule)
			continue;
		*to = rule->nat;
		left = LEFT_BY_RULE;
	}
	return left;
}

enum new_dst new_destination(const struct model *m, const struct packet *p, struct endpoints *to)
{
	const struct step *s = paths_step_at(m->paths, p->hops[p->n_hops - 1].step);
	const struct rule *rule = paths_meaning_at(m->paths, p->hops[p->n_hops - 1].step)->rule;
	bool in_nat = is_in_nat(m, p, p->n_hops - 1u);
	const struct nat_target *nat = rule ? rule->nat : NULL;

	*to = p->ends[p->n_ends ? p->n_ends - 1 : 0];
	if (s->hook != HOOK_PREROUTING && s->hook != HOOK_OUTPUT)
		return DST_SEEN;
	if (!rule)
		return in_nat && s->kind == HOP_RULE ? DST_NOT_KNOWN : DST_SEEN;
	if (!nat || nat->source)
		return DST_SEEN;
	if (nat->by_map || !(nat->have & NAT_TARGET_ADDR) ||
	    memcmp(&nat->addr[0], &nat->addr[1], sizeof(nat->addr[0])))
		return DST_NOT_KNOWN;
	to->dst = nat->addr[0];
	if (nat->have & NAT_TARGET_PORT)
		to->dport = nat->port[0] == nat->port[1] ? nat->port[0] : 0;
	return DST_BY_RULE;
}

bool keeps_destination(const struct model *m, const struct packet *p)
{
	const struct hop_meaning *at = paths_meaning_at(m->paths, p->hops[p->n_hops - 1].step);
	struct endpoints to;

	if (new_destination(m, p, &to) != DST_SEEN)
		return false;
	return (at->chain && (at->chain->have & CHAIN_PRIORITY) &&
		(chain_is_of_nat(at->chain) || chain_stands_at(at->chain) > NAT_FIRST)) ||
	       nothing_translates(m, (enum family)p->first.family, HOOK_PREROUTING);
}

bool model_new_destination(const struct model *m, const struct packet *p, struct endpoints *to)
{
	return p->n_hops && new_destination(m, p, to) == DST_BY_RULE;
}
