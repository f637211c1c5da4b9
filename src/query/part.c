/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * part.c - where the paths of two captures part, hop by hop
 *
 * A rule is the same if its text is, wherever it stands now, unless it says something else. What
 * only says how a capture was made is passed over, and so are policies of tables that one side
 * does not have.
 */
#include "part.h"

#include "nfhop/own.h"

/* A map or a set decides: the rule's text is the same, what it said is not. */
static bool says_other(const struct hop_view *a, const struct hop_view *b)
{
	bool stated = a->by == BY_TRACE || a->by == BY_RULESET;

	return stated && a->by == b->by && a->verdict && b->verdict && a->verdict != b->verdict;
}

static bool same_hop(const struct hop_view *a, const struct hop_view *b)
{
	if (a->family != b->family || a->kind != b->kind || !str_eq(a->table, b->table) ||
	    !str_eq(a->chain, b->chain))
		return false;
	if (says_other(a, b))
		return false;
	if (a->kind != HOP_RULE)
		return true;
	if (a->text.n && b->text.n)
		return rule_text_same(a->text, b->text);
	return a->rule == b->rule && (a->rule || a->handle == b->handle);
}

/* Without a rule set its text tells, where the trace prints one (nft monitor, xtables-monitor). */
static bool sets_trace(const struct hop_view *hop)
{
	return rule_flags(hop->meaning->rule, hop->text) & RULE_SETS_TRACE;
}

/* What only says how the capture was made is no part of the way. */
static bool is_of_the_way(const struct hop_view *hop)
{
	return hop->kind != HOP_LOG && !sets_trace(hop) && !is_own_table(hop->family, hop->table);
}

/* Number of the next hop from @i on that counts, or the path's length */
static size_t next_hop(const struct model *m, uint32_t path, size_t i, struct hop_view *hop)
{
	size_t n = model_path_length(m, path);

	for (; i < n; i++) {
		model_path_step(m, path, i, hop);
		if (is_of_the_way(hop))
			return i;
	}
	return n;
}

/* struct cursor - where we are in a way */
struct cursor {
	const struct model *model;
	uint32_t path;
	size_t i;
	struct hop_view hop;
};

static bool at_end(struct cursor *c)
{
	c->i = next_hop(c->model, c->path, c->i, &c->hop);
	return c->i == model_path_length(c->model, c->path);
}

/* An empty table is loaded on one side only: its policies accept, and decide nothing. */
static bool is_idle(const struct cursor *c, const struct cursor *other)
{
	struct hop_view hop;

	if (c->hop.kind != HOP_POLICY || c->hop.verdict != VERDICT_ACCEPT)
		return false;
	for (size_t i = 0; i < model_path_length(other->model, other->path); i++) {
		model_path_step(other->model, other->path, i, &hop);
		if (is_of_the_way(&hop) && str_eq(hop.table, c->hop.table) &&
		    str_eq(hop.chain, c->hop.chain))
			return false;
	}
	return true;
}

static bool is_chain_end(const struct hop_view *hop)
{
	return hop->kind == HOP_RETURN && verdict_reach(hop->verdict) <= REACH_CHAIN;
}

/*
 * Did only @from say that a called chain came to its end? Events of the kernel do, nft monitor's
 * text does not. It is no parting if both go on alike.
 */
static bool is_unsaid_end(struct cursor from, const struct cursor *other, bool other_ends)
{
	bool ends = false;

	if (!is_chain_end(&from.hop))
		return false;
	while (!ends && is_chain_end(&from.hop)) {
		from.i++;
		ends = at_end(&from);
	}
	return ends || other_ends ? ends && other_ends : same_hop(&from.hop, &other->hop);
}

bool paths_part(const struct model *const m[2], uint32_t a, uint32_t b, struct parting *at)
{
	struct cursor x = { .model = m[0], .path = a }, y = { .model = m[1], .path = b };

	at->common = 0;
	for (;;) {
		bool ends_x = at_end(&x), ends_y = at_end(&y);

		at->hop[0] = x.i;
		at->hop[1] = y.i;
		if (ends_x && ends_y)
			return false;
		if (!ends_x && !ends_y && same_hop(&x.hop, &y.hop)) {
			x.i++;
			y.i++;
			at->common++;
		} else if (!ends_x && (is_idle(&x, &y) || is_unsaid_end(x, &y, ends_y))) {
			x.i++;
		} else if (!ends_y && (is_idle(&y, &x) || is_unsaid_end(y, &x, ends_x))) {
			y.i++;
		} else {
			return true;
		}
	}
}
