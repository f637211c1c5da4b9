// SPDX-License-Identifier: GPL-2.0-or-later
/* test_writer.c - what reaches a terminal: escaping, columns, colours, counts */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "nfhop/writer.h"

/* clang-format off */
static const struct {
	struct str given;
	const char *utf8, *ascii;
	size_t columns; /* with UTF-8 */
} texts[] = {
#define ROW(given, ...) { { given, sizeof(given) - 1 }, __VA_ARGS__ }
	ROW("", "", "", 0),
	ROW("DROP: ", "DROP: ", "DROP: ", 6),
	ROW("a\033[31mb", "a\\x1B[31mb", "a\\x1B[31mb", 10),
	ROW("a\0b\r\n\t", "a\\x00b\\x0D\\x0A\\x09", "a\\x00b\\x0D\\x0A\\x09", 18),
	ROW("\x7f", "\\x7F", "\\x7F", 4),
	ROW("gr\xc3\xbc\xc3\x9f""e", "gr\xc3\xbc\xc3\x9f""e", "gr\\xC3\\xBC\\xC3\\x9Fe", 5),
	ROW("\xc2\x9b""31m", "\\xC2\\x9B31m", "\\xC2\\x9B31m", 11),
	ROW("\xc2\xa0", "\xc2\xa0", "\\xC2\\xA0", 1),
	ROW("\xff\xfe", "\\xFF\\xFE", "\\xFF\\xFE", 8),
	ROW("\xc3", "\\xC3", "\\xC3", 4),
	ROW("\xc0\xaf", "\\xC0\\xAF", "\\xC0\\xAF", 8),
	ROW("\xed\xa0\x80", "\\xED\\xA0\\x80", "\\xED\\xA0\\x80", 12),
	ROW("\xf4\x90\x80\x80", "\\xF4\\x90\\x80\\x80", "\\xF4\\x90\\x80\\x80", 16),
	ROW("\xf0\x9f\x94\xa5!", "\xf0\x9f\x94\xa5!", "\\xF0\\x9F\\x94\\xA5!", 3),
	ROW("\xe6\xbc\xa2", "\xe6\xbc\xa2", "\\xE6\\xBC\\xA2", 2), /* as on a terminal */
	ROW("\xe2\x80\xae!", "\\xE2\\x80\\xAE!", "\\xE2\\x80\\xAE!", 13), /* U+202E */
	ROW("a \xe2\x86\x92 b\xe2\x80\xa6", "a \xe2\x86\x92 b\xe2\x80\xa6", "a -> b...", 6),
};
/* clang-format on */

/* struct page - a writer whose text is kept */
struct page {
	struct writer writer;
	char *text;
	size_t n;
};

static struct page *page_open(bool utf8)
{
	struct page *page = calloc(1, sizeof(*page));

	assert_non_null(page);
	page->writer =
		(struct writer){ open_memstream(&page->text, &page->n), false, utf8, 20, 0, 0 };
	return page;
}

static void page_check(struct page *page, const char *want)
{
	fclose(page->writer.out);
	assert_string_equal(page->text, want);
	free(page->text);
	free(page);
}

static void test_escaping(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct page *utf8 = page_open(true), *ascii = page_open(false);

		writer_text(&utf8->writer, texts[i].given);
		writer_text(&ascii->writer, texts[i].given);
		assert_int_equal(utf8->writer.column, texts[i].columns);
		page_check(utf8, texts[i].utf8);
		page_check(ascii, texts[i].ascii);
	}
}

static void test_columns(void **state)
{
	struct page *page = page_open(true);

	(void)state;
	writer_word(&page->writer, "\xe2\x86\x92");
	writer_to(&page->writer, 3);
	writer_word(&page->writer, "x");
	writer_to(&page->writer, 2);
	writer_word(&page->writer, "y");
	writer_line(&page->writer);
	assert_int_equal(page->writer.column, 0);
	page_check(page, "\xe2\x86\x92  xy\n");
}

static void test_sentence_is_broken_between_words(void **state)
{
	struct page *page = page_open(true);

	(void)state;
	writer_word(&page->writer, "why  ");
	writer_sentence(&page->writer, 5, STR("a sentence of several words"));
	page_check(page, "why  a sentence of\n     several words");
}

static void test_colours_only_where_asked_for(void **state)
{
	struct page *plain = page_open(true), *colour = page_open(true);

	(void)state;
	colour->writer.color = true;
	for (struct page **page = (struct page *[]){ plain, colour, NULL }; *page; page++) {
		writer_role(&(*page)->writer, ROLE_PASS);
		writer_word(&(*page)->writer, "ok");
		writer_role(&(*page)->writer, ROLE_PLAIN);
		writer_role(&(*page)->writer, ROLE_PLAIN);
		assert_int_equal((*page)->writer.column, 2);
	}
	page_check(plain, "ok");
	page_check(colour, "\033[32mok\033[0m");
}

static void test_counts(void **state)
{
	static const struct {
		uint64_t n;
		const char *want;
	} rows[] = {
		{ 0, "0 hops" },	  { 1, "1 hop" },
		{ 999, "999 hops" },	  { 1000, "1,000 hops" },
		{ 41007, "41,007 hops" }, { UINT64_MAX, "18,446,744,073,709,551,615 hops" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct page *page = page_open(true);

		writer_count(&page->writer, rows[i].n, "hop", "hops");
		page_check(page, rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escaping),
		cmocka_unit_test(test_columns),
		cmocka_unit_test(test_sentence_is_broken_between_words),
		cmocka_unit_test(test_colours_only_where_asked_for),
		cmocka_unit_test(test_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
