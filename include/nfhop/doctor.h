/* SPDX-License-Identifier: GPL-2.0-or-later */
/* doctor.h - can this host trace packets, and if nothing appears: why? */
#ifndef NFHOP_DOCTOR_H
#define NFHOP_DOCTOR_H

#include <stdio.h>

#include "nfhop/writer.h"

enum doctor_level {
	DOCTOR_OK,
	DOCTOR_NOTE, /* good to know; nothing is broken */
	DOCTOR_BAD,  /* something will not appear */
	DOCTOR_LEVEL_MAX
};

/**
 * struct doctor_item - what one check says
 * @check: its name, a constant: the word that JSON has
 * @text: a sentence without its stop. Names in it (of programs, devices, tables) may hold any
 *	byte but NUL.
 * @command: what to run about it, NULL if there is nothing to do
 */
struct doctor_item {
	const char *check;
	enum doctor_level level;
	char *text, *command;
};

/**
 * struct doctor_config - which host to look at
 * @root: "" for this one; else a directory that holds proc/ and the like, and the kernel is not
 *	asked
 * @netns: the network namespace to enter first, NULL for the one we are in. The caller's thread
 *	stays in it.
 */
struct doctor_config {
	const char *root;
	const char *netns;
};

/* struct doctor - all that was said, in the order of the table of checks */
struct doctor {
	struct doctor_item *items;
	size_t n;
};

/**
 * doctor_examine - run every check
 * @doctor: receives the items; doctor_finish() it
 * Return: 0, or -errno: -ENOMEM, or what netns_enter() says
 */
int doctor_examine(const struct doctor_config *config, struct doctor *doctor);
void doctor_finish(struct doctor *doctor);

/* doctor_healthy - is none of the items bad? */
bool doctor_healthy(const struct doctor *doctor);

/* doctor_level_name - "ok", "note", "bad" */
const char *doctor_level_name(enum doctor_level level);

/* doctor_write_text, doctor_write_json - in src/output */
void doctor_write_text(struct writer *writer, const struct doctor *doctor);
void doctor_write_json(FILE *out, const struct doctor *doctor);

#endif
