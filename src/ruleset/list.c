/* SPDX-License-Identifier: GPL-2.0-or-later */
/* list.c - reads `iptables -L`, with or without -n, -v and --line-numbers, of one table or more */
#include "build.h"

#include <errno.h>

#include "list_row.h"
#include "xt_file.h"
#include "xt_spec.h"
#include "xt_words.h"

/**
 * struct list - one file of listings being read
 * @last: hook of the built-in chain that came last in this table
 * @spec: room for a row turned back into options
 */
struct list {
	struct xt_file file;
	struct load *load;
	struct chain_node *chain;
	struct list_format format;
	enum hook last;
	struct text spec;
};

/* `(policy ACCEPT 12 packets, 3456 bytes)`, `(policy ACCEPT)`, `(2 references)` */
static bool parse_state(struct str s, struct chain *chain)
{
	static const struct {
		struct str begins;
		enum verdict policy;
	} states[] = { { { "(policy ACCEPT", 14 }, VERDICT_ACCEPT },
		       { { "(policy DROP", 12 }, VERDICT_DROP },
		       { { "(policy QUEUE", 13 }, VERDICT_QUEUE } };
	uint64_t packets, bytes;
	struct str rest;
	size_t at;

	for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
		if (!str_starts(s, states[i].begins))
			continue;
		chain->policy = states[i].policy;
		chain->have |= CHAIN_BASE;
		rest = str_trim_left(str_skip(s, states[i].begins.n));
		at = str_find(rest, STR(" packets, "));
		if (at < rest.n && list_count(str_first(rest, at), &packets)) {
			rest = str_skip(rest, at + 10);
			if (list_count(str_first(rest, str_find(rest, STR(" "))), &bytes)) {
				chain->packets = packets;
				chain->bytes = bytes;
				chain->have |= CHAIN_COUNTERS;
			}
		}
		return true;
	}
	return str_has(s, STR(" references)"));
}

/*
 * Built-in chains come first and in the order of hooks, so a chain that comes too late begins
 * the next table. nat of old kernels has POSTROUTING before OUTPUT.
 */
static bool begins_table(const struct list *list, const struct chain *chain)
{
	const struct table_node *table = list->file.table;
	enum hook hook = xt_chain_hook(chain->name);

	if (!table)
		return true;
	if (!(chain->have & CHAIN_BASE))
		return false;
	for (const struct chain_node *node = table->chains; node; node = node->next)
		if (!(node->chain.have & CHAIN_BASE) || str_eq(node->chain.name, chain->name))
			return true;
	return hook < list->last && !(list->last == HOOK_POSTROUTING && hook == HOOK_OUTPUT);
}

static int chain_line(struct list *list, struct str line)
{
	struct str rest = str_skip(line, 6);
	const char *paren = memrchr(rest.p, '(', rest.n);
	struct chain said = { 0 };
	struct chain_node *node;

	if (!paren || paren == rest.p || !parse_state(str_between(paren, rest.p + rest.n), &said))
		return load_fail(list->load, paren ? paren : rest.p + rest.n,
				 "(policy ...) or (N references)");
	said.name = str_trim_right(str_between(rest.p, paren));
	if (begins_table(list, &said) && xt_file_table(&list->file, STR(""), line.p))
		return -ENOMEM;
	if (build_find_chain(list->load->rs, list->file.table, said.name))
		return load_fail(list->load, rest.p, "a chain that did not come before");
	node = build_chain(list->load, list->file.table, said.name, line.p);
	if (!node)
		return -ENOMEM;
	node->chain.have |= said.have;
	node->chain.policy = said.policy;
	node->chain.packets = said.packets;
	node->chain.bytes = said.bytes;
	list->chain = node;
	if (said.have & CHAIN_BASE)
		list->last = xt_chain_hook(said.name);
	return 0;
}

static bool is_head(struct str line)
{
	return str_has(line, STR("target ")) && str_has(line, STR("prot opt")) &&
	       str_has(line, STR("source"));
}

static void head_line(struct list *list, struct str line)
{
	list->format.numbers = str_starts(line, STR("num"));
	list->format.counters = str_has(line, STR("pkts")) && str_has(line, STR("bytes"));
	list->format.devices = str_has(line, STR(" in ")) && str_has(line, STR(" out "));
	if (list->file.table && !list->format.devices)
		list->file.table->table.flags |= TABLE_DEVICES_HIDDEN;
}

static int row_line(struct list *list, struct str line)
{
	struct xt_spec_result result;
	struct list_row row;
	struct rule *rule;
	const char *lacks;
	struct str spec;

	if (!list->chain)
		return load_fail(list->load, line.p, "Chain NAME (policy ...)");
	list->spec.n = 0;
	lacks = list_row_spec(line, &list->format, &row, &list->spec);
	if (lacks)
		return load_fail(list->load, line.p, lacks);
	if ((row.have & LIST_ROW_NUMBER) && row.number != list->chain->chain.n_rules + 1)
		return load_fail(list->load, line.p, "the chain's next number");
	spec = arena_str(list->load->arena, text_str(&list->spec));
	rule = build_rule(list->load, list->chain, line.p);
	if (!rule || list->spec.failed)
		return -ENOMEM;
	result = xt_spec_parse(list->load, rule, spec);
	if (result.bad)
		return load_fail(list->load, line.p, result.expected);
	if (row.have & LIST_ROW_COUNTERS) {
		rule->packets = row.packets;
		rule->bytes = row.bytes;
		rule->flags |= RULE_COUNTERS;
	}
	if (!list->file.table->hint)
		list->file.table->hint = row.hint ? row.hint : result.hint;
	return 0;
}

static int take_line(struct list *list, struct str line)
{
	if (!line.n)
		return 0;
	if (str_starts(line, STR("Chain ")))
		return chain_line(list, line);
	if (is_head(line)) {
		head_line(list, line);
		return 0;
	}
	if (*line.p == '#' || (!(*line.p >= '0' && *line.p <= '9') && !str_has(line, STR("  ")))) {
		if (xt_file_says(&list->file, line)) {
			list->chain = NULL;
			return 0;
		}
	}
	return row_line(list, line);
}

/* A comment may hold a raw newline: the row then ends behind its end. */
static const char *logical_end(const char *p, const char *end)
{
	const char *eol = memchr(p, '\n', (size_t)(end - p));
	struct str line = str_between(p, eol ? eol : end);
	size_t at = str_find(line, STR("/* "));
	struct str rest = str_between(line.p + at, end);
	size_t close;

	if (!eol || at == line.n || str_has(str_skip(line, at), STR(" */")))
		return eol ? eol : end;
	close = str_find(rest, STR(" */"));
	if (close == rest.n)
		return eol;
	eol = memchr(rest.p + close, '\n', rest.n - close);
	return eol ? eol : end;
}

static struct str chomp(const char *p, const char *end)
{
	if (end > p && end[-1] == '\r')
		end--;
	return str_trim_right(str_trim_left(str_between(p, end)));
}

int load_list(struct load *load)
{
	struct list list = { .file = xt_file_begin(load), .load = load };
	const char *p = load->begin;
	int ret = 0;

	while (p < load->end && !ret) {
		const char *end = logical_end(p, load->end);

		ret = take_line(&list, chomp(p, end));
		p = end < load->end ? end + 1 : end;
	}
	if (!ret)
		ret = xt_file_finish(&list.file);
	text_finish(&list.spec);
	return ret;
}
