/* SPDX-License-Identifier: GPL-2.0-or-later */
/* writer.h - text for people: escaped, coloured by role, in columns */
#ifndef NFHOP_WRITER_H
#define NFHOP_WRITER_H

#include <stdint.h>
#include <stdio.h>

#include "nfhop/number.h"
#include "nfhop/str.h"

/* What a piece of text means; the colour follows from it. */
enum role {
	ROLE_PLAIN,
	ROLE_PASS,   /* got through */
	ROLE_STOP,   /* stopped */
	ROLE_UNSURE, /* lost, or not known */
	ROLE_DIM,    /* did not matter */
	ROLE_BOLD,
	ROLE_MAX
};

enum glyph {
	GLYPH_PASS,
	GLYPH_STOP,
	GLYPH_LOST,
	GLYPH_UNKNOWN,
	GLYPH_RIGHT,
	GLYPH_LEFT,
	GLYPH_TO, /* between two times */
	GLYPH_MORE,
	GLYPH_MAX
};

/* What a stretch of text is, for places without columns. What is in none is lines. */
enum section {
	SECTION_HEAD,	  /* what was read */
	SECTION_CASE,	  /* a flow, a packet, a way that several took: all that is said of it */
	SECTION_HEADLINE, /* what became of it, in a line */
	SECTION_MARK,	  /* a glyph by itself */
	SECTION_FINDING,
	SECTION_TABLE,
	SECTION_ROW,
	SECTION_CELL,
	SECTION_END, /* what a reader must know of the input */
	SECTION_MAX
};

/**
 * struct writer_sink - another place than a file: cells of a screen, a document
 * @put: @bytes (valid UTF-8 without control characters, or one line end) of @columns columns
 * @begin, @end: a section, inside of others; NULL: of no interest. @kind: words of ours that tell
 *	sections of one sort apart, "" if nothing does
 */
struct writer_sink {
	void (*put)(void *who, struct str bytes, size_t columns, enum role role);
	void *who;
	void (*begin)(void *who, enum section section, const char *kind);
	void (*end)(void *who, enum section section);
};

/**
 * struct writer - a place to write to, and where we are on the line
 * @out: NULL to measure only
 * @color, @utf8: as in struct report
 * @wrap: sentences are broken before this column
 * @fold: so are rows of tables; 0: a row is one line, however long
 * @column: columns used on this line
 * @role: of what is written now
 * @sink: where to instead of @out; NULL: there
 *
 * May be copied: writer_dry() tells how wide something would be.
 */
struct writer {
	FILE *out;
	bool color, utf8;
	size_t wrap, fold;
	size_t column;
	enum role role;
	const struct writer_sink *sink;
};

#define WRITER_READABLE 100 /* columns of sentences, where there is no terminal or a wider one */

/* writer_fit - fill in @wrap and @fold for a terminal of @width columns; 0: it is none */
void writer_fit(struct writer *writer, unsigned int width);
/* writer_dry - a copy of @writer that only measures, at column 0 */
struct writer writer_dry(const struct writer *writer);
/**
 * writer_text - somebody else's text: what could steer a terminal is shown as \xNN
 *
 * These are bytes below 0x20, 0x7f, U+0080 to U+009F and everything that is not UTF-8;
 * without writer->utf8 every byte above 0x7f.
 */
void writer_text(struct writer *writer, struct str text);
/* writer_word - a constant of ours */
void writer_word(struct writer *writer, const char *word);
/* writer_format - numbers and words of ours; never text from a log */
void writer_format(struct writer *writer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* writer_number - with thousands separators, as number_text() */
void writer_number(struct writer *writer, uint64_t number);
/* writer_count - "1 packet", "2 packets" */
void writer_count(struct writer *writer, uint64_t number, const char *one, const char *many);
void writer_glyph(struct writer *writer, enum glyph glyph);
/* writer_role - from here on; ROLE_PLAIN ends it */
void writer_role(struct writer *writer, enum role role);
/* writer_to - blanks up to @column, none if it is passed already */
void writer_to(struct writer *writer, size_t column);
void writer_line(struct writer *writer);
/* writer_begin, writer_end - what is written between them is one section */
void writer_begin(struct writer *writer, enum section section, const char *kind);
void writer_end(struct writer *writer, enum section section);
/* writer_sentence - text broken into lines between words, the next ones begin at @indent */
void writer_sentence(struct writer *writer, size_t indent, struct str text);

/**
 * utf8_length - how long the character is that @s begins with
 * Return: 1 to 4, or 0 if @s is empty or does not begin with valid UTF-8 (RFC 3629)
 */
size_t utf8_length(struct str s);
/* utf8_get - the code point of the @n bytes that utf8_length() said, not 0 */
uint32_t utf8_get(struct str s, size_t n);
/* utf8_put - the bytes of one code point; Return: how many, 1 to 4 */
size_t utf8_put(char buf[4], uint32_t ch);

#endif
