// SPDX-License-Identifier: GPL-2.0-or-later
/* test_follow.c - files that go on after their end: grown, rotated, emptied, late */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nfhop/source.h"

#define WAIT_MS 5000 /* for what must come; what must not come is not waited for */

static char folder[64], path[128], other[128];

static int set_up(void **state)
{
	(void)state;
	strcpy(folder, "test_follow.XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/kern.log", folder);
	snprintf(other, sizeof(other), "%s/kern.log.1", folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	unlink(other);
	return rmdir(folder);
}

static void put(const char *name, const char *text)
{
	FILE *f = fopen(name, "a");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static struct source *open_followed(const char *name)
{
	const struct source_want want = { .follow = true };
	struct source *source = NULL;

	assert_int_equal(source_open(name, 3, &want, &source), 0);
	assert_true(source_fd(source) >= 0);
	return source;
}

/* Adds what is there now: line number, data, '|' or '~' if not whole. Return: the last answer */
static int take(struct source *source, char *got, size_t n)
{
	struct record rec;
	int ret;

	while ((ret = source_next(source, &rec)) > 0) {
		size_t at = strlen(got);

		snprintf(got + at, n - at, "%d%.*s%c", (int)rec.line, STR_ARG(rec.data),
			 rec.whole ? '|' : '~');
	}
	return ret;
}

/* Reads until @want has come, woken by the descriptor alone; it says -EAGAIN then. */
static void expect(struct source *source, const char *want)
{
	char got[512] = "";
	int ret = take(source, got, sizeof(got));

	while (strlen(got) < strlen(want)) {
		struct pollfd fd = { .fd = source_fd(source), .events = POLLIN };

		assert_int_equal(ret, -EAGAIN);
		assert_int_equal(poll(&fd, 1, WAIT_MS), 1);
		ret = take(source, got, sizeof(got));
	}
	assert_string_equal(got, want);
	assert_int_equal(ret, -EAGAIN);
}

static void test_grows(void **state)
{
	struct source *source;

	(void)state;
	put(path, "one\ntw");
	source = open_followed(path);
	expect(source, "1one|");
	put(path, "o\nthree\n");
	expect(source, "2two|3three|");
	expect(source, "");
	put(path, "four");
	expect(source, "");
	put(path, "\n");
	expect(source, "4four|");
	assert_int_equal(source_position(source), 19);
	source_close(source);
}

/* As logrotate does: the writer goes on with the old file until it is told. */
static void test_renamed(void **state)
{
	struct source *source;

	(void)state;
	put(path, "one\n");
	source = open_followed(path);
	expect(source, "1one|");
	assert_int_equal(rename(path, other), 0);
	put(other, "two\n");
	expect(source, "2two|");
	put(path, ""); /* made, but nobody writes there yet */
	put(other, "three\n");
	expect(source, "3three|");
	put(other, "last\n");
	put(path, "new one\n");
	expect(source, "4last|1new one|");
	put(path, "new two\n");
	expect(source, "2new two|");
	put(other, "never seen\n");
	expect(source, "");
	source_close(source);
}

static void test_renamed_within_a_line(void **state)
{
	struct source *source;

	(void)state;
	put(path, "one\nbro");
	source = open_followed(path);
	expect(source, "1one|");
	assert_int_equal(rename(path, other), 0);
	put(path, "new one\n");
	expect(source, "2bro~1new one|");
	source_close(source);
}

static void test_replaced_at_once(void **state)
{
	struct source *source;

	(void)state;
	put(path, "one\n");
	source = open_followed(path);
	expect(source, "1one|");
	put(other, "other one\n");
	assert_int_equal(rename(other, path), 0);
	expect(source, "1other one|");
	source_close(source);
}

static void test_copytruncate(void **state)
{
	struct source *source;

	(void)state;
	put(path, "one\ntwo\nbro");
	source = open_followed(path);
	expect(source, "1one|2two|");
	assert_int_equal(truncate(path, 0), 0);
	expect(source, "3bro~");
	put(path, "three\n");
	expect(source, "1three|");
	put(path, "four\n");
	assert_int_equal(truncate(path, 0), 0);
	put(path, "5\n");
	expect(source, "15|");
	source_close(source);
}

/* A writer without O_APPEND leaves a hole of NUL bytes where the old content was. */
static void test_hole_after_truncation(void **state)
{
	struct source *source;
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	(void)state;
	assert_int_equal(write(fd, "one\ntwo\n", 8), 8);
	source = open_followed(path);
	expect(source, "1one|2two|");
	assert_int_equal(truncate(path, 0), 0);
	expect(source, "");
	assert_int_equal(write(fd, "three\n", 6), 6);
	expect(source, "1three|");
	close(fd);
	source_close(source);
}

static void test_late(void **state)
{
	struct source *source;

	(void)state;
	source = open_followed(path);
	assert_true(source_mtime_ns(source) > 0);
	expect(source, "");
	put(path, "");
	expect(source, "");
	put(path, "one\n");
	expect(source, "1one|");
	unlink(path);
	expect(source, "");
	put(path, "again\n");
	expect(source, "1again|");
	source_close(source);
}

/* The folder is not there either: only the timer can tell. */
static void test_late_folder(void **state)
{
	char deep[160], file[192];
	struct source *source;

	(void)state;
	snprintf(deep, sizeof(deep), "%s/later", folder);
	snprintf(file, sizeof(file), "%s/x.log", deep);
	source = open_followed(file);
	expect(source, "");
	assert_int_equal(mkdir(deep, 0700), 0);
	put(file, "one\n");
	expect(source, "1one|");
	source_close(source);
	unlink(file);
	rmdir(deep);
}

/* What is packed ends where it ends. */
static void test_packed(void **state)
{
	static const unsigned char one[] = {
		/* "one\n" by gzip -n */
		0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xcb, 0xcf,
		0x4b, 0xe5, 0x02, 0x00, 0x9f, 0xa8, 0x17, 0xf8, 0x04, 0x00, 0x00, 0x00,
	};
	struct source *source;
	char got[64] = "";
	FILE *f = fopen(path, "w");

	(void)state;
	fwrite(one, 1, sizeof(one), f);
	fclose(f);
	source = open_followed(path);
	assert_int_equal(take(source, got, sizeof(got)), 0);
	assert_string_equal(got, "1one|");
	source_close(source);
}

/* A pipe never holds up others, and its end is its end. */
static void test_pipe(void **state)
{
	struct source *source;
	char got[64] = "";
	int fds[2], stdin_was = dup(STDIN_FILENO);

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(dup2(fds[0], STDIN_FILENO), STDIN_FILENO);
	source = open_followed("-");
	expect(source, "");
	assert_int_equal(write(fds[1], "one\ntw", 6), 6);
	expect(source, "1one|");
	assert_int_equal(write(fds[1], "o", 1), 1);
	close(fds[1]);
	assert_int_equal(take(source, got, sizeof(got)), 0);
	assert_string_equal(got, "2two~");
	source_close(source);
	close(fds[0]);
	dup2(stdin_was, STDIN_FILENO);
	close(stdin_was);
}

static void test_without_follow(void **state)
{
	struct source *source = NULL;

	(void)state;
	assert_int_equal(source_open(path, 0, NULL, &source), -ENOENT);
	put(path, "one\n");
	assert_int_equal(source_open(path, 0, NULL, &source), 0);
	assert_int_equal(source_fd(source), -1);
	source_close(source);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_grows),
		CASE(test_renamed),
		CASE(test_renamed_within_a_line),
		CASE(test_replaced_at_once),
		CASE(test_copytruncate),
		CASE(test_hole_after_truncation),
		CASE(test_late),
		CASE(test_late_folder),
		CASE(test_packed),
		CASE(test_pipe),
		CASE(test_without_follow),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
