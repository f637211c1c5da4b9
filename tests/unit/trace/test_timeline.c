/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_timeline.c - years that the text lacks, times that are differences */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "nfhop/trace.h"

#define DAY(n) ((int64_t)(n)*86400 * 1000000000)

/* Days since 1970 of some dates, from `date -u -d DATE +%s` / 86400. */
enum {
	D1972_02_29 = 789,
	D1972_03_02 = 791,
	D1972_06_01 = 882,
	D1972_11_22 = 1056,
	D1972_12_31 = 1095,
	D1972_01_01 = 730,
	D2019_03_02 = 17957,
	D2019_03_03 = 17958,
	D2024_02_29 = 19782,
	D2024_12_31 = 20088,
	D2025_01_01 = 20089,
	D2025_11_22 = 20414,
	D2026_01_05 = 20458,
	D2026_11_22 = 20779,
	D2200_11_22 = 84331,
};

static int64_t year_of(struct timeline *t, int day)
{
	struct stamp s = { .wall_ns = DAY(day) + 5, .have = STAMP_WALL | STAMP_NO_YEAR };

	timeline_resolve(t, &s);
	assert_false(s.have & STAMP_NO_YEAR);
	assert_int_equal(s.wall_ns % DAY(1), 5);
	return s.wall_ns / DAY(1);
}

static void test_years(void **state)
{
	static const struct {
		int mtime, year;
		int days[3], want[3];
	} rows[] = {
		/* the year of the file's last change */
		{ D2019_03_03, 0, { D1972_03_02 }, { D2019_03_02 } },
		/* a day ahead is a clock that is off, not a year ago */
		{ D2019_03_02 - 1, 0, { D1972_03_02 }, { D2019_03_02 } },
		/* later in the year than the file: last year's */
		{ D2026_01_05, 0, { D1972_11_22 }, { D2025_11_22 } },
		/* the turn of the year, and a late line of the old one */
		{ D2025_01_01,
		  0,
		  { D1972_12_31, D1972_01_01, D1972_12_31 },
		  { D2024_12_31, D2025_01_01, D2024_12_31 } },
		/* what the user says goes before the file's time */
		{ D2019_03_03, 2026, { D1972_11_22 }, { D2026_11_22 } },
		{ 0, 2024, { D1972_02_29 }, { D2024_02_29 } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct timeline t = { .mtime_ns = DAY(rows[i].mtime), .year = rows[i].year };

		for (int k = 0; k < 3 && rows[i].days[k]; k++)
			assert_int_equal(year_of(&t, rows[i].days[k]), rows[i].want[k]);
	}
}

/* A log that has centuries of months, or a file of such a time, leads to no year beyond reason. */
static void test_years_end(void **state)
{
	static const int days[] = { D1972_01_01, D1972_06_01, D1972_11_22 };
	struct timeline t = { .mtime_ns = DAY(D2026_01_05) }, late = { .year = 9999 };
	int64_t day = 0;

	(void)state;
	for (int i = 0; i < 3000; i++)
		day = year_of(&t, days[i % 3]);
	assert_int_equal(day, D2200_11_22);
	assert_int_equal(year_of(&late, D1972_11_22), D2200_11_22);
}

/* They are counted from the first line, and say so. */
static void test_differences(void **state)
{
	struct timeline t = { .mtime_ns = 0 };
	struct stamp first = { .up_ns = 7, .have = STAMP_UP | STAMP_DELTA };
	struct stamp boot = { .up_ns = 90000, .have = STAMP_UP };
	struct stamp next = { .up_ns = 4000, .have = STAMP_UP | STAMP_DELTA };

	(void)state;
	timeline_resolve(&t, &first);
	timeline_resolve(&t, &boot);
	timeline_resolve(&t, &next);
	assert_int_equal(next.up_ns, 4007);
	assert_int_equal(boot.up_ns, 90000);
	assert_true(stamp_from_boot(&boot));
	assert_false(stamp_from_boot(&first) || stamp_from_boot(&next));
	assert_int_equal(stamp_age(&next, &first), 4000);
	assert_int_equal(stamp_age(&first, &next), -4000);
}

static void test_ages_of_other_clocks(void **state)
{
	struct stamp up = { .up_ns = 7, .have = STAMP_UP };
	struct stamp wall = { .wall_ns = 9, .have = STAMP_WALL };
	struct stamp sum = { .up_ns = 3, .have = STAMP_UP | STAMP_DELTA };

	(void)state;
	assert_int_equal(stamp_age(&up, &wall), 0);
	assert_int_equal(stamp_age(&up, &sum), 0); /* of another input: it began with that */
	assert_int_equal(stamp_age(&sum, &up), 0);
	sum.have |= STAMP_WALL;
	sum.wall_ns = 4;
	up.have |= STAMP_WALL;
	up.wall_ns = 9;
	assert_int_equal(stamp_age(&up, &sum), 5);
}

static struct span span_of(const struct stamp *a, const struct stamp *b, bool apart)
{
	struct span span = { .unknown = false };

	span_add(&span, a, a, apart);
	span_add(&span, b, b, apart);
	return span;
}

/* What cannot be compared has no first and no last. */
static void test_spans(void **state)
{
	struct stamp old = { .wall_ns = 1, .up_ns = 900, .have = STAMP_WALL | STAMP_UP };
	struct stamp young = { .wall_ns = 2, .up_ns = 5, .have = STAMP_WALL | STAMP_UP };
	struct stamp up = { .up_ns = 7, .have = STAMP_UP }, none = { .have = 0 };
	struct stamp wall = { .wall_ns = 9, .have = STAMP_WALL };
	struct stamp sum = { .up_ns = 3, .have = STAMP_UP | STAMP_DELTA };

	(void)state;
	assert_int_equal(span_of(&young, &old, false).first.up_ns, 5);
	assert_int_equal(span_of(&young, &old, true).first.up_ns, 900);
	assert_int_equal(span_of(&old, &young, true).last.up_ns, 5);
	assert_int_equal(span_of(&up, &none, false).last.up_ns, 7);
	assert_int_equal(span_of(&sum, &sum, false).last.up_ns, 3);
	assert_true(span_of(&sum, &sum, true).unknown);
	assert_true(span_of(&up, &up, true).unknown);
	assert_true(span_of(&up, &wall, false).unknown);
	assert_true(span_of(&up, &sum, false).unknown);
	assert_int_equal(span_of(&up, &sum, false).first.have, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_years),	    cmocka_unit_test(test_years_end),
		cmocka_unit_test(test_differences), cmocka_unit_test(test_ages_of_other_clocks),
		cmocka_unit_test(test_spans),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
