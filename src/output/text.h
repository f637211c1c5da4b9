/* SPDX-License-Identifier: GPL-2.0-or-later */
/* text.h - the parts of the report for people */
#ifndef OUTPUT_TEXT_H
#define OUTPUT_TEXT_H

#include "nfhop/output.h"
#include "writer.h"

#define TEXT_INDENT 3 /* columns before what belongs to a block's first line */

void text_packet(struct report *report, const struct model *model, const struct packet *packet);
void text_tail(struct report *report, const struct model *model);

/**
 * struct way - a path as it is to be shown
 * @packet: one that took it, so that devices and changes are known; may be NULL
 */
struct way {
	const struct flow *flow;
	uint32_t path;
	const struct packet *packet;
};

size_t way_length(const struct model *model, const struct way *way);
void way_hop(const struct model *model, const struct way *way, size_t i, struct hop_view *hop);
struct way way_of(const struct flow *flow, const struct flow_path *fp);

/* text_way - the way hook by hook, rule by rule, and where it ended */
void text_way(struct writer *writer, const struct model *model, const struct way *way,
	      const struct decision *d);

/* Words. */

struct writer text_writer(const struct report *report);
void text_mark(struct writer *writer, enum glyph glyph);
enum glyph outcome_glyph(enum outcome outcome);
void text_proto(struct writer *writer, uint8_t family, bool known, uint8_t proto);
void text_endpoint(struct writer *writer, const struct addr *addr, bool with_port, uint16_t port);
void text_endpoints(struct writer *writer, const struct endpoints *ends, bool ports);
void text_tuple(struct writer *writer, const struct tuple *tuple);
/* text_rule - "rule 2", "policy", "policy or rule 3" where nobody can tell */
void text_rule(struct writer *writer, const struct hop_view *hop);
/* text_place - "filter WEB rule 2" */
void text_place(struct writer *writer, const struct hop_view *hop);
/* text_hook - "FORWARD", "PREROUTING or INPUT" */
void text_hook(struct writer *writer, const struct hop_view *hop);
/* text_outcome - "stopped in FORWARD by filter WEB rule 2", "left by venet0" */
void text_outcome(struct writer *writer, const struct model *model, const struct way *way,
		  const struct decision *d);
/* text_sure - "Sure: ...", "Inferred: ...", "Not known: ..." */
void text_sure(struct writer *writer, const struct model *model, uint32_t path,
	       const struct decision *d);
void text_span(struct writer *writer, const struct stamp *first, const struct stamp *last);

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

/* text_first_finding - the most important one, before anything else */
void text_first_finding(struct writer *writer, const struct model *model,
			struct finding_index *index);

void text_flow(struct writer *writer, const struct model *model, const struct flow *flow,
	       const struct finding_index *index);
void text_stops(struct writer *writer, const struct model *model);
void text_paths(struct writer *writer, const struct model *model);
/* text_head - what was read, in a line or two */
void text_head(struct writer *writer, const struct report *report, const struct model *model);
/* text_end - what was lost, broken, given up */
void text_end(struct writer *writer, const struct report *report, const struct model *model);

#endif
