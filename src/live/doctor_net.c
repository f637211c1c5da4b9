// SPDX-License-Identifier: GPL-2.0-or-later
/* doctor_net.c - checks: what else than a rule ends packets: forwarding, rp_filter, conntrack */
#include "doctor.h"

#include <inttypes.h>
#include <stdlib.h>

#include "proc.h"

#define STRICT 1 /* rp_filter: the way back must be the device it came in by (RFC 3704) */

/* conf_value - net.ipv4.conf.DEVICE.KEY; Return: false if it cannot be read */
static bool conf_value(const struct facts *f, const char *device, const char *key, uint64_t *value)
{
	char path[512];
	struct str text;
	bool known;

	snprintf(path, sizeof(path), "proc/sys/net/ipv4/conf/%s/%s", device, key);
	if (host_read(f->root, path, &text) < 0)
		return false;
	known = proc_value(text, value);
	free((char *)text.p);
	return known;
}

static bool is_device(const char *name)
{
	return strcmp(name, "all") && strcmp(name, "default") && strcmp(name, "lo");
}

/* Devices for which the key has that value, counting the one for all of them if @all. */
static struct list devices_with(const struct facts *f, const char *key, bool all, uint64_t wanted)
{
	struct list list = { .n = 0 };
	uint64_t common = 0, value;

	if (all)
		conf_value(f, "all", key, &common);
	for (size_t i = 0; i < f->devices.n; i++) {
		if (!is_device(f->devices.names[i]) ||
		    !conf_value(f, f->devices.names[i], key, &value))
			continue;
		if ((value > common ? value : common) == wanted)
			list_add(&list, "%s", f->devices.names[i]);
	}
	return list;
}

static const struct {
	enum fact fact;
	const char *title, *sysctl;
	bool by_device; /* IPv6 asks "all" only (ip6_forward() of net/ipv6/ip6_output.c) */
} forwards[] = {
	{ FACT_FORWARD4, "IPv4", "net.ipv4.ip_forward", true },
	{ FACT_FORWARD6, "IPv6", "net.ipv6.conf.all.forwarding", false },
};

static void check_one(const struct facts *f, const struct check *check, struct doctor *doctor,
		      size_t i)
{
	struct evidence_inside in = facts_inside(f);
	struct list off = { .n = 0 };
	uint64_t on;

	if (!facts_number(f, forwards[i].fact, &on))
		return;
	if (forwards[i].by_device)
		off = devices_with(f, "forwarding", false, 0);
	if (!on)
		doctor_try(doctor_say(doctor, check, DOCTOR_NOTE,
				      "%s is not forwarded: %s is 0, packets for others end after "
				      "PREROUTING, silently",
				      forwards[i].title, forwards[i].sysctl),
			   "%ssysctl -w %s=1", in.s, forwards[i].sysctl);
	else if (off.n)
		doctor_try(doctor_say(doctor, check, DOCTOR_NOTE,
				      "%s is forwarded, but not what comes in by %s",
				      forwards[i].title, off.s),
			   "%ssysctl -a -r 'net.ipv4.conf.*.forwarding'", in.s);
	else
		doctor_say(doctor, check, DOCTOR_OK, "%s is forwarded", forwards[i].title);
}

void check_forwarding(const struct facts *f, const struct check *check, struct doctor *doctor)
{
	for (size_t i = 0; i < sizeof(forwards) / sizeof(*forwards); i++)
		check_one(f, check, doctor, i);
}

void check_rp_filter(const struct facts *f, const struct check *check, struct doctor *doctor)
{
	struct list strict = devices_with(f, "rp_filter", true, STRICT);
	struct evidence_inside in = facts_inside(f);

	if (!strict.n)
		return;
	doctor_try(doctor_say(doctor, check, DOCTOR_NOTE,
			      "rp_filter is strict on %s: a packet whose way back is another "
			      "device ends after PREROUTING, silently",
			      strict.s),
		   "%ssysctl -w net.ipv4.conf.all.rp_filter=2", in.s);
}

#define NEARLY_FULL 90 /* per cent */

void check_conntrack(const struct facts *f, const struct check *check, struct doctor *doctor)
{
	struct evidence_inside in = facts_inside(f);
	uint64_t count, max;

	if (!facts_number(f, FACT_CT_COUNT, &count) || !facts_number(f, FACT_CT_MAX, &max) || !max)
		return;
	if (count * 100 < max * NEARLY_FULL)
		doctor_say(doctor, check, DOCTOR_OK,
			   "connection tracking: %" PRIu64 " of %" PRIu64 " entries", count, max);
	else
		doctor_try(doctor_say(doctor, check, count >= max ? DOCTOR_BAD : DOCTOR_NOTE,
				      "the connection table is %sfull (%" PRIu64 " of %" PRIu64
				      "): new connections are dropped between raw and mangle",
				      count >= max ? "" : "nearly ", count, max),
			   "%ssysctl -w net.netfilter.nf_conntrack_max=%" PRIu64, in.s, max * 2);
}

static bool sets_trace(const struct look *nft, const char *table)
{
	for (size_t i = 0; i < nft->n_traces; i++)
		if (nft->traces[i].family == NFPROTO_BRIDGE && !strcmp(nft->traces[i].table, table))
			return true;
	return false;
}

static void say_bridges(const struct facts *f, const struct check *check, struct doctor *doctor)
{
	struct evidence_inside in = facts_inside(f);

	for (size_t i = 0; i < f->nft.n_tables; i++) {
		const struct look_thing *table = &f->nft.tables[i];

		if (table->family != NFPROTO_BRIDGE || sets_trace(&f->nft, table->table))
			continue;
		doctor_try(
			doctor_say(doctor, check, DOCTOR_NOTE,
				   "--trace does not reach table bridge %s: a frame that is "
				   "bridged from port to port passes no hook where a trace begins",
				   table->table),
			"%snft insert rule bridge %s CHAIN limit rate 10/second meta nftrace "
			"set 1",
			in.s, table->table);
	}
}

void check_bridge(const struct facts *f, const struct check *check, struct doctor *doctor)
{
	uint64_t on;

	if (facts_number(f, FACT_BRIDGE_CALL, &on) && on)
		doctor_say(doctor, check, DOCTOR_NOTE,
			   "bridged packets pass iptables, too (bridge-nf-call-iptables is 1)");
	else if (f->asked && !f->nft.err)
		say_bridges(f, check, doctor);
}
