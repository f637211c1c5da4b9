// SPDX-License-Identifier: GPL-2.0-or-later
/* test_file.c - files and pipes, cut into records */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nfhop/source.h"

/* clang-format off */
static const struct {
	struct str given;
	const char *want; /* each record as its line number, its data, '|', or '~' if not whole */
} files[] = {
#define ROW(given, want) { { given, sizeof(given) - 1 }, want }
	ROW("", ""),
	ROW("one\n", "1one|"),
	ROW("one\ntwo\n", "1one|2two|"),
	ROW("one\ntwo", "1one|2two~"),
	ROW("one\r\n\r\ntwo\r\n", "1one|2|3two|"),
	ROW("\0\0\0\0one\n", "1one|"),
};
/* clang-format on */

/* Everything that comes out of a source, as in the table above. */
static void check(struct source *source, const char *want)
{
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);
	struct record rec;
	int ret;

	while ((ret = source_next(source, &rec)) > 0) {
		assert_int_equal(rec.source, 7);
		fprintf(out, "%d%.*s%c", (int)rec.line, STR_ARG(rec.data), rec.whole ? '|' : '~');
	}
	assert_int_equal(ret, 0);
	assert_int_equal(source_next(source, &rec), 0);
	fclose(out);
	assert_string_equal(text, want);
	free(text);
}

static char *make_file(struct str content)
{
	static char path[] = "test_file.XXXXXX";
	int fd;

	strcpy(path, "test_file.XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, content.p, content.n), content.n);
	close(fd);
	return path;
}

static void test_regular_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		char *path = make_file(files[i].given);
		struct source *source;

		assert_int_equal(source_open(path, 7, NULL, &source), 0);
		assert_int_equal(source_size(source), files[i].given.n);
		assert_int_equal(source_position(source), 0);
		check(source, files[i].want);
		assert_int_equal(source_position(source), files[i].given.n);
		source_close(source);
		unlink(path);
	}
}

/* A line comes in pieces; the end may come without a line end. */
static void test_pipe(void **state)
{
	static const char *const pieces[] = { "o", "ne\ntw", "o\n", "three" };
	struct source *source;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(dup2(fds[0], STDIN_FILENO), STDIN_FILENO);
	assert_int_equal(source_open("-", 7, NULL, &source), 0);
	if (fork() == 0) {
		for (size_t i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
			if (write(fds[1], pieces[i], strlen(pieces[i])) < 0)
				_exit(1);
			usleep(10000);
		}
		_exit(0);
	}
	close(fds[1]);
	assert_int_equal(source_size(source), 0);
	assert_true(source_mtime_ns(source) > 0);
	check(source, "1one|2two|3three~");
	source_close(source);
	close(fds[0]);
}

/* What is longer than any line of a log comes in pieces, and memory stays bounded. */
static void test_endless_line(void **state)
{
	size_t n = (size_t)40 << 20, sum = 0;
	char *big = malloc(n), *path;
	struct source *source;
	struct record rec;

	(void)state;
	assert_non_null(big);
	memset(big, 'x', n);
	path = make_file((struct str){ big, n });
	assert_int_equal(source_open(path, 0, NULL, &source), 0);
	while (source_next(source, &rec) == 1) {
		assert_true(rec.data.n <= (size_t)17 << 20);
		sum += rec.data.n;
	}
	assert_int_equal(sum, n);
	source_close(source);
	unlink(path);
	free(big);
}

/* logrotate's copytruncate, while we read */
static void test_truncated_while_read(void **state)
{
	size_t n = (size_t)4 << 20;
	char *big = malloc(n), *path;
	struct source *source;
	struct record rec;

	(void)state;
	assert_non_null(big);
	memset(big, '\n', n);
	path = make_file((struct str){ big, n });
	assert_int_equal(source_open(path, 0, NULL, &source), 0);
	assert_int_equal(source_next(source, &rec), 1);
	assert_int_equal(truncate(path, 0), 0);
	while (source_next(source, &rec) == 1)
		;
	assert_int_equal(source_next(source, &rec), 0);
	assert_true(source_position(source) < n);
	source_close(source);
	unlink(path);
	free(big);
}

static void test_what_cannot_be_opened(void **state)
{
	struct source *source = NULL;

	(void)state;
	assert_int_equal(source_open("no/such/file", 0, NULL, &source), -ENOENT);
	assert_int_equal(source_open(".", 0, NULL, &source), -EISDIR);
	source_close(source);
}

/* The file system may keep times that 64 bits of nanoseconds do not reach. */
static void test_far_times(void **state)
{
	static const char path[] = "test_file.tmp";
	static const struct {
		int64_t s;
		bool past; /* is it after 2200? */
	} rows[] = {
		{ -2000000000, false }, { 9223372035, true },  { 9223372036, true },
		{ 9223372037, true },	{ 13569465600, true },
	};
	FILE *f = fopen(path, "w");

	(void)state;
	assert_non_null(f);
	fclose(f);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct timespec times[2] = { { rows[i].s, 900000000 }, { rows[i].s, 900000000 } };
		struct source *source;
		struct stat st;

		assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
		assert_int_equal(stat(path, &st), 0);
		if (st.st_mtim.tv_sec != rows[i].s)
			continue; /* this one does not */
		assert_int_equal(source_open(path, 0, NULL, &source), 0);
		assert_int_equal(source_mtime_ns(source) > INT64_C(7258118400) * 1000000000,
				 rows[i].past);
		source_close(source);
	}
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_regular_files),
		cmocka_unit_test(test_pipe),
		cmocka_unit_test(test_endless_line),
		cmocka_unit_test(test_truncated_while_read),
		cmocka_unit_test(test_what_cannot_be_opened),
		cmocka_unit_test(test_far_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
