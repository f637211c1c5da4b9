/* SPDX-License-Identifier: GPL-2.0-or-later */
/* index.h - a hash from 32-bit hashes to slots, where one slot may stand more than once */
#ifndef NFHOP_FLOW_INDEX_H
#define NFHOP_FLOW_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INDEX_NONE UINT32_MAX

struct index_entry {
	uint32_t slot; /* INDEX_NONE: free */
	uint32_t next;
	uint32_t hash;
};

struct index {
	struct index_entry *entries;
	size_t n, cap;
	uint32_t free;
	uint32_t *buckets;
	size_t mask;
};

void index_init(struct index *index);
void index_finish(struct index *index);

/* index_add - @slot can be found under @hash; Return: 0 and the number in @entry, or -ENOMEM */
int index_add(struct index *index, uint32_t hash, uint32_t slot, uint32_t *entry);

/* index_remove - @entry may be INDEX_NONE */
void index_remove(struct index *index, uint32_t entry);

/* index_first, index_next - the entries under @hash; INDEX_NONE after the last */
uint32_t index_first(const struct index *index, uint32_t hash);
uint32_t index_next(const struct index *index, uint32_t hash, uint32_t entry);

/* index_fetch - bring the way to what is under @hash into the caches, and then its first @entry */
void index_fetch(const struct index *index, uint32_t hash, bool entry);

uint32_t index_slot(const struct index *index, uint32_t entry);

#endif
