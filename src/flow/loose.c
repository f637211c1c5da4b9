/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loose.c - ICMP errors of which it is not known which flow they are about
 *
 * Where a trace has only the first bytes of what an error quotes, and nothing of that fits one flow
 * alone (quote.c), the error is a flow of its own. It may be about any that left by the device that
 * it came in by, from the address that it goes to. Each flow without an answer asks for that, and
 * errors may be many: they are found by device and address. A flow that left with an address that
 * nothing shows asks by the device alone.
 */
#include "loose.h"

#include <errno.h>
#include <stdlib.h>

#include "nfhop/grow.h"
#include "nfhop/hash.h"

#include "model.h"

/* struct key - @to: all zero for whatever address */
struct key {
	struct addr to;
	sym_t iif;
	uint16_t scope;
	uint8_t family;
};

struct loose_error {
	struct key key;
	struct stamp last;
};

static bool is_loose(const struct flow *flow)
{
	const struct tuple *t = &flow->there;

	return t->proto == (t->family == FAMILY_IP6 ? 58 : 1) && t->ends.dport && !t->ports &&
	       flow->iif[0];
}

static uint32_t hash_of(const struct key *key)
{
	uint64_t h = hash_add(hash_16(key->to.b), key->iif);

	return (uint32_t)hash_add(h, (uint64_t)key->scope << 8 | key->family);
}

static bool key_eq(const struct key *a, const struct key *b)
{
	return a->iif == b->iif && a->scope == b->scope && a->family == b->family &&
	       !memcmp(&a->to, &b->to, sizeof(a->to));
}

static struct loose_error *find(const struct loose_errors *errors, const struct key *key)
{
	uint32_t hash = hash_of(key);

	for (uint32_t i = index_first(&errors->index, hash); i != INDEX_NONE;
	     i = index_next(&errors->index, hash, i)) {
		struct loose_error *e = &errors->at[index_slot(&errors->index, i)];

		if (key_eq(&e->key, key))
			return e;
	}
	return NULL;
}

static struct loose_error *add(struct loose_errors *errors, const struct key *key)
{
	struct loose_error *at = array_grow(errors->at, errors->n, &errors->cap, sizeof(*at));
	uint32_t entry;

	if (!at)
		return NULL;
	errors->at = at;
	if (index_add(&errors->index, hash_of(key), (uint32_t)errors->n, &entry))
		return NULL;
	errors->at[errors->n] = (struct loose_error){ .key = *key };
	return &errors->at[errors->n++];
}

static int see(struct loose_errors *errors, const struct key *key, const struct stamp *last)
{
	struct loose_error *e = errors->n ? find(errors, key) : NULL;

	if (!e)
		e = add(errors, key);
	if (!e)
		return -ENOMEM;
	if (!e->last.have || stamp_age(last, &e->last) > 0)
		e->last = *last;
	return 0;
}

int loose_errors_see(struct loose_errors *errors, const struct flow *flow)
{
	struct key key = { .iif = flow->iif[0],
			   .scope = flow->scope,
			   .family = flow->there.family };
	int err;

	if (!is_loose(flow))
		return 0;
	if (!errors->n)
		index_init(&errors->index);
	err = see(errors, &key, &flow->last);
	key.to = flow->there.ends.dst;
	return err ? err : see(errors, &key, &flow->last);
}

void loose_errors_free(struct loose_errors *errors)
{
	index_finish(&errors->index);
	free(errors->at);
	*errors = (struct loose_errors){ .at = NULL };
}

bool loose_errors_about(const struct loose_errors *errors, const struct flow *flow)
{
	struct header answer = answer_to(flow);
	struct key key = { .iif = flow->oif[0],
			   .scope = flow->scope,
			   .family = flow->there.family };
	const struct loose_error *e;

	if (answer.have & HEADER_ADDR)
		key.to = answer.dst;
	e = errors->n && flow->oif[0] ? find(errors, &key) : NULL;
	return e && stamp_age(&e->last, &flow->first) >= 0;
}
