// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz_split.c - any bytes cut into records, at once and in pieces: the same records, no loss */
#include <stdint.h>
#include <stdlib.h>

#include "nfhop/split.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* run - cut all of @in; @piece bytes become known at a time. Return: a hash over the records */
static uint64_t run(struct str in, size_t piece)
{
	struct split split = { .source = 0 };
	uint64_t hash = 1469598103934665603u, lines = 0;
	size_t known = piece < in.n ? piece : in.n, used, i;
	struct record rec;

	for (;;) {
		used = split_next(&split, str_first(in, known), known == in.n, &rec);
		if (!used && known == in.n)
			break;
		if (!used) {
			known = in.n - known < piece ? in.n : known + piece;
			continue;
		}
		if (used > known || rec.data.p < in.p || rec.data.p + rec.data.n > in.p + known)
			abort();
		if (rec.line < lines || rec.line > split.line + 1)
			abort();
		lines = rec.line;
		for (i = 0; i < rec.data.n; i++)
			hash = (hash ^ (uint8_t)rec.data.p[i]) * 1099511628211u;
		hash = (hash ^ (uint64_t)rec.kind ^ rec.offset) * 1099511628211u;
		in = str_skip(in, used);
		known -= used;
	}
	if (in.n)
		abort();
	return hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str in = { (const char *)data, size };
	uint64_t hash = run(in, size + 1);

	if (run(in, 1) != hash || run(in, 7) != hash)
		abort();
	return 0;
}
