// SPDX-License-Identifier: GPL-2.0-or-later
/* test_bound.c - which programs of DHCP have their port, as /proc/net/udp tells */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "nfhop/evidence.h"

#include "root.h"

#define HEAD                                                                                       \
	"   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  "     \
	"timeout inode ref pointer drops            \n"
#define SOCKET(local, remote)                                                                      \
	" 1234: 00000000:" local " 0100000A:" remote                                               \
	" 07 00000000:00000000 00:00000000 00000000     0        0 21 2 0000000000000000 0 \n"

static const struct {
	const char *udp;
	enum evidence_switch want[2];
} rows[] = {
	{ NULL, { SWITCH_UNKNOWN, SWITCH_UNKNOWN } },
	{ "", { SWITCH_OFF, SWITCH_OFF } },
	{ HEAD, { SWITCH_OFF, SWITCH_OFF } },
	{ HEAD SOCKET("0035", "0000") SOCKET("0043", "0000"), { SWITCH_ON, SWITCH_OFF } },
	{ HEAD SOCKET("0044", "0043") SOCKET("0035", "0000"), { SWITCH_OFF, SWITCH_ON } },
	{ HEAD " 1: 00000000:0043", { SWITCH_OFF, SWITCH_OFF } },
	{ HEAD " 1: 00000000:0043 ", { SWITCH_ON, SWITCH_OFF } },
};

static void ports_of_dhcp_are_seen(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *root = root_make();
		struct evidence e;
		struct str text;

		if (rows[i].udp)
			root_file("proc/net/udp", rows[i].udp);
		assert_int_equal(evidence_gather(root, NULL, SWITCH_UNKNOWN, &text), 0);
		assert_int_equal(evidence_parse(text, &e), 0);
		assert_int_equal(e.dhcp[0], rows[i].want[0]);
		assert_int_equal(e.dhcp[1], rows[i].want[1]);
		evidence_finish(&e);
		free((char *)text.p);
		root_remove();
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ports_of_dhcp_are_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
