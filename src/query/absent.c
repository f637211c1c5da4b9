/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * absent.c - places of which nothing knows: no rule set, no packet, not the kernel
 *
 * A place that is misspelt, or whose rule was deleted, is met by no packet: that would make true
 * whatever is expected not to happen there.
 */
#include "absent.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "nfhop/guess.h"
#include "nfhop/trace.h"
#include "tree.h"

#define WORD 64

/*
 * struct near - the name that is nearest to one that is not there; @quoted: it is a comment. Names
 * in a dump have no NUL.
 */
struct near {
	char word[WORD], name[2][WORD];
	size_t turn;
	struct guess guess;
	bool quoted;
};

static void copy(char *to, struct str s)
{
	snprintf(to, WORD, "%.*s", STR_ARG(s));
}

static void near_start(struct near *near, struct str word, bool quoted)
{
	*near = (struct near){ .quoted = quoted };
	copy(near->word, word);
	near->guess = guess_start(near->word);
}

static void near_consider(struct near *near, struct str name)
{
	char *copied = near->name[near->turn];

	copy(copied, name);
	if (!name.n || near->guess.best == copied)
		return;
	guess_consider(&near->guess, copied);
	if (near->guess.best == copied)
		near->turn = !near->turn;
}

__attribute__((format(printf, 4, 5))) static void say(char *buf, size_t n, const struct near *near,
						      const char *format, ...)
{
	const char *best = near ? near->guess.best : NULL,
		   *quote = near && near->quoted ? "\"" : "";
	size_t used;
	va_list args;

	va_start(args, format);
	vsnprintf(buf, n, format, args);
	va_end(args);
	used = strlen(buf);
	if (best)
		snprintf(buf + used, n - used, "; did you mean %s%s%s?", quote, best, quote);
}

/* has_rule - does @chain have the rule that is meant? */
static bool has_rule(const struct chain *chain, const struct query_place *place, struct near *near)
{
	bool found = false;

	if (place->handle && (chain->table->flags & TABLE_NO_HANDLES))
		return true;
	if (place->rule)
		return place->rule <= chain->n_rules;
	for (uint32_t i = 0; i < chain->n_rules; i++) {
		const struct rule *rule = &chain->rules[i];

		if (place->comment.n)
			near_consider(near, rule->comment);
		found |= place->comment.n ? str_eq(place->comment, rule->comment)
					  : rule->handle == place->handle;
	}
	return found;
}

/**
 * struct seen - what there is of a place
 * @loaded: the rule set has its table; @table: there is one, by the rule set, by the trace or by
 *	what the kernel itself calls its tables; @chain, @rule: the same of its chain and rule
 */
struct seen {
	bool loaded, table, chain, rule;
	struct near near_table, near_chain, near_comment;
};

/* Return: is that the chain? */
static bool consider(struct seen *seen, const struct query_place *place, struct str table,
		     struct str chain)
{
	near_consider(&seen->near_table, table);
	if (!glob_matches(place->table, table))
		return false;
	seen->table = true;
	near_consider(&seen->near_chain, chain);
	if (!glob_matches(place->chain, chain))
		return false;
	seen->chain = true;
	return true;
}

static void look_in_rules(struct seen *seen, const struct query_place *place,
			  const struct ruleset *rules)
{
	struct chain_list chains = rules ? ruleset_chains(rules) : (struct chain_list){ 0 };

	for (size_t i = 0; i < chains.n; i++) {
		const struct chain *c = chains.at[i];

		if (consider(seen, place, c->table->name, c->name))
			seen->rule |= has_rule(c, place, &seen->near_comment);
	}
	seen->loaded = seen->table;
}

/* What packets met is there, whatever the rule set says: the path of a packet that -w hides, too */
static void look_in_trace(struct seen *seen, const struct query_place *place,
			  const struct model *model)
{
	size_t paths = model_path_count(model);

	for (uint32_t path = 0; path < paths && !seen->chain; path++) {
		size_t n = model_path_length(model, path);

		for (size_t i = 0; i < n && !seen->chain; i++) {
			struct hop_view hop;

			model_path_step(model, path, i, &hop);
			if (!hop.chain.n || consider(seen, place, hop.table, hop.chain))
				continue;
			if (hop.target.n)
				consider(seen, place, hop.table, hop.target);
		}
	}
}

/* iptables' own chains have these names everywhere, whether packets come there or not. */
static void look_in_kernel(struct seen *seen, const struct query_place *place)
{
	for (int t = 0; t < TABLE_MAX; t++)
		for (int h = HOOK_PREROUTING; h <= HOOK_POSTROUTING; h++)
			if (table_hooks((enum table_no)t) & HOOK_BIT(h))
				consider(seen, place, str_from(table_name((enum table_no)t)),
					 str_from(hook_title((enum hook)h)));
}

static void look_for(struct seen *seen, const struct query_place *place, const struct model *model,
		     const struct ruleset *rules)
{
	*seen = (struct seen){ 0 };
	near_start(&seen->near_table, place->table, false);
	near_start(&seen->near_chain, place->chain, false);
	near_start(&seen->near_comment, place->comment, true);
	look_in_rules(seen, place, rules);
	if (seen->chain)
		return;
	look_in_trace(seen, place, model);
	if (!seen->loaded && !seen->chain)
		look_in_kernel(seen, place);
	seen->rule = seen->chain; /* nothing lists that chain's rules */
}

/* No rule set lists the table. Whoever is told what he meant need not be told what to give. */
static void say_unknown(const struct seen *seen, const struct query_place *place,
			const struct ruleset *rules, char *buf, size_t n)
{
	const struct near *near = seen->table ? &seen->near_chain : &seen->near_table;
	const char *tell = rules || near->guess.best ? "" : "; only the rule set could tell (-r)";

	if (seen->table)
		say(buf, n, near, "the trace knows no chain %.*s in table %.*s%s",
		    STR_ARG(place->chain), STR_ARG(place->table), tell);
	else
		say(buf, n, near, "%s a table %.*s%s",
		    rules ? "neither rule set nor trace has" : "the trace does not have",
		    STR_ARG(place->table), tell);
}

static enum absence absent(const struct query_place *place, const struct model *model,
			   const struct ruleset *rules, char *buf, size_t n)
{
	bool names_rule = place->comment.n || place->rule || place->handle;
	struct seen seen;

	look_for(&seen, place, model, rules);
	if (seen.chain && (!names_rule || seen.rule))
		return ABSENT_NOTHING;
	if (!seen.loaded) {
		say_unknown(&seen, place, rules, buf, n);
		return ABSENT_UNKNOWN;
	}
	if (!seen.chain)
		say(buf, n, &seen.near_chain, "table %.*s has no chain %.*s in the rule set",
		    STR_ARG(place->table), STR_ARG(place->chain));
	else if (place->comment.n)
		say(buf, n, &seen.near_comment, "no rule of %.*s:%.*s has the comment \"%.*s\"",
		    STR_ARG(place->table), STR_ARG(place->chain), STR_ARG(place->comment));
	else if (place->handle)
		say(buf, n, NULL, "no rule of %.*s:%.*s has the handle %" PRIu64,
		    STR_ARG(place->table), STR_ARG(place->chain), place->handle);
	else
		say(buf, n, NULL, "%.*s:%.*s has no rule %" PRIu32, STR_ARG(place->table),
		    STR_ARG(place->chain), place->rule);
	return ABSENT_PLACE;
}

struct absent absent_of(const struct model *model, const struct ruleset *rules,
			const struct query_node *node, char *buf, size_t n)
{
	struct absent found = { ABSENT_NOTHING, node->kind == QUERY_OR };

	if (node->place)
		found.is = absent(node->place, model, rules, buf, n);
	if (!node->child)
		return (struct absent){ found.is, found.is != ABSENT_NOTHING };
	for (const struct query_node *child = node->child; child; child = child->next) {
		char unread[4];
		struct absent one = absent_of(model, rules, child, found.is ? unread : buf,
					      found.is ? sizeof(unread) : n);

		if (!found.is)
			found.is = one.is;
		if (node->kind == QUERY_OR)
			found.decides &= one.decides;
		else if (node->kind == QUERY_NOT)
			found.decides = one.is != ABSENT_NOTHING;
		else
			found.decides |= one.decides;
	}
	return found;
}
