// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * wire.c - a packet's own bytes, as struct header
 *
 * Theory of operation
 *
 * The same packet shall give the same header whether it was logged or captured, so what is
 * read, and when a header is too short to be read, is what nf_log_syslog.c does (Linux 6.1,
 * dump_ipv4_packet(), dump_ipv6_packet()): a TCP header below 20 bytes has no fields, an ICMP
 * error must hold 20 bytes of the packet it quotes, a fragment that is not the first has no
 * layer 4.
 *
 * Bytes are read through a cursor: a read beyond the end gives 0 and sets @bad for good, so
 * that the readers have no checks of their own, and look once, before they believe what they
 * read. Too few bytes are the packet's fault (HEADER_SHORT) only if its own length says that
 * there never were more; else the capture's.
 */
#include "wire.h"

#include "cursor.h"

enum {
	PROTO_HOPOPTS = 0,
	PROTO_ICMP = 1,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	PROTO_DCCP = 33,
	PROTO_ROUTING = 43,
	PROTO_FRAGMENT = 44,
	PROTO_ESP = 50,
	PROTO_AH = 51,
	PROTO_ICMP6 = 58,
	PROTO_DSTOPTS = 60,
	PROTO_SCTP = 132,
	PROTO_UDPLITE = 136,
};

#define EXTENSIONS_MAX 16 /* more make no sense, and a packet must not keep us busy */

/**
 * struct wire - one packet on its way through
 * @rest: what is not read yet
 * @h: where it goes
 * @quoted: where a packet it quotes goes; NULL inside of one
 * @has_quoted: there was one
 * @captured: bytes that there are, from the network header on
 * @length: bytes that the packet says it has; 0 if it does not say
 */
struct wire {
	struct cursor rest;
	struct header *h, *quoted;
	bool has_quoted;
	size_t captured, length;
};

static void take_ip4(struct cursor *c, struct addr *addr)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	const uint8_t *p = cursor_take(c, 4);

	if (!p)
		return;
	memcpy(addr->b, mapped, sizeof(mapped));
	memcpy(addr->b + 12, p, 4);
}

static void take_ip6(struct cursor *c, struct addr *addr)
{
	const uint8_t *p = cursor_take(c, 16);

	if (p)
		memcpy(addr->b, p, 16);
}

/* too_short - a header is not all there */
static void too_short(struct wire *w)
{
	if (!w->length || w->captured >= w->length)
		w->h->have |= HEADER_SHORT;
}

static void read_network(struct wire *w, unsigned int ethertype);

/* has - are @n bytes there for the next header? */
static bool has(struct wire *w, size_t n)
{
	if (cursor_left(&w->rest) >= n)
		return true;
	too_short(w);
	return false;
}

/* read_ports - of a header of at least @n bytes. Return: is it all there? */
static bool read_ports(struct wire *w, size_t n)
{
	bool all = has(w, n);

	/* nf_log prints no ports of a short header. But of a quoted packet there are often no
	 * more than 8 bytes, and its ports say which flow the error is about.
	 */
	if (cursor_left(&w->rest) < 4 || (w->h->have & HEADER_SHORT && w->quoted))
		return false;
	w->h->sport = cursor_take16(&w->rest);
	w->h->dport = cursor_take16(&w->rest);
	w->h->have |= HEADER_PORTS;
	return all;
}

static void read_tcp(struct wire *w)
{
	struct header *h = w->h;
	uint8_t offset;

	if (!read_ports(w, 20))
		return;
	h->tcp_seq = cursor_take32(&w->rest);
	h->tcp_ack = cursor_take32(&w->rest);
	offset = cursor_take8(&w->rest);
	h->tcp_flags = (uint16_t)((offset & 1u) << 8 | cursor_take8(&w->rest));
	h->window = cursor_take16(&w->rest);
	h->have |= HEADER_FLAGS | HEADER_SEQ;
}

static void read_udp(struct wire *w)
{
	read_ports(w, 8);
}

static void read_sctp(struct wire *w)
{
	read_ports(w, 12);
}

static void read_spi(struct wire *w, size_t before)
{
	if (!has(w, before + 4))
		return;
	cursor_take(&w->rest, before);
	w->h->spi = cursor_take32(&w->rest);
	w->h->have |= HEADER_SPI;
}

static void read_esp(struct wire *w)
{
	read_spi(w, 0);
}

static void read_ah(struct wire *w)
{
	if (has(w, 12))
		read_spi(w, 4);
}

/* read_quote - the packet that an ICMP error quotes; one level, as the kernel prints it */
static void read_quote(struct wire *w, unsigned int ethertype)
{
	struct wire inner = { .rest = w->rest, .h = w->quoted };

	if (!w->quoted)
		return;
	inner.captured = cursor_left(&w->rest);
	/* A quote is always cut: not its own length counts, but whether the error is all there. */
	inner.length = w->captured < w->length ? inner.captured + 1 : 0;
	read_network(&inner, ethertype);
	w->has_quoted = w->quoted->have & (HEADER_ADDR | HEADER_SHORT | HEADER_LEN);
}

static void read_echo(struct wire *w)
{
	w->h->echo_id = cursor_take16(&w->rest);
	w->h->echo_seq = cursor_take16(&w->rest);
	w->h->have |= HEADER_ECHO;
}

/* What follows the type of an ICMP message. */
enum after {
	AFTER_NOTHING,
	AFTER_ECHO,
	AFTER_ERROR,
	AFTER_MTU,	/* an error with an MTU in its second word */
	AFTER_MTU_CODE, /* the same if its code is 4: fragmentation needed */
	AFTER_GATEWAY,
};

/* @needs: bytes behind the first 8 (icmp_required_length of nf_log_syslog.c) */
static const struct icmp {
	uint8_t proto, type;
	enum after after;
	uint8_t needs;
} icmps[] = {
	{ PROTO_ICMP, 0, AFTER_ECHO, 0 },      { PROTO_ICMP, 3, AFTER_MTU_CODE, 20 },
	{ PROTO_ICMP, 4, AFTER_ERROR, 20 },    { PROTO_ICMP, 5, AFTER_GATEWAY, 20 },
	{ PROTO_ICMP, 8, AFTER_ECHO, 0 },      { PROTO_ICMP, 11, AFTER_ERROR, 20 },
	{ PROTO_ICMP, 12, AFTER_ERROR, 20 },   { PROTO_ICMP, 13, AFTER_NOTHING, 12 },
	{ PROTO_ICMP, 14, AFTER_NOTHING, 12 }, { PROTO_ICMP, 17, AFTER_NOTHING, 4 },
	{ PROTO_ICMP, 18, AFTER_NOTHING, 4 },  { PROTO_ICMP6, 1, AFTER_ERROR, 0 },
	{ PROTO_ICMP6, 2, AFTER_MTU, 0 },      { PROTO_ICMP6, 3, AFTER_ERROR, 0 },
	{ PROTO_ICMP6, 4, AFTER_ERROR, 0 },    { PROTO_ICMP6, 128, AFTER_ECHO, 0 },
	{ PROTO_ICMP6, 129, AFTER_ECHO, 0 },
};

static const struct icmp *find_icmp(uint8_t proto, uint8_t type)
{
	for (size_t i = 0; i < sizeof(icmps) / sizeof(*icmps); i++)
		if (icmps[i].proto == proto && icmps[i].type == type)
			return &icmps[i];
	return NULL;
}

static void read_after(struct wire *w, const struct icmp *icmp, unsigned int ethertype)
{
	struct header *h = w->h;

	/* of what was not captured, an error's own header and the quote's beginning are left */
	if (!icmp || !has(w, 4 + (w->captured < w->length ? 0 : icmp->needs)))
		return;
	if (icmp->after == AFTER_ECHO) {
		read_echo(w);
	} else if (icmp->after == AFTER_GATEWAY) {
		take_ip4(&w->rest, &h->gateway);
		h->have |= HEADER_GATEWAY;
	} else if (icmp->after == AFTER_MTU) {
		h->mtu = cursor_take32(&w->rest);
		h->have |= HEADER_MTU;
	} else if (icmp->after == AFTER_MTU_CODE && h->icmp_code == 4) {
		h->mtu = cursor_take32(&w->rest) & 0xffff;
		h->have |= HEADER_MTU;
	} else {
		cursor_take(&w->rest, 4);
	}
	if (icmp->after >= AFTER_ERROR)
		read_quote(w, ethertype);
}

static void read_type(struct wire *w, uint8_t proto, unsigned int ethertype)
{
	if (!has(w, 8))
		return;
	w->h->icmp_type = cursor_take8(&w->rest);
	w->h->icmp_code = cursor_take8(&w->rest);
	w->h->have |= HEADER_ICMP;
	cursor_take(&w->rest, 2);
	read_after(w, find_icmp(proto, w->h->icmp_type), ethertype);
}

static void read_icmp(struct wire *w)
{
	read_type(w, PROTO_ICMP, WIRE_IP);
}

static void read_icmp6(struct wire *w)
{
	read_type(w, PROTO_ICMP6, WIRE_IP6);
}

/* read_transport - what w->h->proto says is there, unless it is in another fragment */
static void read_transport(struct wire *w)
{
	static const struct {
		uint8_t proto;
		void (*reader)(struct wire *w);
	} rows[] = {
		{ PROTO_TCP, read_tcp },     { PROTO_UDP, read_udp },	{ PROTO_ICMP, read_icmp },
		{ PROTO_ICMP6, read_icmp6 }, { PROTO_SCTP, read_sctp }, { PROTO_UDPLITE, read_udp },
		{ PROTO_DCCP, read_sctp },   { PROTO_ESP, read_esp },	{ PROTO_AH, read_ah },
	};

	if (w->h->have & HEADER_FRAG)
		return;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].proto == w->h->proto)
			rows[i].reader(w);
}

/*
 * claim - the packet at @start says how long it is; what is behind that is padding. Of a quoted
 * packet, read_quote() has said it already. 0 is what very big segments say (BIG TCP).
 */
static void claim(struct wire *w, const uint8_t *start, size_t length)
{
	if (!w->quoted)
		return;
	w->length = length;
	if (length >= 20 && length < (size_t)(w->rest.end - start))
		w->rest.end = start + length;
}

static void read_fragment_word(struct header *h, unsigned int word)
{
	static const struct {
		unsigned int bit;
		uint32_t have;
	} bits[] = { { 0x8000, HEADER_CE }, { 0x4000, HEADER_DF }, { 0x2000, HEADER_MF } };

	for (size_t i = 0; i < sizeof(bits) / sizeof(*bits); i++)
		if (word & bits[i].bit)
			h->have |= bits[i].have;
	h->frag = (word & 0x1fff) * 8;
	if (h->frag)
		h->have |= HEADER_FRAG;
}

/* of_quote_start - is this the beginning of a quote that was not captured up to its addresses? */
static bool of_quote_start(const struct wire *w, size_t n)
{
	return !w->quoted && !(w->h->have & HEADER_SHORT) && cursor_left(&w->rest) >= n;
}

/* read_ip4_start - the first 10 bytes. Return: how many 32-bit words there are in all */
static unsigned int read_ip4_start(struct wire *w)
{
	struct cursor *c = &w->rest;
	const uint8_t *start = c->at;
	struct header *h = w->h;
	unsigned int words = cursor_take8(c) & 0xf;

	/* The kernel prints TOS (0x1e) and PREC (0xe0): the lowest bit, one of ECN's two, is lost
	 * in a log line, so it is left out here too.
	 */
	h->tos = cursor_take8(c) & 0xfe;
	h->length = cursor_take16(c);
	claim(w, start, h->length);
	h->id = cursor_take16(c);
	read_fragment_word(h, cursor_take16(c));
	h->ttl = cursor_take8(c);
	h->proto = cursor_take8(c);
	h->have |= HEADER_TOS | HEADER_LEN | HEADER_ID | HEADER_TTL | HEADER_PROTO;
	return words;
}

/* read_ip4 - Return: is the transport header next? */
static bool read_ip4(struct wire *w)
{
	struct cursor *c = &w->rest;
	struct header *h = w->h;
	unsigned int words;

	h->family = FAMILY_IP;
	if (!has(w, 20)) {
		if (of_quote_start(w, 10))
			read_ip4_start(w);
		return false;
	}
	words = read_ip4_start(w);
	cursor_take(c, 2);
	take_ip4(c, &h->src);
	take_ip4(c, &h->dst);
	h->have |= HEADER_ADDR;
	if (words < 5)
		h->have |= HEADER_SHORT;
	return words >= 5 && has(w, words * 4u - 20) && cursor_take(c, words * 4u - 20);
}

/* read_fragment - IPv6's fragment header, of which 6 bytes are left */
static void read_fragment(struct wire *w)
{
	unsigned int word = cursor_take16(&w->rest);

	w->h->frag = word & 0xfff8;
	w->h->have |= HEADER_FRAG_ID | (w->h->frag ? HEADER_FRAG : 0) | (word & 1 ? HEADER_MF : 0);
	w->h->frag_id = cursor_take32(&w->rest);
}

static bool is_extension(uint8_t proto)
{
	return proto == PROTO_HOPOPTS || proto == PROTO_ROUTING || proto == PROTO_FRAGMENT ||
	       proto == PROTO_AH || proto == PROTO_DSTOPTS;
}

/* read_extension - one of them. Return: is it all there, and does something follow it? */
static bool read_extension(struct wire *w, uint8_t *proto)
{
	struct cursor *c = &w->rest;
	uint8_t next, words;

	if (w->h->have & HEADER_FRAG || !has(w, 8))
		return false;
	next = cursor_take8(c);
	words = cursor_take8(c);
	if (*proto == PROTO_FRAGMENT) {
		read_fragment(w);
	} else if (*proto == PROTO_AH) {
		if (!has(w, 10))
			return false;
		cursor_take(c, 2);
		w->h->spi = cursor_take32(c);
		w->h->have |= HEADER_SPI;
		cursor_take(c, words * 4u); /* RFC 4302 2.2: (words + 2) * 4 in all */
	} else {
		cursor_take(c, 6 + words * 8u);
	}
	*proto = next;
	if (c->bad)
		too_short(w);
	return !c->bad;
}

/* read_ip6_start - the first 8 bytes. Return: the next header's number */
static uint8_t read_ip6_start(struct wire *w)
{
	struct cursor *c = &w->rest;
	const uint8_t *start = c->at;
	struct header *h = w->h;
	uint32_t word = cursor_take32(c);
	uint8_t proto;

	h->tos = (uint8_t)(word >> 20);
	h->id = word & 0xfffff; /* where a log line has FLOWLBL= */
	h->length = cursor_take16(c) + 40u;
	claim(w, start, h->length > 40 ? h->length : 0);
	proto = cursor_take8(c);
	h->ttl = cursor_take8(c);
	h->have |= HEADER_TOS | HEADER_LEN | HEADER_ID | HEADER_TTL;
	return proto;
}

static void read_quoted_ip6(struct wire *w)
{
	uint8_t proto = read_ip6_start(w);

	if (is_extension(proto))
		return;
	w->h->proto = proto;
	w->h->have |= HEADER_PROTO;
}

/* read_ip6 - Return: is the transport header next? */
static bool read_ip6(struct wire *w)
{
	struct cursor *c = &w->rest;
	struct header *h = w->h;
	uint8_t proto;

	h->family = FAMILY_IP6;
	if (!has(w, 40)) {
		if (of_quote_start(w, 8))
			read_quoted_ip6(w);
		return false;
	}
	proto = read_ip6_start(w);
	take_ip6(c, &h->src);
	take_ip6(c, &h->dst);
	h->have |= HEADER_ADDR;
	for (int i = 0; is_extension(proto); i++)
		if (i == EXTENSIONS_MAX || !read_extension(w, &proto))
			return false;
	h->proto = proto;
	h->have |= HEADER_PROTO;
	return true;
}

/* read_arp - addresses only of IPv4 over Ethernet, as nf_log prints them */
static void read_arp(struct wire *w)
{
	struct cursor *c = &w->rest;
	struct header *h = w->h;
	bool known;

	h->family = FAMILY_ARP;
	if (!has(w, 8))
		return;
	known = cursor_take32(c) == (1u << 16 | WIRE_IP);
	known &= cursor_take16(c) == (6 << 8 | 4);
	h->arp_op = cursor_take16(c);
	h->have |= HEADER_ARP;
	if (!known || !has(w, 20))
		return;
	cursor_take(c, 6);
	take_ip4(c, &h->src);
	cursor_take(c, 6);
	take_ip4(c, &h->dst);
	h->have |= HEADER_ADDR;
}

static unsigned int version_of(const struct cursor *c)
{
	unsigned int version = cursor_left(c) ? *c->at >> 4 : 0;

	return version == 4 ? WIRE_IP : version == 6 ? WIRE_IP6 : 0;
}

/* read_headers - Return: is the transport header next? */
static bool read_headers(struct wire *w, unsigned int ethertype)
{
	for (int tags = 0; tags < 2 && (ethertype == WIRE_VLAN || ethertype == WIRE_QINQ); tags++) {
		cursor_take16(&w->rest);
		ethertype = cursor_take16(&w->rest);
		w->captured = cursor_left(&w->rest);
	}
	if (!ethertype)
		ethertype = version_of(&w->rest);
	if (ethertype == WIRE_IP)
		return read_ip4(w);
	if (ethertype == WIRE_IP6)
		return read_ip6(w);
	if (ethertype == WIRE_ARP)
		read_arp(w);
	return false;
}

static void read_network(struct wire *w, unsigned int ethertype)
{
	if (read_headers(w, ethertype))
		read_transport(w);
}

bool wire_packet(struct str packet, unsigned int ethertype, struct header *h, struct header *quoted)
{
	struct wire w = {
		.rest = cursor_on(packet), .h = h, .quoted = quoted, .captured = packet.n
	};

	read_network(&w, ethertype);
	return w.has_quoted;
}

bool wire_parts(struct str network, struct str transport, unsigned int ethertype, struct header *h,
		struct header *quoted)
{
	struct wire w = {
		.rest = cursor_on(network), .h = h, .quoted = quoted, .captured = network.n
	};

	read_headers(&w, ethertype);
	w.captured += transport.n;
	w.rest = cursor_on(transport);
	if (transport.n && h->have & HEADER_PROTO)
		read_transport(&w);
	return w.has_quoted;
}

bool wire_quote(const struct header *error, struct str bytes, struct header *quoted)
{
	const struct icmp *icmp = find_icmp(error->proto, error->icmp_type);
	struct wire w = { .rest = cursor_on(bytes), .quoted = quoted, .length = bytes.n + 1 };

	if (icmp && icmp->after >= AFTER_ERROR)
		read_quote(&w, error->proto == PROTO_ICMP ? WIRE_IP : WIRE_IP6);
	return w.has_quoted;
}
