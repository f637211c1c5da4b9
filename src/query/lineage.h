/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lineage.h - rules of the rule sets that were loaded one after the other: which are the same */
#ifndef NFHOP_QUERY_LINEAGE_H
#define NFHOP_QUERY_LINEAGE_H

#include "nfhop/model.h"

#define LINEAGE_NONE SIZE_MAX

/**
 * struct kin - one rule, or one policy, of all sets that have it
 * @chain, @rule: as the newest of these sets has them; @rule is NULL for the policy
 * @first, @last: numbers of the first and the last set that have it
 * @beside: the last of the kin of its chain in the newest set, LINEAGE_NONE if that has none
 */
struct kin {
	const struct chain *chain;
	const struct rule *rule;
	size_t first, last, beside;
};

/**
 * struct lineage - those of the newest set first, chain by chain in its order
 * @n_now: how many the newest set has
 * @n_sets: how many sets there were
 */
struct lineage {
	struct kin *kin;
	size_t n, n_now, cap, n_sets;
	/* private */
	struct lineage_chain *chains;
	size_t n_chains;
	size_t *ids;
};

/**
 * lineage_draw - of all sets of @model; tables of our own are left out
 * @l: lineage_finish() it in any case
 * Return: 0 or -ENOMEM
 */
int lineage_draw(struct lineage *l, const struct model *model);
void lineage_finish(struct lineage *l);

/* lineage_chain - Return: the numbers of the rules of @chain, behind them that of its policy; NULL
 * if it is of no set */
const size_t *lineage_chain(const struct lineage *l, const struct chain *chain);

/* lineage_of - Return: the number of @rule, NULL: of the policy, of @chain; LINEAGE_NONE */
size_t lineage_of(const struct lineage *l, const struct chain *chain, const struct rule *rule);

/* lineage_same_chain - have two chains the same name in the same table, whatever set they are of?
 */
bool lineage_same_chain(const struct chain *a, const struct chain *b);

#endif
