/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * find_marks.c - marks that were overwritten before the route was looked up
 *
 * A rule of `ip rule` asks for the mark that a packet has behind PREROUTING (or OUTPUT). A mark
 * that one rule gave it for that and that another one wrote over shows nowhere but in the trace.
 */
#include "find_flow.h"

#define PLACE  256
#define ROUTED (HOOK_BIT(HOOK_PREROUTING) | HOOK_BIT(HOOK_OUTPUT))

/**
 * struct overwritten - a mark that was given for a route, and was gone when that was looked up
 * @first, @last: by which hop of packet @p; @mark: what @first gave it, @final: what @last left
 * @rule: of `ip rule`: asks for @mark; @device: where it would have sent the packet
 */
struct overwritten {
	const struct packet *p;
	size_t first, last;
	uint32_t mark, final;
	const struct evidence_rule *rule;
	struct str device;
};

/* Did the rule at hop @i change the mark, in time for the route? */
static bool sets_mark(const struct model *m, const struct packet *p, size_t i)
{
	return i + 1 < p->n_hops && paths_step_at(m->paths, p->hops[i].step)->kind == HOP_RULE &&
	       (model_hop_changes(p, i + 1) & 1u << CHANGE_MARK) &&
	       (HOOK_BIT(model_hop_hook(m, p, i)) & ROUTED);
}

/* The rule that asks for a mark and takes what has @x->mark, but not what has @x->final. */
static const struct evidence_rule *rule_for(const struct evidence *e, const struct overwritten *x)
{
	for (size_t i = 0; i < e->n_rules; i++) {
		const struct evidence_rule *r = &e->rules[i];

		if (r->family == (enum family)x->p->first.family && r->mask && r->mark &&
		    !r->inverted && (x->mark & r->mask) == r->mark &&
		    (x->final & r->mask) != r->mark)
			return r;
	}
	return NULL;
}

/* What it would have asked the routes with the mark that it had first. */
static struct route_query query_of(const struct model *m, const struct flow *flow,
				   const struct overwritten *x)
{
	return (struct route_query){
		.family = (enum family)x->p->first.family,
		.src = x->p->ends[0].src,
		.dst = flow->left.ends.dst,
		.iif = sym_text(m->syms, flow->iif[0]),
		.mark = x->mark,
	};
}

/* Would it have left elsewhere, had it kept the mark? */
static bool would_turn(const struct model *m, const struct flow *flow, struct overwritten *x)
{
	const struct evidence *e = evidence_now(m);
	const struct route_query query = query_of(m, flow, x);
	const struct evidence_route *route;

	x->rule = rule_for(e, x);
	if (!x->rule || evidence_route_find(e, &query, &route) != ROUTE_ANSWER_FOUND)
		return false;
	x->device = route->device;
	return !str_eq(route->device, sym_text(m->syms, flow->oif[0]));
}

static bool find_overwritten(const struct model *m, const struct flow_case *c,
			     struct overwritten *x)
{
	const struct packet *p = c->there;

	*x = (struct overwritten){ .p = p };
	if (!p || !c->flow->oif[0] || c->view.state == FLOW_TWO_WAY || !evidence_now(m))
		return false;
	for (size_t i = 0; i + 1 < p->n_hops; i++)
		if (sets_mark(m, p, i)) {
			x->last = i;
			x->final = p->hops[i + 1].mark;
		}
	for (x->first = 0; x->first < x->last; x->first++) {
		x->mark = p->hops[x->first + 1].mark;
		if (x->mark && sets_mark(m, p, x->first) && would_turn(m, c->flow, x))
			return true;
	}
	return false;
}

bool mark_overwritten(const struct model *m, const struct flow_case *c)
{
	struct overwritten x;

	return find_overwritten(m, c, &x);
}

static void place_of(const struct model *m, const struct overwritten *x, size_t i, char *buf)
{
	struct hop_view hop;

	model_hop(m, x->p, i, &hop);
	hop_place(&hop, buf, PLACE);
}

static struct str say_overwritten(const struct model *m, const struct flow_case *c)
{
	struct str name = flow_name(c->flow), oif = sym_text(m->syms, c->flow->oif[0]), s;
	struct overwritten x;
	char first[PLACE], last[PLACE];

	find_overwritten(m, c, &x);
	place_of(m, &x, x.first, first);
	place_of(m, &x, x.last, last);
	s = text("%.*s left by %.*s, not by %.*s: %s gave it the mark 0x%x, for which there is a "
		 "rule of ip rule, and %s made it 0x%x before the route was looked up.",
		 STR_ARG(name), STR_ARG(oif), STR_ARG(x.device), first, x.mark, last, x.final);
	text_free(name);
	return s;
}

static void show_overwritten(const struct model *m, const struct flow_case *c, struct finding *f)
{
	struct overwritten x;
	struct route_query query;

	find_overwritten(m, c, &x);
	query = query_of(m, c->flow, &x);
	finding_evidence(f, x.rule->mask == UINT32_MAX
				    ? text("ip rule %u: fwmark 0x%x lookup %u", x.rule->pref,
					   x.rule->mark, x.rule->table)
				    : text("ip rule %u: fwmark 0x%x/0x%x lookup %u", x.rule->pref,
					   x.rule->mark, x.rule->mask, x.rule->table));
	finding_confirm(f, text("ip %srule", query.family == FAMILY_IP6 ? "-6 " : ""));
	confirm_route(f, &query);
	query.mark = x.final;
	confirm_route(f, &query);
}

const struct flow_finding find_overwritten_mark = { mark_overwritten, say_overwritten,
						    show_overwritten, true };
