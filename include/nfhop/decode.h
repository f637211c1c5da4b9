/* SPDX-License-Identifier: GPL-2.0-or-later */
/* decode.h - record in, event out: pure functions without state, clock or file descriptor */
#ifndef NFHOP_DECODE_H
#define NFHOP_DECODE_H

#include "nfhop/event.h"
#include "nfhop/record.h"

/**
 * struct scratch - room for text that has to be unescaped (\xNN, JSON)
 * @buf: the caller's buffer of @cap bytes, @used of them taken
 *
 * The caller sets @used to 0 when it no longer needs the events that were decoded with it.
 */
struct scratch {
	char *buf;
	size_t cap, used;
};

#define SCRATCH_SIZE 65536 /* enough for any record that a kernel can print */

/**
 * struct complaint - why a record of ours could not be decoded
 * @at: offset in the record where it went wrong
 * @expected: a constant: what should have been there
 */
struct complaint {
	size_t at;
	const char *expected;
};

/**
 * struct dialect - one way of writing events down
 * @name: as the documentation calls it
 * @decode: fills @ev, whose members are zero before. Return: 0 if the record was understood
 *	(ev->kind says as what; EVENT_OTHER with host and stamp is an understanding too),
 *	-ENOENT if the record is none of this dialect's, -EINVAL if it is, but is broken
 *	(ev->host and ev->stamp may hold, @why says where).
 */
struct dialect {
	const char *name;
	int (*decode)(const struct record *rec, struct scratch *scratch, struct event *ev,
		      struct complaint *why);
};

/* dialects - every dialect, most particular first, ended by a row without a name */
extern const struct dialect dialects[];

/**
 * decode_record - ask the dialects in turn what @rec says
 * @ev: filled in; zeroed first
 * @why: filled in if the answer is -EINVAL
 * Return: 0, or -EINVAL if the record is netfilter's but cannot be understood
 */
int decode_record(const struct record *rec, struct scratch *scratch, struct event *ev,
		  struct complaint *why);

/**
 * decode_is_framed - is it as records of logs are, with a stamp or the name of who wrote it?
 * Whatever it speaks of: decode_record() does not even look at the framing of foreign lines.
 */
bool decode_is_framed(const struct record *rec, struct scratch *scratch);

#endif
