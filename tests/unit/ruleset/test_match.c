/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_match.c - which rules fit which packets, in iptables' words and in nft's */
#include "show.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <arpa/inet.h>

#include <cmocka.h>

enum packet { SYN, ECHO_REQUEST, UDP6, FRAGMENT, BARE };

struct addr_pair {
	const char *src, *dst;
};

static struct addr addr(const char *z)
{
	struct addr addr = { { [10] = 0xff, [11] = 0xff } };

	if (strchr(z, ':'))
		inet_pton(AF_INET6, z, addr.b);
	else
		inet_pton(AF_INET, z, addr.b + 12);
	return addr;
}

/* clang-format off */
static struct header packets[] = {
	[SYN] = { .have = HEADER_ADDR | HEADER_PROTO | HEADER_PORTS | HEADER_FLAGS,
		  .family = FAMILY_IP, .proto = 6, .sport = 40000, .dport = 443,
		  .tcp_flags = TCP_SYN | TCP_ECE },
	[ECHO_REQUEST] = { .have = HEADER_ADDR | HEADER_PROTO | HEADER_ICMP,
		  .family = FAMILY_IP, .proto = 1, .icmp_type = 8 },
	[UDP6] = { .have = HEADER_ADDR | HEADER_PROTO | HEADER_PORTS,
		  .family = FAMILY_IP6, .proto = 17, .sport = 546, .dport = 547 },
	[FRAGMENT] = { .have = HEADER_ADDR | HEADER_PROTO | HEADER_FRAG,
		  .family = FAMILY_IP, .proto = 6, .frag = 1480 },
	[BARE] = { .have = HEADER_ADDR, .family = FAMILY_IP },
};

static const struct addr_pair addrs[] = {
	[SYN] = { "10.9.1.2", "198.51.100.7" },          [ECHO_REQUEST] = { "10.9.1.2", "10.9.2.2" },
	[UDP6] = { "fe80::1", "2001:db8::9" },           [FRAGMENT] = { "10.9.1.2", "10.9.2.2" },
	[BARE] = { "10.9.1.2", "10.9.2.2" },
};

/* @miss: the text of the condition that does not fit or cannot be checked */
struct row {
	const char *rule;
	enum packet packet;
	enum match want;
	const char *field, *miss;
};

/* All packets came in on eth0, go out on wg1, and have the mark 0x15. */
static const struct row xt_rows[] = {
	{ "-j ACCEPT", SYN, MATCH_YES, NULL, "" },
	{ "-s 10.9.1.2/32 -j ACCEPT", SYN, MATCH_YES, NULL, "" },
	{ "-s 10.9.0.0/16 -d 198.51.100.0/24 -j ACCEPT", SYN, MATCH_YES, NULL, "" },
	{ "! -s 10.9.0.0/16 -j ACCEPT", SYN, MATCH_NO, "source", "! -s 10.9.0.0/16" },
	{ "-s ! 10.8.0.0/16 -j ACCEPT", SYN, MATCH_YES, NULL, "" },
	{ "-d 10.0.0.0/8 -j ACCEPT", SYN, MATCH_NO, "destination", "-d 10.0.0.0/8" },
	{ "-s 10.9.0.2/255.255.0.255 -j ACCEPT", SYN, MATCH_YES, NULL, "" },
	{ "-s 10.9.0.3/255.255.0.255 -j ACCEPT", SYN, MATCH_NO, "source", "-s 10.9.0.3/255.255.0.255" },
	{ "-s 0.0.0.0/0 -j ACCEPT", SYN, MATCH_YES, NULL, "" },
	{ "-s 1.2.3.4,10.9.1.2 -j ACCEPT", SYN, MATCH_YES, NULL, "" },
	{ "-s gateway.example -j ACCEPT", SYN, MATCH_UNKNOWN, "condition", "-s gateway.example" },
	{ "-i eth0 -o wg1 -j ACCEPT", SYN, MATCH_YES, NULL, "" },
	{ "-i eth+ -o wg+ -j ACCEPT", SYN, MATCH_YES, NULL, "" },
	{ "-i + -j ACCEPT", SYN, MATCH_YES, NULL, "" },
	{ "-i wg+ -j ACCEPT", SYN, MATCH_NO, "in", "-i wg+" },
	{ "-o wg -j ACCEPT", SYN, MATCH_NO, "out", "-o wg" },
	{ "! -i docker0 -j ACCEPT", SYN, MATCH_YES, NULL, "" },
	{ "-p tcp -j ACCEPT", SYN, MATCH_YES, NULL, "" },
	{ "-p 6 -j ACCEPT", SYN, MATCH_YES, NULL, "" },
	{ "-p all -j ACCEPT", SYN, MATCH_YES, NULL, "" },
	{ "! -p udp -j ACCEPT", SYN, MATCH_YES, NULL, "" },
	{ "-p udp -j ACCEPT", SYN, MATCH_NO, "protocol", "-p udp" },
	{ "-p tcp -j ACCEPT", BARE, MATCH_UNKNOWN, "protocol", "-p tcp" },
	{ "-p tcp -m tcp --dport 443 -j ACCEPT", SYN, MATCH_YES, NULL, "" },
	{ "-p tcp -m tcp --dport https -j ACCEPT", SYN, MATCH_YES, NULL, "" },
	{ "-p tcp -m tcp --dport 400:500 -j ACCEPT", SYN, MATCH_YES, NULL, "" },
	{ "-p tcp -m tcp --dport 1024: -j ACCEPT", SYN, MATCH_NO, "dport", "--dport 1024:" },
	{ "-p tcp -m tcp --dport :1023 -j ACCEPT", SYN, MATCH_YES, NULL, "" },
	{ "-p tcp -m tcp ! --dport 443 -j ACCEPT", SYN, MATCH_NO, "dport", "! --dport 443" },
	{ "-p tcp -m tcp --dport ! 443 -j ACCEPT", SYN, MATCH_NO, "dport", "--dport ! 443" },
	{ "-p tcp -m tcp --sport 40000 -j ACCEPT", SYN, MATCH_YES, NULL, "" },
	{ "-p tcp -m tcp --dport 443 -j ACCEPT", FRAGMENT, MATCH_NO, "dport", "--dport 443" },
	{ "-p tcp -m tcp ! --dport 443 -j ACCEPT", FRAGMENT, MATCH_NO, "dport", "! --dport 443" },
	{ "-p tcp -m multiport --dports 22,80,443 -j ACCEPT", SYN, MATCH_YES, NULL, "" },
	{ "-p tcp -m multiport --dports 22,400:500 -j ACCEPT", SYN, MATCH_YES, NULL, "" },
	{ "-p tcp -m multiport ! --dports 22,80 -j ACCEPT", SYN, MATCH_YES, NULL, "" },
	{ "-p tcp -m multiport --sports 22 -j ACCEPT", SYN, MATCH_NO, "sport", "--sports 22" },
	{ "-p tcp -m multiport --ports 22,40000 -j ACCEPT", SYN, MATCH_YES, NULL, "" },
	{ "-p tcp -m multiport --dports 22,nosuchport -j ACCEPT", SYN, MATCH_UNKNOWN, "condition",
	  "--dports 22,nosuchport" },
	{ "-m iprange --src-range 10.9.1.1-10.9.1.9 -j ACCEPT", SYN, MATCH_YES, NULL, "" },
	{ "-m iprange ! --dst-range 198.51.100.0-198.51.100.9 -j ACCEPT", SYN, MATCH_NO,
	  "destination", "! --dst-range 198.51.100.0-198.51.100.9" },
	{ "-p icmp -m icmp --icmp-type 8 -j ACCEPT", ECHO_REQUEST, MATCH_YES, NULL, "" },
	{ "-p icmp -m icmp --icmp-type 8/0 -j ACCEPT", ECHO_REQUEST, MATCH_YES, NULL, "" },
	{ "-p icmp -m icmp --icmp-type any -j ACCEPT", ECHO_REQUEST, MATCH_YES, NULL, "" },
	{ "-p icmp -m icmp --icmp-type echo-request -j ACCEPT", ECHO_REQUEST, MATCH_YES, NULL, "" },
	{ "-p icmp -m icmp --icmp-type 3/4 -j ACCEPT", ECHO_REQUEST, MATCH_NO, "icmp",
	  "--icmp-type 3/4" },
	{ "-p icmp -m icmp ! --icmp-type 8 -j ACCEPT", ECHO_REQUEST, MATCH_NO, "icmp",
	  "! --icmp-type 8" },
	{ "-p icmp -m icmp --icmp-type 8 -j ACCEPT", SYN, MATCH_NO, "protocol", "-p icmp" },
	{ "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT", SYN, MATCH_YES, NULL, "" },
	{ "-p tcp --syn -j ACCEPT", SYN, MATCH_YES, NULL, "" },
	{ "-p tcp ! --syn -j ACCEPT", SYN, MATCH_NO, "tcp flags", "! --syn" },
	{ "-p tcp -m tcp --tcp-flags ALL NONE -j DROP", SYN, MATCH_NO, "tcp flags",
	  "--tcp-flags ALL NONE" },
	{ "-m mark --mark 0x15 -j ACCEPT", SYN, MATCH_YES, NULL, "" },
	{ "-m mark --mark 0x5/0xf -j ACCEPT", SYN, MATCH_YES, NULL, "" },
	{ "-m mark ! --mark 0x5/0xf -j ACCEPT", SYN, MATCH_NO, "mark", "! --mark 0x5/0xf" },
	{ "-m connmark --mark 0x1 -j ACCEPT", SYN, MATCH_UNKNOWN, "condition",
	  "-m connmark --mark 0x1" },
	{ "-m conntrack --ctstate NEW -p tcp --dport 22 -j ACCEPT", SYN, MATCH_NO, "dport",
	  "--dport 22" },
	{ "-p tcp -m conntrack --ctstate NEW -m tcp --dport 443 -j ACCEPT", SYN, MATCH_UNKNOWN,
	  "ct state", "-m conntrack --ctstate NEW" },
	{ "-m conntrack --ctstate DNAT -j ACCEPT", SYN, MATCH_UNKNOWN, "condition",
	  "-m conntrack --ctstate DNAT" },
	{ "-m conntrack --ctstate NEW --ctproto 6 -j ACCEPT", SYN, MATCH_UNKNOWN, "condition",
	  "-m conntrack --ctstate NEW --ctproto 6" },
	{ "-p tcp -m set ! --match-set foo src -m limit --limit 5/min -j ACCEPT", SYN,
	  MATCH_UNKNOWN, "condition", "-m set ! --match-set foo src" },
	{ "-p tcp -m tcp --tcp-option 5 -j ACCEPT", SYN, MATCH_UNKNOWN, "condition",
	  "--tcp-option 5" },
	{ "-m string --string \"-p udp -j x\" --algo bm -j DROP", SYN, MATCH_UNKNOWN, "condition",
	  "-m string --string \"-p udp -j x\" --algo bm" },
	{ "-f -j DROP", SYN, MATCH_UNKNOWN, "condition", "-f" },
	{ "-j ACCEPT -p udp", SYN, MATCH_NO, "protocol", "-p udp" },
	{ "-j LOG --log-prefix \"-p udp \" -m comment --comment \"-i x\"", SYN, MATCH_YES, NULL, "" },
};

static const struct row nft_rows[] = {
	{ "accept", SYN, MATCH_YES, NULL, "" },
	{ "ip saddr 10.9.0.0/16 accept", SYN, MATCH_YES, NULL, "" },
	{ "ip saddr != 10.9.0.0/16 accept", SYN, MATCH_NO, "source", "ip saddr != 10.9.0.0/16" },
	{ "ip saddr != 10.9.0.0/16 accept", UDP6, MATCH_NO, "family", "ip saddr != 10.9.0.0/16" },
	{ "ip6 saddr fe80::/10 udp dport 547 accept", UDP6, MATCH_YES, NULL, "" },
	{ "ip6 daddr 2001:db8::1-2001:db8::8 accept", UDP6, MATCH_NO, "destination",
	  "ip6 daddr 2001:db8::1-2001:db8::8" },
	{ "ip daddr { 10.0.0.1, 198.51.100.0/24 } accept", SYN, MATCH_YES, NULL, "" },
	{ "ip daddr != { 10.0.0.1, 198.51.100.0/24 } accept", SYN, MATCH_NO, "destination",
	  "ip daddr != { 10.0.0.1, 198.51.100.0/24 }" },
	{ "ip daddr { 10.0.0.1 timeout 5s, 10.0.0.2 } accept", SYN, MATCH_UNKNOWN, "condition",
	  "ip daddr { 10.0.0.1 timeout 5s, 10.0.0.2 }" },
	{ "ip saddr @bad drop", SYN, MATCH_UNKNOWN, "condition", "ip saddr @bad" },
	{ "ip saddr & 255.255.0.255 == 10.9.0.2 accept", SYN, MATCH_YES, NULL, "" },
	{ "ip saddr . tcp dport { 10.9.1.3 . 443, 10.9.1.2 . 400-500 } accept", SYN, MATCH_YES, NULL, "" },
	{ "ip saddr . tcp dport { 10.9.1.2 . 22, 10.9.1.3 . 443 } accept", SYN, MATCH_NO, "tuple",
	  "ip saddr . tcp dport { 10.9.1.2 . 22, 10.9.1.3 . 443 }" },
	{ "ip saddr . tcp dport { 10.9.1.2 . 22 } accept", ECHO_REQUEST, MATCH_NO, "protocol",
	  "ip saddr . tcp dport { 10.9.1.2 . 22 }" },
	{ "ip saddr . tcp dport != { 10.9.1.2 . 22 } accept", SYN, MATCH_YES, NULL, "" },
	{ "ip saddr . tcp dport != { 10.9.1.2 . 443 } accept", SYN, MATCH_NO, "tuple",
	  "ip saddr . tcp dport != { 10.9.1.2 . 443 }" },
	{ "ip saddr . tcp dport { 10.9.1.2 . 22 } accept", FRAGMENT, MATCH_NO, "tuple",
	  "ip saddr . tcp dport { 10.9.1.2 . 22 }" },
	{ "ip saddr . tcp dport != { 10.9.1.2 . 22 } accept", FRAGMENT, MATCH_UNKNOWN, "tuple",
	  "ip saddr . tcp dport != { 10.9.1.2 . 22 }" },
	{ "ip saddr . th dport { 10.9.1.3 . 1, 10.9.1.2 . 22 } accept", BARE, MATCH_UNKNOWN, "tuple",
	  "ip saddr . th dport { 10.9.1.3 . 1, 10.9.1.2 . 22 }" },
	{ "ip saddr . th dport { 10.9.1.3 . 22 } accept", BARE, MATCH_NO, "tuple",
	  "ip saddr . th dport { 10.9.1.3 . 22 }" },
	{ "iifname . ip saddr . meta mark { \"eth0\" . 10.9.0.0/16 . 0x15 } accept", SYN, MATCH_YES,
	  NULL, "" },
	{ "ip saddr . tcp dport { 10.9.1.2 . ssh-alt } accept", SYN, MATCH_UNKNOWN, "condition",
	  "ip saddr . tcp dport { 10.9.1.2 . ssh-alt }" },
	{ "ip saddr . ether saddr { 10.9.1.2 . 2:0:0:0:0:1 } tcp dport 80 accept", SYN, MATCH_NO, "dport",
	  "tcp dport 80" },
	{ "iifname \"eth0\" oifname { \"lo\", \"wg*\" } accept", SYN, MATCH_YES, NULL, "" },
	{ "iif \"eth1\" accept", SYN, MATCH_NO, "in", "iif \"eth1\"" },
	{ "oifname != \"wg1\" accept", SYN, MATCH_NO, "out", "oifname != \"wg1\"" },
	{ "meta l4proto tcp accept", SYN, MATCH_YES, NULL, "" },
	{ "meta l4proto { tcp, udp } th dport 443 accept", SYN, MATCH_YES, NULL, "" },
	{ "meta l4proto esp accept", SYN, MATCH_NO, "protocol", "meta l4proto esp" },
	{ "ip protocol udp accept", SYN, MATCH_NO, "protocol", "ip protocol udp" },
	{ "tcp dport 443 accept", SYN, MATCH_YES, NULL, "" },
	{ "tcp dport 443 accept", FRAGMENT, MATCH_NO, "dport", "tcp dport 443" },
	{ "tcp dport 443 accept", ECHO_REQUEST, MATCH_NO, "protocol", "tcp dport 443" },
	{ "udp dport 443 accept", SYN, MATCH_NO, "protocol", "udp dport 443" },
	{ "tcp dport { 22, 400-500 } accept", SYN, MATCH_YES, NULL, "" },
	{ "tcp dport != 1-1023 accept", SYN, MATCH_NO, "dport", "tcp dport != 1-1023" },
	{ "tcp dport >= 444 accept", SYN, MATCH_NO, "dport", "tcp dport >= 444" },
	{ "tcp dport < 444 accept", SYN, MATCH_YES, NULL, "" },
	{ "tcp dport ssh accept", SYN, MATCH_NO, "dport", "tcp dport ssh" },
	{ "tcp flags syn accept", SYN, MATCH_YES, NULL, "" },
	{ "tcp flags == syn accept", SYN, MATCH_NO, "tcp flags", "tcp flags == syn" },
	{ "tcp flags syn / fin,syn,rst,ack accept", SYN, MATCH_YES, NULL, "" },
	{ "tcp flags & (fin | syn | rst | ack) == syn accept", SYN, MATCH_YES, NULL, "" },
	{ "tcp flags & (fin|syn) != syn accept", SYN, MATCH_NO, "tcp flags",
	  "tcp flags & (fin|syn) != syn" },
	{ "tcp flags ! fin,rst accept", SYN, MATCH_YES, NULL, "" },
	{ "tcp flags rst,fin accept", SYN, MATCH_NO, "tcp flags", "tcp flags rst,fin" },
	{ "icmp type echo-request accept", ECHO_REQUEST, MATCH_YES, NULL, "" },
	{ "icmp type { 3, 11 } accept", ECHO_REQUEST, MATCH_NO, "icmp", "icmp type { 3, 11 }" },
	{ "icmp type echo-request icmp code 1 accept", ECHO_REQUEST, MATCH_NO, "icmp", "icmp code 1" },
	{ "icmpv6 type echo-request accept", ECHO_REQUEST, MATCH_NO, "family",
	  "icmpv6 type echo-request" },
	{ "meta mark 0x00000015 accept", SYN, MATCH_YES, NULL, "" },
	{ "meta mark & 0x0000000f == 0x00000005 accept", SYN, MATCH_YES, NULL, "" },
	{ "meta mark & 0x0000000f != 0x00000005 accept", SYN, MATCH_NO, "mark",
	  "meta mark & 0x0000000f != 0x00000005" },
	{ "meta mark & 0x000000ff > 0x00000005 accept", SYN, MATCH_UNKNOWN, "condition",
	  "meta mark & 0x000000ff > 0x00000005" },
	{ "meta mark 0x20-0x30 accept", SYN, MATCH_NO, "mark", "meta mark 0x20-0x30" },
	{ "meta mark set 0x1 meta mark 0x1 accept", SYN, MATCH_UNKNOWN, "condition",
	  "meta mark 0x1" },
	{ "meta nfproto ipv6 accept", SYN, MATCH_NO, "family", "meta nfproto ipv6" },
	{ "ct state new tcp dport 22 accept", SYN, MATCH_NO, "dport", "tcp dport 22" },
	{ "ct state established accept", SYN, MATCH_UNKNOWN, "ct state", "ct state established" },
	{ "tcp dport vmap { 22 : accept, 80-90 : drop } accept", SYN, MATCH_NO, "dport",
	  "tcp dport vmap { 22 : accept, 80-90 : drop }" },
	{ "tcp dport vmap { 22 : accept, 443 : drop }", SYN, MATCH_YES, NULL, "" },
	{ "ip saddr . tcp dport vmap { 10.9.1.2 . 22 : drop }", SYN, MATCH_NO, "tuple",
	  "ip saddr . tcp dport vmap { 10.9.1.2 . 22 : drop }" },
	{ "ip saddr . tcp dport vmap { 10.9.1.2 . 443 : drop }", SYN, MATCH_YES, NULL, "" },
	{ "ct original ip saddr 1.2.3.4 accept", SYN, MATCH_UNKNOWN, "condition",
	  "ct original ip saddr 1.2.3.4" },
	{ "ct status dnat accept", SYN, MATCH_UNKNOWN, "condition", "ct status dnat" },
	{ "tcp dport 443 ct count over 3 reject with tcp reset", SYN, MATCH_UNKNOWN, "condition",
	  "ct count over 3" },
	{ "limit rate 5/second burst 5 packets accept", SYN, MATCH_UNKNOWN, "condition",
	  "limit rate 5/second burst 5 packets" },
	{ "tcp option maxseg size 1-500 drop", SYN, MATCH_UNKNOWN, "condition",
	  "tcp option maxseg size 1-500" },
	{ "strange thing 5 tcp dport 22 drop", SYN, MATCH_UNKNOWN, "condition",
	  "strange thing 5 tcp dport 22" },
	{ "xt match comment counter packets 0 bytes 0 accept", SYN, MATCH_YES, NULL, "" },
	{ "tcp dport 443 log prefix \"tcp dport 1 \" flags tcp options accept", SYN, MATCH_YES, NULL, "" },
};

/* What is known to have been passed over by a packet that conntrack called new. */
static const struct row passed_xt_rows[] = {
	{ "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", SYN, MATCH_NO, "ct state",
	  "-m conntrack --ctstate RELATED,ESTABLISHED" },
	{ "-m state --state NEW -j ACCEPT", SYN, MATCH_UNKNOWN, "ct state", "-m state --state NEW" },
	{ "-m conntrack ! --ctstate NEW -j ACCEPT", SYN, MATCH_NO, "ct state",
	  "-m conntrack ! --ctstate NEW" },
};

static const struct row passed_nft_rows[] = {
	{ "ct state established,related accept", SYN, MATCH_NO, "ct state",
	  "ct state established,related" },
	{ "ct state { established, related } accept", SYN, MATCH_NO, "ct state",
	  "ct state { established, related }" },
	{ "ct state != new accept", SYN, MATCH_NO, "ct state", "ct state != new" },
	{ "ct state new tcp dport 22 accept", SYN, MATCH_NO, "dport", "tcp dport 22" },
	{ "ct state vmap { established : accept, invalid : drop }", SYN, MATCH_NO, "ct state",
	  "ct state vmap { established : accept, invalid : drop }" },
	{ "ip saddr @allowed accept", SYN, MATCH_NO, "source", "ip saddr @allowed" },
	{ "ip saddr != @sources accept", SYN, MATCH_NO, "source", "ip saddr != @sources" },
	{ "ip saddr @sources accept", SYN, MATCH_UNKNOWN, "source", "ip saddr @sources" },
	{ "ip daddr @allowed accept", SYN, MATCH_NO, "destination", "ip daddr @allowed" },
	{ "ip saddr @empty accept", SYN, MATCH_UNKNOWN, "condition", "ip saddr @empty" },
	{ "ip saddr @nobody accept", SYN, MATCH_NO, "source", "ip saddr @nobody" },
	{ "ip saddr != @nobody accept", SYN, MATCH_UNKNOWN, "source", "ip saddr != @nobody" },
	{ "ip saddr @blocked accept", SYN, MATCH_UNKNOWN, "condition", "ip saddr @blocked" },
	{ "ip saddr @nosuch accept", SYN, MATCH_UNKNOWN, "condition", "ip saddr @nosuch" },
	{ "iifname @devices accept", SYN, MATCH_NO, "in", "iifname @devices" },
	{ "tcp dport vmap @doors", SYN, MATCH_NO, "dport", "tcp dport vmap @doors" },
	{ "ip saddr . tcp dport @pairs accept", SYN, MATCH_NO, "tuple",
	  "ip saddr . tcp dport @pairs" },
	{ "ip saddr . tcp dport @own accept", SYN, MATCH_UNKNOWN, "tuple",
	  "ip saddr . tcp dport @own" },
	/* what was read for a source is none for a destination */
	{ "ip saddr . tcp dport @own ip daddr . tcp dport @own accept", SYN, MATCH_NO, "tuple",
	  "ip daddr . tcp dport @own" },
	{ "ip saddr . tcp dport @nobody accept", SYN, MATCH_NO, "tuple",
	  "ip saddr . tcp dport @nobody" },
	{ "ip saddr . tcp dport vmap @gates", SYN, MATCH_NO, "tuple",
	  "ip saddr . tcp dport vmap @gates" },
};
/* clang-format on */

static const char nft_sets[] =
	"table inet t {\n"
	"\tset allowed { # handle 1\n\t\ttype ipv4_addr\n\t\tflags interval\n"
	"\t\telements = { 10.0.0.1, 10.8.0.0/16,\n\t\t\t     172.16.0.1-172.16.0.9 }\n\t}\n"
	"\tset sources {\n\t\ttypeof ip saddr\n\t\tcounter\n\t\telements = { 10.9.1.2 counter "
	"packets 3 bytes 180, 10.9.1.3 comment \"a, b\" }\n\t}\n"
	"\tset empty {\n\t\ttype ipv4_addr\n\t}\n"
	"\tset nobody {\n\t\ttype ipv4_addr\n\t\telements = { }\n\t}\n"
	"\tset blocked {\n\t\ttype ipv4_addr\n\t\tflags dynamic,timeout\n\t\ttimeout 1h\n"
	"\t\telements = { 10.9.9.9 timeout 1h expires 59m }\n\t}\n"
	"\tset devices {\n\t\ttype ifname\n\t\telements = { \"eth1\", \"wg0\" }\n\t}\n"
	"\tset pairs {\n\t\ttype ipv4_addr . inet_service\n\t\telements = { 10.0.0.1 . 22 }\n\t}\n"
	"\tset own {\n\t\ttype ipv4_addr . inet_service\n\t\telements = { 10.9.1.2 . 443 }\n\t}\n"
	"\tmap gates {\n\t\ttype ipv4_addr . inet_service : verdict\n\t\telements = { "
	"10.9.1.2 . 22 : accept,\n\t\t\t     10.9.1.3 . 443 : accept }\n\t}\n"
	"\tmap doors { # handle 2\n\t\ttype inet_service : verdict\n\t\telements = { 22 : accept, "
	"80 : jump web }\n\t}\n"
	"\tchain c {\n\t\t%s # handle 5\n\t}\n}\n";

/* Load one rule in a chain of its own and ask whether the packet fits. */
static void check(const char *format, const struct row *row, unsigned int have)
{
	char text[2048];
	struct ruleset_error err;
	int ret;
	int n = snprintf(text, sizeof(text), format, row->rule);
	struct ruleset *rs = show_load(row->rule, (struct str){ text, (size_t)n }, &ret, &err);
	struct sighting seen = { .pkt = &packets[row->packet],
				 .iif = STR("eth0"),
				 .oif = STR("wg1"),
				 .mark = 0x15,
				 .ct = CT_NEW,
				 .have = (uint8_t)(SIGHTING_IIF | SIGHTING_OIF | SIGHTING_MARK |
						   have) };
	struct rule_miss miss;
	enum match got;

	packets[row->packet].src = addr(addrs[row->packet].src);
	packets[row->packet].dst = addr(addrs[row->packet].dst);
	if (!rs)
		show_error(stderr, ret, &err);
	assert_non_null(rs);
	got = rule_match(chain_rule(ruleset_chains(rs).at[0], 1), &seen, &miss);
	if (got != row->want ||
	    (row->field ? !miss.field || strcmp(miss.field, row->field) : miss.field != NULL) ||
	    !str_eq(miss.text, str_from(row->miss)))
		fail_msg("%s: got %d %s <%.*s>", row->rule, got, miss.field ? miss.field : "-",
			 STR_ARG(miss.text));
	ruleset_destroy(rs);
}

static void test_iptables(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(xt_rows) / sizeof(*xt_rows); i++)
		check("*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD %s\nCOMMIT\n", &xt_rows[i], 0);
}

static void test_nft(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(nft_rows) / sizeof(*nft_rows); i++)
		check("table inet t {\n\tchain c {\n\t\t%s # handle 5\n\t}\n}\n", &nft_rows[i], 0);
}

static void test_why_it_was_passed_over(void **state)
{
	const unsigned int passed = SIGHTING_PASSED | SIGHTING_CT;

	(void)state;
	for (size_t i = 0; i < sizeof(passed_xt_rows) / sizeof(*passed_xt_rows); i++)
		check("*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD %s\nCOMMIT\n", &passed_xt_rows[i],
		      passed);
	for (size_t i = 0; i < sizeof(passed_nft_rows) / sizeof(*passed_nft_rows); i++)
		check(nft_sets, &passed_nft_rows[i], passed);
}

/* A set may have been another one, a connection's state is not seen: they accuse nobody. */
static void test_what_may_have_changed_denies_nothing(void **state)
{
	static const struct row rows[] = {
		{ "ip saddr @allowed accept", SYN, MATCH_UNKNOWN, "source", "ip saddr @allowed" },
		{ "ct state established accept", SYN, MATCH_UNKNOWN, "ct state",
		  "ct state established" },
		{ "tcp dport vmap @doors", SYN, MATCH_UNKNOWN, "dport", "tcp dport vmap @doors" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		check(nft_sets, &rows[i], SIGHTING_CT);
}

static void test_what_is_not_known_is_not_denied(void **state)
{
	static const char text[] = "*filter\n:INPUT DROP\n-A INPUT -i x -j DROP\n"
				   "-A INPUT -o x -j DROP\n-A INPUT -m mark --mark 1\n";
	struct sighting seen = { .pkt = &packets[BARE] };
	struct ruleset_error err;
	int ret;
	struct ruleset *rs = show_load("x", str_from(text), &ret, &err);

	(void)state;
	assert_non_null(rs);
	for (uint32_t i = 1; i <= 3; i++)
		assert_int_equal(rule_match(chain_rule(ruleset_chains(rs).at[0], i), &seen, NULL),
				 MATCH_UNKNOWN);
	/* known to have no device is another thing */
	seen.have = SIGHTING_IIF | SIGHTING_OIF;
	assert_int_equal(rule_match(chain_rule(ruleset_chains(rs).at[0], 1), &seen, NULL),
			 MATCH_NO);
	ruleset_destroy(rs);
}

static void test_hidden_devices(void **state)
{
	static const char text[] =
		"Chain INPUT (policy DROP)\n"
		"target     prot opt source               destination         \n"
		"ACCEPT     all  --  anywhere             anywhere            \n"
		"DROP       udp  --  anywhere             anywhere            \n";
	struct sighting seen = { .pkt = &packets[SYN],
				 .iif = STR("eth0"),
				 .have = SIGHTING_IIF | SIGHTING_OIF };
	struct ruleset_error err;
	struct rule_miss miss;
	int ret;
	struct ruleset *rs = show_load("x", str_from(text), &ret, &err);

	(void)state;
	assert_non_null(rs);
	assert_int_equal(rule_match(chain_rule(ruleset_chains(rs).at[0], 1), &seen, &miss),
			 MATCH_UNKNOWN);
	assert_string_equal(miss.field, "in");
	assert_int_equal(rule_match(chain_rule(ruleset_chains(rs).at[0], 2), &seen, &miss),
			 MATCH_NO);
	assert_string_equal(miss.field, "protocol");
	ruleset_destroy(rs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_iptables),
		cmocka_unit_test(test_nft),
		cmocka_unit_test(test_why_it_was_passed_over),
		cmocka_unit_test(test_what_may_have_changed_denies_nothing),
		cmocka_unit_test(test_what_is_not_known_is_not_denied),
		cmocka_unit_test(test_hidden_devices),
	};

	return cmocka_run_group_tests_name("ruleset match", tests, NULL, NULL);
}
