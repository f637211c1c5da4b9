/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_behind.c - where evaluation ends behind a rule that logs */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "nfhop/ruleset.h"

#include "show.h"

/*
 * The packet is a SYN from 10.9.1.2 to 198.51.100.7, port 443; it came in on eth0, for this host.
 * @want: "CHAIN NUMBER VERDICT" of what is behind LOG "x"; number 0 is the policy
 */
struct row {
	const char *rules, *want;
};

#define IN(rules) ":INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:a - [0:0]\n:b - [0:0]\n" rules
#define LOGS	  "-j LOG --log-prefix \"x \"\n"

/* clang-format off */
static const struct row xt_rows[] = {
	{ IN("-A INPUT " LOGS "-A INPUT -j DROP\n"), "INPUT 2 drop" },
	{ IN("-A INPUT " LOGS), "INPUT 0 drop" },
	{ IN("-A INPUT -j LOG --log-prefix \"y \"\n-A INPUT -j DROP\n"), "nothing" },
	{ IN("-A FORWARD " LOGS "-A FORWARD -j DROP\n"), "nothing" },
	{ IN("-A FORWARD " LOGS "-A FORWARD -j DROP\n-A INPUT " LOGS), "INPUT 0 drop" },
	/* what cannot fit is passed over, what fits is not */
	{ IN("-A INPUT " LOGS "-A INPUT -p udp -j ACCEPT\n-A INPUT -j DROP\n"), "INPUT 3 drop" },
	{ IN("-A INPUT " LOGS "-A INPUT -p tcp -j ACCEPT\n-A INPUT -j DROP\n"), "INPUT 2 accept" },
	{ IN("-A INPUT " LOGS "-A INPUT -i wg0 -j ACCEPT\n-A INPUT -j REJECT\n"),
	  "INPUT 3 reject" },
	{ IN("-A INPUT " LOGS "-A INPUT -j NFQUEUE\n"), "INPUT 2 queue" },
	/* what cannot be known ends it, unless it goes on in any case */
	{ IN("-A INPUT " LOGS "-A INPUT -m recent --rcheck -j ACCEPT\n-A INPUT -j DROP\n"),
	  "INPUT 2 ?" },
	{ IN("-A INPUT " LOGS "-A INPUT -m recent --set -j NFLOG\n-A INPUT -j DROP\n"),
	  "INPUT 3 drop" },
	{ IN("-A INPUT " LOGS "-A INPUT -j UNHEARD_OF\n-A INPUT -j DROP\n"), "INPUT 2 ?" },
	/* what the LOG rule asked for fits behind it, too, but for what counts */
	{ IN("-A INPUT -m limit --limit 5/min " LOGS "-A INPUT -m limit --limit 5/min -j DROP\n"),
	  "INPUT 2 ?" },
	{ IN("-A INPUT -m pkttype --pkt-type broadcast " LOGS
	     "-A INPUT -m pkttype --pkt-type broadcast -j DROP\n"), "INPUT 2 drop" },
	{ IN("-A INPUT -m set --match-set bad src " LOGS
	     "-A INPUT -m set --match-set bad src -j DROP\n"), "INPUT 2 drop" },
	{ IN("-A INPUT -m set --match-set bad src " LOGS "-A INPUT -j SET --del-set bad src\n"
	     "-A INPUT -m set --match-set bad src -j DROP\n"), "INPUT 3 ?" },
	{ IN("-A INPUT -m conntrack --ctstate INVALID " LOGS
	     "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
	     "-A INPUT -m conntrack --ctstate NEW,INVALID -j DROP\n"), "INPUT 3 drop" },
	{ IN("-A INPUT -m conntrack ! --ctstate NEW " LOGS
	     "-A INPUT -m conntrack --ctstate NEW -j ACCEPT\n"
	     "-A INPUT -m conntrack --ctstate INVALID -j DROP\n"), "INPUT 3 ?" },
	{ IN("-A INPUT " LOGS "-A INPUT -m mark --mark 0 -j DROP\n"), "INPUT 2 drop" },
	{ IN("-A INPUT " LOGS "-A INPUT -j MARK --set-mark 1\n-A INPUT -m mark --mark 0 -j DROP\n"),
	  "INPUT 3 ?" },
	/* calls */
	{ IN("-A INPUT -j a\n-A a " LOGS "-A a -j DROP\n"), "a 2 drop" },
	{ IN("-A INPUT -j a\n-A INPUT -j REJECT\n-A a " LOGS), "INPUT 2 reject" },
	{ IN("-A INPUT -g a\n-A INPUT -j REJECT\n-A a " LOGS), "INPUT 0 drop" },
	{ IN("-A INPUT -j a\n-A INPUT -j REJECT\n-A a -g b\n-A a -j ACCEPT\n-A b " LOGS),
	  "INPUT 2 reject" },
	{ IN("-A INPUT -j a\n-A a -j b\n-A a -j ACCEPT\n-A b " LOGS "-A b -p tcp -j RETURN\n"
	     "-A b -j DROP\n"), "a 2 accept" },
	{ IN("-A INPUT " LOGS "-A INPUT -j a\n-A INPUT -j REJECT\n-A a -p udp -j DROP\n"),
	  "INPUT 3 reject" },
	{ IN("-A INPUT " LOGS "-A INPUT -j a\n-A a -p tcp -j DROP\n"), "a 1 drop" },
	{ IN("-A INPUT " LOGS "-A INPUT -m recent --rcheck -j a\n-A a -p tcp -j DROP\n"),
	  "INPUT 2 ?" },
	{ IN("-A INPUT " LOGS "-A INPUT -m recent --rcheck -j a\n-A a -p udp -j DROP\n"),
	  "INPUT 0 drop" },
	{ IN("-A INPUT " LOGS "-A INPUT -m recent --rcheck -g a\n-A INPUT -j REJECT\n"),
	  "INPUT 2 ?" },
	{ IN("-A INPUT " LOGS "-A INPUT -m recent --rcheck -j RETURN\n-A INPUT -j REJECT\n"),
	  "INPUT 2 ?" },
	{ IN("-A a " LOGS "-A a -j DROP\n"), "nothing" },
	/* no kernel takes these; each must come to an end all the same */
	{ IN("-A a -j b\n-A b -j a\n-A a " LOGS), "apart" },
	{ IN("-A INPUT " LOGS "-A INPUT -j a\n-A a -j b\n-A b -j a\n-A b -j a\n"), "b 1 ?" },
	/* several ways */
	{ IN("-A INPUT -p tcp -j a\n-A INPUT -j a\n-A INPUT -j DROP\n-A a " LOGS), "INPUT 3 drop" },
	{ IN("-A INPUT -p udp -j a\n-A INPUT -p udp -j DROP\n-A INPUT -j a\n-A a " LOGS),
	  "INPUT 0 drop" },
	{ IN("-A INPUT -j a\n-A INPUT -p tcp -j DROP\n-A INPUT -j a\n-A a " LOGS),
	  "INPUT 2 drop" },
	{ IN("-A INPUT -j a\n-A INPUT -m recent --rcheck -j DROP\n-A INPUT -j a\n-A a " LOGS),
	  "apart" },
	{ IN("-A FORWARD -j a\n-A INPUT -j a\n-A INPUT -j REJECT\n-A a " LOGS), "INPUT 2 reject" },
	{ IN("-A INPUT -p udp " LOGS "-A INPUT -p udp -j DROP\n-A INPUT " LOGS), "INPUT 0 drop" },
	{ IN("-A INPUT -s 10.0.0.0/8 " LOGS "-A INPUT -p tcp " LOGS "-A INPUT -j DROP\n"),
	  "INPUT 3 drop" },
	{ IN("-A INPUT " LOGS "-A INPUT -m recent --rcheck -j DROP\n-A INPUT " LOGS), "apart" },
	/* the packet does not come to the second one */
	{ IN("-A INPUT " LOGS "-A INPUT -j DROP\n-A INPUT " LOGS), "INPUT 2 drop" },
	{ IN("-A INPUT -p tcp " LOGS "-A INPUT -p tcp -j DROP\n-A INPUT " LOGS
	     "-A INPUT -j DROP\n"), "INPUT 2 drop" },
	{ IN("-A INPUT -p tcp -g a\n-A INPUT -j a\n-A INPUT -j REJECT\n-A a " LOGS),
	  "INPUT 0 drop" },
	{ IN("-A INPUT -j a\n-A INPUT -j b\n-A INPUT " LOGS "-A b -p tcp -j DROP\n"
	     "-A a " LOGS), "b 1 drop" },
	{ IN("-A INPUT -j a\n-A INPUT -m mark --mark 0 -j REJECT\n-A INPUT " LOGS "-A a " LOGS),
	  "apart" },
};

#define CHAIN(rules) "chain a {\n }\n chain c {\n type filter hook input priority 0; " rules "\n}\n"

static const struct row nft_rows[] = {
	{ CHAIN("policy accept;\n log prefix \"x \"\n drop"), "c 2 drop" },
	{ CHAIN("policy accept;\n log prefix \"x \""), "c 0 accept" },
	{ CHAIN("policy drop;\n counter log prefix \"x \" level info\n tcp dport 22 accept"),
	  "c 0 drop" },
	{ CHAIN("ct state invalid log prefix \"x \"\n ct state { invalid, new } drop"),
	  "c 2 drop" },
	{ CHAIN("ip saddr @bad log prefix \"x \"\n ip saddr @bad drop"), "c 2 drop" },
	{ CHAIN("ip saddr @bad log prefix \"x \"\n delete @bad { ip saddr }\n ip saddr @bad drop"),
	  "c 3 ?" },
	{ CHAIN("log prefix \"x \"\n limit rate 5/minute drop"), "c 2 ?" },
	{ CHAIN("log prefix \"x \"\n ip daddr set 10.0.0.1\n ip daddr 198.51.100.7 drop"),
	  "c 2 ?" },
	/* what stands behind `log` does not fit each packet that it logged */
	{ CHAIN("log prefix \"x \" drop"), "c 1 drop" },
	{ CHAIN("log prefix \"x \" ct state new drop\n ct state new drop"), "c 1 ?" },
	{ CHAIN("log prefix \"x \" udp dport 53 accept\n drop"), "c 2 drop" },
	{ CHAIN("log prefix \"x \" ct state new\n ct state new drop\n"), "c 2 ?" },
	/* maps */
	{ CHAIN("iifname vmap { \"eth0\" : jump d, \"wg0\" : accept }\n reject\n }\n"
		"chain d {\n log prefix \"x \""), "c 2 reject" },
	{ CHAIN("iifname vmap { \"eth0\" : goto d, \"wg0\" : accept }\n reject\n }\n"
		"chain d {\n log prefix \"x \""), "c 1 ?" },
	{ CHAIN("iifname vmap { \"wg0\" : jump d, \"wg1\" : accept }\n reject\n }\n"
		"chain d {\n log prefix \"x \""), "nothing" },
	{ CHAIN("log prefix \"x \"\n tcp dport vmap { 443 : drop }\n reject"), "c 2 ?" },
	{ CHAIN("log prefix \"x \"\n tcp dport vmap { 22 : drop }\n reject"), "c 3 reject" },
};
/* clang-format on */

static const char *show_end(enum behind behind, const struct hop_meaning *end, char *buf, size_t n)
{
	const char *verdict = behind == BEHIND_END ? verdict_name(end->verdict) : NULL;

	if (behind != BEHIND_END)
		return behind == BEHIND_APART ? "apart" : "nothing";
	snprintf(buf, n, "%.*s %u %s", STR_ARG(end->chain->name), end->rule ? end->rule->number : 0,
		 verdict ? verdict : "?");
	return buf;
}

static void check(const char *format, const struct row *row)
{
	struct header packet = { .have = HEADER_ADDR | HEADER_PROTO | HEADER_PORTS | HEADER_FLAGS,
				 .family = FAMILY_IP,
				 .proto = 6,
				 .sport = 40000,
				 .dport = 443,
				 .tcp_flags = TCP_SYN,
				 .src = { { [10] = 0xff, 0xff, 10, 9, 1, 2 } },
				 .dst = { { [10] = 0xff, 0xff, 198, 51, 100, 7 } } };
	struct sighting seen = { .pkt = &packet,
				 .iif = STR("eth0"),
				 .have = SIGHTING_IIF | SIGHTING_OIF | SIGHTING_MARK };
	char text[2048], buf[128];
	struct ruleset_error err;
	struct hop_meaning end;
	enum behind behind;
	int ret;
	int n = snprintf(text, sizeof(text), format, row->rules);
	struct ruleset *rs = show_load(row->rules, (struct str){ text, (size_t)n }, &ret, &err);

	if (!rs)
		show_error(stderr, ret, &err);
	assert_non_null(rs);
	behind = ruleset_behind(rs, STR("x"), &seen,
				HOOK_BIT(HOOK_PREROUTING) | HOOK_BIT(HOOK_INPUT), &end);
	if (strcmp(show_end(behind, &end, buf, sizeof(buf)), row->want) != 0)
		fail_msg("%s: got %s, not %s", row->rules, show_end(behind, &end, buf, sizeof(buf)),
			 row->want);
	ruleset_destroy(rs);
}

static void test_iptables(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(xt_rows) / sizeof(*xt_rows); i++)
		check("*filter\n%sCOMMIT\n", &xt_rows[i]);
}

static void test_nft(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(nft_rows) / sizeof(*nft_rows); i++)
		check("table ip t {\n set bad {\n type ipv4_addr\n flags dynamic\n }\n %s}\n",
		      &nft_rows[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_iptables),
		cmocka_unit_test(test_nft),
	};

	return cmocka_run_group_tests_name("ruleset behind", tests, NULL, NULL);
}
