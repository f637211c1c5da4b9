/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * find_astray.c - answers that leave by another device than their request came in by
 *
 * That may be wanted, and whoever goes on from the answer has got it. Else it most often means
 * that a route by mark or by source, meant for answers, is not taken: the mark is the
 * connection's, and nothing gives it to the packet before it is routed.
 */
#include "find_flow.h"

#include <inttypes.h>

#include "nfhop/addr.h"

#define IP_HOOKS                                                                                   \
	(HOOK_BIT(HOOK_PREROUTING) | HOOK_BIT(HOOK_INPUT) | HOOK_BIT(HOOK_FORWARD) |               \
	 HOOK_BIT(HOOK_OUTPUT) | HOOK_BIT(HOOK_POSTROUTING))

/* Below IP the devices are a bridge's ports. */
static bool is_at_ip(const struct model *m, const struct packet *p, size_t i)
{
	const struct step *s = paths_step_at(m->paths, p->hops[i].step);

	return (s->family == FAMILY_IP || s->family == FAMILY_IP6 || s->family == FAMILY_INET) &&
	       (HOOK_BIT(s->hook) & IP_HOOKS);
}

static sym_t first_in(const struct model *m, const struct packet *p)
{
	for (size_t i = 0; i < p->n_hops; i++)
		if (is_at_ip(m, p, i) && p->hops[i].iif)
			return p->hops[i].iif;
	return 0;
}

static sym_t last_out(const struct model *m, const struct packet *p)
{
	for (size_t i = p->n_hops; i-- > 0;)
		if (is_at_ip(m, p, i) && p->hops[i].oif)
			return p->hops[i].oif;
	return 0;
}

/* Of others than TCP nothing tells whether they got the answer; nor where the SYN was not seen. */
static bool may_have_missed_it(const struct flow *flow)
{
	return flow->there.proto != 6 || (flow->syns && flow->packets[0] == flow->syns);
}

static bool is_loopback(const struct model *m, sym_t device)
{
	return str_eq(sym_text(m->syms, device), STR("lo"));
}

bool answer_astray(const struct model *m, const struct flow *flow, sym_t *in, sym_t *out)
{
	const struct packet *there = flow_newest(flow, 0), *back = flow_newest(flow, 1);
	struct decision d;

	if (!there || !back || flow->iif[0] == flow->oif[1] || !may_have_missed_it(flow) ||
	    (flow->paths[flow->newest[1]].flags & PACKET_ERROR) || model_left_out(m))
		return false;
	*in = first_in(m, there);
	*out = last_out(m, back);
	model_decide_path(m, flow, &flow->paths[flow->newest[1]], &d);
	return *in && *out && *in != *out && !is_loopback(m, *in) && !is_loopback(m, *out) &&
	       outcome_passes(d.outcome);
}

static bool leaves_elsewhere(const struct model *m, const struct flow_case *c)
{
	(void)m;
	return c->view.astray;
}

static struct str say_astray(const struct model *m, const struct flow_case *c)
{
	struct str name = flow_name(c->flow), s;
	sym_t in = 0, out = 0;

	answer_astray(m, c->flow, &in, &out);
	s = text("%.*s: the request came in by %.*s, the answer left by %.*s, and %s",
		 STR_ARG(name), STR_ARG(sym_text(m->syms, in)), STR_ARG(sym_text(m->syms, out)),
		 c->flow->same_syns > 1 ? "the client asks again: that way it does not reach it, "
					  "most likely."
					: "nothing shows that it arrived: that way may be wanted, "
					  "or it lacks the route that is meant for it.");
	text_free(name);
	return s;
}

/* The rule that a packet of that direction met, and that does one of @flags. */
static const struct rule *rule_met(const struct model *m, const struct flow *flow, bool back,
				   uint32_t flags)
{
	for (uint32_t i = 0; i < flow->n_paths; i++) {
		const struct packet *p = flow->paths[i].sample;

		for (size_t k = 0; p && flow->paths[i].back == back && k < p->n_hops; k++) {
			const struct rule *rule = paths_meaning_at(m->paths, p->hops[k].step)->rule;

			if (rule && (rule->flags & flags))
				return rule;
		}
	}
	return NULL;
}

/* Why the rules that restore marks, in chains that the answer came to, did not. */
static bool why_not_restored(const struct model *m, const struct packet *p, struct finding *f)
{
	const struct chain *seen = NULL;
	bool any = false;

	for (size_t i = p->n_hops; i-- > 0;) {
		const struct chain *c = paths_meaning_at(m->paths, p->hops[i].step)->chain;

		for (uint32_t k = 0; c && c != seen && k < c->n_rules; k++) {
			if (!(c->rules[k].flags & RULE_RESTORES_MARK))
				continue;
			finding_evidence(f, near_miss_text(m, p, i, &c->rules[k], NULL));
			any = true;
		}
		seen = c ? c : seen;
	}
	return any;
}

static void say_marks(const struct model *m, const struct flow *flow, const struct packet *back,
		      struct finding *f)
{
	const struct rule *saved = rule_met(m, flow, false, RULE_SAVES_MARK);

	if (saved)
		finding_evidence(
			f, text("%.*s %.*s rule %" PRIu32 " gave the connection a mark: %.*s",
				STR_ARG(saved->chain->table->name), STR_ARG(saved->chain->name),
				saved->number, STR_ARG(saved->text)));
	if (rule_met(m, flow, true, RULE_RESTORES_MARK))
		return;
	if (!why_not_restored(m, back, f) && saved)
		finding_evidence(f, text("no rule that the answer came to gave it to the packet"));
}

/* What the answer asked the routes with. */
static struct route_query asked(const struct model *m, const struct packet *p)
{
	struct route_query query = {
		.family = (enum family)p->first.family,
		.src = p->ends[0].src,
		.dst = p->ends[p->n_ends - 1].dst,
		.iif = sym_text(m->syms, first_in(m, p)),
	};

	for (size_t i = 0; i < p->n_hops; i++) {
		enum hook hook = model_hop_hook(m, p, i);

		if (hook == HOOK_PREROUTING || hook == HOOK_OUTPUT)
			query.mark = p->hops[i].mark;
	}
	return query;
}

/* A rule of policy routing that would have sent it back where the request came from. */
static void say_routes(const struct model *m, const struct route_query *query, struct str in,
		       struct finding *f)
{
	const struct evidence *e = m->after ? m->after : m->before;

	for (size_t i = 0; e && i < e->n_rules; i++) {
		const struct evidence_rule *rule = &e->rules[i];
		const struct evidence_route *route;
		struct route_query other = *query;

		other.mark = rule->mark;
		if (!rule->mask || rule->mark == query->mark ||
		    evidence_route_find(e, &other, &route) != ROUTE_ANSWER_FOUND ||
		    !str_eq(route->device, in))
			continue;
		finding_evidence(f, text("with mark 0x%" PRIx32 " it would leave by %.*s (ip rule, "
					 "table %" PRIu32 ")",
					 rule->mark, STR_ARG(in), rule->table));
		return;
	}
	finding_evidence(f, text("an answer goes back that way by a route for its source, or for a "
				 "mark that it has when it is routed"));
}

static void why_astray(const struct model *m, const struct flow_case *c, struct finding *f)
{
	struct route_query query = asked(m, c->back);
	sym_t in = 0, out = 0;

	answer_astray(m, c->flow, &in, &out);
	finding_evidence(f, query.mark
				    ? text("the answer was routed with mark 0x%" PRIx32, query.mark)
				    : text("the answer was routed without a mark"));
	say_marks(m, c->flow, c->back, f);
	say_routes(m, &query, sym_text(m->syms, in), f);
	finding_confirm(f, text("ip %srule", query.family == FAMILY_IP6 ? "-6 " : ""));
	confirm_route(f, &query);
	finding_confirm(f, text("tcpdump -ni %.*s host %s", STR_ARG(sym_text(m->syms, out)),
				addr_text(&query.dst).s));
}

const struct flow_finding find_astray = { leaves_elsewhere, say_astray, why_astray };
