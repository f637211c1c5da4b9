/* SPDX-License-Identifier: GPL-2.0-or-later */
/* find_nat.c - findings about address translation */
#include "find_flow.h"

#include "nfhop/addr.h"

#define PRE  HOOK_BIT(HOOK_PREROUTING)
#define POST HOOK_BIT(HOOK_POSTROUTING)

/* struct net - a prefix that answers from the internet do not come to */
static const struct net {
	uint8_t bytes[16];
	unsigned int bits;
} private_nets[] = {
	{ { [10] = 0xff, 0xff, 10 }, 96 + 8 },	      /* RFC 1918 */
	{ { [10] = 0xff, 0xff, 172, 16 }, 96 + 12 },  /* RFC 1918 */
	{ { [10] = 0xff, 0xff, 192, 168 }, 96 + 16 }, /* RFC 1918 */
	{ { [10] = 0xff, 0xff, 100, 64 }, 96 + 10 },  /* RFC 6598 */
	{ { [10] = 0xff, 0xff, 169, 254 }, 96 + 16 }, /* RFC 3927 */
	{ { [10] = 0xff, 0xff, 127 }, 96 + 8 },	      /* RFC 1122 */
	{ { [10] = 0xff, 0xff, 224 }, 96 + 4 },	      /* multicast: nothing comes back */
	{ { 0xfc }, 7 },			      /* RFC 4193 */
	{ { 0xfe, 0x80 }, 10 },			      /* RFC 4291 */
	{ { 0xff }, 8 },
};

static bool in_net(const struct addr *a, const struct net *net)
{
	unsigned int whole = net->bits / 8, rest = net->bits % 8;

	/* most differ in the last byte: the IPv4 ones begin alike */
	return (!whole || a->b[whole - 1] == net->bytes[whole - 1]) &&
	       !memcmp(a->b, net->bytes, whole) &&
	       (!rest || !((a->b[whole] ^ net->bytes[whole]) >> (8 - rest)));
}

bool is_private(const struct addr *a)
{
	for (size_t i = 0; i < sizeof(private_nets) / sizeof(private_nets[0]); i++)
		if (in_net(a, &private_nets[i]))
			return true;
	return false;
}

/* A packet of the flow's first direction that was seen in nat there: retransmits are not. */
static const struct packet *seen_in_nat(const struct model *m, const struct flow_case *c,
					unsigned int hooks)
{
	for (uint32_t i = 0; i < c->flow->n_paths; i++) {
		const struct flow_path *fp = &c->flow->paths[i];

		if (!fp->back && fp->sample && nat_hop(m, fp->sample, hooks) >= 0)
			return fp->sample;
	}
	return NULL;
}

static bool ends_in_policy(const struct model *m, const struct packet *p, int hop)
{
	return hop >= 0 && paths_step_at(m->paths, p->hops[hop].step)->kind == HOP_POLICY;
}

#define JUMPS_FOLLOWED 4
#define SOURCE_RULES   64

/**
 * struct leaving - a packet that left, and the rules that might have translated its source
 * @hop: where it is held against them: its hop in nat if it has one (@in_nat), else its last
 * @chain: the chain of that hop, or the first nat chain that it meets; NULL if there is none
 */
struct leaving {
	const struct packet *p;
	size_t hop;
	bool in_nat;
	const struct chain *chain;
	const struct rule *rules[SOURCE_RULES];
	size_t n;
};

static void gather_rules(const struct model *m, struct leaving *l, const struct chain *chain,
			 unsigned int depth)
{
	for (uint32_t i = 0; i < chain->n_rules; i++) {
		const struct rule *rule = &chain->rules[i];

		if (rule->nat && rule->nat->source && l->n < SOURCE_RULES)
			l->rules[l->n++] = rule;
		else if (rule->to && depth < JUMPS_FOLLOWED &&
			 packet_rule_match(m, l->p, l->hop, rule, 0, NULL) != MATCH_NO)
			gather_rules(m, l, rule->to, depth + 1);
	}
}

static const struct packet *any_sample(const struct flow *flow)
{
	for (uint32_t i = 0; i < flow->n_paths; i++)
		if (!flow->paths[i].back && flow->paths[i].sample && flow->paths[i].sample->n_hops)
			return flow->paths[i].sample;
	return NULL;
}

static struct leaving leaving_of(const struct model *m, const struct flow_case *c)
{
	const struct packet *seen = seen_in_nat(m, c, POST);
	struct leaving l = { .p = seen ? seen : any_sample(c->flow), .in_nat = seen };
	const struct ruleset *rules = paths_rules(m->paths);
	struct chain_list list = { NULL, 0 };

	if (!l.p)
		return l;
	l.hop = seen ? (size_t)nat_hop(m, seen, POST) : l.p->n_hops - 1u;
	if (rules)
		list = ruleset_hook_chains(rules, (enum family)l.p->first.family, HOOK_POSTROUTING);
	if (seen)
		l.chain = base_chain(m, seen->path, l.hop);
	for (size_t i = 0; i < list.n; i++) {
		if (!is_nat_chain(list.at[i]))
			continue;
		l.chain = l.chain ? l.chain : list.at[i];
		gather_rules(m, &l, list.at[i], 0);
	}
	return l;
}

/* Files may hold a part of the rules; but then the first packet would have been seen in nat. */
static bool knows_nat(const struct model *m, const struct flow *flow, const struct leaving *l)
{
	return l->chain || m->n_sets || tcp_opens(flow->first_flags);
}

/* Answers from outside came in by that device for addresses that need translation elsewhere. */
static bool next_router_knows(const struct model *m, const struct flow *flow)
{
	const struct answers_seen *seen = answers_seen_by(&m->hosts[flow->scope], flow->oif[0]);

	return seen && seen->to_private;
}

/* A private source left towards a public address as it was, and no answer came. */
static bool left_untranslated(const struct model *m, const struct flow_case *c, struct leaving *l)
{
	const struct flow *flow = c->flow;
	const struct nat_target *to;

	if (c->view.decision.outcome != OUTCOME_FORWARDED || flow->nat_by != BY_NONE ||
	    flow->packets[1] || !is_private(&flow->there.ends.src) ||
	    is_private(&flow->left.ends.dst) || model_left_source(m, flow, &to) != LEFT_AS_IT_WAS)
		return false;
	if (next_router_knows(m, flow))
		return false;
	*l = leaving_of(m, c);
	return l->p && knows_nat(m, flow, l);
}

/* Does the rule not fit, and would it, were it not for what @but names? */
static bool fits_but(const struct model *m, const struct packet *p, size_t hop,
		     const struct rule *rule, unsigned int but)
{
	return packet_rule_match(m, p, hop, rule, 0, NULL) == MATCH_NO &&
	       packet_rule_match(m, p, hop, rule, but, NULL) != MATCH_NO;
}

/* A rule of nat POSTROUTING that translates sources and fits but for its interface. */
static const struct rule *rule_for_another_device(const struct model *m, const struct leaving *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (fits_but(m, l->p, l->hop, l->rules[i], BUT_OIF))
			return l->rules[i];
	return NULL;
}

/* Would a rule before it in its chain have taken the packet? */
static bool is_exempt(const struct model *m, const struct leaving *l, const struct rule *rule)
{
	for (uint32_t i = 0; i + 1 < rule->number && i < rule->chain->n_rules; i++) {
		const struct rule *before = &rule->chain->rules[i];

		if (!before->nat && before->verdict != VERDICT_NONE && !before->to &&
		    packet_rule_match(m, l->p, l->hop, before, 0, NULL) == MATCH_YES)
			return true;
	}
	return false;
}

/* A rule that all of the packet fits, and that did not translate it. */
static const struct rule *rule_that_fits(const struct model *m, const struct leaving *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (packet_rule_match(m, l->p, l->hop, l->rules[i], 0, NULL) == MATCH_YES &&
		    !is_exempt(m, l, l->rules[i]))
			return l->rules[i];
	return NULL;
}

/*
 * Such a rule, where no packet of the flow was seen in nat. Only the first of a connection asks it
 * (nf_nat_inet_fn() of net/netfilter/nf_nat_core.c): this one was made before that, or elsewhere.
 */
static const struct rule *rule_not_asked(const struct model *m, const struct flow_case *c,
					 const struct leaving *l)
{
	bool invalid = l->p->flags & PACKET_CT_INVALID;
	struct hop_view by;

	return l->in_nat || invalid || untracked_by(m, c->flow, false, &by) ? NULL
									    : rule_that_fits(m, l);
}

static bool snat_elsewhere(const struct model *m, const struct flow_case *c)
{
	struct leaving l;

	return paths_rules(m->paths) && left_untranslated(m, c, &l) && !rule_not_asked(m, c, &l) &&
	       rule_for_another_device(m, &l);
}

static bool lacks_snat(const struct model *m, const struct flow_case *c)
{
	struct leaving l;

	return left_untranslated(m, c, &l) &&
	       (rule_not_asked(m, c, &l) || !rule_for_another_device(m, &l));
}

static struct str say_not_asked(const struct model *m, const struct flow_case *c,
				const struct rule *rule)
{
	struct addr_text src = addr_text(&c->flow->there.ends.src);
	struct str oif = sym_text(m->syms, c->flow->oif[0]);

	return text("%s left by %.*s untranslated, though %.*s %.*s rule %u fits (%.*s): conntrack "
		    "has known this connection since before, when nothing translated it. Only a "
		    "connection's first packet asks the rules of nat; it goes on as it was until "
		    "conntrack forgets it.",
		    src.s, STR_ARG(oif), STR_ARG(rule->chain->table->name),
		    STR_ARG(rule->chain->name), rule->number, STR_ARG(rule->text));
}

static struct str say_no_snat(const struct model *m, const struct flow_case *c)
{
	struct leaving l = leaving_of(m, c);
	const struct rule *not_asked = rule_not_asked(m, c, &l);
	struct addr_text src = addr_text(&c->flow->there.ends.src);
	struct addr_text dst = addr_text(&c->flow->left.ends.dst);
	struct str oif = sym_text(m->syms, c->flow->oif[0]);
	struct str where, s;

	if (not_asked)
		return say_not_asked(m, c, not_asked);
	where = l.chain ? text("no rule of %.*s %.*s translated it", STR_ARG(l.chain->table->name),
			       STR_ARG(l.chain->name))
			: text("no rule translates it at POSTROUTING");
	s = text("%s left by %.*s towards %s with its private address: %.*s, so the "
		 "answer cannot come back, unless the next router knows a way to that "
		 "address.",
		 src.s, STR_ARG(oif), dst.s, STR_ARG(where));

	text_free(where);
	return s;
}

/* How it is known that nothing translated it. */
static struct str how_untranslated(const struct model *m, const struct leaving *l)
{
	const struct hop_meaning *at = paths_meaning_at(m->paths, l->p->hops[l->hop].step);

	if (!l->chain)
		return text("the rule set has no nat chain at POSTROUTING");
	if (!l->in_nat)
		return text("it was seen behind the nat chains with that source");
	if (at->rule)
		return text("its last hop in nat is %.*s rule %u: %.*s",
			    STR_ARG(at->rule->chain->name), at->rule->number,
			    STR_ARG(at->rule->text));
	return text("its hop in %.*s %.*s is the chain's policy", STR_ARG(l->chain->table->name),
		    STR_ARG(l->chain->name));
}

static void try_forgetting(const struct flow_case *c, struct finding *f)
{
	finding_evidence(f, text("no packet of it was seen in a chain of nat, and it was seen "
				 "behind them with that source"));
	confirm_conntrack(f, "L", c->flow);
	confirm_conntrack(f, "D", c->flow);
}

static void try_masquerade(const struct model *m, const struct flow_case *c, struct finding *f)
{
	struct leaving l = leaving_of(m, c);
	struct str suspect = early_suspect(m, c->flow);
	struct nat_wanted want = {
		.chain = l.chain,
		.first = l.in_nat && paths_meaning_at(m->paths, l.p->hops[l.hop].step)->rule,
		.oif = sym_text(m->syms, c->flow->oif[0]),
	};

	if (rule_not_asked(m, c, &l)) {
		text_free(suspect);
		try_forgetting(c, f);
		return;
	}
	if (suspect.n) { /* then the far side may well know the way back */
		f->severity = SEVERITY_WARNING;
		finding_evidence(f, suspect);
	}
	if (mark_overwritten(m, c)) /* it was to leave elsewhere */
		f->severity = SEVERITY_WARNING;
	finding_evidence(f, how_untranslated(m, &l));
	if (c->view.errors_untraced)
		finding_evidence(f, text("no answer came; an ICMP error would not be traced"));
	/* why the rules that translate sources did not fit */
	for (size_t i = 0; i < l.n; i++)
		finding_evidence(f, near_miss_text(m, l.p, l.hop, l.rules[i], l.chain));
	if (l.chain)
		confirm_chain(m, f, l.chain, (enum family)c->flow->there.family);
	if (!rule_that_fits(m, &l))
		confirm_masquerade(m, f, &want, c->flow);
}

const struct flow_finding find_no_snat = { lacks_snat, say_no_snat, try_masquerade, true };

static struct str say_wrong_interface(const struct model *m, const struct flow_case *c)
{
	struct leaving l = leaving_of(m, c);
	const struct rule *rule = rule_for_another_device(m, &l);
	struct addr_text src = addr_text(&c->flow->there.ends.src);
	struct str oif = sym_text(m->syms, c->flow->oif[0]);

	return text("%s left by %.*s untranslated: %.*s %.*s rule %u would translate it, but names "
		    "another interface (%.*s).",
		    src.s, STR_ARG(oif), STR_ARG(rule->chain->table->name),
		    STR_ARG(rule->chain->name), rule->number, STR_ARG(rule->text));
}

const struct flow_finding find_snat_wrong_interface = { snat_elsewhere, say_wrong_interface,
							try_masquerade, true };

/* A DNAT rule that was meant for the packet: only its interface or addresses do not fit. */
static const struct rule *dnat_passed_over(const struct model *m, const struct packet *p, int hop)
{
	const struct chain *chain = hop < 0 ? NULL
					    : paths_meaning_at(m->paths, p->hops[hop].step)->chain;

	for (uint32_t i = 0; chain && i < chain->n_rules; i++) {
		const struct rule *rule = &chain->rules[i];

		if (rule->nat && !rule->nat->source &&
		    fits_but(m, p, (size_t)hop, rule, BUT_IIF | BUT_ADDR))
			return rule;
	}
	return NULL;
}

/* A bridge's INPUT does not count: IP may send on what it hands up. */
static bool reaches_input(const struct model *m, const struct packet *p)
{
	for (uint16_t i = 0; i < p->n_hops; i++)
		if (paths_step_at(m->paths, p->hops[i].step)->hook == HOOK_INPUT &&
		    !(p->hops[i].have & HOP_PORTS))
			return true;
	return false;
}

static bool dnat_missed(const struct model *m, const struct flow_case *c)
{
	const struct packet *p = seen_in_nat(m, c, PRE);
	int hop = p ? nat_hop(m, p, PRE) : -1;

	return hop >= 0 && c->view.state != FLOW_TWO_WAY && ends_in_policy(m, p, hop) &&
	       reaches_input(m, p) && dnat_passed_over(m, p, hop);
}

static struct str say_dnat_missed(const struct model *m, const struct flow_case *c)
{
	const struct packet *p = seen_in_nat(m, c, PRE);
	const struct rule *rule = dnat_passed_over(m, p, nat_hop(m, p, PRE));
	struct str name = flow_name(c->flow), s;

	s = text("%.*s went to this host itself: no DNAT rule of %.*s %.*s fitted it.",
		 STR_ARG(name), STR_ARG(rule->chain->table->name), STR_ARG(rule->chain->name));
	text_free(name);
	return s;
}

static void dnat_near_miss(const struct model *m, const struct flow_case *c, struct finding *f)
{
	const struct packet *p = seen_in_nat(m, c, PRE);
	int hop = nat_hop(m, p, PRE);
	const struct rule *rule = dnat_passed_over(m, p, hop);

	finding_evidence(f, near_miss_text(m, p, (size_t)hop, rule, rule->chain));
	confirm_chain(m, f, rule->chain, (enum family)c->flow->there.family);
}

const struct flow_finding find_dnat_not_applied = { dnat_missed, say_dnat_missed, dnat_near_miss };

/* Turned back out of the device it came in by, with its source as it was. */
static bool turns_back(const struct model *m, const struct flow_case *c)
{
	const struct packet *p = seen_in_nat(m, c, POST);
	const struct flow *flow = c->flow;

	return p && flow->iif[0] && flow->iif[0] == flow->oif[0] &&
	       memcmp(&flow->there.ends.dst, &flow->left.ends.dst, sizeof(struct addr)) &&
	       !memcmp(&flow->there.ends.src, &flow->left.ends.src, sizeof(struct addr)) &&
	       flow->nat_by == BY_TRACE && c->view.state != FLOW_TWO_WAY &&
	       ends_in_policy(m, p, nat_hop(m, p, POST));
}

static struct str say_hairpin(const struct model *m, const struct flow_case *c)
{
	struct str oif = sym_text(m->syms, c->flow->oif[0]);
	struct addr_text to = addr_text(&c->flow->left.ends.dst);

	return text(
		"DNAT sends it to %s, back out of %.*s where it came from, with its source as it "
		"was: the answer goes straight to the client, which does not know it.",
		to.s, STR_ARG(oif));
}

static void try_hairpin(const struct model *m, const struct flow_case *c, struct finding *f)
{
	struct leaving l = leaving_of(m, c);
	struct nat_wanted want = { .chain = l.chain, .oif = sym_text(m->syms, c->flow->oif[0]) };

	confirm_masquerade(m, f, &want, c->flow);
}

const struct flow_finding find_hairpin = { turns_back, say_hairpin, try_hairpin, true };
