// SPDX-License-Identifier: GPL-2.0-or-later
/* ask.c - the prompt at the bottom: what is asked, the line that is typed, what is wrong in it */
#include "view.h"

static bool take_search(struct tui *tui, const char *text)
{
	if (!*text) {
		search_destroy(tui->search);
		tui->search = NULL;
		return true;
	}
	search_start(tui, text);
	return true;
}

/* An empty filter is none. A wrong one stays in the prompt, with the place underlined. */
static bool take_filter(struct tui *tui, const char *text)
{
	struct query *query = NULL;
	int ret = *text ? query_parse(str_from(text), &query, &tui->filter_error) : 0;

	tui->filter_wrong = ret < 0;
	if (ret < 0)
		return false;
	query_destroy(tui->filter);
	tui->filter = query;
	snprintf(tui->filter_text, sizeof(tui->filter_text), "%s", text);
	flow_rows_again(&tui->flows);
	for (size_t i = 0; i < tui->depth; i++)
		tui->frames[i].packets.seen = tui->frames[i].packets.n = 0;
	return true;
}

void tui_filter(struct tui *tui, const char *text)
{
	take_filter(tui, text);
}

static bool take_file(struct tui *tui, const char *text)
{
	if (*text)
		save_to(tui, text);
	return true;
}

static bool take_field(struct tui *tui, const char *text)
{
	trace_field(tui, text);
	return true;
}

// clang-format off
static const struct {
	const char *label;
	bool (*take)(struct tui *tui, const char *text); /* Return: is the prompt done with? */
} asks[ASK_MAX] = {
	[ASK_NOTHING] = { "",             NULL },
	[ASK_SEARCH]  = { "/",            take_search },
	[ASK_FILTER]  = { "filter: ",     take_filter },
	[ASK_FILE]    = { "save to: ",    take_file },
	[ASK_FIELD]   = { "",             take_field },
};
// clang-format on

void ask_start(struct tui *tui, enum ask ask, const char *text)
{
	tui->ask = ask;
	tui->filter_wrong = false;
	tui->edit[ask].back = 0;
	edit_set(&tui->edit[ask], text);
}

static void finish(struct tui *tui)
{
	enum ask ask = tui->ask;
	struct edit *edit = &tui->edit[ask];

	if (!asks[ask].take(tui, edit->text))
		return;
	edit_remember(edit);
	if (tui->ask == ask)
		tui->ask = ASK_NOTHING;
}

void ask_key(struct tui *tui, uint32_t key)
{
	struct edit *edit = &tui->edit[tui->ask];

	if (key == TUI_KEY_ENTER || key == '\n') {
		finish(tui);
	} else if (key == TUI_KEY_ESCAPE || key == TUI_CTRL('g') ||
		   (key == TUI_KEY_BACKSPACE && !edit->n)) {
		tui->ask = ASK_NOTHING;
	} else if (edit_key(edit, key)) {
		tui->filter_wrong = false;
	}
}

/* The part that is wrong; at least one column, where something is missing at the end. */
static void underline(struct tui *tui, struct area area, unsigned int x, size_t from)
{
	const struct query_error *e = &tui->filter_error;
	const char *text = tui->edit[ASK_FILTER].text;
	struct writer before = { .utf8 = tui->utf8 }, part = { .utf8 = tui->utf8 };

	if (e->at < from)
		return;
	writer_text(&before, str_first(str_from(text + from), e->at - from));
	writer_text(&part, str_first(str_skip(str_from(text), e->at), e->n));
	x += (unsigned int)before.column;
	canvas_flag(&tui->canvas,
		    area_columns(area, x, part.column ? (unsigned int)part.column : 1),
		    CELL_UNDERLINE);
}

/* Above the prompt: what was expected there. */
static void draw_error(struct tui *tui, struct area area)
{
	struct str typed = str_from(tui->edit[ASK_FILTER].text);
	char text[512];
	struct area line = { area.x, area.y - 1, area.w, 1 };
	struct pen pen;

	query_error_text(&tui->filter_error, typed, text, sizeof(text));
	if (strlen(text) > area.w - 1)
		query_error_hint(&tui->filter_error, typed, text, sizeof(text));
	pen_init(&pen, &tui->canvas, line, tui->utf8);
	for (unsigned int x = 0; x < area.w; x++)
		writer_word(&pen.w, " ");
	pen_at(&pen, 1, 0);
	writer_role(&pen.w, ROLE_STOP);
	writer_word(&pen.w, text);
}

static size_t char_length(struct str s)
{
	size_t n = utf8_length(s);

	return n ? n : 1;
}

/* A text that is too long begins so far behind its beginning that the cursor is in sight. */
static size_t first_shown(const struct tui *tui, const struct edit *edit, unsigned int room)
{
	struct str before = str_first(str_from(edit->text), edit->at);

	for (;;) {
		struct writer dry = { .utf8 = tui->utf8 };

		writer_text(&dry, before);
		if (dry.column < room || !before.n)
			return edit->at - before.n;
		before = str_skip(before, char_length(before));
	}
}

void ask_draw(struct tui *tui, struct area area)
{
	const struct edit *edit = &tui->edit[tui->ask];
	struct str text = str_from(edit->text);
	unsigned int x;
	size_t from;
	struct pen pen;

	pen_init(&pen, &tui->canvas, area, tui->utf8);
	writer_role(&pen.w, ROLE_BOLD);
	if (tui->ask == ASK_FIELD)
		trace_label(tui, &pen.w);
	writer_word(&pen.w, asks[tui->ask].label);
	writer_role(&pen.w, ROLE_PLAIN);
	x = (unsigned int)pen.w.column;
	from = first_shown(tui, edit, area.w > x + 1 ? area.w - x - 1 : 1);
	writer_text(&pen.w, str_first(str_skip(text, from), edit->at - from));
	canvas_flag(&tui->canvas, area_columns(area, (unsigned int)pen.w.column, 1), CELL_REVERSE);
	pen.flags = CELL_REVERSE;
	if (edit->at < edit->n) {
		size_t n = char_length(str_skip(text, edit->at));

		writer_text(&pen.w, str_first(str_skip(text, edit->at), n));
		pen.flags = 0;
		writer_text(&pen.w, str_skip(text, edit->at + n));
	}
	if (tui->ask != ASK_FILTER || !tui->filter_wrong)
		return;
	underline(tui, area, x, from);
	draw_error(tui, area);
}
