// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xtmon_packet.c - the packet line of xtables-monitor (formats.md 6.2)
 *
 * Words are glued ("ID=43007SPORT=80"), since old versions print no blank there: a value ends
 * where its number ends. What is not known is passed over up to the next blank.
 */
#include "xtmon.h"

#include "scan.h"

enum {
	GOT_SRC = 1 << 0,
	GOT_DST = 1 << 1,
	GOT_SPORT = 1 << 2,
	GOT_DPORT = 1 << 3,
};

/* struct line - the state of one line's parse: @rest is not read yet, @got are GOT_* bits */
struct line {
	struct str rest;
	struct event *ev;
	struct fault *fault;
	uint32_t got;
};

/**
 * struct key - a KEY= or a bare word
 * @take: reads the value off l->rest. Return: false with l->fault
 * @max, @offset, @size: for numbers: limit, and member of struct header
 * @bits: HEADER_* or GOT_* or TCP_*, as @take understands it
 */
struct xt_key {
	struct str name;
	bool (*take)(struct line *l, const struct xt_key *key);
	uint32_t bits;
	uint64_t max;
	size_t offset, size;
};

static bool line_fault(struct line *l, const char *at, const char *expected)
{
	l->fault->at = at;
	l->fault->expected = expected;
	return false;
}

static void put(struct line *l, const struct xt_key *key, uint64_t value)
{
	char *at = (char *)&l->ev->pkt + key->offset;

	if (key->size == 1)
		memcpy(at, &(uint8_t){ (uint8_t)value }, 1);
	else if (key->size == 2)
		memcpy(at, &(uint16_t){ (uint16_t)value }, 2);
	else
		memcpy(at, &(uint32_t){ (uint32_t)value }, 4);
}

static bool take_number(struct line *l, const struct xt_key *key)
{
	const char *at = l->rest.p;
	uint64_t value;

	if (!scan_dec(&l->rest, 19, &value) || value > key->max)
		return line_fault(l, at, "a number within its limits");
	put(l, key, value);
	l->ev->pkt.have |= key->bits;
	return true;
}

/* take_length - for IPv6 it adds IPv4's 20 bytes to the payload, which should be 40 (1.8.9) */
static bool take_length(struct line *l, const struct xt_key *key)
{
	if (!take_number(l, key))
		return false;
	if (l->ev->pkt.family == FAMILY_IP6)
		l->ev->pkt.length += 20;
	return true;
}

static bool take_port(struct line *l, const struct xt_key *key)
{
	static const uint32_t both = GOT_SPORT | GOT_DPORT;
	struct xt_key plain = *key;

	plain.bits = 0;
	if (!take_number(l, &plain))
		return false;
	l->got |= key->bits;
	/* the bytes of a later fragment are printed as if they were ports */
	if ((l->got & both) == both && !(l->ev->pkt.have & HEADER_FRAG))
		l->ev->pkt.have |= HEADER_PORTS;
	return true;
}

static bool take_hex(struct line *l, uint64_t max, uint64_t *value)
{
	const char *at = l->rest.p;

	if (!scan_hex(&l->rest, value) || *value > max)
		return line_fault(l, at, "a hexadecimal number");
	return true;
}

/* take_tos - bit 0 is one that the kernel's log hides */
static bool take_tos(struct line *l, const struct xt_key *key)
{
	uint64_t value;

	if (!take_hex(l, UINT8_MAX, &value))
		return false;
	l->ev->pkt.tos = (uint8_t)(value & 0xfe);
	l->ev->pkt.have |= key->bits;
	return true;
}

static bool take_mark(struct line *l, const struct xt_key *key)
{
	uint64_t value;

	(void)key;
	if (!take_hex(l, UINT32_MAX, &value))
		return false;
	l->ev->mark = (uint32_t)value;
	l->ev->have |= EVENT_MARK;
	return true;
}

static bool take_addr(struct line *l, const struct xt_key *key)
{
	const char *at = l->rest.p;
	struct addr addr;
	enum family family = scan_addr(&l->rest, &addr);

	if (!family || (l->rest.n && !is_blank(*l->rest.p)))
		return line_fault(l, at, "an IPv4 or IPv6 address");
	memcpy((char *)&l->ev->pkt + key->offset, &addr, sizeof(addr));
	l->ev->pkt.family = (uint8_t)family;
	l->got |= key->bits;
	if (l->got & GOT_SRC && l->got & GOT_DST)
		l->ev->pkt.have |= HEADER_ADDR;
	return true;
}

static struct str take_value(struct line *l)
{
	if (!l->rest.n || is_blank(*l->rest.p))
		return (struct str){ l->rest.p, 0 };
	return scan_token(&l->rest);
}

static bool take_in(struct line *l, const struct xt_key *key)
{
	(void)key;
	l->ev->iif = take_value(l);
	return true;
}

static bool take_out(struct line *l, const struct xt_key *key)
{
	(void)key;
	l->ev->oif = take_value(l);
	return true;
}

static bool take_mac(struct line *l, const struct xt_key *key)
{
	(void)key;
	take_value(l);
	l->ev->have |= EVENT_MAC;
	return true;
}

/* take_ll - "LL=0x304 0000...": device type, and the link header as it is */
static bool take_ll(struct line *l, const struct xt_key *key)
{
	struct str rest;
	size_t n = 0;

	take_mac(l, key);
	rest = str_trim_left(l->rest);
	while (n < rest.n && hex_value(rest.p[n]) >= 0)
		n++;
	if (n == rest.n || is_blank(rest.p[n]))
		l->rest = str_skip(rest, n);
	return true;
}

static bool take_skip(struct line *l, const struct xt_key *key)
{
	(void)key;
	take_value(l);
	return true;
}

static bool take_flag(struct line *l, const struct xt_key *key)
{
	l->ev->pkt.have |= key->bits;
	return true;
}

/* take_tcp_flag - only TCP has these, and the protocol is not printed */
static bool take_tcp_flag(struct line *l, const struct xt_key *key)
{
	struct header *h = &l->ev->pkt;

	h->tcp_flags |= (uint16_t)key->bits;
	h->proto = 6;
	h->have |= HEADER_PROTO | HEADER_FLAGS;
	return true;
}

/* take_frag - counted in units of 8 bytes */
static bool take_frag(struct line *l, const struct xt_key *key)
{
	const char *at = l->rest.p;
	uint64_t value;

	if (!scan_char(&l->rest, ':') || !scan_dec(&l->rest, 5, &value))
		return line_fault(l, at, "a fragment offset");
	l->ev->pkt.frag = (uint32_t)value * 8;
	l->ev->pkt.have |= key->bits;
	return true;
}

/* take_opt - "OPT (0101)", to which the next word may be glued */
static bool take_opt(struct line *l, const struct xt_key *key)
{
	struct str rest = str_trim_left(l->rest);
	const char *end = rest.n && *rest.p == '(' ? memchr(rest.p, ')', rest.n) : NULL;

	(void)key;
	if (end)
		l->rest = str_skip(rest, (size_t)(end + 1 - rest.p));
	return true;
}

#define NAME(z)                                                                                    \
	{                                                                                          \
		z, sizeof(z) - 1                                                                   \
	}
#define MEMBER(m) offsetof(struct header, m), sizeof(((struct header *)NULL)->m)

/* clang-format off */
static const struct xt_key keys[] = {
	{ NAME("IN="),       take_in },
	{ NAME("OUT="),      take_out },
	{ NAME("NFPROTO="),  take_skip },
	{ NAME("MACSRC="),   take_mac },
	{ NAME("MACDST="),   take_mac },
	{ NAME("MACPROTO="), take_skip },
	{ NAME("LOOPBACK"),  take_mac },
	{ NAME("LL="),       take_ll },
	{ NAME("NH="),       take_skip },
	{ NAME("SRC="),      take_addr, GOT_SRC, 0, MEMBER(src) },
	{ NAME("DST="),      take_addr, GOT_DST, 0, MEMBER(dst) },
	{ NAME("LEN="),      take_length, HEADER_LEN, UINT32_MAX - 20, MEMBER(length) },
	{ NAME("TOS="),      take_tos, HEADER_TOS },
	{ NAME("TTL="),      take_number, HEADER_TTL, UINT8_MAX, MEMBER(ttl) },
	{ NAME("ID="),       take_number, HEADER_ID, UINT16_MAX, MEMBER(id) },
	{ NAME("TC="),       take_number, HEADER_TOS, UINT8_MAX, MEMBER(tos) },
	{ NAME("HOPLIMIT="), take_number, HEADER_TTL, UINT8_MAX, MEMBER(ttl) },
	{ NAME("FLOWLBL="),  take_number, HEADER_ID, 0xfffff, MEMBER(id) },
	{ NAME("SPORT="),    take_port, GOT_SPORT, UINT16_MAX, MEMBER(sport) },
	{ NAME("DPORT="),    take_port, GOT_DPORT, UINT16_MAX, MEMBER(dport) },
	{ NAME("MARK="),     take_mark },
	{ NAME("CE"),        take_flag, HEADER_CE },
	{ NAME("DF"),        take_flag, HEADER_DF },
	{ NAME("MF"),        take_flag, HEADER_MF },
	{ NAME("FRAG"),      take_frag, HEADER_FRAG },
	{ NAME("OPT"),       take_opt },
	{ NAME("SYN"),       take_tcp_flag, TCP_SYN },
	{ NAME("ACK"),       take_tcp_flag, TCP_ACK },
	{ NAME("FIN"),       take_tcp_flag, TCP_FIN },
	{ NAME("RST"),       take_tcp_flag, TCP_RST },
	{ NAME("PSH"),       take_tcp_flag, TCP_PSH },
	{ NAME("URG"),       take_tcp_flag, TCP_URG },
};
/* clang-format on */

static const struct xt_key *find_key(struct str rest)
{
	size_t i, n = 0;

	while (n < rest.n && is_upper(rest.p[n]))
		n++;
	if (n < rest.n && rest.p[n] == '=')
		n++;
	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (str_eq(keys[i].name, str_first(rest, n)))
			return &keys[i];
	return NULL;
}

bool xtmon_packet(struct str line, struct event *ev, struct fault *fault)
{
	struct line l = { .rest = line, .ev = ev, .fault = fault };
	const struct xt_key *key;

	for (;;) {
		scan_blanks(&l.rest);
		if (!l.rest.n)
			return true;
		key = find_key(l.rest);
		if (!key) {
			scan_token(&l.rest);
			continue;
		}
		l.rest = str_skip(l.rest, key->name.n);
		if (!key->take(&l, key))
			return false;
	}
}
