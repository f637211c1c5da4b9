/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lex.h - the tokens of the filter language */
#ifndef NFHOP_QUERY_LEX_H
#define NFHOP_QUERY_LEX_H

#include "nfhop/str.h"

enum token_kind {
	TOKEN_END,
	TOKEN_WORD, /* anything without blanks and marks; may hold "quoted" parts behind a colon */
	TOKEN_STRING, /* "..." alone */
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_LIST,	/* { */
	TOKEN_LIST_END, /* } */
	TOKEN_COMMA,
	TOKEN_BANG,
	TOKEN_AND,     /* && */
	TOKEN_OR,      /* || */
	TOKEN_COMPARE, /* < <= = == != >= > */
	TOKEN_TILDE,
	TOKEN_BAD, /* a quote that nothing closes, or a character that means nothing */
};

/**
 * struct token - a piece of the text
 * @text: its bytes, with its quotes
 */
struct token {
	enum token_kind kind;
	struct str text;
};

/* token_next - the token that *@rest begins with; blanks in front are skipped, it is taken off */
struct token token_next(struct str *rest);

/* quoted_length - how long the "..." is that @s begins with; 0 if nothing closes it */
size_t quoted_length(struct str s);

/**
 * unquote - what stands between the quotes
 * @regex: it is a regular expression
 * @buf: at least @quoted.n bytes
 *
 * `\"` is a quote. In a regular expression any other backslash stays, with what follows it; else
 * `\\` is one backslash, and before anything else a backslash is itself. Return: in @buf
 */
struct str unquote(struct str quoted, bool regex, char *buf);

#endif
