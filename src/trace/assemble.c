/* SPDX-License-Identifier: GPL-2.0-or-later */
/* assemble.c - hops in, packets out: who belongs to whom, and when a packet's way is over
 *
 * Theory of Operation
 *
 * Open packets stand in a hash under what no hop can change (family, protocol, source, IP id,
 * length) and in a list in the order of their last hops. An event goes to the packet in its
 * bucket that it fits best (fit.c), and begins a packet of its own if it fits none. If two fit
 * equally well the younger one gets it and is marked: its grouping is not certain.
 *
 * The kernel writes all hops of a packet within microseconds, so a packet is over when it was
 * quiet for idle_ns by the events' own clock, when an equal one starts at the same hook, or
 * when there is no more room. Nothing here knows what becomes of packets afterwards.
 */
#include "assemble.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "nfhop/hash.h"

#define HOPS_PER_PACKET_MAX 4096
#define QUIET_EVENTS	    (1u << 20) /* without stamps, so many events later a packet is over */

struct scope {
	struct visible visible[2]; /* IPv4, IPv6 */
};

struct assembler {
	struct assembler_limits limits;
	struct assembler_sink sink;
	struct syms *syms;
	struct paths *paths;
	struct open *open;
	size_t n_open; /* slots ever used */
	uint32_t free, oldest, newest;
	uint32_t *buckets;
	size_t mask;
	struct scope *scopes;
	size_t n_scopes;
	uint64_t events, packets, ambiguous, evicted;
	bool lossy;
};

static uint32_t bucket_of(const struct assembler *a, unsigned int scope, const struct event *ev)
{
	const struct header *h = &ev->pkt;
	uint64_t hash = (uint64_t)scope << 32 | (uint64_t)h->family << 16 | h->proto;

	if (h->have & HEADER_ADDR) {
		uint64_t half[2];

		memcpy(half, h->src.b, sizeof(half));
		hash = hash_add(hash_add(hash, half[0]), half[1]);
	}
	hash = hash_add(hash, (uint64_t)h->id << 32 | h->length);
	if (h->have & HEADER_PORTS)
		hash = hash_add(hash, h->sport);
	return (uint32_t)(hash & a->mask);
}

static void list_remove(struct assembler *a, uint32_t i)
{
	struct open *o = &a->open[i];

	*(o->older == NO_OPEN ? &a->oldest : &a->open[o->older].newer) = o->newer;
	*(o->newer == NO_OPEN ? &a->newest : &a->open[o->newer].older) = o->older;
}

static void list_append(struct assembler *a, uint32_t i)
{
	struct open *o = &a->open[i];

	o->older = a->newest;
	o->newer = NO_OPEN;
	*(a->newest == NO_OPEN ? &a->oldest : &a->open[a->newest].newer) = i;
	a->newest = i;
}

static void bucket_remove(struct assembler *a, uint32_t i)
{
	uint32_t *link = &a->buckets[a->open[i].bucket];

	while (*link != i)
		link = &a->open[*link].next;
	*link = a->open[i].next;
}

static unsigned int hooks_of_hop(const struct hop *hop)
{
	if (hop->iif && hop->oif)
		return HOOK_BIT(HOOK_FORWARD) | HOOK_BIT(HOOK_POSTROUTING);
	if (hop->iif)
		return HOOK_BIT(HOOK_PREROUTING) | HOOK_BIT(HOOK_INPUT);
	return HOOK_BIT(HOOK_OUTPUT) | HOOK_BIT(HOOK_POSTROUTING);
}

static enum hook hook_near(const struct assembler *a, const struct packet *p, int i, int by)
{
	for (i += by; i >= 0 && i < p->n_hops; i += by) {
		enum hook hook = paths_step_at(a->paths, p->hops[i].step)->hook;

		if (hook)
			return hook;
	}
	return HOOK_NONE;
}

static bool in_one_table(const struct assembler *a, const struct hop *x, const struct hop *y)
{
	sym_t table = paths_step_at(a->paths, x->step)->table;

	return table && table == paths_step_at(a->paths, y->step)->table;
}

/* Where was hop @i, seen from the hops around it? Return: HOOK_NONE if that leaves a choice. */
static enum hook hook_between(const struct assembler *a, const struct packet *p, int i)
{
	enum hook before = hook_near(a, p, i, -1), after = hook_near(a, p, i, 1);
	enum hook found = HOOK_NONE;

	if (i + 1 < p->n_hops && in_one_table(a, &p->hops[i], &p->hops[i + 1]))
		return after;
	for (int h = HOOK_PREROUTING; h <= HOOK_POSTROUTING; h++) {
		enum hook hook = (enum hook)h;

		if (!(hooks_of_hop(&p->hops[i]) & HOOK_BIT(h)))
			continue;
		if (before && hook != before && !hook_follows(before, hook))
			continue;
		if (after && hook != after && !hook_follows(hook, after))
			continue;
		if (found)
			return HOOK_NONE;
		found = hook;
	}
	return found;
}

/* A packet is over: its hops around them may tell where the hops were that did not say so. */
static void settle_hooks(struct assembler *a, struct packet *p)
{
	for (int i = 0; i < p->n_hops; i++) {
		struct step step = *paths_step_at(a->paths, p->hops[i].step);

		if (step.hook || step.family == FAMILY_ARP || step.family == FAMILY_BRIDGE)
			continue;
		step.hook = (uint8_t)hook_between(a, p, i);
		if (step.hook)
			p->hops[i].step = paths_step(a->paths, &step);
	}
}

static void packet_close(struct assembler *a, uint32_t i)
{
	struct open *o = &a->open[i];

	list_remove(a, i);
	bucket_remove(a, i);
	if (a->lossy)
		o->packet.flags |= PACKET_GAP;
	settle_hooks(a, &o->packet);
	o->packet.path = paths_intern(a->paths, o->packet.hops, o->packet.n_hops);
	if (a->sink.closed)
		a->sink.closed(a->sink.who, &o->packet);
	o->next = a->free;
	a->free = i;
}

/* Is a packet's last hop so near that more may come? Then it hurts to give it up. */
static bool is_recent(const struct open *o, const struct stamp *now)
{
	return llabs(stamp_age(now, &o->last)) <= AGE_CLOSE_NS;
}

/* A slot for a new packet; its hops array is used again. */
static uint32_t slot_take(struct assembler *a, const struct stamp *now)
{
	uint32_t i;

	if (a->free == NO_OPEN && a->n_open == a->limits.max_open) {
		a->evicted += is_recent(&a->open[a->oldest], now);
		packet_close(a, a->oldest);
	}
	if (a->free == NO_OPEN)
		return (uint32_t)a->n_open++;
	i = a->free;
	a->free = a->open[i].next;
	return i;
}

static int hops_reserve(struct packet *p)
{
	uint16_t cap = p->cap_hops ? (uint16_t)(p->cap_hops * 2) : 16;
	struct hop *hops;

	if (p->n_hops < p->cap_hops)
		return 0;
	hops = realloc(p->hops, cap * sizeof(*hops));
	if (!hops)
		return -ENOMEM;
	p->hops = hops;
	p->cap_hops = cap;
	return 0;
}

static uint16_t flags_of_event(const struct event *ev)
{
	unsigned int flags = 0;

	if (ev->pkt.have & (HEADER_FRAG | HEADER_MF))
		flags |= PACKET_FRAGMENT;
	if (ev->pkt.have & HEADER_SHORT)
		flags |= PACKET_SHORT;
	if (ev->have & EVENT_CT_INVALID)
		flags |= PACKET_CT_INVALID;
	if ((ev->have & EVENT_QUOTED) ||
	    ((ev->pkt.have & HEADER_FLAGS) && (ev->pkt.tcp_flags & TCP_RST)))
		flags |= PACKET_ERROR;
	/* formats.md 1.13: locally made ND, MLD, IGMP carry their own device and no MAC */
	if (ev->iif.n && !(str_eq(ev->iif, ev->oif) && !(ev->have & EVENT_MAC) && !ev->physin.n))
		flags |= PACKET_CAME_IN;
	return (uint16_t)flags;
}

static struct endpoints endpoints_of(const struct header *h)
{
	struct endpoints e = { .src = h->src, .dst = h->dst };

	if (h->have & HEADER_PORTS) {
		e.sport = h->sport;
		e.dport = h->dport;
	} else if (h->have & HEADER_ECHO) {
		e.sport = e.dport = h->echo_id;
	}
	return e;
}

static bool endpoints_eq(const struct endpoints *a, const struct endpoints *b)
{
	return !memcmp(&a->src, &b->src, sizeof(a->src)) &&
	       !memcmp(&a->dst, &b->dst, sizeof(a->dst)) && a->sport == b->sport &&
	       a->dport == b->dport;
}

static uint32_t step_of_event(struct assembler *a, const struct event *ev,
			      const struct place *place, enum hook hook)
{
	struct step step = {
		.table = place->table,
		.chain = place->chain,
		.target = 0,
		.prefix = place->prefix,
		.rule = ev->have & EVENT_NUMBER ? ev->number : 0,
		.handle = ev->have & EVENT_HANDLE ? ev->handle : 0,
		.family = (uint8_t)ev->family,
		.hook = (uint8_t)hook,
		.kind = (uint8_t)ev->hop,
		.verdict = (uint8_t)ev->verdict,
	};

	step.have = (uint8_t)((ev->have & EVENT_NUMBER ? STEP_RULE : 0) |
			      (ev->have & EVENT_HANDLE ? STEP_HANDLE : 0));
	return paths_step(a->paths, &step);
}

static uint8_t hop_have(const struct event *ev)
{
	return (uint8_t)((ev->have & EVENT_MARK ? HOP_MARK : 0) |
			 (ev->pkt.have & HEADER_TTL ? HOP_TTL : 0) |
			 (ev->pkt.have & HEADER_LEN ? HOP_LENGTH : 0) |
			 (ev->pkt.have & HEADER_TOS ? HOP_TOS : 0) |
			 (ev->have & EVENT_IN ? HOP_IN : 0));
}

static void see_table(struct assembler *a, unsigned int scope, const struct event *ev,
		      const struct place *place)
{
	if (place->number != TABLE_MAX && !(ev->have & EVENT_HANDLE))
		a->scopes[scope].visible[ev->family == FAMILY_IP6].tables |=
			TABLE_BIT(place->number);
}

/* Note the event's endpoints; Return: true if they are new to the packet. */
static bool endpoints_add(struct packet *p, const struct event *ev)
{
	struct endpoints e = endpoints_of(&ev->pkt);

	if (!(ev->pkt.have & HEADER_ADDR) || p->n_ends == PACKET_ENDPOINTS)
		return false;
	if (p->n_ends && endpoints_eq(&p->ends[p->n_ends - 1], &e))
		return false;
	p->ends[p->n_ends++] = e;
	return true;
}

static int hop_append(struct assembler *a, uint32_t i, const struct event *ev,
		      const struct place *place, enum hook hook)
{
	struct open *o = &a->open[i];
	struct packet *p = &o->packet;
	bool moved;

	if (hops_reserve(p))
		return -ENOMEM;
	if (p->flags & PACKET_GAP) {
		p->flags &= (uint16_t)~PACKET_GAP;
		p->flags |= PACKET_MID_GAP;
	}
	moved = endpoints_add(p, ev) && p->n_hops;
	p->hops[p->n_hops++] = (struct hop){
		.stamp = ev->stamp,
		.step = step_of_event(a, ev, place, hook),
		.iif = place->iif,
		.oif = place->oif,
		.mark = ev->have & EVENT_MARK ? ev->mark : 0,
		.length = ev->pkt.length,
		.ttl = ev->pkt.ttl,
		.tos = ev->pkt.tos,
		.at = (uint8_t)(p->n_ends ? p->n_ends - 1 : 0),
		.have = hop_have(ev),
	};
	p->flags |= flags_of_event(ev);
	if (ev->have & EVENT_QUOTED)
		p->quoted = ev->quoted; /* nat turns what is quoted, too */
	p->first.have |= ev->pkt.have & HEADER_SEQ;
	if ((ev->pkt.have & HEADER_SEQ) && !p->first.tcp_seq && !p->first.tcp_ack) {
		p->first.tcp_seq = ev->pkt.tcp_seq; /* LOG lines before it had none */
		p->first.tcp_ack = ev->pkt.tcp_ack;
	}
	open_advance(o, place, hook);
	o->last = ev->stamp;
	o->touched = a->events;
	if (moved && a->sink.moved)
		a->sink.moved(a->sink.who, p);
	return 0;
}

/* Equal packets that are older, or that no clock tells apart, are over when a new one starts. */
static void take_over(struct assembler *a, uint32_t bucket, const struct event *ev,
		      const struct place *place)
{
	for (uint32_t next, i = a->buckets[bucket]; i != NO_OPEN; i = next) {
		struct open *o = &a->open[i];
		bool fine = ((ev->stamp.have & o->last.have) & STAMP_UP) || ev->stamp.wall_digits;
		bool old = !is_recent(o, &ev->stamp);

		next = o->next;
		if (!same_packet(o, ev))
			continue;
		if (old || (!fine && (o->hooks & place->hooks)))
			packet_close(a, i);
	}
}

static int packet_open(struct assembler *a, unsigned int scope, sym_t host, uint32_t bucket,
		       const struct event *ev, const struct place *place)
{
	enum hook hook = HOOK_NONE;
	struct open *o;
	uint32_t i;
	int err;

	take_over(a, bucket, ev, place);
	i = slot_take(a, &ev->stamp);
	o = &a->open[i];
	*o = (struct open){
		.packet = { .no = ++a->packets,
			    .host = host,
			    .scope = (uint16_t)scope,
			    .first = ev->pkt,
			    .quoted = ev->quoted,
			    .has_quoted = ev->have & EVENT_QUOTED,
			    .hops = o->packet.hops,
			    .cap_hops = o->packet.cap_hops },
		.bucket = bucket,
		.next = a->buckets[bucket],
		.priority = INT_MIN,
	};
	a->buckets[bucket] = i;
	list_append(a, i);
	for (int h = HOOK_PREROUTING; h <= HOOK_POSTROUTING; h++)
		if (place->hooks == HOOK_BIT(h))
			hook = (enum hook)h;
	err = hop_append(a, i, ev, place, hook);
	if (!err && a->sink.opened)
		a->sink.opened(a->sink.who, &o->packet);
	return err;
}

/* The open packet that the event fits best, NO_OPEN if it fits none. */
static uint32_t find_best(struct assembler *a, unsigned int scope, uint32_t bucket,
			  const struct event *ev, const struct place *place, enum hook *hook)
{
	uint32_t best = NO_OPEN;
	int best_cost = INT_MAX;
	bool tie = false;

	for (uint32_t i = a->buckets[bucket]; i != NO_OPEN; i = a->open[i].next) {
		enum hook where = HOOK_NONE;
		int cost;

		if (a->open[i].packet.scope != scope ||
		    a->open[i].packet.n_hops >= HOPS_PER_PACKET_MAX)
			continue;
		cost = fit(&a->open[i], a->paths, ev, place, &where);
		if (cost < 0 || cost > best_cost)
			continue;
		tie = cost == best_cost;
		if (tie && a->open[i].touched < a->open[best].touched)
			continue;
		best = i;
		best_cost = cost;
		*hook = where;
	}
	if (tie && !(a->open[best].packet.flags & PACKET_AMBIGUOUS)) {
		a->open[best].packet.flags |= PACKET_AMBIGUOUS;
		a->ambiguous++;
	}
	return best;
}

static void close_quiet(struct assembler *a, const struct stamp *now, unsigned int scope)
{
	while (a->oldest != NO_OPEN) {
		const struct open *o = &a->open[a->oldest];
		bool idle = o->packet.scope == scope &&
			    stamp_age(now, &o->last) > (int64_t)a->limits.idle_ns;

		if (!idle && a->events - o->touched < QUIET_EVENTS)
			return;
		packet_close(a, a->oldest);
	}
}

static int scopes_reserve(struct assembler *a, unsigned int scope)
{
	struct scope *scopes;

	if (scope < a->n_scopes)
		return 0;
	scopes = realloc(a->scopes, (scope + 1) * sizeof(*scopes));
	if (!scopes)
		return -ENOMEM;
	memset(&scopes[a->n_scopes], 0, (scope + 1 - a->n_scopes) * sizeof(*scopes));
	a->scopes = scopes;
	a->n_scopes = scope + 1;
	return 0;
}

int assembler_hop(struct assembler *a, unsigned int scope, sym_t host, const struct event *ev)
{
	enum hook hook = HOOK_NONE;
	struct place place;
	uint32_t bucket, i;

	if (scopes_reserve(a, scope))
		return -ENOMEM;
	a->events++;
	close_quiet(a, &ev->stamp, scope);
	place_of(a->syms, ev, &place);
	see_table(a, scope, ev, &place);
	bucket = bucket_of(a, scope, ev);
	i = find_best(a, scope, bucket, ev, &place, &hook);
	if (i == NO_OPEN)
		return packet_open(a, scope, host, bucket, ev, &place);
	list_remove(a, i);
	list_append(a, i);
	return hop_append(a, i, ev, &place, hook);
}

void assembler_gap(struct assembler *a, bool opens, bool closes)
{
	for (uint32_t i = a->oldest; i != NO_OPEN; i = a->open[i].newer)
		a->open[i].packet.flags |= PACKET_GAP;
	if (opens)
		a->lossy = true;
	if (closes)
		a->lossy = false;
}

void assembler_flag(struct assembler *a, unsigned int flag, const struct stamp *now, uint64_t ns)
{
	for (uint32_t i = a->newest; i != NO_OPEN; i = a->open[i].older)
		if (llabs(stamp_age(now, &a->open[i].last)) <= (int64_t)ns)
			a->open[i].packet.flags |= (uint16_t)flag;
}

void assembler_cut(struct assembler *a)
{
	if (a->newest != NO_OPEN)
		assembler_flag(a, PACKET_CUT, &a->open[a->newest].last, UINT64_C(1000000000));
}

void assembler_end(struct assembler *a)
{
	while (a->oldest != NO_OPEN)
		packet_close(a, a->oldest);
}

struct visible assembler_visible(const struct assembler *a, unsigned int scope, enum family family)
{
	return scope < a->n_scopes ? a->scopes[scope].visible[family == FAMILY_IP6]
				   : (struct visible){ 0 };
}

uint64_t assembler_packets(const struct assembler *a)
{
	return a->packets;
}

uint64_t assembler_ambiguous(const struct assembler *a)
{
	return a->ambiguous;
}

uint64_t assembler_evicted(const struct assembler *a)
{
	return a->evicted;
}

struct assembler *assembler_create(const struct assembler_limits *limits,
				   const struct assembler_sink *sink, struct syms *syms,
				   struct paths *paths)
{
	struct assembler *a = calloc(1, sizeof(*a));
	size_t buckets = 64;

	if (!a)
		return NULL;
	while (buckets < limits->max_open)
		buckets *= 2;
	a->limits = *limits;
	a->sink = *sink;
	a->syms = syms;
	a->paths = paths;
	a->free = a->oldest = a->newest = NO_OPEN;
	a->mask = buckets - 1;
	a->open = calloc(limits->max_open, sizeof(*a->open));
	a->buckets = malloc(buckets * sizeof(*a->buckets));
	if (!a->open || !a->buckets) {
		assembler_destroy(a);
		return NULL;
	}
	memset(a->buckets, 0xff, buckets * sizeof(*a->buckets));
	return a;
}

void assembler_destroy(struct assembler *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < a->n_open; i++)
		free(a->open[i].packet.hops);
	free(a->open);
	free(a->buckets);
	free(a->scopes);
	free(a);
}
