/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arm_rule.h - a row of conditions as a rule of nf_tables */
#ifndef NFHOP_LIVE_ARM_RULE_H
#define NFHOP_LIVE_ARM_RULE_H

#include "terms.h"

struct nftnl_rule;

/* arm_rule_add - the conditions of @term; Return: 0 or -ENOMEM */
int arm_rule_add(struct nftnl_rule *rule, const struct term *term);

#endif
