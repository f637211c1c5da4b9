// SPDX-License-Identifier: GPL-2.0-or-later
/* text_flow.c - one flow: what became of it, how sure that is, its ways, what to try */
#include "text.h"

#include <stdlib.h>

#define MOST_WAYS 4 /* shown of one direction; -b path shows all */

/**
 * struct talk - a flow that is being talked about
 * @way: of the newest packet there; of the newest back if there is none
 * @back: the newest path back, NULL if there is none
 * @by_rule: what a rule makes of its source, where nothing shows what that became; else NULL
 * @alike: paths_alike(), while its ways are told
 */
struct talk {
	struct writer *writer;
	const struct model *model;
	const struct flow *flow;
	struct flow_view view;
	struct way way;
	const struct flow_path *back;
	const struct nat_target *by_rule;
	uint32_t *alike;
};

static void say(struct talk *talk, const char *words)
{
	writer_word(talk->writer, words);
}

static void say_outcome(struct talk *talk)
{
	text_outcome(talk->writer, talk->model, &talk->way, &talk->view.decision);
}

static void say_there_and(struct talk *talk, const char *words)
{
	if (talk->view.newest) {
		say_outcome(talk);
		say(talk, ", ");
	}
	say(talk, words);
}

static bool is_forwarded(const struct decision *d)
{
	return d->outcome == OUTCOME_FORWARDED ||
	       (d->outcome == OUTCOME_UNKNOWN && d->at == HOOK_FORWARD);
}

/* "; 6 of 9 packets back did not" */
static void say_ended(struct talk *talk)
{
	const uint64_t *ended = talk->view.ended, *all = talk->flow->packets;

	if (!ended[0] && !ended[1])
		return;
	for (int d = 0; d < 2; d++) {
		if (!ended[d])
			continue;
		say(talk, d && ended[0] ? " and " : "; ");
		writer_number(talk->writer, ended[d]);
		say(talk, " of ");
		writer_count(talk->writer, all[d], "packet", "packets");
		say(talk, d ? " back" : " there");
	}
	say(talk, " did not");
}

static void say_two_way(struct talk *talk)
{
	bool gateway = is_forwarded(&talk->view.decision);

	if (!gateway && talk->view.newest && talk->back) {
		struct decision d;

		model_decide_path(talk->model, talk->flow, talk->back, &d);
		gateway = is_forwarded(&d);
	}
	say(talk, "both directions got through this ");
	say(talk, gateway ? "gateway" : "host");
	say_ended(talk);
}

static void say_reply_stopped(struct talk *talk)
{
	struct decision d;
	struct way way;

	if (talk->view.answered)
		say(talk, "answers got through, the last one was ");
	else if (talk->view.nat.by == BY_INFERRED)
		say(talk, "what most likely is the answer was ");
	else
		say(talk, "the answer was ");
	if (!talk->back)
		return;
	way = way_of(talk->flow, talk->back);
	model_decide_path(talk->model, talk->flow, talk->back, &d);
	text_outcome(talk->writer, talk->model, &way, &d);
}

static void say_refused(struct talk *talk)
{
	struct refusal refusal = model_refusal(talk->model, talk->flow);
	struct decision d = { .outcome = OUTCOME_UNKNOWN };
	char words[128];

	refusal_text(&refusal, words, sizeof(words));
	if (talk->view.decision.outcome == OUTCOME_UNKNOWN)
		say(talk, words);
	else
		say_there_and(talk, words);
	if (refusal.path)
		model_decide_path(talk->model, talk->flow, refusal.path, &d);
	if (outcome_stops(d.outcome))
		say(talk, ", which was stopped here");
}

static void say_no_reply(struct talk *talk)
{
	say_there_and(talk, "nothing came back");
	if (talk->view.errors_untraced)
		say(talk, " (an ICMP error would not be traced)");
}

static void say_not_unnatted(struct talk *talk)
{
	say_there_and(talk, "the answer's address was not turned back");
}

static void say_one_way(struct talk *talk)
{
	say_there_and(talk, talk->flow->packets[1] ? "requests are not being traced"
						   : "answers are not being traced");
}

/*
 * How a flow's state is said. Without say() the outcome of its newest packet says it all;
 * with_outcome: what is said names that outcome, so it need not be said again.
 */
static const struct {
	enum glyph glyph;
	void (*say)(struct talk *talk);
	bool with_outcome;
} states[FLOW_STATE_MAX] = {
	[FLOW_UNKNOWN] = { GLYPH_UNKNOWN, NULL, true },
	[FLOW_TWO_WAY] = { GLYPH_PASS, say_two_way, false },
	[FLOW_NO_REPLY] = { GLYPH_LOST, say_no_reply, true },
	[FLOW_REPLY_STOPPED] = { GLYPH_STOP, say_reply_stopped, false },
	[FLOW_REPLY_NOT_UNNATTED] = { GLYPH_LOST, say_not_unnatted, true },
	[FLOW_STOPPED] = { GLYPH_STOP, NULL, true },
	[FLOW_REFUSED] = { GLYPH_LOST, say_refused, true },
	[FLOW_ONE_WAY_TRACE] = { GLYPH_UNKNOWN, say_one_way, true },
};

enum glyph flow_glyph(const struct flow_view *view)
{
	if (view->troubled)
		return GLYPH_LOST;
	return states[view->state].say ? states[view->state].glyph
				       : outcome_glyph(view->decision.outcome);
}

/* An answer proves that its request got through, though nothing may show what became of it. */
static bool answered(const struct talk *talk)
{
	struct decision d;

	if (talk->view.state != FLOW_UNKNOWN || !talk->view.newest || !talk->back ||
	    !(talk->back->flags & PACKET_CAME_IN) || talk->flow->packets[1] <= talk->flow->errors)
		return false; /* one that was made here may be a REJECT's */
	model_decide_path(talk->model, talk->flow, talk->back, &d);
	return d.outcome == OUTCOME_UNKNOWN;
}

static void say_state(struct talk *talk)
{
	if (states[talk->view.state].say) {
		states[talk->view.state].say(talk);
		return;
	}
	if (!answered(talk)) {
		say_outcome(talk);
		return;
	}
	if (outcome_passes(talk->view.decision.outcome)) {
		say_outcome(talk);
		say(talk, " and");
	} else {
		say(talk, "it");
	}
	say(talk, " was answered; what became of the answer is not known");
}

static void say_astray(struct talk *talk)
{
	if (!talk->view.astray)
		return;
	say(talk, !talk->view.refused_astray ? "; the answer"
		  : talk->flow->errors	     ? "; the ICMP error"
					     : "; the RST");
	say(talk, " left elsewhere than the request came in");
}

static void say_conclusion(struct talk *talk)
{
	writer_begin(talk->writer, SECTION_HEADLINE, "");
	text_mark(talk->writer, flow_glyph(&talk->view));
	writer_to(talk->writer, TEXT_INDENT);
	writer_role(talk->writer, ROLE_BOLD);
	text_flow_name(talk->writer, talk->flow);
	writer_role(talk->writer, ROLE_PLAIN);
	say(talk, "   ");
	say_state(talk);
	say_astray(talk);
	writer_line(talk->writer);
	writer_end(talk->writer, SECTION_HEADLINE);
}

/* The rule that let the answer pass: the last one of FORWARD or INPUT on its way. */
static bool passing_rule(const struct talk *talk, const struct way *way, struct hop_view *found)
{
	bool any = false;

	for (size_t i = 0; i < way_length(talk->model, way); i++) {
		struct hop_view hop;

		way_hop(talk->model, way, i, &hop);
		if (hop.kind != HOP_RULE || (hop.hook != HOOK_FORWARD && hop.hook != HOOK_INPUT))
			continue;
		*found = hop;
		any = true;
	}
	return any;
}

/* "The answer came back to 123.45.67.89, was turned back to 192.168.111.20 and left by lan0" */
static void say_answer_turned(struct talk *talk)
{
	const struct nat *nat = &talk->view.nat;
	struct way way = way_of(talk->flow, talk->back);
	struct hop_view hop;
	struct decision d;

	model_decide_path(talk->model, talk->flow, talk->back, &d);
	say(talk, "The answer came back to ");
	text_endpoint(talk->writer, &nat->ends->src, nat->changed & NAT_SPORT, nat->ends->sport);
	if (!outcome_passes(d.outcome)) {
		say(talk, nat->by == BY_INFERRED ? " (inferred: its port tells)." : ".");
		return;
	}
	say(talk, ", was turned back to ");
	text_endpoint(talk->writer, &talk->flow->there.ends.src, nat->changed & NAT_SPORT,
		      talk->flow->there.ends.sport);
	say(talk, " and ");
	text_outcome(talk->writer, talk->model, &way, &d);
	if (passing_rule(talk, &way, &hop)) {
		say(talk, " (");
		text_place(talk->writer, &hop);
		say(talk, ")");
	}
	say(talk, ".");
}

static void say_changed(struct talk *talk, const char *what, bool port, const struct addr *addr,
			uint16_t number)
{
	say(talk, what);
	text_endpoint(talk->writer, addr, port, number);
	say(talk, talk->view.nat.by == BY_INFERRED ? " (inferred)." : ".");
}

static void say_destination(struct talk *talk)
{
	const struct nat *nat = &talk->view.nat;
	const struct endpoints *there = &talk->flow->there.ends;

	say_changed(talk, "Its destination became ", nat->changed & NAT_DPORT,
		    nat->changed & NAT_DST ? &nat->ends->dst : &there->dst, nat->ends->dport);
}

static void say_source(struct talk *talk)
{
	const struct nat *nat = &talk->view.nat;
	const struct endpoints *there = &talk->flow->there.ends;

	if (nat->changed & NAT_SRC && talk->back && talk->view.state != FLOW_REPLY_NOT_UNNATTED)
		say_answer_turned(talk);
	else
		say_changed(talk, "Its source became ", nat->changed & NAT_SPORT,
			    nat->changed & NAT_SRC ? &nat->ends->src : &there->src,
			    nat->ends->sport);
}

static void say_source_by_rule(struct talk *talk)
{
	struct str oif = model_text(talk->model, talk->flow->oif[0]);

	if (!talk->by_rule->by_device || !oif.n) {
		say(talk, "A rule translated its source.");
		return;
	}
	say(talk, "Its source became an address of ");
	writer_text(talk->writer, oif);
	say(talk, ".");
}

/* A packet that was lost right after its DNAT was never seen with its new destination. */
static bool destination_by_rule(const struct talk *talk, struct endpoints *to)
{
	return talk->way.packet && talk->view.newest &&
	       !(talk->view.nat.changed & (NAT_DST | NAT_DPORT)) &&
	       model_new_destination(talk->model, talk->way.packet, to);
}

static void say_nat(struct talk *talk)
{
	bool dst = talk->view.nat.changed & (NAT_DST | NAT_DPORT);
	bool src = talk->view.nat.changed & (NAT_SRC | NAT_SPORT);
	struct endpoints to;

	if (dst)
		say_destination(talk);
	else if (destination_by_rule(talk, &to))
		say_changed(talk, "Its destination became ", to.dport, &to.dst, to.dport);
	if (dst && (src || talk->by_rule))
		say(talk, " ");
	if (src)
		say_source(talk);
	else if (talk->by_rule)
		say_source_by_rule(talk);
}

/* What may tell packets apart that took one path. */
static void say_flags(struct talk *talk, const struct flow_path *fp)
{
	static const struct {
		unsigned int flag;
		const char *words;
	} rows[] = {
		{ PACKET_FRAGMENT, ", a fragment" },
		{ PACKET_SHORT, ", headers cut" },
		{ PACKET_CT_INVALID, ", invalid to conntrack" },
		{ PACKET_AMBIGUOUS, ", perhaps another's hops" },
		{ PACKET_STALE, ", while the rule set changed" },
	};

	if ((fp->flags & PACKET_ERROR) && fp->sample)
		say(talk, fp->sample->has_quoted ? ", an ICMP error" : ", RST");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (fp->flags & rows[i].flag)
			say(talk, rows[i].words);
}

/* The first path of the flow of which the same is said. */
static uint32_t first_alike(const struct talk *talk, const struct flow_path *fp)
{
	uint32_t i = (uint32_t)(fp - talk->flow->paths);

	return talk->alike ? talk->alike[i] : i;
}

static bool is_alone(const struct talk *talk)
{
	for (uint32_t i = 1; i < talk->flow->n_paths; i++)
		if (first_alike(talk, &talk->flow->paths[i]))
			return false;
	return true;
}

/* "2 of 3 packets", "3 packets, all the same way" */
static void say_share(struct talk *talk, const struct flow_path *fp)
{
	uint64_t all = talk->flow->packets[fp->back], n = 0;

	for (uint32_t i = 0; i < talk->flow->n_paths; i++)
		if (first_alike(talk, &talk->flow->paths[i]) == first_alike(talk, fp))
			n += talk->flow->paths[i].packets;
	if (n != all) {
		writer_number(talk->writer, n);
		say(talk, " of ");
	}
	writer_count(talk->writer, all, "packet", "packets");
	if (n == all && all > 1)
		say(talk, ", all the same way");
	say_flags(talk, fp);
}

/* "there  2 of 3 packets: left by venet0. Inferred: ..." */
static void say_path(struct talk *talk, const struct flow_path *fp, const struct decision *d)
{
	const struct flow_path *newest = talk->view.newest;
	bool said = newest && first_alike(talk, fp) == first_alike(talk, newest) &&
		    states[talk->view.state].with_outcome;
	struct way way = way_of(talk->flow, fp);

	writer_to(talk->writer, TEXT_INDENT);
	if (!is_alone(talk)) {
		writer_role(talk->writer, ROLE_BOLD);
		say(talk, fp->back ? "back   " : "there  ");
		writer_role(talk->writer, ROLE_PLAIN);
	}
	say_share(talk, fp);
	if (!said && d->outcome != OUTCOME_UNKNOWN) {
		say(talk, ": ");
		text_outcome(talk->writer, talk->model, &way, d);
	}
	say(talk, ". ");
	text_sure(talk->writer, talk->model, fp->path, d);
	if (d->outcome == OUTCOME_UNKNOWN && talk->view.state == FLOW_TWO_WAY)
		writer_sentence(talk->writer, TEXT_INDENT,
				fp->back ? STR(" The client went on, so the first got through.")
					 : STR(" An answer came back, so it got through."));
	writer_line(talk->writer);
}

/* A lone way is set off from its sentence; of several each stands below its own. */
static void say_way(struct talk *talk, const struct flow_path *fp)
{
	bool lone = is_alone(talk);
	struct way way = way_of(talk->flow, fp);
	struct decision d;

	model_decide_path(talk->model, talk->flow, fp, &d);
	if (!lone)
		writer_line(talk->writer);
	say_path(talk, fp, &d);
	if (lone)
		writer_line(talk->writer);
	text_way(talk->writer, talk->model, &way, &d);
}

/* Return: how many were left out */
static uint32_t say_direction(struct talk *talk, bool back)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < talk->flow->n_paths; i++) {
		const struct flow_path *fp = &talk->flow->paths[i];

		if (fp->back == back && first_alike(talk, fp) == i && n++ < MOST_WAYS)
			say_way(talk, fp);
	}
	return n > MOST_WAYS ? n - MOST_WAYS : 0;
}

static void say_ways(struct talk *talk)
{
	uint32_t more = say_direction(talk, false);

	more += say_direction(talk, true);
	if (!more)
		return;
	writer_line(talk->writer);
	writer_to(talk->writer, TEXT_INDENT);
	writer_count(talk->writer, more, "more way", "more ways");
	say(talk, "; -b path shows all");
	writer_line(talk->writer);
}

static struct talk talk_of(struct writer *writer, const struct model *model,
			   const struct flow *flow)
{
	struct talk talk = { .writer = writer, .model = model, .flow = flow };

	model_flow_view(model, flow, &talk.view);
	model_left_source(model, flow, &talk.by_rule);
	talk.back = flow->newest[1] >= 0 ? &flow->paths[flow->newest[1]] : NULL;
	if (talk.view.newest)
		talk.way = way_of(flow, talk.view.newest);
	else if (talk.back)
		talk.way = way_of(flow, talk.back);
	return talk;
}

void text_conclusion(struct writer *writer, const struct model *model, const struct flow *flow)
{
	struct talk talk = talk_of(writer, model, flow);

	say_state(&talk);
}

void text_flow_nat(struct writer *writer, const struct model *model, const struct flow *flow)
{
	struct talk talk = talk_of(writer, model, flow);

	say_nat(&talk);
}

void text_flow(struct writer *writer, const struct model *model, const struct flow *flow,
	       const struct finding_index *index)
{
	struct talk talk = talk_of(writer, model, flow);
	struct endpoints to;

	writer_line(writer);
	writer_begin(writer, SECTION_CASE, glyph_kind(flow_glyph(&talk.view)));
	say_conclusion(&talk);
	if (talk.view.nat.changed || talk.by_rule || destination_by_rule(&talk, &to)) {
		writer_to(writer, TEXT_INDENT);
		say_nat(&talk);
		writer_line(writer);
	}
	talk.alike = paths_alike(model, flow);
	say_ways(&talk);
	free(talk.alike);
	text_findings(writer, index, flow->no, TEXT_INDENT);
	writer_end(writer, SECTION_CASE);
}
