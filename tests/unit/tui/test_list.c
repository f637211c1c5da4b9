// SPDX-License-Identifier: GPL-2.0-or-later
/* test_list.c - which line is chosen, and which lines are to be seen */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "list.h"

/* What is done to a list of @n lines in a window of @height, from line @at on. */
enum deed { UP, DOWN, PAGE_UP, PAGE_DOWN, TO_END, SHRINK_TO_3, GROW_BY_5 };

/* clang-format off */
static const struct {
	size_t n, at;
	unsigned int height;
	bool follow;
	enum deed deed;
	size_t want_at, want_top;
} rows[] = {
	{ 100, 0, 10, false, UP, 0, 0 },
	{ 100, 0, 10, false, DOWN, 1, 0 },
	{ 100, 7, 10, false, DOWN, 8, 1 },	/* two lines stay in sight beyond it */
	{ 100, 99, 10, false, DOWN, 99, 90 },
	{ 100, 99, 10, false, UP, 98, 90 },
	{ 100, 0, 10, false, PAGE_DOWN, 8, 8 - 2 },
	{ 100, 50, 10, false, PAGE_UP, 42, 35 },
	{ 100, 0, 10, false, TO_END, 99, 90 },
	{ 100, 60, 10, false, SHRINK_TO_3, 2, 0 },
	{ 100, 60, 10, false, GROW_BY_5, 60, 53 },
	{ 100, 99, 10, true, GROW_BY_5, 104, 95 },
	{ 0, 0, 10, false, DOWN, 0, 0 },
	{ 0, 0, 10, true, TO_END, 0, 0 },
	{ 5, 2, 0, false, DOWN, 3, 0 },		/* no room at all */
	{ 5, 4, 1, false, UP, 3, 3 },
};
/* clang-format on */

static void act(struct list *list, enum deed deed)
{
	switch (deed) {
	case UP:
	case DOWN:
		list_move(list, deed == UP ? -1 : 1);
		break;
	case PAGE_UP:
	case PAGE_DOWN:
		list_page(list, deed == PAGE_UP ? -1 : 1);
		break;
	case TO_END:
		list_to(list, list->n);
		break;
	case SHRINK_TO_3:
		list_resize(list, 3);
		break;
	case GROW_BY_5:
		list_resize(list, list->n + 5);
		break;
	}
}

static void moving(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct area area = { 0, 2, 80, rows[i].height };
		struct list list = { .follow = rows[i].follow };

		list_resize(&list, rows[i].n);
		list_to(&list, rows[i].at);
		list_show(&list, area);
		act(&list, rows[i].deed);
		list_show(&list, area);
		print_message("row %zu: at %zu, top %zu\n", i, list.at, list.top);
		assert_int_equal(list.at, rows[i].want_at);
		assert_int_equal(list.top, rows[i].want_top);
	}
}

static void clicking(void **state)
{
	struct list list = { 0 };

	(void)state;
	list_resize(&list, 30);
	list_to(&list, 29);
	list_show(&list, (struct area){ 0, 3, 80, 10 });
	assert_int_equal(list_line(&list, 5, 3), 20);
	assert_int_equal(list_line(&list, 5, 12), 29);
	assert_int_equal(list_line(&list, 5, 2), 30); /* the row above it */
	assert_int_equal(list_line(&list, 5, 13), 30);
	assert_int_equal(list_line(&list, 80, 5), 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moving),
		cmocka_unit_test(clicking),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
