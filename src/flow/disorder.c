/* SPDX-License-Identifier: GPL-2.0-or-later */
/* disorder.c - lines that run back in time, or stand twice: somebody's hands were on the log
 *
 * Theory of Operation
 *
 * A kernel writes its lines in the order of time, but for some microseconds between its CPUs. A log
 * that was reversed or shuffled, or whose parts were put together in another order, is no row of
 * events: hops of one packet come after, instead of before, what followed them, and what seems
 * missing stands elsewhere. Nothing is put in order here, because what of it is true is not known;
 * it is told, and near such lines nothing is concluded from what did not come.
 *
 * Each source and host has a clock of its own: the time that its lines have come to. A line is late
 * if it is earlier than that by more than a second. Within it, one packet's lines tell: they are
 * all of one CPU, so if one like it begins before it was seen last, they are its own.
 */
#include "finding.h"

#include <errno.h>
#include <inttypes.h>

#define LATE_NS	  INT64_C(1500000000) /* some stamps are whole seconds */
#define MINUTE_NS INT64_C(60000000000)
#define HOUR_NS	  (60 * MINUTE_NS)
#define DAY_NS	  (24 * HOUR_NS)
#define SEASON_NS (90 * DAY_NS)
#define BOOT_NS	  (uint64_t)(10 * MINUTE_NS) /* so early a host has just begun to run */

static bool has_date(const struct stamp *s)
{
	return (s->have & STAMP_WALL) && !(s->have & STAMP_NO_DATE);
}

/* has_booted - where both clocks are told, the host must have begun to run after it was seen */
static bool has_booted(const struct stamp *now, const struct stamp *high)
{
	if (has_date(now) && has_date(high) && !((now->have ^ high->have) & STAMP_ZONE))
		return now->wall_ns - (int64_t)now->up_ns >= high->wall_ns - LATE_NS;
	return now->up_ns <= BOOT_NS && high->up_ns > BOOT_NS;
}

/*
 * summer_ended - a wall's clock steps back by an hour at night, once in a season; the first line
 * behind that may be of any time within the hour
 */
static bool summer_ended(const struct clock *clock, const struct stamp *now, int64_t back)
{
	int64_t hour = clock->high.wall_ns % DAY_NS / HOUR_NS;

	return !(now->have & STAMP_ZONE) && back < HOUR_NS + LATE_NS && (hour < 4 || hour == 23) &&
	       now->wall_ns - clock->turned_ns > SEASON_NS;
}

static bool ran_back_wall(struct clock *clock, const struct stamp *now, int64_t back)
{
	if ((now->have & STAMP_NO_DATE) && back > DAY_NS / 2)
		return false; /* midnight lies between */
	if (!summer_ended(clock, now, back))
		return true;
	clock->turned_ns = now->wall_ns;
	return false;
}

bool disorder_is_late(struct input *in, unsigned int scope, const struct stamp *now)
{
	struct clock *clock = &in->clocks[scope % CLOCKS];
	const struct stamp *high = &clock->high;
	uint8_t both = clock->scope == scope ? now->have & high->have : 0;
	int64_t back;

	if (both & STAMP_UP) {
		back = (int64_t)(high->up_ns - now->up_ns);
		if (back > LATE_NS && !has_booted(now, high))
			return true;
	} else if ((both & STAMP_WALL) && !((now->have ^ high->have) & STAMP_ZONE)) {
		back = high->wall_ns - now->wall_ns;
		if (back > LATE_NS && ran_back_wall(clock, now, back))
			return true;
	} else {
		*clock = (struct clock){ scope, *now, INT64_MIN / 2 };
		return false;
	}
	if (back < 0 || back > LATE_NS)
		clock->high = *now;
	return false;
}

void disorder_tell(struct model *m, unsigned int source, unsigned int scope, uint64_t line)
{
	m->behind = false;
	assembler_seam(m->assembler, scope);
	if (m->stats.late++)
		return;
	m->stats.late_source = source;
	m->stats.late_line = line;
}

/* is_exact - two packets cannot begin at one place within the same microsecond, and be equal */
static bool is_exact(const struct stamp *s)
{
	return ((s->have & STAMP_UP) && s->up_digits >= 6) ||
	       ((s->have & STAMP_WALL) && s->wall_digits >= 6);
}

static bool same_headers(const struct packet *a, const struct packet *b)
{
	struct header first = a->first;

	first.ttl = b->first.ttl; /* that of a later hop is one less */
	return !memcmp(&first, &b->first, sizeof(first));
}

void disorder_see(struct model *m, const struct packet *before, struct packet *p)
{
	const struct hop *a, *b = &p->hops[0];
	int64_t age;

	if (!before || !before->n_hops)
		return;
	age = stamp_age(&b->stamp, &before->hops[before->n_hops - 1].stamp);
	if (age > 0 || age < -LATE_NS || m->inexact || !is_exact(&b->stamp) ||
	    !same_headers(before, p))
		return;
	a = &before->hops[0];
	if (a->stamp.up_ns == b->stamp.up_ns && a->stamp.wall_ns == b->stamp.wall_ns &&
	    a->step == b->step && a->iif == b->iif && a->oif == b->oif) {
		m->stats.twice++;
		p->flags |= PACKET_AMBIGUOUS;
	} else if (age < 0 && !m->config.woven) {
		m->behind = true; /* of several sources either may be read later */
	}
}

int draw_out_of_order(struct model *m, const struct finding_row *row)
{
	uint64_t n = m->stats.late;
	struct finding *f;

	if (!n)
		return 0;
	f = finding_add(m, row,
			text("%s line%s back in time: the input was reversed, sorted "
			     "otherwise or put together in another order, or a clock was set "
			     "back. Of packets there it is not known what came next.",
			     number_text(n).s, n == 1 ? " runs" : "s run"));
	if (!f)
		return -ENOMEM;
	f->caveat = true;
	finding_evidence(f, text("line %" PRIu64 " is the first that is earlier than one before it",
				 m->stats.late_line));
	return 0;
}

int draw_recorded_twice(struct model *m, const struct finding_row *row)
{
	uint64_t n = m->stats.twice;
	struct finding *f;

	if (!n)
		return 0;
	f = finding_add(m, row,
			text("%s packet%s twice in the input, in the same microsecond: "
			     "the same lines were given more than once. All are counted.",
			     number_text(n).s, n == 1 ? " stands" : "s stand"));
	if (!f)
		return -ENOMEM;
	f->caveat = true;
	return 0;
}
