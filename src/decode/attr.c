// SPDX-License-Identifier: GPL-2.0-or-later
/* attr.c - the attributes of netlink messages */
#include "attr.h"

#define TYPE_MASK 0x3fffu /* NLA_TYPE_MASK of linux/netlink.h: the rest are flags */

static unsigned int get16(struct str s, bool big_endian)
{
	uint16_t v;

	memcpy(&v, s.p, sizeof(v));
	return big_endian ? be16toh(v) : le16toh(v);
}

const char *attrs_take(struct str *rest, bool big_endian, bool cut, const struct attr_row *rows,
		       size_t n, void *who)
{
	while (rest->n >= 4) {
		size_t size = get16(*rest, big_endian);
		unsigned int type = get16(str_skip(*rest, 2), big_endian) & TYPE_MASK;
		const struct attr_row *row = type < n && rows[type].take ? &rows[type] : NULL;

		if (size < 4)
			return "an attribute of at least 4 bytes";
		if (size > rest->n && !cut)
			return "an attribute that fits into the packet";
		if (row && size - 4 < row->min)
			return "an attribute of the size that its type has";
		if (row && (size <= rest->n || row->cut_too))
			row->take(who, str_first(str_skip(*rest, 4), size - 4));
		*rest = str_skip(*rest, (size + 3) & ~(size_t)3);
	}
	return NULL;
}
