// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * packet.c - finds the packet in a kernel text: prefix, devices, and where the body begins
 *
 * The prefix is free text: it may be glued to IN=, may hold IN= and SRC= itself, even a whole
 * forged line. What the kernel writes after the device part cannot hold " OUT=", so the last
 * one in the text is the kernel's own (formats.md 1.2).
 */
#include "packet.h"

#include <errno.h>

#include "body.h"
#include "scan.h"

/* struct devices - what stands between prefix and body */
struct devices {
	struct str prefix, in, out, physin, rest;
};

static struct str token_before(struct str s)
{
	struct str left = str_trim_right(s);
	size_t n = left.n;

	while (n && !is_blank(left.p[n - 1]))
		n--;
	return str_skip(left, n);
}

/* last_in - offset of the last IN= in one token that is not the end of PHYSIN=, else its size */
static size_t last_in(struct str token)
{
	size_t at;

	for (at = token.n; at-- > 0;) {
		if (!str_starts(str_skip(token, at), STR("IN=")))
			continue;
		if (!str_ends(str_first(token, at), STR("PHYS")))
			return at;
	}
	return token.n;
}

/* take_in - the IN= part in front of the OUT= at @at; 2.4 kernels have PHYSIN= between them */
static bool take_in(struct str text, size_t at, struct devices *dev)
{
	struct str token = token_before(str_first(text, at));
	size_t in;

	if (str_starts(token, STR("PHYSIN="))) {
		dev->physin = str_skip(token, 7);
		token = token_before(str_between(text.p, token.p));
	}
	in = last_in(token);
	if (in == token.n)
		return false;
	dev->in = str_skip(token, in + 3);
	dev->prefix = str_between(text.p, token.p + in);
	return true;
}

/* find_out - the OUT= that ends @text's last device part; Return: false if there is none */
static bool find_out(struct str text, size_t *at)
{
	const char *p = text.p + text.n;

	while (p > text.p && (p = memrchr(text.p, '=', (size_t)(p - text.p)))) {
		if (p - text.p < 4 || memcmp(p - 3, "OUT", 3) || !is_blank(p[-4]))
			continue;
		*at = (size_t)(p - 3 - text.p);
		return true;
	}
	return false;
}

static bool find_devices(struct str text, struct devices *dev)
{
	struct str before = text;
	size_t at;

	while (find_out(before, &at)) {
		*dev = (struct devices){ .physin = { text.p, 0 } };
		if (take_in(text, at, dev)) {
			dev->rest = str_skip(text, at + 4);
			dev->out = (struct str){ dev->rest.p, 0 };
			if (dev->rest.n && !is_blank(*dev->rest.p))
				dev->out = scan_token(&dev->rest);
			return true;
		}
		before = str_first(text, at);
	}
	return false;
}

/* last_colon - Return: where the last ':' of @s stands, or s.n */
static size_t last_colon(struct str s)
{
	size_t at = s.n;

	while (at-- > 0)
		if (s.p[at] == ':')
			return at;
	return s.n;
}

/* trace_words - "table:chain:type:num", where the chain may hold ':' and '=' (formats.md 2.2) */
static bool trace_words(struct str words, struct event *ev)
{
	static const struct {
		struct str type;
		enum hop_kind kind;
	} types[] = {
		{ { "rule", 4 }, HOP_RULE },
		{ { "return", 6 }, HOP_RETURN },
		{ { "policy", 6 }, HOP_POLICY },
	};
	size_t first = str_find(words, STR(":")), num = last_colon(words);
	size_t type = last_colon(str_first(words, num));
	struct str digits = str_skip(words, num + 1), name;
	uint64_t n;
	size_t i;

	if (!first || type >= num || type <= first + 1 || !scan_dec(&digits, 9, &n) || digits.n)
		return false;
	name = str_skip(str_first(words, num), type + 1);
	for (i = 0; i < sizeof(types) / sizeof(*types); i++) {
		if (!str_eq(types[i].type, name))
			continue;
		ev->hop = types[i].kind;
		ev->number = (uint32_t)n;
		ev->have |= EVENT_NUMBER;
		ev->table = str_first(words, first);
		ev->chain = str_skip(str_first(words, type), first + 1);
		return true;
	}
	return false;
}

static bool has_blank(struct str s)
{
	return s.n && (memchr(s.p, ' ', s.n) || memchr(s.p, '\t', s.n));
}

/*
 * Conntrack says itself why a packet is INVALID (formats.md 1.10): nf_ct_proto_N since 4.19,
 * nf_ct_NAME before. Helpers (nf_ct_ftp ...) use the same form for other complaints.
 */
static bool is_ct_invalid(struct str prefix)
{
	static const char *const names[] = { "tcp",    "udp",  "udplite", "icmp",
					     "icmpv6", "dccp", "sctp" };
	uint64_t proto;
	size_t i;

	if (!scan_word(&prefix, STR("nf_ct_")))
		return false;
	if (scan_word(&prefix, STR("proto_")))
		return scan_dec(&prefix, 3, &proto) && str_starts(prefix, STR(":"));
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct str name = str_from(names[i]);

		if (str_starts(prefix, name) && str_starts(str_skip(prefix, name.n), STR(":")))
			return true;
	}
	return false;
}

void packet_prefix(struct str prefix, struct event *ev)
{
	struct str words = prefix = str_trim_right(prefix);

	if (scan_word(&words, STR("TRACE: ")) && !has_blank(words) && trace_words(words, ev))
		return;
	ev->hop = HOP_LOG;
	ev->prefix = prefix;
	if (is_ct_invalid(prefix))
		ev->have |= EVENT_CT_INVALID;
}

static int torn(struct fault *fault, const char *at, const char *expected)
{
	fault->at = at;
	fault->expected = expected;
	return -EINVAL;
}

/*
 * no_devices - tell a packet line that lost its front or its end from other people's words; what
 * ends in IN= may be either, so it is broken, and no hop that is missing
 */
static int no_devices(struct str text, bool kernel, bool whole, struct event *ev,
		      struct fault *fault)
{
	static const struct str out = { "OUT=", 4 };
	struct str last = str_trim_right(text);
	struct str token = token_before(last);

	if (str_starts(text, STR("TRACE: ")) && (!whole || str_has(text, STR("IN=")))) {
		ev->kind = EVENT_HOP;
		return torn(fault, last.p + last.n, "IN= and OUT=");
	}
	if (!kernel)
		return -ENOENT;
	if (str_has(text, STR("PROTO="))) {
		ev->kind = EVENT_HOP;
		return torn(fault, text.p, "IN=");
	}
	if (token.n < 4 && str_starts(out, token))
		token = token_before(str_between(text.p, token.p));
	if (last_in(token) < token.n)
		return torn(fault, last.p + last.n, "OUT=");
	return -ENOENT;
}

/* is_packet - some word of a body follows the devices; else they may be a shell's variables */
static bool is_packet(struct str rest)
{
	static const char *const words[] = { "SRC=", "MAC", "ARP ", "PHYS", "TRUNCATED" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (str_has(rest, str_from(words[i])))
			return true;
	return false;
}

/* table_family - a TRACE line is of an IP table even if the packet was too short to tell which */
static enum family table_family(const struct event *ev)
{
	if (ev->hop != HOP_LOG && ev->family == FAMILY_BRIDGE)
		return FAMILY_IP;
	return ev->family;
}

int packet_decode(struct str text, bool kernel, bool whole, struct event *ev, struct fault *fault)
{
	struct devices dev;
	int err;

	kernel |= str_starts(text, STR("TRACE: "));
	if (!find_devices(text, &dev))
		return no_devices(text, kernel, whole, ev, fault);
	if (!kernel && !is_packet(dev.rest))
		return -ENOENT;
	ev->kind = EVENT_HOP;
	ev->have |= EVENT_IN;
	packet_prefix(dev.prefix, ev);
	ev->iif = dev.in;
	ev->oif = dev.out;
	ev->physin = dev.physin;
	if (str_starts(str_trim_left(dev.rest), STR("MAC source")))
		err = ebt_parse(dev.rest, whole, ev, fault);
	else
		err = body_parse(dev.rest, whole, ev, fault);
	ev->family = table_family(ev);
	return err;
}
