/* SPDX-License-Identifier: GPL-2.0-or-later */
/* settle.c - where hops were that did not say so, seen from the hops around them */
#include "assemble.h"

#include <errno.h>

/* The next hop that says where it was; a bridge's own hooks tell nothing of IP's. */
static enum hook hook_near(const struct assembler *a, const struct packet *p, int i, int by)
{
	for (i += by; i >= 0 && i < p->n_hops; i += by) {
		const struct step *s = paths_step_at(a->paths, p->hops[i].step);

		if (s->hook && s->family != FAMILY_BRIDGE)
			return s->hook;
	}
	return HOOK_NONE;
}

static bool in_one_table(const struct assembler *a, const struct hop *x, const struct hop *y)
{
	sym_t table = paths_step_at(a->paths, x->step)->table;

	return table && table == paths_step_at(a->paths, y->step)->table;
}

/* A LOG line whose prefix one rule has, of a base chain, where the packet may have been. */
static enum hook hook_of_rule(const struct assembler *a, const struct hop *hop, unsigned int hooks)
{
	const struct rule *rule = paths_meaning_at(a->paths, hop->step)->rule;

	if (paths_step_at(a->paths, hop->step)->kind != HOP_LOG || !rule ||
	    !(rule->chain->have & CHAIN_BASE))
		return HOOK_NONE;
	return hooks & HOOK_BIT(rule->chain->hook) ? rule->chain->hook : HOOK_NONE;
}

/* Where was hop @i, seen from the hops around it? Return: HOOK_NONE if that leaves a choice. */
static enum hook hook_between(const struct assembler *a, const struct packet *p, int i)
{
	enum hook before = hook_near(a, p, i, -1), after = hook_near(a, p, i, 1);
	unsigned int hooks = hooks_by_devices(p->hops[i].iif, p->hops[i].oif);
	enum hook found = hook_of_rule(a, &p->hops[i], hooks);

	if (found)
		return found;
	if (i + 1 < p->n_hops && in_one_table(a, &p->hops[i], &p->hops[i + 1]))
		return (enum hook)paths_step_at(a->paths, p->hops[i + 1].step)->hook;
	for (int h = HOOK_PREROUTING; h <= HOOK_POSTROUTING; h++) {
		enum hook hook = (enum hook)h;

		if (!(hooks & HOOK_BIT(h)))
			continue;
		if (before && hook != before && !hooks_reach(HOOK_BIT(before), hook))
			continue;
		if (after && hook != after && !hooks_reach(HOOK_BIT(hook), after))
			continue;
		if (found)
			return HOOK_NONE;
		found = hook;
	}
	return found;
}

int hop_settle(struct assembler *a, struct hop *hop, enum hook hook)
{
	struct step step = *paths_step_at(a->paths, hop->step);
	uint32_t settled;

	step.hook = (uint8_t)hook;
	settled = paths_step(a->paths, &step);
	if (settled == UINT32_MAX)
		return -ENOMEM;
	hop->step = settled;
	return 0;
}

/* Return: is it known now where hop @i was, which did not say so? -ENOMEM */
static int settle(struct assembler *a, struct packet *p, int i)
{
	const struct step *s = paths_step_at(a->paths, p->hops[i].step);
	enum hook hook = HOOK_NONE;

	if (!s->hook && s->family != FAMILY_ARP && s->family != FAMILY_BRIDGE)
		hook = hook_between(a, p, i);
	if (hook && hop_settle(a, &p->hops[i], hook))
		return -ENOMEM;
	return hook != HOOK_NONE;
}

/*
 * A packet is over: its hops around them may tell where the hops were that did not say so. What
 * stands in one table is where the last of it is, so those that come later are asked first. What
 * was found out may tell of those behind it.
 */
int settle_hooks(struct assembler *a, struct packet *p)
{
	bool any = false;
	int found = 0;

	for (int i = p->n_hops; i-- > 0 && found >= 0; any |= found > 0)
		found = settle(a, p, i);
	for (int i = 0; any && i < p->n_hops && found >= 0; i++)
		found = settle(a, p, i);
	return found < 0 ? found : 0;
}
