/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xt_words.c - what iptables' tables, built-in chains and targets are */
#include "xt_words.h"
#include "lit.h"

/*
 * Linux 6.18, netfilter_ipv4.h, and iptable_*.c; iptables-nft 1.8.9 registers security at 150 and
 * so after the nat INPUT chain, whatever the kernel's own number (50).
 */
/* clang-format off */
static const struct xt_hook hooks[] = {
	{ S("raw"),      S("PREROUTING"),  HOOK_PREROUTING,  -300, -300 },
	{ S("raw"),      S("OUTPUT"),      HOOK_OUTPUT,      -300, -300 },
	{ S("mangle"),   S("PREROUTING"),  HOOK_PREROUTING,  -150, -150 },
	{ S("mangle"),   S("INPUT"),       HOOK_INPUT,       -150, -150 },
	{ S("mangle"),   S("FORWARD"),     HOOK_FORWARD,     -150, -150 },
	{ S("mangle"),   S("OUTPUT"),      HOOK_OUTPUT,      -150, -150 },
	{ S("mangle"),   S("POSTROUTING"), HOOK_POSTROUTING, -150, -150 },
	{ S("nat"),      S("PREROUTING"),  HOOK_PREROUTING,  -100, -100 },
	{ S("nat"),      S("INPUT"),       HOOK_INPUT,        100,  100 },
	{ S("nat"),      S("OUTPUT"),      HOOK_OUTPUT,      -100, -100 },
	{ S("nat"),      S("POSTROUTING"), HOOK_POSTROUTING,  100,  100 },
	{ S("filter"),   S("INPUT"),       HOOK_INPUT,          0,    0 },
	{ S("filter"),   S("FORWARD"),     HOOK_FORWARD,        0,    0 },
	{ S("filter"),   S("OUTPUT"),      HOOK_OUTPUT,         0,    0 },
	{ S("security"), S("INPUT"),       HOOK_INPUT,         50,  150 },
	{ S("security"), S("FORWARD"),     HOOK_FORWARD,       50,  150 },
	{ S("security"), S("OUTPUT"),      HOOK_OUTPUT,        50,  150 },
};

/* The verdicts are those of the kernel's xt_*.c, ipt_*.c; STOLEN: the target answers itself. */
static const struct xt_target targets[] = {
	{ S("ACCEPT"),      VERDICT_ACCEPT,   XT_TARGET_STANDARD, 0, S(""), S("") },
	{ S("DROP"),        VERDICT_DROP,     XT_TARGET_STANDARD, 0, S(""), S("") },
	{ S("RETURN"),      VERDICT_RETURN,   XT_TARGET_STANDARD, 0, S(""), S("") },
	{ S("QUEUE"),       VERDICT_QUEUE,    XT_TARGET_STANDARD, 0, S(""), S("") },
	{ S("REJECT"),      VERDICT_REJECT,   0, RULE_REJECTS, S("filter"), S("reject-with") },
	{ S("LOG"),         VERDICT_CONTINUE, 0, RULE_LOGS, S(""), S("") },
	{ S("ULOG"),        VERDICT_CONTINUE, 0, RULE_LOGS, S(""), S("") },
	{ S("NFLOG"),       VERDICT_CONTINUE, 0, RULE_LOGS, S(""), S("nflog-") },
	{ S("NFQUEUE"),     VERDICT_QUEUE,    0, 0, S(""), S("") },
	{ S("SNAT"),        VERDICT_ACCEPT,   XT_TARGET_SOURCE, RULE_NEEDS_CT, S("nat"), S("to:") },
	{ S("DNAT"),        VERDICT_ACCEPT,   XT_TARGET_DEST, RULE_NEEDS_CT, S("nat"), S("to:") },
	{ S("MASQUERADE"),  VERDICT_ACCEPT,   XT_TARGET_SOURCE | XT_TARGET_BY_DEVICE, RULE_NEEDS_CT,
	  S("nat"), S("masq ports:") },
	{ S("REDIRECT"),    VERDICT_ACCEPT,   XT_TARGET_DEST | XT_TARGET_BY_DEVICE, RULE_NEEDS_CT,
	  S("nat"), S("redir ports") },
	{ S("NETMAP"),      VERDICT_ACCEPT,   XT_TARGET_SOURCE | XT_TARGET_BY_MAP, RULE_NEEDS_CT,
	  S("nat"), S("to:") },
	{ S("MARK"),        VERDICT_CONTINUE, 0, RULE_SETS_MARK, S(""), S("") },
	{ S("CONNMARK"),    VERDICT_CONTINUE, 0, RULE_NEEDS_CT | RULE_SETS_MARK, S(""), S("") },
	{ S("CT"),          VERDICT_CONTINUE, 0, RULE_NEEDS_CT, S("raw"), S("") },
	{ S("NOTRACK"),     VERDICT_CONTINUE, 0, RULE_NOTRACK, S("raw"), S("") },
	{ S("TRACE"),       VERDICT_CONTINUE, 0, RULE_SETS_TRACE, S("raw"), S("") },
	{ S("TPROXY"),      VERDICT_NONE,     0, RULE_SETS_MARK | RULE_TO_SOCKET,
	  S("mangle"), S("TPROXY") },
	{ S("SYNPROXY"),    VERDICT_STOLEN,   0, RULE_NEEDS_CT, S(""), S("") },
	{ S("TARPIT"),      VERDICT_DROP,     0, 0, S(""), S("") },
	{ S("CHAOS"),       VERDICT_DROP,     0, 0, S(""), S("") },
	{ S("DELUDE"),      VERDICT_DROP,     0, 0, S(""), S("") },
	{ S("STEAL"),       VERDICT_DROP,     0, 0, S(""), S("") },
	{ S("CLUSTERIP"),   VERDICT_NONE,     0, 0, S(""), S("") },
	{ S("AUDIT"),       VERDICT_CONTINUE, 0, 0, S(""), S("") },
	{ S("CHECKSUM"),    VERDICT_CONTINUE, 0, 0, S("mangle"), S("") },
	{ S("CLASSIFY"),    VERDICT_CONTINUE, 0, 0, S(""), S("") },
	{ S("CONNSECMARK"), VERDICT_CONTINUE, 0, RULE_NEEDS_CT, S(""), S("") },
	{ S("DSCP"),        VERDICT_CONTINUE, 0, 0, S("mangle"), S("") },
	{ S("ECN"),         VERDICT_CONTINUE, 0, 0, S("mangle"), S("") },
	{ S("HL"),          VERDICT_CONTINUE, 0, 0, S("mangle"), S("") },
	{ S("HMARK"),       VERDICT_CONTINUE, 0, RULE_SETS_MARK, S(""), S("") },
	{ S("IDLETIMER"),   VERDICT_CONTINUE, 0, 0, S(""), S("") },
	{ S("LED"),         VERDICT_CONTINUE, 0, 0, S(""), S("") },
	{ S("RATEEST"),     VERDICT_CONTINUE, 0, 0, S(""), S("") },
	{ S("SECMARK"),     VERDICT_CONTINUE, 0, 0, S(""), S("") },
	{ S("SET"),         VERDICT_CONTINUE, 0, 0, S(""), S("") },
	{ S("TCPMSS"),      VERDICT_CONTINUE, 0, 0, S(""), S("") },
	{ S("TCPOPTSTRIP"), VERDICT_CONTINUE, 0, 0, S("mangle"), S("") },
	{ S("TEE"),         VERDICT_CONTINUE, 0, RULE_COPIES, S(""), S("") },
	{ S("TOS"),         VERDICT_CONTINUE, 0, 0, S("mangle"), S("") },
	{ S("TTL"),         VERDICT_CONTINUE, 0, 0, S("mangle"), S("") },
};

static const struct str ct_matches[] = {
	S("conntrack"), S("state"), S("connmark"), S("connlimit"), S("connbytes"), S("connlabel"),
	S("helper"),
};
/* clang-format on */

bool xt_match_needs_ct(struct str name)
{
	for (size_t i = 0; i < sizeof(ct_matches) / sizeof(*ct_matches); i++)
		if (str_eq(ct_matches[i], name))
			return true;
	return false;
}

const struct xt_hook *xt_hook_find(struct str table, struct str chain)
{
	for (size_t i = 0; i < sizeof(hooks) / sizeof(*hooks); i++)
		if (str_eq(hooks[i].chain, chain) && str_eq(hooks[i].table, table))
			return &hooks[i];
	return NULL;
}

enum hook xt_chain_hook(struct str chain)
{
	for (size_t i = 0; i < sizeof(hooks) / sizeof(*hooks); i++)
		if (str_eq(hooks[i].chain, chain))
			return hooks[i].hook;
	return HOOK_NONE;
}

const struct xt_target *xt_target_find(struct str name)
{
	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++)
		if (str_eq(targets[i].name, name))
			return &targets[i];
	return NULL;
}
