// SPDX-License-Identifier: GPL-2.0-or-later
/* colour.c - lines that were made for a terminal */
#include "colour.h"

#include "scan.h"

#define ESC '\033'

/* sequence - how many bytes at the front of @s only colour; 0: none */
static size_t sequence(struct str s)
{
	size_t n = 2;

	if (s.n < 3 || s.p[0] != ESC)
		return 0;
	if (s.p[1] == '(')
		return s.p[2] == 'B' ? 3 : 0; /* before ESC [ m, where terminfo's sgr0 is sent */
	if (s.p[1] != '[')
		return 0;
	while (n < s.n && (is_digit(s.p[n]) || s.p[n] == ';' || s.p[n] == ':'))
		n++;
	return n < s.n && (s.p[n] == 'm' || s.p[n] == 'K') ? n + 1 : 0;
}

struct str colour_off(struct str line, struct scratch *scratch)
{
	char *out = scratch->buf + scratch->used;
	size_t n = 0;

	if (!line.n || !memchr(line.p, ESC, line.n) || scratch->cap - scratch->used < line.n)
		return line;
	for (size_t at = 0, skip; at < line.n; at += skip ? skip : 1) {
		skip = sequence(str_skip(line, at));
		if (!skip)
			out[n++] = line.p[at];
	}
	if (n == line.n)
		return line;
	scratch->used += n;
	return (struct str){ out, n };
}

size_t colour_at(struct str line, size_t at)
{
	size_t in = 0;

	for (size_t skip; (skip = sequence(str_skip(line, in))) > 0 || at > 0;
	     in += skip ? skip : 1)
		at -= !skip;
	return in;
}
