/* SPDX-License-Identifier: GPL-2.0-or-later */
/* note.h - lines that are no packets: what the kernel complains of, what logs lost or repeat */
#ifndef NFHOP_DECODE_NOTE_H
#define NFHOP_DECODE_NOTE_H

#include "packet.h"

/* what a line may be worth looking at for */
enum {
	SIGHT_PACKET = 1 << 0,
	SIGHT_NOTE = 1 << 1,
	SIGHT_GAP = 1 << 2,
	SIGHT_REPEAT = 1 << 3,
	SIGHT_COLOUR = 1 << 4, /* its words may be broken by what colours them */
};

/* note_sight - one pass over a line; Return: SIGHT_* bits, 0 for nearly all foreign lines */
unsigned int note_sight(struct str line);

/**
 * note_decode - read @text as a note, a gap or a repetition
 * @kinds: SIGHT_* that are acceptable here
 * Return: 0 (ev->kind says as what), -ENOENT if it is none, -EINVAL with @fault
 */
int note_decode(struct str text, unsigned int kinds, struct event *ev, struct fault *fault);

/**
 * note_repeated - "message repeated N times: [ inner]" (rsyslog)
 * Return: true with @inner and @times
 */
bool note_repeated(struct str text, struct str *inner, uint32_t *times);

#endif
