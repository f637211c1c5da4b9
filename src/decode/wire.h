/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wire.h - a packet's own bytes, as struct header */
#ifndef NFHOP_DECODE_WIRE_H
#define NFHOP_DECODE_WIRE_H

#include "nfhop/event.h"

/* What a network header may be: ethertypes. */
enum {
	WIRE_IP = 0x0800,
	WIRE_ARP = 0x0806,
	WIRE_VLAN = 0x8100,
	WIRE_QINQ = 0x88a8,
	WIRE_IP6 = 0x86dd
};

/**
 * wire_packet - read a packet
 * @packet: from its network header on; what is behind may be missing
 * @ethertype: what it begins with, 0 if that is not known: IP of the version it names itself.
 *	VLAN tags are passed over.
 * @h: zeroed by the caller; h->family stays FAMILY_NONE if it is neither IP nor ARP
 * @quoted: zeroed by the caller; the packet that an ICMP error quotes
 *
 * Fields and units are those of kernel log lines (struct header), with two more: the ports of
 * SCTP and DCCP, and of a quoted packet that is cut after them. HEADER_SHORT says that the packet
 * itself is too short for its header, never that only too little of it was captured.
 *
 * Return: was a packet quoted?
 */
bool wire_packet(struct str packet, unsigned int ethertype, struct header *h,
		 struct header *quoted);

/**
 * wire_parts - the same where network and transport header come apart, each perhaps cut
 * @network: the first bytes of it (of nft's trace events at most 40)
 * @transport: the first bytes of it (at most 20), empty if there is none
 *
 * Where IPv6 extension headers stand between the two, the protocol is known only if they are
 * all in @network; else @transport is not read and HEADER_PROTO not set.
 */
bool wire_parts(struct str network, struct str transport, unsigned int ethertype, struct header *h,
		struct header *quoted);

/**
 * wire_quote - the beginning of what an ICMP error quotes, where only that was captured
 * @error: proto and icmp_type tell what is behind the first 8 bytes
 * @bytes: what follows them: of a trace event 12 (NFT_TRACETYPE_TRANSPORT_HSIZE is 20, Linux 6.1,
 *	net/netfilter/nf_tables_trace.c), so length, id and protocol, and no addresses
 * @quoted: zeroed by the caller
 *
 * Return: was a packet quoted?
 */
bool wire_quote(const struct header *error, struct str bytes, struct header *quoted);

#endif
