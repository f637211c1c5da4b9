/* SPDX-License-Identifier: GPL-2.0-or-later */
/* format.h - times and protocols as text */
#ifndef NFHOP_FORMAT_H
#define NFHOP_FORMAT_H

#include "nfhop/event.h"

#define FORMAT_SIZE 64 /* room for any of these */

/* struct text - a short text by value */
struct text {
	char s[FORMAT_SIZE];
};

/* format_proto - the word, or the number as text */
struct text format_proto(uint8_t proto);

/* stamp_is_dated - its wall time can be said in full */
bool stamp_is_dated(const struct stamp *stamp);
/* format_rfc3339 - with as many digits as the source gave; only if stamp_is_dated() */
struct text format_rfc3339(const struct stamp *stamp);
/**
 * struct format_second - the second that was said last; zero it
 * Lines of one second often follow each other: only their fractions differ.
 */
struct format_second {
	int64_t second;
	int16_t zone_min;
	uint8_t have, digits;
	size_t n, fraction;
	struct text text;
};
/* format_time - the same to @p, where FORMAT_SIZE bytes have room; Return: how long it is */
size_t format_time(struct format_second *last, char *p, const struct stamp *stamp);
/* format_up - as format_uptime(), to @p, not terminated */
size_t format_up(char *p, const struct stamp *stamp);
/* format_uptime - seconds since boot with as many digits as the source gave */
struct text format_uptime(const struct stamp *stamp);
/* format_since - what these seconds are counted from, in words: "s after boot" */
const char *format_since(const struct stamp *stamp);
/* format_day, format_clock - for people; only with STAMP_WALL */
struct text format_day(const struct stamp *stamp);
struct text format_clock(const struct stamp *stamp);
/* format_subsecond - ".771146", as many digits as the source gave; only with STAMP_WALL */
struct text format_subsecond(const struct stamp *stamp);

#endif
