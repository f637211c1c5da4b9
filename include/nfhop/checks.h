/* SPDX-License-Identifier: GPL-2.0-or-later */
/* checks.h - what came of expectations, said in several ways: text, TAP, JUnit XML */
#ifndef NFHOP_CHECKS_H
#define NFHOP_CHECKS_H

#include <stdio.h>

#include "nfhop/expect.h"

/**
 * struct check_report - what is to be written, and how
 * @out: where to; stays open
 * @color, @utf8, @width: as in struct report
 * @run: its answers are drawn
 * @names: as the sources are called, @n_names of them
 * @seconds: how long it took; negative: not said (goldens stay equal)
 */
struct check_report {
	FILE *out;
	bool color, utf8;
	unsigned int width;
	const struct expect_run *run;
	const char *const *names;
	size_t n_names;
	double seconds;
};

/* struct check_output - one way to say it */
struct check_output {
	const char *name;
	const char *help;
	void (*write)(const struct check_report *report, const struct model *model);
};

/* check_outputs - ended by a row without a name; the first is the default */
extern const struct check_output check_outputs[];

#endif
