/* SPDX-License-Identifier: GPL-2.0-or-later */
/* expect.c - files of expectations, line by line */
#include "nfhop/expect.h"

#include <errno.h>
#include <stdlib.h>

#include "lex.h"
#include "nfhop/grow.h"
#include "nfhop/guess.h"

#define QUANTITY "some, all, none, a number or a range as 3..5, perhaps behind a name and a colon"

/* Offset of the first @mark outside quotes whose neighbour to the left is a blank, or s.n */
static size_t find_mark(struct str s, struct str mark)
{
	for (size_t i = 0; i < s.n; i++) {
		struct str rest = str_skip(s, i);
		size_t quoted = *rest.p == '"' ? quoted_length(rest) : 0;

		if (quoted)
			i += quoted - 1;
		else if (str_starts(rest, mark) && (!i || s.p[i - 1] == ' ' || s.p[i - 1] == '\t'))
			return i;
	}
	return s.n;
}

static struct str trim(struct str s)
{
	while (s.n && s.p[s.n - 1] == '\r')
		s.n--;
	return str_trim_left(str_trim_right(s));
}

static struct str first_word(struct str s)
{
	size_t n = 0;

	while (n < s.n && s.p[n] != ' ' && s.p[n] != '\t')
		n++;
	return str_first(s, n);
}

#define DIGITS_MAX 18

static bool take_number(struct str *s, uint64_t *number)
{
	size_t n = 0;

	*number = 0;
	for (; n < s->n && s->p[n] >= '0' && s->p[n] <= '9'; n++)
		if (n < DIGITS_MAX)
			*number = *number * 10 + (uint64_t)(s->p[n] - '0');
	*s = str_skip(*s, n);
	return n && n <= DIGITS_MAX;
}

/* 3, 3..5, 3.., ..5 */
static bool read_range(struct str word, struct expectation *e)
{
	bool from = take_number(&word, &e->min), to;

	e->max = e->min;
	if (!word.n)
		return from;
	if (!str_starts(word, STR("..")))
		return false;
	word = str_skip(word, 2);
	to = take_number(&word, &e->max);
	if (!to)
		e->max = EXPECT_MANY;
	return !word.n && (from || to) && e->min <= e->max;
}

static bool read_quantity(struct str word, struct expectation *e)
{
	static const struct {
		const char *word;
		bool all;
		uint64_t min, max;
	} words[] = {
		{ "all", true, 1, EXPECT_MANY },
		{ "some", false, 1, EXPECT_MANY },
		{ "none", false, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!str_eq(word, str_from(words[i].word)))
			continue;
		e->all = words[i].all;
		e->min = words[i].min;
		e->max = words[i].max;
		return true;
	}
	return read_range(word, e);
}

/**
 * struct reader - one line of a file
 * @given: the file as it is; all->text is as long, but lines that go on are one there
 */
struct reader {
	struct expectations *all;
	struct str given;
	struct expect_error err;
	void (*wrong)(void *who, const struct expect_error *err);
	void *who;
	bool bad;
};

/* Of a line that goes on, the part of it that is wrong stands in one line of the file. */
static int complain(struct reader *r, struct str part)
{
	size_t at = (size_t)(part.p - r->all->text), start = at;
	struct expect_error err = r->err;

	while (start && r->given.p[start - 1] != '\n')
		start--;
	for (size_t i = (size_t)(r->err.text.p - r->all->text); i < start; i++)
		err.line += r->given.p[i] == '\n';
	err.text = str_skip(r->given, start);
	err.text.n = str_find(err.text, STR("\n"));
	err.what.at = at - start;
	err.what.n = part.n < err.text.n - err.what.at ? part.n : err.text.n - err.what.at;
	r->bad = true;
	r->wrong(r->who, &err);
	return 0;
}

static int expected(struct reader *r, struct str part, const char *what)
{
	r->err.what = (struct query_error){ 0 };
	snprintf(r->err.what.expected, sizeof(r->err.what.expected), "%s", what);
	return complain(r, part);
}

/* What stands where a quantity should: the word behind the first colon, else the first word. */
static int no_quantity(struct reader *r, struct str rest)
{
	static const char *const words[] = { "some", "all", "none" };
	static const struct {
		const char *word, *meant;
	} others[] = {
		{ "any", "some" },  { "one", "1" },    { "once", "1" },
		{ "every", "all" }, { "each", "all" }, { "always", "all" },
		{ "no", "none" },   { "not", "none" }, { "never", "none" },
	};
	size_t colon = str_find(rest, STR(": "));
	struct str word =
		first_word(str_trim_left(colon < rest.n ? str_skip(rest, colon + 2) : rest));
	char copy[16];
	struct guess guess;

	snprintf(copy, sizeof(copy), "%.*s", word.n < sizeof(copy) ? (int)word.n : 0,
		 word.n ? word.p : "");
	guess = guess_start(copy);
	for (size_t i = 0; *copy && i < sizeof(words) / sizeof(*words); i++)
		guess_consider(&guess, words[i]);
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (!strcmp(copy, others[i].word))
			guess.best = others[i].meant;
	r->err.what = (struct query_error){ .expected = QUANTITY, .guess = guess.best };
	return complain(r, word);
}

static struct str word_behind(struct str s, size_t at)
{
	return first_word(str_trim_left(str_skip(s, at)));
}

/* Offset of the colon that ends the name: the first before a quantity; s.n if there is none */
static size_t name_end(struct str s, struct expectation *e)
{
	for (size_t i = 0; i < s.n; i++) {
		struct str rest = str_skip(s, i);
		size_t quoted = *rest.p == '"' ? quoted_length(rest) : 0;

		if (quoted)
			i += quoted - 1;
		else if (str_starts(rest, STR("=>")))
			break;
		else if (*rest.p == ':' && read_quantity(word_behind(s, i + 1), e))
			return i;
	}
	return s.n;
}

/* Takes the name and the quantity off @rest. A name may begin with a quantity's word, too. */
static bool read_head(struct str *rest, struct expectation *e)
{
	size_t end = name_end(*rest, e);
	struct str word = word_behind(*rest, end < rest->n ? end + 1 : 0);

	if (end < rest->n)
		e->name = str_trim_right(str_first(*rest, end));
	else if (!read_quantity(word, e))
		return false;
	*rest = str_skip(*rest, (size_t)(word.p - rest->p));
	e->text = *rest;
	*rest = str_trim_left(str_skip(*rest, word.n));
	return true;
}

static int read_filter(struct reader *r, struct str text, struct str otherwise, struct query **q)
{
	int ret = query_parse(text, q, &r->err.what);
	struct str part = { text.p + r->err.what.at, r->err.what.n };

	if (ret != -EINVAL)
		return ret;
	return complain(r, part.n || !otherwise.n ? part : otherwise);
}

static int keep(struct expectations *all, const struct expectation *e)
{
	struct expectation *at = array_grow(all->at, all->n, &all->cap, sizeof(*at));

	if (!at)
		return -ENOMEM;
	all->at = at;
	at[all->n++] = *e;
	return 0;
}

/* Other arrows, as people write them; empty at the end of @rest if there is none. */
static struct str other_arrow(struct str rest)
{
	static const struct str arrows[] = { { "->", 2 }, { "-->", 3 }, { "==>", 3 } };

	for (size_t i = 0; i < sizeof(arrows) / sizeof(*arrows); i++) {
		size_t at = find_mark(rest, arrows[i]);

		if (at < rest.n)
			return str_first(str_skip(rest, at), arrows[i].n);
	}
	return str_skip(rest, rest.n);
}

static int read_line(struct reader *r, struct str line)
{
	struct expectation e = { .line = r->err.line };
	struct str rest = trim(str_first(line, find_mark(line, STR("#")))), arrow, then;
	int ret;

	r->err.text = line;
	if (!rest.n)
		return 0;
	if (!read_head(&rest, &e))
		return no_quantity(r, rest);
	arrow = str_skip(rest, find_mark(rest, STR("=>")));
	if (!arrow.n)
		return expected(r, other_arrow(rest), "=> and what is to hold then");
	arrow.n = 2;
	then = str_trim_left(str_between(arrow.p + 2, rest.p + rest.n));
	rest = str_trim_right(str_between(rest.p, arrow.p));
	ret = read_filter(r, rest, arrow, &e.select);
	if (!ret && e.select)
		ret = read_filter(r, then, (struct str){ NULL, 0 }, &e.then);
	if (!ret && e.then)
		ret = keep(r->all, &e);
	if (ret || !e.then) {
		query_destroy(e.select);
		query_destroy(e.then);
	}
	return ret;
}

/* A backslash at the end of a line that has no comment: the next line belongs to it. */
static void join_lines(char *text, size_t size)
{
	for (size_t start = 0, end; start < size; start = end + 1) {
		struct str line = { text + start, size - start };

		line.n = str_find(line, STR("\n"));
		end = start + line.n;
		if (end == size || !str_ends(line, STR("\\")) || find_mark(line, STR("#")) < line.n)
			continue;
		text[end - 1] = text[end] = ' ';
		end = start - 1; /* once more, as one line */
	}
}

int expectations_parse(struct expectations *all, const char *file, struct str text,
		       void (*wrong)(void *who, const struct expect_error *err), void *who)
{
	struct reader r = { .all = all, .wrong = wrong, .who = who };
	struct str rest;
	int ret = 0;

	*all = (struct expectations){ .file = file, .text = malloc(text.n + 1) };
	if (!all->text)
		return -ENOMEM;
	if (text.n)
		memcpy(all->text, text.p, text.n);
	join_lines(all->text, text.n);
	r.given = text;
	r.err.line = 1;
	rest = (struct str){ all->text, text.n };
	while (rest.n && !ret) {
		struct str line = str_first(rest, str_find(rest, STR("\n")));
		size_t from = (size_t)(line.p - all->text);

		ret = read_line(&r, line);
		rest = str_skip(rest, line.n + 1);
		for (size_t i = from; i < from + line.n + 1 && i < text.n; i++)
			r.err.line += text.p[i] == '\n';
	}
	return ret ? ret : r.bad ? -EINVAL : 0;
}

void expectations_finish(struct expectations *all)
{
	for (size_t i = 0; i < all->n; i++) {
		query_destroy(all->at[i].select);
		query_destroy(all->at[i].then);
	}
	free(all->at);
	free(all->text);
	*all = (struct expectations){ 0 };
}
