/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show.h - decodes a line and writes down in short what came out, so that tests are tables */
#ifndef NFHOP_TEST_SHOW_H
#define NFHOP_TEST_SHOW_H

#include "nfhop/decode.h"

/* struct row - a line (without its end), and what show_line() says of it */
struct row {
	const char *line, *want;
};

/*
 * show_record - decode @rec; Return: text in a buffer that the next call overwrites
 *
 * "hop rule ip filter:FORWARD:4 r0>r1 10.0.0.1>10.0.0.2 p17 5>6 ...", "note 2 ...", "gap 1 ...",
 * "repeat 2", "other", or "bad AT EXPECTED"; in front of it the stamp and "@host", if any.
 */
const char *show_record(const struct record *rec);
const char *show_line(const char *line);

/* check_rows - show each line and compare; fails the running test at the first difference */
void check_rows(const struct row *rows, size_t n);

#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof(*(rows)))

#endif
