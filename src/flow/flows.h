/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flows.h - the table of flows: found by any tuple that one of their packets may carry */
#ifndef NFHOP_FLOW_FLOWS_H
#define NFHOP_FLOW_FLOWS_H

#include "nfhop/flow.h"
#include "nfhop/ruleset.h"

struct flows;

/* struct flows_limits - see struct model_config */
struct flows_limits {
	size_t max_flows, max_samples;
};

struct flows *flows_create(const struct flows_limits *limits);
void flows_destroy(struct flows *flows);

/**
 * flows_opened - a packet has its first hop: which flow is it of, and which way does it run?
 *
 * Sets packet->flow and PACKET_BACK; a new flow begins if none has the packet's tuple. An ICMP
 * error belongs to the flow that it quotes. If the packet is this host's own answer to another
 * one (REJECT), that one gets PACKET_ANSWERED.
 * @before: receives the open packet that began before it in its flow, that way; or NULL
 * Return: 0 or -ENOMEM
 */
int flows_opened(struct flows *flows, struct packet *packet, const struct packet **before);
/* flows_withdrawn - instead of flows_closed(): the packet was none of this host's */
void flows_withdrawn(struct flows *flows, const struct packet *packet);

/*
 * flows_moved - NAT changed its endpoints, as @told says (assembler_sink): the flow is known by
 * these from now on, too
 */
int flows_moved(struct flows *flows, struct packet *packet, const struct packet *told);

/* flows_translated - by the rule set it goes on from @to: the flow is known by that, too */
int flows_translated(struct flows *flows, struct packet *packet, const struct nat_target *to);

/*
 * flows_unturned - @packet came in, was last seen at PREROUTING, and is to be closed: if it is the
 * answer to a flow whose source was translated unseen, they become one; @inferred: as nothing but
 * its port tells
 */
int flows_unturned(struct flows *flows, struct packet *packet, bool inferred);

/* flows_closed - count the packet's path; a copy is kept as a sample while there is room */
int flows_closed(struct flows *flows, struct packet *packet);

/*
 * flows_soon - flows_closed() will be called for that packet, next or soon (@next); flows_coming -
 * flows_opened() for one with these headers, after those for two others: fetch what it needs from
 * memory
 */
void flows_soon(const struct flows *flows, const struct packet *packet, bool next);
void flows_coming(struct flows *flows, unsigned int scope, const struct header *header,
		  const struct endpoints *ends);

size_t flows_slots(const struct flows *flows);
/* flows_at - Return: the flow in slot @i, or NULL if it was joined to another or given up */
const struct flow *flows_at(const struct flows *flows, size_t i);
/* flows_without_ports - the flow of packets between the ends of @flow that show no ports, as later
 * fragments do; NULL if there is none. @back: what runs there in @flow runs back in it */
const struct flow *flows_without_ports(const struct flows *flows, const struct flow *flow,
				       bool *back);
/* flows_with - the flow whose first direction has that tuple; NULL if there is none */
const struct flow *flows_with(const struct flows *flows, unsigned int scope,
			      const struct tuple *tuple);
/* flows_by_no - the flow of that number, wherever it was joined to; NULL if it was given up */
const struct flow *flows_by_no(const struct flows *flows, uint32_t no);
size_t flows_count(const struct flows *flows);
uint64_t flows_evicted(const struct flows *flows);

/* tuple_of - the tuple of a packet with these endpoints; tuple_reverse - its answer's */
struct tuple tuple_of(const struct header *h, const struct endpoints *ends);
struct tuple tuple_reverse(const struct tuple *t);
bool tuple_eq(const struct tuple *a, const struct tuple *b);

/**
 * flow_count - count a closed packet that runs as its PACKET_BACK says
 * @sample: keep a copy if its path has none yet; @sampled: a copy was kept
 * Return: 0 or -ENOMEM
 */
int flow_count(struct flow *flow, const struct packet *packet, bool sample, bool *sampled);

/* packet_device - the first hop with a device that it came in by, or the last with one that it goes
 * @out by; of IP's if there is one; or NULL */
const struct hop *packet_device(const struct packet *packet, bool out);

/* flow_paths_move - count @from's paths with @to's, run the other way if @turned; @from has none
 * left then. flow_paths_free - forget them. Return: how many samples are gone */
size_t flow_paths_move(struct flow *to, struct flow *from, bool turned);
size_t flow_paths_free(struct flow *flow);

/* quotes_ends - does it quote a packet's addresses? quotes_start - only what is before them? */
bool quotes_ends(const struct packet *packet);
bool quotes_start(const struct packet *packet);

/* quote_fit - how well does what @error quotes fit the flow's newest packets? From worst to best.
 */
enum quote_fit {
	QUOTE_OTHER,
	QUOTE_NEAR,   /* a packet shortly before them, by its number */
	QUOTE_UNTOLD, /* that packet, if the address that the error goes to is what it left with */
	QUOTE_SAME
};

/**
 * quote_fit - may an ICMP error of which quotes_start() holds be about that flow?
 * @direction: set to the quoted packet's, 0 there, 1 back, unless it is QUOTE_OTHER
 */
enum quote_fit quote_fit(const struct flow *flow, const struct packet *error, int *direction);
/* sent_set - that packet is the newest one */
void sent_set(struct sent *sent, const struct header *header);

/* packet_copy - a packet on the heap with its hops, or NULL; free() frees all of it */
struct packet *packet_copy(const struct packet *packet);

#endif
