// SPDX-License-Identifier: GPL-2.0-or-later
/* unpack.c - which unpacker an input needs, and what all of them have in common */
#include "unpack.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef NFHOP_ZLIB
#define gunzip_create filters_create
#endif

static const struct packing {
	const char *magic;
	size_t n;
	struct unpack *(*create)(void);
} packings[] = {
	{ "\x1f\x8b", 2, gunzip_create },	       /* gzip, RFC 1952 */
	{ "\xfd\x37\x7a\x58\x5a", 5, filters_create }, /* xz */
	{ "\x28\xb5\x2f\xfd", 4, filters_create },     /* zstd, RFC 8878 */
	{ "BZh", 3, filters_create },		       /* bzip2; libarchive looks at more of it */
};

/* find_packing - the row whose magic the bytes begin with, or could begin with; or NULL */
static const struct packing *find_packing(const char *p, size_t n)
{
	for (size_t i = 0; i < sizeof(packings) / sizeof(*packings); i++)
		if (!memcmp(p, packings[i].magic, n < packings[i].n ? n : packings[i].n))
			return &packings[i];
	return NULL;
}

enum unpack_sight unpack_sight(const char *p, size_t n)
{
	const struct packing *packing = find_packing(p, n);

	if (!packing)
		return UNPACK_PLAIN;
	return n >= packing->n ? UNPACK_PACKED : UNPACK_UNDECIDED;
}

int unpack_create(struct stream *stream, const char *front, size_t n, struct unpack **unpack)
{
	struct unpack *u = find_packing(front, n)->create();

	if (!u)
		return -ENOMEM;
	u->stream = stream;
	u->n_front = n;
	u->front = malloc(n);
	if (!u->front) {
		unpack_destroy(u);
		return -ENOMEM;
	}
	memcpy(u->front, front, n);
	*unpack = u;
	return 0;
}

void unpack_destroy(struct unpack *unpack)
{
	if (!unpack)
		return;
	free(unpack->front);
	unpack->destroy(unpack);
}

ssize_t unpack_read(struct unpack *u, char *buf, size_t n)
{
	ssize_t got;

	if (u->ended)
		return 0;
	got = u->read(u, buf, n);
	u->any |= got > 0;
	u->ended = got <= 0;
	return got;
}

/* The front was used up when more is asked for. */
ssize_t unpack_input(struct unpack *u, const void **p)
{
	size_t n = u->n_front;

	if (n) {
		*p = u->front;
		u->n_front = 0;
		return (ssize_t)n;
	}
	free(u->front);
	u->front = NULL;
	*p = u->buf;
	return stream_raw(u->stream, u->buf, sizeof(u->buf));
}

ssize_t unpack_damaged(struct unpack *u, const char *why)
{
	snprintf(u->stream->trouble, sizeof(u->stream->trouble),
		 "the compressed data is damaged or cut (%s); %s", why ? why : "no more is known",
		 u->any ? "what came before that is used" : "nothing of it could be read");
	return u->any ? 0 : -EBADMSG;
}
