// SPDX-License-Identifier: GPL-2.0-or-later
/* find_silent.c - legacy TRACE lines that cannot appear, whatever is traced */
#include "finding.h"

#include <errno.h>

/* Which logger TRACE of the family goes to; empty if that is not known. */
static struct str logger_of(const struct evidence *e, enum family family)
{
	for (size_t i = 0; i < e->n_loggers; i++)
		if (e->loggers[i].family == family)
			return e->loggers[i].name;
	return (struct str){ NULL, 0 };
}

/* Was any legacy table of the family seen? Then its lines do appear. */
static bool seen_legacy(const struct model *m, enum family family)
{
	for (size_t i = 0; i < m->n_hosts; i++)
		if (assembler_visible(m->assembler, (unsigned int)i, family).tables)
			return true;
	return false;
}

static int say_suppressed(struct model *m, const struct finding_row *row)
{
	struct finding *f = finding_add(
		m, row,
		text("Legacy TRACE and LOG lines of this network namespace are suppressed "
		     "(nf_log_all_netns is 0): what legacy tables do with packets is not seen."));

	if (!f)
		return -ENOMEM;
	finding_confirm_outside(f, text("sysctl -w net.netfilter.nf_log_all_netns=1"));
	return 0;
}

static int say_bound(struct model *m, const struct finding_row *row, enum family family,
		     struct str logger)
{
	const char *title = family == FAMILY_IP6 ? "IPv6" : "IPv4";
	struct finding *f;

	if (str_eq(logger, STR("NONE")))
		f = finding_add(
			m, row,
			text("Legacy TRACE of %s goes nowhere: no logger is bound to it.", title));
	else
		f = finding_add(m, row,
				text("Legacy TRACE of %s goes to NFLOG group 0, not to the kernel "
				     "log: tcpdump or ulogd bound it.",
				     title));
	if (!f)
		return -ENOMEM;
	finding_confirm(f, text("sysctl -w net.netfilter.nf_log.%u=nf_log_%s", family,
				family == FAMILY_IP6 ? "ipv6" : "ipv4"));
	if (!str_eq(logger, STR("NONE")))
		finding_confirm(f, text("nfhop report nflog:0"));
	return 0;
}

static bool goes_astray(struct str logger)
{
	return str_eq(logger, STR("NONE")) || str_eq(logger, STR("nfnetlink_log"));
}

/*
 * To look at a legacy table loads it, so that it is there proves little. Where its rules could not
 * be read (iptables-legacy is not installed) there is no table in the rule set, and it may have
 * some.
 */
static bool may_have_rules(const struct model *m, enum family family)
{
	const struct ruleset *rules = paths_rules(m->paths);
	struct chain_list chains = rules ? ruleset_chains(rules) : (struct chain_list){ 0 };
	bool read = false;

	for (size_t i = 0; i < chains.n; i++) {
		const struct chain *chain = chains.at[i];

		if (chain->table->family != family || chain->table->backend == BACKEND_NFT)
			continue;
		read = true;
		if (chain->n_rules || chain->policy == VERDICT_DROP)
			return true;
	}
	return !read;
}

int draw_silent_legacy(struct model *m, const struct finding_row *row)
{
	const struct evidence *e = evidence_now(m);
	bool silent4 = e && e->legacy4 && !seen_legacy(m, FAMILY_IP) &&
		       may_have_rules(m, FAMILY_IP);
	bool silent6 = e && e->legacy6 && !seen_legacy(m, FAMILY_IP6) &&
		       may_have_rules(m, FAMILY_IP6);
	int err = 0;

	if (!silent4 && !silent6)
		return 0;
	if (silent4 && goes_astray(logger_of(e, FAMILY_IP)))
		err = say_bound(m, row, FAMILY_IP, logger_of(e, FAMILY_IP));
	if (!err && silent6 && goes_astray(logger_of(e, FAMILY_IP6)))
		err = say_bound(m, row, FAMILY_IP6, logger_of(e, FAMILY_IP6));
	if (!err && e->initial == SWITCH_OFF && e->all_netns == SWITCH_OFF)
		err = say_suppressed(m, row);
	return err;
}
