// SPDX-License-Identifier: GPL-2.0-or-later
/* view_help.c - help: the table of keys as it is, and what the numbers and marks mean */
#include "view.h"

/* The lines after the keys. */
// clang-format off
static const struct { const char *word, *help; } meanings[] = {
	{ NULL, "The first line of the screen" },
	{ "flows", "connections, both directions as one" },
	{ "packets", "whose way is complete, one packet may have several events" },
	{ "events", "hops that were read: trace lines, LOG lines, trace events" },
	{ "lost", "events known to be lost; what rests on them is called unknown" },
	{ "given up", "flows and open packets let go, to bound memory" },
	{ "/s", "events a second, over the last second" },
	{ "MiB", "memory that nfhop holds" },
	{ "HELD", "Space held the screen; +N packets came since" },
	{ NULL, "Marks" },
	{ "x", "a rule or a policy stopped it" },
	{ "~", "lost between two hooks, no answer, or refused" },
	{ "?", "not known; below the list stands what would settle it" },
	{ "v", "got through (a check mark where the terminal has one)" },
	{ "*", "at the left end of a line: v marked it" },
	{ NULL, "A flow whose newest packets a filter leaves out" },
	{ "2 of 9", "so many there, or back, ended as the newest that it holds for" },
	{ NULL, "How sure it is" },
	{ "Sure", "the trace or the rule set says so" },
	{ "Inferred", "from hops that would have followed, and did not" },
	{ "Not known", "the reason names what is missing" },
};
// clang-format on

#define MEANINGS (sizeof(meanings) / sizeof(*meanings))
#define AT_HELP	 17

/* The rows of the table of keys that help has something to say of. */
static const struct key_row *key_line(size_t i)
{
	size_t n;
	const struct key_row *rows = key_rows(&n);

	for (size_t k = 0; k < n; k++)
		if (rows[k].help && !i--)
			return &rows[k];
	return NULL;
}

static size_t count_keys(void)
{
	size_t n = 0;

	while (key_line(n))
		n++;
	return n;
}

static void help_refresh(struct tui *tui, struct frame *frame)
{
	(void)tui;
	list_resize(&frame->list, 1 + count_keys() + MEANINGS);
}

static void put_pair(struct pen *pen, const char *word, const char *help, const char *where)
{
	writer_word(&pen->w, "   ");
	writer_role(&pen->w, ROLE_BOLD);
	writer_word(&pen->w, word);
	writer_role(&pen->w, ROLE_PLAIN);
	writer_to(&pen->w, AT_HELP);
	writer_word(&pen->w, help);
	if (*where)
		writer_role(&pen->w, ROLE_DIM);
	writer_word(&pen->w, where);
}

/* Where a key means something, if it is one screen only. */
static const char *where(const struct key_row *row)
{
	static const struct {
		unsigned int views;
		const char *words;
	} places[] = {
		{ VIEW_FLOWS, " (flows)" },
		{ VIEW_FLOW | VIEW_PACKETS, " (a flow, packets)" },
		{ VIEW_HOPS | VIEW_MAP, " (hops, map)" },
		{ VIEW_FINDINGS, " (findings)" },
		{ VIEW_MENU, " (menus)" },
		{ VIEW_TRACE, " (trace)" },
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++)
		if (row->views == places[i].views)
			return places[i].words;
	return "";
}

static void put_head(struct pen *pen, const char *words)
{
	writer_word(&pen->w, " ");
	writer_role(&pen->w, ROLE_BOLD);
	writer_word(&pen->w, words);
}

static void help_row(struct tui *tui, struct frame *frame, size_t i, struct pen *pen)
{
	size_t n = count_keys();
	const struct key_row *row = i ? key_line(i - 1) : NULL;

	(void)tui;
	(void)frame;
	if (!i)
		put_head(pen, "Keys");
	else if (row)
		put_pair(pen, row->names, row->help, where(row));
	else if (i - 1 - n < MEANINGS && !meanings[i - 1 - n].word)
		put_head(pen, meanings[i - 1 - n].help);
	else if (i - 1 - n < MEANINGS)
		put_pair(pen, meanings[i - 1 - n].word, meanings[i - 1 - n].help, "");
}

static void help_draw(struct tui *tui, struct frame *frame, struct area area)
{
	char words[64];

	draw_list(tui, frame, area_rows(area, area.h - 1));
	snprintf(words, sizeof(words), "help, line %zu of %zu", frame->list.at + 1, frame->list.n);
	draw_rule(tui, area_from(area, area.h - 1), words);
}

const struct view view_help = {
	.name = "help",
	.bit = VIEW_HELP,
	.refresh = help_refresh,
	.draw = help_draw,
	.row = help_row,
};
