/* SPDX-License-Identifier: GPL-2.0-or-later */
/* str.h - somebody else's bytes: a pointer and a length, never owned, never NUL-terminated */
#ifndef NFHOP_STR_H
#define NFHOP_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/**
 * struct str - a run of bytes that belongs to somebody else
 * @p: first byte; may be NULL when @n is 0
 * @n: number of bytes
 *
 * Valid as long as its owner says (a record until the next read, a symbol as long as the model).
 */
struct str {
	const char *p;
	size_t n;
};

#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
#define STR_ARG(s)   (int)(s).n, (s).p /* for "%.*s" */

static inline struct str str_from(const char *z)
{
	return (struct str){ z, z ? strlen(z) : 0 };
}

static inline struct str str_between(const char *from, const char *to)
{
	return (struct str){ from, (size_t)(to - from) };
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (!a.n || !memcmp(a.p, b.p, a.n));
}

/* str_compare - byte by byte, as memcmp() orders; what another one begins with comes before it */
static inline int str_compare(struct str a, struct str b)
{
	int c = memcmp(a.n ? a.p : "", b.n ? b.p : "", a.n < b.n ? a.n : b.n);

	return c ? c : (a.n > b.n) - (a.n < b.n);
}

static inline bool str_starts(struct str s, struct str with)
{
	return s.n >= with.n && (!with.n || !memcmp(s.p, with.p, with.n));
}

static inline bool str_ends(struct str s, struct str with)
{
	return s.n >= with.n && (!with.n || !memcmp(s.p + s.n - with.n, with.p, with.n));
}

/* str_skip - what is left of @s after its first @n bytes (empty if there are fewer) */
static inline struct str str_skip(struct str s, size_t n)
{
	return n >= s.n ? (struct str){ s.p + s.n, 0 } : (struct str){ s.p + n, s.n - n };
}

static inline struct str str_first(struct str s, size_t n)
{
	return (struct str){ s.p, n < s.n ? n : s.n };
}

static inline struct str str_trim_right(struct str s)
{
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

static inline struct str str_trim_left(struct str s)
{
	while (s.n && (*s.p == ' ' || *s.p == '\t'))
		s = str_skip(s, 1);
	return s;
}

/* str_find - offset of @needle in @s; Return: the offset, or s.n if it is not there */
static inline size_t str_find(struct str s, struct str needle)
{
	const char *at = s.n ? memmem(s.p, s.n, needle.p, needle.n) : NULL;

	return at ? (size_t)(at - s.p) : s.n;
}

static inline bool str_has(struct str s, struct str needle)
{
	return s.n && memmem(s.p, s.n, needle.p, needle.n);
}

/* str_behind - what follows the first of @n words that @s has; empty if it has none of them */
static inline struct str str_behind(struct str s, const struct str *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_has(s, words[i]))
			return str_skip(s, str_find(s, words[i]) + words[i].n);
	return str_skip(s, s.n);
}

#endif
