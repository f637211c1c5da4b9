/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * neighbour.c - did the next hop answer? That is asked behind the last hook of netfilter
 *
 * A packet that POSTROUTING accepted waits for its next hop's address on the link. If nobody
 * answers (ARP, ND), or a tunnel has no peer for it, the kernel drops it and tells the sender,
 * after about three seconds, that the host is unreachable (arp_error_report() of net/ipv4/arp.c,
 * ndisc_error_report() of net/ipv6/ndisc.c). That error, if it is traced and quotes the flow, or
 * the neighbour table at the end of a run, tells.
 */
#include "find_flow.h"

#define AROUND_NS INT64_C(10000000000) /* errors are limited in rate: later packets get none */

/* ICMP 3/1, ICMPv6 1/3: what dst_link_failure() sends. */
static bool says_unreachable(const struct packet *p)
{
	bool six = p->first.family == FAMILY_IP6;

	return (p->first.have & HEADER_ICMP) && p->first.icmp_type == (six ? 1 : 3) &&
	       p->first.icmp_code == (six ? 3 : 1);
}

static bool is_own_error(const struct flow_path *fp)
{
	return fp->back && (fp->flags & PACKET_ERROR) && !(fp->flags & PACKET_CAME_IN);
}

static bool answered(const struct flow *flow)
{
	for (uint32_t i = 0; i < flow->n_paths; i++)
		if (flow->paths[i].back && !is_own_error(&flow->paths[i]))
			return true;
	return false;
}

/* An error that came before the packet speaks of another, which a rule may have rejected so. */
static bool told_sender(const struct flow *flow, const struct stamp *since)
{
	for (uint32_t i = 0; i < flow->n_paths; i++) {
		const struct flow_path *fp = &flow->paths[i];

		if (is_own_error(fp) && fp->sample && says_unreachable(fp->sample) &&
		    stamp_age(&fp->last, since) >= 0 &&
		    stamp_age(&flow->last, &fp->last) <= AROUND_NS)
			return true;
	}
	return false;
}

/* The mark that it was routed by: of the first hop behind routing. */
static uint32_t routed_mark(const struct model *m, const struct flow *flow)
{
	const struct packet *p = flow->newest[0] < 0 ? NULL : flow->paths[flow->newest[0]].sample;

	for (uint16_t i = 0; p && i < p->n_hops; i++) {
		enum hook hook = paths_step_at(m->paths, p->hops[i].step)->hook;

		if (hook == HOOK_FORWARD || hook == HOOK_POSTROUTING)
			return p->hops[i].mark;
	}
	return 0;
}

bool next_hop_of(const struct model *m, const struct flow *flow, struct addr *hop)
{
	const struct evidence *e = evidence_now(m);
	const struct evidence_route *route;
	struct route_query query = {
		.family = (enum family)flow->there.family,
		.src = flow->there.ends.src,
		.dst = flow->left.ends.dst,
		.iif = sym_text(m->syms, flow->iif[0]),
		.mark = routed_mark(m, flow),
	};

	if (!e || evidence_route_find(e, &query, &route) != ROUTE_ANSWER_FOUND ||
	    route->type != ROUTE_UNICAST || !str_eq(route->device, sym_text(m->syms, flow->oif[0])))
		return false;
	*hop = route->has_via ? route->via : query.dst;
	return true;
}

enum next_hop next_hop_answers(const struct model *m, const struct flow *flow,
			       const struct stamp *since)
{
	const struct evidence *e = m->after;
	struct addr hop;

	if ((!flow->errors && (!e || !e->n_neighbours)) || answered(flow))
		return NEXT_HOP_NOT_KNOWN;
	if (flow->errors && told_sender(flow, since))
		return NEXT_HOP_UNREACHABLE;
	if (e && e->n_neighbours && next_hop_of(m, flow, &hop) &&
	    evidence_is_silent(e, &hop, sym_text(m->syms, flow->oif[0])))
		return NEXT_HOP_SILENT;
	return NEXT_HOP_NOT_KNOWN;
}
