/* SPDX-License-Identifier: GPL-2.0-or-later */
/* recording.h - cuts a recording into its records */
#ifndef NFHOP_SOURCE_RECORDING_H
#define NFHOP_SOURCE_RECORDING_H

#include "nfhop/recording.h"

#define RECORDING_SOURCES 64

/**
 * struct recording - where in a recording we are; zero it, then set @number
 * @number: of its first source
 * @told: for how many sources there are numbers; what others say goes by the first one's
 * @names: of its sources, @n of them (heap)
 * @lines: records so far of each; @bytes: data of those that count
 * @last_ns: when the last one was received
 * @headed: the head was passed; @named: nothing but records comes from here on
 * @ended: it was said that the run was ended
 * @trouble: what is wrong with it, empty if nothing is
 */
struct recording {
	unsigned int number;
	size_t told;
	char *names[RECORDING_SOURCES];
	size_t n;
	uint64_t lines[RECORDING_SOURCES];
	uint64_t bytes;
	int64_t last_ns;
	int16_t zone_min;
	bool headed, named, ended;
	char trouble[160];
};

/* recording_begins - do these first bytes begin one? @more: that cannot be seen yet */
bool recording_begins(struct str in, bool *more);

/**
 * recording_names - pass over the head and the names
 * Return: 1 when all are known; 0 if more is needed; -EBADMSG, -ENOMEM
 */
int recording_names(struct recording *recording, struct str in, bool last, size_t *used);

/**
 * recording_next - the next record
 * @in: what was read and not used
 * @last: nothing comes behind it
 * @used: receives how much is used up, whatever the answer
 *
 * A recording that ends without being ended (its program was killed) gets a RECORD_END at its
 * last time, so that nothing is concluded from what may have been under way.
 * Return: 1; 0 if more is needed, or at the end; -EBADMSG if nothing more can be understood
 */
int recording_next(struct recording *recording, struct str in, bool last, struct record *rec,
		   size_t *used);
void recording_finish(struct recording *recording);

#endif
