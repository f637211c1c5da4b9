/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text_talk.h - what the files that tell of one flow share */
#ifndef OUTPUT_TEXT_TALK_H
#define OUTPUT_TEXT_TALK_H

#include "text.h"

/**
 * struct talk - a flow that is being talked about
 * @way: of the newest packet there; of the newest back if there is none
 * @back: the newest path back, NULL if there is none
 * @by_rule: what a rule makes of its source, where nothing shows what that became; else NULL
 * @alike: paths_alike(), while its ways are told
 */
struct talk {
	struct writer *writer;
	const struct model *model;
	const struct flow *flow;
	struct flow_view view;
	struct way way;
	const struct flow_path *back;
	const struct nat_target *by_rule;
	uint32_t *alike;
};

struct talk talk_of(struct writer *writer, const struct model *model, const struct flow *flow);

static inline void say(struct talk *talk, const char *words)
{
	writer_word(talk->writer, words);
}

/* say_state - its headline: what became of it, in one line */
void say_state(struct talk *talk);

/* state_names_outcome - does that name the outcome of its newest packet there? */
bool state_names_outcome(enum flow_state state);

#endif
