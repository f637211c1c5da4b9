/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * classes.c - what the rules of a rule set can tell apart
 *
 * Theory of operation. Packets that differ in nothing that any rule asks for take the same way. A
 * rule asks whether a field lies in spans: between two neighbouring ends of all these spans every
 * value is as good as any other, so it is the number of ends in front of it that counts. The key
 * of a packet is made of these. Of fields with spans that are none of neighbours (a mask with
 * holes) the value itself is taken, and of devices the name.
 */
#include <stdlib.h>

#include "build.h"

#define KEY_NAME 16 /* IFNAMSIZ */

/* struct spans - of a condition; those of a named set are there once, whoever asks for it */
struct spans {
	const void *at;
	uint32_t n;
};

static struct addr addr_of(uint32_t number)
{
	struct addr addr = { { 0 } };

	for (int i = 0; i < 4; i++)
		addr.b[12 + i] = (uint8_t)(number >> (24 - 8 * i));
	return addr;
}

static int compare_addrs(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct addr));
}

static int compare_spans(const void *a, const void *b)
{
	const void *x = ((const struct spans *)a)->at, *y = ((const struct spans *)b)->at;

	return (x > y) - (x < y);
}

/* Do addresses that are equal under @mask stand side by side? */
static bool is_prefix(const struct addr *mask)
{
	bool over = false;

	for (unsigned int i = 0; i < 8 * sizeof(mask->b); i++) {
		bool set = mask->b[i / 8] & 0x80 >> i % 8;

		if (set && over)
			return false;
		over |= !set;
	}
	return true;
}

/* bounds_add - what lies from @lo to @hi is told apart from what does not */
static void bounds_add(struct bounds *bounds, struct addr lo, struct addr hi)
{
	int i = sizeof(hi.b);

	bounds->at[bounds->n++] = lo;
	while (i > 0 && hi.b[i - 1] == UINT8_MAX)
		hi.b[--i] = 0;
	if (!i)
		return; /* nothing is behind the last address */
	hi.b[i - 1]++;
	bounds->at[bounds->n++] = hi;
}

static void add_addr(struct bounds *bounds, const struct addr_span *span)
{
	struct addr hi = span->hi;

	for (size_t i = 0; i < sizeof(hi.b); i++)
		hi.b[i] |= (uint8_t)~span->mask.b[i];
	bounds->odd |= !is_prefix(&span->mask);
	bounds_add(bounds, span->lo, hi);
}

static void add_number(struct bounds *bounds, const struct num_span *span)
{
	bounds->odd |= span->mask != UINT16_MAX && span->mask != UINT32_MAX;
	bounds_add(bounds, addr_of(span->lo), addr_of(span->hi));
}

/* see_cond - @spans get those of @cond, if it asks for @field */
static size_t see_cond(const struct cond *cond, uint32_t n, enum cond_field field,
		       struct spans *spans)
{
	if (cond->field != field || !n)
		return 0;
	*spans = (struct spans){ cond->addrs, n };
	return 1;
}

static size_t see_rule(const struct rule *rule, enum cond_field field, struct spans *spans)
{
	size_t n = 0;

	for (uint32_t i = 0; i < rule->n_conds; i++) {
		const struct cond *cond = &rule->conds[i];

		n += see_cond(cond, cond->n, field, spans + n);
		for (uint8_t k = 0; k < cond->n_parts; k++)
			n += see_cond(&cond->parts[k], cond->n, field, spans + n);
	}
	return n;
}

/* gather - the spans of all conditions on @field, each once; Return: how many */
static size_t gather(const struct ruleset *rs, enum cond_field field, struct spans *spans)
{
	size_t n = 0, once = 0;

	for (uint32_t i = 0; i < rs->n_chains; i++)
		for (uint32_t k = 1; k <= rs->chains[i]->n_rules; k++)
			n += see_rule(chain_rule(rs->chains[i], k), field, spans + n);
	qsort(spans, n, sizeof(*spans), compare_spans);
	for (size_t i = 0; i < n; i++)
		if (!i || spans[i].at != spans[i - 1].at)
			spans[once++] = spans[i];
	return once;
}

static void sort_out(struct bounds *bounds)
{
	size_t n = 0;

	qsort(bounds->at, bounds->n, sizeof(*bounds->at), compare_addrs);
	for (size_t i = 0; i < bounds->n; i++)
		if (!n || compare_addrs(&bounds->at[i], &bounds->at[n - 1]) != 0)
			bounds->at[n++] = bounds->at[i];
	bounds->n = n;
}

static void bounds_build(struct ruleset *rs, enum cond_field field, struct spans *spans)
{
	struct bounds *bounds = &rs->bounds[field];
	size_t n = gather(rs, field, spans), all = 0;

	for (size_t i = 0; i < n; i++)
		all += spans[i].n;
	bounds->at = arena_alloc(&rs->arena, (2 * all + 1) * sizeof(*bounds->at));
	for (size_t i = 0; bounds->at && i < n; i++)
		for (uint32_t k = 0; k < spans[i].n; k++)
			if (span_kind_of(field) == SPAN_ADDR)
				add_addr(bounds, (const struct addr_span *)spans[i].at + k);
			else
				add_number(bounds, (const struct num_span *)spans[i].at + k);
	sort_out(bounds);
}

/* Return: how many conditions and parts of them there are */
static size_t see_asked(struct ruleset *rs)
{
	size_t n = 0;

	for (uint32_t i = 0; i < rs->n_chains; i++) {
		for (uint32_t k = 1; k <= rs->chains[i]->n_rules; k++) {
			const struct rule *rule = chain_rule(rs->chains[i], k);

			for (uint32_t c = 0; c < rule->n_conds; c++) {
				const struct cond *cond = &rule->conds[c];

				rs->asked |= UINT32_C(1) << cond->field;
				for (uint8_t p = 0; p < cond->n_parts; p++)
					rs->asked |= UINT32_C(1) << cond->parts[p].field;
				n += 1u + cond->n_parts;
			}
		}
	}
	return n;
}

void classes_build(struct ruleset *rs)
{
	struct spans *spans = calloc(see_asked(rs) + 1, sizeof(*spans));

	for (int field = 0; spans && field < COND_FIELD_MAX; field++) {
		enum span_kind kind = span_kind_of((enum cond_field)field);

		if ((rs->asked & UINT32_C(1) << field) && (kind == SPAN_ADDR || kind == SPAN_NUM))
			bounds_build(rs, (enum cond_field)field, spans);
	}
	rs->told_apart = spans && !rs->arena.failed;
	free(spans);
}

/* class_of - how many ends of spans are in front of @value, or are it */
static uint32_t class_of(const struct bounds *bounds, const struct addr *value)
{
	size_t from = 0, to = bounds->n;

	while (from < to) {
		size_t at = from + (to - from) / 2;

		if (compare_addrs(&bounds->at[at], value) <= 0)
			from = at + 1;
		else
			to = at;
	}
	return (uint32_t)from;
}

static void key_add(struct sighting_key *key, const void *bytes, size_t n)
{
	memcpy(&key->b[key->n], bytes, n);
	key->n = (uint8_t)(key->n + n);
}

static void key_add_addr(struct sighting_key *key, const struct bounds *bounds,
			 const struct addr *addr)
{
	uint32_t class;

	if (bounds->odd) {
		key_add(key, addr, sizeof(*addr));
		return;
	}
	class = class_of(bounds, addr);
	key_add(key, &class, sizeof(class));
}

static void key_add_number(struct sighting_key *key, const struct bounds *bounds, uint32_t number)
{
	const struct addr addr = addr_of(number);

	if (!bounds->odd)
		number = class_of(bounds, &addr);
	key_add(key, &number, sizeof(number));
}

static void key_add_name(struct sighting_key *key, struct str name)
{
	char bytes[KEY_NAME] = "";

	if (name.n)
		memcpy(bytes, name.p, name.n);
	key_add(key, bytes, sizeof(bytes));
}

static void key_add_field(struct sighting_key *key, const struct bounds *bounds,
			  enum cond_field field, const struct sighting *seen)
{
	const struct header *pkt = seen->pkt;
	uint32_t v[2] = { 0 };
	uint8_t got;

	switch (span_kind_of(field)) {
	case SPAN_NUM:
		got = (uint8_t)field_get(field, seen, v);
		key_add(key, &got, sizeof(got));
		for (uint8_t i = 0; got == GOT_VALUE && i < field_values(field); i++)
			key_add_number(key, bounds, v[i]);
		break;
	case SPAN_ADDR:
		key_add_addr(key, bounds, field == COND_SRC ? &pkt->src : &pkt->dst);
		break;
	case SPAN_NAME:
		key_add_name(key, field == COND_IIF ? seen->iif : seen->oif);
		break;
	default:
		break;
	}
}

/* What is known goes first, so that all keys can be read in one way. */
_Static_assert(8 + COND_FIELD_MAX * (1 + 8) + 2 * sizeof(struct addr) + 2 * KEY_NAME <=
		       SIGHTING_KEY_MAX,
	       "a key may be longer");

bool sighting_key(const struct ruleset *rs, const struct sighting *seen, struct sighting_key *key)
{
	const struct header *pkt = seen->pkt;
	const uint8_t known[] = { (uint8_t)pkt->family, seen->have, (pkt->have & HEADER_ADDR) != 0,
				  (pkt->have & HEADER_FRAG) && pkt->frag };
	const uint32_t states = seen->states;

	key->n = 0;
	if (!rs->told_apart || seen->iif.n >= KEY_NAME || seen->oif.n >= KEY_NAME)
		return false;
	key_add(key, known, sizeof(known));
	key_add(key, &states, sizeof(states));
	for (int i = 0; i < COND_FIELD_MAX; i++)
		if (rs->asked & UINT32_C(1) << i)
			key_add_field(key, &rs->bounds[i], (enum cond_field)i, seen);
	return true;
}
