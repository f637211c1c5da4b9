/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flow_table.c - flows by their tuples and by their numbers
 *
 * Theory of Operation
 *
 * A flow is found under the tuple it was first seen with and under the tuple it left with; the
 * hash does not care for direction, so two entries serve four tuples. Which one matched tells
 * the direction.
 *
 * Flows are named by number. The number of a joined flow stays, and leads to that of the other.
 */
#include "flow_table.h"

#include <errno.h>
#include <stdlib.h>

#include "nfhop/hash.h"
#include "nfhop/prefetch.h"

#define QUOTE_FLOWS 64 /* what is answered by an error had a packet just now */
#define AHEAD	    8  /* flows that are looked at while memory is waited for */

static uint64_t hash_end(const struct addr *a, uint16_t port)
{
	return hash_mix(hash_16(a->b) * HASH_ODD + port);
}

/* The same for a tuple and its reverse. */
static uint32_t tuple_hash(const struct tuple *t, unsigned int scope)
{
	return (uint32_t)hash_mix(hash_end(&t->ends.src, t->ends.sport) +
				  hash_end(&t->ends.dst, t->ends.dport) +
				  ((uint64_t)scope << 16 | (uint64_t)t->proto << 8 | t->family));
}

int flows_known_under(struct flows *f, uint32_t slot, int which, const struct tuple *t)
{
	uint32_t hash = tuple_hash(t, f->recs[slot].flow.scope);

	return index_add(&f->index, hash, slot, &f->recs[slot].entries[which]);
}

void flows_unknown_under(struct flows *f, uint32_t slot, int which)
{
	index_remove(&f->index, f->recs[slot].entries[which]);
	f->recs[slot].entries[which] = INDEX_NONE;
}

int flow_direction(const struct flow *flow, const struct tuple *t)
{
	struct tuple back;

	if (tuple_eq(t, &flow->there) || tuple_eq(t, &flow->left))
		return 0;
	back = tuple_reverse(t);
	if (tuple_eq(&back, &flow->left) || tuple_eq(&back, &flow->there))
		return 1;
	return -1;
}

uint32_t flows_find(const struct flows *f, unsigned int scope, const struct tuple *t,
		    int *direction)
{
	uint32_t hash = tuple_hash(t, scope);

	for (uint32_t e = index_first(&f->index, hash); e != INDEX_NONE;
	     e = index_next(&f->index, hash, e)) {
		uint32_t slot = index_slot(&f->index, e);
		const struct flow *flow = &f->recs[slot].flow;

		if (flow->scope != scope)
			continue;
		*direction = flow_direction(flow, t);
		if (*direction >= 0)
			return slot;
	}
	return NONE;
}

static void list_remove(struct flows *f, uint32_t i)
{
	const struct links *l = &f->links[i];

	*(l->older == NONE ? &f->oldest : &f->links[l->older].newer) = l->newer;
	*(l->newer == NONE ? &f->newest : &f->links[l->newer].older) = l->older;
}

static void list_append(struct flows *f, uint32_t i)
{
	f->links[i] = (struct links){ f->newest, NONE };
	*(f->newest == NONE ? &f->oldest : &f->links[f->newest].newer) = i;
	f->newest = i;
}

void flows_touch(struct flows *f, uint32_t slot)
{
	list_remove(f, slot);
	list_append(f, slot);
}

void flows_release(struct flows *f, uint32_t slot)
{
	struct rec *r = &f->recs[slot];

	flows_unknown_under(f, slot, 0);
	flows_unknown_under(f, slot, 1);
	list_remove(f, slot);
	f->samples -= flow_paths_free(&r->flow);
	r->used = false;
	f->links[slot].newer = f->free;
	f->free = slot;
	f->count--;
}

/* The flow that was quiet longest goes; its number leads nowhere from now on. */
static void evict(struct flows *f)
{
	uint32_t slot = f->oldest;

	f->numbers[f->recs[slot].flow.no - 1].slot = NONE;
	flows_release(f, slot);
	f->evicted++;
}

static int recs_reserve(struct flows *f)
{
	struct links *links;
	struct rec *recs;
	size_t cap;

	if (f->count >= f->limits.max_flows)
		evict(f);
	if (f->free != NONE || f->n < f->cap)
		return 0;
	cap = f->cap ? f->cap * 2 : 64;
	recs = realloc(f->recs, cap * sizeof(*recs));
	if (!recs)
		return -ENOMEM;
	f->recs = recs;
	links = realloc(f->links, cap * sizeof(*links));
	if (!links)
		return -ENOMEM;
	f->links = links;
	f->cap = cap;
	return 0;
}

uint32_t flows_slot_by_no(const struct flows *f, uint32_t no)
{
	while (no && no <= f->last_no && f->numbers[no - 1].joined)
		no = f->numbers[no - 1].joined;
	return no && no <= f->last_no ? f->numbers[no - 1].slot : NONE;
}

static int number_take(struct flows *f, uint32_t slot)
{
	if (f->last_no == f->cap_no) {
		size_t cap = f->cap_no ? f->cap_no * 2 : 64;
		struct number *numbers = realloc(f->numbers, cap * sizeof(*numbers));

		if (!numbers)
			return -ENOMEM;
		f->numbers = numbers;
		f->cap_no = cap;
	}
	f->numbers[f->last_no++] = (struct number){ .slot = slot };
	f->recs[slot].flow.no = f->last_no;
	return 0;
}

uint32_t flows_begin(struct flows *f, const struct packet *p, const struct tuple *there)
{
	uint32_t slot;

	if (recs_reserve(f))
		return NONE;
	slot = f->free;
	if (slot == NONE)
		slot = (uint32_t)f->n++;
	else
		f->free = f->links[slot].newer;
	f->recs[slot] = (struct rec){
		.flow = { .host = p->host,
			  .scope = p->scope,
			  .there = *there,
			  .left = *there,
			  .newest = { -1, -1 } },
		.entries = { NONE, NONE },
		.used = true,
	};
	f->recs[slot].flow.first = p->hops[0].stamp;
	list_append(f, slot);
	f->count++;
	if (number_take(f, slot) || flows_known_under(f, slot, 0, there)) {
		flows_release(f, slot);
		return NONE;
	}
	return slot;
}

uint32_t flows_find_quoted(const struct flows *f, const struct packet *p, int *direction)
{
	enum quote_fit best = QUOTE_OTHER;
	uint32_t found = NONE, slot = f->newest;
	int d = 0;

	for (int n = 0; slot != NONE && n < QUOTE_FLOWS; n++, slot = f->links[slot].older) {
		enum quote_fit fit = quote_fit(&f->recs[slot].flow, p, &d);

		if (fit == QUOTE_OTHER || fit < best)
			continue;
		found = fit > best ? slot : NONE;
		best = fit;
		*direction = d;
	}
	return found;
}

void flows_soon(const struct flows *f, const struct packet *p, bool next)
{
	const struct rec *r;
	uint32_t slot = flows_slot_by_no(f, p->flow);

	if (slot == NONE)
		return;
	r = &f->recs[slot];
	if (!next)
		prefetch(r, sizeof(*r));
	else if (r->flow.n_paths)
		prefetch(r->flow.paths,
			 sizeof(*r->flow.paths) * (r->flow.n_paths < 4 ? r->flow.n_paths : 4));
}

/* Each step needs what the one before it has fetched, so they are done for three packets at once.
 */
void flows_coming(struct flows *f, unsigned int scope, const struct header *h,
		  const struct endpoints *ends)
{
	struct tuple t = tuple_of(h, ends);
	uint32_t entry = index_first(&f->index, f->coming[1]);

	if (entry != INDEX_NONE)
		prefetch(&f->recs[index_slot(&f->index, entry)], sizeof(struct rec));
	index_fetch(&f->index, f->coming[0], true);
	f->coming[1] = f->coming[0];
	f->coming[0] = tuple_hash(&t, scope);
	index_fetch(&f->index, f->coming[0], false);
}

size_t flows_slots(const struct flows *f)
{
	return f->n;
}

/* fetch_ahead - whoever looks at flow @i looks at all of them, in their order */
static inline void fetch_ahead(const struct flows *f, size_t i)
{
	if (i + 2 * AHEAD < f->n) {
		prefetch(&f->recs[i + 2 * AHEAD], sizeof(struct rec));
		prefetch(f->recs[i + AHEAD].flow.paths, sizeof(struct flow_path));
	}
}

const struct flow *flows_at(const struct flows *f, size_t i)
{
	const struct rec *r = &f->recs[i];

	fetch_ahead(f, i);
	return i < f->n && r->used && (r->flow.packets[0] || r->flow.packets[1]) ? &r->flow : NULL;
}

const struct flow *flows_without_ports(const struct flows *f, const struct flow *flow, bool *back)
{
	struct tuple t = flow->there;
	int direction = 0;
	uint32_t slot;

	t.ports = false;
	t.ends.sport = t.ends.dport = 0;
	slot = flows_find(f, flow->scope, &t, &direction);
	*back = direction == 1;
	return slot == NONE ? NULL : &f->recs[slot].flow;
}

const struct flow *flows_with(const struct flows *f, unsigned int scope, const struct tuple *t)
{
	int direction = 0;
	uint32_t slot = flows_find(f, scope, t, &direction);

	return slot == NONE || direction ? NULL : &f->recs[slot].flow;
}

const struct flow *flows_by_no(const struct flows *f, uint32_t no)
{
	uint32_t slot = flows_slot_by_no(f, no);

	return slot == NONE ? NULL : &f->recs[slot].flow;
}

size_t flows_count(const struct flows *f)
{
	return f->count;
}

uint64_t flows_evicted(const struct flows *f)
{
	return f->evicted;
}

struct flows *flows_create(const struct flows_limits *limits)
{
	struct flows *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->limits = *limits;
	f->oldest = f->newest = f->free = NONE;
	index_init(&f->index);
	return f;
}

void flows_destroy(struct flows *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n; i++) {
		fetch_ahead(f, i);
		if (f->recs[i].used)
			flow_paths_free(&f->recs[i].flow);
	}
	free(f->recs);
	free(f->links);
	index_finish(&f->index);
	free(f->numbers);
	free(f);
}
