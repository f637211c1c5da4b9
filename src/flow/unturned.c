/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unturned.c - answers that ended before NAT turned their address back: whose they are
 *
 * An answer to a masqueraded request comes to an address and a port that no trace of the request
 * shows, and only a hook behind PREROUTING shows it turned back. One that a rule of PREROUTING
 * drops is never seen like that. But of TCP it acknowledges the request's SYN by its number: with
 * the same far side, no other connection's answer does.
 *
 * Of what has no such numbers only this is known: NAT keeps the source port where it can, and no
 * two connections have the same one of this host's. So an answer to that port, at an address that
 * is this host's, by the device that the request left by, is most likely the request's: inferred.
 * Where nothing tells which addresses these are, a request of which the rule set says that its
 * source became another is enough: whom else would the far side answer at that port?
 * Ports below 1024 are those of many at once; of them nothing is.
 *
 * Where two could be meant, as in the traces of two routers that both translate, it is the one
 * that left by the device that the answer came in by; else none is.
 */
#include "flow_table.h"

#include "nfhop/trace.h"

#define UNTURNED_FLOWS 64 /* who is answered had a packet just now */
#define UNTURNED_TRIES 3  /* packets of one flow; a flood of them must not cost more */
#define PORT_OF_MANY   1024
#define HELD_NS	       INT64_C(30000000000) /* nf_conntrack_udp_timeout */

/* Has @r a SYN with the number before @ack? One that is open is not counted yet. */
static bool has_syn(const struct rec *r, uint32_t ack)
{
	const struct packet *open = r->newest[0];

	if (r->flow.syns && r->flow.syn_seq + 1 == ack)
		return true;
	return open && (open->first.have & HEADER_SEQ) && tcp_opens(open->first.tcp_flags) &&
	       open->first.tcp_seq + 1 == ack;
}

/* Where the trace shows what its source became, an answer is found by that. */
static bool shows_source(const struct flow *flow)
{
	const struct endpoints *there = &flow->there.ends, *left = &flow->left.ends;

	return flow->nat_by == BY_TRACE &&
	       (there->sport != left->sport || memcmp(&there->src, &left->src, sizeof(there->src)));
}

/* By the rule set its source is translated, which nothing shows; it has that port, and was here. */
static bool left_by_that_port(const struct flow *flow, const struct packet *p,
			      const struct tuple *t)
{
	int64_t age = stamp_age(&p->hops[0].stamp, &flow->last);

	return flow->nat_by == BY_RULESET && flow->there.ends.sport == t->ends.dport &&
	       t->ends.dport >= PORT_OF_MANY && flow->oif[0] == p->hops[0].iif && age >= 0 &&
	       age < HELD_NS;
}

static bool is_asked(const struct rec *r, const struct packet *p, const struct tuple *t)
{
	const struct flow *flow = &r->flow;
	bool fits = p->first.have & HEADER_SEQ ? has_syn(r, p->first.tcp_ack)
					       : left_by_that_port(flow, p, t);

	return fits && flow->scope == p->scope && flow->there.proto == t->proto &&
	       flow->there.family == t->family && flow->there.ports == t->ports &&
	       !shows_source(flow) && flow->left.ends.dport == t->ends.sport &&
	       !memcmp(&flow->left.ends.dst, &t->ends.src, sizeof(t->ends.src));
}

uint32_t flows_find_asked(const struct flows *f, uint32_t mine, const struct packet *p)
{
	const struct flow *flow = &f->recs[mine].flow;
	struct tuple t = tuple_of(&p->first, &p->ends[0]);
	uint32_t found[2] = { NONE, NONE }, slot = f->newest;
	int n_found[2] = { 0, 0 };

	if (flow->packets[0] >= UNTURNED_TRIES || flow->packets[1] || flow->syns ||
	    flow->nat_by != BY_NONE || !t.ports)
		return NONE;
	for (int n = 0; slot != NONE && n < UNTURNED_FLOWS; n++, slot = f->links[slot].older) {
		const struct rec *r = &f->recs[slot];
		bool by_it = r->flow.oif[0] == p->hops[0].iif;

		if (slot == mine || !is_asked(r, p, &t))
			continue;
		found[by_it] = slot;
		n_found[by_it]++;
	}
	if (n_found[1])
		return n_found[1] == 1 ? found[1] : NONE;
	return n_found[0] == 1 ? found[0] : NONE;
}
