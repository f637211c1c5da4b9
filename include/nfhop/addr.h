/* SPDX-License-Identifier: GPL-2.0-or-later */
/* addr.h - addresses as text */
#ifndef NFHOP_ADDR_H
#define NFHOP_ADDR_H

#include "nfhop/event.h"

/* struct addr_text - a short text by value, terminated */
struct addr_text {
	char s[48];
};

/* addr_is_ip4 - true if it is a mapped IPv4 address */
bool addr_is_ip4(const struct addr *addr);

/* addr_loopback - 127.0.0.1 or ::1; addr_is_loopback - ::1, or within 127.0.0.0/8 */
struct addr addr_loopback(bool ip4);
bool addr_is_loopback(const struct addr *addr);

/* addr_text - IPv6 as RFC 5952 wants it, mapped IPv4 as a dotted quad */
struct addr_text addr_text(const struct addr *addr);
/* addr_put - the same to @p, not terminated, where sizeof(struct addr_text) bytes have room
 * Return: how many bytes it took */
size_t addr_put(char *p, const struct addr *addr);

#endif
