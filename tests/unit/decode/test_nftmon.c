// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_nftmon.c - the lines of nft monitor trace (formats.md 6.1), row by row; and that all
 * lines of the captures given as arguments are understood
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "show_trace.h"

static char **files;

/* clang-format off */
static const struct row rules[] = {
	{
		"trace id c126e0a5 inet kt fw rule jump sub (verdict jump sub)",
		"c126e0a5 inet kt fw rule jump>sub 'jump sub'",
	},
	{
		"trace id c126e0a5 inet kt sub rule ip protocol icmp return (verdict return)",
		"c126e0a5 inet kt sub rule return 'ip protocol icmp return'",
	},
	{
		"trace id a62 ip6 a-b_C9 x rule goto y (verdict goto y)",
		"a62 ip6 a-b_C9 x rule goto>y 'goto y'",
	},
	{
		"trace id a62 ip6 t x rule goto y(z (verdict goto y(z)",
		"a62 ip6 t x rule goto>y(z 'goto y(z'",
	},
	{
		"trace id 0 arp t c rule  counter packets 1 bytes 2  (verdict continue)",
		"0 arp t c rule continue 'counter packets 1 bytes 2'",
	},
	{
		"trace id 1 netdev t c rule accept # handle 12 (verdict accept)",
		"1 netdev t c rule accept #12 'accept'",
	},
	{
		"trace id 1 inet t c rule drop comment \"a # handle 7\" (verdict drop)",
		"1 inet t c rule drop 'drop comment \"a # handle 7\"'",
	},
	{
		"trace id 1 inet t c rule log prefix \"(verdict drop) \" queue to 0 (verdict queue)",
		"1 inet t c rule queue 'log prefix \"(verdict drop) \" queue to 0'",
	},
	{
		"trace id 1 inet t c rule synproxy mss 1460 (verdict stolen)",
		"1 inet t c rule stolen 'synproxy mss 1460'",
	},
	{
		"trace id 1 inet t c rule  (verdict accept)",
		"1 inet t c rule accept",
	},
	{
		"trace id 1 inet t c rule x (verdict unknown verdict value 4)",
		"1 inet t c rule none 'x'",
	},
	{
		"trace id 1 inet t c rule tcp flags syn meta nftrace set 1",
		"bad 57 (verdict ...)", /* nft always prints it: the line is cut */
	},
	{
		"trace id 1 inet t c unknown rule handle 24 (verdict jump z)",
		"1 inet t c rule jump>z #24",
	},
	{
		"trace id 1 ip filter policy rule goto rule (verdict goto rule)",
		"1 ip filter policy rule goto>rule 'goto rule'",
	},
	{
		"trace id 1 ip filter rule rule accept (verdict accept)",
		"1 ip filter rule rule accept 'accept'",
	},
	{
		"trace id 1 t PRE_RAW rule accept (verdict accept)",
		"1 none t PRE_RAW rule accept 'accept'",
	},
};

static const struct row ends[] = {
	{ "trace id 1 inet t c policy accept ", "1 inet t c policy accept" },
	{ "trace id 1 inet t c policy drop", "1 inet t c policy drop" },
	{
		"trace id 1 inet t c policy accept meta mark 0x00000042 ",
		"1 inet t c policy accept mark42",
	},
	{ "trace id 1 ip policy policy policy accept ", "1 ip policy policy policy accept" },
	{ "trace id 1 inet t c verdict continue ", "1 inet t c return continue end" },
	{ "trace id 1 inet t c verdict drop", "1 inet t c return drop end" },
	{
		"trace id 1 inet t c verdict return meta mark 0xffffffff ",
		"1 inet t c return return end markffffffff",
	},
	{ "trace id 1 inet t c return", "1 inet t c return return end" },
	{ "trace id 1 inet t c meta mark 0x00000001 ", "1 inet t c return none end mark1" },
};

static const struct row packets[] = {
	{
		"trace id c126e0a5 inet kt fw packet: iif \"r0\" oif \"r1\" ether saddr 02:00:5e:30"
		":00:01 ether daddr 02:00:5e:30:00:02 ip saddr 192.0.2.2 ip daddr 198.51.100.2 ip d"
		"scp cs0 ip ecn not-ect ip ttl 63 ip id 4696 ip protocol icmp ip length 84 icmp typ"
		"e echo-request icmp code net-unreachable icmp id 18091 icmp sequence 1 @th,64,96 0"
		"x9702036b000000000e640e00 ",
		"c126e0a5 inet kt fw start r0>r1 ip 192.0.2.2>198.51.100.2 p1 len84 ttl63 tos0 id46"
		"96 t8 c0 e18091 es1 mac",
	},
	{
		"trace id 1 ip t c packet: oif \"r1\" ip saddr 192.0.2.2 ip daddr 198.51.100.2 ip d"
		"scp 0x2e ip ecn 0x3 ip ttl 64 ip id 5 ip length 30 udp sport 1111 udp dport 2222 u"
		"dp length 10 @th,64,16 0x6869 ",
		"1 ip t c start >r1 ip 192.0.2.2>198.51.100.2 p17 1111>2222 len30 ttl64 tos186 id5",
	},
	{
		"trace id 1 inet t c packet: iif \"lo\" @ll,0,112 0x86dd ip6 saddr ::1 ip6 daddr ::"
		"1 ip6 dscp af41 ip6 ecn ect1 ip6 hoplimit 64 ip6 flowlabel 18908 ip6 nexthdr udp i"
		"p6 length 9 udp sport 1 udp dport 7 udp length 9 ",
		"1 inet t c start lo> ip6 ::1>::1 p17 1>7 len49 ttl64 tos137 id18908 mac",
	},
	{
		"trace id 1 inet t c packet: iif 7 ip saddr 192.0.2.2 ip daddr 198.51.100.2 ip prot"
		"ocol 6 tcp sport 3333 tcp dport 80 tcp sequence 4000000000 tcp ackseq 7 tcp flags "
		"== { syn, ack } tcp window 512 ",
		"1 inet t c start 7> ip 192.0.2.2>198.51.100.2 p6 3333>80 f18 w512 s4000000000 a7",
	},
	{
		"trace id 1 inet t c packet: iif 7 ip saddr 192.0.2.2 ip daddr 198.51.100.2 ip dscp ",
		"bad 83 the rest of the packet's fields",
	},
	{
		"trace id 1 inet t c packet: iif 7 ip saddr 192.0.2.2 ip daddr 198.51.100.2 ",
		"bad 75 the rest of the packet's fields",
	},
	{
		"trace id 1 inet t c packet: iif 7 ether saddr 02:00:00:00:00:01 ",
		"bad 64 the rest of the packet's fields",
	},
	{
		"trace id 1 inet t c packet: iif 7 ip saddr 192.0.2.2 ip daddr 198.51.100.2 ip ttl 9 "
		"ip id 5 ip protocol udp ip length 29 ",
		"bad 121 the rest of the packet's fields", /* of 9 bytes behind the IP header */
	},
	{
		"trace id 1 inet t c packet: iif 7 ip saddr 192.0.2.2 ip daddr 198.51.100.2 ip ttl 9 "
		"ip id 5 ip protocol udp ip length 29 udp sport 5 udp dport ",
		"bad 143 the rest of the packet's fields",
	},
	{
		"trace id 1 inet t c packet: iif 7 ip saddr 192.0.2.2 ip daddr 198.51.100.2 ip ttl 9 "
		"ip id 5 ip protocol tcp ip length 60 tcp sport 5 tcp dport 6 tcp sequence 1 ",
		"bad 160 the rest of the packet's fields",
	},
	{
		"trace id 1 inet t c packet: iif 7 ip saddr 192.0.2.2 ip daddr 198.51.100.2 ip ttl 9 "
		"ip id 5 ip protocol udp ip length 20 ", /* an empty packet is whole */
		"1 inet t c start 7> ip 192.0.2.2>198.51.100.2 p17 len20 ttl9 id5",
	},
	{
		"trace id 1 netdev t c packet: oif 7 @nh,0,160 0x4500005400a840003f0122ed0a0902010a090202 ",
		"1 netdev t c start >7 none unseen",
	},
	{
		"trace id 1 ip t c packet: tcp sport 1 tcp dport 2 tcp flags == 0x14 tcp window 0 ",
		"1 ip t c start > none p6 1>2 f20 w0",
	},
	{
		"trace id 1 ip t c packet: tcp sport 1 tcp dport 2 tcp flags syn | ecn | cwr tcp wi"
		"ndow 9 ",
		"1 ip t c start > none p6 1>2 f194 w9",
	},
	{
		"trace id 1 ip t c packet: tcp flags == syn,ack ",
		"1 ip t c start > none p6 f18 w0",
	},
	{
		"trace id 1 ip t c packet: ip saddr 192.0.2.2 ip daddr 198.51.100.2 ip protocol icm"
		"p icmp type destination-unreachable icmp code frag-needed icmp id 0 icmp sequence "
		"1400 @th,64,96 0x45 ",
		"1 ip t c start > ip 192.0.2.2>198.51.100.2 p1 t3 c4 mtu1400",
	},
	{
		"trace id 1 ip t c packet: icmp type 3 icmp code 3 icmp id 0 icmp sequence 1400 ",
		"1 ip t c start > none p1 t3 c3",
	},
	{
		"trace id 1 ip t c packet: icmp type redirect icmp code host-unreachable icmp id 49"
		"152 icmp sequence 521 ",
		"1 ip t c start > none p1 t5 c1 gw192.0.2.9",
	},
	{
		"trace id 1 inet t c packet: ip6 nexthdr ipv6-icmp icmpv6 type echo-request icmpv6 "
		"code no-route icmpv6 parameter-problem 5046275 @th,64,64 0x7878787878787878 ",
		"1 inet t c start > ip6 p58 t128 c0 e77 es3",
	},
	{
		"trace id 1 inet t c packet: icmpv6 type echo-reply icmpv6 code 0 icmpv6 id 77 icmp"
		"v6 sequence 3 ",
		"1 inet t c start > none p58 t129 c0 e77 es3",
	},
	{
		"trace id 1 inet t c packet: icmpv6 type packet-too-big icmpv6 code no-route icmpv6"
		" parameter-problem 1280 ",
		"1 inet t c start > none p58 t2 c0 mtu1280",
	},
	{
		"trace id 1 inet t c packet: ip6 saddr 2001:db8::1 ip6 daddr 2001:db8::2 ip6 hoplim"
		"it 64 ip6 nexthdr ipv6-frag ip6 length 24 @th,0,128 0x45708ae ",
		"1 inet t c start > ip6 2001:db8::1>2001:db8::2 len64 ttl64",
	},
	{
		"trace id 1 inet t c packet: ip6 nexthdr ip ip6 length 16 th sport 5 th dport 6 ",
		"1 inet t c start > ip6 5>6 len56",
	},
	{
		"trace id 1 ip t c packet: ip protocol 50 esp spi 198565653 esp sequence 9 ",
		"1 ip t c start > ip p50 spi198565653",
	},
	{
		"trace id 1 ip t c packet: ip length 22 udp sport 24930 ",
		"1 ip t c start > ip p17 len22",
	},
	{
		"trace id 1 bridge t c packet: iif \"p1\" oif \"p2\" ether saddr 02:00:5e:30:00:01 "
		"ether daddr 02:00:5e:30:00:02 vlan id 7 vlan type arp arp htype 1 arp ptype ip arp"
		" operation request arp saddr ether 02:00:5e:30:00:01 arp saddr ip 192.0.2.1 arp da"
		"ddr ether 00:00:00:00:00:00 arp daddr ip 192.0.2.9 ",
		"1 bridge t c start p1>p2 arp 192.0.2.1>192.0.2.9 arp1 mac",
	},
	{
		"trace id 1 ip t c packet: ip new-field { a, b } ip ttl 9 novelty 5 meta l4proto tc"
		"p th sport 1 th dport 2 ",
		"1 ip t c start > ip 1>2 ttl9",
	},
	{
		"trace id 1 ip t c packet: ip saddr gw.example ip daddr 192.0.2.1 ip ttl 256 tcp sp"
		"ort \"http\" tcp dport 5 ",
		"1 ip t c start > ip p6",
	},
	{
		"trace id 1 netdev t c packet: oif \"r1\" @nh,0,320 0x6000000000183240 @th,0,160 0x"
		"abc0 ",
		"1 netdev t c start >r1 none unseen",
	},
};

static const struct row others[] = {
	{ "trace id 1 inet t c conntrack: ct direction original ct state new ct id 5 ", "other" },
	{ "trace id 1 inet t c conntrack: [..]", "other" },
	{ "# ERROR: We lost some netlink events!", "gap 3" },
	{ "# new generation 47 by process 11970 (nft)", "other" },
	{ "add rule inet t c accept", "other" },
	{ "{\"add\": {\"rule\": {\"family\": \"inet\", \"table\": \"t\"}}}", "other" },
	{ "request failed, trace id 4bf92f3577b34da6a3ce929d0e0e4736", "other" },
	{ "request failed, trace id 4bf92f35 in module policy", "other" },
	{ "trace id 123456789 inet t c policy accept ", "other" },
	{ "request failed, trace id 4bf92f35$", "other" },
};

static const struct row framings[] = {
	{
		"May 05 12:00:01 gw nft[311]: trace id 1 inet t c policy accept ",
		"73915201 @gw 1 inet t c policy accept",
	},
	{
		"May 05 12:00:01 trace id 1 inet t c policy accept ",
		"73915201 1 inet t c policy accept",
	},
	{
		"2026-05-05T12:00:01.25+02:00 gw nft[1]: trace id 1 inet t c policy accept",
		"1777975201 @gw 1 inet t c policy accept",
	},
	{ "1777975201.5 trace id 1 inet t c policy drop", "1777975201 1 inet t c policy drop" },
	{ "> trace id 1 inet t c policy accept", "1 inet t c policy accept" },
	{ "  trace id 1 inet t c policy accept", "1 inet t c policy accept" },
};

static const struct row damaged[] = {
	{
		"src/x.c:9:1: runtime error: load trace id 1 inet t c policy accept ",
		"1 inet t c policy accept",
	},
	{
		"trace id 1 inet t c packet: iif \"r0\" trace id 2 inet t d rule accept (verdict ac"
		"cept)",
		"2 inet t d rule accept 'accept'",
	},
	{
		"trace id 1 inet t c rule tcp dtrace id 2 inet t d policy accept ",
		"2 inet t d policy accept",
	},
	{
		"trace id 1 inet t c rule log prefix \"trace id 2 inet t d \" (verdict continue)",
		"1 inet t c rule continue 'log prefix \"trace id 2 inet t d \"'",
	},
	{
		"trace id 1 inet t c packet: iif \"r0\" nft: payload.c:117: x: Assertion `y' failed.",
		"bad 37 the rest of the packet's fields",
	},
	{
		"trace id 1 inet t c packet: oif \"r0\" src/netlink.c:2100:32: runtime error: shift",
		"bad 37 the rest of the packet's fields",
	},
	{ "trace id 1 inet t c rule x (verdict accept)src/x.c:1: no",
	  "1 inet t c rule accept 'x'" },
	{ "trace id 1 inet t c rule x (verdict acc", "bad 36 (verdict ...)" },
	{ "trace id 1 inet t c policy acc", "bad 27 a policy" },
	{ "trace id 1 inet t c policy accept meta mark x", "bad 33 a mark" },
	{ "trace id 1 inet t c verdict contsrc/x.c:1", "bad 28 a verdict" },
	{ "trace id 1 inet t c unknown rule", "bad 27 rule handle and a number" },
	{ "trace id 1 inet t c novelty", "bad 20 packet:, rule, policy or verdict" },
};

/* the input ends where '$' is */
static const struct row cut[] = {
	{ "trace i$", "bad 7 trace id and a number" },
	{ "trace id $", "bad 9 packet:, rule, policy or verdict" },
	{ "trace id c1$", "bad 11 packet:, rule, policy or verdict" },
	{ "trace id c1 inet t c ru$", "bad 21 packet:, rule, policy or verdict" },
	{ "trace id 1 inet t c packet: iif \"r0\" $", "bad 37 the rest of the packet's fields" },
	{ "trace id 1 inet t c rule accept$", "bad 31 (verdict ...)" },
	{ "trace id 1 inet t c rule accept (verdict accept$", "bad 41 (verdict ...)" },
	{ "trace id 1 inet t c rule accept (verdict accept)$", "1 inet t c rule accept 'accept'" },
	{ "trace id 1 inet t c policy accept$", "1 inet t c policy accept" },
	{ "trace id 1 inet t c policy accept meta mark 0x0000004$", "bad 33 a mark" },
	{ "trace id 1 inet t c policy accept meta mark 0x00000042$",
	  "1 inet t c policy accept mark42" },
};
/* clang-format on */

static void rule_lines(void **state)
{
	(void)state;
	CHECK_TRACES(rules);
}

static void ends_of_chains(void **state)
{
	(void)state;
	CHECK_TRACES(ends);
}

static void packet_lines(void **state)
{
	(void)state;
	CHECK_TRACES(packets);
}

static void what_is_no_event(void **state)
{
	(void)state;
	CHECK_TRACES(others);
}

static void framed_lines(void **state)
{
	(void)state;
	CHECK_TRACES(framings);
}

static void foreign_text_in_a_line(void **state)
{
	(void)state;
	CHECK_TRACES(damaged);
}

static void end_of_input_in_a_line(void **state)
{
	(void)state;
	CHECK_TRACES(cut);
}

/* A service's output in the journal, as text and as JSON with an escape. */
static void journal_entries(void **state)
{
	static const char export[] = "__REALTIME_TIMESTAMP=1777975201500000\n_HOSTNAME=gw\n"
				     "_TRANSPORT=stdout\n"
				     "MESSAGE=trace id 1 inet t c policy accept \n";
	static const char json[] =
		"{\"_HOSTNAME\":\"gw\",\"__REALTIME_TIMESTAMP\":\"1777975201500000\","
		"\"MESSAGE\":\"trace id 1 inet t c rule oif \\\"r1\\\" (verdict drop)\"}";
	struct record rec = { .data = str_from(export), .kind = RECORD_JOURNAL, .whole = true };

	(void)state;
	assert_string_equal(trace_record(&rec), "1777975201 @gw 1 inet t c policy accept");
	rec.data = str_from(json);
	rec.kind = RECORD_JSON;
	assert_string_equal(trace_record(&rec), "1777975201 @gw 1 inet t c rule drop 'oif \"r1\"'");
}

static void captures(void **state)
{
	char **file;

	(void)state;
	for (file = files; *file; file++)
		assert_true(check_file(*file) > 10);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rule_lines),
		cmocka_unit_test(ends_of_chains),
		cmocka_unit_test(packet_lines),
		cmocka_unit_test(what_is_no_event),
		cmocka_unit_test(framed_lines),
		cmocka_unit_test(foreign_text_in_a_line),
		cmocka_unit_test(end_of_input_in_a_line),
		cmocka_unit_test(journal_entries),
		cmocka_unit_test(captures),
	};

	(void)argc;
	files = argv + 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
