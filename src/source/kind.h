/* SPDX-License-Identifier: GPL-2.0-or-later */
/* kind.h - the kinds of sources that this room knows */
#ifndef NFHOP_SOURCE_KIND_H
#define NFHOP_SOURCE_KIND_H

#include "nfhop/source.h"

/**
 * struct source_ops - one kind of source, see source.h
 * @block: NULL: it holds no text; @settle: NULL: what it hands out stays as it is
 * @fd, @trouble, @size, @mtime_ns, @part_name, @halfway: NULL: -1, nothing, 0, now, nothing, no
 */
struct source_ops {
	int (*next)(struct source *source, struct record *rec);
	int (*block)(struct source *source, char *buf, size_t cap, struct block *block);
	int (*settle)(struct source *source, char *buf, struct block *block);
	void (*close)(struct source *source);
	int (*fd)(const struct source *source);
	const char *(*trouble)(const struct source *source);
	uint64_t (*size)(const struct source *source);
	uint64_t (*position)(const struct source *source);
	int64_t (*mtime_ns)(const struct source *source);
	size_t (*parts)(struct source *source, unsigned int number);
	const char *(*part_name)(const struct source *source, size_t i);
	bool (*halfway)(const struct source *source);
};

/* struct source - what each kind's own struct begins with */
struct source {
	const struct source_ops *ops;
};

/**
 * source_opener - one kind's source_open()
 * @name: without the prefix that chose the kind
 */
typedef int source_opener(const char *name, unsigned int number, const struct source_want *want,
			  struct source **source);

source_opener file_open;
/* file_open_fd - what a pipe brings; it becomes the source's to close; never waits for more */
int file_open_fd(int fd, unsigned int number, struct source **source);
source_opener journal_open, kmsg_open, nft_open, nflog_source_open, rules_open;

#endif
