// SPDX-License-Identifier: GPL-2.0-or-later
/* test_format.c - times and addresses as text */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>

#include "nfhop/addr.h"
#include "nfhop/format.h"
#include "nfhop/hash.h"
#include "nfhop/number.h"

#define S INT64_C(1000000000)

/* clang-format off */
static const struct {
	struct stamp stamp;
	const char *want; /* NULL: not dated */
} times[] = {
	{ { .have = 0 }, NULL },
	{ { .have = STAMP_UP, .up_ns = 5 }, NULL },
	{ { .have = STAMP_WALL | STAMP_NO_DATE, .wall_ns = 5 * S }, NULL },
	{ { .have = STAMP_WALL }, "1970-01-01T00:00:00-00:00" },
	{ { .have = STAMP_WALL | STAMP_NO_YEAR, .wall_ns = 1551455895 * S },
	  "2019-03-01T15:58:15-00:00" },
	{ { .have = STAMP_WALL, .wall_ns = 1551455895 * S + 771146000, .wall_digits = 6 },
	  "2019-03-01T15:58:15.771146-00:00" },
	{ { .have = STAMP_WALL, .wall_ns = 1551455895 * S + 7, .wall_digits = 9 },
	  "2019-03-01T15:58:15.000000007-00:00" },
	{ { .have = STAMP_WALL | STAMP_ZONE, .wall_ns = 1551455895 * S },
	  "2019-03-01T15:58:15Z" },
	{ { .have = STAMP_WALL | STAMP_ZONE, .wall_ns = 1551455895 * S, .zone_min = 60 },
	  "2019-03-01T16:58:15+01:00" },
	{ { .have = STAMP_WALL | STAMP_ZONE, .wall_ns = 1551455895 * S, .zone_min = -570 },
	  "2019-03-01T06:28:15-09:30" },
	{ { .have = STAMP_WALL, .wall_ns = -S / 2, .wall_digits = 1 },
	  "1969-12-31T23:59:59.5-00:00" },
};

static const struct { struct stamp stamp; const char *want; } uptimes[] = {
	{ { .up_ns = 0 }, "0" },
	{ { .up_ns = 5377966960574000, .up_digits = 6 }, "5377966.960574" },
	{ { .up_ns = 1000000000, .up_digits = 2 }, "1.00" },
};

/* RFC 5952 section 4 */
static const struct { const char *given, *want; } addrs[] = {
	{ "192.168.111.20", "192.168.111.20" },
	{ "::ffff:10.0.0.1", "10.0.0.1" },
	{ "::", "::" },
	{ "::1", "::1" },
	{ "1::", "1::" },
	{ "::1:2", "::1:2" },
	{ "2001:0DB8::0001", "2001:db8::1" },
	{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
	{ "2001:0:0:1:0:0:0:1", "2001:0:0:1::1" },
	{ "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
	{ "fe80:0:0:0:a:b:c:d", "fe80::a:b:c:d" },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
};
/* clang-format on */

static void test_times(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++) {
		assert_int_equal(stamp_is_dated(&times[i].stamp), times[i].want != NULL);
		if (times[i].want)
			assert_string_equal(format_rfc3339(&times[i].stamp).s, times[i].want);
	}
}

/* In one of a few seconds, as clocks of two zones show them. */
static struct stamp stamp_near(uint64_t i)
{
	uint64_t x = hash_mix(i);
	int zone_min = x >> 40 & 1 ? 60 : 0;

	return (struct stamp){
		.wall_ns = (int64_t)(x % 4) * S + (int64_t)(x >> 8) % S - 2 * S - zone_min * 60 * S,
		.zone_min = (int16_t)zone_min,
		.have = (uint8_t)(STAMP_WALL | (x >> 41 & 3 ? STAMP_ZONE : 0)),
		.wall_digits = (uint8_t)(x >> 44 & 1 ? x >> 45 & 15 : 6),
	};
}

/* Whatever was said before, a time is said as if it was the first. */
static void test_times_again(void **state)
{
	struct format_second last = { .n = 0 };

	(void)state;
	for (uint64_t i = 0; i < 20000; i++) {
		struct stamp stamp = stamp_near(i);
		char text[FORMAT_SIZE];
		size_t n = format_time(&last, text, &stamp);

		assert_true(n < FORMAT_SIZE);
		text[n] = '\0';
		assert_string_equal(text, format_rfc3339(&stamp).s);
	}
}

static void same_number(uint64_t number)
{
	char want[32], text[NUMBER_DIGITS + 1];

	snprintf(want, sizeof(want), "%" PRIu64, number);
	*number_put(text, number) = '\0';
	assert_string_equal(text, want);
}

static void test_numbers(void **state)
{
	(void)state;
	same_number(0);
	same_number(UINT64_MAX);
	for (uint64_t power = 1;; power *= 10) {
		for (uint64_t digit = 1; digit < 10 && power < UINT64_MAX / 10; digit++) {
			same_number(power * digit - 1);
			same_number(power * digit);
			same_number(power * digit + digit);
		}
		if (power > UINT64_MAX / 10)
			break;
	}
	for (uint64_t i = 0; i < 20000; i++)
		same_number(hash_mix(i) >> i % 64);
}

static void test_uptimes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(uptimes) / sizeof(*uptimes); i++)
		assert_string_equal(format_uptime(&uptimes[i].stamp).s, uptimes[i].want);
}

static struct addr parse(const char *text)
{
	struct addr addr = { { [10] = 0xff, [11] = 0xff } };

	if (inet_pton(AF_INET, text, addr.b + 12) != 1)
		assert_int_equal(inet_pton(AF_INET6, text, addr.b), 1);
	return addr;
}

static void test_addrs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(addrs) / sizeof(*addrs); i++) {
		struct addr addr = parse(addrs[i].given);

		assert_string_equal(addr_text(&addr).s, addrs[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_times),	cmocka_unit_test(test_times_again),
		cmocka_unit_test(test_numbers), cmocka_unit_test(test_uptimes),
		cmocka_unit_test(test_addrs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
