/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flow.h - both directions of one connection, joined across NAT */
#ifndef NFHOP_FLOW_H
#define NFHOP_FLOW_H

#include "nfhop/packet.h"

/**
 * struct tuple - what tells one connection's direction from all others
 * @ports: sport and dport hold (for ICMP echo both are the echo id)
 * @proto: holds if @known: what stands behind IPv6's extension headers is not always shown
 * @family: FAMILY_IP, FAMILY_IP6, FAMILY_ARP or FAMILY_NONE
 * @unseen: no line shows the packet's headers
 */
struct tuple {
	struct endpoints ends;
	uint8_t proto, family;
	bool ports, known, unseen;
};

/* struct nat, changed */
enum {
	NAT_SRC = 1 << 0,
	NAT_SPORT = 1 << 1,
	NAT_DST = 1 << 2,
	NAT_DPORT = 1 << 3,
};

/**
 * struct nat - what address translation made of a packet or of a flow's first direction
 * @ends: the packet's or the flow's own; the changed ones hold
 */
struct nat {
	uint8_t changed; /* NAT_* bits */
	enum source_of by;
	const struct endpoints *ends;
};

/**
 * struct flow_path - how many packets of a flow took one path in one direction
 * @flags: PACKET_* bits that they share and that bear on the outcome
 * @class: what they all said to the model's filter, 0 without one
 * @back: against the flow's first packet
 * @sample: a packet that took it, kept whole as long as there was room, else NULL
 */
struct flow_path {
	uint64_t class;
	uint32_t path;
	uint32_t packets;
	uint16_t flags;
	bool back;
	struct stamp first, last;
	const struct packet *sample;
};

/**
 * struct sent - what a packet can be recognised by in an ICMP error that quotes no addresses
 * @id: IPv4 identification or IPv6 flow label; @length: HEADER_LEN's; 0: neither is known
 */
struct sent {
	uint32_t id, length;
};

/**
 * struct flow - one connection
 * @no: from 1
 * @joined: number of the flow it was merged into, or 0; such a flow is not to be shown
 * @there: the tuple as first seen
 * @left: @there as it left this host, where that is known (NAT); else equal to @there
 * @nat_taken: number of the flow that has the tuple @left, if packets with PACKET_NAT_TAKEN came;
 *	else 0
 * @closing: a FIN or RST was seen
 * @packets: [0] there, [1] back
 * @errors: ICMP errors that quote it, counted in packets[1] too
 * @syns: packets there that are a TCP SYN alone; @same_syns: how often in a row the same one
 *	came (equal sequence number); @first_flags: TCP flags of its first packet, @first_no
 * @icmp_kinds: of its ICMP packets there, errors that quote another flow aside: how many different
 *	types and codes they have, 2 for more; @icmp: type << 8 | code of the first one
 * @mtu: of an ICMP error "fragmentation needed" or "packet too big" that quotes it, or 0;
 *	@mtu_back: it speaks of packets back
 * @newest: index in @paths of the newest packet [0] there and [1] back; -1 if there is none. An
 *	ICMP error about an answer is not the newest one there, if there is another
 * @sent: the newest packet [0] there and [1] back, ICMP errors aside
 * @iif, @oif: of direction [0] there and [1] back: first device in, last device out; those of IP,
 *	where it has any: @ports has bit 1 << d if iif[d], 4 << d if oif[d] is a port of a bridge
 */
struct flow {
	uint32_t no;
	uint32_t joined;
	sym_t host;
	uint16_t scope;
	uint8_t nat_by; /* enum source_of: how @left is known, BY_NONE if it is @there */
	bool closing;
	int newest[2];
	struct sent sent[2];
	struct tuple there, left;
	uint32_t errors;
	uint64_t packets[2];
	uint32_t syns, same_syns, syn_seq, mtu;
	uint64_t first_no;
	uint32_t nat_taken;
	uint16_t first_flags, icmp;
	uint8_t icmp_kinds;
	bool mtu_back;
	uint8_t ports;
	struct stamp first, last;
	sym_t iif[2], oif[2];
	uint32_t n_paths, cap_paths;
	struct flow_path *paths;
};

/*
 * flow_opener_known - was it seen which side opened it? Of TCP a SYN tells, else what came first;
 * of a flow that was given up (NULL) its packets know
 */
static inline bool flow_opener_known(const struct flow *flow)
{
	return !flow || flow->there.proto != 6 || flow->syns;
}

/**
 * struct flow_view - one flow's conclusion, drawn when asked for
 * @newest, @newest_back: of most of a direction's packets; see model_newest()
 * @answered: an answer got through
 * @lost: packets of which a loss, or the input's end, hides what became of them, [0] there and
 *	[1] back; @lost_first: the flow's first packet is one of them; @lost_by_end: only that
 *	end does
 * @ended: of a two-way flow, packets that were stopped or lost, [0] there and [1] back
 * @ends_stopped: of a two-way flow without times, a sender's last packets were stopped, again and
 *	again: nothing shows that the other side's came behind them
 * @astray: the answer left by another device than the request came in by, and nothing shows that it
 *	arrived; @refused_astray: that answer is a RST or an ICMP error
 * @troubled: of a two-way flow, it is astray, most of one direction were ended, or the error that
 *	says "too big" was
 * @errors_untraced: nothing came back, and an ICMP error would not have been traced
 * @housekeeping: model_is_housekeeping()
 * @maybe_error: nothing is known to have come back, but an ICMP error came that may be about it
 */
struct flow_view {
	enum flow_state state;
	struct decision decision;	/* of its newest packet there */
	const struct flow_path *newest; /* the path that decision speaks of; NULL: none there */
	const struct flow_path *newest_back;
	struct nat nat;
	uint64_t ended[2], lost[2];
	bool ends_stopped[2];
	bool answered, astray, refused_astray, troubled, errors_untraced, maybe_error;
	bool lost_first, lost_by_end, housekeeping;
};

#endif
