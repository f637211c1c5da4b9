/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * met.c - what is known of a packet because it met a rule that logged it
 *
 * Theory of operation. What a LOG rule asks for is true of every packet that it logged, though the
 * line does not print it, and a rule right behind it that asks for the same fits, too. That holds
 * for what depends on the packet alone: a limit or a counter was changed by the first of them. The
 * state of the connection is one for all rules of a chain, so of it more is known: a rule for other
 * states does not fit. If what is known of the connection denies the LOG rule, the rule is right.
 */
#include "cond.h"
#include "lit.h"

#define ALL_STATES ((unsigned int)CT_INVALID | CT_ESTABLISHED | CT_RELATED | CT_NEW | CT_UNTRACKED)

/* clang-format off */
/* Conditions that depend on the packet and its connection alone, as they begin. */
static const struct str lasting[] = {
	S("-m addrtype "), S("-m ah "), S("-m bpf "), S("-m connmark "), S("-m conntrack "),
	S("-m dscp "), S("-m ecn "), S("-m esp "), S("-m geoip "), S("-m helper "), S("-m hl "),
	S("-m length "), S("-m mac "), S("-m owner "), S("-m physdev "), S("-m pkttype "),
	S("-m policy "), S("-m rpfilter"), S("-m set "), S("-m string "), S("-m tcpmss "),
	S("-m tos "), S("-m ttl "), S("-m u32 "), S("-f"),
	S("ct bytes "), S("ct direction "), S("ct helper "), S("ct mark "), S("ct original "),
	S("ct reply "), S("ct state "), S("ct status "), S("ct zone "), S("dccp "), S("ether "),
	S("exthdr "), S("fib "), S("frag "), S("icmp "), S("icmpv6 "), S("iif"), S("ip "),
	S("ip6 "), S("ipsec "), S("meta iif"), S("meta ipsec "), S("meta l4proto "),
	S("meta length "), S("meta mark "), S("meta nfproto "), S("meta oif"), S("meta pkttype "),
	S("meta priority "), S("meta protocol "), S("meta skgid "), S("meta skuid "), S("oif"),
	S("pkttype "), S("rt "), S("sctp "), S("skuid "), S("tcp "), S("th "), S("udp "),
};
/* clang-format on */

static bool lasts(const struct cond *cond)
{
	if (cond->field != COND_OTHER && !cond->set)
		return true;
	for (size_t i = 0; i < sizeof(lasting) / sizeof(*lasting); i++)
		if (str_starts(cond->text, lasting[i]))
			return true;
	return false;
}

bool rule_in_nft_words(const struct rule *rule)
{
	const struct table *table = rule->chain->table;

	return table->backend == BACKEND_NFT && !(table->flags & TABLE_IPTABLES_SYNTAX);
}

bool rule_asks_first(const struct rule *rule, struct str cond)
{
	if (!rule_in_nft_words(rule))
		return true;
	return cond.p >= rule->text.p && cond.p < rule->prefix.p &&
	       rule->prefix.p < rule->text.p + rule->text.n;
}

static unsigned int states_of(const struct cond *cond)
{
	unsigned int states = cond->nums[0].mask;

	return cond->negated ? ALL_STATES & ~states : states;
}

static bool asks_state(const struct cond *cond)
{
	return cond->field == COND_CT_STATE && !cond->set;
}

/* The states that @met lets through. */
static unsigned int states_met(const struct rule *met)
{
	unsigned int within = ALL_STATES;

	for (uint32_t i = 0; met && i < met->n_conds; i++)
		if (asks_state(&met->conds[i]) && !met->conds[i].map &&
		    rule_asks_first(met, met->conds[i].text))
			within &= states_of(&met->conds[i]);
	return within;
}

unsigned int states_within(const struct sighting *seen)
{
	unsigned int within = states_met(seen->met);

	if ((seen->have & SIGHTING_STATES) && (within & seen->states))
		within &= seen->states;
	return within;
}

/* Of the states that the packet may have been in those that @cond lets through: all, none, some? */
static enum match state_by_met(const struct cond *cond, const struct sighting *seen)
{
	unsigned int within = states_within(seen);

	if (!(within & states_of(cond)))
		return MATCH_NO;
	return within & ~states_of(cond) ? MATCH_UNKNOWN : MATCH_YES;
}

static bool is_same(const struct cond *a, const struct cond *b)
{
	return a->field == b->field && a->negated == b->negated && !a->map && !b->map &&
	       str_eq(a->text, b->text) && lasts(a);
}

enum match cond_by_met(const struct cond *cond, const struct sighting *seen)
{
	const struct rule *met = seen->met;

	if (asks_state(cond))
		return state_by_met(cond, seen);
	for (uint32_t i = 0; met && i < met->n_conds; i++) {
		const struct cond *its = &met->conds[i];

		if ((cond == its || is_same(cond, its)) && rule_asks_first(met, its->text))
			return MATCH_YES;
	}
	return MATCH_UNKNOWN;
}
