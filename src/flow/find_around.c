/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * find_around.c - answers to what DNAT sent on that reach the client around this gateway
 *
 * They come from the address that DNAT chose, for nobody turned it back. The client knows no such
 * connection and sends a RST there: to an address that it can have from such an answer alone.
 */
#include "find_flow.h"

#include <inttypes.h>

#include "nfhop/addr.h"

static bool was_sent_on(const struct flow *flow)
{
	return flow->there.proto == 6 &&
	       memcmp(&flow->there.ends.dst, &flow->left.ends.dst, sizeof(struct addr));
}

/* Was the address that the flow was for first seen where @p's trace begins, so before NAT? */
static bool begins_before_nat(const struct flow *flow, const struct packet *p)
{
	for (uint32_t i = 0; i < flow->n_paths; i++) {
		const struct packet *other = flow->paths[i].sample;

		if (!flow->paths[i].back && other && other->n_ends &&
		    other->hops[0].step == p->hops[0].step &&
		    !memcmp(&other->ends[0].dst, &flow->there.ends.dst, sizeof(struct addr)))
			return true;
	}
	return false;
}

bool resets_inner(const struct flow *flow, const struct flow_path *fp)
{
	const struct packet *p = fp->sample;

	return was_sent_on(flow) && !fp->back && p && p->n_ends && !p->has_quoted &&
	       (p->flags & PACKET_CAME_IN) && (p->first.have & HEADER_FLAGS) &&
	       (p->first.tcp_flags & TCP_RST) &&
	       !memcmp(&p->ends[0].dst, &flow->left.ends.dst, sizeof(struct addr)) &&
	       begins_before_nat(flow, p);
}

/* struct resets - RSTs to the address behind DNAT: how many, and one of them */
struct resets {
	uint64_t n;
	const struct packet *sample;
};

static struct resets resets_of(const struct flow *flow)
{
	struct resets r = { 0, NULL };

	for (uint32_t i = 0; i < flow->n_paths; i++) {
		if (!resets_inner(flow, &flow->paths[i]))
			continue;
		r.n += flow->paths[i].packets;
		r.sample = r.sample ? r.sample : flow->paths[i].sample;
	}
	return r;
}

/* No answer was seen here: those that come back this way are turned back. */
bool answer_around(const struct model *m, const struct flow_case *c)
{
	(void)m;
	return was_sent_on(c->flow) && c->flow->packets[1] <= c->flow->errors &&
	       resets_of(c->flow).n;
}

static struct str say_around(const struct model *m, const struct flow_case *c)
{
	const struct flow *flow = c->flow;
	struct addr_text inner = addr_text(&flow->left.ends.dst);
	struct str name = flow_name(flow), s;

	(void)m;
	s = text("%.*s: answers reach the client around this gateway, so from %s, not from the "
		 "address that it asked: its RSTs go there. The way back of %s must lead through "
		 "this gateway: a route, or SNAT here, too.",
		 STR_ARG(name), inner.s, inner.s);
	text_free(name);
	return s;
}

static void show_around(const struct model *m, const struct flow_case *c, struct finding *f)
{
	const struct flow *flow = c->flow;
	struct resets resets = resets_of(flow);
	struct addr_text inner = addr_text(&flow->left.ends.dst),
			 client = addr_text(&flow->there.ends.src);
	const struct nat_wanted want = {
		.chain = nat_chain_at(m, (enum family)flow->there.family, HOOK_POSTROUTING),
		.oif = sym_text(m->syms, flow->oif[0]),
	};

	finding_packet(f, resets.sample);
	finding_evidence(f, text("%" PRIu64 " RST%s of the client came for %s, which it can know "
				 "from such an answer alone; none of these passed here",
				 resets.n, plural(resets.n), inner.s));
	finding_evidence(f, text("on %s, ip %sroute get %s shows where its answers go", inner.s,
				 flow->there.family == FAMILY_IP6 ? "-6 " : "", client.s));
	if (want.oif.n)
		confirm_masquerade(m, f, &want, flow);
}

static bool is_reset(const struct model *m, const struct flow_case *c, const struct flow_path *fp)
{
	(void)m;
	return resets_inner(c->flow, fp);
}

const struct flow_finding find_around = { answer_around, say_around, show_around, true, is_reset };
