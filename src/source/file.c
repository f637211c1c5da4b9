// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * file.c - files, pipes and standard input, read in big blocks and cut into records
 *
 * Theory of operation
 *
 * One buffer holds what was read and not yet handed out: [at, end). When the splitter finds no
 * whole record in it, the rest moves to the front and a block is read behind it. The rest is
 * one unfinished record, so what is moved is small beside what is read.
 *
 * Mapping the file would save the copy, but a log that is truncated while it is mapped
 * (logrotate's copytruncate) ends the program with SIGBUS; read() just comes to the end.
 *
 * Invariant: the buffer holds at most LONGEST bytes and a block, whatever the input is.
 */
#include "nfhop/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "nfhop/split.h"

#define BLOCK	((size_t)256 << 10) /* fits the second-level cache with what is made of it */
#define LONGEST ((size_t)16 << 20)

/**
 * struct source - an open file
 * @owned: the descriptor is ours to close
 * @ended: read() has said so
 * @size: 0 if it is no regular file
 * @buf: @cap bytes, of which [@at, @end) wait to be handed out
 */
struct source {
	int fd;
	bool owned, ended;
	uint64_t size;
	int64_t mtime_ns;
	struct split split;
	char *buf;
	size_t cap, at, end;
};

static int64_t timespec_ns(struct timespec t)
{
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* source_look - what the file system says of it */
static int source_look(struct source *source)
{
	struct stat st;

	if (fstat(source->fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (S_ISREG(st.st_mode)) {
		source->size = (uint64_t)st.st_size;
		source->mtime_ns = timespec_ns(st.st_mtim);
		posix_fadvise(source->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	} else {
		struct timespec now;

		clock_gettime(CLOCK_REALTIME, &now);
		source->mtime_ns = timespec_ns(now);
	}
	return 0;
}

int source_open(const char *name, unsigned int number, struct source **source)
{
	struct source *s = calloc(1, sizeof(*s));
	int ret;

	if (!s)
		return -ENOMEM;
	s->split.source = number;
	s->owned = strcmp(name, "-");
	s->fd = s->owned ? open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY) : STDIN_FILENO;
	ret = s->fd < 0 ? -errno : source_look(s);
	if (ret < 0) {
		source_close(s);
		return ret;
	}
	*source = s;
	return 0;
}

void source_close(struct source *source)
{
	if (!source)
		return;
	if (source->owned && source->fd >= 0)
		close(source->fd);
	free(source->buf);
	free(source);
}

/* A file that was truncated in place begins with NUL bytes, gigabytes of them: do not keep them. */
static void skip_nuls(struct source *source)
{
	while (source->at < source->end && !source->buf[source->at]) {
		source->at++;
		source->split.offset++;
	}
}

/* make_room - space for a block behind what waits */
static int make_room(struct source *source)
{
	size_t waits = source->end - source->at;
	char *buf;

	if (source->at && waits)
		memmove(source->buf, source->buf + source->at, waits);
	source->at = 0;
	source->end = waits;
	if (source->cap - waits >= BLOCK)
		return 0;
	buf = realloc(source->buf, 2 * (waits + BLOCK));
	if (!buf)
		return -ENOMEM;
	source->buf = buf;
	source->cap = 2 * (waits + BLOCK);
	return 0;
}

static int read_block(struct source *source)
{
	ssize_t n;
	int ret;

	skip_nuls(source);
	ret = make_room(source);
	if (ret < 0)
		return ret;
	do
		n = read(source->fd, source->buf + source->end, BLOCK);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	source->end += (size_t)n;
	source->ended = n == 0;
	return 0;
}

int source_next(struct source *source, struct record *rec)
{
	for (;;) {
		struct str in = { source->buf + source->at, source->end - source->at };
		bool last = source->ended || in.n >= LONGEST;
		size_t n = in.n ? split_next(&source->split, in, last, rec) : 0;
		int ret;

		if (n) {
			source->at += n;
			rec->whole |= !source->ended;
			return 1;
		}
		if (source->ended)
			return 0;
		ret = read_block(source);
		if (ret < 0)
			return ret;
	}
}

uint64_t source_size(const struct source *source)
{
	return source->size;
}

uint64_t source_position(const struct source *source)
{
	return source->split.offset;
}

int64_t source_mtime_ns(const struct source *source)
{
	return source->mtime_ns;
}
