/* SPDX-License-Identifier: GPL-2.0-or-later */
/* find_logs.c - LOG lines that no rule of the rule set at hand can have made */
#include "finding.h"

#include <errno.h>
#include <inttypes.h>

#define MOST_PREFIXES 4

/**
 * struct unknown - packets of which a LOG line has a prefix that no rule logs with
 * @prefixes, @counts: such prefixes, @n of them; more of them only count
 * @samples: of these packets some, @n_samples
 * @packets: with such a line; @logged: with any
 * @traced: a trace tells of one of the rule set's tables
 * @whose: the host of these packets
 */
struct unknown {
	sym_t prefixes[MOST_PREFIXES];
	uint64_t counts[MOST_PREFIXES];
	size_t n;
	const struct packet *samples[FINDING_PACKETS];
	size_t n_samples;
	uint64_t packets, logged;
	bool more, traced;
	struct whose whose;
};

static void count_prefix(struct unknown *u, sym_t prefix, uint64_t packets)
{
	for (size_t i = 0; i < u->n; i++)
		if (u->prefixes[i] == prefix) {
			u->counts[i] += packets;
			return;
		}
	u->more |= u->n == MOST_PREFIXES;
	if (u->n == MOST_PREFIXES)
		return;
	u->prefixes[u->n] = prefix;
	u->counts[u->n++] = packets;
}

/*
 * A rule's LOG line, if the files have its family: else they say nothing of it. Conntrack logs, too
 * (formats.md 1.10).
 */
static bool is_rules_log(const struct model *m, const struct step *s)
{
	return s->kind == HOP_LOG && !s->table &&
	       ruleset_has_family(paths_rules(m->paths), (enum family)s->family) &&
	       !str_starts(sym_text(m->syms, s->prefix), STR("nf_ct_"));
}

static void look_at(const struct model *m, const struct flow *flow, const struct flow_path *fp,
		    struct unknown *u)
{
	bool logged = false, unknown = false;

	for (size_t i = 0; i < paths_length(m->paths, fp->path); i++) {
		struct path_hop hop = paths_hop(m->paths, fp->path, i);

		u->traced |= step_was_traced(hop.step) && hop.meaning->chain;
		if (!is_rules_log(m, hop.step))
			continue;
		logged = true;
		if (ruleset_logs(paths_rules(m->paths), sym_text(m->syms, hop.step->prefix)).n)
			continue;
		unknown = true;
		whose_add(&u->whose, flow->host);
		count_prefix(u, hop.step->prefix, fp->packets);
	}
	u->logged += logged ? fp->packets : 0;
	u->packets += unknown ? fp->packets : 0;
	if (unknown && fp->sample && u->n_samples < FINDING_PACKETS)
		u->samples[u->n_samples++] = fp->sample;
}

/* @only: of packets of this host; NULL: of all */
static struct unknown look(const struct model *m, const sym_t *only)
{
	struct unknown u = { .n = 0 };

	for (size_t i = 0; i < flows_slots(m->flows); i++) {
		const struct flow *flow = flows_at(m->flows, i);

		if (!flow || (only && flow->host != *only))
			continue;
		for (uint32_t k = 0; k < flow->n_paths; k++)
			look_at(m, flow, &flow->paths[k], &u);
	}
	return u;
}

static void say_prefixes(struct finding *f, const struct model *m, const struct unknown *u)
{
	for (size_t i = 0; i < u->n; i++) {
		struct str prefix = sym_text(m->syms, u->prefixes[i]);

		finding_evidence(f, text("LOG \"%.*s\": %s packet%s", STR_ARG(prefix),
					 number_text(u->counts[i]).s, plural(u->counts[i])));
	}
	if (u->more)
		finding_evidence(f, text("and more such prefixes"));
}

/* "the rule set given logs with \"a\", \"b\"" */
static void say_known(struct finding *f, const struct ruleset *rules)
{
	struct chain_list chains = ruleset_chains(rules);
	struct str list = text("the rule set given logs with");
	size_t n = 0;

	for (size_t i = 0; i < chains.n; i++)
		for (uint32_t k = 1; k <= chains.at[i]->n_rules; k++) {
			const struct rule *rule = chain_rule(chains.at[i], k);
			struct str was = list;

			if (!(rule->flags & RULE_LOGS) || ++n > MOST_PREFIXES)
				continue;
			list = text("%.*s%s \"%.*s\"", STR_ARG(was), n > 1 ? "," : "",
				    STR_ARG(rule->prefix));
			text_free(was);
		}
	if (n)
		finding_evidence(
			f, text("%.*s%s", STR_ARG(list), n > MOST_PREFIXES ? " and others" : ""));
	else
		finding_evidence(f, text("no rule of the rule set given logs"));
	text_free(list);
}

static struct str sentence(const struct model *m, const struct unknown *u, bool all)
{
	struct str prefix = sym_text(m->syms, u->prefixes[0]);

	if (all)
		return text("The rule set given does not fit this log: no rule of it logs with a "
			    "prefix of the %s logged packet%s (as \"%.*s\"). It is of "
			    "another host or another firewall, or was changed, and tells nothing "
			    "of these packets.",
			    number_text(u->packets).s, plural(u->packets), STR_ARG(prefix));
	return text("The rule set given has no rule that logs with a prefix of %s of %s logged "
		    "packet%s (as \"%.*s\"): nothing is known of what "
		    "logged them. -r can be given more than once.",
		    number_text(u->packets).s, number_text(u->logged).s, plural(u->logged),
		    STR_ARG(prefix));
}

static int draw(struct model *m, const struct finding_row *row, bool want_all)
{
	const struct ruleset *rules = paths_rules(m->paths);
	struct unknown u;
	struct finding *f;
	bool all;

	/* of a live host's rules all were read that could be: such lines are of others */
	if (!rules || m->n_sets)
		return 0;
	u = look(m, NULL);
	if (m->n_hosts > 1 && u.whose.any && !u.whose.several) {
		sym_t host = u.whose.host;

		u = look(m, &host); /* the others' packets say nothing of how its rules fit */
	}
	all = u.packets == u.logged && !u.traced;
	if (!u.packets || all != want_all)
		return 0;
	f = finding_add(m, row, sentence(m, &u, all));
	if (!f)
		return -ENOMEM;
	f->caveat = all;
	f->host = u.whose.host;
	for (size_t i = 0; i < u.n_samples; i++)
		finding_packet(f, u.samples[i]);
	say_prefixes(f, m, &u);
	say_known(f, rules);
	return 0;
}

int draw_wrong_logs(struct model *m, const struct finding_row *row)
{
	return draw(m, row, true);
}

int draw_unknown_prefixes(struct model *m, const struct finding_row *row)
{
	return draw(m, row, false);
}
