/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * find_refused.c - connections that were refused by this host or on the way
 *
 * Of the far side nothing can be said from here but that it refused. What a router means by its
 * ICMP error, and that nobody listens on a port of this host, can be.
 */
#include "find_flow.h"

#include "nfhop/addr.h"

#define WORDS 256

/* The kernel's senders: ip_error(), arp_error_report(), ip_forward() of net/ipv4, REJECT; RFC 792,
 * 1812, 4443. */
static const struct {
	bool v6;
	uint8_t type, code;
	const char *words;
} meanings[] = {
	{ false, 3, 0, "That router has no route to it." },
	{ false, 3, 1, "It does not answer there, or the next hop does not (ARP)." },
	{ false, 3, 2, "Most likely a firewall there rejects the packets." },
	{ false, 3, 3, "Most likely a firewall there rejects the packets." },
	{ false, 3, 9, "A firewall or a prohibit route there rejects the packets." },
	{ false, 3, 10, "A firewall or a prohibit route there rejects the packets." },
	{ false, 3, 13, "A firewall or a prohibit route there rejects the packets." },
	{ false, 11, 0, "The TTL was used up there: it was low, or routers send in circles." },
	{ true, 1, 0, "That router has no route to it." },
	{ true, 1, 1, "A firewall or a prohibit route there rejects the packets." },
	{ true, 1, 3, "It does not answer there, or the next hop does not (ND)." },
	{ true, 1, 4, "Most likely a firewall there rejects the packets." },
	{ true, 1, 5, "A firewall there rejects the source of the packets." },
	{ true, 1, 6, "A reject route there takes the packets." },
	{ true, 3, 0, "The hop limit was used up there: it was low, or routers send in circles." },
};

/* What the sender of the ICMP error means; NULL if that is not known. */
static const char *meaning_of(const struct header *h)
{
	bool v6 = h->family == FAMILY_IP6;

	for (size_t i = 0; i < sizeof(meanings) / sizeof(*meanings); i++)
		if ((h->have & HEADER_ICMP) && meanings[i].v6 == v6 &&
		    meanings[i].type == h->icmp_type && meanings[i].code == h->icmp_code)
			return meanings[i].words;
	return NULL;
}

/* Of packets that are too big another finding tells. */
static bool was_refused(const struct model *m, const struct flow_case *c)
{
	struct refusal r;

	if (c->view.state != FLOW_REFUSED || c->flow->mtu)
		return false;
	r = model_refusal(m, c->flow);
	return r.packet && (r.by == REFUSED_HERE || r.by == REFUSED_ON_WAY);
}

static struct str say_here(const struct flow_case *c, const struct refusal *r, const char *name,
			   const char *words)
{
	if (r->midway)
		return text("%s: it was handed to this host itself and %s: most likely that "
			    "connection is not known here any more.",
			    name, words);
	if (!has_listener_port(c->flow))
		return text("%s: it was handed to this host itself and %s: nothing here takes it.",
			    name, words);
	return text("%s: it was handed to this host itself and %s: most likely no program "
		    "listens on port %u.",
		    name, words, c->flow->left.ends.dport);
}

static struct str say_refused(const struct model *m, const struct flow_case *c)
{
	struct refusal r = model_refusal(m, c->flow);
	const char *meaning = meaning_of(&r.packet->first);
	struct str name = flow_name(c->flow), s;
	char words[WORDS];

	refusal_text(&r, words, sizeof(words));
	if (r.by == REFUSED_HERE)
		s = say_here(c, &r, name.p ? name.p : "", words);
	else
		s = text("%.*s: %s, not by the destination.%s%s", STR_ARG(name), words,
			 meaning ? " " : "", meaning ? meaning : "");
	text_free(name);
	return s;
}

/* The rule that sent them here, or to that port. */
static void say_translated(const struct model *m, const struct flow_case *c, struct finding *f)
{
	const struct packet *p = NULL;
	struct hop_view hop;
	char place[WORDS];

	for (uint32_t i = 0; i < c->flow->n_paths; i++) {
		const struct packet *one = c->flow->paths[i].sample;

		if (!c->flow->paths[i].back && one &&
		    nat_hop(m, one, HOOK_BIT(HOOK_PREROUTING) | HOOK_BIT(HOOK_OUTPUT)) >= 0)
			p = one;
	}
	if (!p)
		return;
	model_hop(m, p, (size_t)nat_hop(m, p, HOOK_BIT(HOOK_PREROUTING) | HOOK_BIT(HOOK_OUTPUT)),
		  &hop);
	if (hop.kind != HOP_RULE)
		return;
	hop_place(&hop, place, sizeof(place));
	finding_evidence(f, text("%s sent it to %s port %u%s%.*s", place,
				 addr_text(&c->flow->left.ends.dst).s, c->flow->left.ends.dport,
				 hop.text.n && !hop_known_by_text(&hop) ? ": " : "",
				 hop_known_by_text(&hop) ? 0 : (int)hop.text.n, hop.text.p));
}

static bool is_translated(const struct flow *flow)
{
	return has_listener_port(flow) &&
	       (memcmp(&flow->left.ends.dst, &flow->there.ends.dst, sizeof(struct addr)) ||
		flow->left.ends.dport != flow->there.ends.dport);
}

static void why_refused(const struct model *m, const struct flow_case *c, struct finding *f)
{
	struct refusal r = model_refusal(m, c->flow);
	struct str oif = sym_text(m->syms, c->flow->oif[0]);
	struct decision d;

	finding_packet(f, r.packet);
	if (r.by == REFUSED_HERE) {
		if (is_translated(c->flow))
			say_translated(m, c, f);
		ask_listeners(c->flow, f);
		return;
	}
	model_decide_path(m, c->flow, r.path, &d);
	if (outcome_stops(d.outcome))
		finding_evidence(f, text("the error was stopped here: who sent the packets is not "
					 "told"));
	finding_confirm(f, text("traceroute -n %s", addr_text(&c->flow->left.ends.dst).s));
	if (oif.n)
		finding_confirm(f, text("tcpdump -ni %.*s %s and host %s", STR_ARG(oif),
					c->flow->there.family == FAMILY_IP6 ? "icmp6" : "icmp",
					addr_text(&r.packet->first.src).s));
}

const struct flow_finding find_refused = { was_refused, say_refused, why_refused };
