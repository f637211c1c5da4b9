/* SPDX-License-Identifier: GPL-2.0-or-later */
/* next.h - what a packet would have been seen at next, had its last hop accepted it */
#ifndef TRACE_NEXT_H
#define TRACE_NEXT_H

#include "nfhop/trace.h"

/* struct question - what became of a packet that took @path? See outcome.c */
struct question {
	const struct paths *paths;
	uint32_t path;
	size_t n;
	unsigned int flags;
	enum family family;
	enum family layer;	/* whose chains would follow: the bridge's, or @family */
	unsigned int tables;	/* legacy ones that this packet would have been seen in */
	unsigned int nft_hooks; /* hooks where nft's chains would have been seen */
	bool away;		/* not for this host: behind PREROUTING comes FORWARD */
	bool rerouted;		/* mangle OUTPUT, its last table, had it routed again */
	bool nft, nft_nat;	/* it has a hop of nft's, one in a nat chain of nft's */
	enum backend
		silent; /* whose chains no hop of the packet tells of; BACKEND_ANY: both told */
	int last;	/* index of the last placed hop, -1 if there are only LOG lines */
	struct path_hop end;
	enum hook hook;
	int priority; /* at which the base chain stands that the last hop was in; INT_MAX: not known
		       */
	const struct chain *base; /* that chain by the rule set, of legacy, too; may be NULL */
	size_t begin;		  /* index of the first hop of its evaluation */
	enum table_no table;
};

/* struct next - what an accepted packet would have been seen at next */
struct next {
	bool any, maybe; /* maybe: a chain of nft's was seen there, perhaps only by first packets */
	enum hook hook;
	enum table_no table; /* TABLE_MAX if it is no legacy table */
	const struct chain *chain;
};

/* next_in_hook - at the hook of the last hop */
struct next next_in_hook(const struct question *q);
/* next_first_at - at @hook, which comes later */
struct next next_first_at(const struct question *q, enum hook hook);
/* next_behind_hook - what any accepted packet would have been seen at behind the last hop's hook */
struct next next_behind_hook(const struct question *q);
/* may_end_silently - iptables and nftables both have rules, one tells nothing of the packet, and
 * has some behind its last hop */
bool may_end_silently(const struct question *q);

#endif
