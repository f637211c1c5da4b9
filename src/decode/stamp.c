// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stamp.c - every way in which a log line says when it was
 *
 * Each form_*() reads one way of writing; stamp_wall() asks them in turn. What the text leaves
 * out is left out of the stamp too (STAMP_NO_YEAR ...), never guessed.
 */
#include "stamp.h"

#include "scan.h"

#define NS 1000000000

/* struct civil - a date and a time as they stand in the text */
struct civil {
	unsigned int year, month, day, hour, min, sec;
	uint32_t ns;
	unsigned int digits;
	int zone_min;
	unsigned int have; /* STAMP_ZONE, STAMP_NO_YEAR, STAMP_NO_DATE */
};

/* days_from_civil - days since 1970-01-01 in the proleptic Gregorian calendar (H. Hinnant) */
static int64_t days_from_civil(const struct civil *c)
{
	int64_t y = (int64_t)c->year - (c->month <= 2);
	int64_t era = y / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * ((int64_t)c->month + (c->month > 2 ? -3 : 9)) + 2) / 5 + c->day -
			  1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool is_civil(const struct civil *c)
{
	return c->year >= 1970 && c->year <= 2200 && c->month >= 1 && c->month <= 12 &&
	       c->day >= 1 && c->day <= 31 && c->hour <= 23 && c->min <= 59 && c->sec <= 60;
}

static bool set_wall(struct civil *c, struct stamp *stamp)
{
	int64_t s;

	if (c->have & STAMP_NO_YEAR)
		c->year = 1972;
	if (!is_civil(c))
		return false;
	s = days_from_civil(c) * 86400 + c->hour * 3600 + c->min * 60 + c->sec;
	s -= (int64_t)c->zone_min * 60;
	stamp->wall_ns = s * NS + c->ns;
	stamp->wall_digits = (uint8_t)c->digits;
	stamp->zone_min = (int16_t)c->zone_min;
	stamp->have |= (uint8_t)(STAMP_WALL | c->have);
	return true;
}

/* scan_small - exactly @lo to @hi digits */
static bool scan_small(struct str *s, unsigned int lo, unsigned int hi, unsigned int *value)
{
	struct str rest = *s;
	uint64_t v;

	if (scan_dec(&rest, hi, &v) < lo)
		return false;
	*value = (unsigned int)v;
	*s = rest;
	return true;
}

/* scan_month - the word for a month as libc's locales abbreviate it, any case, maybe with a dot */
static bool scan_month(struct str *s, unsigned int *month)
{
	static const struct {
		const char *word;
		unsigned int month;
	} words[] = {
		{ "jan", 1 },	    { "feb", 2 },	{ "mar", 3 },	    { "apr", 4 },
		{ "may", 5 },	    { "jun", 6 },	{ "jul", 7 },	    { "aug", 8 },
		{ "sep", 9 },	    { "oct", 10 },	{ "nov", 11 },	    { "dec", 12 },
		{ "10\u6708", 10 }, /* Chinese, Japanese */
		{ "11\u6708", 11 }, { "12\u6708", 12 }, { "1\u6708", 1 },   { "2\u6708", 2 },
		{ "3\u6708", 3 },   { "4\u6708", 4 },	{ "5\u6708", 5 },   { "6\u6708", 6 },
		{ "7\u6708", 7 },   { "8\u6708", 8 },	{ "9\u6708", 9 },   { "m\u00e4r", 3 },
		{ "mai", 5 },	    { "okt", 10 },	{ "dez", 12 },	    { "janv", 1 },
		{ "f\u00e9vr", 2 }, { "mars", 3 },	{ "avril", 4 },	    { "avr", 4 },
		{ "juin", 6 },	    { "juil", 7 },	{ "ao\u00fbt", 8 }, { "sept", 9 },
		{ "d\u00e9c", 12 }, { "ene", 1 },	{ "abr", 4 },	    { "ago", 8 },
		{ "dic", 12 },	    { "gen", 1 },	{ "mag", 5 },	    { "giu", 6 },
		{ "lug", 7 },	    { "set", 9 },	{ "ott", 10 },	    { "fev", 2 },
		{ "out", 10 },
	};
	struct str best = *s;
	size_t i, n;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++) {
		struct str word = str_from(words[i].word);

		for (n = 0; n < word.n && n < s->n; n++)
			if ((is_upper(s->p[n]) ? s->p[n] + 32 : s->p[n]) != word.p[n])
				break;
		if (n < word.n || s->n - n >= best.n)
			continue;
		best = str_skip(*s, n);
		*month = words[i].month;
		if (i < 12 && best.n && !is_alnum(*best.p) && !(*best.p & 0x80))
			break; /* the common case */
	}
	if (best.n == s->n)
		return false;
	scan_char(&best, '.');
	if (!best.n || (!is_blank(*best.p) && !is_digit(*best.p)))
		return false;
	*s = best;
	return true;
}

/* scan_clock - HH:MM:SS and a fraction, if there is one */
static bool scan_clock(struct str *s, struct civil *c)
{
	struct str rest = *s;

	if (!scan_small(&rest, 2, 2, &c->hour) || !scan_char(&rest, ':') ||
	    !scan_small(&rest, 2, 2, &c->min) || !scan_char(&rest, ':') ||
	    !scan_small(&rest, 2, 2, &c->sec))
		return false;
	if (rest.n > 1 && (*rest.p == '.' || *rest.p == ',') && is_digit(rest.p[1])) {
		rest = str_skip(rest, 1);
		c->digits = scan_fraction(&rest, &c->ns);
	}
	*s = rest;
	return true;
}

/* scan_zone - Z, +0200, +02:00, +02 */
static bool scan_zone(struct str *s, struct civil *c)
{
	struct str rest = *s;
	unsigned int hour, min = 0;
	bool west;

	if (scan_char(&rest, 'Z')) {
		*s = rest;
		c->have |= STAMP_ZONE;
		return true;
	}
	west = rest.n && *rest.p == '-';
	if (!scan_char(&rest, '+') && !scan_char(&rest, '-'))
		return false;
	if (!scan_small(&rest, 2, 2, &hour) || hour > 15)
		return false;
	scan_char(&rest, ':');
	scan_small(&rest, 2, 2, &min);
	if (min > 59 || (rest.n && is_digit(*rest.p)))
		return false;
	c->zone_min = (int)(hour * 60 + min) * (west ? -1 : 1);
	c->have |= STAMP_ZONE;
	*s = rest;
	return true;
}

/* scan_zone_name - UTC is a zone; another abbreviation (CET) is only skipped: it names many */
static void scan_zone_name(struct str *s, struct civil *c)
{
	struct str rest = *s, word;
	size_t i;

	if (!scan_blanks(&rest) || scan_zone(&rest, c)) {
		*s = rest;
		return;
	}
	word = scan_token(&rest);
	for (i = 0; i < word.n; i++)
		if (!is_upper(word.p[i]))
			return;
	if (word.n < 3 || word.n > 5)
		return;
	if (str_eq(word, STR("UTC")) || str_eq(word, STR("GMT")))
		c->have |= STAMP_ZONE;
	*s = rest;
}

/* form_bsd - [2017 ]Oct  3[ 2017] 18:03:49[.241708]; damaged: Apr 1811:50:23 */
static bool form_bsd(struct str *s, struct civil *c)
{
	struct str rest = *s, later;
	bool year = false;

	if (rest.n > 5 && is_digit(*rest.p) && rest.p[4] == ' ') /* cat -n's number has a tab */
		year = scan_small(&rest, 4, 4, &c->year) && scan_blanks(&rest);
	if (!scan_month(&rest, &c->month))
		return false;
	scan_blanks(&rest);
	if (!scan_small(&rest, 1, 2, &c->day))
		return false;
	scan_blanks(&rest);
	later = rest;
	if (!year && scan_small(&later, 4, 4, &c->year) && scan_blanks(&later)) {
		rest = later;
		year = true;
	}
	if (!scan_clock(&rest, c))
		return false;
	later = rest;
	if (!year && scan_blanks(&later) && scan_small(&later, 4, 4, &c->year) &&
	    (!later.n || is_blank(*later.p) || *later.p == ']')) {
		rest = later;
		year = true;
	}
	if (!year)
		c->have |= STAMP_NO_YEAR;
	*s = rest;
	return true;
}

/* form_iso - 2026-11-22T15:10:35.043576+00:00; a blank for the T; dmesg's comma */
static bool form_iso(struct str *s, struct civil *c)
{
	struct str rest = *s;

	if (!scan_small(&rest, 4, 4, &c->year) || !scan_char(&rest, '-') ||
	    !scan_small(&rest, 2, 2, &c->month) || !scan_char(&rest, '-') ||
	    !scan_small(&rest, 2, 2, &c->day))
		return false;
	if (!scan_char(&rest, 'T') && !scan_char(&rest, ' '))
		return false;
	if (!scan_clock(&rest, c))
		return false;
	scan_zone(&rest, c);
	*s = rest;
	return true;
}

/* form_weekday - Thu Apr 23 21:55:11 2020; Sun 2026-11-22 15:00:53 UTC */
static bool form_weekday(struct str *s, struct civil *c)
{
	struct str rest = *s;
	size_t n = 0;

	while (n < rest.n && (is_alnum(rest.p[n]) || rest.p[n] & 0x80) && !is_digit(rest.p[n]))
		n++;
	rest = str_skip(rest, n);
	scan_char(&rest, '.');
	if (n < 2 || n > 8 || !scan_blanks(&rest))
		return false;
	if (form_iso(&rest, c))
		scan_zone_name(&rest, c);
	else if (!form_bsd(&rest, c) || c->have & STAMP_NO_YEAR)
		return false;
	*s = rest;
	return true;
}

/* form_clock - a time without a date */
static bool form_clock(struct str *s, struct civil *c)
{
	if (!scan_clock(s, c))
		return false;
	c->month = c->day = 1;
	c->have |= STAMP_NO_DATE | STAMP_NO_YEAR;
	return true;
}

/* form_luci - 27. 01. 2024 09:02:51 */
static bool form_luci(struct str *s, struct civil *c)
{
	struct str rest = *s;

	if (!scan_small(&rest, 2, 2, &c->day) || !scan_word(&rest, STR(". ")) ||
	    !scan_small(&rest, 2, 2, &c->month) || !scan_word(&rest, STR(". ")) ||
	    !scan_small(&rest, 4, 4, &c->year) || !scan_blanks(&rest) || !scan_clock(&rest, c))
		return false;
	*s = rest;
	return true;
}

/* stamp_epoch - 1706444158 or 1795359653.182140 */
static bool stamp_epoch(struct str *s, struct stamp *stamp)
{
	struct str rest = *s;
	uint32_t ns = 0;
	uint64_t sec;

	if (scan_dec(&rest, 11, &sec) != 10 || sec >= (uint64_t)(INT64_MAX / NS))
		return false;
	stamp->wall_digits = 0;
	if (scan_char(&rest, '.'))
		stamp->wall_digits = (uint8_t)scan_fraction(&rest, &ns);
	if (!rest.n || !is_blank(*rest.p))
		return false;
	stamp->wall_ns = (int64_t)sec * NS + ns;
	stamp->have |= STAMP_WALL | STAMP_ZONE;
	*s = rest;
	return true;
}

bool stamp_wall(struct str *s, struct stamp *stamp)
{
	static bool (*const forms[])(struct str * s, struct civil * c) = {
		form_bsd, form_iso, form_weekday, form_clock, form_luci,
	};
	size_t i;

	for (i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		struct str rest = *s;
		struct civil c = { .year = 0 };

		if (!forms[i](&rest, &c) || (rest.n && !is_blank(*rest.p) && *rest.p != ']'))
			continue;
		if (!set_wall(&c, stamp))
			continue;
		*s = rest;
		return true;
	}
	return stamp_epoch(s, stamp);
}

bool stamp_apache(struct str *s, struct stamp *stamp)
{
	struct civil c = { .year = 0 };
	struct str rest = *s, month;

	if (!scan_small(&rest, 2, 2, &c.day) || !scan_char(&rest, '/'))
		return false;
	month = str_first(rest, 4); /* "Jun/": the slash becomes the end that scan_month() wants */
	if (month.n < 4 || month.p[3] != '/')
		return false;
	month = (struct str){ (const char[]){ month.p[0], month.p[1], month.p[2], ' ' }, 4 };
	if (!scan_month(&month, &c.month))
		return false;
	rest = str_skip(rest, 4);
	if (!scan_small(&rest, 4, 4, &c.year) || !scan_char(&rest, ':') || !scan_clock(&rest, &c))
		return false;
	scan_zone_name(&rest, &c);
	if (!set_wall(&c, stamp))
		return false;
	*s = rest;
	return true;
}

static bool scan_uptime(struct str *s, struct stamp *stamp)
{
	struct str rest = *s;
	uint64_t sec;
	uint32_t ns;

	if (!scan_dec(&rest, 10, &sec) || !scan_char(&rest, '.'))
		return false;
	stamp->up_digits = (uint8_t)scan_fraction(&rest, &ns);
	if (!stamp->up_digits)
		return false;
	stamp->up_ns = sec * NS + ns;
	stamp->have |= STAMP_UP;
	*s = rest;
	return true;
}

/* after_uptime - "@5" (Android: the CPU) and "<    0.000148>" (dmesg -d) inside the bracket */
static bool after_uptime(struct str *s)
{
	struct stamp ignored = { .have = 0 };
	struct str rest = *s;
	uint64_t cpu;

	if (scan_char(&rest, '@') && !scan_dec(&rest, 5, &cpu))
		return false;
	scan_blanks(&rest);
	if (scan_char(&rest, '<')) {
		scan_blanks(&rest);
		if (!scan_uptime(&rest, &ignored))
			return false;
		scan_blanks(&rest);
		if (!scan_char(&rest, '>'))
			return false;
		scan_blanks(&rest);
	}
	*s = rest;
	return true;
}

/* skip_caller - "[  T123]" or "[    C1]" (CONFIG_PRINTK_CALLER) */
static void skip_caller(struct str *s)
{
	struct str rest = *s;
	uint64_t id;

	scan_blanks(&rest);
	if (!scan_char(&rest, '['))
		return;
	scan_blanks(&rest);
	if ((scan_char(&rest, 'T') || scan_char(&rest, 'C')) && scan_dec(&rest, 10, &id) &&
	    scan_char(&rest, ']'))
		*s = rest;
}

/* form_reltime - "Apr12 17:17": dmesg --reltime, at the top of each minute */
static bool form_reltime(struct str *s, struct stamp *stamp)
{
	struct civil c = { .have = STAMP_NO_YEAR | STAMP_MINUTE };
	struct str rest = *s;

	if (!scan_month(&rest, &c.month) || !scan_small(&rest, 1, 2, &c.day) ||
	    !scan_blanks(&rest) || !scan_small(&rest, 2, 2, &c.hour) || !scan_char(&rest, ':') ||
	    !scan_small(&rest, 2, 2, &c.min) || !set_wall(&c, stamp))
		return false;
	*s = rest;
	return true;
}

static bool in_bracket(struct str *s, struct stamp *stamp)
{
	bool delta;

	if (scan_char(s, '<')) { /* dmesg -d without times */
		scan_blanks(s);
		stamp->have |= STAMP_DELTA;
		return scan_uptime(s, stamp) && scan_char(s, '>');
	}
	if (s->n && !is_blank(*s->p) && !is_digit(*s->p) && *s->p != '+')
		return form_reltime(s, stamp) || stamp_wall(s, stamp);
	scan_blanks(s);
	delta = scan_char(s, '+');
	if (!scan_uptime(s, stamp) || !after_uptime(s))
		return false;
	if (delta)
		stamp->have |= STAMP_DELTA;
	return true;
}

bool stamp_kernel(struct str *s, struct stamp *stamp)
{
	struct stamp read = *stamp;
	struct str rest = *s;

	if (!scan_char(&rest, '[') || !in_bracket(&rest, &read) || !scan_char(&rest, ']'))
		return false;
	skip_caller(&rest);
	*stamp = read;
	*s = rest;
	return true;
}
