// SPDX-License-Identifier: GPL-2.0-or-later
/* miss.c - why a rule did not fit a packet */
#include "finding.h"

#include <inttypes.h>
#include <stdio.h>

#include "nfhop/addr.h"

#define MISS_LONGEST 1024 /* a condition's text is as long as its author made it */

/* A SYN without an answer before it: nothing can have been established by it yet. */
static bool opens_flow(const struct model *m, const struct packet *p)
{
	const unsigned int mask = TCP_SYN | TCP_ACK | TCP_RST | TCP_FIN;
	const struct flow *flow = model_flow_of(m, p);

	return flow && flow->first_no == p->no && (p->first.have & HEADER_FLAGS) &&
	       (p->first.tcp_flags & mask) == TCP_SYN;
}

static bool met_notrack(const struct model *m, const struct packet *p, size_t hop)
{
	for (size_t i = 0; i <= hop; i++) {
		const struct rule *rule = paths_meaning_at(m->paths, p->hops[i].step)->rule;

		if (rule && (rule->flags & RULE_NOTRACK))
			return true;
	}
	return false;
}

/* Was the connection that an error is about tracked, as far as its trace shows? */
static bool was_tracked(const struct model *m, const struct packet *error)
{
	const struct flow *flow = model_flow_of(m, error);
	struct hop_view by;

	return flow && !untracked_by(m, flow, false, &by) && !untracked_by(m, flow, true, &by);
}

/* What conntrack called it, 0 if that is not known. */
static enum ct_state ct_state_of(const struct model *m, const struct packet *p, size_t hop)
{
	if (met_notrack(m, p, hop))
		return CT_UNTRACKED;
	if (p->flags & PACKET_CT_INVALID)
		return CT_INVALID;
	if (p->has_quoted && was_tracked(m, p))
		return CT_RELATED;
	return opens_flow(m, p) ? CT_NEW : 0;
}

/* The packet as it came to hop @i; a mark that its rule has set by then is not the one it had. */
static void seen_at(const struct model *m, const struct packet *p, size_t i,
		    struct packet_seen *seen)
{
	const struct path_hop hop = paths_hop(m->paths, p->path, i);
	const struct rule *rule = hop.meaning->rule;

	packet_seen_at(m->syms, p, i, seen);
	if (step_has_run(hop.step) && rule && (rule->flags & RULE_SETS_MARK))
		seen->sighting.have &= (uint8_t)~SIGHTING_MARK;
}

enum match packet_rule_match(const struct model *m, const struct packet *p, size_t hop,
			     const struct rule *rule, unsigned int but, struct rule_miss *miss)
{
	struct packet_seen seen;

	seen_at(m, p, hop, &seen);
	if (but & BUT_IIF)
		seen.sighting.have &= (uint8_t)~SIGHTING_IIF;
	if (but & BUT_OIF)
		seen.sighting.have &= (uint8_t)~SIGHTING_OIF;
	if (but & BUT_ADDR)
		seen.header.have &= ~(uint32_t)HEADER_ADDR;
	return rule_match(rule, &seen.sighting, miss);
}

static struct str ct_words(enum ct_state state)
{
	const char *why = state == CT_NEW	? " (a first SYN)"
			  : state == CT_RELATED ? " (an ICMP error)"
						: "";

	return text("is %s%s", ct_state_name(state), why);
}

struct str rule_name(const struct rule *rule, const struct chain *told)
{
	const struct chain *chain = rule->chain;
	bool base = chain->have & CHAIN_BASE;
	struct str table = base ? chain->table->name : STR("");

	if (chain == told)
		return text("rule %" PRIu32, rule->number);
	return text("%.*s%s%.*s rule %" PRIu32, STR_ARG(table), base ? " " : "",
		    STR_ARG(chain->name), rule->number);
}

/* The ends of a packet, which rules may have changed. */
static const struct end {
	const char *field, *verb;
	enum change_field change;
} ends[] = {
	{ "dport", "goes to", CHANGE_DPORT },
	{ "sport", "comes from", CHANGE_SPORT },
	{ "source", "comes from", CHANGE_SRC },
	{ "destination", "goes to", CHANGE_DST },
};

static struct str end_value(const struct endpoints *e, enum change_field field)
{
	bool source = field == CHANGE_SRC || field == CHANGE_SPORT;

	if (field == CHANGE_SRC || field == CHANGE_DST)
		return text("%s", addr_text(source ? &e->src : &e->dst).s);
	return text("%u", source ? e->sport : e->dport);
}

/* The rule that gave it the value that it has at @hop, if one did that is known; @was: before */
static const struct rule *translating_rule(const struct model *m, const struct packet *p,
					   size_t hop, enum change_field field,
					   const struct endpoints **was)
{
	for (; hop; hop--) {
		struct hop_view v;

		model_hop(m, p, hop, &v);
		*was = &p->ends[p->hops[hop - 1].at];
		for (unsigned int k = 0; k < v.n_changes; k++)
			if (v.changes[k].field == field)
				return v.changes[k].by_rule
					       ? paths_meaning_at(m->paths, p->hops[hop - 1].step)
							 ->rule
					       : NULL;
	}
	return NULL;
}

/* "goes to 3128 (80 until nat pre rule 1 translated it)" */
static struct str end_text(const struct model *m, const struct packet *p, size_t hop,
			   const struct end *end)
{
	const struct endpoints *before;
	const struct rule *by = translating_rule(m, p, hop, end->change, &before);
	struct str value = end_value(&p->ends[p->hops[hop].at], end->change), s;

	if (by) {
		struct str was = end_value(before, end->change), name = rule_name(by, NULL);

		s = text("%s %.*s (%.*s until %.*s translated it)", end->verb, STR_ARG(value),
			 STR_ARG(was), STR_ARG(name));
		text_free(was);
		text_free(name);
	} else {
		s = text("%s %.*s", end->verb, STR_ARG(value));
	}
	text_free(value);
	return s;
}

/* How a field of a packet is called in "the packet ...". */
static struct str value_of(const struct model *m, const struct packet *p, size_t hop,
			   const char *field)
{
	const struct hop *h = &p->hops[hop];
	struct str iif = sym_text(m->syms, h->iif), oif = sym_text(m->syms, h->oif);
	const char *proto = p->first.have & HEADER_PROTO ? ip_proto_name(p->first.proto) : NULL;

	if (!strcmp(field, "in"))
		return iif.n ? text("came in on %.*s", STR_ARG(iif)) : text("was made here");
	if (!strcmp(field, "out"))
		return oif.n ? text("leaves by %.*s", STR_ARG(oif)) : text("does not leave");
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (!strcmp(field, ends[i].field))
			return end_text(m, p, hop, &ends[i]);
	if (!strcmp(field, "protocol") && proto)
		return text("is %s", proto);
	if (!strcmp(field, "family"))
		return text("is %s", p->first.family == FAMILY_IP6 ? "IPv6" : "IPv4");
	if (!strcmp(field, "ct state"))
		return ct_words(ct_state_of(m, p, hop));
	if (!strcmp(field, "mark"))
		return text("has mark 0x%x", h->mark);
	return text("has another");
}

/* "came in on lan0"; of several at once "goes to 198.51.100.2 and to 25" */
static struct str values_of(const struct model *m, const struct packet *p, size_t hop,
			    const struct rule_miss *miss)
{
	struct str all = value_of(m, p, hop, miss->parts[0] ? miss->parts[0] : miss->field);

	for (size_t i = 1; i < TUPLE_MAX && miss->parts[i]; i++) {
		struct str before = all, one = value_of(m, p, hop, miss->parts[i]);
		struct str verb = str_first(one, str_find(one, STR(" ")) + 1);
		struct str rest = str_skip(one, str_starts(before, verb) ? verb.n : 0);

		all = text("%.*s and %.*s", STR_ARG(before), STR_ARG(rest));
		text_free(before);
		text_free(one);
	}
	return all;
}

/* Where the value was looked for: "", ", which is not in the set", ... */
static const char *looked_in(const struct rule_miss *miss)
{
	if (!miss->set && !miss->map)
		return "";
	if (miss->empty)
		return miss->map ? "; the map is empty" : "; the set is empty";
	if (miss->negated)
		return miss->map ? ", which is in the map" : ", which is in the set";
	return miss->map ? ", which is not in the map" : ", which is not in the set";
}

enum match model_fit(const struct model *m, const struct packet *p, size_t i,
		     const struct rule *rule, struct rule_miss *miss, char *buf, size_t n)
{
	enum match match;
	struct packet_seen seen;
	struct str value;

	seen_at(m, p, i, &seen);
	seen.sighting.have |= SIGHTING_PASSED;
	seen.sighting.ct = ct_state_of(m, p, i);
	if (seen.sighting.ct)
		seen.sighting.have |= SIGHTING_CT;
	match = rule_match(rule, &seen.sighting, miss);
	if (n)
		*buf = '\0';
	if (match == MATCH_UNKNOWN) {
		snprintf(buf, n, "cannot be checked from here%s",
			 miss->set && !strcmp(miss->field, "condition")
				 ? ": the elements of the set are not known"
				 : "");
	} else if (match == MATCH_NO) {
		value = values_of(m, p, i, miss);
		snprintf(buf, n, "the packet %.*s%s", STR_ARG(value), looked_in(miss));
		text_free(value);
	}
	return match;
}

/* The base chain in which the hop @i lies, as its first hop there: evaluation begins at *@from. */
static const struct chain *evaluated(const struct model *m, const struct packet *p, size_t i,
				     size_t *from)
{
	const struct chain *base;

	i = base_hop(m, p->path, i);
	base = paths_meaning_at(m->paths, p->hops[i].step)->chain;
	while (i) {
		struct path_hop before = paths_hop(m->paths, p->path, i - 1);

		if (!before.depth &&
		    (before.meaning->chain != base || before.step->kind == HOP_POLICY))
			break;
		i--;
	}
	*from = i;
	return base;
}

/* Does evaluation leave the chain behind that hop without coming back to it? */
static bool leaves_chain(const struct path_hop *hop)
{
	return hop->step->kind != HOP_LOG && hop->meaning->is == HOP_IS_RULE &&
	       (hop->verdict == VERDICT_RETURN || hop->verdict == VERDICT_GOTO);
}

bool packet_came_to(const struct model *m, const struct packet *p, size_t hop,
		    const struct rule *rule, const struct rule **by)
{
	size_t from, entered, left = 0;
	bool seen = false;
	const struct chain *base = evaluated(m, p, hop, &from);

	*by = NULL;
	if (!was_traced(m, p)) /* of chains without a LOG rule nothing would tell */
		return true;
	entered = base == rule->chain;
	for (size_t i = from; i <= hop; i++) {
		struct path_hop h = paths_hop(m->paths, p->path, i);
		const struct rule *at = h.meaning->rule;

		if ((h.verdict == VERDICT_JUMP || h.verdict == VERDICT_GOTO) && h.target &&
		    str_eq(sym_text(m->syms, h.target), rule->chain->name))
			entered++;
		seen |= h.meaning->chain == rule->chain && h.step->kind != HOP_LOG;
		if (!at || at->chain != rule->chain || !leaves_chain(&h) ||
		    at->number >= rule->number)
			continue;
		left++;
		*by = at;
	}
	/* the trace may have begun in it */
	return (entered || !seen ? entered : 1) > left;
}

/* Is it known that the evaluation that hop @hop ends was traced from before @rule on? */
static bool traced_before(const struct model *m, const struct packet *p, size_t hop,
			  const struct rule *rule)
{
	const struct rule *first = paths_meaning_at(m->paths, p->hops[0].step)->rule;
	size_t from;
	const struct chain *base = evaluated(m, p, hop, &from);

	if (from)
		return true;
	if (rule->chain == base)
		return first && first->chain == base && first->number < rule->number;
	for (size_t i = 0; i <= hop; i++) {
		struct path_hop h = paths_hop(m->paths, p->path, i);

		if (h.target && str_eq(sym_text(m->syms, h.target), rule->chain->name))
			return true;
	}
	return false;
}

/* Did evaluation go on behind @rule, as far as hop @hop? */
static bool went_past(const struct model *m, const struct packet *p, size_t hop,
		      const struct rule *rule)
{
	struct path_hop at = paths_hop(m->paths, p->path, hop);

	if (at.step->kind == HOP_POLICY && at.meaning->is == HOP_IS_POLICY && !at.depth)
		return at.meaning->chain == rule->chain || !(rule->chain->have & CHAIN_BASE);
	while (at.meaning->rule) {
		if (at.meaning->chain == rule->chain)
			return at.meaning->rule->number > rule->number;
		if (!calling_hop(m, p->path, hop, &hop))
			break;
		at = paths_hop(m->paths, p->path, hop);
	}
	/* none of the chains that it still was in: over, if these are all */
	return at.meaning->rule && (at.meaning->chain->have & CHAIN_BASE) &&
	       !(rule->chain->have & CHAIN_BASE);
}

/* A condition may have asked for what was another mark then. */
static bool changed_mark(const struct model *m, const struct packet *p, size_t hop)
{
	size_t from;

	evaluated(m, p, hop, &from);
	for (size_t i = from; i <= hop; i++) {
		const struct rule *rule = paths_meaning_at(m->paths, p->hops[i].step)->rule;

		if (rule && (rule->flags & RULE_SETS_MARK))
			return true;
	}
	return false;
}

bool came_past(const struct model *m, const struct packet *p, size_t hop, const struct rule *rule)
{
	const unsigned int doubts = PACKET_STALE | PACKET_AMBIGUOUS | PACKET_MID_GAP | PACKET_GAP |
				    PACKET_CUT | PACKET_NO_START;
	const struct rule *by;

	return !m->wrong_rules && !(p->flags & doubts) && was_traced(m, p) &&
	       traced_before(m, p, hop, rule) && went_past(m, p, hop, rule) &&
	       packet_came_to(m, p, hop, rule, &by) && !changed_mark(m, p, hop);
}

/*
 * Was the packet held against @rule, and would the trace show it, had all of it fitted? Then the
 * one condition that cannot be checked is what did not. (tproxy, without a socket, ends a rule,
 * too, and is none.)
 */
static bool was_passed_over(const struct model *m, const struct packet *p, size_t hop,
			    const struct rule *rule)
{
	return !(rule->flags & RULE_TO_SOCKET) && came_past(m, p, hop, rule);
}

/* Of what cannot be checked one condition is left, or one but for those that fit most likely. */
static bool is_the_one(const struct rule_miss *miss)
{
	return miss->unknown == 1 || miss->unknown == miss->likely + 1;
}

bool failed_by_state(const struct model *m, const struct packet *p, size_t hop,
		     const struct rule *rule)
{
	struct rule_miss miss = { .field = NULL };

	return model_fit(m, p, hop, rule, &miss, NULL, 0) == MATCH_UNKNOWN && is_the_one(&miss) &&
	       !strcmp(miss.field, "ct state") && was_passed_over(m, p, hop, rule);
}

/* The packet did not come to a rule: who sent it away before. */
static struct str not_come(const struct rule *rule, const struct rule *by)
{
	if (!by)
		return text("the packet did not come to chain %.*s", STR_ARG(rule->chain->name));
	return text("the packet did not come there: rule %" PRIu32 " took it out of the chain "
		    "(%.*s)",
		    by->number, STR_ARG(by->text));
}

/* clang-format off */
/* What it means that a condition failed which begins so, and has @has in it: the first row. */
static const struct {
	struct str begins, has;
	const char *words;
} failures[] = {
#define S(text) { text, sizeof(text) - 1 }
	{ S("limit rate "), S(" over "), " (the rate was not above it)" },
	{ S("limit rate "), S(""), " (the rate was exceeded)" },
	{ S("-m limit "), S(" over "), " (the rate was not above it)" },
	{ S("-m limit "), S(""), " (the rate was exceeded)" },
	{ S("-m hashlimit "), S("! --"), "" },
	{ S("-m hashlimit "), S("--hashlimit-above "), " (the rate was not above it)" },
	{ S("-m hashlimit "), S(""), " (the rate was exceeded)" },
	{ S("-m connlimit "), S("! --"), "" },
	{ S("-m connlimit "), S("--connlimit-upto "), " (there were more connections)" },
	{ S("-m connlimit "), S(""), " (there were no more connections)" },
	{ S("ct count over "), S(""), " (there were no more connections)" },
	{ S("meta ipsec exists"), S(""), " (it came in clear)" },
	{ S("rt ipsec exists"), S(""), " (it is to leave in clear)" },
#undef S
};
/* clang-format on */

static const char *failed_how(struct str cond)
{
	for (size_t i = 0; i < sizeof(failures) / sizeof(*failures); i++)
		if (str_starts(cond, failures[i].begins) &&
		    (!failures[i].has.n || str_has(cond, failures[i].has)))
			return failures[i].words;
	return "";
}

/* Is the evaluation that ends at @told, or in a chain that it called, known from its beginning? */
static bool whole_evaluation(const struct model *m, const struct packet *p, size_t hop,
			     const struct chain *told)
{
	size_t from;
	const struct chain *base = evaluated(m, p, hop, &from);

	return base == told ||
	       (told && base && !(told->have & CHAIN_BASE) && (base->have & CHAIN_BASE));
}

struct str near_miss_text(const struct model *m, const struct packet *p, size_t hop,
			  const struct rule *rule, const struct chain *told)
{
	struct rule_miss miss = { .field = NULL };
	char why[MISS_LONGEST];
	enum match match = model_fit(m, p, hop, rule, &miss, why, sizeof(why));
	struct str name = rule_name(rule, told), s;
	const struct rule *by;

	if (match != MATCH_NO && whole_evaluation(m, p, hop, told) &&
	    !packet_came_to(m, p, hop, rule, &by)) {
		struct str where = not_come(rule, by);

		s = text("%.*s: %.*s", STR_ARG(name), STR_ARG(where));
		text_free(where);
	} else if (match == MATCH_YES) {
		s = text("%.*s: all of it fits; the rule set may be another one", STR_ARG(name));
	} else if (match == MATCH_UNKNOWN && is_the_one(&miss) &&
		   was_passed_over(m, p, hop, rule)) {
		s = text("%.*s: %.*s %s%s%s", STR_ARG(name), STR_ARG(miss.text),
			 miss.unknown == 1 ? "must have failed" : "failed, most likely",
			 failed_how(miss.text), rule->n_conds > 1 ? ": all else fits" : "");
	} else {
		s = text("%.*s: %.*s%s%s", STR_ARG(name), STR_ARG(miss.text),
			 match == MATCH_UNKNOWN ? " " : ", ", why);
	}
	text_free(name);
	return s;
}
