/* SPDX-License-Identifier: GPL-2.0-or-later */
/* source.h - where records come from: files, pipes, standard input, the running kernel */
#ifndef NFHOP_SOURCE_H
#define NFHOP_SOURCE_H

#include "nfhop/record.h"

struct source;

/**
 * struct source_want - how a source is to be read; all zero is how a file is
 * @follow: go on when a file ends
 * @buffer: bytes that the kernel shall hold for a live source until they are read; 0: plenty
 * @no_rules: of live sources, the rule set is not wanted
 * @own_table: the nf_tables table that makes the kernel trace for us (live/arm.h), or NULL
 */
struct source_want {
	bool follow, no_rules;
	size_t buffer;
	const char *own_table;
};

/**
 * source_open - open the file, pipe or live source of that name
 * @name: a path, "-" for standard input, or a live source: "nft:", "nflog:GROUP", "kmsg:",
 *	"journal:", or "rules:" (only the rule set, when it changes)
 * @number: given to each of its records
 * @want: not kept; NULL: all zero
 * @source: receives the source (heap), also after a failure if there is more to be said of it
 *	(source_trouble()), else NULL; close it with source_close()
 *
 * Nothing is read yet. What a file holds is recognised from its first bytes: gzip, xz, zstd or
 * bzip2 of anything, an NFLOG capture (pcap or pcapng), a recording, or else text.
 * Return: 0, or -errno (-EISDIR for a directory)
 */
int source_open(const char *name, unsigned int number, const struct source_want *want,
		struct source **source);
void source_close(struct source *source);

/**
 * source_parts - number its records from @number on; to be asked before source_next()
 * Only a recording has more than one number: one for each source that was recorded. It is
 * recognised from the first bytes, which are read now.
 * Return: how many numbers it takes; 0: what came so far does not say that, wait for source_fd()
 * and ask again, or take one
 */
size_t source_parts(struct source *source, unsigned int number);

/* source_part_name - what source @i of a recording was called; NULL if it is none */
const char *source_part_name(const struct source *source, size_t i);

/* source_is_live - would source_open() take @name for a live source? */
bool source_is_live(const char *name);

/**
 * source_fd - a descriptor to poll for reading while source_next() says -EAGAIN
 * Return: -1 for a source that never says so
 */
int source_fd(const struct source *source);

/**
 * source_next - the next record
 * @rec: filled in if the answer is 1; valid until the next call
 *
 * A line that does not end within 1 MiB is handed out in pieces.
 * Return: 1, 0 at the end, or -errno: -EAGAIN if there is nothing now, but may be later;
 * -EBADMSG if compressed data is broken from the beginning; -EPROTONOSUPPORT if it is a capture
 * of something else than NFLOG
 */
int source_next(struct source *source, struct record *rec);

/*
 * source_halfway - after -EAGAIN: has a record begun whose end is not there yet?
 * Who wrote it puts out whole blocks, and more is sure to come.
 */
bool source_halfway(const struct source *source);

/**
 * struct block - some bytes of a text
 * @text: in the buffer of who asked, or the source's own and valid until that is closed; it ends
 *	with a line end, but for a line that is longer than the buffer, and at the end
 * @ended: nothing comes after them
 */
struct block {
	struct str text;
	bool ended;
};

/**
 * source_block - the next bytes of a text, as they are, in place of records
 * @buf: the caller's, of @cap bytes, some 100 kB
 * @block: receives them, as many as @buf has room for if they are mapped; less, if they are read;
 *	nothing, if there are none
 *
 * Return: 1, 0 at the end, -errno as source_next(), -ENOTSUP if it is no text: then
 * source_next() has it all
 */
int source_block(struct source *source, char *buf, size_t cap, struct block *block);

/**
 * source_settle - once a block was looked at: did it have what the source has? By any thread.
 * @buf: as it was given to source_block()
 * @block: if the answer is no, receives what the source has, in @buf: less, and it ended
 *
 * A file may be cut or become unreadable while it is looked at.
 * Return: 1 if all is well, 0 if @block is to be looked at again, -errno
 */
int source_settle(struct source *source, char *buf, struct block *block);

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
