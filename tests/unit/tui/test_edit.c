// SPDX-License-Identifier: GPL-2.0-or-later
/* test_edit.c - a line that is typed: keys in, text and cursor out */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "edit.h"
#include "nfhop/tui.h"

#define L TUI_KEY_LEFT
#define B TUI_KEY_BACKSPACE
#define U TUI_KEY_UP
#define D TUI_KEY_DOWN

/* clang-format off */
static const struct {
	uint32_t keys[16];
	const char *text;
	size_t at;
} rows[] = {
	{ { 'a', 'b', 'c' }, "abc", 3 },
	{ { 'a', 'b', L, 'x' }, "axb", 2 },
	{ { 'a', 0xfc, 0x20ac, 0x1f525 }, "aü€\xf0\x9f\x94\xa5", 10 },
	{ { 'a', 0x20ac, B }, "a", 1 },
	{ { 0x20ac, 'b', L, L, TUI_KEY_DELETE }, "b", 0 },
	{ { 'a', TUI_KEY_HOME, L, 'x', TUI_KEY_END, 'y' }, "xay", 3 },
	{ { 'a', ' ', 'b', 'c', TUI_CTRL('w') }, "a ", 2 },
	{ { 'a', ' ', 'b', ' ', TUI_CTRL('w') }, "a ", 2 },
	{ { 'a', 'b', L, TUI_CTRL('u') }, "b", 0 },
	{ { 'a', 'b', L, TUI_CTRL('k') }, "a", 1 },
	{ { B, TUI_KEY_DELETE, L, TUI_KEY_RIGHT }, "", 0 },
	{ { 'd', U }, "second", 6 },
	{ { 'd', U, U }, "first", 5 },
	{ { 'd', U, U, U }, "first", 5 },
	{ { 'd', U, U, D, D }, "d", 1 },
	{ { 'd', D }, "d", 1 },
};
/* clang-format on */

static void typing(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		static struct edit edit;

		edit = (struct edit){ .n = 0 };
		edit_set(&edit, "first");
		edit_remember(&edit);
		edit_set(&edit, "second");
		edit_remember(&edit);
		edit_remember(&edit); /* the same again is kept once */
		edit_set(&edit, "");
		for (size_t k = 0; rows[i].keys[k]; k++)
			assert_true(edit_key(&edit, rows[i].keys[k]));
		print_message("row %zu: \"%s\"\n", i, edit.text);
		assert_string_equal(edit.text, rows[i].text);
		assert_int_equal(edit.at, rows[i].at);
		assert_int_equal(edit.n, strlen(edit.text));
	}
}

static void a_line_that_is_too_long(void **state)
{
	static struct edit edit;

	(void)state;
	for (size_t i = 0; i < 2 * EDIT_SIZE; i++)
		edit_key(&edit, 0x20ac);
	assert_true(edit.n < EDIT_SIZE);
	assert_int_equal(edit.n % 3, 0); /* no character is cut */
	assert_int_equal(strlen(edit.text), edit.n);
}

static void keys_that_are_none_of_a_line(void **state)
{
	static const uint32_t keys[] = { TUI_KEY_ENTER, TUI_KEY_ESCAPE, '\t', TUI_KEY_PAGE_UP,
					 TUI_KEY_CLICK };
	static struct edit edit;

	(void)state;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		assert_false(edit_key(&edit, keys[i]));
	assert_int_equal(edit.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(typing),
		cmocka_unit_test(a_line_that_is_too_long),
		cmocka_unit_test(keys_that_are_none_of_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
