/* SPDX-License-Identifier: GPL-2.0-or-later */
/* follow.h - a file that goes on after its end: grows, is rotated, or is not there yet */
#ifndef NFHOP_SOURCE_FOLLOW_H
#define NFHOP_SOURCE_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

struct follow;

/* What there is at the end of a file. */
enum follow_sight {
	FOLLOW_WAIT, /* nothing now */
	FOLLOW_MORE, /* read on */
	FOLLOW_ANEW, /* another file stands there, or the same one was emptied: read from its start
		      */
};

/**
 * follow_create - follow the file of that name
 * @name: a path; it need not be there
 * @fd: of the open file, or -1; stays the caller's
 * @follow: receives the follower (heap)
 * Return: 0, or -errno
 */
int follow_create(const char *name, int fd, struct follow **follow);
void follow_destroy(struct follow *follow);

/**
 * follow_look - what to do when a read of @fd gave nothing
 * @fd: the open file or -1; replaced (and the old one closed) with FOLLOW_ANEW
 * @position: bytes of it that were read
 */
enum follow_sight follow_look(struct follow *follow, int *fd, uint64_t position);

/* follow_fd - polls readable when it is worth looking again */
int follow_fd(const struct follow *follow);

#endif
