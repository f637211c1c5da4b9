/* SPDX-License-Identifier: GPL-2.0-or-later */
/* time.c - times as a user types them, held against the stamps of a log
 *
 * A log seldom names its zone, and its stamps are read as if they were UTC (struct stamp). So a
 * time without a zone means the clock that stands in the log, whatever its zone; one with a zone
 * means that instant.
 */
#include "tree.h"

#include <inttypes.h>
#include <stdio.h>

#define SECOND	 INT64_C(1000000000)
#define DAY	 (86400 * SECOND)
#define YEAR_MAX 2261 /* the last whole one that 64 bits of ns since 1970 reach */

static bool digit(struct str s)
{
	return s.n && *s.p >= '0' && *s.p <= '9';
}

/* Exactly @n digits. */
static bool take_digits(struct str *s, unsigned int n, int *number)
{
	struct str rest = *s;

	*number = 0;
	for (unsigned int i = 0; i < n; i++, rest = str_skip(rest, 1)) {
		if (!digit(rest))
			return false;
		*number = *number * 10 + (*rest.p - '0');
	}
	*s = rest;
	return true;
}

static bool take_char(struct str *s, char c)
{
	if (!s->n || *s->p != c)
		return false;
	*s = str_skip(*s, 1);
	return true;
}

/* ".5" and the like; nothing is 0 */
static bool take_fraction(struct str *s, int64_t *ns)
{
	int64_t unit = SECOND / 10;

	*ns = 0;
	if (!take_char(s, '.'))
		return true;
	if (!digit(*s))
		return false;
	for (; digit(*s); *s = str_skip(*s, 1), unit /= 10)
		*ns += unit * (*s->p - '0');
	return true;
}

static const int month_days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

static bool is_leap(int year)
{
	return (year % 4 == 0 && year % 100) || year % 400 == 0;
}

static int days_in(int year, int month)
{
	return month_days[month - 1] + (month == 2 && is_leap(year));
}

/* Days since 1970-01-01; the years between are few. */
static int64_t days_to(int year, int month, int day)
{
	int64_t days = day - 1;

	for (int y = 1970; y < year; y++)
		days += 365 + is_leap(y);
	for (int m = 1; m < month; m++)
		days += days_in(year, m);
	return days;
}

static bool take_date(struct str *s, int64_t *ns)
{
	int year, month, day;

	if (!take_digits(s, 4, &year) || !take_char(s, '-') || !take_digits(s, 2, &month) ||
	    !take_char(s, '-') || !take_digits(s, 2, &day))
		return false;
	if (year < 1970 || year > YEAR_MAX || month < 1 || month > 12 || day < 1 ||
	    day > days_in(year, month))
		return false;
	*ns = days_to(year, month, day) * DAY;
	return true;
}

/* HH:MM[:SS[.FRACTION]] */
static bool take_clock(struct str *s, int64_t *ns)
{
	int hour, minute, second = 0;
	int64_t fraction = 0;

	if (!take_digits(s, 2, &hour) || !take_char(s, ':') || !take_digits(s, 2, &minute))
		return false;
	if (take_char(s, ':') && (!take_digits(s, 2, &second) || !take_fraction(s, &fraction)))
		return false;
	if (hour > 23 || minute > 59 || second > 59)
		return false;
	*ns = ((hour * 60 + minute) * INT64_C(60) + second) * SECOND + fraction;
	return true;
}

/* Z, +01:00, +0100 or nothing; Return: false if it is something else */
static bool take_zone(struct str *s, struct query_value *value)
{
	int64_t sign = str_starts(*s, STR("-")) ? -1 : 1;
	int hours, minutes;

	value->clock = QUERY_CLOCK_LOG;
	if (!s->n)
		return true;
	value->clock = QUERY_CLOCK_UTC;
	if (take_char(s, 'Z') || take_char(s, 'z'))
		return !s->n;
	if (!take_char(s, '+') && !take_char(s, '-'))
		return false;
	if (!take_digits(s, 2, &hours) || (take_char(s, ':'), !take_digits(s, 2, &minutes)))
		return false;
	value->ns -= sign * (hours * 60 + minutes) * 60 * SECOND;
	return !s->n && hours < 24 && minutes < 60 && value->ns >= 0;
}

static bool dated_read(struct str s, struct query_value *value)
{
	int64_t clock = 0;

	if (!take_date(&s, &value->ns))
		return false;
	if ((take_char(&s, 'T') || take_char(&s, ' ')) && !take_clock(&s, &clock))
		return false;
	value->ns += clock;
	return take_zone(&s, value);
}

static bool seconds_read(struct str s, enum query_clock clock, struct query_value *value)
{
	int64_t seconds = 0, fraction;

	if (!digit(s))
		return false;
	for (; digit(s); s = str_skip(s, 1)) {
		seconds = seconds * 10 + (*s.p - '0');
		if (seconds > INT64_MAX / SECOND - 1)
			return false;
	}
	if (!take_fraction(&s, &fraction))
		return false;
	value->clock = clock;
	value->ns = seconds * SECOND + fraction;
	return !s.n;
}

bool time_read(struct str text, struct query_value *value)
{
	struct str clock = text;

	if (take_clock(&clock, &value->ns) && !clock.n) {
		value->clock = QUERY_CLOCK_DAY;
		return true;
	}
	if (str_starts(text, STR("@")))
		return seconds_read(str_skip(text, 1), QUERY_CLOCK_UTC, value);
	if (str_starts(text, STR("+")))
		return seconds_read(str_skip(text, 1), QUERY_CLOCK_BOOT, value);
	return dated_read(text, value);
}

static void print_date(int64_t day, char *buf)
{
	int year = 1970, month = 1;

	for (; day >= 365 + is_leap(year); year++)
		day -= 365 + is_leap(year);
	for (; day >= days_in(year, month); month++)
		day -= days_in(year, month);
	snprintf(buf, TIME_SIZE, "%04d-%02d-%02dT", year, month, (int)day + 1);
}

void time_print(const struct query_value *value, char *buf)
{
	int64_t day = value->ns / DAY, rest = value->ns % DAY, s = rest / SECOND;
	size_t n;

	buf[0] = '\0';
	if (value->clock == QUERY_CLOCK_BOOT) {
		snprintf(buf, TIME_SIZE, "+%" PRId64, value->ns / SECOND);
	} else {
		if (value->clock != QUERY_CLOCK_DAY)
			print_date(day, buf);
		n = strlen(buf);
		snprintf(buf + n, TIME_SIZE - n, "%02d:%02d:%02d", (int)(s / 3600),
			 (int)(s / 60 % 60), (int)(s % 60));
	}
	n = strlen(buf);
	if (rest % SECOND)
		n += (size_t)snprintf(buf + n, TIME_SIZE - n, ".%09" PRId64, rest % SECOND);
	while (rest % SECOND && buf[n - 1] == '0')
		buf[--n] = '\0';
	if (value->clock == QUERY_CLOCK_UTC)
		snprintf(buf + n, TIME_SIZE - n, "Z");
}

/* The stamp by the clock of @value. Return: false if it does not tell */
static bool stamp_by(const struct query_value *value, const struct stamp *stamp, int64_t *ns)
{
	if (value->clock == QUERY_CLOCK_BOOT) {
		*ns = (int64_t)stamp->up_ns;
		return stamp_from_boot(stamp);
	}
	*ns = stamp->wall_ns;
	if (value->clock != QUERY_CLOCK_UTC && (stamp->have & STAMP_ZONE))
		*ns += stamp->zone_min * 60 * SECOND;
	if (value->clock == QUERY_CLOCK_DAY) {
		*ns %= DAY;
		*ns += *ns < 0 ? DAY : 0;
		return stamp->have & STAMP_WALL;
	}
	return (stamp->have & (STAMP_WALL | STAMP_NO_DATE)) == STAMP_WALL;
}

bool time_holds(const struct query_value *value, bool since, const struct stamp *stamp, bool *known)
{
	int64_t ns;

	*known = stamp_by(value, stamp, &ns);
	return *known && (since ? ns >= value->ns : ns <= value->ns);
}

/* untimed_by - the first time in @node and below that @stamp does not tell of; NULL if none */
static const struct query_node *untimed_by(const struct query_node *node, const struct stamp *stamp)
{
	int64_t ns;

	if (node->kind == QUERY_SINCE || node->kind == QUERY_UNTIL)
		return stamp_by(node->values, stamp, &ns) ? NULL : node;
	for (const struct query_node *child = node->child; child; child = child->next) {
		const struct query_node *found = untimed_by(child, stamp);

		if (found)
			return found;
	}
	return NULL;
}

struct query_untimed query_untimed(const struct query *q, const struct model *model)
{
	struct query_untimed untimed = { .n = 0 };

	for (size_t i = 0; q && i < model_flow_count(model); i++) {
		const struct flow *flow = model_flow_any(model, i);

		for (uint32_t k = 0; flow && k < flow->n_paths; k++) {
			const struct flow_path *fp = &flow->paths[k];
			const struct query_node *node = untimed_by(q->root, &fp->first);

			if (node && !untimed.n) {
				untimed.node = node;
				untimed.stamp = fp->first;
			}
			untimed.n += node ? fp->packets : 0;
		}
	}
	return untimed;
}
