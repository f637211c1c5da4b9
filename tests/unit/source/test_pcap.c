// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_pcap.c - captures: when each packet was, what is no NFLOG, and every capture given as an
 * argument cut at every byte, right before a page that may not be touched
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../../src/source/pcap.h"
#include "nfhop/source.h"
#include "../edge.h"

static const char *folder;
/* The same two packets in every form; the moments at which they were saved. */
/* clang-format off */
static const struct {
	const char *file;
	const char *want; /* of each packet: its time/digits, '?' if it has none, '-' if no NFLOG */
} captures[] = {
	{ "nflog-group5.pcap", "1795360721.298279000/6 1795360721.298286000/6 " },
	{ "forms-big-endian.pcap", "1795360721.298279000/6 1795360721.298286000/6 " },
	{ "forms-ns.pcap", "1795360721.298279000/9 1795360721.298286000/9 " },
	{ "forms-ns-big-endian.pcap", "1795360721.298279000/9 1795360721.298286000/9 " },
	{ "forms.pcapng", "1795360721.298279000/9 - 1795360721.298286000/9 " },
	{ "forms-big-endian.pcapng", "1795360721.298279000/9 - 1795360721.298286000/9 " },
	{ "forms-resolutions.pcapng", "1795360721.500000000/9 1795360721.298286000/6 ? " },
	{ "cut.pcap", "1795360721.298279000/6 cut " },
	{ "empty.pcap", "" },
	{ "damaged.pcapng", "1795360721.298279000/9 - 1795360721.298286000/9 cut " },
};
/* clang-format on */

static void put_packet(FILE *out, const struct record *rec)
{
	struct record_nflog head;

	assert_int_equal(rec->kind, RECORD_NFLOG);
	assert_int_equal(rec->lines, 1);
	if (!rec->data.n) {
		fprintf(out, rec->whole ? "- " : "cut ");
		return;
	}
	memcpy(&head, rec->data.p, sizeof(head));
	assert_false(head.partial);
	if (head.timed)
		fprintf(out, "%u.%09u/%u ", head.sec, head.ns, head.digits);
	else
		fprintf(out, "? ");
}

static struct source *open_file(const char *name)
{
	struct source *source;
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(source_open(path, 7, NULL, &source), 0);
	return source;
}

static void moments(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(captures) / sizeof(*captures); i++) {
		struct source *source = open_file(captures[i].file);
		struct record rec;
		uint64_t line = 0;
		char *text = NULL;
		size_t n;
		FILE *out = open_memstream(&text, &n);

		while (source_next(source, &rec) == 1) {
			assert_int_equal(rec.source, 7);
			assert_int_equal(rec.line, ++line);
			put_packet(out, &rec);
		}
		fclose(out);
		assert_string_equal(text, captures[i].want);
		assert_int_equal(source_position(source), source_size(source));
		assert_int_equal(source_trouble(source) != NULL,
				 !strcmp(captures[i].file, "damaged.pcapng"));
		free(text);
		source_close(source);
	}
}

static void what_is_no_nflog_is_refused(void **state)
{
	struct source *source = open_file("ethernet.pcap");
	struct record rec;

	(void)state;
	assert_int_equal(source_next(source, &rec), -EPROTONOSUPPORT);
	assert_non_null(strstr(source_trouble(source), "link type 1 (Ethernet)"));
	assert_non_null(strstr(source_trouble(source), "tcpdump -i nflog:"));
	assert_int_equal(source_next(source, &rec), 0);
	source_close(source);
}

/* run - all of @in, of which @piece bytes become known at a time. Return: packets with data */
static unsigned int run(char *in, size_t n, size_t piece, int *error)
{
	struct pcap pcap = { .source = 1 };
	size_t at = 0, known = piece < n ? piece : n, used;
	unsigned int packets = 0;
	struct record rec;
	int ret = 0;

	for (;;) {
		ret = pcap_next(&pcap, in + at, known - at, known == n, &rec, &used);
		at += used;
		packets += ret > 0 && rec.data.n;
		if (ret < 0 || (!ret && known == n))
			break;
		if (!ret)
			known = n - known < piece ? n : known + piece;
	}
	*error = ret;
	pcap_finish(&pcap);
	return packets;
}

static size_t read_capture(const char *name, char *buf)
{
	char path[4096];
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "rb");
	assert_non_null(f);
	n = fread(buf, 1, EDGE_ROOM, f);
	fclose(f);
	return n;
}

/* Wherever it is cut and in whatever pieces it comes, the same packets are in it. */
static void cut_anywhere(void **state)
{
	static char all[EDGE_ROOM];

	(void)state;
	for (size_t i = 0; i < sizeof(captures) / sizeof(*captures); i++) {
		size_t n = read_capture(captures[i].file, all);

		for (size_t cut = 4; cut <= n; cut++) {
			unsigned int packets[2];
			int error[2];

			for (int j = 0; j < 2; j++) {
				struct str part = at_edge((struct str){ all, cut });

				packets[j] = run((char *)part.p, cut, j ? 7 : cut, &error[j]);
			}
			assert_int_equal(packets[0], packets[1]);
			assert_int_equal(error[0], error[1]);
		}
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moments),
		cmocka_unit_test(what_is_no_nflog_is_refused),
		cmocka_unit_test(cut_anywhere),
	};

	folder = argc == 2 ? argv[1] : ".";
	return cmocka_run_group_tests(tests, map_edge, NULL);
}
