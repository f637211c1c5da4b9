/* SPDX-License-Identifier: GPL-2.0-or-later */
/* absent.h - places that a filter names and of which nothing knows */
#ifndef NFHOP_QUERY_ABSENT_H
#define NFHOP_QUERY_ABSENT_H

#include "nfhop/query.h"

enum absence {
	ABSENT_NOTHING,
	ABSENT_UNKNOWN, /* no rule set lists its table: it may be there, and nobody came there */
	ABSENT_PLACE,	/* the rule set lists the table, and does not have it */
};

/**
 * struct absent - what a filter names in vain
 * @is: of its first place that nothing knows
 * @decides: the filter as a whole hangs on such places; not if an `or` has another side
 */
struct absent {
	enum absence is;
	bool decides;
};

/**
 * absent_of - are there places below @node that nothing knows?
 * @rules: those that fit the trace, or NULL
 * @buf: receives a sentence without its stop of the first such place
 */
struct absent absent_of(const struct model *model, const struct ruleset *rules,
			const struct query_node *node, char *buf, size_t n);

#endif
