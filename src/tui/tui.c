// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * tui.c - the view: a stack of screens, what keys do to it, and the lines that all screens have
 *
 * Theory of Operation
 *
 * A screen is a frame: which view it is, what it is about (by numbers, so that it survives
 * whatever the model does meanwhile), and where in its list the cursor stands. A view is a row
 * of functions that draw a frame on a canvas and answer keys. Nothing here waits, reads or knows
 * a terminal: keys come in, canvases go out, time passes when somebody says so.
 */
#include "view.h"

#include <stdarg.h>
#include <stdlib.h>

#define LEAST_WIDTH  40
#define LEAST_HEIGHT 10
#define WHEEL_LINES  3

struct tui *tui_create(const struct model *model, const struct tui_host *host, bool utf8)
{
	struct tui *tui = calloc(1, sizeof(*tui));

	if (!tui)
		return NULL;
	tui->model = model;
	tui->host = *host;
	tui->utf8 = utf8;
	tui->columns = ~0u;
	tui->news = (struct tui_news){ .sources = "", .trace = "", .percent = -1 };
	tui_open(tui, &view_flows, NULL);
	return tui;
}

static void frame_finish(struct frame *frame)
{
	packet_rows_finish(&frame->packets);
	free(frame->ways);
	frame->ways = NULL;
}

void tui_destroy(struct tui *tui)
{
	if (!tui)
		return;
	for (size_t i = 0; i < tui->depth; i++)
		frame_finish(&tui->frames[i]);
	flow_rows_finish(&tui->flows);
	canvas_finish(&tui->canvas);
	canvas_finish(&tui->line);
	query_destroy(tui->filter);
	search_destroy(tui->search);
	free(tui);
}

struct frame *tui_top(struct tui *tui)
{
	return &tui->frames[tui->depth - 1];
}

static void refresh(struct tui *tui, struct frame *frame)
{
	if (frame->view->refresh)
		frame->view->refresh(tui, frame);
}

struct frame *tui_open(struct tui *tui, const struct view *view, const struct subject *subject)
{
	struct frame *frame;

	if (tui->depth == FRAMES_MAX)
		return tui_top(tui);
	frame = &tui->frames[tui->depth++];
	*frame = (struct frame){ .view = view };
	if (subject)
		frame->subject = *subject;
	refresh(tui, frame);
	return frame;
}

void tui_back(struct tui *tui)
{
	if (tui->depth <= 1)
		return;
	frame_finish(tui_top(tui));
	tui->depth--;
	refresh(tui, tui_top(tui));
}

void tui_say(struct tui *tui, enum role role, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(tui->message, sizeof(tui->message), format, args);
	va_end(args);
	tui->message_role = role;
}

void tui_tell(struct tui *tui, const char *text)
{
	tui_say(tui, ROLE_UNSURE, "%s", text);
}

bool tui_tick(struct tui *tui, const struct tui_news *news)
{
	struct frame *top = tui_top(tui);
	bool more = false;

	tui->news = *news;
	if (!tui->paused)
		more = flow_rows_tick(&tui->flows, tui->model, tui->filter, !news->reading);
	if (top->view->bit & (VIEW_PACKETS | VIEW_FLOW) && !tui->paused)
		more |= packet_rows_tick(&top->packets, tui->model,
					 top->view->bit & VIEW_PACKETS ? tui->filter : NULL,
					 top->view->bit & VIEW_PACKETS ? 0 : top->subject.flow);
	refresh(tui, top);
	return search_tick(tui) || more;
}

/* Screens that stand side by side: from any of them to another, without piling up. */
static void switch_to(struct tui *tui, const struct view *view)
{
	while (tui->depth > 1)
		tui_back(tui);
	if (view != &view_flows)
		tui_open(tui, view, NULL);
}

static bool subject_here(struct tui *tui, struct subject *subject)
{
	struct frame *top = tui_top(tui);

	return top->view->subject && top->view->subject(tui, top, subject);
}

static void open_map(struct tui *tui)
{
	bool chosen = tui_top(tui)->view->bit & (VIEW_HOPS | VIEW_RULE | VIEW_DIFF);
	struct subject subject;
	struct scene scene;

	if (!subject_here(tui, &subject))
		return;
	if (!chosen && scene_of(tui->model, &subject, &scene))
		subject.hop = scene_end(tui->model, &scene);
	tui_open(tui, &view_map, &subject);
}

/* Return: which of the marks stands there; n_marks: none */
static size_t mark_of(const struct tui *tui, const struct subject *s)
{
	size_t i = 0;

	while (i < tui->n_marks &&
	       (tui->marks[i].packet != s->packet || tui->marks[i].flow != s->flow ||
		(!s->packet && (tui->marks[i].path != s->path || tui->marks[i].flags != s->flags ||
				tui->marks[i].back != s->back))))
		i++;
	return i;
}

bool tui_marked(struct tui *tui, struct frame *frame, size_t line)
{
	size_t at = frame->list.at;
	struct subject subject;
	bool found;

	if (!tui->n_marks || !(frame->view->bit & (VIEW_FLOWS | VIEW_FLOW | VIEW_PACKETS)))
		return false;
	frame->list.at = line;
	found = frame->view->subject(tui, frame, &subject) && mark_of(tui, &subject) < tui->n_marks;
	frame->list.at = at;
	return found;
}

static void mark(struct tui *tui)
{
	struct subject subject;
	size_t i;

	if (!subject_here(tui, &subject) || !(subject.way || subject.packet))
		return;
	i = mark_of(tui, &subject);
	if (i < tui->n_marks) {
		tui->marks[i] = tui->marks[--tui->n_marks];
		tui_say(tui, ROLE_PLAIN, "No longer marked.");
		return;
	}
	if (tui->n_marks == 2)
		tui->n_marks = 0;
	tui->marks[tui->n_marks++] = subject;
	tui_say(tui, ROLE_PLAIN,
		tui->n_marks == 1 ? "Marked. Mark another, then d shows where "
				    "their ways part."
				  : "Two are marked: d shows where their ways "
				    "part.");
}

static void open_diff(struct tui *tui)
{
	if (tui->n_marks == 2)
		tui_open(tui, &view_diff, NULL);
	else
		tui_say(tui, ROLE_UNSURE, "Mark two packets or ways with v, then d compares them.");
}

static void pause_or_go_on(struct tui *tui)
{
	tui->paused = !tui->paused;
	tui->paused_at = model_stats(tui->model)->packets;
}

static void save_menu(struct tui *tui)
{
	struct subject subject;

	if (!tui->host.save)
		tui_say(tui, ROLE_UNSURE, "Nothing can be saved from here.");
	else if (subject_here(tui, &subject))
		menu_open(tui, &menu_save, 0);
}

/* Over lines that cannot be chosen: on in the same direction, else back. */
static void skip(struct tui *tui, struct frame *frame, long step)
{
	size_t was = frame->list.at;

	if (!frame->view->skips || !frame->list.n)
		return;
	while (frame->view->skips(tui, frame, frame->list.at)) {
		was = frame->list.at;
		list_move(&frame->list, step);
		if (frame->list.at != was)
			continue;
		if (step != 1 && step != -1)
			return;
		step = -step;
		while (frame->view->skips(tui, frame, frame->list.at)) {
			was = frame->list.at;
			list_move(&frame->list, step);
			if (frame->list.at == was)
				return;
		}
	}
}

static void chosen(struct tui *tui, struct frame *frame)
{
	if (frame->view->chosen)
		frame->view->chosen(tui, frame);
}

void tui_choose(struct tui *tui, struct frame *frame, size_t at)
{
	list_to(&frame->list, at);
	if (frame->list.at + 1 < frame->list.n)
		frame->list.follow = false;
	chosen(tui, frame);
}

static void move(struct tui *tui, struct frame *frame, enum action action)
{
	struct list *list = &frame->list;
	bool up = action == ACT_UP || action == ACT_PAGE_UP || action == ACT_LAST ||
		  action == ACT_WHEEL_UP;

	if (action == ACT_UP || action == ACT_DOWN)
		list_move(list, action == ACT_UP ? -1 : 1);
	else if (action == ACT_PAGE_UP || action == ACT_PAGE_DOWN)
		list_page(list, action == ACT_PAGE_UP ? -1 : 1);
	else if (action == ACT_WHEEL_UP || action == ACT_WHEEL_DOWN)
		list_move(list, action == ACT_WHEEL_UP ? -WHEEL_LINES : WHEEL_LINES);
	else
		list_to(list, action == ACT_FIRST ? 0 : list->n);
	if (action == ACT_FIRST)
		list->follow = false;
	skip(tui, frame, up ? -1 : 1);
	chosen(tui, frame);
}

static void open_line(struct tui *tui, struct frame *frame)
{
	if (frame->view->enter && (frame->list.n || frame->view == &view_map))
		frame->view->enter(tui, frame);
}

static void click(struct tui *tui, struct frame *frame, const struct tui_key *key)
{
	size_t line = key ? list_line(&frame->list, key->x, key->y) : frame->list.n;

	if (key && line >= frame->list.n && frame->view->click)
		frame->view->click(tui, frame, key->x, key->y);
	if (line >= frame->list.n || (frame->view->skips && frame->view->skips(tui, frame, line)))
		return;
	if (line == frame->list.at)
		open_line(tui, frame);
	else
		tui_choose(tui, frame, line);
}

/* The last flow is the newest one in the order of numbers alone. */
static void follow(struct tui *tui, struct frame *frame)
{
	frame->list.follow = !frame->list.follow;
	if (frame->list.follow && frame->view == &view_flows)
		flow_rows_sort(&tui->flows, tui->model, SORT_NUMBER, false);
	if (frame->list.follow)
		list_to(&frame->list, frame->list.n);
	tui_say(tui, ROLE_PLAIN,
		frame->list.follow ? "Staying on the newest." : "Following ended.");
}

/* flat switch */
void tui_act(struct tui *tui, enum action action, const struct tui_key *key)
{
	struct frame *top = tui_top(tui);

	if (top->view->act && top->view->act(tui, top, action))
		return;
	switch (action) {
	case ACT_UP:
	case ACT_DOWN:
	case ACT_PAGE_UP:
	case ACT_PAGE_DOWN:
	case ACT_FIRST:
	case ACT_LAST:
	case ACT_WHEEL_UP:
	case ACT_WHEEL_DOWN:
		move(tui, top, action);
		break;
	case ACT_CLICK:
		click(tui, top, key);
		break;
	case ACT_OPEN:
		open_line(tui, top);
		break;
	case ACT_BACK:
		tui_back(tui);
		break;
	case ACT_QUIT:
		tui->over = tui->depth == 1;
		tui_back(tui);
		break;
	case ACT_END:
		tui->over = true;
		break;
	case ACT_FLOWS:
		switch_to(tui, &view_flows);
		break;
	case ACT_PACKETS:
		switch_to(tui, &view_packets);
		break;
	case ACT_FINDINGS:
		switch_to(tui, &view_findings);
		break;
	case ACT_HELP:
		tui_open(tui, &view_help, NULL);
		break;
	case ACT_MAP:
		open_map(tui);
		break;
	case ACT_SEARCH:
		ask_start(tui, ASK_SEARCH, "");
		break;
	case ACT_NEXT:
	case ACT_PREVIOUS:
		search_next(tui, action == ACT_NEXT ? 1 : -1);
		break;
	case ACT_FILTER:
		ask_start(tui, ASK_FILTER, tui->filter_text);
		break;
	case ACT_MARK:
		mark(tui);
		break;
	case ACT_DIFF:
		open_diff(tui);
		break;
	case ACT_TRACE:
		trace_open(tui);
		break;
	case ACT_SAVE:
		save_menu(tui);
		break;
	case ACT_PAUSE:
		pause_or_go_on(tui);
		break;
	case ACT_FOLLOW:
		follow(tui, top);
		break;
	default:
		break;
	}
}

bool tui_key(struct tui *tui, const struct tui_key *key)
{
	enum action action = key_action(key->code, tui_top(tui)->view->bit);

	if (key->code && key->code != TUI_KEY_RESIZE)
		tui->message[0] = '\0';
	if (tui->ask && key->code != TUI_KEY_CLICK && key->code != TUI_KEY_RESIZE)
		ask_key(tui, key->code);
	else if (!tui->ask)
		tui_act(tui, action, key);
	return !tui->over;
}

static void draw_too_small(struct tui *tui)
{
	struct area all = { 0, 0, tui->canvas.width, tui->canvas.height };
	char text[128];
	struct pen pen;

	snprintf(text, sizeof(text), "Too small: %ux%u. nfhop needs %dx%d.", all.w, all.h,
		 LEAST_WIDTH, LEAST_HEIGHT);
	pen_init(&pen, &tui->canvas, all, tui->utf8);
	writer_sentence(&pen.w, 0, str_from(text));
}

const struct canvas *tui_draw(struct tui *tui, unsigned int width, unsigned int height)
{
	struct area all = { 0, 0, width, height };
	struct frame *top = tui_top(tui);

	if (canvas_resize(&tui->canvas, width, height) < 0)
		return &tui->canvas;
	if (width < LEAST_WIDTH || height < LEAST_HEIGHT) {
		draw_too_small(tui);
		return &tui->canvas;
	}
	draw_status(tui, area_rows(all, 1));
	top->view->draw(tui, top, area_rows(area_from(all, 1), height - 2));
	search_light(tui, area_rows(area_from(all, 1), height - 2));
	draw_bottom(tui, area_from(all, height - 1));
	return &tui->canvas;
}
