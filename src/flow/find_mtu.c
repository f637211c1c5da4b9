/* SPDX-License-Identifier: GPL-2.0-or-later */
/* find_mtu.c - packets that are too big for a link, and the ICMP error that says so */
#include "find_flow.h"

#include <inttypes.h>

#include "nfhop/addr.h"
#include "nfhop/own.h"

#define PLACE 256

static bool told_mtu(const struct model *m, const struct flow_case *c)
{
	(void)m;
	return c->flow->mtu;
}

/* Whom the packets were for that are too big. */
static const struct addr *too_big_for(const struct flow *flow)
{
	return flow->mtu_back ? &flow->there.ends.src : &flow->left.ends.dst;
}

/* struct ended - an error about a flow that ended here: its path; @hop holds if d.stop >= 0 */
struct ended {
	const struct flow_path *fp;
	struct decision d;
	struct hop_view hop;
};

/* Did an error about it end here? Then the sender never gets to know. */
static bool error_ended(const struct model *m, const struct flow *flow, struct ended *e)
{
	for (uint32_t i = 0; i < flow->n_paths; i++) {
		const struct flow_path *fp = &flow->paths[i];

		if (!(fp->flags & PACKET_ERROR) || fp->back == flow->mtu_back)
			continue;
		model_decide_path(m, flow, fp, &e->d);
		if (!outcome_stops(e->d.outcome))
			continue;
		e->fp = fp;
		if (e->d.stop >= 0)
			stop_hop(m, flow, fp, &e->d, &e->hop);
		return true;
	}
	return false;
}

static struct str say_mtu(const struct model *m, const struct flow_case *c)
{
	const struct flow *flow = c->flow;
	struct str name = flow_name(flow), s;
	struct addr_text to = addr_text(too_big_for(flow)),
			 from = addr_text(flow->mtu_back ? &flow->left.ends.dst
							 : &flow->there.ends.src);
	struct ended e;
	bool ended = error_ended(m, flow, &e);

	s = text("%.*s: an ICMP error says that packets to %s are too big for a link of %" PRIu32
		 " bytes. %s %s%s, small packets pass and large ones do not.",
		 STR_ARG(name), to.s, flow->mtu,
		 ended ? "It was stopped here: until it reaches" : "Until", from.s,
		 ended ? "" : " obeys it");
	text_free(name);
	return s;
}

/* In the first chain of FORWARD that is not our own. */
static void clamp_by_nft(const struct model *m, const struct packet *p, struct finding *f)
{
	for (size_t i = 0; i < p->n_hops; i++) {
		struct hop_view hop;

		model_hop(m, p, i, &hop);
		if (hop.hook != HOOK_FORWARD || hop.depth || is_own_table(hop.family, hop.table))
			continue;
		finding_confirm(f, text("nft insert rule %s %.*s %.*s tcp flags syn tcp option "
					"maxseg size set rt mtu",
					family_name(hop.family), STR_ARG(hop.table),
					STR_ARG(hop.chain)));
		return;
	}
}

static void clamp(const struct model *m, const struct flow_case *c, uint32_t headers,
		  struct finding *f)
{
	if (c->flow->there.proto == 6 && told_by_nft(m, c->there))
		clamp_by_nft(m, c->there, f);
	else if (c->flow->there.proto == 6)
		finding_confirm(f, text("%s -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN "
					"-j TCPMSS --set-mss %" PRIu32,
					iptables_tool(m, (enum family)c->flow->there.family),
					c->flow->mtu > headers ? c->flow->mtu - headers - 12 : 0));
}

/* The rule of the chain that accepts what is ESTABLISHED, but not what is RELATED to it. */
static const struct rule *established_alone(const struct chain *chain)
{
	for (uint32_t i = 0; chain && i < chain->n_rules; i++) {
		unsigned int states = rule_ct_states(&chain->rules[i], VERDICT_ACCEPT);

		if (chain->rules[i].verdict == VERDICT_ACCEPT && (states & CT_ESTABLISHED) &&
		    !(states & CT_RELATED))
			return &chain->rules[i];
	}
	return NULL;
}

/* Where conntrack does not know that the error is RELATED, its type is all that can be asked for.
 */
static void accept_type(const struct model *m, const struct flow_case *c, const struct ended *e,
			struct finding *f)
{
	static const struct icmp_type too_big = {
		"icmp --icmp-type fragmentation-needed",
		"icmp type destination-unreachable icmp code frag-needed",
	};
	static const struct icmp_type too_big6 = {
		"icmpv6 --icmpv6-type packet-too-big",
		"icmpv6 type packet-too-big",
	};
	enum family family = (enum family)c->flow->there.family;

	confirm_accept_type(m, f, &e->hop, family, family == FAMILY_IP6 ? &too_big6 : &too_big);
}

static bool is_related(const struct model *m, const struct flow *flow, const struct ended *e)
{
	struct hop_view by;

	return !before_conntrack(m, e->fp->path, (size_t)e->d.stop, e->hop.hook) &&
	       !untracked_by(m, flow, false, &by) && !untracked_by(m, flow, true, &by);
}

/* The error is RELATED to the connection that it is about, whatever else it is. */
static void say_related(const struct model *m, const struct flow_case *c, const struct ended *e,
			struct finding *f)
{
	const struct rule *rule = established_alone(e->hop.meaning ? e->hop.meaning->chain : NULL);
	char place[PLACE];

	hop_place(&e->hop, place, sizeof(place));
	if (rule)
		finding_evidence(f, text("%s stopped it: it is RELATED to the connection, and rule "
					 "%" PRIu32 " accepts ESTABLISHED alone (%.*s)",
					 place, rule->number, STR_ARG(rule->text)));
	else
		finding_evidence(f, text("%s stopped it, before anything accepted it as RELATED to "
					 "the connection",
					 place));
	confirm_accept_ct(m, f, &e->hop, (enum family)c->flow->there.family, true);
}

static void confirm_mtu(const struct model *m, const struct flow_case *c, struct finding *f)
{
	bool six = c->flow->there.family == FAMILY_IP6;
	uint32_t headers = six ? 48 : 28; /* IP and ICMP */
	struct ended e = { .d = { .stop = -1 } };
	bool by_rule = error_ended(m, c->flow, &e) && e.d.stop >= 0 && e.hop.chain.n;

	if (by_rule && is_related(m, c->flow, &e))
		say_related(m, c, &e, f);
	else if (by_rule)
		accept_type(m, c, &e, f);
	finding_confirm(f, text("ping -M do -s %" PRIu32 " %s",
				c->flow->mtu > headers ? c->flow->mtu - headers : 0,
				addr_text(too_big_for(c->flow)).s));
	if (!by_rule) /* else the error is to get through: clamping helps TCP alone */
		clamp(m, c, headers, f);
}

const struct flow_finding find_mtu = { told_mtu, say_mtu, confirm_mtu };
