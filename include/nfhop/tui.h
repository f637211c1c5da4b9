/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tui.h - the interactive view: keys in, screens out, from a model that somebody else feeds */
#ifndef NFHOP_TUI_H
#define NFHOP_TUI_H

#include <stdio.h>

#include "nfhop/model.h"

/* Keys are Unicode code points, control characters as a terminal sends them, or one of these. */
enum {
	TUI_KEY_UP = 0x200000,
	TUI_KEY_DOWN,
	TUI_KEY_LEFT,
	TUI_KEY_RIGHT,
	TUI_KEY_HOME,
	TUI_KEY_END,
	TUI_KEY_PAGE_UP,
	TUI_KEY_PAGE_DOWN,
	TUI_KEY_DELETE,
	TUI_KEY_BACKSPACE,
	TUI_KEY_WHEEL_UP,
	TUI_KEY_WHEEL_DOWN,
	TUI_KEY_CLICK, /* @x, @y: where */
	TUI_KEY_RESIZE,
};

#define TUI_KEY_ENTER  '\r'
#define TUI_KEY_ESCAPE 0x1b
#define TUI_CTRL(c)    ((c)&0x1f)

/* struct tui_key - one key, or one thing that the mouse did; @code 0: nothing */
struct tui_key {
	uint32_t code;
	unsigned int x, y;
};

/* tui_key_named - the key that a help text calls @name: "Enter", "Down", "^D", "j"; 0: none */
uint32_t tui_key_named(struct str name);

/* What `w` saves of the packets that the view is on. */
enum tui_save { TUI_SAVE_RECORDING, TUI_SAVE_EXPECTATION };

/**
 * struct tui_host - what the program does for the view
 * @arm: trace what fits @filter from now on, instead of what was traced; "" ends tracing.
 *	NULL: there is nothing live to trace.
 * @save: write to @file. Of TUI_SAVE_EXPECTATION @text is added to its end, of
 *	TUI_SAVE_RECORDING the records of @flow go there.
 * Both answer 0, or -errno with a sentence in @err.
 */
struct tui_host {
	void *who;
	int (*arm)(void *who, const char *filter, char *err, size_t n);
	int (*save)(void *who, enum tui_save what, const char *file, const struct flow *flow,
		    const char *text, char *err, size_t n);
};

/**
 * struct tui_news - what only the program knows, as of now
 * @sources: what is read, in a few words; valid as long as the view
 * @live: packets come from this host's kernel, or from a file that is followed
 * @reading: more may come
 * @percent: of the files, read so far; -1 if nobody knows
 * @rate: events a second, of late
 * @memory: bytes that the program holds; 0: not known
 * @now: for ages, by the clock that stamps have; nothing in it: the newest stamp
 * @trace: the filter that is being traced, "" if none
 */
struct tui_news {
	const char *sources;
	bool live, reading;
	int percent;
	uint64_t rate, memory;
	struct stamp now;
	const char *trace;
};

struct tui;
struct canvas;

/**
 * tui_create - a view of @model (heap), which must outlive it
 * @host: copied
 * @utf8: symbols may be used; else ASCII stands in
 * Return: NULL if there is no memory
 */
struct tui *tui_create(const struct model *model, const struct tui_host *host, bool utf8);
void tui_destroy(struct tui *tui);

/* tui_tell - a sentence of the program's, until the next key */
void tui_tell(struct tui *tui, const char *text);
/* tui_filter - show only what @text, a filter that is known to be good, holds for */
void tui_filter(struct tui *tui, const char *text);

/**
 * tui_tick - the model may have changed, time went on: take it in
 * Bounded work: Return: true if there is more to do, so that it should be called again soon
 */
bool tui_tick(struct tui *tui, const struct tui_news *news);

/* tui_key - do what @key asks for; Return: false if it asks to end */
bool tui_key(struct tui *tui, const struct tui_key *key);

/* tui_draw - Return: the screen as it should be now; the view's own, valid until the next call */
const struct canvas *tui_draw(struct tui *tui, unsigned int width, unsigned int height);

/* canvas_print - the screen as text, without blanks at line ends; @styles: how it is coloured */
void canvas_print(const struct canvas *canvas, FILE *out, bool styles);

/* The terminal. One at a time: ncurses knows no other way. */

/**
 * screen_open - take over the terminal
 * @in: where keys come from; @out: the terminal
 * @color: colours may be used, as far as the terminal has any
 * Return: 0, or -ENOTTY if this terminal cannot show screens
 */
int screen_open(FILE *in, FILE *out, bool color);
void screen_close(void);
void screen_size(unsigned int *width, unsigned int *height);
void screen_show(const struct canvas *canvas);
/* screen_clear - draw everything anew with the next screen_show() */
void screen_clear(void);
/* screen_key - wait at most @ms for a key; Return: code 0 if none came */
struct tui_key screen_key(int ms);

#endif
