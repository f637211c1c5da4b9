/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nftmon.h - the parts of nft's trace decoder: the packet line, and the names of values */
#ifndef NFHOP_DECODE_NFTMON_H
#define NFHOP_DECODE_NFTMON_H

#include "nfhop/event.h"

/**
 * nftmon_packet - the list of expressions after "packet: "
 * @ev: gets iif, oif, pkt, EVENT_MAC
 * Return: NULL, or where there is something that is no expression (a message of the program)
 */
const char *nftmon_packet(struct str list, struct event *ev);

/* struct name - what nft prints instead of a number */
struct name {
	struct str word;
	uint16_t number;
};

/* Each ends with a row without a word. As `nft describe` lists them. */
extern const struct name nftmon_protocols[], nftmon_dscp[], nftmon_ecn[], nftmon_tcp_flags[],
	nftmon_icmp_types[], nftmon_icmp_codes[], nftmon_icmp6_types[], nftmon_icmp6_codes[],
	nftmon_arp_operations[];

/* nftmon_value - @word as a number, or as one of @names; Return: false if it is neither */
bool nftmon_value(const struct name *names, struct str word, uint64_t *value);

#endif
