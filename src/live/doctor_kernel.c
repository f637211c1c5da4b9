// SPDX-License-Identifier: GPL-2.0-or-later
/* doctor_kernel.c - checks: what this kernel can, what we may, where its messages go */
#include "doctor.h"

#include <errno.h>
#include <linux/capability.h>

#include "proc.h"

static bool in_first_users(const struct facts *f)
{
	struct str word, line = f->text[FACT_UID_MAP];
	uint64_t number;

	/* a kernel without user namespaces has no such file */
	if (f->err[FACT_UID_MAP] == -ENOENT)
		return true;
	return proc_word(&line, &word) && proc_word(&line, &word) && proc_word(&line, &word) &&
	       proc_number(word, 10, &number) && number == UINT32_MAX;
}

void check_capabilities(const struct facts *f, const struct check *check, struct doctor *doctor)
{
	if (!facts_capable(f, CAP_NET_ADMIN))
		doctor_try(doctor_say(doctor, check, DOCTOR_BAD,
				      "CAP_NET_ADMIN is missing: no trace events, no NFLOG group "
				      "and no rule set can be read"),
			   "sudo nfhop doctor");
	else if (!in_first_users(f))
		doctor_say(doctor, check, DOCTOR_NOTE,
			   "CAP_NET_ADMIN, in a user namespace: the kernel log stays closed, and "
			   "receive buffers stay small, so that a flood loses events");
	else
		doctor_say(doctor, check, DOCTOR_OK, "CAP_NET_ADMIN%s",
			   facts_capable(f, CAP_SYSLOG) ? " and CAP_SYSLOG" : "");
}

/* A kernel with legacy tables alone can do without. */
void check_nf_tables(const struct facts *f, const struct check *check, struct doctor *doctor)
{
	bool legacy = !f->err[FACT_IP_TABLES] || !f->err[FACT_IP6_TABLES];
	int err = f->nft.err ? f->nft.err : f->nft.trace_err;

	if (!f->asked)
		return;
	if (!err)
		doctor_say(doctor, check, DOCTOR_OK, "nf_tables tracing");
	else if (err == -EPERM)
		doctor_try(doctor_say(doctor, check, DOCTOR_BAD,
				      "nf_tables cannot be asked: this user may not"),
			   "sudo nfhop doctor");
	else
		doctor_try(doctor_say(doctor, check, legacy ? DOCTOR_NOTE : DOCTOR_BAD,
				      "nf_tables does not answer (%s): no nft: source, no --trace",
				      strerror(-err)),
			   "modprobe nf_tables");
}

void check_legacy(const struct facts *f, const struct check *check, struct doctor *doctor)
{
	int err = f->err[FACT_IP_TABLES];

	if (!err)
		doctor_say(doctor, check, DOCTOR_OK, "legacy iptables: -j TRACE, -j LOG");
	else if (err == -ENOENT)
		doctor_try(doctor_say(doctor, check, DOCTOR_NOTE,
				      "no legacy iptables in this kernel now: iptables is "
				      "iptables-nft here, and its TRACE is an nft trace"),
			   "%snfhop report nft:", facts_inside(f).s);
	else
		doctor_try(doctor_say(doctor, check, DOCTOR_NOTE,
				      "which legacy tables there are cannot be read (%s)",
				      strerror(-err)),
			   "sudo nfhop doctor");
}

void check_nflog(const struct facts *f, const struct check *check, struct doctor *doctor)
{
	int err = f->err[FACT_NFLOG_GROUPS];

	if (!err)
		doctor_say(doctor, check, DOCTOR_OK, "NFLOG");
	else if (err == -ENOENT)
		doctor_try(doctor_say(doctor, check, DOCTOR_NOTE,
				      "nfnetlink_log is not loaded: what -j NFLOG and nft log "
				      "group send is lost"),
			   "modprobe nfnetlink_log");
	else
		doctor_try(doctor_say(doctor, check, DOCTOR_NOTE,
				      "who reads which NFLOG group cannot be read (%s)",
				      strerror(-err)),
			   "sudo nfhop doctor");
}

void check_kernel_log(const struct facts *f, const struct check *check, struct doctor *doctor)
{
	int err = f->err[FACT_KMSG];
	uint64_t restricted = 0;

	facts_number(f, FACT_DMESG_RESTRICT, &restricted);
	if (!err)
		doctor_say(doctor, check, DOCTOR_OK, "the kernel log can be read");
	else if (err == -ENOENT)
		doctor_say(doctor, check, DOCTOR_NOTE,
			   "there is no /dev/kmsg here (a container?): legacy TRACE and LOG lines "
			   "must be read outside");
	else if (restricted)
		doctor_try(doctor_say(doctor, check, DOCTOR_BAD,
				      "the kernel log is closed to this user: CAP_SYSLOG is "
				      "missing, and kernel.dmesg_restrict is 1"),
			   "sysctl -w kernel.dmesg_restrict=0      or: sudo nfhop doctor");
	else
		doctor_try(doctor_say(doctor, check, DOCTOR_BAD,
				      "the kernel log cannot be read: %s", strerror(-err)),
			   "sudo nfhop doctor");
}

#define LEVEL_WARNING 4 /* of LOG and TRACE lines, unless a rule says otherwise */

void check_console(const struct facts *f, const struct check *check, struct doctor *doctor)
{
	uint64_t level;

	if (!facts_number(f, FACT_PRINTK, &level) || level <= LEVEL_WARNING)
		return;
	doctor_try(doctor_say(doctor, check, DOCTOR_NOTE,
			      "LOG and TRACE lines are also written to the console (its level is "
			      "%d): on a serial line that slows the whole host",
			      (int)level),
		   "dmesg -n %d", LEVEL_WARNING);
}

static const struct {
	const char *program; /* as /proc/PID/comm has it, 15 bytes at most */
	const char *title;
} loggers[] = {
	{ "systemd-journal", "journald" }, { "rsyslogd", "rsyslog" }, { "syslog-ng", "syslog-ng" },
	{ "syslogd", "syslogd" },	   { "klogd", "klogd" },      { "metalog", "metalog" },
};

void check_loggers(const struct facts *f, const struct check *check, struct doctor *doctor)
{
	struct list list = { .n = 0 };

	for (size_t i = 0; i < sizeof(loggers) / sizeof(*loggers); i++)
		if (host_runs(f->root, loggers[i].program))
			list_add(&list, "%s", loggers[i].title);
	if (list.n)
		doctor_say(doctor, check, DOCTOR_OK, "kernel messages go to %s", list.s);
	else
		doctor_try(doctor_say(doctor, check, DOCTOR_NOTE,
				      "no logger runs: kernel messages are only in the kernel's "
				      "own buffer, which soon forgets"),
			   "nfhop report kmsg:");
}
