// SPDX-License-Identifier: GPL-2.0-or-later
/* decode.c - a block of text becomes a batch: lines in known forms, foreign lines, records */
#include <errno.h>
#include <sys/types.h>

#include "nfhop/bulk.h"
#include "nfhop/split.h"

#define LONGEST ((size_t)16 << 20) /* as source_next() has it: what is that long is cut */

/* is_line - does no record but a line begin so? (split.h says what the others are) */
static bool is_line(struct str s)
{
	static const char fronts[] = " \t,[\x1e";
	size_t at = 0;

	switch (*s.p) {
	case '\0':
	case '\xef':
	case '_':
	case '{':
		return false;
	case 'M':
		return !str_starts(s, STR("MESSAGE="));
	case 'P':
		return !str_starts(s, STR("PRIORITY="));
	case 'S':
		return !str_starts(s, STR("SYSLOG_IDENTIFIER="));
	case 'd':
		return !str_starts(s, STR("data: "));
	default:
		break;
	}
	while (at < s.n && memchr(fronts, s.p[at], sizeof(fronts) - 1))
		at++;
	return at < s.n && s.p[at] != '{';
}

/* take_line - Return: how many bytes it has, 0 if it is no line that can be dealt with here */
static size_t take_line(struct quick *quick, struct batch *b, size_t at)
{
	struct str rest = str_skip(b->text, at), line;
	const char *end;

	if (!is_line(rest))
		return 0;
	end = memchr(rest.p, '\n', rest.n);
	if (!end)
		return 0;
	line = str_between(rest.p, end);
	if (!quick_line(quick, line) && (!quick_foreign(line) || !batch_other(b, at, line.n, 1)))
		return 0;
	b->n_lines++;
	return line.n + 1;
}

/* take_record - Return: how many bytes it has, 0 if it is not finished; -ENOMEM */
static ssize_t take_record(struct batch *b, size_t at, bool ended)
{
	struct split split = { .line = b->n_lines, .offset = at };
	struct str rest = str_skip(b->text, at);
	struct record rec;
	size_t n = split_next(&split, rest, ended || rest.n >= LONGEST, &rec);

	if (!n)
		return 0;
	rec.whole |= !ended;
	b->n_lines = split.line;
	return batch_record(b, &rec) ? (ssize_t)n : -ENOMEM;
}

/* only_nuls - of a file that was truncated while somebody wrote: there may be gigabytes of them */
static bool only_nuls(struct str s)
{
	size_t n = 0;

	while (n < s.n && !s.p[n])
		n++;
	return n == s.n;
}

int bulk_decode(struct quick *quick, struct str text, bool ended, struct batch *b)
{
	ssize_t n = 1;

	batch_begin(b, text);
	quick_begin(quick, b);
	while (b->used < text.n && n > 0) {
		n = (ssize_t)take_line(quick, b, b->used);
		if (!n && only_nuls(str_skip(text, b->used)))
			n = (ssize_t)(text.n - b->used);
		if (!n)
			n = take_record(b, b->used, ended);
		if (n > 0)
			b->used += (size_t)n;
	}
	return n < 0 ? (int)n : 0;
}
