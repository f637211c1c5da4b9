/* SPDX-License-Identifier: GPL-2.0-or-later */
/* flows.c - both directions of a connection, joined across NAT
 *
 * Theory of Operation
 *
 * A flow is found under the tuple it was first seen with and under the tuple it left with; the
 * hash does not care for direction, so two entries serve four tuples. Which one matched tells
 * the direction.
 *
 * An answer to a masqueraded packet comes with an address that no packet before it showed
 * (SNAT is not visible in a trace: nat POSTROUTING is the last table). It begins a flow of its
 * own; when its address is turned back between PREROUTING and FORWARD the flow of the request
 * is found under the new tuple, and the two become one. So the answer also tells how the
 * request left.
 *
 * Flows are named by number. The number of a joined flow stays, and leads to that of the other.
 */
#include "flows.h"

#include <errno.h>
#include <stdlib.h>

#include "nfhop/hash.h"
#include "nfhop/prefetch.h"
#include "nfhop/trace.h"

#include "index.h"

#define NONE	    UINT32_MAX
#define FIRST_SLOTS 1024
#define ANSWER_NS   INT64_C(100000000) /* a REJECT answers at once; a slow console takes longer */
#define NEW_TCP_NS                                                                                 \
	INT64_C(120000000000) /* a SYN after so long: nf_conntrack_tcp_timeout_time_wait */
#define NEW_OTHER_NS INT64_C(300000000000)
#define QUOTE_FLOWS  64 /* what is answered by an error had a packet just now */

enum { PROTO_TCP = 6 };

/* struct rec - a flow, and what only this file needs of it; @opened: packets that had its number */
struct rec {
	struct flow flow;
	uint64_t opened;
	struct packet *newest[2]; /* open packets, to be told of answers */
	uint32_t entries[2];	  /* of the index: under there, under left */
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

static uint64_t hash_end(const struct addr *a, uint16_t port)
{
	return hash_mix(hash_16(a->b) * HASH_ODD + port);
}

/* The same for a tuple and its reverse. */
static uint32_t tuple_hash(const struct tuple *t, unsigned int scope)
{
	return (uint32_t)hash_mix(hash_end(&t->ends.src, t->ends.sport) +
				  hash_end(&t->ends.dst, t->ends.dport) +
				  ((uint64_t)scope << 16 | (uint64_t)t->proto << 8 | t->family));
}

static int known_under(struct flows *f, uint32_t slot, int which, const struct tuple *t)
{
	uint32_t hash = tuple_hash(t, f->recs[slot].flow.scope);

	return index_add(&f->index, hash, slot, &f->recs[slot].entries[which]);
}

static void unknown_under(struct flows *f, uint32_t slot, int which)
{
	index_remove(&f->index, f->recs[slot].entries[which]);
	f->recs[slot].entries[which] = INDEX_NONE;
}

/* Which way does a packet with @t run in @flow? Return: 0 there, 1 back, -1 not its packet */
static int direction_of(const struct flow *flow, const struct tuple *t)
{
	struct tuple back = tuple_reverse(t);

	if (tuple_eq(t, &flow->there) || tuple_eq(t, &flow->left))
		return 0;
	if (tuple_eq(&back, &flow->left) || tuple_eq(&back, &flow->there))
		return 1;
	return -1;
}

static uint32_t find(const struct flows *f, unsigned int scope, const struct tuple *t,
		     int *direction)
{
	uint32_t hash = tuple_hash(t, scope);

	for (uint32_t e = index_first(&f->index, hash); e != INDEX_NONE;
	     e = index_next(&f->index, hash, e)) {
		uint32_t slot = index_slot(&f->index, e);
		const struct flow *flow = &f->recs[slot].flow;

		if (flow->scope != scope)
			continue;
		*direction = direction_of(flow, t);
		if (*direction >= 0)
			return slot;
	}
	return NONE;
}

static void list_remove(struct flows *f, uint32_t i)
{
	const struct links *l = &f->links[i];

	*(l->older == NONE ? &f->oldest : &f->links[l->older].newer) = l->newer;
	*(l->newer == NONE ? &f->newest : &f->links[l->newer].older) = l->older;
}

static void list_append(struct flows *f, uint32_t i)
{
	f->links[i] = (struct links){ f->newest, NONE };
	*(f->newest == NONE ? &f->oldest : &f->links[f->newest].newer) = i;
	f->newest = i;
}

static void rec_release(struct flows *f, uint32_t slot)
{
	struct rec *r = &f->recs[slot];

	unknown_under(f, slot, 0);
	unknown_under(f, slot, 1);
	list_remove(f, slot);
	f->samples -= flow_paths_free(&r->flow);
	r->used = false;
	f->links[slot].newer = f->free;
	f->free = slot;
	f->count--;
}

/* The flow that was quiet longest goes; its number leads nowhere from now on. */
static void evict(struct flows *f)
{
	uint32_t slot = f->oldest;

	f->numbers[f->recs[slot].flow.no - 1].slot = NONE;
	rec_release(f, slot);
	f->evicted++;
}

static int recs_reserve(struct flows *f)
{
	struct links *links;
	struct rec *recs;
	size_t cap;

	if (f->count >= f->limits.max_flows)
		evict(f);
	if (f->free != NONE || f->n < f->cap)
		return 0;
	cap = f->cap ? f->cap * 2 : 64;
	recs = realloc(f->recs, cap * sizeof(*recs));
	if (!recs)
		return -ENOMEM;
	f->recs = recs;
	links = realloc(f->links, cap * sizeof(*links));
	if (!links)
		return -ENOMEM;
	f->links = links;
	f->cap = cap;
	return 0;
}

/* slot_by_no - where the flow is that has that number now; NONE if it was given up */
static uint32_t slot_by_no(const struct flows *f, uint32_t no)
{
	while (no && no <= f->last_no && f->numbers[no - 1].joined)
		no = f->numbers[no - 1].joined;
	return no && no <= f->last_no ? f->numbers[no - 1].slot : NONE;
}

static int number_take(struct flows *f, uint32_t slot)
{
	if (f->last_no == f->cap_no) {
		size_t cap = f->cap_no ? f->cap_no * 2 : 64;
		struct number *numbers = realloc(f->numbers, cap * sizeof(*numbers));

		if (!numbers)
			return -ENOMEM;
		f->numbers = numbers;
		f->cap_no = cap;
	}
	f->numbers[f->last_no++] = (struct number){ .slot = slot };
	f->recs[slot].flow.no = f->last_no;
	return 0;
}

static uint32_t flow_begin(struct flows *f, const struct packet *p, const struct tuple *there)
{
	uint32_t slot;

	if (recs_reserve(f))
		return NONE;
	slot = f->free;
	if (slot == NONE)
		slot = (uint32_t)f->n++;
	else
		f->free = f->links[slot].newer;
	f->recs[slot] = (struct rec){
		.flow = { .host = p->host,
			  .scope = p->scope,
			  .there = *there,
			  .left = *there,
			  .newest = { -1, -1 } },
		.entries = { NONE, NONE },
		.used = true,
	};
	f->recs[slot].flow.first = p->hops[0].stamp;
	list_append(f, slot);
	f->count++;
	if (number_take(f, slot) || known_under(f, slot, 0, there)) {
		rec_release(f, slot);
		return NONE;
	}
	return slot;
}

/* Ports are used again: is the packet the first of another connection with the same tuple? */
static bool begins_anew(const struct flow *flow, const struct packet *p, int direction)
{
	int64_t age = stamp_age(&p->hops[0].stamp, &flow->last);

	if (!flow->packets[0] && !flow->packets[1])
		return false;
	if (p->first.have & HEADER_FLAGS)
		return direction == 0 && (p->first.tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN &&
		       age > NEW_TCP_NS;
	return age > NEW_OTHER_NS;
}

static const struct packet *same_quoted(const struct packet *open, const struct header *quoted)
{
	if (!open ||
	    ((open->first.have & quoted->have & HEADER_ID) && open->first.id != quoted->id))
		return NULL;
	return open;
}

/* This host sent an ICMP error or a RST: if it answers a packet seen just now, tell that one. */
static void tell_answered(struct rec *r, const struct packet *p, int direction)
{
	struct packet *other = r->newest[!direction];
	bool rst = (p->first.have & HEADER_FLAGS) && (p->first.tcp_flags & TCP_RST);
	const struct hop *last;

	if (p->hops[0].iif || !p->hops[0].oif || !other || !other->n_hops)
		return;
	if (!(rst || (p->has_quoted && same_quoted(other, &p->quoted))))
		return;
	last = &other->hops[other->n_hops - 1];
	if (stamp_age(&p->hops[0].stamp, &last->stamp) <= ANSWER_NS)
		other->flags |= PACKET_ANSWERED;
}

static void packet_join(struct flows *f, uint32_t slot, struct packet *p, int direction)
{
	struct rec *r = &f->recs[slot];

	p->flow = r->flow.no;
	r->opened++;
	p->flags &= (uint16_t)~PACKET_BACK;
	if (direction)
		p->flags |= PACKET_BACK;
	if (!p->has_quoted) { /* no error answers an error */
		r->newest[direction] = p;
		sent_set(&r->flow.sent[direction], &p->first);
	}
	list_remove(f, slot);
	list_append(f, slot);
}

static struct tuple quoted_tuple(const struct packet *p)
{
	struct endpoints e = { p->quoted.src, p->quoted.dst, p->quoted.sport, p->quoted.dport };

	if (p->quoted.have & HEADER_ECHO)
		e.sport = e.dport = p->quoted.echo_id;
	return tuple_of(&p->quoted, &e);
}

/* The one flow, among those that had a packet last, that an error is about; NONE if many are. */
static uint32_t find_quoted(const struct flows *f, const struct packet *p, int *direction)
{
	enum quote_fit best = QUOTE_OTHER;
	uint32_t found = NONE, slot = f->newest;
	int d = 0;

	for (int n = 0; slot != NONE && n < QUOTE_FLOWS; n++, slot = f->links[slot].older) {
		enum quote_fit fit = quote_fit(&f->recs[slot].flow, p, &d);

		if (fit == QUOTE_OTHER || fit < best)
			continue;
		found = fit > best ? slot : NONE;
		best = fit;
		*direction = d;
	}
	return found;
}

int flows_opened(struct flows *f, struct packet *p)
{
	struct tuple t;
	uint32_t slot = NONE;
	int direction = 0;

	if (p->has_quoted && !quotes_ends(p)) {
		slot = quotes_start(p) ? find_quoted(f, p, &direction) : NONE;
		p->has_quoted = slot != NONE; /* a quote that leads nowhere tells nothing */
	}
	t = quotes_ends(p) ? quoted_tuple(p) : tuple_of(&p->first, &p->ends[0]);
	if (slot == NONE)
		slot = find(f, p->scope, &t, &direction);
	if (slot != NONE && begins_anew(&f->recs[slot].flow, p, direction)) {
		unknown_under(f, slot, 0);
		unknown_under(f, slot, 1);
		slot = NONE;
	}
	if (slot == NONE) {
		direction = 0;
		slot = flow_begin(f, p, &t);
	}
	if (slot == NONE)
		return -ENOMEM;
	if (p->has_quoted)
		direction = !direction; /* the error runs against what it quotes */
	packet_join(f, slot, p, direction);
	tell_answered(&f->recs[slot], p, direction);
	return 0;
}

/* nobody_knows - have none but @opened open packets the flow's number? */
static bool nobody_knows(const struct rec *r, uint64_t opened)
{
	return !r->flow.packets[0] && !r->flow.packets[1] && r->opened == opened;
}

/* Flow @from turns out to be @to, run the other way if @turned. */
static int flows_merge(struct flows *f, uint32_t to, uint32_t from, bool turned)
{
	struct flow *a = &f->recs[to].flow, *b = &f->recs[from].flow;
	struct tuple seen = turned ? tuple_reverse(&b->there) : b->there;
	bool unseen = nobody_knows(&f->recs[from], 1);

	for (int d = 0; d < 2; d++) {
		a->packets[d] += b->packets[d != turned];
		if (!a->iif[d] && !a->oif[d]) {
			a->iif[d] = b->iif[d != turned];
			a->oif[d] = b->oif[d != turned];
		}
		if (f->recs[from].newest[d != turned])
			f->recs[to].newest[d] = f->recs[from].newest[d != turned];
		if (b->sent[d != turned].known)
			a->sent[d] = b->sent[d != turned];
	}
	a->errors += b->errors;
	if (b->mtu) {
		a->mtu = b->mtu;
		a->mtu_back = b->mtu_back != turned;
	}
	if (b->first_no && (!a->first_no || b->first_no < a->first_no)) {
		a->first_no = b->first_no;
		a->first_flags = b->first_flags;
	}
	f->samples -= flow_paths_move(a, b, turned);
	f->recs[to].opened += f->recs[from].opened;
	f->numbers[b->no - 1].joined = a->no;
	if (unseen && b->no == f->last_no)
		f->last_no--; /* only its open packet knows that number */
	rec_release(f, from);
	if (turned) {
		a->left = seen;
		a->nat_by = BY_TRACE;
		unknown_under(f, to, 1);
		return known_under(f, to, 1, &a->left);
	}
	return 0;
}

static int learn_left(struct flows *f, uint32_t slot, const struct tuple *left)
{
	struct flow *flow = &f->recs[slot].flow;

	if (tuple_eq(&flow->there, left))
		return 0;
	flow->left = *left;
	flow->nat_by = BY_TRACE;
	unknown_under(f, slot, 1);
	return known_under(f, slot, 1, left);
}

/*
 * Its destination is the new one, its source the old one yet: where that is known to change, too,
 * this tells nothing new. (The source changes last, and not where later packets could show it.)
 */
static bool is_on_its_way(const struct flow *flow, const struct tuple *t)
{
	const struct endpoints *at = &t->ends, *left = &flow->left.ends;

	return at->dport == left->dport && !memcmp(&at->dst, &left->dst, sizeof(at->dst)) &&
	       at->sport == flow->there.ends.sport &&
	       !memcmp(&at->src, &flow->there.ends.src, sizeof(at->src));
}

/*
 * An ICMP error quotes a packet as it left; behind nat it quotes it as it came (formats 5.3).
 * So flow @mine, begun by the error, is flow @other as it left.
 */
static int join_quoted(struct flows *f, uint32_t other, uint32_t mine, struct packet *p)
{
	struct tuple left = f->recs[mine].flow.there;

	if (flows_merge(f, other, mine, false))
		return -ENOMEM;
	packet_join(f, other, p, 1);
	return learn_left(f, other, &left);
}

/* seen_now - the headers of packet @p were not in the input until now: it is of another flow */
static int seen_now(struct flows *f, uint32_t mine, struct packet *p)
{
	struct rec *r = &f->recs[mine];
	uint32_t no = r->flow.no;

	for (int d = 0; d < 2; d++)
		if (r->newest[d] == p)
			r->newest[d] = NULL;
	r->opened--;
	if (nobody_knows(r, 0)) {
		f->numbers[no - 1].slot = NONE;
		if (no == f->last_no)
			f->last_no--;
		rec_release(f, mine);
	}
	return flows_opened(f, p);
}

int flows_moved(struct flows *f, struct packet *p, const struct packet *told)
{
	struct tuple t = tuple_of(&told->first, &told->ends[told->n_ends - 1]);
	bool back = p->flags & PACKET_BACK;
	uint32_t mine, other;
	int direction;

	mine = slot_by_no(f, p->flow);
	if (mine == NONE)
		return 0;
	if (f->recs[mine].flow.there.unseen)
		return seen_now(f, mine, p);
	if (quotes_ends(told))
		t = quoted_tuple(told);
	else if (told->has_quoted)
		return 0; /* it was found by other marks */
	other = find(f, p->scope, &t, &direction);
	if (other == mine)
		return 0;
	if (quotes_ends(told))
		return other == NONE || direction ? 0 : join_quoted(f, other, mine, p);
	if (other == NONE)
		return back || is_on_its_way(&f->recs[mine].flow, &t) ? 0 : learn_left(f, mine, &t);
	if (direction == (int)back && !back) { /* the same way: it was seen translated before */
		struct tuple seen = f->recs[mine].flow.there;
		int err = flows_merge(f, other, mine, false);

		p->flow = f->recs[other].flow.no;
		f->recs[other].flow.left = t;
		f->recs[other].flow.there = seen;
		f->recs[other].flow.nat_by = BY_TRACE;
		unknown_under(f, other, 0);
		unknown_under(f, other, 1);
		return err || known_under(f, other, 0, &seen) || known_under(f, other, 1, &t);
	}
	if (flows_merge(f, other, mine, direction != (int)back))
		return -ENOMEM;
	packet_join(f, other, p, direction);
	return 0;
}

int flows_translated(struct flows *f, struct packet *p, const struct nat_target *to)
{
	struct tuple t;
	struct flow *flow;
	uint32_t mine;

	mine = slot_by_no(f, p->flow);
	if (mine == NONE || !p->n_ends || (p->flags & PACKET_BACK) || p->has_quoted)
		return 0;
	t = tuple_of(&p->first, &p->ends[p->n_ends - 1]);
	flow = &f->recs[mine].flow;
	if (memcmp(&flow->left.ends.src, &flow->there.ends.src, sizeof(struct addr)))
		return 0; /* an answer, or an earlier packet, has told */
	flow->nat_by = BY_RULESET;
	if (!(to->have & NAT_TARGET_ADDR) ||
	    memcmp(&to->addr[0], &to->addr[1], sizeof(to->addr[0])))
		return 0; /* MASQUERADE, or a range: the answer will tell */
	t.ends.src = to->addr[0];
	if ((to->have & NAT_TARGET_PORT) && to->port[0] == to->port[1])
		t.ends.sport = to->port[0];
	flow->left = t;
	unknown_under(f, mine, 1);
	return known_under(f, mine, 1, &t);
}

/* Its flow may have been joined to another, the other way round, while it was open. */
static void settle_direction(const struct flow *flow, struct packet *p)
{
	struct tuple t = tuple_of(&p->first, &p->ends[0]);
	int direction = p->has_quoted || !p->n_ends ? -1 : direction_of(flow, &t);

	if (direction >= 0)
		p->flags = (uint16_t)((p->flags & ~PACKET_BACK) | (direction ? PACKET_BACK : 0));
}

void flows_soon(const struct flows *f, const struct packet *p, bool next)
{
	const struct rec *r;
	uint32_t slot = slot_by_no(f, p->flow);

	if (slot == NONE)
		return;
	r = &f->recs[slot];
	if (!next)
		prefetch(r, sizeof(*r));
	else if (r->flow.n_paths)
		prefetch(r->flow.paths,
			 sizeof(*r->flow.paths) * (r->flow.n_paths < 4 ? r->flow.n_paths : 4));
}

/* Each step needs what the one before it has fetched, so they are done for three packets at once.
 */
void flows_coming(struct flows *f, unsigned int scope, const struct header *h,
		  const struct endpoints *ends)
{
	struct tuple t = tuple_of(h, ends);
	uint32_t entry = index_first(&f->index, f->coming[1]);

	if (entry != INDEX_NONE)
		prefetch(&f->recs[index_slot(&f->index, entry)], sizeof(struct rec));
	index_fetch(&f->index, f->coming[0], true);
	f->coming[1] = f->coming[0];
	f->coming[0] = tuple_hash(&t, scope);
	index_fetch(&f->index, f->coming[0], false);
}

int flows_closed(struct flows *f, struct packet *p)
{
	uint32_t slot = slot_by_no(f, p->flow);
	struct flow *flow;
	struct rec *r;
	bool sampled = false;

	if (slot == NONE)
		return 0;
	r = &f->recs[slot];
	flow = &r->flow;
	p->flow = flow->no;
	settle_direction(flow, p);
	for (int d = 0; d < 2; d++)
		if (r->newest[d] == p)
			r->newest[d] = NULL;
	if (flow_count(flow, p, f->samples < f->limits.max_samples, &sampled))
		return -ENOMEM;
	f->samples += sampled;
	return 0;
}

size_t flows_slots(const struct flows *f)
{
	return f->n;
}

const struct flow *flows_at(const struct flows *f, size_t i)
{
	const struct rec *r = &f->recs[i];

	return i < f->n && r->used && (r->flow.packets[0] || r->flow.packets[1]) ? &r->flow : NULL;
}

const struct flow *flows_by_no(const struct flows *f, uint32_t no)
{
	uint32_t slot = slot_by_no(f, no);

	return slot == NONE ? NULL : &f->recs[slot].flow;
}

size_t flows_count(const struct flows *f)
{
	return f->count;
}

uint64_t flows_evicted(const struct flows *f)
{
	return f->evicted;
}

struct flows *flows_create(const struct flows_limits *limits)
{
	struct flows *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->limits = *limits;
	f->oldest = f->newest = f->free = NONE;
	index_init(&f->index);
	return f;
}

void flows_destroy(struct flows *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->n; i++)
		if (f->recs[i].used)
			flow_paths_free(&f->recs[i].flow);
	free(f->recs);
	free(f->links);
	index_finish(&f->index);
	free(f->numbers);
	free(f);
}
