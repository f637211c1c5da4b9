// SPDX-License-Identifier: GPL-2.0-or-later
/* routes_none.c - routes cannot be asked for: built without the netlink libraries */
#include "routes.h"

void routes_write(FILE *out)
{
	(void)out;
}
