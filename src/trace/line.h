/* SPDX-License-Identifier: GPL-2.0-or-later */
/* line.h - what is known of the forms of lines, and the packets that need no look at their lines */
#ifndef NFHOP_TRACE_LINE_H
#define NFHOP_TRACE_LINE_H

#include "assemble.h"

/**
 * struct known_form - what the assembler knows of a form
 * @known: the rest holds
 * @lo: over lo, where packets stand in buckets of their own
 * @follows: a line of it can go to its packet by the body's number: a hop of a legacy table
 * @have: HOP_* bits of its hops
 * @flags: PACKET_* bits that its hops give to their packet
 */
struct known_form {
	bool known, lo, follows;
	uint8_t have;
	uint16_t flags;
	struct place place;
	struct steps steps;
};

/* form_of - what is known of @form; NULL if there is no memory */
struct known_form *form_of(struct assembler *a, const struct form *form);

/* alone - is no other open packet like @i? */
bool alone(const struct assembler *a, uint32_t i, const struct header *h);

/* append - as hop_append(), for a body that the packet had before */
int append(struct assembler *a, uint32_t i, struct known_form *k, const struct line *line,
	   const struct body *body, const struct stamp *stamp, enum hook hook);

/**
 * ride_begin - packet @i had its first hop: need its other lines not be looked at?
 * @line: number of its line in the batch; @stamp: that of it, resolved
 */
void ride_begin(struct assembler *a, uint32_t i, size_t line, const struct stamp *stamp);

/* ride_on - Return: is line @i one of a packet that rides? If it is the last, it has arrived. */
bool ride_on(struct assembler *a, size_t i);

void rides_finish(struct assembler *a);

#endif
