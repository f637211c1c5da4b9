// SPDX-License-Identifier: GPL-2.0-or-later
/* look_none.c - the packet filters cannot be asked: built without the netlink libraries */
#include "look.h"

#include <errno.h>

#include "nfhop/arm.h"

void look_nft(struct look *look)
{
	look->err = -ENOSYS;
}

void look_legacy(struct look *look, unsigned int family, struct str names)
{
	(void)family;
	(void)names;
	look->err = -ENOSYS;
}

void arm_unreached(char *names, size_t n)
{
	if (n)
		*names = '\0';
}
