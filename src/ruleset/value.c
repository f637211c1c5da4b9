/* SPDX-License-Identifier: GPL-2.0-or-later */
/* value.c - what stands on the right of a condition: addresses, numbers, ports, names, lists */
#include "value.h"

#include <arpa/inet.h>
#include <strings.h>

#include "nfhop/names.h"

static const struct addr all_ones = { { 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
					255, 255, 255, 255 } };

struct str str_cut(struct str *s, char at)
{
	const char *p = s->n ? memchr(s->p, at, s->n) : NULL;
	struct str head = *s;

	if (!p) {
		*s = str_skip(*s, s->n);
		return head;
	}
	head = str_between(head.p, p);
	*s = str_skip(*s, head.n + 1);
	return head;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

bool value_number64(struct str s, uint64_t *v)
{
	uint64_t sum = 0;
	uint64_t base = 10;

	if (s.n > 2 && s.p[0] == '0' && (s.p[1] | 0x20) == 'x') {
		base = 16;
		s = str_skip(s, 2);
	}
	if (!s.n)
		return false;
	for (; s.n; s = str_skip(s, 1)) {
		uint64_t digit = (uint64_t)digit_of(*s.p);

		if (digit >= base || sum > (UINT64_MAX - digit) / base)
			return false;
		sum = sum * base + digit;
	}
	*v = sum;
	return true;
}

bool value_number(struct str s, uint32_t *v)
{
	uint64_t wide;

	if (!value_number64(s, &wide) || wide > UINT32_MAX)
		return false;
	*v = (uint32_t)wide;
	return true;
}

bool value_ip(struct str s, struct addr *addr, bool *v6)
{
	char z[INET6_ADDRSTRLEN + 1];
	struct addr mapped = { { [10] = 0xff, [11] = 0xff } };

	if (!s.n || s.n >= sizeof(z))
		return false;
	memcpy(z, s.p, s.n);
	z[s.n] = '\0';
	*v6 = memchr(z, ':', s.n) != NULL;
	if (inet_pton(*v6 ? AF_INET6 : AF_INET, z, *v6 ? mapped.b : mapped.b + 12) != 1)
		return false;
	*addr = mapped;
	return true;
}

static struct addr prefix_mask(uint32_t bits)
{
	struct addr mask = { { 0 } };

	for (uint32_t i = 0; i < bits; i++)
		mask.b[i / 8] |= (uint8_t)(0x80 >> i % 8);
	return mask;
}

static void span_of_mask(struct addr_span *span, struct addr addr, struct addr mask)
{
	span->mask = mask;
	for (size_t i = 0; i < sizeof(addr.b); i++)
		span->lo.b[i] = addr.b[i] & mask.b[i];
	span->hi = span->lo;
}

/* An IPv4 mask that was mapped leaves the twelve bytes in front of it undecided: all count. */
static struct addr widen_mask(struct addr mask, bool v6)
{
	if (!v6)
		memset(mask.b, 0xff, 12);
	return mask;
}

static bool value_prefix(struct str s, struct str mask, struct addr_span *span, bool *v6)
{
	struct addr addr, m;
	uint32_t bits;
	bool m6;

	if (!value_ip(s, &addr, v6)) {
		/* people write 0/0; iptables-save never does */
		if (!str_eq(s, STR("0")) || !str_eq(mask, STR("0")) ||
		    !value_ip(STR("0.0.0.0"), &addr, v6))
			return false;
	}
	if (value_number(mask, &bits)) {
		if (bits > (*v6 ? 128u : 32u))
			return false;
		m = prefix_mask(*v6 ? bits : bits + 96);
	} else if (!value_ip(mask, &m, &m6) || m6 != *v6) {
		return false;
	}
	span_of_mask(span, addr, widen_mask(m, *v6));
	return true;
}

bool value_addrs(struct str s, struct addr_span *span, bool *v6)
{
	struct str rest = s;
	struct str head = str_cut(&rest, '/');
	bool v6_hi;

	if (head.n < s.n)
		return value_prefix(head, rest, span, v6);
	rest = s;
	head = str_cut(&rest, '-');
	span->mask = all_ones;
	if (!value_ip(head, &span->lo, v6))
		return false;
	span->hi = span->lo;
	return head.n == s.n || (value_ip(rest, &span->hi, &v6_hi) && v6_hi == *v6);
}

bool value_addr_masked(struct str mask, struct str s, struct addr_span *span)
{
	struct addr m, addr;
	bool m6, v6;

	if (!value_ip(mask, &m, &m6) || !value_ip(s, &addr, &v6) || m6 != v6)
		return false;
	/* not masked: an address outside of its mask never fits, and that is what the rule says */
	span->mask = widen_mask(m, m6);
	span->lo = addr;
	span->hi = addr;
	return true;
}

static bool value_port(struct str s, uint32_t *port)
{
	return (value_number(s, port) && *port <= UINT16_MAX) || names_service(s, port);
}

bool value_ports(struct str s, char between, struct num_span *span)
{
	struct str rest = s;
	struct str head;

	*span = (struct num_span){ UINT32_MAX, 0, UINT16_MAX };
	/* names may contain the dash that nft puts between ends: the whole word goes first */
	if (value_port(s, &span->lo)) {
		span->hi = span->lo;
		return true;
	}
	head = str_cut(&rest, between);
	if (!s.n || head.n == s.n)
		return false;
	return (!head.n || value_port(head, &span->lo)) && (!rest.n || value_port(rest, &span->hi));
}

bool value_proto(struct str s, uint32_t *proto)
{
	return (value_number(s, proto) && *proto <= 255) || names_protocol(s, proto);
}

bool value_icmp(struct str s, bool v6, struct num_span *span)
{
	struct str rest = s;
	struct str head = str_cut(&rest, '/');
	uint32_t code = 0;

	span->mask = head.n < s.n ? 0xffff : 0xff00;
	if (str_eq(s, STR("any"))) {
		*span = (struct num_span){ 0, 0, 0 };
		return true;
	}
	if (value_number(head, &span->lo) && span->lo <= 255 &&
	    (head.n == s.n || (value_number(rest, &code) && code <= 255)))
		span->lo = span->lo << 8 | code;
	else if (!names_icmp(s, v6, &span->lo, &span->mask))
		return false;
	span->hi = span->lo;
	return true;
}

bool value_tcp_flags(struct str s, uint32_t *flags)
{
	uint32_t sum = 0;
	uint32_t one;

	if (s.n > 1 && s.p[0] == '(' && s.p[s.n - 1] == ')')
		s = str_first(str_skip(s, 1), s.n - 2);
	if (!s.n)
		return false;
	while (s.n) {
		struct str rest = s;
		struct str word = str_cut(&rest, '|');
		struct str at = s;
		struct str by_comma = str_cut(&at, ',');

		s = by_comma.n < word.n ? at : rest;
		word = str_trim_left(str_trim_right(by_comma.n < word.n ? by_comma : word));
		if (!names_tcp_flag(word, &one) && !(value_number(word, &one) && one <= 0x1ff))
			return false;
		sum |= one;
	}
	*flags = sum;
	return true;
}

bool value_mark(struct str s, struct num_span *span)
{
	struct str rest = s;
	struct str head = str_cut(&rest, '/');

	span->mask = UINT32_MAX;
	if (!value_number(head, &span->lo) || (head.n < s.n && !value_number(rest, &span->mask)))
		return false;
	span->hi = span->lo;
	return true;
}

static const struct {
	const char *name;
	enum ct_state state;
} ct_states[] = {
	{ "new", CT_NEW },	   { "established", CT_ESTABLISHED }, { "related", CT_RELATED },
	{ "invalid", CT_INVALID }, { "untracked", CT_UNTRACKED },
};

const char *ct_state_name(enum ct_state state)
{
	for (size_t i = 0; i < sizeof(ct_states) / sizeof(*ct_states); i++)
		if (ct_states[i].state == state)
			return ct_states[i].name;
	return NULL;
}

static bool ct_state(struct str word, uint32_t *states)
{
	for (size_t i = 0; i < sizeof(ct_states) / sizeof(*ct_states); i++) {
		if (word.n != strlen(ct_states[i].name) ||
		    strncasecmp(word.p, ct_states[i].name, word.n) != 0)
			continue;
		*states |= ct_states[i].state;
		return true;
	}
	return false;
}

bool value_ct_states(struct str s, uint32_t *states)
{
	*states = 0;
	while (s.n) {
		struct str word = str_trim_left(str_trim_right(str_cut(&s, ',')));

		if (!ct_state(word, states))
			return false;
	}
	return *states != 0;
}
