/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judge.c - does a filter hold: three answers, joined up the tree
 *
 * "no", "not known" and "yes" are ordered (enum match), so that `or` takes the greatest answer
 * of its children, `and` the least, and `not` turns it round (Kleene). For a filter on a screen
 * a primitive that is not known does not hold; for an assertion that would be a lie.
 */
#include "judge.h"

const struct decision *look_decision(struct look *look)
{
	if (look->decided)
		return &look->decision;
	look->decided = true;
	if (look->fp)
		model_decide_path(look->model, look->flow, look->fp, &look->decision);
	else
		model_decide(look->model, look->packet, &look->decision);
	return &look->decision;
}

#define PARTIAL (PACKET_GAP | PACKET_MID_GAP | PACKET_CUT | PACKET_NO_START | PACKET_AMBIGUOUS)

bool look_is_partial(struct look *look)
{
	enum outcome outcome;

	if (look->flags & PARTIAL)
		return true;
	outcome = look_decision(look)->outcome;
	return outcome == OUTCOME_UNKNOWN || outcome == OUTCOME_QUEUED;
}

static enum match more(enum match a, enum match b)
{
	return a > b ? a : b;
}

static void doubt(struct look *look, const struct query_node *node, enum query_doubt_kind kind)
{
	if (!look->doubt.kind)
		look->doubt = (struct query_doubt){ kind, node };
}

static enum match packet_says(const struct look *look, const struct query_node *node)
{
	const struct test *test = &tests[node->kind];

	if (!test->packet)
		return MATCH_NO;
	if (look->classed)
		return look->class >> node->leaf & 1 ? MATCH_YES : MATCH_NO;
	return look->packet ? test->packet(look, node) : MATCH_NO;
}

/*
 * Where the outcome is known, what is not known of it is which of two rules it was. Of addresses
 * that the input shows, what is not known is what SNAT made of them.
 */
static enum query_doubt_kind doubt_of(struct look *look, const struct query_node *node)
{
	const struct test *test = &tests[node->kind];

	if (test->path && test->packet && test->doubt == QUERY_DOUBT_HEADER && look->packet &&
	    test->packet(look, node) != MATCH_UNKNOWN)
		return QUERY_DOUBT_SOURCE;
	if (test->doubt == QUERY_DOUBT_OUTCOME && look_decision(look)->outcome != OUTCOME_UNKNOWN)
		return QUERY_DOUBT_RULESET;
	if (test->doubt == QUERY_DOUBT_OPENER && look_opener_known(look))
		return QUERY_DOUBT_HEADER;
	return test->doubt;
}

static enum match leaf_holds(struct look *look, const struct query_node *node)
{
	const struct test *test = &tests[node->kind];
	enum match answer = packet_says(look, node);

	if (answer != MATCH_YES && test->path)
		answer = more(answer, test->path(look, node));
	if (answer == MATCH_YES)
		return MATCH_YES;
	if (!look->strict)
		return MATCH_NO;
	if (answer == MATCH_UNKNOWN)
		doubt(look, node, doubt_of(look, node));
	else if (test->needs && look_is_partial(look))
		doubt(look, node, QUERY_DOUBT_CHAIN);
	else if (test->needs == NEEDS_BOTH && look_is_silent(look, node->place))
		doubt(look, node, QUERY_DOUBT_SILENT);
	else
		return MATCH_NO;
	return MATCH_UNKNOWN;
}

/* The parser bounds how deep it goes. */
static enum match holds(struct look *look, const struct query_node *node)
{
	bool any = node->kind == QUERY_OR;
	enum match answer = any ? MATCH_NO : MATCH_YES;

	if (!node->child)
		return leaf_holds(look, node);
	if (node->kind == QUERY_NOT)
		return (enum match)(MATCH_YES - holds(look, node->child));
	for (const struct query_node *child = node->child; child; child = child->next) {
		enum match one = holds(look, child);

		if (any ? one > answer : one < answer)
			answer = one;
		if (answer == (any ? MATCH_YES : MATCH_NO))
			break;
	}
	return answer;
}

static struct look look_at(const struct model *model, const struct packet *packet)
{
	return (struct look){
		.model = model,
		.packet = packet,
		.path = packet->path,
		.flags = packet->flags,
	};
}

bool query_match(const struct query *q, const struct model *model, const struct packet *packet)
{
	struct look look = look_at(model, packet);

	return holds(&look, q->root) == MATCH_YES;
}

enum match query_judge(const struct query *q, const struct model *model,
		       const struct packet *packet, struct query_doubt *why)
{
	struct look look = look_at(model, packet);
	enum match answer;

	look.strict = true;
	answer = holds(&look, q->root);
	if (why)
		*why = answer == MATCH_UNKNOWN ? look.doubt : (struct query_doubt){ 0 };
	return answer;
}

const struct query_node *query_breaker(const struct query *q, const struct model *model,
				       const struct packet *packet)
{
	struct look look = look_at(model, packet);
	const struct query_node *node = q->root;

	look.strict = true;
	if (holds(&look, node) != MATCH_NO)
		return NULL;
	while (node->kind == QUERY_AND)
		for (node = node->child; holds(&look, node) != MATCH_NO;)
			node = node->next;
	return node;
}

static uint64_t class_below(const struct look *look, const struct query_node *node)
{
	uint64_t class = 0;

	if (!node->child && tests[node->kind].packet)
		return (uint64_t)(tests[node->kind].packet(look, node) == MATCH_YES) << node->leaf;
	for (const struct query_node *child = node->child; child; child = child->next)
		class |= class_below(look, child);
	return class;
}

uint64_t query_class(const struct query *q, const struct model *model, const struct packet *packet)
{
	struct look look = look_at(model, packet);

	return class_below(&look, q->root);
}

static struct look look_at_path(const struct model *model, const struct flow *flow,
				const struct flow_path *fp)
{
	return (struct look){
		.model = model, .flow = flow, .fp = fp, .path = fp->path, .flags = fp->flags
	};
}

bool query_match_class(const struct query *q, const struct model *model, const struct flow *flow,
		       const struct flow_path *fp, uint64_t class)
{
	struct look look = look_at_path(model, flow, fp);

	look.class = class;
	look.classed = true;
	return holds(&look, q->root) == MATCH_YES;
}

static uint64_t filter_class(void *who, const struct model *model, const struct packet *packet)
{
	return query_class(who, model, packet);
}

static bool filter_packet(void *who, const struct model *model, const struct packet *packet)
{
	return query_match(who, model, packet);
}

static bool filter_path(void *who, const struct model *model, const struct flow *flow,
			const struct flow_path *fp)
{
	return query_match_class(who, model, flow, fp, fp->class);
}

struct model_filter query_filter(const struct query *q)
{
	if (!q)
		return (struct model_filter){ 0 };
	return (struct model_filter){ filter_class, filter_packet, filter_path, (void *)q };
}

/* What stands in for a packet of which only the flow and the path are known. */
static struct packet stand_in(const struct flow *flow, const struct flow_path *fp)
{
	struct endpoints ends = flow->there.ends;
	struct packet packet = {
		.flow = flow->no,
		.path = fp->path,
		.flags = (uint16_t)(fp->flags | (fp->back ? PACKET_BACK : 0)),
		.host = flow->host,
		.scope = flow->scope,
		.n_ends = flow->there.family != FAMILY_NONE,
		.first = { .family = flow->there.family, .proto = flow->there.proto },
	};

	if (fp->back) /* as the answer came, to the translated address */
		ends = (struct endpoints){ flow->left.ends.dst, flow->left.ends.src,
					   flow->left.ends.dport, flow->left.ends.sport };
	packet.ends[0] = ends;
	if (flow->there.family != FAMILY_NONE)
		packet.first.have |= HEADER_ADDR;
	if (flow->there.known)
		packet.first.have |= HEADER_PROTO;
	if (flow->there.unseen)
		packet.first.have |= HEADER_UNSEEN;
	if (flow->there.ports && flow->there.proto != 1 && flow->there.proto != 58)
		packet.first.have |= HEADER_PORTS;
	return packet;
}

bool query_match_way(const struct query *q, const struct model *model, const struct flow *flow,
		     const struct flow_path *fp)
{
	struct packet packet = stand_in(flow, fp);
	struct look look = look_at_path(model, flow, fp);

	look.packet = fp->sample ? fp->sample : &packet;
	return holds(&look, q->root) == MATCH_YES;
}
