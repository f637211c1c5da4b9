/* SPDX-License-Identifier: GPL-2.0-or-later */
/* assemble.h - a packet whose way may still go on, and whether an event can be its next hop */
#ifndef NFHOP_TRACE_ASSEMBLE_H
#define NFHOP_TRACE_ASSEMBLE_H

#include <limits.h>

#include "nfhop/trace.h"

#define STACK_MAX 16 /* nf_tables allows 16 (NFT_JUMP_STACK_SIZE); deeper chains fold together */
#define NO_OPEN	  UINT32_MAX

#define HOPS_PER_PACKET_MAX 4096

#define NEAR_EVENTS 256 /* more than all CPUs put between two hops of a packet */

/* struct level - a chain that evaluation is in, and the last number seen there */
struct level {
	sym_t chain;
	uint32_t number;
};

/**
 * struct position - how far evaluation has got with a packet
 * @hooks: HOOK_BIT of each hook where it may be; one bit unless the last hops were LOG lines
 * @hook, @priority, @table: of its last TRACE hop; HOOK_NONE if it has none
 * @stack: the chains of that table it is in, base chain first
 * @kind: of its last TRACE hop
 */
struct position {
	unsigned int hooks;
	enum hook hook;
	int priority;
	sym_t table;
	enum hop_kind kind;
	bool stack_has_base;
	unsigned int n_stack;
	struct level stack[STACK_MAX];
};

/**
 * struct open - a packet and where it is
 * @last: stamp of its last hop; @touched: number of the event that made it
 * @placed: number of the event that put it where it is in the order of last hops; that of its twin
 *	does so, too
 * @body: of its last hop, if that was a line in a known form (line.c); else 0
 * @trail: it has the hops of that trail and no others; @rides: or will have had them (ride.c)
 * @shift: what its first stamp became later by when the year was known
 * @has_id: it has trace id @id; @ended: a verdict ended it
 * @since: nftables told of it after that moment, ns since 1970; 0: that is not known
 * @nft: nftables told of its first hop
 * @twin: the slot of what another source tells of the packet, or NO_OPEN; @follows: the twin leads
 */
struct open {
	struct packet packet;
	struct stamp last;
	uint64_t touched, placed;
	uint64_t body;
	struct known_trail *trail;
	int64_t shift;
	uint32_t twin;
	int64_t since;
	bool follows, nft, rides;
	/* nft only */
	bool has_id, ended;
	uint32_t id, id_next;
	sym_t base; /* the base chain that evaluates it */
	struct position pos;
};

/**
 * struct links - the places of an open packet among the others
 * @hash: of what no hop can change; @next: in the same bucket; @older, @newer: in the order of last
 * hops
 *
 * They are apart from the packets, because those between two others are looked at with these.
 */
struct links {
	uint32_t hash, next, older, newer;
};

/**
 * struct crowd_links - the places of an open packet in the second hash (crowd.c)
 * @key: of what the first one looks at and of its sequence numbers, if they are known
 * @next, @prev: in the same bucket; @before: the one before it in its bucket of the first hash
 */
struct crowd_links {
	uint32_t key, next, prev, before;
};

/* struct crowd - the second hash; @buckets: NULL as long as there is no need of it */
struct crowd {
	uint32_t *buckets;
	struct crowd_links *links; /* as many as there are packets */
};

/* struct steps - by hook: number of the step + 1, 0: not asked for yet; in rule set @generation */
struct steps {
	uint16_t generation;
	uint32_t at[HOOK_MAX];
};

/**
 * struct place - where an event happened, as far as its own words tell
 * @hooks: HOOK_BIT of each possible hook
 * @number: of the table
 * @base: it is a base chain; of legacy tables @hooks has one bit then
 * @nft: told by nftables; then @priority is that of the base chain, or UNKNOWN_PRIORITY
 * @steps: of all events with the same words, NULL: there are no others
 */
struct place {
	enum hop_kind kind;
	enum table_no number;
	sym_t table, chain, prefix, text, target, iif, oif;
	unsigned int hooks;
	uint32_t rule;
	bool base, nft, first;
	int priority;
	struct steps *steps;
};

#define UNKNOWN_PRIORITY INT_MIN

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

#define COST_PAUSE 2 /* of a pause longer than the kernel takes from hop to hop, at least */

/* fit_trace - can a TRACE hop at @place follow, its headers aside? as fit() */
int fit_trace(const struct position *pos, const struct place *place, enum hook *hook);

/* fits_soon - are the stamps so close that a pause costs nothing? */
bool fits_soon(const struct open *o, const struct stamp *now);

/* fits_late - would the pause since its last hop cost COST_PAUSE or more, or be too long? */
bool fits_late(const struct open *o, const struct paths *steps, const struct event *ev);

/* same_packet - could the headers be those of one packet, NAT and forwarding allowed for? */
bool same_packet(const struct open *o, const struct header *h);

/* position_advance - the packet is at @place in @hook now */
void position_advance(struct position *pos, const struct place *place, enum hook hook);

/* What is seen of one host: its IPv4 and IPv6 tables. */
struct scope {
	struct visible visible[2]; /* IPv4, IPv6 */
};

/* struct numbered - things by number, in blocks: numbers begin at many places */
struct numbered {
	char **blocks;
	size_t n;
};

/* numbered_at - the thing with @size that has that number, all zero at first; NULL: no memory */
void *numbered_at(struct numbered *things, size_t number, size_t size);
void numbered_finish(struct numbered *things);

/**
 * struct rides - packets whose lines in the batch are known to be their hops (ride.c)
 * @batch: it is being read; @seen: so many lines of it, with the one that is now looked at
 * @slots: by body, the slot of its packet + 1 if it rides; @cap of them
 * @n: how many ride
 */
struct rides {
	const struct batch *batch;
	size_t seen;
	uint32_t *slots;
	size_t cap, n;
};

/**
 * struct assembler - the packets that are open
 * @open: slots, @n_open of them ever used; free ones in a list from @free
 * @oldest, @newest: ends of the list in the order of last hops
 * @buckets: open packets by headers; @ids: by nft's trace id
 * @crowd: by sequence numbers, too
 * @since: what nftables tells from now on happened after that, ns since 1970; 0: not known
 */
struct assembler {
	struct assembler_limits limits;
	struct assembler_sink sink;
	struct syms *syms;
	struct paths *paths;
	struct open *open;
	struct links *links; /* as many */
	size_t n_open;	     /* slots ever used */
	uint32_t free, oldest, newest;
	uint32_t *buckets;
	size_t mask;
	struct crowd crowd;
	int64_t since;
	struct scope *scopes;
	size_t n_scopes;
	struct pending *pending; /* nft: starts whose first hop has not come yet */
	uint32_t *ids;
	uint64_t events, packets, withdrawn, ambiguous, evicted, split_ids;
	bool lossy;
	bool bridged; /* a bridge's hop was seen */
	/* line.c */
	struct numbered forms;
	struct last_open *by_body;
	/* behind.c */
	struct find *finds;
	/* ride.c */
	struct numbered trails;
	struct rides rides;
};

/* hop_take - put an event without a trace id at @place; Return: its packet's slot, or NO_OPEN */
uint32_t hop_take(struct assembler *a, unsigned int scope, sym_t host, const struct event *ev,
		  const struct place *place);

/* lines_finish - frees what line.c keeps */
void lines_finish(struct assembler *a);

/* ride_settle - packet @i rides no more: it has the hops of all lines seen */
void ride_settle(struct assembler *a, uint32_t i);

/* trail_path - the path of packet @p, which took that trail */
uint32_t trail_path(struct assembler *a, struct known_trail *trail, const struct packet *p);

/* see_table - the table at @place exists at all its hooks */
void see_table(struct assembler *a, unsigned int scope, const struct event *ev,
	       const struct place *place);

/* tick - one more event, at @now: what was quiet for long is closed */
int tick(struct assembler *a, unsigned int scope, const struct stamp *now);

/**
 * hash_of - packets that could be the one with these headers have the same
 * @lo: over lo, where a packet comes back with the source that SNAT gave it
 */
uint32_t hash_of(unsigned int scope, const struct header *header, bool lo);
bool over_lo(const struct event *ev);

/*
 * crowd_begin - make the second hash; crowd_finish - free it
 * crowd_add, crowd_remove - packet @i is in the first hash, will be taken out of it
 * crowd_see - its sequence numbers may be known now
 * crowd_first, crowd_next - as like_first(), like_next(), for headers with a sequence number
 */
#define RARE __attribute__((cold))

RARE void crowd_begin(struct assembler *a);
void crowd_finish(struct assembler *a);
RARE void crowd_add(struct assembler *a, uint32_t i);
RARE void crowd_remove(struct assembler *a, uint32_t i);
RARE void crowd_see(struct assembler *a, uint32_t i);
RARE uint32_t crowd_first(const struct assembler *a, uint32_t hash, const struct header *h);
RARE uint32_t crowd_next(const struct assembler *a, uint32_t i);

static inline bool crowd_knows(const struct assembler *a, const struct header *h)
{
	return a->crowd.buckets && (h->have & HEADER_SEQ);
}

static inline uint32_t like_from(const struct assembler *a, uint32_t i, uint32_t hash)
{
	while (i != NO_OPEN && a->links[i].hash != hash)
		i = a->links[i].next;
	return i;
}

/* like_first, like_next - the open packets with that hash that may be the one with headers @h */
static inline uint32_t like_first(const struct assembler *a, uint32_t hash, const struct header *h)
{
	if (crowd_knows(a, h))
		return crowd_first(a, hash, h);
	return like_from(a, a->buckets[hash & a->mask], hash);
}

static inline uint32_t like_next(const struct assembler *a, uint32_t i, const struct header *h)
{
	if (crowd_knows(a, h))
		return crowd_next(a, i);
	return like_from(a, a->links[i].next, a->links[i].hash);
}

/* find_best - the open packet that the event fits best, NO_OPEN if it fits none */
uint32_t find_best(struct assembler *a, unsigned int scope, uint32_t hash, const struct event *ev,
		   const struct place *place, enum hook *hook);

/* packet_open - a new packet with its first hop; Return: its slot, or NO_OPEN */
uint32_t packet_open(struct assembler *a, unsigned int scope, sym_t host, uint32_t hash,
		     const struct event *ev, const struct place *place);
/* packet_touch - it has its newest hop now */
void packet_touch(struct assembler *a, uint32_t i);
/* packet_order - its place is that of the event @placed */
void packet_order(struct assembler *a, uint32_t i);
void packet_close(struct assembler *a, uint32_t i);

/*
 * settle_hooks - a packet is over: the hops around them tell where the unplaced ones were
 * Return: 0 or -ENOMEM
 */
int settle_hooks(struct assembler *a, struct packet *p);
/* hop_settle - that hop was at @hook; Return: 0 or -ENOMEM */
int hop_settle(struct assembler *a, struct hop *hop, enum hook hook);

/**
 * behind_logs - a packet is over of which there are LOG lines alone: what stands behind the last
 *	one's rule, by the rule set, and stopped it, becomes a hop
 * @beyond: receives the step that did not, or that may have
 * Return: 0 or -ENOMEM
 */
int behind_logs(struct assembler *a, struct packet *p, uint32_t *beyond);

/* join_may_come - may nftables still tell of packet @o, of which the log told alone? */
bool join_may_come(const struct assembler *a, const struct open *o);
/* join_find - the slot of the packet whose other source tells of it already, or NO_OPEN */
uint32_t join_find(const struct assembler *a, unsigned int scope, uint32_t hash,
		   const struct event *ev, const struct place *place);
/* join_late - @ev has addresses that nft's row @i had not: does the log tell of it under these? */
void join_late(struct assembler *a, uint32_t i, const struct event *ev, const struct place *place);
/* join_link - @i tells of the packet that is in @lead; join_merge - both are over: one row of hops
 */
void join_link(struct assembler *a, uint32_t lead, uint32_t i);
void join_merge(struct assembler *a, uint32_t lead, uint32_t follower);
/**
 * weave - the hops of @p and of @q in one row, that of @p
 * @q_first: it begins with one of @q
 * Return: 0 or -ENOMEM
 */
int weave(const struct assembler *a, struct packet *p, const struct packet *q, bool *q_first);

/* hop_append - @ev is the next hop of packet @i, at @hook; Return: 0 or -ENOMEM */
int hop_append(struct assembler *a, uint32_t i, const struct event *ev, const struct place *place,
	       enum hook hook);
/*
 * hop_next - where the next hop of @p is put together, since whoever copies what was just written
 *	piece by piece waits for it; NULL: no memory
 * hop_put - that hop, all but @at, is the newest of @o, at @place in @hook; Return: 0 or -ENOMEM
 */
struct hop *hop_next(struct packet *p);
int hop_put(struct assembler *a, struct open *o, const struct place *place, enum hook hook);
/* hops_reserve - room for @n of them; Return: 0 or -ENOMEM */
int hops_reserve(struct packet *p, size_t n);
/* step_of_event - the number of the step that it is at @hook, UINT32_MAX if there is no memory */
uint32_t step_of_event(struct assembler *a, const struct event *ev, const struct place *place,
		       enum hook hook);
/* header_seq - LOG lines have no sequence numbers: @h gets those of @other if that has some */
void header_seq(struct header *h, const struct header *other);
/* endpoints_of - those in a header */
struct endpoints endpoints_of(const struct header *header);
/* endpoints_add - note the event's endpoints; Return: true if they are new to the packet */
bool endpoints_add(struct packet *p, const struct event *ev);
uint16_t flags_of_event(const struct event *ev);
uint8_t hop_have(const struct event *ev);
/* translates - what the rule of @step makes of packets, if nothing later need show it; or NULL */
const struct nat_target *translates(const struct assembler *a, uint32_t step);
/* tell_translation - if the rule set says what address the packet goes on with, say so */
void tell_translation(struct assembler *a, struct packet *p);

/* nft_forget - @i is closed: its id leads nowhere */
void nft_forget(struct assembler *a, uint32_t i);
/* nft_take - a place for an event with a trace id; Return: 0 or -ENOMEM */
int nft_take(struct assembler *a, unsigned int scope, sym_t host, const struct event *ev);

/*
 * bridge_find - the slot of the packet that a bridge handed up to where @ev is, the only one that
 * can be it; or NO_OPEN
 */
uint32_t bridge_find(const struct assembler *a, unsigned int scope, const struct event *ev,
		     const struct place *place);

/* age_close - are two stamps so close that one packet's hops can be that far apart? */
#define AGE_CLOSE_NS INT64_C(10000000)

#endif
