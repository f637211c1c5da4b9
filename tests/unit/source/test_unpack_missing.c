// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_unpack_missing.c - what unpacks is not installed: that is said, and plain files are read
 *
 * The argument is the folder with packed.log and what xz made of it.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "nfhop/source.h"

static const char *folder;

/* The linker puts these in the place of the real ones. */
void *__wrap_dlopen(const char *name, int mode);
char *__wrap_dlerror(void);

void *__wrap_dlopen(const char *name, int mode)
{
	(void)mode;
	assert_non_null(strstr(name, "libarchive"));
	return NULL;
}

char *__wrap_dlerror(void)
{
	static char why[] = "libarchive.so.13: not here";

	return why;
}

static struct source *open_file(const char *name)
{
	struct source *source;
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(source_open(path, 0, NULL, &source), 0);
	return source;
}

static void packed_files_say_what_is_missing(void **state)
{
	struct source *source;
	struct record rec;
	struct block block;
	char buf[4096];

	(void)state;
	for (int blocks = 0; blocks < 2; blocks++) {
		source = open_file("packed.log.xz");
		/* who asks what it holds does not use up the error */
		assert_int_equal(source_parts(source, 0), 1);
		assert_int_equal(blocks ? source_block(source, buf, sizeof(buf), &block)
					: source_next(source, &rec),
				 -EBADMSG);
		assert_string_equal(source_trouble(source),
				    "it is compressed, and cannot be unpacked here "
				    "(libarchive.so.13: not here)");
		source_close(source);
	}
}

static void plain_files_are_read(void **state)
{
	struct source *source = open_file("packed.log");
	struct record rec;

	(void)state;
	assert_int_equal(source_next(source, &rec), 1);
	assert_null(source_trouble(source));
	source_close(source);
}

int main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packed_files_say_what_is_missing),
		cmocka_unit_test(plain_files_are_read),
	};

	if (argc != 2)
		return 2;
	folder = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
