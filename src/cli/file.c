/* SPDX-License-Identifier: GPL-2.0-or-later */
/* file.c - small files read whole, and what is wrong in them */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli.h"

#define FILE_LONGEST ((size_t)64 << 20) /* a rule set of a million rules; more is a mistake */

int file_read(const char *name, struct str *text)
{
	FILE *file = fopen(name, "rb");
	char *buf = NULL, *grown;
	size_t n = 0, cap = 0;
	int err = 0;

	if (!file)
		return -errno;
	do {
		if (n == cap) {
			cap = cap ? cap * 2 : 65536;
			grown = cap > FILE_LONGEST ? NULL : realloc(buf, cap);
			if (!grown) {
				err = cap > FILE_LONGEST ? -EFBIG : -ENOMEM;
				break;
			}
			buf = grown;
		}
		n += fread(buf + n, 1, cap - n, file);
	} while (!feof(file) && !ferror(file));
	if (ferror(file))
		err = -EIO;
	fclose(file);
	*text = (struct str){ buf, n };
	return err;
}

void complain_file(const char *file, unsigned int line, unsigned int column, const char *expected,
		   struct str found)
{
	char text[64];
	size_t n = 0;

	for (size_t i = 0; i < found.n && n + 1 < sizeof(text); i++)
		text[n++] = found.p[i] >= ' ' && found.p[i] < 0x7f ? found.p[i] : '?';
	text[n] = '\0';
	if (n)
		complain("%s:%u:%u: expected %s, found \"%s\"", file, line, column, expected, text);
	else
		complain("%s:%u:%u: expected %s, found the end", file, line, column, expected);
}
