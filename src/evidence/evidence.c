// SPDX-License-Identifier: GPL-2.0-or-later
/* evidence.c - reads how a host was set up: sections, and a reader for each (doc/evidence.md) */
#include "nfhop/evidence.h"

#include <errno.h>
#include <stdlib.h>

#include "read.h"

#define DEVICES_MAX 4096 /* they are looked up one by one, and the text may be anybody's */

/* struct section - @take is given each of its lines; Return: 0 or -ENOMEM */
struct section {
	const char *name;
	int (*take)(struct evidence *e, struct str line);
};

static enum evidence_switch switch_of(struct str word)
{
	uint64_t value;

	if (!read_number(word, &value))
		return SWITCH_UNKNOWN;
	return value ? SWITCH_ON : SWITCH_OFF;
}

static int take_forward4(struct evidence *e, struct str line)
{
	e->forward4 = switch_of(line);
	return 0;
}

static int take_forward6(struct evidence *e, struct str line)
{
	e->forward6 = switch_of(line);
	return 0;
}

static int take_netns(struct evidence *e, struct str line)
{
	struct str word = read_word(&line);

	if (str_eq(word, STR("initial")))
		e->initial = switch_of(read_word(&line));
	else if (str_eq(word, STR("all_netns")))
		e->all_netns = switch_of(read_word(&line));
	else if (str_eq(word, STR("inode")))
		read_number(read_word(&line), &e->inode);
	else if (str_eq(word, STR("name")))
		e->netns = str_trim_left(str_trim_right(line));
	return 0;
}

static int take_ct_count(struct evidence *e, struct str line)
{
	read_number(line, &e->ct_count);
	return 0;
}

static int take_ct_max(struct evidence *e, struct str line)
{
	e->has_conntrack = read_number(line, &e->ct_max);
	return 0;
}

static int take_tcp_loose(struct evidence *e, struct str line)
{
	e->tcp_loose = switch_of(line);
	return 0;
}

/* "udp 67 1" */
static int take_bound(struct evidence *e, struct str line)
{
	uint64_t port;

	if (!str_eq(read_word(&line), STR("udp")) || !read_number(read_word(&line), &port))
		return 0;
	if (port == 67 || port == 68)
		e->dhcp[port - 67] = switch_of(read_word(&line));
	return 0;
}

static int take_legacy4(struct evidence *e, struct str line)
{
	e->legacy4 |= line.n > 0;
	return 0;
}

static int take_legacy6(struct evidence *e, struct str line)
{
	e->legacy6 |= line.n > 0;
	return 0;
}

/*
 * append - copy one more item of @size bytes behind an array of @n
 * Return: the array, which may have moved; NULL if there is no memory
 */
static void *append(void *array, size_t *n, const void *item, size_t size)
{
	/* full whenever the number is a power of two, or none */
	bool full = !(*n & (*n - 1));
	char *grown = full ? realloc(array, (*n ? *n * 2 : 1) * size) : array;

	if (!grown)
		return NULL;
	memcpy(grown + *n * size, item, size);
	++*n;
	return grown;
}

static int add_address(struct evidence *e, const struct evidence_address *address)
{
	struct evidence_address *grown = append(e->addresses, &e->n_addresses, address,
						sizeof(*address));

	e->addresses = grown ? grown : e->addresses;
	return grown ? 0 : -ENOMEM;
}

static int add_device(struct evidence *e, const struct evidence_device *device)
{
	struct evidence_device *grown = append(e->devices, &e->n_devices, device, sizeof(*device));

	e->devices = grown ? grown : e->devices;
	return grown ? 0 : -ENOMEM;
}

static int add_route(struct evidence *e, const struct evidence_route *route)
{
	struct evidence_route *grown = append(e->routes, &e->n_routes, route, sizeof(*route));

	e->routes = grown ? grown : e->routes;
	return grown ? 0 : -ENOMEM;
}

static int add_rule(struct evidence *e, const struct evidence_rule *rule)
{
	struct evidence_rule *grown = append(e->rules, &e->n_rules, rule, sizeof(*rule));

	e->rules = grown ? grown : e->rules;
	return grown ? 0 : -ENOMEM;
}

static int add_neighbour(struct evidence *e, const struct evidence_neighbour *neighbour)
{
	struct evidence_neighbour *grown = append(e->neighbours, &e->n_neighbours, neighbour,
						  sizeof(*neighbour));

	e->neighbours = grown ? grown : e->neighbours;
	return grown ? 0 : -ENOMEM;
}

static int add_counter(struct evidence *e, const struct evidence_counter *counter)
{
	struct evidence_counter *grown = append(e->counters, &e->n_counters, counter,
						sizeof(*counter));

	e->counters = grown ? grown : e->counters;
	return grown ? 0 : -ENOMEM;
}

static int add_logger(struct evidence *e, const struct evidence_logger *logger)
{
	struct evidence_logger *grown = append(e->loggers, &e->n_loggers, logger, sizeof(*logger));

	e->loggers = grown ? grown : e->loggers;
	return grown ? 0 : -ENOMEM;
}

/* The device of that name, made if it is new; NULL without memory, or if there are too many. */
static struct evidence_device *device_at(struct evidence *e, struct str name)
{
	struct evidence_device device = { .name = name, .rp_filter = RP_FILTER_UNKNOWN };

	for (size_t i = 0; i < e->n_devices; i++)
		if (str_eq(e->devices[i].name, name))
			return &e->devices[i];
	if (e->n_devices == DEVICES_MAX || add_device(e, &device) < 0)
		return NULL;
	return &e->devices[e->n_devices - 1];
}

/* "rp_filter 1 lan0" */
static int take_conf(struct evidence *e, struct str line)
{
	struct str key = read_word(&line), value = read_word(&line), name = read_word(&line);
	struct evidence_device *device;
	uint64_t number;

	if (!name.n || !read_number(value, &number))
		return 0;
	device = device_at(e, name);
	if (!device)
		return e->n_devices == DEVICES_MAX ? 0 : -ENOMEM;
	if (str_eq(key, STR("forward4")))
		device->forward4 = switch_of(value);
	else if (str_eq(key, STR("route_localnet")))
		device->localnet = switch_of(value);
	else if (str_eq(key, STR("rp_filter")) && number <= 2)
		device->rp_filter = (int)number;
	return 0;
}

static int take_addr(struct evidence *e, struct str line)
{
	struct evidence_address address;
	enum family family;

	if (!read_net(read_word(&line), &address.net, &family))
		return 0;
	address.device = read_word(&line);
	return add_address(e, &address);
}

static int take_route(struct evidence *e, struct str line)
{
	struct evidence_route route;

	if (str_eq(line, STR("cut")))
		e->routes_whole = false;
	if (!read_route(line, &route))
		return 0;
	return add_route(e, &route);
}

static int take_rule(struct evidence *e, struct str line)
{
	struct evidence_rule rule;

	return read_rule(line, &rule) ? add_rule(e, &rule) : 0;
}

/* "failed 192.0.2.7 lan0" */
static int take_neighbour(struct evidence *e, struct str line)
{
	struct str state = read_word(&line);
	struct evidence_neighbour neighbour;
	enum family family;

	if ((!str_eq(state, STR("failed")) && !str_eq(state, STR("incomplete"))) ||
	    !read_addr(read_word(&line), &neighbour.addr, &family))
		return 0;
	neighbour.device = read_word(&line);
	return add_neighbour(e, &neighbour);
}

/* " 2 nf_log_ipv4 (nf_log_ipv4,nfnetlink_log)" */
static int take_logger(struct evidence *e, struct str line)
{
	struct evidence_logger logger;
	uint64_t family;

	if (!read_number(read_word(&line), &family) || family >= FAMILY_MAX + 1)
		return 0;
	logger.family = (enum family)family;
	logger.name = read_word(&line);
	return add_logger(e, &logger);
}

/* "Ip6InReceives   12", "XfrmInNoPols   0": the group is not said apart */
static int take_snmp6(struct evidence *e, struct str line)
{
	struct evidence_counter counter = { .name = read_word(&line) };

	if (!read_number(read_word(&line), &counter.value))
		return 0;
	return add_counter(e, &counter);
}

static const struct section sections[] = {
	{ "proc/sys/net/ipv4/ip_forward", take_forward4 },
	{ "proc/sys/net/ipv6/conf/all/forwarding", take_forward6 },
	{ "proc/sys/net/netfilter/nf_conntrack_count", take_ct_count },
	{ "proc/sys/net/netfilter/nf_conntrack_max", take_ct_max },
	{ "proc/sys/net/netfilter/nf_conntrack_tcp_loose", take_tcp_loose },
	{ "proc/net/ip_tables_names", take_legacy4 },
	{ "proc/net/ip6_tables_names", take_legacy6 },
	{ "proc/net/netfilter/nf_log", take_logger },
	{ "proc/net/snmp6", take_snmp6 },
	{ "proc/net/xfrm_stat", take_snmp6 },
	{ "netns", take_netns },
	{ "conf", take_conf },
	{ "bound", take_bound },
	{ "addr", take_addr },
	{ "route", take_route },
	{ "rule", take_rule },
	{ "neighbour", take_neighbour },
};

/* Two lines of the same group: names, then values (/proc/net/snmp, netstat). */
static int take_pair(struct evidence *e, struct str names, struct str values)
{
	struct str group = read_word(&names);
	int ret = 0;

	if (!group.n || !str_eq(group, read_word(&values)))
		return 0;
	group.n--; /* the colon */
	while (!ret) {
		struct evidence_counter counter = { .group = group, .name = read_word(&names) };

		if (!counter.name.n)
			break;
		/* some are negative: no counters, Tcp MaxConn is -1 */
		if (read_number(read_word(&values), &counter.value))
			ret = add_counter(e, &counter);
	}
	return ret;
}

static int take_pairs(struct evidence *e, struct str body)
{
	struct str names, values;
	int ret = 0;

	while (!ret && read_line(&body, &names) && read_line(&body, &values))
		ret = take_pair(e, names, values);
	return ret;
}

/* Names, then a line of hexadecimal columns for each processor. */
static int take_columns(struct evidence *e, struct str group, struct str body)
{
	size_t first = e->n_counters;
	struct str names, line;
	int ret = 0;

	if (!read_line(&body, &names))
		return 0;
	for (struct str name; !ret && (name = read_word(&names)).n;) {
		struct evidence_counter counter = { .group = group, .name = name };

		ret = add_counter(e, &counter);
	}
	while (!ret && read_line(&body, &line)) {
		uint64_t value;

		for (size_t i = first; i < e->n_counters; i++)
			if (read_hex(read_word(&line), &value))
				e->counters[i].value += value;
	}
	return ret;
}

static int take_rt_cache(struct evidence *e, struct str body)
{
	return take_columns(e, STR("rt_cache."), body);
}

static int take_conntrack(struct evidence *e, struct str body)
{
	return take_columns(e, STR("nf_conntrack."), body);
}

/* A section whose lines belong together. */
static const struct {
	const char *name;
	int (*take)(struct evidence *e, struct str body);
} bodies[] = {
	{ "proc/net/snmp", take_pairs },
	{ "proc/net/netstat", take_pairs },
	{ "proc/net/stat/rt_cache", take_rt_cache },
	{ "proc/net/stat/nf_conntrack", take_conntrack },
};

static int take_lines(struct evidence *e, const struct section *section, struct str body)
{
	struct str line;
	int ret = 0;

	while (!ret && read_line(&body, &line))
		ret = section->take(e, line);
	return ret;
}

static int take_section(struct evidence *e, struct str name, struct str body)
{
	e->whole |= str_eq(name, STR("end"));
	if (str_eq(name, STR("route")))
		e->routes_whole = true;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++)
		if (str_eq(name, str_from(bodies[i].name)))
			return bodies[i].take(e, body);
	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++)
		if (str_eq(name, str_from(sections[i].name)))
			return take_lines(e, &sections[i], body);
	return 0;
}

/* read_section - the next "[name]" and what stands before the one after it */
static bool read_section(struct str *text, struct str *name, struct str *body)
{
	struct str line;
	size_t n;

	do
		if (!read_line(text, &line))
			return false;
	while (!str_starts(line, STR("[")) || !str_ends(line, STR("]")));
	*name = str_first(str_skip(line, 1), line.n - 2);
	if (str_starts(*text, STR("[")))
		n = 0;
	else
		n = str_find(*text, STR("\n["));
	*body = str_first(*text, n < text->n ? n + (n > 0) : n);
	*text = str_skip(*text, body->n);
	return true;
}

int evidence_parse(struct str text, struct evidence *e)
{
	struct str name, body;
	int ret = 0;

	*e = (struct evidence){ .whole = false };
	while (!ret && read_section(&text, &name, &body))
		ret = take_section(e, name, body);
	/* the last section may be the one that was cut */
	e->routes_whole &= e->whole;
	if (ret < 0)
		evidence_finish(e);
	return ret;
}

void evidence_finish(struct evidence *e)
{
	free(e->devices);
	free(e->addresses);
	free(e->routes);
	free(e->rules);
	free(e->neighbours);
	free(e->counters);
	free(e->loggers);
	*e = (struct evidence){ .whole = false };
}

const struct evidence_device *evidence_device_find(const struct evidence *e, struct str name)
{
	for (size_t i = 0; i < e->n_devices; i++)
		if (str_eq(e->devices[i].name, name))
			return &e->devices[i];
	return NULL;
}

enum evidence_switch evidence_has_device(const struct evidence *e, struct str name)
{
	if (evidence_device_find(e, name))
		return SWITCH_ON;
	return e->whole && e->n_devices && e->n_devices < DEVICES_MAX ? SWITCH_OFF : SWITCH_UNKNOWN;
}

enum evidence_switch evidence_localnet(const struct evidence *e, struct str device)
{
	const struct evidence_device *all = evidence_device_find(e, STR("all"));
	const struct evidence_device *one = evidence_device_find(e, device);

	if ((all && all->localnet == SWITCH_ON) || (one && one->localnet == SWITCH_ON))
		return SWITCH_ON;
	return all && one ? one->localnet : SWITCH_UNKNOWN;
}

int evidence_rp_filter(const struct evidence *e, struct str device)
{
	const struct evidence_device *all = evidence_device_find(e, STR("all"));
	const struct evidence_device *one = evidence_device_find(e, device);

	if (!all || !one || one->rp_filter == RP_FILTER_UNKNOWN)
		return RP_FILTER_UNKNOWN;
	return all->rp_filter > one->rp_filter ? all->rp_filter : one->rp_filter;
}

enum evidence_switch evidence_forwards(const struct evidence *e, enum family family,
				       struct str device)
{
	const struct evidence_device *one = evidence_device_find(e, device);

	/* IPv6 asks "all" only (ip6_forward() of net/ipv6/ip6_output.c) */
	if (family == FAMILY_IP6)
		return e->forward6;
	return one && one->forward4 != SWITCH_UNKNOWN ? one->forward4 : e->forward4;
}

bool evidence_value(const struct evidence *e, struct str name, uint64_t *value)
{
	for (size_t i = 0; i < e->n_counters; i++) {
		const struct evidence_counter *c = &e->counters[i];

		if (str_starts(name, c->group) && str_eq(str_skip(name, c->group.n), c->name)) {
			*value = c->value;
			return true;
		}
	}
	return false;
}

uint64_t evidence_rise(const struct evidence *before, const struct evidence *after, struct str name)
{
	uint64_t from, to;

	if (!before || !after || !evidence_value(before, name, &from) ||
	    !evidence_value(after, name, &to))
		return 0;
	return to > from ? to - from : 0;
}
