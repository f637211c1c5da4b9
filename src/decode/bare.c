// SPDX-License-Identifier: GPL-2.0-or-later
/* bare.c - the words of a packet line that have no '=' (formats.md 1.5, 1.6, 1.8) */
#include "fields.h"
#include "scan.h"

/* take_flag - a bit of header.have: its number is in key->got */
static bool take_flag(struct body *b, const struct key *key)
{
	b->h->have |= key->got;
	return true;
}

static bool take_tcp_flag(struct body *b, const struct key *key)
{
	b->h->tcp_flags |= (uint16_t)key->got;
	return true;
}

static bool take_arp(struct body *b, const struct key *key)
{
	(void)key;
	b->h->family = FAMILY_ARP;
	return true;
}

/* take_incomplete - "INCOMPLETE [8 bytes]"; without the bracket it is IPv6's "more fragments" */
static bool take_incomplete(struct body *b, const struct key *key)
{
	struct str rest = str_trim_left(b->rest);
	const char *end;

	(void)key;
	if (!rest.n || *rest.p != '[') {
		b->cut = !rest.n;
		b->h->have |= HEADER_MF;
		return true;
	}
	end = memchr(rest.p, ']', rest.n);
	b->h->have |= HEADER_SHORT;
	b->cut = !end;
	b->rest = end ? str_skip(rest, (size_t)(end + 1 - rest.p)) : str_skip(rest, rest.n);
	return true;
}

/* take_opt - IPv6 extension headers are read like the rest; option bytes are skipped */
static bool take_opt(struct body *b, const struct key *key)
{
	struct str rest = str_trim_left(b->rest);
	bool extension = b->h->family == FAMILY_IP6 && !(b->got[b->quoted] & GOT_PROTO);
	const char *end;

	(void)key;
	if (!rest.n || *rest.p != '(') {
		b->cut = !rest.n;
		return true;
	}
	end = memchr(rest.p, ')', rest.n);
	if (str_starts(rest, STR("(TRUNCATED")))
		b->h->have |= HEADER_SHORT;
	if (end && extension)
		b->rest = str_skip(rest, 1);
	else if (end)
		b->rest = str_skip(rest, (size_t)(end + 1 - rest.p));
	else
		b->rest = str_skip(rest, rest.n);
	b->cut = !end;
	return true;
}

/* take_frag - IPv4 counts fragments in units of 8 bytes, IPv6 in bytes */
static bool take_frag(struct body *b, const struct key *key)
{
	const char *at = b->rest.p;
	uint64_t value = 0;

	(void)key;
	if (!scan_char(&b->rest, ':') || !scan_dec(&b->rest, 5, &value)) {
		b->cut = !b->rest.n;
		return b->cut || body_fault(b, at, "a fragment offset");
	}
	b->h->frag = (uint32_t)(b->h->family == FAMILY_IP6 ? value : value * 8);
	if (value)
		b->h->have |= HEADER_FRAG;
	return true;
}

static bool take_frag_id(struct body *b, const struct key *key)
{
	const char *at = b->rest.p;
	uint64_t value;

	(void)key;
	if (!scan_char(&b->rest, ':') || !scan_hex(&b->rest, &value) || value > UINT32_MAX) {
		b->cut = !b->rest.n;
		return b->cut || body_fault(b, at, "a fragment id");
	}
	b->h->frag_id = (uint32_t)value;
	b->h->have |= HEADER_FRAG_ID;
	return true;
}

/* take_extension - AH is followed by the real protocol, ESP by nothing (formats.md 1.6) */
static bool take_extension(struct body *b, const struct key *key)
{
	b->h->proto = (uint8_t)key->max;
	b->got[b->quoted] |= GOT_PROTO | key->got;
	return true;
}

/* take_unknown - "Unknown Ext Hdr 99" ends the line */
static bool take_unknown(struct body *b, const struct key *key)
{
	b->got[b->quoted] |= key->got;
	b->rest = str_skip(b->rest, b->rest.n);
	return true;
}

#define NAME(z)                                                                                    \
	{                                                                                          \
		z, sizeof(z) - 1                                                                   \
	}
#define WORD(z, take, bits)                                                                        \
	{                                                                                          \
		NAME(z), take, 0, 0, 0, bits                                                       \
	}

/* clang-format off */
static const struct key words[] = {
	WORD("DF", take_flag, HEADER_DF),
	WORD("ACK", take_tcp_flag, TCP_ACK),
	WORD("SYN", take_tcp_flag, TCP_SYN),
	WORD("FIN", take_tcp_flag, TCP_FIN),
	WORD("RST", take_tcp_flag, TCP_RST),
	WORD("PSH", take_tcp_flag, TCP_PSH),
	WORD("URG", take_tcp_flag, TCP_URG),
	WORD("ECE", take_tcp_flag, TCP_ECE),
	WORD("CWR", take_tcp_flag, TCP_CWR),
	WORD("AE", take_tcp_flag, TCP_AE),
	WORD("OPT", take_opt, 0),
	WORD("MF", take_flag, HEADER_MF),
	WORD("CE", take_flag, HEADER_CE),
	WORD("FRAG", take_frag, 0),
	WORD("ID", take_frag_id, 0),
	WORD("ARP", take_arp, 0),
	WORD("INCOMPLETE", take_incomplete, 0),
	WORD("TRUNCATED", take_flag, HEADER_SHORT),
	{ NAME("AH"), take_extension, 51, 0, 0, 0 },
	{ NAME("ESP"), take_extension, 50, 0, 0, GOT_ESP },
	WORD("Unknown", take_unknown, GOT_ESP),
};
/* clang-format on */

const struct key *find_word(struct str name)
{
	size_t i;

	if (!name.n)
		return NULL;
	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (words[i].name.n == name.n && *words[i].name.p == *name.p &&
		    str_eq(words[i].name, name))
			return &words[i];
	return NULL;
}
