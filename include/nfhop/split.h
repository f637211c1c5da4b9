/* SPDX-License-Identifier: GPL-2.0-or-later */
/* split.h - cuts a stream of bytes into records */
#ifndef NFHOP_SPLIT_H
#define NFHOP_SPLIT_H

#include "nfhop/record.h"

/**
 * struct split - where in a source we are; zero it, then set @source
 * @source: number handed on in each record
 * @line: lines cut off so far
 * @offset: bytes cut off so far
 */
struct split {
	unsigned int source;
	uint64_t line;
	uint64_t offset;
};

/**
 * split_next - cut the next record off the front of @in
 * @last: nothing comes after @in
 * @rec: filled in if the answer is not 0; its data points into @in
 *
 * A record is a line (CR LF and LF ends are taken off, runs of NUL bytes as logrotate's
 * copytruncate leaves them are skipped, a byte order mark too), or a journal export entry, or
 * a JSON object. What begins like an object and does not end within 1 MiB is cut into lines
 * after all; an entry or a line that long is handed out in parts (not whole).
 *
 * Return: the number of bytes used up, including the record's end; 0 if @in holds no whole
 * record (read more and come again with the same bytes in front) or is empty.
 */
size_t split_next(struct split *split, struct str in, bool last, struct record *rec);

#endif
