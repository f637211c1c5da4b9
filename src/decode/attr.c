// SPDX-License-Identifier: GPL-2.0-or-later
/* attr.c - the attributes of netlink messages */
#include "attr.h"

#define TYPE_MASK 0x3fffu /* NLA_TYPE_MASK of linux/netlink.h: the rest are flags */

static unsigned int get16(const char *p, bool big_endian)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return big_endian ? be16toh(v) : le16toh(v);
}

const char *attrs_take(struct str *rest, bool big_endian, bool cut, const struct attr_row *rows,
		       size_t n, void *who)
{
	const char *at = rest->p, *end = at + rest->n, *expected = NULL;

	while (end - at >= 4) {
		size_t size = get16(at, big_endian), left = (size_t)(end - at);
		unsigned int type = get16(at + 2, big_endian) & TYPE_MASK;
		const struct attr_row *row = type < n && rows[type].take ? &rows[type] : NULL;
		size_t padded = (size + 3) & ~(size_t)3;

		if (size < 4)
			expected = "an attribute of at least 4 bytes";
		else if (size > left && !cut)
			expected = "an attribute that fits into the packet";
		else if (row && size - 4 < row->min)
			expected = "an attribute of the size that its type has";
		if (expected)
			break;
		if (row && (size <= left || row->cut_too))
			row->take(who, (struct str){ at + 4, (size <= left ? size : left) - 4 });
		at += padded < left ? padded : left;
	}
	*rest = (struct str){ at, (size_t)(end - at) };
	return expected;
}
