/* SPDX-License-Identifier: GPL-2.0-or-later */
/* view.h - what the files of this room share: frames, views, actions, and what is looked at */
#ifndef TUI_VIEW_H
#define TUI_VIEW_H

#include "nfhop/query.h"
#include "nfhop/text.h"
#include "nfhop/tui.h"

#include "canvas.h"
#include "edit.h"
#include "list.h"
#include "rows.h"
#include "told.h"

#define FRAMES_MAX	 16
#define TEXT_ROW_COLUMNS 1024 /* of a line that is searched, however narrow the screen is */

/* What a key means. */
enum action {
	ACT_NONE,
	ACT_UP,
	ACT_DOWN,
	ACT_PAGE_UP,
	ACT_PAGE_DOWN,
	ACT_FIRST,
	ACT_LAST,
	ACT_OPEN,
	ACT_BACK,
	ACT_QUIT,
	ACT_END,
	ACT_FLOWS,
	ACT_PACKETS,
	ACT_FINDINGS,
	ACT_MAP,
	ACT_HELP,
	ACT_SEARCH,
	ACT_NEXT,
	ACT_PREVIOUS,
	ACT_FILTER,
	ACT_SORT,
	ACT_TURN,
	ACT_COLUMNS,
	ACT_PAUSE,
	ACT_FOLLOW,
	ACT_MARK,
	ACT_DIFF,
	ACT_TRACE,
	ACT_SAVE,
	ACT_REDRAW,
	ACT_CLICK,
	ACT_WHEEL_UP,
	ACT_WHEEL_DOWN,
	ACT_MAX
};

/* One bit a view, for the table of keys. */
enum {
	VIEW_FLOWS = 1 << 0,
	VIEW_FLOW = 1 << 1,
	VIEW_PACKETS = 1 << 2,
	VIEW_HOPS = 1 << 3,
	VIEW_RULE = 1 << 4,
	VIEW_MAP = 1 << 5,
	VIEW_FINDINGS = 1 << 6,
	VIEW_DIFF = 1 << 7,
	VIEW_HELP = 1 << 8,
	VIEW_MENU = 1 << 9,
	VIEW_TRACE = 1 << 10,
	VIEW_ALL = (1 << 11) - 1,
};

/**
 * struct subject - what is looked at, by numbers that survive what the model does meanwhile
 * @flow: 0: nothing
 * @path, @flags, @back: which of its ways; hold if @way is set
 * @packet: number in the order of closing, from 1; 0: any packet that took the way
 * @hop: of that way
 */
struct subject {
	uint32_t flow, path;
	uint16_t flags;
	bool way, back;
	uint64_t packet;
	size_t hop;
};

/**
 * struct scene - the same, as the model has it now
 * @packet: NULL if none is kept; @gone: there was one, but it is no longer kept
 * @hop: of the way: not beyond its end
 */
struct scene {
	const struct flow *flow;
	const struct flow_path *fp;
	const struct packet *packet;
	struct way way;
	struct decision d;
	size_t hop, n_hops;
	bool back, gone;
};

struct frame;

/**
 * struct view - one kind of screen; every member but @name, @bit and @draw may be NULL
 * @refresh: the model may have changed: how many lines are there?
 * @draw: everything between the status line and the line of hints
 * @row: line @i of the list, for the screen and for searching
 * @skips: line @i cannot be chosen
 * @chosen: the user chose another line
 * @subject: what the chosen line is about; Return: false if about nothing
 * @enter: the key Enter
 * @click: the mouse, elsewhere than on a line of the list
 * @act: what else it does by itself; Return: false if the action is not its own
 */
struct view {
	const char *name;
	unsigned int bit;
	void (*refresh)(struct tui *tui, struct frame *frame);
	void (*draw)(struct tui *tui, struct frame *frame, struct area area);
	void (*row)(struct tui *tui, struct frame *frame, size_t i, struct pen *pen);
	bool (*skips)(struct tui *tui, struct frame *frame, size_t i);
	void (*chosen)(struct tui *tui, struct frame *frame);
	bool (*subject)(struct tui *tui, struct frame *frame, struct subject *subject);
	void (*enter)(struct tui *tui, struct frame *frame);
	void (*click)(struct tui *tui, struct frame *frame, unsigned int x, unsigned int y);
	bool (*act)(struct tui *tui, struct frame *frame, enum action action);
};

/**
 * struct frame - one screen of the stack; Back goes to the one below
 * @subject: what it shows
 * @packets: of the views of packets, else empty
 * @ways: of a flow, in the order of lines: indices of its @n_ways paths (heap)
 * @menu: of the menu
 * @widths: of columns, so that they do not jump while one scrolls
 */
struct frame {
	const struct view *view;
	struct list list;
	struct subject subject;
	struct packet_rows packets;
	uint32_t *ways, n_ways;
	const struct menu *menu;
	unsigned int widths[12];
};

/* What the prompt asks for. */
enum ask { ASK_NOTHING, ASK_SEARCH, ASK_FILTER, ASK_FILE, ASK_FIELD, ASK_MAX };

#define TRACE_FIELDS	 6
#define TRACE_FIELD_SIZE 128

struct tui {
	const struct model *model;
	struct tui_host host;
	bool utf8;
	struct tui_news news;
	struct canvas canvas;
	struct canvas line; /* one long line, to search in */
	struct frame frames[FRAMES_MAX];
	size_t depth;
	struct flow_rows flows;
	unsigned int columns; /* bits of the columns of flows that are shown if there is room */
	enum ask ask;
	struct edit edit[ASK_MAX];
	struct query *filter;
	char filter_text[EDIT_SIZE];
	struct query_error filter_error; /* of what is being typed */
	bool filter_wrong;
	struct search *search;
	enum tui_save saving;
	char fields[TRACE_FIELDS][TRACE_FIELD_SIZE];
	size_t field;
	struct subject marks[2];
	size_t n_marks;
	uint64_t paused_at; /* packets when it was paused */
	bool paused, over;
	enum role message_role;
	char message[512];
};

/* tui.c: the stack of frames */
struct frame *tui_top(struct tui *tui);
/* tui_open - put a screen on top; without room nothing happens */
struct frame *tui_open(struct tui *tui, const struct view *view, const struct subject *subject);
void tui_back(struct tui *tui);
/* tui_choose - the user chose line @at of the list */
void tui_choose(struct tui *tui, struct frame *frame, size_t at);
/* tui_marked - does line @line of a list of flows, ways or packets have a mark? */
bool tui_marked(struct tui *tui, struct frame *frame, size_t line);
/* tui_say - one sentence, until the next key */
void tui_say(struct tui *tui, enum role role, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* tui_act - do what a key means */
void tui_act(struct tui *tui, enum action action, const struct tui_key *key);

/* scene.c */
bool scene_of(const struct model *model, const struct subject *subject, struct scene *scene);
/* subject_of - the way that says most of what is told of a flow */
struct subject subject_of(const struct told *told);
/* scene_end - the hop that says most: that ended it, or that let it pass */
size_t scene_end(const struct model *model, const struct scene *scene);
/* text_where - in few words what became of a flow: "filter WEB 2", "no answer" */
void text_where(struct writer *writer, const struct model *model, const struct told *told);
/* text_short_rule - "4", "policy", "policy or 4": as text_rule(), in as few columns as can be */
void text_short_rule(struct writer *writer, const struct hop_view *hop);
/* text_short_place - "filter WEB 2", "filter FORWARD policy" */
void text_short_place(struct writer *writer, const struct hop_view *hop);
/* text_spot - "FORWARD filter WEB 2": the hook, and no chain that is named as the hook is */
void text_spot(struct writer *writer, const struct hop_view *hop);
/* text_stamp - "14:58:09.771146"; as precise as the log */
void text_stamp(struct writer *writer, const struct stamp *stamp);

/* draw.c: what screens have in common */
/* draw_status - the first line of the screen; draw_bottom - the last one */
void draw_status(struct tui *tui, struct area area);
void draw_bottom(struct tui *tui, struct area area);
/* draw_list - the visible lines of the frame's list */
void draw_list(struct tui *tui, struct frame *frame, struct area area);
/* draw_rule - a line across, with words on it */
void draw_rule(struct tui *tui, struct area area, const char *words);
/* draw_detail_rows - how many rows there are for what is said below the list */
unsigned int draw_detail_rows(struct area area);
/* draw_title_rows - how many there are for draw_title(), and for what is set off from the list */
unsigned int draw_title_rows(struct area area);
unsigned int draw_gap_rows(struct area area);
/* draw_title - bold first line: which flow, which way; then what became of it */
void draw_title(struct tui *tui, const struct scene *scene, struct area area);
/* draw_way - a whole way, a line a hop, scene->hop marked; Return: is there room for all of it? */
bool draw_way(struct tui *tui, const struct scene *scene, struct area area);
/* draw_right - @text at the right end of a row */
void draw_right(struct tui *tui, struct area area, enum role role, const char *text);
void draw_text(struct tui *tui, struct area area, enum role role, const char *text);
/* text_size - "1.2 GiB" */
void text_size(struct writer *writer, uint64_t bytes);

/* keys.c: the one table of keys */
struct key_row {
	uint32_t keys[4];
	enum action action;
	unsigned int views;
	const char *names, *hint, *help;
};

const struct key_row *key_rows(size_t *n);
enum action key_action(uint32_t key, unsigned int view);

/* ask.c: the prompt at the bottom */
void ask_start(struct tui *tui, enum ask ask, const char *text);
void ask_key(struct tui *tui, uint32_t key);
void ask_draw(struct tui *tui, struct area area);

/* search.c */
struct search;
/* search_start - look for a regular expression, or for @text as it stands if it is none */
void search_start(struct tui *tui, const char *text);
void search_next(struct tui *tui, int direction);
/* search_tick - look on; Return: is there more to do? */
bool search_tick(struct tui *tui);
/* search_light - light what was found on the screen */
void search_light(struct tui *tui, struct area area);
void search_destroy(struct search *search);

/* menu.c */

/**
 * struct menu - a choice of some lines
 * @pick: a line was chosen; Return: true if the menu is to go
 */
struct menu {
	const char *title;
	size_t n;
	void (*row)(struct tui *tui, size_t i, struct pen *pen);
	bool (*pick)(struct tui *tui, size_t i);
};

void menu_open(struct tui *tui, const struct menu *menu, size_t at);

/* The views. */
extern const struct view view_flows, view_flow, view_packets, view_hops, view_rule, view_map,
	view_findings, view_diff, view_help, view_menu, view_trace;

/* flows_columns.c: menus of the flows' view */
extern const struct menu menu_sort, menu_columns;
extern const struct menu menu_save;

/* save.c */
void save_to(struct tui *tui, const char *file);
/* trace.c */
void trace_open(struct tui *tui);
void trace_field(struct tui *tui, const char *text);
/* trace_label - "came in by: ", the field that is being changed */
void trace_label(const struct tui *tui, struct writer *writer);

#endif
