// SPDX-License-Identifier: GPL-2.0-or-later
/* test_note.c - notes, gaps, repetitions, and lines that only look like them */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "show.h"

/* clang-format off */
static const struct row notes[] = {
	{
		"[   10.000001] IPv4: martian source 192.0.2.2 from 203.0.113.1, on d"
		"ev r0",
		"up10000001us note 0 203.0.113.1>192.0.2.2 r0",
	},
	{
		"[   10.000002] ll header: 00000000: 02 00 5e 60 00 01 02 00 5e 60 00"
		" 02 08 00        ..^`....^`....",
		"up10000002us other",
	},
	{
		"[   10.000003] IPv4: martian destination 127.0.9.1 from 192.0.2.2, d"
		"ev r0",
		"up10000003us note 1 192.0.2.2>127.0.9.1 r0",
	},
	{
		"kernel: IPv4: martian source (src=192.0.2.1, dst=255.255.255.255, de"
		"v=enp1s0)",
		"note 0 192.0.2.1>255.255.255.255 enp1s0",
	},
	{
		"Feb  9 17:23:45 gw kernel: martian source 192.0.2.176 from 198.51.10"
		"0.116, on dev eth1 ",
		"1972-02-09T17:23:45~y @gw note 0 198.51.100.116>192.0.2.176 eth1",
	},
	{
		"Feb  9 17:23:45 gw kernel: ll header: 02:00:5e:60:00:01:02:00:5e:60:"
		"00:02:08:00",
		"other",
	},
	{
		"kernel: IPv4: martian source (src=x.x.x.1, dst=255.255.255.255, dev="
		"enp1s0)",
		"bad 34 an IPv4 address",
	},
	{
		"kernel: net_ratelimit: 50 callbacks suppressed",
		"note 7 lost50",
	},
	{
		"[   10.000004] printk: 7 messages suppressed.",
		"up10000004us note 7 lost7",
	},
	{
		"[   10.000005] printk: python3: 3990 output lines suppressed due to "
		"ratelimiting",
		"up10000005us other",
	},
	{
		"Mar  1 10:00:00 gw systemd-journald[321]: Suppressed 23 messages fro"
		"m foo.service",
		"other",
	},
	{
		"kernel: [1694413.644132] nf_conntrack: nf_conntrack: table full, dro"
		"pping packet",
		"up1694413644132us note 2",
	},
	{
		"kernel: nf_conntrack: table full, dropping packet.",
		"note 2",
	},
	{
		"kernel: ip_conntrack: table full, dropping packet.",
		"note 2",
	},
	{
		"[   10.000006] nf_conntrack: nf_conntrack: table full in netns 40265"
		"32345, dropping packet",
		"up10000006us note 2",
	},
	{
		"[  +0.000004] nf_conntrack: nf_conntrack: table full, dropping packe"
		"t",
		"+4us note 2",
	},
	{
		"[  601.749973][    C1] TCP: request_sock_TCP: Possible SYN flooding "
		"on port 192.0.2.1:23456. Sending cookies.",
		"up601749973us note 3 192.0.2.1 port23456",
	},
	{
		"[  601.749974] TCP: request_sock_TCPv6: Possible SYN flooding on por"
		"t [2001:db8::1]:443. Dropping request.",
		"up601749974us note 3 2001:db8::1 port443",
	},
	{
		"Jun  1 00:00:04 gw kernel: [12345.678901] TCP: request_sock_TCP: Pos"
		"sible SYN flooding on port 80. Sending cookies.",
		"1972-06-01T00:00:04~y up12345678901us @gw note 3 :: port80",
	},
	{
		"Jun  1 00:00:05 gw kernel: possible SYN flooding on port 8080. Sendi"
		"ng cookies.",
		"1972-06-01T00:00:05~y @gw note 3 :: port8080",
	},
	{
		"[   10.000007] neighbour: arp_cache: neighbor table overflow!",
		"up10000007us note 4",
	},
	{
		"[   10.000008] ipv4: Neighbour table overflow.",
		"up10000008us note 4",
	},
	{
		"[   10.000009] TCP: out of memory -- consider tuning tcp_mem",
		"up10000009us note 5",
	},
	{
		"[   10.000010] TCP: too many orphaned sockets",
		"up10000010us note 5",
	},
	{
		"[   10.000011] Out of socket memory",
		"up10000011us note 5",
	},
	{
		"Apr 28 23:55:09 gw kernel: conntrack_ftp: partial PORT 715014972+1",
		"1972-04-28T23:55:09~y @gw note 6",
	},
	{
		"Apr 28 23:55:10 gw mydaemon: the word martian and a table full of pl"
		"ates, all suppressed, repeated twice",
		"other",
	},
};

static const struct row repeats[] = {
	{
		"Dec 15 16:47:30 desk kernel: [17182740.184000] BW:IN=eth1 OUT= MAC= "
		"SRC=192.0.2.1 DST=255.255.255.255 LEN=328 TOS=0x00 PREC=0x00 TTL=64 "
		"ID=62081 PROTO=UDP SPT=67 DPT=68 LEN=308",
		"1972-12-15T16:47:30~y up17182740184000us @desk hop log ip 'BW:' eth1"
		"> 192.0.2.1>255.255.255.255 p17 67>68 len328 ttl64 id62081",
	},
	{
		"Dec 15 16:47:30 desk last message repeated 2 times",
		"1972-12-15T16:47:30~y @desk repeat x2",
	},
	{
		"Dec 15 16:47:31 desk syslogd: last message repeated 3 times",
		"1972-12-15T16:47:31~y @desk repeat x3",
	},
	{
		"Nov 22 15:10:35 vm kernel: message repeated 2 times: [ [  124.000000"
		"] TRACE: filter:INPUT:rule:1 IN=r0 OUT= MAC= SRC=192.0.2.2 DST=192.0"
		".2.1 LEN=28 TOS=0x00 PREC=0x00 TTL=64 ID=1 PROTO=UDP SPT=1 DPT=2 LEN"
		"=8 ]",
		"1972-11-22T15:10:35~y @vm hop rule ip filter:INPUT:1 r0> 192.0.2.2>1"
		"92.0.2.1 p17 1>2 len28 ttl64 id1 x2",
	},
	{
		"Nov 22 15:10:36 vm kernel: message repeated 9 times: [ nf_conntrack:"
		" table full, dropping packet]",
		"1972-11-22T15:10:36~y @vm note 2 x9",
	},
	{
		"Nov 22 15:10:37 vm app: message repeated 4 times: [ hello]",
		"other",
	},
	{
		"Feb 27 15:35:56 store kernel[52059]: Last message 'x IN=eth0 OUT= SR"
		"C=1' repeated 1 times, suppressed by syslog-ng on store ",
		"1972-02-27T15:35:56~y @store repeat",
	},
};

static const struct row loss[] = {
	{
		"Nov 22 15:10:35 vm rsyslogd-2177: imuxsock[pid: 10851, name: X] from"
		" <vm:prog>: begin to drop messages due to rate-limiting",
		"1972-11-22T15:10:35~y @vm gap 0 opens",
	},
	{
		"Nov 22 15:10:38 vm rsyslogd-2177: imuxsock[pid: 10851, name: X]: 7 m"
		"essages lost due to rate-limiting (5 allowed within 2 seconds)",
		"1972-11-22T15:10:38~y @vm gap 0 closes lost7",
	},
	{
		"Nov 22 15:10:39 vm rsyslogd: imuxsock lost 12 messages from pid 1085"
		"1 due to rate-limiting",
		"1972-11-22T15:10:39~y @vm gap 0 closes lost12",
	},
	{
		"Nov 22 15:10:40 vm rsyslogd: imjournal: begin to drop messages due t"
		"o rate-limiting",
		"1972-11-22T15:10:40~y @vm gap 0 opens",
	},
	{
		"Nov 22 15:10:41 vm rsyslogd: imjournal: 30 messages lost due to rate"
		"-limiting (20000 allowed within 600 seconds)",
		"1972-11-22T15:10:41~y @vm gap 0 closes lost30",
	},
	{
		"Nov 22 15:10:42 vm systemd-journald[321]: Missed 57 kernel messages",
		"1972-11-22T15:10:42~y @vm gap 1 lost57",
	},
	{
		"Nov 22 15:10:43 vm systemd-journald[321]: /dev/kmsg buffer overrun, "
		"some messages lost.",
		"1972-11-22T15:10:43~y @vm gap 1",
	},
	{
		"Nov 22 15:10:44 vm systemd-journald[321]: Forwarding to syslog misse"
		"d 8 messages.",
		"1972-11-22T15:10:44~y @vm gap 1 lost8",
	},
	{
		"# ERROR: We lost some netlink events!",
		"gap 3",
	},
	{
		"4,677000,2937304686,-;first IN= OUT=lo SRC=127.0.0.1 DST=127.0.0.1 L"
		"EN=28 TOS=0x00 PREC=0x00 TTL=64 ID=3 PROTO=UDP SPT=5 DPT=6 LEN=8 ",
		"up2937304686us #677000 hop log ip 'first' >lo 127.0.0.1>127.0.0.1 p1"
		"7 5>6 len28 ttl64 id3",
	},
	{
		"6,677001,2937304687,-;eth0: link up",
		"up2937304687us #677001 other",
	},
	{
		"4,677009,2937304699,-;after a hole IN= OUT=lo SRC=127.0.0.1 DST=127."
		"0.0.1 LEN=28 TOS=0x00 PREC=0x00 TTL=64 ID=3 PROTO=UDP SPT=5 DPT=6 LE"
		"N=8 ",
		"up2937304699us #677009 hop log ip 'after a hole' >lo 127.0.0.1>127.0"
		".0.1 p17 5>6 len28 ttl64 id3",
	},
	{
		"Nov 22 15:10:45 vm mydaemon: Missed 3 buses",
		"other",
	},
};
/* clang-format on */

static void notes_of_the_kernel(void **state)
{
	(void)state;
	CHECK_ROWS(notes);
}

static void repetitions(void **state)
{
	(void)state;
	CHECK_ROWS(repeats);
}

static void losses(void **state)
{
	(void)state;
	CHECK_ROWS(loss);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notes_of_the_kernel),
		cmocka_unit_test(repetitions),
		cmocka_unit_test(losses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
