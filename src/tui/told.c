// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * told.c - what the list says of a flow: its conclusion, or that of its packets that fit
 *
 * A flow is shown if the filter holds for some packet of it. Mostly that is one of those that its
 * conclusion rests on, the newest there or back: then the conclusion stands, so that `dport 22`
 * does not hide that the answers were stopped. `stopped` may hold for earlier ones alone; then a
 * row that says "both ways" would deny what was asked for, and the newest that fit are told of.
 */
#include "told.h"

#include "nfhop/text.h"
#include "nfhop/trace.h"
#include "nfhop/words.h"

/* Packets that were ended are not what "both ways" speaks of. */
static bool rests_on(const struct model *model, const struct flow *flow,
		     const struct flow_view *view, const struct flow_path *fp)
{
	struct decision d;

	if (view->state != FLOW_TWO_WAY)
		return true;
	model_decide_path(model, flow, fp, &d);
	return !outcome_stops(d.outcome);
}

static bool conclusion_fits(const struct model *model, const struct query *filter,
			    const struct flow *flow, const struct flow_view *view)
{
	const struct flow_path *newest[] = { view->newest, view->newest_back };

	for (int d = 0; d < 2; d++)
		if (newest[d] && rests_on(model, flow, view, newest[d]) &&
		    query_match_way(filter, model, flow, newest[d]))
			return true;
	return false;
}

static const struct flow_path *newest_fit(const struct model *model, const struct query *filter,
					  const struct flow *flow)
{
	const struct flow_path *found = NULL;

	for (uint32_t i = 0; i < flow->n_paths; i++) {
		const struct flow_path *fp = &flow->paths[i];

		if ((!found || stamp_age(&fp->last, &found->last) >= 0) &&
		    query_match_way(filter, model, flow, fp))
			found = fp;
	}
	return found;
}

/* Do two ways end alike: at the same rule, or with the same words for what became of them? */
static bool ends_alike(const struct model *model, const struct flow *flow,
		       const struct flow_path *a, const struct flow_path *b)
{
	struct way ways[] = { way_of(flow, a), way_of(flow, b) };
	struct hop_view hops[2];
	struct decision d[2];

	model_decide_path(model, flow, a, &d[0]);
	model_decide_path(model, flow, b, &d[1]);
	if (a->back != b->back || d[0].outcome != d[1].outcome ||
	    d[0].lost_after != d[1].lost_after || (d[0].stop < 0) != (d[1].stop < 0))
		return false;
	for (int i = 0; i < 2 && d[i].stop >= 0; i++)
		way_hop(model, &ways[i], (size_t)d[i].stop, &hops[i]);
	return d[0].stop < 0 ||
	       (str_eq(hops[0].table, hops[1].table) && str_eq(hops[0].chain, hops[1].chain) &&
		hops[0].kind == hops[1].kind && hops[0].rule == hops[1].rule);
}

/* The conclusion becomes that of one way alone; NAT is still the flow's. */
static void narrow(const struct model *model, const struct flow *flow, struct told *told)
{
	told->view = (struct flow_view){ .nat = told->view.nat,
					 .newest = told->fit,
					 .housekeeping = told->view.housekeeping };
	model_decide_path(model, flow, told->fit, &told->view.decision);
	told->all = flow->packets[told->fit->back];
	for (uint32_t i = 0; i < flow->n_paths; i++)
		if (ends_alike(model, flow, told->fit, &flow->paths[i]))
			told->alike += flow->paths[i].packets;
}

bool told_of(const struct model *model, const struct query *filter, const struct flow *flow,
	     struct told *told)
{
	*told = (struct told){ .flow = flow };
	model_flow_view(model, flow, &told->view);
	if (!filter || conclusion_fits(model, filter, flow, &told->view))
		return true;
	told->fit = newest_fit(model, filter, flow);
	if (told->fit)
		narrow(model, flow, told);
	return told->fit;
}

const struct stamp *told_last(const struct told *told)
{
	return told->fit ? &told->fit->last : &told->flow->last;
}
