/* SPDX-License-Identifier: GPL-2.0-or-later */
/* event.h - what one record says, decoded: a hop of a packet, a note of the kernel, a loss */
#ifndef NFHOP_EVENT_H
#define NFHOP_EVENT_H

#include <stdint.h>

#include "nfhop/str.h"
#include "nfhop/words.h"

/* struct addr - an IPv4 or IPv6 address; IPv4 is mapped (::ffff:a.b.c.d, RFC 4291 2.5.5.2) */
struct addr {
	uint8_t b[16];
};

/* struct stamp, have */
enum {
	STAMP_WALL = 1 << 0, /* wall_ns holds (with STAMP_NO_YEAR / STAMP_NO_DATE: in 1970) */
	STAMP_UP = 1 << 1,   /* up_ns holds */
	STAMP_ZONE = 1 << 2, /* the text named its zone; else wall_ns was read as if it were UTC */
	STAMP_NO_YEAR = 1 << 3, /* the text has no year: year 1972 (a leap year) stands in */
	STAMP_NO_DATE = 1 << 4, /* the text has no date: 1972-01-01 stands in */
	STAMP_DELTA = 1 << 5,	/* up_ns is the time since the line before (dmesg --reltime), once
				   added up (timeline_resolve()) since the source's first line */
	STAMP_SEQ = 1 << 6,	/* event.seq holds (/dev/kmsg) */
	STAMP_MINUTE = 1 << 7,	/* wall_ns is known to the minute alone (dmesg --reltime) */
};

/**
 * struct stamp - when it was, as precisely as the text says
 * @wall_ns: nanoseconds since 1970-01-01T00:00:00Z
 * @up_ns: nanoseconds since boot, the kernel's own stamp
 * @zone_min: offset of the text's zone in minutes, east positive (for printing it back)
 * @wall_digits: digits of the second's fraction that the text gave (0 to 9)
 * @up_digits: the same for up_ns
 * @have: STAMP_* bits
 */
struct stamp {
	int64_t wall_ns;
	uint64_t up_ns;
	int16_t zone_min;
	uint8_t wall_digits, up_digits;
	uint8_t have;
};

/**
 * struct span - from when to when something was
 * @unknown: it had stamps that cannot be compared; @first and @last are empty
 */
struct span {
	struct stamp first, last;
	bool unknown;
};

/* stamp_from_boot - is it known how long after boot it was? */
static inline bool stamp_from_boot(const struct stamp *stamp)
{
	return (stamp->have & (STAMP_UP | STAMP_DELTA)) == STAMP_UP;
}

/* struct header, have */
enum {
	HEADER_ADDR = 1 << 0,  /* src, dst */
	HEADER_PROTO = 1 << 1, /* proto */
	HEADER_PORTS = 1 << 2, /* sport, dport */
	HEADER_LEN = 1 << 3,   /* length: IPv4 total length; IPv6: with its 40-byte header */
	HEADER_TTL = 1 << 4,   /* ttl, or hop limit */
	HEADER_TOS = 1 << 5,   /* tos: TOS|PREC (bit 0 is always 0), or traffic class */
	HEADER_ID = 1 << 6,    /* id: IPv4 identification, or IPv6 flow label */
	HEADER_FRAG = 1 << 7,  /* frag > 0: not the first fragment, so no layer 4 fields */
	HEADER_MF = 1 << 8,    /* more fragments follow */
	HEADER_DF = 1 << 9,
	HEADER_CE = 1 << 10,	  /* reserved bit of the fragment word, not ECN */
	HEADER_FLAGS = 1 << 11,	  /* tcp_flags, window */
	HEADER_SEQ = 1 << 12,	  /* tcp_seq, tcp_ack */
	HEADER_ICMP = 1 << 13,	  /* icmp_type, icmp_code */
	HEADER_ECHO = 1 << 14,	  /* echo_id, echo_seq */
	HEADER_MTU = 1 << 15,	  /* mtu, of an ICMP error */
	HEADER_GATEWAY = 1 << 16, /* gateway, of an ICMP redirect */
	HEADER_SPI = 1 << 17,	  /* spi, of AH or ESP */
	HEADER_ARP = 1 << 18,	  /* arp_op (src and dst with HEADER_ADDR) */
	HEADER_SHORT = 1 << 19,	  /* "INCOMPLETE [n bytes]", "TRUNCATED": the packet was cut */
	HEADER_FRAG_ID = 1 << 20, /* frag_id, of an IPv6 fragment header */
	HEADER_UNSEEN = 1 << 21,  /* there are headers, but the input does not show them (nft) */
};

/* In the order of interface.md section 5; TCP_AE is accurate ECN (kernels >= 6.15). */
enum {
	TCP_FIN = 1 << 0,
	TCP_SYN = 1 << 1,
	TCP_RST = 1 << 2,
	TCP_PSH = 1 << 3,
	TCP_ACK = 1 << 4,
	TCP_URG = 1 << 5,
	TCP_ECE = 1 << 6,
	TCP_CWR = 1 << 7,
	TCP_AE = 1 << 8,
};

/* tcp_opens - are they those of a SYN that begins a connection? */
static inline bool tcp_opens(unsigned int flags)
{
	return (flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

/**
 * struct header - what the packet's own bytes say; everything in host byte order
 * @frag: fragment offset in bytes
 * @family: FAMILY_IP, FAMILY_IP6, FAMILY_ARP; FAMILY_NONE if the frame is neither
 *
 * A member holds only if its HEADER_* bit is set in @have.
 */
struct header {
	uint32_t have;
	uint32_t length;
	struct addr src, dst;
	uint32_t id;
	uint32_t frag, frag_id;
	uint32_t tcp_seq, tcp_ack;
	uint32_t spi, mtu;
	uint16_t sport, dport;
	uint16_t tcp_flags, window;
	uint16_t echo_id, echo_seq;
	uint16_t arp_op;
	uint8_t proto, ttl, tos;
	uint8_t icmp_type, icmp_code;
	uint8_t family;
	struct addr gateway;
};

enum event_kind {
	EVENT_OTHER,  /* nothing of ours; only host and stamp may be filled in */
	EVENT_HOP,    /* a packet was seen somewhere */
	EVENT_START,  /* nft: a base chain takes up a packet; its hops follow, without headers */
	EVENT_NOTE,   /* the kernel says something that matters to packets near it */
	EVENT_GAP,    /* records were lost here */
	EVENT_REPEAT, /* the record before this one happened `times` more times */
};

enum note_kind {
	NOTE_MARTIAN_SOURCE,	  /* addr[0] destination, addr[1] source, dev */
	NOTE_MARTIAN_DESTINATION, /* addr[0] destination, addr[1] source, dev */
	NOTE_CONNTRACK_FULL,
	NOTE_SYN_FLOOD, /* port; addr[0] if it is named */
	NOTE_NEIGHBOUR_OVERFLOW,
	NOTE_TCP_MEMORY, /* out of memory, too many orphans */
	NOTE_CT_HELPER,	 /* a conntrack helper complains, without a packet in the line */
	NOTE_SUPPRESSED, /* the kernel's rate limit ate such notes (never LOG or TRACE lines) */
	NOTE_KIND_MAX
};

enum gap_kind {
	GAP_SYSLOG,   /* rsyslog, imuxsock, imjournal: rate limit, or queue full */
	GAP_JOURNAL,  /* journald: missed kernel messages, buffer overrun, forwarding missed */
	GAP_SEQUENCE, /* a hole in sequence numbers */
	GAP_MONITOR,  /* nft monitor: "We lost some netlink events" */
	GAP_SOCKET,   /* a live source's buffer ran over */
	GAP_KIND_MAX
};

/* struct event, have */
enum {
	EVENT_NUMBER = 1 << 0,	   /* number */
	EVENT_HANDLE = 1 << 1,	   /* handle */
	EVENT_MARK = 1 << 2,	   /* mark */
	EVENT_UID = 1 << 3,	   /* uid */
	EVENT_GID = 1 << 4,	   /* gid */
	EVENT_QUOTED = 1 << 5,	   /* quoted: the packet inside an ICMP error */
	EVENT_LOST = 1 << 6,	   /* lost: a gap that says how many */
	EVENT_GAP_OPENS = 1 << 7,  /* a gap that lasts until one that closes it ("begin to drop") */
	EVENT_GAP_CLOSES = 1 << 8, /* ends a gap that was opened before */
	EVENT_PORT = 1 << 9,	   /* port, of a note */
	EVENT_CT_INVALID =
		1 << 10,     /* a log hop by conntrack itself (nf_ct_proto_N): prefix = why */
	EVENT_MAC = 1 << 11, /* the line had a non-empty link header */
	EVENT_IN = 1 << 12,  /* the line had an IN= key (even if empty), so it bounds the hook */
	EVENT_TRACE_ID = 1 << 13,  /* trace_id */
	EVENT_HEADERS = 1 << 14,   /* nft: packet data came with it: a base chain begins here */
	EVENT_CHAIN_END = 1 << 15, /* nft: no rule, no policy: the end of a chain was reached */
	EVENT_ELSEWHERE = 1 << 17, /* it has a device that the traced network namespace has not */
	EVENT_UNTOLD = 1 << 18,	   /* it may be of another network namespace than the traced one */
	EVENT_MARK_TOLD = 1 << 16, /* every event tells the mark: without EVENT_MARK it is 0 */
};

/**
 * struct event - one thing that a record says
 * @kind: which members hold
 * @have: EVENT_* bits for those that may be missing
 * @times: how often it happened (1; more for "message repeated N times: [ ... ]")
 * @seq: /dev/kmsg sequence number, if stamp.have has STAMP_SEQ
 * @host: the log's host, empty if the framing has none
 * @hop, @family, @table, @chain, @number, @handle, @verdict: of EVENT_HOP. @family is that
 *	of the table. A LOG line has no table, chain or number.
 * @prefix: of a LOG line, without the trailing blank
 * @iif, @oif: input and output device as printed, empty if none
 * @physin, @physout: bridge ports
 * @pkt: the packet's header, @quoted: the header inside an ICMP error
 * @hook: where it was, if the event itself says so (NFLOG); else HOOK_NONE
 * @trace_id: of nft's events, reused by the kernel (formats.md 3.5)
 * @target: chain jumped or gone to, if the event says so
 * @rule_text: the rule's own text, where the dialect prints it (of its start-up cache)
 * @note, @addr, @dev, @port: of EVENT_NOTE. @text: the note or loss line's own words.
 * @gap, @lost: of EVENT_GAP
 *
 * Every str points into the record or into the scratch space that went with it.
 */
struct event {
	enum event_kind kind;
	uint32_t have;
	uint32_t times;
	struct stamp stamp;
	uint64_t seq;
	struct str host;

	enum hop_kind hop;
	enum hook hook;
	enum family family;
	enum verdict verdict;
	uint32_t number;
	uint64_t handle;
	uint32_t trace_id;
	struct str table, chain, target, prefix, rule_text;
	struct str iif, oif, physin, physout;
	uint32_t mark, uid, gid;
	struct header pkt, quoted;

	enum note_kind note;
	enum gap_kind gap;
	uint16_t port;
	uint64_t lost;
	struct addr addr[2];
	struct str dev, text;
};

#endif
