// SPDX-License-Identifier: GPL-2.0-or-later
/* test_journal.c - records of more than a line: journal entries, and JSON objects */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "show.h"

#define PACKET "IN= OUT=lo SRC=127.0.0.1 DST=127.0.0.1 LEN=20 TTL=64 ID=3 PROTO=2 "
#define SEEN   " >lo 127.0.0.1>127.0.0.1 p2 len20 ttl64 id3"
#define KERNEL "\"_TRANSPORT\":\"kernel\""

/* clang-format off */
static const struct row json[] = {
	{ "{" KERNEL ",\"MESSAGE\":\"a " PACKET "\"}", "hop log ip 'a'" SEEN },
	{ "{\"MESSAGE\":\"a " PACKET "\"," KERNEL ",\"_HOSTNAME\":\"vm\"}",
	  "@vm hop log ip 'a'" SEEN },
	{ "{\"MESSAGE\":\"a " PACKET "\"}", "hop log ip 'a'" SEEN },
	{ "{\"MESSAGE\":\"a " PACKET "\",\"_TRANSPORT\":\"stdout\"}", "other" },
	{ "{\"__REALTIME_TIMESTAMP\":\"1795359653182140\",\"_SOURCE_MONOTONIC_TIMESTAMP\":\"1788\","
	  "\"MESSAGE\":\"" PACKET "\"}",
	  "2026-11-22T15:00:53.182140+0 up1788us hop log ip ''" SEEN },
	{ "{\"MESSAGE\":\"\\u00e9\\ud83d\\ude00\\\"\\t" PACKET "\"}",
	  "hop log ip '\xc3\xa9\xf0\x9f\x98\x80\"'" SEEN },
	{ "{\"MESSAGE\":[98,32,73,78,61,32,79,85,84,61,108,111,32,65,82,80,32,72,84,89,80,69,61,54,"
	  "32,79,80,67,79,68,69,61,49]}",
	  "hop log arp 'b' >lo arp1" },
	{ "{\"MESSAGE\":[\"a " PACKET "\",\"b\"]}", "hop log ip 'a'" SEEN },
	{ "{\"MESSAGE\":null,\"x\":\"IN= OUT=\"}", "other" },
	{ "{\"MESSAGE\":[300,32],\"x\":\"IN= OUT=\"}", "other" },
	{ "{\"x\":{\"MESSAGE\":[\"]\"]},\"MESSAGE\":\"" PACKET "\"}", "hop log ip ''" SEEN },
	{ "{\"pri\":4, \"time\": 2198.303698, \"msg\":\"" PACKET "\"}",
	  "up2198303698us hop log ip ''" SEEN },
	{ "{\"level\":4,\"msg\":\"" PACKET "\"}", "other" },
	{ "{\"MESSAGE\":\"Missed 57 kernel messages\",\"_TRANSPORT\":\"driver\"}",
	  "gap 1 lost57" },
	{ "{\"MESSAGE\":\"martian source 192.0.2.1 from 192.0.2.2, on dev a\","
	  "\"_TRANSPORT\":\"driver\"}",
	  "other" },
	{ "{\"MESSAGE\":\"" PACKET, "other" },
	{ "{\"MESSAGE\":\"" PACKET "\\q\"}", "other" },
};

static const struct row entries[] = {
	{ "_HOSTNAME=vm\nMESSAGE=a " PACKET "\n_TRANSPORT=kernel\n", "@vm hop log ip 'a'" SEEN },
	{ "MESSAGE=a " PACKET "\n_TRANSPORT=syslog\n", "other" },
	{ "MESSAGE=message repeated 2 times: [ " PACKET "]\n", "hop log ip ''" SEEN " x2" },
};
/* clang-format on */

static void check_kind(const struct row *rows, size_t n, enum record_kind kind)
{
	size_t i;

	for (i = 0; i < n; i++) {
		struct record rec = { .data = str_from(rows[i].line), .kind = kind, .whole = true };

		assert_string_equal(show_record(&rec), rows[i].want);
	}
}

static void json_objects(void **state)
{
	(void)state;
	check_kind(json, sizeof(json) / sizeof(*json), RECORD_JSON);
}

static void export_entries(void **state)
{
	(void)state;
	check_kind(entries, sizeof(entries) / sizeof(*entries), RECORD_JOURNAL);
}

static void binary_message(void **state)
{
	static const char data[] = "_TRANSPORT=kernel\nMESSAGE\n\x4b\0\0\0\0\0\0\0one\nline " PACKET
				   "\nUNIT=x\n";
	struct record rec = { .data = { data, sizeof(data) - 1 },
			      .kind = RECORD_JOURNAL,
			      .whole = true };

	(void)state;
	assert_string_equal(show_record(&rec), "hop log ip 'one\nline'" SEEN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_objects),
		cmocka_unit_test(export_entries),
		cmocka_unit_test(binary_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
