/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * step.c - what a hop of a trace really was
 *
 * Theory of operation. Legacy TRACE names the matched entry by its place, and calls it `policy`
 * or `return` whenever the entry is unconditional and has a standard target, be it the end of the
 * chain or a rule in its middle (formats.md 2.3; Linux 6.18 ip_tables.c, get_chainname_rulenum()).
 * So the number decides: up to the number of rules it is that rule, one more is the end, anything
 * else means that other rules were loaded. nft names the rule by its handle.
 */
#include "nfhop/ruleset.h"

/* clang-format off */
static const struct { bool proves; const char *text; } misfits[] = {
	[MISFIT_NONE]        = { false, NULL },
	[MISFIT_NO_TABLE]    = { false, "the given rule set does not hold this table" },
	[MISFIT_NO_HANDLES]  = { false, "the given rule set has no handles (nft -a prints them)" },
	[MISFIT_UNSURE_RULE] = { false, "the trace says that this rule has conditions, the given "
					"rule set shows none (-i + is not shown)" },
	[MISFIT_TEXT]        = { false, "the chain has no rule that reads so in the given rule "
					"set" },
	[MISFIT_NO_CHAIN]    = { true, "the table has no such chain in the given rule set" },
	[MISFIT_NUMBER]      = { true, "the chain has fewer rules in the given rule set" },
	[MISFIT_HANDLE]      = { true, "the chain has no rule with this handle in the given "
				       "rule set" },
	[MISFIT_CONDITIONAL] = { true, "the trace says that this rule has no conditions, in the "
				       "given rule set it has some" },
	[MISFIT_KIND]        = { true, "the trace says how the chain ends, and it is another kind "
				       "of chain in the given rule set" },
};
/* clang-format on */

_Static_assert(sizeof(misfits) / sizeof(*misfits) == MISFIT_MAX, "a misfit has no row");

const char *misfit_text(enum misfit misfit)
{
	return misfits[misfit].text;
}

bool misfit_proves(enum misfit misfit)
{
	return misfits[misfit].proves;
}

static struct hop_meaning unknown(const struct chain *chain, enum misfit misfit)
{
	return (struct hop_meaning){ .chain = chain, .misfit = misfit };
}

static struct hop_meaning is_rule(const struct rule *rule, enum misfit misfit)
{
	return (struct hop_meaning){ .is = HOP_IS_RULE,
				     .verdict = rule->verdict,
				     .misfit = misfit,
				     .chain = rule->chain,
				     .rule = rule };
}

static struct hop_meaning is_policy(const struct chain *chain)
{
	if (!(chain->have & CHAIN_BASE))
		return unknown(chain, MISFIT_KIND);
	return (struct hop_meaning){ .is = HOP_IS_POLICY,
				     .verdict = chain->policy,
				     .chain = chain };
}

static struct hop_meaning is_end(const struct chain *chain)
{
	bool base = chain->have & CHAIN_BASE;

	return (struct hop_meaning){ .is = HOP_IS_END,
				     .verdict = base ? VERDICT_CONTINUE : VERDICT_RETURN,
				     .chain = chain };
}

/* `policy` is said of base chains, `return` of the others, by legacy TRACE. */
static bool wrong_kind(const struct chain *chain, enum hop_kind kind)
{
	return kind == HOP_POLICY ? !(chain->have & CHAIN_BASE) : chain->have & CHAIN_BASE;
}

static bool may_be_unconditional(const struct rule *rule)
{
	static const unsigned int standard = 1u << VERDICT_ACCEPT | 1u << VERDICT_DROP |
					     1u << VERDICT_RETURN | 1u << VERDICT_QUEUE |
					     1u << VERDICT_NONE;

	if (rule->flags & RULE_UNCONDITIONAL)
		return true;
	/* conditions on devices are not shown there; those that are shown count */
	return (rule->chain->table->flags & TABLE_DEVICES_HIDDEN) && !rule->n_conds &&
	       (standard >> rule->verdict & 1);
}

static struct hop_meaning by_number(const struct chain *chain, const struct hop_name *hop)
{
	const struct rule *rule = chain_rule(chain, hop->number);

	if (hop->number > chain->n_rules + 1 || !hop->number)
		return unknown(chain, MISFIT_NUMBER);
	if (hop->kind == HOP_RULE) {
		if (!rule)
			return unknown(chain, MISFIT_NUMBER);
		return is_rule(rule,
			       rule->flags & RULE_UNCONDITIONAL ? MISFIT_UNSURE_RULE : MISFIT_NONE);
	}
	if (wrong_kind(chain, hop->kind))
		return unknown(chain, MISFIT_KIND);
	if (!rule)
		return hop->kind == HOP_POLICY ? is_policy(chain) : is_end(chain);
	if (!may_be_unconditional(rule))
		return unknown(chain, MISFIT_CONDITIONAL);
	return is_rule(rule, MISFIT_NONE);
}

static struct hop_meaning by_handle(const struct ruleset *rs, const struct chain *chain,
				    const struct hop_name *hop)
{
	const struct rule *rule;

	if (chain->table->flags & TABLE_NO_HANDLES)
		return unknown(chain, MISFIT_NO_HANDLES);
	rule = ruleset_rule_by_handle(rs, hop->family, hop->table, hop->handle);
	if (!rule || rule->chain != chain)
		return unknown(chain, MISFIT_HANDLE);
	return is_rule(rule, MISFIT_NONE);
}

static enum backend backend_of(const struct hop_name *hop)
{
	if (hop->backend != BACKEND_ANY)
		return hop->backend;
	if (hop->have & HOP_NAME_HANDLE)
		return BACKEND_NFT;
	return hop->have & HOP_NAME_NUMBER ? BACKEND_XT : BACKEND_ANY;
}

/* What it was called may have been wrong about the backend, but only if that was a guess. */
static const struct chain *find_chain(const struct ruleset *rs, const struct hop_name *hop,
				      enum misfit *misfit)
{
	enum backend backend = backend_of(hop);
	const struct chain *chain = ruleset_chain(rs, backend, hop->family, hop->table, hop->chain);
	const struct table *table;

	if (chain)
		return chain;
	if (hop->backend == BACKEND_ANY)
		chain = ruleset_chain(rs, BACKEND_ANY, hop->family, hop->table, hop->chain);
	table = ruleset_table(rs, backend, hop->family, hop->table);
	*misfit = table ? MISFIT_NO_CHAIN : MISFIT_NO_TABLE;
	return chain;
}

struct hop_meaning ruleset_step(const struct ruleset *rs, const struct hop_name *hop)
{
	enum misfit misfit = MISFIT_NONE;
	const struct chain *chain = find_chain(rs, hop, &misfit);

	if (!chain)
		return unknown(NULL, misfit);
	if (hop->have & HOP_NAME_HANDLE)
		return by_handle(rs, chain, hop);
	if (hop->have & HOP_NAME_NUMBER)
		return by_number(chain, hop);
	/* nft names no rule at the end of a chain, whatever it calls it (formats.md 3.4) */
	return hop->kind == HOP_POLICY ? is_policy(chain) : is_end(chain);
}
