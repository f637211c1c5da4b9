/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sight.h - many foreign lines at once */
#ifndef NFHOP_DECODE_SIGHT_H
#define NFHOP_DECODE_SIGHT_H

#include <stdint.h>

#include "nfhop/batch.h"

#define SIGHT_NEEDLES 32 /* at most */

/* enum looks - how many bytes are looked at at once, which depends on the processor */
enum looks {
	LOOKS_NOT,
	LOOKS_32,
	LOOKS_64,
};

/**
 * struct sight
 * @low, @high, @whole: which buckets have a byte with such a half, or but for its highest bit
 *	such a byte, at one place of a fingerprint
 * @first: by bucket: its first needle
 * @prints: by needle: its fingerprint
 */
struct sight {
	enum looks looks;
	uint8_t low[4][16], high[4][16];
	uint8_t whole[4][128];
	uint8_t first[9];
	uint32_t prints[SIGHT_NEEDLES];
};

/* sight_best - the most that the processor can look at */
enum looks sight_best(void);

void sight_init(struct sight *sight, enum looks looks);

/**
 * sight_skip - how many bytes at the front of @text are whole foreign lines
 * @text: begins with a plain line (line_is_plain())
 * @lines: receives how many lines they are
 * Return: 0 if that is not known
 */
size_t sight_skip(const struct sight *sight, struct str text, uint32_t *lines);

/*
 * line_counts - is a line's stamp part of the count, whatever it says? --reltime, and /dev/kmsg:
 * its lines begin with facility * 8 + level, up to 23 * 8 + 7 (RFC 5424 6.2.1), and the number
 */
bool line_counts(struct str line);

#endif
