/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seal.c - joins what several files say and builds the look-up tables
 *
 * Theory of operation. The same nf_tables table may come twice, as iptables-nft-save tells it and
 * as nft tells it. The first has the words that people wrote (nft cannot show what xtables
 * extensions hold), the second has the handles that trace events name. If each chain has the
 * same number of rules in both, rule N of one is rule N of the other: both list them in the
 * kernel's order. Then the handles move over and nft's copy is dropped. If they do not
 * correspond, the two were not made at the same time, and nft's stands.
 */
#include "build.h"

#include <errno.h>
#include <stdlib.h>

/* ---- the same table twice ---- */

static bool same_table(const struct table *a, const struct table *b)
{
	return a->backend == b->backend && a->family == b->family && str_eq(a->name, b->name);
}

static const struct chain_node *twin_chain(const struct table_node *table,
					   const struct chain_node *of)
{
	const struct chain_node *node = table->chains;

	while (node && !str_eq(node->chain.name, of->chain.name))
		node = node->next;
	return node;
}

/* A chain without rules may be missing: iptables-nft-save prints built-in ones that do not exist.
 */
static bool correspond(const struct table_node *a, const struct table_node *b)
{
	for (const struct chain_node *node = a->chains; node; node = node->next) {
		const struct chain_node *twin = twin_chain(b, node);

		if ((twin ? twin->chain.n_rules : 0) != node->chain.n_rules)
			return false;
	}
	return true;
}

static void take_handles(struct chain_node *to, const struct chain_node *from)
{
	to->chain.handle = from->chain.handle;
	to->chain.have |= from->chain.have & (CHAIN_HANDLE | CHAIN_PRIORITY | CHAIN_NAT);
	to->chain.priority = from->chain.priority;
	for (uint32_t i = 0; i < to->chain.n_rules; i++) {
		to->rules[i].handle = from->rules[i].handle;
		to->rules[i].flags |= from->rules[i].flags & RULE_HANDLE;
	}
}

static void join(struct ruleset *rs, struct table_node *words, struct table_node *handles)
{
	if (!correspond(words, handles) || !correspond(handles, words)) {
		words->dropped = true;
		build_note(rs, &handles->table,
			   "iptables-nft-save and nft list ruleset differ in this table; nft's is "
			   "used");
		return;
	}
	for (struct chain_node *node = words->chains; node; node = node->next) {
		const struct chain_node *twin = twin_chain(handles, node);

		if (twin)
			take_handles(node, twin);
	}
	words->table.flags &= ~(uint32_t)TABLE_NO_HANDLES;
	words->table.flags |= handles->table.flags & (TABLE_NO_HANDLES | TABLE_DORMANT);
	handles->dropped = true;
}

static int twice(const struct ruleset *rs, const struct table *table, struct ruleset_error *err)
{
	err->file = ruleset_file_name(rs, table->file);
	err->line = table->line;
	err->column = 1;
	err->expected = "every table only once; an earlier file has this one";
	err->found = table->name;
	return -EEXIST;
}

static int join_tables(struct ruleset *rs, struct ruleset_error *err)
{
	for (struct table_node *b = rs->first; b; b = b->next) {
		for (struct table_node *a = rs->first; a != b; a = a->next) {
			bool a_words = a->table.flags & TABLE_IPTABLES_SYNTAX;
			bool b_words = b->table.flags & TABLE_IPTABLES_SYNTAX;

			if (a->dropped || b->dropped || !same_table(&a->table, &b->table))
				continue;
			if (a_words == b_words)
				return twice(rs, &b->table, err);
			join(rs, a_words ? a : b, a_words ? b : a);
		}
	}
	return 0;
}

/* ---- arrays ---- */

static int compare_chains(const void *a, const void *b)
{
	const struct chain *x = *(const struct chain *const *)a;
	const struct chain *y = *(const struct chain *const *)b;
	int order = (x->table->family > y->table->family) - (x->table->family < y->table->family);

	if (!order)
		order = str_compare(x->table->name, y->table->name);
	if (!order)
		order = str_compare(x->name, y->name);
	/* nft first: see ruleset_chain() */
	return order ? order : (int)y->table->backend - (int)x->table->backend;
}

static int compare_prefixes(const void *a, const void *b)
{
	const struct rule *x = *(const struct rule *const *)a;
	const struct rule *y = *(const struct rule *const *)b;
	int order = str_compare(str_trim_right(x->prefix), str_trim_right(y->prefix));

	return order ? order : (x > y) - (x < y);
}

static int compare_calls(const void *a, const void *b)
{
	const struct rule *x = *(const struct rule *const *)a;
	const struct rule *y = *(const struct rule *const *)b;
	int order = (x->to > y->to) - (x->to < y->to);

	return order ? order : (x > y) - (x < y);
}

static int compare_handles(const void *a, const void *b)
{
	const struct rule *x = *(const struct rule *const *)a;
	const struct rule *y = *(const struct rule *const *)b;

	return (x->handle > y->handle) - (x->handle < y->handle);
}

static void index_handles(struct ruleset *rs, struct table_node *table)
{
	size_t n = 0;

	for (const struct chain_node *node = table->chains; node; node = node->next)
		for (uint32_t i = 0; i < node->chain.n_rules; i++)
			n += (node->rules[i].flags & RULE_HANDLE) != 0;
	table->by_handle = n ? arena_alloc(&rs->arena, n * sizeof(*table->by_handle)) : NULL;
	if (!table->by_handle)
		return;
	for (const struct chain_node *node = table->chains; node; node = node->next)
		for (uint32_t i = 0; i < node->chain.n_rules; i++)
			if (node->rules[i].flags & RULE_HANDLE)
				table->by_handle[table->n_by_handle++] = &node->rules[i];
	qsort(table->by_handle, n, sizeof(*table->by_handle), compare_handles);
}

/* Jumps of nft rules: all chains are known now. */
static void resolve_jumps(struct ruleset *rs, struct table_node *table, struct chain_node *chain)
{
	for (uint32_t i = 0; i < chain->chain.n_rules; i++) {
		struct rule *rule = &chain->rules[i];
		const struct chain_node *to;

		if (rule->to || (rule->verdict != VERDICT_JUMP && rule->verdict != VERDICT_GOTO))
			continue;
		to = build_find_chain(rs, table, rule->target);
		rule->to = to ? &to->chain : NULL;
	}
}

/* What a first packet may be but new, if @rule takes it: related, for a helper; untracked. */
static unsigned int odd_states(const struct rule *rule)
{
	return (rule->flags & RULE_NOTRACK ? (unsigned int)CT_UNTRACKED : 0) |
	       (str_has(rule->text, STR("helper")) ? (unsigned int)CT_RELATED : 0);
}

static void index_table(struct ruleset *rs, struct table_node *table)
{
	rs->tables[rs->n_tables++] = &table->table;
	for (struct chain_node *node = table->chains; node; node = node->next) {
		resolve_jumps(rs, table, node);
		rs->chains[rs->n_chains++] = &node->chain;
		for (uint32_t i = 0; i < node->chain.n_rules; i++) {
			if (node->rules[i].flags & RULE_LOGS)
				rs->by_prefix[rs->n_by_prefix++] = &node->rules[i];
			if (node->rules[i].to || (node->rules[i].flags & RULE_VERDICT_MAP))
				rs->calls[rs->n_calls++] = &node->rules[i];
			rs->odd_states |= odd_states(&node->rules[i]);
			if (node->rules[i].flags & RULE_TO_SOCKET)
				node->chain.have |= CHAIN_TO_SOCKET;
		}
	}
	index_handles(rs, table);
}

/* ---- base chains by hook ---- */

static bool meets(const struct chain *chain, enum family family)
{
	enum family own = chain->table->family;

	return own == family ||
	       (own == FAMILY_INET && (family == FAMILY_IP || family == FAMILY_IP6));
}

/* A table of an unknown backend says nothing new if one whose backend is known is there, too. */
static bool is_shadowed(const struct ruleset *rs, const struct table *table)
{
	if (table->backend != BACKEND_ANY)
		return false;
	for (uint32_t i = 0; i < rs->n_tables; i++)
		if (rs->tables[i] != table && rs->tables[i]->backend != BACKEND_ANY &&
		    rs->tables[i]->family == table->family &&
		    str_eq(rs->tables[i]->name, table->name))
			return true;
	return false;
}

static bool is_hooked(const struct ruleset *rs, const struct chain *chain)
{
	return (chain->have & CHAIN_BASE) && chain->hook &&
	       !(chain->table->flags & TABLE_DORMANT) && !is_shadowed(rs, chain->table);
}

/* Where it is not known: legacy first, and the one that was read last. */
static bool goes_behind(const struct chain *chain, const struct chain *other)
{
	enum chain_order order = chain_order(chain, other);

	if (order != ORDER_UNKNOWN)
		return order == ORDER_AFTER;
	if (chain_stands_at(chain) != chain_stands_at(other))
		return chain_stands_at(chain) > chain_stands_at(other);
	return chain->table->backend == BACKEND_NFT && other->table->backend != BACKEND_NFT;
}

static void insert_sorted(const struct chain **list, size_t n, const struct chain *chain)
{
	for (; n && !goes_behind(chain, list[n - 1]); n--)
		list[n] = list[n - 1];
	list[n] = chain;
}

static void index_hooks(struct ruleset *rs, const struct chain *chain)
{
	if (!is_hooked(rs, chain))
		return;
	for (int family = 0; family < FAMILY_MAX; family++) {
		struct chain_list *list = &rs->hooks[family][chain->hook];
		const struct chain **at;

		if (!meets(chain, (enum family)family))
			continue;
		/* few chains a hook: growing by one each time costs nothing worth a thought */
		at = arena_alloc(&rs->arena, (list->n + 1) * sizeof(*at));
		if (!at)
			return;
		if (list->n)
			memcpy(at, list->at, list->n * sizeof(*at));
		insert_sorted(at, list->n, chain);
		list->at = at;
		list->n++;
	}
}

/* ---- all of it ---- */

static bool make_arrays(struct ruleset *rs)
{
	struct arena *arena = &rs->arena;

	rs->tables = arena_alloc(arena, (rs->n_tables + 1) * sizeof(*rs->tables));
	rs->chains = arena_alloc(arena, (rs->n_chains + 1) * sizeof(*rs->chains));
	rs->by_name = arena_alloc(arena, (rs->n_chains + 1) * sizeof(*rs->by_name));
	rs->by_prefix = arena_alloc(arena, (rs->n_rules + 1) * sizeof(*rs->by_prefix));
	rs->calls = arena_alloc(arena, (rs->n_rules + 1) * sizeof(*rs->calls));
	rs->notes = arena_alloc(arena, (rs->n_notes + 1) * sizeof(*rs->notes));
	rs->n_tables = rs->n_chains = 0;
	return !arena->failed;
}

int ruleset_seal(struct ruleset *rs, struct ruleset_error *err)
{
	size_t n = 0;
	int ret;

	*err = (struct ruleset_error){ 0 };
	ret = join_tables(rs, err);
	if (ret)
		return ret;
	if (!make_arrays(rs))
		return -ENOMEM;
	for (struct table_node *table = rs->first; table; table = table->next)
		if (!table->dropped)
			index_table(rs, table);
	for (uint32_t i = 0; i < rs->n_chains; i++)
		index_hooks(rs, rs->by_name[i] = rs->chains[i]);
	for (const struct note_node *note = rs->note_nodes; note; note = note->next)
		rs->notes[n++] = note->note;
	qsort(rs->by_name, rs->n_chains, sizeof(*rs->by_name), compare_chains);
	qsort(rs->by_prefix, rs->n_by_prefix, sizeof(*rs->by_prefix), compare_prefixes);
	qsort(rs->calls, rs->n_calls, sizeof(*rs->calls), compare_calls);
	if (rs->n_by_prefix)
		classes_build(rs);
	return rs->arena.failed ? -ENOMEM : 0;
}
