/* SPDX-License-Identifier: GPL-2.0-or-later */
/* absent.h - places that a filter names and the rule set does not have */
#ifndef NFHOP_QUERY_ABSENT_H
#define NFHOP_QUERY_ABSENT_H

#include "nfhop/query.h"

/* enum absence - of tables only if there is one of nearly that name: it may be another backend's */
enum absence {
	ABSENT_NOTHING,
	ABSENT_TABLE,
	ABSENT_PLACE,
};

/**
 * absent_of - the first place below @node that @rules do not have
 * @buf: receives a sentence without its stop, if there is one
 */
enum absence absent_of(const struct ruleset *rules, const struct query_node *node, char *buf,
		       size_t n);

#endif
