/* SPDX-License-Identifier: GPL-2.0-or-later */
/* record.h - what a source hands on: some bytes that belong together, and where they stood */
#ifndef NFHOP_RECORD_H
#define NFHOP_RECORD_H

#include <stdint.h>

#include "nfhop/str.h"

enum record_kind {
	RECORD_LINE,	/* one line of text, without its line end */
	RECORD_JOURNAL, /* one entry of `journalctl -o export`: KEY=value lines, binary fields */
	RECORD_JSON,	/* one JSON object, on one line or pretty-printed over several */
	RECORD_NFLOG,	/* one packet of a pcap or pcapng file of link type NFLOG (239) */
};

/**
 * struct record - one unit of input
 * @data: its bytes; valid until the source is read again
 * @kind: what the splitter took it for
 * @whole: false only for the last record of an input that ends without a line end
 * @source: number of the source, from 0, in the order of the command line
 * @line: number of its first line in the source, from 1
 * @lines: how many lines it spans
 * @offset: of its first byte in the source
 */
struct record {
	struct str data;
	enum record_kind kind;
	bool whole;
	unsigned int source;
	uint64_t line;
	uint64_t lines;
	uint64_t offset;
};

#endif
