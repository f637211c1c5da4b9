/* SPDX-License-Identifier: GPL-2.0-or-later */
/* state.c - conclusions: of a packet, of a path within a flow, of a flow in one word */
#include "model.h"

/* The last hook that is known; what the devices and remote addresses tell included. */
static enum hook last_hook(const struct model *m, const struct packet *p)
{
	for (size_t i = p->n_hops; i-- > 0;) {
		enum hook hook = hop_hook(m, p, i);

		if (hook)
			return hook;
	}
	return HOOK_NONE;
}

void model_decide_path(const struct model *m, const struct flow *flow, const struct flow_path *fp,
		       struct decision *d)
{
	struct visible visible = assembler_visible(m->assembler, flow->scope, flow->there.family);

	outcome_decide(m->paths, fp->path, fp->flags, &visible, d);
	d->at = fp->sample ? last_hook(m, fp->sample) : d->at;
}

void model_decide(const struct model *m, const struct packet *p, struct decision *d)
{
	struct visible visible = assembler_visible(m->assembler, p->scope, p->first.family);

	outcome_decide(m->paths, p->path, p->flags, &visible, d);
	d->at = last_hook(m, p);
}

/* What became of the answers, all paths together; this host's own errors are none. */
struct answers {
	bool any, passed, stopped, unknown, only_errors;
};

static struct answers answers_of(const struct model *m, const struct flow *flow)
{
	struct answers a = { .only_errors = true };

	for (uint32_t i = 0; i < flow->n_paths; i++) {
		const struct flow_path *fp = &flow->paths[i];
		struct decision d;

		if (!fp->back || ((fp->flags & PACKET_ERROR) && !(fp->flags & PACKET_CAME_IN)))
			continue;
		a.any = true;
		a.only_errors &= (fp->flags & PACKET_ERROR) != 0;
		model_decide_path(m, flow, fp, &d);
		a.passed |= outcome_passes(d.outcome);
		a.stopped |= outcome_stops(d.outcome);
		a.unknown |= !outcome_passes(d.outcome) && !outcome_stops(d.outcome);
	}
	return a;
}

#define AROUND_NS INT64_C(60000000000) /* trace rules come and go: answers must be seen near */

/* Were traced answers of any flow seen on the way that this flow's must take, at that time? */
static bool answers_traced(const struct model *m, const struct flow *flow)
{
	const struct model_host *host = &m->hosts[flow->scope];

	for (unsigned int i = 0; i < host->n_answers; i++) {
		const struct answers_seen *seen = &host->answers[i];

		if (seen->by == flow->oif[0] && stamp_age(&seen->first, &flow->last) <= AROUND_NS &&
		    stamp_age(&flow->first, &seen->last) <= AROUND_NS)
			return true;
	}
	return false;
}

static enum flow_state state_of(const struct model *m, const struct flow *flow,
				const struct flow_view *v)
{
	struct answers a = answers_of(m, flow);

	if (outcome_stops(v->decision.outcome) && !a.passed)
		return FLOW_STOPPED;
	if (a.any && a.only_errors)
		return FLOW_REFUSED;
	if (a.passed)
		return FLOW_TWO_WAY;
	if (a.stopped)
		return FLOW_REPLY_STOPPED;
	if (a.unknown || !outcome_passes(v->decision.outcome))
		return FLOW_UNKNOWN;
	return answers_traced(m, flow) ? FLOW_NO_REPLY : FLOW_ONE_WAY_TRACE;
}

static struct nat nat_of(const struct flow *flow)
{
	const struct endpoints *a = &flow->there.ends, *b = &flow->left.ends;
	struct nat nat = { .by = flow->nat_by, .ends = *b };

	nat.changed = (uint8_t)((memcmp(&a->src, &b->src, sizeof(a->src)) ? NAT_SRC : 0) |
				(a->sport != b->sport ? NAT_SPORT : 0) |
				(memcmp(&a->dst, &b->dst, sizeof(a->dst)) ? NAT_DST : 0) |
				(a->dport != b->dport ? NAT_DPORT : 0));
	return nat;
}

void model_flow_view(const struct model *m, const struct flow *flow, struct flow_view *v)
{
	*v = (struct flow_view){ .nat = nat_of(flow), .decision = { .stop = -1 } };
	if (flow->newest[0] >= 0) {
		v->newest = &flow->paths[flow->newest[0]];
		model_decide_path(m, flow, v->newest, &v->decision);
	}
	v->state = state_of(m, flow, v);
}
