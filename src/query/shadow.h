/* SPDX-License-Identifier: GPL-2.0-or-later */
/* shadow.h - rules that packets do not come to, since a rule before them takes them */
#ifndef NFHOP_QUERY_SHADOW_H
#define NFHOP_QUERY_SHADOW_H

#include "nfhop/model.h"

/* verdict_takes - whoever met it does not come to the next rule of its chain */
bool verdict_takes(enum verdict verdict);

/* shadow_for_all - the first rule of the chain that takes whatever comes, if it is before @rule */
const struct rule *shadow_for_all(const struct rule *rule);

/**
 * shadow_for - the rule that took @packet before it could come to @rule, which it fits, too
 * Return: NULL if it came to @rule, does not fit it, or that is not certain
 */
const struct rule *shadow_for(const struct model *model, const struct packet *packet,
			      const struct rule *rule);

#endif
