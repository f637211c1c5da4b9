/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tuple.c - what tells connections apart, forwards and backwards; packets kept whole */
#include "flows.h"

#include <stdlib.h>

static inline struct tuple plain(const struct header *h, const struct endpoints *ends)
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

/* Errors whose quote is not known to lead to a flow are one of their own, by what they say. */
static bool is_error(const struct header *h)
{
	static const uint8_t v4[] = { 3, 4, 5, 11, 12 }, v6[] = { 1, 2, 3, 4 };

	return (h->proto == 1 && memchr(v4, h->icmp_type, sizeof(v4))) ||
	       (h->proto == 58 && memchr(v6, h->icmp_type, sizeof(v6)));
}

__attribute__((noinline)) static struct tuple of_icmp(const struct header *h,
						      const struct endpoints *ends)
{
	struct tuple t = plain(h, ends);

	if (!t.ports && is_error(h))
		t.ends.dport = (uint16_t)(h->icmp_type << 8 | h->icmp_code);
	return t;
}

struct tuple tuple_of(const struct header *h, const struct endpoints *ends)
{
	return h->have & HEADER_ICMP ? of_icmp(h, ends) : plain(h, ends);
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
