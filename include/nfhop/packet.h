/* SPDX-License-Identifier: GPL-2.0-or-later */
/* packet.h - one packet's way: hops, the interned path they make, and what became of it */
#ifndef NFHOP_PACKET_H
#define NFHOP_PACKET_H

#include "nfhop/event.h"
#include "nfhop/sym.h"

/**
 * struct step - one element of a path: what all packets that took it have in common
 * @table, @chain: names; 0 for a LOG line that names no rule
 * @target: the chain jumped to, where the event says so; else 0
 * @prefix: of a LOG line
 * @text: the rule's text as the trace itself prints it (nft monitor: of its start-up cache)
 * @rule: position in the chain from 1, if STEP_RULE is set
 * @handle: nftables handle, if STEP_HANDLE is set
 * @family: of the table
 * @hook: HOOK_NONE if not known
 * @kind, @verdict: as stated by the event (VERDICT_NONE for legacy)
 * @generation: number of the rule set that was loaded then, from 0: handles and numbers mean
 *	something in it alone
 * @have: STEP_* bits
 */
struct step {
	sym_t table, chain, target, prefix, text;
	uint32_t rule;
	uint64_t handle;
	uint16_t generation;
	uint8_t family, hook, kind, verdict;
	uint8_t have;
};

/* struct step, have */
enum {
	STEP_RULE = 1 << 0,
	STEP_HANDLE = 1 << 1,
	STEP_NFT = 1 << 2,     /* told by nftables, not by legacy iptables */
	STEP_BASE = 1 << 3,    /* its chain is the base chain */
	STEP_FIRST = 1 << 4,   /* nft: a base chain took up the packet here */
	STEP_BEHIND = 1 << 5,  /* not seen: by the rule set it comes behind the last LOG line */
	STEP_REMARKS = 1 << 6, /* by its text that rule gives the packet a mark */
};

/* step_was_traced - did a trace tell of it? A LOG line proves nothing of what comes behind it */
static inline bool step_was_traced(const struct step *step)
{
	return step->kind != HOP_LOG && !(step->have & STEP_BEHIND);
}

/*
 * step_has_run - had the rule run when it was told of? nftables tells of one when all of it has, so
 * a mark is that behind it (nft_do_chain() of Linux 6.18); legacy TRACE before its target does.
 */
static inline bool step_has_run(const struct step *step)
{
	return (step->have & STEP_NFT) && step->kind == HOP_RULE;
}

/* struct endpoints - where a packet came from and goes to, as the hop saw it */
struct endpoints {
	struct addr src, dst;
	uint16_t sport, dport;
};

/* struct hop, have */
enum {
	HOP_MARK = 1 << 0,
	HOP_TTL = 1 << 1,
	HOP_LENGTH = 1 << 2,
	HOP_TOS = 1 << 3,
	HOP_IN = 1 << 4, /* the event spoke of the input device, if only to say there is none */
	HOP_MARK_KNOWN = 1 << 5, /* mark holds, even if it is 0 */
	HOP_PORTS = 1 << 6,	 /* at a bridge, by nft's trace: iif and oif are its ports */
};

/**
 * struct hop - one packet at one step
 * @step: number of its struct step
 * @iif, @oif: devices, 0 if none
 * @mark: firewall mark, 0 if HOP_MARK is not set
 * @at: which of the packet's endpoints[] held here
 */
struct hop {
	struct stamp stamp;
	uint32_t step;
	sym_t iif, oif;
	uint32_t mark;
	uint32_t length;
	uint8_t ttl, tos;
	uint8_t at;
	uint8_t have;
};

/* struct packet, flags: what bears on the conclusion */
enum {
	PACKET_GAP = 1 << 0,	    /* events were lost between its last hop and the next */
	PACKET_CUT = 1 << 1,	    /* the input ends in the middle of a line, right there */
	PACKET_AMBIGUOUS = 1 << 2,  /* its hops could also have been grouped otherwise */
	PACKET_FRAGMENT = 1 << 3,   /* it may wait for its other fragments */
	PACKET_SHORT = 1 << 4,	    /* its own headers were cut: a match may have dropped it */
	PACKET_ANSWERED = 1 << 5,   /* an ICMP error or RST to it left this host right after it */
	PACKET_CT_INVALID = 1 << 6, /* conntrack called it invalid */
	PACKET_CT_FULL = 1 << 7,    /* the kernel said "table full" while it was on its way */
	PACKET_MID_GAP = 1 << 8,    /* events were lost between two of its hops */
	PACKET_BACK = 1 << 9,	    /* it runs against its flow's first packet */
	PACKET_CAME_IN = 1 << 10,   /* it came in by a device: it was not made here */
	PACKET_ERROR = 1 << 11,	    /* an ICMP error or a RST */
	PACKET_NO_START = 1 << 12,  /* the trace of it begins in the middle */
	PACKET_UID = 1 << 13,	    /* uid holds */
	PACKET_STALE = 1 << 14,	    /* the rule set changed while it was on its way */
	PACKET_NAT_TAKEN = 1 << 15, /* seen translated to a tuple that is another flow's */
};

#define PACKET_ENDPOINTS 4

/**
 * struct packet - one packet and its hops so far
 * @no: from 1, in the order of first hops
 * @flow: number of its flow (resolve with model_flow_of(): flows may be joined later)
 * @host: the log's host
 * @first: its header at the first hop; @quoted: what it quotes, if it is an ICMP error and
 *	@has_quoted: a flow was found by that. A trace event's quote has no addresses
 * @elsewhere: it is of another network namespace than the traced one: nobody gets to see it
 * @from_lo: it came in by lo, so it was seen before, going out
 * @untold: a hop of it may be; what nft told of it shows that it is not
 * @ends: the endpoints it had, first ones first; @n_ends of them hold
 * @path: number of its interned path; holds once the packet is closed
 * @uid: user of the process that made it (LOG --log-uid); holds if PACKET_UID is set
 * @flags: PACKET_* bits
 * @class: what it said to the model's filter; holds once the packet is closed
 */
struct packet {
	uint64_t no;
	uint64_t class;
	struct hop *hops;
	uint32_t flow;
	uint32_t path;
	uint32_t uid;
	sym_t host;
	uint16_t scope;
	uint16_t flags;
	uint16_t n_hops, cap_hops;
	uint8_t n_ends;
	bool has_quoted, elsewhere, untold, from_lo;
	struct header first;
	struct endpoints ends[PACKET_ENDPOINTS];
	struct header quoted;
};

/* Why the decision fell as it did; each has its sentence in reason.c. */
enum reason {
	REASON_NONE,
	REASON_GAP,		/* events were lost right after its last hop */
	REASON_MID_GAP,		/* events were lost before its last hop, in a user chain */
	REASON_CUT,		/* the input ends in the middle of a line there */
	REASON_STATED,		/* the trace says the verdict */
	REASON_STATED_DROP,	/* the trace says drop, the rule set that the rule rejects */
	REASON_RULESET,		/* the rule set says what that rule does */
	REASON_PREFIX,		/* the prefix of its LOG line names rule and verdict */
	REASON_LOG_RULE,	/* the rule that has its LOG line's prefix ends it */
	REASON_ONLY_LOGGED,	/* LOG lines only */
	REASON_BEHIND_LOG,	/* a rule, or a policy, behind that of its LOG line ends it */
	REASON_BEHIND_PASSES,	/* there it is accepted; LOG lines only */
	REASON_BEHIND_APART,	/* there are several ways behind it; LOG lines only */
	REASON_BEHIND_DOUBT,	/* there a rule may end it; LOG lines only */
	REASON_LAST_TABLE,	/* last table of the last hook */
	REASON_REDIRECTED,	/* the same; it goes on to this host, since OUTPUT redirected it */
	REASON_HANDED_UP,	/* by a bridge; what IP did with it is told elsewhere, or nowhere */
	REASON_LAST_UNKNOWN,	/* the last rule's verdict is not known, nothing can follow */
	REASON_TABLE_MISSING,	/* a later table of this hook would have followed an accept */
	REASON_HOOK_MISSING,	/* a later hook would have followed an accept */
	REASON_ROUTING,		/* nat accepted it, no later hook saw it */
	REASON_ROUTING_OR_RULE, /* the last rule's verdict, or routing: either may have ended it */
	REASON_NOT_TRACED,	/* nothing later is being traced */
	REASON_MAY_BE_UNSEEN,	/* not every later hook is being traced */
	REASON_SILENT_LEGACY,	/* legacy iptables may have ended it, and is not heard */
	REASON_SILENT_NFT,	/* nftables may have ended it, and is not heard */
	REASON_NO_HOOK,		/* it is not known at which hook its last hop was */
	REASON_NO_HEADERS,	/* no line shows what it is, so what it would meet is not known */
	REASON_NO_START,	/* its beginning is missing: made here, or did it come in? */
	REASON_PERHAPS_NAT,	/* others were seen at a later hook, but perhaps in nat alone */
	REASON_NEXT_HOP,	/* it left the last hook, and its next hop did not answer */
	REASON_NAT_TAKEN,	/* conntrack cannot confirm it: another flow has its new tuple */
	REASON_ANSWERED,	/* an ICMP error or a RST answered it */
	REASON_MUST_GO_ON,	/* by the rule set a hop must follow, but none did */
	REASON_CT_FULL,		/* conntrack table full between raw and mangle */
	REASON_FRAGMENT,	/* a fragment may wait for the others */
	REASON_SHORT,		/* cut headers: hotdrop is possible */
	REASON_AMBIGUOUS,	/* the grouping is not certain */
	REASON_MAX
};

/**
 * struct decision - what became of a packet, and how that is known (semantics.md section 4)
 * @stop: index of the hop that stopped it, or -1
 * @lost_after: last hook of a lost packet, else HOOK_NONE
 * @at: where it was seen last, HOOK_NONE if not known
 * @missing_table, @missing_hook: what would have followed: the table and its hook, or the hook
 * alone
 * @late: its first hop is at a bridge's FORWARD or OUTPUT, though the trace of it is whole
 */
struct decision {
	enum outcome outcome;
	enum certainty certainty;
	enum reason reason;
	int stop;
	enum hook lost_after;
	enum hook at;
	int missing_table; /* enum table_no of trace.h, TABLE_MAX if none */
	const struct chain *missing_chain;
	enum hook missing_hook;
	bool late;
};

#endif
