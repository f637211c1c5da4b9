// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * view_map.c - the netfilter packet-flow picture, with the way of one packet lit
 *
 *      in zthl0                                                       out uplink0
 *        ▼                                                               ▲
 *     ┌ PREROUTING ───┐           ┌ FORWARD ──────┐           ┌ POSTROUTING ──┐
 *     │ raw    policy │           │ mangle policy │           │ mangle policy │
 *     │ mangle policy │━━━━┳━━━━━▶│ filter rule 1 │━━━━━━━━━━▶│ nat    rule 1 │
 *     └───────────────┘    ┃      └───────────────┘           └───────────────┘
 *                          ▼ routing                                  ▲
 *                  ┌ INPUT ────────┐                          ┌ OUTPUT ───────┐
 *                  │ filter        │──▶ this host ───────────▶│ filter        │
 *                  └───────────────┘                          └───────────────┘
 *
 * Boxes are as wide and as high as the screen has room for. On a high screen they list every
 * hop, on a low one the last hop of each base chain, and how many chains are left out stands in the
 * lower edge. What room is left below is for the hops.
 */
#include "map.h"

#define TITLE_ROWS  3
#define LABEL_ROWS  2 /* devices, above the boxes */
#define BETWEEN	    2 /* rows between the upper and the lower boxes */
#define BORDER	    2
#define DETAIL_ROWS 2
#define HIGH	    36 /* rows of a screen that has room for every hop */
#define BOX_MOST    64
#define LEAST_HOP   9  /* columns: "policy", "WEB 2" */
#define LEAST_WIDTH 60 /* three boxes with their titles, and the edges between them */
#define LEAST_ROWS  (TITLE_ROWS + LABEL_ROWS + BETWEEN + 2 * (BORDER + 1) + DETAIL_ROWS)

enum { PRE, FWD, POST, IN, OUT, BOXES };

static const enum hook hooks[BOXES] = {
	[PRE] = HOOK_PREROUTING, [FWD] = HOOK_FORWARD, [POST] = HOOK_POSTROUTING,
	[IN] = HOOK_INPUT,	 [OUT] = HOOK_OUTPUT,
};

/**
 * struct map - the picture
 * @area: where it is drawn; @at: where the boxes are in it
 */
struct map {
	struct tui *tui;
	struct scene scene;
	struct area area;
	struct map_box box[BOXES];
	struct area at[BOXES];
};

static unsigned int most(size_t a, size_t b)
{
	return (unsigned int)(a > b ? a : b);
}

/* Too many chains for the screen: both rows of boxes give way, the higher one first. */
static void crop(struct map *map)
{
	unsigned int fixed = TITLE_ROWS + LABEL_ROWS + BETWEEN + 2 * BORDER + DETAIL_ROWS;
	unsigned int room = map->area.h > fixed + 2 ? map->area.h - fixed : 2;

	for (;;) {
		unsigned int upper = most(most(map->box[PRE].n, map->box[FWD].n), map->box[POST].n);
		unsigned int lower = most(map->box[IN].n, map->box[OUT].n);

		if (upper + lower <= room || upper + lower <= 2)
			return;
		for (size_t i = 0; i < BOXES; i++)
			map_box_crop(&map->box[i], (upper >= lower) == (i <= POST)
							   ? (upper >= lower ? upper : lower) - 1
							   : map->box[i].n);
	}
}

static void place_boxes(struct map *map)
{
	unsigned int gap = map->area.w < 100 ? 6 : map->area.w / 12;
	unsigned int w = (map->area.w - 2 - 2 * gap) / 3, y = map->area.y + TITLE_ROWS + LABEL_ROWS;
	unsigned int x = map->area.x + 1, upper, step;

	w = w < BOX_MOST ? w : BOX_MOST;
	step = (map->area.w - 2 - w) / 2;
	upper = most(most(map->box[PRE].n, map->box[FWD].n), most(map->box[POST].n, 1)) + BORDER;
	for (size_t i = PRE; i <= POST; i++)
		map->at[i] = (struct area){ x + (unsigned int)i * step, y, w,
					    most(map->box[i].n, 1) + BORDER };
	y += upper + BETWEEN;
	map->at[IN] = (struct area){ x + w - 4, y, w, most(map->box[IN].n, 1) + BORDER };
	map->at[OUT] = (struct area){ map->at[POST].x, y, w, most(map->box[OUT].n, 1) + BORDER };
}

static void pen_on(struct map *map, struct pen *pen, struct area area, enum role role)
{
	pen_init(pen, &map->tui->canvas, area, map->tui->utf8);
	writer_role(&pen->w, role);
}

static void put_line(struct map *map, enum stroke line, unsigned int x, unsigned int y, bool lit)
{
	canvas_put(&map->tui->canvas, x, y, line_char(line, map->tui->utf8),
		   lit ? ROLE_PASS : ROLE_DIM, 0);
}

static void draw_border(struct map *map, const struct map_box *box, struct area a)
{
	enum role role = box->stop ? ROLE_STOP : box->reached ? ROLE_PLAIN : ROLE_DIM;
	struct pen pen;

	pen_on(map, &pen, a, role);
	for (unsigned int y = 1; y + 1 < a.h; y++) {
		pen_at(&pen, 0, y);
		pen_line(&pen, LINE_V);
		pen_at(&pen, a.w - 1, y);
		pen_line(&pen, LINE_V);
	}
	for (unsigned int x = 0; x < a.w; x++) {
		pen_at(&pen, x, 0);
		pen_line(&pen, !x ? LINE_TOP_LEFT : x + 1 < a.w ? LINE_H : LINE_TOP_RIGHT);
		pen_at(&pen, x, a.h - 1);
		pen_line(&pen, !x ? LINE_BOTTOM_LEFT : x + 1 < a.w ? LINE_H : LINE_BOTTOM_RIGHT);
	}
	if (box->left_out) {
		pen_at(&pen, 2, a.h - 1);
		pen_format(&pen, " %zu more ", box->left_out);
	}
	pen_at(&pen, 2, 0);
	pen.flags = box->reached ? CELL_BOLD : 0;
	writer_word(&pen.w, " ");
	writer_word(&pen.w, hook_title(box->hook));
	writer_word(&pen.w, " ");
}

/* "rule 2", "WEB 2" below the base chain, "policy"; with verdict and text where there is room */
static void put_hop(struct map *map, const struct map_line *line, struct pen *pen)
{
	struct hop_view hop;

	way_hop(map->tui->model, &map->scene.way, line->hop, &hop);
	if (hop.kind == HOP_LOG && !hop.table.n) {
		writer_text(&pen->w, hop.prefix);
		return;
	}
	if (hop.depth) {
		writer_text(&pen->w, hop.chain);
		writer_word(&pen->w, " ");
	}
	if (hop.kind == HOP_RULE && !hop.depth)
		text_rule(&pen->w, &hop);
	else
		text_short_rule(&pen->w, &hop);
	if (hop.verdict != VERDICT_NONE && hop.kind != HOP_LOG && pen->area.w > 24) {
		hop.by = BY_NONE; /* how it is known stands below the map */
		writer_word(&pen->w, "  ");
		text_verdict(&pen->w, &hop);
	}
	if (hop.text.n && pen->area.w > 24) {
		writer_word(&pen->w, "  ");
		writer_text(&pen->w, hop.text);
	}
}

/* Of the lines that have something to say beside their name. */
static unsigned int name_width(const struct map_box *box)
{
	size_t width = 0;

	for (size_t i = 0; i < box->n; i++)
		if (box->lines[i].state >= MAP_HIT && strlen(box->lines[i].name) > width)
			width = strlen(box->lines[i].name);
	return (unsigned int)width;
}

static void draw_line(struct map *map, const struct map_line *line, unsigned int name,
		      struct area a)
{
	static const enum role roles[] = {
		[MAP_DIM] = ROLE_DIM,
		[MAP_PASSED] = ROLE_PLAIN,
		[MAP_HIT] = ROLE_PASS,
		[MAP_STOP] = ROLE_STOP,
	};
	bool chosen = line->state >= MAP_HIT && map->scene.hop >= line->first &&
		      map->scene.hop <= line->hop;
	unsigned int set_in = line->depth < 8 ? line->depth : 8, inner = a.w - 4, room;
	struct pen pen;

	if (line->name[0])
		set_in = 0;
	if (line->state >= MAP_HIT && name + 1 + LEAST_HOP > inner)
		name = inner > 1 + LEAST_HOP ? inner - 1 - LEAST_HOP : 0;
	room = line->state >= MAP_HIT ? name : inner;
	pen_on(map, &pen, area_columns(a, 2, room), roles[line->state]);
	writer_text(&pen.w, str_from(line->name));
	if (line->state >= MAP_HIT) {
		pen_on(map, &pen, area_columns(a, 2 + name + 1 + set_in, inner - name - 1 - set_in),
		       roles[line->state]);
		put_hop(map, line, &pen);
	}
	if (line->state == MAP_STOP) {
		pen_on(map, &pen, area_columns(a, a.w - 2, 1), ROLE_STOP);
		writer_glyph(&pen.w, GLYPH_STOP);
	}
	if (chosen)
		canvas_flag(&map->tui->canvas, area_columns(a, 1, a.w - 2), CELL_REVERSE);
}

static void draw_box(struct map *map, size_t i)
{
	const struct map_box *box = &map->box[i];
	struct area a = map->at[i];
	unsigned int name = name_width(box);

	draw_border(map, box, a);
	for (size_t k = 0; k < box->n; k++)
		draw_line(map, &box->lines[k], name,
			  area_rows(area_from(a, (unsigned int)k + 1), 1));
}

/* A line to the right, from column @x to before column @to, with an arrow head at its end. */
static void draw_across(struct map *map, unsigned int x, unsigned int to, unsigned int y, bool lit)
{
	for (; x + 1 < to; x++)
		put_line(map, lit ? LINE_HEAVY_H : LINE_H, x, y, lit);
	if (x < to)
		put_line(map, LINE_RIGHT, x, y, lit);
}

static void draw_down(struct map *map, unsigned int x, unsigned int y, unsigned int to, bool lit)
{
	for (; y + 1 < to; y++)
		put_line(map, lit ? LINE_HEAVY_V : LINE_V, x, y, lit);
	put_line(map, LINE_DOWN, x, to - 1, lit);
}

static void draw_up(struct map *map, unsigned int x, unsigned int from, unsigned int to, bool lit)
{
	put_line(map, LINE_UP, x, to, lit);
	for (unsigned int y = to + 1; y < from; y++)
		put_line(map, lit ? LINE_HEAVY_V : LINE_V, x, y, lit);
}

/* Lost between two hooks: nobody's rule, so the mark stands where routing is. */
static void draw_lost(struct map *map, unsigned int x, unsigned int y)
{
	if (map->scene.d.outcome != OUTCOME_LOST || map->scene.d.lost_after != HOOK_PREROUTING)
		return;
	canvas_put(&map->tui->canvas, x, y, '~', ROLE_UNSURE, CELL_BOLD);
}

/* A row that all of these boxes have a line on, the second one if they can. */
static unsigned int row_of(const struct area *at, size_t first, size_t last)
{
	unsigned int low = 2;

	for (size_t i = first; i <= last; i++)
		if (at[i].h <= BORDER + 1)
			low = 1;
	return at[first].y + low;
}

/* Frames are sent on by their receivers' addresses: nothing is routed. */
static bool is_bridged(const struct map *map)
{
	struct hop_view hop;

	way_hop(map->tui->model, &map->scene.way, 0, &hop);
	return hop.family == FAMILY_BRIDGE;
}

static void draw_edges(struct map *map)
{
	const struct area *at = map->at;
	bool pre = map->box[PRE].reached, fwd = map->box[FWD].reached;
	bool in = map->box[IN].reached, out = map->box[OUT].reached;
	bool post = map->box[POST].reached, delivered = map->scene.d.outcome == OUTCOME_DELIVERED;
	unsigned int fork = at[PRE].x + at[PRE].w + (at[FWD].x - at[PRE].x - at[PRE].w) / 3;
	unsigned int y = row_of(at, PRE, POST), host = at[IN].x + at[IN].w;
	struct pen pen;

	if (at[IN].w + at[IN].x <= fork + 1)
		fork = at[IN].x + 2;
	draw_across(map, at[PRE].x + at[PRE].w, at[FWD].x, y, fwd);
	if (pre && in)
		draw_across(map, at[PRE].x + at[PRE].w, fork + 1, y, true);
	draw_across(map, at[FWD].x + at[FWD].w, at[POST].x, y, fwd && post);
	draw_down(map, fork, y + 1, at[IN].y, in);
	put_line(map, in || fwd ? LINE_HEAVY_FORK : LINE_FORK, fork, y, in || fwd);
	draw_lost(map, fork, y);
	pen_on(map, &pen, (struct area){ fork + 2, at[IN].y - 1, 8, 1 },
	       pre ? ROLE_PLAIN : ROLE_DIM);
	writer_word(&pen.w, is_bridged(map) ? "bridging" : "routing");
	draw_up(map, at[OUT].x + at[OUT].w / 2, at[OUT].y, at[POST].y + at[POST].h, out && post);

	y = row_of(at, IN, OUT);
	draw_across(map, host, at[OUT].x, y, out);
	draw_across(map, host, host + 3, y, delivered);
	pen_on(map, &pen, (struct area){ host + 3, y, 11, 1 },
	       delivered || out ? ROLE_PLAIN : ROLE_DIM);
	writer_word(&pen.w, " this host ");
}

/* Devices: where it came in, where it left. */
static void draw_devices(struct map *map)
{
	struct area label = area_rows(area_from(map->area, TITLE_ROWS), 1);
	bool left = map->scene.d.outcome == OUTCOME_FORWARDED ||
		    map->scene.d.outcome == OUTCOME_SENT;
	struct str iif = { NULL, 0 }, oif = { NULL, 0 };
	struct pen pen;

	for (size_t i = 0; i < map->scene.n_hops; i++) {
		struct hop_view hop;

		way_hop(map->tui->model, &map->scene.way, i, &hop);
		iif = hop.iif.n && !iif.n ? hop.iif : iif;
		oif = hop.oif.n ? hop.oif : oif;
	}
	pen_on(map, &pen, area_columns(label, 3, map->at[PRE].w),
	       map->box[PRE].reached ? ROLE_PLAIN : ROLE_DIM);
	writer_word(&pen.w, iif.n ? "in " : "in");
	writer_text(&pen.w, iif);
	put_line(map, LINE_DOWN, map->at[PRE].x + map->at[PRE].w / 2, label.y + 1,
		 map->box[PRE].reached);
	pen_on(map, &pen, area_columns(label, map->at[POST].x - label.x + 2, map->at[POST].w),
	       left ? ROLE_PLAIN : ROLE_DIM);
	writer_word(&pen.w, oif.n ? "out " : "out");
	writer_text(&pen.w, oif);
	put_line(map, LINE_UP, map->at[POST].x + map->at[POST].w / 2, label.y + 1, left);
}

static void draw_hop(struct map *map)
{
	struct area line = area_columns(map->area, 1, map->area.w - 2);
	struct way_changes changes = { .n = 0 };
	struct hop_view hop;
	struct pen pen;

	pen_on(map, &pen, area_from(line, map->area.h - DETAIL_ROWS), ROLE_PLAIN);
	way_hop(map->tui->model, &map->scene.way, map->scene.hop, &hop);
	pen_format(&pen, "%zu of %zu  ", map->scene.hop + 1, map->scene.n_hops);
	writer_role(&pen.w, ROLE_BOLD);
	text_hook(&pen.w, &hop);
	writer_word(&pen.w, " ");
	text_place(&pen.w, &hop);
	writer_role(&pen.w, ROLE_PLAIN);
	writer_word(&pen.w, "  ");
	text_verdict(&pen.w, &hop);
	way_changes_before(&changes, &hop);
	way_changes_by(&changes, map->tui->model, &map->scene.way, map->scene.hop);
	for (unsigned int i = 0; i < changes.n; i++) {
		writer_word(&pen.w, i ? ", " : "  ");
		text_change(&pen.w, &changes.at[i]);
	}
	writer_line(&pen.w);
	writer_text(&pen.w, hop.text);
}

/* Below the map the way itself, if the screen is high enough for both. */
static void draw_hops(struct map *map)
{
	unsigned int in = map->at[IN].y + map->at[IN].h, out = map->at[OUT].y + map->at[OUT].h;
	unsigned int used = most(in, out) - map->area.y;
	struct area rest = area_from(map->area, used);

	if (rest.h < DETAIL_ROWS + 2)
		return;
	rest.h -= DETAIL_ROWS + 1;
	if (draw_way(map->tui, &map->scene, area_from(rest, 1)))
		draw_rule(map->tui, rest, "");
}

/* Of the screen the status and the hints take a row each. */
static void draw_misfit(struct tui *tui, struct area area)
{
	char words[128];
	struct pen pen;

	snprintf(words, sizeof(words),
		 "The map needs a window of %d columns and %d rows. Esc leads back; the hops "
		 "say the same.",
		 LEAST_WIDTH, LEAST_ROWS + 2);
	pen_init(&pen, &tui->canvas, area, tui->utf8);
	writer_role(&pen.w, ROLE_UNSURE);
	writer_sentence(&pen.w, 0, str_from(words));
}

static void map_draw(struct tui *tui, struct frame *frame, struct area area)
{
	static struct map map; /* large, and only one is drawn at a time */

	map = (struct map){ .tui = tui, .area = area };
	if (!scene_of(tui->model, &frame->subject, &map.scene)) {
		draw_text(tui, area_columns(area, 1, area.w - 2), ROLE_UNSURE,
			  "This way is no longer kept.");
		return;
	}
	if (area.w < LEAST_WIDTH || area.h < LEAST_ROWS) {
		draw_misfit(tui, area_columns(area, 1, area.w - 2));
		return;
	}
	for (size_t i = 0; i < BOXES; i++)
		map_box_fill(&map.box[i], tui->model, &map.scene, hooks[i], area.h >= HIGH);
	crop(&map);
	place_boxes(&map);
	draw_title(tui, &map.scene, area_rows(area_columns(area, 1, area.w - 2), 2));
	draw_devices(&map);
	draw_edges(&map);
	for (size_t i = 0; i < BOXES; i++)
		draw_box(&map, i);
	draw_hops(&map);
	draw_hop(&map);
}

static bool map_subject(struct tui *tui, struct frame *frame, struct subject *subject)
{
	(void)tui;
	*subject = frame->subject;
	return true;
}

static void map_open(struct tui *tui, struct frame *frame)
{
	tui_open(tui, &view_rule, &frame->subject);
}

static bool map_act(struct tui *tui, struct frame *frame, enum action action)
{
	bool down = action == ACT_DOWN || action == ACT_WHEEL_DOWN;
	struct scene scene;

	if (!down && action != ACT_UP && action != ACT_WHEEL_UP)
		return false;
	if (!scene_of(tui->model, &frame->subject, &scene))
		return true;
	if (down && scene.hop + 1 < scene.n_hops)
		frame->subject.hop = scene.hop + 1;
	else if (!down && scene.hop)
		frame->subject.hop = scene.hop - 1;
	return true;
}

const struct view view_map = {
	.name = "map",
	.bit = VIEW_MAP,
	.draw = map_draw,
	.subject = map_subject,
	.enter = map_open,
	.act = map_act,
};
