/* SPDX-License-Identifier: GPL-2.0-or-later */
/* merge.h - the records of several sources in the order of time */
#ifndef CLI_MERGE_H
#define CLI_MERGE_H

#include "nfhop/bulk.h"
#include "nfhop/source.h"

struct merge;

/**
 * struct food - what comes next: steps of a batch, or one record
 * @batch: NULL: it is @rec; else the steps [from, to) of it
 * @source: whose it is: its place among those given to merge_create()
 * @position: how far that was read, as source_position()
 */
struct food {
	const struct batch *batch;
	size_t from, to;
	struct record rec;
	size_t source;
	uint64_t position;
};

/**
 * merge_create - merge @n sources (at least one)
 * @sources: not owned; must outlive it
 * @year: of the first stamp of each that has none, or 0 (see timeline_resolve())
 * @blocks: texts may be read in blocks
 * Return: the merge (heap), or NULL if there is no memory
 */
struct merge *merge_create(struct source *const *sources, size_t n, int year, bool blocks);
void merge_destroy(struct merge *merge);

/**
 * merge_next - what comes next
 * @food: filled in if the answer is 1; valid until the next call
 * @failed: receives the number of a source that cannot be read on, if the answer is negative
 *
 * The records of one source keep their order, and one without a stamp stays behind the one
 * before it. A source without stamps, or with stamps of another kind (time since boot), comes
 * as a whole, in the order in which the sources were given.
 *
 * Return: 1; 0 at the end of all; what source_next() said of one that failed: the others can be
 * read on.
 */
int merge_next(struct merge *merge, struct food *food, size_t *failed);

#endif
