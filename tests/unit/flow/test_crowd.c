/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_crowd.c - many packets that differ in little, and flows of many paths */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "say.h"

#define PACKETS 8000 /* all open at once, by default */
#define LINE	512
#define HOPS	5

/* struct crowd - @id: do the packets differ in their IP id? @logged: have they LOG lines, too? */
struct crowd {
	bool id, logged;
};

struct place {
	const char *what, *devices;
	bool log;
};

/* clang-format off */
static const struct place way[HOPS] = {
	{ "TRACE: raw:PREROUTING:policy:2 ", "IN=lan0 OUT=" },
	{ "TRACE: mangle:PREROUTING:policy:1 ", "IN=lan0 OUT=" },
	{ "FORWARDED: ", "IN=lan0 OUT=wan0", true },
	{ "TRACE: filter:FORWARD:rule:1 ", "IN=lan0 OUT=wan0" },
	{ "TRACE: mangle:POSTROUTING:policy:1 ", "IN= OUT=wan0" },
};
/* clang-format on */

/* A scan: one source port, a port after the other, a tenth of a millisecond apart. */
static char *scan(const struct crowd *c)
{
	char *text = malloc((size_t)PACKETS * HOPS * LINE);
	size_t n = 0;

	assert_non_null(text);
	text[0] = '\0';
	for (int i = 0; i < PACKETS; i++)
		for (const struct place *p = way; p < &way[HOPS]; p++) {
			char seq[64] = "";

			if (p->log && !c->logged)
				continue;
			if (!p->log)
				snprintf(seq, sizeof(seq), "SEQ=%d ACK=0 ", 77 * i + 1);
			n += (size_t)snprintf(
				text + n, LINE,
				"[ 100.%06d] %s%s SRC=192.0.2.9 DST=198.51.100.7 LEN=40 TOS=0x00 "
				"PREC=0x00 TTL=64 ID=%d PROTO=TCP SPT=61000 DPT=%d %s"
				"WINDOW=1024 RES=0x00 SYN URGP=0 \n",
				i * 100, p->what, p->devices, c->id ? i + 1 : 54321, i + 1, seq);
		}
	return text;
}

/* seconds_for - reads it, and looks whether each packet was told from all others */
static double seconds_for(const struct crowd *c)
{
	char *text = scan(c);
	clock_t from = clock();
	struct model *m = model_of(text, NULL);
	double seconds = (double)(clock() - from) / CLOCKS_PER_SEC;
	const struct stats *s = model_stats(m);

	assert_int_equal(s->packets, PACKETS);
	assert_int_equal(s->flows, PACKETS);
	assert_int_equal(s->ambiguous, 0);
	model_destroy(m);
	free(text);
	return seconds;
}

/* A hundred times as long, when all packets stood in one row. */
static void test_no_slower(void **state)
{
	double told = seconds_for(&(struct crowd){ .id = true });

	(void)state;
	assert_true(seconds_for(&(struct crowd){ .id = false }) < 0.1 + 8 * told);
}

static void test_no_slower_with_log_lines(void **state)
{
	double told = seconds_for(&(struct crowd){ .id = true, .logged = true });

	(void)state;
	assert_true(seconds_for(&(struct crowd){ .id = false, .logged = true }) < 0.1 + 8 * told);
}

#define PATHS 30000

/* paths_log - LOG lines whose prefixes are all different, of one flow or of as many */
static char *paths_log(bool one_flow)
{
	char *text = malloc((size_t)PATHS * LINE);
	size_t n = 0;

	assert_non_null(text);
	for (int i = 0; i < PATHS; i++)
		n += (size_t)snprintf(
			text + n, LINE,
			"[ %d.%06d] P%d: IN=lan0 OUT= SRC=192.0.2.9 DST=198.51.100.7 LEN=40 "
			"TOS=0x00 PREC=0x00 TTL=64 ID=%d PROTO=TCP SPT=61000 DPT=%d WINDOW=1024 "
			"RES=0x00 SYN URGP=0 \n",
			100 + i / 50, i % 50 * 20000, i, i + 1, one_flow ? 80 : i + 1);
	return text;
}

static double seconds_for_paths(bool one_flow)
{
	char *text = paths_log(one_flow);
	clock_t from = clock();
	struct model *m = model_of(text, NULL);
	double seconds = (double)(clock() - from) / CLOCKS_PER_SEC;
	uint32_t n = 0;

	for (size_t i = 0; i < model_flow_count(m); i++) {
		const struct flow *flow = model_flow_at(m, i);

		for (uint32_t k = 0; flow && k < flow->n_paths; k++, n++)
			assert_int_equal(flow->paths[k].packets, 1);
	}
	assert_int_equal(n, PATHS);
	model_destroy(m);
	free(text);
	return seconds;
}

static void test_many_paths(void **state)
{
	double spread = seconds_for_paths(false);

	(void)state;
	assert_true(seconds_for_paths(true) < 0.1 + 3 * spread);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_slower),
		cmocka_unit_test(test_no_slower_with_log_lines),
		cmocka_unit_test(test_many_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
