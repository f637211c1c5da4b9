/* SPDX-License-Identifier: GPL-2.0-or-later */
/* find_rules.c - signs that the rule set at hand is not the one that was loaded */
#include "finding.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "nfhop/addr.h"

static struct str hop_words(const struct model *m, const struct step *s)
{
	struct str table = sym_text(m->syms, s->table), chain = sym_text(m->syms, s->chain);

	if (s->have & STEP_RULE)
		return text("%.*s:%.*s:%s:%" PRIu32, STR_ARG(table), STR_ARG(chain),
			    hop_kind_name(s->kind), s->rule);
	return text("%.*s:%.*s handle %" PRIu64, STR_ARG(table), STR_ARG(chain), s->handle);
}

/* What is wrong with the hop, as a sentence; NULL p if nothing is. */
static struct str misfit_of(const struct model *m, const struct flow_path *fp, size_t i)
{
	struct path_hop ph = paths_hop(m->paths, fp->path, i);
	struct rule_miss miss = { NULL, { NULL, 0 } };
	const char *why = misfit_text(ph.meaning->misfit);
	const struct rule *rule = ph.meaning->rule;
	struct str words, s;

	if (ph.step->kind == HOP_LOG || (fp->flags & PACKET_STALE))
		return (struct str){ NULL, 0 };
	words = hop_words(m, ph.step);
	if (misfit_proves(ph.meaning->misfit))
		s = text("%.*s: %s", STR_ARG(words), why);
	else if (ph.contradicts && !(fp->flags & PACKET_MID_GAP))
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

static int look_at(struct model *m, const struct finding_row *row, const struct flow_path *fp,
		   struct finding **f)
{
	for (size_t i = 0; i < paths_length(m->paths, fp->path); i++) {
		struct str s = misfit_of(m, fp, i);

		if (!s.p)
			continue;
		if (!*f)
			*f = finding_add(
				m, row,
				text("The rule set given is not the one that was loaded when "
				     "this was traced: conclusions drawn from it may be "
				     "wrong."));
		if (!*f)
			return -ENOMEM;
		if (said(*f, s)) {
			text_free(s);
			continue;
		}
		finding_packet(*f, fp->sample);
		finding_evidence(*f, s);
	}
	return 0;
}

static void confirm_loaded(struct finding *f)
{
	finding_confirm(f, text("iptables-save -c"));
	finding_confirm(f, text("nft -a list ruleset"));
}

int draw_wrong_ruleset(struct model *m, const struct finding_row *row)
{
	struct finding *f = NULL;
	int err = 0;

	if (!paths_rules(m->paths))
		return 0;
	for (size_t i = 0; i < flows_slots(m->flows) && !err; i++) {
		const struct flow *flow = flows_at(m->flows, i);

		for (uint32_t k = 0; flow && k < flow->n_paths && !err; k++)
			err = look_at(m, row, &flow->paths[k], &f);
	}
	m->wrong_rules = f != NULL;
	if (f)
		confirm_loaded(f);
	return err;
}
