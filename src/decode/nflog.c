// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nflog.c - NFLOG packets from a capture: TRACE hops of iptables, and -j NFLOG, nft log group
 *
 * A packet is struct record_nflog, four bytes of nfnetlink (family, version, group), and then
 * attributes as the kernel sent them, except that their size and type are in the byte order of
 * the host that captured it (formats.md 4.1, 4.5).
 *
 * A capture has no names of devices, only their numbers: device 2 is called `if2` here, which
 * cannot be mistaken for a name and is the same in all of the capture.
 *
 * The kernel gives a time of its own only at hooks before the way out (formats.md 4.1); else
 * what holds is when the packet left the kernel's queue, up to a second later.
 */
#include <endian.h>
#include <errno.h>
#include <stdio.h>

#include "dialect.h"
#include "packet.h"
#include "wire.h"

#define NS_PER_S UINT64_C(1000000000)

/* enum nfulnl_attr_type of linux/netfilter/nfnetlink_log.h */
enum {
	ATTR_PACKET_HDR = 1,
	ATTR_MARK = 2,
	ATTR_TIMESTAMP = 3,
	ATTR_INDEV = 4,
	ATTR_OUTDEV = 5,
	ATTR_PHYSINDEV = 6,
	ATTR_PHYSOUTDEV = 7,
	ATTR_PAYLOAD = 9,
	ATTR_PREFIX = 10,
	ATTR_UID = 11,
	ATTR_GID = 14,
	ATTR_HWHEADER = 16,
};

/**
 * struct nflog - one packet on its way through
 * @head: how it was captured
 * @ethertype: of the payload, 0 if not known
 * @hook: as its family numbers them
 * @hooked: it was said
 */
struct nflog {
	struct record_nflog head;
	struct scratch *scratch;
	struct event *ev;
	unsigned int ethertype, hook;
	bool hooked;
	struct str payload;
};

static uint32_t get_be32(struct str s)
{
	uint32_t v;

	memcpy(&v, s.p, sizeof(v));
	return be32toh(v);
}

/* get16 - in the byte order of the capture */
static unsigned int get16(const struct nflog *n, struct str s)
{
	uint16_t v;

	memcpy(&v, s.p, sizeof(v));
	return n->head.big_endian ? be16toh(v) : le16toh(v);
}

static void take_packet_hdr(struct nflog *n, struct str value)
{
	n->ethertype = (unsigned int)(uint8_t)value.p[0] << 8 | (uint8_t)value.p[1];
	n->hook = (uint8_t)value.p[2];
	n->hooked = true;
}

static void take_mark(struct nflog *n, struct str value)
{
	n->ev->mark = get_be32(value);
	n->ev->have |= EVENT_MARK;
}

static void take_uid(struct nflog *n, struct str value)
{
	n->ev->uid = get_be32(value);
	n->ev->have |= EVENT_UID;
}

static void take_gid(struct nflog *n, struct str value)
{
	n->ev->gid = get_be32(value);
	n->ev->have |= EVENT_GID;
}

static void set_stamp(struct event *ev, uint64_t sec, uint64_t ns, uint8_t digits)
{
	ev->stamp = (struct stamp){
		.wall_ns = (int64_t)(sec * NS_PER_S + ns),
		.wall_digits = digits,
		.have = STAMP_WALL | STAMP_ZONE,
	};
}

/* take_timestamp - seconds and microseconds, 8 bytes each; nonsense is not believed */
static void take_timestamp(struct nflog *n, struct str value)
{
	uint32_t us = get_be32(str_skip(value, 12));

	if (get_be32(value) || get_be32(str_skip(value, 8)) || us > 999999)
		return;
	set_stamp(n->ev, get_be32(str_skip(value, 4)), us * 1000u, 6);
}

static void take_prefix(struct nflog *n, struct str value)
{
	value.n = strnlen(value.p, value.n);
	packet_prefix(value, n->ev);
}

static void take_hwheader(struct nflog *n, struct str value)
{
	if (value.n)
		n->ev->have |= EVENT_MAC;
}

static void take_payload(struct nflog *n, struct str value)
{
	n->payload = value;
}

/* name_device - "if2"; nothing if there is no room for it */
static struct str name_device(struct nflog *n, struct str value)
{
	struct scratch *scratch = n->scratch;
	char *at = scratch->buf + scratch->used;
	size_t room = scratch->cap - scratch->used;
	int used = snprintf(at, room, "if%u", get_be32(value));

	if (used < 0 || (size_t)used >= room)
		return (struct str){ NULL, 0 };
	scratch->used += (size_t)used;
	return (struct str){ at, (size_t)used };
}

static void take_indev(struct nflog *n, struct str value)
{
	n->ev->iif = name_device(n, value);
}

static void take_outdev(struct nflog *n, struct str value)
{
	n->ev->oif = name_device(n, value);
}

static void take_physindev(struct nflog *n, struct str value)
{
	n->ev->physin = name_device(n, value);
}

static void take_physoutdev(struct nflog *n, struct str value)
{
	n->ev->physout = name_device(n, value);
}

/* What is not here says nothing about the packet's way, and is passed over. */
/* clang-format off */
static const struct attr {
	unsigned int type;
	size_t min;
	void (*take)(struct nflog *n, struct str value);
} attrs[] = {
	{ ATTR_PACKET_HDR,  4,  take_packet_hdr },
	{ ATTR_MARK,        4,  take_mark },
	{ ATTR_TIMESTAMP,   16, take_timestamp },
	{ ATTR_INDEV,       4,  take_indev },
	{ ATTR_OUTDEV,      4,  take_outdev },
	{ ATTR_PHYSINDEV,   4,  take_physindev },
	{ ATTR_PHYSOUTDEV,  4,  take_physoutdev },
	{ ATTR_PAYLOAD,     0,  take_payload },
	{ ATTR_PREFIX,      0,  take_prefix },
	{ ATTR_UID,         4,  take_uid },
	{ ATTR_GID,         4,  take_gid },
	{ ATTR_HWHEADER,    0,  take_hwheader },
};
/* clang-format on */

static const struct attr *attr_of(unsigned int type)
{
	for (size_t i = 0; i < sizeof(attrs) / sizeof(*attrs); i++)
		if (attrs[i].type == type)
			return &attrs[i];
	return NULL;
}

/* take_attrs - Return: NULL, or what was expected at the front of @rest */
static const char *take_attrs(struct nflog *n, struct str *rest)
{
	while (rest->n >= 4) {
		size_t size = get16(n, *rest);
		const struct attr *attr = attr_of(get16(n, str_skip(*rest, 2)) & 0x3fff);

		if (size < 4)
			return "an attribute of at least 4 bytes";
		if (size > rest->n && !n->head.partial)
			return "an attribute that fits into the packet";
		if (attr && size - 4 < attr->min)
			return "an attribute of the size that its type has";
		if (attr && (size <= rest->n || attr->type == ATTR_PAYLOAD))
			attr->take(n, str_first(str_skip(*rest, 4), size - 4));
		*rest = str_skip(*rest, (size + 3) & ~(size_t)3);
	}
	return NULL;
}

/* hook_of - linux/netfilter.h, netfilter_bridge.h, netfilter_arp.h: enum nf_inet_hooks ... */
static enum hook hook_of(enum family family, unsigned int number)
{
	static const uint8_t inet[] = { HOOK_PREROUTING, HOOK_INPUT,	   HOOK_FORWARD,
					HOOK_OUTPUT,	 HOOK_POSTROUTING, HOOK_INGRESS },
			     arp[] = { HOOK_INPUT, HOOK_OUTPUT, HOOK_FORWARD },
			     netdev[] = { HOOK_INGRESS, HOOK_EGRESS };
	static const struct {
		const uint8_t *hooks;
		size_t n;
	} families[FAMILY_MAX] = {
		[FAMILY_INET] = { inet, sizeof(inet) },	      [FAMILY_IP] = { inet, sizeof(inet) },
		[FAMILY_IP6] = { inet, sizeof(inet) },	      [FAMILY_BRIDGE] = { inet, 5 },
		[FAMILY_NETDEV] = { netdev, sizeof(netdev) }, [FAMILY_ARP] = { arp, sizeof(arp) },
	};

	return number < families[family].n ? families[family].hooks[number] : HOOK_NONE;
}

/* link_header - on the way out of a device (egress) the frame is whole: its header comes first */
static size_t link_header(const struct nflog *n)
{
	static const unsigned int size = 14;
	struct str p = n->payload;

	if (n->ev->hook != HOOK_EGRESS || p.n < size)
		return 0;
	return (unsigned int)((uint8_t)p.p[12] << 8 | (uint8_t)p.p[13]) == n->ethertype ? size : 0;
}

static unsigned int ethertype_of(const struct nflog *n)
{
	if (n->ethertype)
		return n->ethertype;
	return n->ev->family == FAMILY_ARP ? WIRE_ARP : 0;
}

static void finish(struct nflog *n)
{
	struct event *ev = n->ev;

	if (n->hooked)
		ev->hook = hook_of(ev->family, n->hook);
	if (n->head.timed && !(ev->stamp.have & STAMP_WALL))
		set_stamp(ev, n->head.sec, n->head.ns, n->head.digits);
	if (wire_packet(str_skip(n->payload, link_header(n)), ethertype_of(n), &ev->pkt,
			&ev->quoted))
		ev->have |= EVENT_QUOTED;
}

static int torn(const struct record *rec, struct str rest, const char *expected,
		struct complaint *why)
{
	why->at = rec->data.n - rest.n;
	why->expected = expected;
	return -EINVAL;
}

int nflog_decode(const struct record *rec, struct scratch *scratch, struct event *ev,
		 struct complaint *why)
{
	struct nflog n = { .scratch = scratch, .ev = ev };
	struct str rest = str_skip(rec->data, sizeof(n.head));
	const char *expected;

	if (rec->kind != RECORD_NFLOG)
		return -ENOENT;
	if (!rec->data.n)
		return rec->whole ? 0 : torn(rec, rest, "the rest of the packet", why);
	if (rec->data.n < sizeof(n.head) + 4)
		return torn(rec, rest, "the header of an NFLOG packet", why);
	memcpy(&n.head, rec->data.p, sizeof(n.head));
	ev->family = (uint8_t)*rest.p;
	if (ev->family >= FAMILY_MAX || !hook_of(ev->family, 0))
		return torn(rec, rest, "the number of a netfilter family", why);
	if (rest.p[1])
		return torn(rec, str_skip(rest, 1), "version 0 of NFLOG", why);
	ev->kind = EVENT_HOP;
	ev->hop = HOP_LOG;
	ev->have |= EVENT_IN;
	rest = str_skip(rest, 4);
	n.payload = str_first(rest, 0);
	expected = take_attrs(&n, &rest);
	if (expected)
		return torn(rec, rest, expected, why);
	finish(&n);
	return 0;
}
