/* SPDX-License-Identifier: GPL-2.0-or-later */
/* unpack.h - gzip, xz, zstd and bzip2, unpacked while they are read */
#ifndef NFHOP_SOURCE_UNPACK_H
#define NFHOP_SOURCE_UNPACK_H

#include "stream.h"

#define UNPACK_BLOCK ((size_t)128 << 10) /* read from the file at a time */

enum unpack_sight {
	UNPACK_PLAIN,
	UNPACK_PACKED,
	UNPACK_UNDECIDED, /* show more bytes; at the end of the input it means plain */
};

/**
 * struct unpack - what every unpacker begins with
 * @read: as stream_read(), but not called again once it has said 0 or failed
 * @destroy: frees it
 * @front: what was read before it was known to be compressed; @n_front bytes, 0 once used
 * @any: something was handed out
 */
struct unpack {
	ssize_t (*read)(struct unpack *unpack, char *buf, size_t n);
	void (*destroy)(struct unpack *unpack);
	struct stream *stream;
	char *front;
	size_t n_front;
	bool any, ended;
	char buf[UNPACK_BLOCK];
};

/* unpack_sight - do these first bytes of an input begin compressed data? */
enum unpack_sight unpack_sight(const char *p, size_t n);

/**
 * unpack_create - unpack what @stream holds
 * @front, @n: bytes that were read from it already; copied
 * @unpack: receives the unpacker (heap)
 * Return: 0, or -errno
 */
int unpack_create(struct stream *stream, const char *front, size_t n, struct unpack **unpack);
void unpack_destroy(struct unpack *unpack);

/* unpack_read - as stream_read() */
ssize_t unpack_read(struct unpack *unpack, char *buf, size_t n);

/* For unpackers. */

/* unpack_input - the next packed bytes, in @p. Return: how many, 0 at the end, -errno */
ssize_t unpack_input(struct unpack *unpack, const void **p);

/* unpack_damaged - the input is not what it began as. Return: what read() shall return */
ssize_t unpack_damaged(struct unpack *unpack, const char *why);

/* filters_create, gunzip_create - an unpacker with its functions, or NULL; see unpack_create() */
struct unpack *filters_create(void);
struct unpack *gunzip_create(void);

#endif
