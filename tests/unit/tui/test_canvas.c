// SPDX-License-Identifier: GPL-2.0-or-later
/* test_canvas.c - what reaches the cells of a screen: clipped, one column each, no control */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <locale.h>
#include <stdlib.h>

#include "canvas.h"
#include "nfhop/tui.h"

/* clang-format off */
static const struct {
	const char *text;
	unsigned int width;
	bool utf8;
	const char *want; /* the three rows of the canvas, one column of margin around */
} rows[] = {
	{ "abc", 5, true, "\n abc\n\n" },
	{ "abcdef", 5, true, "\n abcd…\n\n" },
	{ "abcde ", 5, true, "\n abcde\n\n" },	/* a blank is not missed */
	{ "abcde f", 5, true, "\n abcd…\n\n" },
	{ "abcdef", 5, false, "\n abcd>\n\n" },
	{ "a\033[31m", 9, true, "\n a\\x1B[31m\n\n" },
	{ "a\xc2\x9b", 9, true, "\n a\\xC2\\x9B\n\n" },
	{ "a\xff" "b", 9, true, "\n a\\xFFb\n\n" },
	{ "→ü", 9, true, "\n →ü\n\n" },
	{ "→", 9, false, "\n ->\n\n" },
	{ "\xe6\xbc\xa2" "b", 9, true, "\n \xe6\xbc\xa2" "b\n\n" },	/* two columns wide */
	{ "abcd\xe6\xbc\xa2", 5, true, "\n abcd…\n\n" },	/* and half of it is no use */
	{ "abc\xe6\xbc\xa2" "d", 5, true, "\n abc …\n\n" },
	{ "\xe6\xbc\xa2", 9, false, "\n \\xE6\\xBC>\n\n" },
	{ "a\xcc\x81" "b", 9, true, "\n a?b\n\n" },	/* no column wide */
	{ "abc", 0, true, "\n\n\n" },
};
/* clang-format on */

static void writing(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct canvas canvas = { 0 };
		char *text = NULL;
		size_t n;
		FILE *out = open_memstream(&text, &n);
		struct pen pen;

		assert_int_equal(canvas_resize(&canvas, 11, 3), 0);
		pen_init(&pen, &canvas, (struct area){ 1, 1, rows[i].width, 1 }, rows[i].utf8);
		writer_word(&pen.w, rows[i].text);
		canvas_print(&canvas, out, false);
		fclose(out);
		print_message("row %zu\n", i);
		assert_string_equal(text, rows[i].want);
		free(text);
		canvas_finish(&canvas);
	}
}

static void lines_below_the_area_are_not_drawn(void **state)
{
	struct canvas canvas = { 0 };
	struct pen pen;

	(void)state;
	assert_int_equal(canvas_resize(&canvas, 4, 3), 0);
	pen_init(&pen, &canvas, (struct area){ 0, 0, 4, 2 }, true);
	writer_sentence(&pen.w, 0, STR("aa bb cc dd"));
	assert_int_equal(canvas.cells[0].ch, 'a');
	assert_int_equal(canvas.cells[4].ch, 'b');
	assert_int_equal(canvas.cells[8].ch, ' ');
	canvas_put(&canvas, 4, 0, 'x', 0, 0); /* outside: nothing */
	canvas_put(&canvas, 0, 3, 'x', 0, 0);
	canvas_flag(&canvas, (struct area){ 2, 1, 99, 99 }, CELL_REVERSE);
	assert_int_equal(canvas.cells[5].flags, 0);
	assert_int_equal(canvas.cells[11].flags, CELL_REVERSE);
	canvas_finish(&canvas);
}

static void areas(void **state)
{
	struct area a = { 2, 3, 10, 5 };

	(void)state;
	assert_int_equal(area_rows(a, 9).h, 5);
	assert_int_equal(area_from(a, 2).y, 5);
	assert_int_equal(area_from(a, 9).h, 0);
	assert_int_equal(area_columns(a, 4, 99).x, 6);
	assert_int_equal(area_columns(a, 4, 99).w, 6);
	assert_int_equal(area_columns(a, 99, 1).w, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writing),
		cmocka_unit_test(lines_below_the_area_are_not_drawn),
		cmocka_unit_test(areas),
	};

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return 77;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
