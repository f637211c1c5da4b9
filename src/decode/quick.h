/* SPDX-License-Identifier: GPL-2.0-or-later */
/* quick.h - the parts of a line in a known form: front, words, body */
#ifndef NFHOP_DECODE_QUICK_H
#define NFHOP_DECODE_QUICK_H

#include <stdint.h>

#include "nfhop/batch.h"
#include "nfhop/decode.h"

typedef uint8_t bytes16 __attribute__((vector_size(16)));
typedef uint32_t words4 __attribute__((vector_size(16)));

#define FRONT_MAX 256 /* bytes of a framing that is learned */
#define UP_TEXT	  24  /* "[1234567890." with all blanks that the kernel puts there */

/**
 * struct front - the framing of one line, which others are compared with
 * @line: of the batch's text; NULL: none is known
 * @numbered: a number and a colon stand before the framing, and @name before that; all places count
 *	from behind them
 * @kmsg: it is that of /dev/kmsg (kmsg_match()), and of the rest only @stamp, @epoch, @host and
 *	@closed hold; @last: the line of @batch that was asked about last, with number @seq; @fits:
 *	which follows that of the line before
 * @sec: where the two digits of the second stand; 0: the line has no wall stamp
 * @frac, @n_frac: where the digits of the second's fraction stand, and how many
 * @up: where the kernel's stamp stands, behind its bracket; 0: there is none
 * @text: where the words begin, if @up is 0
 * @tail, @n_tail: what stands between the kernel's stamp and the words
 * @closed: whatever word is first, it is no host: not as in dmesg's lines
 * @frac_ns: of the line that was read last, but for those that are as @before
 * @before: a line whose framing ends with a stamp of microseconds, if it has been read: up to them,
 *	in @n_before bytes, lines of one second are equal but for the wall's, if it has such, too;
 *	@stamp_before: without both; @n_behind: n_before of a numbered one
 * @up_text: the whole seconds of the kernel's stamp that was read last, as they stand there, with
 *	their point, @n_up_text bytes; @up_sec_ns: their value
 * @stamp: with second and fraction 0
 * @epoch: counts lines whose stamps differ in more than microseconds from those before; never 0
 *	when a line was matched
 * @host: its number in the batch
 */
struct front {
	const char *line;
	const char *before;
	size_t n_before, n_behind;
	struct str name;
	struct stamp stamp_before;
	char up_text[UP_TEXT];
	uint32_t n_up_text;
	uint64_t up_sec_ns;
	int64_t frac_ns;
	uint32_t sec, frac, n_frac, up, text, tail, n_tail;
	struct stamp stamp;
	uint64_t epoch;
	uint16_t host;
	bool closed, numbered, kmsg, fits;
	struct batch *batch;
	const char *last;
	uint64_t seq;
};

/*
 * front_match - read the framing of @line, which may go on behind its end
 * Return: where the words begin, 0 if it is another
 */
size_t front_match(struct front *front, struct str line, struct stamp *stamp);

/* front_learn - from now on, @front is that of @line; Return: false if it is of no known sort */
bool front_learn(struct front *front, struct str line, struct batch *batch);

/* kmsg_match - front_match() for a front with @kmsg; of numbers that do not follow it takes none */
size_t kmsg_match(struct front *front, struct str line, struct stamp *stamp);

/* kmsg_learn - front_learn() for a line of /dev/kmsg */
bool kmsg_learn(struct front *front, struct str line, struct batch *batch);

#define FORM_WORDS 40	/* bytes of a form that are hashed; less than any line has */
#define FORM_SLOTS 8192 /* twice QUICK_FORMS */

/**
 * struct forms - those that are known
 * @number: see quick_create()
 * @known: @n of them; @slots: a hash of them: number + 1, 0 = free
 */
struct forms {
	unsigned int number;
	struct known **known;
	size_t n;
	uint16_t slots[FORM_SLOTS];
	struct scratch scratch;
};

/* forms_init - none is known; Return: is there memory? */
bool forms_init(struct forms *forms, unsigned int number);
void forms_finish(struct forms *forms);

/**
 * forms_find - the form of a line
 * @words: behind the framing; they may go on behind the line
 * @closed: the framing is (struct front); behind others a host may be among the words
 * @body: receives where the body begins in @words
 * Return: NULL if it is not known, or something else stands where a MAC address is expected. Its
 * event has the family of its packets.
 */
const struct form *forms_find(const struct forms *forms, struct str words, bool closed,
			      size_t *body);

/* forms_learn - from now on, that of @line is known; @text: where its words begin */
bool forms_learn(struct forms *forms, struct str line, size_t text, bool closed, struct str host);

/**
 * body_read - read a packet as the kernel prints it, to the letter
 * @s: from SRC= to the end of the line
 * @body: filled in, but for the TTL
 * Return: false if it is printed in another way, or is no TCP, UDP or echo packet
 */
bool body_read(struct str s, struct body *body);

/**
 * struct body_parts - a packet's words without the TTL, which changes from hop to hop
 * @front: up to and with TTL= or HOPLIMIT=; @rest: what follows the number
 */
struct body_parts {
	struct str front, rest;
	uint8_t ttl;
};

/* body_split - Return: false if the words up to the TTL are not printed as the kernel does */
bool body_split(struct str s, struct body_parts *parts);

/* all_hex - are @n bytes hexadecimal digits? */
bool all_hex(const char *p, size_t n);

#define SHAPES 512 /* pieces of text, at most; bodies with others are always read */

/**
 * struct shapes - what stands between the numbers of bodies
 * @all: @n pieces; @room: bytes that must be there to read a body
 * @crlf: lines end as on Windows; set for what is learned, by whoever has a whole line
 */
struct shapes {
	struct shape *all;
	size_t n, room;
	bool crlf;
};

/* shapes_init - none is known; Return: is there memory? */
bool shapes_init(struct shapes *shapes);
void shapes_finish(struct shapes *shapes);

/**
 * shapes_read - read a body that differs from one that was learned in numbers alone
 * @text: from SRC= on; it may go on behind the line
 * @body: filled in as body_read() does, @parts: as body_split(); both may be written to in any case
 * Return: how long it is; a line end follows, as here or on Windows. 0: it is another, or @text
 * ends too soon behind it
 */
size_t shapes_read(const struct shapes *shapes, struct str text, struct body *body,
		   struct body_parts *parts);

/* shapes_learn - from now on, @text is known, of which body_read() and body_split() say this */
void shapes_learn(struct shapes *shapes, struct str text, const struct body *body,
		  const struct body_parts *parts);

#define BODY_SLOTS  1024 /* for the packets of one block; what finds no room is read again */
#define BODY_HASHES 4096
#define BODY_PROBES 4
#define BODY_MIN    64 /* bytes of the shortest */
#define RECENT	    8  /* bodies that are tried before the hash: packets on their way at once */

/**
 * struct body_slot - a body of the block, which stands in its text
 * @number: among the bodies of the batch
 * @whole: as it was seen last, with @ttl; from SRC= to the end of its line
 * @family: of the packet
 */
struct body_slot {
	uint64_t hash;
	struct str front, rest, whole;
	uint32_t number;
	uint8_t ttl, family;
};

/**
 * struct bodies - those of a block
 * @shapes: learned from those of all blocks
 * @slots: @n of them, one behind the other; @hashes: where they stand, + 1, 0 = free
 * @recent: those that were new, or found by the hash, last; @oldest of them is forgotten next
 * @keys: body_key() of each
 */
struct bodies {
	struct batch *batch;
	struct shapes shapes;
	uint16_t hashes[BODY_HASHES];
	struct body_slot slots[BODY_SLOTS];
	size_t n;
	words4 keys[RECENT / 4];
	struct body_slot *recent[RECENT];
	size_t oldest;
};

/* bodies_begin - of @batch, so far none */
void bodies_begin(struct bodies *bodies, struct batch *batch);

/**
 * bodies_recent - one of those seen just now
 * @text: from SRC= on; it may go on behind the line
 * Return: it, as it stands in @text, where nothing follows, or a line end, as here or on Windows;
 * NULL if it is another
 */
struct body_slot *bodies_recent(struct bodies *bodies, struct str text);

/* bodies_alike - bodies_recent() for one that differs from an older one in numbers alone */
struct body_slot *bodies_alike(struct bodies *bodies, struct str text);

/* bodies_whole - the body that is @text, read if need be; NULL if it cannot be read */
struct body_slot *bodies_whole(struct bodies *bodies, struct str text);

static inline uint64_t load8(const char *p)
{
	uint64_t x;

	memcpy(&x, p, sizeof(x));
	return x;
}

static inline bytes16 load16(const char *p)
{
	bytes16 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline bool is_zero(bytes16 v)
{
	uint64_t half[2];

	memcpy(half, &v, sizeof(half));
	return !(half[0] | half[1]);
}

/* same_bytes - memcmp() for a few bytes, inline; the answer is yes or no */
static inline bool same_bytes(const char *a, const char *b, size_t n)
{
	bytes16 other;
	size_t i;

	if (__builtin_constant_p(n)) /* then it is a comparison or two */
		return !memcmp(a, b, n);
	if (n < 8) {
		for (i = 0; i < n; i++)
			if (a[i] != b[i])
				return false;
		return true;
	}
	if (n < 16)
		return load8(a) == load8(b) && load8(a + n - 8) == load8(b + n - 8);
	other = (load16(a) ^ load16(b)) | (load16(a + n - 16) ^ load16(b + n - 16));
	if (n > 32)
		other |= load16(a + 16) ^ load16(b + 16);
	for (i = 32; i + 16 < n; i += 16)
		other |= load16(a + i) ^ load16(b + i);
	return is_zero(other);
}

/* eight - what eight digits say, the first of them in the lowest byte; each is 0 to 9 */
static inline uint64_t eight(uint64_t x)
{
	x = x * 2561 >> 8 & UINT64_C(0x00ff00ff00ff00ff);
	x = x * 6553601 >> 16 & UINT64_C(0x0000ffff0000ffff);
	return x * UINT64_C(42949672960001) >> 32;
}

/* mix8 - one more word into a hash; two of them side by side keep the multiplier busy */
static inline uint64_t mix8(uint64_t h, uint64_t x)
{
	h = (h ^ x) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 29;
}

#endif
