/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text.h - the parts of the report for people */
#ifndef OUTPUT_TEXT_H
#define OUTPUT_TEXT_H

#include "nfhop/output.h"
#include "nfhop/text.h"

void text_packet(struct report *report, const struct model *model, const struct packet *packet);
void text_tail(struct report *report, const struct model *model);

struct writer text_writer(const struct report *report);

/* say_packet, say_tail - the same to any writer */
void say_packet(struct writer *writer, struct report *report, const struct model *model,
		const struct packet *packet);
void say_tail(struct writer *writer, const struct report *report, const struct model *model);

/* Blocks. */

/**
 * struct finding_index - findings by flow, so that each is said beside its flow
 * @said: the one that was said before all flows
 */
struct finding_index {
	const struct finding **findings;
	size_t n;
	const struct finding *said;
};

struct finding_index finding_index(const struct model *model);
void text_findings(struct writer *writer, const struct finding_index *index, uint32_t flow,
		   size_t indent);

/* text_first_finding - the most important of the others, before any flow */
void text_first_finding(struct writer *writer, const struct model *model,
			struct finding_index *index);

/**
 * paths_alike - which paths of @flow can be told as one
 *
 * Return: by path, the number of the first one of which the same is said (heap); NULL if there is
 * no memory, or one path alone: then each is its own first
 */
uint32_t *paths_alike(const struct model *model, const struct flow *flow);

void text_flow(struct writer *writer, const struct model *model, const struct flow *flow,
	       const struct finding_index *index);
void text_stops(struct writer *writer, const struct model *model);
void text_paths(struct writer *writer, const struct model *model);
/* text_names - of the sources */
void text_names(struct writer *writer, const struct report *report);
/* text_head - what was read, in a line or two */
void text_head(struct writer *writer, const struct report *report, const struct model *model);
/* text_end - what was lost, broken, given up */
void text_end(struct writer *writer, const struct report *report, const struct model *model);

#endif
