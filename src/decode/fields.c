// SPDX-License-Identifier: GPL-2.0-or-later
/* fields.c - the keys and words of a packet line, one row and one reader each */
#include "fields.h"

#include "scan.h"

#define NAME(z)                                                                                    \
	{                                                                                          \
		z, sizeof(z) - 1                                                                   \
	}
#define MEMBER(m) offsetof(struct header, m), sizeof(((struct header *)NULL)->m)

bool body_fault(struct body *b, const char *at, const char *expected)
{
	b->fault->at = at;
	b->fault->expected = expected;
	return false;
}

static void put(struct body *b, const struct key *key, uint64_t value)
{
	char *at = (char *)b->h + key->offset;

	switch (key->size) {
	case 1:
		memcpy(at, &(uint8_t){ (uint8_t)value }, 1);
		break;
	case 2:
		memcpy(at, &(uint16_t){ (uint16_t)value }, 2);
		break;
	case 4:
		memcpy(at, &(uint32_t){ (uint32_t)value }, 4);
		break;
	default:
		break; /* checked, but kept nowhere */
	}
	b->got[b->quoted] |= key->got;
}

static size_t digits_at(struct str s)
{
	size_t n = 0;

	while (n < s.n && is_digit(s.p[n]))
		n++;
	return n;
}

/* join_digits - "TTL=6 3": no bare number is in the grammar, so it ends the one before it */
static void join_digits(struct body *b, uint64_t *value)
{
	struct str next = str_trim_left(b->rest);
	size_t n = digits_at(next);
	uint64_t tail = 0;

	if (!n || n > 9 || next.p == b->rest.p || (n < next.n && !is_blank(next.p[n])))
		return;
	b->rest = next;
	for (scan_dec(&b->rest, 9, &tail); n; n--)
		*value *= 10;
	*value += tail;
}

/*
 * ends_well - after a value comes a blank, the end, or (its blank was eaten) a known word; or
 * what a document put behind the line that it quotes
 */
static bool ends_well(struct str rest)
{
	return !rest.n || is_blank(*rest.p) || is_known(rest) || *rest.p == '"' ||
	       str_starts(rest, STR("</"));
}

enum { NO_VALUE, VALUE, BAD_VALUE };

/* read_number - the value at b->rest; a missing one is no fault, since lines get cut there */
static int read_number(struct body *b, bool hex, uint64_t max, uint64_t *value)
{
	const char *at = b->rest.p;
	unsigned int n = hex ? scan_hex(&b->rest, value) : scan_dec(&b->rest, 19, value);

	if (!n)
		*value = 0;
	if (!hex && (!b->rest.n || is_blank(*b->rest.p)))
		join_digits(b, value);
	if (b->rest.p == at) {
		b->cut = !b->rest.n;
		if (b->rest.n && !is_blank(*b->rest.p)) {
			body_fault(b, at, hex ? "a hexadecimal number" : "a number");
			return BAD_VALUE;
		}
		return NO_VALUE;
	}
	if (*value > max || !ends_well(b->rest)) {
		body_fault(b, at, hex ? "a hexadecimal number" : "a number within its limits");
		return BAD_VALUE;
	}
	return VALUE;
}

static bool take(struct body *b, const struct key *key, bool hex)
{
	uint64_t value;
	int got = read_number(b, hex, key->max, &value);

	if (got == VALUE)
		put(b, key, value);
	return got != BAD_VALUE;
}

static bool take_number(struct body *b, const struct key *key)
{
	return take(b, key, false);
}

static bool take_hex(struct body *b, const struct key *key)
{
	return take(b, key, true);
}

/* take_l4 - a field of layer 4 before PROTO= means that some of the line is lost */
static bool take_l4(struct body *b, const struct key *key)
{
	if (!(b->got[b->quoted] & GOT_PROTO))
		return body_fault(b, b->rest.p - key->name.n - 1, "PROTO=");
	return take(b, key, false);
}

/* The first LEN= is the IP packet's, a second one UDP's; ID= and SEQ= are ICMP's after TYPE=. */
static bool take_len(struct body *b, const struct key *key)
{
	static const struct key l4 = { .max = UINT16_MAX, .got = GOT_L4LEN };

	return take(b, b->got[b->quoted] & GOT_PROTO ? &l4 : key, false);
}

static bool take_id(struct body *b, const struct key *key)
{
	static const struct key echo = { .max = UINT16_MAX, MEMBER(echo_id), GOT_ECHO_ID };

	return take(b, b->got[b->quoted] & GOT_TYPE ? &echo : key, false);
}

static bool take_seq(struct body *b, const struct key *key)
{
	static const struct key echo = { .max = UINT16_MAX, MEMBER(echo_seq), GOT_ECHO_SEQ };

	return take(b, b->got[b->quoted] & GOT_TYPE ? &echo : key, false);
}

/* take_tos - TOS= and PREC= are two parts of one byte whose lowest bit is not printed */
static bool take_tos(struct body *b, const struct key *key)
{
	bool native = str_starts(b->rest, STR("0x"));
	uint64_t value;
	int got = read_number(b, true, UINT8_MAX, &value);

	if (got != VALUE)
		return got != BAD_VALUE;
	b->h->tos |= (uint8_t)(value & 0xfe);
	b->got[b->quoted] |= key->got;
	if (key->name.n == 3 && !b->quoted) /* TOS: ulogd writes it without 0x (formats.md 4.6) */
		b->native = native;
	return true;
}

/* take_class - IPv6 traffic class; its presence also tells the kernel's order from Proxmox's */
static bool take_class(struct body *b, const struct key *key)
{
	if (!take(b, key, false))
		return false;
	b->native = str_starts(str_trim_left(b->rest), STR("HOPLIMIT"));
	return true;
}

static bool take_addr_to(struct body *b, struct addr *addr, uint32_t got)
{
	const char *at = b->rest.p;
	enum family family = scan_addr(&b->rest, addr);

	if (!family || !ends_well(b->rest))
		return body_fault(b, at, "an IPv4 or IPv6 address");
	b->got[b->quoted] |= got;
	if (b->h->family != FAMILY_ARP)
		b->h->family = (uint8_t)family;
	return true;
}

static bool take_src(struct body *b, const struct key *key)
{
	if (b->got[b->quoted] & GOT_SRC)
		return body_fault(b, b->rest.p, "one packet in one line");
	return take_addr_to(b, &b->h->src, key->got);
}

static bool take_dst(struct body *b, const struct key *key)
{
	return take_addr_to(b, &b->h->dst, key->got);
}

static bool take_gateway(struct body *b, const struct key *key)
{
	return take_addr_to(b, &b->h->gateway, key->got);
}

static struct str take_value(struct body *b)
{
	struct str none = { b->rest.p, 0 };

	if (!b->rest.n || is_blank(*b->rest.p))
		return none;
	return scan_token(&b->rest);
}

static bool take_skip(struct body *b, const struct key *key)
{
	(void)key;
	take_value(b);
	return true;
}

static bool take_physin(struct body *b, const struct key *key)
{
	(void)key;
	b->ev->physin = take_value(b);
	return true;
}

static bool take_physout(struct body *b, const struct key *key)
{
	(void)key;
	b->ev->physout = take_value(b);
	return true;
}

/* ether_type - the last two bytes of an Ethernet header as MAC= prints it (formats.md 1.3) */
static uint32_t ether_type(struct str mac)
{
	struct str hi, lo;
	uint64_t a, b;

	if (mac.n != 14 * 3 - 1)
		return 0;
	hi = str_first(str_skip(mac, 36), 2);
	lo = str_skip(mac, 39);
	return scan_hex(&hi, &a) && scan_hex(&lo, &b) ? (uint32_t)(a << 8 | b) : 0;
}

static bool take_mac(struct body *b, const struct key *key)
{
	struct str value = { b->rest.p, 0 };

	(void)key;
	while (b->rest.n && (hex_value(*b->rest.p) >= 0 || *b->rest.p == ':'))
		b->rest = str_skip(b->rest, 1);
	value.n = (size_t)(b->rest.p - value.p);
	if (b->rest.n && !is_blank(*b->rest.p) && !str_starts(b->rest, STR("SRC="))) {
		take_value(b); /* redacted */
		value.n = (size_t)(b->rest.p - value.p);
	}
	if (value.n)
		b->ev->have |= EVENT_MAC;
	b->ethertype = ether_type(value);
	b->cut = !b->rest.n;
	return true;
}

static bool take_macaddr(struct body *b, const struct key *key)
{
	(void)key;
	if (take_value(b).n && b->h->family != FAMILY_ARP)
		b->ev->have |= EVENT_MAC;
	return true;
}

static bool take_macproto(struct body *b, const struct key *key)
{
	uint64_t value;
	int got = read_number(b, true, key->max, &value);

	if (got == VALUE)
		b->ethertype = (uint32_t)value;
	b->cut = !b->rest.n;
	return got != BAD_VALUE;
}

/* take_htype - only Ethernet's ARP has its addresses printed (formats.md 1.8) */
static bool take_htype(struct body *b, const struct key *key)
{
	uint64_t value;
	int got = read_number(b, false, key->max, &value);

	if (got == VALUE && value == 1)
		b->got[b->quoted] |= GOT_HTYPE;
	return got != BAD_VALUE;
}

static bool take_proto(struct body *b, const struct key *key)
{
	static const struct {
		struct str name;
		uint8_t proto;
	} names[] = {
		{ { "TCP", 3 }, 6 },	   { { "UDP", 3 }, 17 },    { { "ICMP", 4 }, 1 },
		{ { "ICMPv6", 6 }, 58 },   { { "ESP", 3 }, 50 },    { { "AH", 2 }, 51 },
		{ { "UDPLITE", 7 }, 136 }, { { "SCTP", 4 }, 132 },  { { "GRE", 3 }, 47 },
		{ { "IGMP", 4 }, 2 },	   { { "ICMPV6", 6 }, 58 }, { { "DCCP", 4 }, 33 },
	};
	struct str name;
	size_t i;

	if (!b->rest.n || is_digit(*b->rest.p) || is_blank(*b->rest.p))
		return take(b, key, false);
	name = str_first(b->rest, name_length(b->rest));
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!str_eq(names[i].name, name))
			continue;
		b->rest = str_skip(b->rest, name.n);
		put(b, key, names[i].proto);
		return true;
	}
	return body_fault(b, name.p, "a protocol");
}

static bool take_ev_number(struct body *b, uint32_t *to, uint32_t have, bool hex)
{
	uint64_t value;
	int got = read_number(b, hex, UINT32_MAX, &value);

	if (got != VALUE)
		return got != BAD_VALUE;
	*to = (uint32_t)value;
	b->ev->have |= have;
	return true;
}

static bool take_mark(struct body *b, const struct key *key)
{
	(void)key;
	return take_ev_number(b, &b->ev->mark, EVENT_MARK, true);
}

static bool take_uid(struct body *b, const struct key *key)
{
	(void)key;
	return take_ev_number(b, &b->ev->uid, EVENT_UID, false);
}

static bool take_gid(struct body *b, const struct key *key)
{
	(void)key;
	return take_ev_number(b, &b->ev->gid, EVENT_GID, false);
}

/* In the kernel's order, except that what most lines have comes first. */
/* clang-format off */
static const struct key keys[] = {
	{ NAME("MAC"),       take_mac },
	{ NAME("SRC"),       take_src,     0, 0, 0, GOT_SRC },
	{ NAME("DST"),       take_dst,     0, 0, 0, GOT_DST },
	{ NAME("LEN"),       take_len,     UINT32_MAX, MEMBER(length), GOT_LEN },
	{ NAME("TOS"),       take_tos,     UINT8_MAX, 0, 0, GOT_TOS },
	{ NAME("PREC"),      take_tos,     UINT8_MAX, 0, 0, GOT_TOS },
	{ NAME("TTL"),       take_number,  UINT8_MAX, MEMBER(ttl), GOT_TTL },
	{ NAME("ID"),        take_id,      UINT16_MAX, MEMBER(id), GOT_ID },
	{ NAME("PROTO"),     take_proto,   UINT8_MAX, MEMBER(proto), GOT_PROTO },
	{ NAME("SPT"),       take_l4,      UINT16_MAX, MEMBER(sport), GOT_SPT },
	{ NAME("DPT"),       take_l4,      UINT16_MAX, MEMBER(dport), GOT_DPT },
	{ NAME("SEQ"),       take_seq,     UINT32_MAX, MEMBER(tcp_seq), GOT_SEQ },
	{ NAME("ACK"),       take_number,  UINT32_MAX, MEMBER(tcp_ack), GOT_ACK },
	{ NAME("WINDOW"),    take_l4,      UINT16_MAX, MEMBER(window), GOT_WINDOW },
	{ NAME("RES"),       take_hex,     UINT8_MAX, 0, 0, GOT_RES },
	{ NAME("URGP"),      take_number,  UINT16_MAX, 0, 0, GOT_URGP },
	{ NAME("UID"),       take_uid },
	{ NAME("GID"),       take_gid },
	{ NAME("MARK"),      take_mark },
	{ NAME("TYPE"),      take_l4,      UINT8_MAX, MEMBER(icmp_type), GOT_TYPE },
	{ NAME("CODE"),      take_l4,      UINT8_MAX, MEMBER(icmp_code), GOT_CODE },
	{ NAME("TC"),        take_class,   UINT8_MAX, MEMBER(tos), GOT_TOS },
	{ NAME("HOPLIMIT"),  take_number,  UINT8_MAX, MEMBER(ttl), GOT_TTL },
	{ NAME("FLOWLBL"),   take_number,  0xfffff, MEMBER(id), GOT_ID },
	{ NAME("PHYSIN"),    take_physin },
	{ NAME("PHYSOUT"),   take_physout },
	{ NAME("MACSRC"),    take_macaddr },
	{ NAME("MACDST"),    take_macaddr },
	{ NAME("MACPROTO"),  take_macproto, UINT16_MAX },
	{ NAME("VPROTO"),    take_skip },
	{ NAME("VID"),       take_skip },
	{ NAME("TUNNEL"),    take_skip },
	{ NAME("HTYPE"),     take_htype,   UINT16_MAX },
	{ NAME("PTYPE"),     take_hex,     UINT16_MAX },
	{ NAME("OPCODE"),    take_number,  UINT16_MAX, MEMBER(arp_op), GOT_OPCODE },
	{ NAME("IPSRC"),     take_src,     0, 0, 0, GOT_SRC },
	{ NAME("IPDST"),     take_dst,     0, 0, 0, GOT_DST },
	{ NAME("MTU"),       take_number,  UINT32_MAX, MEMBER(mtu), GOT_MTU },
	{ NAME("GATEWAY"),   take_gateway, 0, 0, 0, GOT_GATEWAY },
	{ NAME("SPI"),       take_hex,     UINT32_MAX, MEMBER(spi), GOT_SPI },
	{ NAME("PARAMETER"), take_number,  UINT32_MAX },
	{ NAME("POINTER"),   take_hex,     UINT32_MAX },
};
/* clang-format on */

const struct key *find_key(struct str name)
{
	size_t i;

	if (!name.n)
		return NULL;
	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (keys[i].name.n == name.n && *keys[i].name.p == *name.p &&
		    str_eq(keys[i].name, name))
			return &keys[i];
	return NULL;
}

size_t name_length(struct str s)
{
	size_t n = 0;

	while (n < s.n && is_alnum(s.p[n]))
		n++;
	return n;
}

bool is_known(struct str s)
{
	size_t n = name_length(s);

	if (!n)
		return s.n && memchr("[])", *s.p, 3);
	if (n < s.n && s.p[n] == '=')
		return find_key(str_first(s, n));
	return find_word(str_first(s, n));
}
