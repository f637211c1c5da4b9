/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nat.c - reads what address translation translates to */
#include "nat.h"

#include "value.h"

bool nat_parse_ports(struct str s, struct nat_target *nat)
{
	struct num_span span;

	/* DNAT --to-destination 10.0.0.1:80-90/100: the third number shifts, it is no limit */
	s = str_cut(&s, '/');
	if (!value_ports(s, '-', &span))
		return false;
	nat->have |= NAT_TARGET_PORT;
	nat->port[0] = (uint16_t)span.lo;
	nat->port[1] = (uint16_t)span.hi;
	return true;
}

/* Where the port begins: after the last `]:`, or after a colon if there is only one. */
static size_t address_end(struct str s)
{
	const char *colon = s.n ? memrchr(s.p, ':', s.n) : NULL;

	if (!colon)
		return s.n;
	if (colon > s.p && colon[-1] == ']')
		return (size_t)(colon - s.p);
	return memchr(s.p, ':', s.n) == colon ? (size_t)(colon - s.p) : s.n;
}

static struct str without_brackets(struct str s)
{
	if (s.n > 1 && s.p[0] == '[' && s.p[s.n - 1] == ']')
		return str_first(str_skip(s, 1), s.n - 2);
	return s;
}

static bool parse_addresses(struct str s, struct nat_target *nat)
{
	struct str rest = s;
	struct str first = str_cut(&rest, '-');
	bool v6[2];

	if (!value_ip(without_brackets(first), &nat->addr[0], &v6[0]))
		return false;
	nat->addr[1] = nat->addr[0];
	nat->have |= NAT_TARGET_ADDR;
	return first.n == s.n ||
	       (value_ip(without_brackets(rest), &nat->addr[1], &v6[1]) && v6[0] == v6[1]);
}

bool nat_parse(struct str s, struct nat_target *nat)
{
	size_t end = address_end(s);
	struct nat_target copy = *nat;

	if (!s.n || (end && !parse_addresses(str_first(s, end), &copy)))
		return false;
	if (end < s.n && !nat_parse_ports(str_skip(s, end + 1), &copy))
		return false;
	*nat = copy;
	return true;
}
