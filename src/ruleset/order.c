// SPDX-License-Identifier: GPL-2.0-or-later
/* order.c - which of two base chains at one hook a packet comes to first */
#include "nfhop/ruleset.h"

#define NAT_DST (-100) /* NF_IP_PRI_NAT_DST of linux/netfilter_ipv4.h */
#define NAT_SRC 100    /* NF_IP_PRI_NAT_SRC */

bool chain_is_of_nat(const struct chain *chain)
{
	if (!(chain->have & CHAIN_BASE) || chain->table->family == FAMILY_BRIDGE)
		return false;
	return (chain->have & CHAIN_NAT) || ((chain->table->flags & TABLE_IPTABLES_SYNTAX) &&
					     str_eq(chain->table->name, STR("nat")));
}

int32_t chain_stands_at(const struct chain *chain)
{
	if (!chain_is_of_nat(chain))
		return chain->priority;
	return chain->hook == HOOK_PREROUTING || chain->hook == HOOK_OUTPUT ? NAT_DST : NAT_SRC;
}

static enum chain_order by_number(int64_t a, int64_t b)
{
	return a < b ? ORDER_BEFORE : ORDER_AFTER;
}

static bool has_devices(const struct chain *chain)
{
	return chain->device.n && memchr(chain->device.p, ',', chain->device.n);
}

enum chain_order chain_order(const struct chain *a, const struct chain *b)
{
	bool nat = chain_is_of_nat(a);

	if (a == b || !(a->have & b->have & CHAIN_PRIORITY))
		return ORDER_UNKNOWN;
	if (chain_stands_at(a) != chain_stands_at(b))
		return by_number(chain_stands_at(a), chain_stands_at(b));
	if (nat != chain_is_of_nat(b))
		return ORDER_UNKNOWN;
	if (a->priority != b->priority)
		return by_number(a->priority, b->priority);
	if (a->table != b->table || has_devices(a) || has_devices(b))
		return ORDER_UNKNOWN;
	return by_number(b->nth, a->nth);
}
