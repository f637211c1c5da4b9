// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_cut.c - every line of the files given as arguments, cut at every byte, right before a
 * page that may not be touched: nothing is read beyond the end, and a cut TRACE line that lost
 * part of its grammar is never taken for a whole one
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "nfhop/decode.h"
#include "nfhop/split.h"
#include "../edge.h"

static char **files;
static int decode(struct str data, const struct record *like, bool whole, struct event *ev)
{
	static char buf[SCRATCH_SIZE];
	struct record rec = { .data = data, .kind = like->kind, .whole = whole };
	struct scratch scratch = { buf, sizeof(buf), 0 };
	struct complaint why = { 0, NULL };
	int err = decode_record(&rec, &scratch, ev, &why);

	assert_true(!err || (err == -EINVAL && why.expected && why.at <= data.n));
	return err;
}

static void cut_record(const struct record *rec)
{
	struct event ev;
	size_t n;

	for (n = 0; n <= rec->data.n; n++) {
		struct str part = at_edge(str_first(rec->data, n));

		decode(part, rec, true, &ev);
		decode(part, rec, false, &ev);
	}
}

static struct str read_file(const char *path)
{
	static char buf[1u << 20];
	FILE *f = fopen(path, "rb");
	size_t n;

	assert_non_null(f);
	n = fread(buf, 1, sizeof(buf), f);
	fclose(f);
	return (struct str){ buf, n };
}

static void cut_file(const char *path)
{
	struct split split = { .source = 0 };
	struct str in = read_file(path);
	struct record rec;
	size_t used;

	while ((used = split_next(&split, in, true, &rec))) {
		if (rec.data.n <= EDGE_ROOM)
			cut_record(&rec);
		in = str_skip(in, used);
	}
}

static void nothing_is_read_beyond_the_end(void **state)
{
	char **file;

	(void)state;
	for (file = files; *file; file++)
		cut_file(*file);
}

static void splitter_reads_nothing_beyond_the_end(void **state)
{
	char **file;

	(void)state;
	for (file = files; *file; file++) {
		struct str head = str_first(read_file(*file), 1500);
		size_t n;

		for (n = 0; n <= head.n; n++) {
			struct str part = at_edge(str_first(head, n));
			struct split split = { .source = 0 };
			struct record rec;
			size_t used;

			while ((used = split_next(&split, part, n & 1, &rec)))
				part = str_skip(part, used);
		}
	}
}

/* Up to where a line may be cut so that it must not pass for whole: the end of its grammar. */
static void cut_tail_is_a_fault(void **state)
{
	static const struct {
		const char *line, *end;
	} rows[] = {
		{ "TRACE: a:b:rule:1 IN=r0 OUT= MAC= SRC=192.0.2.1 DST=192.0.2.2 LEN=40 TOS=0x00 "
		  "PREC=0x00 TTL=64 ID=1 DF PROTO=TCP SPT=1 DPT=2 SEQ=3 ACK=4 WINDOW=5 RES=0x00 "
		  "ACK URGP=0 OPT (0101) ",
		  "0 OPT" },
		{ "TRACE: a:b:rule:1 IN=r0 OUT= MAC= SRC=192.0.2.1 DST=192.0.2.2 LEN=28 TOS=0x00 "
		  "PREC=0x00 TTL=64 ID=1 PROTO=UDP SPT=1 DPT=2 LEN=8 ",
		  "8 " },
		{ "TRACE: a:b:rule:1 IN=r0 OUT= MAC= SRC=192.0.2.1 DST=192.0.2.2 LEN=28 TOS=0x00 "
		  "PREC=0x00 TTL=64 ID=1 PROTO=ICMP TYPE=8 CODE=0 ID=7 SEQ=8 ",
		  "8 " },
		{ "TRACE: a:b:rule:1 IN=r0 OUT= MAC= SRC=192.0.2.1 DST=192.0.2.2 LEN=61 TOS=0x00 "
		  "PREC=0x00 TTL=64 ID=1 PROTO=ICMP TYPE=3 CODE=4 [SRC=192.0.2.2 DST=192.0.2.1 "
		  "LEN=33 TOS=0x00 PREC=0x00 TTL=1 ID=9 PROTO=UDP SPT=77 DPT=88 LEN=13 ] MTU=1400 ",
		  "1400" },
		{ "TRACE: a:b:rule:1 IN=r0 OUT= MAC= SRC=2001:db8::1 DST=2001:db8::2 LEN=49 TC=0 "
		  "HOPLIMIT=64 FLOWLBL=0 OPT ( ) PROTO=UDP SPT=7 DPT=8 LEN=9 ",
		  "9 " },
	};
	const struct record like = { .kind = RECORD_LINE };
	struct event ev;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct str line = str_from(rows[i].line);
		const char *end = rows[i].line;
		const char *next;

		while ((next = strstr(end + 1, rows[i].end)))
			end = next; /* the last one */
		for (n = 7; n <= (size_t)(end - rows[i].line); n++)
			assert_int_equal(decode(str_first(line, n), &like, false, &ev), -EINVAL);
		assert_int_equal(decode(line, &like, false, &ev), 0);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_read_beyond_the_end),
		cmocka_unit_test(splitter_reads_nothing_beyond_the_end),
		cmocka_unit_test(cut_tail_is_a_fault),
	};

	(void)argc;
	files = argv + 1;
	return cmocka_run_group_tests(tests, map_edge, NULL);
}
