// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * lineage.c - rules of the rule sets that were loaded one after the other: which are the same
 *
 * Theory of operation. The kernel makes a new generation of all rule sets for each element that a
 * set gains or loses, and for each rule that comes or goes elsewhere. A user means by "this rule"
 * what reads so in its chain, in however many generations. A handle alone does not tell: `nft
 * replace` keeps it, and a rule set that is loaded again gives new ones. So rules of one chain that
 * read the same are one rule. Where several of a chain read the same, the handle goes before the
 * number. The newest set goes first, so that what is loaded now is named as it is now.
 */
#include "lineage.h"

#include <errno.h>
#include <stdlib.h>

#include "nfhop/grow.h"
#include "nfhop/own.h"

/* struct lineage_chain - a chain of set number @set; its rules' numbers begin at ids[@at] */
struct lineage_chain {
	const struct chain *chain;
	size_t set, at;
};

static int compare(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

static int compare_places(const struct chain *a, const struct chain *b)
{
	int c = compare(a->table->backend, b->table->backend);

	c = c ? c : compare(a->table->family, b->table->family);
	c = c ? c : str_compare(a->table->name, b->table->name);
	return c ? c : str_compare(a->name, b->name);
}

bool lineage_same_chain(const struct chain *a, const struct chain *b)
{
	return a == b || !compare_places(a, b);
}

/* the newest first */
static int by_place(const void *a, const void *b)
{
	const struct lineage_chain *x = a, *y = b;
	int c = compare_places(x->chain, y->chain);

	return c ? c : compare(y->set, x->set);
}

static int by_address(const void *a, const void *b)
{
	const struct lineage_chain *x = a, *y = b;

	return compare((size_t)(uintptr_t)x->chain, (size_t)(uintptr_t)y->chain);
}

static size_t add(struct lineage *l, const struct chain *chain, const struct rule *rule, size_t set)
{
	struct kin *kin = array_grow(l->kin, l->n, &l->cap, sizeof(*kin));

	if (!kin)
		return LINEAGE_NONE;
	l->kin = kin;
	l->kin[l->n] = (struct kin){ chain, rule, set, set, LINEAGE_NONE };
	return l->n++;
}

/* the rule at @i, or behind the rules the policy of a base chain: is there one? */
static bool has(const struct chain *chain, size_t i)
{
	return i < chain->n_rules || (i == chain->n_rules && (chain->have & CHAIN_BASE));
}

static const struct rule *rule_at(const struct chain *chain, size_t i)
{
	return i < chain->n_rules ? &chain->rules[i] : NULL;
}

static bool same_base(const struct chain *a, const struct chain *b)
{
	return (a->have & CHAIN_BASE) == (b->have & CHAIN_BASE) && a->hook == b->hook &&
	       a->priority == b->priority && str_eq(a->device, b->device);
}

static bool same_handle(const struct rule *a, const struct rule *b)
{
	return (a->flags & b->flags & RULE_HANDLE) && a->handle == b->handle;
}

/* How much @kin is the same as the rule at @i; 0: it is not */
static unsigned int likeness(const struct kin *kin, const struct chain *chain, size_t i)
{
	const struct rule *rule = rule_at(chain, i);

	if (!kin->rule != !rule || !same_base(kin->chain, chain))
		return 0;
	if (!rule)
		return kin->chain->policy == chain->policy;
	if (!rule_text_same(kin->rule->text, rule->text))
		return 0;
	return same_handle(kin->rule, rule) ? 3 : kin->rule->number == rule->number ? 2 : 1;
}

/* struct group - chains of one place: @kin of them that are known */
struct group {
	size_t *kin, n, cap;
	size_t beside;
};

static int group_add(struct group *g, size_t kin)
{
	size_t *at = array_grow(g->kin, g->n, &g->cap, sizeof(*at));

	if (!at)
		return -ENOMEM;
	g->kin = at;
	g->kin[g->n++] = kin;
	return 0;
}

static size_t find(const struct lineage *l, const struct group *g, const struct chain *chain,
		   size_t i)
{
	size_t best = LINEAGE_NONE;
	unsigned int most = 0;

	for (size_t k = 0; k < g->n && most < 3; k++) {
		unsigned int n = likeness(&l->kin[g->kin[k]], chain, i);

		if (n <= most)
			continue;
		most = n;
		best = g->kin[k];
	}
	return best;
}

/* struct guess - the next set's chain has it @ahead further down, as the rule before this one */
struct guess {
	const struct lineage_chain *in;
	size_t ahead;
};

static size_t find_near(const struct lineage *l, const struct group *g, struct guess *guess,
			const struct chain *chain, size_t i)
{
	const struct rule *rule = rule_at(chain, i);
	size_t at = i + guess->ahead, kin;

	if (guess->in && rule && at < guess->in->chain->n_rules) {
		kin = l->ids[guess->in->at + at];
		if (same_handle(&guess->in->chain->rules[at], rule) &&
		    likeness(&l->kin[kin], chain, i) == 3)
			return kin;
	}
	kin = find(l, g, chain, i);
	if (kin != LINEAGE_NONE && rule && l->kin[kin].rule->number >= rule->number)
		guess->ahead = l->kin[kin].rule->number - rule->number;
	return kin;
}

static int join_chain(struct lineage *l, struct group *g, const struct lineage_chain *c,
		      const struct lineage_chain *later)
{
	struct guess guess = { later, 0 };

	for (size_t i = 0; has(c->chain, i); i++) {
		size_t kin = find_near(l, g, &guess, c->chain, i);

		if (kin == LINEAGE_NONE) {
			kin = add(l, c->chain, rule_at(c->chain, i), c->set);
			if (kin == LINEAGE_NONE || group_add(g, kin) < 0)
				return -ENOMEM;
			l->kin[kin].beside = g->beside;
		}
		l->kin[kin].first = c->set;
		l->ids[c->at + i] = kin;
	}
	return 0;
}

/* The newest set's are known. */
static int group_begin(const struct lineage *l, struct group *g, const struct lineage_chain *c)
{
	int err = 0;

	g->n = 0;
	g->beside = LINEAGE_NONE;
	for (size_t i = 0; !err && has(c->chain, i) && l->ids[c->at + i] < l->n_now; i++) {
		g->beside = l->ids[c->at + i];
		err = group_add(g, g->beside);
	}
	return err;
}

static int join_all(struct lineage *l)
{
	const struct lineage_chain *later = NULL;
	struct group g = { 0 };
	int err = 0;

	qsort(l->chains, l->n_chains, sizeof(*l->chains), by_place);
	for (size_t i = 0; i < l->n_chains && !err; i++) {
		const struct lineage_chain *c = &l->chains[i];

		if (later && compare_places(later->chain, c->chain))
			later = NULL;
		if (!later)
			err = group_begin(l, &g, c);
		if (!err && (c->set + 1 < l->n_sets || !l->n_now))
			err = join_chain(l, &g, c, later);
		later = c;
	}
	free(g.kin);
	return err;
}

static int add_newest(struct lineage *l, size_t n_chains)
{
	for (size_t i = 0; i < n_chains; i++) {
		const struct lineage_chain *c = &l->chains[i];

		for (size_t k = 0; has(c->chain, k); k++) {
			l->ids[c->at + k] = add(l, c->chain, rule_at(c->chain, k), c->set);
			if (l->ids[c->at + k] == LINEAGE_NONE)
				return -ENOMEM;
		}
	}
	l->n_now = l->n;
	return 0;
}

/* Counts @l->n_chains; fills them in if there is room. Return: how many numbers they need */
static size_t take_chains(struct lineage *l, const struct ruleset *set, size_t number, size_t at)
{
	struct chain_list chains = ruleset_chains(set);

	for (size_t i = 0; i < chains.n; i++) {
		const struct chain *chain = chains.at[i];

		if (is_own_table(chain->table->family, chain->table->name))
			continue;
		if (l->chains)
			l->chains[l->n_chains] = (struct lineage_chain){ chain, number, at };
		l->n_chains++;
		at += (size_t)chain->n_rules + 1;
	}
	return at;
}

/* @n_newest: receives how many chains the newest set has; they are the first */
static size_t take_sets(struct lineage *l, const struct model *m, size_t *n_newest)
{
	size_t at = 0;

	l->n_chains = 0;
	for (size_t i = l->n_sets; i-- > 0;) {
		at = take_chains(l, model_rules_at(m, i, NULL), i, at);
		if (i + 1 == l->n_sets)
			*n_newest = l->n_chains;
	}
	return at;
}

int lineage_draw(struct lineage *l, const struct model *model)
{
	size_t n, n_newest = 0;
	int err;

	*l = (struct lineage){ .n_sets = model_rules_count(model) };
	n = take_sets(l, model, &n_newest);
	l->chains = malloc((l->n_chains + 1) * sizeof(*l->chains));
	l->ids = malloc((n + 1) * sizeof(*l->ids));
	if (!l->chains || !l->ids)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		l->ids[i] = LINEAGE_NONE;
	take_sets(l, model, &n_newest);
	/* if what came last could not be read, none is the newest */
	err = add_newest(l, model_rules(model) ? n_newest : 0);
	if (!err)
		err = join_all(l);
	qsort(l->chains, l->n_chains, sizeof(*l->chains), by_address);
	return err;
}

void lineage_finish(struct lineage *l)
{
	free(l->kin);
	free(l->chains);
	free(l->ids);
	*l = (struct lineage){ 0 };
}

const size_t *lineage_chain(const struct lineage *l, const struct chain *chain)
{
	struct lineage_chain key = { .chain = chain }, *c = NULL;

	if (chain && l->n_chains)
		c = bsearch(&key, l->chains, l->n_chains, sizeof(*l->chains), by_address);
	return c ? &l->ids[c->at] : NULL;
}

size_t lineage_of(const struct lineage *l, const struct chain *chain, const struct rule *rule)
{
	const size_t *ids = lineage_chain(l, chain);

	return ids ? ids[rule ? rule->number - 1 : chain->n_rules] : LINEAGE_NONE;
}
