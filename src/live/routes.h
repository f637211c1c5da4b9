/* SPDX-License-Identifier: GPL-2.0-or-later */
/* routes.h - addresses, routes and rules of this host, as sections of evidence */
#ifndef NFHOP_LIVE_ROUTES_H
#define NFHOP_LIVE_ROUTES_H

#include <stdio.h>

/* routes_write - the sections [addr], [route] and [rule]; what the kernel refuses is left out */
void routes_write(FILE *out);

#endif
