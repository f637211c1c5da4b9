/* SPDX-License-Identifier: GPL-2.0-or-later */
/* own.h - the table by which nfhop itself makes the kernel trace */
#ifndef NFHOP_OWN_H
#define NFHOP_OWN_H

#include "nfhop/words.h"

/* What its table is called in the model; the kernel has it with the number of the process behind.
 */
#define OWN_TABLE  "nfhop"
#define OWN_FAMILY FAMILY_INET

/* is_own_table - it says how a capture was made, nothing of the rule set (nfhop/arm.h) */
static inline bool is_own_table(enum family family, struct str table)
{
	return family == OWN_FAMILY && str_eq(table, STR(OWN_TABLE));
}

#endif
