// SPDX-License-Identifier: GPL-2.0-or-later
/* test_colour.c - what only colours a line goes, all else stays, and columns are those of the line
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "../../../src/decode/colour.h"

/* clang-format off */
static const struct { const char *line, *plain; } rows[] = {
	{ "plain", "plain" },
	{ "", "" },
	{ "\033[32mgreen\033[0m", "green" },
	{ "\033[01;31m\033[KTRACE\033[m\033[K: raw", "TRACE: raw" },
	{ "\033[38:2::1:2:3mx", "x" },
	{ "\033[2Jclear\033[10;3Hmove\033[31mred", "\033[2Jclear\033[10;3Hmovered" },
	{ "\033]0;title\007", "\033]0;title\007" },
	{ "\033[7mtput\033(B\033[m sgr0", "tput sgr0" },
	{ "lines\033(0q\033(", "lines\033(0q\033(" },
	{ "cut\033", "cut\033" },
	{ "cut\033[", "cut\033[" },
	{ "cut\033[3", "cut\033[3" },
	{ "\033\033[1mtwice\033[", "\033twice\033[" },
	{ "\033[1m", "" },
};
/* clang-format on */

static void test_off(void **state)
{
	char buf[64];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct scratch scratch = { buf, sizeof(buf), 0 };
		struct str line = str_from(rows[i].line), plain = colour_off(line, &scratch);

		if (!str_eq(plain, str_from(rows[i].plain)))
			fail_msg("row %zu: %.*s", i, (int)plain.n, plain.p);
		assert_int_equal(scratch.used, plain.p == line.p ? 0 : plain.n);
		for (size_t at = 0; at < plain.n; at++)
			assert_int_equal(line.p[colour_at(line, at)], plain.p[at]);
		assert_true(colour_at(line, plain.n) <= line.n);
	}
}

/* Without room a line stays as it is, which is not as good, but safe. */
static void test_room(void **state)
{
	struct str line = STR("\033[1mlong");
	char buf[8];
	struct scratch scratch = { buf, sizeof(buf), 1 };

	(void)state;
	assert_ptr_equal(colour_off(line, &scratch).p, line.p);
	assert_int_equal(scratch.used, 1);
}

/* A broken line says where, in the line as it stands in the file. */
static void test_where(void **state)
{
	const char *const broken =
		"[1.000001] \033[33mTRACE: \033[0mraw:PREROUTING:rule:1 IN=a OUT= "
		"SRC=192.0.2.x DST=192.0.2.1";
	struct record rec = { .data = str_from(broken), .whole = true, .lines = 1 };
	struct record same = {
		.data = STR("[1.000001] TRACE: raw:PREROUTING:rule:1 IN=a OUT= "
			    "SRC=192.0.2.x DST=192.0.2.1"),
		.whole = true,
	};
	char buf[256];
	struct scratch scratch = { buf, sizeof(buf), 0 };
	struct complaint why = { 0 }, plain = { 0 };
	struct event ev;

	(void)state;
	assert_int_not_equal(decode_record(&same, &scratch, &ev, &plain), 0);
	assert_int_not_equal(decode_record(&rec, &scratch, &ev, &why), 0);
	assert_string_equal(why.expected, plain.expected);
	assert_int_equal(why.at, plain.at + 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_off),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_where),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
