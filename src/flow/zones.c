// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * zones.c - the zone of connection tracking that rules put the packets of a flow in
 *
 * Connections of different zones do not know each other: an answer in another zone than its request
 * is NEW, or INVALID. A zone for one direction alone (ct original zone, --zone-orig) is meant to
 * differ, and says nothing here.
 */
#include "find_flow.h"

/* What stands before the zone, in nft's words and in those of iptables (-S, -L). */
static const struct {
	struct str words;
	bool nft;
} settings[] = {
	{ { "ct zone set ", 12 }, true },
	{ { "-j CT --zone ", 13 }, false },
	{ { "CT zone ", 8 }, false },
};

/* "7"; empty if the rule sets none, or one that its text does not tell. */
static struct str zone_in(struct str rule)
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); i++) {
		size_t at = str_find(rule, settings[i].words), n = 0;
		struct str zone;

		if (at == rule.n)
			continue;
		zone = str_skip(rule, at + settings[i].words.n);
		while (n < zone.n && zone.p[n] >= '0' && zone.p[n] <= '9')
			n++;
		return str_first(zone, n);
	}
	return STR("");
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
