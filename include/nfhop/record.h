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
	/* What live sources say; a recording (source/recording.c) keeps these numbers. */
	RECORD_NFT,	 /* one trace event of nf_tables: struct record_netlink, the message */
	RECORD_PACKET,	 /* one packet of nfnetlink_log: struct record_netlink, the message */
	RECORD_LOSS,	 /* records were lost here: struct record_loss, words for it */
	RECORD_RULES,	 /* the rule set from here on: see record_part() */
	RECORD_EVIDENCE, /* the host's state: the text of evidence.h */
	RECORD_TICK,	 /* nothing, but time went on to @when_ns; 0: all is quiet since long. Not
			    whole: in the midst of a record, and the last packet may go on */
	RECORD_END,	 /* the run was ended at @when_ns; 0: while records were coming in. Not
			    whole: nobody ended it, and it stopped there */
	RECORD_LIMIT,	 /* a limit let not all packets be traced: struct record_limit */
	RECORD_EMPTY,	 /* nft's events were read until there were no more, at @when_ns */
	RECORD_KIND_MAX
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
 * struct record_netlink - what stands before a message of netlink
 * @dev: names of its devices (in, out, bridge port in, out), filled up with NULs; empty if it has
 *	none of them or the name is not known
 * @big_endian: of the host; attributes' lengths and types are in its byte order
 *
 * The message begins with struct nfgenmsg. It may stand at any address: copy it out.
 */
struct record_netlink {
	char dev[4][16];
	uint8_t big_endian;
	uint8_t zero[7];
};

/* struct record_loss, span: a loss from here until a record that closes it */
enum { RECORD_LOSS_OPENS = 1, RECORD_LOSS_CLOSES = 2 };

/**
 * struct record_loss - what stands before the words in the data of a RECORD_LOSS
 * @lost: how many, little-endian; 0 if that is not known
 * @kind: enum gap_kind
 * @span: 0 if all were lost at once
 */
struct record_loss {
	uint8_t lost[8];
	uint8_t kind;
	uint8_t span;
};

/* struct record_limit - packets that were to be traced so far, and that were; little-endian */
struct record_limit {
	uint8_t asked[8], traced[8];
};

/**
 * record_part - the next part of a RECORD_RULES: two lines "NAME\n", "SIZE\n", then SIZE bytes
 * @data: what is left; moved on
 * @name: of the command that would print it, @text: what it would print
 * Return: false at the end, or where no part begins
 */
bool record_part(struct str *data, struct str *name, struct str *text);

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
 * @when_ns: when it was received, ns since 1970; 0 if it was not received but read from a file
 * @zone_min: minutes that local time was ahead of UTC then
 */
struct record {
	struct str data;
	enum record_kind kind;
	bool whole;
	unsigned int source;
	uint64_t line;
	uint64_t lines;
	uint64_t offset;
	int64_t when_ns;
	int16_t zone_min;
};

#endif
