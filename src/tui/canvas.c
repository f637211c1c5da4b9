// SPDX-License-Identifier: GPL-2.0-or-later
/* canvas.c - a screen as cells, and the pen that writes text into a part of it */
#include "canvas.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <wchar.h>

#include "nfhop/tui.h"

int canvas_resize(struct canvas *canvas, unsigned int width, unsigned int height)
{
	size_t n = (size_t)width * height;
	struct cell *cells = canvas->cells;

	if (canvas->width != width || canvas->height != height || !cells) {
		cells = realloc(canvas->cells, (n ? n : 1) * sizeof(*cells));
		if (!cells) {
			canvas_finish(canvas);
			return -ENOMEM;
		}
	}
	*canvas = (struct canvas){ width, height, cells };
	for (size_t i = 0; i < n; i++)
		cells[i] = (struct cell){ ' ', ROLE_PLAIN, 0 };
	return 0;
}

void canvas_finish(struct canvas *canvas)
{
	free(canvas->cells);
	*canvas = (struct canvas){ 0 };
}

void canvas_put(struct canvas *canvas, unsigned int x, unsigned int y, uint32_t ch, uint8_t role,
		uint8_t flags)
{
	struct cell *cell;

	if (x >= canvas->width || y >= canvas->height)
		return;
	cell = &canvas->cells[(size_t)y * canvas->width + x];
	if (!cell->ch && x) /* half of a wide character does not stay */
		cell[-1].ch = ' ';
	if (x + 1 < canvas->width && !cell[1].ch)
		cell[1].ch = ' ';
	*cell = (struct cell){ ch, role, flags };
}

void canvas_flag(struct canvas *canvas, struct area area, uint8_t flags)
{
	for (unsigned int y = area.y; y < area.y + area.h && y < canvas->height; y++)
		for (unsigned int x = area.x; x < area.x + area.w && x < canvas->width; x++)
			canvas->cells[(size_t)y * canvas->width + x].flags |= flags;
}

struct area area_rows(struct area area, unsigned int n)
{
	area.h = n < area.h ? n : area.h;
	return area;
}

struct area area_from(struct area area, unsigned int n)
{
	n = n < area.h ? n : area.h;
	area.y += n;
	area.h -= n;
	return area;
}

struct area area_columns(struct area area, unsigned int x, unsigned int w)
{
	x = x < area.w ? x : area.w;
	area.x += x;
	area.w = w < area.w - x ? w : area.w - x;
	return area;
}

// clang-format off
static const struct { uint32_t utf8, ascii; } lines[LINE_COUNT] = {
	[LINE_H]            = { 0x2500, '-' },
	[LINE_V]            = { 0x2502, '|' },
	[LINE_TOP_LEFT]     = { 0x250c, '+' },
	[LINE_TOP_RIGHT]    = { 0x2510, '+' },
	[LINE_BOTTOM_LEFT]  = { 0x2514, '+' },
	[LINE_BOTTOM_RIGHT] = { 0x2518, '+' },
	[LINE_HEAVY_H]      = { 0x2501, '=' },
	[LINE_HEAVY_V]      = { 0x2503, '#' },
	[LINE_FORK]         = { 0x252c, '+' },
	[LINE_HEAVY_FORK]   = { 0x2533, '+' },
	[LINE_RIGHT]        = { 0x25b6, '>' },
	[LINE_DOWN]         = { 0x25bc, 'V' },
	[LINE_UP]           = { 0x25b2, 'A' },
	[LINE_CUT]          = { 0x2026, '>' },
	[LINE_CURSOR]       = { 0x25b8, '>' },
};
// clang-format on

uint32_t line_char(enum stroke line, bool utf8)
{
	return utf8 ? lines[line].utf8 : lines[line].ascii;
}

/* What is narrower than a column would push everything else out of line. */
static uint32_t visible(uint32_t ch)
{
	return ch < 0x7f || wcwidth((wchar_t)ch) > 0 ? ch : '?';
}

static void pen_put(struct pen *pen, uint32_t ch)
{
	const struct area *a = &pen->area;
	unsigned int n = ch < 0x7f || wcwidth((wchar_t)ch) < 2 ? 1 : 2;

	if (pen->y >= a->h)
		return;
	if (pen->x + n <= a->w) {
		canvas_put(pen->canvas, a->x + pen->x, a->y + pen->y, ch, (uint8_t)pen->w.role,
			   pen->flags);
		if (n == 2)
			canvas_put(pen->canvas, a->x + pen->x + 1, a->y + pen->y, 0,
				   (uint8_t)pen->w.role, pen->flags);
	} else if (a->w && ch != ' ') {
		canvas_put(pen->canvas, a->x + a->w - 1, a->y + pen->y,
			   line_char(LINE_CUT, pen->w.utf8), ROLE_DIM, pen->flags);
	}
	pen->x += n;
}

static void pen_sink(void *who, struct str s, size_t columns, enum role role)
{
	struct pen *pen = who;

	(void)columns;
	(void)role;
	while (s.n) {
		size_t n = utf8_length(s);

		if (!n)
			return;
		if (*s.p == '\n') {
			pen->x = 0;
			pen->y++;
		} else {
			pen_put(pen, visible(utf8_get(s, n)));
		}
		s = str_skip(s, n);
	}
}

void pen_init(struct pen *pen, struct canvas *canvas, struct area area, bool utf8)
{
	*pen = (struct pen){ .canvas = canvas, .area = area, .sink = { pen_sink, pen } };
	pen->w = (struct writer){ .utf8 = utf8, .wrap = area.w, .sink = &pen->sink };
}

void pen_at(struct pen *pen, unsigned int x, unsigned int y)
{
	pen->x = x;
	pen->y = y;
	pen->w.column = x;
}

void pen_line(struct pen *pen, enum stroke line)
{
	pen_put(pen, line_char(line, pen->w.utf8));
	pen->w.column++;
}

void pen_format(struct pen *pen, const char *format, ...)
{
	char buf[512];
	va_list args;

	va_start(args, format);
	vsnprintf(buf, sizeof(buf), format, args);
	va_end(args);
	writer_word(&pen->w, buf);
}

static void print_char(FILE *out, uint32_t ch)
{
	char buf[4];

	fwrite(buf, 1, utf8_put(buf, ch), out);
}

/* One letter for how a cell looks: what is searched for, then the cursor, then the meaning. */
static char style_letter(const struct cell *cell)
{
	static const char letters[ROLE_MAX] = {
		[ROLE_PLAIN] = ' ',  [ROLE_PASS] = 'p', [ROLE_STOP] = 's',
		[ROLE_UNSURE] = 'u', [ROLE_DIM] = 'd',	[ROLE_BOLD] = 'b',
	};

	if (cell->flags & CELL_MATCH)
		return 'M';
	if (cell->flags & CELL_UNDERLINE)
		return '_';
	if (cell->flags & CELL_REVERSE)
		return 'R';
	return cell->flags & CELL_BOLD ? 'b' : letters[cell->role];
}

static void print_row(const struct cell *row, unsigned int width, FILE *out, bool styles)
{
	while (width && (styles ? style_letter(&row[width - 1]) == ' ' : row[width - 1].ch == ' '))
		width--;
	for (unsigned int x = 0; x < width; x++)
		if (styles || row[x].ch)
			print_char(out, styles ? (uint32_t)style_letter(&row[x]) : row[x].ch);
	putc('\n', out);
}

void canvas_print(const struct canvas *canvas, FILE *out, bool styles)
{
	for (unsigned int y = 0; y < canvas->height; y++)
		print_row(&canvas->cells[(size_t)y * canvas->width], canvas->width, out, styles);
}
