/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_live.c - a model that is asked while its input still goes on */
#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "nfhop/model.h"
#include "nfhop/split.h"

#define LINE(up, where)                                                                            \
	"[ " up "] TRACE: " where " IN=r0 OUT= MAC=4e:a7:19:72:b0:99:2e:49:d1:0a:23:ba:08:00 "     \
	"SRC=10.9.1.2 DST=10.9.2.2 LEN=60 TOS=0x00 PREC=0x00 TTL=64 ID=7 DF PROTO=TCP SPT=4000 "   \
	"DPT=80 SEQ=1 ACK=0 WINDOW=64240 RES=0x00 SYN URGP=0 \n"

static void feed(struct model *m, const char *text)
{
	struct split split = { .source = 0 };
	struct str in = str_from(text);
	struct record rec;
	size_t n;

	while ((n = split_next(&split, in, true, &rec))) {
		assert_int_equal(model_feed(m, &rec), 0);
		in = str_skip(in, n);
	}
}

static void count_packet(void *who, const struct model *m, const struct packet *p)
{
	(void)m;
	*(uint64_t *)who = *(uint64_t *)who * 10 + p->no;
}

static struct model *create(bool live, size_t kept, uint64_t *seen)
{
	struct model_config config = model_config_default();
	struct model_sink sink = { count_packet, seen };
	struct model *m;

	config.live = live;
	config.max_kept = kept;
	m = model_create(&config, &sink);
	assert_non_null(m);
	return m;
}

static void at(struct stamp *now, uint64_t ms)
{
	*now = (struct stamp){ .up_ns = ms * 1000000, .have = STAMP_UP };
}

static void test_quiet_packets_close(void **state)
{
	uint64_t seen = 0;
	struct model *m = create(true, 10, &seen);
	struct stamp now;

	(void)state;
	feed(m, LINE("1.000000", "raw:PREROUTING:policy:2"));
	at(&now, 3900);
	model_tick(m, &now);
	assert_int_equal(seen, 0);
	at(&now, 4001);
	model_tick(m, &now);
	assert_int_equal(seen, 1);
	assert_int_equal(model_packet_count(m), 1);
	assert_int_equal(model_packet_at(m, 0)->no, 1);
	assert_null(model_packet_at(m, 1));
	model_end(m);
	assert_int_equal(seen, 1); /* not told twice */
	model_destroy(m);
}

static void test_files_wait_for_the_end(void **state)
{
	uint64_t seen = 0;
	struct model *m = create(false, 2, &seen);

	(void)state;
	feed(m, LINE("1.000000", "raw:PREROUTING:policy:2"));
	feed(m, LINE("11.000000", "raw:PREROUTING:policy:2"));
	feed(m, LINE("21.000000", "raw:PREROUTING:policy:2"));
	assert_int_equal(model_packet_count(m), 2);
	assert_int_equal(seen, 0);
	feed(m, LINE("31.000000", "raw:PREROUTING:policy:2"));
	assert_int_equal(seen, 1); /* no room: the oldest is told early */
	model_end(m);
	assert_int_equal(seen, 1234);
	assert_int_equal(model_packet_count(m), 2);
	assert_int_equal(model_packet_at(m, 0)->no, 3);
	assert_int_equal(model_stats(m)->evicted_packets, 2);
	model_destroy(m);
}

static void test_findings_are_drawn_when_asked(void **state)
{
	uint64_t seen = 0;
	struct model *m = create(true, 10, &seen);
	struct stamp now;
	size_t n;

	(void)state;
	feed(m, "[ 1.000000] TCP: request_sock_TCP: Possible SYN flooding on port 10.9.2.2:81. "
		"Sending cookies.\n");
	assert_int_equal(model_finding_count(m), 0);
	assert_int_equal(model_conclude(m), 0);
	n = model_finding_count(m);
	assert_int_equal(n, 1);
	at(&now, 5000);
	model_tick(m, &now);
	assert_int_equal(model_conclude(m), 0);
	assert_int_equal(model_finding_count(m), n);
	model_end(m);
	assert_int_equal(model_finding_count(m), n);
	model_destroy(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quiet_packets_close),
		cmocka_unit_test(test_files_wait_for_the_end),
		cmocka_unit_test(test_findings_are_drawn_when_asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
