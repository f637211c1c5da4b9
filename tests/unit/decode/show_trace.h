/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show_trace.h - the same as show.h for events with a trace id, which have other members */
#ifndef NFHOP_TEST_SHOW_TRACE_H
#define NFHOP_TEST_SHOW_TRACE_H

#include "show.h"

/*
 * trace_record - decode @rec; Return: text in a buffer that the next call overwrites
 *
 * "ID FAMILY TABLE CHAIN KIND VERDICT>TARGET #HANDLE 'rule text' end markN", or for a packet line
 * "ID FAMILY TABLE CHAIN start IN>OUT FAMILY addresses and header mac". Anything that is no
 * hop and no start: "other", "gap N", or "bad AT EXPECTED". In front stamp (s.ms) and "@host".
 */
const char *trace_record(const struct record *rec);

/* check_traces - like check_rows(); a line that ends with "$" is cut there by the input's end */
void check_traces(const struct row *rows, size_t n);

/* check_file - no line of the file at @path is bad, nor foreign; Return: how many there are */
unsigned int check_file(const char *path);

#define CHECK_TRACES(rows) check_traces(rows, sizeof(rows) / sizeof(*(rows)))

#endif
