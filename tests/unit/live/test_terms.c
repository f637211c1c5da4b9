/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_terms.c - a filter as rows of conditions, shown by the iptables commands they make */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../../src/live/terms.h"

#define PRE  "iptables -t raw -A PREROUTING"
#define OUT  "iptables -t raw -A OUTPUT"
#define PRE6 "ip6tables -t raw -A PREROUTING"
#define OUT6 "ip6tables -t raw -A OUTPUT"
#define END  " -j TRACE\n"

#define LEFT_OUT "# iptables has no one rule for a part of the filter, which is left out here\n"

#define BOTH(words)  PRE words END OUT words END
#define BOTH6(words) PRE6 words END OUT6 words END
#define ALL(words)   BOTH(words) BOTH6(words)

static const struct {
	const char *filter, *commands;
} cases[] = {
	{ "tcp and dst 203.0.113.32", BOTH(" -p 6 -d 203.0.113.32/32") },
	{ "host 10.0.0.0/8", BOTH(" -s 10.0.0.0/8") BOTH(" -d 10.0.0.0/8") },
	{ "src 2001:db8::/32", BOTH6(" -s 2001:db8::/32") },
	{ "not src 10.0.0.1 and ip and icmp", BOTH(" ! -s 10.0.0.1/32 -p 1") },
	{ "tcp and dport 80", ALL(" -p 6 -m multiport --dports 80") },
	{ "tcp and not dport 80", ALL(" -p 6 -m multiport ! --dports 80") },
	{ "udp and sport 1000-2000",
	  ALL(" -p 17 -m multiport --sports 1000:65535 -m multiport --sports 0:2000") },
	{ "tcp and udp", "" },
	{ "src 10.0.0.1 and src 2001:db8::1", "" },
	{ "not (tcp or udp) and ip", LEFT_OUT },
	{ "not dst 10.0.0.1 and tcp and ip", BOTH(" ! -d 10.0.0.1/32 -p 6") },
	{ "tcp or tcp and dport 80", ALL(" -p 6") },
	{ "iif lan0 and tcp", PRE " -i lan0 -p 6" END PRE6 " -i lan0 -p 6" END },
	{ "iif zt* and ip", PRE " -i zt+" END },
	{ "flags syn,!ack and ip", BOTH(" -p 6 --tcp-flags SYN,ACK SYN") },
	{ "mark 7 and ip", BOTH(" -m mark --mark 0x7") },
	{ "mark 0x10/0xf0 and ip", BOTH(" -m mark --mark 0x10/0xf0") },
	{ "ttl < 5", BOTH(" -m ttl --ttl-lt 5") BOTH6(" -m hl --hl-lt 5") },
	{ "ttl <= 5 and ip", BOTH(" -m ttl --ttl-lt 6") },
	{ "length > 1400",
	  BOTH(" -m length --length 1401:65535") BOTH6(" -m length --length 1401:65535") },
	{ "tcp and (dst 10.0.0.1 or dst 10.0.0.2)",
	  BOTH(" -p 6 -d 10.0.0.1/32") BOTH(" -p 6 -d 10.0.0.2/32") },
};

static struct query *parse(const char *text)
{
	struct query_error err;
	struct query *q;

	if (query_parse(str_from(text), &q, &err))
		fail_msg("%s: %s", text, err.expected);
	return q;
}

static void test_commands(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct arm_want want = { .query = parse(cases[i].filter) };
		struct arm_error err;
		struct str text;
		char *got;

		assert_int_equal(arm_print(&want, &text, &err), 0);
		got = strndup(text.p, text.n);
		if (strcmp(got, cases[i].commands))
			fail_msg("%s:\n%swanted:\n%s", cases[i].filter, got, cases[i].commands);
		free(got);
		free((char *)(uintptr_t)text.p);
		query_destroy((struct query *)(uintptr_t)want.query);
	}
}

/* What the kernel cannot match, and where in the filter that stands. */
static const struct {
	const char *filter;
	int error;
	size_t at, n;
} refused[] = {
	{ "tcp and stopped", -EINVAL, 8, 7 },	{ "oif wan0", -EINVAL, 0, 8 },
	{ "ip and not reply", -EINVAL, 11, 5 }, { "arp", -EINVAL, 0, 3 },
	{ "iif l*n0", -EINVAL, 0, 8 },		{ "length < 20", -EINVAL, 0, 11 },
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		struct arm_want want = { .query = parse(refused[i].filter) };
		struct arm_error err;
		struct str text;

		assert_int_equal(arm_print(&want, &text, &err), refused[i].error);
		assert_int_equal(err.at, refused[i].at);
		assert_int_equal(err.n, refused[i].n);
		assert_true(strlen(err.text) > 10);
		query_destroy((struct query *)(uintptr_t)want.query);
	}
}

/* Five protocols have ports, each is one of two: 5 * 2^6 rows are more than a rule set should have.
 */
static void test_too_many(void **state)
{
	struct arm_want want = { .query = parse("port 1-9 and port 2-9 and port 3-9 and port 4-9 "
						"and port 5-9 and port 6-9") };
	struct arm_error err;
	struct str text = { NULL, 0 };

	(void)state;
	assert_int_equal(arm_print(&want, &text, &err), -E2BIG);
	assert_non_null(strstr(err.text, "too many"));
	query_destroy((struct query *)(uintptr_t)want.query);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
