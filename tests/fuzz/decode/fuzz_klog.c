// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz_klog.c - any bytes as one record of each kind, whole and cut, through klog_decode() */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "nfhop/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool inside(struct str s, struct str record, const struct scratch *scratch)
{
	if (!s.n)
		return true;
	return (s.p >= record.p && s.p + s.n <= record.p + record.n) ||
	       (s.p >= scratch->buf && s.p + s.n <= scratch->buf + scratch->used);
}

static void check(const struct event *ev, struct str record, const struct scratch *scratch)
{
	const struct str strs[] = { ev->host, ev->table,  ev->chain,   ev->prefix, ev->iif,
				    ev->oif,  ev->physin, ev->physout, ev->dev,	   ev->text };
	size_t i;

	for (i = 0; i < sizeof(strs) / sizeof(*strs); i++)
		if (!inside(strs[i], record, scratch))
			abort();
}

static void decode(struct str data, enum record_kind kind, bool whole)
{
	static char buf[SCRATCH_SIZE];
	struct record rec = { .data = data, .kind = kind, .whole = whole };
	struct scratch scratch = { buf, sizeof(buf), 0 };
	struct complaint why = { 0, NULL };
	struct event ev;
	int err = decode_record(&rec, &scratch, &ev, &why);

	if (err && err != -EINVAL)
		abort();
	if (err && (why.at > data.n || !why.expected))
		abort();
	check(&ev, data, &scratch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str input = { (const char *)data, size };
	enum record_kind kind;

	for (kind = RECORD_LINE; kind <= RECORD_JSON; kind++) {
		decode(input, kind, true);
		decode(input, kind, false);
	}
	return 0;
}
