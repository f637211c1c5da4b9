/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text_idle.c - calls of chains that did nothing to a packet
 *
 * Theory of operation. firewalld, kube-proxy and Calico lead each packet through dozens of chains
 * in which no rule fits: 78 rows for a SYN, two of which say why it was rejected. Where a way is
 * that long, a call from which evaluation came back without anything but calls is one row.
 */
#include "text.h"

#define WAY_LONG 40 /* hops: what a screen shows */

static bool is_call(const struct hop_view *hop)
{
	return hop->kind == HOP_RULE &&
	       (hop->verdict == VERDICT_JUMP || hop->verdict == VERDICT_GOTO);
}

size_t way_idle(const struct model *model, const struct way *way, size_t i)
{
	struct hop_view call, hop;
	size_t n = way_length(model, way);

	if (n < WAY_LONG)
		return 0;
	way_hop(model, way, i, &call);
	if (!is_call(&call))
		return 0;
	for (size_t k = i + 1; k < n; k++) {
		way_hop(model, way, k, &hop);
		if (hop.depth <= call.depth)
			return k - i - 1;
		if (hop.n_changes || (!is_call(&hop) && hop.kind != HOP_RETURN))
			return 0;
	}
	return 0;
}
