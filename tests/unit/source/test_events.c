/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_events.c - the attributes of a message, found by their types; torn ones are not there */
#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../../src/source/events.h"

#define MOST 4

/* Two attributes: type 3 with 7, and type 1 with "ab" and two bytes of padding; then what is
 * written over byte @at of the message's @size. @u32: value of type 3, 0: none. @name: is there 1?
 */
static const struct {
	size_t size, at;
	uint8_t byte;
	uint32_t u32;
	bool name;
} rows[] = {
	{ 36, 0, 36, 7, true },	   /* as it was made */
	{ 34, 0, 34, 7, true },	   /* without its padding */
	{ 33, 0, 33, 7, false },   /* the second one is cut */
	{ 30, 0, 30, 7, false },   /* in its head */
	{ 27, 0, 27, 0, false },   /* the first one is cut */
	{ 20, 0, 20, 0, false },   /* none */
	{ 16, 0, 16, 0, false },   /* not even the head of nfnetlink */
	{ 36, 20, 3, 0, false },   /* shorter than its own head */
	{ 36, 20, 255, 0, false }, /* longer than the message */
	{ 36, 20, 7, 0, true },	   /* no number, and the next one is where it was */
	{ 36, 22, MOST, 0, true }, /* of a type that nobody asked for */
	{ 36, 23, 0x80, 7, true }, /* NLA_F_NESTED is no part of the type */
};

static void test_attrs(void **state)
{
	static const uint16_t heads[] = { 8, 3, 6, 1 };
	const uint32_t seven = htonl(7);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		_Alignas(8) uint8_t bytes[36] = { 0 };
		struct nlmsghdr *msg = (struct nlmsghdr *)(void *)bytes;
		struct nlattr *attrs[MOST];
		uint32_t value = 0;

		memcpy(bytes + 20, heads, 4);
		memcpy(bytes + 24, &seven, 4);
		memcpy(bytes + 28, heads + 2, 4);
		memcpy(bytes + 32, "ab", 2);
		msg->nlmsg_len = (uint32_t)rows[i].size;
		bytes[rows[i].at] = rows[i].byte;
		events_attrs(msg, attrs, MOST);
		assert_int_equal(events_u32(attrs[3], &value), rows[i].u32 != 0);
		assert_int_equal(value, rows[i].u32);
		assert_int_equal(attrs[1] != NULL, rows[i].name);
		assert_null(attrs[0]);
		assert_null(attrs[2]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_attrs) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
