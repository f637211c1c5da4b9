// SPDX-License-Identifier: GPL-2.0-or-later
/* test_format.c - times and addresses as text */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <arpa/inet.h>

#include "nfhop/format.h"
#include "nfhop/addr.h"

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
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_uptimes),
		cmocka_unit_test(test_addrs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
