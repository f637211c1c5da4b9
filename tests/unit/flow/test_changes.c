// SPDX-License-Identifier: GPL-2.0-or-later
/* test_changes.c - what changed about a packet: did the rule before do it? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "nfhop/ruleset.h"
#include "say.h"

#define HOP(n, place, out, dst, port, ttl, mark)                                                   \
	"[    2.00000" n "] TRACE: " place " IN=lan0 OUT=" out " SRC=192.0.2.5 DST=" dst           \
	" LEN=60 TOS=0x00 PREC=0x00 TTL=" ttl " ID=7 DF PROTO=TCP SPT=4001 DPT=" port              \
	" SEQ=1 ACK=0 WINDOW=64240 RES=0x00 SYN URGP=0 " mark "\n"

/* A SYN that mangle's rule 1 met, then nat's; it goes on to 10.0.0.2:80, with a mark. */
#define LOG                                                                                        \
	HOP("1", "mangle:PREROUTING:rule:1", "", "192.0.2.1", "8080", "64", "")                    \
	HOP("2", "mangle:PREROUTING:policy:2", "", "192.0.2.1", "8080", "64", "MARK=0x7")          \
	HOP("3", "nat:PREROUTING:rule:1", "", "192.0.2.1", "8080", "64", "MARK=0x7")               \
	HOP("4", "mangle:FORWARD:policy:1", "wan0", "10.0.0.2", "80", "63", "MARK=0x7")

#define RULES(mangle, nat)                                                                         \
	"*mangle\n:PREROUTING ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n-A PREROUTING " mangle          \
	"\nCOMMIT\n*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING " nat "\nCOMMIT\n"
#define MARKS "-j MARK --set-xmark 0x7"
#define KEEPS "-p tcp -m comment --comment nothing"

/* clang-format off */
static const struct {
	const char *name, *rules, *want;
} cases[] = {
	{ "both rules did it", RULES(MARKS, "-p tcp -j DNAT --to-destination 10.0.0.2:80"),
	  "2 mark by rule\n4 ttl\n4 dst by rule\n4 dport by rule\n" },
	{ "a range of addresses", RULES(MARKS, "-p tcp -j DNAT --to-destination 10.0.0.1-10.0.0.9"),
	  "2 mark by rule\n4 ttl\n4 dst by rule\n4 dport by rule\n" },
	{ "a rule without a mark, one that translates to elsewhere",
	  RULES(KEEPS, "-p tcp -j DNAT --to-destination 10.0.0.3:81"), "2 mark\n4 ttl\n4 dst\n4 dport\n" },
	{ "to the device's address", RULES(KEEPS, "-p tcp -j REDIRECT --to-ports 80"),
	  "2 mark\n4 ttl\n4 dst by rule\n4 dport by rule\n" },
	{ "no rule set", NULL, "2 mark\n4 ttl\n4 dst\n4 dport\n" },
};
/* clang-format on */

static void test_changes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct model_config config = model_config_default();
		struct ruleset *rules = ruleset_create();
		char said[512] = "";
		size_t n = 0;
		struct ruleset_error err;
		struct model *m;

		if (cases[i].rules)
			assert_int_equal(ruleset_load(rules, "r", str_from(cases[i].rules), &err),
					 0);
		assert_int_equal(ruleset_seal(rules, &err), 0);
		config.max_kept = 8;
		config.rules = cases[i].rules ? rules : NULL;
		m = model_of(LOG, &config);
		assert_int_equal(model_packet_count(m), 1);
		for (size_t k = 0; k < 4; k++) {
			struct hop_view hop;

			model_hop(m, model_packet_at(m, 0), k, &hop);
			for (unsigned int c = 0; c < hop.n_changes; c++)
				n += (size_t)snprintf(said + n, sizeof(said) - n, "%zu %s%s\n",
						      k + 1, change_name(hop.changes[c].field),
						      hop.changes[c].by_rule ? " by rule" : "");
		}
		if (strcmp(said, cases[i].want))
			print_error("%s:\n", cases[i].name);
		assert_string_equal(said, cases[i].want);
		model_destroy(m);
		ruleset_destroy(rules);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
