/* SPDX-License-Identifier: GPL-2.0-or-later */
/* doctor.h - what the doctor's checks share: facts that were gathered, and how to speak */
#ifndef NFHOP_LIVE_DOCTOR_H
#define NFHOP_LIVE_DOCTOR_H

#include <linux/netfilter.h>

#include "nfhop/doctor.h"
#include "nfhop/evidence.h"

#include "host.h"
#include "look.h"

/* The files that are read once, before any check runs. */
enum fact {
	FACT_STATUS,
	FACT_UID_MAP,
	FACT_NF_LOG,
	FACT_NFLOG_GROUPS,
	FACT_IP_TABLES,
	FACT_IP6_TABLES,
	FACT_DMESG_RESTRICT,
	FACT_PRINTK,
	FACT_KMSG, /* opened only: err says whether that can be done */
	FACT_FORWARD4,
	FACT_FORWARD6,
	FACT_CT_COUNT,
	FACT_CT_MAX,
	FACT_BRIDGE_CALL,
	FACT_MAX
};

/**
 * struct facts - what was found; checks only read it
 * @text: of each file, @err why it could not be read
 * @asked: the kernel was asked, so @nft, @ip and @ip6 hold
 * @initial: this is the initial network namespace
 */
struct facts {
	const char *root, *netns;
	struct str text[FACT_MAX];
	int err[FACT_MAX];
	enum evidence_switch all_netns; /* net.netfilter.nf_log_all_netns */
	bool initial;
	struct host_names devices; /* folders of /proc/sys/net/ipv4/conf */
	bool asked;
	struct look nft, legacy; /* @legacy: both families */
};

/* struct check - one row of the table of checks */
struct check {
	const char *name;
	void (*run)(const struct facts *facts, const struct check *check, struct doctor *doctor);
};

/* doctor_say - one item; without memory it is left out */
struct doctor_item *doctor_say(struct doctor *doctor, const struct check *check,
			       enum doctor_level level, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* doctor_try - the command that belongs to it; @item may be NULL */
void doctor_try(struct doctor_item *item, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* facts_inside - "ip netns exec NAME ", or "": what a command needs to run in that namespace */
struct evidence_inside facts_inside(const struct facts *facts);

/* facts_number - the number that a file holds; Return: false if it cannot be read */
bool facts_number(const struct facts *facts, enum fact fact, uint64_t *number);

/* facts_capable - does this process have the capability (CAP_* of linux/capability.h)? */
bool facts_capable(const struct facts *facts, unsigned int capability);

/* facts_legacy - are there legacy tables of that family? */
bool facts_legacy(const struct facts *facts, unsigned int family);

/* family_tool - "iptables-legacy" or "ip6tables-legacy"; family_title - "IPv4" or "IPv6" */
const char *family_tool(unsigned int family);
const char *family_title(unsigned int family);

/* struct list - names joined by ", "; what does not fit is "…" */
struct list {
	char s[512];
	unsigned int n;
};
void list_add(struct list *list, const char *format, ...) __attribute__((format(printf, 2, 3)));

void check_capabilities(const struct facts *facts, const struct check *check,
			struct doctor *doctor);
void check_nf_tables(const struct facts *facts, const struct check *check, struct doctor *doctor);
void check_legacy(const struct facts *facts, const struct check *check, struct doctor *doctor);
void check_nflog(const struct facts *facts, const struct check *check, struct doctor *doctor);
void check_kernel_log(const struct facts *facts, const struct check *check, struct doctor *doctor);
void check_console(const struct facts *facts, const struct check *check, struct doctor *doctor);
void check_loggers(const struct facts *facts, const struct check *check, struct doctor *doctor);

void check_nf_log(const struct facts *facts, const struct check *check, struct doctor *doctor);
void check_all_netns(const struct facts *facts, const struct check *check, struct doctor *doctor);
void check_groups(const struct facts *facts, const struct check *check, struct doctor *doctor);

void check_rule_sets(const struct facts *facts, const struct check *check, struct doctor *doctor);
void check_trace_rules(const struct facts *facts, const struct check *check, struct doctor *doctor);
void check_early_chains(const struct facts *facts, const struct check *check,
			struct doctor *doctor);
void check_flowtables(const struct facts *facts, const struct check *check, struct doctor *doctor);

void check_forwarding(const struct facts *facts, const struct check *check, struct doctor *doctor);
void check_rp_filter(const struct facts *facts, const struct check *check, struct doctor *doctor);
void check_conntrack(const struct facts *facts, const struct check *check, struct doctor *doctor);
void check_bridge(const struct facts *facts, const struct check *check, struct doctor *doctor);

#endif
