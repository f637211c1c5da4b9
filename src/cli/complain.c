// SPDX-License-Identifier: GPL-2.0-or-later
/* complain.c - what goes to standard error, with the offending word underlined */
#include "cli.h"

#include <stdarg.h>
#include <stdio.h>

#define BEFORE 3 /* words shown on either side of the one that is meant */
#define AFTER  2

#define LINE_WIDTH 100 /* bytes of a file's line that are shown */
#define BEFORE_AT  60  /* of them, before what is wrong */
static void (*into)(void *who, const char *text);
static void *into_who;

void complain_into(void (*to)(void *who, const char *text), void *who)
{
	into = to;
	into_who = who;
}

static void complain_list(const char *format, va_list args)
{
	char text[4096];

	/* names of files, tables and sources may hold anything */
	vsnprintf(text, sizeof(text), format, args);
	for (char *p = text; *p; p++)
		if (((unsigned char)*p < ' ' && *p != '\n') || *p == 0x7f)
			*p = '?';
	if (into) {
		into(into_who, text);
		return;
	}
	fflush(stdout);
	fprintf(stderr, "nfhop: %s\n", text);
}

void complain(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain_list(format, args);
	va_end(args);
}

static bool is_in(const char *part, const char *word)
{
	uintptr_t at = (uintptr_t)part, start = (uintptr_t)word;

	return at >= start && at <= start + strlen(word);
}

/* Return: which of @words @part points into, or how many there are */
static size_t word_at(char *const *words, const char *part)
{
	size_t i = 0;

	while (words[i] && !is_in(part, words[i]))
		i++;
	return i;
}

/* Would a shell take it apart? */
static bool needs_quotes(const char *word)
{
	return !*word || word[strcspn(word, " \t\"\\(){}<>&|!*?~$;#`")];
}

/* Return: the column at which word number @at began */
static int print_words(char *const *words, size_t at)
{
	size_t from = at > BEFORE ? at - BEFORE : 0, i;
	int column = fprintf(stderr, "    %s", from ? "... " : ""), found = column;

	for (i = from; words[i] && i <= at + AFTER; i++) {
		const char *quote = needs_quotes(words[i]) ? "'" : "";

		if (i == at)
			found = column + (int)strlen(quote);
		column += fprintf(stderr, "%s%s%s%s", quote, words[i], quote,
				  words[i + 1] ? " " : "");
	}
	fprintf(stderr, "%s\n", words[i] ? "..." : "");
	return found;
}

static void underline(char *const *words, const char *part, size_t n)
{
	size_t at = word_at(words, part);
	int column;

	if (!words[at])
		return;
	column = print_words(words, at) + (int)(part - words[at]);
	fprintf(stderr, "%*s^", column, "");
	while (n-- > 1)
		fputc('~', stderr);
	fputc('\n', stderr);
}

static void put_clean(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		fputc(c == '\t' ? ' ' : c < ' ' || c == 0x7f ? '?' : c, stderr);
	}
}

/* How many columns the bytes take: of UTF-8 only the first of each character counts. */
static int columns_of(struct str s)
{
	int n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

void complain_line(const char *file, unsigned int line, struct str text, size_t at, size_t n,
		   const char *message)
{
	size_t from = at > BEFORE_AT ? at - BEFORE_AT : 0;
	struct str shown = str_first(str_skip(text, from), LINE_WIDTH);
	const char *more = from ? "..." : "";

	complain("%s:%u:%zu: %s", file, line, at + 1, message);
	fprintf(stderr, "    %s", more);
	put_clean(shown);
	fprintf(stderr, "%s\n    %*s^", from + shown.n < text.n ? "..." : "",
		(int)strlen(more) + columns_of(str_first(shown, at - from)), "");
	for (int i = columns_of(str_first(str_skip(text, at), n)); i > 1; i--)
		fputc('~', stderr);
	fputc('\n', stderr);
}

void complain_at(char *const *words, const char *part, size_t n, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain_list(format, args);
	va_end(args);
	underline(words, part, n);
}
