// SPDX-License-Identifier: GPL-2.0-or-later
/* test_split.c - a stream cut into records: kinds, bytes, line numbers, offsets */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "nfhop/split.h"

#define ENTRY  "__CURSOR=a\n_HOSTNAME=h\nMESSAGE=x\n"
#define BINARY "__CURSOR=a\nMESSAGE\n\3\0\0\0\0\0\0\0a\nb\nUNIT=u\n"

/* struct input - bytes, and each record as "KIND LINE+LINES @OFFSET[!]=BYTES|" (! not whole) */
struct input {
	const char *name;
	struct str bytes;
	const char *want;
};

#define BYTES(z)                                                                                   \
	{                                                                                          \
		z, sizeof(z) - 1                                                                   \
	}

/* clang-format off */
static const struct input inputs[] = {
	{ "nothing", BYTES(""), "" },
	{ "lines", BYTES("a\nbc\n"), "L1+1@0=a|L2+1@2=bc|" },
	{ "no line end at the end", BYTES("a\nbc"), "L1+1@0=a|L2+1@2!=bc|" },
	{ "empty lines", BYTES("\n\na\n"), "L1+1@0=|L2+1@1=|L3+1@2=a|" },
	{ "CR LF", BYTES("a\r\nb\r\n"), "L1+1@0=a|L2+1@3=b|" },
	{ "byte order mark", BYTES("\xef\xbb\xbf" "a\n"), "L1+1@3=a|" },
	{ "copytruncate", BYTES("\0\0\0\0a\n\0\0b\n"), "L1+1@4=a|L2+1@8=b|" },
	{ "only NULs", BYTES("\0\0"), "L1+1@2=|" },
	{ "entry", BYTES(ENTRY "\nz\n"), "E1+4@0=" ENTRY "|L5+1@34=z|" },
	{ "two entries", BYTES(ENTRY "\n" ENTRY "\n"), "E1+4@0=" ENTRY "|E5+4@34=" ENTRY "|" },
	{ "entry at the end", BYTES(ENTRY), "E1+3@0=" ENTRY "|" },
	{ "entry cut", BYTES("__CURSOR=a\nMESS"), "E1+1@0!=__CURSOR=a\nMESS|" },
	{ "entry, then a line", BYTES(ENTRY "Mar 1\n"), "E1+3@0=" ENTRY "|L4+1@33=Mar 1|" },
	{ "message first", BYTES("MESSAGE=x\nB=y\n\n"), "E1+3@0=MESSAGE=x\nB=y\n|" },
	{ "no entry", BYTES("_X\nY=1\n"), "L1+1@0=_X|L2+1@3=Y=1|" },
	{ "object", BYTES("{\"a\":1}\nz\n"), "J1+1@0={\"a\":1}|L2+1@8=z|" },
	{ "pretty object", BYTES("{\n\t\"a\" : \"}\\\"{\"\n}\nz\n"),
	  "J1+3@0={\n\t\"a\" : \"}\\\"{\"\n}|L4+1@18=z|" },
	{ "json-seq", BYTES("\x1e{\"a\":[1,{}]}\n\x1e{}\n"),
	  "J1+1@1={\"a\":[1,{}]}|J2+1@15={}|" },
	{ "json-sse", BYTES("data: {\"a\":1}\n\n"), "J1+1@6={\"a\":1}|L2+1@14=|" },
	{ "dmesg -J", BYTES("{\n \"dmesg\": [\n {\"msg\":\"a\"\n },{\"msg\":\"b\"}\n ]\n}\n"),
	  "L1+1@0=|L2+1@13=|J3+1@15={\"msg\":\"a\"\n }|J4+1@29={\"msg\":\"b\"}|L5+1@41= ]|"
	  "L6+1@44=}|" },
	{ "no object", BYTES("{a}\n{\"a\":\n\"b\nc\"}\n"),
	  "L1+1@0={a}|L2+1@4={\"a\":|L3+1@10=\"b|L4+1@13=c\"}|" },
	{ "no object, cut in a string", BYTES("{\"1\n\"\"}\n"), "L1+1@0={\"1|L2+1@4=\"\"}|" },
	{ "object cut", BYTES("{\"a\":1\n"), "L1+1@0={\"a\":1|" },
};
/* clang-format on */

static size_t put_record(char *out, size_t room, const struct record *rec)
{
	return (size_t)snprintf(out, room, "%c%u+%u@%u%s=%.*s|", "LEJ"[rec->kind],
				(unsigned int)rec -> line, (unsigned int)rec -> lines,
				(unsigned int)rec -> offset, rec -> whole ? "" : "!",
				STR_ARG(rec->data));
}

/* cut - write down the records of @in, of which @piece bytes more become known at a time */
static const char *cut(struct str in, size_t piece)
{
	static char out[1024];
	struct split split = { .source = 0 };
	size_t known = piece < in.n ? piece : in.n, used, n = 0;
	struct record rec;

	out[0] = 0;
	while ((used = split_next(&split, str_first(in, known), known == in.n, &rec)) ||
	       known < in.n) {
		if (used) {
			n += put_record(out + n, sizeof(out) - n, &rec);
			assert_true(n < sizeof(out));
			in = str_skip(in, used);
			known -= used;
		} else {
			known = in.n - known < piece ? in.n : known + piece;
		}
	}
	assert_int_equal(in.n, 0);
	return out;
}

static void all_inputs_at_once(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(inputs) / sizeof(*inputs); i++) {
		const char *got = cut(inputs[i].bytes, SIZE_MAX);

		if (strcmp(got, inputs[i].want))
			print_message("input: %s\n", inputs[i].name);
		assert_string_equal(got, inputs[i].want);
	}
}

static void all_inputs_in_pieces(void **state)
{
	size_t i, piece;

	(void)state;
	for (i = 0; i < sizeof(inputs) / sizeof(*inputs); i++)
		for (piece = 1; piece < 6; piece++)
			assert_string_equal(cut(inputs[i].bytes, piece), inputs[i].want);
}

static void binary_field_holds_line_ends(void **state)
{
	static const struct str in = BYTES(BINARY "\nz\n");
	struct split split = { .source = 3 };
	struct record rec;
	size_t used = split_next(&split, in, true, &rec);

	(void)state;
	assert_int_equal(rec.kind, RECORD_JOURNAL);
	assert_int_equal(rec.source, 3);
	assert_int_equal(used, sizeof(BINARY));
	assert_true(str_eq(rec.data, str_first(in, sizeof(BINARY) - 1)));
}

static struct str filled(size_t n, char c)
{
	char *p = malloc(n);

	assert_non_null(p);
	memset(p, c, n);
	return (struct str){ p, n };
}

static void long_line_is_handed_out_in_parts(void **state)
{
	struct str in = filled((1u << 20) + 10, 'x');
	struct split split = { .source = 0 };
	struct record rec;

	(void)state;
	assert_int_equal(split_next(&split, str_first(in, 1000), false, &rec), 0);
	assert_int_equal(split_next(&split, in, false, &rec), 1u << 20);
	assert_false(rec.whole);
	assert_int_equal(split_next(&split, str_skip(in, 1u << 20), true, &rec), 10);
	free((char *)in.p);
}

static void endless_object_is_cut_into_lines(void **state)
{
	struct str in = filled((1u << 20) + 10, ' ');
	struct split split = { .source = 0 };
	struct record rec;

	(void)state;
	memcpy((char *)in.p, "{\"a\":\n", 6);
	assert_int_equal(split_next(&split, in, false, &rec), 6);
	assert_int_equal(rec.kind, RECORD_LINE);
	free((char *)in.p);
}

static void endless_entry_is_handed_out_in_parts(void **state)
{
	struct str in = filled((1u << 20) + 10, '\n');
	struct split split = { .source = 0 };
	struct record rec;
	size_t i;

	(void)state;
	for (i = 0; i + 5 <= in.n; i += 5)
		memcpy((char *)in.p + i, "_A=b\n", 5);
	assert_true(split_next(&split, in, false, &rec) >= 1u << 20);
	assert_int_equal(rec.kind, RECORD_JOURNAL);
	assert_false(rec.whole);
	free((char *)in.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_inputs_at_once),
		cmocka_unit_test(all_inputs_in_pieces),
		cmocka_unit_test(binary_field_holds_line_ends),
		cmocka_unit_test(long_line_is_handed_out_in_parts),
		cmocka_unit_test(endless_object_is_cut_into_lines),
		cmocka_unit_test(endless_entry_is_handed_out_in_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
