/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expect_judge.c - packets held against expectations, and what can be said at the end
 *
 * For each packet both sides have three answers. What is certain either way decides: a packet
 * that is selected and does not hold breaks `all`; one that is selected and holds counts. What is
 * not certain can only withhold an answer. So is what was not seen: where events are lost, any
 * number of packets may have been there.
 */
#include "nfhop/expect.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

#include "absent.h"
#include "outside.h"
#include "shadow.h"
#include "tree.h"

int expect_start(struct expect_run *run, const struct expectations *all)
{
	*run = (struct expect_run){ .all = all,
				    .results = calloc(all->n + 1, sizeof(*run->results)) };
	return run->results ? 0 : -ENOMEM;
}

static void packet_free(struct packet *p)
{
	if (p)
		free(p->hops);
	free(p);
}

void expect_finish(struct expect_run *run)
{
	for (size_t i = 0; run->results && i < run->all->n; i++) {
		packet_free(run->results[i].broke);
		packet_free(run->results[i].missed);
		packet_free(run->results[i].unsure);
	}
	free(run->results);
	*run = (struct expect_run){ 0 };
}

static struct packet *packet_keep(const struct packet *p)
{
	struct packet *copy = malloc(sizeof(*copy));

	if (!copy)
		return NULL;
	*copy = *p;
	copy->hops = calloc(p->n_hops + 1u, sizeof(*p->hops));
	if (!copy->hops) {
		free(copy);
		return NULL;
	}
	if (p->n_hops)
		memcpy(copy->hops, p->hops, p->n_hops * sizeof(*p->hops));
	return copy;
}

/* Keep the packet that began first. Return: was it this one? */
static bool keep_first(struct expect_run *run, struct packet **kept, const struct packet *p)
{
	struct packet *copy;

	if (*kept && (*kept)->no < p->no)
		return false;
	copy = packet_keep(p);
	if (!copy) {
		run->err = -ENOMEM;
		return false;
	}
	packet_free(*kept);
	*kept = copy;
	return true;
}

static enum match least(enum match a, enum match b)
{
	return a < b ? a : b;
}

/* Could it change the answer, were all of it known? */
static bool may_decide(const struct expectation *e, enum match selected, enum match holds)
{
	if (selected == MATCH_YES)
		return holds == MATCH_UNKNOWN;
	return e->all || holds != MATCH_NO;
}

static void take(struct expect_run *run, size_t i, const struct model *model,
		 const struct packet *p)
{
	const struct expectation *e = &run->all->at[i];
	struct expect_result *r = &run->results[i];
	struct query_doubt doubt, then_doubt;
	enum match selected = query_judge(e->select, model, p, &doubt), holds;

	if (selected == MATCH_NO)
		return;
	holds = query_judge(e->then, model, p, &then_doubt);
	r->selected += selected == MATCH_YES;
	if (least(selected, holds) == MATCH_YES)
		r->held++;
	/* what breaks it: of `all` what does not hold, else what is one too many */
	if (selected == MATCH_YES && holds == (e->all ? MATCH_NO : MATCH_YES) &&
	    (e->all || r->held > e->max))
		keep_first(run, &r->broke, p);
	if (selected == MATCH_YES && holds == MATCH_NO)
		keep_first(run, &r->missed, p);
	if (!may_decide(e, selected, holds))
		return;
	if (e->all && holds == MATCH_YES)
		r->perhaps++; /* it can only be the one packet that `all` needs */
	else
		r->doubtful++;
	if (keep_first(run, &r->unsure, p))
		r->doubt = selected == MATCH_UNKNOWN ? doubt : then_doubt;
}

void expect_packet(void *who, const struct model *model, const struct packet *packet)
{
	struct expect_run *run = who;

	run->packets++;
	for (size_t i = 0; i < run->all->n; i++)
		take(run, i, model, packet);
}

/* ---- the end ---- */

#define ABSENT_WHY 256

__attribute__((format(printf, 2, 3))) static void say(struct expect_result *r, const char *format,
						      ...)
{
	size_t n = strlen(r->reason);
	va_list args;

	va_start(args, format);
	vsnprintf(r->reason + n, sizeof(r->reason) - n, format, args);
	va_end(args);
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* What may not have been seen; empty if everything was. */
static void say_loss(const struct expect_run *run, const struct model *model, char *buf, size_t n)
{
	const struct stats *s = model_stats(model);
	uint64_t given_up = s->evicted_flows + s->evicted_open, shown, flows;

	model_count_shown(model, &shown, &flows);
	buf[0] = '\0';
	if (run->cut)
		snprintf(buf, n, "%s", run->cut);
	else if (!run->packets && !s->packets)
		snprintf(buf, n, "no packet was seen at all: nothing was traced");
	else if (s->lost)
		snprintf(buf, n, "%" PRIu64 " record%s lost", s->lost,
			 s->lost == 1 ? " was" : "s were");
	else if (model_gap_count(model))
		snprintf(buf, n, "records were lost, nobody says how many");
	else if (model_left_out(model))
		snprintf(buf, n, "--limit left %" PRIu64 " packet%s untraced",
			 model_left_out(model), plural(model_left_out(model)));
	else if (s->unended)
		snprintf(buf, n, "the recording has no end: what came last is not known");
	else if (s->malformed)
		snprintf(buf, n, "%" PRIu64 " line%s broken", s->malformed,
			 s->malformed == 1 ? " of the input is" : "s of the input are");
	else if (s->late)
		snprintf(buf, n, "%" PRIu64 " line%s back in time", s->late,
			 s->late == 1 ? " of the input runs" : "s of the input run");
	else if (s->twice)
		snprintf(buf, n, "%" PRIu64 " packet%s twice in the input", s->twice,
			 s->twice == 1 ? " stands" : "s stand");
	else if (given_up)
		snprintf(buf, n, "%" PRIu64 " packet%s or flow%s were given up for lack of room",
			 given_up, plural(given_up), plural(given_up));
	else if (shown > run->packets)
		snprintf(buf, n, "%" PRIu64 " packet%s could not be kept until the end",
			 shown - run->packets, plural(shown - run->packets));
}

/* why_logged - of what LOG lines alone tell, no trace is silent; the prefix may be of several rules
 */
static struct str why_logged(const struct model *model, const struct packet *p, char *buf, size_t n)
{
	const struct ruleset *rules = model_rules(model);

	for (size_t i = 0; rules && i < model_path_length(model, p->path); i++) {
		struct hop_view hop;
		size_t several;

		model_path_step(model, p->path, i, &hop);
		several = hop.kind == HOP_LOG ? ruleset_logs(rules, hop.prefix).n : 0;
		if (several < 2 || hop.meaning->rule)
			continue;
		snprintf(buf, n,
			 "%zu rules log with \"%.*s\", and nothing shows which of them wrote its "
			 "line",
			 several, STR_ARG(str_trim_right(hop.prefix)));
		return str_from(buf);
	}
	return STR("nothing of it was traced, LOG lines alone tell of it");
}

static void say_doubt(struct expect_result *r, const struct model *model)
{
	static const char *const words[] = {
		[QUERY_DOUBT_NONE] = "",
		[QUERY_DOUBT_OUTCOME] = "",
		[QUERY_DOUBT_CHAIN] = "hops of it may be missing",
		[QUERY_DOUBT_SILENT] =
			"iptables or nftables has rules, but tells nothing of it (nfhop doctor)",
		[QUERY_DOUBT_RULESET] = "only the rule set could tell (-r)",
		[QUERY_DOUBT_SOURCE] =
			"SNAT may have changed its source, and only an answer would show to what",
		[QUERY_DOUBT_HEADER] = "the input does not show that part of it",
		[QUERY_DOUBT_OPENER] = "the SYN of its connection was not seen",
	};
	struct decision d;
	char leaf[160], buf[256];
	size_t n;
	enum query_doubt_kind kind = r->doubt.kind;
	struct str why;

	if (!r->doubt.node)
		return;
	if (kind == QUERY_DOUBT_SOURCE && !model_rules(model))
		kind = QUERY_DOUBT_RULESET;
	why = str_from(words[kind]);
	n = query_print_node(r->doubt.node, leaf, sizeof(leaf));
	model_decide(model, r->unsure, &d);
	if (kind == QUERY_DOUBT_OUTCOME ||
	    (kind == QUERY_DOUBT_CHAIN && d.outcome == OUTCOME_UNKNOWN))
		why = model_reason(model, r->unsure->path, &d, buf, sizeof(buf));
	else if ((kind == QUERY_DOUBT_SILENT ||
		  (kind == QUERY_DOUBT_RULESET && model_rules(model))) &&
		 !model_path_traced(model, r->unsure->path))
		why = why_logged(model, r->unsure, buf, sizeof(buf));
	if (str_starts(why, STR("It")) || str_starts(why, STR("The "))) /* follows a colon */
		buf[0] = (char)(buf[0] - 'A' + 'a');
	if (why.n && why.p[why.n - 1] == '.')
		why.n--;
	say(r, "of packet %" PRIu64 " \"%.*s\" is not known: %.*s", r->unsure->no,
	    (int)(n < sizeof(leaf) ? n : sizeof(leaf)), leaf, STR_ARG(why));
}

static void say_bounds(struct expect_result *r, const struct expectation *e)
{
	if (e->max == EXPECT_MANY)
		say(r, "%" PRIu64 " or more", e->min);
	else if (e->min == e->max)
		say(r, "%" PRIu64, e->min);
	else
		say(r, "%" PRIu64 " to %" PRIu64, e->min, e->max);
}

/* ---- a rule that the right side names, and that another one keeps packets from ---- */

static bool is_named(const struct query_place *place, const struct rule *rule)
{
	if (place->comment.n)
		return str_eq(place->comment, rule->comment);
	if (place->handle)
		return (rule->flags & RULE_HANDLE) && place->handle == rule->handle;
	return place->rule && place->rule == rule->number;
}

static bool say_rule(struct expect_result *r, const struct model *model, const struct rule *rule)
{
	const struct rule *by = shadow_for_all(rule);
	const struct packet *p = r->packet;
	bool all = by;

	if (!by && p)
		by = shadow_for(model, p, rule);
	if (!by)
		return false;
	say(r, "; %.*s %.*s rule %" PRIu32 " is shadowed", STR_ARG(rule->chain->table->name),
	    STR_ARG(rule->chain->name), rule->number);
	if (all)
		say(r, ": rule %" PRIu32 " before it takes everything", by->number);
	else
		say(r,
		    " for packet %" PRIu64 ", which fits it: rule %" PRIu32 " before it takes it",
		    p->no, by->number);
	return true;
}

static bool say_chain(struct expect_result *r, const struct model *model,
		      const struct query_place *place, const struct chain *chain)
{
	bool said = false;

	if (!glob_matches(place->table, chain->table->name) ||
	    !glob_matches(place->chain, chain->name))
		return false;
	for (uint32_t i = 0; i < chain->n_rules && !said; i++)
		said = is_named(place, &chain->rules[i]) && say_rule(r, model, &chain->rules[i]);
	return said;
}

/* What is under `not` is to be missed. Return: was something said? Once is enough. */
static bool say_shadow(struct expect_result *r, const struct model *model,
		       const struct query_node *node)
{
	struct chain_list chains = ruleset_chains(model_rules(model));
	bool said = false;

	if (node->kind == QUERY_NOT)
		return false;
	for (const struct query_node *child = node->child; child && !said; child = child->next)
		said = say_shadow(r, model, child);
	if (!node->place || node->place->kind != HOP_RULE)
		return said;
	for (size_t i = 0; i < chains.n && !said; i++)
		said = say_chain(r, model, node->place, chains.at[i]);
	return said;
}

static bool is_wrong_ruleset(const struct model *model)
{
	for (size_t i = 0; i < model_finding_count(model); i++)
		if (!strcmp(model_finding_at(model, i)->id, "wrong-ruleset"))
			return true;
	return false;
}

/* What the packet's lines below do not always show. */
static bool has_number(const struct query_node *node)
{
	return node->kind == QUERY_TTL || node->kind == QUERY_LENGTH;
}

#define SHOWN_PART 160

/* Which part of the right side it was; where that has one part only, the expectation says it. */
static void say_breaker(struct expect_result *r, const struct expectation *e,
			const struct model *model, const struct packet *p, const char *before)
{
	const struct query_node *node = query_breaker(e->then, model, p);
	char part[SHOWN_PART];
	size_t n = node ? query_print_node(node, part, sizeof(part)) : 0;

	if (!node || (node == query_root(e->then) && !has_number(node)))
		return;
	say(r, "%s\"%.*s%s\" does not hold", before, (int)(n < sizeof(part) ? n : sizeof(part)),
	    part, n < sizeof(part) ? "" : "...");
	if (has_number(node))
		say(r, ", it was %u",
		    node->kind == QUERY_TTL ? p->first.ttl + 0u : p->first.length + 0u);
}

static void answer_all(struct expect_result *r, const struct expectation *e,
		       const struct model *model, const char *loss)
{
	if (r->broke) {
		r->answer = EXPECT_FAILED;
		say(r, "packet %" PRIu64 " breaks it", r->broke->no);
		say_breaker(r, e, model, r->broke, ": ");
		say(r, "; it holds for %" PRIu64 " of %" PRIu64 " packet%s", r->held, r->selected,
		    plural(r->selected));
	} else if (r->doubtful || *loss || (!r->selected && r->perhaps)) {
		r->answer = EXPECT_INCONCLUSIVE;
	} else {
		r->answer = r->selected ? EXPECT_PASSED : EXPECT_FAILED;
		say(r, r->selected ? "%" PRIu64 " packet%s" : "no packet was selected", r->selected,
		    plural(r->selected));
	}
}

/* at_least - of what stands twice in the input each may be among those that hold */
static uint64_t at_least(uint64_t held, const struct model *model)
{
	uint64_t twice = model_stats(model)->twice;

	return held > twice ? held - twice : held != 0;
}

static void answer_count(struct expect_result *r, const struct expectation *e,
			 const struct model *model, const char *loss)
{
	uint64_t held = at_least(r->held, model);
	bool few = held < e->min;
	bool many = held > e->max;
	bool may_be_more = (r->doubtful || *loss) && e->max != EXPECT_MANY;
	char before[48];

	if (many || (few && !*loss && r->held + r->doubtful < e->min)) {
		r->answer = EXPECT_FAILED;
		say(r, "%" PRIu64 " packet%s, expected ", r->held, plural(r->held));
		say_bounds(r, e);
		if (few)
			say(r, " (of %" PRIu64 " selected)", r->selected);
		if (few && r->missed) {
			snprintf(before, sizeof(before), "; of packet %" PRIu64 " ", r->missed->no);
			say_breaker(r, e, model, r->missed, before);
		}
	} else if (few || (may_be_more && (*loss || r->held + r->doubtful > e->max))) {
		r->answer = EXPECT_INCONCLUSIVE;
	} else {
		r->answer = EXPECT_PASSED;
		say(r, "%" PRIu64 " packet%s", r->held, plural(r->held));
	}
}

/*
 * Where nothing can be, nothing was: that says nothing of the packets. Not so where enough of them
 * hold for what is known, as for one side of an `or`, and there is no bound that more could break.
 * @why: receives which place nothing knows, if that is only to be added
 * Return: is it the answer?
 */
static bool answer_absent(struct expect_result *r, const struct expectation *e,
			  const struct model *model, const struct ruleset *rules, const char *loss,
			  char *why, size_t n)
{
	char then_why[ABSENT_WHY];
	struct absent select = absent_of(model, rules, query_root(e->select), why, n);
	struct absent then = absent_of(model, rules, query_root(e->then), then_why,
				       sizeof(then_why));
	enum absence is = select.is ? select.is : then.is;
	bool decides = select.decides || then.decides, failed = r->answer == EXPECT_FAILED;

	if (!select.is)
		snprintf(why, n, "%s", then.is ? then_why : "");
	if (!is || (!failed && !decides && e->max == EXPECT_MANY && !(e->all && select.is)))
		return false;
	if (failed && !(decides && is == ABSENT_PLACE))
		return false;
	if (is == ABSENT_UNKNOWN && r->answer == EXPECT_INCONCLUSIVE && *loss)
		return false;
	r->answer = is == ABSENT_UNKNOWN ? EXPECT_INCONCLUSIVE : EXPECT_FAILED;
	r->packet = NULL;
	r->reason[0] = '\0';
	say(r, "%s", why);
	return true;
}

/* say_narrow - `-t "udp" leaves ...` */
static void say_narrow(struct expect_result *r, const struct expect_narrow *narrow,
		       const char *words)
{
	char text[SHOWN_PART];
	size_t n = query_print(narrow->filter, text, sizeof(text));

	say(r, "%s \"%.*s%s\" %s", narrow->option, (int)(n < sizeof(text) ? n : sizeof(text)), text,
	    n < sizeof(text) ? "" : "...", words);
}

/*
 * Of what the user's own filter leaves out, that there was none is no answer.
 * Return: is it left out?
 */
static bool answer_outside(const struct expect_run *run, struct expect_result *r,
			   const struct expectation *e)
{
	for (size_t i = 0; i < EXPECT_NARROWS && !r->selected && !r->unsure; i++) {
		const struct expect_narrow *narrow = &run->narrows[i];

		if (!narrow->filter)
			continue;
		if (outside(query_root(narrow->filter), query_root(e->select))) {
			r->answer = EXPECT_INCONCLUSIVE;
			r->reason[0] = '\0';
			say_narrow(r, narrow, "leaves out what it selects");
			return true;
		}
		if (r->answer == EXPECT_FAILED) {
			say(r, "; ");
			say_narrow(r, narrow, "may leave it out");
		}
	}
	return false;
}

int expect_end(struct expect_run *run, const struct model *model)
{
	const struct ruleset *rules = is_wrong_ruleset(model) ? NULL : model_rules(model);
	char loss[128], absent[ABSENT_WHY];

	say_loss(run, model, loss, sizeof(loss));
	for (size_t i = 0; i < run->all->n; i++) {
		const struct expectation *e = &run->all->at[i];
		struct expect_result *r = &run->results[i];

		r->reason[0] = '\0';
		if (e->all)
			answer_all(r, e, model, loss);
		else
			answer_count(r, e, model, loss);
		if (answer_absent(r, e, model, rules, loss, absent, sizeof(absent)))
			continue;
		if (answer_outside(run, r, e))
			continue;
		r->packet = r->answer != EXPECT_FAILED ? NULL : r->broke ? r->broke : r->missed;
		if (r->answer == EXPECT_FAILED && rules)
			say_shadow(r, model, query_root(e->then));
		if (r->answer == EXPECT_FAILED && *absent)
			say(r, "; %s", absent);
		if (r->answer != EXPECT_INCONCLUSIVE)
			continue;
		if (*loss)
			say(r, "%s", loss);
		else
			say_doubt(r, model);
		if (!*loss)
			r->packet = r->unsure;
	}
	return run->err;
}

enum expect_answer expect_worst(const struct expect_run *run)
{
	enum expect_answer worst = EXPECT_PASSED;

	for (size_t i = 0; i < run->all->n; i++) {
		if (run->results[i].answer == EXPECT_FAILED)
			return EXPECT_FAILED;
		if (run->results[i].answer == EXPECT_INCONCLUSIVE)
			worst = EXPECT_INCONCLUSIVE;
	}
	return worst;
}
