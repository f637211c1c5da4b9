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
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "follow.h"
#include "unpack.h"

/* Files can be of years that ns in 64 bits do not reach. */
static int64_t timespec_ns(struct timespec t)
{
	if (t.tv_sec < 0 || t.tv_sec >= INT64_MAX / 1000000000)
		return t.tv_sec < 0 ? 0 : INT64_MAX;
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return timespec_ns(now);
}

/* stream_look - what the file system says of it */
static int stream_look(struct stream *stream)
{
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
		stream->mtime_ns = now_ns();
	}
	return 0;
}

/* A pipe has an end, but reading it must not hold up others; a file is looked at again. */
static int stream_follow(struct stream *stream, const char *name)
{
	struct stat st = { .st_mode = S_IFREG };

	if (stream->fd >= 0 && fstat(stream->fd, &st) < 0)
		return -errno;
	if (S_ISREG(st.st_mode) && stream->owned)
		return follow_create(name, stream->fd, &stream->follow);
	stream->waits = !S_ISREG(st.st_mode);
	return 0;
}

int stream_open(struct stream *stream, const char *name, bool follow)
{
	int ret;

	stream->owned = strcmp(name, "-");
	stream->fd = stream->owned ? open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY) : STDIN_FILENO;
	if (stream->fd < 0 && !(follow && errno == ENOENT))
		return -errno;
	if (stream->fd < 0)
		stream->mtime_ns = now_ns();
	ret = stream->fd < 0 ? 0 : stream_look(stream);
	return ret || !follow ? ret : stream_follow(stream, name);
}

int stream_fd(const struct stream *stream)
{
	if (stream->follow)
		return follow_fd(stream->follow);
	return stream->waits ? stream->fd : -1;
}

void stream_close(struct stream *stream)
{
	unpack_destroy(stream->unpack);
	stream->unpack = NULL;
	follow_destroy(stream->follow);
	stream->follow = NULL;
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
		if (!part && !got && stream->follow)
			return 0; /* nothing in it yet: nothing is known of it */
		got += (size_t)part;
		sight = unpack_sight(buf, got);
	} while (part && sight == UNPACK_UNDECIDED);
	stream->looked = true;
	if (sight != UNPACK_PACKED)
		return (ssize_t)got;
	ret = unpack_create(stream, buf, got, &stream->unpack);
	return ret < 0 ? ret : unpack_read(stream->unpack, buf, n);
}

static ssize_t read_part(struct stream *stream, char *buf, size_t n)
{
	if (stream->follow && stream->fd < 0)
		return 0;
	if (!stream->looked)
		return first_read(stream, buf, n);
	return stream->unpack ? unpack_read(stream->unpack, buf, n) : stream_raw(stream, buf, n);
}

/* at_end - of a file that is followed; Return: 0 to read again, or what stream_read() says */
static ssize_t at_end(struct stream *stream)
{
	switch (follow_look(stream->follow, &stream->fd, stream->taken - stream->from)) {
	case FOLLOW_MORE:
		return 0;
	case FOLLOW_ANEW:
		stream->from = stream->taken;
		stream->looked = false;
		return STREAM_ANEW;
	case FOLLOW_WAIT:
	default:
		return -EAGAIN;
	}
}

static bool has_something(const struct stream *stream)
{
	struct pollfd fd = { .fd = stream->fd, .events = POLLIN };

	return poll(&fd, 1, 0) != 0;
}

bool stream_plain(const struct stream *stream)
{
	return stream->looked && stream->size && stream->owned && !stream->unpack &&
	       !stream->follow;
}

int stream_seek(struct stream *stream, uint64_t at)
{
	if (lseek(stream->fd, (off_t)at, SEEK_SET) < 0)
		return -errno;
	stream->taken = at;
	return 0;
}

/* look_back - is the file as long as it was when it was opened, if we come to an end before? */
static void look_back(struct stream *stream)
{
	struct stat st;

	if (stream_plain(stream) && stream->taken < stream->size && !fstat(stream->fd, &st) &&
	    (uint64_t)st.st_size < stream->size)
		atomic_store(&stream->cut, true);
}

ssize_t stream_read(struct stream *stream, char *buf, size_t n)
{
	ssize_t got;

	if (stream->waits && !has_something(stream))
		return -EAGAIN;
	do {
		got = read_part(stream, buf, n);
		if (!got)
			look_back(stream);
		/* what is packed is complete: its end is the end */
		if (got || !stream->follow || stream->unpack)
			return got;
		got = at_end(stream);
	} while (!got);
	return got;
}
