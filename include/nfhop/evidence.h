/* SPDX-License-Identifier: GPL-2.0-or-later */
/* evidence.h - how a host was set up while packets were traced: what else than a rule ends them */
#ifndef NFHOP_EVIDENCE_H
#define NFHOP_EVIDENCE_H

#include <limits.h>

#include "nfhop/event.h"

/* Whether something is switched on. */
enum evidence_switch { SWITCH_UNKNOWN, SWITCH_OFF, SWITCH_ON };

/* Evidence is text, so that a recording can keep it and a person can read it: doc/evidence.md. */

/**
 * evidence_gather - write down how this host is set up now (src/live)
 * @root: "" for this one; else a directory that holds proc/, and the kernel is not asked
 * @netns: what netns_enter() was given, NULL if we stayed where we were
 * @all_netns: what netns_logged() said before we came into this network namespace
 * @text: receives the text; free((char *)text->p) it
 *
 * Read in the network namespace that we are in. Nothing is run, nothing is changed.
 * Return: 0, or -ENOMEM. What cannot be read is left out.
 */
int evidence_gather(const char *root, const char *netns, enum evidence_switch all_netns,
		    struct str *text);

/* evidence_devices - a hash of the devices of the network namespace that we are in */
uint64_t evidence_devices(void);

/* ---- what the text says (src/evidence) ---- */

#define RP_FILTER_UNKNOWN (-1)

/**
 * struct evidence_device - one device, or "all", "default"
 * @forward4: net.ipv4.conf.DEVICE.forwarding
 * @localnet: net.ipv4.conf.DEVICE.route_localnet; on for all if it is on for "all"
 * @rp_filter: 0 off, 1 strict, 2 loose, or RP_FILTER_UNKNOWN; the kernel takes the larger one of
 *	"all" and of the device: evidence_rp_filter()
 */
struct evidence_device {
	struct str name;
	enum evidence_switch forward4, localnet;
	int rp_filter;
};

/* The numbers are RTN_* of linux/rtnetlink.h. */
enum route_type {
	ROUTE_UNSPEC,
	ROUTE_UNICAST,
	ROUTE_LOCAL,
	ROUTE_BROADCAST,
	ROUTE_ANYCAST,
	ROUTE_MULTICAST,
	ROUTE_BLACKHOLE,
	ROUTE_UNREACHABLE,
	ROUTE_PROHIBIT,
	ROUTE_THROW,
	ROUTE_TYPE_MAX
};

/* struct evidence_net - addresses that begin with @bits bits of @addr; of mapped ones 96 more */
struct evidence_net {
	struct addr addr;
	uint8_t bits;
};

/* struct evidence_address - an address of this host */
struct evidence_address {
	struct evidence_net net;
	struct str device;
};

/**
 * struct evidence_route - one route, or one of several ways that a route has
 * @via: the next router; holds if @has_via
 * @device: empty for blackhole and the like
 * @rule: the preference of the rule of `ip rule` that refuses by itself, without a route; else 0
 */
struct evidence_route {
	enum route_type type;
	enum family family;
	struct evidence_net to;
	struct addr via;
	bool has_via;
	struct str device;
	uint32_t table, metric, rule;
};

/**
 * struct evidence_rule - one rule of `ip rule`
 * @iif: empty: any device
 * @inverted: it applies where it does not match
 * @other: it also asks for what is not written down (ports, users, tunnels)
 * @action: FR_ACT_* of linux/fib_rules.h
 * @refusal: what it does where the action is blackhole, unreachable or prohibit
 */
struct evidence_rule {
	enum family family;
	uint32_t pref, table, mark, mask;
	struct evidence_net from, to;
	struct str iif;
	uint8_t action;
	bool inverted, other;
	struct evidence_route refusal;
};

/* struct evidence_neighbour - one that did not answer: FAILED or INCOMPLETE of `ip neigh` */
struct evidence_neighbour {
	struct addr addr;
	struct str device;
};

/* struct evidence_counter - as `nstat -az` names it, "rt_cache.in_no_route" of /proc/net/stat */
struct evidence_counter {
	struct str group, name; /* "Ip" "InAddrErrors" */
	uint64_t value;
};

/* struct evidence_logger - which logger was bound to a family */
struct evidence_logger {
	enum family family;
	struct str name;
};

/**
 * struct evidence - zero it, evidence_parse(), evidence_finish()
 * @whole: the text was not cut
 * @forward4, @forward6: net.ipv4.ip_forward, net.ipv6.conf.all.forwarding
 * @initial: it was the initial network namespace; @all_netns: net.netfilter.nf_log_all_netns
 * @netns: the network namespace as netns_enter() takes it; empty if none was entered
 * @inode: its number, by which the kernel's messages name it; 0 if it is not known
 * @tcp_loose: does conntrack take up TCP connections whose beginning it did not see?
 * @dhcp: has a program bound UDP port 67 (it serves), 68 (it asks)?
 * @has_conntrack: @ct_count and @ct_max hold
 * @legacy4, @legacy6: there were legacy tables
 * @routes_whole: all routes are in @routes
 * The arrays hold @n_... each; all str point into the text that was parsed.
 */
struct evidence {
	bool whole;
	enum evidence_switch forward4, forward6, initial, all_netns, tcp_loose, dhcp[2];
	struct str netns;
	bool has_conntrack, legacy4, legacy6, routes_whole;
	uint64_t inode, ct_count, ct_max;
	struct evidence_device *devices;
	struct evidence_address *addresses;
	struct evidence_route *routes;
	struct evidence_rule *rules;
	struct evidence_neighbour *neighbours;
	struct evidence_counter *counters;
	struct evidence_logger *loggers;
	size_t n_devices, n_addresses, n_routes, n_rules, n_neighbours, n_counters, n_loggers;
};

/**
 * evidence_parse - read what evidence_gather() wrote
 * @text: must outlive @evidence
 *
 * What is not understood is passed over, so that older and newer texts can be read.
 * Return: 0 or -ENOMEM
 */
int evidence_parse(struct str text, struct evidence *evidence);
void evidence_finish(struct evidence *evidence);

/* struct evidence_inside - the begin of a command that is to run in a network namespace */
struct evidence_inside {
	char s[PATH_MAX + 64];
};

/**
 * evidence_inside - what goes before a command, so that it can be pasted
 * @netns: as netns_enter() takes it; may come from a recording, so it is quoted for a shell
 *
 * Return: "ip netns exec NAME " or, for a path, "nsenter --net=PATH "; "" for none, and for one
 * that is longer than any path
 */
struct evidence_inside evidence_inside(struct str netns);

/* evidence_device_find - Return: NULL if it is not known */
const struct evidence_device *evidence_device_find(const struct evidence *evidence,
						   struct str name);

/* evidence_has_device - was it there? SWITCH_UNKNOWN if not all devices are known */
enum evidence_switch evidence_has_device(const struct evidence *evidence, struct str name);

/* evidence_rp_filter - what holds for packets that come in there; may be RP_FILTER_UNKNOWN */
int evidence_rp_filter(const struct evidence *evidence, struct str device);

/* evidence_localnet - may what comes in there be for 127.0.0.0/8? */
enum evidence_switch evidence_localnet(const struct evidence *evidence, struct str device);

/* evidence_forwards - does the host forward what comes in there? */
enum evidence_switch evidence_forwards(const struct evidence *evidence, enum family family,
				       struct str device);

/* evidence_is_local - is it an address of this host? SWITCH_UNKNOWN if none is known */
enum evidence_switch evidence_is_local(const struct evidence *evidence, const struct addr *addr);

/* evidence_is_broadcast - is it the broadcast address of one of this host's networks? */
bool evidence_is_broadcast(const struct evidence *evidence, const struct addr *addr);

/* evidence_is_silent - does that neighbour not answer on that device? */
bool evidence_is_silent(const struct evidence *evidence, const struct addr *addr,
			struct str device);

/* evidence_value - of a counter, by the name that nstat has; Return: false if it is not known */
bool evidence_value(const struct evidence *evidence, struct str name, uint64_t *value);

/* evidence_rise - by how much a counter rose; 0 if that is not known */
uint64_t evidence_rise(const struct evidence *before, const struct evidence *after,
		       struct str name);

/* What a packet asks the routes. @iif: empty for one that was made here */
struct route_query {
	enum family family;
	struct addr src, dst;
	struct str iif;
	uint32_t mark;
};

enum route_answer {
	ROUTE_ANSWER_UNKNOWN, /* routes are missing, or a rule asks for what a trace does not say */
	ROUTE_ANSWER_NONE,    /* no route */
	ROUTE_ANSWER_FOUND,
};

/* evidence_route_find - @route: receives it if it is found */
enum route_answer evidence_route_find(const struct evidence *evidence,
				      const struct route_query *query,
				      const struct evidence_route **route);

/**
 * evidence_way_back - does the way back to @query's source lead out of its input device?
 * @route: receives the way back, NULL if there is none
 * Return: as rp_filter=1 asks (fib_validate_source() of net/ipv4/fib_frontend.c)
 */
enum evidence_switch evidence_way_back(const struct evidence *evidence,
				       const struct route_query *query,
				       const struct evidence_route **route);

#endif
