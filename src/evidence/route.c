// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * route.c - which route a packet would have been given
 *
 * As the kernel looks it up (fib_rules_lookup() of net/core/fib_rules.c, fib_table_lookup()):
 * rules in the order of their preference, in each rule's table the longest prefix, of equal ones
 * the smallest metric; a table without a match, or with a throw route, leaves it to the next rule.
 * A rule that cannot be decided from a trace makes the answer unknown, unless one before it
 * decided.
 */
#include "nfhop/evidence.h"

#define TABLE_LOCAL 255 /* RT_TABLE_LOCAL of linux/rtnetlink.h */

enum { ACTION_TO_TABLE = 1, ACTION_GOTO, ACTION_NOP }; /* FR_ACT_* of linux/fib_rules.h */

static bool in_net(const struct evidence_net *net, const struct addr *addr)
{
	for (unsigned int i = 0; i < net->bits; i++)
		if ((net->addr.b[i / 8] ^ addr->b[i / 8]) & (0x80u >> i % 8))
			return false;
	return true;
}

/* SWITCH_ON: it fits */
static enum evidence_switch rule_fits(const struct evidence_rule *rule,
				      const struct route_query *query)
{
	bool fits = in_net(&rule->from, &query->src) && in_net(&rule->to, &query->dst) &&
		    (!rule->iif.n || str_eq(rule->iif, query->iif)) &&
		    !((rule->mark ^ query->mark) & rule->mask);

	if (rule->other && fits)
		return SWITCH_UNKNOWN;
	return fits != rule->inverted ? SWITCH_ON : SWITCH_OFF;
}

static bool is_better(const struct evidence_route *route, const struct evidence_route *best)
{
	if (!best || route->to.bits != best->to.bits)
		return !best || route->to.bits > best->to.bits;
	return route->metric < best->metric;
}

static const struct evidence_route *table_find(const struct evidence *e, uint32_t table,
					       const struct route_query *query)
{
	const struct evidence_route *best = NULL;

	for (size_t i = 0; i < e->n_routes; i++) {
		const struct evidence_route *route = &e->routes[i];

		if (route->table == table && route->family == query->family &&
		    in_net(&route->to, &query->dst) && is_better(route, best))
			best = route;
	}
	return best && best->type != ROUTE_THROW ? best : NULL;
}

static bool same_family(const struct evidence_rule *rule, const struct route_query *query)
{
	return rule->family == query->family;
}

enum route_answer evidence_route_find(const struct evidence *e, const struct route_query *query,
				      const struct evidence_route **found)
{
	bool any = false;

	*found = NULL;
	if (!e->routes_whole)
		return ROUTE_ANSWER_UNKNOWN;
	for (size_t i = 0; i < e->n_rules; i++) {
		const struct evidence_rule *rule = &e->rules[i];
		enum evidence_switch fits;

		if (!same_family(rule, query))
			continue;
		any = true;
		fits = rule_fits(rule, query);
		if (fits == SWITCH_OFF || rule->action == ACTION_NOP)
			continue;
		if (fits == SWITCH_UNKNOWN ||
		    (rule->action != ACTION_TO_TABLE && !rule->refusal.rule))
			return ROUTE_ANSWER_UNKNOWN;
		*found = rule->refusal.rule ? &rule->refusal : table_find(e, rule->table, query);
		if (*found)
			return ROUTE_ANSWER_FOUND;
	}
	return any ? ROUTE_ANSWER_NONE : ROUTE_ANSWER_UNKNOWN;
}

static bool same_way(const struct evidence_route *a, const struct evidence_route *b)
{
	return a->family == b->family && a->table == b->table && a->metric == b->metric &&
	       a->to.bits == b->to.bits && in_net(&a->to, &b->to.addr);
}

enum evidence_switch evidence_way_back(const struct evidence *e, const struct route_query *query,
				       const struct evidence_route **found)
{
	struct route_query back = { query->family, query->dst, query->src, STR("lo"), 0 };
	enum route_answer answer = evidence_route_find(e, &back, found);

	if (answer == ROUTE_ANSWER_UNKNOWN)
		return SWITCH_UNKNOWN;
	if (answer == ROUTE_ANSWER_NONE || (*found)->type != ROUTE_UNICAST)
		return SWITCH_OFF;
	/* a route may have several ways, each on a line of its own */
	for (size_t i = 0; i < e->n_routes; i++)
		if (same_way(&e->routes[i], *found) && str_eq(e->routes[i].device, query->iif))
			return SWITCH_ON;
	return SWITCH_OFF;
}

bool evidence_is_silent(const struct evidence *e, const struct addr *addr, struct str device)
{
	for (size_t i = 0; i < e->n_neighbours; i++)
		if (!memcmp(&e->neighbours[i].addr, addr, sizeof(*addr)) &&
		    str_eq(e->neighbours[i].device, device))
			return true;
	return false;
}

bool evidence_is_broadcast(const struct evidence *e, const struct addr *addr)
{
	for (size_t i = 0; i < e->n_routes; i++)
		if (e->routes[i].table == TABLE_LOCAL && e->routes[i].type == ROUTE_BROADCAST &&
		    in_net(&e->routes[i].to, addr))
			return true;
	return false;
}

enum evidence_switch evidence_is_local(const struct evidence *e, const struct addr *addr)
{
	static const struct addr everybody = {
		{ [10] = 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } /* 255.255.255.255 */
	};

	if (!e->n_addresses)
		return SWITCH_UNKNOWN;
	if (!memcmp(addr, &everybody, sizeof(*addr)))
		return SWITCH_ON;
	for (size_t i = 0; i < e->n_addresses; i++)
		if (!memcmp(&e->addresses[i].net.addr, addr, sizeof(*addr)))
			return SWITCH_ON;
	for (size_t i = 0; i < e->n_routes; i++)
		if (e->routes[i].table == TABLE_LOCAL && in_net(&e->routes[i].to, addr) &&
		    (e->routes[i].type == ROUTE_LOCAL || e->routes[i].type == ROUTE_BROADCAST))
			return SWITCH_ON;
	return SWITCH_OFF;
}
