/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lex.c - cuts a filter into tokens */
#include "lex.h"

#define MARKS "(){},!<>=~&|\""

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

size_t quoted_length(struct str s)
{
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			return i + 1;
	}
	return 0;
}

struct str unquote(struct str quoted, bool regex, char *buf)
{
	size_t n = 0;

	for (size_t i = 1; i + 1 < quoted.n; i++) {
		char c = quoted.p[i], next = quoted.p[i + 1];

		if (c == '\\' && (next != '"' && (regex || next != '\\')))
			buf[n++] = c;
		i += c == '\\';
		buf[n++] = quoted.p[i];
	}
	return (struct str){ buf, n };
}

/* clang-format off */
static const struct {
	struct str mark;
	enum token_kind kind;
} marks[] = { /* the longer ones first */
	{ { "&&", 2 }, TOKEN_AND },     { { "||", 2 }, TOKEN_OR },
	{ { "<=", 2 }, TOKEN_COMPARE }, { { ">=", 2 }, TOKEN_COMPARE },
	{ { "==", 2 }, TOKEN_COMPARE }, { { "!=", 2 }, TOKEN_COMPARE },
	{ { "<", 1 }, TOKEN_COMPARE },  { { ">", 1 }, TOKEN_COMPARE },
	{ { "=", 1 }, TOKEN_COMPARE },  { { "(", 1 }, TOKEN_OPEN },
	{ { ")", 1 }, TOKEN_CLOSE },    { { "{", 1 }, TOKEN_LIST },
	{ { "}", 1 }, TOKEN_LIST_END }, { { ",", 1 }, TOKEN_COMMA },
	{ { "!", 1 }, TOKEN_BANG },     { { "~", 1 }, TOKEN_TILDE },
};
/* clang-format on */

static struct token take(struct str *rest, enum token_kind kind, size_t n)
{
	struct token token = { kind, str_first(*rest, n) };

	*rest = str_skip(*rest, n);
	return token;
}

/* A word may go on in quotes behind a colon: at filter:"my chain":rule */
static struct token take_word(struct str *rest)
{
	size_t n = 0;

	while (n < rest->n && !is_blank(rest->p[n])) {
		bool quoted = rest->p[n] == '"' && (!n || rest->p[n - 1] == ':');
		size_t more = quoted ? quoted_length(str_skip(*rest, n)) : 1;

		if (!more)
			return take(rest, TOKEN_BAD, rest->n);
		if (!quoted && memchr(MARKS, rest->p[n], sizeof(MARKS) - 1))
			break;
		n += more;
		if (quoted && (n == rest->n || rest->p[n] != ':'))
			break;
	}
	if (!n)
		return take(rest, TOKEN_BAD, 1);
	return take(rest, *rest->p == '"' && quoted_length(*rest) == n ? TOKEN_STRING : TOKEN_WORD,
		    n);
}

struct token token_next(struct str *rest)
{
	while (rest->n && is_blank(*rest->p))
		*rest = str_skip(*rest, 1);
	if (!rest->n)
		return take(rest, TOKEN_END, 0);
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		if (str_starts(*rest, marks[i].mark))
			return take(rest, marks[i].kind, marks[i].mark.n);
	return take_word(rest);
}
