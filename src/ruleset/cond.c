/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cond.c - gathers the conditions of one rule */
#include "cond.h"

#include <stdlib.h>

#include "nfhop/grow.h"

struct cond *conds_add(struct conds *conds, enum cond_field field, struct str text)
{
	struct cond *cond = array_grow(conds->at, conds->n, &conds->cap, sizeof(*cond));

	if (!cond) {
		conds->failed = true;
		return NULL;
	}
	conds->at = cond;
	cond = &conds->at[conds->n++];
	*cond = (struct cond){ .field = field, .text = text };
	return cond;
}

void conds_add_num(struct conds *conds, struct arena *arena, enum cond_field field, struct str text,
		   struct num_span span)
{
	struct num_span *copy = arena_copy(arena, &span, sizeof(span));
	struct cond *cond = copy ? conds_add(conds, field, text) : NULL;

	if (!cond)
		return;
	cond->nums = copy;
	cond->n = 1;
}

static bool is_coarse(const struct conds *conds)
{
	const unsigned int coarse = 1u << COND_FAMILY | 1u << COND_PROTO | 1u << COND_IIF |
				    1u << COND_OIF;
	bool all = true;

	for (uint32_t i = 0; i < conds->n; i++)
		all &= (coarse >> conds->at[i].field & 1) && !conds->at[i].set && !conds->at[i].map;
	return all;
}

void conds_into(struct conds *conds, struct arena *arena, struct rule *rule)
{
	struct cond *copy = NULL;

	if (conds->n)
		copy = arena_copy(arena, conds->at, conds->n * sizeof(*copy));
	rule->conds = copy;
	rule->n_conds = copy ? conds->n : 0;
	rule->flags |= is_coarse(conds) ? RULE_COARSE : 0;
	conds->n = 0;
	if (conds->failed)
		arena->failed = true;
}

void conds_finish(struct conds *conds)
{
	free(conds->at);
	*conds = (struct conds){ 0 };
}
