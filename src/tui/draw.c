// SPDX-License-Identifier: GPL-2.0-or-later
/* draw.c - what screens have in common: the status line, the line of hints, lists, rules */
#include "view.h"

#include <inttypes.h>

#define LOW	     12 /* rows of an area where the list comes before all else */
#define DETAIL_LOW   2
#define DETAIL_LEAST 3 /* rows below the list at 24 lines; more if the screen is higher */
#define DETAIL_MOST  8
#define NAME_LEAST   48 /* "tcp 192.168.111.200:65087 → 203.0.113.200:8080" */

void draw_text(struct tui *tui, struct area area, enum role role, const char *text)
{
	struct pen pen;

	pen_init(&pen, &tui->canvas, area, tui->utf8);
	writer_role(&pen.w, role);
	writer_word(&pen.w, text);
}

static unsigned int width_of(const struct tui *tui, const char *text)
{
	struct writer dry = { .utf8 = tui->utf8 };

	writer_word(&dry, text);
	return (unsigned int)dry.column;
}

void draw_right(struct tui *tui, struct area area, enum role role, const char *text)
{
	unsigned int n = width_of(tui, text);

	if (n < area.w)
		draw_text(tui, area_columns(area, area.w - n, n), role, text);
}

void draw_rule(struct tui *tui, struct area area, const char *words)
{
	struct pen pen;

	pen_init(&pen, &tui->canvas, area_rows(area, 1), tui->utf8);
	writer_role(&pen.w, ROLE_DIM);
	for (unsigned int x = 0; x < area.w; x++)
		pen_line(&pen, LINE_H);
	if (!*words)
		return;
	pen_at(&pen, 2, 0);
	writer_word(&pen.w, " ");
	writer_word(&pen.w, words);
	writer_word(&pen.w, " ");
}

unsigned int draw_detail_rows(struct area area)
{
	unsigned int n = area.h / 5;

	if (area.h < LOW)
		return DETAIL_LOW;
	if (n < DETAIL_LEAST)
		return DETAIL_LEAST;
	return n < DETAIL_MOST ? n : DETAIL_MOST;
}

unsigned int draw_title_rows(struct area area)
{
	return area.h < LOW ? 1 : 2;
}

unsigned int draw_gap_rows(struct area area)
{
	return area.h < LOW ? 0 : 1;
}

void draw_list(struct tui *tui, struct frame *frame, struct area area)
{
	struct list *list = &frame->list;
	struct pen pen;

	list_show(list, area);
	for (unsigned int y = 0; y < area.h && list->top + y < list->n; y++) {
		struct area line = area_rows(area_from(area, y), 1);

		pen_init(&pen, &tui->canvas, line, tui->utf8);
		frame->view->row(tui, frame, list->top + y, &pen);
		if (tui_marked(tui, frame, list->top + y))
			canvas_put(&tui->canvas, line.x, line.y, '*', ROLE_BOLD, 0);
		if (list->top + y == list->at)
			canvas_flag(&tui->canvas, line, CELL_REVERSE);
	}
}

/* "2 of 3 packets", "3 packets" */
static void put_share(struct writer *writer, uint64_t n, uint64_t all)
{
	writer_word(writer, "  ");
	if (n != all) {
		writer_number(writer, n);
		writer_word(writer, " of ");
	}
	writer_count(writer, all, "packet", "packets");
}

/* "  there  2 of 3 packets" */
static void put_which(struct writer *writer, const struct scene *scene)
{
	writer_word(writer, scene->back ? "  back" : "  there");
	if (scene->packet && scene->packet != (scene->fp ? scene->fp->sample : NULL))
		writer_format(writer, "  packet %" PRIu64, scene->packet->no);
	else if (scene->fp)
		put_share(writer, scene->fp->packets, scene->flow->packets[scene->back]);
}

/* Long addresses are cut for what stands behind them, not those of IPv4. */
static size_t name_room(const struct scene *scene, size_t room)
{
	struct writer dry = { 0 };
	size_t behind;

	put_which(&dry, scene);
	behind = dry.column;
	if (scene->flow)
		text_flow_name(&dry, scene->flow);
	if (dry.column - behind <= room)
		return room;
	return room > behind + NAME_LEAST ? room - behind : room - 1;
}

void draw_title(struct tui *tui, const struct scene *scene, struct area area)
{
	struct pen pen;

	pen_init(&pen, &tui->canvas, area, tui->utf8);
	text_mark(&pen.w, outcome_glyph(scene->d.outcome));
	writer_word(&pen.w, "  ");
	writer_role(&pen.w, ROLE_BOLD);
	if (scene->flow)
		text_flow_name_within(&pen.w, scene->flow, name_room(scene, area.w - pen.w.column));
	writer_role(&pen.w, ROLE_PLAIN);
	put_which(&pen.w, scene);
	writer_line(&pen.w);
	writer_word(&pen.w, "   ");
	text_outcome(&pen.w, tui->model, &scene->way, &scene->d);
	if (scene->gone)
		writer_word(&pen.w, "  (that packet is no longer kept; this is its way)");
}

static void put_state(struct tui *tui, struct pen *pen)
{
	const struct tui_news *news = &tui->news;
	uint64_t packets = model_stats(tui->model)->packets;

	if (tui->paused) {
		writer_word(&pen->w, "  HELD");
		if (packets > tui->paused_at)
			pen_format(pen, " +%s", number_text(packets - tui->paused_at).s);
	} else if (news->reading && !news->live) {
		if (news->percent >= 0)
			pen_format(pen, "  reading %d %%", news->percent);
		else
			writer_word(&pen->w, "  reading");
	}
}

/* What is known to be missing comes before what is nice to know. */
static void put_losses(struct tui *tui, struct pen *pen)
{
	const struct stats *stats = model_stats(tui->model);
	uint64_t evicted = stats->evicted_flows + stats->evicted_open;

	writer_word(&pen->w, "  ");
	if (!stats->lost && model_gap_count(tui->model))
		writer_word(&pen->w, "some lost");
	else
		writer_number(&pen->w, stats->lost);
	writer_word(&pen->w, stats->lost || !model_gap_count(tui->model) ? " lost" : "");
	if (evicted) {
		writer_word(&pen->w, "  ");
		writer_number(&pen->w, evicted);
		writer_word(&pen->w, " given up");
	}
}

static void put_counts(struct tui *tui, struct pen *pen)
{
	const struct stats *stats = model_stats(tui->model);

	writer_count(&pen->w, stats->flows, "flow", "flows");
	writer_word(&pen->w, "  ");
	writer_count(&pen->w, stats->packets, "packet", "packets");
	writer_word(&pen->w, "  ");
	writer_count(&pen->w, stats->events, "event", "events");
	put_losses(tui, pen);
	if (tui->news.live || tui->news.reading)
		pen_format(pen, "  %s/s", number_text(tui->news.rate).s);
	if (tui->news.memory) {
		writer_word(&pen->w, "  ");
		text_size(&pen->w, tui->news.memory);
	}
	put_state(tui, pen);
}

/* A path that is too long loses its folders. */
static void draw_sources(struct tui *tui, struct area area)
{
	const char *names = tui->news.sources, *base = strrchr(names, '/');

	if (width_of(tui, names) > area.w && base && !strchr(names, ' '))
		names = base + 1;
	draw_text(tui, area, ROLE_PLAIN, names);
}

void draw_status(struct tui *tui, struct area area)
{
	struct pen dry_pen, pen;
	unsigned int n, left;
	struct canvas none = { 0 };

	pen_init(&dry_pen, &none, area, tui->utf8);
	put_counts(tui, &dry_pen);
	n = (unsigned int)dry_pen.w.column;
	pen_init(&pen, &tui->canvas, area, tui->utf8);
	writer_role(&pen.w, ROLE_BOLD);
	writer_word(&pen.w, " nfhop");
	writer_role(&pen.w, ROLE_PLAIN);
	left = (unsigned int)pen.w.column + 2;
	if (area.w > left + n + 4)
		draw_sources(tui, area_columns(area, left, area.w - left - n - 3));
	if (area.w > n + 1 && area.w - n - 1 > left)
		left = area.w - n - 1;
	pen_init(&pen, &tui->canvas, area_columns(area, left, area.w), tui->utf8);
	put_counts(tui, &pen);
	canvas_flag(&tui->canvas, area, CELL_REVERSE);
}

static void put_hint(struct pen *pen, const struct key_row *row)
{
	size_t n = strcspn(row->names, " ");

	writer_role(&pen->w, ROLE_BOLD);
	writer_text(&pen->w, (struct str){ row->names, n });
	writer_role(&pen->w, ROLE_PLAIN);
	writer_word(&pen->w, " ");
	writer_word(&pen->w, row->hint);
	writer_word(&pen->w, "  ");
}

/* As many hints as there is room for; the way to help always fits. */
static void draw_hints(struct tui *tui, struct area area)
{
	unsigned int view = tui_top(tui)->view->bit;
	const char *last = view & (VIEW_HELP | VIEW_MENU) ? "q back"
			   : tui->depth > 1		  ? "q back  ? help"
							  : "q quit  ? help";
	unsigned int room = area.w - width_of(tui, last) - 1;
	const struct key_row *rows;
	struct pen pen;
	size_t n;

	pen_init(&pen, &tui->canvas, area, tui->utf8);
	pen_at(&pen, 1, 0);
	rows = key_rows(&n);
	for (size_t i = 0; i < n; i++) {
		size_t wide = rows[i].hint ? strcspn(rows[i].names, " ") + strlen(rows[i].hint) + 3
					   : 0;

		if (rows[i].action == ACT_TRACE && !tui->host.arm)
			continue;
		if (wide && (rows[i].views & view) && pen.w.column + wide < room)
			put_hint(&pen, &rows[i]);
	}
	draw_right(tui, area_columns(area, 0, area.w - 1), ROLE_DIM, last);
}

void draw_bottom(struct tui *tui, struct area area)
{
	struct pen pen;

	if (tui->ask) {
		ask_draw(tui, area);
	} else if (*tui->message) {
		pen_init(&pen, &tui->canvas, area, tui->utf8);
		pen_at(&pen, 1, 0);
		writer_role(&pen.w, tui->message_role);
		writer_word(&pen.w, tui->message);
	} else {
		draw_hints(tui, area);
	}
}
