// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * prefix_table.c - the conventions by which firewalls name their rules in LOG prefixes
 *
 * The rows are written in the language of the user's own file (nfhop-prefixes(5)), so whatever a
 * built-in row can say a user's can. The first row that matches answers: the particular stand
 * before the general. Blanks at the prefix's end are gone by then.
 *
 * A row must not say more than the prefix does. Where the rule that logs is not the one that
 * decides, the verdict is what comes next by the firewall's defaults, with a `?`. Where a letter
 * or a name means two things, nothing is said: a wrong rule is worse than none.
 */
#include "prefix_table.h"

#include <strings.h>

/* clang-format off */
const char *const builtin_prefixes[] = {
	/*
	 * ufw 0.36, backend_iptables.py. BLOCK is logged by ufw-after-logging-*, before the policy
	 * (drop or reject), by ufw-logging-deny, before a drop, and by ufw-user-logging-* for each
	 * `deny log` and `reject log`. ALLOW likewise. AUDIT comes first of all; AUDIT INVALID and
	 * BLOCK stand one after the other in one chain. LIMIT is logged before the limit is tried,
	 * LIMIT BLOCK once it is exceeded, right before REJECT. The chains' names are not said:
	 * they begin with ufw- for IPv4, with ufw6- for IPv6.
	 */
	"ufw /^\\[UFW BLOCK]/                  table=filter verdict=drop?",
	"ufw /^\\[UFW ALLOW]/                  table=filter verdict=accept?",
	"ufw /^\\[UFW LIMIT BLOCK]/            table=filter verdict=reject",
	"ufw /^\\[UFW (AUDIT( INVALID)?|LIMIT)]/ table=filter verdict=continue",
	/* ufw-docker: its chain is called from DOCKER-USER, the next rule drops */
	"ufw /^\\[UFW DOCKER BLOCK]/           table=filter hook=forward verdict=drop",

	/*
	 * firewalld, LogDenied=: ipXtables.py, nftables.py. The prefix is the chain's name and the
	 * zone's or policy's target, which is its last rule; some versions quote it twice (issue
	 * 876). The last three are the same for both backends, whose tables have other names.
	 */
	"firewalld /^\"?(?<chain>filter_(?<hook>IN|FWD[IO]?|OUT)_[^\" ]+)_(?<action>REJECT|DROP):/"
	" table=firewalld rule=default",
	"firewalld /^\"?(?<chain>(?<hook>IN|FWD[IO]?|OUT)_[^\" ]+)_(?<action>REJECT|DROP):/"
	" table=filter rule=default",
	"firewalld /^\"?zone_[^\" ]+_(?<action>REJECT|DROP):/ rule=default verdict=$action?",
	"firewalld /^\"?FINAL_REJECT:/         hook=input,forward rule=default verdict=reject",
	"firewalld /^\"?STATE_INVALID_DROP:/   hook=input,forward verdict=drop",
	"firewalld /^\"?rpfilter_DROP:/        hook=prerouting verdict=drop",

	/*
	 * Shorewall, LOGFORMAT="Shorewall:%s:%s:" or, with LOGRULENUMBERS, "%s:%d:%s": chain and
	 * disposition. Chains between zones are net2fw or net-fw; fw is the firewall itself unless
	 * zones(5) calls it otherwise. CONTINUE leaves the chain, others (ADD, DNAT in a filter
	 * chain) do not say what follows.
	 */
#define SHOREWALL(chain)                                                                           \
	"shorewall /^Shorewall6?:(?<chain>" chain "):((?<rule>\\d+):)?"                            \
	"((?<action>ACCEPT|DROP|REJECT|N?F?QUEUE|LOG|COUNT)|[^: ]+):/ "
	SHOREWALL("[^: ]+_dnat")           "table=nat hook=prerouting verdict=accept?",
	SHOREWALL("(?<hook>INPUT|FORWARD|OUTPUT)") "table=filter",
	SHOREWALL("fw[-2][^: ]+")          "table=filter hook=output",
	SHOREWALL("[^: ]+[-2]fw")          "table=filter hook=input",
	SHOREWALL("[a-z]\\w*[-2][a-z]\\w*") "table=filter",
	SHOREWALL("[^: ]+"),
	/* since 5.1: LOGFORMAT="%s %s ". Only names of two zones tell it from anybody's words. */
#define SHOREWALL_SHORT(chain)                                                                     \
	"shorewall /^(?<chain>" chain ") (?<action>ACCEPT|DROP|REJECT)$/ table=filter "            \
	"verdict=$action? "
	SHOREWALL_SHORT("fw-[a-z]\\w*")    "hook=output",
	SHOREWALL_SHORT("[a-z]\\w*-fw")    "hook=input",
	SHOREWALL_SHORT("[a-z]\\w*-[a-z]\\w*"),

	/*
	 * VyOS from 1.4 on: firewall.py, template.py. [FAMILY-HOOK-NAME-RULE-LETTER]; NAM is a
	 * chain of one's own, called from anywhere. The letter is the action's first: R is reject
	 * or return, S synproxy, O offload. HOOK-NAME is cut at 19 bytes before `-default`, so
	 * a name of 15 bytes there may be another's beginning.
	 */
#define VYOS_RULE "-(?<rule>\\d+|default)-((?<action>[ACDJQ])|[A-Z])]"
#define VYOS(family, hook) "vyos /^\\[" family "-" hook "-(?<name>.+)" VYOS_RULE "/ "
#define VYOS_NAME "-NAM-(.{15}(?=-default-.])|(?<name>.+))" VYOS_RULE "/ table=vyos_filter "
	"vyos /^\\[(ipv4|bri)" VYOS_NAME       "chain=NAME_$name",
	"vyos /^\\[ipv6" VYOS_NAME             "chain=NAME6_$name",
	VYOS("(ipv4|bri)", "PRE") "table=vyos_filter chain=VYOS_PREROUTING_$name hook=prerouting",
	VYOS("(ipv4|bri)", "INP") "table=vyos_filter chain=VYOS_INPUT_$name hook=input",
	VYOS("(ipv4|bri)", "FWD") "table=vyos_filter chain=VYOS_FORWARD_$name hook=forward",
	VYOS("(ipv4|bri)", "OUT") "table=vyos_filter chain=VYOS_OUTPUT_$name hook=output",
	VYOS("ipv6", "PRE") "table=vyos_filter chain=VYOS_IPV6_PREROUTING_$name hook=prerouting",
	VYOS("ipv6", "INP") "table=vyos_filter chain=VYOS_IPV6_INPUT_$name hook=input",
	VYOS("ipv6", "FWD") "table=vyos_filter chain=VYOS_IPV6_FORWARD_$name hook=forward",
	VYOS("ipv6", "OUT") "table=vyos_filter chain=VYOS_IPV6_OUTPUT_$name hook=output",
	/* 1.4 while it was made: without the family, so without the chain */
	"vyos /^\\[(?i:(?<hook>PRE|INP|FWD|OUT)-(filter|raw))" VYOS_RULE "/ table=vyos_filter",
	"vyos /^\\[STATE-POLICY-(EST|INV|REL)-(?<action>[ADR])]/",
	/* nat.py: EXCL is a rule that excludes. The table was called nat in 1.3. */
#define VYOS_NAT(where) "vyos /^\\[" where "-NAT(66)?-(?<rule>\\d+)"
#define VYOS_DST "chain=PREROUTING hook=prerouting "
#define VYOS_SRC "chain=POSTROUTING hook=postrouting "
	VYOS_NAT("DST") "-EXCL]/               table=vyos_nat " VYOS_DST "verdict=return",
	VYOS_NAT("DST") "]/                    table=vyos_nat " VYOS_DST "verdict=accept",
	VYOS_NAT("SRC") "-EXCL]/               table=vyos_nat " VYOS_SRC "verdict=return",
	VYOS_NAT("SRC") "(-MASQ)?]/            table=vyos_nat " VYOS_SRC "verdict=accept",
	VYOS_NAT("STATIC-DST") "]/ table=vyos_static_nat hook=prerouting verdict=accept",
	VYOS_NAT("STATIC-SRC") "]/ table=vyos_static_nat hook=postrouting verdict=accept",

	/*
	 * UniFi gateways: [FW-LETTER-CHAIN_U-RULE], later [CHAIN-LETTER-RULE] DESCR="...", where
	 * CHAIN is a direction (WAN_LOCAL) or two zones (LAN_WAN). Allowing is a RETURN from the
	 * user's chain, which lets the packet on to an ACCEPT by default. Rule 2147483647 is the
	 * last of its chain.
	 */
#define UNIFI_RULE "((?<default>2147483647)|(?<rule>\\d+))]"
#define UNIFI(hook)                                                                                \
	"unifi /^\\[FW-(?<action>A|D|R|RET|C)-(?<name>[^] ]+" hook ")_U-" UNIFI_RULE "/ "          \
	UNIFI_SAYS
#define UNIFI_NEW(hook)                                                                            \
	"unifi /^\\[(?<name>[^] ]+" hook ")-(?<action>A|D|R|RET|C)-" UNIFI_RULE "/ " UNIFI_SAYS
#define UNIFI_SAYS "table=filter chain=UBIOS_${name}_USER verdict=$action? "
	UNIFI("_LOCAL")                    "hook=input",
	UNIFI("_IN")                       "hook=forward",
	UNIFI("_OUT")                      "hook=forward,output",
	UNIFI(""),
	UNIFI_NEW("_LOCAL")                "hook=input",
	UNIFI_NEW("_IN")                   "hook=forward",
	UNIFI_NEW("_OUT")                  "hook=forward,output",
	UNIFI_NEW(""),
	"unifi /^\\[PREROUTING-DNAT-(?<rule>\\d+)]/ table=nat hook=prerouting verdict=accept",
	"unifi /^\\[POSTROUTING-(SNAT|MASQ)-(?<rule>\\d+)]/ table=nat hook=postrouting"
	" verdict=accept",
	"unifi /^\\[DNAT-[^] ]+-(tcp|udp)]/    table=nat hook=prerouting verdict=accept",

	/*
	 * EdgeOS, Vyatta, VyOS up to 1.3, UniFi USG: [NAME-RULE-LETTER], without an end if it was
	 * cut. NAME is the chain. `in` and `out` rule sets are called from FORWARD, `local` ones
	 * from INPUT; names do as the devices' own assistants have it. Early VyOS 1.4 cut NAME at
	 * 19 bytes. Accepting is a RETURN that an ACCEPT follows.
	 */
#define EDGEOS(name)                                                                               \
	"edgeos /^\\[" name "-(?<rule>\\d+|(?i:default))-(?<action>A|D|R|RET|C)]/ table=filter "
	EDGEOS("(?<chain>[^] ]+_LOCAL)")   "hook=input",
	EDGEOS("(?<chain>[^] ]+_IN)")      "hook=forward",
	EDGEOS("(?<chain>[^] ]+_OUT)")     "hook=forward,output",
	EDGEOS("([^] ]{19}|(?<chain>[^] ]+))"),
	"edgeos /^\\[NAT-(?<rule>\\d+)-DNAT]/  table=nat hook=prerouting verdict=accept?",
	"edgeos /^\\[NAT-(?<rule>\\d+)-(SNAT|MASQ)]/ table=nat hook=postrouting verdict=accept?",

	/*
	 * OpenWrt, option log of a zone. fw4: zone-verdict.uc, zone-drop-invalid.uc; fw3: zones.c.
	 * What comes in by a zone is its input, what leaves by it is forwarded or made here.
	 */
#define FW4(way) "openwrt-fw4 /^(?<action>accept|drop|reject) (?<zone>[^ ]+) " way ":$/ table=fw4 "
	FW4("in")                          "chain=${action}_from_$zone hook=input",
	FW4("out")                         "chain=${action}_to_$zone hook=forward,output",
	"openwrt-fw4 /^drop (?<zone>[^ ]+) invalid ct state:$/ table=fw4 chain=accept_to_$zone"
	" hook=forward,output verdict=drop",
#define FW3(way)                                                                                   \
	"openwrt-fw3 /^(?<action>ACCEPT|DROP|REJECT)\\(" way " (?<zone>[^)]+)\\)/ table=filter "
	FW3("src")                         "chain=zone_${zone}_src_$action hook=input",
	FW3("dest")                        "chain=zone_${zone}_dest_$action hook=forward,output",

	/* OpenWrt's banIP: banIP/DIRECTION/ACTION/FEED; before 1.5 the chain stood in its place */
#define BANIP(way) "banip /^banIP\\/" way "\\/(?<action>drop|reject)(\\/|:)/ table=banIP "
	BANIP("inbound")                   "hook=input,forward",
	BANIP("outbound")                  "hook=forward",
	BANIP("pre-\\w+")                  "hook=prerouting",
	BANIP("inp-\\w+")                  "hook=input",
	BANIP("fwd-\\w+")                  "hook=forward",

	/*
	 * Proxmox VE, Firewall.pm: NFLOG gets ":VMID:LEVEL:CHAIN: MESSAGE". In pve-firewall.log the
	 * front is the line's framing, and MESSAGE alone is left; a bare "DROP:" is anybody's.
	 */
#define PVE_CHAIN ":\\d+:\\d+:(?<chain>PVEFW-HOST-(?<hook>IN|OUT)|[^: ]+):( |$)"
	"proxmox /^(" PVE_CHAIN ")?(?<default>policy) (?<action>ACCEPT|DROP|REJECT):$/"
	" table=filter",
	"proxmox /^(" PVE_CHAIN ")?PVEFW-(?<action>reject):$/ table=filter",
	"proxmox /^" PVE_CHAIN "((?<action>ACCEPT|DROP|REJECT):)?/ table=filter",

	/* fwbuilder, "RULE %N -- %A ": number in its own policy, from 0; filter or nat */
	"fwbuilder /^RULE (?<rule>\\d+) -- ((?<action>ACCEPT|DENY|REJECT|CONTINUE|RETURN)|[^ ]+)/",

	/*
	 * CSF, csf.pl: logged right before what DROP= and DROP_OUT= name: DROP, or REJECT as many
	 * have it for what leaves. The rest (port floods and the like) has no chain of its own.
	 */
#define CSF(what) "csf /^Firewall: \\*" what "\\*/ "
	CSF("\\w+?(_|6)IN Blocked")    "table=filter chain=LOGDROPIN hook=input verdict=drop?",
	CSF("\\w+?(_|6)OUT Blocked")   "table=filter chain=LOGDROPOUT hook=output verdict=drop?",
	CSF("(INVALID|INV_[A-Z]+)")    "table=filter chain=INVDROP hook=input,output verdict=drop?",
	CSF("[\\w ]+ Blocked")         "verdict=drop?",

	/*
	 * SuSEfirewall2: zone and disposition; input_ZONE and forward_ZONE end with DROP-DEFLT.
	 * ILL-TARGET and ILL-ROUTING end INPUT and FORWARD, where none of the zones fits. OUT-ERROR
	 * ends OUTPUT, whose policy some versions set to accept, others to drop.
	 */
	"susefirewall2 /^SFW2-IN-ILL-TARGET/   table=filter chain=INPUT hook=input rule=default"
	" verdict=drop",
	"susefirewall2 /^SFW2-FWD-ILL-ROUTING/ table=filter chain=FORWARD hook=forward rule=default"
	" verdict=drop",
	"susefirewall2 /^SFW2-OUT(PUT)?-ERROR/ table=filter chain=OUTPUT hook=output rule=default",
#define SFW2(way, action)                                                                          \
	"susefirewall2 /^SFW2-" way "(?<zone>[a-z]\\w*)?-" action "\\b/ table=filter "
#define SFW2_LAST "(?<action>DROP)-(?<default>DEFLT)"
#define SFW2_ANY "(?<action>ACC|DROP|REJECT)"
	SFW2("IN", SFW2_LAST)              "chain=input_$zone hook=input",
	SFW2("IN", SFW2_ANY)               "chain=input_$zone hook=input",
	SFW2("FWD", SFW2_LAST)             "chain=forward_$zone hook=forward",
	SFW2("FWD", SFW2_ANY)              "chain=forward_$zone hook=forward",

	/* FireHOL: what no interface or router took; UNMATCHED_*_POLICY is DROP unless changed */
#define FIREHOL(way) "firehol /^'?" way "-unknown:?'?$/ table=filter rule=default verdict=drop? "
	FIREHOL("IN")                      "chain=INPUT hook=input",
	FIREHOL("OUT")                     "chain=OUTPUT hook=output",
	FIREHOL("PASS")                    "chain=FORWARD hook=forward",

	/* Calico, LogPrefix: the action Log of a policy; the next rule comes */
	"calico /^calico-packet:/              verdict=continue",

	/* a recipe for tracing ebtables by --log rules, whose own target is not said */
	"ebtables /^TRACE: eb:(?<table>\\w+):(?<chain>(?<hook>BROUTING|PREROUTING|INPUT"
	"|FORWARD|OUTPUT|POSTROUTING)|\\w+)/",
};
/* clang-format on */

const size_t builtin_count = sizeof(builtin_prefixes) / sizeof(*builtin_prefixes);

/* struct meaning - words with blanks between them, in lower case, and what they all mean */
struct meaning {
	const char *words;
	unsigned int means;
};

static const struct meaning actions[] = {
	{ "a acc accept allow", VERDICT_ACCEPT },
	{ "d drop deny block blocked", VERDICT_DROP },
	{ "r reject", VERDICT_REJECT },
	{ "ret return", VERDICT_RETURN },
	{ "c continue log count audit", VERDICT_CONTINUE },
	{ "j jump", VERDICT_JUMP },
	{ "goto", VERDICT_GOTO },
	{ "q queue nfqueue", VERDICT_QUEUE },
	{ "stolen", VERDICT_STOLEN },
	{ "none", VERDICT_NONE },
};

static const struct meaning hooks[] = {
	{ "ingress", HOOK_BIT(HOOK_INGRESS) },
	{ "prerouting pre brouting", HOOK_BIT(HOOK_PREROUTING) },
	{ "input in inp local", HOOK_BIT(HOOK_INPUT) },
	{ "forward fwd fwdi fwdo", HOOK_BIT(HOOK_FORWARD) },
	{ "output out", HOOK_BIT(HOOK_OUTPUT) },
	{ "postrouting post", HOOK_BIT(HOOK_POSTROUTING) },
	{ "egress", HOOK_BIT(HOOK_EGRESS) },
};

/* has_word - is @word, in any case, one of @words? */
static bool has_word(const char *words, struct str word)
{
	size_t n;

	for (; *words; words += n + (words[n] == ' ')) {
		n = strcspn(words, " ");
		if (n == word.n && !strncasecmp(words, word.p, n))
			return true;
	}
	return false;
}

/* look_up - Return: if one of @n rows has the word; @means is what it means */
static bool look_up(const struct meaning *rows, size_t n, struct str word, unsigned int *means)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (has_word(rows[i].words, word)) {
			*means = rows[i].means;
			return true;
		}
	return false;
}

bool action_verdict(struct str word, enum verdict *verdict)
{
	unsigned int means;

	if (!look_up(actions, sizeof(actions) / sizeof(*actions), word, &means))
		return false;
	*verdict = (enum verdict)means;
	return true;
}

bool hook_bits(struct str names, uint32_t *bits)
{
	unsigned int bit;

	*bits = 0;
	while (names.n) {
		size_t n = str_find(names, STR(","));

		if (!look_up(hooks, sizeof(hooks) / sizeof(*hooks), str_first(names, n), &bit))
			return false;
		*bits |= bit;
		names = str_skip(names, n + 1);
	}
	return *bits;
}
