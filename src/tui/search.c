// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * search.c - looking for a regular expression in all lines of a screen, and lighting what it is
 *
 * A line is drawn on a canvas of its own, as wide as it wants to be, and its text is searched:
 * so what is found is what is shown. A list may have a million lines; some are looked at in each
 * tick, and a key ends the search.
 */
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

#include "view.h"

#define LINES_PER_TICK 2000
#define HITS_PER_LINE  64
#define TEXT_SIZE      (4 * TEXT_ROW_COLUMNS + 1)
#define MATCH_LIMIT    100000 /* an expression that backtracks for ever must not hold the view */

/**
 * struct search - one regular expression
 * @left: lines still to look at, in @direction from @at; 0: not searching
 * @plain: why the text is no regular expression; then it is searched as it stands; else empty
 */
struct search {
	pcre2_code *code;
	pcre2_match_data *match;
	pcre2_match_context *limits;
	size_t at, left;
	int direction;
	size_t columns[TEXT_SIZE]; /* of each byte of the text */
	char text[TEXT_SIZE];
	size_t n;
	char plain[128];
};

void search_destroy(struct search *search)
{
	if (!search)
		return;
	pcre2_match_context_free(search->limits);
	pcre2_match_data_free(search->match);
	pcre2_code_free(search->code);
	free(search);
}

static bool has_capital(const char *text)
{
	for (; *text; text++)
		if (*text >= 'A' && *text <= 'Z')
			return true;
	return false;
}

/*
 * As in less and vim with smartcase: capitals count only if there are any in the expression. Who
 * types `[tcp` or `*` means just that.
 */
static void compile(struct search *search, const char *text)
{
	uint32_t options = PCRE2_UTF | (has_capital(text) ? 0 : PCRE2_CASELESS);
	PCRE2_SIZE at;
	int error;

	search->code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
				     options | PCRE2_NEVER_BACKSLASH_C, &error, &at, NULL);
	if (!search->code) {
		pcre2_get_error_message(error, (PCRE2_UCHAR *)search->plain, sizeof(search->plain));
		search->code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED,
					     options | PCRE2_LITERAL, &error, &at, NULL);
	}
	if (search->code)
		pcre2_jit_compile(search->code, PCRE2_JIT_COMPLETE);
}

void search_start(struct tui *tui, const char *text)
{
	struct search *search = calloc(1, sizeof(*search));

	if (search)
		compile(search, text);
	if (search && search->code)
		search->match = pcre2_match_data_create_from_pattern(search->code, NULL);
	if (search && search->match)
		search->limits = pcre2_match_context_create(NULL);
	if (!search || !search->limits) {
		tui_say(tui, ROLE_STOP, "That cannot be searched for: %s.",
			search && *search->plain ? search->plain : "there is no memory");
		search_destroy(search);
		return;
	}
	pcre2_set_match_limit(search->limits, MATCH_LIMIT);
	search_destroy(tui->search);
	tui->search = search;
	search_next(tui, 1);
	if (*search->plain && !*tui->message)
		tui_say(tui, ROLE_PLAIN, "Found as plain text; no regex: %s.", search->plain);
}

/* The text of a row of cells, and the column of each of its bytes. */
static void take_text(struct search *search, const struct cell *cells, unsigned int width)
{
	search->n = 0;
	for (unsigned int x = 0; x < width && search->n + 4 < TEXT_SIZE; x++) {
		size_t n = cells[x].ch ? utf8_put(search->text + search->n, cells[x].ch) : 0;

		for (size_t k = 0; k < n; k++)
			search->columns[search->n + k] = x;
		search->n += n;
	}
	while (search->n && search->text[search->n - 1] == ' ')
		search->n--;
}

/* Return: is there one at or behind byte @from? Then it is in @ovector. */
static bool find(struct search *search, size_t from, const PCRE2_SIZE **ovector)
{
	int n = pcre2_match(search->code, (PCRE2_SPTR)search->text, search->n, from,
			    PCRE2_NO_UTF_CHECK, search->match, search->limits);

	*ovector = pcre2_get_ovector_pointer(search->match);
	return n > 0;
}

static bool line_has(struct tui *tui, struct frame *frame, size_t i)
{
	struct area all = { 0, 0, TEXT_ROW_COLUMNS, 1 };
	const PCRE2_SIZE *ovector;
	struct pen pen;

	if (canvas_resize(&tui->line, TEXT_ROW_COLUMNS, 1) < 0)
		return false;
	pen_init(&pen, &tui->line, all, tui->utf8);
	frame->view->row(tui, frame, i, &pen);
	take_text(tui->search, tui->line.cells, TEXT_ROW_COLUMNS);
	return find(tui->search, 0, &ovector);
}

void search_next(struct tui *tui, int direction)
{
	struct search *search = tui->search;
	struct frame *top = tui_top(tui);

	if (!search) {
		tui_say(tui, ROLE_UNSURE, "Nothing to search for: / asks.");
		return;
	}
	search->direction = direction;
	search->at = top->list.at;
	search->left = top->view->row ? top->list.n : 0;
	search_tick(tui);
}

/* The next line in the direction, around the ends. */
static size_t step(const struct search *search, size_t n)
{
	if (search->direction > 0)
		return search->at + 1 < n ? search->at + 1 : 0;
	return search->at ? search->at - 1 : n - 1;
}

static void found(struct tui *tui, struct frame *top, size_t at)
{
	bool around = tui->search->direction > 0 ? at < top->list.at : at > top->list.at;

	tui->search->left = 0;
	if (at == top->list.at)
		tui_say(tui, ROLE_PLAIN, "This is the only line that has it.");
	else if (around)
		tui_say(tui, ROLE_PLAIN, "Past the end, from the other end on.");
	tui_choose(tui, top, at);
}

bool search_tick(struct tui *tui)
{
	struct search *search = tui->search;
	struct frame *top = tui_top(tui);

	if (!search || !search->left)
		return false;
	for (size_t i = 0; i < LINES_PER_TICK && search->left; i++, search->left--) {
		if (!top->list.n)
			break;
		if (search->at >= top->list.n)
			search->at = top->list.n - 1;
		search->at = step(search, top->list.n);
		if (top->view->skips && top->view->skips(tui, top, search->at))
			continue;
		if (line_has(tui, top, search->at)) {
			found(tui, top, search->at);
			return false;
		}
	}
	if (!search->left || !top->list.n) {
		search->left = 0;
		if (*search->plain)
			tui_say(tui, ROLE_UNSURE, "No line has that text; no regex: %s.",
				search->plain);
		else
			tui_say(tui, ROLE_UNSURE,
				"No line of this screen has it. f filters packets, as by dport "
				"80.");
	} else {
		tui_say(tui, ROLE_PLAIN, "Searching, %zu lines to go.", search->left);
	}
	return search->left;
}

static void light_row(struct tui *tui, struct area area)
{
	struct search *search = tui->search;
	const PCRE2_SIZE *ovector;
	const struct cell *cells = &tui->canvas.cells[(size_t)area.y * tui->canvas.width + area.x];
	size_t from = 0;

	take_text(search, cells, area.w);
	for (int i = 0; i < HITS_PER_LINE && from < search->n && find(search, from, &ovector);
	     i++) {
		if (ovector[1] > ovector[0]) {
			size_t first = search->columns[ovector[0]];
			size_t last = search->columns[ovector[1] - 1];

			last += last + 1 < area.w && !cells[last + 1].ch;
			canvas_flag(&tui->canvas,
				    area_columns(area, (unsigned int)first,
						 (unsigned int)(last - first + 1)),
				    CELL_MATCH);
		}
		from = ovector[1] > ovector[0] ? ovector[1] : ovector[1] + 1;
		while (from < search->n && ((unsigned char)search->text[from] & 0xc0) == 0x80)
			from++;
	}
}

void search_light(struct tui *tui, struct area area)
{
	if (!tui->search || !tui->canvas.cells)
		return;
	for (unsigned int y = 0; y < area.h; y++)
		light_row(tui, area_rows(area_from(area, y), 1));
}
