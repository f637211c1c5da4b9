// SPDX-License-Identifier: GPL-2.0-or-later
/* test_disorder.c - which lines run back in time, and which packets stand twice */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "say.h"

/* A line of packet @id, of its place @where. */
#define AT(stamp, id, where)                                                                       \
	stamp " TRACE: " where " SRC=192.0.2.5 DST=203.0.113.2 LEN=60 TOS=0x00 PREC=0x00 TTL=64"   \
	      " ID=" id " DF PROTO=TCP SPT=4001 DPT=80 SEQ=" id                                    \
	      " ACK=0 WINDOW=64240 RES=0x00 SYN URGP=0 \n"
#define RAW		"raw:PREROUTING:policy:1 IN=lan0 OUT="
#define MANGLE		"mangle:PREROUTING:policy:1 IN=lan0 OUT="
#define UP(s, id)	AT("[" s "]", id, RAW)
#define WALL(s, id)	AT(s " gw kernel:", id, RAW)
#define BOTH(s, up, id) AT(s " gw kernel: [" up "]", id, RAW)

/* clang-format off */
static const struct {
	const char *name, *log;
	uint64_t late, line, twice;
} cases[] = {
	{ "in order", UP("10.000001", "1") UP("20.000001", "2") UP("30.000001", "3"), 0, 0, 0 },
	{ "reversed", UP("30.000001", "3") UP("20.000001", "2") UP("10.000001", "1"), 2, 2, 0 },
	{ "parts in another order", UP("30.0", "3") UP("40.0", "4") UP("10.0", "1") UP("20.0", "2")
	  UP("50.0", "5"), 2, 3, 0 },
	{ "equal stamps", UP("10.000001", "1") UP("10.000001", "2") UP("10.000001", "3"), 0, 0, 0 },
	{ "another CPU is behind", UP("10.000009", "1") UP("10.000001", "2"), 0, 0, 0 },
	{ "a second and a half", UP("20.000", "1") UP("18.500", "2"), 0, 0, 0 },
	{ "more than that", UP("20.000", "1") UP("18.499", "2"), 1, 2, 0 },
	{ "many small steps add up", UP("20.0", "1") UP("19.0", "2") UP("18.0", "3") UP("17.0", "4"),
	  2, 3, 0 },
	{ "a packet's own lines", AT("[10.000009]", "1", MANGLE) AT("[10.000001]", "1", RAW), 1, 2, 0 },
	{ "another packet's", AT("[10.000009]", "1", MANGLE) AT("[10.000001]", "2", RAW), 0, 0, 0 },

	{ "a boot", UP("86400.0", "1") UP("12.0", "2") UP("13.0", "3"), 0, 0, 0 },
	{ "no boot", UP("86400.0", "1") UP("1200.0", "2"), 1, 2, 0 },
	{ "back to front since the boot", UP("500.0", "1") UP("400.0", "2"), 1, 2, 0 },
	{ "booted an hour ago", BOTH("Mar  2 10:00:00", "86400.0", "1")
	  BOTH("Mar  2 11:30:00", "3600.0", "2"), 0, 0, 0 },
	{ "read from the ring once more", BOTH("Mar  2 10:00:00", "86400.0", "1")
	  BOTH("Mar  2 10:00:01", "86000.0", "2"), 1, 2, 0 },
	{ "the wall's clock is set back, the kernel's goes on", BOTH("Mar  2 10:00:00", "86400.0", "1")
	  BOTH("Mar  2 09:00:00", "86401.0", "2"), 0, 0, 0 },

	{ "summer time ends", WALL("Oct 25 02:59:59", "1") WALL("Oct 25 02:00:01", "2"), 0, 0, 0 },
	{ "on a quiet night", WALL("Oct 25 02:59:59", "1") WALL("Oct 25 02:50:00", "2"), 0, 0, 0 },
	{ "not by day", WALL("Oct 25 12:59:59", "1") WALL("Oct 25 12:00:01", "2"), 1, 2, 0 },
	{ "not by more", WALL("Oct 25 03:30:00", "1") WALL("Oct 25 02:00:00", "2"), 1, 2, 0 },
	{ "not twice", WALL("Oct 25 02:59:59", "1") WALL("Oct 25 02:50:00", "2")
	  WALL("Oct 25 02:40:00", "3"), 1, 3, 0 },
	{ "every year", WALL("Oct 25 02:59:59", "1") WALL("Oct 25 02:00:01", "2")
	  WALL("Apr  4 02:59:59", "3") WALL("Apr  4 02:00:01", "4"), 0, 0, 0 },
	{ "where zones are told", WALL("2026-10-25T02:59:59+02:00", "1")
	  WALL("2026-10-25T02:00:01+01:00", "2"), 0, 0, 0 },
	{ "zones, and back in time", WALL("2026-10-25T02:59:59+02:00", "1")
	  WALL("2026-10-25T02:00:01+02:00", "2"), 1, 2, 0 },
	{ "told and not told", WALL("Oct 25 02:59:59", "1") WALL("2026-10-25T02:00:01+02:00", "2"),
	  0, 0, 0 },
	{ "a year ends", WALL("Dec 31 23:59:59", "1") WALL("Jan  1 00:00:01", "2"), 0, 0, 0 },
	{ "midnight", WALL("23:59:59", "1") WALL("00:00:01", "2"), 0, 0, 0 },
	{ "hosts have clocks of their own", AT("Mar  2 10:00:00 a kernel:", "1", RAW)
	  AT("Mar  2 09:00:00 b kernel:", "2", RAW) AT("Mar  2 10:00:01 a kernel:", "3", RAW), 0, 0, 0 },

	{ "the same line again", UP("10.000001", "1") UP("10.000001", "1"), 0, 0, 1 },
	{ "three times", UP("10.000001", "1") UP("10.000001", "1") UP("10.000001", "1"), 0, 0, 2 },
	{ "an equal packet later", UP("10.000001", "1") UP("10.000002", "1"), 0, 0, 0 },
	{ "milliseconds do not tell", UP("10.001", "1") UP("10.001", "1"), 0, 0, 0 },
	{ "the log says that it came again", WALL("Mar  2 10:00:00", "1")
	  "Mar  2 10:00:00 gw last message repeated 3 times\n", 0, 0, 0 },
	{ "no stamps", AT("kernel:", "1", RAW) AT("kernel:", "1", RAW), 0, 0, 0 },
};
/* clang-format on */

static void test_disorder(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct model *m = model_of(cases[i].log, NULL);
		const struct stats *s = model_stats(m);

		if (s->late != cases[i].late || s->twice != cases[i].twice ||
		    s->late_line != cases[i].line)
			print_error("%s: %" PRIu64 " late from line %" PRIu64 " on, %" PRIu64
				    " twice\n",
				    cases[i].name, s->late, s->late_line, s->twice);
		assert_true(s->late == cases[i].late && s->twice == cases[i].twice &&
			    s->late_line == cases[i].line);
		model_destroy(m);
	}
}

/* What has no stamp has that of its arrival, which is not the log's. */
static void test_live(void **state)
{
	struct model_config config = model_config_default();
	struct model *m = model_create(&config, NULL);
	struct record rec = { .kind = RECORD_LINE, .whole = true, .lines = 1 };

	(void)state;
	assert_non_null(m);
	rec.data = str_from(AT("kernel:", "1", RAW));
	rec.data.n--;
	for (int64_t s = 9; s > 0; s -= 4) {
		rec.when_ns = s * INT64_C(1000000000);
		rec.line++;
		assert_int_equal(model_feed(m, &rec), 0);
	}
	assert_int_equal(model_stats(m)->events, 3);
	assert_int_equal(model_stats(m)->late, 0);
	model_destroy(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_disorder),
		cmocka_unit_test(test_live),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
