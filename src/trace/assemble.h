/* SPDX-License-Identifier: GPL-2.0-or-later */
/* assemble.h - a packet whose way may still go on, and whether an event can be its next hop */
#ifndef NFHOP_TRACE_ASSEMBLE_H
#define NFHOP_TRACE_ASSEMBLE_H

#include "nfhop/trace.h"

#define STACK_MAX 16 /* nf_tables allows 16 (NFT_JUMP_STACK_SIZE); deeper chains fold together */
#define NO_OPEN	  UINT32_MAX

/* struct level - a chain that evaluation is in, and the last number seen there */
struct level {
	sym_t chain;
	uint32_t number;
};

/**
 * struct open - a packet and where it is
 * @hooks: HOOK_BIT of each hook where it may be; one bit unless the last hops were LOG lines
 * @hook, @priority, @table: of its last TRACE hop; HOOK_NONE if it has none
 * @stack: the chains of that table it is in, base chain first
 * @kind: of its last TRACE hop
 * @last: stamp of its last hop; @touched: number of the event that made it
 * @bucket, @next: its place in the hash; @older, @newer: its place in the order of last hops
 */
struct open {
	struct packet packet;
	unsigned int hooks;
	enum hook hook;
	int priority;
	sym_t table;
	struct level stack[STACK_MAX];
	unsigned int n_stack;
	enum hop_kind kind;
	bool stack_has_base;
	struct stamp last;
	uint64_t touched;
	uint32_t bucket, next, older, newer;
};

/**
 * struct place - where an event happened, as far as its own words tell
 * @hooks: HOOK_BIT of each possible hook
 * @number: of the table
 * @base: it is a built-in chain, so @hooks has one bit
 */
struct place {
	enum hop_kind kind;
	enum table_no number;
	sym_t table, chain, prefix, iif, oif;
	unsigned int hooks;
	uint32_t rule;
	bool base;
};

/* place_of - read the place off the event; names go to @syms */
void place_of(struct syms *syms, const struct event *ev, struct place *place);

/**
 * fit - can @ev at @place be the next hop of @o?
 * @steps: for the prefix of its last hop
 * @hook: receives the hook where it would be, HOOK_NONE if several are possible
 * Return: 0 if it fits well, more the worse it fits, or -1 if it cannot be
 */
int fit(const struct open *o, const struct paths *steps, const struct event *ev,
	const struct place *place, enum hook *hook);

/* same_packet - could the headers be those of one packet, NAT and forwarding allowed for? */
bool same_packet(const struct open *o, const struct event *ev);

/* open_advance - @o is at @place in @hook now */
void open_advance(struct open *o, const struct place *place, enum hook hook);

/* age_close - are two stamps so close that one packet's hops can be that far apart? */
#define AGE_CLOSE_NS INT64_C(10000000)

#endif
