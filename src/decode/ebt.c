// SPDX-License-Identifier: GPL-2.0-or-later
/* ebt.c - the packet as ebtables --log prints it: keys with blanks in them (formats.md 1.9) */
#include <errno.h>

#include "body.h"
#include "scan.h"

enum { SRC = 1 << 0, DST = 1 << 1, SPT = 1 << 2, DPT = 1 << 3, FRAME = 1 << 4, OPCODE = 1 << 5 };

struct ebt {
	struct str rest;
	struct header *h;
	unsigned int got;
};

static bool take_addr(struct ebt *e, struct addr *addr, unsigned int got)
{
	enum family family = scan_addr(&e->rest, addr);

	if (!family)
		return false;
	e->got |= got;
	if (e->h->family != FAMILY_ARP)
		e->h->family = (uint8_t)family;
	return true;
}

static bool take_src(struct ebt *e)
{
	return take_addr(e, &e->h->src, SRC);
}

static bool take_dst(struct ebt *e)
{
	return take_addr(e, &e->h->dst, DST);
}

static bool take_port(struct ebt *e, uint16_t *port, unsigned int got)
{
	uint64_t v;

	if (!scan_dec(&e->rest, 6, &v) || v > UINT16_MAX)
		return false;
	*port = (uint16_t)v;
	e->got |= got;
	return true;
}

static bool take_sport(struct ebt *e)
{
	return take_port(e, &e->h->sport, SPT);
}

static bool take_dport(struct ebt *e)
{
	return take_port(e, &e->h->dport, DPT);
}

static bool take_byte(struct ebt *e, uint8_t *to, uint32_t have, bool hex)
{
	uint64_t v;

	if (!(hex ? scan_hex(&e->rest, &v) : scan_dec(&e->rest, 4, &v)) || v > UINT8_MAX)
		return false;
	*to = (uint8_t)v;
	e->h->have |= have;
	return true;
}

static bool take_tos(struct ebt *e)
{
	return take_byte(e, &e->h->tos, HEADER_TOS, true);
}

static bool take_proto(struct ebt *e)
{
	return take_byte(e, &e->h->proto, HEADER_PROTO, false);
}

static bool take_opcode(struct ebt *e)
{
	return take_port(e, &e->h->arp_op, OPCODE);
}

static bool take_arp(struct ebt *e)
{
	scan_token(&e->rest);
	e->h->family = FAMILY_ARP;
	return true;
}

static bool take_frame(struct ebt *e)
{
	uint64_t v;

	if (!scan_hex(&e->rest, &v))
		return false;
	e->got |= FRAME;
	return true;
}

static bool take_skip(struct ebt *e)
{
	scan_token(&e->rest);
	return true;
}

static bool take_short(struct ebt *e)
{
	e->rest = str_skip(e->rest, e->rest.n);
	e->h->have |= HEADER_SHORT;
	return true;
}

#define NAME(z)                                                                                    \
	{                                                                                          \
		z, sizeof(z) - 1                                                                   \
	}

/* clang-format off */
static const struct {
	struct str name;
	bool (*take)(struct ebt *e);
	const char *expected;
} rows[] = {
	{ NAME("MAC source = "), take_skip, NULL },
	{ NAME("MAC dest = "), take_skip, NULL },
	{ NAME("proto = "), take_frame, "a protocol number" },
	{ NAME("IP SRC="), take_src, "an IPv4 address" },
	{ NAME("IP DST="), take_dst, "an IPv4 address" },
	{ NAME("IP tos="), take_tos, "a hexadecimal number" },
	{ NAME("IP proto="), take_proto, "a protocol number" },
	{ NAME("SPT="), take_sport, "a port number" },
	{ NAME("DPT="), take_dport, "a port number" },
	{ NAME("IPv6 SRC="), take_src, "an IPv6 address" },
	{ NAME("IPv6 DST="), take_dst, "an IPv6 address" },
	{ NAME("IPv6 priority="), take_skip, NULL },
	{ NAME("Next Header="), take_proto, "a protocol number" },
	{ NAME("ARP HTYPE="), take_arp, NULL },
	{ NAME("PTYPE="), take_skip, NULL },
	{ NAME("OPCODE="), take_opcode, "an ARP operation" },
	{ NAME("ARP MAC SRC="), take_skip, NULL },
	{ NAME("ARP IP SRC="), take_src, "an IPv4 address" },
	{ NAME("ARP MAC DST="), take_skip, NULL },
	{ NAME("ARP IP DST="), take_dst, "an IPv4 address" },
	{ NAME("INCOMPLETE "), take_short, NULL },
};
/* clang-format on */

#define ROWS (sizeof(rows) / sizeof(*rows))

static size_t row_at(struct str rest)
{
	size_t i;

	for (i = 0; i < ROWS; i++)
		if (str_starts(rest, rows[i].name))
			break;
	return i;
}

static void conclude(const struct ebt *e)
{
	static const struct {
		unsigned int need;
		uint32_t have;
	} made_of[] = {
		{ SRC | DST, HEADER_ADDR },
		{ SPT | DPT, HEADER_PORTS },
		{ OPCODE, HEADER_ARP },
	};
	size_t i;

	for (i = 0; i < sizeof(made_of) / sizeof(*made_of); i++)
		if ((e->got & made_of[i].need) == made_of[i].need)
			e->h->have |= made_of[i].have;
}

static int ebt_fault(struct fault *fault, const char *at, const char *expected)
{
	fault->at = at;
	fault->expected = expected;
	return -EINVAL;
}

int ebt_parse(struct str rest, bool whole, struct event *ev, struct fault *fault)
{
	struct ebt e = { rest, &ev->pkt, 0 };
	bool cut = false;
	size_t row;

	ev->family = FAMILY_BRIDGE;
	ev->have |= EVENT_MAC;
	for (;;) {
		while (e.rest.n && (is_blank(*e.rest.p) || *e.rest.p == ','))
			e.rest = str_skip(e.rest, 1);
		if (!e.rest.n)
			break;
		row = row_at(e.rest);
		cut = row == ROWS;
		if (cut) {
			scan_token(&e.rest);
			continue;
		}
		e.rest = str_skip(e.rest, rows[row].name.n);
		if (!rows[row].take(&e))
			return ebt_fault(fault, e.rest.p, rows[row].expected);
	}
	conclude(&e);
	if (!(e.got & FRAME))
		return ebt_fault(fault, e.rest.p, "proto =");
	if (!whole && (cut || !(e.got & SRC) != !(e.got & DST)))
		return ebt_fault(fault, e.rest.p, "the rest of the line");
	return 0;
}
