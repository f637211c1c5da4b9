/* SPDX-License-Identifier: GPL-2.0-or-later */
/* find_flow.h - findings that are drawn flow by flow */
#ifndef NFHOP_FLOW_FIND_FLOW_H
#define NFHOP_FLOW_FIND_FLOW_H

#include "finding.h"

/**
 * struct flow_case - one flow with its conclusion
 * @there, @back: samples of its newest packets (model_newest()), or NULL
 * @explained: a finding before this one says why no answer comes back
 */
struct flow_case {
	const struct flow *flow;
	struct flow_view view;
	const struct packet *there, *back;
	bool explained;
};

/**
 * struct flow_finding - a finding about one flow
 * @sentence: what it says, if it @holds; @more: adds evidence and commands, may be NULL
 * @explains: it names why no answer comes back
 * @caused: tells of packets that were stopped because of what it says (stop_explained()); may be
 *	NULL. Return: the number of the last place where they were, or 0
 */
struct flow_finding {
	bool (*holds)(const struct model *model, const struct flow_case *c);
	struct str (*sentence)(const struct model *model, const struct flow_case *c);
	void (*more)(const struct model *model, const struct flow_case *c, struct finding *finding);
	bool explains;
	uint32_t (*caused)(struct model *model, const struct flow_case *c);
};

/* struct kind_count - of how many flows a row's finding holds; @first: the number of the first */
struct kind_count {
	size_t n, first;
};

/* flow_finding_draw - add @row's finding if it holds, at most ONE_KIND_MAX; 0 or -ENOMEM */
int flow_finding_draw(struct model *model, const struct finding_row *row, struct flow_case *c,
		      struct kind_count *n);

/* mark_overwritten - was a mark by which it would have left elsewhere overwritten? */
bool mark_overwritten(const struct model *model, const struct flow_case *c);
/* rest_stopped - did only first fragments of it get through, and were the others stopped here? */
bool rest_stopped(const struct model *model, const struct flow_case *c);
/* answer_around - do refusals of the client show that answers reach it around this gateway? */
bool answer_around(const struct model *model, const struct flow_case *c);
/* has_listener_port - can a program here listen on the port that it goes to, as ss shows it? */
bool has_listener_port(const struct flow *flow);
/* ask_listeners - a command: which program would get what goes to this host? */
void ask_listeners(const struct flow *flow, struct finding *finding);

#endif
