/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * find_around.c - answers to what DNAT sent on that reach the client around this gateway
 *
 * They come from the address that DNAT chose, for nobody turned it back. The client knows no such
 * connection and refuses them there, with a RST or, of UDP, an ICMP error: to an address that it
 * can have from such an answer alone. A program that takes answers from whomever sends nothing, and
 * then nothing shows it.
 *
 * Where a trace has only the first bytes of what an ICMP error quotes, the error is a flow of its
 * own (loose.c): its addresses tell, but not the ports.
 */
#include "find_flow.h"

#include <inttypes.h>

#include "nfhop/addr.h"

static bool was_sent_on(const struct flow *flow)
{
	return (flow->there.proto == 6 || flow->there.proto == 17) &&
	       memcmp(&flow->there.ends.dst, &flow->left.ends.dst, sizeof(struct addr));
}

static bool same_chain(const struct model *m, const struct packet *a, const struct packet *b)
{
	const struct step *x = paths_step_at(m->paths, a->hops[0].step);
	const struct step *y = paths_step_at(m->paths, b->hops[0].step);

	return x->table == y->table && x->chain == y->chain && x->family == y->family;
}

/* Was the address that the flow was for first seen where @p's trace begins, so before NAT? */
static bool begins_before_nat(const struct model *m, const struct flow *flow,
			      const struct packet *p)
{
	for (uint32_t i = 0; i < flow->n_paths; i++) {
		const struct packet *other = flow->paths[i].sample;

		if (!flow->paths[i].back && other && other->n_ends && same_chain(m, other, p) &&
		    !memcmp(&other->ends[0].dst, &flow->there.ends.dst, sizeof(struct addr)))
			return true;
	}
	return false;
}

/* type << 8 | code of "port unreachable" */
static unsigned int no_port(const struct flow *flow)
{
	return flow->there.family == FAMILY_IP6 ? 1 << 8 | 4 : 3 << 8 | 3;
}

static bool is_refusal(const struct flow *flow, const struct packet *p)
{
	const struct header *h = &p->first;

	if (flow->there.proto == 6)
		return !p->has_quoted && (h->have & HEADER_FLAGS) && (h->tcp_flags & TCP_RST);
	return (h->have & HEADER_ICMP) &&
	       (unsigned int)(h->icmp_type << 8 | h->icmp_code) == no_port(flow);
}

/* Did it come in for the address that DNAT made of the flow's own? */
static bool came_for_inner(const struct model *m, const struct flow *flow, const struct packet *p)
{
	return p && p->n_ends && (p->flags & PACKET_CAME_IN) && is_refusal(flow, p) &&
	       !memcmp(&p->ends[0].dst, &flow->left.ends.dst, sizeof(struct addr)) &&
	       begins_before_nat(m, flow, p);
}

bool refuses_inner(const struct model *m, const struct flow *flow, const struct flow_path *fp)
{
	return was_sent_on(flow) && !fp->back && came_for_inner(m, flow, fp->sample);
}

/* Such ICMP errors as a flow of their own */
static const struct flow *errors_apart(const struct model *m, const struct flow *flow)
{
	bool six = flow->there.family == FAMILY_IP6;
	const struct tuple t = {
		.ends = { .src = flow->there.ends.src,
			  .dst = flow->left.ends.dst,
			  .dport = (uint16_t)no_port(flow) },
		.proto = six ? 58 : 1,
		.family = flow->there.family,
		.known = true,
	};
	const struct flow *errors = flow->there.proto == 17 ? flows_with(m->flows, flow->scope, &t)
							    : NULL;

	return errors && errors->n_paths && stamp_age(&errors->last, &flow->first) >= 0 &&
			       came_for_inner(m, flow, errors->paths[0].sample)
		       ? errors
		       : NULL;
}

/**
 * struct refusals - refusals for the address behind DNAT: how many, and one of them
 * @apart: they are a flow of their own
 */
struct refusals {
	uint64_t n;
	const struct packet *sample;
	const struct flow *apart;
};

static struct refusals refusals_of(const struct model *m, const struct flow *flow)
{
	struct refusals r = { 0, NULL, NULL };

	for (uint32_t i = 0; i < flow->n_paths; i++) {
		if (!refuses_inner(m, flow, &flow->paths[i]))
			continue;
		r.n += flow->paths[i].packets;
		r.sample = r.sample ? r.sample : flow->paths[i].sample;
	}
	r.apart = r.n ? NULL : errors_apart(m, flow);
	if (r.apart) {
		r.n = r.apart->packets[0];
		r.sample = r.apart->paths[0].sample;
	}
	return r;
}

/* No answer was seen here: those that come back this way are turned back. */
bool answer_around(const struct model *m, const struct flow_case *c)
{
	return was_sent_on(c->flow) && c->flow->packets[1] <= c->flow->errors &&
	       refusals_of(m, c->flow).n;
}

static struct str say_around(const struct model *m, const struct flow_case *c)
{
	const struct flow *flow = c->flow;
	struct addr_text inner = addr_text(&flow->left.ends.dst);
	struct str name = flow_name(flow), s;
	bool apart = refusals_of(m, flow).apart;

	s = text("%.*s: %sanswers reach the client around this gateway, so from %s, not from the "
		 "address that it asked: its %s go there. The way back of %s must lead through "
		 "this gateway: a route, or SNAT here, too.",
		 STR_ARG(name), apart ? "most likely " : "", inner.s,
		 flow->there.proto == 6 ? "RSTs" : "ICMP errors (port-unreachable)", inner.s);
	text_free(name);
	return s;
}

static void show_around(const struct model *m, const struct flow_case *c, struct finding *f)
{
	const struct flow *flow = c->flow;
	struct refusals refusals = refusals_of(m, flow);
	struct addr_text inner = addr_text(&flow->left.ends.dst),
			 client = addr_text(&flow->there.ends.src);
	const struct nat_wanted want = {
		.chain = nat_chain_at(m, (enum family)flow->there.family, HOOK_POSTROUTING),
		.oif = sym_text(m->syms, flow->oif[0]),
	};

	finding_packet(f, refusals.sample);
	finding_evidence(f, text("%s %s%s of the client came for %s, which it can know "
				 "from such an answer alone; none of these passed here%s",
				 number_text(refusals.n).s,
				 flow->there.proto == 6 ? "RST" : "ICMP error", plural(refusals.n),
				 inner.s,
				 refusals.apart ? " (what they quote has no ports here)" : ""));
	finding_evidence(f, text("on %s, ip %sroute get %s shows where its answers go", inner.s,
				 flow->there.family == FAMILY_IP6 ? "-6 " : "", client.s));
	if (want.oif.n)
		confirm_masquerade(m, f, &want, flow);
}

static uint32_t stopped_refusals(struct model *m, const struct flow_case *c)
{
	const struct flow *apart = refusals_of(m, c->flow).apart, *flow = apart ? apart : c->flow;
	uint32_t stop = 0, at;

	for (uint32_t i = 0; i < flow->n_paths; i++) {
		if (!apart && !refuses_inner(m, flow, &flow->paths[i]))
			continue;
		at = stop_explained(m, flow, &flow->paths[i]);
		stop = at ? at : stop;
	}
	return stop;
}

const struct flow_finding find_around = { answer_around, say_around, show_around, true,
					  stopped_refusals };
