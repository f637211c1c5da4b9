/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft_token.c - takes an nft rule apart
 *
 * nft has no escapes in strings, but iptables-nft lets any prefix through, and nft prints
 * `log prefix "icmp "any" \x: " level debug` (nft 1.0.6). So a quote closes a string if what
 * follows can stand behind a string and the rest of the line has its quotes in pairs. A comment
 * may go on in the next line.
 */
#include "nft_rule.h"

static bool may_follow_string(const char *p, const char *end)
{
	return p == end || memchr(" \t\n\r,;-.:/})", *p, 11);
}

static size_t count_quotes(const char *p, const char *end)
{
	size_t n = 0;

	for (; p < end; p++)
		n += *p == '"';
	return n;
}

const char *nft_quote_end(const char *p, const char *end)
{
	const char *eol = memchr(p, '\n', (size_t)(end - p));
	size_t left;
	const char *last = NULL;

	eol = eol ? eol : end;
	left = count_quotes(++p, eol);
	for (; left; left--) {
		const char *quote = memchr(p, '"', (size_t)(eol - p));

		p = last = quote + 1;
		if (may_follow_string(p, end) && (left - 1) % 2 == 0)
			return p;
	}
	if (last)
		return last;
	p = memchr(p, '"', (size_t)(end - p));
	return p ? p + 1 : NULL;
}

struct str nft_unquote(struct str s)
{
	if (s.n > 1 && *s.p == '"' && s.p[s.n - 1] == '"')
		return str_first(str_skip(s, 1), s.n - 2);
	return s;
}

/* Return: behind the bracket that closes the one at @p, or @end */
static const char *bracket_end(const char *p, const char *end)
{
	size_t depth = 0;

	while (p < end) {
		if (*p == '"') {
			const char *close = nft_quote_end(p, end);

			p = close ? close : end;
			continue;
		}
		if (*p == '{' || *p == '(')
			depth++;
		if ((*p == '}' || *p == ')') && !--depth)
			return p + 1;
		p++;
	}
	return end;
}

static const char *word_end(const char *p, const char *end)
{
	if (*p == '{' || *p == '(')
		return bracket_end(p, end);
	while (p < end && *p != ' ' && *p != '\t' && *p != '\n') {
		const char *close = *p == '"' ? nft_quote_end(p, end) : p + 1;

		p = close ? close : end;
	}
	return p;
}

bool nft_words_cut(struct nft_words *words, struct str text)
{
	const char *p = text.n ? text.p : "";
	const char *end = p + text.n;

	for (words->n = 0;;) {
		const char *stop;

		while (p < end && (*p == ' ' || *p == '\t' || *p == '\n'))
			p++;
		if (p == end)
			return true;
		if (words->n == NFT_WORDS_MAX)
			return false;
		stop = word_end(p, end);
		words->word[words->n++] = str_between(p, stop);
		p = stop;
	}
}

struct str nft_words_text(const struct nft_words *words, size_t from, size_t to)
{
	const struct str *last;

	if (to > words->n)
		to = words->n;
	if (from >= to)
		return (struct str){ 0 };
	last = &words->word[to - 1];
	return str_between(words->word[from].p, last->p + last->n);
}
