/* SPDX-License-Identifier: GPL-2.0-or-later */
/* output.h - the same model said in several ways: text, JSON, NDJSON, HTML */
#ifndef NFHOP_OUTPUT_H
#define NFHOP_OUTPUT_H

#include <stdio.h>

#include "nfhop/model.h"

enum report_by { REPORT_BY_FLOW, REPORT_BY_PACKET, REPORT_BY_PATH, REPORT_BY_STOP };

/**
 * struct report - what is to be written, and how
 * @out: where to; stays open
 * @by: text and html only
 * @color: escape sequences may be used
 * @utf8: symbols may be used; else ASCII stands in; HTML always has them
 * @width: columns of the terminal, or 0 if it is none
 * @names: names of the sources, @n_names of them
 * @where: the filter as text; NULL: everything is shown
 * @seconds: how long it took, for stats; negative: not said (goldens stay equal)
 */
struct report {
	FILE *out;
	enum report_by by;
	bool color, utf8;
	unsigned int width;
	const char *const *names;
	size_t n_names;
	const char *where;
	double seconds;
	/* an output's own, zero at first */
	uint64_t n;
	void *state; /* to be freed by free() */
};

/**
 * struct output - one way to say it; a NULL member has nothing to say there
 * @needs_packets: packet() wants every packet
 * @whole: one document, which nobody reads before its end
 * @head: before anything else
 * @packet: one packet, in the order in which they close
 * @tail: after model_end(): flows, findings, counts
 */
struct output {
	const char *name;
	const char *help;
	bool needs_packets, whole;
	void (*head)(struct report *report, const struct model *model);
	void (*packet)(struct report *report, const struct model *model,
		       const struct packet *packet);
	void (*tail)(struct report *report, const struct model *model);
};

/* outputs - every output, ended by a row without a name; the first is the default */
extern const struct output outputs[];

/* output_find - Return: the row of that name, or NULL */
const struct output *output_find(struct str name);

#endif
