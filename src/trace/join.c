/* SPDX-License-Identifier: GPL-2.0-or-later */
/* join.c - one packet that two sources tell of: nftables by events, the kernel's log by lines
 *
 * Theory of Operation
 *
 * A packet passes nftables' and iptables' chains in turns, but the two are told on different
 * ways, each in order and with no common clock that would put one hop between two others. So each
 * is assembled for itself, by its own rules, in a slot of its own: the second one that begins for
 * a packet follows the first one. When either is over both are, and their hops are put into one
 * row (weave.c). A LOG line is the log's, whoever's rule wrote it: among nft's hops it would stand
 * where it was read, and what is told of hooks behind it would look like a packet that went back.
 *
 * Which are of one packet? A line has the kernel's time. An event has that of its reading, and
 * under load it waited for that; but not longer than since the queue was read empty last. So it
 * happened between those two moments, and a line of that packet was written between them, too.
 * A constant would be too short under load, and at other times it would make one of two packets
 * that look alike. Of inputs that do not tell when the queue was empty nothing better is known
 * than one. Of several that can be it is the one that began first: both are told in order.
 *
 * NAT may have been between them: a line that was read before nft's events has the addresses that
 * they show later, and was a packet of its own until then. It is withdrawn as such.
 *
 * Only the slot that leads is a packet to everybody else: it has the number and the flow.
 */
#include "assemble.h"

#include <stdlib.h>

/* The log is read when somebody comes to it: up to so much later than the event. */
#define JOIN_NS INT64_C(250000000)
/* Stamps of whole seconds; or NFLOG, which may have the time of its flush (formats 4.5). */
#define JOIN_COARSE_NS INT64_C(1100000000)

/* struct told - when nftables told of a packet: it happened after @since, if that is known */
struct told {
	int64_t since;
	const struct stamp *at;
};

/* meets - do the addresses and ports of @h stand in one of the headers that the packet had? */
static bool meets(const struct packet *p, const struct header *h)
{
	bool ports = (p->first.have & h->have) & HEADER_PORTS;

	for (uint8_t i = 0; i < p->n_ends; i++) {
		const struct endpoints *e = &p->ends[i];

		if (!memcmp(&e->src, &h->src, sizeof(h->src)) &&
		    !memcmp(&e->dst, &h->dst, sizeof(h->dst)) &&
		    (!ports || (e->sport == h->sport && e->dport == h->dport)))
			return true;
	}
	return !p->n_ends;
}

static int64_t width(const struct event *ev)
{
	bool fine = (ev->stamp.have & STAMP_UP) || ev->stamp.wall_digits;

	return fine && !ev->hook ? JOIN_NS : JOIN_COARSE_NS;
}

/*
 * in_time - can a line with stamp @line be of a packet that nftables told of then? Return: 2 if
 * nothing speaks against it, 1 if the line's clock would have to be off by no more than @wide
 */
static int in_time(const struct told *nft, const struct stamp *line, int64_t wide)
{
	int64_t age = stamp_age(nft->at, line);

	if (nft->since && (line->have & STAMP_WALL)) {
		if (line->wall_ns + AGE_CLOSE_NS < nft->since || age < -wide)
			return 0;
		return age >= -AGE_CLOSE_NS ? 2 : 1;
	}
	if (llabs(age) > wide)
		return 0;
	return llabs(age) <= AGE_CLOSE_NS ? 2 : 1;
}

/* can_lead - as in_time(): is what @ev begins told of the packet in slot @o, too? */
static int can_lead(const struct assembler *a, const struct open *o, unsigned int scope,
		    const struct event *ev, const struct place *place)
{
	const struct told old = { o->since, &o->last }, new = { a->since, &ev->stamp };

	if (o->packet.scope != scope || o->packet.elsewhere || o->twin != NO_OPEN ||
	    o->nft == place->nft || !same_packet(o, &ev->pkt) || !meets(&o->packet, &ev->pkt))
		return 0;
	return o->nft ? in_time(&old, &ev->stamp, width(ev)) : in_time(&new, &o->last, width(ev));
}

uint32_t join_find(const struct assembler *a, unsigned int scope, uint32_t hash,
		   const struct event *ev, const struct place *place)
{
	uint32_t found = NO_OPEN;
	int best = 1;

	for (uint32_t i = like_first(a, hash, &ev->pkt); i != NO_OPEN;
	     i = like_next(a, i, &ev->pkt)) {
		int can = can_lead(a, &a->open[i], scope, ev, place);

		if (can < best || (can == best && found != NO_OPEN &&
				   a->open[i].packet.no > a->open[found].packet.no))
			continue;
		found = i;
		best = can;
	}
	return found;
}

bool join_may_come(const struct assembler *a, const struct open *o)
{
	return a->since && !o->nft && o->twin == NO_OPEN && (o->last.have & STAMP_WALL) &&
	       o->last.wall_ns + AGE_CLOSE_NS >= a->since;
}

void join_link(struct assembler *a, uint32_t lead, uint32_t i)
{
	struct open *first = &a->open[lead], *second = &a->open[i];

	first->twin = i;
	second->twin = lead;
	second->follows = true;
	first->trail = NULL; /* it will have the other's hops, too */
	second->packet.no = first->packet.no;
	second->packet.flow = first->packet.flow;
	second->packet.flags |= first->packet.flags & PACKET_BACK;
}

void join_late(struct assembler *a, uint32_t i, const struct event *ev, const struct place *place)
{
	const struct open *o = &a->open[i];
	unsigned int scope = o->packet.scope;
	uint32_t late;

	if (o->twin != NO_OPEN || meets(&o->packet, &ev->pkt))
		return;
	late = join_find(a, scope, hash_of(scope, &ev->pkt, over_lo(ev)), ev, place);
	if (late == NO_OPEN || a->open[late].rides)
		return;
	if (a->sink.withdrawn)
		a->sink.withdrawn(a->sink.who, &a->open[late].packet);
	a->withdrawn++;
	join_link(a, i, late);
}

/* What the one row shows of the packet and the other one does not. */
static void join_heads(struct packet *p, const struct packet *q, bool q_first)
{
	struct header p_first = p->first;

	if (q_first && !(q->first.have & HEADER_UNSEEN))
		p->first = q->first;
	header_seq(&p->first, q_first ? &p_first : &q->first);
	if ((q->flags & ~p->flags) & PACKET_UID)
		p->uid = q->uid;
	p->flags |= q->flags & (uint16_t)~PACKET_BACK; /* p was told which way it runs */
	if (q->has_quoted && !(p->has_quoted && (p->quoted.have & HEADER_ADDR))) {
		p->quoted = q->quoted;
		p->has_quoted = true;
	}
}

void join_merge(struct assembler *a, uint32_t lead, uint32_t follower)
{
	struct packet *p = &a->open[lead].packet, *q = &a->open[follower].packet;
	bool q_first = false;

	if (!q->n_hops || !p->n_hops || p->n_hops + q->n_hops > UINT16_MAX ||
	    weave(a, p, q, &q_first))
		return;
	join_heads(p, q, q_first);
}
