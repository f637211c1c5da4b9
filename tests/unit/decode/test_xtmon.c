// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * test_xtmon.c - the lines of xtables-monitor --trace (formats.md 6.2), row by row; and that all
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
static const struct row traces[] = {
	{
		" TRACE: 2 f8922fae raw:PREROUTING:rule:0x2:CONTINUE  -4 -t raw -A PREROUTING -s 19"
		"2.0.2.2/32 -j TRACE",
		"f8922fae ip raw PREROUTING rule continue #2 '-s 192.0.2.2/32 -j TRACE'",
	},
	{
		" TRACE: 10 1 filter:FORWARD:rule:0x4e:JUMP:DOCKER-USER  ip6tables -t filter -A FOR"
		"WARD -j DOCKER-USER",
		"1 ip6 filter FORWARD rule jump>DOCKER-USER #78 '-j DOCKER-USER'",
	},
	{
		" TRACE: 2 1 filter:FORWARD:rule:0x6:GOTO:UC  -4 -t filter -A FORWARD -g UC",
		"1 ip filter FORWARD rule goto>UC #6 '-g UC'",
	},
	{
		" TRACE: 2 1 filter:UC:rule:0x5:0xfffffffb  -4 -t filter -A UC -j RETURN",
		"1 ip filter UC rule return #5 '-j RETURN'",
	},
	{
		" TRACE: 2 1 filter:UC:rule:0x5:0x30003  -4 -t filter -A UC -j NFQUEUE --queue-num 3",
		"1 ip filter UC rule queue #5 '-j NFQUEUE --queue-num 3'",
	},
	{ " TRACE: 2 1 t:c:rule:0x5:QUEUE  ", "1 ip t c rule queue #5" },
	{ " TRACE: 2 1 t:c:rule:0x5:STOLEN  ", "1 ip t c rule stolen #5" },
	{ " TRACE: 2 1 t:c:rule:0x5:BREAK  ", "1 ip t c rule continue #5" },
	{ " TRACE: 2 1 t:c:rule:0x5:DROP  ", "1 ip t c rule drop #5" },
	{ " TRACE: 2 1 t:c:rule:0x5:0xfffffffe  ", "1 ip t c rule continue #5" },
	{ " TRACE: 2 1 t:c:rule:0x5:0xffffffff  ", "1 ip t c rule continue #5" },
	{ " TRACE: 2 1 t:c:rule:0x5:0xfffffffd  ", "1 ip t c rule jump #5" },
	{ " TRACE: 2 1 t:c:rule:0x5:0xfffffffc  ", "1 ip t c rule goto #5" },
	{ " TRACE: 2 1 t:c:rule:0x5:0x4  ", "1 ip t c rule none #5" },
	{ " TRACE: 2 1 t:c:rule:0x5:0x10000  ", "1 ip t c rule drop #5" },
	{ " TRACE: 2 1 t:c:rule:0x0:CONTINUE ", "1 ip t c return continue end" },
	{ " TRACE: 3 1 filter:INPUT:policy:ACCEPT ", "1 arp filter INPUT policy accept" },
	{ " TRACE: 7 1 filter:FORWARD:policy:DROP ", "1 bridge filter FORWARD policy drop" },
	{ " TRACE: 1 1 t:c:policy:DROP", "1 inet t c policy drop" },
	{ " TRACE: 0 1 t:c:policy:DROP", "1 none t c policy drop" },
	{ " TRACE: 2 fc48 raw:OUTPUT:return:", "fc48 ip raw OUTPUT return none end" },
	{ "TRACE: 2 fc48 raw:OUTPUT:return:", "fc48 ip raw OUTPUT return none end" },
	{
		" TRACE: 2 1 filter:a:rule:9:rule:0x3:ACCEPT  -4 -t filter -A a:rule:9 -j ACCEPT",
		"1 ip filter a:rule:9 rule accept #3 '-j ACCEPT'",
	},
	{
		" TRACE: 2 1 filter:a:policy:ACCEPT:policy:DROP ",
		"1 ip filter a:policy:ACCEPT policy drop",
	},
	{
		" TRACE: 2 1 filter:x:rule:0x6:JUMP:b:return:  -4 -t filter -A x -j b:return:",
		"1 ip filter x rule jump>b:return: #6 '-j b:return:'",
	},
	{
		" TRACE: 2 1 f:x:rule:0x6:ACCEPT  -4 -t f -A x -m comment --comment \" -A TRACE: 2 b"
		" t:c:policy:DROP\" -j ACCEPT",
		"1 ip f x rule accept #6 '-m comment --comment \" -A TRACE: 2 b t:c:policy:DROP\" -j"
		" ACCEPT'",
	},
	{ " TRACE: 2 1 f:x:rule:0x6:ACCEPT  -4 -t f -A x", "1 ip f x rule accept #6" },
};

static const struct row packets[] = {
	{
		"PACKET: 2 f8922fae IN=r0 OUT=r1 MACSRC=2e:49:d1:a:23:ba MACDST=4e:a7:19:72:b0:99 M"
		"ACPROTO=0800 SRC=192.0.2.2 DST=198.51.100.2 LEN=30 TOS=0x0 TTL=63 ID=49334 DF SPOR"
		"T=60854 DPORT=5 ",
		"f8922fae ip   start r0>r1 ip 192.0.2.2>198.51.100.2 60854>5 len30 ttl63 tos0 id493"
		"34 DF mac",
	},
	{
		"PACKET: 2 1 OUT=r1 SRC=192.0.2.2 DST=198.51.100.2 LEN=40 TOS=0xe3 TTL=64 ID=43751D"
		"F SPORT=1 DPORT=2 SYN ACK FIN RST PSH URG MARK=0x11 ",
		"1 ip   start >r1 ip 192.0.2.2>198.51.100.2 p6 1>2 len40 ttl64 tos226 id43751 f63 w"
		"0 DF mark11",
	},
	{
		"PACKET: 2 1 IN=r1 SRC=192.0.2.2 DST=198.51.100.2 LEN=44 TOS=0x0 TTL=128 ID=43007SP"
		"ORT=80 DPORT=58366 SYN ACK ",
		"1 ip   start r1> ip 192.0.2.2>198.51.100.2 p6 80>58366 len44 ttl128 tos0 id43007 f"
		"18 w0",
	},
	{
		"PACKET: 2 1 IN=r1 SRC=192.0.2.2 DST=198.51.100.2 LEN=84 TOS=0x0 TTL=128 ID=8322",
		"1 ip   start r1> ip 192.0.2.2>198.51.100.2 len84 ttl128 tos0 id8322",
	},
	{
		"PACKET: 2 1 IN=r1 SRC=192.0.2.2 DST=198.51.100.2 LEN=28 TOS=0x0 TTL=64 ID=7CE DF M"
		"F FRAG:185 OPT (01010100)SPORT=28769 DPORT=31084 ",
		"1 ip   start r1> ip 192.0.2.2>198.51.100.2 len28 ttl64 tos0 id7 frag1480 CE DF MF",
	},
	{
		"PACKET: 0 1 IN=lo LL=0x304 0000000000000000000000000800 SRC=127.0.0.1 DST=127.0.0."
		"1 LEN=84 TOS=0x0 TTL=64 ID=38349DF ",
		"1 none   start lo> ip 127.0.0.1>127.0.0.1 len84 ttl64 tos0 id38349 DF mac",
	},
	{
		"PACKET: 1 1 IN=lo NFPROTO=10 LOOPBACK SRC=::1 DST=::1 LEN=29 TC=185 HOPLIMIT=64 FL"
		"OWLBL=18908 SPORT=1 DPORT=7 ",
		"1 inet   start lo> ip6 ::1>::1 1>7 len49 ttl64 tos185 id18908 mac",
	},
	{
		"PACKET: 3 1 IN=r0 MACSRC=2:0:5e:0:0:1 MACDST=ff:ff:ff:ff:ff:ff MACPROTO=0806 NH=00"
		"01080006040001ffffffee ",
		"1 arp   start r0> none mac",
	},
	{ "PACKET: 2 1 PREROUTING IN=cni0 WHAT=5 SRC=192.0.2.2 DST=192.0.2.3 ",
	  "1 ip   start cni0> ip 192.0.2.2>192.0.2.3" },
};

static const struct row others[] = {
	{ " EVENT: -4 -t filter -A UC -p tcp", "other" },
	{ " EVENT: -4 -t filter -A UC -j LOG --log-prefix \"IN= OUT= SRC=\"", "other" },
	{ " EVENT: # nft: ip filter FORWARD use 5 type filter hook forward prio 0", "other" },
	{ " EVENT: nft: NEW table: table foo inet flags 0 use 0 handle 13", "other" },
	{ "NEWGEN: GENID=28 PID=27094 NAME=iptables-nft", "other" },
	{ "TRACE: 2 things to do", "other" },
	{ "PACKET: lost", "other" },
};

static const struct row framings[] = {
	{
		"May 05 12:00:01 gw xtables-monitor[9]:  TRACE: 2 1 t:c:policy:DROP ",
		"73915201 @gw 1 ip t c policy drop",
	},
	{
		"May 05 12:00:01 PACKET: 2 1 IN=r1 SRC=192.0.2.2 DST=198.51.100.2 ",
		"73915201 1 ip   start r1> ip 192.0.2.2>198.51.100.2",
	},
	{ " 2 TRACE: 2 1 t:c:policy:DROP", "1 ip t c policy drop" },
};

static const struct row damaged[] = {
	{ " TRACE: 2 1 t:c:rule:0x5:WHAT  -4", "bad 12 table:chain:rule, policy or return" },
	{ " TRACE: 2 1 t:c:policy: ", "bad 12 table:chain:rule, policy or return" },
	{ " TRACE: 2 1 t::policy:DROP", "bad 12 table:chain:rule, policy or return" },
	{ "PACKET: 2 1 IN=r0 SRC=192.0.2 DST=192.0.2.2", "bad 22 an IPv4 or IPv6 address" },
	{ "PACKET: 2 1 IN=r0 TTL=256 ", "bad 22 a number within its limits" },
	{ "PACKET: 2 1 IN=r0 TOS=x ", "bad 22 a hexadecimal number" },
	{ "PACKET: 2 1 IN=r0 FRAG ", "bad 22 a fragment offset" },
};

/* the input ends where '$' is */
static const struct row cut[] = {
	{ " TRACE: 2$", "bad 9 the rest of the line" },
	{ " TRACE: 2 f8$", "bad 12 the rest of the line" },
	{ " TRACE: 2 1 t:c:rule:0x5:JUMP:x$", "bad 31 the rest of the line" },
	{ " TRACE: 2 1 t:c:rule:0x5:ACCEPT  -4 -t t -A c -s 19$", "1 ip t c rule accept #5" },
	{ " TRACE: 2 1 t:c:policy:ACC$", "bad 12 table:chain:rule, policy or return" },
	{ " TRACE: 2 1 t:c:policy:ACCEPT$", "1 ip t c policy accept" },
	{ " TRACE: 2 1 t:c:return:$", "1 ip t c return none end" },
	{ "PACKET: 2 1 IN=r0 SRC=192.0.2.2 DST=192.0.2.3 LEN=8$", "bad 51 the rest of the line" },
};
/* clang-format on */

static void trace_lines(void **state)
{
	(void)state;
	CHECK_TRACES(traces);
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

static void damaged_lines(void **state)
{
	(void)state;
	CHECK_TRACES(damaged);
}

static void end_of_input_in_a_line(void **state)
{
	(void)state;
	CHECK_TRACES(cut);
}

static void kernel_log_lines_are_left_alone(void **state)
{
	static const struct row rows[] = {
		{ "TRACE: raw:PREROUTING:rule:2 IN=r0 OUT= MAC= SRC=192.0.2.1 DST=192.0.2.2 LEN=28 "
		  "TOS=0x00 PREC=0x00 TTL=64 ID=1 PROTO=2 ",
		  "hop rule ip raw:PREROUTING:2 r0> 192.0.2.1>192.0.2.2 p2 len28 ttl64 id1" },
		{ "PACKET: IN=r0 OUT= MAC= SRC=192.0.2.1 DST=192.0.2.2 LEN=28 TOS=0x00 PREC=0x00 "
		  "TTL=64 ID=1 PROTO=2 ",
		  "hop log ip 'PACKET:' r0> 192.0.2.1>192.0.2.2 p2 len28 ttl64 id1" },
	};

	(void)state;
	CHECK_ROWS(rows);
}

static void captures(void **state)
{
	char **file;

	(void)state;
	for (file = files; *file; file++)
		assert_true(check_file(*file) > 10);
}

/* In the journal, as text shows them, and as it does not. */
static void journal_entries(void **state)
{
	static const char *const entries[] = {
		"{\"MESSAGE\":\"TRACE: 2 1 t:c:policy:DROP \"}",
		"{\"MESSAGE\":\"TRACE: \\u0032 1 t:c:policy:DROP \",\"A\":\"TRACE: \"}",
		"{\"A\":\"PACKET: "
		"\",\"MESSAGE\":[84,82,65,67,69,58,32,50,32,49,32,116,58,99,58,112,"
		"111,108,105,99,121,58,68,82,79,80]}",
		"{\"A\":\"TRACE: x\",\"MESSAGE\":\"x TRACE: TRACE: 2 1 t:c:policy:DROP\"}",
	};
	struct record rec = { .kind = RECORD_JSON, .whole = true };

	(void)state;
	for (size_t i = 0; i < sizeof(entries) / sizeof(*entries); i++) {
		rec.data = str_from(entries[i]);
		assert_string_equal(trace_record(&rec), "1 ip t c policy drop");
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(journal_entries),
		cmocka_unit_test(trace_lines),
		cmocka_unit_test(packet_lines),
		cmocka_unit_test(what_is_no_event),
		cmocka_unit_test(framed_lines),
		cmocka_unit_test(damaged_lines),
		cmocka_unit_test(end_of_input_in_a_line),
		cmocka_unit_test(kernel_log_lines_are_left_alone),
		cmocka_unit_test(captures),
	};

	(void)argc;
	files = argv + 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
