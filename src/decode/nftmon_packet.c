// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nftmon_packet.c - the packet line of nft monitor trace: a list of expressions (formats.md 6.1)
 *
 * nft prints each header as "protocol field value" triples. Which fields there are depends on
 * its version and on what it could make of the bytes, so nothing is required, and what is not
 * known is passed over: with its value if the protocol is known, else word by word. Raw
 * expressions are such words; of "@th,64,96 0x..." an ICMP error's quote is read.
 */
#include "nftmon.h"

#include "scan.h"
#include "wire.h"

/* fields that need each other to be of use */
enum {
	GOT_SADDR = 1 << 0,
	GOT_DADDR = 1 << 1,
	GOT_SPORT = 1 << 2,
	GOT_DPORT = 1 << 3,
	GOT_TYPE = 1 << 4,
	GOT_CODE = 1 << 5,
	GOT_ECHO_ID = 1 << 6,
	GOT_ECHO_SEQ = 1 << 7,
	GOT_SEQ = 1 << 8,
	GOT_ACK = 1 << 9,
	GOT_DSCP = 1 << 10,
	GOT_FLAGS = 1 << 11,
	GOT_LENGTH = 1 << 12,
	GOT_TTL = 1 << 13,
	GOT_ID = 1 << 14,
	GOT_PROTO = 1 << 15,
	GOT_SPI = 1 << 16,
	GOT_ARP = 1 << 17,
	GOT_MTU = 1 << 18,
	GOT_GATEWAY = 1 << 19,
	GOT_ECN = 1 << 20,
	GOT_WINDOW = 1 << 21,
};

/**
 * struct exprs - the state of one line's parse
 * @rest: not read yet
 * @quote: what stands behind the first 8 bytes of an ICMP message, in hexadecimal
 * @got: GOT_* bits
 * @protocol: of the field that was read last, @field: the row behind it; they come in their order
 * @raw: nft printed bytes that it could not take apart
 */
struct exprs {
	struct str rest, quote;
	struct event *ev;
	struct header *h;
	uint32_t got;
	const struct protocol *protocol;
	size_t field;
	bool raw;
};

/**
 * struct field - one "protocol field"
 * @take: reads @value, and more of x->rest if that is part of it. Return: true if it was usable
 * @names: the words that may stand for numbers
 * @offset, @size: for take_number(): member of struct header
 * @got: GOT_* bit; a second such field (of an inner header) is not looked at
 */
struct field {
	struct str protocol, name;
	bool (*take)(struct exprs *x, const struct field *field, struct str value);
	uint32_t got;
	const struct name *names;
	size_t offset, size;
};

static bool take_number(struct exprs *x, const struct field *field, struct str value)
{
	char *at = (char *)x->h + field->offset;
	uint64_t v;

	if (!nftmon_value(field->names, value, &v) || (field->size < 8 && v >> field->size * 8))
		return false;
	if (field->size == 1)
		memcpy(at, &(uint8_t){ (uint8_t)v }, 1);
	else if (field->size == 2)
		memcpy(at, &(uint16_t){ (uint16_t)v }, 2);
	else
		memcpy(at, &(uint32_t){ (uint32_t)v }, 4);
	return true;
}

/* take_length6 - nft prints the payload's length; the kernel's log adds the fixed header */
static bool take_length6(struct exprs *x, const struct field *field, struct str value)
{
	if (!take_number(x, field, value))
		return false;
	x->h->length += 40;
	return true;
}

/* take_nexthdr - what an extension header stands in front of is not printed (formats.md 3.3) */
static bool take_nexthdr(struct exprs *x, const struct field *field, struct str value)
{
	static const uint8_t extensions[] = { 0, 43, 44, 51, 60, 135 };

	return take_number(x, field, value) && !memchr(extensions, x->h->proto, sizeof(extensions));
}

static bool take_dscp(struct exprs *x, const struct field *field, struct str value)
{
	uint64_t v;

	if (!nftmon_value(field->names, value, &v) || v > 63)
		return false;
	x->h->tos |= (uint8_t)(v << 2);
	return true;
}

static bool take_ecn(struct exprs *x, const struct field *field, struct str value)
{
	uint64_t v;

	if (!nftmon_value(field->names, value, &v) || v > 3)
		return false;
	x->h->tos |= (uint8_t)v;
	return true;
}

static bool take_addr(struct exprs *x, const struct field *field, struct str value)
{
	struct addr addr;

	if (!scan_addr(&value, &addr) || value.n)
		return false; /* a name, of nft -N */
	memcpy((char *)x->h + field->offset, &addr, sizeof(addr));
	return true;
}

/* take_arp_addr - "arp saddr ip 192.0.2.1", "arp saddr ether 02:00:..." */
static bool take_arp_addr(struct exprs *x, const struct field *field, struct str value)
{
	struct str addr = scan_token(&x->rest);

	return str_eq(value, STR("ip")) && take_addr(x, field, addr);
}

/* take_flags - "syn", "0x11", "syn,ack", "{ syn, ack }", "syn | ack" */
static bool take_flags(struct exprs *x, const struct field *field, struct str value)
{
	uint64_t v, flags = 0;
	bool any = false;
	size_t n;

	for (; value.n; value = str_skip(value, n ? n : 1)) {
		for (n = 0; n < value.n && is_alnum(value.p[n]);)
			n++;
		if (!n)
			continue;
		if (!nftmon_value(field->names, str_first(value, n), &v))
			return false;
		flags |= v;
		any = true;
	}
	x->h->tcp_flags = (uint16_t)(flags & 0x1ff);
	return any;
}

/* take_word - the second word of an ICMPv6 header, which nft 1.0 calls so whatever the type is */
static bool take_word(struct exprs *x, const struct field *field, struct str value)
{
	uint64_t v;

	if (!nftmon_value(NULL, value, &v) || v > UINT32_MAX)
		return false;
	x->h->echo_id = (uint16_t)(v >> 16);
	x->h->echo_seq = (uint16_t)v;
	x->h->mtu = (uint32_t)v;
	x->got |= field->got | GOT_MTU;
	return true;
}

#define NAME(z)                                                                                    \
	{                                                                                          \
		z, sizeof(z) - 1                                                                   \
	}
#define ROW(protocol, name, take, got)                                                             \
	{                                                                                          \
		NAME(protocol), NAME(name), take, got, NULL, 0, 0                                  \
	}
#define MEMBER(m)      offsetof(struct header, m), sizeof(((struct header *)NULL)->m)
#define NUMBER(got, m) take_number, got, NULL, MEMBER(m)

/* clang-format off */
static const struct field fields[] = {
	{ NAME("ip"), NAME("saddr"),        take_addr, GOT_SADDR, NULL, MEMBER(src) },
	{ NAME("ip"), NAME("daddr"),        take_addr, GOT_DADDR, NULL, MEMBER(dst) },
	{ NAME("ip"), NAME("dscp"),         take_dscp, GOT_DSCP, nftmon_dscp },
	{ NAME("ip"), NAME("ecn"),          take_ecn, GOT_ECN, nftmon_ecn },
	{ NAME("ip"), NAME("ttl"),          NUMBER(GOT_TTL, ttl) },
	{ NAME("ip"), NAME("id"),           NUMBER(GOT_ID, id) },
	{ NAME("ip"), NAME("protocol"),     take_number, GOT_PROTO, nftmon_protocols,
					    MEMBER(proto) },
	{ NAME("ip"), NAME("length"),       NUMBER(GOT_LENGTH, length) },
	{ NAME("ip6"), NAME("saddr"),       take_addr, GOT_SADDR, NULL, MEMBER(src) },
	{ NAME("ip6"), NAME("daddr"),       take_addr, GOT_DADDR, NULL, MEMBER(dst) },
	{ NAME("ip6"), NAME("dscp"),        take_dscp, GOT_DSCP, nftmon_dscp },
	{ NAME("ip6"), NAME("ecn"),         take_ecn, GOT_ECN, nftmon_ecn },
	{ NAME("ip6"), NAME("hoplimit"),    NUMBER(GOT_TTL, ttl) },
	{ NAME("ip6"), NAME("flowlabel"),   NUMBER(GOT_ID, id) },
	{ NAME("ip6"), NAME("nexthdr"),     take_nexthdr, GOT_PROTO, nftmon_protocols,
					    MEMBER(proto) },
	{ NAME("ip6"), NAME("length"),      take_length6, GOT_LENGTH, NULL, MEMBER(length) },
	{ NAME("tcp"), NAME("sport"),       NUMBER(GOT_SPORT, sport) },
	{ NAME("tcp"), NAME("dport"),       NUMBER(GOT_DPORT, dport) },
	{ NAME("tcp"), NAME("flags"),       take_flags, GOT_FLAGS, nftmon_tcp_flags },
	{ NAME("tcp"), NAME("window"),      NUMBER(GOT_WINDOW, window) },
	{ NAME("tcp"), NAME("sequence"),    NUMBER(GOT_SEQ, tcp_seq) },
	{ NAME("tcp"), NAME("ackseq"),      NUMBER(GOT_ACK, tcp_ack) },
	{ NAME("udp"), NAME("sport"),       NUMBER(GOT_SPORT, sport) },
	{ NAME("udp"), NAME("dport"),       NUMBER(GOT_DPORT, dport) },
	{ NAME("icmp"), NAME("type"),       take_number, GOT_TYPE, nftmon_icmp_types,
					    MEMBER(icmp_type) },
	{ NAME("icmp"), NAME("code"),       take_number, GOT_CODE, nftmon_icmp_codes,
					    MEMBER(icmp_code) },
	{ NAME("icmp"), NAME("id"),         NUMBER(GOT_ECHO_ID, echo_id) },
	{ NAME("icmp"), NAME("sequence"),   NUMBER(GOT_ECHO_SEQ, echo_seq) },
	{ NAME("icmp"), NAME("mtu"),        NUMBER(GOT_MTU, mtu) },
	{ NAME("icmp"), NAME("gateway"),    take_addr, GOT_GATEWAY, NULL, MEMBER(gateway) },
	{ NAME("icmpv6"), NAME("type"),     take_number, GOT_TYPE, nftmon_icmp6_types,
					    MEMBER(icmp_type) },
	{ NAME("icmpv6"), NAME("code"),     take_number, GOT_CODE, nftmon_icmp6_codes,
					    MEMBER(icmp_code) },
	{ NAME("icmpv6"), NAME("id"),       NUMBER(GOT_ECHO_ID, echo_id) },
	{ NAME("icmpv6"), NAME("sequence"), NUMBER(GOT_ECHO_SEQ, echo_seq) },
	{ NAME("icmpv6"), NAME("mtu"),      NUMBER(GOT_MTU, mtu) },
	ROW("icmpv6", "parameter-problem",  take_word, GOT_ECHO_ID | GOT_ECHO_SEQ),
	{ NAME("th"), NAME("sport"),        NUMBER(GOT_SPORT, sport) },
	{ NAME("th"), NAME("dport"),        NUMBER(GOT_DPORT, dport) },
	{ NAME("udplite"), NAME("sport"),   NUMBER(GOT_SPORT, sport) },
	{ NAME("udplite"), NAME("dport"),   NUMBER(GOT_DPORT, dport) },
	{ NAME("sctp"), NAME("sport"),      NUMBER(GOT_SPORT, sport) },
	{ NAME("sctp"), NAME("dport"),      NUMBER(GOT_DPORT, dport) },
	{ NAME("dccp"), NAME("sport"),      NUMBER(GOT_SPORT, sport) },
	{ NAME("dccp"), NAME("dport"),      NUMBER(GOT_DPORT, dport) },
	{ NAME("esp"), NAME("spi"),         NUMBER(GOT_SPI, spi) },
	{ NAME("ah"), NAME("spi"),          NUMBER(GOT_SPI, spi) },
	{ NAME("arp"), NAME("operation"),   take_number, GOT_ARP, nftmon_arp_operations,
					    MEMBER(arp_op) },
	{ NAME("arp"), NAME("saddr"),       take_arp_addr, GOT_SADDR, NULL, MEMBER(src) },
	{ NAME("arp"), NAME("daddr"),       take_arp_addr, GOT_DADDR, NULL, MEMBER(dst) },
};

#define FIELDS (sizeof(fields) / sizeof(*fields))

/* struct protocol - the first word of a triple; what it alone tells: family or IP protocol */
static const struct protocol {
	struct str name;
	uint8_t family;
	int16_t number;
} protocols[] = {
	{ NAME("ip"), FAMILY_IP, -1 },
	{ NAME("ether"), FAMILY_NONE, -1 },
	{ NAME("tcp"), FAMILY_NONE, 6 },
	{ NAME("udp"), FAMILY_NONE, 17 },
	{ NAME("icmp"), FAMILY_NONE, 1 },
	{ NAME("ip6"), FAMILY_IP6, -1 },
	{ NAME("icmpv6"), FAMILY_NONE, 58 },
	{ NAME("arp"), FAMILY_ARP, -1 },
	{ NAME("vlan"), FAMILY_NONE, -1 },
	{ NAME("th"), FAMILY_NONE, -1 },
	{ NAME("meta"), FAMILY_NONE, -1 },
	{ NAME("ct"), FAMILY_NONE, -1 },
	{ NAME("udplite"), FAMILY_NONE, 136 },
	{ NAME("sctp"), FAMILY_NONE, 132 },
	{ NAME("dccp"), FAMILY_NONE, 33 },
	{ NAME("esp"), FAMILY_NONE, 50 },
	{ NAME("ah"), FAMILY_NONE, 51 },
	{ NAME("comp"), FAMILY_NONE, 108 },
	{ NAME("igmp"), FAMILY_NONE, 2 },
	{ NAME("gre"), FAMILY_NONE, 47 },
};
/* clang-format on */

/* find_protocol - mostly that of the field before */
static const struct protocol *find_protocol(struct exprs *x, struct str name)
{
	size_t i;

	if (x->protocol && str_eq(x->protocol->name, name))
		return x->protocol;
	for (i = 0; i < sizeof(protocols) / sizeof(*protocols); i++)
		if (str_eq(protocols[i].name, name))
			return x->protocol = &protocols[i];
	return NULL;
}

/* find_field - no two rows have the same names, so it may be looked for from any of them on */
static const struct field *find_field(struct exprs *x, struct str protocol, struct str name)
{
	for (size_t n = 0; n < FIELDS; n++) {
		const struct field *field = &fields[x->field];

		x->field = x->field + 1 < FIELDS ? x->field + 1 : 0;
		if (str_eq(field->name, name) && str_eq(field->protocol, protocol))
			return field;
	}
	return NULL;
}

/* up_to - all of @s up to and with the first @end after its first character, or all of it */
static struct str up_to(struct str s, char end)
{
	const char *at = s.n > 1 ? memchr(s.p + 1, end, s.n - 1) : NULL;

	return at ? str_between(s.p, at + 1) : s;
}

/* next_value - one value: a word, "quoted", { a set }, or words with | between them */
static struct str next_value(struct exprs *x)
{
	struct str rest, start;

	scan_blanks(&x->rest);
	if (str_starts(x->rest, STR("== ")) || str_starts(x->rest, STR("!= ")))
		x->rest = str_trim_left(str_skip(x->rest, 3));
	start = x->rest;
	if (start.n && (*start.p == '{' || *start.p == '"')) {
		start = up_to(start, *start.p == '{' ? '}' : '"');
		x->rest = str_skip(x->rest, start.n);
		return start;
	}
	scan_token(&x->rest);
	for (rest = x->rest; str_starts(rest, STR(" | ")); x->rest = rest) {
		rest = str_skip(rest, 3);
		scan_token(&rest);
	}
	return str_between(start.p, x->rest.p);
}

static struct str unquote(struct str s)
{
	if (s.n >= 2 && *s.p == '"' && s.p[s.n - 1] == '"')
		return str_first(str_skip(s, 1), s.n - 2);
	return s;
}

static void take_field(struct exprs *x, const struct protocol *protocol)
{
	struct str name = scan_token(&x->rest), value = next_value(x);
	bool ether = str_eq(protocol->name, STR("ether"));
	const struct field *field = ether ? NULL : find_field(x, protocol->name, name);

	if (protocol->family && !x->h->family)
		x->h->family = protocol->family;
	if (protocol->number >= 0 && !(x->got & GOT_PROTO)) {
		x->h->proto = (uint8_t)protocol->number;
		x->got |= GOT_PROTO;
	}
	if (ether)
		x->ev->have |= EVENT_MAC;
	if (field && !(x->got & field->got) && field->take(x, field, value))
		x->got |= field->got;
}

/* take_next - Return: false if the next word is somebody's message, such as "nft: payload.c:" */
static bool take_next(struct exprs *x)
{
	struct str word = scan_token(&x->rest);
	const struct protocol *protocol = find_protocol(x, word);

	if (protocol)
		take_field(x, protocol);
	else if (str_eq(word, STR("iif")))
		x->ev->iif = unquote(next_value(x));
	else if (str_eq(word, STR("oif")))
		x->ev->oif = unquote(next_value(x));
	else if (str_starts(word, STR("@ll,")))
		x->ev->have |= EVENT_MAC;
	else if (str_eq(word, STR("@th,64,96")))
		x->quote = next_value(x);
	else if (str_starts(word, STR("@nh,")) || str_starts(word, STR("@th,")))
		x->raw = true;
	else if (word.n > 1 && str_ends(word, STR(":")) && !str_ends(word, STR("::")))
		return false;
	return true;
}

/*
 * second_word - the second word of an ICMP header is what its type says, and nft 1.0 does not
 * look: it calls the MTU and the gateway "id" and "sequence" too
 */
static void second_word(struct exprs *x)
{
	struct header *h = x->h;

	if ((x->got & (GOT_ECHO_ID | GOT_ECHO_SEQ)) != (GOT_ECHO_ID | GOT_ECHO_SEQ))
		return;
	if (h->proto == 1 && h->icmp_type == 3) {
		h->mtu = h->echo_seq; /* RFC 1191 */
		x->got |= GOT_MTU;
	} else if (h->proto == 1 && h->icmp_type == 5) {
		h->gateway = (struct addr){ { [10] = 0xff,
					      [11] = 0xff,
					      [12] = (uint8_t)(h->echo_id >> 8),
					      [13] = (uint8_t)h->echo_id,
					      [14] = (uint8_t)(h->echo_seq >> 8),
					      [15] = (uint8_t)h->echo_seq } };
		x->got |= GOT_GATEWAY;
	}
}

/* second_word_bits - which meanings of that word fit the message */
static uint32_t second_word_bits(const struct header *h)
{
	static const struct {
		uint8_t proto, type, max_code, min_code;
		uint32_t have;
	} rows[] = {
		{ 1, 0, 255, 0, HEADER_ECHO },	  { 1, 8, 255, 0, HEADER_ECHO },
		{ 1, 3, 4, 4, HEADER_MTU },	  { 1, 5, 255, 0, HEADER_GATEWAY },
		{ 58, 2, 255, 0, HEADER_MTU },	  { 58, 128, 255, 0, HEADER_ECHO },
		{ 58, 129, 255, 0, HEADER_ECHO },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].proto == h->proto && rows[i].type == h->icmp_type &&
		    h->icmp_code >= rows[i].min_code && h->icmp_code <= rows[i].max_code)
			return rows[i].have;
	return 0;
}

/* take_quote - nft does not know what an ICMP error quotes: it prints bytes of it */
static void take_quote(struct exprs *x)
{
	char bytes[12];
	struct str rest = x->quote;
	uint64_t value;

	if (!scan_word(&rest, STR("0x")) || rest.n != 2 * sizeof(bytes))
		return;
	for (size_t i = 0; i < sizeof(bytes); i++) {
		struct str two = str_first(rest, 2);

		if (scan_hex(&two, &value) != 2)
			return;
		bytes[i] = (char)value;
		rest = str_skip(rest, 2);
	}
	if (wire_quote(x->h, str_between(bytes, bytes + sizeof(bytes)), &x->ev->quoted))
		x->ev->have |= EVENT_QUOTED;
}

static void conclude(struct exprs *x)
{
	static const struct {
		uint32_t need, have;
	} made_of[] = {
		{ GOT_SADDR | GOT_DADDR, HEADER_ADDR },
		{ GOT_SPORT | GOT_DPORT, HEADER_PORTS },
		{ GOT_TYPE | GOT_CODE, HEADER_ICMP },
		{ GOT_TYPE | GOT_CODE | GOT_ECHO_ID | GOT_ECHO_SEQ, HEADER_ECHO },
		{ GOT_TYPE | GOT_CODE | GOT_MTU, HEADER_MTU },
		{ GOT_TYPE | GOT_CODE | GOT_GATEWAY, HEADER_GATEWAY },
		{ GOT_SEQ | GOT_ACK, HEADER_SEQ },
		{ GOT_DSCP, HEADER_TOS },
		{ GOT_FLAGS, HEADER_FLAGS },
		{ GOT_LENGTH, HEADER_LEN },
		{ GOT_TTL, HEADER_TTL },
		{ GOT_ID, HEADER_ID },
		{ GOT_PROTO, HEADER_PROTO },
		{ GOT_SPI, HEADER_SPI },
		{ GOT_ARP, HEADER_ARP },
	};
	uint32_t word = HEADER_ECHO | HEADER_MTU | HEADER_GATEWAY;
	size_t i;

	second_word(x);
	for (i = 0; i < sizeof(made_of) / sizeof(*made_of); i++)
		if ((x->got & made_of[i].need) == made_of[i].need)
			x->h->have |= made_of[i].have;
	if (x->raw && !x->h->have && !x->h->family)
		x->h->have |= HEADER_UNSEEN;
	x->h->have &= ~word | second_word_bits(x->h);
	if (x->h->family == FAMILY_IP)
		x->h->tos &= 0xfe; /* the bit that IPv4 lines of the kernel's log hide */
	if (x->h->have & HEADER_ICMP)
		take_quote(x);
}

const char *nftmon_packet(struct str list, struct event *ev)
{
	struct exprs x = { .rest = list, .ev = ev, .h = &ev->pkt };
	const char *at;

	for (;;) {
		scan_blanks(&x.rest);
		at = x.rest.p;
		if (!x.rest.n)
			break;
		if (!take_next(&x))
			return at;
	}
	conclude(&x);
	return NULL;
}
