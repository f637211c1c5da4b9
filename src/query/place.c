/* SPDX-License-Identifier: GPL-2.0-or-later */
/* place.c - places: TABLE:CHAIN, and what of the chain is meant */
#include "tree.h"

#define PLACE                                                                                      \
	"a place, as filter:FORWARD, filter:*:rule:7, filter:INPUT:policy, "                       \
	"nat:POSTROUTING:\"the rule's comment\" or inet:forward:rule:#12"

/* The bytes up to the next colon outside quotes are taken off @rest, the colon too. */
static struct str part_next(struct str *rest)
{
	struct str part = *rest;
	size_t n = rest->n && *rest->p == '"' ? quoted_length(*rest) : 0;

	while (n < rest->n && rest->p[n] != ':')
		n++;
	part.n = n;
	*rest = str_skip(*rest, n + 1);
	return part;
}

static bool part_keep(struct parser *p, struct str part, struct str *kept)
{
	char *copy = query_take(p->q, part.n + 1);

	if (!copy)
		return parser_no_memory(p);
	if (part.n > 1 && *part.p == '"') {
		*kept = unquote(part, false, copy);
		return true;
	}
	if (part.n)
		memcpy(copy, part.p, part.n);
	*kept = (struct str){ copy, part.n };
	return true;
}

static bool digits_read(struct str s, uint64_t limit, uint64_t *number)
{
	*number = 0;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9' || *number > limit / 10)
			return false;
		*number = *number * 10 + (uint64_t)(s.p[i] - '0');
	}
	return s.n && *number && *number <= limit;
}

/* What stands behind T:C:rule: */
static bool rule_read(struct parser *p, struct str part, struct query_place *place)
{
	uint64_t number;

	if (part.n && *part.p == '#' && digits_read(str_skip(part, 1), INT64_MAX, &number)) {
		place->handle = number;
		return true;
	}
	if (!digits_read(part, UINT32_MAX, &number))
		return parser_wrong(p, part, "a rule's number from 1, or #HANDLE");
	place->rule = (uint32_t)number;
	return true;
}

static bool kind_read(struct parser *p, struct str part, struct query_place *place)
{
	static const enum hop_kind kinds[] = { HOP_RULE, HOP_POLICY, HOP_RETURN };

	place->any = false;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		place->kind = kinds[i];
		if (str_eq(part, str_from(hop_kind_name(kinds[i]))))
			return true;
	}
	place->kind = HOP_RULE;
	if (part.n > 2 && *part.p == '"')
		return part_keep(p, part, &place->comment);
	return parser_wrong(p, part, "rule, policy, return, or the rule's comment in quotes");
}

static bool place_parts(struct parser *p, struct str rest, struct query_place *place)
{
	struct str table = part_next(&rest), chain = part_next(&rest), kind;

	place->any = true;
	if (!table.n || !chain.n)
		return parser_expected(p, PLACE);
	if (!part_keep(p, table, &place->table) || !part_keep(p, chain, &place->chain))
		return false;
	if (rest.p == p->token.text.p + p->token.text.n && rest.p[-1] != ':')
		return true;
	kind = part_next(&rest);
	if (!kind_read(p, kind, place))
		return false;
	if (rest.p == p->token.text.p + p->token.text.n && rest.p[-1] != ':')
		return true;
	if (place->kind != HOP_RULE || place->comment.n)
		return parser_wrong(p, rest, "nothing more behind it");
	return rule_read(p, rest, place);
}

bool operand_at(struct parser *p, struct query_node *node, const struct primitive *row)
{
	struct query_place *place = query_take(p->q, sizeof(*place));

	(void)row;
	if (!place)
		return parser_no_memory(p);
	if (p->token.kind != TOKEN_WORD)
		return parser_expected(p, PLACE);
	if (!place_parts(p, p->token.text, place))
		return false;
	node->place = place;
	parser_advance(p);
	return true;
}

bool operand_stopped(struct parser *p, struct query_node *node, const struct primitive *row)
{
	if (!parser_is_word(p, "at"))
		return true;
	parser_advance(p);
	return operand_at(p, node, row);
}
