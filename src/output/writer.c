// SPDX-License-Identifier: GPL-2.0-or-later
/* writer.c - text for people: escaped, coloured by role, in columns */
#include "nfhop/writer.h"

#include <inttypes.h>
#include <stdarg.h>

#define FIT_LEAST 40 /* narrower ones are left to fold lines by themselves */

// clang-format off
static const char *const colors[ROLE_MAX] = {
	[ROLE_PLAIN]  = "\033[0m",
	[ROLE_PASS]   = "\033[32m",
	[ROLE_STOP]   = "\033[1;31m",
	[ROLE_UNSURE] = "\033[33m",
	[ROLE_DIM]    = "\033[2m",
	[ROLE_BOLD]   = "\033[1m",
};

static const struct { const char *utf8, *ascii; } glyphs[GLYPH_MAX] = {
	[GLYPH_PASS]    = { "✓", "v" },
	[GLYPH_STOP]    = { "x", "x" },
	[GLYPH_LOST]    = { "~", "~" },
	[GLYPH_UNKNOWN] = { "?", "?" },
	[GLYPH_RIGHT]   = { "→", "->" },
	[GLYPH_LEFT]    = { "←", "<-" },
	[GLYPH_TO]      = { "–", "-" },
	[GLYPH_MORE]    = { "…", "..." },
};
// clang-format on

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* RFC 3629 section 4: which second bytes are allowed after a first one. */
static const struct {
	unsigned char first, last, low, high;
	size_t length;
} leads[] = {
	{ 0x00, 0x7f, 0x00, 0x00, 1 }, { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
	{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

static bool rest_is_valid(struct str s, size_t length, unsigned char low, unsigned char high)
{
	unsigned char second;

	if (length == 1)
		return true;
	if (s.n < length)
		return false;
	second = (unsigned char)s.p[1];
	if (second < low || second > high)
		return false;
	for (size_t i = 2; i < length; i++)
		if (!is_continuation(s.p[i]))
			return false;
	return true;
}

size_t utf8_length(struct str s)
{
	unsigned char first = s.n ? (unsigned char)*s.p : 0;

	if (!s.n)
		return 0;
	for (size_t i = 0; i < sizeof(leads) / sizeof(*leads); i++)
		if (first >= leads[i].first && first <= leads[i].last)
			return rest_is_valid(s, leads[i].length, leads[i].low, leads[i].high)
				       ? leads[i].length
				       : 0;
	return 0;
}

size_t utf8_put(char buf[4], uint32_t ch)
{
	size_t n = ch < 0x80 ? 1 : ch < 0x800 ? 2 : ch < 0x10000 ? 3 : 4;

	for (size_t i = n; i-- > 1; ch >>= 6)
		buf[i] = (char)(0x80 | (ch & 0x3f));
	buf[0] = (char)(n == 1 ? ch : ch | (0xf00u >> n & 0xff));
	return n;
}

uint32_t utf8_get(struct str s, size_t n)
{
	static const unsigned char masks[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t ch = (unsigned char)s.p[0] & masks[n];

	for (size_t i = 1; i < n; i++)
		ch = ch << 6 | ((unsigned char)s.p[i] & 0x3f);
	return ch;
}

/* U+0080 to U+009F: 8-bit terminals take them for control sequences. */
static bool is_c1(struct str s)
{
	return s.n >= 2 && (unsigned char)s.p[0] == 0xc2 && (unsigned char)s.p[1] < 0xa0;
}

/*
 * What turns the direction of writing (U+061C, U+200E and F, U+202A to E, U+2066 to 9) would show
 * words in another order than they stand in: a comment could look like another rule.
 */
static bool turns_direction(struct str s)
{
	static const char *const marks[] = {
		"\u061c", "\u200e", "\u200f", "\u202a", "\u202b", "\u202c",
		"\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069",
	};

	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		if (str_starts(s, str_from(marks[i])))
			return true;
	return false;
}

/* Unicode's EastAsianWidth.txt, W and F, in whole blocks; wcwidth(3) would ask the locale. */
static size_t columns_of(uint32_t ch)
{
	static const struct {
		uint32_t first, last;
	} wide[] = {
		{ 0x1100, 0x115f },   { 0x2e80, 0x303e },   { 0x3041, 0xa4cf },
		{ 0xac00, 0xd7a3 },   { 0xf900, 0xfaff },   { 0xfe30, 0xfe6f },
		{ 0xff01, 0xff60 },   { 0xffe0, 0xffe6 },   { 0x1f300, 0x1f64f },
		{ 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd },
	};

	for (size_t i = 0; i < sizeof(wide) / sizeof(*wide); i++)
		if (ch >= wide[i].first && ch <= wide[i].last)
			return 2;
	return 1;
}

static bool is_plain(char c)
{
	return c >= 0x20 && c < 0x7f;
}

static void put(struct writer *writer, struct str s, size_t columns)
{
	if (writer->sink)
		writer->sink->put(writer->sink->who, s, columns, writer->role);
	else if (writer->out && s.n)
		fwrite_unlocked(s.p, 1, s.n, writer->out);
	writer->column += columns;
}

static void put_escaped(struct writer *writer, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char hex[8];

		snprintf(hex, sizeof(hex), "\\x%02X", (unsigned char)s.p[i]);
		put(writer, (struct str){ hex, 4 }, 4);
	}
}

/* Our own sentences have arrows and dashes in them; a terminal without UTF-8 gets its own. */
static bool put_as_glyph(struct writer *writer, struct str s)
{
	for (size_t i = 0; i < GLYPH_MAX; i++)
		if (str_eq(s, str_from(glyphs[i].utf8))) {
			writer_glyph(writer, (enum glyph)i);
			return true;
		}
	return false;
}

/* One character that is not plain ASCII. Return: how many bytes it took */
static size_t put_special(struct writer *writer, struct str s)
{
	size_t n = utf8_length(s);

	if (n <= 1 || is_c1(s) || turns_direction(s))
		put_escaped(writer, str_first(s, n ? n : 1));
	else if (writer->utf8)
		put(writer, str_first(s, n), columns_of(utf8_get(s, n)));
	else if (!put_as_glyph(writer, str_first(s, n)))
		put_escaped(writer, str_first(s, n));
	return n ? n : 1;
}

void writer_text(struct writer *writer, struct str text)
{
	while (text.n) {
		size_t n = 0;

		while (n < text.n && is_plain(text.p[n]))
			n++;
		put(writer, str_first(text, n), n);
		text = str_skip(text, n);
		if (text.n)
			text = str_skip(text, put_special(writer, text));
	}
}

void writer_word(struct writer *writer, const char *word)
{
	writer_text(writer, str_from(word));
}

void writer_format(struct writer *writer, const char *format, ...)
{
	char buf[256];
	va_list args;

	va_start(args, format);
	vsnprintf(buf, sizeof(buf), format, args);
	va_end(args);
	writer_word(writer, buf);
}

void writer_number(struct writer *writer, uint64_t number)
{
	struct number_text text = number_text(number);
	struct str s = str_from(text.s);

	put(writer, s, s.n);
}

void writer_count(struct writer *writer, uint64_t number, const char *one, const char *many)
{
	writer_number(writer, number);
	writer_word(writer, " ");
	writer_word(writer, number == 1 ? one : many);
}

void writer_glyph(struct writer *writer, enum glyph glyph)
{
	struct str s = str_from(writer->utf8 ? glyphs[glyph].utf8 : glyphs[glyph].ascii);

	put(writer, s, writer->utf8 ? 1 : s.n);
}

void writer_role(struct writer *writer, enum role role)
{
	if (!(writer->color || writer->sink) || role == writer->role)
		return;
	writer->role = role;
	if (!writer->sink)
		put(writer, str_from(colors[role]), 0);
}

void writer_to(struct writer *writer, size_t column)
{
	while (writer->column < column)
		put(writer, STR(" "), 1);
}

void writer_line(struct writer *writer)
{
	put(writer, STR("\n"), 0);
	writer->column = 0;
}

void writer_begin(struct writer *writer, enum section section, const char *kind)
{
	if (writer->sink && writer->sink->begin)
		writer->sink->begin(writer->sink->who, section, kind);
}

void writer_end(struct writer *writer, enum section section)
{
	if (writer->sink && writer->sink->end)
		writer->sink->end(writer->sink->who, section);
}

void writer_fit(struct writer *writer, unsigned int width)
{
	bool known = width >= FIT_LEAST;

	writer->wrap = known && width < WRITER_READABLE ? width : WRITER_READABLE;
	writer->fold = known ? width : 0;
}

struct writer writer_dry(const struct writer *writer)
{
	return (struct writer){ .utf8 = writer->utf8, .wrap = writer->wrap };
}

static size_t width_of(const struct writer *writer, struct str text)
{
	struct writer dry = writer_dry(writer);

	writer_text(&dry, text);
	return dry.column;
}

void writer_sentence(struct writer *writer, size_t indent, struct str text)
{
	bool first = true;

	while (text.n) {
		const char *blank = memchr(text.p, ' ', text.n);
		struct str word = blank ? str_between(text.p, blank) : text;

		if (!first && writer->column + 1 + width_of(writer, word) > writer->wrap) {
			writer_line(writer);
			writer_to(writer, indent);
			first = true;
		}
		if (!first)
			writer_word(writer, " ");
		writer_text(writer, word);
		first = false;
		text = str_skip(text, word.n + 1);
	}
}
