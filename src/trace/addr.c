/* SPDX-License-Identifier: GPL-2.0-or-later */
/* addr.c - addresses as text */
#include "nfhop/addr.h"

#include <stdio.h>

bool addr_is_ip4(const struct addr *addr)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(addr->b, mapped, sizeof(mapped));
}

struct addr addr_loopback(bool ip4)
{
	if (ip4)
		return (struct addr){ { [10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1 } };
	return (struct addr){ { [15] = 1 } };
}

bool addr_is_loopback(const struct addr *addr)
{
	const struct addr one = addr_loopback(false);

	return !memcmp(addr, &one, sizeof(one)) || (addr_is_ip4(addr) && addr->b[12] == 127);
}

static unsigned int group(const struct addr *addr, unsigned int i)
{
	return (unsigned int)addr->b[2 * i] << 8 | addr->b[2 * i + 1];
}

/* The first longest run of at least two zero groups (RFC 5952 4.2); Return: its length */
static unsigned int zero_run(const struct addr *addr, unsigned int *at)
{
	unsigned int best = 1;

	for (unsigned int i = 0; i < 8; i++) {
		unsigned int n = 0;

		while (i + n < 8 && !group(addr, i + n))
			n++;
		if (n > best) {
			best = n;
			*at = i;
		}
	}
	return best > 1 ? best : 0;
}

/* Not inet_ntop(): glibc writes ::1:2 as ::0.1.0.2, which RFC 5952 section 5 does not allow. */
static size_t put_ip6(char *p, const struct addr *addr)
{
	unsigned int at = 8, run = zero_run(addr, &at);
	const size_t room = sizeof(struct addr_text);
	size_t n = 0;

	for (unsigned int i = 0; i < 8; i++) {
		if (run && i == at) {
			n += (size_t)snprintf(p + n, room - n, "::");
			i += run - 1;
		} else {
			n += (size_t)snprintf(p + n, room - n, "%s%x",
					      i && i != at + run ? ":" : "", group(addr, i));
		}
	}
	return n;
}

size_t addr_put(char *p, const struct addr *addr)
{
	char *start = p;

	if (!addr_is_ip4(addr))
		return put_ip6(p, addr);
	for (unsigned int i = 12; i < 16; i++) {
		unsigned int part = addr->b[i];

		if (part >= 100)
			*p++ = (char)('0' + part / 100);
		if (part >= 10)
			*p++ = (char)('0' + part / 10 % 10);
		*p++ = (char)('0' + part % 10);
		if (i < 15)
			*p++ = '.';
	}
	return (size_t)(p - start);
}

struct addr_text addr_text(const struct addr *addr)
{
	struct addr_text text;

	text.s[addr_put(text.s, addr)] = '\0';
	return text;
}
