// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * find_socket.c - packets that a rule is to give to a local socket (TPROXY), where none is
 *
 * Only a socket with IP_TRANSPARENT is taken. Without one iptables' TPROXY drops the packet
 * (tproxy_tg4() of net/netfilter/xt_TPROXY.c), which legacy TRACE does not say; nft's rule ends,
 * and the next one comes (nft_tproxy_eval_v4() of net/netfilter/nft_tproxy.c): the packet goes
 * past the proxy, which nothing says either.
 */
#include "lost.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static bool gives_to_socket(const struct model *m, const struct packet *p, size_t i,
			    struct str *rule)
{
	const struct step *s = paths_step_at(m->paths, p->hops[i].step);
	const struct rule *at = paths_meaning_at(m->paths, p->hops[i].step)->rule;

	if (s->hook != HOOK_PREROUTING)
		return false;
	*rule = at ? at->text : sym_text(m->syms, s->text);
	return rule_flags(at, *rule) & RULE_TO_SOCKET;
}

bool socket_rule(const struct model *m, const struct packet *p, struct str *rule)
{
	for (size_t i = 0; p && i < p->n_hops; i++)
		if (gives_to_socket(m, p, i, rule))
			return true;
	return false;
}

/* The number behind the first of @words that the rule has. */
static uint32_t number_behind(struct str rule, const struct str *words, size_t n)
{
	struct str rest = str_behind(rule, words, n);
	char text[16];

	snprintf(text, sizeof(text), "%.*s", STR_ARG(rest));
	return (uint32_t)strtoul(text, NULL, 0);
}

uint32_t socket_mark(struct str rule)
{
	static const struct str words[] = {
		{ "--tproxy-mark ", 14 },
		{ "meta mark set ", 14 },
		{ "TPROXY mark ", 12 },
	};

	return number_behind(rule, words, sizeof(words) / sizeof(*words));
}

/* 0: the packet's own */
static uint32_t socket_port(struct str rule)
{
	static const struct str words[] = { { "--on-port ", 10 }, { " to :", 5 } };

	return number_behind(rule, words, sizeof(words) / sizeof(*words));
}

/* How a packet shows it. */
enum how { HOW_NOT, HOW_UNSEEN, HOW_DROPPED, HOW_PASSED };

/* nft's rules that fit the packet, and that it went past. */
static bool went_past(const struct model *m, const struct packet *p, size_t hop, struct str *rule)
{
	const struct chain *chain = paths_meaning_at(m->paths, p->hops[hop].step)->chain;

	if (!chain || !(chain->have & CHAIN_TO_SOCKET) || chain->table->backend != BACKEND_NFT)
		return false;
	for (uint32_t i = 0; i < chain->n_rules; i++) {
		const struct rule *at = &chain->rules[i];
		struct rule_miss miss = { .failed = 0 };

		*rule = at->text;
		if ((at->flags & RULE_TO_SOCKET) && came_past(m, p, hop, at) &&
		    model_fit(m, p, hop, at, &miss, NULL, 0) == MATCH_YES)
			return true;
	}
	return false;
}

static enum how how_missed(const struct model *m, const struct flow_case *c, struct str *rule)
{
	const struct decision *d = &c->view.decision;
	const struct packet *p = c->there;

	if (!p || !p->n_hops)
		return HOW_NOT;
	if (d->reason == REASON_ROUTING_OR_RULE && gives_to_socket(m, p, p->n_hops - 1u, rule))
		return HOW_UNSEEN;
	if (d->outcome == OUTCOME_DROPPED && gives_to_socket(m, p, p->n_hops - 1u, rule))
		return HOW_DROPPED;
	for (size_t i = 0; i < p->n_hops; i++)
		if (paths_step_at(m->paths, p->hops[i].step)->hook == HOOK_PREROUTING &&
		    went_past(m, p, i, rule))
			return HOW_PASSED;
	return HOW_NOT;
}

static bool is_missed(const struct model *m, const struct flow_case *c)
{
	struct str rule;

	return how_missed(m, c, &rule) != HOW_NOT;
}

/* Does a local route take what has the mark of that rule? */
static bool is_routed_here(const struct model *m, const struct flow_case *c, struct str rule)
{
	struct lost l = lost_of(m, c);
	const struct evidence_route *route;

	l.query.mark = socket_mark(rule) ? socket_mark(rule) : l.query.mark;
	return l.now && evidence_route_find(l.now, &l.query, &route) == ROUTE_ANSWER_FOUND &&
	       route->type == ROUTE_LOCAL;
}

static struct str say_missed(const struct model *m, const struct flow_case *c)
{
	static const char *const words[] = {
		[HOW_UNSEEN] = "a rule is to give it to a local socket (TPROXY), and nothing came "
			       "after: most likely no socket with IP_TRANSPARENT is there, and it "
			       "was dropped",
		[HOW_DROPPED] = "a rule is to give it to a local socket (TPROXY), and dropped it: "
				"no socket with IP_TRANSPARENT is there",
		[HOW_PASSED] = "a rule that fits it is to give it to a local socket (tproxy), and "
			       "it went past: most likely no socket with IP_TRANSPARENT is there",
	};
	struct str name = flow_name(c->flow), rule, s;
	enum how how = how_missed(m, c, &rule);
	bool routed = how != HOW_UNSEEN || is_routed_here(m, c, rule);

	s = text("%.*s: %s%s.", STR_ARG(name), words[how],
		 routed ? "" : ", or no local route took it by its mark");
	text_free(name);
	return s;
}

static void why_missed(const struct model *m, const struct flow_case *c, struct finding *f)
{
	struct str rule;
	enum how how = how_missed(m, c, &rule);
	uint32_t port = socket_port(rule);
	bool udp = c->flow->there.proto == 17;

	finding_evidence(f, text("the rule: %.*s", STR_ARG(rule)));
	if (how == HOW_UNSEEN && is_routed_here(m, c, rule))
		finding_evidence(f, text("a local route takes what has its mark"));
	finding_confirm(f, text("ss -%slnp 'sport = :%" PRIu32 "'", udp ? "u" : "t",
				port ? port : c->flow->there.ends.dport));
	if (how == HOW_UNSEEN && !is_routed_here(m, c, rule)) {
		finding_confirm(f, text("ip rule"));
		finding_confirm(f, text("ip route show table all type local"));
	}
}

const struct flow_finding find_no_socket = { is_missed, say_missed, why_missed };
