/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * find_blocked.c - answers that came and were stopped: why, and what would let them pass
 *
 * Most often nothing accepts ESTABLISHED,RELATED. A rule that does helps where conntrack has seen
 * the answer and knows its connection: behind priority -200 of PREROUTING and OUTPUT, and unless a
 * rule took one of the two directions out of connection tracking.
 */
#include "find_flow.h"

#include "nfhop/addr.h"

#define PLACE 256

/**
 * struct blocked - the newest answer
 * @hop: what stopped it; holds if @d.stop >= 0
 */
struct blocked {
	const struct model *m;
	const struct flow_case *c;
	const struct flow_path *fp;
	struct decision d;
	struct hop_view hop;
};

static struct blocked blocked_of(const struct model *m, const struct flow_case *c)
{
	const struct flow *flow = c->flow;
	struct blocked b = { .m = m, .c = c, .d = { .stop = -1 } };

	b.fp = c->view.newest_back;
	if (!b.fp)
		return b;
	model_decide_path(m, flow, b.fp, &b.d);
	if (b.d.stop < 0)
		return b;
	stop_hop(m, flow, b.fp, &b.d, &b.hop);
	return b;
}

/* Of an answer that is too big the error has told; of one made here find_unsent.c does. */
static bool answer_stopped(const struct model *m, const struct flow_case *c)
{
	struct decision d;

	if (c->view.state != FLOW_REPLY_STOPPED)
		return false;
	d = blocked_of(m, c).d;
	return d.outcome != OUTCOME_LOST || (!c->flow->mtu_back && d.lost_after == HOOK_PREROUTING);
}

/* A rule whose text is all that is known of it says it there. */
static bool is_notrack(const struct model *m, const struct path_hop *hop)
{
	struct str rule = sym_text(m->syms, hop->step->text);

	if (hop->meaning->rule)
		return hop->meaning->rule->flags & RULE_NOTRACK;
	rule = str_first(rule, str_find(rule, STR(" comment ")));
	return str_eq(rule, STR("notrack")) || str_ends(rule, STR(" notrack"));
}

bool untracked_by(const struct model *m, const struct flow *flow, bool back, struct hop_view *by)
{
	for (uint32_t i = 0; i < flow->n_paths; i++) {
		const struct flow_path *fp = &flow->paths[i];

		for (size_t k = 0; fp->back == back && k < paths_length(m->paths, fp->path); k++) {
			struct path_hop hop = paths_hop(m->paths, fp->path, k);

			if (!is_notrack(m, &hop))
				continue;
			model_path_hop(m, flow, fp->path, k, by);
			return true;
		}
	}
	return false;
}

/* ---- the kernel ended it ---- */

static bool was_lost(const struct blocked *b)
{
	return b->d.outcome == OUTCOME_LOST;
}

static struct str say_lost(const struct blocked *b)
{
	struct str in = sym_text(b->m->syms, b->c->flow->iif[1]),
		   out = sym_text(b->m->syms, b->c->flow->oif[0]);
	struct str ipsec = ipsec_text(b->m, false), s;

	if (ipsec.n) {
		s = text("the answer came in by %.*s and the kernel ended it after PREROUTING, no "
			 "rule did: %.*s.",
			 STR_ARG(in), STR_ARG(ipsec));
		text_free(ipsec);
		return s;
	}
	if (str_eq(in, out))
		return text("the answer came in by %.*s and the kernel ended it after PREROUTING, "
			    "no rule did.",
			    STR_ARG(in));
	return text("the answer came in by %.*s, the request had left by %.*s, and the kernel "
		    "ended the answer after PREROUTING: rp_filter most likely.",
		    STR_ARG(in), STR_ARG(out));
}

static void ask_rp_filter(const struct blocked *b, struct finding *f)
{
	if (ipsec_ended(b->m, false)) {
		confirm_ipsec(f);
		return;
	}
	confirm_rp_filter(f, sym_text(b->m->syms, b->c->flow->iif[1]));
}

/* ---- a rule did ---- */

static const char *what_came(const struct blocked *b)
{
	if (b->c->view.answered)
		return "answers got through, and those that came later were stopped here";
	return b->c->flow->nat_by == BY_INFERRED
		       ? "what most likely is the answer arrived and was stopped here"
		       : "the answer arrived and was stopped here";
}

bool before_conntrack(const struct model *m, uint32_t path, size_t i, enum hook hook)
{
	int32_t priority;

	if (hook == HOOK_INGRESS)
		return true;
	return (hook == HOOK_PREROUTING || hook == HOOK_OUTPUT) &&
	       base_priority(m, path, i, &priority) && priority < PRIORITY_CONNTRACK;
}

static bool comes_early(const struct blocked *b)
{
	return b->d.stop >= 0 &&
	       before_conntrack(b->m, b->fp->path, (size_t)b->d.stop, b->hop.hook);
}

static struct str say_early(const struct blocked *b)
{
	return text("%s, before conntrack has seen it: a rule there that accepts "
		    "ESTABLISHED,RELATED never fits. Let it pass by its address and port.",
		    what_came(b));
}

/* The answer as it came to the rule that stopped it. */
static struct endpoints ends_there(const struct blocked *b)
{
	const struct packet *p = b->fp->sample;

	if (p && b->hop.hop && b->hop.hop->at < p->n_ends)
		return p->ends[b->hop.hop->at];
	return (struct endpoints){
		.src = b->c->flow->left.ends.dst,
		.sport = b->c->flow->left.ends.dport,
	};
}

static bool has_ports(const struct flow *flow)
{
	return flow->there.ports && flow->there.proto != 1 && flow->there.proto != 58;
}

/* "tcp sport 80", "meta l4proto icmp" */
static struct str by_nft(const struct flow *flow, const struct endpoints *ends)
{
	const char *proto = flow->there.known ? ip_proto_name(flow->there.proto) : NULL;

	if (proto && has_ports(flow))
		return text("%s sport %u ", proto, ends->sport);
	if (proto)
		return text("meta l4proto %s ", flow->there.proto == 58 ? "icmpv6" : proto);
	return text("%s", "");
}

static struct str by_iptables(const struct flow *flow, const struct endpoints *ends)
{
	const char *proto = flow->there.known ? ip_proto_name(flow->there.proto) : NULL;

	if (proto && has_ports(flow))
		return text(" -p %s --sport %u", proto, ends->sport);
	if (proto)
		return text(" -p %s", flow->there.proto == 58 ? "icmpv6" : proto);
	return text("%s", "");
}

static void accept_by_address(const struct blocked *b, struct finding *f)
{
	const struct flow *flow = b->c->flow;
	const char *tool = tool_at(b->m, &b->hop, (enum family)flow->there.family);
	struct endpoints ends = ends_there(b);
	struct addr_text src = addr_text(&ends.src);
	struct str what = tool ? by_iptables(flow, &ends) : by_nft(flow, &ends);

	/* right before the rule that stops it: one that traces it may stand above */
	if (tool && b->hop.chain.n)
		finding_confirm(f, text("%s -t %.*s -I %.*s %u -s %s%.*s -j ACCEPT", tool,
					STR_ARG(b->hop.table), STR_ARG(b->hop.chain),
					b->hop.kind == HOP_RULE && b->hop.rule ? b->hop.rule : 1,
					src.s, STR_ARG(what)));
	else if (b->hop.chain.n)
		finding_confirm(f, text("nft insert rule %s %.*s %.*s %s saddr %s %.*saccept",
					family_name(b->hop.family), STR_ARG(b->hop.table),
					STR_ARG(b->hop.chain),
					flow->there.family == FAMILY_IP6 ? "ip6" : "ip", src.s,
					STR_ARG(what)));
	text_free(what);
}

static void why_early(const struct blocked *b, struct finding *f)
{
	char place[PLACE];
	int32_t priority;

	hop_place(&b->hop, place, sizeof(place));
	if (b->hop.hook == HOOK_INGRESS)
		finding_evidence(f, text("%s stands at ingress, before every other hook", place));
	else if (base_priority(b->m, b->fp->path, (size_t)b->d.stop, &priority))
		finding_evidence(f,
				 text("%s stands at priority %d of %s, conntrack at %d", place,
				      (int)priority, hook_title(b->hop.hook), PRIORITY_CONNTRACK));
	accept_by_address(b, f);
}

/* The rule that leaves it without a connection: its own, else that of the request. */
static bool untracked(const struct blocked *b, struct hop_view *by, bool *own)
{
	*own = untracked_by(b->m, b->c->flow, true, by);
	return *own || untracked_by(b->m, b->c->flow, false, by);
}

static bool is_untracked(const struct blocked *b)
{
	struct hop_view by;
	bool own;

	return b->d.stop >= 0 && untracked(b, &by, &own);
}

static struct str say_untracked(const struct blocked *b)
{
	struct hop_view by;
	bool own = false;
	char place[PLACE];

	untracked(b, &by, &own);
	hop_place(&by, place, sizeof(place));
	return text("%s. %s takes %s out of connection tracking (notrack), so %s, and a rule that "
		    "accepts ESTABLISHED,RELATED never fits. Remove that rule, or let the answer "
		    "pass by its address and port.",
		    what_came(b), place, own ? "it" : "the request",
		    own ? "it is UNTRACKED" : "conntrack knows no connection that it answers");
}

static void remove_rule(const struct blocked *b, const struct hop_view *rule, struct finding *f)
{
	const char *tool = tool_at(b->m, rule, (enum family)b->c->flow->there.family);

	if (tool && rule->rule)
		finding_confirm(f, text("%s -t %.*s -D %.*s %u", tool, STR_ARG(rule->table),
					STR_ARG(rule->chain), rule->rule));
	else if (!tool && rule->handle)
		finding_confirm(f, text("nft delete rule %s %.*s %.*s handle %llu",
					family_name(rule->family), STR_ARG(rule->table),
					STR_ARG(rule->chain), (unsigned long long)rule->handle));
}

static void why_untracked(const struct blocked *b, struct finding *f)
{
	struct hop_view by;
	char place[PLACE];
	bool own;

	if (!untracked(b, &by, &own))
		return;
	hop_place(&by, place, sizeof(place));
	if (by.text.n && !hop_known_by_text(&by))
		finding_evidence(f, text("%s: %.*s", place, STR_ARG(by.text)));
	remove_rule(b, &by, f);
	accept_by_address(b, f);
}

/* Its rule takes packets only if they are INVALID, or conntrack itself says that this one is. */
static bool is_invalid(const struct blocked *b)
{
	const struct rule *rule = b->d.stop < 0 || !b->hop.meaning ? NULL : b->hop.meaning->rule;

	if (b->d.stop < 0)
		return false;
	return (b->fp->flags & PACKET_CT_INVALID) ||
	       (rule && (rule->flags & RULE_NEEDS_CT) &&
		rule_ct_states(rule, b->hop.verdict) == CT_INVALID);
}

static struct str say_invalid(const struct blocked *b)
{
	return text("%s: conntrack called it INVALID, so a rule that accepts ESTABLISHED,RELATED "
		    "never fits. What made it so is the question.",
		    what_came(b));
}

/* ---- a rule accepts what is ESTABLISHED, and did not take it ---- */

#define JUMPS_FOLLOWED 4

/* The first of @chain's rules up to @last that was tried in vain for the answer's state. */
static const struct rule *failed_in(const struct blocked *b, const struct chain *chain,
				    uint32_t last, unsigned int depth)
{
	const struct rule *found = NULL;

	for (uint32_t i = 0; i < last && !found; i++) {
		const struct rule *rule = &chain->rules[i];

		if (rule->to && depth < JUMPS_FOLLOWED)
			found = failed_in(b, rule->to, rule->to->n_rules, depth + 1);
		else if (rule->verdict == VERDICT_ACCEPT &&
			 (rule_ct_states(rule, VERDICT_ACCEPT) & CT_ESTABLISHED) &&
			 failed_by_state(b->m, b->fp->sample, (size_t)b->d.stop, rule))
			found = rule;
	}
	return found;
}

/* The same of all that it had behind it where it was stopped, from its base chain on. */
static const struct rule *failed_rule(const struct blocked *b)
{
	const struct rule *found = NULL;
	size_t i;

	if (b->d.stop < 0 || !b->fp->sample)
		return NULL;
	i = (size_t)b->d.stop;
	do {
		const struct hop_meaning *at = paths_hop(b->m->paths, b->fp->path, i).meaning;

		if (at->chain)
			found = failed_in(b, at->chain,
					  at->rule ? at->rule->number - 1 : at->chain->n_rules, 0);
	} while (!found && calling_hop(b->m, b->fp->path, i, &i));
	return found;
}

/* "fw forward rule 1 accepts what is ESTABLISHED and did not take it" */
static struct str failed_text(const struct blocked *b)
{
	const struct rule *rule = failed_rule(b);

	return text("%.*s %.*s rule %u accepts what is ESTABLISHED and did not take it",
		    STR_ARG(rule->chain->table->name), STR_ARG(rule->chain->name), rule->number);
}

static bool is_other_zone(const struct blocked *b)
{
	struct hop_view by;

	return failed_rule(b) &&
	       !str_eq(zone_of(b->m, b->c->flow, false, &by), zone_of(b->m, b->c->flow, true, &by));
}

static struct str say_other_zone(const struct blocked *b)
{
	struct str failed = failed_text(b), there, back, s;
	struct hop_view by;

	there = zone_of(b->m, b->c->flow, false, &by);
	back = zone_of(b->m, b->c->flow, true, &by);
	s = text("%s. %.*s: the request is in zone %.*s of connection tracking, the answer in %s"
		 "%.*s, where no connection is known that it answers. Put both in one zone.",
		 what_came(b), STR_ARG(failed), STR_ARG(there.n ? there : STR("0")),
		 back.n ? "zone " : "zone 0", STR_ARG(back));
	text_free(failed);
	return s;
}

static void why_other_zone(const struct blocked *b, struct finding *f)
{
	unsigned int told = 0;

	for (unsigned int back = 0; back < 2; back++) {
		struct hop_view by;
		char place[PLACE];

		if (!zone_of(b->m, b->c->flow, back, &by).n)
			continue;
		told++;
		hop_place(&by, place, sizeof(place));
		finding_evidence(f, text("%s: %.*s", place, STR_ARG(by.text)));
	}
	if (told < 2)
		finding_evidence(f, text("no rule that was traced puts the other direction in a "
					 "zone"));
	confirm_conntrack(f, "L", b->c->flow);
}

static bool was_tried(const struct blocked *b)
{
	return !b->c->view.answered && failed_rule(b);
}

static struct str say_tried(const struct blocked *b)
{
	struct str failed = failed_text(b), s;

	s = text("%s. %.*s: conntrack did not know it as an answer. It may be INVALID there, or "
		 "the entry of the connection is gone.",
		 what_came(b), STR_ARG(failed));
	text_free(failed);
	return s;
}

static void why_tried(const struct blocked *b, struct finding *f)
{
	confirm_conntrack(f, "L", b->c->flow);
	finding_confirm(f, text("sysctl -w net.netfilter.nf_conntrack_log_invalid=255"));
}

static bool is_any(const struct blocked *b)
{
	(void)b;
	return true;
}

static struct str say_any(const struct blocked *b)
{
	if (b->c->view.answered)
		return text("%s: the rules, or what conntrack knows of it, have changed.",
			    what_came(b));
	return text("%s. Most often the rule that accepts ESTABLISHED,RELATED is missing, or "
		    "stands too late.",
		    what_came(b));
}

static void try_established(const struct blocked *b, struct finding *f)
{
	if (b->d.stop >= 0 && b->hop.chain.n)
		confirm_accept_ct(b->m, f, &b->hop, (enum family)b->c->flow->there.family, false);
}

/* The first one that holds. @said: behind the flow's name; @more may be NULL */
static const struct blocked_cause {
	bool (*holds)(const struct blocked *b);
	struct str (*said)(const struct blocked *b);
	void (*more)(const struct blocked *b, struct finding *f);
} causes[] = {
	{ was_lost, say_lost, ask_rp_filter },
	{ comes_early, say_early, why_early },
	{ is_untracked, say_untracked, why_untracked },
	{ is_invalid, say_invalid, NULL },
	{ is_other_zone, say_other_zone, why_other_zone },
	{ was_tried, say_tried, why_tried },
	{ is_any, say_any, try_established },
};

static const struct blocked_cause *cause_of(const struct blocked *b)
{
	const struct blocked_cause *cause = causes;

	while (!cause->holds(b))
		cause++;
	return cause;
}

static struct str say_blocked(const struct model *m, const struct flow_case *c)
{
	struct blocked b = blocked_of(m, c);
	struct str name = flow_name(c->flow), said = cause_of(&b)->said(&b);
	struct str s = text("%.*s: %.*s", STR_ARG(name), STR_ARG(said));

	text_free(name);
	text_free(said);
	return s;
}

static void why_blocked(const struct model *m, const struct flow_case *c, struct finding *f)
{
	struct blocked b = blocked_of(m, c);
	const struct blocked_cause *cause = cause_of(&b);

	if (cause->more)
		cause->more(&b, f);
}

const struct flow_finding find_reply_blocked = { answer_stopped, say_blocked, why_blocked };
