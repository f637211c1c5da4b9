// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * view_hops.c - one packet's way, a line a hop: where, which rule, what it did, what changed
 *
 * The lines are those of the report (way_rows()), in columns that fit the screen: rule texts
 * give way first, because the chosen one stands in full below the list.
 */
#include "view.h"

#define GAP	   2
#define LEAST_TEXT 8

/* struct walk - a walk over the lines of a way that draws, measures, counts or looks for one */
struct walk {
	size_t n;
	/* looking for: line @want, or the line of hop @hop */
	size_t want, hop, found;
	/* what was found; the hop is copied */
	struct way_row row;
	struct hop_view view;
	bool any;
	unsigned int *widths;
	bool utf8;
};

static void count_row(void *who, const struct way_row *row)
{
	struct walk *walk = who;

	if (row->kind == WAY_HOP && row->i == walk->hop)
		walk->found = walk->n;
	if (walk->n == walk->want) {
		walk->row = *row;
		walk->view = *row->hop;
		walk->row.hop = NULL;
		walk->any = true;
	}
	for (size_t i = 0; walk->widths && i < WAY_CELL_MAX; i++) {
		struct writer dry = { .utf8 = walk->utf8 };

		/* what is no hop may run over the columns to its right, but not its label */
		if (i != WAY_CELL_HOOK && i != WAY_CELL_REST && row->kind != WAY_HOP)
			continue;
		text_way_cell(&dry, row, (enum way_cell)i);
		if (dry.column > walk->widths[i])
			walk->widths[i] = (unsigned int)dry.column;
	}
	walk->n++;
}

static struct walk walk_way(struct tui *tui, const struct scene *scene, size_t want, size_t hop)
{
	struct walk walk = { .want = want, .hop = hop };

	way_rows(tui->model, &scene->way, &scene->d, count_row, &walk);
	walk.row.hop = &walk.view;
	return walk;
}

static void hops_refresh(struct tui *tui, struct frame *frame)
{
	bool fresh = !frame->list.n;
	struct scene scene;
	struct walk walk;
	size_t end;

	if (!scene_of(tui->model, &frame->subject, &scene)) {
		list_resize(&frame->list, 0);
		return;
	}
	end = scene_end(tui->model, &scene);
	walk = walk_way(tui, &scene, 0, end);
	list_resize(&frame->list, walk.n);
	if (fresh)
		list_to(&frame->list, walk.found);
}

static bool line_of(struct tui *tui, struct frame *frame, size_t i, struct scene *scene,
		    struct walk *walk)
{
	if (!scene_of(tui->model, &frame->subject, scene))
		return false;
	*walk = walk_way(tui, scene, i, 0);
	walk->row.hop = &walk->view;
	walk->row.d = &scene->d;
	return walk->any;
}

static bool hops_skips(struct tui *tui, struct frame *frame, size_t i)
{
	struct scene scene;
	struct walk walk;

	return line_of(tui, frame, i, &scene, &walk) && walk.row.kind != WAY_HOP;
}

/* Columns of the screen for each cell: rule texts take what is left. */
static void fit(unsigned int *widths, unsigned int room)
{
	unsigned int others = 0;

	for (size_t i = 0; i < WAY_CELL_MAX; i++)
		if (i != WAY_CELL_TEXT && widths[i])
			others += widths[i] + GAP;
	if (!widths[WAY_CELL_TEXT])
		return;
	if (others + LEAST_TEXT + GAP > room)
		widths[WAY_CELL_TEXT] = LEAST_TEXT;
	else if (widths[WAY_CELL_TEXT] > room - others - GAP)
		widths[WAY_CELL_TEXT] = room - others - GAP;
}

/* May cell @k go on to the end of the line? A rule's text may where nothing stands behind it. */
static bool runs_on(const struct way_row *row, size_t k)
{
	struct writer dry = { 0 };

	if (k == WAY_CELL_TEXT)
		text_way_cell(&dry, row, WAY_CELL_REST);
	return k == WAY_CELL_REST || (k == WAY_CELL_TEXT && !dry.column) ||
	       (row->kind != WAY_HOP && k == WAY_CELL_PLACE);
}

static void put_row(const struct way_row *row, const unsigned int *widths, struct pen *pen)
{
	unsigned int x = 1;

	for (size_t k = 0; k < WAY_CELL_MAX; k++) {
		bool runs = runs_on(row, k);
		struct pen cell;

		pen_init(&cell, pen->canvas,
			 area_columns(pen->area, x, runs ? pen->area.w : widths[k]), pen->w.utf8);
		text_way_cell(&cell.w, row, (enum way_cell)k);
		x += widths[k] ? widths[k] + GAP : 0;
	}
}

static void hops_row(struct tui *tui, struct frame *frame, size_t i, struct pen *pen)
{
	struct scene scene;
	struct walk walk;

	if (line_of(tui, frame, i, &scene, &walk))
		put_row(&walk.row, frame->widths, pen);
}

static size_t measure(struct tui *tui, const struct scene *scene, unsigned int *widths,
		      unsigned int room)
{
	struct walk walk = { .widths = widths, .utf8 = tui->utf8, .want = SIZE_MAX };

	memset(widths, 0, WAY_CELL_MAX * sizeof(*widths));
	way_rows(tui->model, &scene->way, &scene->d, count_row, &walk);
	fit(widths, room);
	return walk.n;
}

bool draw_way(struct tui *tui, const struct scene *scene, struct area area)
{
	unsigned int widths[WAY_CELL_MAX];
	size_t n = measure(tui, scene, widths, area.w - 2);
	struct pen pen;

	if (n > area.h)
		return false;
	for (unsigned int i = 0; i < n; i++) {
		struct walk walk = walk_way(tui, scene, i, 0);
		struct area line = area_rows(area_from(area, i), 1);

		walk.row.hop = &walk.view;
		walk.row.d = &scene->d;
		pen_init(&pen, &tui->canvas, line, tui->utf8);
		put_row(&walk.row, widths, &pen);
		if (walk.row.kind == WAY_HOP && walk.row.i == scene->hop)
			canvas_flag(&tui->canvas, line, CELL_REVERSE);
	}
	return true;
}

static bool hop_here(struct tui *tui, struct frame *frame, struct scene *scene, struct walk *walk)
{
	return frame->list.n && line_of(tui, frame, frame->list.at, scene, walk);
}

/* "accept, as the trace says", and what the rule set says of the rule */
static void put_hop(struct tui *tui, const struct walk *walk, struct pen *pen)
{
	static const char *const how[BY_MAX] = {
		[BY_TRACE] = ", as the trace says",
		[BY_RULESET] = ", by the rule set",
		[BY_INFERRED] = ", inferred from what followed",
	};
	const struct hop_view *hop = &walk->view;

	writer_role(&pen->w, ROLE_BOLD);
	text_hook(&pen->w, hop);
	writer_word(&pen->w, " ");
	if (hop->kind == HOP_LOG && !hop->chain.n && !hop->prefix.n)
		writer_word(&pen->w, "LOG");
	else
		text_place(&pen->w, hop);
	writer_role(&pen->w, ROLE_PLAIN);
	if (hop->verdict != VERDICT_NONE) {
		struct hop_view bare = *hop;

		bare.by = BY_NONE;
		writer_word(&pen->w, "  ");
		text_verdict(&pen->w, &bare);
		writer_word(&pen->w, hop->by < BY_MAX && how[hop->by] ? how[hop->by] : "");
	}
	if (hop->hop) {
		writer_word(&pen->w, "  ");
		writer_role(&pen->w, ROLE_DIM);
		text_stamp(&pen->w, &hop->hop->stamp);
		writer_role(&pen->w, ROLE_PLAIN);
	}
	writer_line(&pen->w);
	if (hop->text.n) {
		writer_sentence(&pen->w, 0, hop->text);
		writer_line(&pen->w);
	} else if (hop->kind == HOP_RULE && !model_rules(tui->model)) {
		writer_role(&pen->w, ROLE_DIM);
		writer_word(&pen->w, "Its text is not known: give the rule set with -r.");
		writer_role(&pen->w, ROLE_PLAIN);
		writer_line(&pen->w);
	}
}

static void hops_draw(struct tui *tui, struct frame *frame, struct area area)
{
	unsigned int detail = draw_detail_rows(area), title = draw_title_rows(area);
	unsigned int head = title + draw_gap_rows(area);
	struct area line = area_columns(area, 1, area.w - 2);
	struct scene scene;
	struct walk walk;
	struct pen pen;

	if (!scene_of(tui->model, &frame->subject, &scene)) {
		draw_text(tui, line, ROLE_UNSURE, "This way is no longer kept.");
		return;
	}
	measure(tui, &scene, frame->widths, area.w - 2);
	draw_title(tui, &scene, area_rows(line, title));
	draw_list(tui, frame, area_rows(area_from(area, head), area.h - detail - head - 1));
	draw_rule(tui, area_from(area, area.h - detail - 1), "");
	pen_init(&pen, &tui->canvas, area_from(line, area.h - detail), tui->utf8);
	if (hop_here(tui, frame, &scene, &walk) && walk.row.kind == WAY_HOP)
		put_hop(tui, &walk, &pen);
	writer_word(&pen.w, "   ");
	text_sure(&pen.w, tui->model, scene.way.path, &scene.d);
}

static bool hops_subject(struct tui *tui, struct frame *frame, struct subject *subject)
{
	struct scene scene;
	struct walk walk;

	if (!hop_here(tui, frame, &scene, &walk))
		return false;
	*subject = frame->subject;
	subject->hop = walk.row.i;
	return true;
}

static void hops_open(struct tui *tui, struct frame *frame)
{
	struct subject subject;
	struct scene scene;
	struct walk walk;

	if (!hop_here(tui, frame, &scene, &walk) || walk.row.kind != WAY_HOP ||
	    !hops_subject(tui, frame, &subject))
		return;
	if (walk.view.kind == HOP_LOG && !walk.view.chain.n)
		tui_say(tui, ROLE_UNSURE, "A LOG line does not say which rule logged it.");
	else
		tui_open(tui, &view_rule, &subject);
}

const struct view view_hops = {
	.name = "hops",
	.bit = VIEW_HOPS,
	.refresh = hops_refresh,
	.draw = hops_draw,
	.row = hops_row,
	.skips = hops_skips,
	.subject = hops_subject,
	.enter = hops_open,
};
