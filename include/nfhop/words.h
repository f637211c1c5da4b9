/* SPDX-License-Identifier: GPL-2.0-or-later */
/* words.h - the field's own words: families, hooks, kinds, verdicts, outcomes, and their names */
#ifndef NFHOP_WORDS_H
#define NFHOP_WORDS_H

#include "nfhop/str.h"

/* The numbers are NFPROTO_* of linux/netfilter.h, so that netlink values need no translation. */
enum family {
	FAMILY_NONE = 0,
	FAMILY_INET = 1,
	FAMILY_IP = 2,
	FAMILY_ARP = 3,
	FAMILY_NETDEV = 5,
	FAMILY_BRIDGE = 7,
	FAMILY_IP6 = 10,
	FAMILY_MAX
};

/* family_word - nft's, and iptables-nft's; empty if it has none. Here, as every room needs it. */
static inline struct str family_word(enum family family)
{
	static const struct str words[FAMILY_MAX] = {
		[FAMILY_INET] = { "inet", 4 },	   [FAMILY_IP] = { "ip", 2 },
		[FAMILY_ARP] = { "arp", 3 },	   [FAMILY_NETDEV] = { "netdev", 6 },
		[FAMILY_BRIDGE] = { "bridge", 6 }, [FAMILY_IP6] = { "ip6", 3 },
	};

	return (unsigned int)family < FAMILY_MAX ? words[family] : (struct str){ NULL, 0 };
}

/* family_name - the same as a string, for JSON and filters; NULL if it has none */
static inline const char *family_name(enum family family)
{
	return family_word(family).p;
}

/* family_of_word - Return: FAMILY_NONE if it is none of theirs */
static inline enum family family_of_word(struct str word)
{
	int family = FAMILY_MAX;

	while (--family > FAMILY_NONE &&
	       !(word.n && str_eq(family_word((enum family)family), word)))
		;
	return (enum family)family;
}

/* In the order in which one packet can meet them. */
enum hook {
	HOOK_NONE, /* not known */
	HOOK_INGRESS,
	HOOK_PREROUTING,
	HOOK_INPUT,
	HOOK_FORWARD,
	HOOK_OUTPUT,
	HOOK_POSTROUTING,
	HOOK_EGRESS,
	HOOK_MAX
};

#define HOOK_BIT(h) (1u << (h))

/* What kind of hop an event tells of. */
enum hop_kind {
	HOP_RULE,   /* a rule matched */
	HOP_RETURN, /* end of a user chain, or an unconditional rule in it (formats.md 2.3) */
	HOP_POLICY, /* end of a base chain, or an unconditional rule in it (formats.md 2.3) */
	HOP_LOG,    /* a LOG line: somewhere a rule logged the packet */
	HOP_KIND_MAX
};

enum verdict {
	VERDICT_NONE, /* not known */
	VERDICT_CONTINUE,
	VERDICT_ACCEPT,
	VERDICT_DROP,
	VERDICT_REJECT,
	VERDICT_JUMP,
	VERDICT_GOTO,
	VERDICT_RETURN,
	VERDICT_QUEUE,
	VERDICT_STOLEN,
	VERDICT_MAX
};

/* How far a verdict's effect reaches. The only place where verdicts are told apart. */
enum reach {
	REACH_UNKNOWN,
	REACH_RULE,   /* the next rule of the same chain comes */
	REACH_CHAIN,  /* evaluation goes on in the same base chain, elsewhere */
	REACH_BASE,   /* this base chain is done; later base chains come */
	REACH_PACKET, /* the packet ends here */
};

/* Where a statement comes from. */
enum source_of { BY_NONE, BY_TRACE, BY_RULESET, BY_INFERRED, BY_MAX };

/* interface.md section 4 */
enum outcome {
	OUTCOME_UNKNOWN,
	OUTCOME_FORWARDED,
	OUTCOME_DELIVERED,
	OUTCOME_SENT,
	OUTCOME_DROPPED,
	OUTCOME_REJECTED,
	OUTCOME_LOST,
	OUTCOME_QUEUED,
	OUTCOME_MAX
};

enum certainty {
	CERTAINTY_NONE,
	CERTAINTY_INFERRED,
	CERTAINTY_RULESET,
	CERTAINTY_STATED,
	CERTAINTY_MAX
};

/* semantics.md section 5 */
enum flow_state {
	FLOW_UNKNOWN,
	FLOW_TWO_WAY,
	FLOW_NO_REPLY,
	FLOW_REPLY_STOPPED,
	FLOW_REPLY_NOT_UNNATTED,
	FLOW_STOPPED,
	FLOW_REFUSED,
	FLOW_ONE_WAY_TRACE,
	FLOW_STATE_MAX
};

enum severity { SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_INFO, SEVERITY_MAX };

/*
 * Each *_name() gives the word that JSON and filters use (lower case), and NULL for the
 * "not known" member where JSON says null. hook_title() gives the word as iptables prints it.
 * The strings are constants.
 */
const char *hook_name(enum hook hook);
const char *hook_title(enum hook hook);
const char *hop_kind_name(enum hop_kind kind);
const char *verdict_name(enum verdict verdict);
const char *source_of_name(enum source_of by);
const char *outcome_name(enum outcome outcome);
const char *certainty_name(enum certainty certainty);
const char *flow_state_name(enum flow_state state);
const char *severity_name(enum severity severity);

enum reach verdict_reach(enum verdict verdict);

/* outcome_stops - true if the packet did not get where it wanted to: dropped, rejected, lost */
bool outcome_stops(enum outcome outcome);
/* outcome_passes - true if it got through this host: forwarded, delivered, sent */
bool outcome_passes(enum outcome outcome);

/**
 * struct taking - how to say that a rule took a packet away whose verdict is no end by itself
 * @what: of the packet: "handed to a program (NFQUEUE), not seen again"; @brief: the same, shorter
 * @does: of the rule: "hands it to a program and nothing came after"
 * @here: of the place: "handed over here"
 */
struct taking {
	const char *what, *brief, *does, *here;
};

/**
 * taking_of - which words fit what took it
 * @verdict: of its last hop; @rule: that rule's text, empty if it is not known
 */
const struct taking *taking_of(enum verdict verdict, struct str rule);

/**
 * ip_proto_name - the word for an IP protocol number
 * Return: a constant ("tcp", "icmpv6" is "icmp6", …), or NULL if only the number is in use
 */
const char *ip_proto_name(unsigned int proto);

#endif
