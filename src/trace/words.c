/* SPDX-License-Identifier: GPL-2.0-or-later */
/* words.c - the words for hooks, verdicts and outcomes; how far verdicts reach */
#include "nfhop/words.h"

#include <assert.h>

#define LENGTH(a)      (sizeof(a) / sizeof((a)[0]))
#define NAME(names, i) ((size_t)(i) < LENGTH(names) ? (names)[i] : NULL)

/* clang-format off */
static const struct {
	const char *name, *title;
} hooks[] = {
	[HOOK_INGRESS]     = { "ingress",     "INGRESS" },
	[HOOK_PREROUTING]  = { "prerouting",  "PREROUTING" },
	[HOOK_INPUT]       = { "input",       "INPUT" },
	[HOOK_FORWARD]     = { "forward",     "FORWARD" },
	[HOOK_OUTPUT]      = { "output",      "OUTPUT" },
	[HOOK_POSTROUTING] = { "postrouting", "POSTROUTING" },
	[HOOK_EGRESS]      = { "egress",      "EGRESS" },
};

static const char *const kinds[] = {
	[HOP_RULE] = "rule", [HOP_RETURN] = "return", [HOP_POLICY] = "policy", [HOP_LOG] = "log",
};

static const struct {
	const char *name;
	enum reach reach;
} verdicts[] = {
	[VERDICT_NONE]     = { NULL,       REACH_UNKNOWN },
	[VERDICT_CONTINUE] = { "continue", REACH_RULE },
	[VERDICT_ACCEPT]   = { "accept",   REACH_BASE },
	[VERDICT_DROP]     = { "drop",     REACH_PACKET },
	[VERDICT_REJECT]   = { "reject",   REACH_PACKET },
	[VERDICT_JUMP]     = { "jump",     REACH_CHAIN },
	[VERDICT_GOTO]     = { "goto",     REACH_CHAIN },
	[VERDICT_RETURN]   = { "return",   REACH_CHAIN },
	[VERDICT_QUEUE]    = { "queue",    REACH_BASE },
	[VERDICT_STOLEN]   = { "stolen",   REACH_PACKET },
};

static const char *const sources[] = {
	[BY_NONE] = NULL, [BY_TRACE] = "trace",
	[BY_RULESET] = "ruleset", [BY_INFERRED] = "inferred",
};

static const struct {
	const char *name;
	bool stops, passes;
} outcomes[] = {
	[OUTCOME_UNKNOWN]   = { "unknown",   false, false },
	[OUTCOME_FORWARDED] = { "forwarded", false, true },
	[OUTCOME_DELIVERED] = { "delivered", false, true },
	[OUTCOME_SENT]      = { "sent",      false, true },
	[OUTCOME_DROPPED]   = { "dropped",   true,  false },
	[OUTCOME_REJECTED]  = { "rejected",  true,  false },
	[OUTCOME_LOST]      = { "lost",      true,  false },
	[OUTCOME_QUEUED]    = { "queued",    false, false },
};

static const char *const certainties[] = {
	[CERTAINTY_NONE] = "none",       [CERTAINTY_INFERRED] = "inferred",
	[CERTAINTY_RULESET] = "ruleset", [CERTAINTY_STATED] = "stated",
};

static const char *const states[] = {
	[FLOW_UNKNOWN] = "unknown",
	[FLOW_TWO_WAY] = "two-way",
	[FLOW_NO_REPLY] = "no-reply",
	[FLOW_REPLY_STOPPED] = "reply-stopped",
	[FLOW_REPLY_NOT_UNNATTED] = "reply-not-unnatted",
	[FLOW_STOPPED] = "stopped",
	[FLOW_REFUSED] = "refused",
	[FLOW_ONE_WAY_TRACE] = "one-way-trace",
};

static const char *const severities[] = {
	[SEVERITY_ERROR] = "error", [SEVERITY_WARNING] = "warning", [SEVERITY_INFO] = "info",
};

/* IANA protocol numbers; the words are those of iptables and nft, icmp6 is the filter word */
static const struct {
	unsigned int number;
	const char *name;
} protocols[] = {
	{ 1, "icmp" }, { 2, "igmp" },  { 4, "ipip" },  { 6, "tcp" },    { 17, "udp" },
	{ 41, "ipv6" }, { 46, "rsvp" }, { 47, "gre" },  { 50, "esp" },   { 51, "ah" },
	{ 58, "icmp6" }, { 88, "eigrp" }, { 89, "ospf" }, { 103, "pim" }, { 112, "vrrp" },
	{ 132, "sctp" }, { 136, "udplite" },
};
/* clang-format on */

static_assert(LENGTH(hooks) == HOOK_MAX, "a hook without its word");
static_assert(LENGTH(kinds) == HOP_KIND_MAX, "a kind without its word");
static_assert(LENGTH(verdicts) == VERDICT_MAX, "a verdict without its word");
static_assert(LENGTH(sources) == BY_MAX, "a source without its word");
static_assert(LENGTH(outcomes) == OUTCOME_MAX, "an outcome without its word");
static_assert(LENGTH(certainties) == CERTAINTY_MAX, "a certainty without its word");
static_assert(LENGTH(states) == FLOW_STATE_MAX, "a state without its word");
static_assert(LENGTH(severities) == SEVERITY_MAX, "a severity without its word");

const char *hook_name(enum hook hook)
{
	return (size_t)hook < LENGTH(hooks) ? hooks[hook].name : NULL;
}

const char *hook_title(enum hook hook)
{
	return (size_t)hook < LENGTH(hooks) ? hooks[hook].title : NULL;
}

const char *hop_kind_name(enum hop_kind kind)
{
	return NAME(kinds, kind);
}

const char *verdict_name(enum verdict verdict)
{
	return (size_t)verdict < LENGTH(verdicts) ? verdicts[verdict].name : NULL;
}

enum reach verdict_reach(enum verdict verdict)
{
	return (size_t)verdict < LENGTH(verdicts) ? verdicts[verdict].reach : REACH_UNKNOWN;
}

const char *source_of_name(enum source_of by)
{
	return NAME(sources, by);
}

const char *outcome_name(enum outcome outcome)
{
	return (size_t)outcome < LENGTH(outcomes) ? outcomes[outcome].name : NULL;
}

bool outcome_stops(enum outcome outcome)
{
	return (size_t)outcome < LENGTH(outcomes) && outcomes[outcome].stops;
}

bool outcome_passes(enum outcome outcome)
{
	return (size_t)outcome < LENGTH(outcomes) && outcomes[outcome].passes;
}

const char *certainty_name(enum certainty certainty)
{
	return NAME(certainties, certainty);
}

const char *flow_state_name(enum flow_state state)
{
	return NAME(states, state);
}

const char *severity_name(enum severity severity)
{
	return NAME(severities, severity);
}

const char *ip_proto_name(unsigned int proto)
{
	for (size_t i = 0; i < LENGTH(protocols); i++)
		if (protocols[i].number == proto)
			return protocols[i].name;
	return NULL;
}

#define SYNPROXY                                                                                   \
	{                                                                                          \
		"taken by SYNPROXY, which answers it itself", "taken by SYNPROXY",                 \
			"takes it, to answer the handshake itself", "taken here"                   \
	}

/* The first row that fits: a verdict, and a word of the rule. */
static const struct {
	enum verdict verdict;
	struct str word;
	struct taking taking;
} takings[] = {
	/* synproxy_send_client_synack() of net/netfilter/nf_synproxy_core.c */
	{ VERDICT_STOLEN, { "synproxy", 8 }, SYNPROXY },
	{ VERDICT_STOLEN, { "SYNPROXY", 8 }, SYNPROXY },
	{ VERDICT_STOLEN,
	  { "fwd", 3 },
	  { "sent on by another device (fwd)", "sent on by another device",
	    "sends it on by another device", "sent on here" } },
	{ VERDICT_STOLEN,
	  { "", 0 },
	  { "taken over by the kernel, not seen again", "taken over by the kernel",
	    "takes it over and nothing came after", "taken here" } },
	{ VERDICT_QUEUE,
	  { "", 0 },
	  { "handed to a program (NFQUEUE), not seen again", "handed to a program",
	    "hands it to a program and nothing came after", "handed over here" } },
};

const struct taking *taking_of(enum verdict verdict, struct str rule)
{
	size_t i = 0;

	while (i + 1 < LENGTH(takings) &&
	       (takings[i].verdict != verdict || !str_has(rule, takings[i].word)))
		i++;
	return &takings[i].taking;
}
