/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * find_early.c - chains that a packet meets before --trace can begin, or where it never does
 *
 * They stand at ingress, at bridges' hooks, or before our own chain, whose priority is known from
 * the rule set. Which packets are missing nobody can tell; which chains can be the cause is known.
 */
#include "finding.h"

#include <errno.h>
#include <inttypes.h>

#include "nfhop/own.h"

#define MOST_CALLS 16 /* nested, of the kernel: NFT_JUMP_STACK_SIZE */

static bool ends_packets(enum verdict verdict)
{
	return verdict == VERDICT_DROP || verdict == VERDICT_REJECT || verdict == VERDICT_QUEUE ||
	       verdict == VERDICT_STOLEN;
}

static bool can_drop(const struct chain *chain, unsigned int depth)
{
	if (ends_packets(chain->policy))
		return true;
	for (uint32_t i = 0; i < chain->n_rules; i++) {
		const struct rule *rule = &chain->rules[i];

		if (ends_packets(rule->verdict) ||
		    (rule->to && depth < MOST_CALLS && can_drop(rule->to, depth + 1)))
			return true;
	}
	return false;
}

/* What --trace armed, as the rule set of the run has it; NULL if nothing was. */
static const struct chain *own_chain(const struct ruleset *rules, enum hook hook)
{
	return ruleset_chain(rules, BACKEND_NFT, OWN_FAMILY, STR(OWN_TABLE),
			     hook == HOOK_OUTPUT ? STR("output") : STR("prerouting"));
}

static bool is_early(const struct ruleset *rules, const struct chain *chain)
{
	const struct chain *own = own_chain(rules, chain->hook);

	if (!own || !(chain->have & CHAIN_BASE) || chain->table->backend != BACKEND_NFT ||
	    is_own_table(chain->table->family, chain->table->name))
		return false;
	if (chain->hook == HOOK_INGRESS)
		return true;
	if (chain->table->family == FAMILY_BRIDGE)
		return chain->hook == HOOK_PREROUTING || chain->hook == HOOK_INPUT;
	return (chain->hook == HOOK_PREROUTING || chain->hook == HOOK_OUTPUT) &&
	       (chain->have & own->have & CHAIN_PRIORITY) && chain->priority < own->priority;
}

static void list_drops(struct finding *f, const struct chain *chain)
{
	if (ends_packets(chain->policy))
		finding_evidence(f, text("its policy is %s", verdict_name(chain->policy)));
	for (uint32_t i = 0; i < chain->n_rules; i++) {
		const struct rule *rule = &chain->rules[i];

		if (ends_packets(rule->verdict) || (rule->to && can_drop(rule->to, 0)))
			finding_evidence(f, text("rule %" PRIu32 ": %.*s", rule->number,
						 STR_ARG(rule->text)));
	}
}

static int say_early(struct model *m, const struct finding_row *row, const struct chain *chain)
{
	const char *family = family_name(chain->table->family);
	struct str table = chain->table->name;
	struct finding *f = finding_add(
		m, row,
		text("%s %.*s %.*s comes before --trace can begin a trace, and can drop packets: "
		     "of those nothing is seen here. A packet or an answer that is missing may "
		     "have ended there.",
		     family, STR_ARG(table), STR_ARG(chain->name)));

	if (!f || !f->text.p)
		return -ENOMEM;
	list_drops(f, chain);
	finding_confirm(f, text("nft -a list chain %s %.*s %.*s", family, STR_ARG(table),
				STR_ARG(chain->name)));
	return 0;
}

int draw_early_chains(struct model *m, const struct finding_row *row)
{
	const struct ruleset *rules = paths_rules(m->paths);
	struct chain_list all = rules ? ruleset_chains(rules) : (struct chain_list){ 0 };
	size_t n = 0;
	int err = 0;

	for (size_t i = 0; i < all.n && n < ONE_KIND_MAX && !err; i++)
		if (is_early(rules, all.at[i]) && can_drop(all.at[i], 0)) {
			err = say_early(m, row, all.at[i]);
			n++;
		}
	return err;
}

static bool sets_trace(const struct chain *chain)
{
	for (uint32_t i = 0; i < chain->n_rules; i++)
		if (chain->rules[i].flags & RULE_SETS_TRACE)
			return true;
	return false;
}

/* The base chain by which frames go from port to port of a bridge; NULL: none, or it is traced */
static const struct chain *bridging_chain(struct chain_list all, const struct table *table)
{
	const struct chain *found = NULL;

	for (size_t i = 0; i < all.n; i++) {
		const struct chain *chain = all.at[i];

		if (chain->table != table)
			continue;
		if (sets_trace(chain))
			return NULL;
		if ((chain->have & CHAIN_BASE) && chain->hook == HOOK_FORWARD)
			found = chain;
	}
	return found;
}

static int say_bridge(struct model *m, const struct finding_row *row, const struct chain *chain)
{
	struct str table = chain->table->name;
	struct finding *f = finding_add(
		m, row,
		text("bridge %.*s %.*s is not traced by --trace: a frame that is bridged from port "
		     "to port passes no hook where a trace begins (unless bridge-nf-call-iptables "
		     "is 1). What this table does with it is not seen here.",
		     STR_ARG(table), STR_ARG(chain->name)));

	if (!f || !f->text.p)
		return -ENOMEM;
	finding_confirm(f,
			text("nft insert rule bridge %.*s %.*s limit rate 10/second meta nftrace "
			     "set 1",
			     STR_ARG(table), STR_ARG(chain->name)));
	return 0;
}

int draw_untraced_bridges(struct model *m, const struct finding_row *row)
{
	const struct ruleset *rules = paths_rules(m->paths);
	struct chain_list all = rules ? ruleset_chains(rules) : (struct chain_list){ 0 };
	size_t n = 0;
	int err = 0;

	if (!rules || !own_chain(rules, HOOK_PREROUTING))
		return 0;
	for (size_t i = 0; i < all.n && n < ONE_KIND_MAX && !err; i++)
		if (all.at[i]->table->family == FAMILY_BRIDGE &&
		    all.at[i]->table->backend == BACKEND_NFT &&
		    bridging_chain(all, all.at[i]->table) == all.at[i]) {
			err = say_bridge(m, row, all.at[i]);
			n++;
		}
	return err;
}
