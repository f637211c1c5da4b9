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

/* A log that is followed: whoever reads it says when packets have waited long enough. */
static void test_held_until_asked(void **state)
{
	uint64_t seen = 0;
	struct model *m = create(false, 10, &seen);

	(void)state;
	feed(m, LINE("1.000000", "raw:PREROUTING:policy:2"));
	feed(m, LINE("11.000000", "raw:PREROUTING:policy:2"));
	feed(m, LINE("21.000000", "raw:PREROUTING:policy:2"));
	assert_int_equal(model_packet_count(m), 2);
	model_hand_out(m, 2);
	assert_int_equal(seen, 0);
	model_hand_out(m, 1);
	assert_int_equal(seen, 1);
	model_hand_out(m, 0);
	assert_int_equal(seen, 12);
	model_end(m);
	assert_int_equal(seen, 123);
	model_destroy(m);
}

/* It is quiet, but in the midst of a line: that may be one of the last packet's. */
static void test_quiet_in_a_line(void **state)
{
	static const struct record quiet[] = { { .kind = RECORD_TICK, .whole = false },
					       { .kind = RECORD_TICK, .whole = true } };
	uint64_t seen = 0;
	struct model *m = create(true, 10, &seen);

	(void)state;
	assert_int_equal(model_feed(m, &quiet[0]), 0);
	feed(m, LINE("1.000000", "raw:PREROUTING:policy:2"));
	feed(m, LINE("1.000001", "raw:PREROUTING:policy:2"));
	feed(m, LINE("1.000002", "raw:PREROUTING:policy:2"));
	assert_int_equal(seen, 0);
	assert_int_equal(model_feed(m, &quiet[0]), 0);
	assert_int_equal(seen, 12);
	assert_int_equal(model_feed(m, &quiet[1]), 0);
	assert_int_equal(seen, 123);
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

/* How to lose less is said of live sources alone. */
static void test_what_loses_less(void **state)
{
	static const struct {
		uint8_t kind;
		bool told;
	} losses[] = { { GAP_SOCKET, true }, { GAP_SEQUENCE, false } };

	(void)state;
	for (size_t i = 0; i < sizeof(losses) / sizeof(*losses); i++) {
		struct record_loss loss = { .lost = { 7 }, .kind = losses[i].kind };
		struct record rec = { .kind = RECORD_LOSS,
				      .whole = true,
				      .data = { (const char *)&loss, sizeof(loss) } };
		uint64_t seen = 0;
		struct model *m = create(false, 10, &seen);

		assert_int_equal(model_feed(m, &rec), 0);
		model_end(m);
		assert_int_equal(model_finding_count(m), 1);
		assert_int_equal(str_has(model_finding_at(m, 0)->text, STR("larger --buffer")),
				 losses[i].told);
		model_destroy(m);
	}
}

#define HERE(initial, all, devices)                                                                \
	"[evidence 1]\n[netns]\ninitial " initial "\nall_netns " all "\n[conf]\n" devices "[end]"  \
	"\n"
#define R0 "forward4 1 r0\n"
#define R1 "forward4 1 r1\n"
#define TRACED(up, where, in, out)                                                                 \
	"[ " up "] TRACE: " where " IN=" in " OUT=" out " SRC=10.9.1.2 DST=10.9.2.2 LEN=60 "       \
	"TOS=0x00 PREC=0x00 TTL=64 ID=7 DF PROTO=TCP SPT=4000 DPT=80 SEQ=1 ACK=0 WINDOW=64240 "    \
	"RES=0x00 SYN URGP=0 \n"
#define WHOLE_WAY                                                                                  \
	TRACED("1.000001", "raw:PREROUTING:policy:2", "r0", "")                                    \
	TRACED("1.000002", "filter:FORWARD:rule:1", "r0", "r1")

/* clang-format off */
static const struct {
	const char *name, *before, *later, *log;
	uint64_t packets, flows, elsewhere;
	const char *says; /* the finding's begin */
} namespaces[] = {
	{ "the initial one, and others are not printed", HERE("1", "0", R0), NULL, WHOLE_WAY,
	  1, 1, 0, NULL },
	{ "the initial one, and others are", HERE("1", "1", R0 R1), NULL, WHOLE_WAY, 1, 1, 0,
	  "The kernel log does not say" },
	{ "another, and it is not printed", HERE("0", "0", R0 R1), NULL, WHOLE_WAY, 0, 0, 1,
	  "1 packet is of the initial" },
	{ "another with these devices", HERE("0", "1", R0 R1), NULL, WHOLE_WAY, 1, 1, 0,
	  "The kernel log does not say" },
	{ "another without one of them", HERE("0", "1", R0), NULL, WHOLE_WAY, 0, 0, 1,
	  "1 packet is of other network namespaces, by devices that this one does not have (r1)" },
	{ "the device came meanwhile", HERE("0", "1", R0), HERE("0", "1", R0 R1), WHOLE_WAY, 1, 1, 0,
	  "The kernel log does not say" },
	{ "the device went meanwhile", HERE("0", "1", R0 R1), HERE("0", "1", R0), WHOLE_WAY, 1, 1, 0,
	  "The kernel log does not say" },
	{ "a line before and one behind it stay", HERE("0", "1", R0), NULL,
	  TRACED("1.000001", "raw:PREROUTING:policy:2", "r0", "") TRACED("2.000001",
	  "raw:PREROUTING:policy:2", "r1", "") TRACED("3.000001", "raw:PREROUTING:policy:2", "r0", ""),
	  2, 1, 1, "1 packet is of other network namespaces" },
	{ "no devices are known", HERE("0", "1", ""), NULL, WHOLE_WAY, 1, 1, 0,
	  "The kernel log does not say" },
	{ "the list of devices was cut", "[netns]\ninitial 0\nall_netns 1\n[conf]\n" R0, NULL, WHOLE_WAY,
	  1, 1, 0, "The kernel log does not say" },
	{ "nothing is known of the host", "[evidence 1]\n[end]\n", NULL, WHOLE_WAY, 1, 1, 0, NULL },
};
/* clang-format on */

static void feed_live(struct model *m, enum record_kind kind, const char *text)
{
	struct record rec = { .kind = kind, .whole = true, .when_ns = 1000000000, .lines = 1 };
	struct str in = str_from(text);

	rec.data = in;
	while (in.n) {
		if (kind == RECORD_LINE)
			rec.data = str_first(in, (size_t)((char *)memchr(in.p, '\n', in.n) - in.p));
		assert_int_equal(model_feed(m, &rec), 0);
		in = kind == RECORD_LINE ? str_skip(in, rec.data.n + 1) : (struct str){ NULL, 0 };
	}
}

static const struct finding *other_netns(const struct model *m)
{
	for (size_t i = 0; i < model_finding_count(m); i++)
		if (!strcmp(model_finding_at(m, i)->id, "other-netns"))
			return model_finding_at(m, i);
	return NULL;
}

static void test_other_namespaces(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(namespaces) / sizeof(*namespaces); i++) {
		uint64_t seen = 0;
		struct model *m = create(true, 10, &seen);
		const struct stats *s = model_stats(m);
		const struct finding *f;

		feed_live(m, RECORD_EVIDENCE, namespaces[i].before);
		if (namespaces[i].later)
			feed_live(m, RECORD_EVIDENCE, namespaces[i].later);
		feed_live(m, RECORD_LINE, namespaces[i].log);
		model_end(m);
		f = other_netns(m);
		if (s->packets != namespaces[i].packets ||
		    s->elsewhere != namespaces[i].elsewhere || !f != !namespaces[i].says)
			print_error("%s\n", namespaces[i].name);
		assert_int_equal(s->packets, namespaces[i].packets);
		assert_int_equal(s->flows, namespaces[i].flows);
		assert_int_equal(s->elsewhere, namespaces[i].elsewhere);
		assert_int_equal(model_packet_count(m), namespaces[i].packets);
		assert_true(!f == !namespaces[i].says);
		if (f)
			assert_true(str_starts(f->text, str_from(namespaces[i].says)));
		model_destroy(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quiet_packets_close),
		cmocka_unit_test(test_files_wait_for_the_end),
		cmocka_unit_test(test_held_until_asked),
		cmocka_unit_test(test_quiet_in_a_line),
		cmocka_unit_test(test_findings_are_drawn_when_asked),
		cmocka_unit_test(test_what_loses_less),
		cmocka_unit_test(test_other_namespaces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
