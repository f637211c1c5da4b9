/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sym.c - interned names: an array of strings and an open-addressed hash of their numbers */
#include "nfhop/sym.h"

#include <stdlib.h>

#include "nfhop/grow.h"
#include "nfhop/hash.h"

struct entry {
	char *p;
	uint32_t n;
	uint32_t hash;
};

struct syms {
	struct entry *entries; /* by number; 0 is the empty string, 1 stands for lost names */
	size_t n, cap;
	uint32_t *slots; /* numbers, 0 = free */
	size_t mask;
};

#define SYM_LOST    1
#define FIRST_SLOTS 256

static int slots_grow(struct syms *s)
{
	size_t want = (s->mask + 1) * 2;
	uint32_t *slots = calloc(want, sizeof(*slots));

	if (!slots)
		return -1;
	for (size_t i = 1; i < s->n; i++) {
		size_t at = s->entries[i].hash & (want - 1);

		while (slots[at])
			at = (at + 1) & (want - 1);
		slots[at] = (uint32_t)i;
	}
	free(s->slots);
	s->slots = slots;
	s->mask = want - 1;
	return 0;
}

static int entries_grow(struct syms *s)
{
	struct entry *grown = array_grow(s->entries, s->n, &s->cap, sizeof(*grown));

	if (!grown)
		return -1;
	s->entries = grown;
	return 0;
}

static sym_t sym_add(struct syms *s, struct str str, uint32_t hash, size_t slot)
{
	char *copy;

	if (s->n >= SYMS_MAX || entries_grow(s))
		return SYM_LOST;
	copy = malloc(str.n ? str.n : 1);
	if (!copy)
		return SYM_LOST;
	if (str.n)
		memcpy(copy, str.p, str.n);
	s->entries[s->n] = (struct entry){ copy, (uint32_t)str.n, hash };
	s->slots[slot] = (uint32_t)s->n;
	return (sym_t)s->n++;
}

static size_t slot_of(const struct syms *s, struct str str, uint32_t hash)
{
	size_t at = hash & s->mask;

	for (; s->slots[at]; at = (at + 1) & s->mask) {
		const struct entry *e = &s->entries[s->slots[at]];

		if (e->hash == hash && e->n == str.n && !memcmp(e->p, str.p, str.n))
			break;
	}
	return at;
}

sym_t sym_intern(struct syms *s, struct str str)
{
	uint32_t hash;
	size_t at;

	if (!str.n)
		return 0;
	hash = (uint32_t)hash_bytes(str.p, str.n);
	at = slot_of(s, str, hash);
	if (s->slots[at])
		return s->slots[at];
	if (s->n * 2 > s->mask) {
		if (slots_grow(s))
			return SYM_LOST;
		at = slot_of(s, str, hash);
	}
	return sym_add(s, str, hash, at);
}

struct str sym_text(const struct syms *s, sym_t sym)
{
	if (!sym || sym >= s->n)
		return (struct str){ NULL, 0 };
	return (struct str){ s->entries[sym].p, s->entries[sym].n };
}

struct syms *syms_create(void)
{
	struct syms *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->slots = calloc(FIRST_SLOTS, sizeof(*s->slots));
	s->mask = FIRST_SLOTS - 1;
	if (!s->slots || entries_grow(s))
		goto destroy;
	s->entries[s->n++] = (struct entry){ NULL, 0, 0 };
	if (sym_intern(s, STR("…")) == SYM_LOST && s->n == SYM_LOST + 1)
		return s;
destroy:
	syms_destroy(s);
	return NULL;
}

void syms_destroy(struct syms *s)
{
	if (!s)
		return;
	for (size_t i = 1; i < s->n; i++)
		free(s->entries[i].p);
	free(s->entries);
	free(s->slots);
	free(s);
}
