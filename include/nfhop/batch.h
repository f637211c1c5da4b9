/* SPDX-License-Identifier: GPL-2.0-or-later */
/* batch.h - a block of log text, decoded at once: what decode_record() says of each, but faster */
#ifndef NFHOP_BATCH_H
#define NFHOP_BATCH_H

#include "nfhop/event.h"
#include "nfhop/record.h"

/**
 * struct form - what the words before a packet say, for all lines that have the same ones
 * @no: no other form has the same, whatever quick it is of: below (number + 1) * QUICK_FORMS
 * @ev: the event without stamp, host, packet (but for its family), mark, uid and gid; its strings
 *	are the form's own
 *
 * Never changes and lives as long as its quick.
 */
struct form {
	uint32_t no;
	struct event ev;
};

/**
 * struct trail - the forms of lines that came one behind the other, as a tree of them
 * @no: no other trail has the same, whatever quick it is of: below (number + 1) * QUICK_TRAILS
 * @before: the trail without its last line; NULL if that is its only one
 * @n: how many lines
 *
 * Never changes and lives as long as its quick.
 */
struct trail {
	uint32_t no, n;
	const struct trail *before;
	const struct form *form;
};

/**
 * struct body - what the words of the packet itself say
 * @have: EVENT_MARK, _UID, _GID
 * @first, @last: numbers of the lines of the batch that have it
 * @trail: of all these lines; NULL if they are too many, of several hosts, not each within
 *	TRAIL_PAUSE_NS of the one before, or within TRAIL_SPAN_NS of all lines between them
 */
struct body {
	struct header pkt;
	uint32_t mark, uid, gid;
	uint32_t have;
	uint32_t first, last;
	const struct trail *trail;
};

#define TRAIL_PAUSE_NS INT64_C(10000000)
#define TRAIL_SPAN_NS  INT64_C(1000000000)

enum line_kind {
	LINE_HOP,    /* a packet: stamp, front, form, body, ttl */
	LINE_OTHER,  /* @number lines that are none of ours */
	LINE_RECORD, /* ask decode_record(): records[number] */
};

/**
 * struct line - one step through a block
 * @stamp: of LINE_RECORD, with STAMP_SEQ: lines of /dev/kmsg came before it, without a hole in
 *	their numbers, and up_ns is that of the last one
 * @next: number of the next line with the same body, 0: there is none
 * @form: how its words begin
 * @number: by kind: of its struct body (of equal bodies, but for the TTL, the same), a count, or
 *	of its record
 * @at, @n: where the line stands in the block; of LINE_OTHER @at is where the last one ends
 * @front: number of its host in hosts[]
 */
struct line {
	struct stamp stamp;
	const struct form *form;
	uint32_t number;
	uint32_t next;
	uint32_t at;
	uint16_t n;
	uint16_t front;
	uint8_t ttl;
	uint8_t kind;
};

/**
 * struct batch - zero it at first; finish with batch_finish()
 * @text: the block; all strings of the batch point into it, or into a form (batch_leave() aside)
 * @records: what is no line in a known form; number and offset count from the block's front
 * @n_lines: how many lines the block has, up to @used bytes
 * @used: bytes of @text that were dealt with; what follows is an unfinished record
 * @sorted: no stamp of a LINE_HOP is earlier than that of one before it, or is of the same time
 *	but says it in another way
 * @has_seq: as the stamp of a LINE_RECORD has it, of lines that came last, in @seq
 * @no: number of the batch, below 2^32: bodies of two batches must not be mixed up
 */
struct batch {
	struct str text;
	struct line *lines;
	size_t n, cap;
	struct body *bodies;
	size_t n_bodies, cap_bodies;
	struct str *hosts;
	size_t n_hosts, cap_hosts;
	struct record *records;
	size_t n_records, cap_records;
	uint64_t n_lines;
	size_t used;
	uint64_t no, seq;
	bool sorted, has_seq;
};

/* batch_begin - empty it, for @text; what it holds is used again */
void batch_begin(struct batch *batch, struct str text);
void batch_finish(struct batch *batch);

/* Each adds one line and returns true, or returns false: there is no memory. */
/* batch_other - @lines foreign lines, the last of which ends at @end */
bool batch_other(struct batch *batch, size_t end, uint32_t lines);
bool batch_record(struct batch *batch, const struct record *rec);
/* batch_host - the number of a host in hosts[] */
bool batch_host(struct batch *batch, struct str host, uint16_t *number);
/* batch_room - where the next line will stand, which is none of the batch yet; NULL: no memory */
struct line *batch_room(struct batch *batch);
/* batch_body - room for one more; NULL if there is no memory */
struct body *batch_body(struct batch *batch);

/**
 * batch_leave - copy what is asked of the text once it was decoded: it may change
 * @to: room for as many bytes as the text has
 *
 * That is all of it if there are records, or an unfinished one, else only the hosts; lines that may
 * be said to come again are looked for where they were.
 * Return: is it all? Then it is the batch's text from now on.
 */
bool batch_leave(struct batch *batch, char *to);

/* batch_event - the event of a LINE_HOP, as decode_record() would fill it in, but for its seq */
void batch_event(const struct batch *batch, const struct line *line, struct event *ev);

/* Lines by the pattern of lines before them. */

struct quick;

#define QUICK_FORMS  4096 /* at most so many are kept; lines in others are records */
#define QUICK_TRAILS 4096 /* and so many of these; bodies on others have none */

/* quick_create - nothing is known yet (heap); @number: tells its forms from those of others */
struct quick *quick_create(unsigned int number);
void quick_destroy(struct quick *quick);

/* quick_begin - the lines that follow are of @batch */
void quick_begin(struct quick *quick, struct batch *batch);

/**
 * quick_next - decode the line at the front of @text, if it is much like lines before it
 * Return: how many bytes it has with its line end, 0: nothing was done, ask quick_line()
 */
size_t quick_next(struct quick *quick, struct str text);

/**
 * quick_line - decode one line, if it is of a form that is known
 * @line: whole, without its line feed, in the batch's text; a carriage return is no part of it
 * @learn: or of one that can be learned
 * Return: was it added to the batch as LINE_HOP?
 */
bool quick_line(struct quick *quick, struct str line, bool learn);

/**
 * quick_skip - how many bytes at the front of @text are whole foreign lines
 * @text: begins with a plain line
 * @lines: receives how many lines they are
 * Return: 0 if that is not known
 */
size_t quick_skip(const struct quick *quick, struct str text, uint32_t *lines);

/* line_is_plain - does no record but a line begin so? (split.h says what the others are) */
bool line_is_plain(struct str front);

/* quick_foreign - is a line none of ours, for certain, and nothing that must be counted? */
bool quick_foreign(struct str line);

#endif
