/* SPDX-License-Identifier: GPL-2.0-or-later */
/* build.c - a rule set while it is being read, and the error that ends the reading */
#include "build.h"

#include <errno.h>

#define FOUND_MAX 40 /* bytes of the offending line that an error shows */

uint32_t load_line(struct load *load, const char *at)
{
	const char *p = load->counted;

	if (at < p) {
		p = load->begin;
		load->line = 1;
	}
	load->counted = at;
	while (p < at && (p = memchr(p, '\n', (size_t)(at - p)))) {
		load->line++;
		p++;
	}
	return load->line;
}

static bool is_inside(const struct load *load, const char *at)
{
	return (uintptr_t)at >= (uintptr_t)load->begin && (uintptr_t)at <= (uintptr_t)load->end;
}

/* A word that had to be unquoted lies outside of the file: its line is shown from the front. */
int load_fail(struct load *load, const char *where, const char *expected)
{
	const char *at = is_inside(load, where) ? where : load->counted;
	const char *bol = at > load->begin ? memrchr(load->begin, '\n', (size_t)(at - load->begin))
					   : NULL;
	const char *eol = memchr(at, '\n', (size_t)(load->end - at));
	size_t n = (size_t)((eol ? eol : load->end) - at);

	bol = bol ? bol + 1 : load->begin;
	load->err->line = load_line(load, at);
	load->err->column = (uint32_t)(at - bol) + 1;
	load->err->expected = expected;
	load->err->found = (struct str){ load->theirs + (at - load->begin),
					 n > FOUND_MAX ? FOUND_MAX : n };
	return -EINVAL;
}

struct table_node *build_table(struct load *load, enum backend backend, enum family family,
			       struct str name, const char *at)
{
	struct table_node *node = arena_alloc(load->arena, sizeof(*node));

	if (!node)
		return NULL;
	node->table = (struct table){ .name = name,
				      .family = family,
				      .backend = backend,
				      .file = load->file,
				      .line = load_line(load, at) };
	node->chains_end = &node->chains;
	*load->rs->end = node;
	load->rs->end = &node->next;
	load->rs->n_tables++;
	return node;
}

static size_t hash(const struct table_node *table, struct str name)
{
	size_t h = (size_t)(uintptr_t)table >> 4;

	for (size_t i = 0; i < name.n; i++)
		h = (h ^ (unsigned char)name.p[i]) * 0x100000001b3u; /* FNV-1a */
	return h ^ h >> 15;
}

static size_t slot_of(const struct chain_slots *slots, const struct table_node *table,
		      struct str name)
{
	size_t i = hash(table, name) & (slots->cap - 1);

	for (;; i = (i + 1) & (slots->cap - 1)) {
		const struct chain_node *node = slots->slot[i];

		if (!node || (node->chain.table == &table->table && str_eq(node->chain.name, name)))
			return i;
	}
}

static bool slots_grow(struct ruleset *rs)
{
	struct chain_slots old = rs->slots;
	size_t cap = old.cap ? old.cap * 2 : 64;
	struct chain_node **slot = arena_alloc(&rs->arena, cap * sizeof(*slot));

	if (!slot)
		return false;
	rs->slots = (struct chain_slots){ slot, cap, old.used };
	for (size_t i = 0; i < old.cap; i++) {
		const struct chain *chain = old.slot[i] ? &old.slot[i]->chain : NULL;

		if (chain)
			slot[slot_of(&rs->slots, (const struct table_node *)chain->table,
				     chain->name)] = old.slot[i];
	}
	return true;
}

struct chain_node *build_find_chain(struct ruleset *rs, const struct table_node *table,
				    struct str name)
{
	return rs->slots.cap ? rs->slots.slot[slot_of(&rs->slots, table, name)] : NULL;
}

struct chain_node *build_chain(struct load *load, struct table_node *table, struct str name,
			       const char *at)
{
	struct ruleset *rs = load->rs;
	struct chain_node *node = arena_alloc(load->arena, sizeof(*node));

	if (!node || (rs->slots.used * 2 >= rs->slots.cap && !slots_grow(rs)))
		return NULL;
	node->chain.table = &table->table;
	node->chain.name = name;
	node->chain.line = load_line(load, at);
	node->chain.nth = table->n_chains;
	rs->slots.slot[slot_of(&rs->slots, table, name)] = node;
	rs->slots.used++;
	rs->n_chains++;
	table->n_chains++;
	*table->chains_end = node;
	table->chains_end = &node->next;
	return node;
}

struct rule *build_rule(struct load *load, struct chain_node *chain, const char *at)
{
	uint32_t n = chain->chain.n_rules;
	uint32_t cap = chain->cap_rules ? chain->cap_rules * 2 : 4;
	struct rule *rules;

	if (n == chain->cap_rules) {
		rules = arena_alloc(load->arena, cap * sizeof(*rules));
		if (!rules)
			return NULL;
		if (n)
			memcpy(rules, chain->rules, n * sizeof(*rules));
		chain->rules = rules;
		chain->cap_rules = cap;
		chain->chain.rules = rules;
	}
	rules = &chain->rules[n];
	chain->chain.n_rules = n + 1;
	load->rs->n_rules++;
	rules->chain = &chain->chain;
	rules->number = n + 1;
	rules->line = load_line(load, at);
	rules->verdict = VERDICT_CONTINUE;
	return rules;
}

void build_note(struct ruleset *rs, const struct table *table, const char *text)
{
	struct note_node *node = arena_alloc(&rs->arena, sizeof(*node));

	if (!node)
		return;
	node->note = (struct ruleset_note){ .table = table, .text = text };
	*rs->note_end = node;
	rs->note_end = &node->next;
	rs->n_notes++;
}

struct set_node *build_set(struct load *load, struct table_node *table, struct str name)
{
	struct set_node *set = arena_alloc(load->arena, sizeof(*set));

	if (!set)
		return NULL;
	*set = (struct set_node){ .name = name, .next = table->sets };
	table->sets = set;
	return set;
}

struct set_node *build_find_set(const struct table_node *table, struct str name)
{
	struct set_node *set = table->sets;

	while (set && !str_eq(set->name, name))
		set = set->next;
	return set;
}
