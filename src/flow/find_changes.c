/* SPDX-License-Identifier: GPL-2.0-or-later */
/* find_changes.c - the rule set was changed while it was listened: what did the changes change? */
#include "finding.h"

#include <errno.h>
#include <inttypes.h>

#include "nfhop/own.h"

#define AS_THEY_WERE "a rule has the number and the text that it had when the packet came to it."

#define NAMED 4 /* chains of one change that are named */

/* struct unlike - what one set has otherwise than the one before; @text grows */
struct unlike {
	struct str text;
	size_t n;
};

static bool same_rules(const struct chain *a, const struct chain *b)
{
	if (a->n_rules != b->n_rules || a->policy != b->policy || a->have != b->have ||
	    a->hook != b->hook || a->priority != b->priority)
		return false;
	for (uint32_t i = 0; i < a->n_rules; i++)
		if (!rule_text_same(a->rules[i].text, b->rules[i].text))
			return false;
	return true;
}

static void add_change(struct unlike *c, const struct chain *chain, const char *what)
{
	struct str before = c->text;

	if (c->n++ >= NAMED)
		return;
	c->text = text("%.*s%s%s %.*s %.*s %s", STR_ARG(before), before.n ? ", " : "",
		       family_name(chain->table->family), STR_ARG(chain->table->name),
		       STR_ARG(chain->name), what);
	text_free(before);
}

/* Chains of @one that @other has not, or, if @both, has otherwise. */
static void compare(const struct ruleset *one, const struct ruleset *other, bool both,
		    struct unlike *c)
{
	struct chain_list chains = ruleset_chains(one);

	for (size_t i = 0; i < chains.n; i++) {
		const struct table *table = chains.at[i]->table;
		const struct chain *same;

		if (is_own_table(table->family, table->name))
			continue;
		same = ruleset_chain(other, table->backend, table->family, table->name,
				     chains.at[i]->name);
		if (!same)
			add_change(c, chains.at[i], both ? "is new" : "is gone");
		else if (both && !same_rules(chains.at[i], same))
			add_change(c, chains.at[i], "changed");
	}
}

/* "18:52:33: " */
static struct str when_text(const struct stamp *at)
{
	int64_t second = at->wall_ns / 1000000000 + at->zone_min * 60;

	if (!(at->have & STAMP_WALL))
		return text("%s", "");
	return text("%02d:%02d:%02d: ", (int)(second / 3600 % 24), (int)(second / 60 % 60),
		    (int)(second % 60));
}

/* "18:52:33: ip filter guard changed", empty if only counters and elements did */
static struct str change_text(const struct loaded *before, const struct loaded *after)
{
	struct unlike c = { { NULL, 0 }, 0 };
	struct str s = { NULL, 0 }, when;

	compare(after->set, before->set, true, &c);
	compare(before->set, after->set, false, &c);
	when = when_text(&after->at);
	if (c.n > NAMED)
		s = text("%.*s%.*s, and %s more", STR_ARG(when), STR_ARG(c.text),
			 number_text(c.n - NAMED).s);
	else if (c.n)
		s = text("%.*s%.*s", STR_ARG(when), STR_ARG(c.text));
	text_free(when);
	text_free(c.text);
	return s;
}

static struct str change_at(struct model *m, size_t i)
{
	struct loaded *set = &m->sets[i];

	if (!set->compared)
		set->change = change_text(set - 1, set);
	set->compared = true;
	return set->change;
}

int draw_rules_changed(struct model *m, const struct finding_row *row)
{
	struct finding *f = NULL;
	size_t n = 0;

	for (size_t i = 1; i < m->n_sets; i++) {
		struct str s = change_at(m, i);

		if (!s.n)
			continue;
		n++;
		if (!f)
			f = finding_add(m, row,
					text("%s", "The rules changed meanwhile: " AS_THEY_WERE));
		if (!f)
			return -ENOMEM;
		finding_evidence(f, text("%.*s", STR_ARG(s)));
	}
	if (!f)
		return 0;
	if (n > 1) {
		text_free(f->text);
		f->text = text("The rules changed %s times meanwhile: " AS_THEY_WERE,
			       number_text(n).s);
	}
	return 0;
}
