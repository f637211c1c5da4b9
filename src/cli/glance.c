// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * glance.c - is an input a log at all?
 *
 * A log of a quiet day has nothing of netfilter's, and that is a good answer. So has any other
 * file, and there it is none. What tells them apart: lines of a log say when they were, or whose.
 */
#include "glance.h"

#include "nfhop/decode.h"

#define ENOUGH 1000 /* lines: who has not said when he was by then, will not */

void glance_record(struct glance *glance, const struct record *rec)
{
	static char buf[SCRATCH_SIZE];
	struct scratch scratch = { .buf = buf, .cap = sizeof(buf) };

	if (glance->lines >= ENOUGH)
		return;
	if (!glance->lines)
		glance->wide = str_starts(rec->data, STR("\xff\xfe")) ||
			       str_starts(rec->data, STR("\xfe\xff"));
	glance->lines++;
	glance->framed += decode_is_framed(rec, &scratch);
}

void glance_text(struct glance *glance, struct str text)
{
	while (text.n && glance->lines < ENOUGH) {
		struct record rec = { .data = str_first(text, str_find(text, STR("\n"))),
				      .whole = true };

		glance_record(glance, &rec);
		text = str_skip(text, rec.data.n + 1);
	}
}

/* Other files have a line with a stamp here and there, and logs one without. */
bool glance_is_log(const struct glance *glance)
{
	return glance->framed && glance->framed >= glance->lines / 10;
}
