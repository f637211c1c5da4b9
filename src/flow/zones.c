// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * zones.c - the zone of connection tracking that rules put the packets of a flow in
 *
 * Connections of different zones do not know each other: an answer in another zone than its request
 * is NEW, or INVALID. A zone for one direction alone (ct original zone, --zone-orig) is meant to
 * differ, and says nothing here.
 */
#include "find_flow.h"

/* "7"; empty if the rule sets none, or one that its text does not tell. */
static struct str zone_in(struct str rule)
{
	/* nft's words, and those of iptables (-S, -L) */
	static const struct str words[] = {
		{ "ct zone set ", 12 },
		{ "-j CT --zone ", 13 },
		{ "CT zone ", 8 },
	};
	struct str zone = str_behind(rule, words, sizeof(words) / sizeof(*words));
	size_t n = 0;

	while (n < zone.n && zone.p[n] >= '0' && zone.p[n] <= '9')
		n++;
	return str_first(zone, n);
}

struct str zone_of(const struct model *m, const struct flow *flow, bool back, struct hop_view *by)
{
	for (uint32_t i = 0; i < flow->n_paths; i++) {
		const struct flow_path *fp = &flow->paths[i];

		for (size_t k = 0; fp->back == back && k < paths_length(m->paths, fp->path); k++) {
			struct str zone;

			model_path_hop(m, flow, fp->path, k, by);
			zone = by->kind == HOP_RULE ? zone_in(by->text) : STR("");
			if (zone.n)
				return zone;
		}
	}
	return STR("");
}
