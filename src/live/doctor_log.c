// SPDX-License-Identifier: GPL-2.0-or-later
/* doctor_log.c - checks: where TRACE goes, whose lines are printed, who reads NFLOG groups */
#include "doctor.h"

#include "nfhop/nflog_owner.h"

#include "proc.h"

#define TRACE_GROUP 0 /* legacy TRACE goes there when nfnetlink_log is bound (formats.md 2.8) */

/* " by ulogd (pid 812)", " by netlink port 4021" */
static void say_owner(char *s, size_t n, const struct nflog_owner *owner)
{
	if (owner->pid)
		snprintf(s, n, "%s (pid %d)", *owner->program ? owner->program : "a program",
			 owner->pid);
	else
		snprintf(s, n, "a program that cannot be seen from here (netlink port %u)",
			 owner->portid);
}

static void rebind(const struct facts *f, unsigned int family, const struct logger *logger,
		   struct doctor_item *item, const char *instead)
{
	struct evidence_inside in = facts_inside(f);
	const char *syslog = family == NFPROTO_IPV6 ? "nf_log_ipv6" : "nf_log_ipv4";
	bool loaded = str_has(logger->available, str_from(syslog)) ||
		      str_has(logger->available, STR("nf_log_syslog"));

	doctor_try(item, "%s%ssysctl -w net.netfilter.nf_log.%u=%s%s%s%s",
		   loaded ? "" : "modprobe nf_log_syslog; ", in.s, family, syslog,
		   instead ? "      or: " : "", instead ? in.s : "", instead ? instead : "");
}

/* tcpdump and ulogd bind the family for the whole namespace, and leave it so when they end. */
static void say_nflog(const struct facts *f, const struct check *check, struct doctor *doctor,
		      const struct logger *logger, enum doctor_level bad)
{
	unsigned int family = logger->family;
	struct nflog_owner owner;
	char who[128];

	if (nflog_owner_find(f->root, TRACE_GROUP, &owner) == 1) {
		say_owner(who, sizeof(who), &owner);
		rebind(f, family, logger,
		       doctor_say(doctor, check, DOCTOR_NOTE,
				  "legacy TRACE of %s goes to NFLOG group 0, which is read by %s, "
				  "not to the kernel log",
				  family_title(family), who),
		       NULL);
		return;
	}
	rebind(f, family, logger,
	       doctor_say(doctor, check, bad,
			  "legacy TRACE of %s is not printed: net.netfilter.nf_log.%u is "
			  "nfnetlink_log (tcpdump or ulogd bound it), and nobody listens on NFLOG "
			  "group 0",
			  family_title(family), family),
	       "nfhop report nflog:0");
}

static void check_binding(const struct facts *f, const struct check *check, struct doctor *doctor,
			  unsigned int family)
{
	enum doctor_level bad = facts_legacy(f, family) ? DOCTOR_BAD : DOCTOR_NOTE;
	struct logger logger;

	if (!proc_logger(f->text[FACT_NF_LOG], family, &logger))
		return;
	if (str_eq(logger.name, STR("nfnetlink_log")))
		say_nflog(f, check, doctor, &logger, bad);
	else if (str_eq(logger.name, STR("NONE")))
		rebind(f, family, &logger,
		       doctor_say(doctor, check, bad,
				  "legacy TRACE of %s goes nowhere: no logger is bound to it "
				  "(net.netfilter.nf_log.%u is NONE)",
				  family_title(family), family),
		       NULL);
	else
		doctor_say(doctor, check, DOCTOR_OK,
			   "legacy TRACE of %s goes to the kernel log (%.*s)", family_title(family),
			   STR_ARG(logger.name));
}

void check_nf_log(const struct facts *f, const struct check *check, struct doctor *doctor)
{
	check_binding(f, check, doctor, NFPROTO_IPV4);
	check_binding(f, check, doctor, NFPROTO_IPV6);
}

#define COMMAND "sysctl -w net.netfilter.nf_log_all_netns=1"

static void check_inside(const struct facts *f, const struct check *check, struct doctor *doctor)
{
	bool legacy = facts_legacy(f, NFPROTO_IPV4) || facts_legacy(f, NFPROTO_IPV6);

	if (f->all_netns == SWITCH_ON)
		doctor_say(doctor, check, DOCTOR_OK,
			   "this is a network namespace, and its LOG and TRACE lines are printed");
	else if (f->all_netns == SWITCH_OFF && legacy)
		doctor_try(doctor_say(doctor, check, DOCTOR_BAD,
				      "this is a network namespace, its kernel log lines are "
				      "suppressed"),
			   COMMAND "        (in the initial namespace)");
	else if (f->all_netns == SWITCH_OFF)
		doctor_try(doctor_say(doctor, check, DOCTOR_NOTE,
				      "this is a network namespace, its kernel log lines are "
				      "suppressed: legacy iptables has no rules here, so those of "
				      "nft's log alone"),
			   COMMAND "        (in the initial namespace)");
	else
		doctor_try(doctor_say(doctor, check, DOCTOR_NOTE,
				      "this is a network namespace: its kernel log lines are "
				      "printed only if nf_log_all_netns is 1, which cannot be seen "
				      "from here"),
			   COMMAND "        (in the initial namespace)");
}

void check_all_netns(const struct facts *f, const struct check *check, struct doctor *doctor)
{
	/* without any logger loaded the sysctl is nowhere: then it says nothing of namespaces */
	if (f->err[FACT_NF_LOG])
		return;
	if (!f->initial)
		check_inside(f, check, doctor);
	else if (f->all_netns == SWITCH_ON)
		doctor_say(doctor, check, DOCTOR_OK,
			   "LOG and TRACE lines of all network namespaces are printed");
	else
		doctor_try(doctor_say(doctor, check, DOCTOR_NOTE,
				      "LOG and TRACE lines of other network namespaces "
				      "(containers) are not printed"),
			   COMMAND);
}

void check_groups(const struct facts *f, const struct check *check, struct doctor *doctor)
{
	struct str text = f->text[FACT_NFLOG_GROUPS];
	struct nflog_group group;
	struct nflog_owner owner;
	char who[128];

	while (proc_nflog_group(&text, &group)) {
		if (nflog_owner_find(f->root, group.group, &owner) != 1)
			continue;
		say_owner(who, sizeof(who), &owner);
		doctor_say(doctor, check, DOCTOR_NOTE,
			   "NFLOG group %u is read by %s: nobody else can", group.group, who);
	}
}
