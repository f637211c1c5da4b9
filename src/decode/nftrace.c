// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nftrace.c - trace events of nf_tables, as the kernel sends them
 *
 * A record is struct record_netlink, struct nfgenmsg (the family of the table, version, a number
 * that is always 0) and attributes (formats.md 3.2; nf_tables_trace.c, Linux 6.18). libnftnl's
 * parser is not used: it allocates for each event, knows no conntrack attributes, and reads the
 * host's own byte order only.
 *
 * Headers and devices come with the first event of each base chain. What they mean for the
 * packet is the assembler's to say.
 */
#include <errno.h>

#include "attr.h"
#include "device.h"
#include "dialect.h"
#include "wire.h"

/* NFT_TRACETYPE_* of linux/netfilter/nf_tables.h */
enum { TYPE_POLICY = 1, TYPE_RETURN = 2, TYPE_RULE = 3 };

/* NF_* of linux/netfilter.h, NFT_* of linux/netfilter/nf_tables.h */
enum {
	CODE_DROP = 0,
	CODE_ACCEPT = 1,
	CODE_STOLEN = 2,
	CODE_QUEUE = 3,
	CODE_CONTINUE = -1,
	CODE_BREAK = -2,
	CODE_JUMP = -3,
	CODE_GOTO = -4,
	CODE_RETURN = -5,
};

#define MASK_VERDICT 0xff /* NF_VERDICT_MASK: above stand the queue's number, or an errno */

/**
 * struct nftrace - one event on its way through
 * @have: bit of each attribute type that was there
 */
struct nftrace {
	const struct record *rec;
	struct record_netlink dev;
	struct scratch *scratch;
	struct event *ev;
	uint32_t have;
	uint32_t type, policy, code, proto;
	struct str target, link, network, transport;
};

static struct str word_of(struct str value)
{
	return str_first(value, strnlen(value.p, value.n));
}

#define TAKE(name, statement)                                                                      \
	static void take_##name(void *who, struct str value)                                       \
	{                                                                                          \
		struct nftrace *t = who;                                                           \
                                                                                                   \
		statement;                                                                         \
	}

TAKE(table, t->ev->table = word_of(value))
TAKE(chain, t->ev->chain = word_of(value))
TAKE(type, t->type = get_be32(value))
TAKE(id, t->ev->trace_id = get_be32(value); t->ev->have |= EVENT_TRACE_ID)
TAKE(handle, t->ev->handle = get_be64(value); t->ev->have |= EVENT_HANDLE)
TAKE(mark, t->ev->mark = get_be32(value); t->ev->have |= EVENT_MARK)
TAKE(proto, t->proto = get_be32(value))
TAKE(policy, t->policy = get_be32(value))
TAKE(code, t->code = get_be32(value))
TAKE(target, t->target = word_of(value))
TAKE(iif, t->ev->iif = device_name(t->dev.dev[0], get_be32(value), t->scratch);
     t->ev->have |= EVENT_HEADERS)
TAKE(oif, t->ev->oif = device_name(t->dev.dev[1], get_be32(value), t->scratch);
     t->ev->have |= EVENT_HEADERS)
TAKE(link, t->link = value; t->ev->have |= EVENT_MAC)
TAKE(network, t->network = value; t->ev->have |= EVENT_HEADERS)
TAKE(transport, t->transport = value; t->ev->have |= EVENT_HEADERS)

#undef TAKE

/* NFTA_VERDICT_* */
static const struct attr_row verdict_rows[] = {
	[1] = { 4, false, take_code },
	[2] = { 0, false, take_target },
};

static void take_verdict(void *who, struct str value)
{
	struct nftrace *t = who;

	attrs_take(&value, t->dev.big_endian, false, verdict_rows,
		   sizeof(verdict_rows) / sizeof(*verdict_rows), t);
}

/* clang-format off */
static const struct attr_row rows[] = { /* NFTA_TRACE_* */
	[1] = { 0, false, take_table },
	[2] = { 0, false, take_chain },
	[3] = { 8, false, take_handle },
	[4] = { 4, false, take_type },
	[5] = { 0, false, take_verdict },
	[6] = { 4, false, take_id },
	[7] = { 0, false, take_link },
	[8] = { 0, false, take_network },
	[9] = { 0, false, take_transport },
	[10] = { 4, false, take_iif },
	[12] = { 4, false, take_oif },
	[14] = { 4, false, take_mark },
	[15] = { 4, false, take_proto },
	[16] = { 4, false, take_policy },
};
/* clang-format on */

static enum verdict verdict_of(uint32_t code)
{
	static const struct {
		int32_t code;
		enum verdict verdict;
	} codes[] = {
		{ CODE_CONTINUE, VERDICT_CONTINUE }, { CODE_BREAK, VERDICT_CONTINUE },
		{ CODE_JUMP, VERDICT_JUMP },	     { CODE_GOTO, VERDICT_GOTO },
		{ CODE_RETURN, VERDICT_RETURN },     { CODE_DROP, VERDICT_DROP },
		{ CODE_ACCEPT, VERDICT_ACCEPT },     { CODE_STOLEN, VERDICT_STOLEN },
		{ CODE_QUEUE, VERDICT_QUEUE },
	};
	int32_t number = (int32_t)code;

	for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
		if (codes[i].code == number || codes[i].code == (number & MASK_VERDICT))
			return codes[i].verdict;
	return VERDICT_NONE;
}

/* Which of the three kinds of event it is: formats.md 3.4. */
static const char *take_kind(struct nftrace *t)
{
	struct event *ev = t->ev;
	bool rule = ev->have & EVENT_HANDLE;

	if (t->type == TYPE_POLICY) {
		ev->hop = HOP_POLICY;
		ev->verdict = t->policy ? VERDICT_ACCEPT : VERDICT_DROP;
		return NULL;
	}
	if (t->type != TYPE_RULE && t->type != TYPE_RETURN)
		return "a trace event of type policy, return or rule";
	ev->verdict = verdict_of(t->code);
	ev->target = t->target;
	ev->hop = rule ? HOP_RULE : HOP_RETURN;
	if (!rule)
		ev->have |= EVENT_CHAIN_END;
	return NULL;
}

static unsigned int byte_at(struct str s, size_t i)
{
	return i < s.n ? (uint8_t)s.p[i] : 0;
}

/* ethertype_of - by the hook's family; of frames of a device, by their link header */
static unsigned int ethertype_of(const struct nftrace *t)
{
	switch (t->proto) {
	case FAMILY_IP:
		return WIRE_IP;
	case FAMILY_IP6:
		return WIRE_IP6;
	case FAMILY_ARP:
		return WIRE_ARP;
	default:
		return t->link.n >= 14 ? byte_at(t->link, 12) << 8 | byte_at(t->link, 13) : 0;
	}
}

/*
 * Of an IPv6 fragment that is not the first, the kernel sends no network header, and the first
 * bytes of it as the transport header (formats.md 3.3).
 */
static void take_headers(struct nftrace *t)
{
	struct event *ev = t->ev;

	if (!t->network.n && t->proto == FAMILY_IP6 && byte_at(t->transport, 0) >> 4 == 6) {
		t->network = t->transport;
		t->transport = str_first(t->transport, 0);
		ev->pkt.have |= HEADER_FRAG;
	}
	if (wire_parts(t->network, t->transport, ethertype_of(t), &ev->pkt, &ev->quoted))
		ev->have |= EVENT_QUOTED;
	ev->have |= EVENT_IN;
}

static bool is_family(unsigned int number)
{
	static const bool families[FAMILY_MAX] = {
		[FAMILY_INET] = true,	[FAMILY_IP] = true,	[FAMILY_ARP] = true,
		[FAMILY_NETDEV] = true, [FAMILY_BRIDGE] = true, [FAMILY_IP6] = true,
	};

	return number < FAMILY_MAX && families[number];
}

static int torn(struct nftrace *t, struct str rest, const char *expected, struct complaint *why)
{
	why->at = t->rec->data.n - rest.n;
	why->expected = expected;
	return -EINVAL;
}

int nftrace_decode(const struct record *rec, struct scratch *scratch, struct event *ev,
		   struct complaint *why)
{
	struct nftrace t = { .rec = rec, .scratch = scratch, .ev = ev };
	struct str rest = str_skip(rec->data, sizeof(t.dev));
	const char *expected;

	if (rec->kind != RECORD_NFT)
		return -ENOENT;
	if (rec->data.n < sizeof(t.dev) + 4)
		return torn(&t, rest, "the header of a trace event", why);
	memcpy(&t.dev, rec->data.p, sizeof(t.dev));
	ev->family = (uint8_t)*rest.p;
	if (!is_family((uint8_t)*rest.p))
		return torn(&t, rest, "the number of a netfilter family", why);
	rest = str_skip(rest, 4);
	expected = attrs_take(&rest, t.dev.big_endian, false, rows, sizeof(rows) / sizeof(*rows),
			      &t);
	if (!expected && (!(ev->have & EVENT_TRACE_ID) || !ev->table.n || !ev->chain.n))
		expected = "the attributes id, table and chain";
	if (!expected)
		expected = take_kind(&t);
	if (expected)
		return torn(&t, rest, expected, why);
	ev->kind = EVENT_HOP;
	ev->have |= EVENT_MARK_TOLD;
	if (ev->have & EVENT_HEADERS)
		take_headers(&t);
	return 0;
}
