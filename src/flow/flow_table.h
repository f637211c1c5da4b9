/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flow_table.h - flows by their tuples and by their numbers: of flows.c alone */
#ifndef NFHOP_FLOW_FLOW_TABLE_H
#define NFHOP_FLOW_FLOW_TABLE_H

#include "flows.h"
#include "index.h"

#define NONE UINT32_MAX

/* struct rec - a flow, and what only its table needs of it; @opened: packets that had its number */
struct rec {
	struct flow flow;
	struct packet *newest[2]; /* open packets, to be told of answers */
	uint32_t entries[2];	  /* of the index: under there, under left */
	uint32_t opened;
	bool used;
};

/* struct links - its place in the order of last packets; a free one's @newer is the next free */
struct links {
	uint32_t older, newer;
};

/* struct number - where the flow of that number is; @joined: else the number that it goes by now */
struct number {
	uint32_t slot, joined;
};

/**
 * struct flows
 * @links: as many as @recs, apart: what is near in that order is not near there
 * @coming: hashes of those that flows_coming() was asked for last, newest first
 */
struct flows {
	struct flows_limits limits;
	struct rec *recs;
	struct links *links;
	size_t n, cap;
	uint32_t oldest, newest, free;
	struct index index;
	uint32_t coming[2];
	struct number *numbers; /* that of flow @no at no - 1 */
	size_t cap_no;
	uint32_t last_no;
	size_t count, samples;
	uint64_t evicted;
};

/* flow_direction - which way does @t run in it? Return: 0 there, 1 back, -1 not its packet */
int flow_direction(const struct flow *flow, const struct tuple *t);

/*
 * flows_known_under - the flow in @slot can be found under @t, its first tuple (@which 0) or the
 * one it left with (1); flows_unknown_under - and no longer. Return: 0 or -ENOMEM
 */
int flows_known_under(struct flows *flows, uint32_t slot, int which, const struct tuple *t);
void flows_unknown_under(struct flows *flows, uint32_t slot, int which);

/* flows_find - the slot of a packet's flow, and its @direction; NONE if there is none */
uint32_t flows_find(const struct flows *flows, unsigned int scope, const struct tuple *t,
		    int *direction);

/*
 * flows_find_quoted - the one flow, among those that had a packet last, that an ICMP error is about
 * of which quotes_start() holds; @direction: of the quoted packet. NONE if none is, or many
 */
uint32_t flows_find_quoted(const struct flows *flows, const struct packet *error, int *direction);

/*
 * flows_find_asked - the one flow, among those that had a packet last, that packet @p of the flow
 * in slot @mine answers, though it came to an address that the flow did not show. NONE if none is
 */
uint32_t flows_find_asked(const struct flows *flows, uint32_t mine, const struct packet *p);

/* flows_begin - a new one, with a number; the one that was quiet longest may go. NONE: no memory */
uint32_t flows_begin(struct flows *flows, const struct packet *packet, const struct tuple *there);
void flows_release(struct flows *flows, uint32_t slot);

/* flows_touch - it had a packet just now */
void flows_touch(struct flows *flows, uint32_t slot);

/* flows_slot_by_no - where the flow is that has that number now; NONE if it was given up */
uint32_t flows_slot_by_no(const struct flows *flows, uint32_t no);

#endif
