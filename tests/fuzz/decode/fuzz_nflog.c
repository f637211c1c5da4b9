// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fuzz_nflog.c - any bytes as a capture, at once and in pieces (the same packets), and as one
 * packet, through nflog_decode()
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../../src/source/pcap.h"
#include "decoded.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* run - cut all of @data into packets; @piece bytes become known at a time. Return: a hash */
static uint64_t run(const uint8_t *data, size_t size, size_t piece)
{
	struct pcap pcap = { .source = 0 };
	size_t at = 0, known = piece < size ? piece : size, used;
	uint64_t hash = 1469598103934665603u;
	char *copy = malloc(size ? size : 1);
	struct record rec;
	int ret;

	if (!copy)
		abort();
	if (size)
		memcpy(copy, data, size);
	for (;;) {
		ret = pcap_next(&pcap, copy + at, known - at, known == size, &rec, &used);
		if (used > known - at)
			abort();
		at += used;
		if (ret > 0) {
			if (rec.data.n &&
			    (rec.data.p < copy || rec.data.p + rec.data.n > copy + at))
				abort();
			for (size_t i = 0; i < rec.data.n; i++)
				hash = (hash ^ (uint8_t)rec.data.p[i]) * 1099511628211u;
			hash = (hash ^ rec.line ^ rec.offset ^ rec.whole) * 1099511628211u;
			decode(&rec);
		} else if (ret < 0 || known == size) {
			break;
		} else {
			known = size - known < piece ? size : known + piece;
		}
	}
	pcap_finish(&pcap);
	free(copy);
	return hash ^ (uint64_t)(int64_t)ret;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct record rec = { .data = { (const char *)data, size }, .kind = RECORD_NFLOG };
	struct str in = rec.data;
	bool more;

	decode(&rec);
	rec.whole = true;
	decode(&rec);
	if (!pcap_begins(in, &more))
		return 0;
	if (run(data, size, size + 1) != run(data, size, 5))
		abort();
	return 0;
}
