/* SPDX-License-Identifier: GPL-2.0-or-later */
/* find_neighbour.c - packets that passed all rules and found nobody on the link */
#include "find_flow.h"

#include "nfhop/addr.h"

static bool no_neighbour(const struct model *m, const struct flow_case *c)
{
	(void)m;
	return c->view.decision.reason == REASON_NEXT_HOP;
}

static struct str say_no_neighbour(const struct model *m, const struct flow_case *c)
{
	struct str name = flow_name(c->flow), oif = sym_text(m->syms, c->flow->oif[0]), s;

	s = text("%.*s passed all rules here and was to leave by %.*s, but its next hop does not "
		 "answer there (ARP, ND; or a tunnel has no peer for it), so it did not leave.",
		 STR_ARG(name), STR_ARG(oif));
	text_free(name);
	return s;
}

static void why_no_neighbour(const struct model *m, const struct flow_case *c, struct finding *f)
{
	struct str oif = sym_text(m->syms, c->flow->oif[0]);
	bool six = c->flow->there.family == FAMILY_IP6;
	struct addr hop;
	bool known = next_hop_of(m, c->flow, &hop);

	if (next_hop_answers(m, c->flow, &c->view.newest->first) == NEXT_HOP_UNREACHABLE)
		finding_evidence(f, text("this host told the sender that the host is unreachable "
					 "(%s), and quoted the packet",
					 six ? "ICMPv6 1/3" : "ICMP 3/1"));
	else
		finding_evidence(
			f, text("%s had not answered when the trace ended", addr_text(&hop).s));
	finding_confirm(f, text("ip %sneigh show dev %.*s", six ? "-6 " : "", STR_ARG(oif)));
	if (!known)
		finding_confirm(f, text("ip %sroute get %s", six ? "-6 " : "",
					addr_text(&c->flow->left.ends.dst).s));
	finding_confirm(f, text("tcpdump -eni %.*s %s", STR_ARG(oif), six ? "icmp6" : "arp"));
}

const struct flow_finding find_no_neighbour = { no_neighbour, say_no_neighbour, why_no_neighbour };
