// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * body.c - walks over the tokens of a packet line and says what they make together
 *
 * A line is a run of KEY=value and bare words, in an order that is the kernel's; brackets hold
 * the packet that an ICMP error quotes. The same key means another thing further on (ID, LEN,
 * SEQ, MACSRC: formats.md 1.11), so fields.c looks at what was there already. Lines from the
 * wild are damaged: wrapped lines leave blanks inside tokens, others lost the blanks between
 * them. What can be put together in one way only is; the rest is a fault.
 */
#include "body.h"

#include <errno.h>

#include "fields.h"
#include "scan.h"

static void skip_rest_of_token(struct body *b)
{
	while (b->rest.n && !is_blank(*b->rest.p))
		b->rest = str_skip(b->rest, 1);
}

/* skip_unknown - a vendor's KEY=value; the value may be quoted (UniFi: DESCR="a b") */
static void skip_unknown(struct body *b, size_t name)
{
	const char *quote;

	b->rest = str_skip(b->rest, name + 1);
	if (scan_char(&b->rest, '"')) {
		quote = b->rest.n ? memchr(b->rest.p, '"', b->rest.n) : NULL;
		if (quote)
			b->rest = str_skip(b->rest, (size_t)(quote - b->rest.p));
	}
	skip_rest_of_token(b);
}

/* join - "TT L=63": a blank inside a key, from a wrapped line; Return: the key, or NULL */
static const struct key *join(struct body *b, size_t name)
{
	struct str tail = str_skip(b->rest, name);
	const struct key *key;
	char joined[16];
	size_t n;

	if (!scan_blanks(&tail))
		return NULL;
	n = name_length(tail);
	if (!n || name + n > sizeof(joined) || n == tail.n || tail.p[n] != '=')
		return NULL;
	memcpy(joined, b->rest.p, name);
	memcpy(joined + name, tail.p, n);
	key = find_key((struct str){ joined, name + n });
	if (key)
		b->rest = str_skip(tail, n + 1);
	return key;
}

static bool take_word(struct body *b, size_t name)
{
	const struct key *word = find_word(str_first(b->rest, name));

	if (!word)
		word = join(b, name);
	else
		b->rest = str_skip(b->rest, name);
	if (word)
		return word->take(b, word);
	b->elided = !name || !is_upper(*b->rest.p);
	skip_rest_of_token(b);
	b->cut = !b->rest.n;
	return true;
}

static bool take_key(struct body *b, size_t name)
{
	const struct key *key = find_key(str_first(b->rest, name));

	if (!key) {
		skip_unknown(b, name);
		return true;
	}
	b->rest = str_skip(b->rest, name + 1);
	return key->take(b, key);
}

static void take_bracket(struct body *b, char c)
{
	b->rest = str_skip(b->rest, 1);
	if (c == '[' && !b->quoted && b->got[0] & GOT_TYPE) {
		b->quoted = 1;
		b->h = &b->ev->quoted;
		b->ev->have |= EVENT_QUOTED;
	} else if (c == ']' && b->quoted) {
		b->quoted = 0;
		b->h = &b->ev->pkt;
		b->got[0] |= GOT_QUOTE;
	}
}

static bool take_next(struct body *b)
{
	size_t name;

	if (memchr("[]()", *b->rest.p, 4)) {
		take_bracket(b, *b->rest.p);
		return true;
	}
	name = name_length(b->rest);
	if (name && name < b->rest.n && b->rest.p[name] == '=')
		return take_key(b, name);
	return take_word(b, name);
}

/* conclude - turn the fields that were there into HEADER_* bits */
static void conclude(struct header *h, uint32_t got)
{
	static const struct {
		uint32_t need, have;
	} made_of[] = {
		{ GOT_SRC | GOT_DST, HEADER_ADDR },
		{ GOT_LEN, HEADER_LEN },
		{ GOT_TOS, HEADER_TOS },
		{ GOT_TTL, HEADER_TTL },
		{ GOT_ID, HEADER_ID },
		{ GOT_PROTO, HEADER_PROTO },
		{ GOT_SPT | GOT_DPT, HEADER_PORTS },
		{ GOT_SEQ | GOT_ACK, HEADER_SEQ },
		{ GOT_WINDOW, HEADER_FLAGS },
		{ GOT_TYPE | GOT_CODE, HEADER_ICMP },
		{ GOT_ECHO_ID | GOT_ECHO_SEQ, HEADER_ECHO },
		{ GOT_MTU, HEADER_MTU },
		{ GOT_GATEWAY, HEADER_GATEWAY },
		{ GOT_SPI, HEADER_SPI },
		{ GOT_OPCODE, HEADER_ARP },
	};
	size_t i;

	for (i = 0; i < sizeof(made_of) / sizeof(*made_of); i++)
		if ((got & made_of[i].need) == made_of[i].need)
			h->have |= made_of[i].have;
}

/* missing_icmp - what an ICMP message lacks after its type and code (formats.md 1.5, 1.6) */
static const char *missing_icmp(const struct body *b, uint32_t got)
{
	static const struct {
		uint8_t proto, type;
		bool native; /* ulogd does not print it */
		uint32_t need;
		const char *expected;
	} rows[] = {
		{ 1, 0, false, GOT_ECHO_ID | GOT_ECHO_SEQ, "ID= SEQ=" },
		{ 1, 8, false, GOT_ECHO_ID | GOT_ECHO_SEQ, "ID= SEQ=" },
		{ 1, 3, true, GOT_QUOTE, "the quoted packet" },
		{ 1, 4, true, GOT_QUOTE, "the quoted packet" },
		{ 1, 5, true, GOT_QUOTE | GOT_GATEWAY, "GATEWAY= and the quoted packet" },
		{ 1, 11, true, GOT_QUOTE, "the quoted packet" },
		{ 58, 1, true, GOT_QUOTE, "the quoted packet" },
		{ 58, 2, true, GOT_QUOTE | GOT_MTU, "the quoted packet and MTU=" },
		{ 58, 3, true, GOT_QUOTE, "the quoted packet" },
		{ 58, 4, true, GOT_QUOTE, "the quoted packet" },
		{ 58, 128, false, GOT_ECHO_ID | GOT_ECHO_SEQ, "ID= SEQ=" },
		{ 58, 129, false, GOT_ECHO_ID | GOT_ECHO_SEQ, "ID= SEQ=" },
	};
	const struct header *h = &b->ev->pkt;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (h->proto == rows[i].proto && h->icmp_type == rows[i].type &&
		    (b->native || !rows[i].native) && (got & rows[i].need) != rows[i].need)
			return rows[i].expected;
	if (h->proto == 1 && h->icmp_type == 3 && h->icmp_code == 4 && b->native &&
	    !(got & GOT_MTU))
		return "MTU=";
	return NULL;
}

/* missing_l4 - what the part after PROTO= lacks, @got aside */
static const char *missing_l4(const struct body *b, uint32_t got)
{
	static const struct {
		uint8_t proto;
		uint32_t need;
		const char *expected;
	} rows[] = {
		{ 1, GOT_TYPE | GOT_CODE, "TYPE= CODE=" },
		{ 6, GOT_SPT | GOT_DPT | GOT_URGP, "the line up to URGP=" },
		{ 17, GOT_SPT | GOT_DPT | GOT_L4LEN, "SPT= DPT= LEN=" },
		{ 50, GOT_SPI, "SPI=" },
		{ 51, GOT_SPI, "SPI=" },
		{ 58, GOT_TYPE | GOT_CODE, "TYPE= CODE=" },
		{ 136, GOT_SPT | GOT_DPT | GOT_L4LEN, "SPT= DPT= LEN=" },
	};
	size_t i;

	got |= b->got[0];
	if (got & GOT_WINDOW && !(got & GOT_RES) && b->ev->pkt.tcp_flags)
		got |= GOT_URGP; /* Proxmox prints no URGP= */
	for (i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].proto == b->ev->pkt.proto && (got & rows[i].need) != rows[i].need)
			return rows[i].expected;
	return missing_icmp(b, got);
}

/* missing - what the line lacks that the input's end may have cut */
static const char *missing(const struct body *b)
{
	const struct header *h = &b->ev->pkt;
	uint32_t got = b->got[0];

	if (b->cut)
		return "the rest of the line";
	if (h->have & HEADER_SHORT)
		return NULL;
	if (h->family == FAMILY_ARP)
		return got & GOT_OPCODE && (!(got & GOT_HTYPE) || got & GOT_DST)
			       ? NULL
			       : "the line up to IPDST=";
	if (!(got & GOT_SRC))
		return b->ethertype ? NULL : "SRC=";
	if (h->have & HEADER_FRAG || got & GOT_ESP)
		return NULL;
	return got & GOT_PROTO ? missing_l4(b, 0) : "PROTO=";
}

/*
 * missing_inside - what a line lacks though it has its line end. Documents leave words out, and
 * put dots or a remark there; a netdev chain prints no quotes.
 */
static const char *missing_inside(const struct body *b)
{
	uint32_t got = b->got[0];

	if (b->elided || !(got & GOT_SRC) || b->ev->pkt.family == FAMILY_ARP)
		return NULL;
	if ((b->ev->pkt.have & (HEADER_SHORT | HEADER_FRAG)) || got & GOT_ESP)
		return NULL;
	if (!(got & GOT_PROTO))
		return "PROTO=";
	return b->native ? missing_l4(b, b->quoted ? 0 : GOT_QUOTE) : NULL;
}

/* what_frame - the family for the event, or FAMILY_NONE if this is no packet at all */
static enum family what_frame(const struct body *b, struct str line)
{
	const struct header *h = &b->ev->pkt;

	if (h->have & HEADER_ADDR || h->have & HEADER_ARP)
		return h->family;
	if (b->got[0] & (GOT_SRC | GOT_DST) || h->family == FAMILY_ARP)
		return FAMILY_NONE;
	if (h->have & HEADER_SHORT)
		return FAMILY_BRIDGE;
	if (b->ethertype)
		return b->ethertype == 0x0800 || b->ethertype == 0x86dd || b->ethertype == 0x0806
			       ? FAMILY_NONE
			       : FAMILY_BRIDGE;
	return str_trim_left(line).n ? FAMILY_NONE : FAMILY_BRIDGE;
}

static int finish(struct body *b, struct str line, bool whole)
{
	const char *expected = NULL;

	conclude(&b->ev->pkt, b->got[0]);
	conclude(&b->ev->quoted, b->got[1]);
	b->ev->family = what_frame(b, line);
	if (!b->ev->family)
		expected = b->ev->pkt.family == FAMILY_ARP ? "OPCODE="
			   : b->got[0] & GOT_SRC	   ? "DST="
							   : "SRC=";
	else
		expected = whole ? missing_inside(b) : missing(b);
	if (!expected)
		return 0;
	body_fault(b, b->rest.p, expected);
	return -EINVAL;
}

int body_parse(struct str rest, bool whole, struct event *ev, struct fault *fault)
{
	struct body b = { .rest = rest, .ev = ev, .h = &ev->pkt, .fault = fault };

	for (;;) {
		scan_blanks(&b.rest);
		if (!b.rest.n)
			break;
		if (!take_next(&b))
			return -EINVAL;
	}
	if (b.quoted)
		b.cut = true;
	return finish(&b, rest, whole);
}
