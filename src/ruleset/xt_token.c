/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xt_token.c - takes a line apart as iptables-restore does: blanks, double quotes, backslashes */
#include "xt_spec.h"

/* iptables-restore: only double quotes count, a backslash only within them. */
static const char *quote_end(const char *p, const char *end, bool *escaped)
{
	for (; p < end && *p != '"'; p++) {
		if (*p == '\\' && end - p > 1) {
			*escaped = true;
			p++;
		}
	}
	return p;
}

/* Return: the end of the word that begins at @p, NULL if a quote is left open */
static const char *word_end(const char *p, const char *end, bool *quoted, bool *escaped)
{
	while (p < end && *p != ' ' && *p != '\t' && *p != '\n') {
		if (*p++ != '"')
			continue;
		*quoted = true;
		p = quote_end(p, end, escaped);
		if (p == end)
			return NULL;
		p++;
	}
	return p;
}

static struct str unquote(struct arena *arena, struct str raw)
{
	char *to = arena_alloc(arena, raw.n);
	bool inside = false;
	size_t n = 0;

	for (size_t i = 0; to && i < raw.n; i++) {
		if (raw.p[i] == '"') {
			inside = !inside;
			continue;
		}
		if (inside && raw.p[i] == '\\' && i + 1 < raw.n)
			i++;
		to[n++] = raw.p[i];
	}
	return (struct str){ to, n };
}

bool xt_token_next(struct arena *arena, struct str *rest, struct xt_token *token)
{
	const char *p = rest->p;
	const char *end, *stop;
	bool quoted = false, escaped = false;

	if (!rest->n)
		return false;
	end = p + rest->n;
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\n'))
		p++;
	if (p >= end)
		return false;
	stop = word_end(p, end, &quoted, &escaped);
	if (!stop)
		return false;
	token->raw = str_between(p, stop);
	token->word = token->raw;
	if (quoted && !escaped && *p == '"' && !memchr(p + 1, '"', (size_t)(stop - p) - 2))
		token->word = str_between(p + 1, stop - 1); /* the usual case needs no copy */
	else if (quoted)
		token->word = unquote(arena, token->raw);
	*rest = str_between(stop, end);
	return true;
}
