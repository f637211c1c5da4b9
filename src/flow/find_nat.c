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

	return !memcmp(a->b, net->bytes, whole) &&
	       (!rest || !((a->b[whole] ^ net->bytes[whole]) >> (8 - rest)));
}

static bool is_private(const struct addr *a)
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

/* A private source left towards a public address as it was. */
static bool left_untranslated(const struct model *m, const struct flow_case *c)
{
	const struct packet *p = seen_in_nat(m, c, POST);
	const struct flow *flow = c->flow;

	return p && c->view.decision.outcome == OUTCOME_FORWARDED && flow->nat_by == BY_NONE &&
	       c->view.state != FLOW_TWO_WAY && is_private(&flow->there.ends.src) &&
	       !is_private(&flow->left.ends.dst) && ends_in_policy(m, p, nat_hop(m, p, POST));
}

/* Does the rule not fit, and would it, were it not for what @but names? */
static bool fits_but(const struct model *m, const struct packet *p, size_t hop,
		     const struct rule *rule, unsigned int but)
{
	return packet_rule_match(m, p, hop, rule, 0, NULL) == MATCH_NO &&
	       packet_rule_match(m, p, hop, rule, but, NULL) != MATCH_NO;
}

/* A rule of nat POSTROUTING that translates sources and fits but for its interface. */
static const struct rule *rule_for_another_device(const struct model *m, const struct flow_case *c)
{
	const struct packet *p = seen_in_nat(m, c, POST);
	int hop = nat_hop(m, p, POST);
	const struct chain *chain = paths_meaning_at(m->paths, p->hops[hop].step)->chain;

	for (uint32_t i = 0; chain && i < chain->n_rules; i++) {
		const struct rule *rule = &chain->rules[i];

		if (rule->nat && rule->nat->source && fits_but(m, p, (size_t)hop, rule, BUT_OIF))
			return rule;
	}
	return NULL;
}

static bool lacks_snat(const struct model *m, const struct flow_case *c)
{
	return left_untranslated(m, c) && !rule_for_another_device(m, c);
}

static struct str say_no_snat(const struct model *m, const struct flow_case *c)
{
	struct addr_text src = addr_text(&c->flow->there.ends.src);
	struct addr_text dst = addr_text(&c->flow->left.ends.dst);
	struct str oif = sym_text(m->syms, c->flow->oif[0]);

	return text(
		"%s left by %.*s towards %s with its private address: no rule of nat "
		"POSTROUTING translated it, so the answer cannot come back, unless the next router "
		"knows a way to that address.",
		src.s, STR_ARG(oif), dst.s);
}

/* Why the rules that translate sources did not fit. */
static void snat_near_misses(const struct model *m, const struct packet *p, struct finding *f)
{
	int hop = nat_hop(m, p, POST);
	const struct chain *chain = paths_meaning_at(m->paths, p->hops[hop].step)->chain;

	for (uint32_t i = 0; chain && i < chain->n_rules; i++)
		if (chain->rules[i].nat && chain->rules[i].nat->source)
			finding_evidence(f, near_miss_text(m, p, (size_t)hop, &chain->rules[i]));
}

static void try_masquerade(const struct model *m, const struct flow_case *c, struct finding *f)
{
	struct str oif = sym_text(m->syms, c->flow->oif[0]);

	finding_evidence(f, text("its hop in nat POSTROUTING is the chain's policy"));
	snat_near_misses(m, seen_in_nat(m, c, POST), f);
	finding_confirm(f, text("%s -t nat -L POSTROUTING -n -v --line-numbers",
				iptables_tool(m, FAMILY_IP)));
	finding_confirm(f, text("%s -t nat -A POSTROUTING -o %.*s -j MASQUERADE",
				iptables_tool(m, FAMILY_IP), STR_ARG(oif)));
}

const struct flow_finding find_no_snat = { lacks_snat, say_no_snat, try_masquerade };

static bool snat_elsewhere(const struct model *m, const struct flow_case *c)
{
	return left_untranslated(m, c) && rule_for_another_device(m, c);
}

static struct str say_wrong_interface(const struct model *m, const struct flow_case *c)
{
	const struct rule *rule = rule_for_another_device(m, c);
	struct addr_text src = addr_text(&c->flow->there.ends.src);
	struct str oif = sym_text(m->syms, c->flow->oif[0]);

	return text("%s left by %.*s untranslated: nat POSTROUTING rule %u would translate it, but "
		    "names another interface (%.*s).",
		    src.s, STR_ARG(oif), rule->number, STR_ARG(rule->text));
}

const struct flow_finding find_snat_wrong_interface = { snat_elsewhere, say_wrong_interface,
							try_masquerade };

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

static bool reaches_input(const struct model *m, const struct packet *p)
{
	for (uint16_t i = 0; i < p->n_hops; i++)
		if (paths_step_at(m->paths, p->hops[i].step)->hook == HOOK_INPUT)
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
	struct str name = flow_name(c->flow), s;

	(void)m;
	s = text("%.*s went to this host itself: no DNAT rule of nat PREROUTING fitted it.",
		 STR_ARG(name));
	text_free(name);
	return s;
}

static void dnat_near_miss(const struct model *m, const struct flow_case *c, struct finding *f)
{
	const struct packet *p = seen_in_nat(m, c, PRE);
	int hop = nat_hop(m, p, PRE);
	const struct rule *rule = dnat_passed_over(m, p, hop);

	finding_evidence(f, near_miss_text(m, p, (size_t)hop, rule));
	finding_confirm(f, text("%s -t nat -L PREROUTING -n -v --line-numbers",
				iptables_tool(m, FAMILY_IP)));
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
	struct str oif = sym_text(m->syms, c->flow->oif[0]);

	finding_confirm(f, text("%s -t nat -A POSTROUTING -o %.*s -d %s -j MASQUERADE",
				iptables_tool(m, FAMILY_IP), STR_ARG(oif),
				addr_text(&c->flow->left.ends.dst).s));
}

const struct flow_finding find_hairpin = { turns_back, say_hairpin, try_hairpin };
