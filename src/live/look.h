/* SPDX-License-Identifier: GPL-2.0-or-later */
/* look.h - what the kernel's two packet filters hold, as far as tracing is concerned */
#ifndef NFHOP_LIVE_LOOK_H
#define NFHOP_LIVE_LOOK_H

#include <stdint.h>

#include "nfhop/str.h"

#define LOOK_NAME 256

/**
 * struct look_rule - a rule that sets the trace
 * @number: position in its chain from 1
 * @handle: of nftables, else 0
 * @packets: holds if @counted
 */
struct look_rule {
	unsigned int family;
	char table[LOOK_NAME], chain[LOOK_NAME];
	uint32_t number;
	uint64_t handle;
	bool counted;
	uint64_t packets;
};

/* struct look_thing - a table or a flowtable of nftables, or a legacy table */
struct look_thing {
	unsigned int family;
	char table[LOOK_NAME], name[LOOK_NAME];
	uint32_t rules; /* of a table */
};

/* Does a chain end packets? In this order: what is larger decides. */
enum look_drops { DROPS_NOTHING, DROPS_PERHAPS, DROPS_SOME };

/**
 * struct look_chain - a base chain that a packet passes before --trace can begin its trace
 * @hook: of its family
 * @device: of an ingress chain; the first one of several
 * @drops: its policy and its rules, with the chains that they jump to; what verdict maps hold and
 *	what modules of iptables do is DROPS_PERHAPS
 */
struct look_chain {
	unsigned int family, hook;
	int32_t priority;
	char table[LOOK_NAME], name[LOOK_NAME], device[LOOK_NAME];
	enum look_drops drops;
};

#define LOOK_MAX 64 /* of each kind that are named; the rest only counts */

/**
 * struct look - one of the two packet filters
 * @err: 0, or why it could not be asked (-errno)
 * @trace_err: 0, or why its trace events cannot be subscribed (nftables)
 * @rules: of all tables; @n_traces of them set the trace
 */
struct look {
	int err, trace_err;
	struct look_thing tables[LOOK_MAX], flowtables[LOOK_MAX];
	struct look_rule traces[LOOK_MAX];
	struct look_chain early[LOOK_MAX];
	size_t n_tables, n_flowtables, n_traces, n_early;
	uint64_t rules;
};

/* look_nft - ask nftables of this network namespace; nothing is changed */
void look_nft(struct look *look);

/* look_early - fill in @look->early; Return: 0 or -errno */
int look_early(struct look *look);

/**
 * look_legacy - ask the legacy tables of one family
 * @names: of the tables that are there (/proc/net/ip_tables_names). No other is asked for: that
 *	would make it.
 */
void look_legacy(struct look *look, unsigned int family, struct str names);

/**
 * look_legacy_blob - find the rules of a table as the kernel hands it out
 * @hook_entry: offsets of the built-in chains in @blob; @valid_hooks: which of them hold
 */
void look_legacy_blob(struct look *look, unsigned int family, const char *table, struct str blob,
		      const unsigned int *hook_entry, unsigned int valid_hooks);

#endif
