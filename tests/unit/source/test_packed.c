// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_packed.c - compressed files: the same lines as in the plain one, several members, from a
 * pipe, cut anywhere, damaged anywhere
 *
 * The argument is the folder with packed.log and what gzip, xz, zstd and bzip2 made of it.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "nfhop/source.h"

#define ROOM ((size_t)1 << 20)

static const char *folder;
static const char *const packed[] = { "packed.log.gz", "packed.log.xz", "packed.log.zst",
				      "packed.log.bz2" };

static struct str read_file(const char *name)
{
	static char bufs[2][ROOM];
	static int turn;
	char path[4096], *buf = bufs[turn ^= 1];
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "rb");
	assert_non_null(f);
	n = fread(buf, 1, ROOM, f);
	fclose(f);
	return (struct str){ buf, n };
}

static void make_file(const char *path, struct str one, struct str two)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(one.p, 1, one.n, f), one.n);
	assert_int_equal(fwrite(two.p, 1, two.n, f), two.n);
	assert_int_equal(fclose(f), 0);
}

/* check_lines - its lines are those that @want begins with, the last perhaps cut. Return: bytes */
static size_t check_lines(struct source *source, struct str want, int *error)
{
	struct record rec;
	size_t at = 0;
	int ret;

	while ((ret = source_next(source, &rec)) > 0) {
		struct str rest = str_skip(want, at);

		assert_true(str_starts(rest, rec.data));
		at += rec.data.n + rec.whole;
		assert_true(!rec.whole || rest.p[rec.data.n] == '\n');
	}
	assert_int_equal(source_next(source, &rec), 0);
	*error = ret;
	return at;
}

static size_t check_file(const char *path, struct str want, int *error, bool *trouble)
{
	struct source *source;
	size_t n;

	assert_int_equal(source_open(path, 0, NULL, &source), 0);
	n = check_lines(source, want, error);
	*trouble = source_trouble(source) != NULL;
	assert_true(*trouble || !*error);
	source_close(source);
	return n;
}

static void same_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct str text = read_file("packed.log"), none = { "", 0 };
		struct str bytes = read_file(packed[i]);
		bool trouble;
		int error;

		make_file("test_packed.tmp", bytes, none);
		assert_int_equal(check_file("test_packed.tmp", text, &error, &trouble), text.n);
		assert_false(error || trouble);
	}
	unlink("test_packed.tmp");
}

/* cat a.gz b.gz */
static void several_members(void **state)
{
	static char twice[2 * ROOM];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct str text = read_file("packed.log"), bytes = read_file(packed[i]);
		bool trouble;
		int error;

		memcpy(twice, text.p, text.n);
		memcpy(twice + text.n, text.p, text.n);
		text = (struct str){ twice, 2 * text.n };
		make_file("test_packed.tmp", bytes, bytes);
		assert_int_equal(check_file("test_packed.tmp", text, &error, &trouble), text.n);
		assert_false(error || trouble);
	}
	unlink("test_packed.tmp");
}

static void from_a_pipe(void **state)
{
	struct str text = read_file("packed.log"), bytes = read_file(packed[0]);
	struct source *source;
	int fds[2], error;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(dup2(fds[0], STDIN_FILENO), STDIN_FILENO);
	assert_int_equal(source_open("-", 0, NULL, &source), 0);
	if (fork() == 0) {
		for (size_t i = 0; i < bytes.n; i++)
			if (write(fds[1], bytes.p + i, 1) < 0)
				_exit(1);
		_exit(0);
	}
	close(fds[1]);
	assert_int_equal(check_lines(source, text, &error), text.n);
	assert_int_equal(source_position(source), bytes.n);
	assert_false(error || source_trouble(source));
	source_close(source);
	close(fds[0]);
}

/* What a cut left is used, and somebody is told; without zlib a block less (see filters.c). */
static void cut_anywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct str text = read_file("packed.log"), none = { "", 0 };
		struct str bytes = read_file(packed[i]);
		size_t before = 0;

		for (size_t n = 16; n < bytes.n; n += 97) {
			bool trouble;
			size_t got;
			int error;

			make_file("test_packed.tmp", str_first(bytes, n), none);
			got = check_file("test_packed.tmp", text, &error, &trouble);
			assert_true(trouble && got >= before);
			assert_int_equal(error, got ? 0 : -EBADMSG);
			before = got;
		}
		assert_true(i > 0 || before > text.n / 2 || !HAVE_ZLIB);
	}
	unlink("test_packed.tmp");
}

/* Nothing is read where nothing may be, and it comes to an end. */
static void damaged_anywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct str bytes = read_file(packed[i]), none = { "", 0 };
		char *p = (char *)bytes.p;

		for (size_t at = 0; at < bytes.n; at += 61) {
			struct source *source;
			struct record rec;

			p[at] ^= 0x55;
			make_file("test_packed.tmp", bytes, none);
			p[at] ^= 0x55;
			assert_int_equal(source_open("test_packed.tmp", 0, NULL, &source), 0);
			while (source_next(source, &rec) > 0)
				;
			source_close(source);
		}
	}
	unlink("test_packed.tmp");
}

/* A check sum that does not fit is told; the lines are there. */
static void wrong_check_sum(void **state)
{
	struct str text = read_file("packed.log"), none = { "", 0 };
	struct str bytes = read_file(packed[0]);
	char *p = (char *)bytes.p;
	bool trouble;
	int error;

	(void)state;
	p[bytes.n - 8] ^= 1;
	make_file("test_packed.tmp", bytes, none);
	assert_int_equal(check_file("test_packed.tmp", text, &error, &trouble), text.n);
	assert_true(trouble || !HAVE_ZLIB);
	assert_false(error);
	unlink("test_packed.tmp");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_lines),	   cmocka_unit_test(several_members),
		cmocka_unit_test(cut_anywhere),	   cmocka_unit_test(damaged_anywhere),
		cmocka_unit_test(wrong_check_sum), cmocka_unit_test(from_a_pipe),
	};

	folder = argc == 2 ? argv[1] : ".";
	return cmocka_run_group_tests(tests, NULL, NULL);
}
