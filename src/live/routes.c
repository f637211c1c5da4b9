// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * routes.c - addresses, routes, rules and silent neighbours of this host, as sections of evidence
 * (doc/evidence.md)
 */
#include "routes.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>

#include "netlink.h"

#define SEQ	    1
#define REQUEST_MAX 256
#define ROUTES_MAX  20000 /* a router of the internet has a million: a bundle must stay small */

#define NEIGHBOURS_MAX 1000 /* who scans a net leaves as many behind */

/* struct writing - one section; @lines of it were written */
struct writing {
	FILE *out;
	size_t lines;
};

static const char *const type_names[] = {
	[RTN_UNSPEC] = "unspec",       [RTN_UNICAST] = "unicast",
	[RTN_LOCAL] = "local",	       [RTN_BROADCAST] = "broadcast",
	[RTN_ANYCAST] = "anycast",     [RTN_MULTICAST] = "multicast",
	[RTN_BLACKHOLE] = "blackhole", [RTN_UNREACHABLE] = "unreachable",
	[RTN_PROHIBIT] = "prohibit",   [RTN_THROW] = "throw",
};

#define TYPES (sizeof(type_names) / sizeof(*type_names))

/* struct attributes - of one message, by their number */
struct attributes {
	const struct nlattr *at[64];
};

static int on_attribute(const struct nlattr *attr, void *who)
{
	struct attributes *attributes = who;
	uint16_t type = mnl_attr_get_type(attr);

	if (type < sizeof(attributes->at) / sizeof(*attributes->at))
		attributes->at[type] = attr;
	return MNL_CB_OK;
}

static struct attributes attributes_of(const struct nlmsghdr *nlh, size_t header)
{
	struct attributes attributes = { { NULL } };

	mnl_attr_parse(nlh, (unsigned int)header, on_attribute, &attributes);
	return attributes;
}

static uint32_t number_of(const struct nlattr *attr, uint32_t missing)
{
	return attr && mnl_attr_get_payload_len(attr) >= sizeof(uint32_t) ? mnl_attr_get_u32(attr)
									  : missing;
}

/* An address, or that of all addresses if it is missing. */
static const char *address_of(const struct nlattr *attr, int family, char *text, size_t n)
{
	static const uint8_t any[16];
	size_t size = family == AF_INET6 ? 16 : 4;
	const void *bytes = any;

	if (attr && mnl_attr_get_payload_len(attr) >= size)
		bytes = mnl_attr_get_payload(attr);
	return inet_ntop(family, bytes, text, (socklen_t)n);
}

static void put_device(FILE *out, const char *key, const struct nlattr *attr)
{
	char name[IF_NAMESIZE];

	if (attr && if_indextoname(number_of(attr, 0), name))
		fprintf(out, "%s%s", key, name);
}

static bool is_ours(int family)
{
	return family == AF_INET || family == AF_INET6;
}

static int on_address(const struct nlmsghdr *nlh, void *who)
{
	struct writing *w = who;
	const struct ifaddrmsg *head = mnl_nlmsg_get_payload(nlh);
	struct attributes a = attributes_of(nlh, sizeof(*head));
	/* of a point-to-point link, IFA_ADDRESS is the other end's */
	const struct nlattr *own = a.at[IFA_LOCAL] ? a.at[IFA_LOCAL] : a.at[IFA_ADDRESS];
	char text[INET6_ADDRSTRLEN], name[IF_NAMESIZE];

	if (own && is_ours(head->ifa_family) && if_indextoname(head->ifa_index, name))
		fprintf(w->out, "%s/%u %s\n", address_of(own, head->ifa_family, text, sizeof(text)),
			head->ifa_prefixlen, name);
	return MNL_CB_OK;
}

/* What a route says before the ways it has. */
static void put_route(FILE *out, const struct rtmsg *head, const struct attributes *a)
{
	char text[INET6_ADDRSTRLEN];

	fprintf(out, "%s %s/%u", type_names[head->rtm_type],
		address_of(a->at[RTA_DST], head->rtm_family, text, sizeof(text)),
		head->rtm_dst_len);
}

static void put_way(FILE *out, const struct rtmsg *head, const struct attributes *a,
		    const struct nlattr *gateway, const struct nlattr *oif)
{
	char text[INET6_ADDRSTRLEN];

	if (gateway)
		fprintf(out, " via %s", address_of(gateway, head->rtm_family, text, sizeof(text)));
	put_device(out, " dev ", oif);
	fprintf(out, " table %" PRIu32 " metric %" PRIu32 "\n",
		number_of(a->at[RTA_TABLE], head->rtm_table), number_of(a->at[RTA_PRIORITY], 0));
}

/* Several ways: a line for each. */
static void put_ways(FILE *out, const struct rtmsg *head, const struct attributes *a)
{
	const char *at = mnl_attr_get_payload(a->at[RTA_MULTIPATH]);
	size_t left = mnl_attr_get_payload_len(a->at[RTA_MULTIPATH]), size;
	struct rtnexthop hop;

	for (; left >= sizeof(hop); at += size, left -= size) {
		struct attributes way = { { NULL } };
		char name[IF_NAMESIZE], text[INET6_ADDRSTRLEN];

		memcpy(&hop, at, sizeof(hop));
		size = NLMSG_ALIGN(hop.rtnh_len);
		if (hop.rtnh_len < sizeof(hop) || size > left)
			return;
		mnl_attr_parse_payload(at + sizeof(hop), hop.rtnh_len - sizeof(hop), on_attribute,
				       &way);
		if (hop.rtnh_flags & RTNH_F_DEAD)
			continue;
		put_route(out, head, a);
		if (way.at[RTA_GATEWAY])
			fprintf(out, " via %s",
				address_of(way.at[RTA_GATEWAY], head->rtm_family, text,
					   sizeof(text)));
		if (if_indextoname((unsigned int)hop.rtnh_ifindex, name))
			fprintf(out, " dev %s", name);
		put_way(out, head, a, NULL, NULL);
	}
}

static int on_route(const struct nlmsghdr *nlh, void *who)
{
	struct writing *w = who;
	const struct rtmsg *head = mnl_nlmsg_get_payload(nlh);
	struct attributes a = attributes_of(nlh, sizeof(*head));

	/* cached routes (redirects, path MTU) are no configuration; dead ones are not used */
	if (!is_ours(head->rtm_family) || head->rtm_type >= TYPES ||
	    (head->rtm_flags & (RTM_F_CLONED | RTNH_F_DEAD)))
		return MNL_CB_OK;
	if (w->lines++ == ROUTES_MAX)
		fputs("cut\n", w->out);
	if (w->lines > ROUTES_MAX)
		return MNL_CB_OK;
	if (a.at[RTA_MULTIPATH]) {
		put_ways(w->out, head, &a);
		return MNL_CB_OK;
	}
	put_route(w->out, head, &a);
	put_way(w->out, head, &a, a.at[RTA_GATEWAY], a.at[RTA_OIF]);
	return MNL_CB_OK;
}

/* Selectors that evidence has no word for. */
static bool asks_for_more(const struct attributes *a)
{
	static const uint16_t others[] = {
		FRA_OIFNAME,  FRA_TUN_ID,      FRA_UID_RANGE,
		FRA_IP_PROTO, FRA_SPORT_RANGE, FRA_DPORT_RANGE,
	};
	const struct nlattr *l3mdev = a->at[FRA_L3MDEV];
	uint32_t all = UINT32_MAX;

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (a->at[others[i]])
			return true;
	return (l3mdev && mnl_attr_get_u8(l3mdev)) ||
	       number_of(a->at[FRA_SUPPRESS_PREFIXLEN], all) != all ||
	       number_of(a->at[FRA_SUPPRESS_IFGROUP], all) != all;
}

static void put_rule(FILE *out, const struct fib_rule_hdr *head, const struct attributes *a)
{
	char from[INET6_ADDRSTRLEN], to[INET6_ADDRSTRLEN];

	fprintf(out, "%s pref %" PRIu32 " from %s/%u to %s/%u",
		head->family == AF_INET6 ? "ip6" : "ip", number_of(a->at[FRA_PRIORITY], 0),
		address_of(a->at[FRA_SRC], head->family, from, sizeof(from)), head->src_len,
		address_of(a->at[FRA_DST], head->family, to, sizeof(to)), head->dst_len);
	if (a->at[FRA_IIFNAME])
		fprintf(out, " iif %s", mnl_attr_get_str(a->at[FRA_IIFNAME]));
	if (a->at[FRA_FWMARK] || a->at[FRA_FWMASK])
		fprintf(out, " mark 0x%" PRIx32 "/0x%" PRIx32, number_of(a->at[FRA_FWMARK], 0),
			number_of(a->at[FRA_FWMASK], UINT32_MAX));
	fprintf(out, "%s%s action %u table %" PRIu32 "\n",
		head->flags & FIB_RULE_INVERT ? " not" : "",
		head->tos || asks_for_more(a) ? " other" : "", head->action,
		number_of(a->at[FRA_TABLE], head->table));
}

static int on_rule(const struct nlmsghdr *nlh, void *who)
{
	struct writing *w = who;
	const struct fib_rule_hdr *head = mnl_nlmsg_get_payload(nlh);
	struct attributes a = attributes_of(nlh, sizeof(*head));

	if (is_ours(head->family))
		put_rule(w->out, head, &a);
	return MNL_CB_OK;
}

/* Those that do not answer: packets to them are dropped behind the last hook. */
static int on_neighbour(const struct nlmsghdr *nlh, void *who)
{
	struct writing *w = who;
	const struct ndmsg *head = mnl_nlmsg_get_payload(nlh);
	struct attributes a = attributes_of(nlh, sizeof(*head));
	char text[INET6_ADDRSTRLEN], name[IF_NAMESIZE];

	if (!is_ours(head->ndm_family) || !(head->ndm_state & (NUD_FAILED | NUD_INCOMPLETE)) ||
	    !a.at[NDA_DST] || !if_indextoname((unsigned int)head->ndm_ifindex, name) ||
	    w->lines++ >= NEIGHBOURS_MAX)
		return MNL_CB_OK;
	fprintf(w->out, "%s %s %s\n", head->ndm_state & NUD_FAILED ? "failed" : "incomplete",
		address_of(a.at[NDA_DST], head->ndm_family, text, sizeof(text)), name);
	return MNL_CB_OK;
}

static int dump(struct writing *w, uint16_t type, unsigned char family, mnl_cb_t answer)
{
	char buf[REQUEST_MAX];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct rtmsg *head;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	nlh->nlmsg_seq = SEQ;
	/* struct ifaddrmsg, fib_rule_hdr and ndmsg begin with the family, too */
	head = mnl_nlmsg_put_extra_header(nlh, sizeof(*head));
	head->rtm_family = family;
	return netlink_ask(NETLINK_ROUTE, nlh, answer, NULL, w);
}

static const struct {
	const char *name;
	uint16_t type;
	mnl_cb_t answer;
} sections[] = {
	{ "[addr]\n", RTM_GETADDR, on_address },
	{ "[route]\n", RTM_GETROUTE, on_route },
	{ "[rule]\n", RTM_GETRULE, on_rule },
	{ "[neighbour]\n", RTM_GETNEIGH, on_neighbour },
};

/*
 * A section whose dump broke off is not written at all: half the routes would be worse than none.
 */
static void write_section(FILE *out, size_t i)
{
	char *text = NULL;
	size_t n;
	struct writing w = { .out = open_memstream(&text, &n) };
	int ret;

	if (!w.out)
		return;
	ret = dump(&w, sections[i].type, AF_INET, sections[i].answer);
	if (!ret) /* a kernel without IPv6 has no such routes */
		dump(&w, sections[i].type, AF_INET6, sections[i].answer);
	if (fclose(w.out) == 0 && !ret) {
		fputs(sections[i].name, out);
		fwrite(text, 1, n, out);
	}
	free(text);
}

void routes_write(FILE *out)
{
	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++)
		write_section(out, i);
}
