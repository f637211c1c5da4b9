/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_assembly.c - which hops make one packet, and what became of it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "say.h"

/* A packet's headers: from, to, IP id, TTL, the rest. */
#define SYN(id, ttl, sport)                                                                        \
	"SRC=192.0.2.9 DST=198.51.100.7 LEN=60 TOS=0x00 PREC=0x00 TTL=" ttl " ID=" id              \
	" DF PROTO=TCP SPT=" sport " DPT=80 SEQ=" sport " ACK=0 WINDOW=64240 RES=0x00 SYN "        \
	"URGP=0 "
#define SYNACK(dst, ttl)                                                                           \
	"SRC=198.51.100.7 DST=" dst " LEN=60 TOS=0x00 PREC=0x00 TTL=" ttl                          \
	" ID=0 DF PROTO=TCP SPT=80 DPT=4001 SEQ=77 ACK=4002 WINDOW=64240 RES=0x00 ACK SYN "        \
	"URGP=0 "
#define IN	    "IN=lan0 OUT= MAC=02:00:00:00:00:01:02:00:00:00:00:02:08:00 "
#define FWD	    "IN=lan0 OUT=wan0 MAC=02:00:00:00:00:01:02:00:00:00:00:02:08:00 "
#define POST	    "IN= OUT=wan0 "
#define RIN	    "IN=wan0 OUT= MAC=02:00:00:00:00:03:02:00:00:00:00:04:08:00 "
#define RFWD	    "IN=wan0 OUT=lan0 MAC=02:00:00:00:00:03:02:00:00:00:00:04:08:00 "
#define RPOST	    "IN= OUT=lan0 "
#define T(at, what) "[" at "] TRACE: " what " "
#define WAY(at, id, sport)                                                                         \
	T(at "1", "raw:PREROUTING:policy:2")                                                       \
	IN SYN(id, "64", sport) "\n" T(at "2", "mangle:PREROUTING:policy:1") IN SYN(               \
		id, "64", sport) "\n" T(at "3", "nat:PREROUTING:policy:1") IN                      \
	SYN(id, "64", sport) "\n" T(at "4", "mangle:FORWARD:policy:1") FWD                         \
	SYN(id, "63", sport) "\n" T(at "5", "filter:FORWARD:rule:1") FWD                           \
	SYN(id, "63", sport) "\n" T(at "6", "mangle:POSTROUTING:policy:1") POST                    \
	SYN(id, "63", sport) "\n" T(at "7", "nat:POSTROUTING:rule:1") POST                         \
	SYN(id, "63", sport) "\n"
#define WAY_PATH                                                                                   \
	"raw:PREROUTING:policy:2 mangle:PREROUTING:policy:1 nat:PREROUTING:policy:1 "              \
	"mangle:FORWARD:policy:1 filter:FORWARD:rule:1 mangle:POSTROUTING:policy:1 "               \
	"nat:POSTROUTING:rule:1\n"

struct sample {
	const char *name, *log, *want;
};

/* An answer, as nft monitor trace prints it. */
#define NFT(chain, devices, dst, ip_id, dport)                                                     \
	"trace id aaaaaaaa ip t " chain " packet: " devices " ip saddr 198.51.100.7 ip daddr " dst \
	" ip dscp cs0 ip ecn not-ect ip ttl 64 ip id " ip_id                                       \
	" ip length 60 tcp sport 80 tcp dport " dport " tcp flags == 0x12 tcp window 64240\n"      \
	"trace id aaaaaaaa ip t " chain " verdict continue\n"                                      \
	"trace id aaaaaaaa ip t " chain " policy accept\n"

/* A datagram from a port to a host, and an answer, at their first and their last hook. */
#define ASK(at, id, src, sport, dst, ttl, hook, devices)                                           \
	T(at, hook ":policy:1")                                                                    \
	devices "SRC=" src " DST=" dst " LEN=30 TOS=0x00 PREC=0x00 TTL=" ttl " ID=" id             \
		" PROTO=UDP SPT=" sport " DPT=53 LEN=10 \n"
#define ASKED(at, id, src, dst, to)                                                                \
	ASK(at "1", id, src, "4001", dst, "64", "mangle:PREROUTING", IN)                           \
	ASK(at "2", id, src, "4001", to, "63", "mangle:FORWARD", FWD)                              \
	ASK(at "3", id, src, "4001", to, "63", "mangle:POSTROUTING", POST)
#define TOLD(at, id, dst, ttl, hook, devices)                                                      \
	T(at, hook ":policy:1")                                                                    \
	devices "SRC=198.51.100.7 DST=" dst " LEN=30 TOS=0x00 PREC=0x00 TTL=" ttl " ID=" id        \
		" PROTO=UDP SPT=53 DPT=4001 LEN=10 \n"
#define ANSWERED(at, id, to)                                                                       \
	TOLD(at "1", id, "203.0.113.1", "64", "mangle:PREROUTING", RIN)                            \
	TOLD(at "2", id, to, "63", "mangle:FORWARD", RFWD)                                         \
	TOLD(at "3", id, to, "63", "mangle:POSTROUTING", RPOST)
#define ASKED_PATH                                                                                 \
	"mangle:PREROUTING:policy:1 mangle:FORWARD:policy:1 mangle:POSTROUTING:policy:1\n"

/* clang-format off */
static const struct sample samples[] = {
	{ "two addresses of ours, translated to one host: two connections",
	  ASKED("    1.00000", "11", "192.0.2.9", "203.0.113.1", "198.51.100.7")
	  ASKED("    2.00000", "12", "192.0.2.9", "203.0.113.2", "198.51.100.7"),
	  "1 f1 there forwarded: " ASKED_PATH
	  "2 f2 there forwarded: " ASKED_PATH
	  "flow 1 one-way-trace 1/0 dst=198.51.100.7\n"
	  "flow 2 one-way-trace 1/0 dst=198.51.100.7\n" },
	{ "a translated port used again: answers are of whom they are turned back to",
	  ASKED("    1.00000", "11", "192.0.2.8", "198.51.100.7", "198.51.100.7")
	  ANSWERED("    1.10000", "21", "192.0.2.8")
	  ASKED("   41.00000", "12", "192.0.2.9", "198.51.100.7", "198.51.100.7")
	  ANSWERED("   41.10000", "22", "192.0.2.9"),
	  "1 f1 there forwarded: " ASKED_PATH
	  "2 f1 back forwarded: " ASKED_PATH
	  "3 f2 there forwarded: " ASKED_PATH
	  "4 f2 back forwarded: " ASKED_PATH
	  "flow 1 two-way 1/1 src=203.0.113.1\n"
	  "flow 2 two-way 1/1 src=203.0.113.1\n" },
	{ "one packet, seven hops", WAY("    1.00000", "11", "4001"),
	  "1 f1 there forwarded: " WAY_PATH
	  "flow 1 one-way-trace 1/0\n" },

	{ "two packets with the same 5-tuple and IP ID 0, a second apart",
	  WAY("    1.00000", "0", "4001") WAY("    2.00000", "0", "4001"),
	  "1 f1 there forwarded: " WAY_PATH
	  "2 f1 there forwarded: " WAY_PATH
	  "flow 1 one-way-trace 2/0\n" },

	{ "a line that is cut in the sequence number is no hop",
	  T("    1.000001", "raw:PREROUTING:policy:2") IN "SRC=192.0.2.9 DST=198.51.100.7 LEN=60 "
	  "TOS=0x00 PREC=0x00 TTL=64 ID=11 DF PROTO=TCP SPT=4001 DPT=80 SEQ=40\n"
	  T("    1.000002", "mangle:PREROUTING:policy:1") IN SYN("11", "64", "4001") "\n"
	  T("    1.000003", "nat:PREROUTING:policy:1") IN SYN("11", "64", "4001") "\n",
	  "1 f1 there lost after prerouting: mangle:PREROUTING:policy:1 nat:PREROUTING:policy:1\n"
	  "flow 1 stopped 1/0\n" },

	{ "the first of two equal packets was stopped, the second passed",
	  T("    1.000001", "raw:PREROUTING:policy:2") IN SYN("0", "64", "4001") "\n"
	  T("    1.000002", "mangle:PREROUTING:policy:1") IN SYN("0", "64", "4001") "\n"
	  T("    1.000003", "nat:PREROUTING:policy:1") IN SYN("0", "64", "4001") "\n"
	  T("    1.000004", "mangle:FORWARD:policy:1") FWD SYN("0", "63", "4001") "\n"
	  T("    1.000005", "filter:FORWARD:policy:3") FWD SYN("0", "63", "4001") "\n"
	  WAY("    2.00000", "0", "4001"),
	  "1 f1 there dropped: raw:PREROUTING:policy:2 mangle:PREROUTING:policy:1 "
	  "nat:PREROUTING:policy:1 mangle:FORWARD:policy:1 filter:FORWARD:policy:3\n"
	  "2 f1 there forwarded: " WAY_PATH
	  "flow 1 one-way-trace 2/0\n" },

	{ "the same without any clock",
	  "TRACE: raw:PREROUTING:policy:2 " IN SYN("0", "64", "4001") "\n"
	  "TRACE: mangle:PREROUTING:policy:1 " IN SYN("0", "64", "4001") "\n"
	  "TRACE: raw:PREROUTING:policy:2 " IN SYN("0", "64", "4001") "\n"
	  "TRACE: mangle:PREROUTING:policy:1 " IN SYN("0", "64", "4001") "\n"
	  "TRACE: mangle:FORWARD:policy:1 " FWD SYN("0", "63", "4001") "\n"
	  "TRACE: mangle:POSTROUTING:policy:1 " POST SYN("0", "63", "4001") "\n",
	  "1 f1 there unknown: raw:PREROUTING:policy:2 mangle:PREROUTING:policy:1\n"
	  "2 f1 there forwarded: raw:PREROUTING:policy:2 mangle:PREROUTING:policy:1 "
	  "mangle:FORWARD:policy:1 mangle:POSTROUTING:policy:1\n"
	  "flow 1 one-way-trace 2/0\n" },

	{ "without a rule set, filter alone: unknown",
	  T("    1.000001", "filter:FORWARD:rule:1") FWD SYN("9", "63", "4001") "\n",
	  "1 f1 there unknown: filter:FORWARD:rule:1\n"
	  "flow 1 unknown 1/0\n" },

	{ "filter is missing behind mangle, and was seen elsewhere: dropped in mangle",
	  WAY("    1.00000", "11", "4001")
	  T("    2.000001", "raw:PREROUTING:policy:2") IN SYN("12", "64", "4002") "\n"
	  T("    2.000002", "mangle:PREROUTING:policy:1") IN SYN("12", "64", "4002") "\n"
	  T("    2.000003", "mangle:FORWARD:rule:2") FWD SYN("12", "63", "4002") "\n",
	  "1 f1 there forwarded: " WAY_PATH
	  "2 f2 there dropped: raw:PREROUTING:policy:2 mangle:PREROUTING:policy:1 "
	  "mangle:FORWARD:rule:2\n"
	  "flow 1 one-way-trace 1/0\nflow 2 stopped 1/0\n" },

	{ "nat's policy accepted, nothing behind: lost after PREROUTING",
	  T("    2.000001", "raw:PREROUTING:policy:2") IN SYN("12", "64", "4002") "\n"
	  T("    2.000002", "mangle:PREROUTING:policy:1") IN SYN("12", "64", "4002") "\n"
	  T("    2.000003", "nat:PREROUTING:policy:1") IN SYN("12", "64", "4002") "\n",
	  "1 f1 there lost after prerouting: raw:PREROUTING:policy:2 "
	  "mangle:PREROUTING:policy:1 nat:PREROUTING:policy:1\n"
	  "flow 1 stopped 1/0\n" },

	{ "a rule of nat was last: routing or the rule, unknown",
	  T("    2.000001", "raw:PREROUTING:policy:2") IN SYN("12", "64", "4002") "\n"
	  T("    2.000002", "mangle:PREROUTING:policy:1") IN SYN("12", "64", "4002") "\n"
	  T("    2.000003", "nat:PREROUTING:rule:1") IN SYN("12", "64", "4002") "\n",
	  "1 f1 there unknown: raw:PREROUTING:policy:2 mangle:PREROUTING:policy:1 "
	  "nat:PREROUTING:rule:1\n"
	  "flow 1 unknown 1/0\n" },

	{ "the same across a loss: unknown",
	  T("    2.000001", "raw:PREROUTING:policy:2") IN SYN("12", "64", "4002") "\n"
	  T("    2.000002", "mangle:PREROUTING:policy:1") IN SYN("12", "64", "4002") "\n"
	  T("    2.000003", "nat:PREROUTING:policy:1") IN SYN("12", "64", "4002") "\n"
	  "Nov 22 15:10:35 gw systemd-journald[321]: Missed 57 kernel messages\n",
	  "1 f1 there unknown: raw:PREROUTING:policy:2 mangle:PREROUTING:policy:1 "
	  "nat:PREROUTING:policy:1\n"
	  "flow 1 unknown 1/0\n" },

	{ "the input ends in the middle of a line: unknown",
	  T("    2.000001", "raw:PREROUTING:policy:2") IN SYN("12", "64", "4002") "\n"
	  T("    2.000002", "mangle:PREROUTING:policy:1") IN SYN("12", "64", "4002") "\n"
	  T("    2.000003", "nat:PREROUTING:policy:1") IN SYN("12", "64", "4002") "\n"
	  T("    2.000004", "mangle:FORWARD:policy:1") "IN=lan0 OUT=wan0 SRC=192.0.2.9 DST=198",
	  "1 f1 there unknown: raw:PREROUTING:policy:2 mangle:PREROUTING:policy:1 "
	  "nat:PREROUTING:policy:1\n"
	  "flow 1 unknown 1/0\n" },

	{ "a LOG line joins the trace of its packet; a lone one does not",
	  "[    1.000001] seen: " IN SYN("21", "64", "4001") "\n"
	  "[    3.000001] seen: " IN SYN("22", "64", "4001") "\n"
	  T("    3.000002", "raw:PREROUTING:policy:3") IN SYN("22", "64", "4001") "\n"
	  T("    3.000003", "mangle:PREROUTING:policy:1") IN SYN("22", "64", "4001") "\n"
	  T("    3.000004", "mangle:FORWARD:policy:1") FWD SYN("22", "63", "4001") "\n"
	  "[    3.000005] fwd: " FWD SYN("22", "63", "4001") "\n"
	  T("    3.000006", "mangle:POSTROUTING:policy:1") POST SYN("22", "63", "4001") "\n",
	  "1 f1 there unknown: log\n"
	  "2 f1 there forwarded: log raw:PREROUTING:policy:3 mangle:PREROUTING:policy:1 "
	  "mangle:FORWARD:policy:1 log mangle:POSTROUTING:policy:1\n"
	  "flow 1 one-way-trace 2/0\n" },

	{ "an answer to a masqueraded address is turned back: one flow",
	  WAY("    1.00000", "11", "4001")
	  T("    1.100001", "raw:PREROUTING:policy:2") RIN SYNACK("203.0.113.1", "60") "\n"
	  T("    1.100002", "mangle:PREROUTING:policy:1") RIN SYNACK("203.0.113.1", "60") "\n"
	  T("    1.100003", "mangle:FORWARD:policy:1") RFWD SYNACK("192.0.2.9", "59") "\n"
	  T("    1.100004", "filter:FORWARD:rule:2") RFWD SYNACK("192.0.2.9", "59") "\n"
	  T("    1.100005", "mangle:POSTROUTING:policy:1") RPOST SYNACK("192.0.2.9", "59") "\n",
	  "1 f1 there forwarded: " WAY_PATH
	  "2 f1 back forwarded: raw:PREROUTING:policy:2 mangle:PREROUTING:policy:1 "
	  "mangle:FORWARD:policy:1 filter:FORWARD:rule:2 mangle:POSTROUTING:policy:1\n"
	  "flow 1 two-way 1/1 src=203.0.113.1\n" },

	{ "an answer that comes and is dropped",
	  WAY("    1.00000", "11", "4001")
	  T("    1.100001", "raw:PREROUTING:policy:2") RIN SYNACK("192.0.2.9", "60") "\n"
	  T("    1.100002", "mangle:PREROUTING:policy:1") RIN SYNACK("192.0.2.9", "60") "\n"
	  T("    1.100003", "mangle:FORWARD:policy:1") RFWD SYNACK("192.0.2.9", "59") "\n"
	  T("    1.100004", "filter:FORWARD:policy:3") RFWD SYNACK("192.0.2.9", "59") "\n",
	  "1 f1 there forwarded: " WAY_PATH
	  "2 f1 back dropped: raw:PREROUTING:policy:2 mangle:PREROUTING:policy:1 "
	  "mangle:FORWARD:policy:1 filter:FORWARD:policy:3\n"
	  "flow 1 reply-stopped 1/1\n" },

	{ "a chain that is jumped to, and back; a mark on the way",
	  T("    1.000001", "filter:FORWARD:rule:3") FWD SYN("5", "63", "4001") "\n"
	  T("    1.000002", "filter:GUARD:rule:2") FWD SYN("5", "63", "4001") "\n"
	  T("    1.000003", "filter:WEB:return:4") FWD SYN("5", "63", "4001") "\n"
	  T("    1.000004", "filter:GUARD:return:3") FWD SYN("5", "63", "4001") "\n"
	  T("    1.000005", "filter:FORWARD:rule:4") FWD SYN("5", "63", "4001") "\n"
	  T("    1.000006", "mangle:POSTROUTING:policy:1") POST SYN("5", "63", "4001") "MARK=0x7 \n",
	  "1 f1 there forwarded: filter:FORWARD:rule:3 filter:GUARD:rule:2 filter:WEB:return:4 "
	  "filter:GUARD:return:3 filter:FORWARD:rule:4 mangle:POSTROUTING:policy:1\n"
	  "flow 1 one-way-trace 1/0\n" },

	{ "a broken line may be the next hop of a packet near it",
	  T("    1.000001", "raw:PREROUTING:policy:2") IN SYN("11", "64", "4001") "\n"
	  T("    1.000002", "nat:PREROUTING:policy:1") IN SYN("11", "64", "4001") "\n"
	  T("    2.000001", "raw:PREROUTING:policy:2") IN SYN("12", "64", "4002") "\n"
	  T("    2.000002", "nat:PREROUTING:policy:1") IN SYN("12", "64", "4002") "\n"
	  T("    2.000003", "filter:FORWARD:policy:3") FWD "SRC=192.0.2.9 DST=198.5\n"
	  WAY("    3.00000", "13", "4003"),
	  "1 f1 there lost after prerouting: raw:PREROUTING:policy:2 nat:PREROUTING:policy:1\n"
	  "2 f2 there unknown: raw:PREROUTING:policy:2 nat:PREROUTING:policy:1\n"
	  "3 f3 there forwarded: " WAY_PATH
	  "flow 1 stopped 1/0\nflow 2 unknown 1/0\nflow 3 one-way-trace 1/0\n" },

	{ "by lo: out and in again is one packet",
	  T("    1.000001", "raw:OUTPUT:policy:2") "IN= OUT=lo " SYN("5", "64", "4001") "\n"
	  T("    1.000002", "filter:OUTPUT:policy:1") "IN= OUT=lo " SYN("5", "64", "4001") "\n"
	  T("    1.000003", "nat:POSTROUTING:policy:1") "IN= OUT=lo " SYN("5", "64", "4001") "\n"
	  T("    1.000004", "raw:PREROUTING:policy:2") "IN=lo OUT= MAC=00:00:00:00:00:00:00:00:00:00:00:00:08:00 " SYN("5", "64", "4001") "\n"
	  T("    1.000005", "filter:INPUT:policy:1") "IN=lo OUT= MAC=00:00:00:00:00:00:00:00:00:00:00:00:08:00 " SYN("5", "64", "4001") "\n"
	  T("    1.000006", "nat:INPUT:policy:1") "IN=lo OUT= MAC=00:00:00:00:00:00:00:00:00:00:00:00:08:00 " SYN("5", "64", "4001") "\n",
	  "1 f1 there delivered: raw:OUTPUT:policy:2 filter:OUTPUT:policy:1 "
	  "nat:POSTROUTING:policy:1 raw:PREROUTING:policy:2 filter:INPUT:policy:1 nat:INPUT:policy:1\n"
	  "flow 1 one-way-trace 1/0\n" },

	{ "a TEE copy in the middle of the original (formats.md 2.4)",
	  T("    1.000001", "raw:PREROUTING:policy:2") IN SYN("5", "64", "4001") "\n"
	  T("    1.000002", "mangle:PREROUTING:rule:1") IN SYN("5", "64", "4001") "\n"
	  T("    1.000003", "raw:OUTPUT:policy:1") "IN= OUT=mon0 " SYN("5", "63", "4001") "\n"
	  T("    1.000004", "mangle:POSTROUTING:policy:1") "IN=mon0 OUT=mon0 MAC= " SYN("5", "63", "4001") "\n"
	  T("    1.000005", "mangle:PREROUTING:policy:2") IN SYN("5", "64", "4001") "\n"
	  T("    1.000006", "mangle:FORWARD:policy:1") FWD SYN("5", "63", "4001") "\n"
	  T("    1.000007", "mangle:POSTROUTING:policy:1") POST SYN("5", "63", "4001") "\n",
	  "2 f1 there sent: raw:OUTPUT:policy:1 mangle:POSTROUTING:policy:1\n"
	  "1 f1 there forwarded: raw:PREROUTING:policy:2 mangle:PREROUTING:rule:1 "
	  "mangle:PREROUTING:policy:2 mangle:FORWARD:policy:1 mangle:POSTROUTING:policy:1\n"
	  "flow 1 one-way-trace 2/0\n" },

	{ "conntrack calls a packet invalid between raw and mangle",
	  T("    1.000001", "raw:PREROUTING:policy:2") IN SYN("5", "64", "4001") "\n"
	  "[    1.000002] nf_ct_proto_6: invalid new " IN SYN("5", "64", "4001") "\n"
	  T("    1.000003", "mangle:PREROUTING:policy:1") IN SYN("5", "64", "4001") "\n"
	  T("    1.000004", "mangle:FORWARD:policy:1") FWD SYN("5", "63", "4001") "\n"
	  T("    1.000005", "mangle:POSTROUTING:policy:1") POST SYN("5", "63", "4001") "\n",
	  "1 f1 there forwarded: raw:PREROUTING:policy:2 log mangle:PREROUTING:policy:1 "
	  "mangle:FORWARD:policy:1 mangle:POSTROUTING:policy:1\n"
	  "flow 1 one-way-trace 1/0\n" },

	{ "the connection table is full: the kernel lost it, no rule did",
	  T("    1.000001", "raw:PREROUTING:policy:2") IN SYN("5", "64", "4001") "\n"
	  "[    1.000002] nf_conntrack: nf_conntrack: table full, dropping packet\n"
	  T("    2.000001", "mangle:FORWARD:policy:1") FWD SYN("6", "63", "4002") "\n"
	  T("    2.000002", "mangle:POSTROUTING:policy:1") POST SYN("6", "63", "4002") "\n",
	  "1 f1 there lost after prerouting: raw:PREROUTING:policy:2\n"
	  "2 f2 there forwarded: mangle:FORWARD:policy:1 mangle:POSTROUTING:policy:1\n"
	  "flow 1 stopped 1/0\nflow 2 one-way-trace 1/0\n" },

	{ "a repeated LOG line is another packet each time",
	  "Nov 22 15:10:35 gw kernel: drop: " IN SYN("0", "64", "4001") "\n"
	  "Nov 22 15:10:35 gw last message repeated 2 times\n",
	  "1 f1 there unknown: log\n2 f1 there unknown: log\n3 f1 there unknown: log\n"
	  "flow 1 unknown 3/0\n" },

	{ "two hosts in one log do not share packets",
	  "Nov 22 15:10:35 a kernel: [    1.000001] TRACE: raw:PREROUTING:policy:2 " IN SYN("5", "64", "4001") "\n"
	  "Nov 22 15:10:35 b kernel: [    1.000002] TRACE: mangle:PREROUTING:policy:1 " IN SYN("5", "64", "4001") "\n",
	  "1 f1 there unknown: raw:PREROUTING:policy:2\n2 f2 there unknown: mangle:PREROUTING:policy:1\n"
	  "flow 1 unknown 1/0\nflow 2 unknown 1/0\n" },

	/* the answer is told twice and moves in its second row; 4003 gets the place that row had */
	{ "a RST answers the packet that is open, not the one in its place",
	  "TRACE: raw:PREROUTING:policy:2 " IN SYN("11", "64", "4001") "\n"
	  "TRACE: raw:PREROUTING:policy:2 " RIN SYNACK("203.0.113.5", "64") "\n"
	  NFT("pre", "iif \"wan0\"", "203.0.113.5", "0", "4001")
	  NFT("fwd", "iif \"wan0\" oif \"lan0\"", "192.0.2.9", "0", "4001")
	  NFT("pre", "iif \"wan0\"", "203.0.113.5", "12", "4002")
	  "TRACE: raw:PREROUTING:policy:2 " IN SYN("13", "64", "4003") "\n"
	  "TRACE: filter:FORWARD:rule:1 " FWD SYN("13", "63", "4003") "\n"
	  "TRACE: raw:OUTPUT:policy:2 " POST "SRC=203.0.113.5 DST=198.51.100.7 LEN=40 TOS=0x00 "
	  "PREC=0x00 TTL=64 ID=0 DF PROTO=TCP SPT=4001 DPT=80 SEQ=0 ACK=1 WINDOW=0 RES=0x00 "
	  "ACK RST URGP=0 \n",
	  "2 f1 back unknown: t:pre:return t:pre:policy t:fwd:return t:fwd:policy "
	  "raw:PREROUTING:policy:2\n"
	  "1 f1 there unknown: raw:PREROUTING:policy:2\n"
	  "3 f2 there unknown: t:pre:return t:pre:policy\n"
	  "4 f3 there unknown: raw:PREROUTING:policy:2 filter:FORWARD:rule:1\n"
	  "5 f1 there dropped: raw:OUTPUT:policy:2\n"
	  "flow 1 stopped 2/1 src=203.0.113.5\n"
	  "flow 2 unknown 1/0\n"
	  "flow 3 unknown 1/0\n" },
};
/* clang-format on */

static void test_samples(void **state)
{
	char buf[SAY_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		const char *got = say_log(samples[i].log, NULL, buf);

		if (strcmp(got, samples[i].want))
			print_error("%s\n", samples[i].name);
		assert_string_equal(got, samples[i].want);
	}
}

/* Eight packets, their lines dealt out one by one. */
static void test_interleaved(void **state)
{
	static const char *const ways[] = {
		WAY("    1.00000", "11", "4001"), WAY("    1.00000", "12", "4002"),
		WAY("    1.00000", "0", "4003"),  WAY("    1.00000", "0", "4004"),
		WAY("    1.00000", "15", "4005"), WAY("    1.00000", "16", "4006"),
		WAY("    1.00000", "17", "4007"), WAY("    1.00000", "18", "4008"),
	};
	const char *at[8];
	char log[32768] = "", buf[SAY_SIZE], want[SAY_SIZE] = "", line[512];
	size_t n = 0, w = 0;

	(void)state;
	memcpy(at, ways, sizeof(at));
	for (int hop = 0; hop < 7; hop++)
		for (int k = 0; k < 8; k++) {
			size_t len = strcspn(at[k], "\n") + 1;

			memcpy(log + n, at[k], len);
			n += len;
			at[k] += len;
		}
	log[n] = '\0';
	for (int k = 1; k <= 8; k++) {
		snprintf(line, sizeof(line), "%d f%d there forwarded: " WAY_PATH, k, k);
		memcpy(want + w, line, strlen(line));
		w += strlen(line);
	}
	want[w] = '\0';
	say_log(log, NULL, buf);
	assert_memory_equal(buf, want, w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_interleaved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
