/* SPDX-License-Identifier: GPL-2.0-or-later */
/* silence.c - chains behind a packet's last hop whose trace does not tell of that packet */
#include <limits.h>

#include "next.h"

/* Can a chain that nothing is told of end a packet in @hook, at @from to @to? */
static bool silent_at(const struct question *q, enum hook hook, int from, int to)
{
	const struct ruleset *rules = paths_rules_of(q->paths, q->path);
	enum family family = hook == HOOK_EGRESS ? FAMILY_NETDEV : q->family;
	struct chain_list list = { NULL, 0 };

	if (q->silent != BACKEND_ANY && rules)
		list = ruleset_hook_chains(rules, family, hook);
	for (size_t i = 0; i < list.n; i++) {
		const struct chain *c = list.at[i];

		if (c->table->backend == q->silent && (c->have & CHAIN_PRIORITY) &&
		    chain_stands_at(c) >= from && chain_stands_at(c) <= to &&
		    (c->n_rules || c->policy != VERDICT_ACCEPT))
			return true;
	}
	return false;
}

/* The same behind the last hop's hook, where nothing is told of what follows. */
static bool silent_behind(const struct question *q)
{
	bool leaves = q->hook == HOOK_FORWARD || q->hook == HOOK_OUTPUT;

	if (leaves && silent_at(q, HOOK_POSTROUTING, INT_MIN, INT_MAX))
		return true;
	return (leaves || q->hook == HOOK_POSTROUTING) &&
	       silent_at(q, HOOK_EGRESS, INT_MIN, INT_MAX);
}

static int priority_of(const struct next *next)
{
	if (!next->any || (next->table == TABLE_MAX && !next->chain))
		return INT_MAX;
	return next->chain ? chain_stands_at(next->chain) : table_priority(next->table, next->hook);
}

bool may_end_silently(const struct question *q)
{
	struct next next = next_in_hook(q), behind = { .any = false };

	if (q->priority == INT_MAX)
		return false;
	if (silent_at(q, q->hook, q->priority, priority_of(&next)))
		return true;
	if (next.any)
		return false;
	behind = next_behind_hook(q);
	return behind.any ? silent_at(q, behind.hook, INT_MIN, priority_of(&behind))
			  : silent_behind(q);
}
