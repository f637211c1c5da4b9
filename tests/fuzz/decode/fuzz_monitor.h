/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_monitor.h - one dialect alone, with the promises that decode.h makes for it */
#ifndef NFHOP_TEST_FUZZ_MONITOR_H
#define NFHOP_TEST_FUZZ_MONITOR_H

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "nfhop/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline bool is_inside(struct str s, struct str record, const struct scratch *scratch)
{
	if (!s.n)
		return true;
	return (s.p >= record.p && s.p + s.n <= record.p + record.n) ||
	       (s.p >= scratch->buf && s.p + s.n <= scratch->buf + scratch->used);
}

static inline void check_event(const struct event *ev, struct str record,
			       const struct scratch *scratch)
{
	const struct str strs[] = { ev->host,	   ev->table, ev->chain, ev->target,
				    ev->rule_text, ev->iif,   ev->oif };
	size_t i;

	for (i = 0; i < sizeof(strs) / sizeof(*strs); i++)
		if (!is_inside(strs[i], record, scratch))
			abort();
	if (ev->verdict >= VERDICT_MAX || ev->family >= FAMILY_MAX || ev->hop >= HOP_KIND_MAX)
		abort();
	if ((ev->kind == EVENT_HOP || ev->kind == EVENT_START) && !(ev->have & EVENT_TRACE_ID))
		abort();
	if (ev->kind == EVENT_HOP && (!ev->table.n || !ev->chain.n))
		abort();
}

static inline void decode_one(const struct dialect *dialect, const struct record *rec)
{
	static char buf[SCRATCH_SIZE];
	struct scratch scratch = { buf, sizeof(buf), 0 };
	struct complaint why = { 0, NULL };
	struct event ev = { .times = 1 };
	int err = dialect->decode(rec, &scratch, &ev, &why);

	if (err && err != -EINVAL && err != -ENOENT)
		abort();
	if (err == -EINVAL && (why.at > rec->data.n || !why.expected))
		abort();
	if (err == -ENOENT && scratch.used)
		abort();
	if (!err)
		check_event(&ev, rec->data, &scratch);
}

static inline int fuzz_monitor(const char *name, const uint8_t *data, size_t size)
{
	const struct dialect *dialect = dialects;
	struct record rec = { .data = { (const char *)data, size } };

	while (dialect->name && strcmp(dialect->name, name))
		dialect++;
	if (!dialect->name)
		abort();
	for (rec.kind = RECORD_LINE; rec.kind <= RECORD_JSON; rec.kind++) {
		rec.whole = true;
		decode_one(dialect, &rec);
		rec.whole = false;
		decode_one(dialect, &rec);
	}
	return 0;
}

#endif
