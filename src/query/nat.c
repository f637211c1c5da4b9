/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nat.c - what address translation made of a packet, as far as anything tells
 *
 * A trace shows where a packet goes to, since a destination is changed before routing. The source
 * is changed behind the last hop, and only for the first packet of a connection a rule is asked
 * at all: all others follow it. So what became of a source is known from the rule set, from an
 * answer, or not.
 */
#include "judge.h"

bool look_runs_back(const struct look *look)
{
	return look->fp ? look->fp->back : look->flags & PACKET_BACK;
}

static const struct flow *look_flow(struct look *look)
{
	if (!look->flow && look->packet)
		look->flow = model_flow_of(look->model, look->packet);
	return look->flow;
}

bool look_opener_known(struct look *look)
{
	return flow_opener_known(look_flow(look));
}

bool look_translated(struct look *look, struct endpoints *ends)
{
	const struct flow *flow = look_flow(look);

	if (!flow || flow->nat_by == BY_NONE || (look->flags & PACKET_ERROR) ||
	    !outcome_passes(look_decision(look)->outcome))
		return false;
	*ends = flow->left.ends;
	if (look_runs_back(look))
		*ends = (struct endpoints){ flow->there.ends.dst, flow->there.ends.src,
					    flow->there.ends.dport, flow->there.ends.sport };
	return true;
}

static bool flow_changes(const struct flow *flow, bool source)
{
	const struct endpoints *a = &flow->there.ends, *b = &flow->left.ends;

	if (source)
		return memcmp(&a->src, &b->src, sizeof(a->src)) || a->sport != b->sport;
	return memcmp(&a->dst, &b->dst, sizeof(a->dst)) || a->dport != b->dport;
}

/* Of an answer, what was the source is its destination. */
bool look_translates(struct look *look, enum query_kind kind)
{
	struct endpoints ends;
	bool back = look_runs_back(look);

	if (!look_translated(look, &ends))
		return false;
	return (kind != QUERY_DNAT && flow_changes(look->flow, !back)) ||
	       (kind != QUERY_SNAT && flow_changes(look->flow, back));
}

/* A rule of a nat chain that, for all that is known, gives another source */
static bool may_change_source(const struct hop_view *hop)
{
	const struct rule *rule = hop->meaning->rule;

	if (hop->kind != HOP_RULE || hop->hook == HOOK_PREROUTING || hop->hook == HOOK_OUTPUT)
		return false;
	return rule ? rule->nat && rule->nat->source : str_eq(hop->table, STR("nat"));
}

static bool path_may_change_source(const struct look *look, uint32_t path)
{
	struct hop_view hop;

	for (size_t i = 0; i < model_path_length(look->model, path); i++) {
		model_path_step(look->model, path, i, &hop);
		if (may_change_source(&hop))
			return true;
	}
	return false;
}

/* Some packet before it met that rule, and it went the same way. */
static bool flow_may_change_source(const struct look *look)
{
	for (uint32_t i = 0; i < look->flow->n_paths; i++)
		if (!look->flow->paths[i].back &&
		    path_may_change_source(look, look->flow->paths[i].path))
			return true;
	return false;
}

/* A connection that is older than the capture, and whose answers nobody saw: they would tell. */
static bool began_unseen(const struct look *look, const struct flow *flow)
{
	const struct nat_target *to;

	return !flow_opener_known(flow) && !flow->packets[1] &&
	       model_left_source(look->model, flow, &to) == LEFT_NOT_KNOWN;
}

bool look_source_untold(struct look *look)
{
	const struct flow *flow = look_flow(look);
	bool back = look_runs_back(look);
	enum outcome outcome = look_decision(look)->outcome;

	if (flow && flow->nat_by != BY_NONE && flow_changes(flow, !back))
		return false;
	if (path_may_change_source(look, look->path))
		return true;
	return flow && !back && (outcome_passes(outcome) || outcome == OUTCOME_UNKNOWN) &&
	       (flow_may_change_source(look) || began_unseen(look, flow));
}
