// SPDX-License-Identifier: GPL-2.0-or-later
/* scan.c - reading words, numbers and addresses off the front of a str */
#include "scan.h"

int hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool scan_blanks(struct str *s)
{
	struct str rest = str_trim_left(*s);
	bool any = rest.n != s->n;

	*s = rest;
	return any;
}

unsigned int scan_dec(struct str *s, unsigned int digits, uint64_t *value)
{
	uint64_t v = 0;
	unsigned int n = 0;

	while (n < digits && n < s->n && is_digit(s->p[n]))
		v = v * 10 + (uint64_t)(s->p[n++] - '0');
	if (n) {
		*value = v;
		*s = str_skip(*s, n);
	}
	return n;
}

unsigned int scan_hex(struct str *s, uint64_t *value)
{
	struct str rest = *s;
	uint64_t v = 0;
	unsigned int n = 0;

	if (str_starts(rest, STR("0x")) || str_starts(rest, STR("0X")))
		rest = str_skip(rest, 2);
	while (n < 16 && n < rest.n && hex_value(rest.p[n]) >= 0)
		v = v << 4 | (uint64_t)hex_value(rest.p[n++]);
	if (n) {
		*value = v;
		*s = str_skip(rest, n);
	}
	return n;
}

unsigned int scan_fraction(struct str *s, uint32_t *ns)
{
	uint32_t v = 0;
	unsigned int n = 0, digits;

	while (n < s->n && is_digit(s->p[n])) {
		if (n < 9)
			v = v * 10 + (uint32_t)(s->p[n] - '0');
		n++;
	}
	digits = n;
	while (n && n < 9) {
		v *= 10;
		n++;
	}
	*ns = v;
	*s = str_skip(*s, digits);
	return digits < 9 ? digits : 9;
}

struct str scan_token(struct str *s)
{
	struct str rest = str_trim_left(*s);
	size_t n = 0;

	while (n < rest.n && !is_blank(rest.p[n]))
		n++;
	*s = str_skip(rest, n);
	return str_first(rest, n);
}

static bool scan_ip4(struct str *s, uint8_t out[4])
{
	struct str rest = *s;
	uint8_t read[4];
	uint64_t part;
	int i;

	for (i = 0; i < 4; i++) {
		if (i && !scan_char(&rest, '.'))
			return false;
		if (!scan_dec(&rest, 3, &part) || part > 255)
			return false;
		read[i] = (uint8_t)part;
	}
	if (rest.n && is_digit(*rest.p))
		return false;
	memcpy(out, read, sizeof(read));
	*s = rest;
	return true;
}

/* struct groups - the 16-bit groups of an IPv6 address, and where :: stood (-1: nowhere) */
struct groups {
	uint8_t b[16];
	int n, gap;
};

static bool scan_group(struct str *s, struct groups *g)
{
	unsigned int v = 0, n = 0;

	while (n < 5 && n < s->n && hex_value(s->p[n]) >= 0)
		v = v << 4 | (unsigned int)hex_value(s->p[n++]);
	if (!n || n > 4)
		return false;
	g->b[g->n++] = (uint8_t)(v >> 8);
	g->b[g->n++] = (uint8_t)v;
	*s = str_skip(*s, n);
	return true;
}

static bool scan_groups(struct str *s, struct groups *g)
{
	while (g->n < 16) {
		if (g->n <= 12 && (g->n == 12 || g->gap >= 0) && scan_ip4(s, g->b + g->n)) {
			g->n += 4;
			return true;
		}
		if (!scan_group(s, g))
			return g->gap == g->n; /* nothing after :: is fine */
		if (g->n == 16 || !s->n || *s->p != ':')
			return true;
		if (s->n > 1 && s->p[1] == ':') {
			if (g->gap >= 0)
				return false;
			g->gap = g->n;
			*s = str_skip(*s, 2);
		} else {
			*s = str_skip(*s, 1);
		}
	}
	return true;
}

static bool scan_ip6(struct str *s, uint8_t out[16])
{
	struct groups g = { .gap = -1 };
	struct str rest = *s;
	int tail;

	if (scan_word(&rest, STR("::")))
		g.gap = 0;
	if (!scan_groups(&rest, &g) || (g.gap < 0) != (g.n == 16))
		return false;
	if (g.gap >= 0) {
		tail = g.n - g.gap;
		memset(out, 0, 16);
		memcpy(out, g.b, (size_t)g.gap);
		memcpy(out + 16 - tail, g.b + g.gap, (size_t)tail);
	} else {
		memcpy(out, g.b, 16);
	}
	*s = rest;
	return true;
}

enum family scan_addr(struct str *s, struct addr *addr)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (scan_ip4(s, addr->b + 12)) {
		memcpy(addr->b, mapped, sizeof(mapped));
		return FAMILY_IP;
	}
	return scan_ip6(s, addr->b) ? FAMILY_IP6 : FAMILY_NONE;
}
