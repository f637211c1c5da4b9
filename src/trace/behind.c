/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * behind.c - packets of which there are LOG lines alone: what stands behind the LOG rule
 *
 * Theory of operation. Who has no TRACE has LOG lines, and behind most rules that log stands one
 * that drops. The line proves that evaluation came to its rule; where it went from there the rule
 * set tells, as far as the packet's headers and devices do (ruleset_behind()). That is no hop that
 * was seen, and a rule set on paper may be another than the kernel's, so what follows from it is
 * inferred. What stopped the packet there is put behind its hops, marked as such: all that speaks
 * of stops finds it at the place where it looks for them. An accept ends this base chain alone, and
 * a rule that may have fitted ends what is known: these are no hops, but kept beside the path.
 *
 * What a prefix says of its rule (a firewall's own convention) is not contradicted.
 *
 * A rule set may have hundreds of rules, a log millions of packets, which are few in what the rules
 * ask of them. So what was found behind a rule for one is remembered for those that are like it.
 */
#include "assemble.h"

#include <errno.h>
#include <stdlib.h>

#include "nfhop/hash.h"

#define LOOKS_MOST 4096 /* rules of chains that call each other over and over */

static bool is_stop(enum verdict verdict)
{
	return verdict == VERDICT_DROP || verdict == VERDICT_REJECT;
}

/* Its last LOG line, if there is nothing else. */
static const struct step *last_log(const struct assembler *a, const struct packet *p)
{
	const struct step *s = NULL;

	for (size_t i = 0; i < p->n_hops; i++) {
		s = paths_step_at(a->paths, p->hops[i].step);
		if (s->kind != HOP_LOG || s->table)
			return NULL;
	}
	return s;
}

static unsigned int hooks_at(const struct step *s, const struct hop *hop)
{
	return s->hook ? HOOK_BIT(s->hook) : hooks_by_devices(hop->iif, hop->oif);
}

/* May a map of verdicts that @rule asks send packets to @to? */
static bool may_map(const struct rule *rule, const struct chain *to)
{
	return (rule->flags & RULE_VERDICT_MAP) && !rule->to &&
	       (str_has(rule->text, to->name) || str_has(rule->text, STR("@")));
}

/* May evaluation come from @chain to @to? */
static bool may_reach(const struct chain *chain, const struct chain *to, uint32_t *looks)
{
	for (uint32_t i = 1; chain != to && i <= chain->n_rules; i++) {
		const struct rule *rule = chain_rule(chain, i);

		if (!*looks || may_map(rule, to))
			return true;
		--*looks;
		if (rule->to && may_reach(rule->to, to, looks))
			return true;
	}
	return chain == to;
}

/*
 * The hook where the packet was, if only one has a base chain from which evaluation can have come
 * to @end. firewalld and fw4 have all of theirs in one table.
 */
static enum hook hook_of(const struct assembler *a, enum family family, unsigned int hooks,
			 const struct chain *end)
{
	unsigned int found = 0;

	for (int h = HOOK_NONE + 1; h < HOOK_MAX; h++) {
		struct chain_list list = { 0 };

		if (hooks & HOOK_BIT(h))
			list = ruleset_hook_chains(paths_rules(a->paths), family, (enum hook)h);
		for (size_t i = 0; i < list.n; i++) {
			uint32_t looks = LOOKS_MOST;

			if (list.at[i]->table == end->table && may_reach(list.at[i], end, &looks))
				found |= HOOK_BIT(h);
		}
	}
	return hooks_only(found);
}

#define FINDS 1024

/**
 * struct find - what ruleset_behind() said
 * @step: that of the LOG line + 1, 0: nothing yet; those of another rule set have other numbers
 * @hook: where that is, as hook_of() says
 */
struct find {
	uint32_t step;
	unsigned int hooks;
	enum behind behind;
	enum hook hook;
	struct hop_meaning is;
	struct sighting_key key;
};

/* find_at - where is remembered, or can be, what is asked; NULL: nowhere */
static struct find *find_at(struct assembler *a, uint32_t step, unsigned int hooks,
			    const struct sighting *seen, struct sighting_key *key)
{
	uint64_t hash;

	if (!a->finds)
		a->finds = calloc(FINDS, sizeof(*a->finds));
	if (!a->finds || !sighting_key(paths_rules(a->paths), seen, key))
		return NULL;
	hash = hash_add(hash_bytes(key->b, key->n), (uint64_t)step << 32 | hooks);
	return &a->finds[hash % FINDS];
}

static bool is_asked(const struct find *find, uint32_t step, unsigned int hooks,
		     const struct sighting_key *key)
{
	return find->step == step + 1 && find->hooks == hooks && find->key.n == key->n &&
	       !memcmp(find->key.b, key->b, key->n);
}

static enum behind recall(struct assembler *a, uint32_t step, unsigned int hooks,
			  const struct sighting *seen, struct hop_meaning *is, enum hook *hook)
{
	const struct step *log = paths_step_at(a->paths, step);
	struct sighting_key key;
	struct find *find = find_at(a, step, hooks, seen, &key);
	enum behind behind;

	if (find && is_asked(find, step, hooks, &key)) {
		*is = find->is;
		*hook = find->hook;
		return find->behind;
	}
	behind = ruleset_behind(paths_rules(a->paths), sym_text(a->syms, log->prefix), seen, hooks,
				is);
	*hook = HOOK_NONE;
	if (behind == BEHIND_END)
		*hook = hook_of(a, log->family, hooks, is->chain);
	if (find)
		*find = (struct find){ step + 1, hooks, behind, *hook, *is, key };
	return behind;
}

static enum behind look_behind(struct assembler *a, const struct packet *p, const struct step *s,
			       struct hop_meaning *is, enum hook *hook)
{
	const struct hop *last = &p->hops[p->n_hops - 1];
	struct packet_seen seen;

	if (!s || (p->flags & PACKET_STALE) || s->generation != paths_generation(a->paths))
		return BEHIND_NOTHING;
	packet_seen_at(a->syms, p, p->n_hops - 1u, &seen);
	seen.sighting.have |= SIGHTING_LISTED;
	seen.sighting.states = a->sink.states ? a->sink.states(a->sink.who, p) : 0;
	if (seen.sighting.states)
		seen.sighting.have |= SIGHTING_STATES;
	return recall(a, last->step, hooks_at(s, last), &seen.sighting, is, hook);
}

/* The step of what is no event's. */
static uint32_t step_behind(struct assembler *a, const struct step *log, enum hook hook,
			    const struct hop_meaning *is)
{
	const struct table *table = is->chain->table;
	struct step step = {
		.table = sym_intern(a->syms, table->name),
		.chain = sym_intern(a->syms, is->chain->name),
		.rule = is->rule ? is->rule->number : 0,
		.handle = is->rule && is->rule->flags & RULE_HANDLE ? is->rule->handle : 0,
		.family = (uint8_t)table->family,
		.hook = (uint8_t)hook,
		.kind = is->rule ? HOP_RULE : HOP_POLICY,
		.generation = log->generation,
		.have = STEP_BEHIND,
	};

	step.have |= (uint8_t)((step.rule ? STEP_RULE : 0) | (step.handle ? STEP_HANDLE : 0) |
			       (table->backend == BACKEND_NFT ? STEP_NFT : 0) |
			       (is->chain->have & CHAIN_BASE ? STEP_BASE : 0));
	return paths_step_as(a->paths, &step, is);
}

static int hop_behind(struct packet *p, uint32_t step)
{
	if (hops_reserve(p, p->n_hops + 1u))
		return -ENOMEM;
	p->hops[p->n_hops] = p->hops[p->n_hops - 1];
	p->hops[p->n_hops++].step = step;
	return 0;
}

/* A firewall's own convention tells otherwise. What csf calls blocked it may as well reject. */
static bool is_denied(const struct assembler *a, uint32_t log, const struct hop_meaning *is)
{
	enum verdict named = paths_name_at(a->paths, log)->verdict;

	return named && named != is->verdict && !(is_stop(named) && is_stop(is->verdict));
}

/* The rule that logs it stops it, and nothing else can be meant: the LOG line is the hop. */
static bool is_itself(const struct assembler *a, uint32_t log, const struct hop_meaning *is)
{
	return is->rule && !is->rests && is->rule == paths_meaning_at(a->paths, log)->rule;
}

/* Two of the steps that it may have come to, if two are known. */
static int tell_apart(struct assembler *a, const struct step *log, const struct hop_meaning *is,
		      uint32_t *beyond)
{
	*beyond = PATH_APART;
	if (is->doubt.kind == DOUBT_APART)
		*beyond = step_behind(a, log, HOOK_NONE, is);
	return *beyond == UINT32_MAX ? -ENOMEM : 0;
}

int behind_logs(struct assembler *a, struct packet *p, uint32_t *beyond)
{
	const struct step *log = paths_rules(a->paths) ? last_log(a, p) : NULL;
	struct hop *last = &p->hops[p->n_hops - 1];
	enum hook hook = HOOK_NONE;
	struct hop_meaning is;
	enum behind behind = look_behind(a, p, log, &is, &hook);
	uint32_t step;

	if (behind == BEHIND_APART)
		return tell_apart(a, log, &is, beyond);
	if (behind != BEHIND_END || is_denied(a, last->step, &is))
		return 0;
	step = step_behind(a, log, hook, &is);
	/* one base chain evaluates both, so the LOG line is of the same hook */
	if (step == UINT32_MAX || (hook && hop_settle(a, last, hook)))
		return -ENOMEM;
	if (!is_stop(is.verdict))
		*beyond = step;
	else if (!is_itself(a, last->step, &is))
		return hop_behind(p, step);
	return 0;
}
