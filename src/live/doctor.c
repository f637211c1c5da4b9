// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * doctor.c - the table of checks, and the facts that they look at
 *
 * All is gathered first, then checked: so checks are questions about texts, which tests can put
 * to hosts that never were.
 */
#include "doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include "nfhop/netns.h"

#include "proc.h"

static const struct check checks[] = {
	{ "capabilities", check_capabilities },
	{ "nf_tables", check_nf_tables },
	{ "legacy", check_legacy },
	{ "nfnetlink_log", check_nflog },
	{ "kernel-log", check_kernel_log },
	{ "nf_log", check_nf_log },
	{ "nf_log_all_netns", check_all_netns },
	{ "nflog-groups", check_groups },
	{ "loggers", check_loggers },
	{ "console", check_console },
	{ "rule-sets", check_rule_sets },
	{ "trace-rules", check_trace_rules },
	{ "early-chains", check_early_chains },
	{ "flowtables", check_flowtables },
	{ "forwarding", check_forwarding },
	{ "rp_filter", check_rp_filter },
	{ "conntrack", check_conntrack },
	{ "bridge", check_bridge },
};

static const char *const paths[FACT_MAX] = {
	[FACT_STATUS] = "proc/self/status",
	[FACT_UID_MAP] = "proc/self/uid_map",
	[FACT_NF_LOG] = "proc/net/netfilter/nf_log",
	[FACT_NFLOG_GROUPS] = "proc/net/netfilter/nfnetlink_log",
	[FACT_IP_TABLES] = "proc/net/ip_tables_names",
	[FACT_IP6_TABLES] = "proc/net/ip6_tables_names",
	[FACT_DMESG_RESTRICT] = "proc/sys/kernel/dmesg_restrict",
	[FACT_PRINTK] = "proc/sys/kernel/printk",
	[FACT_FORWARD4] = "proc/sys/net/ipv4/ip_forward",
	[FACT_FORWARD6] = "proc/sys/net/ipv6/conf/all/forwarding",
	[FACT_CT_COUNT] = "proc/sys/net/netfilter/nf_conntrack_count",
	[FACT_CT_MAX] = "proc/sys/net/netfilter/nf_conntrack_max",
	[FACT_BRIDGE_CALL] = "proc/sys/net/bridge/bridge-nf-call-iptables",
};

#define ALL_NETNS_PATH "proc/sys/net/netfilter/nf_log_all_netns"

static int gather_netns(struct facts *f)
{
	int ret = netns_logged(f->root, &f->all_netns);

	if (ret < 0)
		return ret;
	ret = f->netns ? netns_enter(f->netns) : 0;
	f->initial = host_exists(f->root, ALL_NETNS_PATH);
	return ret;
}

static void gather_texts(struct facts *f)
{
	for (size_t i = 0; i < FACT_MAX; i++)
		if (paths[i])
			f->err[i] = host_read(f->root, paths[i], &f->text[i]);
}

static int open_kmsg(const char *root)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/dev/kmsg", root);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static int gather(struct facts *f)
{
	int ret = gather_netns(f);

	if (ret < 0)
		return ret;
	gather_texts(f);
	f->err[FACT_KMSG] = open_kmsg(f->root);
	host_list(f->root, "proc/sys/net/ipv4/conf", &f->devices);
	f->asked = !*f->root;
	if (!f->asked)
		return 0;
	look_nft(&f->nft);
	look_legacy(&f->legacy, NFPROTO_IPV4, f->text[FACT_IP_TABLES]);
	look_legacy(&f->legacy, NFPROTO_IPV6, f->text[FACT_IP6_TABLES]);
	return 0;
}

static void free_facts(struct facts *f)
{
	for (size_t i = 0; i < FACT_MAX; i++)
		free((char *)f->text[i].p);
	host_names_free(&f->devices);
	free(f);
}

int doctor_examine(const struct doctor_config *config, struct doctor *doctor)
{
	struct facts *f = calloc(1, sizeof(*f));
	int ret;

	*doctor = (struct doctor){ NULL, 0 };
	if (!f)
		return -ENOMEM;
	f->root = config->root;
	f->netns = config->netns;
	ret = gather(f);
	for (size_t i = 0; ret >= 0 && i < sizeof(checks) / sizeof(*checks); i++)
		checks[i].run(f, &checks[i], doctor);
	free_facts(f);
	return ret;
}

void doctor_finish(struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->n; i++) {
		free(doctor->items[i].text);
		free(doctor->items[i].command);
	}
	free(doctor->items);
	*doctor = (struct doctor){ NULL, 0 };
}

bool doctor_healthy(const struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->n; i++)
		if (doctor->items[i].level == DOCTOR_BAD)
			return false;
	return true;
}

const char *doctor_level_name(enum doctor_level level)
{
	static const char *const names[DOCTOR_LEVEL_MAX] = {
		[DOCTOR_OK] = "ok",
		[DOCTOR_NOTE] = "note",
		[DOCTOR_BAD] = "bad",
	};

	return names[level];
}

struct doctor_item *doctor_say(struct doctor *doctor, const struct check *check,
			       enum doctor_level level, const char *format, ...)
{
	struct doctor_item item = { .check = check->name, .level = level };
	struct doctor_item *items = realloc(doctor->items,
					    (doctor->n + 1) * sizeof(*doctor->items));
	va_list args;

	if (!items)
		return NULL;
	doctor->items = items;
	va_start(args, format);
	if (vasprintf(&item.text, format, args) < 0)
		item.text = NULL;
	va_end(args);
	if (!item.text)
		return NULL;
	items[doctor->n] = item;
	return &items[doctor->n++];
}

void doctor_try(struct doctor_item *item, const char *format, ...)
{
	va_list args;

	if (!item)
		return;
	va_start(args, format);
	if (vasprintf(&item->command, format, args) < 0)
		item->command = NULL;
	va_end(args);
}

struct evidence_inside facts_inside(const struct facts *f)
{
	return evidence_inside(f->netns ? str_from(f->netns) : STR(""));
}

bool facts_number(const struct facts *f, enum fact fact, uint64_t *number)
{
	return !f->err[fact] && proc_value(f->text[fact], number);
}

bool facts_capable(const struct facts *f, unsigned int capability)
{
	uint64_t mask;

	return proc_field(f->text[FACT_STATUS], STR("CapEff:"), 16, &mask) &&
	       (mask >> capability & 1);
}

/* To look at a table loads it: what tells is its rules, if they could be asked for. */
bool facts_legacy(const struct facts *f, unsigned int family)
{
	enum fact names = family == NFPROTO_IPV6 ? FACT_IP6_TABLES : FACT_IP_TABLES;

	if (!f->asked || f->legacy.err)
		return str_trim_left(f->text[names]).n;
	for (size_t i = 0; i < f->legacy.n_tables; i++)
		if (f->legacy.tables[i].family == family && f->legacy.tables[i].rules)
			return true;
	return false;
}

const char *family_tool(unsigned int family)
{
	return family == NFPROTO_IPV6 ? "ip6tables-legacy" : "iptables-legacy";
}

const char *family_title(unsigned int family)
{
	return family == NFPROTO_IPV6 ? "IPv6" : "IPv4";
}

void list_add(struct list *list, const char *format, ...)
{
	size_t at = strlen(list->s);
	va_list args;
	char name[LOOK_NAME * 2];

	va_start(args, format);
	vsnprintf(name, sizeof(name), format, args);
	va_end(args);
	if (at + strlen(name) + sizeof(", …") < sizeof(list->s))
		snprintf(list->s + at, sizeof(list->s) - at, "%s%s", list->n ? ", " : "", name);
	else if (!strstr(list->s, "…"))
		snprintf(list->s + at, sizeof(list->s) - at, ", …");
	list->n++;
}
