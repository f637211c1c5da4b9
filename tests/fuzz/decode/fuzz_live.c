// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_live.c - any bytes as a recording, at once and in pieces (the same records), and as one
 * record of each kind that live sources have, through decode_record()
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../../src/source/recording.h"
#include "decoded.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
