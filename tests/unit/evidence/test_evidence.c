// SPDX-License-Identifier: GPL-2.0-or-later
/* test_evidence.c - what evidence says: values, counters, routes */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <arpa/inet.h>
#include <stdio.h>

#include "nfhop/evidence.h"

#include "../edge.h"

/* A gateway: lan0, wan0, a second uplink tun0 that answers come back by. */
#define ROUTES                                                                                     \
	"[route]\n"                                                                                \
	"unicast 0.0.0.0/0 via 203.0.113.1 dev wan0 table 254 metric 0\n"                          \
	"unicast 192.0.2.0/24 dev lan0 table 254 metric 0\n"                                       \
	"unicast 192.0.2.128/25 via 10.9.0.2 dev tun0 table 254 metric 50\n"                       \
	"unicast 192.0.2.128/25 via 10.9.0.3 dev lan0 table 254 metric 60\n"                       \
	"unicast 198.51.100.0/24 via 10.9.0.2 dev tun0 table 254 metric 0\n"                       \
	"unicast 198.51.100.0/24 via 203.0.113.1 dev wan0 table 254 metric 0\n"                    \
	"blackhole 10.66.0.0/16 table 254 metric 0\n"                                              \
	"unreachable 10.67.0.0/16 table 254 metric 0\n"                                            \
	"throw 0.0.0.0/0 table 100 metric 0\n"                                                     \
	"unicast 10.1.0.0/16 dev tun0 table 100 metric 0\n"                                        \
	"local 203.0.113.9/32 dev wan0 table 255 metric 0\n"                                       \
	"broadcast 192.0.2.255/32 dev lan0 table 255 metric 0\n"                                   \
	"unicast 2001:db8:1::/64 dev lan0 table 254 metric 256\n"                                  \
	"rubbish\nunicast 300.0.0.0/8 dev x\nunicast 10.0.0.0/33 dev x\nunicast\n"
#define RULES                                                                                      \
	"[rule]\n"                                                                                 \
	"ip pref 0 from 0.0.0.0/0 to 0.0.0.0/0 action 1 table 255\n"                               \
	"ip pref 50 from 0.0.0.0/0 to 10.77.0.0/16 other action 1 table 100\n"                     \
	"ip pref 60 from 0.0.0.0/0 to 0.0.0.0/0 iif lan0 mark 0x7/0xff action 1 table 100\n"       \
	"ip pref 70 from 0.0.0.0/0 to 10.78.0.0/16 action 8 table 0\n"                             \
	"ip pref 71 from 0.0.0.0/0 to 10.79.0.0/16 action 2 table 0\n"                             \
	"ip pref 32766 from 0.0.0.0/0 to 0.0.0.0/0 action 1 table 254\n"                           \
	"ip6 pref 0 from ::/0 to ::/0 action 1 table 255\n"                                        \
	"ip6 pref 32766 from ::/0 to ::/0 action 1 table 254\n"
#define BEGIN                                                                                      \
	"[evidence 1]\n"                                                                           \
	"[netns]\ninitial 0\nall_netns 1\ninode 4026532318\nlater 3\nname my gw \n"                \
	"[proc/sys/net/ipv4/ip_forward]\n1\n"                                                      \
	"[proc/sys/net/netfilter/nf_conntrack_count]\n17\n"                                        \
	"[proc/sys/net/netfilter/nf_conntrack_max]\n1000\n"                                        \
	"[proc/net/ip_tables_names]\nraw\nfilter\n[proc/net/ip6_tables_names]\n"                   \
	"[proc/net/netfilter/nf_log]\n 2 nf_log_ipv4 (nf_log_ipv4,nfnetlink_log)\n"                \
	"10 NONE (nfnetlink_log)\n"                                                                \
	"[proc/net/snmp]\n"                                                                        \
	"Ip: Forwarding InAddrErrors\nIp: 1 4\n"                                                   \
	"Tcp: MaxConn OutRsts\nTcp: -1 9\n"                                                        \
	"[proc/net/snmp6]\nIp6InNoRoutes                   \t5\n"                                  \
	"[proc/net/stat/rt_cache]\n"                                                               \
	"entries  in_hit   in_martian_src\n00000005 00000000 0000000a\n00000005 00000000 00000006" \
	"\n"                                                                                       \
	"[conf]\nforward4 1 lan0\nforward4 0 wan0\nrp_filter 0 all\nrp_filter 1 lan0\n"            \
	"rp_filter 2 wan0\nforward4 1 all\nrp_filter 9 tun0\n"                                     \
	"route_localnet 0 all\nroute_localnet 1 lan0\nroute_localnet 0 wan0\n"                     \
	"[addr]\n203.0.113.9/24 wan0\n192.0.2.1/24 lan0\n2001:db8:1::1/64 lan0\n"
#define WHOLE BEGIN ROUTES RULES "[unknown]\nnothing\n[end]\n"

static struct addr addr_of(const char *text)
{
	struct addr addr = { .b = { [10] = 0xff, [11] = 0xff } };

	if (strchr(text, ':'))
		assert_int_equal(inet_pton(AF_INET6, text, addr.b), 1);
	else
		assert_int_equal(inet_pton(AF_INET, text, &addr.b[12]), 1);
	return addr;
}

static struct route_query query_of(const char *src, const char *dst, const char *iif, uint32_t mark)
{
	return (struct route_query){
		.family = strchr(dst, ':') ? FAMILY_IP6 : FAMILY_IP,
		.src = addr_of(src),
		.dst = addr_of(dst),
		.iif = str_from(iif),
		.mark = mark,
	};
}

static void test_values(void **state)
{
	struct evidence e;
	uint64_t value = 0;

	(void)state;
	assert_int_equal(evidence_parse(str_from(WHOLE), &e), 0);
	assert_true(e.whole && e.routes_whole);
	assert_int_equal(e.forward4, SWITCH_ON);
	assert_int_equal(e.forward6, SWITCH_UNKNOWN);
	assert_int_equal(e.initial, SWITCH_OFF);
	assert_int_equal(e.all_netns, SWITCH_ON);
	assert_true(e.inode == 4026532318u);
	assert_true(str_eq(e.netns, STR("my gw")));
	assert_true(e.has_conntrack && e.ct_count == 17 && e.ct_max == 1000);
	assert_true(e.legacy4 && !e.legacy6);
	assert_int_equal(e.n_loggers, 2);
	assert_int_equal(e.loggers[1].family, FAMILY_IP6);
	assert_true(str_eq(e.loggers[1].name, STR("NONE")));
	assert_int_equal(e.n_routes, 13);
	assert_int_equal(e.n_rules, 8);
	assert_true(evidence_value(&e, STR("IpInAddrErrors"), &value) && value == 4);
	assert_true(evidence_value(&e, STR("TcpOutRsts"), &value) && value == 9);
	assert_true(evidence_value(&e, STR("Ip6InNoRoutes"), &value) && value == 5);
	assert_true(evidence_value(&e, STR("rt_cache.in_martian_src"), &value) && value == 16);
	assert_false(evidence_value(&e, STR("TcpMaxConn"), &value));
	assert_false(evidence_value(&e, STR("IpInAddr"), &value));
	assert_int_equal(evidence_forwards(&e, FAMILY_IP, STR("lan0")), SWITCH_ON);
	assert_int_equal(evidence_forwards(&e, FAMILY_IP, STR("wan0")), SWITCH_OFF);
	assert_int_equal(evidence_forwards(&e, FAMILY_IP, STR("gone")), SWITCH_ON);
	assert_int_equal(evidence_forwards(&e, FAMILY_IP6, STR("lan0")), SWITCH_UNKNOWN);
	assert_int_equal(evidence_rp_filter(&e, STR("lan0")), 1);
	assert_int_equal(evidence_rp_filter(&e, STR("wan0")), 2);
	assert_int_equal(evidence_rp_filter(&e, STR("tun0")), RP_FILTER_UNKNOWN);
	assert_int_equal(evidence_localnet(&e, STR("lan0")), SWITCH_ON);
	assert_int_equal(evidence_localnet(&e, STR("wan0")), SWITCH_OFF);
	assert_int_equal(evidence_localnet(&e, STR("tun0")), SWITCH_UNKNOWN);
	evidence_finish(&e);
}

static void test_rise(void **state)
{
	struct evidence before, after;

	(void)state;
	assert_int_equal(evidence_parse(STR("[proc/net/snmp]\nIp: A B\nIp: 4 9\n"), &before), 0);
	assert_int_equal(evidence_parse(STR("[proc/net/snmp]\nIp: B A C\nIp: 7 6 1\n"), &after), 0);
	assert_int_equal(evidence_rise(&before, &after, STR("IpA")), 2);
	assert_int_equal(evidence_rise(&before, &after, STR("IpB")), 0);
	assert_int_equal(evidence_rise(&before, &after, STR("IpC")), 0);
	assert_int_equal(evidence_rise(NULL, &after, STR("IpA")), 0);
	evidence_finish(&before);
	evidence_finish(&after);
}

static const struct {
	const char *src, *dst, *iif;
	uint32_t mark;
	const char *want; /* "" unknown, "-" none, else type, device, router */
} ways[] = {
	{ "192.0.2.5", "8.8.8.8", "lan0", 0, "1 wan0 203.0.113.1" },
	{ "8.8.8.8", "192.0.2.5", "wan0", 0, "1 lan0 -" },
	{ "8.8.8.8", "192.0.2.200", "wan0", 0, "1 tun0 10.9.0.2" }, /* longer, smaller metric */
	{ "8.8.8.8", "203.0.113.9", "wan0", 0, "2 wan0 -" },
	{ "192.0.2.5", "10.66.1.1", "lan0", 0, "6  -" },
	{ "192.0.2.5", "10.67.1.1", "lan0", 0, "7  -" },
	{ "192.0.2.5", "10.1.2.3", "lan0", 0x107, "1 tun0 -" }, /* the mark leads to table 100 */
	{ "192.0.2.5", "10.1.2.3", "lan0", 0x8, "1 wan0 203.0.113.1" },
	{ "192.0.2.5", "10.1.2.3", "wan0", 0x7, "1 wan0 203.0.113.1" },
	{ "192.0.2.5", "8.8.8.8", "lan0", 0x7, "1 wan0 203.0.113.1" }, /* thrown out of it */
	{ "192.0.2.5", "10.77.0.1", "lan0", 0, "" },		       /* a rule asks for more */
	{ "192.0.2.5", "10.78.0.1", "lan0", 0, "8  -" }, /* a rule that prohibits by itself */
	{ "192.0.2.5", "10.79.0.1", "lan0", 0, "" },	 /* a rule that goes to another one */
	{ "2001:db8:9::1", "2001:db8:1::5", "wan0", 0, "1 lan0 -" },
	{ "2001:db8:1::5", "2001:db8:9::1", "lan0", 0, "-" },
};

static void test_routes(void **state)
{
	struct evidence e;

	(void)state;
	assert_int_equal(evidence_parse(str_from(WHOLE), &e), 0);
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		struct route_query query = query_of(ways[i].src, ways[i].dst, ways[i].iif,
						    ways[i].mark);
		const struct evidence_route *route;
		char got[128] = "", via[64] = "-";

		switch (evidence_route_find(&e, &query, &route)) {
		case ROUTE_ANSWER_FOUND:
			if (route->has_via)
				inet_ntop(AF_INET, &route->via.b[12], via, sizeof(via));
			snprintf(got, sizeof(got), "%d %.*s %s", route->type,
				 STR_ARG(route->device), via);
			break;
		case ROUTE_ANSWER_NONE:
			strcpy(got, "-");
			break;
		case ROUTE_ANSWER_UNKNOWN:
			break;
		}
		assert_string_equal(got, ways[i].want);
	}
	evidence_finish(&e);
}

static const struct {
	const char *src, *iif;
	enum evidence_switch want;
} backs[] = {
	{ "192.0.2.5", "lan0", SWITCH_ON },    { "192.0.2.5", "wan0", SWITCH_OFF },
	{ "192.0.2.200", "lan0", SWITCH_OFF }, /* the worse metric does not count */
	{ "198.51.100.7", "wan0", SWITCH_ON }, /* the second of two ways */
	{ "198.51.100.7", "tun0", SWITCH_ON }, { "198.51.100.7", "lan0", SWITCH_OFF },
	{ "203.0.113.9", "wan0", SWITCH_OFF }, /* our own address */
	{ "10.66.0.1", "lan0", SWITCH_OFF },
};

static void test_way_back(void **state)
{
	struct evidence e;

	(void)state;
	assert_int_equal(evidence_parse(str_from(WHOLE), &e), 0);
	for (size_t i = 0; i < sizeof(backs) / sizeof(*backs); i++) {
		struct route_query query = query_of(backs[i].src, "8.8.8.8", backs[i].iif, 0);
		const struct evidence_route *route;

		assert_int_equal(evidence_way_back(&e, &query, &route), backs[i].want);
	}
	evidence_finish(&e);
}

static void test_local(void **state)
{
	struct evidence e, none;
	struct addr own = addr_of("192.0.2.1"), other = addr_of("192.0.2.2");
	struct addr wide = addr_of("192.0.2.255"), all = addr_of("255.255.255.255");

	(void)state;
	assert_int_equal(evidence_parse(str_from(WHOLE), &e), 0);
	assert_int_equal(evidence_parse(STR(""), &none), 0);
	assert_int_equal(evidence_is_local(&e, &own), SWITCH_ON);
	assert_int_equal(evidence_is_local(&e, &wide), SWITCH_ON);
	assert_int_equal(evidence_is_local(&e, &all), SWITCH_ON);
	assert_int_equal(evidence_is_local(&e, &other), SWITCH_OFF);
	assert_int_equal(evidence_is_local(&none, &own), SWITCH_UNKNOWN);
	assert_true(evidence_is_broadcast(&e, &wide));
	assert_false(evidence_is_broadcast(&e, &own));
	assert_false(evidence_is_broadcast(&e, &other));
	assert_false(evidence_is_broadcast(&none, &wide));
	evidence_finish(&e);
	evidence_finish(&none);
}

/* Half a list of routes answers nothing. */
static void test_cut_routes(void **state)
{
	static const char *const texts[] = { BEGIN ROUTES RULES,
					     BEGIN ROUTES "cut\n" RULES "[end]\n",
					     BEGIN RULES "[end]\n" };
	struct route_query query = query_of("192.0.2.5", "8.8.8.8", "lan0", 0);
	const struct evidence_route *route;
	struct evidence e;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_int_equal(evidence_parse(str_from(texts[i]), &e), 0);
		assert_int_equal(evidence_route_find(&e, &query, &route), ROUTE_ANSWER_UNKNOWN);
		evidence_finish(&e);
	}
}

/* Cut at every byte, at the end of a mapped page; and every byte another one. */
static void test_broken(void **state)
{
	char text[] = WHOLE;
	struct evidence e;

	(void)state;
	for (size_t n = 0; n < sizeof(text); n++) {
		assert_int_equal(evidence_parse(at_edge((struct str){ text, n }), &e), 0);
		evidence_finish(&e);
	}
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		static const char others[] = { '\0', '\n', '[', ' ', '9', '/', (char)0xff };

		for (size_t k = 0; k < sizeof(others); k++) {
			char was = text[i];

			text[i] = others[k];
			assert_int_equal(evidence_parse(str_from(text), &e), 0);
			evidence_finish(&e);
			text[i] = was;
		}
	}
}

static void test_inside(void **state)
{
	static const struct {
		const char *netns, *want;
	} cases[] = {
		{ "", "" },
		{ "gw", "ip netns exec gw " },
		{ "/proc/7/ns/net", "nsenter --net=/proc/7/ns/net " },
		{ "/run/netns/gw", "nsenter --net=/run/netns/gw " },
		{ "my gw", "ip netns exec 'my gw' " },
		{ "x; reboot", "ip netns exec 'x; reboot' " },
		{ "a'b", "ip netns exec 'a'\\''b' " },
	};
	static char longer[PATH_MAX + 64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_string_equal(evidence_inside(str_from(cases[i].netns)).s, cases[i].want);
	memset(longer, 'x', sizeof(longer));
	assert_string_equal(evidence_inside((struct str){ longer, sizeof(longer) }).s, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values), cmocka_unit_test(test_rise),
		cmocka_unit_test(test_routes), cmocka_unit_test(test_way_back),
		cmocka_unit_test(test_local),  cmocka_unit_test(test_cut_routes),
		cmocka_unit_test(test_inside), cmocka_unit_test(test_broken),
	};

	return cmocka_run_group_tests(tests, map_edge, NULL);
}
