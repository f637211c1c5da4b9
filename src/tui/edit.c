// SPDX-License-Identifier: GPL-2.0-or-later
/* edit.c - one line of text that is being typed, with what was typed before */
#include "edit.h"

#include <stdio.h>
#include <string.h>

#include "nfhop/tui.h"
#include "nfhop/writer.h"

void edit_set(struct edit *edit, const char *text)
{
	snprintf(edit->text, sizeof(edit->text), "%s", text);
	edit->n = edit->at = strlen(edit->text);
}

void edit_remember(struct edit *edit)
{
	edit->back = 0;
	if (!edit->n || (edit->n_past && !strcmp(edit->past[edit->n_past - 1], edit->text)))
		return;
	if (edit->n_past == EDIT_HISTORY)
		memmove(edit->past[0], edit->past[1], (--edit->n_past) * sizeof(edit->past[0]));
	memcpy(edit->past[edit->n_past++], edit->text, sizeof(edit->text));
}

static bool is_inside(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Return: where the character before @at begins, or the next one after it */
static size_t before(const struct edit *edit, size_t at)
{
	while (at && is_inside(edit->text[--at]))
		;
	return at;
}

static size_t after(const struct edit *edit, size_t at)
{
	while (at < edit->n && is_inside(edit->text[++at]))
		;
	return at;
}

/* The bytes from @from to @to go. */
static void cut(struct edit *edit, size_t from, size_t to)
{
	memmove(edit->text + from, edit->text + to, edit->n - to + 1);
	edit->n -= to - from;
	edit->at = from;
}

static void insert(struct edit *edit, uint32_t ch)
{
	char buf[4];
	size_t n = utf8_put(buf, ch);

	if (edit->n + n >= sizeof(edit->text))
		return;
	memmove(edit->text + edit->at + n, edit->text + edit->at, edit->n - edit->at + 1);
	memcpy(edit->text + edit->at, buf, n);
	edit->n += n;
	edit->at += n;
}

/* The word before the cursor, with the blanks behind it. */
static void cut_word(struct edit *edit)
{
	size_t from = edit->at;

	while (from && edit->text[from - 1] == ' ')
		from--;
	while (from && edit->text[from - 1] != ' ')
		from--;
	cut(edit, from, edit->at);
}

static void recall(struct edit *edit, size_t back)
{
	if (back > edit->n_past)
		return;
	if (!edit->back)
		memcpy(edit->draft, edit->text, sizeof(edit->draft));
	edit->back = back;
	edit_set(edit, back ? edit->past[edit->n_past - back] : edit->draft);
}

/* flat switch */
bool edit_key(struct edit *edit, uint32_t key)
{
	switch (key) {
	case TUI_KEY_LEFT:
	case TUI_CTRL('b'):
		edit->at = before(edit, edit->at);
		return true;
	case TUI_KEY_RIGHT:
	case TUI_CTRL('f'):
		edit->at = after(edit, edit->at);
		return true;
	case TUI_KEY_HOME:
	case TUI_CTRL('a'):
		edit->at = 0;
		return true;
	case TUI_KEY_END:
	case TUI_CTRL('e'):
		edit->at = edit->n;
		return true;
	case TUI_KEY_UP:
	case TUI_CTRL('p'):
		recall(edit, edit->back + 1);
		return true;
	case TUI_KEY_DOWN:
	case TUI_CTRL('n'):
		if (edit->back)
			recall(edit, edit->back - 1);
		return true;
	case TUI_KEY_BACKSPACE:
	case TUI_CTRL('h'):
	case 0x7f:
		if (edit->at)
			cut(edit, before(edit, edit->at), edit->at);
		return true;
	case TUI_KEY_DELETE:
	case TUI_CTRL('d'):
		if (edit->at < edit->n)
			cut(edit, edit->at, after(edit, edit->at));
		return true;
	case TUI_CTRL('u'):
		cut(edit, 0, edit->at);
		return true;
	case TUI_CTRL('k'):
		cut(edit, edit->at, edit->n);
		return true;
	case TUI_CTRL('w'):
		cut_word(edit);
		return true;
	default:
		if (key < ' ' || key >= TUI_KEY_UP)
			return false;
		insert(edit, key);
		return true;
	}
}
