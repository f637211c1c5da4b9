// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * view_rule.c - a rule among its neighbours: which ones the packet hit, and why not the others
 *
 * The chain is the rule set's. Where none is known, or not that chain, the hops that the trace
 * names in it are all there is to show.
 */
#include <inttypes.h>

#include "nfhop/passed.h"

#include "view.h"

#define MISS_SIZE 512
#define AT_TEXT	  9 /* column of the rules' texts */

/**
 * struct place - the chain that the chosen hop was in
 * @chain: of the rule set; NULL if it is not known
 * @last: number of the last rule of the chain that the packet came to; beyond the last one if it
 *	came to the chain's end
 * @gone: number of a rule by which it left for good (goto comes back behind the chain's end), or 0
 */
struct place {
	struct scene scene;
	struct hop_view hop;
	const struct chain *chain;
	uint32_t last, gone;
};

static bool same_chain(const struct hop_view *a, const struct hop_view *b)
{
	if (a->meaning && b->meaning && a->meaning->chain && b->meaning->chain)
		return a->meaning->chain == b->meaning->chain;
	return a->family == b->family && str_eq(a->table, b->table) && str_eq(a->chain, b->chain);
}

/* The rule that a hop was at: beyond the last one for the chain's end. */
static uint32_t rule_of(const struct place *place, const struct hop_view *hop)
{
	if (hop->kind == HOP_RULE || !place->chain)
		return hop->rule;
	return place->chain->n_rules + 1;
}

/* What came back without a match came to all of the chain. */
static void came_to(void *who, const struct chain *chain, uint32_t last, bool further)
{
	struct place *place = who;

	(void)further;
	if (chain == place->chain && last > place->last)
		place->last = last;
}

static bool place_of(struct tui *tui, struct frame *frame, struct place *place)
{
	*place = (struct place){ 0 };
	if (!scene_of(tui->model, &frame->subject, &place->scene))
		return false;
	way_hop(tui->model, &place->scene.way, place->scene.hop, &place->hop);
	place->chain = place->hop.meaning ? place->hop.meaning->chain : NULL;
	for (size_t i = 0; i < place->scene.n_hops; i++) {
		struct hop_view hop;

		way_hop(tui->model, &place->scene.way, i, &hop);
		if (!same_chain(&hop, &place->hop))
			continue;
		if (rule_of(place, &hop) > place->last)
			place->last = rule_of(place, &hop);
		if (hop.kind == HOP_RULE && hop.verdict == VERDICT_GOTO)
			place->gone = rule_of(place, &hop);
	}
	if (place->chain)
		passed_walk(tui->model, place->scene.way.path,
			    &(struct passed_to){ came_to, place });
	return true;
}

/* Return: number of a hop of the way that was at rule @number of the chain; n_hops if none was */
static size_t hop_at(struct tui *tui, const struct place *place, uint32_t number)
{
	for (size_t i = 0; i < place->scene.n_hops; i++) {
		struct hop_view hop;

		way_hop(tui->model, &place->scene.way, i, &hop);
		if (same_chain(&hop, &place->hop) && rule_of(place, &hop) == number)
			return i;
	}
	return place->scene.n_hops;
}

/* Hop number @k of those in the chain, where the chain itself is not known. */
static size_t hop_in_chain(struct tui *tui, const struct place *place, size_t k)
{
	for (size_t i = 0; i < place->scene.n_hops; i++) {
		struct hop_view hop;

		way_hop(tui->model, &place->scene.way, i, &hop);
		if (same_chain(&hop, &place->hop) && !k--)
			return i;
	}
	return place->scene.n_hops;
}

static size_t count_lines(struct tui *tui, const struct place *place)
{
	size_t n = 0;

	if (place->chain)
		return place->chain->n_rules + 1;
	while (hop_in_chain(tui, place, n) < place->scene.n_hops)
		n++;
	return n;
}

static void rule_refresh(struct tui *tui, struct frame *frame)
{
	bool fresh = !frame->list.n;
	struct place place;
	uint32_t number;

	if (!place_of(tui, frame, &place)) {
		list_resize(&frame->list, 0);
		return;
	}
	list_resize(&frame->list, count_lines(tui, &place));
	number = rule_of(&place, &place.hop);
	if (fresh && place.chain && number)
		list_to(&frame->list, number - 1);
}

static bool is_end(const struct place *place, size_t hop)
{
	return (int)hop == place->scene.d.stop;
}

static void put_number(struct pen *pen, const struct place *place, size_t hop, size_t i)
{
	if (hop < place->scene.n_hops && is_end(place, hop)) {
		writer_role(&pen->w, ROLE_STOP);
		writer_glyph(&pen->w, GLYPH_STOP);
	} else if (hop < place->scene.n_hops) {
		writer_role(&pen->w, ROLE_PASS);
		pen_line(pen, LINE_CURSOR);
	} else {
		writer_role(&pen->w, ROLE_DIM);
		writer_word(&pen->w, " ");
	}
	if (i < place->chain->n_rules)
		pen_format(pen, " %4zu  ", i + 1);
	else
		writer_word(&pen->w, "       ");
}

/* Did the packet come by rule number @number, whether it matched or not? */
static bool came_by(const struct place *place, size_t number)
{
	return number <= place->last && !(place->gone && number > place->gone);
}

/* The hop before hop @i by which the way came into the chain of hop @i; Return: is there one? */
static bool caller_of(struct tui *tui, const struct scene *scene, size_t *i,
		      struct hop_view *caller)
{
	struct hop_view hop;

	way_hop(tui->model, &scene->way, *i, &hop);
	while (hop.depth && (*i)-- > 0) {
		way_hop(tui->model, &scene->way, *i, caller);
		if (caller->depth < hop.depth)
			return true;
	}
	return false;
}

/* Where it goes on behind the end of a chain: behind the last jump, whatever gotos came after. */
static void put_return(struct tui *tui, struct pen *pen, const struct place *place)
{
	struct hop_view caller = { 0 };
	size_t i = place->scene.hop;
	bool found;

	do
		found = caller_of(tui, &place->scene, &i, &caller);
	while (found && caller.verdict == VERDICT_GOTO && caller.depth);
	if (!found) {
		writer_word(&pen->w, "end: goes on behind the last jump");
	} else if (caller.verdict == VERDICT_GOTO) {
		writer_word(&pen->w, "end: goes on at the policy of ");
		text_table(&pen->w, &caller);
		writer_word(&pen->w, " ");
		writer_text(&pen->w, caller.chain);
	} else {
		writer_word(&pen->w, "end: goes on behind ");
		text_short_place(&pen->w, &caller);
	}
}

/* What stands in the last line: the policy, or where a chain that was called leads back to. */
static void put_chain_end(struct tui *tui, struct pen *pen, const struct place *place)
{
	const struct chain *chain = place->chain;

	if (!(chain->have & CHAIN_BASE)) {
		put_return(tui, pen, place);
		return;
	}
	writer_word(&pen->w, "policy ");
	writer_word(&pen->w, chain->policy == VERDICT_DROP ? "DROP"
			     : chain->policy		   ? verdict_name(chain->policy)
							   : "not known");
}

/* Why the packet passed rule @rule over; @full: with the condition's own text. */
static void put_miss(struct tui *tui, const struct place *place, const struct rule *rule, bool full,
		     struct pen *pen)
{
	struct rule_miss miss = { NULL, { NULL, 0 } };
	char why[MISS_SIZE];
	enum match match;

	if (!place->scene.packet) {
		writer_word(&pen->w, "did not match");
		return;
	}
	match = model_fit(tui->model, place->scene.packet, place->scene.hop, rule, &miss, why,
			  sizeof(why));
	if (full && match != MATCH_YES) {
		writer_text(&pen->w, miss.text);
		writer_word(&pen->w, match == MATCH_NO ? ", " : " ");
	}
	if (match == MATCH_YES)
		writer_word(&pen->w, "all of it fits: is this the rule set that was loaded?");
	else
		writer_text(&pen->w, str_from(why));
}

static void put_remark(struct tui *tui, const struct place *place, size_t i, size_t hop,
		       struct pen *pen)
{
	struct way_changes changes = { .n = 0 };
	struct hop_view view;

	if (hop < place->scene.n_hops) {
		way_hop(tui->model, &place->scene.way, hop, &view);
		way_changes_before(&changes, &view);
		way_changes_by(&changes, tui->model, &place->scene.way, hop);
		writer_role(&pen->w, is_end(place, hop) ? ROLE_STOP : ROLE_PASS);
		writer_glyph(&pen->w, GLYPH_LEFT);
		writer_word(&pen->w, is_end(place, hop) ? " stopped here" : " hit");
		for (unsigned int k = 0; k < changes.n; k++) {
			writer_word(&pen->w, k ? ", " : "  ");
			text_change(&pen->w, &changes.at[k]);
		}
	} else if (!came_by(place, i + 1)) {
		writer_role(&pen->w, ROLE_DIM);
		writer_word(&pen->w, i < place->chain->n_rules ? "not reached" : "");
	} else if (i < place->chain->n_rules) {
		writer_role(&pen->w, ROLE_UNSURE);
		put_miss(tui, place, &place->chain->rules[i], false, pen);
	}
	writer_role(&pen->w, ROLE_PLAIN);
}

static void chain_row(struct tui *tui, const struct place *place, size_t i, struct pen *pen)
{
	size_t hop = hop_at(tui, place, (uint32_t)i + 1);
	unsigned int room = pen->area.w - AT_TEXT, text = room * 3 / 5, miss = room - text - 2;
	struct pen sub;

	writer_word(&pen->w, " ");
	put_number(pen, place, hop, i);
	pen_init(&sub, pen->canvas, area_columns(pen->area, AT_TEXT, text), pen->w.utf8);
	sub.w.role = hop < place->scene.n_hops || came_by(place, i + 1) ? ROLE_PLAIN : ROLE_DIM;
	if (i < place->chain->n_rules)
		writer_text(&sub.w, place->chain->rules[i].text);
	else
		put_chain_end(tui, &sub, place);
	pen_init(&sub, pen->canvas, area_columns(pen->area, AT_TEXT + text + 2, miss), pen->w.utf8);
	put_remark(tui, place, i, hop, &sub);
}

static void hop_row(struct tui *tui, const struct place *place, size_t i, struct pen *pen)
{
	size_t at = hop_in_chain(tui, place, i);
	struct hop_view hop;

	if (at >= place->scene.n_hops)
		return;
	way_hop(tui->model, &place->scene.way, at, &hop);
	writer_word(&pen->w, "  ");
	text_place(&pen->w, &hop);
	writer_word(&pen->w, "  ");
	text_verdict(&pen->w, &hop);
	writer_word(&pen->w, "  ");
	writer_text(&pen->w, hop.text);
}

static void rule_row(struct tui *tui, struct frame *frame, size_t i, struct pen *pen)
{
	struct place place;

	if (!place_of(tui, frame, &place))
		return;
	if (place.chain)
		chain_row(tui, &place, i, pen);
	else
		hop_row(tui, &place, i, pen);
}

/* "filter WEB  reached from FORWARD rule 4" */
static void draw_chain_name(struct tui *tui, const struct place *place, struct area area)
{
	const struct hop_view *hop = &place->hop;
	struct hop_view caller;
	size_t i = place->scene.hop;
	struct pen pen;

	pen_init(&pen, &tui->canvas, area, tui->utf8);
	writer_word(&pen.w, "   chain ");
	writer_role(&pen.w, ROLE_BOLD);
	text_table(&pen.w, hop);
	writer_word(&pen.w, " ");
	writer_text(&pen.w, hop->chain);
	writer_role(&pen.w, ROLE_PLAIN);
	writer_word(&pen.w, " at ");
	text_hook(&pen.w, hop);
	if (place->chain)
		pen_format(&pen, ", %u rule%s", place->chain->n_rules,
			   place->chain->n_rules == 1 ? "" : "s");
	if (!caller_of(tui, &place->scene, &i, &caller))
		return;
	writer_word(&pen.w, caller.verdict == VERDICT_GOTO ? ", by goto from " : ", called by ");
	text_short_place(&pen.w, &caller);
}

static struct str why_no_chain(struct tui *tui)
{
	if (model_rules(tui->model))
		return STR("This chain is not in the rule set that was given: only what the trace "
			   "names is shown.");
	return STR("No rule set is known, so only what the trace names is shown. nfhop -r RULES "
		   "shows the whole chain, and why the other rules did not match.");
}

static void put_rule(struct tui *tui, const struct place *place, size_t i, struct pen *pen)
{
	const struct rule *rule = &place->chain->rules[i];

	pen_format(pen, "rule %zu  ", i + 1);
	writer_sentence(&pen->w, 8, rule->text);
	writer_line(&pen->w);
	if (came_by(place, i + 1) && hop_at(tui, place, (uint32_t)i + 1) >= place->scene.n_hops) {
		writer_word(&pen->w, "Passed over: ");
		put_miss(tui, place, rule, true, pen);
		writer_line(&pen->w);
	}
	if (rule->flags & RULE_COUNTERS) {
		writer_role(&pen->w, ROLE_DIM);
		writer_word(&pen->w, "It counted ");
		writer_count(&pen->w, rule->packets, "packet", "packets");
		writer_word(&pen->w, " when the rule set was saved.");
		writer_role(&pen->w, ROLE_PLAIN);
		writer_line(&pen->w);
	}
}

static void draw_chosen(struct tui *tui, struct frame *frame, const struct place *place,
			struct area area)
{
	size_t i = frame->list.at;
	struct pen pen;

	pen_init(&pen, &tui->canvas, area, tui->utf8);
	if (!place->chain) {
		writer_role(&pen.w, ROLE_DIM);
		writer_sentence(&pen.w, 0, why_no_chain(tui));
		return;
	}
	if (i < place->chain->n_rules)
		put_rule(tui, place, i, &pen);
	if (hop_at(tui, place, (uint32_t)i + 1) >= place->scene.n_hops)
		return;
	writer_word(&pen.w, "   ");
	text_sure(&pen.w, tui->model, place->scene.way.path, &place->scene.d);
}

static void rule_draw(struct tui *tui, struct frame *frame, struct area area)
{
	unsigned int detail = draw_detail_rows(area), title = draw_title_rows(area);
	unsigned int head = title + 1 + draw_gap_rows(area);
	struct area line = area_columns(area, 1, area.w - 2);
	struct place place;

	if (!place_of(tui, frame, &place)) {
		draw_text(tui, line, ROLE_UNSURE, "This way is no longer kept.");
		return;
	}
	draw_title(tui, &place.scene, area_rows(line, title));
	draw_chain_name(tui, &place, area_rows(area_from(line, title), 1));
	draw_list(tui, frame, area_rows(area_from(area, head), area.h - detail - head - 1));
	draw_rule(tui, area_from(area, area.h - detail - 1), "");
	draw_chosen(tui, frame, &place, area_from(line, area.h - detail));
}

static bool rule_subject(struct tui *tui, struct frame *frame, struct subject *subject)
{
	(void)tui;
	*subject = frame->subject;
	return true;
}

const struct view view_rule = {
	.name = "rule",
	.bit = VIEW_RULE,
	.refresh = rule_refresh,
	.draw = rule_draw,
	.row = rule_row,
	.subject = rule_subject,
};
