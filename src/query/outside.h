/* SPDX-License-Identifier: GPL-2.0-or-later */
/* outside.h - packets that a filter leaves out */
#ifndef NFHOP_QUERY_OUTSIDE_H
#define NFHOP_QUERY_OUTSIDE_H

#include "nfhop/query.h"

/**
 * outside - is it plain that no packet of @a is one of @b?
 * Told by protocols, ports, families and input devices alone.
 */
bool outside(const struct query_node *a, const struct query_node *b);

#endif
