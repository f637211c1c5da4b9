// SPDX-License-Identifier: GPL-2.0-or-later
/* text_alike.c - paths of a flow of which the same is said: they are told as one */
#include "text.h"

#include <stdlib.h>

/* What shows in the decision alone, if it matters: as that the input ended soon after. */
#define UNSAID (PACKET_GAP | PACKET_CUT | PACKET_ANSWERED | PACKET_CT_FULL | PACKET_NAT_TAKEN)

static bool may_say_same(const struct flow_path *a, const struct flow_path *b)
{
	return a->path == b->path && a->back == b->back && a->class == b->class;
}

static bool says_same(const struct model *model, const struct flow *flow, const struct flow_path *a,
		      const struct flow_path *b)
{
	struct decision da, db;

	if ((a->flags ^ b->flags) & ~UNSAID)
		return false;
	model_decide_path(model, flow, a, &da);
	model_decide_path(model, flow, b, &db);
	return da.outcome == db.outcome && da.certainty == db.certainty && da.reason == db.reason &&
	       da.stop == db.stop && da.lost_after == db.lost_after;
}

/* Those that may be alike stand together, in the order of the flow's paths. */
static int by_path(const void *x, const void *y)
{
	const struct flow_path *a = *(const struct flow_path *const *)x;
	const struct flow_path *b = *(const struct flow_path *const *)y;

	if (a->path != b->path)
		return a->path < b->path ? -1 : 1;
	if (a->back != b->back)
		return a->back ? 1 : -1;
	if (a->class != b->class)
		return a->class < b->class ? -1 : 1;
	return a < b ? -1 : a > b;
}

/* A flow may have 100,000 paths, but few that differ in their flags alone. */
static void fill(const struct model *model, const struct flow *flow,
		 const struct flow_path *const *sorted, uint32_t *first)
{
	for (uint32_t i = 0, from = 0; i < flow->n_paths; i++) {
		uint32_t k;

		if (!may_say_same(sorted[from], sorted[i]))
			from = i;
		for (k = from; k < i && !says_same(model, flow, sorted[k], sorted[i]);)
			k++;
		first[sorted[i] - flow->paths] = (uint32_t)(sorted[k] - flow->paths);
	}
}

uint32_t *paths_alike(const struct model *model, const struct flow *flow)
{
	const struct flow_path **sorted;
	uint32_t *first;

	if (flow->n_paths < 2)
		return NULL;
	sorted = malloc(flow->n_paths * sizeof(*sorted));
	first = sorted ? malloc(flow->n_paths * sizeof(*first)) : NULL;
	if (first) {
		for (uint32_t i = 0; i < flow->n_paths; i++)
			sorted[i] = &flow->paths[i];
		qsort(sorted, flow->n_paths, sizeof(*sorted), by_path);
		fill(model, flow, sorted, first);
	}
	free(sorted);
	return first;
}
