/* SPDX-License-Identifier: GPL-2.0-or-later */
/* assemble.c - hops in, packets out: who belongs to whom, and when a packet's way is over
 *
 * Theory of Operation
 *
 * Open packets stand in a hash under what no hop can change (family, protocol, source, IP id,
 * length) and in a list in the order of their last hops. An event goes to the packet in its
 * bucket with the same hash that it fits best (fit.c), and begins a packet of its own if it fits
 * none. If two fit equally well the younger one gets it and is marked: its grouping is not certain.
 *
 * The kernel writes all hops of a packet within microseconds, so a packet is over when it was
 * quiet for idle_ns by the events' own clock, when an equal one starts at the same hook, or
 * when there is no more room. Nothing here knows what becomes of packets afterwards.
 */
#include "assemble.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>

#include "nfhop/hash.h"
#include "nfhop/prefetch.h"

#define QUIET_EVENTS (1u << 20) /* without stamps, so many events later a packet is over */
#define CROWD	     32		/* so many with one hash are rare, and slow */
#define AWAITED	     256	/* of equal packets at most that another source may know */

uint32_t hash_of(unsigned int scope, const struct header *h, bool lo)
{
	uint64_t hash = (uint64_t)scope << 32 | (uint64_t)h->family << 16 | h->proto;

	hash = hash * HASH_ODD + ((uint64_t)h->id << 32 | h->length);
	if ((h->have & HEADER_PORTS) && !lo)
		hash = hash * HASH_ODD + h->sport;
	if ((h->have & HEADER_ADDR) && !lo)
		hash = hash * HASH_ODD + hash_16(h->src.b);
	return (uint32_t)hash_mix(hash);
}

bool over_lo(const struct event *ev)
{
	return str_eq(ev->iif, STR("lo")) || str_eq(ev->oif, STR("lo"));
}

static void list_remove(struct assembler *a, uint32_t i)
{
	const struct links *l = &a->links[i];

	*(l->older == NO_OPEN ? &a->oldest : &a->links[l->older].newer) = l->newer;
	*(l->newer == NO_OPEN ? &a->newest : &a->links[l->newer].older) = l->older;
}

/* list_insert - behind @older, NO_OPEN: as the oldest */
static void list_insert(struct assembler *a, uint32_t i, uint32_t older)
{
	struct links *l = &a->links[i];

	l->older = older;
	l->newer = older == NO_OPEN ? a->oldest : a->links[older].newer;
	*(older == NO_OPEN ? &a->oldest : &a->links[older].newer) = i;
	*(l->newer == NO_OPEN ? &a->newest : &a->links[l->newer].older) = i;
}

static void bucket_remove(struct assembler *a, uint32_t i)
{
	uint32_t *link = &a->buckets[a->links[i].hash & a->mask];

	if (a->crowd.buckets) {
		crowd_remove(a, i);
		return;
	}
	while (*link != i)
		link = &a->links[*link].next;
	*link = a->links[i].next;
}

static void bucket_add(struct assembler *a, uint32_t i, uint32_t hash)
{
	uint32_t *bucket = &a->buckets[hash & a->mask];

	a->links[i].hash = hash;
	a->links[i].next = *bucket;
	*bucket = i;
	if (a->crowd.buckets)
		crowd_add(a, i);
}

static void slot_remove(struct assembler *a, uint32_t i)
{
	list_remove(a, i);
	bucket_remove(a, i);
	nft_forget(a, i);
}

static void slot_free(struct assembler *a, uint32_t i)
{
	a->open[i].body = 0; /* no line leads here any more */
	a->links[i].next = a->free;
	a->free = i;
}

/* take_twin - both that tell of one packet are over; Return: the slot that has all of it */
static uint32_t take_twin(struct assembler *a, uint32_t i)
{
	uint32_t twin = a->open[i].twin, lead = a->open[i].follows ? twin : i;

	slot_remove(a, i);
	if (twin == NO_OPEN)
		return i;
	slot_remove(a, twin);
	twin = a->open[lead].twin;
	join_merge(a, lead, twin);
	slot_free(a, twin);
	return lead;
}

/*
 * The packets that were quiet longest are closed next, and what is known of them has left the
 * caches: fetch it step by step, while others are dealt with.
 */
static void fetch_next(const struct assembler *a)
{
	uint32_t i = a->oldest;
	const struct packet *p;

	if (i == NO_OPEN || !a->sink.soon)
		return;
	a->sink.soon(a->sink.who, &a->open[i].packet, true);
	i = a->links[i].newer;
	if (i == NO_OPEN)
		return;
	p = &a->open[i].packet;
	prefetch(&a->buckets[a->links[i].hash & a->mask], 1);
	prefetch(&p->hops[0], sizeof(struct hop));
	prefetch(&p->hops[p->n_hops - 1], sizeof(struct hop));
	a->sink.soon(a->sink.who, p, false);
	i = a->links[i].newer;
	if (i == NO_OPEN)
		return;
	prefetch(&a->open[i], offsetof(struct open, packet.ends[1]));
	prefetch(&a->open[i].last,
		 offsetof(struct open, pos.stack[2]) - offsetof(struct open, last));
}

static uint32_t path_of(struct assembler *a, struct packet *p)
{
	uint32_t beyond = PATH_NO_STEP;

	if (settle_hooks(a, p) || behind_logs(a, p, &beyond))
		return UINT32_MAX;
	return paths_intern(a->paths, p->hops, p->n_hops, beyond);
}

void packet_close(struct assembler *a, uint32_t i)
{
	struct open *o;

	i = take_twin(a, i);
	o = &a->open[i];
	if (!o->packet.n_hops)
		goto free;
	if (a->lossy)
		o->packet.flags |= PACKET_GAP;
	if (o->trail)
		o->packet.path = trail_path(a, o->trail, &o->packet);
	else
		o->packet.path = path_of(a, &o->packet);
	if (a->sink.closed)
		a->sink.closed(a->sink.who, &o->packet);
free:
	slot_free(a, i);
	fetch_next(a);
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
		a->evicted += is_recent(&a->open[a->oldest], now) ||
			      join_may_come(a, &a->open[a->oldest]);
		packet_close(a, a->oldest);
	}
	if (a->free == NO_OPEN)
		return (uint32_t)a->n_open++;
	i = a->free;
	a->free = a->links[i].next;
	return i;
}

/* answers - does this host answer with it? Then the packet that it answers must be up to date. */
static bool answers(const struct event *ev, const struct place *place)
{
	return !place->iif && place->oif &&
	       ((ev->have & EVENT_QUOTED) ||
		((ev->pkt.have & HEADER_FLAGS) && (ev->pkt.tcp_flags & TCP_RST)));
}

/* is_awaited - may the other source tell more of packet @o, or begin to, where it is behind? */
static bool is_awaited(const struct assembler *a, const struct open *o)
{
	const struct open *twin = o->twin == NO_OPEN ? NULL : &a->open[o->twin];

	if (!twin)
		return join_may_come(a, o);
	return twin->nft && a->since && twin->last.wall_ns + AGE_CLOSE_NS >= a->since;
}

/* Equal packets that are older, or that no clock tells apart, are over when a new one starts. */
static void take_over(struct assembler *a, uint32_t hash, const struct event *ev,
		      const struct place *place)
{
	size_t alike = 0, awaited = 0;

	for (uint32_t next, i = like_first(a, hash, &ev->pkt); i != NO_OPEN; i = next, alike++) {
		struct open *o = &a->open[i];
		bool fine = ((ev->stamp.have & o->last.have) & STAMP_UP) || ev->stamp.wall_digits;
		bool old = !is_recent(o, &ev->stamp);

		next = like_next(a, i, &ev->pkt);
		if (o->nft != place->nft || !same_packet(o, &ev->pkt))
			continue;
		if (old && awaited < AWAITED && is_awaited(a, o)) {
			awaited++;
			continue;
		}
		if (old || (!fine && (o->pos.hooks & place->hooks))) {
			packet_close(a, i);
			/* a twin went with it, perhaps that one */
			next = like_first(a, hash, &ev->pkt);
			awaited = 0;
		}
	}
	if (alike > CROWD)
		crowd_begin(a);
}

/*
 * open_begin - as new, but for the room of its hops. What only holds if a count or a flag says so
 * is not even cleared: most packets never touch it.
 */
static void open_begin(struct open *o)
{
	struct hop *hops = o->packet.hops;
	uint16_t cap = o->packet.cap_hops;

	memset(o, 0, offsetof(struct open, packet.first));
	memset(&o->last, 0, offsetof(struct open, pos.stack) - offsetof(struct open, last));
	o->packet.hops = hops;
	o->packet.cap_hops = cap;
	o->pos.priority = INT_MIN;
	o->twin = NO_OPEN;
}

uint32_t packet_open(struct assembler *a, unsigned int scope, sym_t host, uint32_t hash,
		     const struct event *ev, const struct place *place)
{
	struct open *o;
	uint32_t i, lead;

	if (a->rides.n && answers(ev, place))
		assembler_settle(a, a->rides.seen);
	take_over(a, hash, ev, place);
	i = slot_take(a, &ev->stamp);
	lead = ev->have & EVENT_ELSEWHERE ? NO_OPEN : join_find(a, scope, hash, ev, place);
	o = &a->open[i];
	open_begin(o);
	o->packet.no = lead == NO_OPEN ? ++a->packets : 0;
	o->packet.host = host;
	o->packet.scope = (uint16_t)scope;
	o->packet.first = ev->pkt;
	o->packet.has_quoted = ev->have & EVENT_QUOTED;
	o->packet.from_lo = str_eq(ev->iif, STR("lo"));
	o->placed = a->events;
	o->nft = place->nft;
	o->since = place->nft ? a->since : 0;
	bucket_add(a, i, hash);
	list_insert(a, i, a->newest);
	if (lead != NO_OPEN)
		join_link(a, lead, i);
	if (hop_append(a, i, ev, place, hooks_only(place->hooks))) {
		packet_close(a, i);
		return NO_OPEN;
	}
	if (lead == NO_OPEN && a->sink.opened)
		a->sink.opened(a->sink.who, &o->packet);
	tell_translation(a, &o->packet);
	return i;
}

static void touch(struct assembler *a, uint32_t i)
{
	list_remove(a, i);
	list_insert(a, i, a->newest);
	a->open[i].placed = a->events;
}

void packet_touch(struct assembler *a, uint32_t i)
{
	if (a->open[i].twin != NO_OPEN)
		touch(a, a->open[i].twin);
	touch(a, i);
}

void packet_order(struct assembler *a, uint32_t i)
{
	uint32_t older;

	list_remove(a, i);
	for (older = a->newest; older != NO_OPEN; older = a->links[older].older)
		if (a->open[older].placed <= a->open[i].placed)
			break;
	list_insert(a, i, older);
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

void assembler_pass(struct assembler *a, unsigned int scope, const struct stamp *now)
{
	close_quiet(a, now, scope);
}

void assembler_emptied(struct assembler *a, const struct stamp *when)
{
	a->since = when->wall_ns;
}

void assembler_tick(struct assembler *a, const struct stamp *now)
{
	while (a->oldest != NO_OPEN &&
	       stamp_age(now, &a->open[a->oldest].last) > (int64_t)a->limits.idle_ns)
		packet_close(a, a->oldest);
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

void see_table(struct assembler *a, unsigned int scope, const struct event *ev,
	       const struct place *place)
{
	if (place->number != TABLE_MAX && !(ev->have & (EVENT_HANDLE | EVENT_ELSEWHERE)))
		a->scopes[scope].visible[ev->family == FAMILY_IP6].tables |=
			TABLE_BIT(place->number);
}

int tick(struct assembler *a, unsigned int scope, const struct stamp *now)
{
	if (scopes_reserve(a, scope))
		return -ENOMEM;
	a->events++;
	close_quiet(a, now, scope);
	return 0;
}

/*
 * is_rerouted - may it be a hop of a packet that was seen on another device before? What rules of
 * OUTPUT have changed is routed again behind it: to lo (REDIRECT), or away from lo.
 */
static bool is_rerouted(const struct place *place, bool lo)
{
	return place->hooks & HOOK_BIT(HOOK_POSTROUTING) ? !place->iif : lo;
}

uint32_t hop_take(struct assembler *a, unsigned int scope, sym_t host, const struct event *ev,
		  const struct place *place)
{
	enum hook hook = HOOK_NONE;
	bool lo = over_lo(ev);
	uint32_t hash, i;

	see_table(a, scope, ev, place);
	hash = hash_of(scope, &ev->pkt, lo);
	i = find_best(a, scope, hash, ev, place, &hook);
	if (i == NO_OPEN && is_rerouted(place, lo))
		i = find_best(a, scope, hash_of(scope, &ev->pkt, !lo), ev, place, &hook);
	if (i == NO_OPEN)
		return packet_open(a, scope, host, hash, ev, place);
	packet_touch(a, i);
	return hop_append(a, i, ev, place, hook) ? NO_OPEN : i;
}

int assembler_hop(struct assembler *a, unsigned int scope, sym_t host, const struct event *ev)
{
	struct place place;

	if (tick(a, scope, &ev->stamp))
		return -ENOMEM;
	if (ev->have & EVENT_TRACE_ID)
		return nft_take(a, scope, host, ev);
	place_of(a->syms, ev, &place);
	return hop_take(a, scope, host, ev, &place) == NO_OPEN ? -ENOMEM : 0;
}

void assembler_end(struct assembler *a)
{
	assembler_rest(a);
	if (a->oldest != NO_OPEN)
		packet_close(a, a->oldest);
}

void assembler_rest(struct assembler *a)
{
	while (a->oldest != a->newest)
		packet_close(a, a->oldest);
}

struct visible assembler_visible(const struct assembler *a, unsigned int scope, enum family family)
{
	struct visible v = { .tables = 0 };

	if (scope < a->n_scopes)
		v = a->scopes[scope].visible[family == FAMILY_IP6];
	v.family = family;
	return v;
}

uint64_t assembler_packets(const struct assembler *a)
{
	return a->packets - a->withdrawn;
}

uint64_t assembler_ambiguous(const struct assembler *a)
{
	return a->ambiguous;
}

uint64_t assembler_split_ids(const struct assembler *a)
{
	return a->split_ids;
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
	while (buckets < 4 * limits->max_open) /* few share one */
		buckets *= 2;
	a->limits = *limits;
	a->sink = *sink;
	a->syms = syms;
	a->paths = paths;
	a->free = a->oldest = a->newest = NO_OPEN;
	a->mask = buckets - 1;
	a->open = calloc(limits->max_open, sizeof(*a->open));
	a->links = calloc(limits->max_open, sizeof(*a->links));
	a->buckets = malloc(buckets * sizeof(*a->buckets));
	if (!a->open || !a->links || !a->buckets) {
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
	free(a->links);
	free(a->pending);
	free(a->ids);
	free(a->buckets);
	crowd_finish(a);
	free(a->scopes);
	free(a->finds);
	lines_finish(a);
	free(a);
}
