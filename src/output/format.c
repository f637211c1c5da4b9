// SPDX-License-Identifier: GPL-2.0-or-later
/* format.c - times and protocols as text */
#include "nfhop/format.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "nfhop/number.h"

#define SECOND INT64_C(1000000000)

struct text format_proto(uint8_t proto)
{
	const char *name = ip_proto_name(proto);
	struct text text;

	if (name)
		memcpy(text.s, name, strlen(name) + 1);
	else
		*number_put(text.s, proto) = '\0';
	return text;
}

bool stamp_is_dated(const struct stamp *stamp)
{
	return (stamp->have & STAMP_WALL) && !(stamp->have & STAMP_NO_DATE);
}

/* Seconds as the log's own clock showed them; the fraction goes to @ns. */
static time_t local_seconds(const struct stamp *stamp, int64_t *ns)
{
	int64_t t = stamp->wall_ns, seconds;

	seconds = t / SECOND - (t % SECOND < 0);
	*ns = t - seconds * SECOND;
	if (stamp->have & STAMP_ZONE)
		seconds += stamp->zone_min * 60;
	return (time_t)seconds;
}

static struct tm local_time(const struct stamp *stamp, int64_t *ns)
{
	time_t seconds = local_seconds(stamp, ns);
	struct tm tm = { 0 };

	gmtime_r(&seconds, &tm);
	return tm;
}

/* put_fraction - ".771146": the first @digits of nine; ten bytes need room */
static char *put_fraction(char *p, int64_t ns, unsigned int digits)
{
	uint32_t value = (uint32_t)ns;

	if (!digits)
		return p;
	*p++ = '.';
	number_eight(p, value / 10);
	p[8] = (char)('0' + value % 10);
	return p + (digits < 9 ? digits : 9);
}

/* RFC 3339 4.3: -00:00 where the time is known and its zone is not. */
static struct text format_zone(const struct stamp *stamp)
{
	struct text text = { "-00:00" };
	int minutes = abs(stamp->zone_min);

	if (!(stamp->have & STAMP_ZONE))
		return text;
	if (!minutes)
		return (struct text){ "Z" };
	snprintf(text.s, sizeof(text.s), "%c%02d:%02d", stamp->zone_min < 0 ? '-' : '+',
		 minutes / 60, minutes % 60);
	return text;
}

struct text format_rfc3339(const struct stamp *stamp)
{
	int64_t ns;
	struct tm tm = local_time(stamp, &ns);
	const int parts[] = { tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec };
	struct text text;
	int year = tm.tm_year + 1900;
	char *p = year < 1000 ? number_four(text.s, (uint32_t)year)
			      : number_put(text.s, (uint64_t)year);

	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		*p++ = "--T::"[i];
		p = number_two(p, (uint32_t)parts[i]);
	}
	p = put_fraction(p, ns, stamp->wall_digits);
	memcpy(p, format_zone(stamp).s, sizeof("+00:00"));
	return text;
}

size_t format_time(struct format_second *last, char *p, const struct stamp *stamp)
{
	int64_t ns, second = local_seconds(stamp, &ns);

	if (!last->n || last->second != second || last->have != stamp->have ||
	    last->zone_min != stamp->zone_min || last->digits != stamp->wall_digits) {
		*last = (struct format_second){ second, stamp->zone_min, stamp->have,
						stamp->wall_digits, .text = format_rfc3339(stamp) };
		last->n = strlen(last->text.s);
		last->fraction = strcspn(last->text.s, ".");
	}
	memcpy(p, last->text.s, FORMAT_SIZE);
	if (last->digits) {
		char *end = put_fraction(p + last->fraction, ns, last->digits);

		memcpy(end, last->text.s + (end - p), sizeof("+00:00"));
	}
	return last->n;
}

size_t format_up(char *p, const struct stamp *stamp)
{
	char *end = number_put(p, stamp->up_ns / (uint64_t)SECOND);

	end = put_fraction(end, (int64_t)(stamp->up_ns % (uint64_t)SECOND), stamp->up_digits);
	return (size_t)(end - p);
}

struct text format_uptime(const struct stamp *stamp)
{
	struct text text;

	text.s[format_up(text.s, stamp)] = '\0';
	return text;
}

const char *format_since(const struct stamp *stamp)
{
	return stamp_from_boot(stamp) ? "s after boot" : "s after the first line";
}

struct text format_day(const struct stamp *stamp)
{
	int64_t ns;
	struct tm tm = local_time(stamp, &ns);
	struct text text = { "" };

	if (stamp->have & STAMP_NO_DATE)
		return text;
	strftime(text.s, sizeof(text.s), stamp->have & STAMP_NO_YEAR ? "%b %e" : "%Y-%m-%d", &tm);
	return text;
}

struct text format_clock(const struct stamp *stamp)
{
	int64_t ns;
	struct tm tm = local_time(stamp, &ns);
	struct text text;

	strftime(text.s, sizeof(text.s), stamp->have & STAMP_MINUTE ? "%H:%M" : "%H:%M:%S", &tm);
	return text;
}

struct text format_subsecond(const struct stamp *stamp)
{
	struct text text;
	int64_t ns;

	local_seconds(stamp, &ns);
	*put_fraction(text.s, ns, stamp->wall_digits) = '\0';
	return text;
}
