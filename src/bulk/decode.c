// SPDX-License-Identifier: GPL-2.0-or-later
/* decode.c - a block of text becomes a batch: lines in known forms, foreign lines, records */
#include <errno.h>
#include <sys/types.h>

#include "nfhop/bulk.h"
#include "nfhop/split.h"

#define SPLIT_MAX ((size_t)1 << 20)  /* a line that long is cut into parts */
#define LONGEST	  ((size_t)16 << 20) /* as source_next() has it: what is that long is cut */

/* take_foreign - lines that are none of ours; Return: how many bytes they have, or 0 */
static size_t take_foreign(struct quick *quick, struct batch *b, size_t at, size_t n)
{
	struct str rest = str_skip(b->text, at);
	uint32_t lines = 1;
	size_t skip = rest.n <= SPLIT_MAX ? quick_skip(quick, rest, &lines) : 0;
	const char *last;

	if (!skip && quick_foreign(str_first(rest, n)))
		skip = n + 1;
	if (!skip)
		return 0;
	last = memrchr(rest.p, '\n', skip - 1);
	n = last ? (size_t)(last + 1 - rest.p) : 0; /* where the last of them begins */
	if (!batch_other(b, at + n, skip - 1 - n, lines))
		return 0;
	b->n_lines += lines;
	return skip;
}

/* take_line - Return: how many bytes it has, 0 if it is no line that can be dealt with here */
static size_t take_line(struct quick *quick, struct batch *b, size_t at)
{
	struct str rest = str_skip(b->text, at);
	size_t n = quick_next(quick, rest);
	const char *end;

	if (n) {
		b->n_lines++;
		return n;
	}
	if (!line_is_plain(rest))
		return 0;
	end = memchr(rest.p, '\n', rest.n);
	n = end ? (size_t)(end - rest.p) : SPLIT_MAX;
	if (n >= SPLIT_MAX)
		return 0;
	if (!quick_line(quick, str_first(rest, n), false)) {
		size_t skip = take_foreign(quick, b, at, n);

		if (skip || !quick_line(quick, str_first(rest, n), true))
			return skip;
	}
	b->n_lines++;
	return n + 1;
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
