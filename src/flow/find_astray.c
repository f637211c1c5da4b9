/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * find_astray.c - answers that leave by another device than their request came in by
 *
 * That may be wanted, and whoever goes on from the answer has got it. Else it most often means
 * that a route by mark or by source, meant for answers, is not taken: the mark is the
 * connection's, and nothing gives it to the packet before it is routed. A RST or an ICMP error is
 * an answer, too: who does not get it waits where he should have been told.
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

/* Who sends packets that are too big for a link goes on with them until he is told. */
static bool is_too_big(const struct flow *flow)
{
	return flow->mtu && !flow->mtu_back;
}

static bool is_loopback(const struct model *m, sym_t device)
{
	return str_eq(sym_text(m->syms, device), STR("lo"));
}

static bool leaves_elsewhere(const struct model *m, const struct flow *flow, struct astray *a)
{
	const struct flow_path *there = model_newest(m, flow, false);
	struct decision d;

	if (!there || !there->sample || !a->path->sample)
		return false;
	a->in = first_in(m, there->sample);
	a->out = last_out(m, a->path->sample);
	if (!a->in || !a->out || a->in == a->out || is_loopback(m, a->in) || is_loopback(m, a->out))
		return false;
	model_decide_path(m, flow, a->path, &d);
	return outcome_passes(d.outcome);
}

/* The newest packets back that are refusals, or are none. */
static const struct flow_path *newest_back(const struct flow *flow, bool refusal)
{
	const struct flow_path *newest = NULL;

	for (uint32_t i = 0; i < flow->n_paths; i++) {
		const struct flow_path *fp = &flow->paths[i];

		if (fp->back && !(fp->flags & PACKET_ERROR) == !refusal &&
		    (!newest || stamp_age(&fp->last, &newest->last) >= 0))
			newest = fp;
	}
	return newest;
}

bool answer_astray(const struct model *m, const struct flow *flow, enum flow_state state,
		   struct astray *a)
{
	bool refused = state == FLOW_TWO_WAY || state == FLOW_REFUSED || state == FLOW_STOPPED;
	bool missed = may_have_missed_it(flow);

	if (!refused || !flow->iif[0] || !flow->packets[1] || model_left_out(m))
		return false;
	*a = (struct astray){ .refusal = false };
	if (missed && state == FLOW_TWO_WAY)
		a->path = newest_back(flow, false);
	if (a->path && leaves_elsewhere(m, flow, a))
		return true;
	*a = (struct astray){ .refusal = true };
	if (missed || is_too_big(flow))
		a->path = newest_back(flow, true);
	return a->path && leaves_elsewhere(m, flow, a);
}

static bool is_astray(const struct model *m, const struct flow_case *c)
{
	(void)m;
	return c->view.astray;
}

/* "the answer", "the RST", "the ICMP port-unreachable" */
static struct str name_of(const struct astray *a)
{
	char kind[64];

	if (!a->refusal)
		return text("the answer");
	return text("the %.*s", STR_ARG(refusal_kind(a->path->sample, kind, sizeof(kind))));
}

/* The client sent the same SYN once more, after that. */
static bool asks_again(const struct flow *flow, const struct astray *a)
{
	return flow->same_syns > 1 &&
	       stamp_age(&flow->paths[flow->newest[0]].last, &a->path->first) > 0;
}

static const char *did_it_arrive(const struct flow *flow, const struct astray *a)
{
	if (!asks_again(flow, a))
		return "nothing shows that it arrived: that way may be wanted, or it lacks the "
		       "route that is meant for it.";
	if (a->refusal) /* Windows sends its SYN three times for all that */
		return "the client asks again: that way may not reach it, though some ask again "
		       "when they are refused.";
	return "the client asks again: that way it does not reach it, most likely.";
}

static struct str say_astray(const struct model *m, const struct flow_case *c)
{
	struct str name = flow_name(c->flow), what, s;
	struct astray a;

	answer_astray(m, c->flow, c->view.state, &a);
	what = name_of(&a);
	s = text("%.*s: the request came in by %.*s, %.*s%s left by %.*s, and %s", STR_ARG(name),
		 STR_ARG(sym_text(m->syms, a.in)), STR_ARG(what), a.refusal ? " to it" : "",
		 STR_ARG(sym_text(m->syms, a.out)), did_it_arrive(c->flow, &a));
	text_free(what);
	text_free(name);
	return s;
}

/* The rule that a packet met, and that does one of @flags. */
static const struct rule *rule_met(const struct model *m, const struct packet *p, uint32_t flags)
{
	for (size_t i = 0; i < p->n_hops; i++) {
		const struct rule *rule = paths_meaning_at(m->paths, p->hops[i].step)->rule;

		if (rule && (rule->flags & flags))
			return rule;
	}
	return NULL;
}

static const struct rule *saved_by(const struct model *m, const struct flow *flow)
{
	const struct rule *rule = NULL;

	for (uint32_t i = 0; i < flow->n_paths && !rule; i++)
		if (!flow->paths[i].back && flow->paths[i].sample)
			rule = rule_met(m, flow->paths[i].sample, RULE_SAVES_MARK);
	return rule;
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
	const struct rule *saved = saved_by(m, flow);

	if (saved)
		finding_evidence(
			f, text("%.*s %.*s rule %" PRIu32 " gave the connection a mark: %.*s",
				STR_ARG(saved->chain->table->name), STR_ARG(saved->chain->name),
				saved->number, STR_ARG(saved->text)));
	if (rule_met(m, back, RULE_RESTORES_MARK))
		return;
	if (!why_not_restored(m, back, f) && saved)
		finding_evidence(f, text("no rule that the answer came to gave it to the packet"));
}

/*
 * icmp_send() of net/ipv4/icmp.c: of an error about what is not for this host itself the route
 * chooses the source.
 */
static bool source_by_route(const struct model *m, const struct flow *flow, const struct astray *a)
{
	const struct packet *p = a->path->sample;
	struct refusal r = model_refusal_of(m, flow, a->path);

	return a->refusal && r.by == REFUSED_HERE && p->has_quoted &&
	       p->first.family == FAMILY_IP &&
	       memcmp(&p->first.src, &flow->left.ends.dst, sizeof(p->first.src));
}

/* What the answer asked the routes with. */
static struct route_query asked(const struct model *m, const struct flow *flow,
				const struct astray *a)
{
	static const struct addr none = { { [10] = 0xff, 0xff } }; /* 0.0.0.0 */
	const struct packet *p = a->path->sample;
	struct route_query query = {
		.family = (enum family)p->first.family,
		.src = source_by_route(m, flow, a) ? none : p->ends[0].src,
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
	const struct evidence *e = evidence_now(m);

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

/* IP4_REPLY_MARK() of net/ip.h: a refusal made here has no mark, unless it is told to have one. */
static void say_reflected(const struct flow_case *c, const struct astray *a,
			  const struct route_query *query, struct finding *f)
{
	const struct hop *last = &c->there->hops[c->there->n_hops - 1];
	const char *version = query->family == FAMILY_IP6 ? "ipv6" : "ipv4";

	if (!a->refusal || query->iif.n || query->mark || !last->mark)
		return;
	finding_evidence(f, text("the request had mark 0x%" PRIx32 ": only with "
				 "net.%s.fwmark_reflect=1 does what refuses it here get that",
				 last->mark, version));
	finding_confirm(f, text("sysctl net.%s.fwmark_reflect", version));
}

static void why_astray(const struct model *m, const struct flow_case *c, struct finding *f)
{
	struct route_query query;
	struct astray a;
	struct str what;

	answer_astray(m, c->flow, c->view.state, &a);
	query = asked(m, c->flow, &a);
	what = name_of(&a);
	finding_packet(f, a.path->sample);
	finding_evidence(f, query.mark ? text("%.*s was routed with mark 0x%" PRIx32, STR_ARG(what),
					      query.mark)
				       : text("%.*s was routed without a mark", STR_ARG(what)));
	text_free(what);
	say_marks(m, c->flow, a.path->sample, f);
	say_reflected(c, &a, &query, f);
	say_routes(m, &query, sym_text(m->syms, a.in), f);
	if (source_by_route(m, c->flow, &a))
		finding_evidence(f, text("its source was chosen by that route, as it is about what "
					 "was for another host: a route for its source needs "
					 "net.ipv4.icmp_errors_use_inbound_ifaddr=1"));
	finding_confirm(f, text("ip %srule", query.family == FAMILY_IP6 ? "-6 " : ""));
	confirm_route(f, &query);
	finding_confirm(f, text("tcpdump -ni %.*s host %s", STR_ARG(sym_text(m->syms, a.out)),
				addr_text(&query.dst).s));
}

const struct flow_finding find_astray = { is_astray, say_astray, why_astray };
