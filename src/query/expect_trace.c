/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expect_trace.c - which packets must be traced so that expectations can be judged
 *
 * The kernel can match much before the first chain, but only what the packet is there: an address
 * or port that NAT changes later would be missed, and so would be the other direction, without
 * which nobody knows what is a reply. An expectation that is judged on a part of its packets is a
 * lie. So only the protocol is taken from the filters: neither NAT nor direction changes it.
 *
 * Where a user narrows what is traced or looked at by a filter of his own, an expectation about
 * other packets is judged on none. That they are others is told by what stands in both filters.
 * NAT may give a packet another port, so this is only asked where no packet was selected.
 */
#include <stdio.h>

#include "nfhop/expect.h"
#include "outside.h"
#include "tree.h"

#define PROTOS	   256
#define PROTO_TEXT (PROTOS * 4 + 16)

/* struct protos - a set of IP protocols */
struct protos {
	bool in[PROTOS];
};

static struct protos every(bool in)
{
	struct protos set;

	for (size_t i = 0; i < PROTOS; i++)
		set.in[i] = in;
	return set;
}

static struct protos of_leaf(const struct query_node *node)
{
	struct protos set = every(node->kind != QUERY_PROTO && node->kind != QUERY_FLAGS);

	if (node->kind == QUERY_FLAGS)
		set.in[6] = true;
	for (size_t i = 0; node->kind == QUERY_PROTO && i < node->n_values; i++)
		set.in[node->values[i].from % PROTOS] = true;
	return set;
}

/* The protocols of all packets for which it may hold. */
static struct protos of_node(const struct query_node *node)
{
	struct protos set;

	if (node->kind == QUERY_NOT)
		return every(true);
	if (!node->child)
		return of_leaf(node);
	set = every(node->kind == QUERY_AND);
	for (const struct query_node *child = node->child; child; child = child->next) {
		struct protos one = of_node(child);

		for (size_t i = 0; i < PROTOS; i++)
			set.in[i] = node->kind == QUERY_AND ? set.in[i] && one.in[i]
							    : set.in[i] || one.in[i];
	}
	return set;
}

static void write_set(const struct protos *set, char text[PROTO_TEXT])
{
	size_t n = 0, members = 0;

	for (size_t i = 0; i < PROTOS; i++)
		members += set->in[i];
	if (!members || members == PROTOS) {
		snprintf(text, PROTO_TEXT, "ip or ip6");
		return;
	}
	n += (size_t)snprintf(text, PROTO_TEXT, "proto {");
	for (size_t i = 0; i < PROTOS; i++)
		if (set->in[i])
			n += (size_t)snprintf(text + n, PROTO_TEXT - n, "%zu,", i);
	text[n - 1] = '}';
}

int expect_trace(const struct expectations *all, struct query **q)
{
	struct protos set = every(false);
	struct query_error err;
	char text[PROTO_TEXT];

	for (size_t k = 0; k < all->n; k++) {
		struct protos one = of_node(query_root(all->at[k].select));

		for (size_t i = 0; i < PROTOS; i++)
			set.in[i] = set.in[i] || one.in[i];
	}
	write_set(&set, text);
	return query_parse(str_from(text), q, &err);
}

/* ---- packets that a filter leaves out ---- */

static bool is_port(enum query_kind kind)
{
	return kind == QUERY_PORT || kind == QUERY_SPORT || kind == QUERY_DPORT;
}

static bool in_ranges(const struct query_node *a, const struct query_node *b)
{
	for (size_t i = 0; i < a->n_values; i++)
		for (size_t k = 0; k < b->n_values; k++)
			if (a->values[i].from <= b->values[k].to &&
			    b->values[k].from <= a->values[i].to)
				return true;
	return false;
}

static bool is_glob(struct str name)
{
	return str_has(name, STR("*")) || str_has(name, STR("?"));
}

/* Two globs may have a name in common. */
static bool may_be_one(struct str a, struct str b)
{
	return (is_glob(a) && is_glob(b)) || glob_matches(a, b) || glob_matches(b, a);
}

static bool in_names(const struct query_node *a, const struct query_node *b)
{
	for (size_t i = 0; i < a->n_values; i++)
		for (size_t k = 0; k < b->n_values; k++)
			if (may_be_one(a->values[i].text, b->values[k].text))
				return true;
	return false;
}

/* Is there no packet for which both hold? */
static bool leaves_apart(const struct query_node *a, const struct query_node *b)
{
	struct protos one = of_leaf(a), other = of_leaf(b);
	bool shared = false;

	if (is_port(a->kind) && is_port(b->kind))
		return (a->kind == b->kind || a->kind == QUERY_PORT || b->kind == QUERY_PORT) &&
		       !in_ranges(a, b);
	if (a->kind == b->kind && a->kind == QUERY_FAMILY)
		return !in_ranges(a, b);
	if (a->kind == b->kind && a->kind == QUERY_IIF)
		return !in_names(a, b);
	for (size_t i = 0; i < PROTOS; i++)
		shared |= one.in[i] && other.in[i];
	return !shared;
}

bool outside(const struct query_node *a, const struct query_node *b)
{
	const struct query_node *joined = a->child ? a : b, *other = a->child ? b : a;
	bool any = false, all = true;

	if (a->kind == QUERY_NOT || b->kind == QUERY_NOT)
		return false;
	if (!joined->child)
		return leaves_apart(a, b);
	for (const struct query_node *child = joined->child; child; child = child->next) {
		bool apart = outside(child, other);

		any |= apart;
		all &= apart;
	}
	return joined->kind == QUERY_AND ? any : all;
}
