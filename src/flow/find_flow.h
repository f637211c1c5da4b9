/* SPDX-License-Identifier: GPL-2.0-or-later */
/* find_flow.h - findings that are drawn flow by flow */
#ifndef NFHOP_FLOW_FIND_FLOW_H
#define NFHOP_FLOW_FIND_FLOW_H

#include "finding.h"

/* struct flow_case - one flow with its conclusion; @there, @back: samples of its newest packets */
struct flow_case {
	const struct flow *flow;
	struct flow_view view;
	const struct packet *there, *back;
};

/**
 * draw_flows - a finding for each flow that @holds of, at most ONE_KIND_MAX
 * @sentence: what it says; @more: adds evidence and commands, may be NULL
 * Return: 0 or -ENOMEM
 */
int draw_flows(struct model *model, const struct finding_row *row,
	       bool (*holds)(const struct model *model, const struct flow_case *c),
	       struct str (*sentence)(const struct model *model, const struct flow_case *c),
	       void (*more)(const struct model *model, const struct flow_case *c,
			    struct finding *finding));

#endif
