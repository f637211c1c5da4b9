// SPDX-License-Identifier: GPL-2.0-or-later
/* test_sight.c - foreign lines are passed over alike, however many bytes are looked at at once */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#include "sight.h"

#include "../edge.h"

#define TEXT_MAX 20000

static uint64_t seed = 1;

static size_t below(size_t n)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (size_t)(seed * UINT64_C(0x2545f4914f6cdd1d) >> 33) % n;
}

/* one of each bucket, and what a line begins with that is no plain line */
static const char *const needles[] = {
	"IN=",
	" OUT=",
	"PACKET: ",
	"martian ",
	"neighbour table overflow",
	"Missed ",
	" callbacks suppressed",
	"' repeated ",
	"trace id ",
	"table full",
	"TRACE: ",
	"PROTO=",
	"\033[m\033[K",
	"\033[m ",
	"\033[0m",
	"trace\033[",
	"trace \033[",
	"trace id\033[",
	"\n{\"a\":1}",
	"\nMESSAGE=x",
	"\n\xef\xbb\xbf",
	"\n  { 1",
	"\n[x] y",
	"\n6,1,2,-;x y",
	"\n30,12,5,-;x y",
	"\n191,3,5,-;x y",
	"\n_PID=1",
	"\n\x1e{}",
	"\nPRIORITY=3",
};

/* fragments that are none, but have some of their bytes in the same order */
static const char *const others[] = { "IN",	     "OUT ",	"TRACE;", "PROT",    "repeat",
				      "table ",	     "\nMay",	"\nPrio", "\nSyst",  "\ndate",
				      "\n\xe9t\xe9", "mart",	"\xc9N=", "\033[1m", "\033[mx",
				      "\n2026-03",   "\n192.1", "\n6,x",  "\n202,5", "\n30;1" };

/* write_foreign - @n bytes of lines and fragments of needles; the last byte ends a line */
static void write_foreign(char *to, size_t n)
{
	static const char letters[] = "  etaoinshrdlucmfwypgbk:-_/0123456789";

	for (size_t i = 0; i < n;) {
		const char *other = others[below(sizeof(others) / sizeof(*others))];

		if (!below(40) && i + strlen(other) < n) {
			memcpy(to + i, other, strlen(other));
			i += strlen(other);
		}
		to[i++] = below(30) ? letters[below(sizeof(letters) - 1)] : '\n';
		if (to[i - 1] == '\n' && i < n)
			to[i++] = 'x';
	}
	to[n - 1] = '\n';
}

static size_t count_ends(const char *p, size_t n)
{
	size_t ends = 0;

	while (n--)
		ends += *p++ == '\n';
	return ends;
}

/* passed - what @looks passes over; a read behind the end is a crash */
static size_t passed(enum looks looks, const char *text, size_t n)
{
	struct sight sight;
	uint32_t lines = 0;
	size_t skipped;

	sight_init(&sight, looks);
	skipped = sight_skip(&sight, at_edge((struct str){ text, n }), &lines);
	assert_true(skipped <= n);
	assert_true(!skipped || text[skipped - 1] == '\n');
	assert_int_equal(lines, count_ends(text, skipped));
	return skipped;
}

/* line_of - where the line begins that is told of by a needle at @at */
static size_t line_of(const char *text, size_t at)
{
	if (text[at] == '\n')
		return at + 1;
	while (at && text[at - 1] != '\n')
		at--;
	return at;
}

static void needles_are_seen(void **state)
{
	static char text[TEXT_MAX];

	(void)state;
	for (int round = 0; round < 3000; round++) {
		const char *needle = needles[below(sizeof(needles) / sizeof(*needles))];
		size_t n = 300 + below(TEXT_MAX - 300), at = below(n - 200);

		text[0] = 'x';
		write_foreign(text + 1, n - 1);
		memcpy(text + at, needle, strlen(needle));
		if (text[0] != 'x') /* it begins with something else than a plain line */
			continue;
		for (enum looks looks = LOOKS_32; looks <= sight_best(); looks++)
			assert_int_equal(passed(looks, text, n), line_of(text, at));
	}
}

/* Where nothing is, all is passed over but what is too short to be looked at at once. */
static void nothing_is_seen(void **state)
{
	static char text[TEXT_MAX];

	(void)state;
	for (int round = 0; round < 1000; round++) {
		size_t n = 1 + below(round % 2 ? 300 : TEXT_MAX - 1);

		text[0] = 'x';
		if (n > 1)
			write_foreign(text + 1, n - 1);
		for (enum looks looks = LOOKS_32; looks <= sight_best(); looks++) {
			size_t skipped = passed(looks, text, n);
			size_t rest = n > 70 ? line_of(text, n - 70) : 0;

			assert_true(skipped >= rest);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(needles_are_seen),
		cmocka_unit_test(nothing_is_seen),
	};

	return cmocka_run_group_tests(tests, map_edge, NULL);
}
