/* SPDX-License-Identifier: GPL-2.0-or-later */
/* markup.c - text between the marks of XML and HTML */
#include "markup.h"

/* XML 1.0 section 2.2 allows neither U+FFFE nor U+FFFF; control characters are \xNN already. */
static bool is_forbidden(struct str s)
{
	return str_starts(s, STR("\xef\xbf\xbe")) || str_starts(s, STR("\xef\xbf\xbf"));
}

static const char *entity(char c)
{
	switch (c) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	default:
		return NULL;
	}
}

void markup_text(FILE *out, struct str text)
{
	for (size_t i = 0; i < text.n; i++) {
		const char *word = entity(text.p[i]);

		if (is_forbidden(str_skip(text, i))) {
			putc_unlocked('?', out);
			i += 2;
		} else if (word) {
			fputs(word, out);
		} else {
			putc_unlocked(text.p[i], out);
		}
	}
}
