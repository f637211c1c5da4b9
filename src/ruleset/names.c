/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * names.c - words that iptables and nft print instead of numbers
 *
 * getservbyname() and getprotobyname() would ask this machine's files about another machine's
 * rules, so the usual words stand here (IANA registries; libxt and libipt of iptables 1.8.9, nft
 * describe of nftables 1.0.6 for those of ICMP). A word that is missing makes its condition one
 * that cannot be checked, nothing worse.
 */
#include "nfhop/names.h"

#include "nfhop/event.h"

struct word {
	struct str name;
	uint32_t number;
};

/* clang-format off */
#define W(name, number) { { name, sizeof(name) - 1 }, number }

static const struct word services[] = {
	W("tcpmux", 1), W("echo", 7), W("discard", 9), W("daytime", 13), W("chargen", 19),
	W("ftp-data", 20), W("ftp", 21), W("ssh", 22), W("telnet", 23), W("smtp", 25),
	W("time", 37), W("whois", 43), W("tacacs", 49), W("domain", 53), W("bootps", 67),
	W("bootpc", 68), W("tftp", 69), W("gopher", 70), W("finger", 79), W("http", 80),
	W("www", 80), W("kerberos", 88), W("pop3", 110), W("sunrpc", 111), W("auth", 113),
	W("nntp", 119), W("ntp", 123), W("epmap", 135), W("netbios-ns", 137),
	W("netbios-dgm", 138), W("netbios-ssn", 139), W("imap2", 143), W("imap", 143),
	W("snmp", 161), W("snmp-trap", 162), W("snmptrap", 162), W("bgp", 179), W("irc", 194),
	W("ldap", 389), W("svrloc", 427), W("https", 443), W("microsoft-ds", 445),
	W("kpasswd", 464), W("submissions", 465), W("urd", 465), W("ssmtp", 465),
	W("isakmp", 500), W("exec", 512), W("login", 513), W("shell", 514), W("syslog", 514),
	W("printer", 515), W("route", 520), W("dhcpv6-client", 546), W("dhcpv6-server", 547),
	W("rtsp", 554), W("nntps", 563), W("submission", 587), W("ipp", 631), W("ldaps", 636),
	W("domain-s", 853), W("rsync", 873), W("ftps-data", 989), W("ftps", 990),
	W("telnets", 992), W("imaps", 993), W("pop3s", 995), W("socks", 1080),
	W("openvpn", 1194), W("ms-sql-s", 1433), W("ms-sql-m", 1434), W("datametrics", 1645),
	W("l2f", 1701), W("l2tp", 1701), W("pptp", 1723), W("radius", 1812),
	W("radius-acct", 1813), W("nfs", 2049), W("mysql", 3306), W("ms-wbt-server", 3389),
	W("nut", 3493), W("subversion", 3690), W("ipsec-nat-t", 4500), W("iax", 4569),
	W("sip", 5060), W("sip-tls", 5061), W("xmpp-client", 5222), W("xmpp-server", 5269),
	W("mdns", 5353), W("llmnr", 5355), W("postgresql", 5432), W("amqp", 5672),
	W("x11", 6000), W("ircd", 6667), W("http-alt", 8080), W("webcache", 8080),
	W("zabbix-agent", 10050), W("zabbix-trapper", 10051), W("git", 9418),
};

static const struct word protocols[] = {
	W("all", 0), W("tcp", 6), W("udp", 17), W("icmp", 1), W("ipv6-icmp", 58), W("icmpv6", 58),
	W("icmp6", 58), W("igmp", 2), W("ipencap", 4), W("ipip", 4), W("ipv4", 4), W("egp", 8),
	W("dccp", 33), W("ipv6", 41), W("ipv6-route", 43), W("ipv6-frag", 44), W("gre", 47),
	W("esp", 50), W("ah", 51), W("ipv6-nonxt", 59), W("ipv6-opts", 60), W("eigrp", 88),
	W("ospf", 89), W("ospfigp", 89), W("pim", 103), W("comp", 108), W("ipcomp", 108),
	W("vrrp", 112), W("l2tp", 115), W("sctp", 132), W("mobility-header", 135), W("mh", 135),
	W("ipv6-mh", 135), W("udplite", 136), W("hopopt", 0),
};

static const struct word tcp_flags[] = {
	W("fin", TCP_FIN), W("syn", TCP_SYN), W("rst", TCP_RST), W("psh", TCP_PSH),
	W("ack", TCP_ACK), W("urg", TCP_URG), W("ecn", TCP_ECE), W("ece", TCP_ECE),
	W("cwr", TCP_CWR), W("ae", TCP_AE),
	W("FIN", TCP_FIN), W("SYN", TCP_SYN), W("RST", TCP_RST), W("PSH", TCP_PSH),
	W("ACK", TCP_ACK), W("URG", TCP_URG), W("NONE", 0),
	W("ALL", TCP_FIN | TCP_SYN | TCP_RST | TCP_PSH | TCP_ACK | TCP_URG),
};

/* A type, or a type and a code: TC() numbers have bit 16 set. */
#define TC(type, code) (1u << 16 | (type) << 8 | (code))
#define T(type)        ((uint32_t)(type) << 8)

/* Of several words for one type nft's own comes first. */

static const struct word icmp[] = {
	W("echo-reply", T(0)), W("pong", T(0)), W("destination-unreachable", T(3)),
	W("network-unreachable", TC(3, 0)), W("host-unreachable", TC(3, 1)),
	W("protocol-unreachable", TC(3, 2)), W("port-unreachable", TC(3, 3)),
	W("fragmentation-needed", TC(3, 4)), W("source-route-failed", TC(3, 5)),
	W("network-unknown", TC(3, 6)), W("host-unknown", TC(3, 7)),
	W("network-prohibited", TC(3, 9)), W("host-prohibited", TC(3, 10)),
	W("TOS-network-unreachable", TC(3, 11)), W("TOS-host-unreachable", TC(3, 12)),
	W("communication-prohibited", TC(3, 13)), W("host-precedence-violation", TC(3, 14)),
	W("precedence-cutoff", TC(3, 15)), W("source-quench", T(4)), W("redirect", T(5)),
	W("network-redirect", TC(5, 0)), W("host-redirect", TC(5, 1)),
	W("TOS-network-redirect", TC(5, 2)), W("TOS-host-redirect", TC(5, 3)),
	W("echo-request", T(8)), W("ping", T(8)), W("router-advertisement", T(9)),
	W("router-solicitation", T(10)), W("time-exceeded", T(11)), W("ttl-exceeded", T(11)),
	W("ttl-zero-during-transit", TC(11, 0)), W("ttl-zero-during-reassembly", TC(11, 1)),
	W("parameter-problem", T(12)), W("ip-header-bad", TC(12, 0)),
	W("required-option-missing", TC(12, 1)), W("timestamp-request", T(13)),
	W("timestamp-reply", T(14)), W("info-request", T(15)), W("info-reply", T(16)),
	W("address-mask-request", T(17)), W("address-mask-reply", T(18)),
};

static const struct word icmp6[] = {
	W("destination-unreachable", T(1)), W("no-route", TC(1, 0)),
	W("communication-prohibited", TC(1, 1)), W("beyond-scope", TC(1, 2)),
	W("address-unreachable", TC(1, 3)), W("port-unreachable", TC(1, 4)),
	W("failed-policy", TC(1, 5)), W("reject-route", TC(1, 6)), W("packet-too-big", T(2)),
	W("time-exceeded", T(3)), W("ttl-exceeded", T(3)),
	W("ttl-zero-during-transit", TC(3, 0)), W("ttl-zero-during-reassembly", TC(3, 1)),
	W("parameter-problem", T(4)), W("bad-header", TC(4, 0)),
	W("unknown-header-type", TC(4, 1)), W("unknown-option", TC(4, 2)),
	W("echo-request", T(128)), W("ping", T(128)), W("echo-reply", T(129)), W("pong", T(129)),
	W("mld-listener-query", T(130)), W("mld-listener-report", T(131)),
	W("mld-listener-done", T(132)), W("mld-listener-reduction", T(132)),
	W("nd-router-solicit", T(133)), W("router-solicitation", T(133)),
	W("nd-router-advert", T(134)), W("router-advertisement", T(134)),
	W("nd-neighbor-solicit", T(135)), W("neighbour-solicitation", T(135)),
	W("neighbor-solicitation", T(135)), W("nd-neighbor-advert", T(136)),
	W("neighbour-advertisement", T(136)), W("neighbor-advertisement", T(136)),
	W("nd-redirect", T(137)), W("redirect", T(137)), W("router-renumbering", T(138)),
	W("ind-neighbor-solicit", T(141)), W("ind-neighbor-advert", T(142)),
	W("mld2-listener-report", T(143)),
};

static const struct word icmp_codes[] = {
	W("net-unreachable", 0), W("host-unreachable", 1), W("prot-unreachable", 2),
	W("port-unreachable", 3), W("frag-needed", 4), W("net-prohibited", 9),
	W("host-prohibited", 10), W("admin-prohibited", 13),
};

static const struct word icmp6_codes[] = {
	W("no-route", 0), W("admin-prohibited", 1), W("addr-unreachable", 3),
	W("port-unreachable", 4), W("policy-fail", 5), W("reject-route", 6),
};
/* clang-format on */

static bool look_up(const struct word *words, size_t n, struct str word, uint32_t *number)
{
	for (size_t i = 0; i < n; i++) {
		if (str_eq(words[i].name, word)) {
			*number = words[i].number;
			return true;
		}
	}
	return false;
}

#define LOOK_UP(words, word, number) look_up(words, sizeof(words) / sizeof(*(words)), word, number)

bool names_service(struct str word, uint32_t *number)
{
	return LOOK_UP(services, word, number);
}

const char *names_service_at(size_t i)
{
	return i < sizeof(services) / sizeof(*services) ? services[i].name.p : NULL;
}

bool names_protocol(struct str word, uint32_t *number)
{
	return LOOK_UP(protocols, word, number);
}

bool names_tcp_flag(struct str word, uint32_t *number)
{
	return LOOK_UP(tcp_flags, word, number);
}

bool names_icmp(struct str word, bool v6, uint32_t *number, uint32_t *mask)
{
	if (!(v6 ? LOOK_UP(icmp6, word, number) : LOOK_UP(icmp, word, number)))
		return false;
	*mask = *number >> 16 ? 0xffff : 0xff00;
	*number &= 0xffff;
	return true;
}

bool names_icmp_code(struct str word, bool v6, uint32_t *number)
{
	return v6 ? LOOK_UP(icmp6_codes, word, number) : LOOK_UP(icmp_codes, word, number);
}

static const char *word_of(const struct word *words, size_t n, uint32_t number)
{
	for (size_t i = 0; i < n; i++)
		if (words[i].number == number)
			return words[i].name.p;
	return NULL;
}

#define WORD_OF(words, number) word_of(words, sizeof(words) / sizeof(*(words)), number)

const char *names_of_icmp(bool v6, uint8_t type)
{
	return v6 ? WORD_OF(icmp6, T(type)) : WORD_OF(icmp, T(type));
}

const char *names_of_unreachable(bool v6, uint8_t code)
{
	return v6 ? WORD_OF(icmp6_codes, code) : WORD_OF(icmp_codes, code);
}

const char *names_of_icmp_error(bool v6, uint8_t type, uint8_t code)
{
	const uint8_t unreachable = v6 ? 1 : 3;

	return type == unreachable ? names_of_unreachable(v6, code) : names_of_icmp(v6, type);
}
