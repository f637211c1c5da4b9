// SPDX-License-Identifier: GPL-2.0-or-later
/* test_options.c - command lines, what they set, and that wrong ones are refused */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "options.h"

#define WORDS 8

static const struct command report = { .name = "report", .bit = COMMAND_REPORT };

/* clang-format off */
static const struct {
	const char *words[WORDS];
	const char *format;
	enum report_by by;
	enum color_when color;
	int year, loud;
	bool strict;
	size_t sources;
	const char *filter;
} good[] = {
	{ { "a" }, "text", REPORT_BY_FLOW, COLOR_AUTO, 0, 0, false, 1 },
	{ { "-" }, "text", REPORT_BY_FLOW, COLOR_AUTO, 0, 0, false, 1 },
	{ { "-F", "json", "a", "b" }, "json", REPORT_BY_FLOW, COLOR_AUTO, 0, 0, false, 2 },
	{ { "a", "-Fndjson" }, "ndjson", REPORT_BY_FLOW, COLOR_AUTO, 0, 0, false, 1 },
	{ { "--format=json", "--by=stop" }, "json", REPORT_BY_STOP, COLOR_AUTO, 0, 0, false, 0 },
	{ { "--form", "json" }, "json", REPORT_BY_FLOW, COLOR_AUTO, 0, 0, false, 0 },
	{ { "-b", "path", "--color", "never", "a" }, "text", REPORT_BY_PATH, COLOR_NEVER, 0, 0,
	  false, 1 },
	{ { "--year", "2019", "--strict", "-qq" }, "text", REPORT_BY_FLOW, COLOR_AUTO, 2019, -2,
	  true, 0 },
	{ { "-w", "tcp", "--since", "14:58", "-wudp" }, "text", REPORT_BY_FLOW, COLOR_AUTO, 0, 0,
	  false, 0, "tcp and since 14:58:00 and udp" },
	{ { "-v", "--", "-F" }, "text", REPORT_BY_FLOW, COLOR_AUTO, 0, 1, false, 1 },
};

static const char *const bad[][WORDS] = {
	{ "-F" }, { "-F", "xml" }, { "--format", "" }, { "-b", "" }, { "--by=flows" },
	{ "--year", "19" }, { "--year", "20x6" }, { "--year=" }, { "--year", "0000" },
	{ "--colour=always" }, { "--nosuch" }, { "-z" }, { "-qz" }, { "--strict=1" }, { "-o", "" },
	{ "--s=" }, { "--" "ver" }, { "-w", "" }, { "-w", "tpc" }, { "--where=src 10.0.0" },
	{ "--since", "noon" }, { "--until", "14:58\" or tcp or until \"1" },
};

static const struct { const char *word, *candidate; bool near; } guesses[] = {
	{ "reprot", "report", true },
	{ "repo", "report", true },
	{ "formt", "format", true },
	{ "jsn", "json", true },
	{ "view", "report", false },
	{ "x", "report", false },
	{ "html", "json", false },
};
/* clang-format on */

static int parse(struct settings *settings, const char *const *given)
{
	static char copies[WORDS + 1][32];
	static char *argv[WORDS + 2], *words[WORDS + 2];
	int n = 0;

	strcpy(copies[n], "nfhop");
	argv[n] = copies[n];
	for (n = 1; n <= WORDS && given[n - 1]; n++) {
		snprintf(copies[n], sizeof(copies[n]), "%s", given[n - 1]);
		argv[n] = copies[n];
	}
	argv[n] = NULL;
	memcpy(words, argv, sizeof(words));
	return options_parse(settings, &report, words, n, argv);
}

static void check_filter(const struct settings *s, const char *want)
{
	char buf[128] = "";

	assert_int_equal(s->filter != NULL, want != NULL);
	if (want)
		query_print(s->filter, buf, sizeof(buf) - 1);
	assert_string_equal(buf, want ? want : "");
}

static void test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		struct settings s;

		assert_int_equal(parse(&s, good[i].words), 0);
		assert_string_equal(s.output->name, good[i].format);
		assert_int_equal(s.by, good[i].by);
		assert_int_equal(s.color, good[i].color);
		assert_int_equal(s.year, good[i].year);
		assert_int_equal(s.loud, good[i].loud);
		assert_int_equal(s.strict, good[i].strict);
		assert_int_equal(s.n_sources, good[i].sources);
		check_filter(&s, good[i].filter);
		settings_finish(&s);
	}
}

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct settings s;

		if (parse(&s, bad[i]) != -EINVAL)
			fail_msg("%s was taken", bad[i][0]);
		settings_finish(&s);
	}
}

/* What stands behind -- is a command with options of its own, for check alone. */
static void test_command(void **state)
{
	static const struct command check = { .name = "check", .bit = COMMAND_CHECK };
	char words[][16] = { "check", "-F", "tap", "a", "b", "--", "ping", "-c", "--", "1" };
	char *argv[11] = { NULL }, *typed[11] = { NULL };
	struct settings s;

	(void)state;
	for (size_t i = 0; i < 10; i++)
		argv[i] = typed[i] = words[i];
	assert_int_equal(options_parse(&s, &check, typed, 10, argv), 0);
	assert_string_equal(s.check->name, "tap");
	assert_int_equal(s.n_sources, 2);
	assert_int_equal(s.limit, 0);
	assert_string_equal(s.child[0], "ping");
	assert_string_equal(s.child[2], "--");
	assert_null(s.child[4]);
	settings_finish(&s);
}

static void test_guesses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(guesses) / sizeof(*guesses); i++) {
		struct guess guess = guess_start(guesses[i].word);

		guess_consider(&guess, guesses[i].candidate);
		assert_int_equal(guess.best != NULL, guesses[i].near);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_command),
		cmocka_unit_test(test_guesses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
