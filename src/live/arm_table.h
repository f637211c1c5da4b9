/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arm_table.h - the table that makes the kernel trace, as messages to the kernel */
#ifndef NFHOP_LIVE_ARM_TABLE_H
#define NFHOP_LIVE_ARM_TABLE_H

#include "nfhop/arm.h"
#include "terms.h"

struct mnl_socket;
struct nftnl_obj;

#define ARM_MESSAGES ((size_t)1 << 20) /* bytes of one transaction */

#define ARM_ASKED  "asked"  /* counts what the filter lets through, */
#define ARM_TRACED "traced" /* and what the limit does */

/* struct arm - @seq: number of the last message */
struct arm {
	struct mnl_socket *nl;
	char table[32];
	uint32_t seq;
};

/**
 * arm_table_send - make the table, or give it other rules
 * @fresh: it is new
 * Return: 0, or -errno: the kernel took nothing of it
 */
int arm_table_send(struct arm *arm, const struct arm_want *want, const struct terms *terms,
		   bool fresh);

/* arm_object - an object of the table, to ask for it; nftnl_obj_free() it. Return: NULL: no memory
 */
struct nftnl_obj *arm_object(const struct arm *arm, uint32_t type, const char *name);

#endif
