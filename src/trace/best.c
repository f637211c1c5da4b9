/* SPDX-License-Identifier: GPL-2.0-or-later */
/* best.c - the open packet that an event fits best */
#include "assemble.h"

#include <limits.h>

/* struct best - the packet that an event fits best so far; @tie: another one as well */
struct best {
	uint32_t i;
	int cost;
	bool tie;
	enum hook hook;
};

/* try_on - how well does the event fit packet @i? */
static inline void try_on(struct assembler *a, unsigned int scope, uint32_t i,
			  const struct event *ev, const struct place *place, struct best *best)
{
	enum hook where = HOOK_NONE;
	int cost;

	if (a->open[i].rides)
		ride_settle(a, i);
	if (a->open[i].packet.scope != scope || a->open[i].packet.n_hops >= HOPS_PER_PACKET_MAX ||
	    a->open[i].nft)
		return;
	cost = fit(&a->open[i], a->paths, ev, place, &where);
	if (cost < 0 || cost > best->cost)
		return;
	best->tie = cost == best->cost;
	if (best->tie && a->open[i].touched < a->open[best->i].touched)
		return;
	best->i = i;
	best->cost = cost;
	best->hook = where;
}

/*
 * In a crowd, an event without sequence numbers could be a hop of any packet. They are tried in the
 * order of last hops: if it fits one without a pause, those with one cannot fit better.
 */
RARE static void try_recent(struct assembler *a, unsigned int scope, uint32_t hash,
			    const struct event *ev, const struct place *place, struct best *best)
{
	uint32_t older;

	assembler_settle(a, a->rides.seen);
	for (uint32_t i = a->newest; i != NO_OPEN; i = older) {
		older = a->links[i].older;
		if (a->links[i].hash != hash)
			continue;
		if (best->cost < COST_PAUSE && fits_late(&a->open[i], a->paths, ev))
			return;
		try_on(a, scope, i, ev, place, best);
	}
}

/* The open packet that the event fits best, NO_OPEN if it fits none. */
uint32_t find_best(struct assembler *a, unsigned int scope, uint32_t hash, const struct event *ev,
		   const struct place *place, enum hook *hook)
{
	struct best best = { NO_OPEN, INT_MAX, false, *hook };

	if (a->crowd.buckets && !(ev->pkt.have & HEADER_SEQ))
		try_recent(a, scope, hash, ev, place, &best);
	else
		for (uint32_t i = like_first(a, hash, &ev->pkt); i != NO_OPEN;
		     i = like_next(a, i, &ev->pkt))
			try_on(a, scope, i, ev, place, &best);
	*hook = best.hook;
	if (best.tie && !(a->open[best.i].packet.flags & PACKET_AMBIGUOUS)) {
		a->open[best.i].packet.flags |= PACKET_AMBIGUOUS;
		a->ambiguous++;
	}
	return best.i;
}
