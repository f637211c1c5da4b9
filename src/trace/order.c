/* SPDX-License-Identifier: GPL-2.0-or-later */
/* order.c - where the iptables tables stand in the hooks, and which hook can follow which */
#include "nfhop/trace.h"

#include <assert.h>

#define PRE    HOOK_BIT(HOOK_PREROUTING)
#define IN     HOOK_BIT(HOOK_INPUT)
#define FWD    HOOK_BIT(HOOK_FORWARD)
#define OUT    HOOK_BIT(HOOK_OUTPUT)
#define POST   HOOK_BIT(HOOK_POSTROUTING)
#define EGRESS HOOK_BIT(HOOK_EGRESS)

/*
 * Priorities: enum nf_ip_hook_priorities (include/uapi/linux/netfilter_ipv4.h). nat stands at
 * NF_IP_PRI_NAT_DST where destinations change, at NF_IP_PRI_NAT_SRC where sources do, which
 * puts it behind filter and security in INPUT (formats.md 2.6, verified on 6.18).
 */
static const struct {
	const char *name;
	unsigned int hooks;
	int priority;
	unsigned int src_hooks; /* here the priority is src_priority instead */
	int src_priority;
} tables[] = {
	[TABLE_RAW] = { "raw", PRE | OUT, -300, 0, 0 },
	[TABLE_MANGLE] = { "mangle", PRE | IN | FWD | OUT | POST, -150, 0, 0 },
	[TABLE_NAT] = { "nat", PRE | IN | OUT | POST, -100, IN | POST, 100 },
	[TABLE_FILTER] = { "filter", IN | FWD | OUT, 0, 0, 0 },
	[TABLE_SECURITY] = { "security", IN | FWD | OUT, 50, 0, 0 },
};

static_assert(sizeof(tables) / sizeof(tables[0]) == TABLE_MAX, "a table without its row");

/*
 * formats.md 5.3, the ordinary transitions; loopback and the like are the assembler's. Hooks
 * between without a chain leave no event.
 */
static const unsigned int followers[HOOK_MAX] = {
	[HOOK_INGRESS] = PRE,		[HOOK_PREROUTING] = IN | FWD | POST | EGRESS,
	[HOOK_FORWARD] = POST | EGRESS, [HOOK_OUTPUT] = POST | EGRESS,
	[HOOK_POSTROUTING] = EGRESS,
};

enum table_no table_find(struct str name)
{
	for (int t = 0; t < TABLE_MAX; t++)
		if (str_eq(name, str_from(tables[t].name)))
			return (enum table_no)t;
	return TABLE_MAX;
}

const char *table_name(enum table_no table)
{
	return table < TABLE_MAX ? tables[table].name : NULL;
}

unsigned int table_hooks(enum table_no table)
{
	return table < TABLE_MAX ? tables[table].hooks : 0;
}

int table_priority(enum table_no table, enum hook hook)
{
	return tables[table].src_hooks & HOOK_BIT(hook) ? tables[table].src_priority
							: tables[table].priority;
}

enum hook chain_hook(enum table_no table, struct str chain)
{
	for (int h = HOOK_PREROUTING; h <= HOOK_POSTROUTING; h++)
		if (str_eq(chain, str_from(hook_title((enum hook)h))))
			return table_hooks(table) & HOOK_BIT(h) ? (enum hook)h : HOOK_NONE;
	return HOOK_NONE;
}

bool hooks_reach(unsigned int from, enum hook to)
{
	for (int h = HOOK_INGRESS; h < HOOK_MAX; h++)
		if ((from & HOOK_BIT(h)) && (followers[h] & HOOK_BIT(to)))
			return true;
	return false;
}

enum hook hooks_only(unsigned int hooks)
{
	for (int h = HOOK_INGRESS; h < HOOK_MAX; h++)
		if (hooks == HOOK_BIT(h))
			return (enum hook)h;
	return HOOK_NONE;
}

unsigned int hooks_by_devices(bool in, bool out)
{
	if (in && out)
		return FWD | POST;
	if (in)
		return PRE | IN;
	return out ? OUT | POST : 0;
}
