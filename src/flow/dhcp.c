/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dhcp.c - does this host serve DHCP, or ask for an address, as far as packets and rules tell? */
#include "model.h"

#define NO_PORT 9 /* discard: a rule that would let that in, too, does not mean DHCP */

static bool is_dhcp(unsigned int port)
{
	return port == 67 || port == 68;
}

static struct header to_port(uint16_t port)
{
	return (struct header){
		.have = HEADER_PROTO | HEADER_PORTS,
		.family = FAMILY_IP,
		.proto = 17,
		.sport = port == NO_PORT ? NO_PORT : (uint16_t)(67 + 68 - port),
		.dport = port,
	};
}

static bool may_fit(const struct rule *rule, uint16_t port)
{
	struct header h = to_port(port);
	const struct sighting s = { .pkt = &h };

	return rule_match(rule, &s, NULL) != MATCH_NO;
}

static void ask_chain(struct model *m, const struct chain *chain)
{
	for (uint32_t i = 0; i < chain->n_rules; i++) {
		const struct rule *rule = &chain->rules[i];

		if (rule->verdict != VERDICT_ACCEPT || may_fit(rule, NO_PORT))
			continue;
		for (uint16_t port = 67; port <= 68; port++)
			m->dhcp |= may_fit(rule, port) ? DHCP_BIT(port) : 0;
	}
}

void dhcp_ask_rules(struct model *m)
{
	const struct ruleset *rules = model_rules(m);
	struct chain_list list = { NULL, 0 };

	m->dhcp = 0;
	if (rules)
		list = ruleset_chains(rules);
	for (size_t i = 0; i < list.n; i++)
		ask_chain(m, list.at[i]);
}

/* Were packets of it made here? All who have no address yet are one flow. */
static bool made_here(const struct flow *flow)
{
	for (uint32_t i = 0; i < flow->n_paths; i++)
		if (!flow->paths[i].back && !(flow->paths[i].flags & PACKET_CAME_IN))
			return flow->oif[0];
	return false;
}

/* What it sends from a port it wants answers at, or gives them from there. */
void dhcp_learn(struct model *m, const struct flow *flow)
{
	const struct tuple *t = &flow->there;

	if (t->proto == 17 && t->ports && is_dhcp(t->ends.sport) && is_dhcp(t->ends.dport) &&
	    made_here(flow))
		m->dhcp |= DHCP_BIT(t->ends.sport);
}

/*
 * Who asks for an address waits for it, and each host of the link hears that. It is a fault if it
 * was stopped where it was to be heard. Of a server that hears nothing no packet tells, so this
 * asks who has the port, and whether a rule lets it in; where neither is known, most hosts are not
 * meant.
 */
bool dhcp_is_meant(const struct model *m, const struct flow *flow)
{
	const struct evidence *e = evidence_now(m);
	unsigned int port = flow->there.ends.dport;

	if (!flow->there.ports || !is_dhcp(port))
		return false;
	return made_here(flow) || (m->dhcp & DHCP_BIT(port)) ||
	       (e && e->dhcp[port - 67] == SWITCH_ON);
}
