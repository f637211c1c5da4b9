// SPDX-License-Identifier: GPL-2.0-or-later
/* test_keys.c - the table of keys: no key twice in a view, each with its name, each does something
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "view.h"

static bool row_has(const struct key_row *row, uint32_t key)
{
	for (size_t i = 0; i < sizeof(row->keys) / sizeof(*row->keys); i++)
		if (row->keys[i] == key)
			return true;
	return false;
}

static void no_key_is_hidden_by_a_row_before(void **state)
{
	size_t n;
	const struct key_row *rows = key_rows(&n);

	(void)state;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < 4 && rows[i].keys[k]; k++)
			for (size_t before = 0; before < i; before++)
				if ((rows[before].views & rows[i].views) &&
				    row_has(&rows[before], rows[i].keys[k]))
					fail_msg("rows %zu and %zu share the key 0x%x", before, i,
						 rows[i].keys[k]);
}

static void every_view_can_be_left_and_explains_itself(void **state)
{
	(void)state;
	for (unsigned int view = 1; view <= VIEW_TRACE; view <<= 1) {
		assert_int_equal(key_action('q', view), ACT_QUIT);
		assert_int_equal(key_action('Q', view), ACT_END);
		assert_int_equal(key_action(TUI_KEY_ESCAPE, view), ACT_BACK);
		assert_int_equal(key_action('j', view), ACT_DOWN);
		assert_int_equal(key_action(TUI_KEY_DOWN, view), ACT_DOWN);
		if (!(view & (VIEW_HELP | VIEW_MENU)))
			assert_int_equal(key_action('?', view), ACT_HELP);
	}
	assert_int_equal(key_action('s', VIEW_HOPS), ACT_NONE);
	assert_int_equal(key_action(0, VIEW_FLOWS), ACT_NONE);
}

/* The first word of `names` stands beside the hint: it must be a key of that row. */
static void hints_name_their_keys(void **state)
{
	size_t n;
	const struct key_row *rows = key_rows(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct str name = str_from(rows[i].names);

		if (!rows[i].hint)
			continue;
		name = str_first(name, str_find(name, STR(" ")));
		assert_true(row_has(&rows[i], tui_key_named(name)));
	}
}

static void names(void **state)
{
	static const struct {
		const char *name;
		uint32_t key;
	} rows[] = {
		{ "Enter", TUI_KEY_ENTER },
		{ "^D", 4 },
		{ "^d", 4 },
		{ "j", 'j' },
		{ "Space", ' ' },
		{ "PgUp", TUI_KEY_PAGE_UP },
		{ "nonsense", 0 },
		{ "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(tui_key_named(str_from(rows[i].name)), rows[i].key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_key_is_hidden_by_a_row_before),
		cmocka_unit_test(every_view_can_be_left_and_explains_itself),
		cmocka_unit_test(hints_name_their_keys),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
