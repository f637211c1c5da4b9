/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lit.h - a struct str in a table */
#ifndef NFHOP_RULESET_LIT_H
#define NFHOP_RULESET_LIT_H

#include "nfhop/str.h"

/* STR() cannot stand in a static table in front of C23; this can. */
#define S(literal)                                                                                 \
	{                                                                                          \
		literal, sizeof(literal) - 1                                                       \
	}

#endif
