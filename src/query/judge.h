/* SPDX-License-Identifier: GPL-2.0-or-later */
/* judge.h - one packet, or all packets of a path, held against primitives */
#ifndef NFHOP_QUERY_JUDGE_H
#define NFHOP_QUERY_JUDGE_H

#include "tree.h"

/**
 * struct look - what is looked at
 * @packet: NULL if only a flow's path is known
 * @flow, @fp: the packet's flow, NULL if it was given up; @fp: NULL if a packet is looked at
 * @classed: @class holds what the packet said when it closed
 * @strict: what is not known is MATCH_UNKNOWN, else MATCH_NO
 * @doubt: the first primitive that cannot be told
 */
struct look {
	const struct model *model;
	const struct packet *packet;
	const struct flow *flow;
	const struct flow_path *fp;
	uint32_t path;
	uint16_t flags;
	uint64_t class;
	bool classed, strict;
	bool decided;
	struct decision decision;
	struct query_doubt doubt;
};

/* look_decision - what became of it; drawn at most once */
const struct decision *look_decision(struct look *look);
/* look_is_partial - may hops be missing that the packet has? */
bool look_is_partial(struct look *look);
/* look_is_silent - may it have been at @place (NULL: anywhere) without a word of it? */
bool look_is_silent(struct look *look, const struct query_place *place);

/* look_runs_back - against its flow's first packet */
bool look_runs_back(const struct look *look);
/* look_opener_known - was it seen which side opened its flow? */
bool look_opener_known(struct look *look);
/**
 * look_translated - what the flow is known to be translated to, if this packet got through and so
 * was, too
 * Return: is it known? Then look->flow is filled in.
 */
bool look_translated(struct look *look, struct endpoints *ends);
/* look_translates - is that a change of the kind: QUERY_NAT (any), QUERY_SNAT, QUERY_DNAT? */
bool look_translates(struct look *look, enum query_kind kind);
/* look_source_untold - may it have left with another source, without a word of which? */
bool look_source_untold(struct look *look);

enum test_needs {
	NEEDS_NOTHING,
	NEEDS_CHAIN, /* that no hop is missing */
	NEEDS_BOTH,  /* and that both packet filters tell of theirs */
};

/**
 * struct test - how one kind of primitive is held against a packet
 * @packet: what the packet itself says; NULL if it says nothing
 * @path: what its path, its outcome and its flow say; NULL if they say nothing
 * @doubt: why it is not known, if it is not
 * @needs: what must be known before "no" is sure
 *
 * The answers are joined: one "yes" is enough.
 */
struct test {
	enum match (*packet)(const struct look *look, const struct query_node *node);
	enum match (*path)(struct look *look, const struct query_node *node);
	enum query_doubt_kind doubt;
	enum test_needs needs;
};

extern const struct test tests[]; /* by enum query_kind */

#endif
