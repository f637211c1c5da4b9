// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * intake_follow.c - a log that goes on: when packets are over, and are told
 *
 * Theory of operation
 *
 * What is followed to its end is to tell what it tells where it lies whole. The order of records
 * is that of the file, but time passes between them, and it means little: stamps of a log cannot
 * be held against our clock (no zone, no year, whole seconds, another host), its lines may come
 * late, some at once, and a writer that puts out whole blocks (grep) stops in the midst of a line.
 *
 * Packets are over when nothing came for a while. To say so too early would name a rule that did
 * nothing: so it is not said of the last one while the rest of a line is to come, nor of any where
 * nobody hears of packets before the end. A recording of live sources holds the time that went on.
 *
 * What the next lines tell can speak for a packet, too: at which hook a chain is, that nobody
 * answered for an address. Where a log lies whole all of it is read before a packet is told; where
 * it is followed, what is there is read first, and then each packet waits a moment.
 */
#include "intake.h"

#define QUIET_NS  INT64_C(2000000000)  /* until packets are over */
#define SILENT_NS INT64_C(60000000000) /* the same, if nobody waits for that, or more must come */
#define LATE_NS	  INT64_C(500000000)   /* lines that belong together have come by then */
#define HOLD_NS	  INT64_C(500000000)   /* so long at least a packet waits, twice as long at most */

void follow_hand_out(struct intake *in, int64_t now)
{
	uint64_t closed = model_packet_count(in->model) + model_stats(in->model)->evicted_packets;

	if (in->whole || now - in->handed_ns < HOLD_NS)
		return;
	model_hand_out(in->model, (size_t)(closed - in->closed));
	in->closed = closed;
	in->handed_ns = now;
}

static bool any_halfway(const struct intake *in)
{
	for (size_t i = 0; i < in->n; i++)
		if (!in->parts[i].ended && source_halfway(in->sources[i]))
			return true;
	return false;
}

/* tell - @whole: no packet is left that may go on */
static int tell(struct intake *in, enum record_kind kind, bool whole)
{
	const struct record rec = { .kind = kind, .whole = whole };

	return intake_take(in, &rec);
}

int follow_time(struct intake *in, int64_t now)
{
	int64_t quiet = in->heard_ns ? now - in->heard_ns : 0;
	bool halfway;
	int ret;

	if (quiet < (in->whole || in->timed ? SILENT_NS : QUIET_NS))
		return 0;
	halfway = quiet < SILENT_NS && any_halfway(in);
	if (halfway && in->paused_ns == in->heard_ns)
		return 0;
	in->paused_ns = in->heard_ns;
	in->heard_ns = halfway ? in->heard_ns : 0;
	ret = tell(in, RECORD_TICK, !halfway);
	if (!ret && !in->whole)
		model_hand_out(in->model, 0); /* they have waited for long */
	return ret;
}

int follow_break_off(struct intake *in, int64_t now)
{
	bool under_way = in->heard_ns && now - in->heard_ns < LATE_NS;

	return under_way || any_halfway(in) ? tell(in, RECORD_END, true) : 0;
}
