/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * behind.c - where the evaluation of a packet ends that a rule logged, as far as rules tell
 *
 * Theory of operation. A LOG line proves that evaluation came to a rule that logs with its prefix.
 * From there it goes on at the next rule, through the chains that rules call, back into those that
 * called, to the policy. Each rule on that way is held against the packet: what cannot fit is
 * passed over; the first that may end evaluation, or take it elsewhere, without its being known,
 * ends what is known. Who called the chain of the LOG rule is not known: then each caller that is
 * possible is followed, and each LOG rule with that prefix, and all must come to one end. If they
 * do not, those are left out that the packet cannot have come to, since a rule in front of them
 * takes it for certain.
 *
 * What a condition asks that no line prints may be known by other signs: a named set by what the
 * dump lists, the state of the connection by its packets. Either may be wrong without the rules
 * being so, which is why they are asked last, and the end says that it rests on them.
 *
 * A rule that changes the packet changes what later ones see: then what the LOG line and its rule
 * tell of that does not count any more.
 */
#include "build.h"
#include "lit.h"
#include "vmap.h"

#define CALLS_MOST 16	/* jumps within jumps: NFT_JUMP_STACK_SIZE */
#define RULES_MOST 4096 /* chains that call each other over and over */

#define SIGNS (SIGHTING_LISTED | SIGHTING_STATES)

/**
 * struct ends - what the ways that evaluation may have taken come to
 * @is: the end of the first; if another was found that is not the same, its doubt
 * @any: there was one; @apart: they do not agree
 */
struct ends {
	struct hop_meaning is;
	bool any, apart;
};

/**
 * struct way - evaluation as it goes on
 * @hooks: where it may be
 * @rules: how many may still be looked at, on all ways
 * @signs: of SIGNS, what may be asked where @seen alone does not tell; @rests: what told
 * @before: is it asked whether a rule in front of one took the packet?
 */
struct way {
	const struct ruleset *rs;
	struct sighting seen;
	unsigned int hooks;
	uint32_t *rules;
	uint8_t signs, rests;
	bool before;
};

static struct hop_meaning at_rule(const struct rule *rule, enum verdict verdict)
{
	return (struct hop_meaning){
		.is = HOP_IS_RULE, .verdict = verdict, .chain = rule->chain, .rule = rule
	};
}

static struct hop_meaning at_policy(const struct chain *chain)
{
	return (struct hop_meaning){ .is = HOP_IS_POLICY,
				     .verdict = chain->policy,
				     .chain = chain };
}

/* One that may end it, and why that is not known. */
static struct hop_meaning at_doubt(const struct rule *rule, enum doubt_kind kind, struct str about)
{
	struct hop_meaning is = at_rule(rule, VERDICT_NONE);

	is.doubt = (struct doubt){ .kind = kind, .text = about };
	return is;
}

/* Before conntrack has seen a packet, its state is none of a connection. */
static bool is_tracked(const struct ruleset *rs, const struct table *table)
{
	struct chain_list chains = ruleset_chains(rs);

	for (size_t i = 0; i < chains.n; i++) {
		const struct chain *chain = chains.at[i];

		if (chain->table == table && (chain->have & CHAIN_BASE) &&
		    (!(chain->have & CHAIN_PRIORITY) ||
		     chain_stands_at(chain) <= PRIORITY_CONNTRACK))
			return false;
	}
	return true;
}

/* What @rule is held against if @signs count, as far as they may. */
static struct sighting see_signs(const struct way *way, const struct rule *rule, uint8_t signs)
{
	struct sighting seen = way->seen;

	signs &= way->signs;
	if ((signs & SIGHTING_STATES) && !is_tracked(way->rs, rule->chain->table))
		signs &= (uint8_t)~SIGHTING_STATES;
	seen.have |= signs;
	return seen;
}

/* It may fit. */
static struct hop_meaning at_condition(const struct way *way, const struct rule *rule)
{
	const struct sighting seen = see_signs(way, rule, SIGNS);
	enum doubt_kind kind = DOUBT_CONDITION;
	struct rule_miss miss;

	rule_match(rule, &seen, &miss);
	if (miss.set)
		kind = DOUBT_SET;
	else if (miss.field && !strcmp(miss.field, "ct state"))
		kind = DOUBT_STATE;
	return at_doubt(rule, kind, miss.text);
}

static bool is_same_end(const struct hop_meaning *a, const struct hop_meaning *b)
{
	return a->chain == b->chain && a->rule == b->rule && a->verdict == b->verdict;
}

static void ends_add(struct ends *ends, const struct way *way, struct hop_meaning is)
{
	uint8_t rests = ends->is.rests | way->rests;

	if (!ends->any) {
		ends->is = is;
	} else if (!ends->apart && !is_same_end(&ends->is, &is)) {
		ends->is.doubt = (struct doubt){ .kind = DOUBT_APART,
						 .verdict = is.verdict,
						 .chain = is.chain,
						 .rule = is.rule };
		ends->apart = true;
	}
	ends->is.rests = rests;
	ends->any = true;
}

/* Can a rule that only goes on change what rules behind it ask for? */
static bool alters(const struct rule *rule)
{
	const unsigned int sets = RULE_SETS_MARK | RULE_RESTORES_MARK | RULE_SAVES_MARK |
				  RULE_SETS_ZONE | RULE_NOTRACK | RULE_TO_SOCKET | RULE_ALTERS;

	return (rule->flags & sets) || (rule->target.n && !(rule->flags & RULE_LOGS));
}

static void see_changed(struct way *way, const struct rule *rule)
{
	if (!alters(rule))
		return;
	way->seen.met = NULL;
	way->seen.have &= (uint8_t)~SIGHTING_MARK;
	way->signs = 0;
}

static bool is_end(enum verdict verdict)
{
	return verdict_reach(verdict) == REACH_BASE || verdict_reach(verdict) == REACH_PACKET;
}

static bool is_call(struct does does)
{
	return does.to && (does.verdict == VERDICT_JUMP || does.verdict == VERDICT_GOTO);
}

static struct does does_itself(const struct rule *rule)
{
	return (struct does){ rule->verdict, rule->to };
}

/* What @rule does with the packet, if it fits; with a map that is what its element says, or if that
 * goes on what is written behind the map. */
static struct does does_now(const struct way *way, const struct rule *rule, enum match fits)
{
	struct sighting seen;
	struct does does;

	if (!(rule->flags & RULE_VERDICT_MAP) || fits != MATCH_YES)
		return does_itself(rule);
	seen = see_signs(way, rule, SIGNS);
	does = vmap_does(way->rs, rule, &seen);
	return does.verdict == VERDICT_CONTINUE && rule->verdict ? does_itself(rule) : does;
}

/* What a rule does that is met; GO_ON: the next one comes, GO_OUT: the chain is over */
enum going { GO_ON, GO_OUT, GO_END };

static enum going go_through(struct way *way, const struct chain *chain, uint32_t from,
			     unsigned int calls, struct hop_meaning *end);

static enum going step_call(struct way *way, const struct rule *rule, struct does does,
			    enum match fits, unsigned int calls, struct hop_meaning *end)
{
	enum going going = go_through(way, does.to, 1, calls + 1, end);

	if (going == GO_END) {
		if (fits != MATCH_YES)
			*end = at_condition(way, rule);
		return going;
	}
	if (does.verdict == VERDICT_JUMP)
		return GO_ON;
	if (fits == MATCH_YES)
		return GO_OUT;
	*end = at_condition(way, rule);
	return GO_END;
}

static enum going step_rule(struct way *way, const struct rule *rule, enum match fits,
			    unsigned int calls, struct hop_meaning *end)
{
	struct does does = does_now(way, rule, fits);

	/* of addresses that it writes the LOG line does not tell */
	if (verdict_reach(does.verdict) == REACH_RULE && !(rule->flags & RULE_SETS_ENDS)) {
		see_changed(way, rule);
		return GO_ON;
	}
	if (is_call(does) && calls < CALLS_MOST)
		return step_call(way, rule, does, fits, calls, end);
	if (does.verdict == VERDICT_RETURN && fits == MATCH_YES)
		return GO_OUT;
	if (fits != MATCH_YES)
		*end = at_condition(way, rule);
	else if (is_end(does.verdict))
		*end = at_rule(rule, does.verdict);
	else if (rule->flags & RULE_SETS_ENDS)
		*end = at_doubt(rule, DOUBT_ENDS, rule->text);
	else
		*end = at_doubt(rule, DOUBT_VERDICT, rule->target.n ? rule->target : rule->text);
	return GO_END;
}

/* As rule_match(); signs are asked one by one if nothing else tells. */
static enum match fits_way(struct way *way, const struct rule *rule)
{
	static const uint8_t signs[] = { SIGHTING_LISTED, SIGHTING_STATES, SIGNS };
	enum match fits = rule_match(rule, &way->seen, NULL);

	for (size_t i = 0; way->signs && fits == MATCH_UNKNOWN && i < sizeof(signs); i++) {
		const struct sighting seen = see_signs(way, rule, signs[i]);

		fits = rule_match(rule, &seen, NULL);
		if (fits != MATCH_UNKNOWN)
			way->rests |= signs[i];
	}
	return fits;
}

/* The rules of @chain from number @from on; what calls it is not looked at. */
static enum going go_through(struct way *way, const struct chain *chain, uint32_t from,
			     unsigned int calls, struct hop_meaning *end)
{
	enum going going = GO_ON;

	for (uint32_t i = from; i <= chain->n_rules && going == GO_ON; i++) {
		const struct rule *rule = chain_rule(chain, i);
		enum match fits = fits_way(way, rule);

		if (!*way->rules) {
			*end = at_rule(rule, VERDICT_NONE);
			return GO_END;
		}
		--*way->rules;
		if (fits != MATCH_NO)
			going = step_rule(way, rule, fits, calls, end);
	}
	return going == GO_END ? going : GO_OUT;
}

/* Does @rule, which fits, keep the packet from the next one in any case? */
static bool surely_takes(struct way way, const struct rule *rule)
{
	struct hop_meaning end;

	if (is_call(does_itself(rule)) && rule->verdict == VERDICT_JUMP)
		return go_through(&way, rule->to, 1, 1, &end) == GO_END && end.verdict;
	return is_end(rule->verdict) || rule->verdict == VERDICT_RETURN ||
	       rule->verdict == VERDICT_GOTO;
}

/* Can a packet that comes to the chain of @rule come to that rule? */
static bool may_come(struct way way, const struct rule *rule)
{
	way.seen.met = NULL;
	way.seen.have &= (uint8_t)~SIGHTING_MARK;
	way.signs = 0;
	for (uint32_t i = 1; way.before && i < rule->number && *way.rules; i++) {
		const struct rule *first = chain_rule(rule->chain, i);

		--*way.rules;
		if (first->flags & RULE_SETS_ENDS)
			return true; /* it may have been another then */
		if (rule_match(first, &way.seen, NULL) == MATCH_YES && surely_takes(way, first))
			return false;
	}
	return true;
}

/* Is it a base chain that packets meet at one of the hooks where this one may have been? */
static bool is_at(const struct way *way, const struct chain *chain)
{
	struct chain_list list;

	if (!(chain->have & CHAIN_BASE) || !(way->hooks & HOOK_BIT(chain->hook)))
		return false;
	list = ruleset_hook_chains(way->rs, way->seen.pkt->family, chain->hook);
	for (size_t i = 0; i < list.n; i++)
		if (list.at[i] == chain)
			return true;
	return false;
}

/*
 * Can @rule have called @chain for the packet? Its mark may have been another then. What a map
 * sends where only its text tells, if it has no name.
 */
static bool may_call(const struct way *way, const struct rule *rule, const struct chain *chain)
{
	struct sighting before = way->seen;
	enum match fits;

	before.have &= (uint8_t)~SIGHTING_MARK;
	if (rule->chain->table != chain->table ||
	    (!rule->to && !str_has(rule->text, chain->name) && !str_has(rule->text, STR("@"))))
		return false;
	fits = rule_match(rule, &before, NULL);
	if (fits == MATCH_YES && (rule->flags & RULE_VERDICT_MAP)) {
		struct does does = vmap_does(way->rs, rule, &before);

		if (does.verdict && does.to != chain)
			return false;
	}
	return fits != MATCH_NO && may_come(*way, rule);
}

typedef void take_call(struct way way, const struct rule *rule, const struct chain *chain,
		       unsigned int calls, struct ends *ends);

static void each_of(const struct way *way, struct rule_list rules, const struct chain *chain,
		    take_call *take, unsigned int calls, struct ends *ends)
{
	for (size_t i = 0; i < rules.n && *way->rules; i++) {
		--*way->rules;
		if (may_call(way, rules.at[i], chain))
			take(*way, rules.at[i], chain, calls + 1, ends);
	}
}

/* Call @take for each rule that may have called @chain. */
static void each_caller(const struct way *way, const struct chain *chain, take_call *take,
			unsigned int calls, struct ends *ends)
{
	if (calls >= CALLS_MOST)
		*way->rules = 0; /* deeper than any rule set: nothing is known */
	each_of(way, ruleset_calls(way->rs, chain), chain, take, calls, ends);
	each_of(way, ruleset_calls(way->rs, NULL), chain, take, calls, ends);
}

/* A base chain where the packet may have been, and from which it may have come to the chain. */
static void take_base(struct way way, const struct rule *rule, const struct chain *chain,
		      unsigned int calls, struct ends *ends)
{
	(void)chain;
	if (is_at(&way, rule->chain))
		ends->any = true;
	else if (!ends->any && !(rule->chain->have & CHAIN_BASE))
		each_caller(&way, rule->chain, take_base, calls, ends);
}

static bool may_be_in(const struct way *way, const struct chain *chain)
{
	struct ends reached = { .any = false };

	if (chain->have & CHAIN_BASE)
		return is_at(way, chain);
	each_caller(way, chain, take_base, 0, &reached);
	return reached.any;
}

static void leave(struct way way, const struct chain *chain, unsigned int calls, struct ends *ends);

static bool sends(const struct rule *rule, const char *word, const struct chain *chain)
{
	struct str rest = rule->text;
	size_t n = strlen(word);

	while (rest.n) {
		rest = str_skip(rest, str_find(rest, str_from(word)) + n);
		if (str_starts(rest, chain->name))
			return true;
	}
	return false;
}

/* By what it called @chain; VERDICT_NONE: a map, which may do either. */
static enum verdict call_of(const struct rule *rule, const struct chain *chain)
{
	if (rule->to)
		return rule->verdict;
	if (str_has(rule->text, STR("@")) || sends(rule, "goto ", chain))
		return VERDICT_NONE;
	return sends(rule, "jump ", chain) ? VERDICT_JUMP : VERDICT_NONE;
}

/* Back behind a rule that called: into its chain, or behind that. */
static void take_caller(struct way way, const struct rule *rule, const struct chain *chain,
			unsigned int calls, struct ends *ends)
{
	enum verdict call = call_of(rule, chain);
	struct hop_meaning end;

	if (!may_be_in(&way, rule->chain))
		return;
	if (call == VERDICT_NONE)
		ends_add(ends, &way, at_rule(rule, VERDICT_NONE));
	else if (call == VERDICT_JUMP &&
		 go_through(&way, rule->chain, rule->number + 1, 0, &end) == GO_END)
		ends_add(ends, &way, end);
	else
		leave(way, rule->chain, calls, ends);
}

/* The chain is over: its policy comes, or what called it. */
static void leave(struct way way, const struct chain *chain, unsigned int calls, struct ends *ends)
{
	if (chain->have & CHAIN_BASE)
		ends_add(ends, &way, at_policy(chain));
	else
		each_caller(&way, chain, take_caller, calls, ends);
}

static bool has_family(const struct rule *rule, enum family family)
{
	return rule->chain->table->family == family || rule->chain->table->family == FAMILY_INET;
}

/* Can @rule have logged the packet? */
static bool may_log(const struct way *way, const struct rule *rule)
{
	struct rule_miss miss;

	/* behind `log` nft may ask for more, of what is logged already */
	return (rule_match(rule, &way->seen, &miss) != MATCH_NO ||
		!rule_asks_first(rule, miss.text)) &&
	       may_be_in(way, rule->chain) && may_come(*way, rule);
}

static void behind_rule(struct way way, const struct rule *rule, struct ends *ends)
{
	struct hop_meaning end;

	way.seen.met = rule;
	if (go_through(&way, rule->chain, rule->number, 0, &end) == GO_END)
		ends_add(ends, &way, end);
	else
		leave(way, rule->chain, 0, ends);
}

static void follow(struct way way, struct rule_list logs, struct ends *ends)
{
	for (size_t i = 0; i < logs.n; i++) {
		const struct rule *rule = logs.at[i];

		if (!has_family(rule, way.seen.pkt->family))
			ends->apart |= rule->chain->table->family == FAMILY_BRIDGE;
		else if (may_log(&way, rule))
			behind_rule(way, rule, ends);
	}
	ends->apart |= !*way.rules;
}

enum behind ruleset_behind(const struct ruleset *rs, struct str prefix, const struct sighting *seen,
			   unsigned int hooks, struct hop_meaning *end)
{
	struct rule_list logs = ruleset_logs(rs, prefix);
	uint32_t rules = RULES_MOST;
	struct way way = { .rs = rs, .seen = *seen, .hooks = hooks, .rules = &rules };
	struct ends ends = { .any = false };

	way.seen.met = NULL;
	way.seen.states |= rs->odd_states;
	way.signs = seen->have & SIGNS;
	way.seen.have &= (uint8_t)~SIGNS;
	follow(way, logs, &ends);
	if (ends.apart) { /* does the packet come to each of them? That costs more. */
		ends = (struct ends){ .any = false };
		rules = RULES_MOST;
		way.before = true;
		follow(way, logs, &ends);
	}
	*end = ends.is;
	if (ends.apart)
		return BEHIND_APART;
	return ends.any ? BEHIND_END : BEHIND_NOTHING;
}
