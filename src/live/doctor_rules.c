// SPDX-License-Identifier: GPL-2.0-or-later
/* doctor_rules.c - checks: which rule sets are loaded, which rules trace, what goes round them */
#include "doctor.h"

#include <inttypes.h>

#include "nfhop/arm.h"
#include "nfhop/words.h"

static const char *family_of(unsigned int family)
{
	const char *name = family_name((enum family)family);

	return name ? name : "?";
}

static struct list nft_tables(const struct facts *f)
{
	struct list list = { .n = 0 };

	for (size_t i = 0; i < f->nft.n_tables; i++)
		list_add(&list, "%s %s", family_of(f->nft.tables[i].family),
			 f->nft.tables[i].table);
	return list;
}

/* A legacy table that was only looked at is there, too, but has no rules. */
static struct list legacy_tables(const struct facts *f)
{
	struct list list = { .n = 0 };

	for (size_t i = 0; i < f->legacy.n_tables; i++)
		if (f->legacy.tables[i].rules)
			list_add(&list, "%s %s", family_title(f->legacy.tables[i].family),
				 f->legacy.tables[i].table);
	return list;
}

void check_rule_sets(const struct facts *f, const struct check *check, struct doctor *doctor)
{
	struct list nft = nft_tables(f), legacy = legacy_tables(f);
	struct evidence_inside in = facts_inside(f);

	if (!f->asked || f->nft.err)
		return;
	if (nft.n && legacy.n)
		doctor_try(doctor_say(doctor, check, DOCTOR_NOTE,
				      "both legacy (%s) and nft rule sets (%s) are loaded: a "
				      "packet passes both",
				      legacy.s, nft.s),
			   "%snft list ruleset; %siptables-legacy-save", in.s, in.s);
	else if (nft.n || legacy.n)
		doctor_say(doctor, check, DOCTOR_OK, "%" PRIu64 " rule%s loaded (%s)",
			   f->nft.rules + f->legacy.rules,
			   f->nft.rules + f->legacy.rules == 1 ? "" : "s",
			   nft.n ? nft.s : legacy.s);
	else
		doctor_say(doctor, check, DOCTOR_NOTE, "no rules are loaded");
}

/* "inet fw pre rule 3 (handle 4)", "iptables-legacy raw PREROUTING rule 1" */
static void say_where(char *s, size_t n, const struct look_rule *rule, const char *tool)
{
	int at = snprintf(s, n, "%s %s %s rule %u", tool, rule->table, rule->chain, rule->number);

	if (rule->handle && at > 0 && (size_t)at < n)
		snprintf(s + at, n - (size_t)at, " (handle %" PRIu64 ")", rule->handle);
}

/* A rule that nothing came to yet is worth a look. */
static void try_list(const struct facts *f, struct doctor_item *item, const struct look_rule *rule,
		     const char *tool)
{
	struct evidence_inside in = facts_inside(f);

	if (rule->handle)
		doctor_try(item, "%snft -a list chain %s %s %s", in.s, tool, rule->table,
			   rule->chain);
	else
		doctor_try(item, "%s%s -t %s -L %s -n -v --line-numbers", in.s, tool, rule->table,
			   rule->chain);
}

static void say_trace(const struct facts *f, const struct check *check, struct doctor *doctor,
		      const struct look_rule *rule, const char *tool)
{
	char where[3 * LOOK_NAME];

	say_where(where, sizeof(where), rule, tool);
	if (!rule->counted)
		doctor_say(doctor, check, DOCTOR_OK, "%s sets the trace", where);
	else if (rule->packets)
		doctor_say(doctor, check, DOCTOR_OK,
			   "%s sets the trace: %" PRIu64 " packet%s so far", where, rule->packets,
			   rule->packets == 1 ? "" : "s");
	else
		try_list(f,
			 doctor_say(doctor, check, DOCTOR_NOTE,
				    "%s sets the trace, but no packet came to it yet", where),
			 rule, tool);
}

void check_trace_rules(const struct facts *f, const struct check *check, struct doctor *doctor)
{
	for (size_t i = 0; i < f->nft.n_traces; i++)
		say_trace(f, check, doctor, &f->nft.traces[i], family_of(f->nft.traces[i].family));
	for (size_t i = 0; i < f->legacy.n_traces; i++)
		say_trace(f, check, doctor, &f->legacy.traces[i],
			  family_tool(f->legacy.traces[i].family));
	if (f->asked && !f->nft.err && !f->nft.n_traces && !f->legacy.n_traces)
		doctor_try(doctor_say(doctor, check, DOCTOR_NOTE,
				      "no rule sets the trace: nothing is traced now"),
			   "%snfhop report --trace 'host ADDRESS'", facts_inside(f).s);
}

static const char *hook_word(const struct look_chain *chain)
{
	static const char *const inet[] = {
		[NF_INET_PRE_ROUTING] = "prerouting",
		[NF_INET_LOCAL_IN] = "input",
		[NF_INET_LOCAL_OUT] = "output",
		[NF_INET_INGRESS] = "ingress",
	};

	if (chain->family == NFPROTO_NETDEV)
		return "ingress";
	return chain->hook < sizeof(inet) / sizeof(*inet) ? inet[chain->hook] : "?";
}

/* "inet fw early (prerouting, priority -400)" */
static void say_chain(char *s, size_t n, const struct look_chain *chain)
{
	snprintf(s, n, "%s %s %s (%s%s%s, priority %" PRId32 ")", family_of(chain->family),
		 chain->table, chain->name, hook_word(chain), *chain->device ? " of " : "",
		 chain->device, chain->priority);
}

static void say_early(const struct facts *f, const struct check *check, struct doctor *doctor,
		      const struct look_chain *chain)
{
	static const char *const can[] = {
		[DROPS_PERHAPS] = "may drop packets (its verdict maps and modules were not read)",
		[DROPS_SOME] = "can drop packets",
	};
	struct evidence_inside in = facts_inside(f);
	char where[4 * LOOK_NAME];

	say_chain(where, sizeof(where), chain);
	if (chain->drops == DROPS_NOTHING)
		doctor_say(doctor, check, DOCTOR_OK,
			   "%s comes before --trace can begin a trace, but drops nothing", where);
	else
		doctor_try(doctor_say(doctor, check, DOCTOR_NOTE,
				      "%s comes before --trace can begin a trace, and %s: those "
				      "are not seen",
				      where, can[chain->drops]),
			   "%snft -a list chain %s %s %s", in.s, family_of(chain->family),
			   chain->table, chain->name);
}

void check_early_chains(const struct facts *f, const struct check *check, struct doctor *doctor)
{
	for (size_t i = 0; i < f->nft.n_early; i++)
		say_early(f, check, doctor, &f->nft.early[i]);
	if (f->asked && !f->nft.err && !f->nft.n_early)
		doctor_say(doctor, check, DOCTOR_OK,
			   "no chain comes before the place where --trace begins a trace "
			   "(priority %d)",
			   ARM_PRIORITY);
}

void check_flowtables(const struct facts *f, const struct check *check, struct doctor *doctor)
{
	struct evidence_inside in = facts_inside(f);

	for (size_t i = 0; i < f->nft.n_flowtables; i++) {
		const struct look_thing *ft = &f->nft.flowtables[i];

		doctor_try(doctor_say(doctor, check, DOCTOR_NOTE,
				      "flowtable %s of table %s %s: established connections pass "
				      "no hook, so only their first packets can be traced",
				      ft->name, family_of(ft->family), ft->table),
			   "%snft list flowtables", in.s);
	}
}
