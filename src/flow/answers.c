/* SPDX-License-Identifier: GPL-2.0-or-later */
/* answers.c - would an answer to a flow have been traced, had it come? */
#include "model.h"

#define AROUND_NS INT64_C(60000000000) /* trace rules come and go: answers must be seen near */

struct header answer_to(const struct flow *flow)
{
	const struct endpoints *left = &flow->left.ends;
	struct header h = {
		.have = flow->there.known ? HEADER_PROTO : 0,
		.family = flow->there.family,
		.proto = flow->there.proto,
		.src = left->dst,
		.dst = left->src,
	};
	bool masqueraded = flow->nat_by == BY_RULESET &&
			   !memcmp(&left->src, &flow->there.ends.src, sizeof(struct addr));

	if (!masqueraded) /* else it is not known to which address it comes */
		h.have |= HEADER_ADDR;
	if (flow->there.ports && flow->there.proto != 1 && flow->there.proto != 58) {
		h.have |= HEADER_PORTS;
		h.sport = left->dport;
		h.dport = left->sport;
	}
	if (flow->syns) {
		h.have |= HEADER_FLAGS;
		h.tcp_flags = TCP_SYN | TCP_ACK;
	}
	return h;
}

/* An error about it may come from anywhere. */
static struct header error_about(const struct flow *flow)
{
	bool six = flow->there.family == FAMILY_IP6;

	return (struct header){
		.have = HEADER_PROTO | HEADER_ICMP,
		.family = flow->there.family,
		.proto = six ? 58 : 1,
		.icmp_type = six ? 1 : 3,
	};
}

enum traced { TRACED_NOT_KNOWN, TRACED_NO, TRACED_YES };

/* What the TRACE rules of raw make of the answer. */
static enum traced traced_by(const struct chain *chain, const struct sighting *answer)
{
	enum traced traced = TRACED_NOT_KNOWN;

	for (uint32_t i = 0; i < chain->n_rules; i++) {
		const struct rule *rule = &chain->rules[i];
		enum match match;

		if (!(rule->flags & RULE_SETS_TRACE))
			continue;
		match = rule_match(rule, answer, NULL);
		if (match == MATCH_YES)
			return TRACED_YES;
		if (match == MATCH_UNKNOWN)
			return TRACED_NOT_KNOWN;
		traced = TRACED_NO;
	}
	return traced;
}

/* The same of nftables' base chains where the answer comes in, ours among them. */
static enum traced traced_by_nft(const struct ruleset *rules, enum family family, enum hook hook,
				 const struct sighting *answer)
{
	struct chain_list list = ruleset_hook_chains(rules, family, hook);
	enum traced traced = TRACED_NOT_KNOWN;

	for (size_t i = 0; i < list.n && traced != TRACED_YES; i++) {
		enum traced by = list.at[i]->table->backend == BACKEND_NFT
					 ? traced_by(list.at[i], answer)
					 : TRACED_NOT_KNOWN;

		traced = by == TRACED_NOT_KNOWN ? traced : by;
	}
	return traced;
}

/* @header: of what would come in where @flow left */
static enum traced traced_by_rules(const struct model *m, const struct flow *flow,
				   const struct header *header)
{
	const struct ruleset *rules = paths_rules(m->paths);
	enum family family = flow->there.family;
	struct str by = sym_text(m->syms, flow->oif[0]);
	struct sighting answer = {
		.pkt = header,
		.iif = by,
		.oif = by.n ? STR("") : sym_text(m->syms, flow->iif[0]),
		.have = SIGHTING_IIF | SIGHTING_OIF | SIGHTING_MARK,
	};
	const struct chain *raw = rules ? ruleset_chain(rules, BACKEND_XT, family, STR("raw"),
							by.n ? STR("PREROUTING") : STR("OUTPUT"))
					: NULL;
	enum traced traced = raw ? traced_by(raw, &answer) : TRACED_NOT_KNOWN, nft;

	if (!rules || traced == TRACED_YES)
		return traced;
	nft = traced_by_nft(rules, family, by.n ? HOOK_PREROUTING : HOOK_OUTPUT, &answer);
	return nft == TRACED_NOT_KNOWN ? traced : nft;
}

/* Were traced answers of any flow seen on the way that this flow's must take, at that time? */
static bool others_traced(const struct model *m, const struct flow *flow)
{
	const struct answers_seen *seen = answers_seen_by(&m->hosts[flow->scope], flow->oif[0]);

	return seen && stamp_age(&seen->first, &flow->last) <= AROUND_NS &&
	       stamp_age(&flow->first, &seen->last) <= AROUND_NS;
}

bool was_traced(const struct model *m, const struct packet *p)
{
	return step_was_traced(paths_step_at(m->paths, p->hops[p->n_hops - 1].step));
}

bool answers_traced(const struct model *m, const struct flow *flow)
{
	struct header answer = answer_to(flow);
	enum traced traced = traced_by_rules(m, flow, &answer);

	if (model_left_out(m))
		return false; /* it may be one that the limit left out */
	return traced == TRACED_NOT_KNOWN ? others_traced(m, flow) : traced == TRACED_YES;
}

bool errors_untraced(const struct model *m, const struct flow *flow)
{
	struct header error = error_about(flow);

	return traced_by_rules(m, flow, &error) == TRACED_NO;
}

struct answers_seen *answers_seen_by(struct model_host *host, sym_t device)
{
	for (unsigned int i = 0; i < host->n_answers; i++)
		if (host->answers[i].by == device)
			return &host->answers[i];
	return NULL;
}
