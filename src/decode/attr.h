/* SPDX-License-Identifier: GPL-2.0-or-later */
/* attr.h - the attributes of netlink messages (linux/netlink.h), bounds-checked */
#ifndef NFHOP_DECODE_ATTR_H
#define NFHOP_DECODE_ATTR_H

#include <endian.h>
#include <stdint.h>

#include "nfhop/str.h"

/* Values are in network byte order, whatever the host's is. @s holds at least that many bytes. */

static inline uint32_t get_be32(struct str s)
{
	uint32_t v;

	memcpy(&v, s.p, sizeof(v));
	return be32toh(v);
}

static inline uint64_t get_be64(struct str s)
{
	uint64_t v;

	memcpy(&v, s.p, sizeof(v));
	return be64toh(v);
}

/**
 * struct attr_row - what is done with an attribute
 * @min: bytes that its value has at least
 * @cut_too: it may be taken where the message ends inside of it
 * @take: NULL: passed over. @value points into the message
 */
struct attr_row {
	size_t min;
	bool cut_too;
	void (*take)(void *who, struct str value);
};

/**
 * attrs_take - go through attributes, each by the row of its type
 * @rest: the attributes; moved on to the place where it ended
 * @big_endian: byte order of their lengths and types
 * @cut: the message may end in the middle of one
 * @rows: @n of them; types beyond are passed over: a newer kernel may send more
 * Return: NULL, or what was expected at the front of @rest
 */
const char *attrs_take(struct str *rest, bool big_endian, bool cut, const struct attr_row *rows,
		       size_t n, void *who);

#endif
