/* SPDX-License-Identifier: GPL-2.0-or-later */
/* find_rules.c - signs that the rule set at hand is not the one that was loaded */
#include "finding.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "nfhop/addr.h"
#include "nfhop/own.h"

static enum backend backend_of(const struct step *s)
{
	return s->have & STEP_NFT ? BACKEND_NFT : BACKEND_XT;
}

static struct str hop_words(const struct model *m, const struct step *s)
{
	struct str table = sym_text(m->syms, s->table), chain = sym_text(m->syms, s->chain);

	struct str rule = sym_text(m->syms, s->text);

	if (s->text)
		return text("%.*s:%.*s %s%.*s%s", STR_ARG(table), STR_ARG(chain), quote_for(rule),
			    STR_ARG(rule), quote_for(rule));
	if (s->kind == HOP_POLICY && !(s->have & STEP_RULE))
		return text("%.*s:%.*s:policy", STR_ARG(table), STR_ARG(chain));
	if (s->have & STEP_RULE)
		return text("%.*s:%.*s:%s:%" PRIu32, STR_ARG(table), STR_ARG(chain),
			    hop_kind_name(s->kind), s->rule);
	return text("%.*s:%.*s handle %" PRIu64, STR_ARG(table), STR_ARG(chain), s->handle);
}

static bool is_plain(enum verdict verdict)
{
	return verdict == VERDICT_ACCEPT || verdict == VERDICT_DROP || verdict == VERDICT_JUMP ||
	       verdict == VERDICT_GOTO || verdict == VERDICT_RETURN;
}

/*
 * Does the trace state another verdict than the rule set has? A rule that rejects is traced as a
 * drop, and what translates may drop if no address or port is free.
 */
static bool states_other(const struct path_hop *hop)
{
	const struct rule *rule = hop->meaning->rule;
	enum verdict stated = hop->step->verdict, has = hop->meaning->verdict;

	return (hop->meaning->is == HOP_IS_POLICY || (rule && !rule->nat)) && is_plain(stated) &&
	       is_plain(has) && stated != has;
}

/* What is wrong with the hop, as a sentence; NULL p if nothing is. */
static struct str misfit_of(const struct model *m, const struct flow_path *fp, size_t i)
{
	struct path_hop ph = paths_hop(m->paths, fp->path, i);
	struct rule_miss miss = { NULL, { NULL, 0 } };
	const char *why = misfit_text(ph.meaning->misfit);
	const struct rule *rule = ph.meaning->rule;
	struct str words, s;

	if (!step_was_traced(ph.step) || (fp->flags & PACKET_STALE))
		return (struct str){ NULL, 0 };
	words = hop_words(m, ph.step);
	if (misfit_proves(ph.meaning->misfit) || ph.meaning->misfit == MISFIT_TEXT)
		s = text("%.*s: %s", STR_ARG(words), why);
	else if (states_other(&ph))
		s = text("%.*s: by the rule set it is %s, the trace says %s", STR_ARG(words),
			 verdict_name(ph.meaning->verdict), verdict_name(ph.step->verdict));
	else if (ph.contradicts && !m->n_gaps && !(fp->flags & PACKET_MID_GAP))
		s = text("%.*s: by the rule set it is %s, but the packet's next hop says otherwise",
			 STR_ARG(words), verdict_name(ph.meaning->verdict));
	else if (rule && fp->sample && !(fp->sample->flags & PACKET_AMBIGUOUS) &&
		 packet_rule_match(m, fp->sample, i, rule, 0, &miss) == MATCH_NO)
		s = text("%.*s: that rule cannot match the packet (%.*s)", STR_ARG(words),
			 STR_ARG(miss.text));
	else
		s = (struct str){ NULL, 0 };
	text_free(words);
	return s;
}

static bool said(const struct finding *f, struct str s)
{
	for (size_t i = 0; i < f->n_evidence; i++)
		if (str_eq(f->evidence[i], s))
			return true;
	return false;
}

/*
 * struct fit - the tables that the trace passes, and whether the rule set holds any of them
 * @n: of those that it lacks
 * @misfits: bits of enum backend: which of the two its rules do not fit
 * @misfit_of, @lack_of: the host on which its rules do not fit, and that has the tables it lacks
 */
struct fit {
	const struct step *lacks[8];
	size_t n;
	unsigned int misfits;
	bool holds;
	struct whose misfit_of, lack_of;
};

static void look_for_table(const struct model *m, const struct path_hop *hop, sym_t host,
			   struct fit *fit)
{
	const struct step *s = hop->step;
	size_t i = 0;

	if (!step_was_traced(s) || !s->table ||
	    is_own_table(s->family, sym_text(m->syms, s->table)))
		return;
	if (hop->meaning->misfit != MISFIT_NO_TABLE) {
		fit->holds = true;
		return;
	}
	whose_add(&fit->lack_of, host);
	while (i < fit->n &&
	       (fit->lacks[i]->table != s->table || fit->lacks[i]->family != s->family ||
		(fit->lacks[i]->have & STEP_NFT) != (s->have & STEP_NFT)))
		i++;
	if (i == fit->n && fit->n < sizeof(fit->lacks) / sizeof(*fit->lacks))
		fit->lacks[fit->n++] = s;
}

static int look_at(struct model *m, const struct finding_row *row, const struct flow *flow,
		   const struct flow_path *fp, struct fit *fit, struct finding **f)
{
	for (size_t i = 0; i < paths_length(m->paths, fp->path); i++) {
		struct path_hop hop = paths_hop(m->paths, fp->path, i);
		struct str s = misfit_of(m, fp, i);

		look_for_table(m, &hop, flow->host, fit);
		if (!s.p)
			continue;
		if (!*f)
			*f = finding_add(m, row, (struct str){ NULL, 0 });
		if (!*f)
			return -ENOMEM;
		m->wrong_rules |= hop.meaning->misfit != MISFIT_TEXT;
		m->unlike_texts |= hop.meaning->misfit == MISFIT_TEXT;
		whose_add(&fit->misfit_of, flow->host);
		fit->misfits |= 1u << backend_of(hop.step);
		if (said(*f, s)) {
			text_free(s);
			continue;
		}
		finding_packet(*f, fp->sample);
		finding_evidence(*f, s);
	}
	return 0;
}

static const char *const backend_words[] = {
	[BACKEND_ANY] = "iptables",
	[BACKEND_XT] = "legacy iptables",
	[BACKEND_NFT] = "nftables",
};

/* "the trace passes ip raw, ip filter (legacy iptables)" */
static void say_lacking(struct finding *f, const struct model *m, const struct fit *fit,
			enum backend backend)
{
	struct str list = text("the trace passes");
	const char *between = " ";

	for (size_t i = 0; i < fit->n; i++) {
		struct str was = list, name = sym_text(m->syms, fit->lacks[i]->table);

		if (backend_of(fit->lacks[i]) != backend)
			continue;
		list = text("%.*s%s%s %.*s", STR_ARG(was), between,
			    family_name(fit->lacks[i]->family), STR_ARG(name));
		text_free(was);
		between = ", ";
	}
	if (*between == ',')
		finding_evidence(f, text("%.*s (%s)", STR_ARG(list), backend_words[backend]));
	text_free(list);
}

static void say_holding(struct finding *f, const struct ruleset *rules)
{
	struct table_list tables = ruleset_tables(rules);
	struct str list = text("the rule set given holds");

	for (size_t i = 0; i < tables.n && i < FINDING_LINES; i++) {
		const struct table *table = tables.at[i];
		struct str was = list;

		list = text("%.*s%s %s %.*s (%s)", STR_ARG(was), i ? "," : "",
			    family_name(table->family), STR_ARG(table->name),
			    backend_words[table->backend]);
		text_free(was);
	}
	if (tables.n)
		finding_evidence(f, list);
	else
		text_free(list);
}

/* What prints the rules of the tables that the trace passes. */
static void confirm_lacking(struct finding *f, const struct fit *fit)
{
	bool nft = false, ip = false, ip6 = false;

	for (size_t i = 0; i < fit->n; i++) {
		bool xt = backend_of(fit->lacks[i]) == BACKEND_XT;

		nft |= !xt;
		ip |= xt && fit->lacks[i]->family != FAMILY_IP6;
		ip6 |= xt && fit->lacks[i]->family == FAMILY_IP6;
	}
	if (ip)
		finding_confirm(f, text("iptables-legacy-save -c"));
	if (ip6)
		finding_confirm(f, text("ip6tables-legacy-save -c"));
	if (nft)
		finding_confirm(f, text("nft -a list ruleset"));
}

/* One sentence whether all is lacking or a part: what else was given may be right. */
static int draw_lacking(struct model *m, const struct finding_row *row, const struct fit *fit)
{
	struct finding *f;

	f = finding_add(m, row,
			fit->holds ? text("The rule set given lacks tables that this trace passes: "
					  "nothing is known of their rules. -r can be given more "
					  "than once.")
				   : text("The rule set given holds none of the tables that this "
					  "trace passes: it is of another host or another "
					  "firewall, and tells nothing of these packets."));
	if (!f)
		return -ENOMEM;
	f->caveat = true;
	f->host = fit->lack_of.host;
	say_lacking(f, m, fit, BACKEND_XT);
	say_lacking(f, m, fit, BACKEND_NFT);
	say_holding(f, paths_rules(m->paths));
	confirm_lacking(f, fit);
	return 0;
}

static void confirm_loaded(const struct model *m, struct finding *f, unsigned int backends)
{
	if (backends >> BACKEND_XT & 1)
		finding_confirm(f, text("%s-save -c", iptables_tool(m, FAMILY_IP)));
	if (backends >> BACKEND_NFT & 1)
		finding_confirm(f, text("nft -a list ruleset"));
}

int draw_wrong_ruleset(struct model *m, const struct finding_row *row)
{
	struct finding *f = NULL;
	struct fit fit = { .n = 0 };
	int err = 0;

	if (!paths_rules(m->paths))
		return 0;
	for (size_t i = 0; i < flows_slots(m->flows) && !err; i++) {
		const struct flow *flow = flows_at(m->flows, i);

		for (uint32_t k = 0; flow && k < flow->n_paths && !err; k++)
			err = look_at(m, row, flow, &flow->paths[k], &fit, &f);
	}
	if (f) {
		f->caveat = true;
		f->host = fit.misfit_of.host;
		f->text = m->wrong_rules ? text("The rule set given is not the one that was loaded "
						"when this was traced%s: conclusions drawn from it "
						"may be wrong.",
						m->untold ? ", or lines are of another network "
							    "namespace"
							  : "")
					 : text("The rule set given may not be the one that was "
						"loaded when this was traced: rules of the trace "
						"are not in it as they read there.");
		confirm_loaded(m, f, fit.misfits);
	}
	/* of a live host's rules all were read that could be */
	if (!err && fit.n && !m->n_sets)
		err = draw_lacking(m, row, &fit);
	return err ? err : draw_wrong_logs(m, row);
}
