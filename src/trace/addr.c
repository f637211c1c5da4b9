/* SPDX-License-Identifier: GPL-2.0-or-later */
/* addr.c - addresses as text */
#include "nfhop/addr.h"

#include <stdio.h>

bool addr_is_ip4(const struct addr *addr)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	return !memcmp(addr->b, mapped, sizeof(mapped));
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
static struct addr_text ip6_text(const struct addr *addr)
{
	struct addr_text text;
	unsigned int at = 8, run = zero_run(addr, &at);
	int n = 0;

	for (unsigned int i = 0; i < 8; i++) {
		if (run && i == at) {
			n += snprintf(text.s + n, sizeof(text.s) - (size_t)n, "::");
			i += run - 1;
		} else {
			n += snprintf(text.s + n, sizeof(text.s) - (size_t)n, "%s%x",
				      i && i != at + run ? ":" : "", group(addr, i));
		}
	}
	return text;
}

struct addr_text addr_text(const struct addr *addr)
{
	struct addr_text text;
	char *p = text.s;

	if (!addr_is_ip4(addr))
		return ip6_text(addr);
	for (unsigned int i = 12; i < 16; i++) {
		unsigned int part = addr->b[i];

		if (part >= 100)
			*p++ = (char)('0' + part / 100);
		if (part >= 10)
			*p++ = (char)('0' + part / 10 % 10);
		*p++ = (char)('0' + part % 10);
		*p++ = i < 15 ? '.' : '\0';
	}
	return text;
}
