// SPDX-License-Identifier: GPL-2.0-or-later
/* test_doctor.c - what the doctor says of hosts that never were */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "doctor.h"
#include "root.h"

#define SYS	   "proc/sys/net/"
#define NF_LOG	   "proc/net/netfilter/nf_log"
#define GROUPS	   "proc/net/netfilter/nfnetlink_log"
#define BOUND	   " 2 nf_log_ipv4 (nf_log_ipv4,nfnetlink_log)\n10 nf_log_ipv6 (nf_log_ipv6)\n"
#define BY_TCPDUMP " 2 nfnetlink_log (nf_log_ipv4,nfnetlink_log)\n10 NONE (nfnetlink_log)\n"
#define CAPS(hex)  "Name:\tnfhop\nCapEff:\t" hex "\n"

/* One host: files and what they hold; NULL as content: a folder. */
struct host {
	const char *check;
	const char *files[16][2];
	const char *want; /* "LEVEL TEXT | COMMAND\n" of each item of that check */
};

/* clang-format off */
static const struct host hosts[] = {
	{ "capabilities", { { "proc/self/status", CAPS("000001ffffffffff") } },
	  "ok CAP_NET_ADMIN and CAP_SYSLOG\n" },
	{ "capabilities", { { "proc/self/status", CAPS("0000000000001000") } },
	  "ok CAP_NET_ADMIN\n" },
	{ "capabilities", { { "proc/self/status", CAPS("0000000000000000") } },
	  "bad CAP_NET_ADMIN is missing: no trace events, no NFLOG group and no rule set can be "
	  "read | sudo nfhop doctor\n" },
	{ "capabilities", { { "proc/self/status", CAPS("000001ffffffffff") },
			    { "proc/self/uid_map", "         0       1000          1\n" } },
	  "note CAP_NET_ADMIN, in a user namespace: the kernel log stays closed, and receive "
	  "buffers stay small, so that a flood loses events\n" },
	{ "capabilities", { { "proc/self/status", CAPS("000001ffffffffff") },
			    { "proc/self/uid_map", "         0          0 4294967295\n" } },
	  "ok CAP_NET_ADMIN and CAP_SYSLOG\n" },

	{ "legacy", { { "proc/net/ip_tables_names", "" } },
	  "ok legacy iptables: -j TRACE, -j LOG\n" },
	{ "legacy", { { "proc/self/status", "" } },
	  "note no legacy iptables in this kernel now: iptables is iptables-nft here, and its "
	  "TRACE is an nft trace | nfhop report nft:\n" },
	{ "nfnetlink_log", { { GROUPS, "" } }, "ok NFLOG\n" },
	{ "nfnetlink_log", { { NF_LOG, "" } },
	  "note nfnetlink_log is not loaded: what -j NFLOG and nft log group send is lost | "
	  "modprobe nfnetlink_log\n" },
	{ "kernel-log", { { "dev/kmsg", "" } }, "ok the kernel log can be read\n" },
	{ "kernel-log", { { "dev", NULL } },
	  "note there is no /dev/kmsg here (a container?): legacy TRACE and LOG lines must be "
	  "read outside\n" },

	{ "nf_log", { { NF_LOG, BOUND } },
	  "ok legacy TRACE of IPv4 goes to the kernel log (nf_log_ipv4)\n"
	  "ok legacy TRACE of IPv6 goes to the kernel log (nf_log_ipv6)\n" },
	{ "nf_log", { { NF_LOG, BY_TCPDUMP }, { "proc/net/ip_tables_names", "raw\nfilter\n" } },
	  "bad legacy TRACE of IPv4 is not printed: net.netfilter.nf_log.2 is nfnetlink_log "
	  "(tcpdump or ulogd bound it), and nobody listens on NFLOG group 0 | "
	  "sysctl -w net.netfilter.nf_log.2=nf_log_ipv4      or: nfhop report nflog:0\n"
	  "note legacy TRACE of IPv6 goes nowhere: no logger is bound to it "
	  "(net.netfilter.nf_log.10 is NONE) | "
	  "modprobe nf_log_syslog; sysctl -w net.netfilter.nf_log.10=nf_log_ipv6\n" },
	{ "nf_log", { { NF_LOG, BY_TCPDUMP }, { "proc/net/ip_tables_names", "" },
		      { GROUPS, "    0    812     0 2 65531    100  1\n" },
		      { "proc/net/netlink", "x 12 812 00000000 0 0 0 2 0 99\n" },
		      { "proc/812/comm", "ulogd\n" }, { "@proc/812/fd/4", "socket:[99]" } },
	  "note legacy TRACE of IPv4 goes to NFLOG group 0, which is read by ulogd (pid 812), not "
	  "to the kernel log | sysctl -w net.netfilter.nf_log.2=nf_log_ipv4\n"
	  "note legacy TRACE of IPv6 goes nowhere: no logger is bound to it "
	  "(net.netfilter.nf_log.10 is NONE) | "
	  "modprobe nf_log_syslog; sysctl -w net.netfilter.nf_log.10=nf_log_ipv6\n" },
	{ "nf_log", { { NF_LOG, "rubbish\n" } }, "" },

	{ "nf_log_all_netns", { { NF_LOG, BOUND }, { SYS "netfilter/nf_log_all_netns", "1\n" } },
	  "ok LOG and TRACE lines of all network namespaces are printed\n" },
	{ "nf_log_all_netns", { { NF_LOG, BOUND }, { SYS "netfilter/nf_log_all_netns", "0\n" } },
	  "note LOG and TRACE lines of other network namespaces (containers) are not printed | "
	  "sysctl -w net.netfilter.nf_log_all_netns=1\n" },
	{ "nf_log_all_netns", { { NF_LOG, BOUND } },
	  "note this is a network namespace: its kernel log lines are printed only if "
	  "nf_log_all_netns is 1, which cannot be seen from here | sysctl -w "
	  "net.netfilter.nf_log_all_netns=1        (in the initial namespace)\n" },
	{ "nf_log_all_netns", { { GROUPS, "" } }, "" },

	{ "nflog-groups", { { GROUPS, "    5   4021     0 2 65531    100  1\n"
				      "    9    812     0 2 65531    100  1\n" },
			    { "proc/net/netlink", "x 12 812 00000000 0 0 0 2 0 99\n" },
			    { "proc/7/comm", "tcpdump\n" }, { "@proc/7/fd/4", "socket:[99]" } },
	  "note NFLOG group 5 is read by a program that cannot be seen from here (netlink port "
	  "4021): nobody else can\n"
	  "note NFLOG group 9 is read by tcpdump (pid 7): nobody else can\n" },
	{ "nflog-groups", { { GROUPS, "" } }, "" },

	{ "loggers", { { "proc/1/comm", "init\n" } },
	  "note no logger runs: kernel messages are only in the kernel's own buffer, which soon "
	  "forgets | nfhop report kmsg:\n" },
	{ "loggers", { { "proc/9/comm", "rsyslogd\n" }, { "proc/3/comm", "systemd-journal\n" } },
	  "ok kernel messages go to journald, rsyslog\n" },

	{ "console", { { "proc/sys/kernel/printk", "4\t4\t1\t7\n" } }, "" },
	{ "console", { { "proc/sys/kernel/printk", "7\t4\t1\t7\n" } },
	  "note LOG and TRACE lines are also written to the console (its level is 7): on a serial "
	  "line that slows the whole host | dmesg -n 4\n" },

	{ "forwarding", { { SYS "ipv4/ip_forward", "0\n" },
			  { SYS "ipv4/conf/lan0/forwarding", "0\n" },
			  { SYS "ipv6/conf/all/forwarding", "1\n" },
			  { SYS "ipv6/conf/lan0/forwarding", "0\n" } },
	  "note IPv4 is not forwarded: net.ipv4.ip_forward is 0, packets for others end after "
	  "PREROUTING, silently | sysctl -w net.ipv4.ip_forward=1\n"
	  "ok IPv6 is forwarded\n" },
	{ "forwarding", { { SYS "ipv4/ip_forward", "1\n" },
			  { SYS "ipv4/conf/all/forwarding", "1\n" },
			  { SYS "ipv4/conf/default/forwarding", "0\n" },
			  { SYS "ipv4/conf/lan0/forwarding", "0\n" },
			  { SYS "ipv4/conf/wan0/forwarding", "1\n" } },
	  "note IPv4 is forwarded, but not what comes in by lan0 | "
	  "sysctl -a -r 'net.ipv4.conf.*.forwarding'\n" },
	{ "forwarding", { { SYS "ipv4/ip_forward", "1\n" },
			  { SYS "ipv4/conf/lan0/forwarding", "1\n" } },
	  "ok IPv4 is forwarded\n" },

	{ "rp_filter", { { SYS "ipv4/conf/all/rp_filter", "0\n" },
			 { SYS "ipv4/conf/default/rp_filter", "1\n" },
			 { SYS "ipv4/conf/lan0/rp_filter", "1\n" },
			 { SYS "ipv4/conf/lo/rp_filter", "1\n" },
			 { SYS "ipv4/conf/tun0/rp_filter", "1\n" },
			 { SYS "ipv4/conf/wan0/rp_filter", "2\n" } },
	  "note rp_filter is strict on lan0, tun0: a packet whose way back is another device ends "
	  "after PREROUTING, silently | sysctl -w net.ipv4.conf.all.rp_filter=2\n" },
	{ "rp_filter", { { SYS "ipv4/conf/all/rp_filter", "2\n" },
			 { SYS "ipv4/conf/lan0/rp_filter", "1\n" } }, "" },

	{ "conntrack", { { SYS "netfilter/nf_conntrack_count", "7\n" },
			 { SYS "netfilter/nf_conntrack_max", "1000\n" } },
	  "ok connection tracking: 7 of 1000 entries\n" },
	{ "conntrack", { { SYS "netfilter/nf_conntrack_count", "900\n" },
			 { SYS "netfilter/nf_conntrack_max", "1000\n" } },
	  "note the connection table is nearly full (900 of 1000): new connections are dropped "
	  "between raw and mangle | sysctl -w net.netfilter.nf_conntrack_max=2000\n" },
	{ "conntrack", { { SYS "netfilter/nf_conntrack_count", "1000\n" },
			 { SYS "netfilter/nf_conntrack_max", "1000\n" } },
	  "bad the connection table is full (1000 of 1000): new connections are dropped between "
	  "raw and mangle | sysctl -w net.netfilter.nf_conntrack_max=2000\n" },
	{ "bridge", { { SYS "bridge/bridge-nf-call-iptables", "1\n" } },
	  "note bridged packets pass iptables, too (bridge-nf-call-iptables is 1)\n" },
	{ "bridge", { { SYS "bridge/bridge-nf-call-iptables", "0\n" } }, "" },
};
/* clang-format on */

/* The items of one check, a line each; on the heap. */
static char *say(const struct doctor *doctor, const char *check)
{
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	for (size_t i = 0; i < doctor->n; i++) {
		const struct doctor_item *item = &doctor->items[i];

		if (check && strcmp(item->check, check))
			continue;
		fprintf(out, "%s %s%s%s\n", doctor_level_name(item->level), item->text,
			item->command ? " | " : "", item->command ? item->command : "");
	}
	fclose(out);
	return text;
}

static void test_hosts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++) {
		struct doctor_config config = { .root = root_make() };
		struct doctor doctor;
		char *said;

		for (size_t k = 0; k < 16 && hosts[i].files[k][0]; k++) {
			const char *path = hosts[i].files[k][0];

			if (*path == '@')
				root_link(path + 1, hosts[i].files[k][1]);
			else
				root_file(path, hosts[i].files[k][1]);
		}
		assert_int_equal(doctor_examine(&config, &doctor), 0);
		said = say(&doctor, hosts[i].check);
		assert_string_equal(said, hosts[i].want);
		free(said);
		doctor_finish(&doctor);
		root_remove();
	}
}

/* What the kernel would have answered. */
/* clang-format off */
static struct look nft = {
	.tables = { { NFPROTO_INET, "fw", "", 3 }, { NFPROTO_IPV4, "filter", "", 1 } },
	.flowtables = { { NFPROTO_INET, "fw", "fast", 0 } },
	.traces = {
		{ NFPROTO_INET, "fw", "pre", 2, 7, true, 1 },
		{ NFPROTO_INET, "fw", "pre", 3, 8, true, 0 },
		{ NFPROTO_BRIDGE, "br", "in", 1, 2, false, 0 },
	},
	.early = {
		{ NFPROTO_INET, NF_INET_PRE_ROUTING, -400, "fw", "first", "", DROPS_SOME },
		{ NFPROTO_INET, NF_INET_LOCAL_OUT, -351, "fw", "made", "", DROPS_NOTHING },
		{ NFPROTO_NETDEV, NF_NETDEV_INGRESS, 0, "dev", "in", "eth0", DROPS_PERHAPS },
		{ NFPROTO_BRIDGE, NF_INET_LOCAL_IN, 0, "br", "in", "", DROPS_SOME },
	},
	.n_tables = 2, .n_flowtables = 1, .n_traces = 3, .rules = 4, .n_early = 4,
};
static struct look legacy = {
	.tables = { { NFPROTO_IPV4, "raw", "", 2 }, { NFPROTO_IPV4, "filter", "", 0 },
		    { NFPROTO_IPV6, "raw", "", 1 } },
	.traces = { { NFPROTO_IPV6, "raw", "OUTPUT", 1, 0, true, 12 },
		    { NFPROTO_IPV4, "raw", "PREROUTING", 4, 0, true, 0 } },
	.n_tables = 3, .n_traces = 2, .rules = 3,
};
static struct look bridges = {
	.tables = { { NFPROTO_BRIDGE, "br", "", 1 }, { NFPROTO_BRIDGE, "seen", "", 1 },
		    { NFPROTO_INET, "fw", "", 1 } },
	.traces = { { NFPROTO_BRIDGE, "seen", "in", 1, 2, false, 0 } },
	.n_tables = 3, .n_traces = 1, .rules = 3,
};
static struct look none, refused = { .err = -1, .trace_err = -1 }, absent = { .err = -22 };

static const struct {
	void (*check)(const struct facts *, const struct check *, struct doctor *);
	struct look *nft, *legacy;
	const char *netns, *want;
} filters[] = {
	{ check_rule_sets, &none, &none, NULL, "note no rules are loaded\n" },
	{ check_rule_sets, &nft, &none, NULL, "ok 4 rules loaded (inet fw, ip filter)\n" },
	{ check_rule_sets, &none, &legacy, NULL, "ok 3 rules loaded (IPv4 raw, IPv6 raw)\n" },
	{ check_rule_sets, &nft, &legacy, "gw",
	  "note both legacy (IPv4 raw, IPv6 raw) and nft rule sets (inet fw, ip filter) are loaded: "
	  "a packet passes both | ip netns exec gw nft list ruleset; ip netns exec gw "
	  "iptables-legacy-save\n" },
	{ check_rule_sets, &refused, &none, NULL, "" },
	{ check_trace_rules, &nft, &legacy, "/proc/7/ns/net",
	  "ok inet fw pre rule 2 (handle 7) sets the trace: 1 packet so far\n"
	  "note inet fw pre rule 3 (handle 8) sets the trace, but no packet came to it yet | "
	  "nsenter --net=/proc/7/ns/net nft -a list chain inet fw pre\n"
	  "ok bridge br in rule 1 (handle 2) sets the trace\n"
	  "ok ip6tables-legacy raw OUTPUT rule 1 sets the trace: 12 packets so far\n"
	  "note iptables-legacy raw PREROUTING rule 4 sets the trace, but no packet came to it yet"
	  " | nsenter --net=/proc/7/ns/net iptables-legacy -t raw -L PREROUTING -n -v "
	  "--line-numbers\n" },
	{ check_trace_rules, &none, &none, NULL,
	  "note no rule sets the trace: nothing is traced now | "
	  "nfhop report --trace 'host ADDRESS'\n" },
	{ check_trace_rules, &none, &none, "gw",
	  "note no rule sets the trace: nothing is traced now | "
	  "ip netns exec gw nfhop report --trace 'host ADDRESS'\n" },
	{ check_flowtables, &nft, &none, NULL,
	  "note flowtable fast of table inet fw: established connections pass no hook, so only "
	  "their first packets can be traced | nft list flowtables\n" },
	{ check_early_chains, &nft, &none, "gw",
	  "note inet fw first (prerouting, priority -400) comes before --trace can begin a trace, "
	  "and can drop packets: those are not seen | "
	  "ip netns exec gw nft -a list chain inet fw first\n"
	  "ok inet fw made (output, priority -351) comes before --trace can begin a trace, but "
	  "drops nothing\n"
	  "note netdev dev in (ingress of eth0, priority 0) comes before --trace can begin a "
	  "trace, and may drop packets (its verdict maps and modules were not read): those are not "
	  "seen | ip netns exec gw nft -a list chain netdev dev in\n"
	  "note bridge br in (input, priority 0) comes before --trace can begin a trace, and can "
	  "drop packets: those are not seen | ip netns exec gw nft -a list chain bridge br in\n" },
	{ check_early_chains, &none, &none, NULL,
	  "ok no chain comes before the place where --trace begins a trace (priority -350)\n" },
	{ check_early_chains, &absent, &none, NULL, "" },
	{ check_bridge, &bridges, &none, "gw",
	  "note --trace does not reach table bridge br: a frame that is bridged from port to port "
	  "passes no hook where a trace begins | ip netns exec gw nft insert rule bridge br CHAIN "
	  "limit rate 10/second meta nftrace set 1\n" },
	{ check_bridge, &nft, &none, NULL, "" },
	{ check_bridge, &absent, &none, NULL, "" },
	{ check_nf_tables, &none, &none, NULL, "ok nf_tables tracing\n" },
	{ check_nf_tables, &refused, &none, NULL,
	  "bad nf_tables cannot be asked: this user may not | sudo nfhop doctor\n" },
	{ check_nf_tables, &absent, &none, NULL,
	  "note nf_tables does not answer (Invalid argument): no nft: source, no --trace | "
	  "modprobe nf_tables\n" },
};
/* clang-format on */

static void test_filters(void **state)
{
	static const struct check row = { "x", NULL };

	(void)state;
	for (size_t i = 0; i < sizeof(filters) / sizeof(*filters); i++) {
		struct facts *facts = calloc(1, sizeof(*facts));
		struct doctor doctor = { NULL, 0 };
		char *said;

		assert_non_null(facts);
		facts->root = "";
		facts->netns = filters[i].netns;
		facts->asked = true;
		facts->nft = *filters[i].nft;
		facts->legacy = *filters[i].legacy;
		filters[i].check(facts, &row, &doctor);
		said = say(&doctor, NULL);
		assert_string_equal(said, filters[i].want);
		free(said);
		doctor_finish(&doctor);
		free(facts);
	}
}

/* A table without rules was only looked at: nothing of it can be missed. */
static void test_suppressed_is_bad_if_legacy_has_rules(void **state)
{
	static const struct {
		struct look *legacy;
		enum doctor_level want;
	} rows[] = { { &legacy, DOCTOR_BAD }, { &none, DOCTOR_NOTE }, { &refused, DOCTOR_BAD } };
	static const struct check row = { "x", NULL };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct facts *facts = calloc(1, sizeof(*facts));
		struct doctor doctor = { NULL, 0 };

		assert_non_null(facts);
		facts->root = "";
		facts->asked = true;
		facts->all_netns = SWITCH_OFF;
		facts->text[FACT_IP_TABLES] = STR("filter\n");
		facts->legacy = *rows[i].legacy;
		check_all_netns(facts, &row, &doctor);
		assert_int_equal(doctor.n, 1);
		assert_int_equal(doctor.items[0].level, rows[i].want);
		doctor_finish(&doctor);
		free(facts);
	}
}

static void test_long_lists(void **state)
{
	struct list list = { .n = 0 };

	(void)state;
	for (unsigned int i = 0; i < 200; i++)
		list_add(&list, "device%u", i);
	assert_int_equal(list.n, 200);
	assert_true(strlen(list.s) < sizeof(list.s));
	assert_string_equal(list.s + strlen(list.s) - strlen(", …"), ", …");
	assert_null(strstr(list.s, "…, "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hosts),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_suppressed_is_bad_if_legacy_has_rules),
		cmocka_unit_test(test_long_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
