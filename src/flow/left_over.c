/* SPDX-License-Identifier: GPL-2.0-or-later */
/* left_over.c - packets that no accepting rule took, and which of these nearly did */
#include "finding.h"

#define JUMPS_FOLLOWED 4
#define ALIENS_MANY    3 /* rules for other protocols that are counted, not told */

static bool may_accept(const struct rule *rule)
{
	return rule->verdict == VERDICT_ACCEPT || (rule->flags & RULE_MAP_ACCEPTS);
}

/* Do the rules of @chain from number @first to @last accept, or those of chains that they call? */
static bool any_accepts(const struct chain *chain, uint32_t first, uint32_t last,
			unsigned int depth)
{
	for (uint32_t i = first; i <= last; i++) {
		const struct rule *rule = &chain->rules[i - 1];

		if (may_accept(rule) || (rule->to && depth < JUMPS_FOLLOWED &&
					 any_accepts(rule->to, 1, rule->to->n_rules, depth + 1)))
			return true;
	}
	return false;
}

static bool accepts_somewhere(const struct chain *chain, unsigned int depth)
{
	return any_accepts(chain, 1, chain->n_rules, depth);
}

static bool any_returns(const struct chain *chain, uint32_t last)
{
	for (uint32_t i = 1; i <= last; i++)
		if (chain->rules[i - 1].verdict == VERDICT_RETURN)
			return true;
	return false;
}

/*
 * Does the rule at hop @i take what the accepting rules before it have left, as a policy would?
 * Those stand in its chain, or in that where a rule that asks for as little calls it. One that
 * asks for a protocol or a device does so only where nothing accepts behind it.
 */
static bool takes_rest(const struct model *m, uint32_t path, size_t i)
{
	bool all = true;

	for (;;) {
		const struct hop_meaning *at = paths_hop(m->paths, path, i).meaning;
		const struct rule *rule = at->rule;

		if (at->is != HOP_IS_RULE || !(rule->flags & RULE_COARSE))
			return false;
		all &= !rule->n_conds;
		if (!all && any_accepts(rule->chain, rule->number + 1, rule->chain->n_rules, 0))
			return false;
		if (any_accepts(rule->chain, 1, rule->number - 1, 0))
			return true;
		if (any_returns(rule->chain, rule->number - 1) || !calling_hop(m, path, i, &i))
			return false;
	}
}

bool was_left_over(const struct model *m, uint32_t path, size_t hop)
{
	struct path_hop h = paths_hop(m->paths, path, hop);

	if (!h.meaning->chain || h.step->kind == HOP_LOG)
		return false;
	if (h.meaning->is == HOP_IS_RULE)
		return takes_rest(m, path, hop);
	return h.meaning->is == HOP_IS_POLICY && accepts_somewhere(h.meaning->chain, 0);
}

/**
 * struct nearest - rules that would have accepted, those of which the fewest conditions failed
 * @hop: where the packet was stopped
 * @total: of all that were seen; @at is in their order
 * @alien: of them, those for another protocol or family
 */
struct nearest {
	const struct model *m;
	const struct packet *p;
	size_t hop;
	struct {
		const struct rule *rule;
		uint32_t failed;
		bool alien;
	} at[FINDING_LINES + 1];
	size_t n, total, alien;
};

/* Is rule @i no nearer than rule @k? Of equal failures, more conditions that fit are nearer. */
static bool is_farther(const struct nearest *near, size_t i, size_t k)
{
	if (near->at[i].alien != near->at[k].alien)
		return near->at[i].alien;
	if (near->at[i].failed != near->at[k].failed)
		return near->at[i].failed > near->at[k].failed;
	return near->at[i].rule->n_conds <= near->at[k].rule->n_conds;
}

static void forget_farthest(struct nearest *near)
{
	size_t worst = 0;

	for (size_t i = 1; i < near->n; i++)
		if (is_farther(near, i, worst))
			worst = i;
	near->n--;
	memmove(&near->at[worst], &near->at[worst + 1], (near->n - worst) * sizeof(*near->at));
}

/* What is for another protocol is no near miss, unless the port that it opens is the one asked. */
static bool is_alien(const struct rule *rule, const struct rule_miss *miss)
{
	if (strcmp(miss->field, "protocol") && strcmp(miss->field, "family"))
		return false;
	return miss->failed > 1 || !str_has(rule->text, STR("port"));
}

static void nearest_add(struct nearest *near, const struct rule *rule)
{
	struct rule_miss miss = { .failed = 0 };
	enum match match = model_fit(near->m, near->p, near->hop, rule, &miss, NULL, 0);
	bool alien = match == MATCH_NO && is_alien(rule, &miss);

	near->at[near->n].rule = rule;
	near->at[near->n].alien = alien;
	near->at[near->n++].failed = miss.failed;
	near->total++;
	near->alien += alien;
	if (near->n > FINDING_LINES)
		forget_farthest(near);
}

/*
 * Did @rule fit, as the trace shows? @to: the chain that its verdict map sent the packet to, NULL
 * if it is not seen there
 */
static bool was_met(const struct nearest *near, const struct rule *rule, const struct chain **to)
{
	*to = NULL;
	for (size_t i = 0; i < near->hop; i++) {
		struct path_hop at = paths_hop(near->m->paths, near->p->path, i), next;

		if (at.meaning->rule != rule || at.step->kind == HOP_LOG)
			continue;
		next = paths_hop(near->m->paths, near->p->path, i + 1);
		if (at.target && next.meaning->chain != rule->chain)
			*to = next.meaning->chain;
		return true;
	}
	return false;
}

/* The accepting ones of the first @n rules, and of the chains that these sent the packet to. */
static void gather(struct nearest *near, const struct chain *chain, uint32_t n, unsigned int depth)
{
	const struct chain *to;
	const struct rule *by;

	for (uint32_t i = 0; i < n; i++) {
		const struct rule *rule = &chain->rules[i];

		if ((rule->flags & RULE_VERDICT_MAP) && was_met(near, rule, &to))
			gather(near, to, to && depth < JUMPS_FOLLOWED ? to->n_rules : 0, depth + 1);
		else if (may_accept(rule))
			nearest_add(near, rule);
		else if (!rule->to || depth >= JUMPS_FOLLOWED || !rule->to->n_rules ||
			 packet_rule_match(near->m, near->p, near->hop, rule, 0, NULL) == MATCH_NO)
			continue;
		else if (packet_came_to(near->m, near->p, near->hop, &rule->to->rules[0], &by))
			gather(near, rule->to, rule->to->n_rules, depth + 1);
		else if (accepts_somewhere(rule->to, depth + 1))
			nearest_add(near, rule); /* by the trace it did not lead there */
	}
}

/* The same of all that the packet had behind it at hop @i, from its base chain on. */
static void gather_way(struct nearest *near, size_t i)
{
	const struct hop_meaning *at = paths_hop(near->m->paths, near->p->path, i).meaning;
	size_t caller;

	if (calling_hop(near->m, near->p->path, i, &caller))
		gather_way(near, caller);
	gather(near, at->chain, at->rule ? at->rule->number - 1 : at->chain->n_rules, 0);
}

static void put_miss(const struct nearest *near, const struct rule *rule, struct finding *f)
{
	const struct chain *told =
		paths_hop(near->m->paths, near->p->path, near->hop).meaning->chain;
	struct str miss = near_miss_text(near->m, near->p, near->hop, rule, told);

	if (may_accept(rule)) {
		finding_evidence(f, miss);
		return;
	}
	finding_evidence(
		f, text("%.*s; it leads to chain %.*s", STR_ARG(miss), STR_ARG(rule->to->name)));
	text_free(miss);
}

static void tell_rest(const struct nearest *near, size_t rest, struct finding *f)
{
	const char *s = rest == 1 ? "" : "s";

	if (rest && rest == near->alien)
		finding_evidence(f, text("%s more rule%s that accept%s for another protocol",
					 number_text(rest).s, s, rest == 1 ? "s is" : " are"));
	else if (rest)
		finding_evidence(f, text("%s more rule%s that accept%s it no better",
					 number_text(rest).s, s, rest == 1 ? "s fits" : " fit"));
}

/* Sets and states may have been others then, but most likely were not. */
static bool fits_late(const struct nearest *near, const struct rule *rule)
{
	struct rule_miss miss = { .failed = 0 };
	enum match match = model_fit(near->m, near->p, near->hop, rule, &miss, NULL, 0);

	return match == MATCH_YES || (match == MATCH_UNKNOWN && miss.unknown == miss.likely);
}

/* The first of the rules of @chain from number @first on that accepts the packet, or NULL */
static const struct rule *accepting(const struct nearest *near, const struct chain *chain,
				    uint32_t first, unsigned int depth)
{
	for (uint32_t i = first; i <= chain->n_rules; i++) {
		const struct rule *rule = &chain->rules[i - 1], *found = NULL;

		if (rule->verdict != VERDICT_ACCEPT && (!rule->to || depth >= JUMPS_FOLLOWED))
			continue;
		if (!fits_late(near, rule))
			continue;
		found = rule->to ? accepting(near, rule->to, 1, depth + 1) : rule;
		if (found)
			return found;
	}
	return NULL;
}

/* One that accepts it, but stands behind the rule that stopped it, or behind its callers. */
static const struct rule *too_late(const struct nearest *near)
{
	const struct rule *found = NULL;
	size_t i = near->hop;

	do {
		struct path_hop h = paths_hop(near->m->paths, near->p->path, i);

		if (h.meaning->is != HOP_IS_RULE)
			return NULL;
		if (i == near->hop || h.verdict != VERDICT_GOTO)
			found = accepting(near, h.meaning->chain, h.meaning->rule->number + 1, 0);
	} while (!found && calling_hop(near->m, near->p->path, i, &i));
	return found;
}

static void tell_too_late(const struct nearest *near, const struct rule *rule, struct finding *f)
{
	const struct chain *told =
		paths_hop(near->m->paths, near->p->path, near->hop).meaning->chain;
	struct str name = rule_name(rule, told);

	finding_evidence(f, text("%.*s would accept it, but stands behind: %.*s", STR_ARG(name),
				 STR_ARG(rule->text)));
	text_free(name);
}

void list_near_misses(const struct model *m, const struct packet *p, size_t hop, struct finding *f)
{
	struct nearest near = { .m = m, .p = p, .hop = hop };
	const struct rule *late = too_late(&near);
	size_t told = 0;

	gather_way(&near, hop);
	if (late)
		tell_too_late(&near, late, f);
	while (near.n && near.n + !!late + (near.total > near.n) > FINDING_LINES)
		forget_farthest(&near);
	for (size_t i = 0; i < near.n; i++)
		if (!near.at[i].alien || near.alien == near.total || near.alien < ALIENS_MANY) {
			put_miss(&near, near.at[i].rule, f);
			told++;
		}
	tell_rest(&near, near.total - told, f);
}
