/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ruleset.c - questions to a rule set */
#include "nfhop/ruleset.h"

#include "build.h"
#include "lit.h"

size_t ruleset_notes(const struct ruleset *rs, const struct ruleset_note **notes)
{
	*notes = rs->notes;
	return rs->n_notes;
}

struct table_list ruleset_tables(const struct ruleset *rs)
{
	return (struct table_list){ rs->tables, rs->n_tables };
}

struct chain_list ruleset_chains(const struct ruleset *rs)
{
	return (struct chain_list){ rs->chains, rs->n_chains };
}

bool ruleset_has_family(const struct ruleset *rs, enum family family)
{
	bool ip = family == FAMILY_IP || family == FAMILY_IP6;

	for (uint32_t i = 0; i < rs->n_tables; i++)
		if (rs->tables[i]->family == family || (ip && rs->tables[i]->family == FAMILY_INET))
			return true;
	return false;
}

/* How well a table answers a question about @asked: 0 not at all, the highest is best. */
static int backend_rank(enum backend asked, enum backend has)
{
	if (asked == has)
		return 4;
	if (asked == BACKEND_ANY)
		return has == BACKEND_NFT ? 3 : 2;
	return has == BACKEND_ANY;
}

const struct table *ruleset_table(const struct ruleset *rs, enum backend backend,
				  enum family family, struct str name)
{
	const struct table *best = NULL;
	int best_rank = 0;

	for (uint32_t i = 0; i < rs->n_tables; i++) {
		const struct table *table = rs->tables[i];
		int rank = backend_rank(backend, table->backend);

		if (rank > best_rank && table->family == family && str_eq(table->name, name)) {
			best = table;
			best_rank = rank;
		}
	}
	return best;
}

static int compare_key(const struct chain *chain, enum family family, struct str table,
		       struct str name)
{
	int order = (chain->table->family > family) - (chain->table->family < family);

	if (!order)
		order = str_compare(chain->table->name, table);
	return order ? order : str_compare(chain->name, name);
}

const struct chain *ruleset_chain(const struct ruleset *rs, enum backend backend,
				  enum family family, struct str table, struct str name)
{
	const struct chain *best = NULL;
	int best_rank = 0;
	size_t lo = 0;
	size_t hi = rs->n_chains;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (compare_key(rs->by_name[mid], family, table, name) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < rs->n_chains && !compare_key(rs->by_name[lo], family, table, name); lo++) {
		int rank = backend_rank(backend, rs->by_name[lo]->table->backend);

		if (rank > best_rank) {
			best = rs->by_name[lo];
			best_rank = rank;
		}
	}
	return best;
}

const struct rule *chain_rule(const struct chain *chain, uint32_t number)
{
	return number && number <= chain->n_rules ? &chain->rules[number - 1] : NULL;
}

static const struct rule *rule_in_table(const struct table_node *table, uint64_t handle)
{
	size_t lo = 0;
	size_t hi = table->n_by_handle;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (table->by_handle[mid]->handle < handle)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < table->n_by_handle && table->by_handle[lo]->handle == handle
		       ? table->by_handle[lo]
		       : NULL;
}

const struct rule *ruleset_rule_by_handle(const struct ruleset *rs, enum family family,
					  struct str table, uint64_t handle)
{
	const struct table *found = ruleset_table(rs, BACKEND_NFT, family, table);

	return found ? rule_in_table((const struct table_node *)found, handle) : NULL;
}

struct chain_list ruleset_hook_chains(const struct ruleset *rs, enum family family, enum hook hook)
{
	if ((unsigned int)family >= FAMILY_MAX || (unsigned int)hook >= HOOK_MAX)
		return (struct chain_list){ 0 };
	return rs->hooks[family][hook];
}

/* The first rule whose prefix is not less, or is greater if @after. */
static size_t prefix_bound(const struct ruleset *rs, struct str prefix, bool after)
{
	size_t lo = 0;
	size_t hi = rs->n_by_prefix;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int order = str_compare(str_trim_right(rs->by_prefix[mid]->prefix), prefix);

		if (order < 0 || (after && !order))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct rule_list ruleset_logs(const struct ruleset *rs, struct str prefix)
{
	size_t from, to;

	prefix = str_trim_right(prefix);
	from = prefix_bound(rs, prefix, false);
	to = prefix_bound(rs, prefix, true);
	return (struct rule_list){ rs->by_prefix + from, to - from };
}

struct rule_list ruleset_calls(const struct ruleset *rs, const struct chain *to)
{
	size_t lo = 0, hi = rs->n_calls, n = 0;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (rs->calls[mid]->to < to)
			lo = mid + 1;
		else
			hi = mid;
	}
	while (lo + n < rs->n_calls && rs->calls[lo + n]->to == to)
		n++;
	return (struct rule_list){ rs->calls + lo, n };
}

static struct str skip_digits(struct str s)
{
	while (s.n && *s.p >= '0' && *s.p <= '9')
		s = str_skip(s, 1);
	return s;
}

static struct str skip_word(struct str s)
{
	while (s.n && *s.p != ' ')
		s = str_skip(s, 1);
	return s;
}

/* struct state - what nft prints behind a statement that counts: @n numbers or words */
struct state {
	struct str behind, words[2];
	struct str (*skip)(struct str s);
};

/* clang-format off */
/* src/statement.c of nft, where it asks nft_output_stateless() */
static const struct state states[] = {
	{ S("counter"),      { S(" packets "), S(" bytes ") }, skip_digits },
	{ S(" bytes"),       { S(" used "), S(" ") },          skip_word },
	{ S(" kbytes"),      { S(" used "), S(" ") },          skip_word },
	{ S(" mbytes"),      { S(" used "), S(" ") },          skip_word },
	{ S("last"),         { S(" used ") },                skip_word },
};
/* clang-format on */

/* Behind `packets 7 bytes 420` of a counter, `used 3 bytes` of a quota; @s itself without that. */
static struct str skip_state(struct str whole, struct str s)
{
	struct str before = { whole.p, (size_t)(s.p - whole.p) };

	for (size_t i = 0; *s.p == ' ' && i < sizeof(states) / sizeof(*states); i++) {
		const struct state *state = &states[i];
		struct str rest = s;
		size_t k = 0;

		if (!str_ends(before, state->behind))
			continue;
		while (k < 2 && state->words[k].n && str_starts(rest, state->words[k]))
			rest = state->skip(str_skip(rest, state->words[k++].n));
		if (k && (k == 2 || !state->words[k].n))
			return rest;
	}
	return s;
}

/* Where a string ends that may hold such words, too. */
static bool is_quote(struct str whole, struct str at)
{
	return *at.p == '"' && (at.p == whole.p || at.p[-1] != '\\');
}

bool rule_text_same(struct str a, struct str b)
{
	struct str x = a, y = b;
	bool quoted = false;

	for (;;) {
		x = quoted || !x.n ? x : skip_state(a, x);
		y = quoted || !y.n ? y : skip_state(b, y);
		if (!x.n || !y.n || *x.p != *y.p)
			return !x.n && !y.n;
		quoted ^= is_quote(a, x);
		x = str_skip(x, 1);
		y = str_skip(y, 1);
	}
}
