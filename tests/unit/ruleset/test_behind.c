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
	{ CHAIN("log prefix \"x \"\n tcp dport vmap { 443 : drop }\n reject"), "c 2 drop" },
	{ CHAIN("log prefix \"x \"\n tcp dport vmap { 80 : drop, 443 counter packets 1 bytes 2 : "
		"accept }\n reject"), "c 2 accept" },
	{ CHAIN("log prefix \"x \"\n iifname vmap { \"eth0\" : jump a, \"wg0\" : drop }\n reject"),
	  "c 3 reject" },
	{ CHAIN("policy drop;\n log prefix \"x \"\n iifname vmap { \"eth0\" : goto a }\n reject"),
	  "c 0 drop" },
	{ CHAIN("log prefix \"x \"\n iifname vmap { \"eth0\" : jump b }\n reject\n }\n"
		"chain b {\n tcp dport 443 drop"), "b 1 drop" },
	{ CHAIN("log prefix \"x \"\n iifname vmap { \"eth0\" : continue }\n reject"),
	  "c 3 reject" },
	{ CHAIN("log prefix \"x \"\n iifname vmap { \"eth*\" : drop, \"eth0\" : accept }\n reject"),
	  "c 2 ?" },
	{ CHAIN("log prefix \"x \"\n ip saddr . tcp dport vmap { 10.9.1.1 . 443 : accept, "
		"10.9.1.2 . 443 : drop }\n reject"), "c 2 drop" },
	{ CHAIN("iifname vmap { \"eth0\" : jump d, \"wg0\" : jump e }\n reject\n }\n"
		"chain d {\n log prefix \"x \"\n }\n chain e {\n log prefix \"x \"\n drop"),
	  "c 2 reject" },
	{ CHAIN("log prefix \"x \"\n tcp dport vmap { 22 : drop }\n reject"), "c 3 reject" },
};
/* clang-format on */

/* @states: what the packet may have been; the sets are "bad", without elements, and "good" */
struct sign_row {
	unsigned int states;
	const char *rules, *want;
};

/* clang-format off */
static const struct sign_row sign_rows[] = {
	{ 0, CHAIN("log prefix \"x \"\n ip saddr @good drop"), "c 2 drop, listed" },
	{ 0, CHAIN("log prefix \"x \"\n ip saddr != @good drop\n reject"), "c 3 reject, listed" },
	{ 0, CHAIN("log prefix \"x \"\n ip daddr @good drop\n reject"), "c 3 reject, listed" },
	{ 0, CHAIN("log prefix \"x \"\n ip saddr @bad drop\n reject"), "c 2 ?: @bad" },
	{ 0, CHAIN("log prefix \"x \"\n ip saddr @none drop\n reject"), "c 2 ?: @none" },
	/* a rule that logged it is right, whatever a set held later */
	{ 0, CHAIN("ip daddr @good log prefix \"x \"\n ip daddr @good drop"), "c 2 drop" },
	{ 0, CHAIN("ip daddr @good log prefix \"x \"\n ip daddr @good ct state new drop"),
	  "c 2 ?: ct state new" },
	/* what alters sets, or the packet, ends what is known by them */
	{ 0, CHAIN("log prefix \"x \"\n ip saddr set 10.0.0.1\n ip saddr @good drop"),
	  "c 2 ?: writes" },
	{ 0, CHAIN("log prefix \"x \"\n delete @good { ip saddr }\n ip saddr @good drop"),
	  "c 3 ?: @good" },
	/* the state of its connection */
	{ 0, CHAIN("log prefix \"x \"\n ct state established accept\n drop"),
	  "c 2 ?: ct state established" },
	{ CT_NEW, CHAIN("log prefix \"x \"\n ct state established accept\n drop"),
	  "c 3 drop, state" },
	{ CT_NEW, CHAIN("log prefix \"x \"\n ct state { new, related } drop"),
	  "c 2 drop, state" },
	{ CT_NEW, CHAIN("log prefix \"x \"\n ct state new ip saddr @good drop"),
	  "c 2 drop, listed, state" },
	{ CT_NEW | CT_INVALID, CHAIN("log prefix \"x \"\n ct state invalid accept\n drop"),
	  "c 2 ?: ct state invalid" },
	{ CT_NEW, CHAIN("log prefix \"x \"\n ct state vmap { established : accept }\n drop"),
	  "c 3 drop, state" },
	{ CT_NEW, CHAIN("ct state invalid log prefix \"x \"\n ct state invalid drop"),
	  "c 2 drop" },
	{ CT_NEW, CHAIN("ct state invalid log prefix \"x \"\n ct state new accept\n drop"),
	  "c 3 drop" },
	/* verdict maps */
	{ CT_NEW, CHAIN("log prefix \"x \"\n ct state vmap { established : accept, new : drop }"),
	  "c 2 drop, state" },
	{ CT_NEW | CT_RELATED,
	  CHAIN("log prefix \"x \"\n ct state vmap { related : accept, new : drop }"),
	  "c 2 ?: does what, state" },
	{ 0, CHAIN("log prefix \"x \"\n tcp dport vmap @ports\n reject"), "c 2 drop, listed" },
	{ 0, CHAIN("log prefix \"x \"\n tcp sport vmap @ports\n reject"), "c 3 reject, listed" },
	/* a helper makes first packets related; notrack leaves them without a state */
	{ CT_NEW, CHAIN("log prefix \"x \"\n ct state related accept\n ct helper set \"ftp\"\n"
			"drop"), "c 2 ?: ct state related" },
	{ CT_NEW, CHAIN("log prefix \"x \"\n ct state new drop\n }\n chain p {\n type filter hook "
			"prerouting priority -300;\n udp dport 53 notrack"),
	  "c 2 ?: ct state new" },
	{ CT_NEW, " chain r {\n type filter hook prerouting priority raw;\n log prefix \"x \"\n "
		  "ct state new drop\n }\n", "r 2 ?: ct state new" },
	/* other doubts */
	{ 0, CHAIN("log prefix \"x \"\n limit rate 5/minute drop"), "c 2 ?: limit rate 5/minute" },
	{ 0, CHAIN("log prefix \"x \"\n tcp dport vmap { 443 : jump nowhere }"),
	  "c 2 ?: does what" },
	{ 0, CHAIN("log prefix \"x \"\n drop\n }\n chain d {\n type filter hook input priority 1;\n"
		   "log prefix \"x \"\n reject"), "apart: c 2 drop, d 2 reject" },
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

static const char *show_apart(const struct hop_meaning *end, char *buf, size_t n)
{
	const struct doubt *doubt = &end->doubt;

	snprintf(buf, n, "apart: %.*s %u %s, %.*s %u %s", STR_ARG(end->chain->name),
		 end->rule->number, verdict_name(end->verdict), STR_ARG(doubt->chain->name),
		 doubt->rule->number, verdict_name(doubt->verdict));
	return buf;
}

/* What it rests on, and what is in doubt, put behind what show_end() says. */
static const char *show_signs(enum behind behind, const struct hop_meaning *end, char *buf,
			      size_t n)
{
	struct str about = end->doubt.text;
	size_t used;

	if (end->doubt.kind == DOUBT_APART)
		return show_apart(end, buf, n);
	show_end(behind, end, buf, n);
	used = strlen(buf);
	if (end->doubt.kind == DOUBT_SET)
		about = str_skip(about, str_find(about, STR("@")));
	else if (end->doubt.kind == DOUBT_VERDICT)
		about = STR("does what");
	else if (end->doubt.kind == DOUBT_ENDS)
		about = STR("writes");
	snprintf(buf + used, n - used, "%s%.*s%s%s", about.n ? ": " : "", STR_ARG(about),
		 end->rests & SIGHTING_LISTED ? ", listed" : "",
		 end->rests & SIGHTING_STATES ? ", state" : "");
	return buf;
}

static void check(const char *format, const struct row *row, const struct sign_row *signs)
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
	const char *got;
	int ret;
	int n = snprintf(text, sizeof(text), format, row->rules);
	struct ruleset *rs = show_load(row->rules, (struct str){ text, (size_t)n }, &ret, &err);

	if (!rs)
		show_error(stderr, ret, &err);
	assert_non_null(rs);
	if (signs) {
		seen.have |= SIGHTING_LISTED | (signs->states ? SIGHTING_STATES : 0);
		seen.states = signs->states;
	}
	behind = ruleset_behind(rs, STR("x"), &seen,
				HOOK_BIT(HOOK_PREROUTING) | HOOK_BIT(HOOK_INPUT), &end);
	got = (signs ? show_signs : show_end)(behind, &end, buf, sizeof(buf));
	if (strcmp(got, row->want) != 0)
		fail_msg("%s: got %s, not %s", row->rules, got, row->want);
	ruleset_destroy(rs);
}

static void test_iptables(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(xt_rows) / sizeof(*xt_rows); i++)
		check("*filter\n%sCOMMIT\n", &xt_rows[i], NULL);
}

static void test_nft(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(nft_rows) / sizeof(*nft_rows); i++)
		check("table ip t {\n set bad {\n type ipv4_addr\n flags dynamic\n }\n %s}\n",
		      &nft_rows[i], NULL);
}

static void test_signs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sign_rows) / sizeof(*sign_rows); i++) {
		const struct row row = { sign_rows[i].rules, sign_rows[i].want };

		check("table ip t {\n set bad {\n type ipv4_addr\n }\n set good {\n type "
		      "ipv4_addr\n"
		      " flags interval\n elements = { 10.9.0.0/16, 192.0.2.1 }\n }\n"
		      " map ports {\n type inet_service : verdict\n"
		      " elements = { 80 : accept, 443 : drop }\n }\n %s}\n",
		      &row, &sign_rows[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_iptables),
		cmocka_unit_test(test_nft),
		cmocka_unit_test(test_signs),
	};

	return cmocka_run_group_tests_name("ruleset behind", tests, NULL, NULL);
}
