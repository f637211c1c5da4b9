// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stream.c - the bytes of a file, a pipe or standard input, unpacked if they are compressed
 *
 * The first bytes decide, never the name: `kern.log.1` may be compressed and `x.gz` may not.
 * What is not compressed is read straight into the reader's own buffer, so that looking costs
 * such a file nothing.
 */
#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "unpack.h"

static int64_t timespec_ns(struct timespec t)
{
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* stream_look - what the file system says of it */
static int stream_look(struct stream *stream)
{
	struct timespec now;
	struct stat st;

	if (fstat(stream->fd, &st) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode))
		return -EISDIR;
	if (S_ISREG(st.st_mode)) {
		stream->size = (uint64_t)st.st_size;
		stream->mtime_ns = timespec_ns(st.st_mtim);
		posix_fadvise(stream->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	} else {
		clock_gettime(CLOCK_REALTIME, &now);
		stream->mtime_ns = timespec_ns(now);
	}
	return 0;
}

int stream_open(struct stream *stream, const char *name)
{
	stream->owned = strcmp(name, "-");
	stream->fd = stream->owned ? open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY) : STDIN_FILENO;
	return stream->fd < 0 ? -errno : stream_look(stream);
}

void stream_close(struct stream *stream)
{
	unpack_destroy(stream->unpack);
	stream->unpack = NULL;
	if (stream->owned && stream->fd >= 0)
		close(stream->fd);
	stream->fd = -1;
}

ssize_t stream_raw(struct stream *stream, char *buf, size_t n)
{
	ssize_t got;

	do
		got = read(stream->fd, buf, n);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return -errno;
	stream->taken += (uint64_t)got;
	return got;
}

/* first_read - a pipe may bring the first bytes one by one */
static ssize_t first_read(struct stream *stream, char *buf, size_t n)
{
	enum unpack_sight sight;
	size_t got = 0;
	ssize_t part;
	int ret;

	do {
		part = stream_raw(stream, buf + got, n - got);
		if (part < 0)
			return part;
		got += (size_t)part;
		sight = unpack_sight(buf, got);
	} while (part && sight == UNPACK_UNDECIDED);
	stream->looked = true;
	if (sight != UNPACK_PACKED)
		return (ssize_t)got;
	ret = unpack_create(stream, buf, got, &stream->unpack);
	return ret < 0 ? ret : unpack_read(stream->unpack, buf, n);
}

ssize_t stream_read(struct stream *stream, char *buf, size_t n)
{
	if (!stream->looked)
		return first_read(stream, buf, n);
	if (stream->unpack)
		return unpack_read(stream->unpack, buf, n);
	return stream_raw(stream, buf, n);
}
