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
#include "meaning.h"

#include <errno.h>
#include <stdlib.h>

#include "nfhop/hash.h"

#define NONE	    UINT32_MAX
#define FIRST_SLOTS 256
#define HOPS_MAX    (1u << 24) /* in all paths: 200 MiB; hostile input must not have more */

struct path {
	uint32_t at; /* of its first hop in hops[] */
	uint32_t n;
	uint32_t beyond;
	uint64_t hash;
};

struct reading {
	uint32_t step;
	sym_t target;
	uint16_t depth;
	uint8_t verdict, by;
	bool contradicts;
};

/* An open-addressed hash of numbers; the numbers' own hashes are asked for by the caller. */
struct slots {
	uint32_t *slots; /* number + 1, 0 = free */
	size_t mask;
};

/* struct known - a step, its legacy table, and what the rule set says of it */
struct known {
	struct step step;
	enum table_no table;
	struct hop_meaning meaning;
	struct log_name name;
	uint64_t hash;
};

struct paths {
	struct meanings ask;
	const struct ruleset **rules; /* one a generation, the newest last */
	size_t n_rules;
	struct known **steps; /* each on the heap: pointers to them stay good */
	size_t n_steps, cap_steps;
	struct path *paths;
	size_t n_paths, cap_paths;
	struct reading *hops;
	size_t n_hops, cap_hops;
	struct slots by_step, by_path;
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

static int slots_grow(struct slots *t, size_t n, const void *items,
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
	return ((const struct paths *)p)->steps[i]->hash;
}

static uint64_t path_hash_at(const void *p, size_t i)
{
	return ((const struct paths *)p)->paths[i].hash;
}

static uint64_t step_hash(const struct step *s)
{
	uint64_t h = hash_add((uint64_t)s->table << 32 | s->chain,
			      (uint64_t)s->target << 32 | s->prefix);

	h = hash_add(h, s->handle ^ (uint64_t)s->text << 40 ^ (uint64_t)s->generation << 32);
	h = hash_add(h, (uint64_t)s->rule << 32 | (uint64_t)s->have << 24 |
				(uint64_t)s->family << 16 | (uint64_t)s->hook << 8 |
				(uint64_t)(s->kind << 4 | s->verdict));
	return h;
}

static bool step_eq(const struct step *a, const struct step *b)
{
	return a->table == b->table && a->chain == b->chain && a->target == b->target &&
	       a->prefix == b->prefix && a->text == b->text && a->rule == b->rule &&
	       a->handle == b->handle && a->family == b->family && a->hook == b->hook &&
	       a->kind == b->kind && a->verdict == b->verdict && a->have == b->have &&
	       a->generation == b->generation;
}

/* Do they say the same of a step's end? Texts are the rule set's own. */
static bool meaning_eq(const struct hop_meaning *a, const struct hop_meaning *b)
{
	const struct doubt *x = &a->doubt, *y = &b->doubt;

	return a->verdict == b->verdict && a->rests == b->rests && x->kind == y->kind &&
	       x->verdict == y->verdict && x->text.p == y->text.p && x->chain == y->chain &&
	       x->rule == y->rule;
}

static int steps_reserve(struct paths *p)
{
	struct known **steps = grow(p->steps, &p->cap_steps, p->n_steps + 1, sizeof(*steps));

	if (!steps)
		return -1;
	p->steps = steps;
	return slots_grow(&p->by_step, p->n_steps, p, step_hash_at);
}

uint32_t paths_step(struct paths *p, const struct step *step)
{
	return paths_step_as(p, step, NULL);
}

uint32_t paths_step_as(struct paths *p, const struct step *step, const struct hop_meaning *is)
{
	uint64_t hash = step_hash(step);
	struct known *known;
	size_t at;

	if (steps_reserve(p))
		return NONE;
	for (at = hash & p->by_step.mask; p->by_step.slots[at]; at = (at + 1) & p->by_step.mask) {
		known = p->steps[p->by_step.slots[at] - 1];
		if (known->hash == hash && step_eq(&known->step, step) &&
		    (!is || meaning_eq(&known->meaning, is)))
			return p->by_step.slots[at] - 1;
	}
	known = calloc(1, sizeof(*known));
	if (!known)
		return NONE;
	known->step = *step;
	known->hash = hash;
	known->table = step->have & STEP_NFT ? TABLE_MAX
					     : table_find(sym_text(p->ask.syms, step->table));
	if (is)
		known->meaning = *is;
	else
		meaning_by_rules(&p->ask, p->rules[step->generation], step, &known->meaning);
	meaning_by_prefix(&p->ask, step, &known->name);
	p->steps[p->n_steps] = known;
	p->by_step.slots[at] = (uint32_t)++p->n_steps;
	return (uint32_t)p->n_steps - 1;
}

const struct step *paths_step_at(const struct paths *p, uint32_t step)
{
	return &p->steps[step]->step;
}

const struct log_name *paths_name_at(const struct paths *p, uint32_t step)
{
	return &p->steps[step]->name;
}

const struct hop_meaning *paths_meaning_at(const struct paths *p, uint32_t step)
{
	return &p->steps[step]->meaning;
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
		if (p->steps[r[i].step]->step.kind != HOP_LOG)
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

static bool is_behind(const struct paths *p, const struct reading *r)
{
	return p->steps[r->step]->step.have & STEP_BEHIND;
}

/* A LOG line whose rule is known, and what is behind that. */
static uint16_t depth_of_log(const struct paths *p, uint32_t step, struct chain_stack *stack)
{
	const struct rule *rule = p->steps[step]->meaning.rule;

	if (!rule)
		return 0;
	return (uint16_t)stack_enter(stack, sym_intern(p->ask.syms, rule->chain->name),
				     rule->chain->have & CHAIN_BASE);
}

static void read_depths(const struct paths *p, struct reading *r, size_t n)
{
	struct chain_stack stack = { .n = 0 };
	const struct step *last = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct step *s = &p->steps[r[i].step]->step;

		if (s->kind == HOP_LOG) {
			if (i + 1 < n && is_behind(p, &r[i + 1]))
				r[i].depth = depth_of_log(p, r[i].step, &stack);
			else
				r[i].depth = last ? (uint16_t)(stack.n ? stack.n - 1 : 0) : 0;
			continue;
		}
		if (!(s->have & STEP_BEHIND) &&
		    (!last || !same_pass(last, s) || (s->have & STEP_FIRST) ||
		     last->kind == HOP_POLICY || verdict_reach(last->verdict) == REACH_BASE))
			stack.n = 0;
		r[i].depth = (uint16_t)stack_enter(&stack, s->chain, s->have & STEP_BASE);
		last = s;
	}
}

/* Hop @i went into a chain below: was it a jump? Only if its own chain went on afterwards. */
static bool came_back(const struct paths *p, const struct reading *r, size_t i, size_t n)
{
	const struct step *s = &p->steps[r[i].step]->step;

	for (size_t k = i + 1; k < n; k++) {
		const struct step *t = &p->steps[r[k].step]->step;

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
	const struct step *s = &p->steps[r[i].step]->step, *t = &p->steps[r[next].step]->step;

	if (r[next].depth > r[i].depth)
		return came_back(p, r, i, n) ? VERDICT_JUMP : VERDICT_NONE;
	if (r[next].depth < r[i].depth || s->kind != HOP_RULE)
		return VERDICT_RETURN;
	if (t->kind == HOP_RULE || t->kind == HOP_RETURN)
		return VERDICT_CONTINUE;
	return VERDICT_NONE; /* a RETURN to the policy looks the same as going on to it */
}

/* What the hops that follow prove of hop @i; VERDICT_NONE if nothing. */
static enum verdict read_followers(const struct paths *p, struct reading *r, size_t i, size_t n)
{
	const struct step *s = &p->steps[r[i].step]->step;
	size_t next = next_placed(p, r, i, n);

	if (s->kind == HOP_LOG || next == n)
		return VERDICT_NONE;
	if (!same_pass(s, &p->steps[r[next].step]->step))
		return VERDICT_ACCEPT;
	if (r[next].depth > r[i].depth)
		r[i].target = p->steps[r[next].step]->step.chain;
	return read_within(p, r, i, next, n);
}

/*
 * Can a rule with verdict @said be followed by hops that prove @seen? A packet may go on after
 * QUEUE; the end of the chain is a hop of its own after a rule that goes on or returns.
 */
static bool can_be(enum verdict said, enum verdict seen, bool entered, bool last)
{
	enum reach reach = verdict_reach(said);

	if (last)
		return true;
	if (reach == REACH_PACKET)
		return false;
	if (said == VERDICT_JUMP || said == VERDICT_GOTO)
		return entered;
	if (entered)
		return false;
	if (said == VERDICT_ACCEPT)
		return seen == VERDICT_ACCEPT;
	return (said != VERDICT_CONTINUE && said != VERDICT_RETURN) || seen != VERDICT_ACCEPT;
}

/* A rule that logs and ends: of a packet that nothing traced, its LOG line is all there is. */
static void read_log(const struct paths *p, struct reading *r, size_t i, size_t n)
{
	const struct hop_meaning *meaning = &p->steps[r[i].step]->meaning;

	if (r[i].verdict || next_placed(p, r, SIZE_MAX, n) != n || !meaning->rule ||
	    !(meaning->rule->flags & RULE_LOG_ENDS))
		return;
	r[i].verdict = (uint8_t)meaning->verdict;
	r[i].by = BY_RULESET;
}

static void read_by_rules(const struct paths *p, struct reading *r, size_t i, size_t n,
			  enum verdict seen)
{
	const struct known *known = p->steps[r[i].step];
	enum verdict said = known->meaning.verdict;
	bool last = next_placed(p, r, i, n) == n;

	if (known->name.verdict && !r[i].verdict) {
		r[i].verdict = (uint8_t)known->name.verdict;
		r[i].by = known->name.certain ? BY_TRACE : BY_INFERRED;
	}
	if (known->step.kind == HOP_LOG) {
		read_log(p, r, i, n);
		return;
	}
	if (!said)
		return;
	if (!can_be(said, seen, r[i].target != 0, last)) {
		r[i].contradicts = true;
		return;
	}
	r[i].verdict = (uint8_t)said;
	r[i].by = known->step.have & STEP_BEHIND ? BY_INFERRED : BY_RULESET;
	if (!r[i].target && known->meaning.rule && known->meaning.rule->to)
		r[i].target = sym_intern(p->ask.syms, known->meaning.rule->target);
}

static void read_verdicts(const struct paths *p, struct reading *r, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct step *s = &p->steps[r[i].step]->step;
		enum verdict seen = read_followers(p, r, i, n);

		if (s->target)
			r[i].target = s->target;
		r[i].verdict = s->verdict ? s->verdict : (uint8_t)seen;
		r[i].by = s->verdict ? BY_TRACE : seen ? BY_INFERRED : BY_NONE;
		if (!s->verdict)
			read_by_rules(p, r, i, n, seen);
	}
}

static uint32_t path_find(const struct paths *p, const struct hop *hops, size_t n, uint32_t beyond,
			  uint64_t hash, size_t *slot)
{
	size_t at = hash & p->by_path.mask;

	for (; p->by_path.slots[at]; at = (at + 1) & p->by_path.mask) {
		const struct path *path = &p->paths[p->by_path.slots[at] - 1];
		size_t i = 0;

		if (path->hash != hash || path->n != n || path->beyond != beyond)
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
	return slots_grow(&p->by_path, p->n_paths, p, path_hash_at);
}

uint32_t paths_intern(struct paths *p, const struct hop *hops, size_t n, uint32_t beyond)
{
	uint64_t hash = hash_add(n, beyond);
	struct reading *r;
	uint32_t found;
	size_t slot;

	for (size_t i = 0; i < n; i++)
		hash = hash_add(hash, hops[i].step);
	if (p->n_hops + n > HOPS_MAX || paths_reserve(p, n))
		return NONE;
	found = path_find(p, hops, n, beyond, hash, &slot);
	if (found != NONE)
		return found;
	r = &p->hops[p->n_hops];
	for (size_t i = 0; i < n; i++)
		r[i] = (struct reading){ .step = hops[i].step };
	read_depths(p, r, n);
	read_verdicts(p, r, n);
	p->paths[p->n_paths] = (struct path){ (uint32_t)p->n_hops, (uint32_t)n, beyond, hash };
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

bool paths_beyond(const struct paths *p, uint32_t path, struct path_hop *hop)
{
	uint32_t step = path < p->n_paths ? p->paths[path].beyond : PATH_NO_STEP;

	if (step >= PATH_APART)
		return false;
	*hop = (struct path_hop){
		.step = &p->steps[step]->step,
		.meaning = &p->steps[step]->meaning,
		.name = &p->steps[step]->name,
		.verdict = p->steps[step]->meaning.verdict,
		.by = BY_INFERRED,
	};
	return true;
}

bool paths_apart(const struct paths *p, uint32_t path)
{
	uint32_t step = path < p->n_paths ? p->paths[path].beyond : PATH_NO_STEP;

	return step == PATH_APART ||
	       (step < PATH_APART && p->steps[step]->meaning.doubt.kind == DOUBT_APART);
}

struct path_hop paths_hop(const struct paths *p, uint32_t path, size_t i)
{
	const struct reading *r = &p->hops[p->paths[path].at + i];

	return (struct path_hop){
		.step = &p->steps[r->step]->step,
		.meaning = &p->steps[r->step]->meaning,
		.name = &p->steps[r->step]->name,
		.contradicts = r->contradicts,
		.verdict = r->verdict,
		.by = r->by,
		.target = r->target,
		.depth = r->depth,
	};
}

const struct ruleset *paths_rules(const struct paths *p)
{
	return p->rules[p->n_rules - 1];
}

const struct ruleset *paths_rules_of(const struct paths *p, uint32_t path)
{
	const struct path *at = &p->paths[path];

	return p->rules[p->steps[p->hops[at->at + at->n - 1].step]->step.generation];
}

uint16_t paths_generation(const struct paths *p)
{
	return (uint16_t)(p->n_rules - 1);
}

int paths_set_rules(struct paths *p, const struct ruleset *set)
{
	const struct ruleset **rules;

	if (p->n_rules > UINT16_MAX)
		return -ENOSPC;
	rules = realloc(p->rules, (p->n_rules + 1) * sizeof(*rules));
	if (!rules)
		return -ENOMEM;
	rules[p->n_rules++] = set;
	p->rules = rules;
	return 0;
}

enum table_no paths_table(const struct paths *p, uint32_t path, size_t i)
{
	return p->steps[p->hops[p->paths[path].at + i].step]->table;
}

struct paths *paths_create(struct syms *syms, const struct ruleset *rules,
			   struct prefixes *prefixes)
{
	struct paths *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	p->ask = (struct meanings){ syms, prefixes };
	if (!paths_set_rules(p, rules))
		return p;
	paths_destroy(p);
	return NULL;
}

void paths_destroy(struct paths *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n_steps; i++)
		free(p->steps[i]);
	free(p->steps);
	free(p->rules);
	free(p->paths);
	free(p->hops);
	free(p->by_step.slots);
	free(p->by_path.slots);
	free(p);
}
