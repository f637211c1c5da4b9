/* SPDX-License-Identifier: GPL-2.0-or-later */
/* stream.h - the bytes of a file, a pipe or standard input, unpacked if they are compressed */
#ifndef NFHOP_SOURCE_STREAM_H
#define NFHOP_SOURCE_STREAM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define STREAM_ANEW (-4096) /* below every -errno */

struct follow;
struct unpack;

/**
 * struct stream - zero it, then stream_open()
 * @owned: the descriptor is ours to close
 * @looked: the first bytes were looked at, so it is known whether they are compressed
 * @size: 0 if it is no regular file
 * @mtime_ns: when it was last written; for a pipe when it was opened
 * @taken: bytes read from the descriptor
 * @unpack: NULL if the bytes are used as they are
 * @follow: NULL if its end is the end
 * @from: @taken when the file that is read now was begun (it may have been rotated)
 * @waits: it is followed, but no file: read only when it has something
 * @cut: it became shorter while it was read
 * @trouble: what is wrong with the input, empty if nothing is
 */
struct stream {
	int fd;
	bool owned, looked;
	uint64_t size;
	int64_t mtime_ns;
	uint64_t taken;
	struct unpack *unpack;
	struct follow *follow;
	uint64_t from;
	bool waits;
	atomic_bool cut;
	char trouble[160];
};

/**
 * stream_open - @name as source_open() takes it
 * @follow: go on at its end; it need not be there yet
 * Return: 0, or -errno
 */
int stream_open(struct stream *stream, const char *name, bool follow);
void stream_close(struct stream *stream);

/**
 * stream_read - the next bytes, unpacked
 * @n: at least 4096
 * Return: how many are in @buf; 0 at the end, which may be the place where compressed data is
 * broken (then @trouble says so); -EBADMSG if nothing at all could be unpacked; -EAGAIN if it is
 * followed and has nothing now; STREAM_ANEW if what was read so far is over and another file
 * begins: it is read by the next call; -errno
 */
ssize_t stream_read(struct stream *stream, char *buf, size_t n);

/* stream_fd - a descriptor to poll, -1 if reading never says -EAGAIN */
int stream_fd(const struct stream *stream);

/**
 * stream_plain - is it a file that has an end, of bytes that are used as they are?
 * What it has at @taken is then what is read next, and stream_seek() may change that.
 */
bool stream_plain(const struct stream *stream);
int stream_seek(struct stream *stream, uint64_t at);

/* stream_raw - the next bytes as they are in the file; Return: as read(), or -errno */
ssize_t stream_raw(struct stream *stream, char *buf, size_t n);

#endif
