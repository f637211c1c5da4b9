/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cursor.h - reads a packet's bytes, big-endian, and never beyond their end */
#ifndef NFHOP_DECODE_CURSOR_H
#define NFHOP_DECODE_CURSOR_H

#include <stdint.h>

#include "nfhop/str.h"

/* struct cursor - bounds-checked, the error sticks */
struct cursor {
	const uint8_t *at, *end;
	bool bad;
};

static inline struct cursor cursor_on(struct str s)
{
	const uint8_t *p = (const uint8_t *)s.p;

	return (struct cursor){ p, s.n ? p + s.n : p, false };
}

static inline size_t cursor_left(const struct cursor *c)
{
	return (size_t)(c->end - c->at);
}

/* cursor_take - the next @n bytes, or NULL */
static inline const uint8_t *cursor_take(struct cursor *c, size_t n)
{
	const uint8_t *at = c->at;

	if (c->bad || cursor_left(c) < n) {
		c->bad = true;
		return NULL;
	}
	c->at += n;
	return at;
}

static inline uint8_t cursor_take8(struct cursor *c)
{
	const uint8_t *p = cursor_take(c, 1);

	return p ? *p : 0;
}

static inline uint16_t cursor_take16(struct cursor *c)
{
	const uint8_t *p = cursor_take(c, 2);

	return p ? (uint16_t)((unsigned int)p[0] << 8 | p[1]) : 0;
}

static inline uint32_t cursor_take32(struct cursor *c)
{
	uint32_t high = cursor_take16(c);

	return high << 16 | cursor_take16(c);
}

#endif
