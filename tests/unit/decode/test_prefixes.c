// SPDX-License-Identifier: GPL-2.0-or-later
/* test_prefixes.c - what LOG prefixes say of their rules; the user's own file; its errors */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "nfhop/prefixes.h"

/* struct row - a prefix, and show() of what it says: "CONVENTION TABLE CHAIN RULE VERDICT HOOKS" */
struct row {
	const char *prefix, *want;
};

/* clang-format off */
static const struct row conventions[] = {
	{ "[UFW BLOCK] ", "ufw filter - - drop? -" },
	{ "[UFW ALLOW] ", "ufw filter - - accept? -" },
	{ "[UFW AUDIT] ", "ufw filter - - continue -" },
	{ "[UFW AUDIT INVALID] ", "ufw filter - - continue -" },
	{ "[UFW LIMIT] ", "ufw filter - - continue -" },
	{ "[UFW LIMIT BLOCK] ", "ufw filter - - reject -" },
	{ "[UFW DOCKER BLOCK] ", "ufw filter - - drop forward" },

	{ "IN_public_DROP: ", "firewalld filter IN_public default drop input" },
	{ "FWDI_internal_REJECT: ", "firewalld filter FWDI_internal default reject forward" },
	{ "FWDO_dmz_DROP: ", "firewalld filter FWDO_dmz default drop forward" },
	{ "filter_IN_public_REJECT: ", "firewalld firewalld filter_IN_public default reject input" },
	{ "\"filter_IN_home_REJECT: \"", "firewalld firewalld filter_IN_home default reject input" },
	{ "filter_FWD_policy_lab-wan_REJECT: ",
	  "firewalld firewalld filter_FWD_policy_lab-wan default reject forward" },
	{ "filter_OUT_policy_egress_DROP: ",
	  "firewalld firewalld filter_OUT_policy_egress default drop output" },
	{ "\"zone_ZONE_REJECT: \"", "firewalld - - default reject? -" },
	{ "FINAL_REJECT: ", "firewalld - - default reject input,forward" },
	{ "STATE_INVALID_DROP: ", "firewalld - - - drop input,forward" },
	{ "rpfilter_DROP: ", "firewalld - - - drop prerouting" },

	{ "Shorewall:net2fw:DROP:", "shorewall filter net2fw - drop input" },
	{ "Shorewall:fw-net:ACCEPT:", "shorewall filter fw-net - accept output" },
	{ "Shorewall:net-loc:3:REJECT:", "shorewall filter net-loc 3 reject -" },
	{ "Shorewall:INPUT:REJECT:", "shorewall filter INPUT - reject input" },
	{ "Shorewall:FORWARD:DROP:", "shorewall filter FORWARD - drop forward" },
	{ "Shorewall:r0_mac:DROP:", "shorewall - r0_mac - drop -" },
	{ "Shorewall:net_dnat:DNAT:", "shorewall nat net_dnat - accept? prerouting" },
	{ "Shorewall:loc2net:CONTINUE:", "shorewall filter loc2net - - -" },
	{ "Shorewall:loc2net:LOG:tagged ", "shorewall filter loc2net - continue -" },
	{ "net-fw DROP ", "shorewall filter net-fw - drop? input" },
	{ "fw-net REJECT ", "shorewall filter fw-net - reject? output" },
	{ "loc-dmz ACCEPT ", "shorewall filter loc-dmz - accept? -" },

	{ "[ipv4-NAM-GUEST-IN-10-D]", "vyos vyos_filter NAME_GUEST-IN 10 drop -" },
	{ "[ipv6-NAM-x-default-A]", "vyos vyos_filter NAME6_x default accept -" },
	{ "[bri-NAM-TEST-10-C]", "vyos vyos_filter NAME_TEST 10 continue -" },
	{ "[ipv4-NAM-FIFTEEN-BYTES-X-default-D]", "vyos vyos_filter - default drop -" },
	{ "[ipv4-NAM-FIFTEEN-BYTES-X-20-J]", "vyos vyos_filter NAME_FIFTEEN-BYTES-X 20 jump -" },
	{ "[ipv4-FWD-filter-20-R]", "vyos vyos_filter VYOS_FORWARD_filter 20 - forward" },
	{ "[ipv4-INP-filter-default-D]",
	  "vyos vyos_filter VYOS_INPUT_filter default drop input" },
	{ "[ipv6-OUT-filter-7-A]", "vyos vyos_filter VYOS_IPV6_OUTPUT_filter 7 accept output" },
	{ "[ipv4-PRE-raw-5-Q]", "vyos vyos_filter VYOS_PREROUTING_raw 5 queue prerouting" },
	{ "[bri-FWD-filter-default-D]",
	  "vyos vyos_filter VYOS_FORWARD_filter default drop forward" },
	{ "[fwd-filter-default-D]", "vyos vyos_filter - default drop forward" },
	{ "[STATE-POLICY-INV-D]", "vyos - - - drop -" },
	{ "[DST-NAT-110]", "vyos vyos_nat PREROUTING 110 accept prerouting" },
	{ "[DST-NAT-20-EXCL]", "vyos vyos_nat PREROUTING 20 return prerouting" },
	{ "[SRC-NAT-100-MASQ]", "vyos vyos_nat POSTROUTING 100 accept postrouting" },
	{ "[SRC-NAT66-10]", "vyos vyos_nat POSTROUTING 10 accept postrouting" },
	{ "[STATIC-DST-NAT-10]", "vyos vyos_static_nat - 10 accept prerouting" },

	{ "[WAN_LOCAL-default-D]", "edgeos filter WAN_LOCAL default drop input" },
	{ "[WAN_IN-20-A]", "edgeos filter WAN_IN 20 accept forward" },
	{ "[WANv6_OUT-30-R]", "edgeos filter WANv6_OUT 30 reject forward,output" },
	{ "[wan-lan-default-D]", "edgeos filter wan-lan default drop -" },
	{ "[FW6-IN-2-D] ", "edgeos filter FW6-IN 2 drop -" },
	{ "[FW6-IN-DEFAULT-D]", "edgeos filter FW6-IN default drop -" },
	{ "[LAN-TO-DMZ-40-RET]", "edgeos filter LAN-TO-DMZ 40 return -" },
	{ "[nineteen-bytes-name-40-A]", "edgeos filter - 40 accept -" },
	{ "[NAT-5010-MASQ]", "edgeos nat - 5010 accept? postrouting" },
	{ "[NAT-1-DNAT]", "edgeos nat - 1 accept? prerouting" },

	{ "[FW-A-LAN_LOCAL_U-2013]", "unifi filter UBIOS_LAN_LOCAL_USER 2013 accept? input" },
	{ "[FW-A-LAN_LOCAL_U-2147483647]",
	  "unifi filter UBIOS_LAN_LOCAL_USER default accept? input" },
	{ "[FW-D-WAN_IN_U-3010] ", "unifi filter UBIOS_WAN_IN_USER 3010 drop? forward" },
	{ "[LAN_IN-D-4001] DESCR=\"\xf0\x9f\x9b\x91 Drop (all) [vlan\"",
	  "unifi filter UBIOS_LAN_IN_USER 4001 drop? forward" },
	{ "[CUSTOM1_LAN-A-10001] DESCR=\"x\"",
	  "unifi filter UBIOS_CUSTOM1_LAN_USER 10001 accept? -" },
	{ "[WAN_LOCAL-R-20012] DESCR=\"x\"",
	  "unifi filter UBIOS_WAN_LOCAL_USER 20012 reject? input" },
	{ "[PREROUTING-DNAT-13] DESCR=\"PortForward DNAT [HTTPS (c",
	  "unifi nat - 13 accept prerouting" },
	{ "[DNAT-br46-udp]", "unifi nat - - accept prerouting" },

	{ "reject wan in: ", "openwrt-fw4 fw4 reject_from_wan - reject input" },
	{ "drop guest out: ", "openwrt-fw4 fw4 drop_to_guest - drop forward,output" },
	{ "accept lan in: ", "openwrt-fw4 fw4 accept_from_lan - accept input" },
	{ "drop wan invalid ct state: ", "openwrt-fw4 fw4 accept_to_wan - drop forward,output" },
	{ "REJECT(src wan)", "openwrt-fw3 filter zone_wan_src_REJECT - reject input" },
	{ "DROP(dest lan)", "openwrt-fw3 filter zone_lan_dest_DROP - drop forward,output" },
	{ "ACCEPT(src vpn)", "openwrt-fw3 filter zone_vpn_src_ACCEPT - accept input" },

	{ "banIP/inbound/drop/country.v4: ", "banip banIP - - drop input,forward" },
	{ "banIP/outbound/reject/feed.v6: ", "banip banIP - - reject forward" },
	{ "banIP/pre-syn/drop: ", "banip banIP - - drop prerouting" },
	{ "banIP/fwd-lan/reject/doh: ", "banip banIP - - reject forward" },

	{ "policy DROP: ", "proxmox filter - default drop -" },
	{ "PVEFW-reject: ", "proxmox filter - - reject -" },
	{ ":104:6:tap104i0-IN: policy REJECT: ", "proxmox filter tap104i0-IN default reject -" },
	{ ":104:6:tap104i0-OUT: DROP: ", "proxmox filter tap104i0-OUT - drop -" },
	{ ":0:6:PVEFW-HOST-IN: ACCEPT: ", "proxmox filter PVEFW-HOST-IN - accept input" },
	{ ":104:6:GROUP-web-IN: ", "proxmox filter GROUP-web-IN - - -" },

	{ "RULE 4 -- ACCEPT ", "fwbuilder - - 4 accept -" },
	{ "RULE 24 -- DENY ", "fwbuilder - - 24 drop -" },
	{ "RULE 0 -- CONTINUE ", "fwbuilder - - - continue -" },
	{ "RULE 7 -- BRANCH ", "fwbuilder - - 7 - -" },

	{ "Firewall: *TCP_IN Blocked* ", "csf filter LOGDROPIN - drop? input" },
	{ "Firewall: *UDP_OUT Blocked* ", "csf filter LOGDROPOUT - drop? output" },
	{ "Firewall: *ICMP6IN Blocked* ", "csf filter LOGDROPIN - drop? input" },
	{ "Firewall: *INV_NOSYN* ", "csf filter INVDROP - drop? input,output" },
	{ "Firewall: *INVALID* ", "csf filter INVDROP - drop? input,output" },
	{ "Firewall: *SYNFLOOD Blocked* ", "csf - - - drop? -" },

	{ "SFW2-INext-DROP-DEFLT ", "susefirewall2 filter input_ext default drop input" },
	{ "SFW2-INext-DROP-DEFLT-INV ", "susefirewall2 filter input_ext default drop input" },
	{ "SFW2-INint-ACC-TCP ", "susefirewall2 filter input_int - accept input" },
	{ "SFW2-INext-REJECT ", "susefirewall2 filter input_ext - reject input" },
	{ "SFW2-IN-ACC-TCP", "susefirewall2 filter - - accept input" },
	{ "SFW2-FWDdmz-DROP-DEFLT ", "susefirewall2 filter forward_dmz default drop forward" },
	{ "SFW2-FWD-ILL-ROUTING ", "susefirewall2 filter FORWARD default drop forward" },
	{ "SFW2-IN-ILL-TARGET ", "susefirewall2 filter INPUT default drop input" },
	{ "SFW2-OUT-ERROR ", "susefirewall2 filter OUTPUT default - output" },

	{ "IN-unknown: ", "firehol filter INPUT default drop? input" },
	{ "OUT-unknown: ", "firehol filter OUTPUT default drop? output" },
	{ "'PASS-unknown:'", "firehol filter FORWARD default drop? forward" },

	{ "calico-packet: ", "calico - - - continue -" },

	{ "TRACE: eb:nat:POSTROUTING ", "ebtables nat POSTROUTING - - postrouting" },
	{ "TRACE: eb:broute:BROUTING", "ebtables broute BROUTING - - prerouting" },
	{ "TRACE: eb:filter:mine", "ebtables filter mine - - -" },
};

static const char *const strangers[] = {
	"", " ", "DROP", "DROP: ", "REJECT: ", "INPUT reject: ", "iptables DROP_INPUT: ", "test: ",
	"OUT-LOG: ", "IN-REMOTE1-TCP-PORT-123 ", "IN-internet: ", "[UFW] ", "UFW BLOCK ",
	"my [UFW BLOCK] ", "RULE four -- ACCEPT ", "[FW_ADT]A=D D=O CD=O M=57 ", "[FW_ALM]PID=5 ",
	"NFT_DROP: ", "\"iptables-dropped:\"", "Shorewall:a-zone-name-that-was-cut", "net-fw LOOSE",
	"[WAN_LOCAL-default-", "[x-10-Z]", "SFW2", "SFW2-INext-", "SID1768 ESTAB ", "nft_DROP: ",
	"TRACE: raw:PREROUTING:rule:2 ", "nf_ct_ftp: dropping packet ", "Firewall: blocked ",
	"rejected wan in: ", "BANDWIDTH_IN:", "not the policy DROP: ", "Inbound ", "[]", "[--]",
};
/* clang-format on */

static const char *const verdicts[VERDICT_MAX] = {
	"-", "continue", "accept", "drop", "reject", "jump", "goto", "return", "queue", "stolen",
};

static const char *const hooks[HOOK_MAX] = {
	"none", "ingress", "prerouting", "input", "forward", "output", "postrouting", "egress",
};

static const char *hooks_text(uint32_t bits)
{
	static char buf[128];
	size_t n = 0;
	int i;

	buf[0] = '\0';
	for (i = 0; i < HOOK_MAX; i++)
		if (bits & HOOK_BIT(i))
			n += (size_t)snprintf(buf + n, sizeof(buf) - n, "%s%s", n ? "," : "",
					      hooks[i]);
	return n ? buf : "-";
}

static const char *rule_text(const struct prefix_meaning *m)
{
	static char buf[16];

	if (m->default_rule)
		return "default";
	snprintf(buf, sizeof(buf), "%u", m->rule);
	return m->rule ? buf : "-";
}

static struct str or_dash(struct str s)
{
	return s.n ? s : STR("-");
}

/* show - Return: what a prefix says, in a buffer that the next call overwrites */
static const char *show(struct prefixes *prefixes, const char *prefix)
{
	static char buf[512];
	struct prefix_meaning m;

	if (!prefixes_match(prefixes, str_from(prefix), &m))
		return "no";
	snprintf(buf, sizeof(buf), "%.*s %.*s %.*s %s %s%s %s", STR_ARG(m.convention),
		 STR_ARG(or_dash(m.table)), STR_ARG(or_dash(m.chain)), rule_text(&m),
		 verdicts[m.verdict], m.certain || m.verdict == VERDICT_NONE ? "" : "?",
		 hooks_text(m.hooks));
	return buf;
}

static void conventions_name_their_rules(void **state)
{
	struct prefixes *prefixes = prefixes_create();
	size_t i;

	(void)state;
	assert_non_null(prefixes);
	for (i = 0; i < sizeof(conventions) / sizeof(*conventions); i++)
		assert_string_equal(show(prefixes, conventions[i].prefix), conventions[i].want);
	prefixes_destroy(prefixes);
	prefixes_destroy(NULL);
}

static void other_words_say_nothing(void **state)
{
	struct prefixes *prefixes = prefixes_create();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(strangers) / sizeof(*strangers); i++) {
		const char *said = show(prefixes, strangers[i]);

		if (strcmp(said, "no"))
			fail_msg("\"%s\" says %s", strangers[i], said);
	}
	prefixes_destroy(prefixes);
}

/* clang-format off */
static const char own_file[] =
	"# our own firewall\n"
	"\n"
	"  gate /^gate (?<chain>\\w+) #(?<rule>[0-9]+) (?<action>\\w+)/  # keys by groups\n"
	"gate-nat\t/^gate nat/\ttable=nat hook=pre,INPUT rule=default verdict=accept?\r\n"
	"glued /^g:(?<a>\\w*):(?<b>\\w+)?$/ table=t-$a chain=${a}x$b verdict=none\n"
	"slash /^a\\/b [\\/]/ chain=c\n"
	"ufw /^\\[UFW BLOCK]/ verdict=$no_group\n"
	"last /^last$/";
/* clang-format on */

static void users_rows_come_first(void **state)
{
	static const struct row rows[] = {
		{ "gate fwd #12 Reject", "gate - fwd 12 reject -" },
		{ "gate fwd #4294967296 maybe", "gate - fwd - - -" },
		{ "gate nat ", "gate-nat nat - default accept? prerouting,input" },
		{ "g:one:two", "glued t-one onextwo - - -" },
		{ "g:one:", "glued t-one - - - -" },
		{ "g::two", "glued t- xtwo - - -" },
		{ "a/b /", "slash - c - - -" },
		{ "[UFW BLOCK] ", "ufw - - - - -" },
		{ "[UFW AUDIT] ", "ufw filter - - continue -" },
		{ "last", "last - - - - -" },
	};
	struct prefixes *prefixes = prefixes_create();
	struct prefixes_error err;
	struct str text = str_from(own_file);
	size_t i, cut = str_find(text, STR(" verdict=$no_group"));
	char *file = malloc(text.n);

	(void)state;
	assert_non_null(file);
	memcpy(file, text.p, text.n);
	assert_int_equal(prefixes_add(prefixes, "own", text, &err), -EINVAL);
	assert_int_equal(err.line, 7);
	memset(file + cut, ' ', strlen(" verdict=$no_group"));
	assert_int_equal(prefixes_add(prefixes, "own", (struct str){ file, text.n }, &err), 0);
	free(file); /* it was copied */
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_string_equal(show(prefixes, rows[i].prefix), rows[i].want);
	prefixes_destroy(prefixes);
}

/* The rows are files, and "LINE:COLUMN: EXPECTED (DETAIL), not 'FOUND'". */
static void errors_say_where_and_what(void **state)
{
	static const struct row files[] = {
		{ "/x/ chain=c", "1:1: a row's name: letters, digits, _ - ., not '/x/ chain=c'" },
		{ "\n# x\n a", "3:3: a blank, then /REGEX/, not ''" },
		{ "a x", "1:3: /REGEX/, not 'x'" },
		{ "a /x\\/ chain=c\nb /y/", "1:15: a / that ends the regular expression, not ''" },
		{ "a /x(y/", "1:7: a regular expression of PCRE2 (missing closing parenthesis), "
			     "not '/'" },
		{ "ok /x/\r\n  a /x)y/\r\n",
		  "2:7: a regular expression of PCRE2 (unmatched closing parenthesis), not ')y/'" },
		{ "a /(*UTF)x/", "1:10: a regular expression of PCRE2 (using UTF is disabled by "
				 "the application), not 'x/'" },
		{ "a /x/y", "1:6: a blank, or the line's end, not 'y'" },
		{ "a /x/ color=red", "1:7: table=, chain=, hook=, rule=, verdict= or a # comment, "
				     "not 'color=red'" },
		{ "a /x/ chain", "1:7: table=, chain=, hook=, rule=, verdict= or a # comment, "
				 "not 'chain'" },
		{ "a /x/ chain= hook=in", "1:13: a chain's name, not ' hook=in'" },
		{ "a /x/ chain=b chain=c", "1:15: each key once, not 'chain=c'" },
		{ "a /x/ hook=in,side",
		  "1:12: ingress, prerouting, input, forward, output, "
		  "postrouting or egress, with commas between, not 'in,side'" },
		{ "a /x/ rule=0", "1:12: a number from 1, or default, not '0'" },
		{ "a /x/ verdict=pass # no", "1:15: accept, drop, reject, continue, return, jump, "
					     "goto, queue, stolen or none, and ? behind it if it "
					     "is not certain, not 'pass # no'" },
		{ "a /x/ chain=c-$", "1:15: a group's name after $: $name or ${name}, not '$'" },
		{ "a /x/ chain=${c", "1:13: a group's name after $: $name or ${name}, not '${c'" },
		{ "a /(?<b>x)/ chain=$b$c", "1:21: a group that the regular expression has once: "
					    "(?<name>...), not '$c'" },
	};
	struct prefixes *prefixes = prefixes_create();
	struct prefixes_error err;
	char said[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(files) / sizeof(*files); i++) {
		assert_int_equal(prefixes_add(prefixes, "f", str_from(files[i].prefix), &err),
				 -EINVAL);
		snprintf(said, sizeof(said), "%u:%u: %s%s%s%s, not '%.*s'", err.line, err.column,
			 err.expected, *err.detail ? " (" : "", err.detail, *err.detail ? ")" : "",
			 STR_ARG(err.found));
		assert_string_equal(said, files[i].want);
		assert_string_equal(err.file, "f");
	}
	assert_string_equal(show(prefixes, "x"), "no");
	prefixes_destroy(prefixes);
}

static void slow_patterns_end(void **state)
{
	struct prefixes *prefixes = prefixes_create();
	struct prefixes_error err;
	char prefix[128] = "";
	clock_t start;

	(void)state;
	memset(prefix, 'a', sizeof(prefix) - 1);
	assert_int_equal(prefixes_add(prefixes, "slow",
				      STR("slow /^(a|a|aa)*(a*)*(\\w+\\w+)+[!?]$/\n"
					  "slow /(*NO_JIT)^((a+)+)+[!?]$/\n"
					  "deep /^(?:(?R)|a)+[!?]$/\n"
					  "good /^aaa/ verdict=drop\n"),
				      &err),
			 0);
	start = clock();
	assert_string_equal(show(prefixes, prefix), "good - - - drop -");
	assert_true(clock() - start < CLOCKS_PER_SEC);
	prefixes_destroy(prefixes);
}

static char *read_file(const char *path)
{
	static char buf[1 << 16];
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	buf[fread(buf, 1, sizeof(buf) - 1, f)] = '\0';
	fclose(f);
	return buf;
}

static const char *manual_path, *example_path;

static void manual_lists_each_convention(void **state)
{
	const char *manual = read_file(manual_path), *row;
	char cell[64];
	size_t i;

	(void)state;
	for (i = 0; (row = prefixes_builtin(i)); i++) {
		snprintf(cell, sizeof(cell), "*%.*s*", (int)strcspn(row, " "), row);
		if (!strstr(manual, cell))
			fail_msg("%s is not in %s", cell, manual_path);
	}
	assert_true(i > 50);
}

static void example_is_good(void **state)
{
	static const struct row rows[] = {
		{ "IN-internet: ", "firehol - in_internet default drop? input" },
		{ "gate: lan>wan 12 deny ", "gate - lan-wan 12 drop forward" },
		{ "DROP ", "plain - - - drop? -" },
		{ "dropped at night: ", "night filter INPUT 7 drop input" },
	};
	struct prefixes *prefixes = prefixes_create();
	struct prefixes_error err;
	size_t i;

	(void)state;
	assert_int_equal(
		prefixes_add(prefixes, example_path, str_from(read_file(example_path)), &err), 0);
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_string_equal(show(prefixes, rows[i].prefix), rows[i].want);
	prefixes_destroy(prefixes);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(conventions_name_their_rules),
		cmocka_unit_test(other_words_say_nothing),
		cmocka_unit_test(users_rows_come_first),
		cmocka_unit_test(errors_say_where_and_what),
		cmocka_unit_test(slow_patterns_end),
		cmocka_unit_test(manual_lists_each_convention),
		cmocka_unit_test(example_is_good),
	};

	if (argc != 3)
		return 2;
	manual_path = argv[1];
	example_path = argv[2];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
