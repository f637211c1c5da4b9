/* SPDX-License-Identifier: GPL-2.0-or-later */
/* reason.h - sentences that have a file of their own */
#ifndef NFHOP_FLOW_REASON_H
#define NFHOP_FLOW_REASON_H

#include "nfhop/packet.h"

struct model;

/* say_behind - of LOG lines alone: where the rule set leads behind the last one, for one of
 * REASON_BEHIND_*; as model_reason() */
void say_behind(const struct model *model, uint32_t path, const struct decision *decision,
		char *buf, size_t n);

#endif
