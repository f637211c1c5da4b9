/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bulk.h - a source of text read in blocks instead of records, and decoded on all cores */
#ifndef NFHOP_BULK_H
#define NFHOP_BULK_H

#include "nfhop/batch.h"
#include "nfhop/source.h"

/**
 * bulk_decode - cut a block of text into lines and other records, and decode the lines
 * @text: begins where a record begins
 * @ended: nothing comes after @text
 * @batch: receives all that is in it; batch->used is less than text.n if the rest is an
 *	unfinished record
 * Return: 0 or -ENOMEM
 */
int bulk_decode(struct quick *quick, struct str text, bool ended, struct batch *batch);

struct bulk;

/* bulk_cores - how many cores this process may use (taskset) */
unsigned int bulk_cores(void);

/* Each has numbers of its own for the forms of its lines, on each of its threads; they are 32 bits.
 */
#define BULK_SOURCES_MAX 65536u

/**
 * bulk_create - read @source in blocks, with the help of @cores - 1 threads (heap)
 * @number, @of: it is this one of so many (from 0) that feed one model, at most BULK_SOURCES_MAX
 *
 * Threads begin with the second block; with one core there are none. What comes out does not
 * depend on their number. The source must outlive the bulk, and nobody else may read it.
 */
struct bulk *bulk_create(struct source *source, unsigned int number, unsigned int of,
			 unsigned int cores);
void bulk_destroy(struct bulk *bulk);

/**
 * bulk_next - the next block, decoded
 * @batch: valid until the next call
 * @position: receives how many bytes of the source were read for it, as source_position()
 * Return: 1, 0 at the end, -ENOTSUP if the source holds no text (then nothing was taken from
 * it), -ENOMEM, or what source_next() says
 */
int bulk_next(struct bulk *bulk, const struct batch **batch, uint64_t *position);

#endif
