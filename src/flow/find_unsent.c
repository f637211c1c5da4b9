/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * find_unsent.c - packets made here that passed OUTPUT and did not come to POSTROUTING
 *
 * They had a route before OUTPUT. A rule there that changes mark or destination has them routed
 * again (ip_route_me_harder() of net/ipv4/netfilter.c), and without a route, or with one that
 * refuses, the kernel drops them and tells the program that sent them, nobody else.
 */
#include "lost.h"

#include <inttypes.h>

/*
 * A gateway tells a client of the same wire to go there itself. NAT lets no such advice about a
 * translated connection out (nf_nat_icmp_reply_translation() of net/netfilter/nf_nat_proto.c),
 * and nobody misses it.
 */
static bool is_redirect(const struct header *pkt)
{
	const unsigned int redirect = pkt->family == FAMILY_IP6 ? 137 : 5;

	return (pkt->have & HEADER_ICMP) && pkt->icmp_type == redirect;
}

/* The newest packet of one direction that ended so, NULL if none did: its sample. */
static const struct packet *ended(const struct model *m, const struct flow *flow, bool back,
				  struct decision *d)
{
	const struct flow_path *fp = model_newest(m, flow, back);

	if (!fp || !fp->sample || !fp->sample->n_ends || is_redirect(&fp->sample->first))
		return NULL;
	model_decide_path(m, flow, fp, d);
	if (d->outcome == OUTCOME_LOST
		    ? d->lost_after != HOOK_OUTPUT
		    : d->reason != REASON_ROUTING_OR_RULE || d->at != HOOK_OUTPUT)
		return NULL;
	return fp->sample;
}

static const struct packet *unsent_as(const struct model *m, const struct flow_case *c,
				      struct decision *d)
{
	const struct packet *there = ended(m, c->flow, false, d);

	return there ? there : ended(m, c->flow, true, d);
}

static const struct packet *unsent(const struct model *m, const struct flow_case *c)
{
	struct decision d;

	return unsent_as(m, c, &d);
}

static bool is_unsent(const struct model *m, const struct flow_case *c)
{
	return c->view.state != FLOW_TWO_WAY && unsent(m, c);
}

/* What it asked the routes with, once OUTPUT had accepted it. */
static struct lost lost_at_output(const struct model *m, const struct flow_case *c,
				  const struct packet *p)
{
	const struct hop *last = &p->hops[p->n_hops - 1];
	struct endpoints to;
	bool known = new_destination(m, p, &to) != DST_NOT_KNOWN;

	return (struct lost){
		.m = m,
		.flow = c->flow,
		.now = evidence_now(m),
		.before = m->before,
		.packet = p,
		.query = { (enum family)p->first.family, to.src, to.dst, STR(""), last->mark },
		.six = p->first.family == FAMILY_IP6,
		.routed = known,
	};
}

/* The last rule of OUTPUT that it met, and that gave it a mark, or a destination. */
static const struct rule *rerouting_rule(const struct model *m, const struct packet *p)
{
	for (size_t i = p->n_hops; i-- > 0;) {
		const struct rule *rule = paths_meaning_at(m->paths, p->hops[i].step)->rule;

		if (rule && model_hop_hook(m, p, i) == HOOK_OUTPUT &&
		    ((rule->flags & RULE_SETS_MARK) || (rule->nat && !rule->nat->source)))
			return rule;
	}
	return NULL;
}

/* The mark that it had before OUTPUT, a socket's perhaps, is no reason to route it again. */
static bool mark_changed(const struct packet *p)
{
	return p->hops[0].mark != p->hops[p->n_hops - 1].mark;
}

static bool tos_changed(const struct packet *p)
{
	return p->hops[0].tos != p->hops[p->n_hops - 1].tos;
}

/* Without a rule set: what a rule of nat does at OUTPUT is to give another destination. */
static bool met_nat(const struct model *m, const struct packet *p)
{
	const struct step *last = paths_step_at(m->paths, p->hops[p->n_hops - 1].step);

	return last->kind == HOP_RULE &&
	       paths_table(m->paths, p->path, p->n_hops - 1u) == TABLE_NAT;
}

/* How it came to be routed again, as far as anything tells. */
static struct str changed_text(const struct model *m, const struct packet *p,
			       const struct rule *rule)
{
	uint32_t mark = p->hops[p->n_hops - 1].mark;

	if (mark_changed(p))
		return text("got mark 0x%" PRIx32 " at OUTPUT; routed again by that, ", mark);
	if (rule || tos_changed(p) || met_nat(m, p))
		return text("was changed by a rule at OUTPUT; routed again, ");
	return text("passed OUTPUT; ");
}

/* What ended it, where no evidence has its route. */
static const char *guess_text(const struct model *m, const struct packet *p,
			      const struct rule *rule, const struct decision *d)
{
	if (d->outcome == OUTCOME_UNKNOWN)
		return "it had no route or one that refuses, unless the last rule that it met "
		       "dropped it";
	return mark_changed(p) || tos_changed(p) || rule || met_nat(m, p)
		       ? "it most likely had no route, or one that refuses"
		       : "the kernel ended it, no rule did";
}

static struct str say_unsent(const struct model *m, const struct flow_case *c)
{
	struct decision d = { .stop = -1 };
	const struct packet *p = unsent_as(m, c, &d);
	const struct rule *rule = rerouting_rule(m, p);
	struct lost l = lost_at_output(m, c, p);
	struct str name = flow_name(c->flow), said = lost_refused(&l),
		   how = changed_text(m, p, rule);
	struct str s = text("%.*s: %s was made here and %.*s%.*s%s.", STR_ARG(name),
			    p->flags & PACKET_BACK ? "the answer" : "it", STR_ARG(how),
			    STR_ARG(said), said.n ? "" : guess_text(m, p, rule, &d));

	text_free(name);
	text_free(how);
	text_free(said);
	return s;
}

static void why_unsent(const struct model *m, const struct flow_case *c, struct finding *f)
{
	const struct packet *p = unsent(m, c);
	const struct rule *rule = rerouting_rule(m, p);
	struct lost l = lost_at_output(m, c, p);

	if (rule)
		finding_evidence(f,
				 text("%.*s %.*s rule %" PRIu32 ": %.*s",
				      STR_ARG(rule->chain->table->name), STR_ARG(rule->chain->name),
				      rule->number, STR_ARG(rule->text)));
	if (l.routed)
		confirm_route(f, &l.query);
	else if (rule)
		confirm_chain(m, f, rule->chain, l.query.family);
	else if (met_nat(m, p))
		confirm_list(f, iptables_tool(m, l.query.family), l.query.family, STR("nat"),
			     STR("OUTPUT"));
	finding_confirm(f, text("ip %srule", l.six ? "-6 " : ""));
}

const struct flow_finding find_unsent = { is_unsent, say_unsent, why_unsent };
