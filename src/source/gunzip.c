// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * gunzip.c - unpacks gzip with zlib
 *
 * Nearly all rotated logs are gzip, so two things count here that libarchive (3.6) does not do:
 * all that stands before a cut is handed out, and the check sum is looked at.
 *
 * A file may hold several members, one behind the other (`cat a.gz b.gz`, bgzip, pigz): they
 * are one text. Zero bytes behind the last are padding of tapes and block devices.
 */
#include <stdlib.h>
#include <zlib.h>

#include "unpack.h"

#define GZIP_WINDOW (15 + 16) /* the biggest window; a gzip header, no zlib header */

/**
 * struct gunzip
 * @between: the next byte begins a member
 * @why: what is wrong, to be told when all that was unpacked before it is handed out
 * @error: the same, of reading the input
 */
struct gunzip {
	struct unpack unpack;
	z_stream z;
	bool between;
	const char *why;
	int error;
};

/* more_input - Return: is there any, or was there none without need for it? */
static bool more_input(struct gunzip *g)
{
	const void *p;
	ssize_t n;

	if (g->z.avail_in)
		return true;
	n = unpack_input(&g->unpack, &p);
	if (n < 0)
		g->error = (int)n;
	else if (!n && !g->between)
		g->why = "it ends too early";
	if (n <= 0)
		return false;
	g->z.next_in = (z_const Bytef *)(uintptr_t)p;
	g->z.avail_in = (uInt)n;
	return true;
}

/* next_member - Return: does one begin here? */
static bool next_member(struct gunzip *g)
{
	while (more_input(g) && !*g->z.next_in) {
		g->z.next_in++;
		g->z.avail_in--;
	}
	if (!g->z.avail_in)
		return false;
	if (*g->z.next_in != 0x1f) {
		g->why = "something else stands behind it";
		return false;
	}
	g->between = false;
	return inflateReset(&g->z) == Z_OK;
}

/* inflate_some - Return: can it go on? */
static bool inflate_some(struct gunzip *g)
{
	int ret;

	if (g->between && !next_member(g))
		return false;
	if (!more_input(g))
		return false;
	ret = inflate(&g->z, Z_NO_FLUSH);
	g->between = ret == Z_STREAM_END;
	if (ret == Z_OK || ret == Z_STREAM_END || ret == Z_BUF_ERROR)
		return true;
	g->why = g->z.msg ? g->z.msg : "it makes no sense";
	return false;
}

static ssize_t gunzip_read(struct unpack *unpack, char *buf, size_t n)
{
	struct gunzip *g = (struct gunzip *)unpack;

	g->z.next_out = (Bytef *)buf;
	g->z.avail_out = (uInt)n;
	while (g->z.avail_out && !g->error && !g->why)
		if (!inflate_some(g))
			break;
	if (g->z.avail_out < n)
		return (ssize_t)(n - g->z.avail_out);
	if (g->error)
		return g->error;
	return g->why ? unpack_damaged(unpack, g->why) : 0;
}

static void gunzip_destroy(struct unpack *unpack)
{
	struct gunzip *g = (struct gunzip *)unpack;

	inflateEnd(&g->z);
	free(g);
}

struct unpack *gunzip_create(void)
{
	struct gunzip *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	if (inflateInit2(&g->z, GZIP_WINDOW) != Z_OK) {
		free(g);
		return NULL;
	}
	g->between = true;
	g->unpack.read = gunzip_read;
	g->unpack.destroy = gunzip_destroy;
	return &g->unpack;
}
