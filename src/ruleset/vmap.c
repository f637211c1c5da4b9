/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vmap.c - what a verdict map does with a packet
 *
 * Theory of operation. The keys of a map were read in the order of its elements (nft_cond.c), so
 * the number of the one that fits is that of its verdict. It must be the only one that can fit:
 * which of two the kernel finds is not known here. Of conntrack's states a packet may be in one of
 * several: then all of these must have the same verdict.
 */
#include "vmap.h"

#include "nft_value.h"
#include "value.h"

static const struct does nothing_known;

/* "accept", "jump web" */
static struct does does_of(const struct ruleset *rs, const struct table *table, struct str says)
{
	static const struct {
		const char *word;
		enum verdict verdict;
		bool call;
	} words[] = {
		{ "accept", VERDICT_ACCEPT, false },	 { "drop", VERDICT_DROP, false },
		{ "continue", VERDICT_CONTINUE, false }, { "return", VERDICT_RETURN, false },
		{ "jump", VERDICT_JUMP, true },		 { "goto", VERDICT_GOTO, true },
	};
	struct str rest = str_trim_right(says), word = str_cut(&rest, ' ');

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		struct does does = { words[i].verdict, NULL };

		if (!str_eq(word, str_from(words[i].word)) || words[i].call != (rest.n > 0))
			continue;
		if (words[i].call)
			does.to = ruleset_chain(rs, table->backend, table->family, table->name,
						rest);
		return words[i].call && !does.to ? nothing_known : does;
	}
	return nothing_known;
}

/* What the element does whose key alone fits; empty if it is not the only one that may. */
static struct str value_by_key(const struct cond *cond, const struct sighting *seen)
{
	struct str rest = cond->elements, value = { NULL, 0 };

	for (uint32_t i = 0; i < cond->n && rest.n; i++) {
		struct str element = nft_next_element(&rest);
		enum match fits = cond_fits_span(cond, i, seen);

		if (fits == MATCH_NO)
			continue;
		if (fits != MATCH_YES || value.n)
			return (struct str){ NULL, 0 };
		value = nft_element_value(element);
	}
	return value;
}

/* The same by the states that the packet may be in. */
static struct str value_by_state(const struct cond *cond, const struct sighting *seen)
{
	unsigned int within = states_within(seen);
	struct str rest = cond->elements, value = { NULL, 0 };

	while (rest.n) {
		struct str element = nft_next_element(&rest), its = nft_element_value(element);
		uint32_t states;

		if (!value_ct_states(nft_element_key(element, 0), &states))
			return (struct str){ NULL, 0 };
		if (!(within & states))
			continue;
		if (value.n && !str_eq(value, its))
			return (struct str){ NULL, 0 };
		value = its;
	}
	return value;
}

struct does vmap_does(const struct ruleset *rs, const struct rule *rule,
		      const struct sighting *seen)
{
	for (uint32_t i = 0; i < rule->n_conds; i++) {
		const struct cond *cond = &rule->conds[i];

		if (!cond->map || !cond->elements.n)
			continue;
		return does_of(rs, rule->chain->table,
			       cond->field == COND_CT_STATE ? value_by_state(cond, seen)
							    : value_by_key(cond, seen));
	}
	return nothing_known;
}
