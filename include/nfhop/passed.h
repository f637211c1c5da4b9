/* SPDX-License-Identifier: GPL-2.0-or-later */
/* passed.h - how far packets of one path came in each chain */
#ifndef NFHOP_PASSED_H
#define NFHOP_PASSED_H

#include "nfhop/model.h"

/**
 * struct passed_to - to whom a walk is told
 * @tell: a packet came to the rules of @chain up to number @last, whether they matched or not; if
 *	@further, perhaps to later ones too. One chain may be told several times: the most counts.
 */
struct passed_to {
	void (*tell)(void *who, const struct chain *chain, uint32_t last, bool further);
	void *who;
};

/* passed_walk - all chains that packets of @path went through, by the rule set of their time */
void passed_walk(const struct model *model, uint32_t path, const struct passed_to *to);

#endif
