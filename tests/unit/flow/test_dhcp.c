// SPDX-License-Identifier: GPL-2.0-or-later
/* test_dhcp.c - a DHCP broadcast that was stopped: noise of the link, or the fault? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "say.h"

#define UDP(devices, src, dst, spt, dpt)                                                           \
	"[    2.000001] TRACE: filter:" devices " SRC=" src " DST=" dst                            \
	" LEN=328 TOS=0x00 PREC=0x00 TTL=64 ID=7 PROTO=UDP SPT=" spt " DPT=" dpt " LEN=308 \n"
#define ASKED	    UDP("INPUT:policy:1 IN=lan0 OUT=", "0.0.0.0", "255.255.255.255", "68", "67")
#define OFFERED	    UDP("INPUT:policy:1 IN=lan0 OUT=", "192.0.2.1", "255.255.255.255", "67", "68")
#define ASKS	    UDP("OUTPUT:policy:1 IN= OUT=lan0", "0.0.0.0", "255.255.255.255", "68", "67")
#define OFFERS	    UDP("OUTPUT:policy:1 IN= OUT=lan0", "192.0.2.9", "192.0.2.7", "67", "68")
#define OTHER	    UDP("INPUT:policy:1 IN=lan0 OUT=", "192.0.2.5", "255.255.255.255", "9", "9")
#define BOUND(a, b) "[evidence 1]\n[bound]\nudp 67 " a "\nudp 68 " b "\n[end]\n"
#define FILTER	    "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n"

static const struct {
	const char *what, *log, *rules, *evidence;
	bool noise; /* the first flow is */
} rows[] = {
	{ "a client of the link, and nothing more is known", ASKED, NULL, NULL, true },
	{ "a server's answer on the link", OFFERED, NULL, NULL, true },
	{ "another broadcast", OTHER, NULL, BOUND("1", "1"), true },
	{ "no program here serves it", ASKED, NULL, BOUND("0", "1"), true },
	{ "a program here serves it", ASKED, NULL, BOUND("1", "0"), false },
	{ "an answer where a server runs", OFFERED, NULL, BOUND("1", "0"), true },
	{ "an answer where a client runs", OFFERED, NULL, BOUND("0", "1"), false },
	{ "this host asks", ASKS, NULL, NULL, false },
	{ "this host asks, and so does another", ASKED ASKS, NULL, NULL, false },
	{ "an answer where this host asks", OFFERED ASKS, NULL, NULL, false },
	{ "this host answers another one", ASKED OFFERS, NULL, NULL, false },
	{ "a rule lets it in elsewhere", ASKED,
	  FILTER "-A INPUT -i lan1 -p udp -m udp --dport 67 -j ACCEPT\nCOMMIT\n", NULL, false },
	{ "a rule lets clients in", ASKED,
	  FILTER "-A INPUT -p udp -m udp --sport 67 --dport 68 -j ACCEPT\nCOMMIT\n", NULL, true },
	{ "a rule lets in all of another device", ASKED,
	  FILTER "-A INPUT -i lan1 -j ACCEPT\nCOMMIT\n", NULL, true },
	{ "a rule drops it", ASKED, FILTER "-A INPUT -p udp -m udp --dport 67 -j DROP\nCOMMIT\n",
	  NULL, true },
};

static void ask(size_t i)
{
	struct model_config config = model_config_default();
	struct ruleset *rules = ruleset_create();
	struct ruleset_error err;
	struct evidence e;
	struct model *m;

	assert_non_null(rules);
	if (rows[i].rules) {
		assert_int_equal(ruleset_load(rules, "rules", str_from(rows[i].rules), &err), 0);
		assert_int_equal(ruleset_seal(rules, &err), 0);
		config.rules = rules;
	}
	m = model_of(rows[i].log, &config);
	assert_int_equal(evidence_parse(str_from(rows[i].evidence ? rows[i].evidence : ""), &e), 0);
	if (rows[i].evidence)
		model_set_evidence(m, &e, &e);
	assert_non_null(model_flow_at(m, 0));
	if (model_is_housekeeping(m, model_flow_at(m, 0)) != rows[i].noise)
		print_message("%s\n", rows[i].what);
	assert_int_equal(model_is_housekeeping(m, model_flow_at(m, 0)), rows[i].noise);
	model_destroy(m);
	evidence_finish(&e);
	ruleset_destroy(rules);
}

static void dhcp_is_noise_where_nobody_hears_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		ask(i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dhcp_is_noise_where_nobody_hears_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
