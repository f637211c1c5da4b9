// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * view_diff.c - two ways side by side: what they have in common, and where they part
 *
 * Hops are the same if they were at the same place of the same chain. The longest common
 * sequence of both ways is aligned; ways that are longer than any real one are compared up to
 * HOPS_MAX hops.
 */
#include <inttypes.h>

#include "view.h"

#define HOPS_MAX 128

/* struct pair - one line: a hop of the first way, of the second, or of both; -1: none */
struct pair {
	int hop[2];
};

/**
 * struct ways - both ways, aligned
 * @pairs: @n of them; @parts: the first that is not of both, or @n
 */
struct ways {
	struct scene scene[2];
	size_t n_hops[2];
	struct pair pairs[2 * HOPS_MAX];
	size_t n, parts;
};

static bool same_place(struct tui *tui, const struct ways *ways, size_t i, size_t k)
{
	struct hop_view a, b;

	way_hop(tui->model, &ways->scene[0].way, i, &a);
	way_hop(tui->model, &ways->scene[1].way, k, &b);
	return a.family == b.family && a.kind == b.kind && a.rule == b.rule &&
	       a.handle == b.handle && str_eq(a.table, b.table) && str_eq(a.chain, b.chain) &&
	       str_eq(a.prefix, b.prefix);
}

/* Longest common sequence of what is left from (i, k) on, filled in from the end. */
static void fill(struct tui *tui, const struct ways *ways,
		 uint8_t longest[HOPS_MAX + 1][HOPS_MAX + 1])
{
	for (size_t i = ways->n_hops[0] + 1; i-- > 0;)
		for (size_t k = ways->n_hops[1] + 1; k-- > 0;) {
			uint8_t n = 0;

			if (i < ways->n_hops[0] && k < ways->n_hops[1]) {
				uint8_t a = longest[i + 1][k], b = longest[i][k + 1];

				n = a > b ? a : b;
				if (same_place(tui, ways, i, k))
					n = (uint8_t)(longest[i + 1][k + 1] + 1);
			}
			longest[i][k] = n;
		}
}

static void add_pair(struct ways *ways, int a, int b)
{
	if ((a < 0 || b < 0) && ways->parts == ways->n)
		;
	else if (ways->parts == ways->n)
		ways->parts++;
	ways->pairs[ways->n++] = (struct pair){ { a, b } };
}

static void align(struct tui *tui, struct ways *ways)
{
	static uint8_t longest[HOPS_MAX + 1][HOPS_MAX + 1];
	size_t i = 0, k = 0;

	fill(tui, ways, longest);
	while (i < ways->n_hops[0] || k < ways->n_hops[1]) {
		bool a = i < ways->n_hops[0], b = k < ways->n_hops[1];

		if (a && b && same_place(tui, ways, i, k)) {
			add_pair(ways, (int)i++, (int)k++);
		} else if (a && (!b || longest[i + 1][k] >= longest[i][k + 1])) {
			add_pair(ways, (int)i++, -1);
		} else {
			add_pair(ways, -1, (int)k++);
		}
	}
}

static bool ways_of(struct tui *tui, struct ways *ways)
{
	*ways = (struct ways){ 0 };
	for (size_t i = 0; i < 2; i++) {
		if (!scene_of(tui->model, &tui->marks[i], &ways->scene[i]))
			return false;
		ways->n_hops[i] = ways->scene[i].n_hops < HOPS_MAX ? ways->scene[i].n_hops
								   : HOPS_MAX;
	}
	align(tui, ways);
	return true;
}

static void diff_refresh(struct tui *tui, struct frame *frame)
{
	bool fresh = !frame->list.n;
	struct ways ways;

	if (!ways_of(tui, &ways)) {
		list_resize(&frame->list, 0);
		return;
	}
	list_resize(&frame->list, ways.n);
	if (fresh)
		list_to(&frame->list, ways.parts);
}

static void put_side(struct tui *tui, const struct ways *ways, const struct pair *pair, int side,
		     struct pen *pen)
{
	const struct scene *scene = &ways->scene[side];
	struct hop_view hop;

	if (pair->hop[side] < 0)
		return;
	way_hop(tui->model, &scene->way, (size_t)pair->hop[side], &hop);
	if (pair->hop[0] >= 0 && pair->hop[1] >= 0)
		writer_role(&pen->w, ROLE_DIM);
	if (scene->d.stop == pair->hop[side])
		writer_role(&pen->w, ROLE_STOP);
	text_spot(&pen->w, &hop);
	hop.by = BY_NONE; /* how it is known is not what tells them apart */
	if (hop.kind != HOP_LOG) {
		writer_word(&pen->w, "  ");
		text_verdict(&pen->w, &hop);
	}
}

static void diff_row(struct tui *tui, struct frame *frame, size_t i, struct pen *pen)
{
	unsigned int half = (pen->area.w - 3) / 2;
	struct ways ways;
	struct pen sub;

	(void)frame;
	if (!ways_of(tui, &ways) || i >= ways.n)
		return;
	pen_init(&sub, pen->canvas, area_columns(pen->area, 1, half - 1), tui->utf8);
	put_side(tui, &ways, &ways.pairs[i], 0, &sub);
	pen_at(pen, half + 1, 0);
	writer_role(&pen->w, ROLE_DIM);
	pen_line(pen, LINE_V);
	writer_role(&pen->w, ROLE_PLAIN);
	pen_init(&sub, pen->canvas, area_columns(pen->area, half + 3, half), tui->utf8);
	put_side(tui, &ways, &ways.pairs[i], 1, &sub);
}

/* "They part after mangle FORWARD policy: ..." */
static void draw_parting(struct tui *tui, const struct ways *ways, struct area area)
{
	struct hop_view hop;
	struct pen pen;

	pen_init(&pen, &tui->canvas, area, tui->utf8);
	writer_role(&pen.w, ROLE_BOLD);
	if (ways->parts == ways->n) {
		writer_word(&pen.w, "Both took the same way.");
	} else if (!ways->parts) {
		writer_word(&pen.w, "They have not even the first hop in common.");
	} else {
		way_hop(tui->model, &ways->scene[0].way,
			(size_t)ways->pairs[ways->parts - 1].hop[0], &hop);
		writer_word(&pen.w, "They part after ");
		text_spot(&pen.w, &hop);
		writer_word(&pen.w, ".");
	}
}

static void diff_draw(struct tui *tui, struct frame *frame, struct area area)
{
	unsigned int half = (area.w - 3) / 2;
	struct ways ways;

	if (!ways_of(tui, &ways)) {
		draw_text(tui, area_columns(area, 1, area.w - 2), ROLE_UNSURE,
			  "One of the two is no longer kept.");
		return;
	}
	draw_title(tui, &ways.scene[0], area_columns(area_rows(area, 2), 1, half - 1));
	draw_title(tui, &ways.scene[1], area_columns(area_rows(area, 2), half + 3, half));
	draw_rule(tui, area_from(area, 2), "");
	draw_list(tui, frame, area_rows(area_from(area, 3), area.h - 5));
	draw_rule(tui, area_from(area, area.h - 2), "");
	draw_parting(tui, &ways, area_columns(area_from(area, area.h - 1), 1, area.w - 2));
}

static bool diff_subject(struct tui *tui, struct frame *frame, struct subject *subject)
{
	struct ways ways;
	const struct pair *pair;
	int side;

	if (!ways_of(tui, &ways) || frame->list.at >= ways.n)
		return false;
	pair = &ways.pairs[frame->list.at];
	side = pair->hop[0] < 0;
	*subject = tui->marks[side];
	subject->hop = (size_t)pair->hop[side];
	return true;
}

static void diff_open(struct tui *tui, struct frame *frame)
{
	struct subject subject;

	if (diff_subject(tui, frame, &subject))
		tui_open(tui, &view_rule, &subject);
}

const struct view view_diff = {
	.name = "diff",
	.bit = VIEW_DIFF,
	.refresh = diff_refresh,
	.draw = diff_draw,
	.row = diff_row,
	.subject = diff_subject,
	.enter = diff_open,
};
