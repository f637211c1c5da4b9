// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nflog.c - NFLOG packets from a capture: TRACE hops of iptables, and -j NFLOG, nft log group
 *
 * A packet is four bytes of nfnetlink (family, version, group), and then attributes as the kernel
 * sent them, except that their size and type are in the byte order of the host that captured it
 * (formats.md 4.1, 4.5). Before them stands how it was captured: struct record_nflog, or struct
 * record_netlink of a live source.
 *
 * A capture has no names of devices, only their numbers: device 2 is called `if2` here, which
 * cannot be mistaken for a name and is the same in all of the capture.
 *
 * The kernel gives a time of its own only at hooks before the way out (formats.md 4.1); else
 * what holds is when the packet left the kernel's queue, up to a second later.
 */
#include <errno.h>
#include <stdio.h>

#include "attr.h"
#include "device.h"
#include "dialect.h"
#include "packet.h"
#include "wire.h"

#define NS_PER_S UINT64_C(1000000000)

/**
 * struct nflog - one packet on its way through
 * @head: how it was captured; @dev: names of its devices, all empty in a capture
 * @ethertype: of the payload, 0 if not known
 * @hook: as its family numbers them
 * @hooked: it was said
 */
struct nflog {
	struct record_nflog head;
	struct record_netlink dev;
	struct scratch *scratch;
	struct event *ev;
	unsigned int ethertype, hook;
	bool hooked;
	struct str payload;
};

static void take_packet_hdr(void *who, struct str value)
{
	struct nflog *n = who;

	n->ethertype = (unsigned int)(uint8_t)value.p[0] << 8 | (uint8_t)value.p[1];
	n->hook = (uint8_t)value.p[2];
	n->hooked = true;
}

static void take_mark(void *who, struct str value)
{
	struct nflog *n = who;

	n->ev->mark = get_be32(value);
	n->ev->have |= EVENT_MARK;
}

static void take_uid(void *who, struct str value)
{
	struct nflog *n = who;

	n->ev->uid = get_be32(value);
	n->ev->have |= EVENT_UID;
}

static void take_gid(void *who, struct str value)
{
	struct nflog *n = who;

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
static void take_timestamp(void *who, struct str value)
{
	struct nflog *n = who;
	uint32_t us = get_be32(str_skip(value, 12));

	if (get_be32(value) || get_be32(str_skip(value, 8)) || us > 999999)
		return;
	set_stamp(n->ev, get_be32(str_skip(value, 4)), us * 1000u, 6);
}

static void take_prefix(void *who, struct str value)
{
	struct nflog *n = who;

	value.n = strnlen(value.p, value.n);
	packet_prefix(value, n->ev);
}

static void take_hwheader(void *who, struct str value)
{
	struct nflog *n = who;

	if (value.n)
		n->ev->have |= EVENT_MAC;
}

static void take_payload(void *who, struct str value)
{
	struct nflog *n = who;

	n->payload = value;
}

static void take_indev(void *who, struct str value)
{
	struct nflog *n = who;

	n->ev->iif = device_name(n->dev.dev[0], get_be32(value), n->scratch);
}

static void take_outdev(void *who, struct str value)
{
	struct nflog *n = who;

	n->ev->oif = device_name(n->dev.dev[1], get_be32(value), n->scratch);
}

static void take_physindev(void *who, struct str value)
{
	struct nflog *n = who;

	n->ev->physin = device_name(n->dev.dev[2], get_be32(value), n->scratch);
}

static void take_physoutdev(void *who, struct str value)
{
	struct nflog *n = who;

	n->ev->physout = device_name(n->dev.dev[3], get_be32(value), n->scratch);
}

/*
 * enum nfulnl_attr_type of linux/netfilter/nfnetlink_log.h. What is not here says nothing about
 * the packet's way.
 */
/* clang-format off */
static const struct attr_row rows[] = {
	[1] = { 4, false, take_packet_hdr },
	[2] = { 4, false, take_mark },
	[3] = { 16, false, take_timestamp },
	[4] = { 4, false, take_indev },
	[5] = { 4, false, take_outdev },
	[6] = { 4, false, take_physindev },
	[7] = { 4, false, take_physoutdev },
	[9] = { 0, true, take_payload },
	[10] = { 0, false, take_prefix },
	[11] = { 4, false, take_uid },
	[14] = { 4, false, take_gid },
	[16] = { 0, false, take_hwheader },
};
/* clang-format on */

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

/* take_head - how it was captured; Return: bytes of that, 0 if it is no packet */
static size_t take_head(struct nflog *n, const struct record *rec)
{
	size_t size = rec->kind == RECORD_NFLOG ? sizeof(n->head) : sizeof(n->dev);

	if (rec->kind != RECORD_NFLOG && rec->kind != RECORD_PACKET)
		return 0;
	if (rec->data.n < size)
		return size;
	if (rec->kind == RECORD_NFLOG) {
		memcpy(&n->head, rec->data.p, size);
	} else {
		memcpy(&n->dev, rec->data.p, size);
		n->head.big_endian = n->dev.big_endian;
	}
	return size;
}

int nflog_decode(const struct record *rec, struct scratch *scratch, struct event *ev,
		 struct complaint *why)
{
	struct nflog n = { .scratch = scratch, .ev = ev };
	size_t head = take_head(&n, rec);
	struct str rest = str_skip(rec->data, head);
	const char *expected;

	if (!head)
		return -ENOENT;
	if (!rec->data.n)
		return rec->whole ? 0 : torn(rec, rest, "the rest of the packet", why);
	if (rec->data.n < head + 4)
		return torn(rec, rest, "the header of an NFLOG packet", why);
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
	expected = attrs_take(&rest, n.head.big_endian, n.head.partial, rows,
			      sizeof(rows) / sizeof(*rows), &n);
	if (expected)
		return torn(rec, rest, expected, why);
	finish(&n);
	return 0;
}
