/* SPDX-License-Identifier: GPL-2.0-or-later */
/* timeline.c - years for stamps that have none, sums for stamps that are differences */
#include "nfhop/trace.h"

#define NS_PER_S  INT64_C(1000000000)
#define S_PER_DAY INT64_C(86400)

enum { YEAR_FIRST = 1970, YEAR_LAST = 2200 }; /* as in stamps that name theirs: ns fit 64 bits */

/* Howard Hinnant's days_from_civil and its inverse: proleptic Gregorian, day 0 = 1970-01-01. */
static int64_t days_from_civil(int64_t y, unsigned int m, unsigned int d)
{
	int64_t era;
	unsigned int yoe, doy, doe;

	y -= m <= 2;
	era = (y >= 0 ? y : y - 399) / 400;
	yoe = (unsigned int)(y - era * 400);
	doy = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;
	doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
	return era * 146097 + (int64_t)doe - 719468;
}

static void civil_from_days(int64_t z, int *y, unsigned int *m, unsigned int *d)
{
	int64_t era;
	unsigned int doe, yoe, doy, mp;

	z += 719468;
	era = (z >= 0 ? z : z - 146096) / 146097;
	doe = (unsigned int)(z - era * 146097);
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	*d = doy - (153 * mp + 2) / 5 + 1;
	*m = mp < 10 ? mp + 3 : mp - 9;
	*y = (int)((int64_t)yoe + era * 400 + (*m <= 2));
}

static int64_t days_of(int64_t ns)
{
	int64_t s = ns / NS_PER_S - (ns % NS_PER_S < 0);

	return s / S_PER_DAY - (s % S_PER_DAY < 0);
}

/* The year in which month @m, day @d is the latest that is not after the day behind mtime. */
static int year_by_mtime(int64_t mtime_ns, unsigned int m, unsigned int d)
{
	int64_t limit = days_of(mtime_ns) + 1;
	unsigned int lm, ld;
	int y;

	civil_from_days(limit, &y, &lm, &ld);
	return m > lm || (m == lm && d > ld) ? y - 1 : y;
}

static void resolve_year(struct timeline *t, struct stamp *stamp)
{
	unsigned int m, d;
	int64_t since = stamp->wall_ns - t->day, day, rest;
	int y;

	stamp->have &= (uint8_t)~STAMP_NO_YEAR;
	if (t->at_year && since >= 0 && since < S_PER_DAY * NS_PER_S) {
		stamp->wall_ns = t->day_is + since;
		return;
	}
	day = days_of(stamp->wall_ns);
	t->day = day * S_PER_DAY * NS_PER_S;
	rest = stamp->wall_ns - t->day;

	civil_from_days(day, &y, &m, &d);
	if (!t->at_year)
		t->at_year = t->year ? t->year : year_by_mtime(t->mtime_ns, m, d);
	else if ((int)m + 6 <= t->at_month)
		t->at_year++;
	else if (t->at_month + 6 <= (int)m)
		t->at_year--; /* a late line of last year */
	if (t->at_year < YEAR_FIRST || t->at_year > YEAR_LAST)
		t->at_year = t->at_year < YEAR_FIRST ? YEAR_FIRST : YEAR_LAST;
	t->at_month = (int)m;
	t->day_is = days_from_civil(t->at_year, m, d) * S_PER_DAY * NS_PER_S;
	stamp->wall_ns = t->day_is + rest;
}

void timeline_resolve(struct timeline *t, struct stamp *stamp)
{
	if ((stamp->have & STAMP_WALL) && (stamp->have & STAMP_NO_YEAR))
		resolve_year(t, stamp);
	if ((stamp->have & (STAMP_UP | STAMP_DELTA)) != (STAMP_UP | STAMP_DELTA))
		return;
	stamp->up_ns += t->sum_ns;
	t->sum_ns = stamp->up_ns;
}

_Static_assert(STAMP_DELTA == STAMP_UP << 4, "stamp_age() lays one over the other");

int64_t stamp_age(const struct stamp *now, const struct stamp *then)
{
	uint8_t both = now->have & then->have;

	/* a sum of differences began with its source, not with the host: no branch, this is hot */
	if (both & STAMP_UP & ~((now->have ^ then->have) >> 4))
		return (int64_t)(now->up_ns - then->up_ns);
	if (both & STAMP_WALL)
		return now->wall_ns - then->wall_ns;
	return 0;
}

bool stamp_since(const struct stamp *now, const struct stamp *then, bool apart, int64_t *ns)
{
	uint8_t both = now->have & then->have;

	if (apart && (both & STAMP_WALL))
		*ns = now->wall_ns - then->wall_ns;
	else
		*ns = stamp_age(now, then);
	return (both & STAMP_WALL) ||
	       (!apart && (both & STAMP_UP) && !((now->have ^ then->have) & STAMP_DELTA));
}

/* Of dmesg --reltime: the clock's minute stands at its first line alone. */
static bool is_within_minute(const struct span *span, const struct stamp *stamp)
{
	return (span->last.have & STAMP_MINUTE) &&
	       (stamp->have & (STAMP_WALL | STAMP_DELTA)) == STAMP_DELTA;
}

void span_add(struct span *span, const struct stamp *from, const struct stamp *to, bool apart)
{
	bool empty = !span->first.have;
	int64_t before = 0, behind = 0;

	if (span->unknown || !(from->have & (STAMP_WALL | STAMP_UP)) ||
	    (!apart && is_within_minute(span, from)))
		return;
	if (!stamp_since(empty ? from : &span->first, from, apart, &before) ||
	    !stamp_since(to, empty ? to : &span->last, apart, &behind)) {
		*span = (struct span){ .unknown = true };
		return;
	}
	if (empty || before > 0)
		span->first = *from;
	if (empty || behind > 0)
		span->last = *to;
}
