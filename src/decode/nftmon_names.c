// SPDX-License-Identifier: GPL-2.0-or-later
/* nftmon_names.c - the words that nft prints for numbers, as `nft describe` lists them */
#include "nftmon.h"

#include "scan.h"

#define NAME(z)                                                                                    \
	{                                                                                          \
		z, sizeof(z) - 1                                                                   \
	}

/* clang-format off */
/* The C library's /etc/protocols decides; these are what Debian, Fedora and iana call them. */
const struct name nftmon_protocols[] = {
	{ NAME("ip"), 0 },
	{ NAME("hopopt"), 0 },
	{ NAME("icmp"), 1 },
	{ NAME("igmp"), 2 },
	{ NAME("ipencap"), 4 },
	{ NAME("tcp"), 6 },
	{ NAME("egp"), 8 },
	{ NAME("igp"), 9 },
	{ NAME("udp"), 17 },
	{ NAME("dccp"), 33 },
	{ NAME("ipv6"), 41 },
	{ NAME("ipv6-route"), 43 },
	{ NAME("ipv6-frag"), 44 },
	{ NAME("rsvp"), 46 },
	{ NAME("gre"), 47 },
	{ NAME("esp"), 50 },
	{ NAME("ah"), 51 },
	{ NAME("icmpv6"), 58 },
	{ NAME("ipv6-icmp"), 58 },
	{ NAME("ipv6-nonxt"), 59 },
	{ NAME("ipv6-opts"), 60 },
	{ NAME("eigrp"), 88 },
	{ NAME("ospf"), 89 },
	{ NAME("ipip"), 94 },
	{ NAME("pim"), 103 },
	{ NAME("ipcomp"), 108 },
	{ NAME("comp"), 108 },
	{ NAME("vrrp"), 112 },
	{ NAME("l2tp"), 115 },
	{ NAME("sctp"), 132 },
	{ NAME("mobility-header"), 135 },
	{ NAME("udplite"), 136 },
	{ { NULL, 0 }, 0 },
};

const struct name nftmon_dscp[] = {
	{ NAME("cs0"), 0 },
	{ NAME("cs1"), 8 },
	{ NAME("cs2"), 16 },
	{ NAME("cs3"), 24 },
	{ NAME("cs4"), 32 },
	{ NAME("cs5"), 40 },
	{ NAME("cs6"), 48 },
	{ NAME("cs7"), 56 },
	{ NAME("df"), 0 },
	{ NAME("be"), 0 },
	{ NAME("lephb"), 1 },
	{ NAME("af11"), 10 },
	{ NAME("af12"), 12 },
	{ NAME("af13"), 14 },
	{ NAME("af21"), 18 },
	{ NAME("af22"), 20 },
	{ NAME("af23"), 22 },
	{ NAME("af31"), 26 },
	{ NAME("af32"), 28 },
	{ NAME("af33"), 30 },
	{ NAME("af41"), 34 },
	{ NAME("af42"), 36 },
	{ NAME("af43"), 38 },
	{ NAME("va"), 44 },
	{ NAME("ef"), 46 },
	{ { NULL, 0 }, 0 },
};

const struct name nftmon_ecn[] = {
	{ NAME("not-ect"), 0 },
	{ NAME("ect1"), 1 },
	{ NAME("ect0"), 2 },
	{ NAME("ce"), 3 },
	{ { NULL, 0 }, 0 },
};

const struct name nftmon_tcp_flags[] = {
	{ NAME("fin"), TCP_FIN },
	{ NAME("syn"), TCP_SYN },
	{ NAME("rst"), TCP_RST },
	{ NAME("psh"), TCP_PSH },
	{ NAME("ack"), TCP_ACK },
	{ NAME("urg"), TCP_URG },
	{ NAME("ecn"), TCP_ECE },
	{ NAME("cwr"), TCP_CWR },
	{ { NULL, 0 }, 0 },
};

const struct name nftmon_icmp_types[] = {
	{ NAME("echo-reply"), 0 },
	{ NAME("destination-unreachable"), 3 },
	{ NAME("source-quench"), 4 },
	{ NAME("redirect"), 5 },
	{ NAME("echo-request"), 8 },
	{ NAME("router-advertisement"), 9 },
	{ NAME("router-solicitation"), 10 },
	{ NAME("time-exceeded"), 11 },
	{ NAME("parameter-problem"), 12 },
	{ NAME("timestamp-request"), 13 },
	{ NAME("timestamp-reply"), 14 },
	{ NAME("info-request"), 15 },
	{ NAME("info-reply"), 16 },
	{ NAME("address-mask-request"), 17 },
	{ NAME("address-mask-reply"), 18 },
	{ { NULL, 0 }, 0 },
};

const struct name nftmon_icmp_codes[] = {
	{ NAME("net-unreachable"), 0 },
	{ NAME("host-unreachable"), 1 },
	{ NAME("prot-unreachable"), 2 },
	{ NAME("port-unreachable"), 3 },
	{ NAME("frag-needed"), 4 },
	{ NAME("net-prohibited"), 9 },
	{ NAME("host-prohibited"), 10 },
	{ NAME("admin-prohibited"), 13 },
	{ { NULL, 0 }, 0 },
};

const struct name nftmon_icmp6_types[] = {
	{ NAME("destination-unreachable"), 1 },
	{ NAME("packet-too-big"), 2 },
	{ NAME("time-exceeded"), 3 },
	{ NAME("parameter-problem"), 4 },
	{ NAME("echo-request"), 128 },
	{ NAME("echo-reply"), 129 },
	{ NAME("mld-listener-query"), 130 },
	{ NAME("mld-listener-report"), 131 },
	{ NAME("mld-listener-done"), 132 },
	{ NAME("mld-listener-reduction"), 132 },
	{ NAME("nd-router-solicit"), 133 },
	{ NAME("nd-router-advert"), 134 },
	{ NAME("nd-neighbor-solicit"), 135 },
	{ NAME("nd-neighbor-advert"), 136 },
	{ NAME("nd-redirect"), 137 },
	{ NAME("router-renumbering"), 138 },
	{ NAME("ind-neighbor-solicit"), 141 },
	{ NAME("ind-neighbor-advert"), 142 },
	{ NAME("mld2-listener-report"), 143 },
	{ { NULL, 0 }, 0 },
};

const struct name nftmon_icmp6_codes[] = {
	{ NAME("no-route"), 0 },
	{ NAME("admin-prohibited"), 1 },
	{ NAME("addr-unreachable"), 3 },
	{ NAME("port-unreachable"), 4 },
	{ NAME("policy-fail"), 5 },
	{ NAME("reject-route"), 6 },
	{ { NULL, 0 }, 0 },
};

const struct name nftmon_arp_operations[] = {
	{ NAME("request"), 1 },
	{ NAME("reply"), 2 },
	{ NAME("rrequest"), 3 },
	{ NAME("rreply"), 4 },
	{ NAME("inrequest"), 8 },
	{ NAME("inreply"), 9 },
	{ NAME("nak"), 10 },
	{ { NULL, 0 }, 0 },
};
/* clang-format on */

bool nftmon_value(const struct name *names, struct str word, uint64_t *value)
{
	struct str rest = word;

	if (word.n && is_digit(*word.p)) {
		if (str_starts(word, STR("0x")))
			return scan_hex(&rest, value) && !rest.n;
		return scan_dec(&rest, 19, value) && !rest.n;
	}
	for (; names && names->word.n; names++) {
		if (!str_eq(names->word, word))
			continue;
		*value = names->number;
		return true;
	}
	return false;
}
