/* SPDX-License-Identifier: GPL-2.0-or-later */
/* edge.h - memory that ends at a forbidden page, so that a read behind the input is a crash */
#ifndef NFHOP_TESTS_EDGE_H
#define NFHOP_TESTS_EDGE_H

#include "nfhop/str.h"

#define EDGE_ROOM (1u << 16)

/* map_edge - a group's setup for cmocka; must come before at_edge() */
int map_edge(void **state);

/* at_edge - Return: a copy of @s, of EDGE_ROOM bytes at most, that ends at the page; the next
 * call overwrites it */
struct str at_edge(struct str s);

#endif
