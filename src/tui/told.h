/* SPDX-License-Identifier: GPL-2.0-or-later */
/* told.h - what the list says of a flow: its conclusion, or that of its packets that fit */
#ifndef TUI_TOLD_H
#define TUI_TOLD_H

#include "nfhop/query.h"

/**
 * struct told - what is said of one flow
 * @view: its conclusion; where @fit is not NULL that of this way alone
 * @fit: NULL, or the way of the newest packet that the filter holds for, where what the flow's
 *	conclusion rests on does not fit
 * @alike: how many packets of its direction ended as that one, of @all; both 0 without @fit
 */
struct told {
	const struct flow *flow;
	const struct flow_path *fit;
	struct flow_view view;
	uint64_t alike, all;
};

/**
 * told_of - see what is to be said
 * @filter: or NULL
 * Return: false if the filter holds for no packet of the flow; @told is its conclusion then
 */
bool told_of(const struct model *model, const struct query *filter, const struct flow *flow,
	     struct told *told);
/* told_last - when the newest packet was of which it is told */
const struct stamp *told_last(const struct told *told);

#endif
