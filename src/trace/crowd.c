/* SPDX-License-Identifier: GPL-2.0-or-later */
/* crowd.c - many open packets that the first hash cannot tell apart
 *
 * Theory of Operation
 *
 * A scan has one source port and often one IP id: its packets differ in their destination, which
 * NAT may change, and in their sequence numbers, which LOG lines leave out. So neither can be part
 * of the hash that every event looks into. When a new packet finds a crowd of others with its hash
 * there, a second hash is made, where those whose sequence numbers are known stand under these,
 * too, and the others as in the first one. An event with sequence numbers looks at the packets that
 * have the same and at those that have none; one without looks into the first hash, as ever.
 *
 * A log without a crowd never pays for it. Nothing depends on when the second hash was made: what
 * it leaves out are packets that same_packet() would refuse.
 */
#include "assemble.h"

#include <stdlib.h>
#include <string.h>

#include "nfhop/hash.h"

static uint32_t key_of(uint32_t hash, const struct header *h)
{
	uint64_t seq = (uint64_t)h->tcp_seq << 32 | h->tcp_ack;

	return h->have & HEADER_SEQ ? (uint32_t)hash_mix((hash + seq) * HASH_ODD + hash) : hash;
}

static void key_add(struct assembler *a, uint32_t i)
{
	struct crowd_links *links = a->crowd.links, *l = &links[i];
	uint32_t *bucket;

	l->key = key_of(a->links[i].hash, &a->open[i].packet.first);
	bucket = &a->crowd.buckets[l->key & a->mask];
	l->prev = NO_OPEN;
	l->next = *bucket;
	if (l->next != NO_OPEN)
		links[l->next].prev = i;
	*bucket = i;
}

static void key_remove(struct assembler *a, uint32_t i)
{
	struct crowd_links *links = a->crowd.links;
	const struct crowd_links *l = &links[i];

	*(l->prev == NO_OPEN ? &a->crowd.buckets[l->key & a->mask]
			     : &links[l->prev].next) = l->next;
	if (l->next != NO_OPEN)
		links[l->next].prev = l->prev;
}

void crowd_add(struct assembler *a, uint32_t i)
{
	uint32_t next = a->links[i].next;

	a->crowd.links[i].before = NO_OPEN;
	if (next != NO_OPEN)
		a->crowd.links[next].before = i;
	key_add(a, i);
}

void crowd_remove(struct assembler *a, uint32_t i)
{
	uint32_t next = a->links[i].next, before = a->crowd.links[i].before;

	*(before == NO_OPEN ? &a->buckets[a->links[i].hash & a->mask]
			    : &a->links[before].next) = next;
	if (next != NO_OPEN)
		a->crowd.links[next].before = before;
	key_remove(a, i);
}

void crowd_see(struct assembler *a, uint32_t i)
{
	if (a->crowd.links[i].key == key_of(a->links[i].hash, &a->open[i].packet.first))
		return;
	key_remove(a, i);
	key_add(a, i);
}

static uint32_t key_from(const struct assembler *a, uint32_t i, uint32_t key)
{
	while (i != NO_OPEN && a->crowd.links[i].key != key)
		i = a->crowd.links[i].next;
	return i;
}

static uint32_t key_first(const struct assembler *a, uint32_t key)
{
	return key_from(a, a->crowd.buckets[key & a->mask], key);
}

uint32_t crowd_first(const struct assembler *a, uint32_t hash, const struct header *h)
{
	uint32_t i = key_first(a, key_of(hash, h));

	return i == NO_OPEN ? key_first(a, hash) : i;
}

uint32_t crowd_next(const struct assembler *a, uint32_t i)
{
	uint32_t key = a->crowd.links[i].key, hash = a->links[i].hash;
	uint32_t next = key_from(a, a->crowd.links[i].next, key);

	return next == NO_OPEN && key != hash ? key_first(a, hash) : next;
}

/* fill - put all that are open into the second hash */
static void fill(struct assembler *a)
{
	for (uint32_t i = a->oldest; i != NO_OPEN; i = a->links[i].newer) {
		a->crowd.links[i].before = NO_OPEN;
		key_add(a, i);
	}
	for (uint32_t i = a->oldest; i != NO_OPEN; i = a->links[i].newer)
		if (a->links[i].next != NO_OPEN)
			a->crowd.links[a->links[i].next].before = i;
}

void crowd_begin(struct assembler *a)
{
	struct crowd *c = &a->crowd;

	if (c->buckets)
		return;
	c->links = malloc(a->limits.max_open * sizeof(*c->links));
	c->buckets = malloc((a->mask + 1) * sizeof(*c->buckets));
	if (!c->links || !c->buckets) { /* then it goes on as before, only slower */
		crowd_finish(a);
		return;
	}
	memset(c->buckets, 0xff, (a->mask + 1) * sizeof(*c->buckets));
	fill(a);
}

void crowd_finish(struct assembler *a)
{
	free(a->crowd.links);
	free(a->crowd.buckets);
	a->crowd = (struct crowd){ NULL, NULL };
}
