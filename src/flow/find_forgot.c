/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * find_forgot.c - connections that conntrack no longer knew
 *
 * Packets of a flow passed by a rule that asks for ESTABLISHED, later ones of the same direction
 * were held against it and did not fit, for nothing but their state: then the entry was gone. TCP's
 * next packet is taken for NEW (nf_conntrack_tcp_loose), without a SYN, and the rules refuse that.
 * Where nf_conntrack_tcp_loose is 0 it is INVALID instead. So is a packet outside of the window of
 * a connection that is known; but of such a one not all that comes is invalid. FINs and RSTs that
 * are tell nothing: behind the end of a connection, they are in any case (tcp_new() of
 * nf_conntrack_proto_tcp.c, Linux 6.18).
 */
#include "find_flow.h"

#include <inttypes.h>
#include <stdio.h>

#define PLACE	  256
#define MANY	  3  /* so often, a sender that gets no answer tries again */
#define PATHS_MAX 64 /* each is held against each: of a flow with more, nothing is said */

/**
 * struct forgot - how a flow shows it
 * @invalid: they were taken for INVALID
 * @knew: the path by the rule that asks for ESTABLISHED, at its hop @at; @later: that of the
 *packets that the rule no longer took, stopped at its hop @stop
 */
struct forgot {
	const struct flow_path *knew, *later;
	size_t at, stop;
	bool invalid;
};

/* Does the rule at that hop accept what is ESTABLISHED, and nothing that is not known yet? */
static bool asks_established(const struct model *m, uint32_t path, size_t i)
{
	struct path_hop hop = paths_hop(m->paths, path, i);
	const struct rule *rule = hop.meaning->rule;
	unsigned int states;

	if (hop.verdict != VERDICT_ACCEPT || hop.step->kind != HOP_RULE)
		return false;
	if (!rule) { /* nft's trace has its text: nothing but that, so nothing else can have failed
		      */
		struct str s = sym_text(m->syms, hop.step->text);

		return (str_eq(s, STR("ct state established,related accept")) ||
			str_eq(s, STR("ct state established accept")));
	}
	states = rule_ct_states(rule, hop.verdict);
	return (states & CT_ESTABLISHED) &&
	       !(states & ~(unsigned int)(CT_ESTABLISHED | CT_RELATED));
}

/* Was the packet that ended at hop @stop held against the rule at @x->at, in vain for its state? */
static bool failed_it(const struct model *m, const struct forgot *x)
{
	struct path_hop was = paths_hop(m->paths, x->knew->path, x->at);
	struct path_hop end = paths_hop(m->paths, x->later->path, x->stop);

	if (was.meaning->rule)
		return end.step->generation == was.step->generation &&
		       failed_by_state(m, x->later->sample, x->stop, was.meaning->rule);
	return end.step->kind == HOP_POLICY && end.step->table == was.step->table &&
	       end.step->chain == was.step->chain && end.step->family == was.step->family;
}

/* Came the packets of @b behind those of @a? Without a clock, the first ones tell. */
static bool came_later(const struct flow_path *a, const struct flow_path *b)
{
	return a->sample && b->sample && b->sample->no > a->sample->no &&
	       stamp_age(&b->first, &a->last) >= 0;
}

/* Did it end at a rule that takes packets only if they are invalid, and can that be why? */
static bool is_invalid(const struct model *m, const struct flow *flow, const struct forgot *x)
{
	const struct evidence *e = evidence_now(m);

	return flow->there.proto == 6 && !(e && e->tcp_loose == SWITCH_ON) &&
	       x->stop == taken_for_invalid(m, x->later->path);
}

/*
 * Did a packet of either side pass behind the first one of @later? Without a clock that is known of
 * the newest one of its own side alone.
 */
static bool one_passed_since(const struct model *m, const struct flow *flow,
			     const struct flow_path *later)
{
	const struct flow_path *newest = &flow->paths[flow->newest[later->back]];
	for (uint32_t i = 0; i < flow->n_paths; i++) {
		const struct flow_path *fp = &flow->paths[i];
		struct decision d;

		if (fp == later || (fp != newest && came_later(fp, later)))
			continue;
		model_decide_path(m, flow, fp, &d);
		if (!outcome_stops(d.outcome))
			return true;
	}
	return false;
}

/* A SYN begins anew; a FIN or RST may come late, when all is over. */
static bool goes_on(const struct packet *p)
{
	const unsigned int mask = TCP_SYN | TCP_FIN | TCP_RST;

	return !(p->flags & PACKET_ERROR) &&
	       !((p->first.have & HEADER_FLAGS) && (p->first.tcp_flags & mask));
}

static bool knew_by(const struct model *m, struct forgot *x)
{
	size_t n = paths_length(m->paths, x->knew->path);

	for (x->at = 0; x->at < n; x->at++)
		if (asks_established(m, x->knew->path, x->at) && (x->invalid || failed_it(m, x)))
			return true;
	return false;
}

static bool find_knew(const struct model *m, const struct flow *flow, struct forgot *x)
{
	for (uint32_t i = 0; i < flow->n_paths; i++) {
		x->knew = &flow->paths[i];
		if (x->knew->back == x->later->back && came_later(x->knew, x->later) &&
		    knew_by(m, x))
			return true;
	}
	return false;
}

/* Were the packets that took @x->later no longer taken? */
static bool find_before(const struct model *m, const struct flow *flow, struct forgot *x)
{
	struct decision d;

	if (!x->later->sample || !goes_on(x->later->sample) || !model_path_shown(m, flow, x->later))
		return false;
	model_decide_path(m, flow, x->later, &d);
	if (!outcome_stops(d.outcome) || d.stop < 0)
		return false;
	x->stop = (size_t)d.stop;
	x->invalid = is_invalid(m, flow, x);
	if (x->invalid && (x->later->packets < MANY || one_passed_since(m, flow, x->later)))
		return false;
	return find_knew(m, flow, x);
}

static bool find_forgot(const struct model *m, const struct flow *flow, struct forgot *x)
{
	for (uint32_t i = 0; i < flow->n_paths; i++) {
		x->later = &flow->paths[i];
		if (find_before(m, flow, x))
			return true;
	}
	return false;
}

static bool is_forgotten(const struct model *m, const struct flow_case *c)
{
	struct forgot x;

	return c->flow->n_paths > 1 && c->flow->n_paths <= PATHS_MAX && find_forgot(m, c->flow, &x);
}

/* Are connections that it does not know all that conntrack calls invalid again and again? */
static bool is_sure(const struct model *m)
{
	const struct evidence *e = evidence_now(m);

	return e && e->tcp_loose == SWITCH_OFF;
}

bool was_forgotten(const struct model *m, const struct flow *flow, const struct flow_path *fp,
		   bool *sure)
{
	struct forgot x = { .later = fp };

	*sure = is_sure(m);
	return flow->n_paths <= PATHS_MAX && find_before(m, flow, &x) && x.invalid;
}

static struct str say_forgotten(const struct model *m, const struct flow_case *c)
{
	struct str name = flow_name(c->flow), s;
	struct hop_view hop;
	char place[PLACE];
	struct forgot x;

	find_forgot(m, c->flow, &x);
	model_path_hop(m, c->flow, x.knew->path, x.at, &hop);
	hop_place(&hop, place, sizeof(place));
	s = text("%.*s: %s took packets of it as established, later ones of the same direction "
		 "%s: %s conntrack had forgotten the connection (it was quiet longer "
		 "than the timeout, or the table was flushed, full or made anew)%s.",
		 STR_ARG(name), place, x.invalid ? "were invalid" : "no longer",
		 x.invalid && !is_sure(m) ? "perhaps" : "most likely",
		 !x.invalid   ? ""
		 : is_sure(m) ? " and takes up none whose beginning it did not see "
				"(nf_conntrack_tcp_loose is 0)"
			      : ", if nf_conntrack_tcp_loose is 0; else their sequence lies "
				"outside of the window");
	text_free(name);
	return s;
}

/* How long none of it had been seen when the first one came that did not fit; 0: not known */
static int64_t quiet_before(const struct flow *flow, const struct forgot *x)
{
	int64_t quiet = stamp_age(&x->later->first, &x->knew->last);

	for (uint32_t i = 0; i < flow->n_paths; i++) {
		int64_t age = stamp_age(&x->later->first, &flow->paths[i].last);

		quiet = age >= 0 && age < quiet ? age : quiet;
	}
	return quiet;
}

static const char *timeout_of(const struct flow *flow)
{
	switch (flow->there.known ? flow->there.proto : 0) {
	case 6:
		return "net.netfilter.nf_conntrack_tcp_timeout_established";
	case 17:
		return "net.netfilter.nf_conntrack_udp_timeout_stream";
	default:
		return "net.netfilter.nf_conntrack_generic_timeout";
	}
}

static void show_forgotten(const struct model *m, const struct flow_case *c, struct finding *f)
{
	const struct flow *flow = c->flow;
	char place[PLACE], quiet[64] = "";
	struct hop_view hop;
	struct forgot x;
	int64_t ns;

	find_forgot(m, flow, &x);
	ns = quiet_before(flow, &x);
	if (ns >= 100000000)
		snprintf(quiet, sizeof(quiet), ", after %.1f s without a packet of it,",
			 (double)ns / 1e9);
	model_path_hop(m, flow, x.later->path, x.stop, &hop);
	hop_place(&hop, place, sizeof(place));
	finding_packet(f, x.knew->sample);
	finding_packet(f, x.later->sample);
	finding_evidence(f,
			 text("%s packet%s %s it took; from packet %" PRIu64 " on%s %s stopped %s",
			      number_text(x.knew->packets).s, plural(x.knew->packets),
			      x.later->back ? "back" : "there", x.later->sample->no, quiet, place,
			      number_text(x.later->packets).s));
	if (flow_opener_known(flow))
		confirm_conntrack(f, "L", flow);
	finding_confirm(f, text("sysctl %s%s", timeout_of(flow),
				x.invalid ? " net.netfilter.nf_conntrack_tcp_loose" : ""));
}

static uint32_t stopped_since(struct model *m, const struct flow_case *c)
{
	uint32_t stop = 0, at;

	for (uint32_t i = 0; i < c->flow->n_paths; i++) {
		struct forgot x = { .later = &c->flow->paths[i] };

		at = find_before(m, c->flow, &x) ? stop_explained(m, c->flow, x.later) : 0;
		stop = at ? at : stop;
	}
	return stop;
}

const struct flow_finding find_forgotten = { is_forgotten, say_forgotten, show_forgotten, false,
					     stopped_since };
