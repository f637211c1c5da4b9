/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mark.c - what befalls open packets beside their hops: losses, broken lines, the input's end */
#include "assemble.h"

#include <stdlib.h>

#define FAR_EVENTS 4096 /* more than are put between two hops that have the same id */

void assembler_gap(struct assembler *a, bool opens, bool closes)
{
	for (uint32_t i = a->oldest; i != NO_OPEN; i = a->links[i].newer)
		a->open[i].packet.flags |= PACKET_GAP;
	if (opens)
		a->lossy = true;
	if (closes)
		a->lossy = false;
}

/*
 * gone_by - had @o its last event so long before @ev that none that was touched before it is near
 * either? Other CPUs' stamps may step back, so time alone says it late.
 */
static bool gone_by(const struct assembler *a, const struct open *o, const struct event *ev,
		    bool dated, uint64_t ns)
{
	if (ev->have & EVENT_TRACE_ID)
		return a->events - o->touched > FAR_EVENTS;
	if (dated)
		return stamp_age(&ev->stamp, &o->last) > 2 * (int64_t)ns;
	return a->events - o->touched > NEAR_EVENTS;
}

void assembler_broken(struct assembler *a, const struct event *ev, uint64_t ns)
{
	for (uint32_t i = a->newest; i != NO_OPEN; i = a->links[i].older) {
		struct open *o = &a->open[i];
		bool dated = ev->stamp.have & o->last.have & (STAMP_WALL | STAMP_UP);

		if (gone_by(a, o, ev, dated, ns))
			break;
		if (ev->have & EVENT_TRACE_ID ? o->has_id && o->id == ev->trace_id
		    : dated ? llabs(stamp_age(&ev->stamp, &o->last)) <= (int64_t)ns
			    : true)
			o->packet.flags |= PACKET_GAP;
	}
}

void assembler_seam(struct assembler *a, unsigned int scope)
{
	for (uint32_t i = a->newest; i != NO_OPEN; i = a->links[i].older) {
		struct open *o = &a->open[i];

		if (a->events - o->touched > NEAR_EVENTS)
			break;
		if (o->packet.scope == scope)
			o->packet.flags |= PACKET_GAP;
	}
}

void assembler_flag(struct assembler *a, unsigned int flag, const struct stamp *now, uint64_t ns)
{
	for (uint32_t i = a->newest; i != NO_OPEN; i = a->links[i].older)
		if (llabs(stamp_age(now, &a->open[i].last)) <= (int64_t)ns)
			a->open[i].packet.flags |= (uint16_t)flag;
}

void assembler_cut(struct assembler *a)
{
	if (a->newest != NO_OPEN)
		assembler_flag(a, PACKET_CUT, &a->open[a->newest].last, UINT64_C(1000000000));
}
