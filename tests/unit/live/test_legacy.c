// SPDX-License-Identifier: GPL-2.0-or-later
/* test_legacy.c - a legacy table as the kernel hands it out, and as it never would */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include <linux/if.h>
#include <linux/netfilter_ipv4/ip_tables.h>

#include "../edge.h"
#include "look.h"

#define TARGET_SIZE (sizeof(struct xt_entry_target) + XT_FUNCTION_MAXNAMELEN + 2)

/* struct made - a table that is being written */
struct made {
	char buf[8192];
	size_t n;
};

/* @match: bytes of matches before the target; Return: where the entry begins */
static unsigned int put(struct made *made, size_t match, const char *target, const char *data,
			uint64_t packets)
{
	struct ipt_entry entry = { .counters.pcnt = packets };
	struct xt_entry_target head = { 0 };
	size_t at = made->n;

	entry.target_offset = (uint16_t)(sizeof(entry) + match);
	entry.next_offset = (uint16_t)(entry.target_offset + TARGET_SIZE);
	snprintf(head.u.user.name, sizeof(head.u.user.name), "%s", target);
	memset(made->buf + at, 0, entry.next_offset);
	memcpy(made->buf + at, &entry, sizeof(entry));
	memcpy(made->buf + at + entry.target_offset, &head, sizeof(head));
	memcpy(made->buf + at + entry.target_offset + sizeof(head), data, strlen(data));
	made->n += entry.next_offset;
	return (unsigned int)at;
}

/* A raw table: PREROUTING with three rules, OUTPUT with none, a user's chain with two. */
static struct made make_table(unsigned int *hook_entry)
{
	struct made made = { .n = 0 };

	hook_entry[NF_INET_PRE_ROUTING] = put(&made, 48, "", "", 5);
	put(&made, 0, "TRACE", "", 17);
	put(&made, 16, "CT", "", 5);
	put(&made, 0, "", "", 22); /* policy */
	hook_entry[NF_INET_LOCAL_OUT] = put(&made, 0, "", "", 3);
	put(&made, 0, XT_ERROR_TARGET, "mine", 0);
	put(&made, 0, "LOG", "", 0);
	put(&made, 160, "TRACE", "", 0);
	put(&made, 0, "", "", 0); /* return */
	put(&made, 0, XT_ERROR_TARGET, "ERROR", 0);
	return made;
}

static void test_table(void **state)
{
	unsigned int hook_entry[NF_INET_NUMHOOKS] = { 0 };
	struct made made = make_table(hook_entry);
	struct look *look = calloc(1, sizeof(*look));

	(void)state;
	assert_non_null(look);
	look_legacy_blob(look, NFPROTO_IPV4, "raw", (struct str){ made.buf, made.n }, hook_entry,
			 1u << NF_INET_PRE_ROUTING | 1u << NF_INET_LOCAL_OUT);
	assert_int_equal(look->n_tables, 1);
	assert_string_equal(look->tables[0].table, "raw");
	assert_int_equal(look->tables[0].rules, 5);
	assert_int_equal(look->n_traces, 2);
	assert_string_equal(look->traces[0].chain, "PREROUTING");
	assert_int_equal(look->traces[0].number, 2);
	assert_int_equal(look->traces[0].packets, 17);
	assert_string_equal(look->traces[1].chain, "mine");
	assert_int_equal(look->traces[1].number, 2);
	assert_int_equal(look->traces[1].packets, 0);
	free(look);
}

/* Cut at every byte, at the end of a mapped page; and every byte another one. */
static void test_broken(void **state)
{
	unsigned int hook_entry[NF_INET_NUMHOOKS] = { 0 };
	struct made made = make_table(hook_entry);
	struct look *look = calloc(1, sizeof(*look));

	(void)state;
	assert_non_null(look);
	for (size_t n = 0; n <= made.n; n++) {
		struct str cut = at_edge((struct str){ made.buf, n });

		memset(look, 0, sizeof(*look));
		look_legacy_blob(look, NFPROTO_IPV4, "raw", cut, hook_entry, 1);
		assert_true(look->n_traces <= 2);
	}
	for (size_t at = 0; at < made.n; at++) {
		char was = made.buf[at];

		made.buf[at] = (char)0xff;
		memset(look, 0, sizeof(*look));
		look_legacy_blob(look, NFPROTO_IPV4, "raw",
				 at_edge((struct str){ made.buf, made.n }), hook_entry, 1);
		made.buf[at] = was;
	}
	free(look);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_broken),
	};

	return cmocka_run_group_tests(tests, map_edge, NULL);
}
