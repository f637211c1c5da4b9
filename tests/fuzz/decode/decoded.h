/* SPDX-License-Identifier: GPL-2.0-or-later */
/* decoded.h - a record of any bytes, decoded, and what must hold then */
#ifndef TESTS_FUZZ_DECODE_DECODED_H
#define TESTS_FUZZ_DECODE_DECODED_H

#include <errno.h>
#include <stdlib.h>

#include "nfhop/decode.h"

static inline bool inside(struct str s, struct str record, const struct scratch *scratch)
{
	if (!s.n)
		return true;
	return (s.p >= record.p && s.p + s.n <= record.p + record.n) ||
	       (s.p >= scratch->buf && s.p + s.n <= scratch->buf + scratch->used);
}

/* decode - what it says points into it, and what it complains of is in it, or it aborts */
static inline void decode(const struct record *rec)
{
	static char buf[SCRATCH_SIZE];
	struct scratch scratch = { buf, sizeof(buf), 0 };
	struct complaint why = { 0, NULL };
	struct event ev;
	int err = decode_record(rec, &scratch, &ev, &why);

	if (err && (err != -EINVAL || why.at > rec->data.n || !why.expected))
		abort();
	if (err)
		return;
	const struct str strs[] = { ev.table, ev.chain, ev.target, ev.prefix, ev.text,
				    ev.iif,   ev.oif,	ev.physin, ev.physout };

	for (size_t i = 0; i < sizeof(strs) / sizeof(*strs); i++)
		if (!inside(strs[i], rec->data, &scratch))
			abort();
	if (rec->kind == RECORD_NFLOG && ev.stamp.have & STAMP_WALL && ev.stamp.wall_ns < 0)
		abort();
}

#endif
