/* SPDX-License-Identifier: GPL-2.0-or-later */
/* vmap.h - what a verdict map does with a packet */
#ifndef NFHOP_RULESET_VMAP_H
#define NFHOP_RULESET_VMAP_H

#include "cond.h"

/* struct does - the verdict that a rule has for a packet that it fits; @to: of a call */
struct does {
	enum verdict verdict;
	const struct chain *to;
};

/**
 * vmap_does - look up the map of @rule, which fits
 * @seen: the packet, with all by which it was known to fit
 * Return: VERDICT_NONE if it is not known which element it is, or what that does
 */
struct does vmap_does(const struct ruleset *rs, const struct rule *rule,
		      const struct sighting *seen);

#endif
