/* SPDX-License-Identifier: GPL-2.0-or-later */
/* meaning.c - what a step was, by the rule set that is known and by the prefix of a LOG line */
#include "meaning.h"

#include <string.h>

#include "nfhop/prefixes.h"

static struct hop_meaning is_rule(const struct rule *rule)
{
	return (struct hop_meaning){
		.is = HOP_IS_RULE, .verdict = rule->verdict, .chain = rule->chain, .rule = rule
	};
}

/* Of iptables and ip6tables each has a rule with that prefix, most often. */
static bool may_log(const struct chain *chain, const struct step *s)
{
	enum family family = chain->table->family;
	bool ip = family == FAMILY_IP || family == FAMILY_IP6;

	if ((chain->have & CHAIN_BASE) && s->hook && chain->hook != (enum hook)s->hook)
		return false;
	return !ip || (s->family != FAMILY_IP && s->family != FAMILY_IP6) ||
	       family == (enum family)s->family;
}

static void ask_by_prefix(const struct meanings *p, const struct ruleset *set, const struct step *s,
			  struct hop_meaning *m)
{
	struct rule_list rules = ruleset_logs(set, sym_text(p->syms, s->prefix));
	const struct rule *rule = NULL;
	size_t n = 0;

	for (size_t i = 0; i < rules.n; i++)
		if (may_log(rules.at[i]->chain, s)) {
			rule = rules.at[i];
			n++;
		}
	if (n == 1)
		*m = is_rule(rule);
}

/* Only nft's own text reads as nft monitor's: not what was made from JSON, nor iptables'. */
static enum misfit text_misfit(const struct table *table)
{
	bool same_words = table->line && !(table->flags & TABLE_IPTABLES_SYNTAX);

	return same_words ? MISFIT_TEXT : MISFIT_NONE;
}

/* rule_by_text - how many rules of @chain read as the trace prints it, and one of them */
static size_t rule_by_text(const struct chain *chain, struct str text, const struct rule **rule)
{
	size_t n = 0;

	*rule = NULL;
	for (uint32_t i = 0; chain && i < chain->n_rules; i++)
		if (rule_text_same(chain->rules[i].text, text)) {
			*rule = &chain->rules[i];
			n++;
		}
	return n;
}

/* nft monitor names no rule, but prints its text: the one rule of the chain that reads so. */
static void ask_by_text(const struct meanings *p, const struct ruleset *set, const struct step *s,
			struct hop_meaning *m)
{
	struct str name = sym_text(p->syms, s->table);
	const struct table *table = ruleset_table(set, BACKEND_NFT, s->family, name);
	const struct chain *chain = ruleset_chain(set, BACKEND_NFT, s->family, name,
						  sym_text(p->syms, s->chain));
	const struct rule *rule;
	size_t n = rule_by_text(chain, sym_text(p->syms, s->text), &rule);

	m->chain = chain;
	if (n > 1)
		return; /* which of them is not known */
	if (n)
		*m = is_rule(rule);
	else
		m->misfit = !table   ? MISFIT_NO_TABLE
			    : !chain ? MISFIT_NO_CHAIN
				     : text_misfit(table);
}

/* `nft replace` keeps the handle: where the trace prints the rule's text, too, that goes first. */
static void ask_by_both(const struct meanings *p, const struct ruleset *set, const struct step *s,
			struct hop_meaning *m)
{
	if (!m->rule || !text_misfit(m->chain->table) ||
	    rule_text_same(m->rule->text, sym_text(p->syms, s->text)))
		return;
	*m = (struct hop_meaning){ .is = HOP_IS_UNKNOWN };
	ask_by_text(p, set, s, m);
}

/* iptables-save has no handles, but prints rules as xtables-monitor does. */
static void ask_without_handles(const struct meanings *p, const struct step *s,
				struct hop_meaning *m)
{
	const struct rule *rule;

	if (s->text && rule_by_text(m->chain, sym_text(p->syms, s->text), &rule) == 1)
		*m = is_rule(rule);
}

/* nft's trace calls a reject a drop, but where it has the rule's text, that tells. */
static void ask_own_words(const struct meanings *p, const struct step *s, struct hop_meaning *m)
{
	m->told_reject = s->verdict == VERDICT_DROP && s->text &&
			 (rule_text_flags(sym_text(p->syms, s->text)) & RULE_REJECTS);
	if (m->told_reject && !m->rule)
		m->verdict = VERDICT_REJECT;
}

static void ask_ruleset(const struct meanings *p, const struct ruleset *set, const struct step *s,
			struct hop_meaning *m)
{
	struct hop_name name = {
		.backend = s->have & STEP_NFT ? BACKEND_NFT : BACKEND_XT,
		.family = s->family,
		.kind = s->kind,
		.table = sym_text(p->syms, s->table),
		.chain = sym_text(p->syms, s->chain),
		.number = s->rule,
		.handle = s->handle,
	};

	name.have = (uint8_t)((s->have & STEP_RULE ? HOP_NAME_NUMBER : 0) |
			      (s->have & STEP_HANDLE ? HOP_NAME_HANDLE : 0));
	if (s->kind == HOP_LOG && !s->table)
		ask_by_prefix(p, set, s, m);
	else if (s->text && !name.have)
		ask_by_text(p, set, s, m);
	else
		*m = ruleset_step(set, &name);
	if (s->text && name.have & HOP_NAME_HANDLE)
		ask_by_both(p, set, s, m);
	if (m->misfit == MISFIT_NO_HANDLES)
		ask_without_handles(p, s, m);
}

void meaning_by_rules(const struct meanings *p, const struct ruleset *set, const struct step *s,
		      struct hop_meaning *m)
{
	if (set)
		ask_ruleset(p, set, s, m);
	ask_own_words(p, s, m);
}

/* The hooks that are said, else those of iptables' table of that name. */
static unsigned int hooks_said(const struct prefix_meaning *m)
{
	enum table_no table = table_find(m->table);

	return m->hooks || table == TABLE_MAX ? m->hooks : table_hooks(table);
}

void meaning_by_prefix(const struct meanings *p, const struct step *s, struct log_name *name)
{
	struct prefix_meaning m;

	if (!p->prefixes || s->kind != HOP_LOG || !s->prefix ||
	    !prefixes_match(p->prefixes, sym_text(p->syms, s->prefix), &m))
		return;
	*name = (struct log_name){
		.convention = sym_intern(p->syms, m.convention),
		.table = sym_intern(p->syms, m.table),
		.chain = sym_intern(p->syms, m.chain),
		.hooks = hooks_said(&m),
		.rule = m.rule,
		.default_rule = m.default_rule,
		.verdict = m.verdict,
		.certain = m.certain,
	};
}
