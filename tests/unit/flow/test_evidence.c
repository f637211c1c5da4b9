// SPDX-License-Identifier: GPL-2.0-or-later
/* test_evidence.c - records and evidence in, what the findings say of lost packets */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "say.h"

/* A SYN that nat PREROUTING accepted, and nothing after: from, to, TTL. */
#define HOP(n, what, src, dst, ttl)                                                                \
	"[    2.00000" n "] TRACE: " what ":PREROUTING:policy:1 IN=lan0 OUT= "                     \
	"MAC=02:00:00:00:00:01:02:00:00:00:00:02:08:00 SRC=" src " DST=" dst                       \
	" LEN=60 TOS=0x00 PREC=0x00 TTL=" ttl " ID=7 DF PROTO=TCP SPT=4001 DPT=80 SEQ=1 ACK=0 "    \
	"WINDOW=64240 RES=0x00 SYN URGP=0 \n"
#define LOST(src, dst, ttl)                                                                        \
	HOP("1", "raw", src, dst, ttl)                                                             \
	HOP("2", "mangle", src, dst, ttl) HOP("3", "nat", src, dst, ttl)
#define HOP6(n, what)                                                                              \
	"[    2.00000" n "] TRACE: " what ":PREROUTING:policy:1 IN=lan0 OUT= "                     \
	"SRC=2001:0db8:0001:0000:0000:0000:0000:0005 "                                             \
	"DST=2001:0db8:0009:0000:0000:0000:0000:0001 LEN=60 TC=0 HOPLIMIT=64 FLOWLBL=1 PROTO=UDP " \
	"SPT=4001 DPT=53 LEN=20 \n"
#define LOST6 HOP6("1", "raw") HOP6("2", "mangle") HOP6("3", "nat")
/* One that passed everything, and an error of this host's own that quotes it. */
#define PASSED(n, dst)                                                                             \
	"[    2.00000" n "] TRACE: mangle:POSTROUTING:policy:1 IN=lan0 OUT=wan0 SRC=192.0.2.5 "    \
	"DST=" dst " LEN=60 TOS=0x00 PREC=0x00 TTL=63 ID=7 DF PROTO=TCP SPT=4001 DPT=80 SEQ=1 "    \
	"ACK=0 WINDOW=64240 RES=0x00 SYN URGP=0 \n"
#define MARKED(n, mark)                                                                            \
	"[    2.00000" n "] TRACE: mangle:POSTROUTING:policy:1 IN=lan0 OUT=wan0 SRC=192.0.2.5 "    \
	"DST=198.51.100.7 LEN=60 TOS=0x00 PREC=0x00 TTL=63 ID=7 DF PROTO=TCP SPT=4001 DPT=80 "     \
	"SEQ=1 ACK=0 WINDOW=64240 RES=0x00 SYN URGP=0 MARK=" mark " \n"
#define TOLD_SO(n, code, dst, more)                                                                \
	"[    " n "] TRACE: raw:OUTPUT:policy:1 IN= OUT=lan0 SRC=192.0.2.1 DST=192.0.2.5 LEN=88 "  \
	"TOS=0x00 PREC=0xC0 TTL=64 ID=9 PROTO=ICMP TYPE=3 CODE=" code " [SRC=192.0.2.5 DST=" dst   \
	" LEN=60 TOS=0x00 PREC=0x00 TTL=63 ID=7 DF PROTO=TCP SPT=4001 DPT=80 SEQ=1 ACK=0 "         \
	"WINDOW=64240 RES=0x00 SYN URGP=0 ] " more "\n"
#define TOLD(n, code, dst)    TOLD_SO(n, code, dst, "")
#define TOLD_MTU(n, dst, mtu) TOLD_SO(n, "4", dst, "MTU=" mtu " ")
/* A segment to a service of this host, and one of its own. */
#define CAME(n, flags, proto)                                                                      \
	"[    2.00000" n "] TRACE: mangle:INPUT:policy:1 IN=lan0 OUT= "                            \
	"MAC=02:00:00:00:00:01:02:00:00:00:00:02:08:00 SRC=198.51.100.7 DST=192.0.2.1 LEN=60 "     \
	"TOS=0x00 PREC=0x00 TTL=64 ID=7" n " DF PROTO=" proto " SPT=4001 DPT=80 " flags "\n"
#define WENT_OUT(n, by, flags, proto)                                                              \
	"[    2.00000" n "] TRACE: mangle:OUTPUT:policy:1 IN= OUT=" by " SRC=192.0.2.1 "           \
	"DST=198.51.100.7 LEN=60 TOS=0x00 PREC=0x00 TTL=64 ID=0 DF PROTO=" proto                   \
	" SPT=80 DPT=4001 " flags "\n[    2.00000" n "] TRACE: mangle:POSTROUTING:policy:1 IN= "   \
	"OUT=" by " SRC=192.0.2.1 DST=198.51.100.7 LEN=60 TOS=0x00 PREC=0x00 TTL=64 ID=0 DF "      \
	"PROTO=" proto " SPT=80 DPT=4001 " flags "\n"
#define SYN_IN(n)     CAME(n, "SEQ=1 ACK=0 WINDOW=64240 RES=0x00 SYN URGP=0 ", "TCP")
#define ACK_IN(n)     CAME(n, "SEQ=2 ACK=78 WINDOW=64240 RES=0x00 ACK URGP=0 ", "TCP")
#define SYNACK(n, by) WENT_OUT(n, by, "SEQ=77 ACK=2 WINDOW=64240 RES=0x00 ACK SYN URGP=0 ", "TCP")
#define ELSEWHERE(name)                                                                            \
	name " 198.51.100.7:4001 → 192.0.2.1:80: the request came in by lan0, "                  \
	     "the answer left by wan0, and "
#define BY_MARK                                                                                    \
	"[route]\nunicast 0.0.0.0/0 dev wan0 table 254 metric 0\n"                                 \
	"unicast 0.0.0.0/0 dev lan0 table 102 metric 0\n"                                          \
	"[rule]\nip pref 5 from 0.0.0.0/0 to 0.0.0.0/0 mark 0x2/0xffffffff action 1 table 102\n"   \
	"ip pref 9 from 0.0.0.0/0 to 0.0.0.0/0 action 1 table 254\n" END
#define ASK_ROUTES                                                                                 \
	"try ip rule\ntry ip route get 198.51.100.7 from 192.0.2.1\n"                              \
	"try tcpdump -ni wan0 host 198.51.100.7\n"
#define NEIGHBOUR "[    2.000004] neighbour: arp_cache: neighbor table overflow!\n"
#define FULL	  "[    2.000004] nf_conntrack: nf_conntrack: table full, dropping packet\n"

#define SYSCTL(forward, device, filter)                                                            \
	"[proc/sys/net/ipv4/ip_forward]\n" forward "\n[conf]\nforward4 " device                    \
	" lan0\nrp_filter 0 all\nrp_filter " filter " lan0\n"
#define ADDRS "[addr]\n192.0.2.1/24 lan0\n203.0.113.9/24 wan0\n"
#define ROUTES                                                                                     \
	"[route]\nunicast 192.0.2.0/24 dev lan0 table 254 metric 0\n"                              \
	"unicast 198.51.100.0/24 via 203.0.113.1 dev wan0 table 254 metric 0\n"                    \
	"unicast 10.0.0.0/8 dev tun0 table 254 metric 0\n"                                         \
	"blackhole 10.66.0.0/16 table 254 metric 0\n"                                              \
	"unicast 0.0.0.0/0 via 203.0.113.2 dev wan0 table 105 metric 0\n"                          \
	"[rule]\nip pref 0 from 0.0.0.0/0 to 0.0.0.0/0 action 1 table 255\n"                       \
	"ip pref 7 from 0.0.0.0/0 to 0.0.0.0/0 mark 0x5/0xff action 1 table 105\n"                 \
	"ip pref 8 from 0.0.0.0/0 to 10.68.0.0/16 action 7 table 0\n"                              \
	"ip pref 9 from 0.0.0.0/0 to 0.0.0.0/0 action 1 table 254\n"                               \
	"ip6 pref 9 from ::/0 to ::/0 action 1 table 254\n"
#define XFRM(n)		 "[proc/net/xfrm_stat]\nXfrmInError\t0\nXfrmOutNoStates\t" n "\n"
#define HEADER_ERRORS(n) "[proc/net/snmp]\nIp: InHdrErrors FragFails\nIp: " n " " n "\n"
#define COUNTERS(addr_errors, no_routes, filtered)                                                 \
	"[proc/net/snmp]\nIp: InAddrErrors\nIp: " addr_errors                                      \
	"\n[proc/net/netstat]\nTcpExt: IPReversePathFilter\nTcpExt: " filtered                     \
	"\nIpExt: InNoRoutes\nIpExt: " no_routes "\n"
#define END "[end]\n"

#define GW	      SYSCTL("1", "1", "0") ADDRS ROUTES END
#define NAME	      "tcp 192.0.2.5:4001 → "
#define WENT	      " was accepted at PREROUTING and went nowhere: "
#define ROUTE_TO(dst) "try ip route get " dst " from 192.0.2.5 iif lan0\n"

/* clang-format off */
static const struct {
	const char *name, *log, *before, *after;
	const char *want; /* of the findings about lost packets: text, evidence, commands */
} cases[] = {
	{ "ip_forward is 0", LOST("192.0.2.5", "198.51.100.7", "64"),
	  SYSCTL("0", "0", "0") ADDRS ROUTES END, NULL,
	  NAME "198.51.100.7:80" WENT "this host does not forward (net.ipv4.ip_forward is 0).\n"
	  "try sysctl -w net.ipv4.ip_forward=1\n" },
	{ "the same, and its counter moved", LOST("192.0.2.5", "198.51.100.7", "64"),
	  SYSCTL("0", "0", "0") ADDRS ROUTES COUNTERS("4", "0", "0") END,
	  SYSCTL("0", "0", "0") ADDRS ROUTES COUNTERS("7", "0", "0") END,
	  NAME "198.51.100.7:80" WENT "this host does not forward (net.ipv4.ip_forward is 0).\n"
	  "why IpInAddrErrors rose by 3 meanwhile: not for this host, and not forwarded\n"
	  "try sysctl -w net.ipv4.ip_forward=1\n" },
	{ "it is 0 now, but the counter says that another cause did it",
	  LOST("192.0.2.5", "198.51.100.7", "64"),
	  SYSCTL("1", "1", "0") ADDRS ROUTES COUNTERS("4", "0", "0") END,
	  SYSCTL("0", "0", "0") ADDRS ROUTES COUNTERS("4", "2", "0") END,
	  NAME "198.51.100.7:80" WENT "the kernel ended it, no rule did.\n"
	  "why IpExtInNoRoutes rose by 2 meanwhile: no route\n"
	  ROUTE_TO("198.51.100.7")
	  "try sysctl net.ipv4.ip_forward\n"
	  "try sysctl net.ipv4.conf.all.rp_filter net.ipv4.conf.lan0.rp_filter\n"
	  "try iptables -t raw -A OUTPUT -p icmp -j TRACE\n"
	  "try nstat -az IpInAddrErrors TcpExtIPReversePathFilter IpExtInNoRoutes\n" },
	{ "counters that rose for others: its TTL is not used up",
	  LOST("192.0.2.5", "198.51.100.7", "64"), HEADER_ERRORS("1") GW, HEADER_ERRORS("4") GW,
	  NAME "198.51.100.7:80" WENT "the kernel ended it, no rule did.\n"
	  "why forwarding is on, there is a route, and rp_filter lets it pass, by what was recorded of "
	  "this host, and a policy of IPsec may have ended it; no ICMP error of this host "
	  "was seen, if they are traced\n"
	  "try ip xfrm policy\n"
	  ROUTE_TO("198.51.100.7")
	  "try sysctl net.ipv4.ip_forward\n"
	  "try sysctl net.ipv4.conf.all.rp_filter net.ipv4.conf.lan0.rp_filter\n"
	  "try iptables -t raw -A OUTPUT -p icmp -j TRACE\n"
	  "try nstat -az IpInAddrErrors TcpExtIPReversePathFilter IpExtInNoRoutes\n" },
	{ "one device does not forward", LOST("192.0.2.5", "198.51.100.7", "64"),
	  SYSCTL("1", "0", "0") ADDRS ROUTES END, NULL,
	  NAME "198.51.100.7:80" WENT "what comes in by lan0 is not forwarded "
	  "(net.ipv4.conf.lan0.forwarding is 0).\n"
	  "try sysctl -w net.ipv4.conf.lan0.forwarding=1\n" },
	{ "no route", LOST("192.0.2.5", "8.8.8.8", "64"), GW, NULL,
	  NAME "8.8.8.8:80" WENT "there is no route to 8.8.8.8.\n" ROUTE_TO("8.8.8.8") },
	{ "a blackhole", LOST("192.0.2.5", "10.66.0.1", "64"), GW, NULL,
	  NAME "10.66.0.1:80" WENT "a blackhole route (10.66.0.0/16) takes it.\n"
	  ROUTE_TO("10.66.0.1") },
	{ "a rule of ip rule that refuses by itself", LOST("192.0.2.5", "10.68.0.1", "64"), GW, NULL,
	  NAME "10.68.0.1:80" WENT "an unreachable rule of `ip rule` (preference 8) takes it.\n"
	  ROUTE_TO("10.68.0.1") "try ip rule\n" },
	{ "rp_filter: the way back is another device", LOST("10.1.1.1", "198.51.100.7", "64"),
	  SYSCTL("1", "1", "1") ADDRS ROUTES END, NULL,
	  "tcp 10.1.1.1:4001 → 198.51.100.7:80" WENT
	  "rp_filter is strict on lan0, and the way back to 10.1.1.1 is tun0.\n"
	  "why net.ipv4.conf.all.rp_filter is 0 and net.ipv4.conf.lan0.rp_filter is 1: the larger one "
	  "holds\n"
	  "try ip route get 10.1.1.1\ntry sysctl -w net.ipv4.conf.lan0.rp_filter=2\n" },
	{ "rp_filter is strict for all devices", LOST("10.1.1.1", "198.51.100.7", "64"),
	  "[conf]\nrp_filter 1 all\nrp_filter 0 lan0\n" ADDRS ROUTES END, NULL,
	  "tcp 10.1.1.1:4001 → 198.51.100.7:80" WENT
	  "rp_filter is strict on lan0, and the way back to 10.1.1.1 is tun0.\n"
	  "why net.ipv4.conf.all.rp_filter is 1 and net.ipv4.conf.lan0.rp_filter is 0: the larger one "
	  "holds\n"
	  "try ip route get 10.1.1.1\ntry sysctl -w net.ipv4.conf.lan0.rp_filter=2\n" },
	{ "rp_filter: no way back at all", LOST("172.16.0.1", "198.51.100.7", "64"),
	  SYSCTL("1", "1", "2") ADDRS ROUTES END, NULL,
	  "tcp 172.16.0.1:4001 → 198.51.100.7:80" WENT
	  "there is no route back to its source 172.16.0.1, and rp_filter drops what could not be "
	  "answered.\n"
	  "why what is missing is a route to 172.16.0.1 by lan0; a looser rp_filter (2) would drop "
	  "it, too\n"
	  "why net.ipv4.conf.all.rp_filter is 0 and net.ipv4.conf.lan0.rp_filter is 2: the larger one "
	  "holds\n"
	  "try ip route get 172.16.0.1\n" },
	{ "rp_filter: what leads back goes nowhere", LOST("10.66.1.1", "198.51.100.7", "64"),
	  SYSCTL("1", "1", "1") ADDRS ROUTES END, NULL,
	  "tcp 10.66.1.1:4001 → 198.51.100.7:80" WENT
	  "rp_filter dropped it: the way back to its source 10.66.1.1 is a blackhole route "
	  "(10.66.0.0/16).\n"
	  "why net.ipv4.conf.all.rp_filter is 0 and net.ipv4.conf.lan0.rp_filter is 1: the larger one "
	  "holds\n"
	  "try ip route get 10.66.1.1\n" },
	{ "rp_filter is loose, and there is a way back", LOST("10.1.1.1", "198.51.100.7", "1"),
	  SYSCTL("1", "1", "2") ADDRS ROUTES END, NULL,
	  "tcp 10.1.1.1:4001 → 198.51.100.7:80" WENT "its TTL was 1: it may not be forwarded.\n"
	  "try traceroute -n 198.51.100.7\n" },
	{ "this host says that it is too big",
	  LOST("192.0.2.5", "198.51.100.7", "64") TOLD_MTU("2.000004", "198.51.100.7", "1300"),
	  GW, NULL,
	  NAME "198.51.100.7:80" WENT "it is larger than the next link takes, and DF is set.\n"
	  "why this host answered it with ICMP frag-needed (3/4)\n" ROUTE_TO("198.51.100.7") },
	{ "our own address as source", LOST("203.0.113.9", "198.51.100.7", "64"), GW, NULL,
	  "tcp 203.0.113.9:4001 → 198.51.100.7:80" WENT
	  "its source 203.0.113.9 is this host's own address, so it cannot come from a wire.\n"
	  "try ip route get 203.0.113.9\n" },
	{ "a group of the link alone, which nobody has to listen to",
	  LOST("192.0.2.5", "224.0.0.251", "1"), SYSCTL("0", "0", "1") ADDRS ROUTES END, NULL, "" },
	{ "a multicast group", LOST("192.0.2.5", "239.1.1.1", "1"),
	  SYSCTL("0", "0", "1") ADDRS ROUTES END, NULL,
	  NAME "239.1.1.1:80" WENT "nobody here listens to the group 239.1.1.1, and it is not "
	  "routed.\ntry ip maddr show dev lan0\n" },
	{ "no addresses are known: it may be for this host", LOST("192.0.2.5", "198.51.100.7", "1"),
	  SYSCTL("0", "0", "0") END, NULL,
	  NAME "198.51.100.7:80" WENT "the kernel ended it, no rule did.\n"
	  "why forwarding is off or there is no route; "
	  "no ICMP error of this host was seen, if they are traced\n"
	  ROUTE_TO("198.51.100.7")
	  "try sysctl net.ipv4.ip_forward\n"
	  "try sysctl net.ipv4.conf.all.rp_filter net.ipv4.conf.lan0.rp_filter\n"
	  "try iptables -t raw -A OUTPUT -p icmp -j TRACE\n"
	  "try nstat -az IpInAddrErrors TcpExtIPReversePathFilter IpExtInNoRoutes\n" },
	{ "for this host itself: forwarding and TTL do not matter",
	  LOST("192.0.2.5", "203.0.113.9", "1"), SYSCTL("0", "0", "0") ADDRS
	  "[route]\nlocal 203.0.113.9/32 dev wan0 table 255 metric 0\n"
	  "unicast 192.0.2.0/24 dev lan0 table 255 metric 0\n"
	  "[rule]\nip pref 0 from 0.0.0.0/0 to 0.0.0.0/0 action 1 table 255\n" END, NULL,
	  NAME "203.0.113.9:80" WENT "the kernel ended it, no rule did.\n"
	  "why 203.0.113.9 is this host's own address: INPUT should have come\n"
	  ROUTE_TO("203.0.113.9")
	  "try sysctl net.ipv4.ip_forward\n"
	  "try sysctl net.ipv4.conf.all.rp_filter net.ipv4.conf.lan0.rp_filter\n"
	  "try iptables -t raw -A OUTPUT -p icmp -j TRACE\n"
	  "try nstat -az IpInAddrErrors TcpExtIPReversePathFilter IpExtInNoRoutes\n" },
	{ "in a network namespace", LOST("192.0.2.5", "8.8.8.8", "64"), "[netns]\nname gw\n" GW,
	  NULL, NAME "8.8.8.8:80" WENT "there is no route to 8.8.8.8.\n"
	  "try ip netns exec gw ip route get 8.8.8.8 from 192.0.2.5 iif lan0\n" },
	{ "in one that is a path", LOST("192.0.2.5", "198.51.100.7", "64"),
	  "[netns]\nname /proc/7/ns/net\n" SYSCTL("0", "0", "0") ADDRS ROUTES END, NULL,
	  NAME "198.51.100.7:80" WENT "this host does not forward (net.ipv4.ip_forward is 0).\n"
	  "try nsenter --net=/proc/7/ns/net sysctl -w net.ipv4.ip_forward=1\n" },
	{ "IPv6 is not forwarded", LOST6, "[proc/sys/net/ipv6/conf/all/forwarding]\n0\n" GW, NULL,
	  "udp [2001:db8:1::5]:4001 → [2001:db8:9::1]:53" WENT
	  "this host does not forward IPv6 (net.ipv6.conf.all.forwarding is 0).\n"
	  "try sysctl -w net.ipv6.conf.all.forwarding=1\n" },
	{ "no IPv6 route", LOST6, "[proc/sys/net/ipv6/conf/all/forwarding]\n1\n" GW, NULL,
	  "udp [2001:db8:1::5]:4001 → [2001:db8:9::1]:53" WENT
	  "there is no route to 2001:db8:9::1.\n"
	  "try ip -6 route get 2001:db8:9::1 from 2001:db8:1::5 iif lan0\n" },
	{ "for 127.0.0.1 from a wire", LOST("192.0.2.5", "127.0.0.1", "64"),
	  "[conf]\nroute_localnet 0 all\nroute_localnet 0 lan0\n" GW, NULL,
	  NAME "127.0.0.1:80" WENT "it is for 127.0.0.1 now, and what comes in by lan0 gets there "
	  "only with net.ipv4.conf.lan0.route_localnet=1 (it is 0).\n"
	  "why with it, all that listens on 127.0.0.1 can be reached by lan0; a program that listens "
	  "on an address of lan0 does not need it\n"
	  "try sysctl net.ipv4.conf.lan0.route_localnet net.ipv4.conf.all.route_localnet\n"
	  "try sysctl -w net.ipv4.conf.lan0.route_localnet=1\n" },
	{ "that is allowed", LOST("192.0.2.5", "127.0.0.1", "64"),
	  "[conf]\nroute_localnet 1 all\nroute_localnet 0 lan0\n" GW, NULL,
	  NAME "127.0.0.1:80" WENT "there is no route to 127.0.0.1.\n"
	  "try ip route get 127.0.0.1 from 192.0.2.5 iif lan0\n" },
	{ "all is well, as far as it is known", LOST("192.0.2.5", "198.51.100.7", "64"), GW, GW,
	  NAME "198.51.100.7:80" WENT "the kernel ended it, no rule did.\n"
	  "why forwarding is on, there is a route, and rp_filter lets it pass, by what was recorded "
	  "of this host, and a policy of IPsec may have ended it; "
	  "no ICMP error of this host was seen, if they are traced\n"
	  "try ip xfrm policy\n"
	  ROUTE_TO("198.51.100.7")
	  "try sysctl net.ipv4.ip_forward\n"
	  "try sysctl net.ipv4.conf.all.rp_filter net.ipv4.conf.lan0.rp_filter\n"
	  "try iptables -t raw -A OUTPUT -p icmp -j TRACE\n"
	  "try nstat -az IpInAddrErrors TcpExtIPReversePathFilter IpExtInNoRoutes\n" },
	{ "all is well, and so is IPsec", LOST("192.0.2.5", "198.51.100.7", "64"), XFRM("3") GW, XFRM("3") GW,
	  NAME "198.51.100.7:80" WENT "the kernel ended it, no rule did.\n"
	  "why forwarding is on, there is a route, and rp_filter lets it pass, by what was recorded "
	  "of this host; "
	  "no ICMP error of this host was seen, if they are traced\n"
	  ROUTE_TO("198.51.100.7")
	  "try sysctl net.ipv4.ip_forward\n"
	  "try sysctl net.ipv4.conf.all.rp_filter net.ipv4.conf.lan0.rp_filter\n"
	  "try iptables -t raw -A OUTPUT -p icmp -j TRACE\n"
	  "try nstat -az IpInAddrErrors TcpExtIPReversePathFilter IpExtInNoRoutes\n" },
	{ "a policy of IPsec, by its counter", LOST("192.0.2.5", "198.51.100.7", "64"),
	  XFRM("3") GW, XFRM("5") GW,
	  NAME "198.51.100.7:80" WENT "a policy of IPsec wants it encrypted, and there is no SA for "
	  "that, most likely (XfrmOutNoStates rose by 2 meanwhile).\n"
	  "try ip xfrm policy\n"
	  "try ip xfrm state\n"
	  "try cat /proc/net/xfrm_stat\n"
	  ROUTE_TO("198.51.100.7") },
	{ "an empty text is no evidence", LOST("192.0.2.5", "198.51.100.7", "64"), "", "",
	  NAME "198.51.100.7:80" WENT "the kernel ended it, no rule did.\n"
	  "why forwarding is off, there is no route, or rp_filter did it; no ICMP error of this "
	  "host was seen, if they are traced\n"
	  ROUTE_TO("198.51.100.7")
	  "try sysctl net.ipv4.ip_forward\n"
	  "try sysctl net.ipv4.conf.all.rp_filter net.ipv4.conf.lan0.rp_filter\n"
	  "try iptables -t raw -A OUTPUT -p icmp -j TRACE\n"
	  "try nstat -az IpInAddrErrors TcpExtIPReversePathFilter IpExtInNoRoutes\n" },
};

/* The same for other findings. */
#define TABLES "[proc/net/ip_tables_names]\nfilter\n"
#define INSIDE(on) "[netns]\ninitial 0\nall_netns " on "\n"
#define LOGGER(name) "[proc/net/netfilter/nf_log]\n 2 " name " (x)\n"
#define SUPPRESSED                                                                                 \
	"Legacy TRACE and LOG lines of this network namespace are suppressed (nf_log_all_netns "   \
	"is 0): what legacy tables do with packets is not seen.\n"                                 \
	"try sysctl -w net.netfilter.nf_log_all_netns=1\n"

#define NOBODY                                                                                     \
	" passed all rules here and was to leave by wan0, but its next hop does not answer there " \
	"(ARP, ND; or a tunnel has no peer for it), so it did not leave.\n"

static const struct {
	const char *name, *id, *log, *before, *after, *want;
} others[] = {
	{ "a full table", "conntrack-full", FULL, "[proc/sys/net/netfilter/nf_conntrack_count]\n7\n"
	  "[proc/sys/net/netfilter/nf_conntrack_max]\n8\n" END, NULL,
	  "The connection table was full: the kernel dropped packets that began new connections, "
	  "between raw and mangle, and no rule did it.\n"
	  "why line 1: nf_conntrack: nf_conntrack: table full, dropping packet\n"
	  "why the table held 7 of 8 entries when the trace began\n"
	  "try sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max\n" },
	{ "a full table of which no line tells", "conntrack-full", "", NULL,
	  "[proc/sys/net/netfilter/nf_conntrack_count]\n8\n"
	  "[proc/sys/net/netfilter/nf_conntrack_max]\n8\n" END,
	  "The connection table is full: the kernel may drop packets that begin new connections, "
	  "between raw and mangle, and no rule does it.\n"
	  "why the table held 8 of 8 entries when the trace ended\n"
	  "try sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max\n" },
	{ "a table with room", "conntrack-full", "", NULL,
	  "[proc/sys/net/netfilter/nf_conntrack_count]\n7\n"
	  "[proc/sys/net/netfilter/nf_conntrack_max]\n8\n" END, "" },
	{ "nobody says which namespace lines of a saved log are of", "other-netns", FULL,
	  INSIDE("1") "[conf]\nforward4 1 eth7\n" END, NULL, "" },
	{ "a namespace whose lines are suppressed", "silent-legacy", "", NULL,
	  TABLES INSIDE("0") LOGGER("nf_log_ipv4") END, SUPPRESSED },
	{ "what is set outside of it stays outside", "silent-legacy", "", NULL,
	  "[netns]\nname gw\n" TABLES INSIDE("0") LOGGER("nf_log_ipv4") END, SUPPRESSED },
	{ "a neighbour table, which all namespaces share", "neighbour-overflow", NEIGHBOUR,
	  "[netns]\nname gw\n" END, NULL,
	  "The neighbour table overflowed: packets to new neighbours were dropped after "
	  "POSTROUTING.\nwhy line 1: neighbour: arp_cache: neighbor table overflow!\n"
	  "try sysctl net.ipv4.neigh.default.gc_thresh3\n"
	  "try ip netns exec gw ip -s neigh | wc -l\n" },
	{ "a router that does not answer", "no-neighbour", PASSED("1", "198.51.100.7"), GW,
	  "[neighbour]\nfailed 203.0.113.1 wan0\n" GW,
	  NAME "198.51.100.7:80" NOBODY "why 203.0.113.1 had not answered when the trace ended\n"
	  "try ip neigh show dev wan0\ntry tcpdump -eni wan0 arp\n" },
	{ "the router that a mark leads to", "no-neighbour", MARKED("1", "0x5"), GW,
	  "[neighbour]\nfailed 203.0.113.2 wan0\n" GW,
	  NAME "198.51.100.7:80" NOBODY "why 203.0.113.2 had not answered when the trace ended\n"
	  "try ip neigh show dev wan0\ntry tcpdump -eni wan0 arp\n" },
	{ "another mark leads to another one", "no-neighbour", MARKED("1", "0x4"), GW,
	  "[neighbour]\nfailed 203.0.113.2 wan0\n" GW, "" },
	{ "one on another device", "no-neighbour", PASSED("1", "198.51.100.7"), GW,
	  "[neighbour]\nfailed 203.0.113.1 lan0\nfailed 203.0.113.2 wan0\n" GW, "" },
	{ "it was silent before the trace, not at its end", "no-neighbour",
	  PASSED("1", "198.51.100.7"), "[neighbour]\nfailed 203.0.113.1 wan0\n" GW, GW, "" },
	{ "this host says that the host is unreachable", "no-neighbour",
	  PASSED("1", "198.51.100.7") TOLD("5.000001", "1", "198.51.100.7"), GW, NULL,
	  NAME "198.51.100.7:80" NOBODY
	  "why this host told the sender that the host is unreachable (ICMP 3/1), and quoted the "
	  "packet\ntry ip neigh show dev wan0\ntry tcpdump -eni wan0 arp\n" },
	{ "it says something else", "no-neighbour",
	  PASSED("1", "198.51.100.7") TOLD_MTU("5.000001", "198.51.100.7", "1300"), GW, NULL, "" },
	{ "it said so of a packet before", "no-neighbour",
	  TOLD("1.000001", "1", "198.51.100.7") PASSED("1", "198.51.100.7"), GW, NULL, "" },
	{ "an answer that leaves elsewhere, and the client asks again", "answer-elsewhere",
	  SYN_IN("1") SYNACK("2", "wan0") SYN_IN("3") SYNACK("4", "wan0"), BY_MARK, NULL,
	  ELSEWHERE("tcp") "the client asks again: that way it does not reach it, most likely.\n"
	  "why the answer was routed without a mark\n"
	  "why with mark 0x2 it would leave by lan0 (ip rule, table 102)\n" ASK_ROUTES },
	{ "a datagram, of which nothing tells", "answer-elsewhere",
	  CAME("1", "LEN=40 ", "UDP") WENT_OUT("2", "wan0", "LEN=40 ", "UDP"), NULL, NULL,
	  ELSEWHERE("udp") "nothing shows that it arrived: that way may be wanted, or it lacks the "
	  "route that is meant for it.\n"
	  "why the answer was routed without a mark\n"
	  "why an answer goes back that way by a route for its source, or for a mark that it has "
	  "when it is routed\n" ASK_ROUTES },
	{ "the handshake goes on: it arrived", "answer-elsewhere",
	  SYN_IN("1") SYNACK("2", "wan0") ACK_IN("3"), BY_MARK, NULL, "" },
	{ "it leaves where the request came in", "answer-elsewhere",
	  SYN_IN("1") SYNACK("2", "lan0") SYN_IN("3") SYNACK("4", "lan0"), BY_MARK, NULL, "" },
	{ "over the loopback device", "answer-elsewhere",
	  SYN_IN("1") SYNACK("2", "lo") SYN_IN("3") SYNACK("4", "lo"), BY_MARK, NULL, "" },
	{ "one whose lines are printed", "silent-legacy", "", NULL,
	  TABLES INSIDE("1") LOGGER("nf_log_ipv4") END, "" },
	{ "no legacy tables", "silent-legacy", "", NULL, INSIDE("0") LOGGER("NONE") END, "" },
	{ "tcpdump took it", "silent-legacy", "", NULL,
	  TABLES INSIDE("1") LOGGER("nfnetlink_log") END,
	  "Legacy TRACE of IPv4 goes to NFLOG group 0, not to the kernel log: tcpdump or ulogd "
	  "bound it.\ntry sysctl -w net.netfilter.nf_log.2=nf_log_ipv4\ntry nfhop report nflog:0\n" },
	{ "nobody has it", "silent-legacy", "", NULL, TABLES LOGGER("NONE") END,
	  "Legacy TRACE of IPv4 goes nowhere: no logger is bound to it.\n"
	  "try sysctl -w net.netfilter.nf_log.2=nf_log_ipv4\n" },
	{ "but its lines were seen", "silent-legacy", LOST("192.0.2.5", "198.51.100.7", "64"), NULL,
	  TABLES INSIDE("0") LOGGER("nfnetlink_log") END, "" },
};
/* clang-format on */

static void put(FILE *out, const char *what, const struct str *lines, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%s %.*s\n", what, STR_ARG(lines[i]));
}

/* The findings of that kind; on the heap. */
static char *findings(const char *id, const char *log, const char *before, const char *after)
{
	struct evidence first, last;
	struct model *m = model_of(log, NULL);
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	assert_int_equal(evidence_parse(str_from(before), &first), 0);
	assert_int_equal(evidence_parse(str_from(after), &last), 0);
	model_set_evidence(m, before ? &first : NULL, after ? &last : NULL);
	assert_int_equal(model_conclude(m), 0);
	for (size_t i = 0; i < model_finding_count(m); i++) {
		const struct finding *f = model_finding_at(m, i);

		if (strcmp(f->id, id))
			continue;
		fprintf(out, "%.*s\n", STR_ARG(f->text));
		put(out, "why", f->evidence, f->n_evidence);
		put(out, "try", f->confirm, f->n_confirm);
	}
	fclose(out);
	model_destroy(m);
	evidence_finish(&first);
	evidence_finish(&last);
	return text;
}

static void test_lost(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *said = findings("not-forwarded", cases[i].log, cases[i].before,
				      cases[i].after);

		if (strcmp(said, cases[i].want))
			print_error("%s:\n", cases[i].name);
		assert_string_equal(said, cases[i].want);
		free(said);
	}
}

static void test_others(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		char *said = findings(others[i].id, others[i].log, others[i].before,
				      others[i].after);

		if (strcmp(said, others[i].want))
			print_error("%s:\n", others[i].name);
		assert_string_equal(said, others[i].want);
		free(said);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lost),
		cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
