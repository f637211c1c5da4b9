// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * screen.c - the terminal, through ncurses: the only file that knows it
 *
 * Cells have roles, not colours. A terminal with colours shows a role by colour, with 256 of
 * them in calmer ones; one without by bold, dim and underline. ncurses compares each screen with
 * the last one and sends what differs, and it takes care of ^Z and of windows that change.
 */
#include <errno.h>
#include <locale.h>
#include <ncurses.h>
#include <stdlib.h>
#include <wchar.h>

#include "canvas.h"
#include "nfhop/tui.h"

#define ESCAPE_MS 25 /* after Esc: is it the beginning of a key's sequence? */

static bool opened;
static SCREEN *terminal;
static attr_t attributes[ROLE_MAX];
static short pairs[ROLE_MAX];

/* struct tint - how a role is shown: by colour, of 8 or of 256, or without */
static const struct {
	short color8, color256;
	attr_t with, without;
} tints[ROLE_MAX] = {
	[ROLE_PLAIN] = { -1, -1, A_NORMAL, A_NORMAL },
	[ROLE_PASS] = { COLOR_GREEN, 71, A_NORMAL, A_NORMAL },
	[ROLE_STOP] = { COLOR_RED, 203, A_BOLD, A_BOLD },
	[ROLE_UNSURE] = { COLOR_YELLOW, 179, A_NORMAL, A_NORMAL },
	[ROLE_DIM] = { -1, 245, A_DIM, A_DIM },
	[ROLE_BOLD] = { -1, -1, A_BOLD, A_BOLD },
};

static void choose_tints(bool color)
{
	color = color && has_colors() && start_color() == OK;
	if (color)
		use_default_colors();
	for (short role = 0; role < ROLE_MAX; role++) {
		short ink = COLORS >= 256 ? tints[role].color256 : tints[role].color8;

		attributes[role] = color ? tints[role].with : tints[role].without;
		pairs[role] = 0;
		if (!color || ink < 0)
			continue;
		pairs[role] = (short)(role + 1);
		init_pair(pairs[role], ink, -1);
		if (role == ROLE_DIM) /* a colour of its own is dim enough */
			attributes[role] = A_NORMAL;
	}
}

int screen_open(FILE *in, FILE *out, bool color)
{
	terminal = newterm(NULL, out, in);
	if (!terminal)
		return -ENOTTY;
	/* a screen needs to go to any place, and to be cleared */
	if (!tigetstr("cup") || tigetstr("cup") == (char *)-1 || !tigetstr("clear")) {
		endwin();
		delscreen(terminal);
		return -ENOTTY;
	}
	set_escdelay(ESCAPE_MS);
	cbreak();
	noecho();
	nonl();
	curs_set(0);
	keypad(stdscr, TRUE);
	intrflush(stdscr, FALSE);
	mouseinterval(0);
	mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
	choose_tints(color);
	opened = true;
	return 0;
}

void screen_close(void)
{
	if (!opened)
		return;
	endwin();
	delscreen(terminal);
	opened = false;
}

void screen_size(unsigned int *width, unsigned int *height)
{
	int w, h;

	getmaxyx(stdscr, h, w);
	*width = w > 0 ? (unsigned int)w : 0;
	*height = h > 0 ? (unsigned int)h : 0;
}

void screen_clear(void)
{
	clearok(stdscr, TRUE);
}

static attr_t look_of(const struct cell *cell)
{
	attr_t look = attributes[cell->role];

	if (cell->flags & CELL_REVERSE)
		look = (look & ~A_DIM) | A_REVERSE;
	if (cell->flags & CELL_UNDERLINE)
		look |= A_UNDERLINE | A_BOLD;
	if (cell->flags & CELL_BOLD)
		look |= A_BOLD;
	if (cell->flags & CELL_MATCH)
		look = ((look & ~A_DIM) | A_BOLD | A_UNDERLINE) ^ A_REVERSE;
	return look;
}

/* On a bar that is reversed, grey and yellow would be hard to read. */
static short pair_of(const struct cell *cell)
{
	bool on_bar = cell->flags & (CELL_REVERSE | CELL_MATCH);

	return on_bar && cell->role != ROLE_STOP ? 0 : pairs[cell->role];
}

void screen_show(const struct canvas *canvas)
{
	for (unsigned int y = 0; y < canvas->height; y++)
		for (unsigned int x = 0; x < canvas->width; x++) {
			const struct cell *cell = &canvas->cells[(size_t)y * canvas->width + x];
			wchar_t text[2] = { (wchar_t)cell->ch, L'\0' };
			cchar_t ch;

			if (cell->ch &&
			    setcchar(&ch, text, look_of(cell), pair_of(cell), NULL) == OK)
				mvadd_wch((int)y, (int)x, &ch);
		}
	refresh();
}

// clang-format off
static const struct { int curses; uint32_t key; } keys[] = {
	{ KEY_UP, TUI_KEY_UP },         { KEY_DOWN, TUI_KEY_DOWN },
	{ KEY_LEFT, TUI_KEY_LEFT },     { KEY_RIGHT, TUI_KEY_RIGHT },
	{ KEY_HOME, TUI_KEY_HOME },     { KEY_END, TUI_KEY_END },
	{ KEY_PPAGE, TUI_KEY_PAGE_UP }, { KEY_NPAGE, TUI_KEY_PAGE_DOWN },
	{ KEY_DC, TUI_KEY_DELETE },     { KEY_BACKSPACE, TUI_KEY_BACKSPACE },
	{ KEY_ENTER, TUI_KEY_ENTER },   { KEY_RESIZE, TUI_KEY_RESIZE },
};
// clang-format on

static struct tui_key mouse_key(void)
{
	struct tui_key key = { 0 };
	MEVENT event;

	if (getmouse(&event) != OK || event.x < 0 || event.y < 0)
		return key;
	key.x = (unsigned int)event.x;
	key.y = (unsigned int)event.y;
	if (event.bstate & BUTTON4_PRESSED)
		key.code = TUI_KEY_WHEEL_UP;
	else if (event.bstate & BUTTON5_PRESSED)
		key.code = TUI_KEY_WHEEL_DOWN;
	else if (event.bstate & BUTTON1_PRESSED)
		key.code = TUI_KEY_CLICK;
	return key;
}

struct tui_key screen_key(int ms)
{
	wint_t ch = 0;
	int ret;

	timeout(ms);
	ret = get_wch(&ch);
	if (ret == ERR)
		return (struct tui_key){ 0 };
	if (ret != KEY_CODE_YES)
		return (struct tui_key){ ch == 0x7f ? TUI_KEY_BACKSPACE : (uint32_t)ch, 0, 0 };
	if (ch == KEY_MOUSE)
		return mouse_key();
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if ((wint_t)keys[i].curses == ch)
			return (struct tui_key){ keys[i].key, 0, 0 };
	return (struct tui_key){ 0 };
}
