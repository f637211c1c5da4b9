/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wheres.h - the few distinct places where flows stopped, so that millions can be sorted by them */
#ifndef TUI_WHERES_H
#define TUI_WHERES_H

#include "nfhop/text.h"

#include "told.h"

struct wheres;

void wheres_destroy(struct wheres *wheres);
/* wheres_add - the number of what became of a flow, in words; @wheres is made if there is none */
uint32_t wheres_add(struct wheres **wheres, const struct model *model, const struct told *told);
/* wheres_sort - give out ranks; wheres_rank - where number @where stands among all, by its words */
void wheres_sort(struct wheres *wheres);
uint64_t wheres_rank(const struct wheres *wheres, uint32_t where);

#endif
