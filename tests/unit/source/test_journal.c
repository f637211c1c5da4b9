// SPDX-License-Identifier: GPL-2.0-or-later
/* test_journal.c - the journal as journalctl prints it: a program of our own stands in for it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nfhop/source.h"

#define WAIT_MS	    5000
#define ENTRY(text) "__REALTIME_TIMESTAMP=1\\nMESSAGE=" text "\\n_TRANSPORT=kernel\\n\\n"

static char folder[64], script[96], pid_file[96], path_was[4096];

static int set_up(void **state)
{
	(void)state;
	strcpy(folder, "test_journal.XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(script, sizeof(script), "%s/journalctl", folder);
	snprintf(pid_file, sizeof(pid_file), "%s/pid", folder);
	snprintf(path_was, sizeof(path_was), "%s", getenv("PATH"));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	setenv("PATH", path_was, 1);
	unlink(script);
	unlink(pid_file);
	return rmdir(folder);
}

/* What journalctl does: lines of a shell. */
static void make_journalctl(const char *does)
{
	char path[5000];
	FILE *f = fopen(script, "w");

	assert_non_null(f);
	fprintf(f, "#!/bin/sh\necho $$ > %s\n%s\n", pid_file, does);
	fclose(f);
	chmod(script, 0700);
	snprintf(path, sizeof(path), "%s:%s", folder, path_was);
	setenv("PATH", path, 1);
}

static int next_within(struct source *source, struct record *rec)
{
	int ret;

	while ((ret = source_next(source, rec)) == -EAGAIN) {
		struct pollfd fd = { .fd = source_fd(source), .events = POLLIN };

		if (poll(&fd, 1, WAIT_MS) == 0)
			return -ETIME;
	}
	return ret;
}

/* The program, once it has written its number; 0 if it never does. */
static pid_t child_pid(void)
{
	int pid = 0;

	for (int i = 0; i < WAIT_MS / 10 && !pid; i++) {
		FILE *f = fopen(pid_file, "r");

		if (f && fscanf(f, "%d", &pid) != 1)
			pid = 0;
		if (f)
			fclose(f);
		usleep(10000);
	}
	return pid;
}

static bool dies(pid_t pid)
{
	for (int i = 0; i < WAIT_MS / 10; i++) {
		if (kill(pid, 0) < 0)
			return true;
		usleep(10000);
	}
	return false;
}

static void test_entries(void **state)
{
	struct source *source = NULL;
	struct record rec;
	pid_t pid;

	(void)state;
	make_journalctl(
		"[ \"$*\" = '--dmesg --output=export --follow --lines=0 --no-pager' ] || "
		"exit 9\n"
		"printf '" ENTRY("one") "'\nsleep 0.2\nprintf '" ENTRY("two") "'\n"
									      "exec sleep 100");
	assert_int_equal(source_open("journal:", 4, NULL, &source), 0);
	assert_true(source_is_live("journal:"));
	assert_true(source_fd(source) >= 0);
	assert_int_equal(next_within(source, &rec), 1);
	assert_int_equal(rec.kind, RECORD_JOURNAL);
	assert_int_equal(rec.source, 4);
	assert_true(str_has(rec.data, STR("MESSAGE=one\n")) && rec.whole);
	assert_int_equal(source_next(source, &rec), -EAGAIN);
	assert_int_equal(next_within(source, &rec), 1);
	assert_true(str_has(rec.data, STR("MESSAGE=two\n")));
	pid = child_pid();
	source_close(source);
	assert_true(pid > 0 && dies(pid));
}

static void test_ends_by_itself(void **state)
{
	struct source *source = NULL;
	struct record rec;

	(void)state;
	make_journalctl("echo 'No journal for you.' >&2\necho more >&2\nexit 1");
	assert_int_equal(source_open("journal:", 0, NULL, &source), 0);
	assert_int_equal(next_within(source, &rec), -EPIPE);
	assert_string_equal(source_trouble(source), "journalctl ended: No journal for you.");
	assert_int_equal(source_next(source, &rec), 0);
	source_close(source);
}

static void test_is_not_here(void **state)
{
	struct source *source = NULL;

	(void)state;
	setenv("PATH", folder, 1);
	assert_int_equal(source_open("journal:", 0, NULL, &source), -ENOENT);
	assert_non_null(strstr(source_trouble(source), "kmsg:"));
	source_close(source);
	assert_int_equal(source_open("journal:x", 0, NULL, &source), -EINVAL);
	assert_string_equal(source_trouble(source), "expected journal: alone, found journal:x");
	source_close(source);
}

/* We are killed; it must not stay behind. */
static void test_dies_with_us(void **state)
{
	struct source *source = NULL;
	pid_t us, pid;

	(void)state;
	make_journalctl("exec sleep 100");
	us = fork();
	if (!us) {
		source_open("journal:", 0, NULL, &source);
		pause();
	}
	pid = child_pid();
	assert_true(pid > 0);
	kill(us, SIGKILL);
	waitpid(us, NULL, 0);
	assert_true(dies(pid));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_entries),
		CASE(test_ends_by_itself),
		CASE(test_is_not_here),
		CASE(test_dies_with_us),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
