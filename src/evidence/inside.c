// SPDX-License-Identifier: GPL-2.0-or-later
/* inside.c - how a command is made to run in a network namespace */
#include "nfhop/evidence.h"

/* What no shell takes for something else. */
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define PLAIN	LETTERS "0123456789-_./@:+,="

/* struct line - what was put so far; @n goes on where there is no room left */
struct line {
	struct evidence_inside out;
	size_t n;
};

static void put(struct line *line, struct str s)
{
	for (size_t i = 0; i < s.n; i++, line->n++)
		if (line->n < sizeof(line->out.s) - 1)
			line->out.s[line->n] = s.p[i];
}

static bool is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!s.p[i] || !strchr(PLAIN, s.p[i]))
			return false;
	return true;
}

static void put_quoted(struct line *line, struct str s)
{
	put(line, STR("'"));
	for (size_t i = 0; i < s.n; i++)
		put(line, s.p[i] == '\'' ? STR("'\\''") : str_first(str_skip(s, i), 1));
	put(line, STR("'"));
}

struct evidence_inside evidence_inside(struct str netns)
{
	struct line line = { .n = 0 };

	if (!netns.n)
		return line.out;
	put(&line, memchr(netns.p, '/', netns.n) ? STR("nsenter --net=") : STR("ip netns exec "));
	if (is_plain(netns))
		put(&line, netns);
	else
		put_quoted(&line, netns);
	put(&line, STR(" "));
	if (line.n >= sizeof(line.out.s))
		line.out.s[0] = '\0';
	return line.out;
}
