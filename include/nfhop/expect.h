/* SPDX-License-Identifier: GPL-2.0-or-later */
/* expect.h - expectations (interface.md section 6): read, held against packets, learned */
#ifndef NFHOP_EXPECT_H
#define NFHOP_EXPECT_H

#include <stdio.h>

#include "nfhop/query.h"

#define EXPECT_MANY UINT64_MAX /* no upper bound */

/**
 * struct expectation - one line: `name: some SELECT => THEN`
 * @name: as written, else empty
 * @text: the line without its name and comment; lines that go on are joined by blanks
 * @all: every packet that @select holds for; else @min to @max packets: `some` is 1 to
 *	EXPECT_MANY, `none` 0 to 0
 * @line: from 1
 */
struct expectation {
	struct str name, text;
	bool all;
	uint64_t min, max;
	struct query *select, *then;
	uint32_t line;
};

/* struct expectations - one file of them */
struct expectations {
	const char *file;
	char *text;
	struct expectation *at;
	size_t n, cap;
};

/**
 * struct expect_error - why a line is no expectation
 * @text: the line, as it stands in what was parsed
 * @what: its place counts bytes of @text
 */
struct expect_error {
	uint32_t line;
	struct str text;
	struct query_error what;
};

/**
 * expectations_parse - read a file of expectations
 * A line that ends with a backslash goes on in the next one.
 * @file: its name, the caller's
 * @wrong: called for each line that is wrong
 * Return: 0; -EINVAL if a line was wrong; -ENOMEM. expectations_finish() them in any case.
 */
int expectations_parse(struct expectations *all, const char *file, struct str text,
		       void (*wrong)(void *who, const struct expect_error *err), void *who);
void expectations_finish(struct expectations *all);

enum expect_answer { EXPECT_PASSED, EXPECT_FAILED, EXPECT_INCONCLUSIVE, EXPECT_ANSWER_MAX };

#define EXPECT_REASON 512

/**
 * struct expect_result - what came of one expectation
 * @selected: packets that its left side holds for; @held: of these, those that the right side
 *	holds for
 * @doubtful: packets of which one of the two cannot be told
 * @packet: the first that broke it, was selected in vain or is doubtful; a copy, or NULL
 * @reason: a sentence without its stop. Names in it are as in the log and the file.
 */
struct expect_result {
	enum expect_answer answer;
	uint64_t selected, held, doubtful;
	struct packet *packet;
	char reason[EXPECT_REASON];
	/* private */
	struct packet *broke, *missed, *unsure;
	uint64_t perhaps; /* of `all`: packets that hold, but are perhaps not selected */
	struct query_doubt doubt;
};

/* struct expect_narrow - @option of the user's leaves out what @filter does not hold for */
struct expect_narrow {
	const char *option;
	const struct query *filter;
};

#define EXPECT_NARROWS 2

/**
 * struct expect_run - packets on their way through all expectations of a file
 * @narrows: set by the caller, where there are any; an expectation that selects other packets
 *	than these, and none was selected, is inconclusive
 * @cut: set by the caller, where more would have come: why it did not; it counts as a loss
 */
struct expect_run {
	struct expect_narrow narrows[EXPECT_NARROWS];
	const char *cut;
	const struct expectations *all;
	struct expect_result *results; /* one an expectation */
	uint64_t packets;
	int err; /* -ENOMEM once memory ended */
};

/* expect_start - Return: 0 or -ENOMEM; expect_finish() it in any case */
int expect_start(struct expect_run *run, const struct expectations *all);
void expect_finish(struct expect_run *run);

/* expect_packet - hold one closed packet against all; fits struct model_sink (@who: the run) */
void expect_packet(void *who, const struct model *model, const struct packet *packet);

/**
 * expect_end - all packets were seen: answer
 *
 * Where events were lost, lines were broken, or packets given up before they were judged, what was
 * not seen may have been there: then `all` and every upper bound are inconclusive unless they
 * failed, and every lower bound unless it was reached. The same without any packet: nothing was
 * traced. Return: 0, or -ENOMEM
 */
int expect_end(struct expect_run *run, const struct model *model);

/* expect_worst - EXPECT_FAILED before EXPECT_INCONCLUSIVE before EXPECT_PASSED */
enum expect_answer expect_worst(const struct expect_run *run);

/**
 * expect_trace - which packets are to be traced so that all can be judged
 * Only protocols are told apart: addresses, ports and directions change on the way.
 * Return: 0 or -ENOMEM
 */
int expect_trace(const struct expectations *all, struct query **q);

/**
 * expect_learn - write expectations that the packets of a good capture meet
 * @out: one expectation a kind of traffic, with the devices, the service, and the rules that
 *	decided. A rule that has a comment which is its own in its chain is named by it.
 * Reads model_packet_at(): the model must have kept the packets.
 * Return: 0 or -ENOMEM
 */
int expect_learn(FILE *out, const struct model *model);

#endif
