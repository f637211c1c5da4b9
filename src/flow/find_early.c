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
#include <stdlib.h>

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
	       chain_order(chain, own) == ORDER_BEFORE;
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

static bool sets_trace(const struct chain *chain)
{
	for (uint32_t i = 0; i < chain->n_rules; i++)
		if (chain->rules[i].flags & RULE_SETS_TRACE)
			return true;
	return false;
}

/* Is @name the device of an ingress chain, or one of `{ a, b }`? */
static bool is_device(struct str devices, struct str name)
{
	static const char between[] = " ,{}\"";

	while (devices.n) {
		size_t n = 0;

		while (n < devices.n && !strchr(between, devices.p[n]))
			n++;
		if (n && str_eq(str_first(devices, n), name))
			return true;
		devices = str_skip(devices, n ? n : 1);
	}
	return false;
}

/**
 * struct early - the chains that an answer may meet before its trace, found once for all flows
 * @chains: @n of them, in the order of the rule set: none sets the trace, each can drop
 * @own: what --trace armed at PREROUTING; NULL if nothing was
 */
struct early {
	const struct chain *own;
	size_t n;
	const struct chain *chains[];
};

static bool may_precede(const struct chain *chain)
{
	return (chain->have & CHAIN_BASE) && chain->table->backend == BACKEND_NFT &&
	       (chain->hook == HOOK_INGRESS ||
		(chain->hook == HOOK_PREROUTING && (chain->have & CHAIN_PRIORITY))) &&
	       !is_own_table(chain->table->family, chain->table->name) && !sets_trace(chain) &&
	       can_drop(chain, 0);
}

int early_find(struct model *m)
{
	const struct ruleset *rules = paths_rules(m->paths);
	struct chain_list all = rules ? ruleset_chains(rules) : (struct chain_list){ 0 };

	m->early = malloc(sizeof(*m->early) + all.n * sizeof(m->early->chains[0]));
	if (!m->early)
		return -ENOMEM;
	m->early->own = rules ? own_chain(rules, HOOK_PREROUTING) : NULL;
	m->early->n = 0;
	for (size_t i = 0; i < all.n; i++)
		if (may_precede(all.at[i]))
			m->early->chains[m->early->n++] = all.at[i];
	return 0;
}

/* The priority at PREROUTING where @flow's trace begins; Return: is it known? */
static bool trace_begins(const struct model *m, const struct flow *flow, int32_t *priority)
{
	const struct chain *chain = m->early->own;
	const struct packet *p = flow->newest[0] < 0 ? NULL : flow->paths[flow->newest[0]].sample;

	if (!chain && p && p->n_hops &&
	    paths_step_at(m->paths, p->hops[0].step)->hook == HOOK_PREROUTING)
		return base_priority(m, p->path, 0, priority);
	if (!chain || !(chain->have & CHAIN_PRIORITY))
		return false;
	*priority = chain->priority;
	return true;
}

/**
 * struct end - what may end a packet in a chain
 * @fit: MATCH_NO: nothing; @rule: NULL: the policy
 */
struct end {
	enum match fit;
	const struct rule *rule;
};

/* The first rule that fits and ends the packet; else the first one that may. */
static struct end end_in(const struct chain *chain, const struct sighting *seen, unsigned int depth)
{
	struct end end = { MATCH_NO, NULL };

	for (uint32_t i = 0; i < chain->n_rules && end.fit != MATCH_YES; i++) {
		const struct rule *rule = &chain->rules[i];
		enum match ends = ends_packets(rule->verdict) ? MATCH_YES : MATCH_NO;
		enum match fit;

		if (ends == MATCH_NO && !rule->to && rule->verdict != VERDICT_ACCEPT)
			continue;
		fit = rule_match(rule, seen, NULL);
		if (fit == MATCH_YES && rule->verdict == VERDICT_ACCEPT)
			return end;
		if (rule->to && depth < MOST_CALLS)
			ends = end_in(rule->to, seen, depth + 1).fit;
		ends = ends < fit ? ends : fit;
		if (ends > end.fit)
			end = (struct end){ ends, rule };
	}
	if (end.fit == MATCH_NO && ends_packets(chain->policy))
		end.fit = MATCH_UNKNOWN;
	return end;
}

/**
 * struct answer - what would come in where a flow left, and where it would be traced
 * @seen: as a rule before that would see @header
 * @begin: the priority at PREROUTING where the trace begins
 */
struct answer {
	const struct flow *flow;
	struct header header;
	struct sighting seen;
	int32_t begin;
};

/* Return: false if it is not known by which device, or where the trace begins */
static bool expect_answer(const struct model *m, const struct flow *flow, struct answer *answer)
{
	if (!m->early->n || !flow->oif[0] || !trace_begins(m, flow, &answer->begin))
		return false;
	answer->flow = flow;
	answer->header = answer_to(flow);
	answer->seen = (struct sighting){
		.pkt = &answer->header,
		.iif = sym_text(m->syms, flow->oif[0]),
		.have = SIGHTING_IIF | SIGHTING_OIF,
	};
	return true;
}

/* Would the answer come to that chain, and before it is traced? */
static bool comes_before(const struct chain *chain, const struct answer *answer)
{
	enum family family = chain->table->family;

	if (chain->hook == HOOK_INGRESS)
		return is_device(chain->device, answer->seen.iif);
	return chain_stands_at(chain) < answer->begin &&
	       (family == FAMILY_INET || family == (enum family)answer->flow->there.family);
}

static struct end end_of_answer(const struct chain *chain, const struct answer *answer)
{
	return comes_before(chain, answer) ? end_in(chain, &answer->seen, 0)
					   : (struct end){ MATCH_NO, NULL };
}

/* "netdev n in rule 1" */
static struct str end_name(const struct chain *chain, const struct end *end)
{
	const char *family = family_name(chain->table->family);

	if (!end->rule)
		return text("the policy of %s %.*s %.*s", family, STR_ARG(chain->table->name),
			    STR_ARG(chain->name));
	return text("%s %.*s %.*s rule %" PRIu32, family, STR_ARG(chain->table->name),
		    STR_ARG(chain->name), end->rule->number);
}

struct str early_suspect(const struct model *m, const struct flow *flow)
{
	struct answer answer;
	struct str name, s;
	bool any = expect_answer(m, flow, &answer);

	for (size_t i = 0; any && i < m->early->n; i++) {
		const struct chain *chain = m->early->chains[i];
		struct end end = end_of_answer(chain, &answer);

		if (end.fit == MATCH_NO)
			continue;
		name = end_name(chain, &end);
		s = text("%.*s may have dropped the answer before it is traced", STR_ARG(name));
		text_free(name);
		return s;
	}
	return (struct str){ NULL, 0 };
}

/**
 * struct suspicion - the flows without an answer that one chain may have dropped
 * @flow: the first of them, @end: of its answer; NULL if there is none
 * @elsewhere: others are of another host
 */
struct suspicion {
	const struct flow *flow;
	struct end end;
	uint64_t flows, packets;
	bool elsewhere;
};

/* How many of @by may still be told of: all up to the last of those that fill what is told. */
static size_t worth_asking(const struct suspicion *by, size_t n)
{
	size_t told = 0, i = 0;

	while (i < n && told < ONE_KIND_MAX)
		told += by[i++].flow != NULL;
	return i;
}

/*
 * What each of the first @n of model.early may have done to the answer to @flow, if that has none:
 * into @by. Return: did one become suspect that was not?
 */
static bool suspect_all(const struct model *m, const struct flow *flow, struct suspicion *by,
			size_t n)
{
	struct answer answer;
	struct flow_view view = { .state = FLOW_NO_REPLY };
	bool asked = false, any = expect_answer(m, flow, &answer), first = false;

	for (size_t i = 0; any && i < n; i++) {
		struct end end = end_of_answer(m->early->chains[i], &answer);

		if (end.fit == MATCH_NO)
			continue;
		if (!asked)
			model_flow_view(m, flow, &view);
		asked = true;
		if (view.state != FLOW_NO_REPLY)
			return false;
		if (!by[i].flow) {
			by[i].flow = flow;
			by[i].end = end;
			first = true;
		}
		by[i].flows++;
		by[i].elsewhere |= flow->host != by[i].flow->host;
		by[i].packets += flow->packets[0];
	}
	return first;
}

static struct str early_text(const struct chain *chain)
{
	return text("%s %.*s %.*s comes before --trace can begin a trace, and can drop packets: "
		    "of those nothing is seen here. A packet or an answer that is missing may "
		    "have ended there.",
		    family_name(chain->table->family), STR_ARG(chain->table->name),
		    STR_ARG(chain->name));
}

static struct str suspicion_text(const struct chain *chain, const struct suspicion *x)
{
	struct str name = flow_name(x->flow), by = end_name(chain, &x->end);
	struct str more = x->flows > 1 ? text(" (and of %s more%s)", number_text(x->flows - 1).s,
					      x->elsewhere ? ", not all of this host" : "")
				       : text("%s", "");
	struct str s = text("%.*s: its answer is missing%.*s, and %.*s, which comes before what is "
			    "traced here, %s it: it may have ended there unseen.",
			    STR_ARG(name), STR_ARG(more), STR_ARG(by),
			    x->end.fit == MATCH_YES ? "fits" : "may fit");

	text_free(name);
	text_free(by);
	text_free(more);
	return s;
}

static int say_early(struct model *m, const struct finding_row *row, const struct chain *chain,
		     const struct suspicion *x)
{
	struct finding *f = finding_add(m, row,
					x->flow ? suspicion_text(chain, x) : early_text(chain));

	if (!f || !f->text.p)
		return -ENOMEM;
	if (x->flow) { /* what explains a missing answer best */
		f->severity = SEVERITY_ERROR;
		f->weight = x->packets;
		f->flow = x->flows == 1 ? x->flow->no : 0;
		f->host = x->flow->host;
	}
	list_drops(f, chain);
	finding_confirm(f, text("nft -a list chain %s %.*s %.*s", family_name(chain->table->family),
				STR_ARG(chain->table->name), STR_ARG(chain->name)));
	return 0;
}

static bool may_be_early(const struct chain *chain)
{
	return (chain->have & CHAIN_BASE) && chain->table->backend == BACKEND_NFT &&
	       (chain->hook == HOOK_INGRESS || chain->hook == HOOK_PREROUTING ||
		chain->hook == HOOK_OUTPUT || chain->table->family == FAMILY_BRIDGE) &&
	       can_drop(chain, 0);
}

static int say_all_early(struct model *m, const struct finding_row *row, const struct suspicion *by)
{
	const struct ruleset *rules = paths_rules(m->paths);
	struct chain_list all = rules ? ruleset_chains(rules) : (struct chain_list){ 0 };
	size_t n = 0, next = 0;
	int err = 0;

	for (size_t i = 0; i < all.n && n < ONE_KIND_MAX && !err; i++) {
		struct suspicion x = { .flow = NULL };

		if (next < m->early->n && m->early->chains[next] == all.at[i])
			x = by[next++];
		if (!may_be_early(all.at[i]) || (!x.flow && !is_early(rules, all.at[i])))
			continue;
		err = say_early(m, row, all.at[i], &x);
		n++;
	}
	return err;
}

int draw_early_chains(struct model *m, const struct finding_row *row)
{
	struct suspicion *by = calloc(m->early->n + 1, sizeof(*by));
	size_t n = m->early->n;
	int err = by ? 0 : -ENOMEM;

	for (size_t i = 0; by && n && i < flows_slots(m->flows); i++) {
		const struct flow *flow = model_flow_at(m, i);

		if (flow && suspect_all(m, flow, by, n))
			n = worth_asking(by, n);
	}
	if (by)
		err = say_all_early(m, row, by);
	free(by);
	return err;
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
