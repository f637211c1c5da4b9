// SPDX-License-Identifier: GPL-2.0-or-later
/* shadow.c - rules that packets do not come to, since a rule before them takes them */
#include "shadow.h"

bool verdict_takes(enum verdict verdict)
{
	enum reach reach = verdict_reach(verdict);

	return reach == REACH_BASE || reach == REACH_PACKET || verdict == VERDICT_GOTO ||
	       verdict == VERDICT_RETURN;
}

static bool takes_all(const struct rule *rule)
{
	bool any = rule->flags & RULE_UNCONDITIONAL ||
		   (rule->chain->table->backend == BACKEND_NFT && !rule->n_conds);

	return any && verdict_takes(rule->verdict);
}

const struct rule *shadow_for_all(const struct rule *rule)
{
	for (uint32_t i = 0; i + 1 < rule->number && i < rule->chain->n_rules; i++)
		if (takes_all(&rule->chain->rules[i]))
			return &rule->chain->rules[i];
	return NULL;
}

/* The packet jumped at hop @i: did it end, or leave the base chain, before it came back? */
static bool ends_below(const struct model *m, const struct packet *p, size_t i, unsigned int depth)
{
	enum reach reach = REACH_UNKNOWN;
	struct hop_view hop;

	for (i++; i < p->n_hops; i++) {
		model_path_step(m, p->path, i, &hop);
		if (hop.kind == HOP_LOG)
			continue;
		if (hop.depth <= depth)
			break;
		reach = verdict_reach(hop.verdict);
	}
	return reach == REACH_BASE || reach == REACH_PACKET;
}

const struct rule *shadow_for(const struct model *m, const struct packet *p,
			      const struct rule *rule)
{
	struct hop_view hop, last = { .n = 0 };
	struct rule_miss miss;
	char buf[128];
	size_t at = 0;

	if (p->flags & (PACKET_AMBIGUOUS | PACKET_MID_GAP | PACKET_STALE))
		return NULL;
	for (size_t i = 0; i < p->n_hops; i++) {
		model_path_step(m, p->path, i, &hop);
		if (hop.kind == HOP_LOG || hop.meaning->chain != rule->chain)
			continue;
		if (hop.meaning->rule == rule)
			return NULL;
		last = hop;
		at = i;
	}
	if (!last.n || !last.meaning->rule || last.meaning->rule->number >= rule->number)
		return NULL;
	if (!verdict_takes(last.verdict) &&
	    !(last.verdict == VERDICT_JUMP && ends_below(m, p, at, last.depth)))
		return NULL;
	return model_fit(m, p, at, rule, &miss, buf, sizeof(buf)) == MATCH_YES ? last.meaning->rule
									       : NULL;
}
