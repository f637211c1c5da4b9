/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tuple.c - what tells connections apart, forwards and backwards; packets kept whole */
#include "flows.h"

#include <stdlib.h>

struct tuple tuple_of(const struct header *h, const struct endpoints *ends)
{
	return (struct tuple){
		.ends = *ends,
		.proto = h->have & HEADER_PROTO ? h->proto : 0,
		.family = h->family,
		.ports = h->have & (HEADER_PORTS | HEADER_ECHO),
		.known = h->have & HEADER_PROTO,
		.unseen = h->have & HEADER_UNSEEN,
	};
}

struct tuple tuple_reverse(const struct tuple *t)
{
	struct tuple r = *t;

	r.ends = (struct endpoints){ t->ends.dst, t->ends.src, t->ends.dport, t->ends.sport };
	return r;
}

bool tuple_eq(const struct tuple *a, const struct tuple *b)
{
	return !memcmp(&a->ends.src, &b->ends.src, sizeof(a->ends.src)) &&
	       !memcmp(&a->ends.dst, &b->ends.dst, sizeof(a->ends.dst)) &&
	       a->ends.sport == b->ends.sport && a->ends.dport == b->ends.dport &&
	       a->proto == b->proto && a->family == b->family && a->ports == b->ports &&
	       a->known == b->known && a->unseen == b->unseen;
}

struct packet *packet_copy(const struct packet *packet)
{
	struct packet *copy = malloc(sizeof(*copy) + packet->n_hops * sizeof(*packet->hops));

	if (!copy)
		return NULL;
	*copy = *packet;
	copy->hops = (struct hop *)(copy + 1);
	copy->cap_hops = packet->n_hops;
	if (packet->n_hops)
		memcpy(copy->hops, packet->hops, packet->n_hops * sizeof(*packet->hops));
	return copy;
}
