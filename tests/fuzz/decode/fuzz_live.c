// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_live.c - any bytes as a recording, at once and in pieces (the same records), and as one
 * record of each kind that live sources have, through decode_record()
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../../src/source/recording.h"
#include "nfhop/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool inside(struct str s, struct str record, const struct scratch *scratch)
{
	if (!s.n)
		return true;
	return (s.p >= record.p && s.p + s.n <= record.p + record.n) ||
	       (s.p >= scratch->buf && s.p + s.n <= scratch->buf + scratch->used);
}

static void decode(const struct record *rec)
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
}

static void parts(struct str data)
{
	struct str name, text, whole = data;

	while (record_part(&data, &name, &text))
		if (text.n > whole.n || data.n >= whole.n)
			abort();
}

/* run - cut all of @data into records; @piece bytes become known at a time. Return: a hash */
static uint64_t run(const uint8_t *data, size_t size, size_t piece)
{
	struct recording r = { .number = 0 };
	size_t at = 0, known = piece < size ? piece : size, used = 0;
	uint64_t hash = 1469598103934665603u;
	struct record rec;
	int ret = 0;

	for (;;) {
		struct str in = { (const char *)data + at, known - at };
		bool headed = r.named;

		ret = recording_next(&r, in, known == size, &rec, &used);
		if (used > in.n)
			abort();
		at += used;
		if (ret > 0) {
			for (size_t i = 0; i < rec.data.n; i++)
				hash = (hash ^ (uint8_t)rec.data.p[i]) * 1099511628211u;
			hash = (hash ^ rec.line ^ rec.kind ^ rec.source) * 1099511628211u;
			decode(&rec);
		} else if (ret < 0 || (known == size && !used && headed == r.named)) {
			break;
		} else if (!used) {
			known = size - known < piece ? size : known + piece;
		}
	}
	recording_finish(&r);
	return hash ^ (uint64_t)(int64_t)ret;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum record_kind kinds[] = { RECORD_NFT, RECORD_PACKET, RECORD_LOSS };
	struct record rec = { .data = { (const char *)data, size }, .whole = true };
	bool more;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		rec.kind = kinds[i];
		decode(&rec);
	}
	parts(rec.data);
	if (recording_begins(rec.data, &more) && run(data, size, size + 1) != run(data, size, 7))
		abort();
	return 0;
}
