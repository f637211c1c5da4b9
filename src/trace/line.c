/* SPDX-License-Identifier: GPL-2.0-or-later */
/* line.c - hops from lines in known forms: what is known of form and body is not asked again
 *
 * Theory of Operation
 *
 * Nearly every line of a trace is the next hop of a packet whose last line had the same body:
 * the same headers but for the TTL. Then same_packet() holds and the endpoints are the
 * packet's own, the packet is found by the body's number, and of fit() only the question
 * remains whether evaluation gets to that place. If no other packet in its bucket is like it,
 * none can fit better; so what find_best() would answer is known.
 *
 * What depends on the form alone (names as numbers, hooks, steps) is kept for each form. All
 * else is the ordinary way: the event is put together and goes through hop_take().
 */
#include "line.h"

#include <errno.h>
#include <stdlib.h>

#include "nfhop/prefetch.h"

#define BODIES 4096 /* more than the packets of some blocks */
#define AHEAD  3    /* bodies; to fetch what one needs takes three steps */

/* struct last_open - the packet that had a hop with @body last */
struct last_open {
	uint64_t body;
	uint32_t open;
};

static void form_learn(struct assembler *a, struct known_form *k, const struct event *ev)
{
	place_of(a->syms, ev, &k->place);
	k->place.steps = &k->steps;
	k->have = hop_have(ev) | HOP_TTL | HOP_LENGTH | HOP_TOS;
	k->flags = flags_of_event(ev);
	k->lo = over_lo(ev);
	k->follows = ev->hop != HOP_LOG && !k->lo && k->place.number != TABLE_MAX;
	k->known = true;
}

struct known_form *form_of(struct assembler *a, const struct form *form)
{
	struct known_form *k = numbered_at(&a->forms, form->no, sizeof(*k));

	if (k && !k->known)
		form_learn(a, k, &form->ev);
	return k;
}

/* last_of - where the packet is that had @body last; others may have taken its place */
static struct last_open *last_of(struct assembler *a, uint64_t body)
{
	return &a->by_body[(body ^ body >> 32 << 5) % BODIES];
}

void lines_finish(struct assembler *a)
{
	numbered_finish(&a->forms);
	free(a->by_body);
	rides_finish(a);
}

bool alone(const struct assembler *a, uint32_t i, const struct header *h)
{
	uint32_t k = like_first(a, a->links[i].hash, h);

	while (k != NO_OPEN && (k == i || !same_packet(&a->open[k], h)))
		k = like_next(a, k, h);
	return k == NO_OPEN;
}

/* follows - is the line certainly the next hop of packet @i, at @hook? */
static bool follows(const struct assembler *a, uint32_t i, uint64_t body, const struct header *h,
		    const struct known_form *k, const struct stamp *stamp, enum hook *hook)
{
	const struct open *o;

	if (!k->follows)
		return false;
	o = &a->open[i];
	return o->body == body && o->packet.n_hops < HOPS_PER_PACKET_MAX && alone(a, i, h) &&
	       o->packet.n_ends < PACKET_ENDPOINTS && fits_soon(o, stamp) &&
	       fit_trace(&o->pos, &k->place, hook) >= 0;
}

int append(struct assembler *a, uint32_t i, struct known_form *k, const struct line *line,
	   const struct body *body, const struct stamp *stamp, enum hook hook)
{
	struct open *o = &a->open[i];
	struct packet *p = &o->packet;
	struct hop *hop = hop_next(p);

	if (!hop)
		return -ENOMEM;
	hop->stamp = *stamp;
	hop->step = step_of_event(a, &line->form->ev, &k->place, hook);
	hop->iif = k->place.iif;
	hop->oif = k->place.oif;
	hop->mark = body->mark;
	hop->length = body->pkt.length;
	hop->ttl = line->ttl;
	hop->tos = body->pkt.tos;
	hop->have = (uint8_t)(k->have | (body->have & EVENT_MARK ? HOP_MARK | HOP_MARK_KNOWN : 0));
	if (hop_put(a, o, &k->place, hook))
		return -ENOMEM;
	p->flags |= k->flags;
	tell_translation(a, p);
	return 0;
}

/* fetch_coming - the packet of body @number begins soon; what it needs has left the caches */
static void fetch_coming(const struct assembler *a, unsigned int scope, const struct batch *batch,
			 uint32_t number)
{
	const struct header *h = &batch->bodies[number].pkt;
	const struct endpoints ends = endpoints_of(h);

	prefetch(&a->buckets[hash_of(scope, h, false) & a->mask], 1);
	if (a->sink.coming)
		a->sink.coming(a->sink.who, scope, h, &ends);
}

static int take_event(struct assembler *a, unsigned int scope, sym_t host,
		      const struct batch *batch, const struct line *line,
		      const struct known_form *k, const struct stamp *stamp, uint64_t body)
{
	struct event ev;
	uint32_t i;

	if (line->number + AHEAD < batch->n_bodies)
		fetch_coming(a, scope, batch, line->number + AHEAD);
	batch_event(batch, line, &ev);
	ev.stamp = *stamp;
	i = hop_take(a, scope, host, &ev, &k->place);
	if (i == NO_OPEN)
		return -ENOMEM;
	*last_of(a, body) = (struct last_open){ body, i };
	/* what nftables tells of takes LOG lines, but no TRACE lines */
	a->open[i].body = k->lo || a->open[i].nft ? 0 : body;
	return 0;
}

int assembler_line(struct assembler *a, unsigned int scope, sym_t host, const struct batch *batch,
		   size_t i, const struct stamp *stamp)
{
	const struct line *line = &batch->lines[i];
	const struct body *words = &batch->bodies[line->number];
	uint64_t body = batch->no << 32 | line->number;
	enum hook hook = HOOK_NONE;
	struct last_open *last;
	struct known_form *k;
	int err;

	if (!a->by_body)
		a->by_body = calloc(BODIES, sizeof(*a->by_body));
	a->rides.seen = i + 1;
	k = form_of(a, line->form);
	if (!a->by_body || !k || tick(a, scope, stamp))
		return -ENOMEM;
	if (ride_on(a, i))
		return 0;
	last = last_of(a, body);
	if (last->body != body || !follows(a, last->open, body, &words->pkt, k, stamp, &hook) ||
	    a->open[last->open].packet.scope != scope) {
		err = take_event(a, scope, host, batch, line, k, stamp, body);
		if (!err)
			ride_begin(a, last->open, i, stamp);
		return err;
	}
	see_table(a, scope, &line->form->ev, &k->place);
	packet_touch(a, last->open);
	return append(a, last->open, k, line, words, stamp, hook);
}
