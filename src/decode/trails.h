/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trails.h - which lines of a block belong to one packet, and what they say one after the other */
#ifndef NFHOP_DECODE_TRAILS_H
#define NFHOP_DECODE_TRAILS_H

#include "nfhop/batch.h"

#define TRAIL_SLOTS 8192 /* twice QUICK_TRAILS */

/* struct branch - a trail, and where the packet before went on from it */
struct branch {
	struct trail trail;
	const struct branch *next;
};

/**
 * struct trails - those that are known, and what the lines of this block have in common
 * @branches: QUICK_TRAILS of them, @n are used; [0] is where all begin
 * @slots: a hash of them: their number, 0 = free
 * @since: the stamp of line @span, from which on all are within TRAIL_SPAN_NS of each other
 * @day: when the day of @since began
 * @before: the stamp of the line before, and its @epoch
 */
struct trails {
	unsigned int number;
	struct branch *branches;
	uint16_t slots[TRAIL_SLOTS];
	uint32_t n;
	uint32_t span;
	int64_t day;
	struct stamp since, before;
	uint64_t epoch;
};

/* trails_init - none is known; Return: is there memory? @number: as quick_create() has it */
bool trails_init(struct trails *trails, unsigned int number);
void trails_finish(struct trails *trails);

/* trails_begin - the lines that follow are of another block */
void trails_begin(struct trails *trails);

/*
 * trails_add - @line, number @i of @batch, goes to those that have the same body
 * @epoch: the stamps of lines with the same one are all of one second, by each clock that they have
 */
void trails_add(struct trails *trails, struct batch *batch, const struct line *line, uint32_t i,
		uint64_t epoch);

#endif
