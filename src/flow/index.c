/* SPDX-License-Identifier: GPL-2.0-or-later */
/* index.c - a chained hash whose entries are named by number, so that they can be taken out */
#include "index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "nfhop/grow.h"
#include "nfhop/prefetch.h"

#define FIRST_SIZE 1024

static int buckets_grow(struct index *x)
{
	size_t size = x->buckets ? (x->mask + 1) * 2 : FIRST_SIZE;
	uint32_t *buckets;

	if (x->buckets && x->n <= x->mask)
		return 0;
	buckets = malloc(size * sizeof(*buckets));
	if (!buckets)
		return -ENOMEM;
	memset(buckets, 0xff, size * sizeof(*buckets));
	for (uint32_t i = 0; i < x->n; i++) {
		struct index_entry *e = &x->entries[i];

		if (e->slot == INDEX_NONE)
			continue;
		e->next = buckets[e->hash & (size - 1)];
		buckets[e->hash & (size - 1)] = i;
	}
	free(x->buckets);
	x->buckets = buckets;
	x->mask = size - 1;
	return 0;
}

static int entries_grow(struct index *x)
{
	struct index_entry *entries = array_grow(x->entries, x->n, &x->cap, sizeof(*entries));

	if (!entries)
		return -ENOMEM;
	x->entries = entries;
	return 0;
}

int index_add(struct index *x, uint32_t hash, uint32_t slot, uint32_t *entry)
{
	uint32_t i = x->free;

	if (i == INDEX_NONE) {
		if (entries_grow(x) || buckets_grow(x))
			return -ENOMEM;
		i = (uint32_t)x->n++;
	} else {
		x->free = x->entries[i].next;
	}
	x->entries[i] = (struct index_entry){ slot, x->buckets[hash & x->mask], hash };
	x->buckets[hash & x->mask] = i;
	*entry = i;
	return 0;
}

void index_remove(struct index *x, uint32_t entry)
{
	uint32_t *link;

	if (entry == INDEX_NONE)
		return;
	link = &x->buckets[x->entries[entry].hash & x->mask];
	while (*link != entry)
		link = &x->entries[*link].next;
	*link = x->entries[entry].next;
	x->entries[entry] = (struct index_entry){ INDEX_NONE, x->free, 0 };
	x->free = entry;
}

static uint32_t with_hash(const struct index *x, uint32_t hash, uint32_t entry)
{
	while (entry != INDEX_NONE && x->entries[entry].hash != hash)
		entry = x->entries[entry].next;
	return entry;
}

uint32_t index_first(const struct index *x, uint32_t hash)
{
	return x->buckets ? with_hash(x, hash, x->buckets[hash & x->mask]) : INDEX_NONE;
}

void index_fetch(const struct index *x, uint32_t hash, bool entry)
{
	const uint32_t *bucket;

	if (!x->buckets)
		return;
	bucket = &x->buckets[hash & x->mask];
	if (!entry)
		prefetch(bucket, sizeof(*bucket));
	else if (*bucket != INDEX_NONE)
		prefetch(&x->entries[*bucket], sizeof(*x->entries));
}

uint32_t index_next(const struct index *x, uint32_t hash, uint32_t entry)
{
	return with_hash(x, hash, x->entries[entry].next);
}

uint32_t index_slot(const struct index *x, uint32_t entry)
{
	return x->entries[entry].slot;
}

void index_init(struct index *x)
{
	*x = (struct index){ .free = INDEX_NONE };
}

void index_finish(struct index *x)
{
	free(x->entries);
	free(x->buckets);
}
