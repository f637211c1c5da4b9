/* SPDX-License-Identifier: GPL-2.0-or-later */
/* canvas.h - a screen as cells, and a pen that writes into a part of it */
#ifndef TUI_CANVAS_H
#define TUI_CANVAS_H

#include "nfhop/writer.h"

/* struct cell, flags */
enum {
	CELL_REVERSE = 1 << 0,	 /* bars, and the line that the cursor is on */
	CELL_UNDERLINE = 1 << 1, /* what is wrong in a filter */
	CELL_MATCH = 1 << 2,	 /* what a search found */
	CELL_BOLD = 1 << 3,
};

/* struct cell - one column; @ch: 0: it belongs to the wide character to its left */
struct cell {
	uint32_t ch;
	uint8_t role, flags;
};

/* struct canvas - @cells: @width * @height of them, line by line */
struct canvas {
	unsigned int width, height;
	struct cell *cells;
};

/* struct area - a rectangle of a canvas */
struct area {
	unsigned int x, y, w, h;
};

/* canvas_resize - blank, of this size; Return: 0 or -ENOMEM (then it has no cells) */
int canvas_resize(struct canvas *canvas, unsigned int width, unsigned int height);
void canvas_finish(struct canvas *canvas);

/* canvas_put - one character; outside of the canvas nothing happens */
void canvas_put(struct canvas *canvas, unsigned int x, unsigned int y, uint32_t ch, uint8_t role,
		uint8_t flags);
/* canvas_flag - set @flags on a piece of a line */
void canvas_flag(struct canvas *canvas, struct area area, uint8_t flags);

/* area_rows, area_from - the first @n rows of an area, and what is left of it below them */
struct area area_rows(struct area area, unsigned int n);
struct area area_from(struct area area, unsigned int n);
/* area_columns - @w columns of it, from column @x on */
struct area area_columns(struct area area, unsigned int x, unsigned int w);

/* Lines and symbols that the writer does not have. */
enum stroke {
	LINE_H,
	LINE_V,
	LINE_TOP_LEFT,
	LINE_TOP_RIGHT,
	LINE_BOTTOM_LEFT,
	LINE_BOTTOM_RIGHT,
	LINE_HEAVY_H,
	LINE_HEAVY_V,
	LINE_FORK,
	LINE_HEAVY_FORK,
	LINE_RIGHT, /* arrow heads */
	LINE_DOWN,
	LINE_UP,
	LINE_CUT,    /* there is more text than room */
	LINE_CURSOR, /* where something is hit */
	LINE_COUNT
};

uint32_t line_char(enum stroke line, bool utf8);

/**
 * struct pen - writes text into an area: a writer, clipped
 * @w: for the text_*() and writer_*() functions; a line end goes to the next line of the area
 * @flags: of the cells that are written from now on
 *
 * It holds a pointer to itself: not to be copied.
 */
struct pen {
	struct canvas *canvas;
	struct area area;
	unsigned int x, y;
	uint8_t flags;
	struct writer_sink sink;
	struct writer w;
};

/* pen_init - at the area's upper left corner */
void pen_init(struct pen *pen, struct canvas *canvas, struct area area, bool utf8);
/* pen_at - go to this place of the area */
void pen_at(struct pen *pen, unsigned int x, unsigned int y);
/* pen_line - one symbol */
void pen_line(struct pen *pen, enum stroke line);
/* pen_format - a line of numbers and words of ours at @x, @y */
void pen_format(struct pen *pen, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
