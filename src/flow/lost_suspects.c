// SPDX-License-Identifier: GPL-2.0-or-later
/* lost_suspects.c - what may have ended a packet where nothing tells what did */
#include "lost.h"

bool lost_before_conntrack(const struct lost *l)
{
	const struct packet *p = l->packet;

	return p && p->n_hops &&
	       before_conntrack(l->m, p->path, p->n_hops - 1u,
				model_hop_hook(l->m, p, p->n_hops - 1u));
}

bool lost_may_be_full(const struct lost *l)
{
	uint64_t value;
	bool counted = l->m->before && l->m->after &&
		       evidence_value(l->m->after, STR("nf_conntrack.drop"), &value);

	return !counted && lost_before_conntrack(l);
}

static bool may_not_forward(const struct lost *l)
{
	return !l->now || evidence_forwards(l->now, l->query.family, l->query.iif) != SWITCH_ON;
}

static bool may_lack_route(const struct lost *l)
{
	const struct evidence_route *route;
	struct str refused;

	if (!l->now || !l->routed ||
	    evidence_route_find(l->now, &l->query, &route) != ROUTE_ANSWER_FOUND)
		return true;
	refused = lost_refused(l);
	text_free(refused);
	return refused.n;
}

static bool may_be_filtered(const struct lost *l)
{
	const struct evidence_route *back;

	return !l->six && (!l->now || (evidence_rp_filter(l->now, l->query.iif) != 0 &&
				       evidence_way_back(l->now, &l->query, &back) != SWITCH_ON));
}

/* What nobody has asked, the likelier ones first. */
static const struct {
	bool (*may)(const struct lost *l);
	const char *words;
} suspects[] = {
	{ may_not_forward, "forwarding is off" },
	{ may_lack_route, "there is no route" },
	{ may_be_filtered, "rp_filter did it" },
	{ lost_may_be_full, "conntrack's table is full" },
};

struct str lost_suspects(const struct lost *l)
{
	const size_t all = sizeof(suspects) / sizeof(*suspects);
	struct str list = text("%s", "");
	bool may[sizeof(suspects) / sizeof(*suspects)];
	size_t n = 0, k = 0;

	for (size_t i = 0; i < all; i++)
		n += may[i] = suspects[i].may(l);
	for (size_t i = 0; i < all; i++) {
		struct str was = list;

		if (!may[i])
			continue;
		k++;
		list = text("%.*s%s%s%s", STR_ARG(was), k > 1 && n > 2 ? "," : "",
			    k == 1   ? ""
			    : k == n ? " or "
				     : " ",
			    suspects[i].words);
		text_free(was);
	}
	return list;
}
