/* SPDX-License-Identifier: GPL-2.0-or-later */
/* source.h - where records come from: a file, a pipe, standard input; logs and captures */
#ifndef NFHOP_SOURCE_H
#define NFHOP_SOURCE_H

#include "nfhop/record.h"

struct source;

/**
 * source_open - open the file or pipe of that name
 * @name: a path, or "-" for standard input
 * @number: given to each of its records
 * @source: receives the source (heap); close it with source_close()
 *
 * Nothing is read yet. What it holds is recognised from its first bytes: gzip, xz, zstd or bzip2
 * of anything, an NFLOG capture (pcap or pcapng), or else text.
 * Return: 0, or -errno (-EISDIR for a directory)
 */
int source_open(const char *name, unsigned int number, struct source **source);
void source_close(struct source *source);

/**
 * source_next - the next record
 * @rec: filled in if the answer is 1; valid until the next call
 *
 * A line that does not end within 1 MiB is handed out in pieces.
 * Return: 1, 0 at the end, or -errno: -EBADMSG if compressed data is broken from the beginning,
 * -EPROTONOSUPPORT if it is a capture of something else than NFLOG
 */
int source_next(struct source *source, struct record *rec);

/**
 * source_trouble - what is wrong with the input itself
 * Return: the words for it, to be put behind the source's name and a colon, or NULL. To be asked
 * after source_next() has said 0 (all before that place was handed out) or has failed. Valid
 * until the source is closed.
 */
const char *source_trouble(const struct source *source);

/* source_size - bytes of the file, packed as they are, or 0 if that cannot be known (a pipe) */
uint64_t source_size(const struct source *source);
/* source_position - bytes of those that were read so far */
uint64_t source_position(const struct source *source);
/* source_mtime_ns - when it was last written, ns since 1970; for a pipe when it was opened */
int64_t source_mtime_ns(const struct source *source);

#endif
