// SPDX-License-Identifier: GPL-2.0-or-later
/* test_advice.c - a rule set and a trace in, what is advised against stopped and missing answers */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "say.h"

/* A question and its answer, as `nft monitor trace` prints them at one chain each. */
#define AT(id, chain, devices, ends, ports)                                                        \
	"trace id " id " " chain " packet: " devices " ip saddr " ends                             \
	" ip dscp cs0 ip ecn not-ect ip ttl 64 ip id " id " ip protocol udp ip length 40 " ports   \
	" udp length 20 \n"
#define ASKED(chain, devices)                                                                      \
	AT("1", chain, devices, "10.1.0.2 ip daddr 198.51.100.2", "udp sport 4001 udp dport 53")
#define TOLD(chain, devices)                                                                       \
	AT("2", chain, devices, "198.51.100.2 ip daddr 10.1.0.2", "udp sport 53 udp dport 4001")
#define SAYS(id, chain, words) "trace id " id " " chain " " words " \n"
#define ACCEPTED(id, chain)    SAYS(id, chain, "policy accept")
#define WENT(chain, in, out)   ASKED(chain, "iif \"" in "\" oif \"" out "\"") ACCEPTED("1", chain)
#define CAME(chain, in)	       TOLD(chain, "iif \"" in "\"")
#define LEFT		       WENT("ip fw f", "lan0", "wan0") WENT("ip fw post", "lan0", "wan0")
#define BACK		       TOLD("ip fw f", "iif \"wan0\" oif \"lan0\"")
#define DROPPED(chain, rule)   SAYS("2", chain, "rule " rule " (verdict drop)")
#define MET(id, chain, rule)   SAYS(id, chain, "rule " rule " (verdict continue)")

#define CHAIN(name, hook, priority, rules)                                                         \
	"chain " name " {\n type filter hook " hook " priority " priority                          \
	"; policy accept;\n" rules "}\n"
#define TABLE(name, chains) "table ip " name " {\n" chains "}\n"
#define FW(pre, forward)                                                                           \
	TABLE("fw", pre CHAIN("f", "forward", "0", forward) CHAIN("post", "postrouting", "0", ""))

#define NAME	 "udp 10.1.0.2:4001 → 198.51.100.2:53: "
#define ARRIVED	 NAME "the answer arrived and was stopped here"
#define NEVER	 ", and a rule that accepts ESTABLISHED,RELATED never fits. "
#define OR_PASS	 "Remove that rule, or let the answer pass by its address and port.\n"
#define PASS(in) "try nft insert rule ip " in " ip saddr 198.51.100.2 udp sport 53 accept\n"
#define MOST_OFTEN                                                                                 \
	ARRIVED ". Most often the rule that accepts ESTABLISHED,RELATED is missing, or stands "    \
		"too late.\n"

/* A question of the kernel's log that left, and an ICMP error about it that came back. */
#define LINE(n, what, devices, ends, rest)                                                         \
	"[    2.00000" n "] TRACE: " what ":policy:1 " devices " " ends                            \
	" LEN=40 TOS=0x00 PREC=0x00 TTL=63 ID=" n " " rest "\n"
#define UDP "PROTO=UDP SPT=4001 DPT=53 LEN=20 "
#define QUESTION                                                                                   \
	LINE("1", "raw:PREROUTING", "IN=lan0 OUT=", "SRC=10.1.0.2 DST=198.51.100.2", UDP)          \
	LINE("1", "mangle:POSTROUTING", "IN=lan0 OUT=wan0", "SRC=10.1.0.2 DST=198.51.100.2", UDP)
#define ERROR_AT(what, devices, from, type, code)                                                  \
	LINE("5", what, devices, "SRC=" from " DST=10.1.0.2",                                      \
	     "PROTO=ICMP TYPE=" type " CODE=" code                                                 \
	     " [SRC=10.1.0.2 DST=198.51.100.2 LEN=40 TOS=0x00 PREC=0x00 TTL=60 ID=1 " UDP "] ")
#define ERROR_BY(from, type, code)                                                                 \
	ERROR_AT("raw:PREROUTING", "IN=wan0 OUT=", from, type, code)                               \
	ERROR_AT("mangle:POSTROUTING", "IN=wan0 OUT=lan0", from, type, code)
#define ON_WAY(kind) NAME "refused on the way by 192.0.2.9 (ICMP " kind "), not by the destination."
#define WATCH                                                                                      \
	"\ntry traceroute -n 198.51.100.2\n"                                                       \
	"try tcpdump -ni wan0 icmp and host 192.0.2.9\n"

#define TRACED                                                                                     \
	CAME("ip tr p", "wan0")                                                                    \
	MET("2", "ip tr p", "meta nftrace set 1") ACCEPTED("2", "ip tr p")
#define EARLY(rules)                                                                               \
	TABLE("early", CHAIN("p", "prerouting", "-400", rules))                                    \
	TABLE("tr", CHAIN("p", "prerouting", "-300", "meta nftrace set 1 # handle 1\n"))           \
	FW("", "")
#define UNANSWERED                                                                                 \
	ASKED("ip tr p", "iif \"lan0\"")                                                           \
	MET("1", "ip tr p", "meta nftrace set 1") ACCEPTED("1", "ip tr p") LEFT
#define MISSING NAME "its answer is missing, and "
#define BEFORE	", which comes before what is traced here, "
#define UNSEEN	" it: it may have ended there unseen.\n"
#define LIST	"try nft -a list chain ip early p\n"
#define DENY(forward)                                                                              \
	TABLE("tr", CHAIN("p", "prerouting", "-300", "meta nftrace set 1 # handle 1\n"))           \
	TABLE("fw", "chain f {\n type filter hook forward priority 0; policy drop;\n" forward      \
		    "}\n" CHAIN("post", "postrouting", "0", ""))
#define MISSED                                                                                     \
	"the answer of udp 10.1.0.2:4001 → 198.51.100.2:53 reached the policy of fw f: no rule " \
	"that accepts fitted it.\n"
#define XT(forward, raw)                                                                           \
	"*filter\n:FORWARD DROP [0:0]\n" forward "COMMIT\n*mangle\n:PREROUTING ACCEPT [0:0]\n"     \
	":FORWARD ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\nCOMMIT\n*raw\n:PREROUTING "             \
	"ACCEPT [0:0]\n" raw "COMMIT\n"
#define TOO_BIG(place)                                                                             \
	place "SRC=192.0.2.9 DST=10.1.0.2 LEN=68 TOS=0x00 PREC=0x00 TTL=63 ID=5 PROTO=ICMP "       \
	      "TYPE=3 CODE=4 [SRC=10.1.0.2 DST=198.51.100.2 LEN=40 TOS=0x00 PREC=0x00 TTL=60 "     \
	      "ID=1 " UDP "] MTU=1300 \n"
#define IN_FORWARD "[    2.000006] TRACE: filter:FORWARD:policy:2 IN=wan0 OUT=lan0 "
#define IN_RAW	   "[    2.000006] TRACE: raw:PREROUTING:rule:1 IN=wan0 OUT= "
#define PING	   "try ping -M do -s 1272 198.51.100.2\n"
#define TOLD_SIZE                                                                                  \
	NAME "an ICMP error says that packets to 198.51.100.2 are too big for a link of 1300 "     \
	     "bytes. It was stopped here: until it reaches 10.1.0.2, small packets pass and "      \
	     "large ones do not.\n"

/* clang-format off */
static const struct {
	const char *name, *id, *rules, *log;
	const char *want; /* text, evidence, commands */
} cases[] = {
	{ "nothing speaks against ESTABLISHED,RELATED", "reply-blocked",
	  FW("", "udp sport 53 drop # handle 7\n"),
	  LEFT BACK DROPPED("ip fw f", "udp sport 53 drop"),
	  MOST_OFTEN "try nft insert rule ip fw f ct state established,related accept\n" },
	{ "a rule takes the question out of connection tracking", "reply-blocked",
	  TABLE("raw", CHAIN("p", "prerouting", "-300", "udp dport 53 notrack # handle 4\n"))
	  FW("", "udp sport 53 drop # handle 7\n"),
	  ASKED("ip raw p", "iif \"lan0\"") MET("1", "ip raw p", "udp dport 53 notrack")
	  ACCEPTED("1", "ip raw p") LEFT BACK DROPPED("ip fw f", "udp sport 53 drop"),
	  ARRIVED ". raw p rule 1 takes the request out of connection tracking (notrack), so "
	  "conntrack knows no connection that it answers" NEVER OR_PASS
	  "why raw p rule 1: udp dport 53 notrack\n"
	  "try nft delete rule ip raw p handle 4\n" PASS("fw f") },
	{ "the same where only the trace knows the rule", "reply-blocked", NULL,
	  ASKED("ip raw p", "iif \"lan0\"") MET("1", "ip raw p", "udp dport 53 notrack comment \"x\"")
	  ACCEPTED("1", "ip raw p") LEFT BACK DROPPED("ip fw f", "udp sport 53 drop"),
	  ARRIVED ". raw p 'udp dport 53 notrack comment \"x\"' takes the request out of "
	  "connection tracking (notrack), so conntrack knows no connection that it answers" NEVER
	  OR_PASS PASS("fw f") },
	{ "a comment tracks nothing", "reply-blocked", NULL,
	  ASKED("ip raw p", "iif \"lan0\"") MET("1", "ip raw p", "counter comment \"no notrack\"")
	  ACCEPTED("1", "ip raw p") LEFT BACK DROPPED("ip fw f", "udp sport 53 drop"),
	  MOST_OFTEN "try nft insert rule ip fw f ct state established,related accept\n" },
	{ "the answer itself is not tracked", "reply-blocked",
	  TABLE("raw", CHAIN("p", "prerouting", "-300", "udp sport 53 notrack # handle 4\n"))
	  FW("", "udp sport 53 drop # handle 7\n"),
	  LEFT CAME("ip raw p", "wan0") MET("2", "ip raw p", "udp sport 53 notrack")
	  ACCEPTED("2", "ip raw p") BACK DROPPED("ip fw f", "udp sport 53 drop"),
	  ARRIVED ". raw p rule 1 takes it out of connection tracking (notrack), so it is UNTRACKED"
	  NEVER OR_PASS "why raw p rule 1: udp sport 53 notrack\n"
	  "try nft delete rule ip raw p handle 4\n" PASS("fw f") },
	{ "a chain before conntrack", "reply-blocked",
	  TABLE("early", CHAIN("p", "prerouting", "-201", "udp sport 53 drop # handle 4\n")) FW("", ""),
	  LEFT CAME("ip early p", "wan0") DROPPED("ip early p", "udp sport 53 drop"),
	  ARRIVED ", before conntrack has seen it: a rule there that accepts ESTABLISHED,RELATED "
	  "never fits. Let it pass by its address and port.\n"
	  "why early p rule 1 stands at priority -201 of PREROUTING, conntrack at -200\n"
	  PASS("early p") },
	{ "a chain behind it", "reply-blocked",
	  TABLE("late", CHAIN("p", "prerouting", "-150", "udp sport 53 drop # handle 4\n")) FW("", ""),
	  LEFT CAME("ip late p", "wan0") DROPPED("ip late p", "udp sport 53 drop"),
	  MOST_OFTEN "try nft insert rule ip late p ct state established,related accept\n" },
	{ "a chain of which nothing tells the priority", "reply-blocked", NULL,
	  LEFT CAME("ip early p", "wan0") DROPPED("ip early p", "udp sport 53 drop"),
	  MOST_OFTEN "try nft insert rule ip early p ct state established,related accept\n" },
	{ "one that conntrack called invalid", "reply-blocked",
	  FW("", "ct state invalid drop # handle 7\n"),
	  LEFT BACK DROPPED("ip fw f", "ct state invalid drop"),
	  ARRIVED ": conntrack called it INVALID, so a rule that accepts ESTABLISHED,RELATED never "
	  "fits. What made it so is the question.\n" },
	{ "invalid, for its question was not tracked", "ct-invalid",
	  TABLE("raw", CHAIN("p", "prerouting", "-300", "udp dport 53 notrack # handle 4\n"))
	  FW("", "ct state invalid drop # handle 7\n"),
	  ASKED("ip raw p", "iif \"lan0\"") MET("1", "ip raw p", "udp dport 53 notrack")
	  ACCEPTED("1", "ip raw p") LEFT BACK DROPPED("ip fw f", "ct state invalid drop"),
	  "conntrack called 1 packet invalid; rules that match ctstate INVALID, or only NEW and "
	  "ESTABLISHED, treat it so.\n"
	  "why " NAME "fw f rule 1 took it for that: raw p rule 1 takes the packets that it answers "
	  "out of connection tracking (notrack), so conntrack knows no such connection\n"
	  "try sysctl -w net.netfilter.nf_conntrack_log_invalid=255\ntry conntrack -S\n" },
	{ "more than an accepting rule lets pass", "unmatched-before-policy",
	  DENY("udp sport 53 limit rate 1/minute burst 1 packets accept # handle 7\n"),
	  WENT("ip fw post", "lan0", "wan0") TRACED BACK SAYS("2", "ip fw f", "policy drop"),
	  MISSED "why rule 1: limit rate 1/minute burst 1 packets must have failed (the rate was "
	  "exceeded): all else fits\n" },
	{ "less than it takes", "unmatched-before-policy",
	  DENY("udp sport 53 limit rate over 1/minute burst 1 packets accept # handle 7\n"),
	  WENT("ip fw post", "lan0", "wan0") TRACED BACK SAYS("2", "ip fw f", "policy drop"),
	  MISSED "why rule 1: limit rate over 1/minute burst 1 packets must have failed (the rate was "
	  "not above it): all else fits\n" },
	{ "a limit, and what is not known besides", "unmatched-before-policy",
	  DENY("ct state established limit rate 1/minute burst 1 packets accept # handle 7\n"),
	  WENT("ip fw post", "lan0", "wan0") TRACED BACK SAYS("2", "ip fw f", "policy drop"),
	  MISSED "why rule 1: ct state established cannot be checked from here\n" },
	{ "a limit of what does not fit", "unmatched-before-policy",
	  DENY("udp sport 54 limit rate 1/minute burst 1 packets accept # handle 7\n"),
	  WENT("ip fw post", "lan0", "wan0") TRACED BACK SAYS("2", "ip fw f", "policy drop"),
	  MISSED "why rule 1: udp sport 54, the packet comes from 53\n" },
	{ "an error, which is RELATED", "mtu", XT("-A FORWARD -m conntrack --ctstate ESTABLISHED "
	  "-j ACCEPT\n", ""), QUESTION TOO_BIG(IN_FORWARD),
	  TOLD_SIZE "why filter FORWARD policy stopped it: it is RELATED to the connection, and rule "
	  "1 accepts ESTABLISHED alone (-m conntrack --ctstate ESTABLISHED -j ACCEPT)\n"
	  "try iptables -t filter -I FORWARD 1 -m conntrack --ctstate RELATED -j ACCEPT\n" PING },
	{ "an error that nothing accepts", "mtu", XT("-A FORWARD -p tcp -j ACCEPT\n", ""),
	  QUESTION TOO_BIG(IN_FORWARD),
	  TOLD_SIZE "why filter FORWARD policy stopped it, before anything accepted it as RELATED to "
	  "the connection\n"
	  "try iptables -t filter -I FORWARD 1 -m conntrack --ctstate RELATED -j ACCEPT\n" PING },
	{ "an error that ends before conntrack", "mtu", XT("", "-A PREROUTING -p icmp -j DROP\n"),
	  QUESTION TOO_BIG(IN_RAW),
	  TOLD_SIZE "try iptables -t raw -I PREROUTING 1 -p icmp --icmp-type fragmentation-needed "
	  "-j ACCEPT\n" PING },
	{ "a chain before the trace drops the answer", "early-chains",
	  EARLY("udp sport 53 drop # handle 4\n"), UNANSWERED,
	  MISSING "ip early p rule 1" BEFORE "fits" UNSEEN "why rule 1: udp sport 53 drop\n" LIST },
	{ "it may drop the answer", "early-chains",
	  EARLY("ip saddr @bad drop # handle 4\n"), UNANSWERED,
	  MISSING "ip early p rule 1" BEFORE "may fit" UNSEEN "why rule 1: ip saddr @bad drop\n" LIST },
	{ "it drops others", "early-chains", EARLY("udp sport 54 drop # handle 4\n"), UNANSWERED, "" },
	{ "it accepts the answer first", "early-chains",
	  EARLY("udp sport 53 accept # handle 3\n udp sport 53 drop # handle 4\n"), UNANSWERED, "" },
	{ "nobody is told that the far side is to blame alone", "no-reply",
	  EARLY("udp sport 53 drop # handle 4\n"), UNANSWERED,
	  NAME "it left this host, answers are traced here, and none came: look at the far side and at "
	  "the way back to the address it left with.\n"
	  "why ip early p rule 1 may have dropped the answer before it is traced\n"
	  "why it left by wan0 with source 10.1.0.2\ntry tcpdump -ni wan0 host 198.51.100.2\n" },
	{ "a router has no route", "refused", NULL, QUESTION ERROR_BY("192.0.2.9", "3", "0"),
	  ON_WAY("net-unreachable") " That router has no route to it." WATCH },
	{ "a firewall on the way", "refused", NULL, QUESTION ERROR_BY("192.0.2.9", "3", "13"),
	  ON_WAY("admin-prohibited") " A firewall or a prohibit route there rejects the packets."
	  WATCH },
	{ "circles", "refused", NULL, QUESTION ERROR_BY("192.0.2.9", "11", "0"),
	  NAME "ended on the way by 192.0.2.9 (ICMP time-exceeded), not by the destination. The TTL "
	  "was used up there: it was low, or routers send in circles." WATCH },
	{ "what has no word", "refused", NULL, QUESTION ERROR_BY("192.0.2.9", "3", "5"),
	  ON_WAY("type 3 code 5") WATCH },
	{ "the destination itself: nothing more can be said", "refused", NULL,
	  QUESTION ERROR_BY("198.51.100.2", "3", "3"), "" },
};
/* clang-format on */

static struct ruleset *rules_of(const char *rules)
{
	struct ruleset *rs = ruleset_create();
	struct ruleset_error err;

	assert_non_null(rs);
	assert_int_equal(ruleset_load(rs, "rules", str_from(rules), &err), 0);
	assert_int_equal(ruleset_seal(rs, &err), 0);
	return rs;
}

static void put(FILE *out, const char *what, const struct str *lines, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fprintf(out, "%s %.*s\n", what, STR_ARG(lines[i]));
}

/* The findings of that kind; on the heap. */
static char *findings(const char *id, const char *rules, const char *log)
{
	struct model_config config = model_config_default();
	struct ruleset *rs = rules ? rules_of(rules) : NULL;
	struct model *m;
	char *said = NULL;
	size_t n;
	FILE *out = open_memstream(&said, &n);

	config.rules = rs;
	m = model_of(log, &config);
	for (size_t i = 0; i < model_finding_count(m); i++) {
		const struct finding *f = model_finding_at(m, i);

		if (strcmp(f->id, id))
			continue;
		fprintf(out, "%.*s\n", STR_ARG(f->text));
		put(out, "why", f->evidence, f->n_evidence);
		put(out, "try", f->confirm, f->n_confirm);
	}
	fclose(out);
	model_destroy(m);
	ruleset_destroy(rs);
	return said;
}

static void test_advice(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char *said = findings(cases[i].id, cases[i].rules, cases[i].log);

		if (strcmp(said, cases[i].want))
			print_error("%s:\n", cases[i].name);
		assert_string_equal(said, cases[i].want);
		free(said);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_advice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
