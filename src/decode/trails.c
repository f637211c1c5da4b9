// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * trails.c - lines of one packet strung together, while their block is decoded
 *
 * Theory of operation
 *
 * Nearly all lines with one body are the way of one packet, and there are as few ways as there
 * are rules. So the forms of such lines, in their order, are a node of a tree: a trail. Whoever
 * has worked out once what a trail means need not look at the lines of other packets that took it.
 *
 * That is worth nothing where time matters, so a body has a trail only if its lines follow each
 * other at once, and if nothing between them is of another time or day (the clock was set, the log
 * was put together from several).
 */
#include "trails.h"

#include <stdlib.h>

#include "quick.h"

#define LONGEST	 64 /* lines of one body; more are a loop, or packets that are alike */
#define DAY_NS	 INT64_C(86400000000000)
#define NO_STAMP UINT8_MAX /* there was no line yet */

bool trails_init(struct trails *t, unsigned int number)
{
	t->number = number;
	t->branches = calloc(QUICK_TRAILS, sizeof(*t->branches));
	t->n = 1;
	return t->branches;
}

void trails_finish(struct trails *t)
{
	free(t->branches);
}

void trails_begin(struct trails *t)
{
	t->span = 0;
	t->epoch = 0;
	t->before = t->since = (struct stamp){ .have = NO_STAMP };
}

static struct branch *branch_add(struct trails *t, const struct trail *from,
				 const struct form *form, size_t slot)
{
	struct branch *b = &t->branches[t->n];

	if (t->n == QUICK_TRAILS || (from && from->n == LONGEST))
		return NULL;
	b->trail = (struct trail){ .no = t->number * QUICK_TRAILS + t->n,
				   .n = from ? from->n + 1 : 1,
				   .before = from,
				   .form = form };
	t->slots[slot] = (uint16_t)t->n++;
	return b;
}

/* trail_on - where @from goes on with @form; NULL if there are too many trails, or it is too long
 */
static const struct trail *trail_on(struct trails *t, const struct trail *from,
				    const struct form *form)
{
	struct branch *branch = from ? (struct branch *)from : &t->branches[0], *b = NULL;
	size_t slot;

	if (branch->next && branch->next->trail.form == form)
		return &branch->next->trail;
	slot = mix8(mix8(0, branch->trail.no), form->no) % TRAIL_SLOTS;
	for (; t->slots[slot]; slot = (slot + 1) % TRAIL_SLOTS) {
		b = &t->branches[t->slots[slot]];
		if (b->trail.before == from && b->trail.form == form)
			break;
	}
	if (!t->slots[slot])
		b = branch_add(t, from, form, slot);
	branch->next = b;
	return b ? &b->trail : NULL;
}

/* within - are two stamps of one kind so close, by the kernel's clock or else by the wall's? */
static bool within(const struct stamp *a, const struct stamp *b, int64_t ns)
{
	uint64_t apart = a->have & STAMP_UP ? a->up_ns - b->up_ns
					    : (uint64_t)a->wall_ns - (uint64_t)b->wall_ns;

	return apart + (uint64_t)ns <= 2 * (uint64_t)ns;
}

static bool same_day(const struct trails *t, const struct stamp *stamp)
{
	return !(stamp->have & STAMP_WALL) ||
	       (uint64_t)stamp->wall_ns - (uint64_t)t->day < (uint64_t)DAY_NS;
}

/* span_begin - line @i is of another time than what was before it */
static void span_begin(struct trails *t, const struct stamp *stamp, uint32_t i)
{
	int64_t rest = stamp->wall_ns % DAY_NS;

	t->since = *stamp;
	t->day = (int64_t)((uint64_t)stamp->wall_ns - (uint64_t)(rest < 0 ? rest + DAY_NS : rest));
	t->span = i;
}

/* follows - is a stamp later than the one before it, or equal in all that can be seen of it? */
static bool follows(const struct stamp *stamp, const struct stamp *before)
{
	if (stamp->have != before->have)
		return before->have == NO_STAMP;
	if (stamp->have & STAMP_UP && stamp->up_ns != before->up_ns)
		return stamp->up_ns > before->up_ns;
	if (stamp->wall_ns != before->wall_ns)
		return !(stamp->have & STAMP_UP) && stamp->wall_ns > before->wall_ns;
	return stamp->zone_min == before->zone_min && stamp->wall_digits == before->wall_digits &&
	       stamp->up_digits == before->up_digits;
}

/* is_later - follows(), of stamps that differ in fractions alone */
static bool is_later(const struct stamp *stamp, const struct stamp *before)
{
	return stamp->up_ns > before->up_ns ||
	       (stamp->up_ns == before->up_ns && stamp->wall_ns == before->wall_ns);
}

static void see_stamp(struct trails *t, struct batch *b, const struct stamp *stamp, uint32_t i,
		      uint64_t epoch)
{
	/* a later one of the same second, within the span that its second is in */
	if (epoch == t->epoch && is_later(stamp, &t->before) &&
	    stamp->up_ns - t->since.up_ns <= (uint64_t)TRAIL_SPAN_NS / 2) {
		t->before.wall_ns = stamp->wall_ns;
		t->before.up_ns = stamp->up_ns;
		return;
	}
	t->epoch = epoch;
	if (!follows(stamp, &t->before))
		b->sorted = false;
	t->before = *stamp;
	if (stamp->have != t->since.have || !within(stamp, &t->since, TRAIL_SPAN_NS / 2) ||
	    !same_day(t, stamp))
		span_begin(t, stamp, i);
}

void trails_add(struct trails *t, struct batch *b, const struct line *line, uint32_t i,
		uint64_t epoch)
{
	struct line *before;
	struct body *body = &b->bodies[line->number];

	see_stamp(t, b, &line->stamp, i, epoch);
	if (body->first == UINT32_MAX) {
		body->first = body->last = i;
		body->trail = line->form->ev.hop == HOP_LOG ? NULL : trail_on(t, NULL, line->form);
		return;
	}
	before = &b->lines[body->last];
	if (body->first < t->span || before->front != line->front ||
	    !within(&before->stamp, &line->stamp, TRAIL_PAUSE_NS))
		body->trail = NULL;
	if (body->trail)
		body->trail = trail_on(t, body->trail, line->form);
	before->next = i;
	body->last = i;
}
