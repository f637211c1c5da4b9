/* SPDX-License-Identifier: GPL-2.0-or-later */
/* path.c - steps and paths, each distinct one kept once, with what can be read off the sequence
 *
 * Theory of Operation
 *
 * Millions of packets share a handful of ways, so a way is kept once and packets carry its
 * number. A step is interned too, so a path is a short array of numbers that hashes and
 * compares fast.
 *
 * Legacy TRACE lines state no verdict, but the line that follows proves much (formats.md 2.4):
 * whatever a rule says, if a later table or hook follows, this table accepted; if the next line
 * is in a chain never entered before, the rule jumped there (or went there: a goto comes back
 * one level higher, so it is a jump only if its own chain goes on afterwards). These readings
 * depend on the sequence alone, so they are made once, when the path is interned. Depth too.
 */
#include "nfhop/trace.h"

#include <stdlib.h>

#include "nfhop/hash.h"

#define NONE	    UINT32_MAX
#define FIRST_SLOTS 256
#define HOPS_MAX    (1u << 24) /* in all paths: 200 MiB; hostile input must not have more */

struct path {
	uint32_t at; /* of its first hop in hops[] */
	uint32_t n;
	uint64_t hash;
};

struct reading {
	uint32_t step;
	sym_t target;
	uint16_t depth;
	uint8_t verdict, by;
};

/* An open-addressed hash of numbers; the numbers' own hashes are asked for by the caller. */
struct table {
	uint32_t *slots; /* number + 1, 0 = free */
	size_t mask;
};

struct paths {
	const struct syms *syms;
	struct step *steps;
	uint64_t *step_hashes;
	size_t n_steps, cap_steps;
	struct path *paths;
	size_t n_paths, cap_paths;
	struct reading *hops;
	size_t n_hops, cap_hops;
	struct table by_step, by_path;
};

static void *grow(void *p, size_t *cap, size_t want, size_t size)
{
	size_t n = *cap ? *cap : 64;

	while (n < want)
		n *= 2;
	if (n == *cap)
		return p;
	p = realloc(p, n * size);
	if (p)
		*cap = n;
	return p;
}

static int table_grow(struct table *t, size_t n, const void *items,
		      uint64_t (*hash)(const void *, size_t))
{
	size_t size = t->slots ? (t->mask + 1) * 2 : FIRST_SLOTS;
	uint32_t *slots;

	if (t->slots && n * 2 <= t->mask)
		return 0;
	slots = calloc(size, sizeof(*slots));
	if (!slots)
		return -1;
	for (size_t i = 0; i < n; i++) {
		size_t at = hash(items, i) & (size - 1);

		while (slots[at])
			at = (at + 1) & (size - 1);
		slots[at] = (uint32_t)i + 1;
	}
	free(t->slots);
	t->slots = slots;
	t->mask = size - 1;
	return 0;
}

static uint64_t step_hash_at(const void *p, size_t i)
{
	return ((const struct paths *)p)->step_hashes[i];
}

static uint64_t path_hash_at(const void *p, size_t i)
{
	return ((const struct paths *)p)->paths[i].hash;
}

static uint64_t step_hash(const struct step *s)
{
	uint64_t h = hash_add((uint64_t)s->table << 32 | s->chain,
			      (uint64_t)s->target << 32 | s->prefix);

	h = hash_add(h, s->handle);
	h = hash_add(h, (uint64_t)s->rule << 32 | (uint64_t)s->have << 24 |
				(uint64_t)s->family << 16 | (uint64_t)s->hook << 8 |
				(uint64_t)(s->kind << 4 | s->verdict));
	return h;
}

static bool step_eq(const struct step *a, const struct step *b)
{
	return a->table == b->table && a->chain == b->chain && a->target == b->target &&
	       a->prefix == b->prefix && a->rule == b->rule && a->handle == b->handle &&
	       a->family == b->family && a->hook == b->hook && a->kind == b->kind &&
	       a->verdict == b->verdict && a->have == b->have;
}

static int steps_reserve(struct paths *p)
{
	size_t cap = p->cap_steps;
	struct step *steps = grow(p->steps, &cap, p->n_steps + 1, sizeof(*steps));
	uint64_t *hashes;

	if (!steps)
		return -1;
	p->steps = steps;
	cap = p->cap_steps;
	hashes = grow(p->step_hashes, &cap, p->n_steps + 1, sizeof(*hashes));
	if (!hashes)
		return -1;
	p->step_hashes = hashes;
	p->cap_steps = cap;
	return table_grow(&p->by_step, p->n_steps, p, step_hash_at);
}

uint32_t paths_step(struct paths *p, const struct step *step)
{
	uint64_t hash = step_hash(step);
	size_t at;

	if (steps_reserve(p))
		return NONE;
	for (at = hash & p->by_step.mask; p->by_step.slots[at]; at = (at + 1) & p->by_step.mask) {
		uint32_t i = p->by_step.slots[at] - 1;

		if (p->step_hashes[i] == hash && step_eq(&p->steps[i], step))
			return i;
	}
	p->steps[p->n_steps] = *step;
	p->step_hashes[p->n_steps] = hash;
	p->by_step.slots[at] = (uint32_t)++p->n_steps;
	return (uint32_t)p->n_steps - 1;
}

const struct step *paths_step_at(const struct paths *p, uint32_t step)
{
	return &p->steps[step];
}

/* Do @a and @b belong to one evaluation of one table at one hook? */
static bool same_pass(const struct step *a, const struct step *b)
{
	return a->table == b->table && a->family == b->family && a->hook == b->hook && a->table;
}

/* The next hop that is no LOG line, or n. */
static size_t next_placed(const struct paths *p, const struct reading *r, size_t i, size_t n)
{
	for (i++; i < n; i++)
		if (p->steps[r[i].step].kind != HOP_LOG)
			break;
	return i;
}

struct chain_stack {
	sym_t chain[16];
	unsigned int n;
};

/* Enter @chain in the pass whose chains are on @stack; Return: its depth. */
static unsigned int stack_enter(struct chain_stack *stack, sym_t chain, bool base)
{
	for (unsigned int i = stack->n; i-- > 0;)
		if (stack->chain[i] == chain) {
			stack->n = i + 1;
			return i;
		}
	if (base)
		stack->n = 0; /* the trace began below it */
	else if (!stack->n)
		stack->chain[stack->n++] = 0; /* a base chain that was not traced */
	if (stack->n == sizeof(stack->chain) / sizeof(stack->chain[0]))
		stack->n--;
	stack->chain[stack->n] = chain;
	return stack->n++;
}

static bool step_is_base(const struct paths *p, const struct step *s)
{
	return chain_hook(table_find(sym_text(p->syms, s->table)), sym_text(p->syms, s->chain)) !=
	       HOOK_NONE;
}

static void read_depths(const struct paths *p, struct reading *r, size_t n)
{
	struct chain_stack stack = { .n = 0 };
	const struct step *last = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct step *s = &p->steps[r[i].step];

		if (s->kind == HOP_LOG) {
			r[i].depth = last ? (uint16_t)(stack.n ? stack.n - 1 : 0) : 0;
			continue;
		}
		if (!last || !same_pass(last, s) || last->kind == HOP_POLICY)
			stack.n = 0;
		r[i].depth = (uint16_t)stack_enter(&stack, s->chain, step_is_base(p, s));
		last = s;
	}
}

/* Hop @i went into a chain below: was it a jump? Only if its own chain went on afterwards. */
static bool came_back(const struct paths *p, const struct reading *r, size_t i, size_t n)
{
	const struct step *s = &p->steps[r[i].step];

	for (size_t k = i + 1; k < n; k++) {
		const struct step *t = &p->steps[r[k].step];

		if (t->kind == HOP_LOG)
			continue;
		if (!same_pass(s, t) || r[k].depth < r[i].depth)
			return false;
		if (r[k].depth == r[i].depth)
			return t->chain == s->chain && (t->kind == HOP_RULE || r[i].depth > 0);
	}
	return false;
}

/* What the hop that follows proves of hop @i, both in one pass. */
static enum verdict read_within(const struct paths *p, const struct reading *r, size_t i,
				size_t next, size_t n)
{
	const struct step *s = &p->steps[r[i].step], *t = &p->steps[r[next].step];

	if (r[next].depth > r[i].depth)
		return came_back(p, r, i, n) ? VERDICT_JUMP : VERDICT_NONE;
	if (r[next].depth < r[i].depth || s->kind != HOP_RULE)
		return VERDICT_RETURN;
	if (t->kind == HOP_RULE || t->kind == HOP_RETURN)
		return VERDICT_CONTINUE;
	return VERDICT_NONE; /* a RETURN to the policy looks the same as going on to it */
}

static void read_verdicts(const struct paths *p, struct reading *r, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct step *s = &p->steps[r[i].step];
		size_t next = next_placed(p, r, i, n);

		r[i].verdict = s->verdict;
		r[i].by = s->verdict ? BY_TRACE : BY_NONE;
		r[i].target = s->target;
		if (s->verdict || s->kind == HOP_LOG || next == n)
			continue;
		if (!same_pass(s, &p->steps[r[next].step])) {
			r[i].verdict = VERDICT_ACCEPT;
		} else {
			r[i].verdict = (uint8_t)read_within(p, r, i, next, n);
			if (r[next].depth > r[i].depth)
				r[i].target = p->steps[r[next].step].chain;
		}
		r[i].by = r[i].verdict ? BY_INFERRED : BY_NONE;
	}
}

static uint32_t path_find(const struct paths *p, const struct hop *hops, size_t n, uint64_t hash,
			  size_t *slot)
{
	size_t at = hash & p->by_path.mask;

	for (; p->by_path.slots[at]; at = (at + 1) & p->by_path.mask) {
		const struct path *path = &p->paths[p->by_path.slots[at] - 1];
		size_t i = 0;

		if (path->hash != hash || path->n != n)
			continue;
		while (i < n && p->hops[path->at + i].step == hops[i].step)
			i++;
		if (i == n)
			return p->by_path.slots[at] - 1;
	}
	*slot = at;
	return NONE;
}

static int paths_reserve(struct paths *p, size_t n)
{
	struct path *paths = grow(p->paths, &p->cap_paths, p->n_paths + 1, sizeof(*paths));
	struct reading *hops;

	if (!paths)
		return -1;
	p->paths = paths;
	hops = grow(p->hops, &p->cap_hops, p->n_hops + n, sizeof(*hops));
	if (!hops)
		return -1;
	p->hops = hops;
	return table_grow(&p->by_path, p->n_paths, p, path_hash_at);
}

uint32_t paths_intern(struct paths *p, const struct hop *hops, size_t n)
{
	uint64_t hash = n;
	struct reading *r;
	uint32_t found;
	size_t slot;

	for (size_t i = 0; i < n; i++)
		hash = hash_add(hash, hops[i].step);
	if (p->n_hops + n > HOPS_MAX || paths_reserve(p, n))
		return NONE;
	found = path_find(p, hops, n, hash, &slot);
	if (found != NONE)
		return found;
	r = &p->hops[p->n_hops];
	for (size_t i = 0; i < n; i++)
		r[i] = (struct reading){ .step = hops[i].step };
	read_depths(p, r, n);
	read_verdicts(p, r, n);
	p->paths[p->n_paths] = (struct path){ (uint32_t)p->n_hops, (uint32_t)n, hash };
	p->n_hops += n;
	p->by_path.slots[slot] = (uint32_t)++p->n_paths;
	return (uint32_t)p->n_paths - 1;
}

size_t paths_length(const struct paths *p, uint32_t path)
{
	return path < p->n_paths ? p->paths[path].n : 0;
}

size_t paths_count(const struct paths *p)
{
	return p->n_paths;
}

struct path_hop paths_hop(const struct paths *p, uint32_t path, size_t i)
{
	const struct reading *r = &p->hops[p->paths[path].at + i];

	return (struct path_hop){
		.step = &p->steps[r->step],
		.verdict = r->verdict,
		.by = r->by,
		.target = r->target,
		.depth = r->depth,
	};
}

enum table_no paths_table(const struct paths *p, uint32_t path, size_t i)
{
	const struct step *step = &p->steps[p->hops[p->paths[path].at + i].step];

	if (step->have & STEP_HANDLE)
		return TABLE_MAX;
	return table_find(sym_text(p->syms, step->table));
}

struct paths *paths_create(const struct syms *syms)
{
	struct paths *p = calloc(1, sizeof(*p));

	if (p)
		p->syms = syms;
	return p;
}

void paths_destroy(struct paths *p)
{
	if (!p)
		return;
	free(p->steps);
	free(p->step_hashes);
	free(p->paths);
	free(p->hops);
	free(p->by_step.slots);
	free(p->by_path.slots);
	free(p);
}
