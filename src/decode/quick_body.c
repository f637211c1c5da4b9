// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * quick_body.c - a packet's words as the kernel prints them, read from left to right
 *
 * body.c reads what people keep of such words: torn, joined, in another order. This file reads
 * what nf_log_dump_ip_packet() prints and nothing else (formats.md 1.5, 1.6): each word must
 * stand in its place, and each number must be within its limits; so both agree on what it takes.
 * It is asked for the first body of each shape (quick_shapes.c), and what is no shape.
 */
#include "quick.h"
#include "scan.h"

/* find_blank - Return: offset of the first ' ' of @s at or behind @at, or s.n */
static size_t find_blank(struct str s, size_t at)
{
	return at < s.n ? at + str_find(str_skip(s, at), STR(" ")) : s.n;
}

#define take(s, literal) scan_word(s, STR(literal))

/* number - in decimal, with the blank behind it; the line may end without one */
static bool number(struct str *s, uint64_t max, uint64_t *value)
{
	return scan_dec(s, 10, value) && *value <= max && (!s->n || scan_char(s, ' '));
}

#define word_number(s, literal, max, value) (take(s, literal) && number(s, max, value))

/* number_hex - at most eight digits */
static bool number_hex(struct str *s, uint32_t *value)
{
	uint32_t v = 0;
	size_t n = 0;

	while (n < s->n && n < 8 && hex_value(s->p[n]) >= 0)
		v = v << 4 | (uint32_t)hex_value(s->p[n++]);
	if (!n || (n < s->n && s->p[n] != ' '))
		return false;
	*value = v;
	*s = str_skip(*s, n + 1);
	return true;
}

/* hex2 - "0x" and two digits, the blank behind them */
static bool hex2(struct str *s, uint8_t *value)
{
	int hi, lo;

	if (s->n < 5 || s->p[0] != '0' || s->p[1] != 'x' || s->p[4] != ' ')
		return false;
	hi = hex_value(s->p[2]);
	lo = hex_value(s->p[3]);
	if (hi < 0 || lo < 0)
		return false;
	*value = (uint8_t)(hi << 4 | lo);
	*s = str_skip(*s, 5);
	return true;
}

static bool address(struct str *s, struct str word, struct header *h, struct addr *addr)
{
	enum family family;

	if (!scan_word(s, word))
		return false;
	memset(addr, 0, sizeof(*addr));
	family = scan_addr(s, addr);
	if (!family || (h->family && h->family != family) || !scan_char(s, ' '))
		return false;
	h->family = (uint8_t)family;
	return true;
}

static bool read_ip4(struct str *s, struct header *h)
{
	uint64_t ttl, id;
	uint8_t tos, prec;

	if (!take(s, "TOS=") || !hex2(s, &tos) || !take(s, "PREC=") || !hex2(s, &prec) ||
	    !word_number(s, "TTL=", UINT8_MAX, &ttl) || !word_number(s, "ID=", UINT16_MAX, &id))
		return false;
	h->tos = (uint8_t)((tos & 0xfe) | (prec & 0xfe));
	h->id = (uint32_t)id;
	if (take(s, "CE "))
		h->have |= HEADER_CE;
	if (take(s, "DF "))
		h->have |= HEADER_DF;
	if (take(s, "MF "))
		h->have |= HEADER_MF;
	return true;
}

static bool read_ip6(struct str *s, struct header *h)
{
	uint64_t class, ttl, label;

	if (!word_number(s, "TC=", UINT8_MAX, &class) ||
	    !word_number(s, "HOPLIMIT=", UINT8_MAX, &ttl) ||
	    !word_number(s, "FLOWLBL=", 0xfffff, &label))
		return false;
	h->tos = (uint8_t) class;
	h->id = (uint32_t)label;
	return true;
}

static bool read_ports(struct str *s, struct header *h)
{
	uint64_t sport, dport;

	if (!word_number(s, "SPT=", UINT16_MAX, &sport) ||
	    !word_number(s, "DPT=", UINT16_MAX, &dport))
		return false;
	h->sport = (uint16_t)sport;
	h->dport = (uint16_t)dport;
	h->have |= HEADER_PORTS;
	return true;
}

static void read_flags(struct str *s, struct header *h)
{
	static const struct {
		char word[5];
		uint16_t flag;
	} flags[] = {
		{ "CWR ", TCP_CWR }, { "ECE ", TCP_ECE }, { "URG ", TCP_URG }, { "ACK ", TCP_ACK },
		{ "PSH ", TCP_PSH }, { "RST ", TCP_RST }, { "SYN ", TCP_SYN }, { "FIN ", TCP_FIN },
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags) && s->n >= 4; i++)
		if (same_bytes(s->p, flags[i].word, 4)) {
			h->tcp_flags |= flags[i].flag;
			*s = str_skip(*s, 4);
		}
}

/* 16 at once, the last ones once more if they are no whole 16 */
bool all_hex(const char *p, size_t n)
{
	size_t at = 0;

	for (; n >= 16; at += 16) {
		bytes16 v = load16(p + (at + 16 <= n ? at : n - 16));

		if (!is_zero(~((bytes16)(v - '0' <= 9) | (bytes16)((v | 0x20) - 'a' <= 5))))
			return false;
		if (at + 16 >= n)
			return true;
	}
	while (at < n && hex_value(p[at]) >= 0)
		at++;
	return at == n;
}

/* skip_options - "OPT (0204...) " */
static bool skip_options(struct str *s)
{
	const char *end;
	size_t n;

	if (!take(s, "OPT ("))
		return true;
	end = memchr(s->p, ')', s->n);
	n = end ? (size_t)(end - s->p) : 0;
	if (!end || !all_hex(s->p, n) || (n + 1 < s->n && s->p[n + 1] != ' '))
		return false;
	*s = str_skip(*s, n + 2);
	return true;
}

static bool read_tcp(struct str *s, struct header *h)
{
	uint64_t seq, ack, window, urgent;
	uint8_t res;

	if (!read_ports(s, h))
		return false;
	if (str_starts(*s, STR("SEQ="))) {
		if (!word_number(s, "SEQ=", UINT32_MAX, &seq) ||
		    !word_number(s, "ACK=", UINT32_MAX, &ack))
			return false;
		h->tcp_seq = (uint32_t)seq;
		h->tcp_ack = (uint32_t)ack;
		h->have |= HEADER_SEQ;
	}
	if (!word_number(s, "WINDOW=", UINT16_MAX, &window) || !take(s, "RES=") || !hex2(s, &res))
		return false;
	h->window = (uint16_t)window;
	h->have |= HEADER_FLAGS;
	read_flags(s, h);
	return word_number(s, "URGP=", UINT16_MAX, &urgent) && skip_options(s);
}

static bool read_udp(struct str *s, struct header *h)
{
	uint64_t length;

	return read_ports(s, h) && word_number(s, "LEN=", UINT16_MAX, &length);
}

/* read_echo - only requests and answers: errors quote a packet */
static bool read_echo(struct str *s, struct header *h)
{
	uint64_t type, code, id, seq;

	if (!word_number(s, "TYPE=", UINT8_MAX, &type) ||
	    !word_number(s, "CODE=", UINT8_MAX, &code) || code ||
	    (h->family == FAMILY_IP ? type != 0 && type != 8 : type != 128 && type != 129) ||
	    !word_number(s, "ID=", UINT16_MAX, &id) || !word_number(s, "SEQ=", UINT16_MAX, &seq))
		return false;
	h->icmp_type = (uint8_t)type;
	h->icmp_code = (uint8_t)code;
	h->echo_id = (uint16_t)id;
	h->echo_seq = (uint16_t)seq;
	h->have |= HEADER_ICMP | HEADER_ECHO;
	return true;
}

static bool read_transport(struct str *s, struct header *h)
{
	static const struct {
		struct str word;
		uint8_t proto;
		bool (*layer)(struct str *s, struct header *h);
	} protos[] = {
		{ { "TCP ", 4 }, 6, read_tcp },
		{ { "UDP ", 4 }, 17, read_udp },
		{ { "ICMP ", 5 }, 1, read_echo },
		{ { "ICMPv6 ", 7 }, 58, read_echo },
	};

	if (!take(s, "PROTO="))
		return false;
	for (size_t i = 0; i < sizeof(protos) / sizeof(*protos); i++) {
		if (!scan_word(s, protos[i].word))
			continue;
		h->proto = protos[i].proto;
		return protos[i].layer(s, h);
	}
	return false;
}

static bool read_mark(struct str *s, struct body *body)
{
	if (!take(s, "MARK=0x"))
		return true;
	body->have |= EVENT_MARK;
	return number_hex(s, &body->mark);
}

static bool read_owner(struct str *s, struct body *body)
{
	uint64_t uid, gid;

	if (!str_starts(*s, STR("UID=")))
		return true;
	if (!word_number(s, "UID=", UINT32_MAX, &uid) || !word_number(s, "GID=", UINT32_MAX, &gid))
		return false;
	body->uid = (uint32_t)uid;
	body->gid = (uint32_t)gid;
	body->have |= EVENT_UID | EVENT_GID;
	return true;
}

bool body_read(struct str s, struct body *body)
{
	struct header *h = &body->pkt;
	uint64_t length;

	memset(body, 0, sizeof(*body));
	if (!address(&s, STR("SRC="), h, &h->src) || !address(&s, STR("DST="), h, &h->dst) ||
	    !word_number(&s, "LEN=", UINT32_MAX, &length))
		return false;
	h->length = (uint32_t)length;
	h->have = HEADER_ADDR | HEADER_LEN | HEADER_TOS | HEADER_TTL | HEADER_ID | HEADER_PROTO;
	if (h->family == FAMILY_IP ? !read_ip4(&s, h) : !read_ip6(&s, h))
		return false;
	return read_transport(&s, h) && read_owner(&s, body) && read_mark(&s, body) && !s.n;
}

static size_t ip4_ttl(struct str s, size_t at)
{
	static const char text[] = "TOS=0x  PREC=0x  TTL=";

	/* the four digits of TOS and PREC are read with the rest of the body */
	if (s.n - at < sizeof(text) + 8 || !same_bytes(s.p + at, text, 6) ||
	    !same_bytes(s.p + at + 8, " PREC=0x", 8) || !same_bytes(s.p + at + 18, " TTL=", 5))
		return 0;
	return at + 23;
}

static size_t ip6_ttl(struct str s, size_t at)
{
	if (s.n - at < 32 || !same_bytes(s.p + at, "TC=", 3))
		return 0;
	at = find_blank(s, at + 3);
	if (s.n - at < 16 || !same_bytes(s.p + at, " HOPLIMIT=", 10))
		return 0;
	return at + 10;
}

bool body_split(struct str s, struct body_parts *parts)
{
	size_t at, end;
	unsigned int ttl = 0;

	at = find_blank(s, 4 + 7); /* the shortest address */
	if (s.n - at < 48 || !same_bytes(s.p + at, " DST=", 5))
		return false;
	at = find_blank(s, at + 5 + 7);
	if (s.n - at < 32 || !same_bytes(s.p + at, " LEN=", 5))
		return false;
	at = find_blank(s, at + 5) + 1;
	if (at + 1 >= s.n)
		return false;
	at = s.p[at + 1] == 'O' ? ip4_ttl(s, at) : ip6_ttl(s, at);
	if (!at)
		return false;
	for (end = at; end < s.n && end < at + 3 && is_digit(s.p[end]); end++)
		ttl = ttl * 10 + (unsigned int)(s.p[end] - '0');
	if (end == at || ttl > UINT8_MAX || end == s.n || s.p[end] != ' ')
		return false;
	parts->front = str_first(s, at);
	parts->rest = str_skip(s, end);
	parts->ttl = (uint8_t)ttl;
	return true;
}
