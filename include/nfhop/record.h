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
 * struct record_nflog - what stands before the packet in the data of a RECORD_NFLOG
 * @sec, @ns: when the packet was handed to whoever captured it, since 1970 (formats.md 4.5)
 * @digits: of the second's fraction that are known, 0 to 9
 * @timed: @sec and @ns hold; some pcapng records have no time
 * @big_endian: the byte order of the host that captured it
 * @partial: the capture holds only the beginning of the packet
 *
 * It may stand at any address: copy it out. A record without data is a packet of another link
 * type; if it is not @whole either, the capture ends or breaks in the middle of a packet.
 */
struct record_nflog {
	uint32_t sec, ns;
	uint8_t digits;
	uint8_t timed, big_endian, partial; /* yes or no */
};

/**
 * struct record - one unit of input
 * @data: its bytes; valid until the source is read again
 * @kind: what the splitter took it for
 * @whole: false only for the last record of an input that ends without a line end, or in the
 *	middle of a packet
 * @source: number of the source, from 0, in the order of the command line
 * @line: number of its first line in the source, from 1; of a capture, the packet's number
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
