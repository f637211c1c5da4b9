// SPDX-License-Identifier: GPL-2.0-or-later
/* text_state.c - a flow's headline: what became of it */
#include "text_talk.h"

struct talk talk_of(struct writer *writer, const struct model *model, const struct flow *flow)
{
	struct talk talk = { .writer = writer, .model = model, .flow = flow };

	model_flow_view(model, flow, &talk.view);
	model_left_source(model, flow, &talk.by_rule);
	talk.back = talk.view.newest_back;
	if (talk.view.newest)
		talk.way = way_of(flow, talk.view.newest);
	else if (talk.back)
		talk.way = way_of(flow, talk.back);
	return talk;
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
		say(talk, talk->view.ends_stopped[d] ? ", the last ones," : "");
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
	if (talk->view.maybe_error)
		say(talk, ", unless an ICMP error that came is about it");
	else if (talk->view.errors_untraced)
		say(talk, " (an ICMP error would not be traced)");
}

static void say_not_unnatted(struct talk *talk)
{
	say_there_and(talk, "the answer's address was not turned back");
}

static void say_one_way(struct talk *talk)
{
	say_there_and(talk, !talk->flow->packets[0] ? "requests are not being traced"
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

bool state_names_outcome(enum flow_state state)
{
	return states[state].with_outcome;
}

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

/* "54 of 7,189 packets there and 1 of 9 packets back" */
static void say_lost_packets(struct talk *talk)
{
	const uint64_t *lost = talk->view.lost, *all = talk->flow->packets;

	for (int d = 0; d < 2; d++) {
		if (!lost[d])
			continue;
		say(talk, d && lost[0] ? " and " : "");
		if (lost[d] != all[d]) {
			writer_number(talk->writer, lost[d]);
			say(talk, " of ");
		}
		writer_count(talk->writer, all[d], "packet", "packets");
		if (all[!d])
			say(talk, d ? " back" : " there");
	}
}

static const char *why_lost(const struct talk *talk)
{
	if (talk->view.lost_by_end)
		return "the input ends there";
	return model_gap_count(talk->model) && !model_stats(talk->model)->malformed
		       ? "events were lost"
		       : "events were lost or broken";
}

/* "; of 54 of 7,189 packets, the first one among them, it is not known (events were lost)" */
static void say_lost(struct talk *talk)
{
	const uint64_t *lost = talk->view.lost, *all = talk->flow->packets;
	uint64_t n = lost[0] + lost[1];

	if (!n)
		return;
	say(talk, "; of ");
	say_lost_packets(talk);
	if (talk->view.lost_first && n < all[0] + all[1])
		say(talk, n > 1 ? ", the first one among them," : ", the first one,");
	writer_format(talk->writer, " it is not known (%s)", why_lost(talk));
}

/* Nothing is known of the flow, for this reason or another. */
static void say_unknown(struct talk *talk)
{
	const uint64_t *lost = talk->view.lost, *all = talk->flow->packets;
	bool most = 2 * (lost[0] + lost[1]) > all[0] + all[1];

	say(talk, "not known what became of ");
	if (lost[0] + lost[1] == all[0] + all[1]) {
		writer_format(talk->writer, "it (%s)", why_lost(talk));
	} else if (most) {
		say_lost_packets(talk);
		writer_format(talk->writer, " (%s)", why_lost(talk));
	} else {
		say(talk, "it; of ");
		say_lost_packets(talk);
		writer_format(talk->writer, " because %s", why_lost(talk));
	}
}

static void say_answered(struct talk *talk)
{
	if (outcome_passes(talk->view.decision.outcome)) {
		say_outcome(talk);
		say(talk, " and");
	} else {
		say(talk, "it");
	}
	say(talk, " was answered; what became of the answer is not known");
}

void say_state(struct talk *talk)
{
	bool lost = talk->view.lost[0] || talk->view.lost[1];

	if (states[talk->view.state].say)
		states[talk->view.state].say(talk);
	else if (answered(talk))
		say_answered(talk);
	else if (lost && talk->view.decision.outcome == OUTCOME_UNKNOWN) {
		say_unknown(talk);
		return;
	} else {
		say_outcome(talk);
	}
	say_lost(talk);
}

void text_conclusion(struct writer *writer, const struct model *model, const struct flow *flow)
{
	struct talk talk = talk_of(writer, model, flow);

	say_state(&talk);
}
