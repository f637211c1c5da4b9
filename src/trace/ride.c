/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ride.c - packets whose whole way in a block is known at its first line
 *
 * Theory of Operation
 *
 * The lines of a block with one body are strung together when the block is decoded (batch.h), and
 * their forms are a trail. What evaluation does along a trail is worked out once, with the same
 * questions that line.c asks line by line. A packet that begins with the first line of such a body,
 * and that no open packet is like, rides: its lines are passed over, and with the last one it gets
 * all its hops and the position that they lead to.
 *
 * Meanwhile it has its first hop alone, so nobody may look at it. Who could do so makes it get off
 * (ride_settle()): an event that could be a hop of it, since that has the same hash; an answer
 * that is made here, which tells the packet that it answers; all that comes by records (losses,
 * notes, rule sets). Its place in the order of last hops is that of its first line meanwhile, which
 * can be seen only when packets are closed for having been quiet, or for want of room; neither can
 * come to a packet within the time and the lines of a trail (TRAIL_SPAN_NS).
 */
#include "line.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "nfhop/prefetch.h"

/**
 * struct known_trail - what packets have gone through that took a trail from the first line on
 * @straight: each line is certainly the next hop, and is known to be at one hook
 * @translates: the rule at its end gives the packet another address that nothing later need show
 * @generation: of the rule set; it holds in no other
 * @flags: PACKET_* bits; @tables: TABLE_BIT of those that it passed, of IPv4 or of @ip6
 * @pos: where evaluation is
 * @path: of its steps; UINT32_MAX: not asked for yet
 * @n: how many hops; @before: has all but the last; @hop: that one, without what differs from
 *	packet to packet
 */
struct known_trail {
	bool known, straight, translates, ip6;
	uint16_t generation;
	uint16_t flags;
	unsigned int tables;
	uint32_t path;
	struct position pos;
	uint32_t n;
	const struct known_trail *before;
	struct hop hop;
};

static struct known_trail *trail_of(struct assembler *a, const struct trail *trail);

/* hop_add - the next hop along a trail; Return: does evaluation certainly get there? */
static bool hop_add(struct assembler *a, struct known_trail *t, struct known_form *k,
		    const struct form *form)
{
	enum hook hook = t->n ? HOOK_NONE : hooks_only(k->place.hooks);

	if (!k->follows || (t->n && fit_trace(&t->pos, &k->place, &hook) < 0) || !hook)
		return false;
	t->hop = (struct hop){
		.step = step_of_event(a, &form->ev, &k->place, hook),
		.iif = k->place.iif,
		.oif = k->place.oif,
		.have = k->have,
	};
	position_advance(&t->pos, &k->place, hook);
	t->flags |= k->flags;
	t->tables |= TABLE_BIT(k->place.number);
	t->n++;
	return t->hop.step != UINT32_MAX;
}

static void trail_learn(struct assembler *a, struct known_trail *t, const struct trail *trail)
{
	const struct known_trail *before = trail->before ? trail_of(a, trail->before) : NULL;
	struct known_form *k = form_of(a, trail->form);

	t->known = true;
	t->generation = paths_generation(a->paths);
	if (!k || (trail->before && (!before || !before->straight || before->translates)))
		return;
	if (before)
		*t = *before;
	else
		t->pos.priority = INT_MIN;
	t->before = before;
	t->path = UINT32_MAX;
	t->ip6 = trail->form->ev.family == FAMILY_IP6;
	t->straight = hop_add(a, t, k, trail->form);
	t->translates = t->straight && translates(a, t->hop.step) != NULL;
}

/* trail_of - what is known of @trail; NULL if there is no memory */
static struct known_trail *trail_of(struct assembler *a, const struct trail *trail)
{
	struct known_trail *t = numbered_at(&a->trails, trail->no, sizeof(*t));

	if (t && !t->known)
		trail_learn(a, t, trail);
	return t;
}

uint32_t trail_path(struct assembler *a, struct known_trail *t, const struct packet *p)
{
	if (t->path == UINT32_MAX)
		t->path = paths_intern(a->paths, p->hops, p->n_hops, PATH_NO_STEP);
	return t->path;
}

static bool visible(const struct assembler *a, unsigned int scope, const struct known_trail *t)
{
	return !(t->tables & ~a->scopes[scope].visible[t->ip6].tables);
}

void ride_begin(struct assembler *a, uint32_t i, size_t line, const struct stamp *stamp)
{
	const struct batch *batch = a->rides.batch;
	const struct body *body = &batch->bodies[batch->lines[line].number];
	struct open *o = &a->open[i];
	struct known_trail *t;

	if (!body->trail || body->first != line || body->last == line || o->packet.n_hops != 1 ||
	    o->twin != NO_OPEN || !o->body || a->limits.max_open <= batch->n ||
	    a->limits.idle_ns <= TRAIL_SPAN_NS)
		return;
	t = trail_of(a, body->trail);
	if (!t || !t->straight || t->generation != paths_generation(a->paths) ||
	    !visible(a, o->packet.scope, t) || !alone(a, i, &body->pkt))
		return;
	if (hops_reserve(&o->packet, t->n))
		return;
	prefetch(&o->packet.hops[1], (t->n - 1) * sizeof(struct hop));
	o->rides = true;
	o->trail = t;
	o->shift = (int64_t)((uint64_t)stamp->wall_ns - (uint64_t)batch->lines[line].stamp.wall_ns);
	a->rides.slots[batch->lines[line].number] = i + 1;
	a->rides.n++;
}

/* ride_end - @o rides no more */
static void ride_end(struct assembler *a, struct open *o, uint32_t number)
{
	o->rides = false;
	a->rides.slots[number] = 0;
	a->rides.n--;
}

/* stamp_of - that of a line of the packet, resolved */
static struct stamp stamp_of(const struct open *o, const struct line *line)
{
	struct stamp stamp = line->stamp;

	stamp.wall_ns = (int64_t)((uint64_t)stamp.wall_ns + (uint64_t)o->shift);
	stamp.have = o->packet.hops[0].stamp.have;
	return stamp;
}

/* hops_fill - all hops of its trail but the first, which it has */
static void hops_fill(struct open *o, const struct batch *batch, const struct body *body)
{
	const struct known_trail *t = o->trail;
	struct hop *hops = o->packet.hops;
	uint32_t at = batch->lines[body->first].next;

	for (uint32_t i = t->n; --i; t = t->before)
		hops[i] = t->hop;
	for (uint32_t i = 1; at; at = batch->lines[at].next, i++) {
		struct hop *hop = &hops[i];

		hop->stamp = stamp_of(o, &batch->lines[at]);
		hop->ttl = batch->lines[at].ttl;
		hop->mark = body->mark;
		hop->length = body->pkt.length;
		hop->tos = body->pkt.tos;
		hop->have |= body->have & EVENT_MARK ? HOP_MARK | HOP_MARK_KNOWN : 0;
	}
}

/* arrive - @line is the packet's last in the batch: all hops of the trail are its own */
static void arrive(struct assembler *a, uint32_t i, const struct line *line)
{
	const struct batch *batch = a->rides.batch;
	struct open *o = &a->open[i];
	struct packet *p = &o->packet;
	const struct known_trail *t = o->trail;

	ride_end(a, o, line->number);
	hops_fill(o, batch, &batch->bodies[line->number]);
	p->n_hops = (uint16_t)t->n;
	p->flags |= t->flags;
	o->pos = t->pos;
	o->last = p->hops[t->n - 1].stamp;
	o->touched = a->events;
	packet_touch(a, i);
	if (t->translates)
		tell_translation(a, p);
}

bool ride_on(struct assembler *a, size_t i)
{
	const struct line *line = &a->rides.batch->lines[i];
	uint32_t slot = a->rides.slots[line->number];

	if (!slot)
		return false;
	if (!line->next)
		arrive(a, slot - 1, line);
	return true;
}

/* hops_behind - how many lines that are hops were seen behind line @i */
static uint64_t hops_behind(const struct rides *r, size_t i)
{
	uint64_t n = 0;

	for (i++; i < r->seen; i++)
		n += r->batch->lines[i].kind == LINE_HOP;
	return n;
}

void ride_settle(struct assembler *a, uint32_t i)
{
	const struct rides *r = &a->rides;
	struct open *o = &a->open[i];
	uint32_t number = (uint32_t)o->body;
	const struct body *body = &r->batch->bodies[number];
	const struct line *lines = r->batch->lines;
	uint32_t last = body->first;

	ride_end(a, o, number);
	o->trail = NULL;
	for (uint32_t at = lines[last].next; at && at < r->seen; at = lines[at].next) {
		struct known_form *k = form_of(a, lines[at].form);
		struct stamp stamp = stamp_of(o, &lines[at]);
		enum hook hook = HOOK_NONE;

		fit_trace(&o->pos, &k->place, &hook);
		/* there is room for them, and steps are known: both since the ride began */
		append(a, i, k, &lines[at], body, &stamp, hook);
		last = at;
	}
	o->touched = o->placed = a->events - hops_behind(r, last);
	packet_order(a, i);
}

bool assembler_rides(struct assembler *a, size_t i)
{
	const struct line *line = &a->rides.batch->lines[i];

	if (!a->rides.slots[line->number] || !line->next)
		return false;
	a->events++;
	return true;
}

void assembler_settle(struct assembler *a, size_t n)
{
	struct rides *r = &a->rides;

	r->seen = n;
	for (size_t i = 0; r->n && i < r->batch->n_bodies; i++)
		if (r->slots[i])
			ride_settle(a, r->slots[i] - 1);
}

int assembler_batch(struct assembler *a, const struct batch *batch)
{
	struct rides *r = &a->rides;

	r->batch = batch;
	if (r->cap < batch->n_bodies) {
		uint32_t *slots = realloc(r->slots, batch->cap_bodies * sizeof(*slots));

		if (!slots)
			return -ENOMEM;
		r->slots = slots;
		r->cap = batch->cap_bodies;
	}
	if (batch->n_bodies)
		memset(r->slots, 0, batch->n_bodies * sizeof(*r->slots));
	return 0;
}

void rides_finish(struct assembler *a)
{
	numbered_finish(&a->trails);
	free(a->rides.slots);
}
