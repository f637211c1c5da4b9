/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * absent.c - places of which the rule set knows nothing
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

/* struct seen - what there is of a place: its table, its chain, its rule */
struct seen {
	bool table, chain, rule;
};

static struct seen look_for(struct chain_list chains, const struct query_place *place,
			    struct near *table, struct near *chain, struct near *comment)
{
	struct seen seen = { false, false, false };

	for (size_t i = 0; i < chains.n; i++) {
		const struct chain *c = chains.at[i];

		near_consider(table, c->table->name);
		if (!glob_matches(place->table, c->table->name))
			continue;
		seen.table = true;
		near_consider(chain, c->name);
		if (!glob_matches(place->chain, c->name))
			continue;
		seen.chain = true;
		seen.rule |= has_rule(c, place, comment);
	}
	return seen;
}

static enum absence absent(struct chain_list chains, const struct query_place *place, char *buf,
			   size_t n)
{
	bool names_rule = place->comment.n || place->rule || place->handle;
	struct near table, chain, comment;
	struct seen seen;

	near_start(&table, place->table, false);
	near_start(&chain, place->chain, false);
	near_start(&comment, place->comment, true);
	seen = look_for(chains, place, &table, &chain, &comment);
	if (!seen.table && !table.guess.best)
		return ABSENT_NOTHING; /* it may be of the other backend */
	if (!seen.table)
		say(buf, n, &table, "the rule set has no table %.*s", STR_ARG(place->table));
	else if (!seen.chain)
		say(buf, n, &chain, "table %.*s has no chain %.*s in the rule set",
		    STR_ARG(place->table), STR_ARG(place->chain));
	else if (!names_rule || seen.rule)
		return ABSENT_NOTHING;
	else if (place->comment.n)
		say(buf, n, &comment, "no rule of %.*s:%.*s has the comment \"%.*s\"",
		    STR_ARG(place->table), STR_ARG(place->chain), STR_ARG(place->comment));
	else if (place->handle)
		say(buf, n, NULL, "no rule of %.*s:%.*s has the handle %" PRIu64,
		    STR_ARG(place->table), STR_ARG(place->chain), place->handle);
	else
		say(buf, n, NULL, "%.*s:%.*s has no rule %" PRIu32, STR_ARG(place->table),
		    STR_ARG(place->chain), place->rule);
	return seen.table ? ABSENT_PLACE : ABSENT_TABLE;
}

enum absence absent_of(const struct ruleset *rules, const struct query_node *node, char *buf,
		       size_t n)
{
	enum absence found = ABSENT_NOTHING;

	for (const struct query_node *child = node->child; child && !found; child = child->next)
		found = absent_of(rules, child, buf, n);
	if (found || !node->place)
		return found;
	return absent(ruleset_chains(rules), node->place, buf, n);
}
