// SPDX-License-Identifier: GPL-2.0-or-later
/* test_body.c - the grammar of a packet line (formats.md section 1), row by row */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "show.h"

/* clang-format off */
static const struct row ipv4[] = {
	{
		"B: IN=r0 OUT= MAC=02:00:5e:30:00:01:02:00:5e:30:00:02:08:00 SRC=192."
		"0.2.2 DST=198.51.100.1 LEN=31 TOS=0x1E PREC=0xA0 TTL=3 ID=1 CE PROTO"
		"=UDP SPT=1000 DPT=2000 LEN=11 ",
		"hop log ip 'B:' r0> 192.0.2.2>198.51.100.1 p17 1000>2000 len31 ttl3 "
		"tosbe id1 CE mac",
	},
	{
		"B: IN=r0 OUT= MAC=02:00:5e:30:00:01:02:00:5e:30:00:02:08:00 SRC=192."
		"0.2.2 DST=198.51.100.1 LEN=44 TOS=0x00 PREC=0x00 TTL=64 ID=4660 PROT"
		"O=TCP SPT=1 DPT=2 SEQ=4000000000 ACK=3000000000 WINDOW=64240 RES=0x3"
		"8 AE CWR ECE URG ACK PSH RST SYN FIN URGP=99 OPT (01010101) UID=1 GI"
		"D=2 MARK=0xff ",
		"hop log ip 'B:' r0> 192.0.2.2>198.51.100.1 p6 1>2 len44 ttl64 id4660"
		" f1ff w64240 s4000000000 a3000000000 markff u1 g2 mac",
	},
	{
		"null scan: IN=r0 OUT= MAC= SRC=192.0.2.2 DST=198.51.100.1 LEN=40 TOS"
		"=0x00 PREC=0x00 TTL=64 ID=5 PROTO=TCP SPT=1 DPT=2 WINDOW=1024 RES=0x"
		"00 URGP=0 ",
		"hop log ip 'null scan:' r0> 192.0.2.2>198.51.100.1 p6 1>2 len40 ttl6"
		"4 id5 f0 w1024",
	},
	{
		"B: IN=r0 OUT= MAC= SRC=192.0.2.2 DST=198.51.100.1 LEN=28 TOS=0x00 PR"
		"EC=0x00 TTL=64 ID=6 PROTO=TCP INCOMPLETE [8 bytes] ",
		"hop log ip 'B:' r0> 192.0.2.2>198.51.100.1 p6 len28 ttl64 id6 short",
	},
	{
		"B: IN=r0 OUT= MAC= SRC=192.0.2.2 DST=198.51.100.1 LEN=30 TOS=0x00 PR"
		"EC=0x00 TTL=64 ID=7 PROTO=UDPLITE SPT=5 DPT=6 LEN=10 ",
		"hop log ip 'B:' r0> 192.0.2.2>198.51.100.1 p136 5>6 len30 ttl64 id7",
	},
	{
		"B: IN=r0 OUT= MAC= SRC=192.0.2.2 DST=198.51.100.1 LEN=36 TOS=0x00 PR"
		"EC=0x00 TTL=64 ID=8 PROTO=132 ",
		"hop log ip 'B:' r0> 192.0.2.2>198.51.100.1 p132 len36 ttl64 id8",
	},
	{
		"B: IN=r0 OUT= MAC= SRC=192.0.2.2 DST=198.51.100.1 LEN=36 TOS=00 PREC"
		"=0x00 TTL=64 ID=8 PROTO=SCTP SPT=3868 DPT=3868 MARK=0 ",
		"hop log ip 'B:' r0> 192.0.2.2>198.51.100.1 p132 3868>3868 len36 ttl6"
		"4 id8 mark0",
	},
	{
		"B: IN=r0 OUT= MAC= SRC=192.0.2.2 DST=198.51.100.1 LEN=53 TOS=0x00 PR"
		"EC=0x00 TTL=64 ID=9 PROTO=AH SPI=0xdeadbeef ",
		"hop log ip 'B:' r0> 192.0.2.2>198.51.100.1 p51 len53 ttl64 id9 spide"
		"adbeef",
	},
	{
		"B: IN=r0 OUT= MAC= SRC=192.0.2.2 DST=198.51.100.1 LEN=44 TOS=0x00 PR"
		"EC=0x00 TTL=64 ID=10 PROTO=ESP SPI=0xbadcafe ",
		"hop log ip 'B:' r0> 192.0.2.2>198.51.100.1 p50 len44 ttl64 id10 spib"
		"adcafe",
	},
	{
		"B: IN=r0 OUT= MAC= SRC=192.0.2.2 DST=198.51.100.1 LEN=23 TOS=0x00 PR"
		"EC=0x00 TTL=64 ID=11 PROTO=ESP INCOMPLETE [3 bytes] ",
		"hop log ip 'B:' r0> 192.0.2.2>198.51.100.1 p50 len23 ttl64 id11 shor"
		"t",
	},
	{
		"B: IN=r0 OUT= MAC= SRC=192.0.2.2 DST=198.51.100.1 LEN=48 TOS=0x00 PR"
		"EC=0x00 TTL=64 ID=12 OPT (0707040000000000) PROTO=UDP SPT=3 DPT=4 LE"
		"N=20 ",
		"hop log ip 'B:' r0> 192.0.2.2>198.51.100.1 p17 3>4 len48 ttl64 id12",
	},
	{
		"B: IN=r0 OUT= MAC= SRC=192.0.2.2 DST=198.51.100.1 LEN=61 TOS=0x00 PR"
		"EC=0x00 TTL=64 ID=13 PROTO=ICMP TYPE=3 CODE=4 [SRC=198.51.100.1 DST="
		"203.0.113.2 LEN=33 TOS=0x00 PREC=0x00 TTL=1 ID=9 DF PROTO=UDP SPT=77"
		" DPT=88 LEN=13 ] MTU=1400 MARK=0x7 ",
		"hop log ip 'B:' r0> 192.0.2.2>198.51.100.1 p1 len61 ttl64 id13 t3 c4"
		" mtu1400 [ 198.51.100.1>203.0.113.2 p17 77>88 len33 ttl1 id9 DF ] ma"
		"rk7",
	},
	{
		"B: IN=r0 OUT= MAC= SRC=192.0.2.2 DST=198.51.100.1 LEN=52 TOS=0x00 PR"
		"EC=0x00 TTL=64 ID=14 PROTO=ICMP TYPE=3 CODE=3 [SRC=198.51.100.1 DST="
		"203.0.113.2 LEN=33 TOS=0x00 PREC=0x00 TTL=1 ID=9 MF PROTO=UDP INCOMP"
		"LETE [4 bytes] ] ",
		"hop log ip 'B:' r0> 192.0.2.2>198.51.100.1 p1 len52 ttl64 id14 t3 c3"
		" [ 198.51.100.1>203.0.113.2 p17 len33 ttl1 id9 MF short ]",
	},
	{
		"B: IN=r0 OUT= MAC= SRC=192.0.2.2 DST=198.51.100.1 LEN=61 TOS=0x00 PR"
		"EC=0x00 TTL=64 ID=15 PROTO=ICMP TYPE=5 CODE=1 GATEWAY=192.0.2.254 [S"
		"RC=198.51.100.1 DST=203.0.113.2 LEN=33 TOS=0x00 PREC=0x00 TTL=1 ID=9"
		" PROTO=UDP SPT=77 DPT=88 LEN=13 ] ",
		"hop log ip 'B:' r0> 192.0.2.2>198.51.100.1 p1 len61 ttl64 id15 t5 c1"
		" gw192.0.2.254 [ 198.51.100.1>203.0.113.2 p17 77>88 len33 ttl1 id9 ]",
	},
	{
		"B: IN=r0 OUT= MAC= SRC=192.0.2.2 DST=198.51.100.1 LEN=61 TOS=0x00 PR"
		"EC=0x00 TTL=64 ID=16 PROTO=ICMP TYPE=12 CODE=0 PARAMETER=20 ",
		"hop log ip 'B:' r0> 192.0.2.2>198.51.100.1 p1 len61 ttl64 id16 t12 c"
		"0",
	},
	{
		"B: IN=r0 OUT= MAC= SRC=192.0.2.2 DST=198.51.100.1 LEN=28 TOS=0x00 PR"
		"EC=0x00 TTL=64 ID=17 PROTO=ICMP TYPE=17 CODE=0 INCOMPLETE [8 bytes] ",
		"hop log ip 'B:' r0> 192.0.2.2>198.51.100.1 p1 len28 ttl64 id17 t17 c"
		"0 short",
	},
	{
		"B: IN=r0 OUT= MAC= SRC=192.0.2.2 DST=198.51.100.1 LEN=89 TOS=0x00 PR"
		"EC=0x00 TTL=64 ID=18 PROTO=ICMP TYPE=11 CODE=0 [SRC=198.51.100.1 DST"
		"=192.0.2.2 LEN=61 TOS=0x00 PREC=0x00 TTL=64 ID=10 PROTO=ICMP TYPE=3 "
		"CODE=3 ] ",
		"hop log ip 'B:' r0> 192.0.2.2>198.51.100.1 p1 len89 ttl64 id18 t11 c"
		"0 [ 198.51.100.1>192.0.2.2 p1 len61 ttl64 id10 t3 c3 ]",
	},
	{
		"B: IN=r0 OUT= MAC= SRC=192.0.2.2 DST=198.51.100.1 LEN=36 TOS=0x00 PR"
		"EC=0x00 TTL=64 ID=19 MF FRAG:5 PROTO=UDP ",
		"hop log ip 'B:' r0> 192.0.2.2>198.51.100.1 p17 len36 ttl64 id19 frag"
		"40 MF",
	},
	{
		"B: IN=r0 OUT= MAC= SRC=192.0.2.2 DST=198.51.100.1 LEN=36 TOS=0x00 PR"
		"EC=0x00 TTL=64 ID=20 FRAG:6 ",
		"hop log ip 'B:' r0> 192.0.2.2>198.51.100.1 len36 ttl64 id20 frag48",
	},
	{
		"sit: IN=sit0 OUT= MAC=02:00:5e:30:00:01:02:00:5e:30:00:02:08:00 TUNN"
		"EL=192.0.2.7->192.0.2.8 SRC=192.0.2.2 DST=198.51.100.1 LEN=84 TOS=0x"
		"00 PREC=0x00 TTL=64 ID=21 PROTO=ICMP TYPE=8 CODE=0 ID=9654 SEQ=1 ",
		"hop log ip 'sit:' sit0> 192.0.2.2>198.51.100.1 p1 len84 ttl64 id21 t"
		"8 c0 e9654.1 mac",
	},
	{
		"vendor: IN=r0 OUT=r1 MAC= SRC=192.0.2.2 DST=198.51.100.1 LEN=60 TOS="
		"0x00 PREC=0x00 TTL=64 ID=22 DF PROTO=TCP SPT=1 DPT=2 WINDOW=9 RES=0x"
		"00 SYN URGP=0 OPT (MSS=1460 ) DOMAIN=example.org USER=\"a b\" ",
		"hop log ip 'vendor:' r0>r1 192.0.2.2>198.51.100.1 p6 1>2 len60 ttl64"
		" id22 f2 w9 DF",
	},
	{
		"short: IN=r0 OUT= TRUNCATED",
		"hop log bridge 'short:' r0> short",
	},
};

static const struct row ipv6[] = {
	{
		"S: IN=r0 OUT= MAC=02:00:5e:30:00:01:02:00:5e:30:00:02:86:dd SRC=2001"
		":0db8:0001:0000:0000:0000:0000:0002 DST=2001:0db8:0002:0000:0000:000"
		"0:0000:0001 LEN=49 TC=184 HOPLIMIT=3 FLOWLBL=1048575 PROTO=UDP SPT=7"
		" DPT=8 LEN=9 ",
		"hop log ip6 'S:' r0> 2001:db8:1::2>2001:db8:2::1 p17 7>8 len49 ttl3 "
		"tosb8 id1048575 mac",
	},
	{
		"TRACE: filter:FORWARD:rule:3 IN=r0 OUT=r1 MAC= SRC=2001:0db8:0001:00"
		"00:0000:0000:0000:0002 DST=2001:0db8:0002:0000:0000:0000:0000:0001 L"
		"EN=57 TC=0 HOPLIMIT=64 FLOWLBL=0 OPT ( ) OPT ( ) PROTO=UDP SPT=7 DPT"
		"=8 LEN=9 ",
		"hop rule ip6 filter:FORWARD:3 r0>r1 2001:db8:1::2>2001:db8:2::1 p17 "
		"7>8 len57 ttl64 id0",
	},
	{
		"S: IN=r0 OUT= MAC= SRC=2001:0db8:0001:0000:0000:0000:0000:0002 DST=2"
		"001:0db8:0002:0000:0000:0000:0000:0001 LEN=57 TC=0 HOPLIMIT=64 FLOWL"
		"BL=0 OPT ( FRAG:0 INCOMPLETE ID:abcdef01 ) PROTO=UDP SPT=7 DPT=8 LEN"
		"=9 ",
		"hop log ip6 'S:' r0> 2001:db8:1::2>2001:db8:2::1 p17 7>8 len57 ttl64"
		" id0 fidabcdef01 MF",
	},
	{
		"S: IN=r0 OUT= MAC= SRC=2001:0db8:0001:0000:0000:0000:0000:0002 DST=2"
		"001:0db8:0002:0000:0000:0000:0000:0001 LEN=64 TC=0 HOPLIMIT=64 FLOWL"
		"BL=0 OPT ( FRAG:16 ID:abcdef01 ) PROTO=UDP ",
		"hop log ip6 'S:' r0> 2001:db8:1::2>2001:db8:2::1 p17 len64 ttl64 id0"
		" frag16 fidabcdef01",
	},
	{
		"S: IN=r0 OUT= MAC= SRC=2001:0db8:0001:0000:0000:0000:0000:0002 DST=2"
		"001:0db8:0002:0000:0000:0000:0000:0001 LEN=57 TC=0 HOPLIMIT=64 FLOWL"
		"BL=0 FRAG:0 INCOMPLETE ID:abcdef01 PROTO=UDP SPT=7 DPT=8 LEN=9 ",
		"hop log ip6 'S:' r0> 2001:db8:1::2>2001:db8:2::1 p17 7>8 len57 ttl64"
		" id0 fidabcdef01 MF",
	},
	{
		"S: IN=r0 OUT= MAC= SRC=2001:0db8:0001:0000:0000:0000:0000:0002 DST=2"
		"001:0db8:0002:0000:0000:0000:0000:0001 LEN=73 TC=0 HOPLIMIT=64 FLOWL"
		"BL=0 OPT ( AH SPI=0x11 ) PROTO=UDP SPT=7 DPT=8 LEN=9 ",
		"hop log ip6 'S:' r0> 2001:db8:1::2>2001:db8:2::1 p17 7>8 len73 ttl64"
		" id0 spi11",
	},
	{
		"S: IN=r0 OUT= MAC= SRC=2001:0db8:0001:0000:0000:0000:0000:0002 DST=2"
		"001:0db8:0002:0000:0000:0000:0000:0001 LEN=64 TC=0 HOPLIMIT=64 FLOWL"
		"BL=0 OPT ( ESP SPI=0x22 )",
		"hop log ip6 'S:' r0> 2001:db8:1::2>2001:db8:2::1 p50 len64 ttl64 id0"
		" spi22",
	},
	{
		"S: IN=r0 OUT= MAC= SRC=2001:0db8:0001:0000:0000:0000:0000:0002 DST=2"
		"001:0db8:0002:0000:0000:0000:0000:0001 LEN=42 TC=0 HOPLIMIT=64 FLOWL"
		"BL=0 OPT ( ESP INCOMPLETE [2 bytes] )",
		"hop log ip6 'S:' r0> 2001:db8:1::2>2001:db8:2::1 p50 len42 ttl64 id0"
		" short",
	},
	{
		"S: IN=r0 OUT= MAC= SRC=2001:0db8:0001:0000:0000:0000:0000:0002 DST=2"
		"001:0db8:0002:0000:0000:0000:0000:0001 LEN=42 TC=0 HOPLIMIT=64 FLOWL"
		"BL=0 Unknown Ext Hdr 139",
		"hop log ip6 'S:' r0> 2001:db8:1::2>2001:db8:2::1 len42 ttl64 id0",
	},
	{
		"S: IN=r0 OUT= MAC= SRC=2001:0db8:0001:0000:0000:0000:0000:0002 DST=2"
		"001:0db8:0002:0000:0000:0000:0000:0001 LEN=40 TC=0 HOPLIMIT=64 FLOWL"
		"BL=0 PROTO=59 ",
		"hop log ip6 'S:' r0> 2001:db8:1::2>2001:db8:2::1 p59 len40 ttl64 id0",
	},
	{
		"S: IN=r0 OUT= MAC= SRC=2001:0db8:0001:0000:0000:0000:0000:0002 DST=2"
		"001:0db8:0002:0000:0000:0000:0000:0001 LEN=101 TC=0 HOPLIMIT=64 FLOW"
		"LBL=0 PROTO=ICMPv6 TYPE=2 CODE=0 [SRC=2001:0db8:0002:0000:0000:0000:"
		"0000:0001 DST=2001:0db8:0003:0000:0000:0000:0000:0002 LEN=53 TC=0 HO"
		"PLIMIT=64 FLOWLBL=0 PROTO=UDP SPT=77 DPT=88 LEN=13 ] MTU=1280 ",
		"hop log ip6 'S:' r0> 2001:db8:1::2>2001:db8:2::1 p58 len101 ttl64 id"
		"0 t2 c0 mtu1280 [ 2001:db8:2::1>2001:db8:3::2 p17 77>88 len53 ttl64 "
		"id0 ]",
	},
	{
		"S: IN=r0 OUT= MAC= SRC=2001:0db8:0001:0000:0000:0000:0000:0002 DST=2"
		"001:0db8:0002:0000:0000:0000:0000:0001 LEN=101 TC=0 HOPLIMIT=64 FLOW"
		"LBL=0 PROTO=ICMPv6 TYPE=4 CODE=1 POINTER=00000028 [SRC=2001:0db8:000"
		"2:0000:0000:0000:0000:0001 DST=2001:0db8:0003:0000:0000:0000:0000:00"
		"02 LEN=53 TC=0 HOPLIMIT=64 FLOWLBL=0 PROTO=UDP SPT=77 DPT=88 LEN=13 "
		"] ",
		"hop log ip6 'S:' r0> 2001:db8:1::2>2001:db8:2::1 p58 len101 ttl64 id"
		"0 t4 c1 [ 2001:db8:2::1>2001:db8:3::2 p17 77>88 len53 ttl64 id0 ]",
	},
	{
		"S: IN=r0 OUT= MAC= SRC=2001:0db8:0001:0000:0000:0000:0000:0002 DST=2"
		"001:0db8:0002:0000:0000:0000:0000:0001 LEN=104 TC=0 HOPLIMIT=64 FLOW"
		"LBL=868225 PROTO=ICMPv6 TYPE=128 CODE=0 ID=3427 SEQ=1 MARK=0x2 ",
		"hop log ip6 'S:' r0> 2001:db8:1::2>2001:db8:2::1 p58 len104 ttl64 id"
		"868225 t128 c0 e3427.1 mark2",
	},
	{
		"TRACE: mangle:POSTROUTING:policy:1 IN=r0 OUT=r0 MAC= SRC=2001:0db8:0"
		"001:0000:0000:0000:0000:0002 DST=ff02:0000:0000:0000:0000:0001:ff00:"
		"0001 LEN=72 TC=0 HOPLIMIT=255 FLOWLBL=0 PROTO=ICMPv6 TYPE=135 CODE=0"
		" ",
		"hop policy ip6 mangle:POSTROUTING:1 r0>r0 2001:db8:1::2>ff02::1:ff00"
		":1 p58 len72 ttl255 id0 t135 c0",
	},
	{
		"101 1 tap101i0-IN 20/Jun/2022:13:13:32 +0200 reject: IN=fwbr101i0 OU"
		"T=fwbr101i0 PHYSIN=fwln101i0 PHYSOUT=tap101i0 MAC=02:00:5e:30:00:01:"
		"02:00:5e:30:00:02:86:dd SRC=2001:db8::a DST=2001:db8::17 LEN=40 TC=0"
		" FLOWLBL=634336 HOPLIMIT=64 PROTO=TCP SPT=59368 DPT=22 SEQ=314655895"
		"7 ACK=0 WINDOW=64800 SYN ",
		"2022-06-20T11:13:32+120 hop log ip6 'reject:' fwbr101i0>fwbr101i0 (f"
		"wln101i0>tap101i0) 2001:db8::a>2001:db8::17 p6 59368>22 len40 ttl64 "
		"id634336 f2 w64800 s3146558957 a0 mac",
	},
	/* cut: the kernel prints more of every packet of the kind (formats.md 1.5) */
	{ "S: IN=r0 OUT= MAC= SRC=192.0.2.1 DST=192.0.2.2 LEN=", "bad 51 PROTO=" },
	{ "S: IN=r0 OUT= MAC= SRC=192.0.2.1 DST=192.0.2.2 LEN=60 ", "bad 54 PROTO=" },
	{ "S: IN=r0 OUT= SRC=192.0.2.1 DST=192.0.2.2 LEN=60 TOS=0x", "bad 53 a hexadecimal number" },
	{
		"S: IN=r0 OUT= SRC=192.0.2.1 DST=192.0.2.2 LEN=60 TOS=0x00 PREC=0x00 "
		"TTL=64 ID=7 DF PRO",
		"bad 86 PROTO=",
	},
	{
		"S: IN=r0 OUT= SRC=192.0.2.1 DST=192.0.2.2 LEN=60 TOS=0x00 PREC=0x00 "
		"TTL=64 ID=7 PROTO=TCP SPT=5 DPT=22 WINDOW=64240 RES=0x00 SY",
		"bad 127 the line up to URGP=",
	},
	{
		"S: IN=r0 OUT= SRC=192.0.2.1 DST=192.0.2.2 LEN=60 TOS=0x00 PREC=0x00 "
		"TTL=64 ID=7 PROTO=UDP SPT=5 DPT=53 ",
		"bad 103 SPT= DPT= LEN=",
	},
	{
		"S: IN=r0 OUT= SRC=192.0.2.1 DST=192.0.2.2 LEN=88 TOS=0x00 PREC=0x00 "
		"TTL=64 ID=7 PROTO=ICMP TYPE=3 CODE=1 [SRC=192.0.2.2 DST=192.0.2.1 LE",
		"bad 136 the quoted packet",
	},
	/* whole: a netdev chain's ICMP error has no quote; a document puts dots */
	{
		"S: IN= OUT=r1 SRC=192.0.2.1 DST=192.0.2.2 LEN=60 TOS=0x00 PREC=0x00 "
		"TTL=63 ID=23 PROTO=ICMP TYPE=3 CODE=3 ",
		"hop log ip 'S:' >r1 192.0.2.1>192.0.2.2 p1 len60 ttl63 id23 t3 c3",
	},
	{
		"S: IN=r0 OUT= SRC=192.0.2.1 DST=192.0.2.2 LEN=60 TOS=0x00 PREC=0x00 ...",
		"hop log ip 'S:' r0> 192.0.2.1>192.0.2.2 len60",
	},
	{
		"S: IN=r0 OUT= MAC= SRC=2001:db8::1 DST=2001:db8::2 LEN=40 TC=0 HOPLI"
		"MIT=64 FLOWLBL=0",
		"bad 84 PROTO=",
	},
	{
		"S: IN=r0 OUT= MAC= SRC=::ffff:192.0.2.1 DST=2001:db8:0:0:0:0:0:2 LEN"
		"=40 TC=0 HOPLIMIT=64 FLOWLBL=0 PROTO=59",
		"hop log ip6 'S:' r0> 192.0.2.1>2001:db8::2 p59 len40 ttl64 id0",
	},
};

static const struct row arp_bridge[] = {
	{
		"Dec  5 14:37:47 sw kernel: [bri-lab-10-C]IN=eth1 OUT=eth2 ARP HTYPE="
		"1 PTYPE=0x0800 OPCODE=1 MACSRC=02:00:5e:40:00:01 IPSRC=192.0.2.101 M"
		"ACDST=00:00:00:00:00:00 IPDST=192.0.2.102",
		"1972-12-05T14:37:47~y @sw hop log arp '[bri-lab-10-C]' eth1>eth2 192"
		".0.2.101>192.0.2.102 arp1",
	},
	{
		"vlan: IN=veth0 OUT= MACSRC=02:00:5e:40:00:02 MACDST=02:00:5e:40:00:0"
		"3 VPROTO=8100 VID=41002 MACPROTO=0800 SRC=192.0.2.2 DST=198.51.100.1"
		"63 LEN=52 TOS=0x00 PREC=0x00 TTL=64 ID=2548 DF PROTO=TCP SPT=55848 D"
		"PT=80 WINDOW=501 RES=0x00 ACK FIN URGP=0",
		"hop log ip 'vlan:' veth0> 192.0.2.2>198.51.100.163 p6 55848>80 len52"
		" ttl64 id2548 f11 w501 DF mac",
	},
	{
		"vlan: IN=veth0 OUT= MACSRC=02:00:5e:40:00:02 MACDST=02:00:5e:40:00:0"
		"3 VPROTO=88a8 VID=43 MACPROTO=0806 ARP HTYPE=1 PTYPE=0x0800 OPCODE=2"
		" MACSRC=02:00:5e:40:00:02 IPSRC=192.0.2.2 MACDST=02:00:5e:40:00:03 I"
		"PDST=192.0.2.1",
		"hop log arp 'vlan:' veth0> 192.0.2.2>192.0.2.1 arp2 mac",
	},
	{
		"garbage: IN= OUT=br0 MACSRC=02:00:5e:40:00:02 MACDST=02:00:5e:40:00:"
		"03 MACPROTO=0000 ARP HTYPE=14000 PTYPE=0x4ae2 OPCODE=49782",
		"hop log arp 'garbage:' >br0 arp49782 mac",
	},
	{
		"short: IN=r0 OUT= MACSRC=02:00:5e:40:00:02 MACDST=02:00:5e:40:00:03 "
		"MACPROTO=0806 ARP HTYPE=1 PTYPE=0x0800 OPCODE=1 INCOMPLETE [10 bytes"
		"]",
		"hop log arp 'short:' r0> arp1 short mac",
	},
	{
		"unknown: IN=r0 OUT= MACSRC=02:00:5e:40:00:02 MACDST=02:00:5e:40:00:0"
		"3 MACPROTO=88b5 ",
		"hop log bridge 'unknown:' r0> mac",
	},
	{
		"unknown: IN=r0 OUT= MAC=02:00:5e:40:00:02:02:00:5e:40:00:03:88:b5 ",
		"hop log bridge 'unknown:' r0> mac",
	},
	{
		"ebt IN=kbp1 OUT=kbp2 MAC source = 02:00:5e:40:00:02 MAC dest = 02:00"
		":5e:40:00:03 proto = 0x0800 IP SRC=192.0.2.2 IP DST=192.0.2.3, IP to"
		"s=0x00, IP proto=6 SPT=55028 DPT=8080",
		"hop log bridge 'ebt' kbp1>kbp2 192.0.2.2>192.0.2.3 p6 55028>8080 mac",
	},
	{
		"ebt IN=kbp1 OUT=kbp2 MAC source = 02:00:5e:40:00:02 MAC dest = ff:ff"
		":ff:ff:ff:ff proto = 0x0806 ARP HTYPE=1, PTYPE=0x0800, OPCODE=1 ARP "
		"MAC SRC=02:00:5e:40:00:02 ARP IP SRC=192.0.2.2 ARP MAC DST=00:00:00:"
		"00:00:00 ARP IP DST=192.0.2.3",
		"hop log bridge 'ebt' kbp1>kbp2 192.0.2.2>192.0.2.3 arp1 mac",
	},
	{
		"ebt6 IN=kbp1 OUT=kbp2 MAC source = 02:00:5e:40:00:02 MAC dest = 02:0"
		"0:5e:40:00:03 proto = 0x86dd IPv6 SRC=2001:db8::2 IPv6 DST=2001:db8:"
		":3, IPv6 priority=0x0, Next Header=17 SPT=5 DPT=6",
		"hop log bridge 'ebt6' kbp1>kbp2 2001:db8::2>2001:db8::3 p17 5>6 mac",
	},
	{
		"TRACE: eb:nat:POSTROUTING IN= OUT=kbp2 MAC source = 02:00:5e:40:00:0"
		"2 MAC dest = 02:00:5e:40:00:03 proto = 0x0800 IP SRC=192.0.2.2 IP DS"
		"T=192.0.2.3, IP tos=0x00, IP proto=1",
		"hop log bridge 'TRACE: eb:nat:POSTROUTING' >kbp2 192.0.2.2>192.0.2.3"
		" p1 mac",
	},
	{
		"ebt IN=kbp1 OUT=kbp2 MAC source = 02:00:5e:40:00:02 MAC dest = 02:00"
		":5e:40:00:03 proto = 0x0800 INCOMPLETE IP header",
		"hop log bridge 'ebt' kbp1>kbp2 short mac",
	},
	{
		"Feb  1 00:00:02 bridge kernel: INBOUND TCP: IN=br0 PHYSIN=eth0 OUT=b"
		"r0 PHYSOUT=eth1 SRC=192.0.2.87 DST=198.51.100.84 LEN=40 TOS=0x00 PRE"
		"C=0x00 TTL=110 ID=12973 PROTO=TCP SPT=220 DPT=6129 WINDOW=16384 RES="
		"0x00 SYN URGP=0",
		"1972-02-01T00:00:02~y @bridge hop log ip 'INBOUND TCP:' br0>br0 (eth"
		"0>eth1) 192.0.2.87>198.51.100.84 p6 220>6129 len40 ttl110 id12973 f2"
		" w16384",
	},
	{
		"Mar 30 18:23:31 jade kernel: [3722369.703246] IN=br0 OUT= PHYSIN=eth"
		"1 PHYSOUT=tap0 MAC=ff:ff:ff:ff:ff:ff:02:00:5e:40:00:04:08:00 SRC=0.0"
		".0.0 DST=255.255.255.255 LEN=576 TOS=0x00 PREC=0x00 TTL=60 ID=0 PROT"
		"O=UDP SPT=68 DPT=67 LEN=556",
		"1972-03-30T18:23:31~y up3722369703246us @jade hop log ip '' br0> (et"
		"h1>tap0) 0.0.0.0>255.255.255.255 p17 68>67 len576 ttl60 id0 mac",
	},
};

static const struct row broken[] = {
	{
		"x IN=a OUT= MAC= SRC=192.0.2.1 LEN=28 PROTO=2",
		"bad 45 DST=",
	},
	{
		"x IN=a OUT= MAC= SRC=192.0.2.1 DST=192.0.2.2 SRC=192.0.2.3 DST=192.0"
		".2.4 PROTO=2",
		"bad 49 one packet in one line",
	},
	{
		"x IN=a OUT= MAC= SRC=192.0.2.1.5 DST=192.0.2.2 PROTO=2",
		"bad 21 an IPv4 or IPv6 address",
	},
	{
		"x IN=a OUT= MAC= SRC=2001:db8::1::2 DST=2001:db8::2 PROTO=2",
		"bad 21 an IPv4 or IPv6 address",
	},
	{
		"x IN=a OUT= MAC= SRC=02:00:5e:10:00:01 DST=2001:db8::2 PROTO=2",
		"bad 21 an IPv4 or IPv6 address",
	},
	{
		"x IN=a OUT= MAC= SRC=192.0.2.1 DST=192.0.2.2 PROTO=WHAT",
		"bad 51 a protocol",
	},
	{
		"x IN=a OUT= MAC= SRC=192.0.2.1 DST=192.0.2.2 TTL=256 PROTO=2",
		"bad 49 a number within its limits",
	},
	{
		"x IN=a OUT= MAC= SRC=192.0.2.1 DST=192.0.2.2 SPT=5 DPT=6",
		"bad 45 PROTO=",
	},
	{
		"x IN=a OUT= MAC=02:00:5e:10:00:01:02:00:5e:10:00:02:08:00 ",
		"bad 58 SRC=",
	},
	{
		"x IN=a OUT= MACSRC=02:00:5e:10:00:01 ",
		"bad 37 SRC=",
	},
	{
		"IN=a OUT=b ./run.sh",
		"other",
	},
	{
		"kernel: x IN=a OUT=",
		"hop log bridge 'x' a>",
	},
	{
		"kernel: MAIN=5 OUTER=6",
		"other",
	},
};
/* clang-format on */

static void ipv4_bodies(void **state)
{
	(void)state;
	CHECK_ROWS(ipv4);
}

static void ipv6_bodies(void **state)
{
	(void)state;
	CHECK_ROWS(ipv6);
}

static void arp_and_bridge_bodies(void **state)
{
	(void)state;
	CHECK_ROWS(arp_bridge);
}

static void broken_bodies(void **state)
{
	(void)state;
	CHECK_ROWS(broken);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ipv4_bodies),
		cmocka_unit_test(ipv6_bodies),
		cmocka_unit_test(arp_and_bridge_bodies),
		cmocka_unit_test(broken_bodies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
