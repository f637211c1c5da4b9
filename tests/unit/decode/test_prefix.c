// SPDX-License-Identifier: GPL-2.0-or-later
/* test_prefix.c - where the prefix ends, and what only looks like a TRACE line */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "show.h"

/* clang-format off */
static const struct row prefixes[] = {
	{
		"IN=eth0 OUT= MAC= SRC=192.0.2.1 DST=192.0.2.9 LEN=28 TOS=0x00 PREC=0"
		"x00 TTL=64 ID=1 PROTO=UDP SPT=5 DPT=6 LEN=8 ",
		"hop log ip '' eth0> 192.0.2.1>192.0.2.9 p17 5>6 len28 ttl64 id1",
	},
	{
		"Shorewall:net2fw:DROP:IN=eth0 OUT= MAC= SRC=192.0.2.1 DST=192.0.2.9 "
		"LEN=28 TOS=0x00 PREC=0x00 TTL=64 ID=1 PROTO=UDP SPT=5 DPT=6 LEN=8 ",
		"hop log ip 'Shorewall:net2fw:DROP:' eth0> 192.0.2.1>192.0.2.9 p17 5>"
		"6 len28 ttl64 id1",
	},
	{
		"DROP(src wan)IN=eth0 OUT= MAC= SRC=192.0.2.1 DST=192.0.2.9 LEN=28 TO"
		"S=0x00 PREC=0x00 TTL=64 ID=1 PROTO=UDP SPT=5 DPT=6 LEN=8 ",
		"hop log ip 'DROP(src wan)' eth0> 192.0.2.1>192.0.2.9 p17 5>6 len28 t"
		"tl64 id1",
	},
	{
		"probe nftIN=eth0 OUT= MAC= SRC=192.0.2.1 DST=192.0.2.9 LEN=28 TOS=0x"
		"00 PREC=0x00 TTL=64 ID=1 PROTO=UDP SPT=5 DPT=6 LEN=8 ",
		"hop log ip 'probe nft' eth0> 192.0.2.1>192.0.2.9 p17 5>6 len28 ttl64"
		" id1",
	},
	{
		"\"cut at twenty-nine bytes, niIN=eth0 OUT= MAC= SRC=192.0.2.1 DST=19"
		"2.0.2.9 LEN=28 TOS=0x00 PREC=0x00 TTL=64 ID=1 PROTO=UDP SPT=5 DPT=6 "
		"LEN=8 ",
		"hop log ip '\"cut at twenty-nine bytes, ni' eth0> 192.0.2.1>192.0.2."
		"9 p17 5>6 len28 ttl64 id1",
	},
	{
		"[LAN_IN-D-4001] DESCR=\"\xf0\x9f\x9b\x91""Drop (all) @ [vlan\" IN=br"
		"96 OUT=tlprt0 MAC=02:00:5e:20:00:01:02:00:5e:20:00:02:08:00 SRC=192."
		"0.2.1 DST=192.0.2.9 LEN=28 TOS=00 PREC=0x00 TTL=64 ID=1 PROTO=UDP SP"
		"T=5 DPT=6 LEN=8 MARK=0",
		"hop log ip '[LAN_IN-D-4001] DESCR=\"\xf0\x9f\x9b\x91""Drop (all) @ ["
		"vlan\"' br96>tlprt0 192.0.2.1>192.0.2.9 p17 5>6 len28 ttl64 id1 mark"
		"0 mac",
	},
	{
		"RULE 4 -- ACCEPT -> *x*/y  IN=eth0 OUT= MAC= SRC=192.0.2.1 DST=192.0"
		".2.9 LEN=28 TOS=0x00 PREC=0x00 TTL=64 ID=1 PROTO=UDP SPT=5 DPT=6 LEN"
		"=8 ",
		"hop log ip 'RULE 4 -- ACCEPT -> *x*/y' eth0> 192.0.2.1>192.0.2.9 p17"
		" 5>6 len28 ttl64 id1",
	},
	{
		"[FW_ADT]A=D D=O CD=O M=57 IN=eth0 OUT= MAC= SRC=192.0.2.1 DST=192.0."
		"2.9 LEN=28 TOS=0x00 PREC=0x00 TTL=64 ID=1 PROTO=UDP SPT=5 DPT=6 LEN="
		"8 ",
		"hop log ip '[FW_ADT]A=D D=O CD=O M=57' eth0> 192.0.2.1>192.0.2.9 p17"
		" 5>6 len28 ttl64 id1",
	},
	{
		"IN= foo IN=bar ININ: IN=eth0 OUT= MAC= SRC=192.0.2.1 DST=192.0.2.9 L"
		"EN=28 TOS=0x00 PREC=0x00 TTL=64 ID=1 PROTO=UDP SPT=5 DPT=6 LEN=8 ",
		"hop log ip 'IN= foo IN=bar ININ:' eth0> 192.0.2.1>192.0.2.9 p17 5>6 "
		"len28 ttl64 id1",
	},
	{
		"has IN=eth9 OUT=eth8 SRC=203.0.113.1: IN=eth0 OUT= MAC= SRC=192.0.2."
		"1 DST=192.0.2.9 LEN=28 TOS=0x00 PREC=0x00 TTL=64 ID=1 PROTO=UDP SPT="
		"5 DPT=6 LEN=8 ",
		"hop log ip 'has IN=eth9 OUT=eth8 SRC=203.0.113.1:' eth0> 192.0.2.1>1"
		"92.0.2.9 p17 5>6 len28 ttl64 id1",
	},
	{
		"x TRACE: raw:X:rule:1 IN=eth0 OUT= MAC= SRC=192.0.2.1 DST=192.0.2.9 "
		"LEN=28 TOS=0x00 PREC=0x00 TTL=64 ID=1 PROTO=UDP SPT=5 DPT=6 LEN=8 ",
		"hop log ip 'x TRACE: raw:X:rule:1' eth0> 192.0.2.1>192.0.2.9 p17 5>6"
		" len28 ttl64 id1",
	},
	{
		"TRACE: raw:PREROUTING:policy:2IN=eth0 OUT= MAC= SRC=192.0.2.1 DST=19"
		"2.0.2.9 LEN=28 TOS=0x00 PREC=0x00 TTL=64 ID=1 PROTO=UDP SPT=5 DPT=6 "
		"LEN=8 ",
		"hop policy ip raw:PREROUTING:2 eth0> 192.0.2.1>192.0.2.9 p17 5>6 len"
		"28 ttl64 id1",
	},
	{
		"TRACE: nat:KUBE-SERVICES:rule:14        IN=cbr0 OUT=     PHYSIN=veth"
		"4a SRC=192.0.2.1 DST=192.0.2.9  LEN=28 TOS=0x00 PREC=0x00 TTL=64 ID="
		"1 PROTO=UDP SPT=5 DPT=6 LEN=8",
		"hop rule ip nat:KUBE-SERVICES:14 cbr0> (veth4a>) 192.0.2.1>192.0.2.9"
		" p17 5>6 len28 ttl64 id1",
	},
	{
		"TRACE: filter:x:rule:9:rule:1 IN=eth0 OUT= MAC= SRC=192.0.2.1 DST=19"
		"2.0.2.9 LEN=28 TOS=0x00 PREC=0x00 TTL=64 ID=1 PROTO=UDP SPT=5 DPT=6 "
		"LEN=8 ",
		"hop rule ip filter:x:rule:9:1 eth0> 192.0.2.1>192.0.2.9 p17 5>6 len2"
		"8 ttl64 id1",
	},
	{
		"TRACE: filter:IN=eth0:return:1 IN=eth0 OUT=eth1 MAC= SRC=192.0.2.1 D"
		"ST=192.0.2.9 LEN=28 TOS=0x00 PREC=0x00 TTL=64 ID=1 PROTO=UDP SPT=5 D"
		"PT=6 LEN=8 ",
		"hop return ip filter:IN=eth0:1 eth0>eth1 192.0.2.1>192.0.2.9 p17 5>6"
		" len28 ttl64 id1",
	},
	{
		"TRACE: filter:FORWARD:rule:2 IN=eth0 OUT=eth1 MAC=... SRC=192.0.2.1 "
		"DST=192.0.2.9 ...",
		"hop rule ip filter:FORWARD:2 eth0>eth1 192.0.2.1>192.0.2.9 mac",
	},
	{
		"TRACE: not a hop IN=eth0 OUT=eth1 MAC= SRC=192.0.2.1 DST=192.0.2.9 L"
		"EN=28 TOS=0x00 PREC=0x00 TTL=64 ID=1 PROTO=UDP SPT=5 DPT=6 LEN=8 ",
		"hop log ip 'TRACE: not a hop' eth0>eth1 192.0.2.1>192.0.2.9 p17 5>6 "
		"len28 ttl64 id1",
	},
	{
		"nf_ct_proto_6: SEQ is over the upper bound (over the window of the r"
		"eceiver) IN=eth0 OUT= MAC= SRC=192.0.2.1 DST=192.0.2.9 LEN=40 TOS=0x"
		"00 PREC=0x00 TTL=64 ID=1 PROTO=TCP SPT=5 DPT=6 SEQ=1 ACK=2 WINDOW=3 "
		"RES=0x00 ACK URGP=0 ",
		"hop log ip 'nf_ct_proto_6: SEQ is over the upper bound (over the win"
		"dow of the receiver)' eth0> 192.0.2.1>192.0.2.9 p6 5>6 len40 ttl64 i"
		"d1 f10 w3 s1 a2 invalid",
	},
	{
		"nf_ct_ftp: dropping packet IN=eth0 OUT= MAC= SRC=192.0.2.1 DST=192.0"
		".2.9 LEN=40 TOS=0x00 PREC=0x00 TTL=64 ID=1 PROTO=TCP SPT=21 DPT=6 SE"
		"Q=1 ACK=2 WINDOW=3 RES=0x00 ACK URGP=0 ",
		"hop log ip 'nf_ct_ftp: dropping packet' eth0> 192.0.2.1>192.0.2.9 p6"
		" 21>6 len40 ttl64 id1 f10 w3 s1 a2",
	},
};

static const struct row damage[] = {
	{
		"May  5 20:46:45 gate user.info kernel: TTL=126 ID=15317 DF PROTO=TCP"
		" SPT=59344 DPT=443 WINDOW=8212 RES=0x00 ACK PSH URGP=0",
		"1972-05-05T20:46:45~y @gate bad 39 IN=",
	},
	{
		"May  5 20:46:46 gate user.info kernel: L=126 ID=8698 DF PROTO=TCP SP"
		"T=88 DPT=51179 WINDOW=2053 RES=0x00 ACK URGP=0",
		"1972-05-05T20:46:46~y @gate bad 39 IN=",
	},
	{
		"DROPPED IN=eth0 OUT= MAC= SRC=192.0.2.20 DST=224.0.0.251 LEN=64     "
		"         TOS=0x00 PREC=0x00 TTL=255 ID=0 DF PROTO=UDP SPT=5353 DPT=5"
		"353 LEN=44",
		"hop log ip 'DROPPED' eth0> 192.0.2.20>224.0.0.251 p17 5353>5353 len6"
		"4 ttl255 id0 DF",
	},
	{
		"DROPPED-INV IN=eth0 OUT= MAC=02:00:5e:50:00:01:02:00:5e:50:00:02:0  "
		"           8:00 SRC=192.0.2.186 DST=198.51.100.20 LEN=1492 TOS=0x00 "
		"PREC=0x00 TTL=253 ID=6             0704 DF PROTO=TCP SPT=80 DPT=9642"
		" WINDOW=1884 RES=0x00 ACK PSH URGP=0 OPT (01010             80A3FFF0"
		"5CF00006A58)",
		"hop log ip 'DROPPED-INV' eth0> 192.0.2.186>198.51.100.20 p6 80>9642 "
		"len1492 ttl253 id60704 f18 w1884 DF mac",
	},
	{
		"[3185590.573121] TRACE: mangle:chain-a:rule:3 IN=vxlan.lab OUT= MAC="
		"02:00:5e:50:00:01:02:00:5e:50:00:02:08:00 SRC=192.0.2.137 DST=198.51"
		".100.31 LEN=88 TOS=0x00 PREC=0x00 TT L=63 ID=6647 DF PROTO=UDP SPT=6"
		"0655 DPT=53 LEN=68",
		"up3185590573121us hop rule ip mangle:chain-a:3 vxlan.lab> 192.0.2.13"
		"7>198.51.100.31 p17 60655>53 len88 ttl63 id6647 DF mac",
	},
	{
		"[3185590.573123] TRACE: mangle:chain-a:return:1 IN=vxlan.lab OUT= MA"
		"C=02:00:5e:50:00:01:02:00:5e:50:00:02:08:00 SRC=192.0.2.137 DST=198."
		"51.100.31 LEN=88 TOS=0x00 PR EC=0x00 TTL=6 3 ID=6647 DF PROTO=UDP SP"
		"T=60655 DPT=53 LEN=68",
		"up3185590573123us hop return ip mangle:chain-a:1 vxlan.lab> 192.0.2."
		"137>198.51.100.31 p17 60655>53 len88 ttl63 id6647 DF mac",
	},
	{
		"[1038991.870902] TRACE: nat:PREROUTING:rule:1IN=tap5c OUT= MAC=02:00"
		":5e:50:00:01:02:00:5e:50:00:02:08:00 SRC=192.0.2.4 DST=198.51.100.19"
		" LEN=84TOS=0x00 PREC=0x00 TTL=64ID=0 DF PROTO=ICMP TYPE=8CODE=0ID=28"
		"976SEQ=1",
		"up1038991870902us hop rule ip nat:PREROUTING:1 tap5c> 192.0.2.4>198."
		"51.100.19 p1 len84 ttl64 id0 t8 c0 e28976.1 DF mac",
	},
	{
		"Dec  1 03:35:44 gate kernel: TRACE: filter:out:rule:2 IN= OUT=cali0 "
		"SRC=192.0.2.225 DST=198.51.100.80 LEN=84 TOS=0x00 PREC=0x00 TTL=64 I"
		"D=45708 MP TYPE=8 CODE=0 ID=3584 SEQ=1 UID=0 GID=0 ",
		"1972-12-01T03:35:44~y @gate bad 147 PROTO=",
	},
	{
		"Dec  1 03:35:44 gate kernel: TRACE: nat:out:rule:1 IN= OUT=cali0 SRC"
		"=192.0.2.225 DST=198.51.100.80 LEN=84 TOS=0x00 PREC=0x00 TTL=64 ID=4"
		"570ICMP TYPE=8 CODE=0 ID=3584 SEQ=1 UID=0 GID=0 ",
		"1972-12-01T03:35:44~y @gate bad 135 a number within its limits",
	},
	{
		"Aug 23 09:38:57 gate kernel: [23045496.066696] [UFW BLOCK] IN=eth0 O"
		"UT= MAC=02:00:5e:50:00:01:02:00:5e:50:00:02:08:00 SRC=CLIENT DST=SER"
		"VER LEN=40 TOS=0x00 PREC=0x00 TTL=54 ID=0 DF PROTO=TCP SPT=40105 DPT"
		"=993 WINDOW=0 RES=0x00 RST URGP=0",
		"1972-08-23T09:38:57~y up23045496066696us @gate bad 122 an IPv4 or IP"
		"v6 address",
	},
	{
		"[  1.000001] hidden IN=eth0 OUT= MAC=xxxx SRC=192.0.2.126 DST=x.x.x."
		"62 LEN=84 TOS=0x00 PREC=0x00 TTL=241 ID=46108 DF PROTO=ICMP TYPE=8 C"
		"ODE=0 ID=1 SEQ=1",
		"up1000001us bad 62 an IPv4 or IPv6 address",
	},
	{
		"[  1.000002] hidden IN=eth0 OUT= MAC= SRC=<serveripv6> DST=<localcli"
		"entipv6> LEN=140 TC=0 HOPLIMIT=56 FLOWLBL=0 PROTO=UDP SPT=51820 DPT="
		"51820 LEN=100",
		"up1000002us bad 42 an IPv4 or IPv6 address",
	},
	{
		"[  1.000003] named IN=eth0 OUT= MAC=mETH0:dmsh:08:00 SRC=192.0.2.48 "
		"DST=198.51.100.4 LEN=48 TOS=0x00 PREC=0x80 TTL=117 ID=42057 DF PROTO"
		"=TCP SPT=4395 DPT=4899 WINDOW=65535 RES=0x00 SYN URGP=0 OPT (020405A"
		"001010402) ",
		"up1000003us hop log ip 'named' eth0> 192.0.2.48>198.51.100.4 p6 4395"
		">4899 len48 ttl117 tos80 id42057 f2 w65535 DF mac",
	},
	{
		"[  1.000004] glued IN=veip0.0 OUT= MAC=00:00:5e:00:53:01:00:00:5e:00"
		"00:53:02:SRC=203.0.113.66 DST=198.51.100.1 LEN=44 TOS=0x00 PREC=0x00"
		" TTL=55 ID=19286 PROTO=TCP SPT=21110 DPT=8071 SEQ=2082050321 ACK=0 W"
		"INDOW=1025 RES=0x00 SYN URGP=0 OPT (MSS=1460 )",
		"up1000004us hop log ip 'glued' veip0.0> 203.0.113.66>198.51.100.1 p6"
		" 21110>8071 len44 ttl55 id19286 f2 w1025 s2082050321 a0 mac",
	},
	{
		"2014-05-12 14:33:55 gate warning.kernel: DROP IN=",
		"2014-05-12T14:33:55 @gate bad 49 OUT=",
	},
	{
		"kernel: [ 7018.727278] TRACE: raw:PREROUTING:policy:2 IN=enp9s0 ...",
		"up7018727278us bad 67 IN= and OUT=",
	},
	{
		"kernel: WRAPPED M-PR:IN=br_nat_in_3 OUT= PHYSIN=ens87f6",
		"bad 55 SRC=",
	},
	{
		"IPT IN=net0 OUT=docker0 MAC=02:00:5e:50:00:01:02:00:5e:50:00:02:08:0"
		"0 SRC=192.0.2.142 DST=198.51.100.2 LEN=84 TOS=0x00 PREC=0x00 TTL=54 "
		"ID=0 PROTO=ICMP TYPE=0 CODE=0 ID=20 SEQ=",
		"bad 176 ID= SEQ=",
	},
	{
		"//Oct 23 09:25:49 desk kernel: IN=eth0 OUT= MAC=ff:ff:ff:ff:ff:ff:02"
		":00:5e:50:00:03:08:00 SRC=192.0.2.105 DST=192.0.2.255 LEN=78 TOS=0x0"
		"0 PREC=0x00",
		"1972-10-23T09:25:49~y @desk bad 147 PROTO=",
	},
	{
		"//\x09\x09TTL=128 ID=21157 PROTO=UDP SPT=137 DPT=137 LEN=58",
		"other",
	},
	{
		"> Oct 23 09:25:50 desk kernel: Q IN=eth0 OUT= MAC= SRC=192.0.2.105 D"
		"ST=192.0.2.255 LEN=78 TOS=0x00 PREC=0x00 TTL=128 ID=21157 PROTO=UDP "
		"SPT=137 DPT=137 LEN=58",
		"1972-10-23T09:25:50~y @desk hop log ip 'Q' eth0> 192.0.2.105>192.0.2"
		".255 p17 137>137 len78 ttl128 id21157",
	},
	{
		"| Oct 23 09:25:51 desk kernel: P IN=eth0 OUT= MAC= SRC=192.0.2.105 D"
		"ST=192.0.2.255 LEN=78 TOS=0x00 PREC=0x00 TTL=128 ID=21157 PROTO=UDP "
		"SPT=137 DPT=137 LEN=58",
		"1972-10-23T09:25:51~y @desk hop log ip 'P' eth0> 192.0.2.105>192.0.2"
		".255 p17 137>137 len78 ttl128 id21157",
	},
	{
		"+// nf_ct_proto_6: invalid rst IN=tun0 OUT= MAC= SRC=192.0.2.1 DST=1"
		"98.51.100.72 LEN=40 TOS=0x00 PREC=0x00 TTL=255 ID=0 PROTO=TCP SPT=34"
		"375 DPT=8080 SEQ=1 ACK=4162510439 WINDOW=257 RES=0x00 RST URGP=0",
		"hop log ip 'nf_ct_proto_6: invalid rst' tun0> 192.0.2.1>198.51.100.7"
		"2 p6 34375>8080 len40 ttl255 id0 f4 w257 s1 a4162510439 invalid",
	},
	{
		"      <programlisting>Dec 15 16:47:30 heath kernel: [17182740.184000"
		"] BW:IN=eth1 OUT= MAC= SRC=192.0.2.1 DST=255.255.255.255 LEN=328 TOS"
		"=0x00 PREC=0x00 TTL=64 ID=62081 PROTO=UDP SPT=67 DPT=68 LEN=308</pro"
		"gramlisting>",
		"1972-12-15T16:47:30~y up17182740184000us @heath hop log ip 'BW:' eth"
		"1> 192.0.2.1>255.255.255.255 p17 67>68 len328 ttl64 id62081",
	},
	{
		"[  1.000005] range IN=eth0 OUT= MAC= SRC=192.0.2.300 DST=192.0.2.1 L"
		"EN=28 TOS=0x00 PREC=0x00 TTL=64 ID=1 PROTO=UDP SPT=1 DPT=2 LEN=8",
		"up1000005us bad 41 an IPv4 or IPv6 address",
	},
	{
		"[  1.000006] range IN=eth0 OUT= MAC= SRC=192.0.2.3 DST=192.0.2.1 LEN"
		"=28 TOS=0x00 PREC=0x00 TTL=64 ID=1 PROTO=UDP SPT=70000 DPT=2 LEN=8",
		"up1000006us bad 117 a number within its limits",
	},
	{
		"[  1.000007] cut here IN=eth0 OUT= MAC= SRC=192.0.2.3 DST=192.0.2.1 "
		"LEN=40 TOS=0x00 PREC=0x00 TTL=64 ID=1 DF PROTO=TCP SPT=7 DPT=2 WIND",
		"up1000007us bad 135 the line up to URGP=",
	},
};
/* clang-format on */

static void prefixes_of_all_shapes(void **state)
{
	(void)state;
	CHECK_ROWS(prefixes);
}

static void damage_is_mended_or_refused(void **state)
{
	(void)state;
	CHECK_ROWS(damage);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prefixes_of_all_shapes),
		cmocka_unit_test(damage_is_mended_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
