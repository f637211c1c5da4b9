/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check.h - what the three ways to say a check's result share */
#ifndef OUTPUT_CHECK_H
#define OUTPUT_CHECK_H

#include "nfhop/checks.h"
#include "nfhop/text.h"

/* check_name - the expectation's name, or its text if it has none */
struct str check_name(const struct expectation *e);

/* check_packet - "packet 7, tcp A → B SYN, 14:04:55: stopped in FORWARD by ...", its way, and the
 * findings that explain it
 */
void check_packet(struct writer *writer, const struct model *model, const struct packet *packet);

/* struct check_counts - how many of each answer; by enum expect_answer */
struct check_counts {
	size_t n[EXPECT_ANSWER_MAX];
};

struct check_counts check_count(const struct expect_run *run);

/**
 * check_detail - the packet and its way as text on the heap, free() it
 * Without colour, in UTF-8, safe for a terminal. Return: NULL if there is none or no memory
 */
char *check_detail(const struct model *model, const struct expect_result *result);

/* check_evidence - what all answers hang on: caveats; what was lost, broken, given up */
void check_evidence(struct writer *writer, const struct check_report *report,
		    const struct model *model);

/* check_warnings - the same as text on the heap, free() it. Return: NULL if there is none, too */
char *check_warnings(const struct check_report *report, const struct model *model);

void check_text(const struct check_report *report, const struct model *model);
void check_tap(const struct check_report *report, const struct model *model);
void check_tap13(const struct check_report *report, const struct model *model);
void check_junit(const struct check_report *report, const struct model *model);

#endif
