/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * expect_trace.c - which packets must be traced so that expectations can be judged
 *
 * The kernel can match much before the first chain, but only what the packet is there: an address
 * or port that NAT changes later would be missed, and so would be the other direction, without
 * which nobody knows what is a reply. An expectation that is judged on a part of its packets is a
 * lie. So only the protocol is taken from the filters: neither NAT nor direction changes it.
 */
#include <stdio.h>

#include "nfhop/expect.h"

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
