// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * look_legacy.c - what the legacy tables hold: how many rules, and which of them are TRACE
 *
 * A table comes as one blob of entries (include/uapi/linux/netfilter_ipv4/ip_tables.h): matches,
 * then the target, whose name is text. A user's chain begins with an entry of target ERROR that
 * holds its name, a built-in one at the offset that the table's info gives. The last entry of a
 * chain is its policy or its return, the last of all an ERROR.
 */
#include "look.h"

#include <errno.h>
#include <linux/if.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "proc.h"

/* struct layout - where an entry has what, in one family */
struct layout {
	unsigned int family;
	int domain, level, info, entries;
	size_t target_offset, next_offset, packets, size;
};

static const struct layout layouts[] = {
	{ NFPROTO_IPV4, AF_INET, IPPROTO_IP, IPT_SO_GET_INFO, IPT_SO_GET_ENTRIES,
	  offsetof(struct ipt_entry, target_offset), offsetof(struct ipt_entry, next_offset),
	  offsetof(struct ipt_entry, counters.pcnt), sizeof(struct ipt_entry) },
	{ NFPROTO_IPV6, AF_INET6, IPPROTO_IPV6, IP6T_SO_GET_INFO, IP6T_SO_GET_ENTRIES,
	  offsetof(struct ip6t_entry, target_offset), offsetof(struct ip6t_entry, next_offset),
	  offsetof(struct ip6t_entry, counters.pcnt), sizeof(struct ip6t_entry) },
};

_Static_assert(sizeof(struct ipt_getinfo) == sizeof(struct ip6t_getinfo), "one struct for both");

#define TARGET_NAME offsetof(struct xt_entry_target, u.user.name)

static const char *const chain_names[NF_INET_NUMHOOKS] = {
	"PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING",
};

static const struct layout *layout_of(unsigned int family)
{
	return family == NFPROTO_IPV6 ? &layouts[1] : &layouts[0];
}

static uint16_t half_at(struct str blob, size_t at)
{
	uint16_t n;

	memcpy(&n, blob.p + at, sizeof(n));
	return n;
}

/* struct entry - one entry, checked to lie within the blob */
struct entry {
	struct str bytes, target; /* @target: the name, then what the target itself holds */
};

static bool entry_at(const struct layout *layout, struct str blob, size_t at, struct entry *entry)
{
	struct str rest = str_skip(blob, at);
	size_t target, next;

	if (rest.n < layout->size)
		return false;
	target = half_at(rest, layout->target_offset);
	next = half_at(rest, layout->next_offset);
	if (next > rest.n || next < layout->size || target > next ||
	    next - target < sizeof(struct xt_entry_target))
		return false;
	entry->bytes = str_first(rest, next);
	entry->target = str_skip(entry->bytes, target);
	return true;
}

/* A name in a field of fixed size. */
static void field_copy(char *to, struct str field)
{
	size_t n = strnlen(field.p, field.n);

	snprintf(to, LOOK_NAME, "%.*s", (int)n, field.p);
}

/* Return: is @at the begin of a built-in chain? Its name in @chain then. */
static bool begins_chain(const unsigned int *hook_entry, unsigned int valid_hooks, size_t at,
			 char *chain)
{
	for (unsigned int hook = 0; hook < NF_INET_NUMHOOKS; hook++)
		if ((valid_hooks & 1u << hook) && hook_entry[hook] == at) {
			snprintf(chain, LOOK_NAME, "%s", chain_names[hook]);
			return true;
		}
	return false;
}

static void take_rule(struct look *look, const struct layout *layout, const char *table,
		      const char *chain, uint32_t number, const struct entry *entry)
{
	struct look_rule *trace;

	if (look->n_traces == LOOK_MAX)
		return;
	trace = &look->traces[look->n_traces++];
	*trace = (struct look_rule){ .family = layout->family, .number = number, .counted = true };
	snprintf(trace->table, LOOK_NAME, "%s", table);
	snprintf(trace->chain, LOOK_NAME, "%s", chain);
	memcpy(&trace->packets, entry->bytes.p + layout->packets, sizeof(trace->packets));
}

void look_legacy_blob(struct look *look, unsigned int family, const char *table, struct str blob,
		      const unsigned int *hook_entry, unsigned int valid_hooks)
{
	const struct layout *layout = layout_of(family);
	char chain[LOOK_NAME] = "", target[LOOK_NAME];
	uint32_t number = 0, entries = 0, ends = 0;
	struct entry entry;

	for (size_t at = 0; entry_at(layout, blob, at, &entry); at += entry.bytes.n) {
		struct str data = str_skip(entry.target, sizeof(struct xt_entry_target));

		field_copy(target, str_first(str_skip(entry.target, TARGET_NAME),
					     XT_EXTENSION_MAXNAMELEN - 1));
		if (begins_chain(hook_entry, valid_hooks, at, chain)) {
			number = 0;
			ends++; /* its policy */
		}
		entries++;
		if (!strcmp(target, XT_ERROR_TARGET)) {
			field_copy(chain, data);
			number = 0;
			ends += 2; /* this entry, and the chain's return */
			continue;
		}
		number++;
		if (!strcmp(target, "TRACE"))
			take_rule(look, layout, table, chain, number, &entry);
	}
	if (look->n_tables == LOOK_MAX)
		return;
	/* the last ERROR begins no chain */
	ends -= ends ? 1 : 0;
	look->tables[look->n_tables] = (struct look_thing){ .family = family,
							    .rules = entries > ends ? entries - ends
										    : 0 };
	look->rules += look->tables[look->n_tables].rules;
	snprintf(look->tables[look->n_tables++].table, LOOK_NAME, "%s", table);
}

/* Both questions of one table; a table that changes in between is asked again. */
static int ask_table(int fd, const struct layout *layout, const char *name,
		     struct ipt_getinfo *info, struct ipt_get_entries **entries)
{
	socklen_t n = sizeof(*info);

	*info = (struct ipt_getinfo){ .size = 0 };
	snprintf(info->name, sizeof(info->name), "%s", name);
	if (getsockopt(fd, layout->level, layout->info, info, &n) < 0)
		return -errno;
	n = (socklen_t)(sizeof(**entries) + info->size);
	*entries = calloc(1, n);
	if (!*entries)
		return -ENOMEM;
	memcpy((*entries)->name, info->name, sizeof(info->name));
	(*entries)->size = info->size;
	if (getsockopt(fd, layout->level, layout->entries, *entries, &n) < 0) {
		int err = -errno;

		free(*entries);
		return err;
	}
	return 0;
}

#define TRIES 3

static int look_table(struct look *look, int fd, const struct layout *layout, const char *name)
{
	struct ipt_get_entries *entries = NULL;
	struct ipt_getinfo info;
	int ret = -EAGAIN;

	for (int i = 0; i < TRIES && ret == -EAGAIN; i++)
		ret = ask_table(fd, layout, name, &info, &entries);
	if (ret < 0)
		return ret;
	look_legacy_blob(look, layout->family, name,
			 (struct str){ (const char *)entries->entrytable, info.size },
			 info.hook_entry, info.valid_hooks);
	free(entries);
	return 0;
}

void look_legacy(struct look *look, unsigned int family, struct str names)
{
	const struct layout *layout = layout_of(family);
	char name[XT_TABLE_MAXNAMELEN];
	struct str line;
	int fd;

	if (!str_trim_left(names).n)
		return;
	fd = socket(layout->domain, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	if (fd < 0) {
		look->err = -errno;
		return;
	}
	while (proc_line(&names, &line)) {
		int ret;

		snprintf(name, sizeof(name), "%.*s", STR_ARG(line));
		ret = look_table(look, fd, layout, name);
		look->err = ret < 0 ? ret : look->err;
	}
	close(fd);
}
