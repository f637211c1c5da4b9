// SPDX-License-Identifier: GPL-2.0-or-later
/* test_merge.c - several sources in the order of time */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../../src/cli/merge.h"

#define SOURCES 3

/* A line "12 a" stands for a hop at that second, "up 12 a" for one by the kernel's clock,
 * "a" for one without a stamp, "# a" for a line that is none of ours.
 */
/* clang-format off */
static const struct row {
	const char *name;
	const char *given[SOURCES];
	const char *want; /* the letters in the order in which they come */
} rows[] = {
	{ "one source is left as it is", { "3 a|1 b|2 c" }, "abc" },
	{ "rotated logs, named newest first", { "30 e|31 f", "20 c|21 d", "10 a|11 b" }, "abcdef" },
	{ "woven", { "10 a|30 c|50 e", "20 b|40 d" }, "abcde" },
	{ "equal stamps stay together", { "10 a|10 b|10 c", "10 d|10 e" }, "abcde" },
	{ "the one that was read goes on", { "10 b|20 d", "9 a|10 c" }, "acbd" },
	{ "no stamp: behind the one before", { "10 a|b|c|30 e", "20 d" }, "abcde" },
	{ "foreign lines too", { "10 a|# b|30 d", "20 c" }, "abcd" },
	{ "foreign lines in front come at once", { "# a|20 d", "# b|10 c" }, "abcd" },
	{ "no stamps at all: as they were named", { "20 a|21 b", "c|d", "10 x" }, "xabcd" },
	{ "no stamps at all, named first", { "c|d", "20 a|21 b", "10 x" }, "cdxab" },
	{ "clocks that cannot be compared", { "up 50 a|up 60 b", "10 c|11 d" }, "abcd" },
	{ "kernel clocks can", { "up 50 b|up 60 d", "up 40 a|up 55 c" }, "abcd" },
	{ "kernel clocks in lines with a date, too",
	  { "up 50 a|0/60 c|0/80 e", "up 55 b|0/70 d" }, "abcde" },
	{ "dates with a kernel's clock: within a second, that decides",
	  { "0/61 c|1/62 d", "0/60 a|0/60 b" }, "abcd" },
	{ "of another boot it does not", { "10/60 a|10/61 b", "10/20 c|10/21 d" }, "abcd" },
	{ "a clock that steps back keeps its order", { "10 a|50 d|20 e|60 g", "30 b|40 c|55 f" },
	  "abcdefg" },
	{ "an empty one", { "", "10 a", "" }, "a" },
	{ "nothing", { "", "" }, "" },
};
/* clang-format on */

#define PACKET                                                                                     \
	"IN=r0 OUT= SRC=1.2.3.4 DST=1.2.3.5 LEN=60 TOS=0x00 PREC=0x00 TTL=64 ID=1 PROTO=UDP "      \
	"SPT=1 DPT=2 LEN=40 \n"

static void put_line(FILE *f, const char *at, size_t n)
{
	unsigned int stamp, up;
	char letter = at[n - 1];

	if (*at == '#')
		fprintf(f, "somebody else: %c\n", letter);
	else if (sscanf(at, "up %u", &stamp) == 1)
		fprintf(f, "[%5u.000000] %c: " PACKET, stamp, letter);
	else if (sscanf(at, "%u/%u", &stamp, &up) == 2)
		fprintf(f, "Jan  1 00:00:%02u host kernel: [%5u.000000] %c: " PACKET, stamp, up,
			letter);
	else if (sscanf(at, "%u", &stamp) == 1)
		fprintf(f, "2026-01-01T00:00:%02uZ host kernel: %c: " PACKET, stamp, letter);
	else
		fprintf(f, "%c: " PACKET, letter);
}

static struct source *make_source(const char *given, unsigned int number)
{
	static const char path[] = "test_merge.tmp";
	struct source *source;
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	while (*given) {
		size_t n = strcspn(given, "|");

		put_line(f, given, n);
		given += n + (given[n] == '|');
	}
	assert_int_equal(fclose(f), 0);
	assert_int_equal(source_open(path, number, NULL, &source), 0);
	unlink(path); /* it stays open */
	return source;
}

/* letter_of - what put_line() made the line of */
static char letter_of(struct str line)
{
	size_t at = str_find(line, STR(": IN="));

	return at < line.n ? line.p[at - 1] : line.p[line.n - 1];
}

/* put_steps - the letters of the lines that the steps of a batch are */
static char *put_steps(const struct food *food, size_t at[SOURCES], char *got)
{
	for (size_t i = food->from; i < food->to; i++) {
		const struct line *line = &food->batch->lines[i];
		uint32_t n = line->kind == LINE_OTHER ? line->number : 1;

		for (at[food->source] = i ? at[food->source] : 0; n; n--) {
			struct str rest = str_skip(food->batch->text, at[food->source]);
			size_t end = str_find(rest, STR("\n"));

			*got++ = letter_of(str_first(rest, end));
			at[food->source] += end + 1;
		}
	}
	return got;
}

static void run(const struct row *row, bool blocks, char *got)
{
	struct source *sources[SOURCES];
	size_t n = 0, failed, at[SOURCES];
	struct merge *merge;
	struct food food;

	while (n < SOURCES && row->given[n]) {
		sources[n] = make_source(row->given[n], (unsigned int)n);
		n++;
	}
	merge = merge_create(sources, n, 0, blocks);
	assert_non_null(merge);
	while (merge_next(merge, &food, &failed) > 0)
		if (food.batch)
			got = put_steps(&food, at, got);
		else
			*got++ = letter_of(food.rec.data);
	*got = '\0';
	assert_int_equal(merge_next(merge, &food, &failed), 0);
	merge_destroy(merge);
	while (n-- > 0)
		source_close(sources[n]);
}

static void in_the_order_of_time(void **state)
{
	char got[64];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		for (int blocks = 0; blocks < 2; blocks++) {
			run(&rows[i], blocks, got);
			if (strcmp(got, rows[i].want))
				print_message("%s%s\n", rows[i].name, blocks ? ", blocks" : "");
			assert_string_equal(got, rows[i].want);
		}
	}
}

/* make_up - up to eight lines, of which some have stamps and some are none of ours */
static void make_up(char *at, char letter)
{
	int n = rand() % 9;

	*at = '\0';
	for (int i = 0; i < n; i++) {
		int kind = rand() % 4;

		if (i)
			*at++ = '|';
		if (kind > 1)
			at += sprintf(at, "%d ", rand() % 60);
		else if (kind)
			at += sprintf(at, "# ");
		at += sprintf(at, "%c", letter + i);
	}
}

/* Whatever the stamps are, the lines of one source keep their order, and none is lost. */
static void each_source_keeps_its_order(void **state)
{
	char given[SOURCES][256], got[64], in_blocks[64];
	struct row row = { "random", { given[0], given[1], given[2] }, "" };

	(void)state;
	srand(1);
	for (int round = 0; round < 300; round++) {
		for (int i = 0; i < SOURCES; i++)
			make_up(given[i], (char)('a' + 9 * i));
		run(&row, false, got);
		run(&row, true, in_blocks);
		assert_string_equal(in_blocks, got);
		for (int i = 0; i < SOURCES; i++) {
			char before = (char)('a' + 9 * i - 1);
			size_t n = 0;

			for (const char *p = got; *p; p++) {
				if (*p < 'a' + 9 * i || *p >= 'a' + 9 * (i + 1))
					continue;
				assert_true(*p == before + 1);
				before = *p;
				n++;
			}
			assert_int_equal(n, *given[i] ? 1 + (before - ('a' + 9 * i)) : 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_the_order_of_time),
		cmocka_unit_test(each_source_keeps_its_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
