/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * senders.c - what brought packets to a rule that asks for next to nothing
 *
 * Theory of operation. Firewalls that people write with tools end packets in a few chains of their
 * own: reject, handle_reject, LOGDROPIN, ufw-user-limit, filter_IN_public. The rule that ends them
 * there says nothing; what tells why is the rule that sent them there, or the one that gave them
 * the mark which they are dropped for. Of those that call each other without a question, it is the
 * nearest one that asks for something; if none does, the one in the base chain.
 *
 * Where tools stand side by side, each with a base chain at one hook, an accept of the first is
 * often taken for the last word. It ends its own chain.
 */
#include "finding.h"

#include <inttypes.h>

#include "nfhop/own.h"

/* Does it say no more than that packets of a protocol, or of a device, end here? */
static bool says_little(const struct rule *rule)
{
	return (rule->flags & RULE_COARSE) && rule->n_conds <= 1;
}

/* The rule that sent the packet to the chain of hop @i, NULL if that is a base chain or unknown */
static const struct rule *sent_by(const struct model *m, uint32_t path, size_t i)
{
	const struct rule *by = NULL;

	while ((!by || !by->n_conds) && calling_hop(m, path, i, &i))
		by = paths_hop(m->paths, path, i).meaning->rule;
	return by;
}

/* Does @rule ask for the packet's own mark? */
static bool asks_mark(const struct rule *rule)
{
	return str_has(rule->text, STR("meta mark")) || str_has(rule->text, STR("-m mark "));
}

/* The hop before @i whose rule gave the mark; @i itself if none did, or several that may have. */
static size_t marked_at(const struct model *m, uint32_t path, size_t i)
{
	size_t found = i;

	for (size_t k = 0; k < i; k++) {
		struct path_hop h = paths_hop(m->paths, path, k);

		if (h.step->kind == HOP_LOG || !h.meaning->rule ||
		    !(h.meaning->rule->flags & RULE_SETS_MARK))
			continue;
		if (found != i)
			return i;
		found = k;
	}
	return found;
}

static bool is_same(const struct rule *a, const struct rule *b)
{
	if (!a || !b)
		return a == b;
	return a->number == b->number && str_eq(a->text, b->text) &&
	       str_eq(a->chain->name, b->chain->name) &&
	       str_eq(a->chain->table->name, b->chain->table->name);
}

/* The rule of another chain that accepted the packet before, at the hook of hop @stop */
static const struct rule *accepted_by(const struct model *m, uint32_t path, size_t stop)
{
	uint8_t hook = paths_hop(m->paths, path, stop).step->hook;
	size_t i = base_hop(m, path, stop);

	while (hook && i-- > 0) {
		struct path_hop h = paths_hop(m->paths, path, i);
		const struct rule *rule = h.meaning->rule;
		const struct chain *base = rule ? base_chain(m, path, i) : NULL;

		if (h.step->hook != hook)
			break;
		if (rule && h.verdict == VERDICT_ACCEPT && base && !is_nat_chain(base) &&
		    !is_own_table(rule->chain->table->family, rule->chain->table->name))
			return rule;
	}
	return NULL;
}

void senders_add(struct senders *senders, const struct model *m, uint32_t path, size_t stop)
{
	const struct rule *rule = paths_hop(m->paths, path, stop).meaning->rule;
	const struct rule *accepted = accepted_by(m, path, stop);
	struct sender s = { .by = NULL };
	size_t at = stop;

	senders->accepted = !senders->asked || is_same(senders->accepted, accepted) ? accepted
										    : NULL;
	senders->asked = true;
	if (!rule || paths_hop(m->paths, path, stop).step->kind == HOP_LOG)
		return;
	if (asks_mark(rule))
		at = marked_at(m, path, stop);
	if (at != stop)
		s.marked = paths_hop(m->paths, path, at).meaning->rule;
	if (says_little(s.marked ? s.marked : rule))
		s.by = sent_by(m, path, at);
	for (size_t i = 0; i < senders->n; i++)
		if (is_same(senders->at[i].by, s.by) && is_same(senders->at[i].marked, s.marked))
			return;
	if (senders->n < SENDERS_MOST)
		senders->at[senders->n] = s;
	senders->n++;
}

/* "filter INPUT rule 3", as hop_place() says it */
static struct str name_of(const struct model *m, const struct rule *rule)
{
	const struct table *table = rule->chain->table;
	struct str apart = model_apart(m, table->backend, table->family, table->name);

	return text("%.*s%s%.*s %.*s rule %" PRIu32, STR_ARG(apart), apart.n ? " " : "",
		    STR_ARG(table->name), STR_ARG(rule->chain->name), rule->number);
}

static void tell(const struct model *m, const struct sender *s, const char *who, const char *whose,
		 struct finding *f)
{
	struct str by = s->by ? name_of(m, s->by) : text("%s", "");
	struct str marked = s->marked ? name_of(m, s->marked) : text("%s", "");

	if (s->marked && s->by)
		finding_evidence(f, text("%s mark was given by %.*s, where %s came by %.*s: %.*s",
					 whose, STR_ARG(marked), who, STR_ARG(by),
					 STR_ARG(s->by->text)));
	else if (s->marked)
		finding_evidence(f, text("%s mark was given by %.*s: %.*s", whose, STR_ARG(marked),
					 STR_ARG(s->marked->text)));
	else if (s->by)
		finding_evidence(f, text("%s came there by %.*s: %.*s", who, STR_ARG(by),
					 STR_ARG(s->by->text)));
	text_free(by);
	text_free(marked);
}

void senders_tell(const struct model *m, const struct senders *senders, bool many,
		  struct finding *f)
{
	const char *who = many ? "they" : "it", *whose = many ? "their" : "its";
	size_t n = senders->n < SENDERS_MOST ? senders->n : SENDERS_MOST;

	for (size_t i = 0; i < n; i++)
		tell(m, &senders->at[i], n == 1 ? who : "some", n == 1 ? whose : "the", f);
	if (senders->n > n)
		finding_evidence(f, text("others by more rules"));
	if (senders->accepted) {
		struct str name = name_of(m, senders->accepted);

		finding_evidence(f, text("%.*s accepted %s before, at the same hook: that ends "
					 "its own chain alone",
					 STR_ARG(name), many ? "them" : "it"));
		text_free(name);
	}
}
