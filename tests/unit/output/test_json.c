// SPDX-License-Identifier: GPL-2.0-or-later
/* test_json.c - JSON strings, commas, nulls */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "json_write.h"

/* clang-format off */
static const struct {
	struct str given;
	const char *want;
} strings[] = {
#define ROW(given, want) { { given, sizeof(given) - 1 }, want }
	ROW("", "null"),
	ROW("DROP: ", "\"DROP: \""),
	ROW("a\"b\\c", "\"a\\\"b\\\\c\""),
	ROW("\0\n\x1f", "\"\\u0000\\u000a\\u001f\""),
	ROW("\x7f\xc2\x80\xc2\x9f\xc2\xa0", "\"\\u007f\\u0080\\u009f\xc2\xa0\""),
	ROW("gr\xc3\xbcn \xf0\x9f\x94\xa5", "\"gr\xc3\xbcn \xf0\x9f\x94\xa5\""),
	ROW("\xff.\xc3", "\"\\\\xFF.\\\\xC3\""),
	ROW("\xed\xa0\x80", "\"\\\\xED\\\\xA0\\\\x80\""),
};
/* clang-format on */

static void test_strings(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(strings) / sizeof(*strings); i++) {
		char *text = NULL;
		size_t n;
		struct json json = { .out = open_memstream(&text, &n) };

		json_put_string(&json, NULL, strings[i].given);
		json_flush(&json);
		fclose(json.out);
		assert_string_equal(text, strings[i].want);
		free(text);
	}
}

static void test_structure(void **state)
{
	char *text = NULL;
	size_t n;
	struct json json = { .out = open_memstream(&text, &n) };

	(void)state;
	json_open(&json, NULL, '{');
	json_uint(&json, "zero", 0);
	json_uint(&json, "most", UINT64_MAX);
	json_nonzero(&json, "none", 0);
	json_fact(&json, "known", true, 0);
	json_word(&json, "word", NULL);
	json_open(&json, "list", '[');
	json_close(&json, ']');
	json_open(&json, "two", '[');
	json_uint(&json, NULL, 1);
	json_uint(&json, NULL, 2);
	json_close(&json, ']');
	json_close(&json, '}');
	json_flush(&json);
	fclose(json.out);
	assert_string_equal(text, "{\"zero\":0,\"most\":18446744073709551615,\"none\":null,"
				  "\"known\":0,\"word\":null,\"list\":[],\"two\":[1,2]}");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_structure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
