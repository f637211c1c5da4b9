/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reason_behind.c - the sentence for a packet of which there are LOG lines alone */
#include "reason.h"

#include <stdio.h>

#include "model.h"

#define PLACE_SIZE   256
#define LONGEST_TEXT 80 /* of a condition: it may be a list of a hundred addresses */

static const char *const behind_words[VERDICT_MAX] = {
	[VERDICT_NONE] = "may take it",
	[VERDICT_ACCEPT] = "accepts it",
	[VERDICT_DROP] = "drops it",
	[VERDICT_REJECT] = "rejects it",
	[VERDICT_QUEUE] = "hands it to a program",
	[VERDICT_STOLEN] = "takes it",
};

/* What the end rests on beside the rules, which may have been otherwise though they were not. */
static const char *rests_words(uint8_t rests)
{
	static const char *const words[] = {
		"",
		" (its sets as they are listed)",
		" (ct state as the packets of its flow tell)",
		" (its sets as they are listed, ct state as the packets of its flow tell)",
	};

	return words[(rests & SIGHTING_LISTED ? 1 : 0) + (rests & SIGHTING_STATES ? 2 : 0)];
}

static const char *const doubts[DOUBT_MAX] = {
	[DOUBT_CONDITION] = "no LOG line tells whether this fits",
	[DOUBT_STATE] = "what conntrack called it is in no LOG line",
	[DOUBT_SET] = "what that set held then is not known",
	[DOUBT_VERDICT] = "it fits, but what it does is not known",
	[DOUBT_ENDS] = "it writes addresses or ports",
};

_Static_assert(DOUBT_MAX == DOUBT_APART + 1, "a doubt has no words");

/* ": no LOG line tells whether this fits: \"limit rate 1/minute\"" */
static void say_doubt(const struct doubt *doubt, char *buf, size_t n)
{
	struct str text = doubt->text;
	const char *more = "";

	buf[0] = '\0';
	if (!doubts[doubt->kind])
		return;
	if (text.n > LONGEST_TEXT) {
		for (text.n = LONGEST_TEXT; text.n && (text.p[text.n] & 0xc0) == 0x80;)
			text.n--;
		more = " ...";
	}
	snprintf(buf, n, ": %s: %s%.*s%s%s", doubts[doubt->kind], quote_for(text), STR_ARG(text),
		 more, quote_for(text));
}

/* " (fw.nft:22)", of a rule that stands nowhere else; what a live host's were read from is gone */
static void say_line(const struct model *m, const struct hop_view *end, char *buf, size_t n)
{
	const struct rule *rule = end->meaning->rule;
	bool told = end->verdict == VERDICT_DROP || end->verdict == VERDICT_REJECT;

	buf[0] = '\0';
	if (!told && rule && rule->line && m->config.rules && !m->n_sets)
		snprintf(buf, n, " (%s:%u)",
			 ruleset_file_name(m->config.rules, rule->chain->table->file), rule->line);
}

/* "fw input rule 4", "fw input policy" */
static void say_end(const struct chain *chain, const struct rule *rule, char *buf, size_t n)
{
	char number[24] = "policy";

	if (rule)
		snprintf(number, sizeof(number), "rule %u", rule->number);
	snprintf(buf, n, "%.*s %.*s %s", STR_ARG(chain->table->name), STR_ARG(chain->name), number);
}

/* Two ends that are possible; that there are more would be no news. */
static void say_apart(const struct model *m, uint32_t path, char *buf, size_t n)
{
	static const char sentence[] = "It was only logged; by the rule set several rules may have "
				       "done it, or called that chain";
	const struct hop_meaning *is;
	struct path_hop beyond;
	char one[PLACE_SIZE], other[PLACE_SIZE];

	if (!paths_beyond(m->paths, path, &beyond)) {
		snprintf(buf, n, "%s, and what comes behind them is not the same.", sentence);
		return;
	}
	is = beyond.meaning;
	say_end(is->chain, is->rule, one, sizeof(one));
	say_end(is->doubt.chain, is->doubt.rule, other, sizeof(other));
	snprintf(buf, n, "%s, and behind them either %s %s or %s %s.", sentence, one,
		 behind_words[is->verdict], other, behind_words[is->doubt.verdict]);
}

static const char *further(const struct hop_view *end)
{
	return end->verdict == VERDICT_ACCEPT ? "; its further way was not traced" : "";
}

/* The rule that logs it may itself be what comes next. */
static void say_itself(const struct hop_view *end, bool doubt, const char *from, const char *why,
		       char *buf, size_t n)
{
	if (doubt)
		snprintf(buf, n, "%s logged it; whether that took it cannot be told from here%s.",
			 from, why);
	else
		snprintf(buf, n, "%s logged it, and by the rule set%s %s%s.", from,
			 rests_words(end->meaning->rests), behind_words[end->verdict],
			 further(end));
}

static void say_next(const struct model *m, uint32_t path, const struct decision *d, char *buf,
		     size_t n)
{
	size_t log = paths_length(m->paths, path) - 1 - (d->stop >= 0);
	bool doubt = d->reason == REASON_BEHIND_DOUBT;
	struct hop_view at, end;
	struct path_hop beyond;
	char from[PLACE_SIZE], to[PLACE_SIZE], line[PLACE_SIZE], why[PLACE_SIZE];

	model_path_step(m, path, log, &at);
	if (paths_beyond(m->paths, path, &beyond))
		view_path_hop(m, &beyond, log + 1, &end);
	else
		model_path_step(m, path, log + 1, &end);
	hop_place(&at, from, sizeof(from));
	hop_place(&end, to, sizeof(to));
	say_line(m, &end, line, sizeof(line));
	say_doubt(&end.meaning->doubt, why, sizeof(why));
	if (at.meaning->rule && at.meaning->rule == end.meaning->rule)
		say_itself(&end, doubt, from, why, buf, n);
	else if (doubt)
		snprintf(buf, n,
			 "%s logged it; whether, by the rule set, %s%s behind that took it cannot "
			 "be told from here%s.",
			 from, to, line, why);
	else
		snprintf(buf, n, "%s logged it; behind that, by the rule set%s, %s%s %s%s.", from,
			 rests_words(end.meaning->rests), to, line, behind_words[end.verdict],
			 further(&end));
}

void say_behind(const struct model *m, uint32_t path, const struct decision *d, char *buf, size_t n)
{
	if (d->reason == REASON_BEHIND_APART)
		say_apart(m, path, buf, n);
	else
		say_next(m, path, d, buf, n);
}
