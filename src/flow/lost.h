/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lost.h - packets that ended between PREROUTING and the next hook: what did it */
#ifndef NFHOP_FLOW_LOST_H
#define NFHOP_FLOW_LOST_H

#include "find_flow.h"

/*
 * struct lost - a lost packet, and what is known of the host
 * @query: @dst holds if it is @routed
 */
struct lost {
	const struct model *m;
	const struct flow *flow;
	const struct evidence *now, *before;
	const struct packet *packet; /* may be NULL */
	struct route_query query;
	bool six, routed;
};

struct lost lost_of(const struct model *model, const struct flow_case *c);

/**
 * struct cause - one reason of the kernel's
 * @said: the sentence, empty if it does not hold
 * @tells: the sender is told, by an ICMP error of this host
 * @bare: the packet's way tells, without evidence
 * @usual: nothing is wrong, if it is what hosts of a link tell each other by themselves
 * @counters: IPv4's, IPv6's
 * @also: one that rises with it, but is another cause's
 */
struct cause {
	struct str (*said)(const struct lost *l);
	void (*confirm)(const struct lost *l, struct finding *f);
	bool tells, bare, usual;
	const char *counters[2], *also;
};

/* lost_cause - the first cause that holds; NULL if none does. @said: its sentence, to be freed */
const struct cause *lost_cause(const struct lost *lost, struct str *said);

/* lost_own_error - the ICMP error with which this host itself answered, NULL if none was seen */
const struct packet *lost_own_error(const struct flow *flow);

/* lost_refused - that there is no route, or one that refuses; empty if that is not known */
struct str lost_refused(const struct lost *lost);

/**
 * socket_rule - did it meet a rule at PREROUTING that gives it to a socket of this host?
 * @packet: may be NULL
 * @rule: receives its text
 *
 * The socket gets it only if it is routed to this host, too: else ip_forward() of
 * net/ipv4/ip_forward.c drops what has a socket.
 */
bool socket_rule(const struct model *model, const struct packet *packet, struct str *rule);
/* socket_mark - the mark that such a rule gives; 0: none that its text tells */
uint32_t socket_mark(struct str rule);

bool lost_is_for_us(const struct lost *lost);
/* lost_before_conntrack - comes its last hop before conntrack? That is asked before routing is. */
bool lost_before_conntrack(const struct lost *lost);
/* lost_show_table - commands that show how full conntrack's table is */
void lost_show_table(const struct lost *lost, struct finding *finding);
/* lost_may_be_full - may a full table of conntrack's have ended it, if no counter denies it? */
bool lost_may_be_full(const struct lost *lost);
/* lost_suspects - what may have ended it, a phrase to be freed; empty if all is known not to have
 */
struct str lost_suspects(const struct lost *lost);
/* lost_ask_route - a command that shows its route, or what decides on it */
void lost_ask_route(const struct lost *lost, struct finding *finding);

#endif
