// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * quick_front.c - the framing of a line that differs from that of a line before in digits alone
 *
 * Theory of operation
 *
 * Within a minute of a log all lines of one host begin with the same bytes, but for the second,
 * its fraction and the kernel's stamp. So envelope_open() is asked once, and where the digits
 * stand is remembered; a line that has equal bytes everywhere else, and as many digits, has the
 * same framing. That needs a framing whose end does not depend on the words behind it: a date in
 * one of two forms (or none), and "kernel: ", a kernel stamp, or both, right before the words.
 */
#include <endian.h>

#include "envelope.h"
#include "quick.h"
#include "scan.h"

#define NS UINT64_C(1000000000)

static const uint32_t powers[] = { 1,	   10,	    100,      1000,	 10000,
				   100000, 1000000, 10000000, 100000000, 1000000000 };

/* digits_at - exactly @n digits; Return: false if there is something else */
static inline bool digits_at(const char *p, unsigned int n, uint32_t *value)
{
	uint32_t v = 0;

	for (unsigned int i = 0; i < n; i++) {
		unsigned int d = (unsigned char)p[i] - (unsigned int)'0';

		if (d > 9)
			return false;
		v = v * 10 + d;
	}
	*value = v;
	return true;
}

/* seconds_at - "  123." at @at: the whole seconds; Return: where they end, or 0 */
static size_t seconds_at(struct front *f, struct str line, size_t at)
{
	size_t first = at, digits;
	uint64_t sec = 0;

	while (at < line.n && line.p[at] == ' ')
		at++;
	for (digits = at; at < line.n && is_digit(line.p[at]); at++)
		sec = sec * 10 + (uint64_t)(line.p[at] - '0');
	if (at == digits || at - digits > 10 || at >= line.n || line.p[at] != '.')
		return 0;
	at++;
	f->n_up_text = at - first <= UP_TEXT ? (uint32_t)(at - first) : 0;
	memcpy(f->up_text, line.p + first, f->n_up_text);
	f->up_sec_ns = sec * NS;
	return at;
}

/* six_digits - as the kernel prints microseconds, eight bytes at once; 8 can be read */
static inline bool six_digits(const char *p, uint32_t *value)
{
	const uint64_t high = UINT64_C(0xf0f0f0f0f0f0), zeros = UINT64_C(0x303030303030);
	uint64_t x = le64toh(load8(p)) & UINT64_C(0xffffffffffff);

	if ((x & high) != zeros || ((x + UINT64_C(0x060606060606)) & high) != zeros)
		return false;
	*value = (uint32_t)eight((x - zeros) << 16);
	return true;
}

/* uptime_at - "  123.456789] " at @at; Return: where it ends, or 0 */
static size_t uptime_at(struct front *f, struct str line, size_t at, unsigned int digits,
			uint64_t *ns)
{
	uint32_t frac;

	if (f->n_up_text && line.n > at + f->n_up_text &&
	    same_bytes(line.p + at, f->up_text, f->n_up_text))
		at += f->n_up_text;
	else
		at = seconds_at(f, line, at);
	if (!at || line.n < at + 9 + 2)
		return 0;
	if (digits == 6 ? !six_digits(line.p + at, &frac) : !digits_at(line.p + at, digits, &frac))
		return 0;
	at += digits;
	if (line.p[at] != ']' || line.p[at + 1] != ' ')
		return 0;
	*ns = f->up_sec_ns + (uint64_t)frac * powers[9 - digits];
	return at + 2;
}

/* wall_before - up to the kernel's microseconds, is it as the line before but for the wall's? */
static inline bool wall_before(const struct front *f, struct str line, int64_t *wall_ns)
{
	size_t at = f->frac + 6;
	uint32_t frac;

	if (!f->n_frac)
		return same_bytes(line.p, f->before, f->n_before);
	if (!same_bytes(line.p, f->before, f->frac) || !six_digits(line.p + f->frac, &frac) ||
	    !same_bytes(line.p + at, f->before + at, f->n_before - at))
		return false;
	*wall_ns += (int64_t)frac * powers[3];
	return true;
}

/* as_before - does it differ from the line before in microseconds alone? */
static inline size_t as_before(const struct front *f, struct str line, struct stamp *stamp)
{
	size_t at = f->n_before;
	int64_t wall_ns = f->stamp_before.wall_ns;
	uint32_t frac;

	if (!at || line.n < at + 9 || !wall_before(f, line, &wall_ns) ||
	    !six_digits(line.p + at, &frac) || line.p[at + 6] != ']' || line.p[at + 7] != ' ' ||
	    line.p[at + 8] == '[' || line.p[at + 8] == ' ' || line.p[at + 8] == '\t')
		return 0;
	*stamp = f->stamp_before;
	stamp->wall_ns = wall_ns;
	stamp->up_ns += (uint64_t)frac * powers[3];
	return at + 8;
}

/* remember - the next line may be as this one, whose words begin at @text */
static void remember(struct front *f, struct str line, size_t text, const struct stamp *stamp)
{
	bool fine = stamp->up_digits == 6 && (!f->n_frac || f->n_frac == 6);

	f->n_before = f->up && fine ? text - 8 : 0;
	f->epoch++;
	f->before = line.p;
	f->stamp_before = *stamp;
	f->stamp_before.wall_ns -= f->frac_ns;
	f->stamp_before.up_ns = f->up_sec_ns;
}

static size_t match_parts(struct front *f, struct str line, struct stamp *stamp)
{
	size_t at = 0, end = f->up ? f->up : f->text;
	uint32_t sec, frac;

	if (!f->line || line.n <= end)
		return 0;
	*stamp = f->stamp;
	if (f->sec) {
		if (!same_bytes(line.p, f->line, f->sec) || !digits_at(line.p + f->sec, 2, &sec) ||
		    sec > 59)
			return 0;
		stamp->wall_ns += (int64_t)(sec * NS);
		at = f->sec + 2;
	}
	if (f->n_frac) {
		if (line.p[at] != f->line[at] || !digits_at(line.p + f->frac, f->n_frac, &frac))
			return 0;
		f->frac_ns = (int64_t)frac * powers[9 - f->n_frac];
		stamp->wall_ns += f->frac_ns;
		at = f->frac + f->n_frac;
	}
	if (!same_bytes(line.p + at, f->line + at, end - at))
		return 0;
	if (f->up) {
		end = uptime_at(f, line, end, stamp->up_digits, &stamp->up_ns);
		if (!end || end >= line.n)
			return 0;
	}
	/* a caller of printk, or blanks: the framing goes on */
	return line.p[end] == '[' || line.p[end] == ' ' || line.p[end] == '\t' ? 0 : end;
}

size_t front_match(struct front *f, struct str line, struct stamp *stamp)
{
	size_t at = as_before(f, line, stamp);

	if (!at) {
		at = match_parts(f, line, stamp);
		if (at)
			remember(f, line, at, stamp);
	}
	return at;
}

static bool clock_at(struct str line, size_t at)
{
	uint32_t value;

	return line.n > at + 9 && digits_at(line.p + at, 2, &value) && line.p[at + 2] == ':' &&
	       digits_at(line.p + at + 3, 2, &value) && line.p[at + 5] == ':' &&
	       digits_at(line.p + at + 6, 2, &value) && value < 60;
}

/* find_second - "Nov  9 04:41:34 " or "2026-11-22T15:10:35.043576+00:00 " */
static bool find_second(struct front *f, struct str line)
{
	size_t at;

	if (clock_at(line, 7) && line.p[3] == ' ' && line.p[6] == ' ' && line.p[15] == ' ' &&
	    !is_digit(line.p[0])) {
		f->sec = 13;
		return true;
	}
	if (!clock_at(line, 11) || line.p[4] != '-' || line.p[7] != '-' || line.p[10] != 'T')
		return false;
	f->sec = 17;
	if (line.p[19] != '.')
		return true;
	f->frac = 20;
	for (at = f->frac; at < line.n && is_digit(line.p[at]); at++)
		f->n_frac++;
	return f->n_frac && f->n_frac <= 9;
}

/* find_uptime - the kernel's stamp must stand right before the words, at @text */
static bool find_uptime(struct front *f, struct str line, size_t text, unsigned int digits)
{
	const char *bracket = memrchr(line.p, '[', text);
	uint64_t ns;

	if (!bracket || !digits || digits > 9)
		return false;
	f->up = (uint32_t)(bracket + 1 - line.p);
	return uptime_at(f, line, f->up, digits, &ns) == text;
}

static bool sort_out(struct front *f, struct str line, const struct envelope *env)
{
	size_t text = (size_t)(env->text.p - line.p);
	uint32_t sec = 0, frac = 0;

	if (env->stamp.have & (STAMP_DELTA | STAMP_SEQ | STAMP_NO_DATE))
		return false;
	if (!(env->stamp.have & STAMP_WALL) ? *line.p != '[' : !find_second(f, line))
		return false;
	if (env->stamp.have & STAMP_UP) {
		if (!find_uptime(f, line, text, env->stamp.up_digits))
			return false;
	} else if (!f->sec || !str_ends(str_first(line, text), STR(" kernel: "))) {
		return false;
	}
	f->text = (uint32_t)text;
	f->stamp = env->stamp;
	f->stamp.up_ns = 0;
	if (!f->sec)
		return f->up == 1; /* dmesg: "[12345.678901] ", and nothing before it */
	digits_at(line.p + f->sec, 2, &sec);
	if (f->n_frac)
		digits_at(line.p + f->frac, f->n_frac, &frac);
	f->stamp.wall_ns -= (int64_t)(sec * NS + (uint64_t)frac * powers[9 - f->n_frac]);
	return f->stamp.wall_digits == f->n_frac;
}

static bool same_stamp(const struct stamp *a, const struct stamp *b)
{
	return a->wall_ns == b->wall_ns && a->up_ns == b->up_ns && a->zone_min == b->zone_min &&
	       a->wall_digits == b->wall_digits && a->up_digits == b->up_digits &&
	       a->have == b->have;
}

bool front_learn(struct front *front, struct str line, struct batch *batch)
{
	struct scratch none = { .buf = NULL };
	struct front f = { .line = line.p };
	struct stamp stamp;
	struct envelope env;

	if (!line.n)
		return false;
	envelope_open(line, &none, &env);
	if (env.text.p < line.p || env.text.p >= line.p + line.n || !sort_out(&f, line, &env))
		return false;
	if (front_match(&f, line, &stamp) != (size_t)(env.text.p - line.p) ||
	    !same_stamp(&stamp, &env.stamp))
		return false;
	if (!batch_host(batch, env.host, &f.host))
		return false;
	f.epoch = front->epoch + 1;
	*front = f;
	return true;
}
