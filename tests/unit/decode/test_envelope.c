// SPDX-License-Identifier: GPL-2.0-or-later
/* test_envelope.c - every framing (formats.md section 7): host, stamp, and what is left */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "show.h"

#define PACKET                                                                                     \
	" IN= OUT=lo SRC=127.0.0.1 DST=127.0.0.1 LEN=28 TOS=0x00 PREC=0x00 TTL=64 ID="             \
	"3 PROTO=UDP SPT=5 DPT=6 LEN=8 "
#define SEEN " >lo 127.0.0.1>127.0.0.1 p17 5>6 len28 ttl64 id3"

/* clang-format off */
static const struct row envelopes[] = {
	{
		"Mar  8 21:16:30 gw1 kernel: [WAN_LOCAL-default-D]" PACKET,
		"1972-03-08T21:16:30~y @gw1 hop log ip '[WAN_LOCAL-default-D]'" SEEN,
	},
	{
		"Mar 8 21:16:31 gw1 kernel: [ 2895.050119] TRACE: raw:OUTPUT:policy:2" PACKET,
		"1972-03-08T21:16:31~y up2895050119us @gw1 hop policy ip raw:OUTPUT:2" SEEN,
	},
	{
		"Mar 08 21:16:32 gw1 kernel: TRACE: raw:OUTPUT:policy:2" PACKET,
		"1972-03-08T21:16:32~y @gw1 hop policy ip raw:OUTPUT:2" SEEN,
	},
	{
		" Jul 20 11:28:40 lab kernel: [ 7606.531051] TRACE: nat:PREROUTING:ru"
		"le:1" PACKET,
		"1972-07-20T11:28:40~y up7606531051us @lab hop rule ip nat:PREROUTING"
		":1" SEEN,
	},
	{
		"Sep 17 14:22:35 kernel: [bri-lab-fwd-22-D]" PACKET,
		"1972-09-17T14:22:35~y hop log ip '[bri-lab-fwd-22-D]'" SEEN,
	},
	{
		"Feb 21 23:26:51 192.0.2.1 kernel: DROP" PACKET,
		"1972-02-21T23:26:51~y @192.0.2.1 hop log ip 'DROP'" SEEN,
	},
	{
		"Jun 13 23:29:15 dream dream [WAN_LOCAL-D-2147483647] DESCR=\"[WAN_LO"
		"CAL]Block All\"" PACKET,
		"1972-06-13T23:29:15~y @dream hop log ip '[WAN_LOCAL-D-2147483647] DE"
		"SCR=\"[WAN_LOCAL]Block All\"'" SEEN,
	},
	{
		"Jun 28 04:35:30 probe-a1 [EXAMPLE-77-A]" PACKET,
		"1972-06-28T04:35:30~y @probe-a1 hop log ip '[EXAMPLE-77-A]'" SEEN,
	},
	{
		"Aug  3 11:07:33 relay" PACKET,
		"1972-08-03T11:07:33~y @relay hop log ip ''" SEEN,
	},
	{
		"Jan  8 03:37:09 DENY:" PACKET,
		"1972-01-08T03:37:09~y hop log ip 'DENY:'" SEEN,
	},
	{
		"21:37:40 edge kernel: [832161.057782] GUARD" PACKET,
		"1972-01-01T21:37:40~y~d up832161057782us @edge hop log ip 'GUARD'" SEEN,
	},
	{
		"Apr 1811:50:23 stack kernel: [1038991.870882] TRACE: raw:PREROUTING:"
		"policy:2" PACKET,
		"1972-04-18T11:50:23~y up1038991870882us @stack hop policy ip raw:PRE"
		"ROUTING:2" SEEN,
	},
	{
		"kernel: [ 7018.727278] TRACE: filter:INPUT:policy:1" PACKET,
		"up7018727278us hop policy ip filter:INPUT:1" SEEN,
	},
	{
		"2021-03-12T14:10:18Z edge kernel: [wan-lan-D]" PACKET,
		"2021-03-12T14:10:18+0 @edge hop log ip '[wan-lan-D]'" SEEN,
	},
	{
		"2015-03-07T05:09:30.045015+02:00 edge kernel: DROP:" PACKET,
		"2015-03-07T03:09:30.045015+120 @edge hop log ip 'DROP:'" SEEN,
	},
	{
		"2018-08-11T16:21:09.503819+09:30 garden kernel: [103105.328637] ADL" PACKET,
		"2018-08-11T06:51:09.503819+570 up103105328637us @garden hop log ip '"
		"ADL'" SEEN,
	},
	{
		"2014-05-12 14:33:55 edge warning.kernel: DROP" PACKET,
		"2014-05-12T14:33:55 @edge hop log ip 'DROP'" SEEN,
	},
	{
		"2018-03-15T16:10:11.397Z        maint.example.com       OUT-unknown:" PACKET,
		"2018-03-15T16:10:11.397+0 @maint.example.com hop log ip 'OUT-unknown"
		":'" SEEN,
	},
	{
		"2022-07-12T09:01:27.345918+00:00 jam kernel: [ 1269.733882]" PACKET,
		"2022-07-12T09:01:27.345918+0 up1269733882us @jam hop log ip ''" SEEN,
	},
	{
		"<161>Oct 10 07:25:12 edge kernel: [wan-lan-D]" PACKET,
		"1972-10-10T07:25:12~y @edge hop log ip '[wan-lan-D]'" SEEN,
	},
	{
		"<6>2021-03-12T14:10:18Z edge kernel: [wan-lan-D]" PACKET,
		"2021-03-12T14:10:18+0 @edge hop log ip '[wan-lan-D]'" SEEN,
	},
	{
		"<4> 2017 Oct  3 18:03:49.241708 box kernel: year first" PACKET,
		"2017-10-03T18:03:49.241708 @box hop log ip 'year first'" SEEN,
	},
	{
		"<6>[ 5739.482168] WRAP" PACKET,
		"up5739482168us hop log ip 'WRAP'" SEEN,
	},
	{
		"<174>1 2003-08-24T05:14:15+00:00 - - - - -" PACKET,
		"2003-08-24T05:14:15+0 hop log ip ''" SEEN,
	},
	{
		"<4>1 2026-11-22T15:10:35.043576+00:00 vm kernel - - [meta@0 seq=\"9"
		"\" x=\"a]b\\\"c\"] [ 2018.110717] TRACE: filter:FORWARD:rule:4" PACKET,
		"2026-11-22T15:10:35.043576+0 up2018110717us @vm hop rule ip filter:F"
		"ORWARD:4" SEEN,
	},
	{
		"Jun  4 09:24:12 alp kern.warn kernel: [  152.014434] lan" PACKET,
		"1972-06-04T09:24:12~y up152014434us @alp hop log ip 'lan'" SEEN,
	},
	{
		"kern.info: Oct 12 10:50:34 smart kernel: \"dropped:\"" PACKET,
		"1972-10-12T10:50:34~y @smart hop log ip '\"dropped:\"'" SEEN,
	},
	{
		"Mon Mar 23 13:16:49 2026 kern.warn kernel: [311423.870453] reject wa"
		"n in:" PACKET,
		"2026-03-23T13:16:49 up311423870453us hop log ip 'reject wan in:'" SEEN,
	},
	{
		"27. 01. 2024 09:02:51 notice kernel[]: [824349.462488] lan1" PACKET,
		"2024-01-27T09:02:51 up824349462488us hop log ip 'lan1'" SEEN,
	},
	{
		"11\xe6\x9c\x88 15 14:30:53 tokyo kernel: [UFW BLOCK]" PACKET,
		"1972-11-15T14:30:53~y @tokyo hop log ip '[UFW BLOCK]'" SEEN,
	},
	{
		"jul 26 19:12:35 lyra kernel: NFT_DROP:" PACKET,
		"1972-07-26T19:12:35~y @lyra hop log ip 'NFT_DROP:'" SEEN,
	},
	{
		"M\xc3\xa4r 02 01:02:03 bonn kernel: de" PACKET,
		"1972-03-02T01:02:03~y @bonn hop log ip 'de'" SEEN,
	},
	{
		"f\xc3\xa9vr. 02 01:02:03 lyon kernel: fr" PACKET,
		"1972-02-02T01:02:03~y @lyon hop log ip 'fr'" SEEN,
	},
	{
		"ago 02 01:02:03 roma kernel: it" PACKET,
		"1972-08-02T01:02:03~y @roma hop log ip 'it'" SEEN,
	},
	{
		"-- Logs begin at Tue 2023-02-28 05:48:43 CST, end at Thu 2023-03-02 "
		"13:56:16 CST. --",
		"other",
	},
	{
		"1706444158 shield kernel:[81448.170206]  INPUTX" PACKET,
		"2024-01-28T12:15:58+0 up81448170206us @shield hop log ip 'INPUTX'" SEEN,
	},
	{
		"1795359653.182140 vm kernel: unix" PACKET,
		"2026-11-22T15:00:53.182140+0 @vm hop log ip 'unix'" SEEN,
	},
	{
		"Sun 2026-11-22 15:00:53 UTC vm kernel: full" PACKET,
		"2026-11-22T15:00:53+0 @vm hop log ip 'full'" SEEN,
	},
	{
		"[ 1788.019000] vm kernel: monotonic" PACKET,
		"up1788019000us @vm hop log ip 'monotonic'" SEEN,
	},
	{
		"[ 1788.020340 <    0.001340 >] vm kernel: delta" PACKET,
		"up1788020340us @vm hop log ip 'delta'" SEEN,
	},
	{
		"[50028442.088484] big" PACKET,
		"up50028442088484us hop log ip 'big'" SEEN,
	},
	{
		"[157340.932724@5] cpu" PACKET,
		"up157340932724us hop log ip 'cpu'" SEEN,
	},
	{
		"[  601.749973][    C1] caller" PACKET,
		"up601749973us hop log ip 'caller'" SEEN,
	},
	{
		"[  601.749974][  T123] caller" PACKET,
		"up601749974us hop log ip 'caller'" SEEN,
	},
	{
		"[Thu Apr 23 21:55:11 2020] TRACE: nat:OUTPUT:policy:1" PACKET,
		"2020-04-23T21:55:11 hop policy ip nat:OUTPUT:1" SEEN,
	},
	{
		"[Apr12 17:17] something else",
		"1972-04-12T17:17:00~y other",
	},
	{
		"[  +0.000004] rel" PACKET,
		"+4us hop log ip 'rel'" SEEN,
	},
	{
		"2026-11-22T15:12:10,303698+00:00 DROP" PACKET,
		"2026-11-22T15:12:10.303698+0 hop log ip 'DROP'" SEEN,
	},
	{
		"kern  :warn  : [ 2198.303698] dmesg-x" PACKET,
		"up2198303698us hop log ip 'dmesg-x'" SEEN,
	},
	{
		"6,1234,5678,-;open:bypass:box-1:" PACKET,
		"up5678us #1234 hop log ip 'open:bypass:box-1:'" SEEN,
	},
	{
		"4,1235,5679,-,caller=T77;a\\x5cb\\x09" PACKET,
		"up5679us #1235 hop log ip 'a\\b'" SEEN,
	},
	{
		" SUBSYSTEM=net",
		"other",
	},
	{
		"12,1236,5680,-;TRACE: raw:PREROUTING:rule:1" PACKET,
		"up5680us #1236 other",
	},
	{
		"101 1 tap101i0-IN 20/Jun/2022:13:12:46 +0200 REJECT:" PACKET,
		"2022-06-20T11:12:46+120 hop log ip 'REJECT:'" SEEN,
	},
	{
		"Feb 17 21:10:31 mars kernel[152] SID1768 ESTAB" PACKET,
		"1972-02-17T21:10:31~y @mars hop log ip 'SID1768 ESTAB'" SEEN,
	},
	{
		"kern.log.1:Mar 17 13:39:13 edge kernel: [956932.522957] DROP" PACKET,
		"1972-03-17T13:39:13~y up956932522957us @edge hop log ip 'DROP'" SEEN,
	},
	{
		"kern.log:12:Mar 17 13:39:13 edge kernel: DROP" PACKET,
		"1972-03-17T13:39:13~y @edge hop log ip 'DROP'" SEEN,
	},
	{
		"dmesg.txt:12:[  956.522957] TRACE: raw:OUTPUT:policy:1" PACKET,
		"up956522957us hop policy ip raw:OUTPUT:1" SEEN,
	},
	{
		"12:Mar 17 13:39:13 edge kernel: DROP" PACKET,
		"1972-03-17T13:39:13~y @edge hop log ip 'DROP'" SEEN,
	},
	{
		"    12\tMar 17 13:39:13 edge kernel: [956932.522957] DROP" PACKET,
		"1972-03-17T13:39:13~y up956932522957us @edge hop log ip 'DROP'" SEEN,
	},
	{
		"  2019\tMar 17 13:39:13 edge kernel: DROP" PACKET,
		"1972-03-17T13:39:13~y @edge hop log ip 'DROP'" SEEN,
	},
	{
		"  12 [  956.522957] DROP" PACKET,
		"up956522957us hop log ip 'DROP'" SEEN,
	},
	{
		"12 DROP" PACKET,
		"hop log ip '12 DROP'" SEEN,
	},
	{
		"\"2026-03-17\",\"edge\",\"TRACE: raw:OUTPUT:policy:1" PACKET "\"",
		"hop policy ip raw:OUTPUT:1" SEEN,
	},
	{
		"NOTRACE: raw:OUTPUT:policy:1" PACKET,
		"hop log ip 'NOTRACE: raw:OUTPUT:policy:1'" SEEN,
	},
	{
		"Mar 17 13:39:13 edge kernel: ours TRACE: raw:OUTPUT:policy:1" PACKET,
		"1972-03-17T13:39:13~y @edge hop log ip 'ours TRACE: raw:OUTPUT:policy:1'" SEEN,
	},
	{
		"Mar 17 13:39:14 edge sshd[5]: Accepted publickey for root",
		"other",
	},
	{
		"Oct  3 2019 18:03:49 box kernel: year after" PACKET,
		"2019-10-03T18:03:49 @box hop log ip 'year after'" SEEN,
	},
	{
		"Dez 24 18:00:00 heim kernel: de" PACKET,
		"1972-12-24T18:00:00~y @heim hop log ip 'de'" SEEN,
	},
	{
		"ao\xc3\xbbt 24 18:00:00 lyon kernel: fr" PACKET,
		"1972-08-24T18:00:00~y @lyon hop log ip 'fr'" SEEN,
	},
	{
		"Mai 24 18:00:00 heim kernel: de" PACKET,
		"1972-05-24T18:00:00~y @heim hop log ip 'de'" SEEN,
	},
	{
		"set 24 18:00:00 porto kernel: pt" PACKET,
		"1972-09-24T18:00:00~y @porto hop log ip 'pt'" SEEN,
	},
	{
		"Feb 30 25:00:00 host kernel: no such time" PACKET,
		"hop log ip 'Feb 30 25:00:00 host kernel: no such time'" SEEN,
	},
	{
		"1971-13-01T00:00:00Z host kernel: no such month" PACKET,
		"hop log ip '1971-13-01T00:00:00Z host kernel: no such month'" SEEN,
	},
	{
		"[<    0.000148>] no stamp" PACKET,
		"+148us hop log ip 'no stamp'" SEEN,
	},
	{
		"Jan  1 00:00:00 host app[7]: other tag" PACKET,
		"1972-01-01T00:00:00~y @host hop log ip 'app[7]: other tag'" SEEN,
	},
	{
		"Jan  1 00:00:00 host ulogd[7]: its tag" PACKET,
		"1972-01-01T00:00:00~y @host hop log ip 'its tag'" SEEN,
	},
	{
		"[   12.5] [  13.5] own bracket" PACKET,
		"up12500000us hop log ip '[  13.5] own bracket'" SEEN,
	},
	{
		"[Apr12 17:18] top of the minute" PACKET,
		"1972-04-12T17:18:00~y hop log ip 'top of the minute'" SEEN,
	},
	{
		"2024-02-29T23:59:60-08:00 leap kernel: second" PACKET,
		"2024-03-01T08:00:00-480 @leap hop log ip 'second'" SEEN,
	},
};
/* clang-format on */

static void all_framings(void **state)
{
	(void)state;
	CHECK_ROWS(envelopes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_framings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
