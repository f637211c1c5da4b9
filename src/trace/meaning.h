/* SPDX-License-Identifier: GPL-2.0-or-later */
/* meaning.h - asked once for each distinct step: what is behind it? */
#ifndef NFHOP_TRACE_MEANING_H
#define NFHOP_TRACE_MEANING_H

#include "nfhop/trace.h"

/* struct meanings - who can be asked; @prefixes may be NULL */
struct meanings {
	struct syms *syms;
	struct prefixes *prefixes;
};

/* meaning_by_rules - fill in @meaning from @rules; untouched if it has no answer, or is NULL */
void meaning_by_rules(const struct meanings *m, const struct ruleset *rules,
		      const struct step *step, struct hop_meaning *meaning);

/* meaning_by_prefix - fill in @name if a LOG line's prefix names its rule */
void meaning_by_prefix(const struct meanings *m, const struct step *step, struct log_name *name);

#endif
