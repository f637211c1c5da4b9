/* SPDX-License-Identifier: GPL-2.0-or-later */
/* find_neighbour.c - packets that passed all rules and found nobody on the link */
#include "find_flow.h"

#include "nfhop/addr.h"

#define PLACE 256

static bool no_neighbour(const struct model *m, const struct flow_case *c)
{
	(void)m;
	return c->view.decision.reason == REASON_NEXT_HOP;
}

/* struct stopped_answer - the next hop's answer, which was stopped here */
struct stopped_answer {
	const struct flow *flow;
	struct decision d;
	struct hop_view at;
};

/* ICMPv6 136, the neighbour advertisement; for IPv4 ARP is asked, which passes other hooks. */
static bool is_answer(const struct flow_path *fp, const struct addr *hop)
{
	const struct packet *p = fp->sample;

	return p && p->first.family == FAMILY_IP6 && (p->first.have & HEADER_ICMP) &&
	       p->first.icmp_type == 136 && !memcmp(&p->ends[0].src, hop, sizeof(*hop));
}

static bool answer_stopped(const struct model *m, const struct addr *hop, struct stopped_answer *a)
{
	for (size_t i = 0; i < flows_slots(m->flows); i++) {
		const struct flow *flow = flows_at(m->flows, i);

		for (uint32_t k = 0; flow && k < flow->n_paths; k++) {
			if (!is_answer(&flow->paths[k], hop))
				continue;
			model_decide_path(m, flow, &flow->paths[k], &a->d);
			if (!outcome_stops(a->d.outcome) || a->d.stop < 0)
				continue;
			a->flow = flow;
			stop_hop(m, flow, &flow->paths[k], &a->d, &a->at);
			return true;
		}
	}
	return false;
}

static void let_answer_in(const struct model *m, const struct stopped_answer *a, struct finding *f)
{
	static const struct icmp_type advert = {
		"icmpv6 --icmpv6-type neighbour-advertisement",
		"icmpv6 type nd-neighbor-advert",
	};
	char place[PLACE];

	hop_place(&a->at, place, sizeof(place));
	finding_evidence(f, text("%s stopped its neighbour advertisement (ICMPv6 136/0)", place));
	confirm_accept_type(m, f, &a->at, FAMILY_IP6, &advert);
}

static struct str say_no_neighbour(const struct model *m, const struct flow_case *c)
{
	struct str name = flow_name(c->flow), oif = sym_text(m->syms, c->flow->oif[0]), s;
	struct stopped_answer a;
	struct addr hop;

	if (next_hop_of(m, c->flow, &hop) && answer_stopped(m, &hop, &a))
		s = text("%.*s passed all rules here and was to leave by %.*s, but this host's "
			 "rules stopped the answer of its next hop %s (ND), so it did not leave.",
			 STR_ARG(name), STR_ARG(oif), addr_text(&hop).s);
	else
		s = text("%.*s passed all rules here and was to leave by %.*s, but its next hop "
			 "does not answer there (ARP, ND; or a tunnel has no peer for it), so it "
			 "did not leave.",
			 STR_ARG(name), STR_ARG(oif));
	text_free(name);
	return s;
}

static void why_no_neighbour(const struct model *m, const struct flow_case *c, struct finding *f)
{
	struct str oif = sym_text(m->syms, c->flow->oif[0]);
	bool six = c->flow->there.family == FAMILY_IP6;
	struct stopped_answer a;
	struct addr hop;
	bool known = next_hop_of(m, c->flow, &hop);

	if (known && answer_stopped(m, &hop, &a))
		let_answer_in(m, &a, f);
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
