/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_query.c - anything at all, read as a filter; what is one must print and parse again */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "nfhop/query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* The printed form is a filter, and prints as itself. */
static void check_printed(const struct query *q)
{
	size_t n = query_print(q, NULL, 0);
	char *text = malloc(n), *twice = malloc(n);
	struct query_error err;
	struct query *again;

	must(text && twice);
	must(query_print(q, text, n) == n);
	if (n <= QUERY_TEXT_MAX) {
		must(query_parse((struct str){ text, n }, &again, &err) == 0);
		must(query_print(again, twice, n) == n && !memcmp(text, twice, n));
		query_destroy(again);
	}
	free(text);
	free(twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	struct query_error err;
	struct query *q;
	char buf[512];

	if (query_parse(text, &q, &err)) {
		must(err.at + err.n <= size && *err.expected);
		must(strlen(query_error_text(&err, text, buf, sizeof(buf))) < sizeof(buf));
		return 0;
	}
	check_printed(q);
	query_destroy(q);
	return 0;
}
