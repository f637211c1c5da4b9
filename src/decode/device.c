// SPDX-License-Identifier: GPL-2.0-or-later
/* device.c - names of devices that a message has by number */
#include "device.h"

#include <stdio.h>

struct str device_name(const char name[16], uint32_t number, struct scratch *scratch)
{
	char *at = scratch->buf + scratch->used;
	size_t room = scratch->cap - scratch->used, n = strnlen(name, 16);
	char numbered[16];

	if (!n) {
		n = (size_t)snprintf(numbered, sizeof(numbered), "if%u", number);
		name = numbered;
	}
	if (n > room)
		return (struct str){ NULL, 0 };
	memcpy(at, name, n);
	scratch->used += n;
	return (struct str){ at, n };
}
