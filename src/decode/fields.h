/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fields.h - the keys and words of a packet line, and the state while they are read */
#ifndef NFHOP_DECODE_FIELDS_H
#define NFHOP_DECODE_FIELDS_H

#include "packet.h"

/* which fields of a header were there */
enum {
	GOT_SRC = 1 << 0,
	GOT_DST = 1 << 1,
	GOT_LEN = 1 << 2,
	GOT_TOS = 1 << 3,
	GOT_TTL = 1 << 4,
	GOT_ID = 1 << 5,
	GOT_PROTO = 1 << 6,
	GOT_SPT = 1 << 7,
	GOT_DPT = 1 << 8,
	GOT_SEQ = 1 << 9,
	GOT_ACK = 1 << 10,
	GOT_WINDOW = 1 << 11,
	GOT_URGP = 1 << 12,
	GOT_L4LEN = 1 << 13, /* the second LEN=, of UDP */
	GOT_TYPE = 1 << 14,
	GOT_CODE = 1 << 15,
	GOT_ECHO_ID = 1 << 16,
	GOT_ECHO_SEQ = 1 << 17,
	GOT_MTU = 1 << 18,
	GOT_GATEWAY = 1 << 19,
	GOT_SPI = 1 << 20,
	GOT_OPCODE = 1 << 21,
	GOT_RES = 1 << 22,
	GOT_HTYPE = 1 << 23,
	GOT_QUOTE = 1 << 24, /* a whole bracket */
	GOT_ESP = 1 << 25,   /* an IPv6 ESP header ends the line */
};

/**
 * struct body - the state of one line's parse
 * @rest: what is not read yet
 * @h: &ev->pkt, or &ev->quoted inside the bracket
 * @got: GOT_* of the outer and of the quoted header
 * @quoted: 1 inside the bracket
 * @ethertype: of the link header, 0 if not known
 * @cut: the last token was not complete
 * @elided: the last word that is none of a packet's is no part of such a word either
 * @native: printed by the kernel (TOS=0x..), not by ulogd
 */
struct body {
	struct str rest;
	struct event *ev;
	struct header *h;
	uint32_t got[2];
	unsigned int quoted;
	uint32_t ethertype;
	bool cut, native, elided;
	struct fault *fault;
};

/**
 * struct key - one KEY= or one bare word
 * @name: without the '='
 * @take: reads the value off b->rest. Return: false with b->fault if it is not acceptable
 * @max, @offset, @size, @got: for take_number(): limit, member of struct header, GOT_* bit
 */
struct key {
	struct str name;
	bool (*take)(struct body *b, const struct key *key);
	uint64_t max;
	size_t offset, size;
	uint32_t got;
};

/* find_key, find_word - the row for the key (word) called @name, or NULL */
const struct key *find_key(struct str name);
const struct key *find_word(struct str name);

/* name_length - how long the key or word at the start of @s is, without '=' or ':' */
size_t name_length(struct str s);

/* is_known - @s begins with something that this grammar knows */
bool is_known(struct str s);

/* body_fault - Return: false, always */
bool body_fault(struct body *b, const char *at, const char *expected);

#endif
