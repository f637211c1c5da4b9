/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_expect.c - anything at all, read as a file of expectations */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "nfhop/expect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_error(void *who, const struct expect_error *err)
{
	const struct str *text = who;
	char buf[512];

	if (!err->line || err->what.at + err->what.n > err->text.n || !*err->what.expected ||
	    (err->text.n &&
	     (err->text.p < text->p || err->text.p + err->text.n > text->p + text->n)))
		abort();
	query_error_text(&err->what, err->text, buf, sizeof(buf));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = { (const char *)data, size };
	struct expectations all;
	struct query *q;

	expectations_parse(&all, "f", text, check_error, &text);
	for (size_t i = 0; i < all.n; i++)
		if (all.at[i].min > all.at[i].max || !all.at[i].select || !all.at[i].then)
			abort();
	if (expect_trace(&all, &q))
		abort();
	query_destroy(q);
	expectations_finish(&all);
	return 0;
}
