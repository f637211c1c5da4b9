/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_recording.c - what was recorded is read back, whole, cut and damaged */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../../src/source/recording.h"
#include "nfhop/source.h"

#define NAME "test_recording.tmp"

static const struct record records[] = {
	{ .kind = RECORD_TICK, .whole = true, .when_ns = 1000, .zone_min = 60 },
	{ .kind = RECORD_NFT, .whole = true, .data = { "\0abc", 4 }, .when_ns = 2000 },
	{ .kind = RECORD_LINE,
	  .whole = true,
	  .source = 1,
	  .data = { "4,1,2,-;x", 9 },
	  .when_ns = 3000,
	  .zone_min = -480 },
	{ .kind = RECORD_LINE, .whole = false, .source = 1, .data = { "", 0 }, .when_ns = 4000 },
	{ .kind = RECORD_END, .whole = true, .when_ns = INT64_MAX / 2 },
};

#define RECORDS (sizeof(records) / sizeof(*records))

static size_t write_all(void)
{
	static const char *const names[] = { "nft:", "kmsg:" };
	FILE *out = fopen(NAME, "w");
	size_t n;

	assert_non_null(out);
	assert_int_equal(recording_begin(out, names, 2), 0);
	for (size_t i = 0; i < RECORDS; i++)
		assert_int_equal(recording_put(out, &records[i]), 0);
	n = (size_t)ftell(out);
	assert_int_equal(fclose(out), 0);
	return n;
}

static struct source *open_it(size_t parts)
{
	struct source *source;

	assert_int_equal(source_open(NAME, 0, NULL, &source), 0);
	assert_int_equal(source_parts(source, 5), parts);
	return source;
}

static void test_read_back(void **state)
{
	uint64_t lines[2] = { 0, 0 };
	struct source *source;
	struct record rec;

	(void)state;
	write_all();
	source = open_it(2);
	assert_string_equal(source_part_name(source, 0), "nft:");
	assert_string_equal(source_part_name(source, 1), "kmsg:");
	assert_null(source_part_name(source, 2));
	for (size_t i = 0; i < RECORDS; i++) {
		const struct record *want = &records[i];
		bool counts = want->kind < RECORD_LOSS;

		assert_int_equal(source_next(source, &rec), 1);
		assert_int_equal(rec.kind, want->kind);
		assert_int_equal(rec.whole, want->whole);
		assert_int_equal(rec.source, 5 + want->source);
		assert_int_equal(rec.when_ns, want->when_ns);
		assert_int_equal(rec.zone_min, want->zone_min);
		assert_int_equal(rec.data.n, want->data.n);
		assert_memory_equal(rec.data.p ? rec.data.p : "", want->data.p ? want->data.p : "",
				    want->data.n);
		lines[want->source] += counts;
		assert_int_equal(rec.lines, counts);
		assert_int_equal(rec.line, lines[want->source]);
	}
	assert_int_equal(source_next(source, &rec), 0);
	assert_null(source_trouble(source));
	assert_int_equal(source_position(source), 13);
	source_close(source);
}

/* It was not there yet when it was asked for its names: one number for all that it holds. */
static void test_late(void **state)
{
	const struct source_want want = { .follow = true };
	struct source *source;
	struct record rec;
	size_t n = 0;

	(void)state;
	unlink(NAME);
	assert_int_equal(source_open(NAME, 0, &want, &source), 0);
	assert_int_equal(source_parts(source, 5), 0);
	write_all();
	for (int tries = 0; n < RECORDS && tries < 1000; tries++) {
		int ret = source_next(source, &rec);

		if (ret == -EAGAIN)
			usleep(10000);
		else
			assert_int_equal(ret, 1);
		if (ret != 1)
			continue;
		assert_int_equal(rec.source, 5);
		n++;
	}
	assert_int_equal(n, RECORDS);
	source_close(source);
}

/* Through a pipe it may come byte by byte: its names are waited for, and the rest of a record. */
static void test_in_pieces(void **state)
{
	const struct source_want want = { .follow = true };
	size_t size = write_all(), at = 0, n = 0, first, halfway = 0;
	FILE *f = fopen(NAME, "r");
	struct source *source;
	struct record rec;
	char bytes[1024], name[32];
	int fds[2];

	(void)state;
	assert_non_null(f);
	assert_int_equal(fread(bytes, 1, sizeof(bytes), f), size);
	fclose(f);
	assert_int_equal(pipe(fds), 0);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fds[0]);
	assert_int_equal(source_open(name, 0, &want, &source), 0);
	while (!source_parts(source, 5))
		assert_int_equal(write(fds[1], bytes + at++, 1), 1);
	assert_string_equal(source_part_name(source, 0), "nft:");
	assert_string_equal(source_part_name(source, 1), "kmsg:");
	first = at;
	while (n < RECORDS) { /* the first one is there, it has no data */
		int ret = source_next(source, &rec);

		if (ret == 1) {
			assert_int_equal(rec.source, 5 + records[n++].source);
			continue;
		}
		assert_int_equal(ret, -EAGAIN);
		halfway += source_halfway(source);
		assert_int_equal(write(fds[1], bytes + at++, 1), 1);
	}
	assert_int_equal(at, size);
	assert_int_equal(halfway, size - first - (RECORDS - 1));
	assert_int_equal(n, RECORDS);
	close(fds[0]);
	close(fds[1]);
	source_close(source);
}

/* Cut anywhere: whole records come, then an end at the last time, and words for it. */
static void test_cut(void **state)
{
	size_t size = write_all();

	(void)state;
	for (size_t n = strlen(RECORDING_MAGIC) + 2 * 18 + 9; n < size; n++) {
		struct source *source;
		struct record rec;
		size_t i = 0;

		write_all();
		assert_int_equal(truncate(NAME, (off_t)n), 0);
		source = open_it(2);
		while (source_next(source, &rec) > 0) {
			if (rec.kind == RECORD_END)
				break;
			assert_int_equal(rec.when_ns, records[i].when_ns);
			i++;
		}
		assert_int_equal(rec.kind, RECORD_END);
		assert_false(rec.whole); /* nobody ended it */
		assert_int_equal(rec.when_ns, i ? records[i - 1].when_ns : 0);
		assert_int_equal(source_next(source, &rec), 0);
		assert_non_null(source_trouble(source));
		source_close(source);
	}
}

/* patch - one byte of the recording, at @at behind the names */
static void patch(size_t at, int byte)
{
	FILE *f;

	write_all();
	f = fopen(NAME, "r+");
	assert_non_null(f);
	assert_int_equal(fseek(f, (long)(strlen(RECORDING_MAGIC) + 2 * 18 + 9 + at), SEEK_SET), 0);
	fputc(byte, f);
	assert_int_equal(fclose(f), 0);
}

static void test_damage(void **state)
{
	static const struct {
		size_t at;
		int byte;
	} damages[] = { { 3, 0x7f },  { 4, RECORD_KIND_MAX }, { 6, 2 },
			{ 15, 0x80 }, { 15, 0x40 },	      { 17, 0x40 } };

	(void)state;
	for (size_t i = 0; i < sizeof(damages) / sizeof(*damages); i++) {
		struct source *source;
		struct record rec;

		patch(damages[i].at, damages[i].byte);
		source = open_it(2);
		assert_int_equal(source_next(source, &rec), -EBADMSG);
		assert_non_null(source_trouble(source));
		source_close(source);
	}
}

static int tidy(void **state)
{
	(void)state;
	unlink(NAME);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read_back), cmocka_unit_test(test_late),
		cmocka_unit_test(test_in_pieces), cmocka_unit_test(test_cut),
		cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, tidy);
}
