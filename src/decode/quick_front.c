// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * quick_front.c - the framing of a line that differs from that of a line before in digits alone
 *
 * Theory of operation
 *
 * Within a minute of a log all lines of one host begin with the same bytes, but for the second,
 * its fraction and the kernel's stamp. So envelope_open() is asked once, and where the digits
 * stand is remembered; a line that has equal bytes everywhere else, and as many digits, has the
 * same framing. That needs a framing whose end does not depend on the words behind it. Which of
 * them are so, and that these digits are the stamp's, envelope_open() is asked, too: about lines
 * with the same framing, other digits and other words (try_others()).
 *
 * grep -n puts a number before each line, which has more digits from time to time. It is passed
 * over, and what follows is matched as if the line began there.
 */
#include <endian.h>

#include "envelope.h"
#include "quick.h"
#include "scan.h"

#define NS	    UINT64_C(1000000000)
#define NUMBER_MAX  9  /* digits of a line's number: as open_numbered() has it */
#define BRACKET_MAX 40 /* bytes of "[UFW BLOCK] ": longer ones are looked at by decode_record() */

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

/* is_stamp - may what stands in brackets be a stamp or a caller of printk? Those have digits */
__attribute__((noinline)) static bool is_stamp(struct str s)
{
	size_t n = 1;

	while (n < s.n && n < BRACKET_MAX && s.p[n] != ']' && !is_digit(s.p[n]))
		n++;
	return n == s.n || s.p[n] != ']';
}

/* goes_on - does the framing go on at @at, where words should begin? */
static inline bool goes_on(struct str line, size_t at)
{
	char c = line.p[at];

	return c == ' ' || c == '\t' || (c == '[' && is_stamp(str_skip(line, at)));
}

/* as_before - does it differ from the line before in microseconds alone? */
static inline size_t as_before(const struct front *f, struct str line, struct stamp *stamp)
{
	size_t at = f->n_before;
	int64_t wall_ns = f->stamp_before.wall_ns;
	uint32_t frac;

	if (!at || line.n < at + 9 + f->n_tail || !wall_before(f, line, &wall_ns) ||
	    !six_digits(line.p + at, &frac) || line.p[at + 6] != ']' || line.p[at + 7] != ' ')
		return 0;
	at += 8;
	if (f->n_tail) {
		if (!same_bytes(line.p + at, f->before + at, f->n_tail))
			return 0;
		at += f->n_tail;
	}
	if (goes_on(line, at))
		return 0;
	*stamp = f->stamp_before;
	stamp->wall_ns = wall_ns;
	stamp->up_ns += (uint64_t)frac * powers[3];
	return at;
}

/* remember - the next line may be as this one, whose words begin at @text */
static void remember(struct front *f, struct str line, size_t text, const struct stamp *stamp)
{
	bool fine = stamp->up_digits == 6 && (!f->n_frac || f->n_frac == 6);

	f->n_before = f->up && fine ? text - f->n_tail - 8 : 0;
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
		if (!end || end + f->n_tail >= line.n ||
		    !same_bytes(line.p + end, f->line + f->tail, f->n_tail))
			return 0;
		end += f->n_tail;
	}
	return goes_on(line, end) ? 0 : end;
}

static size_t match_anew(struct front *f, struct str line, struct stamp *stamp)
{
	size_t at = match_parts(f, line, stamp);

	if (at)
		remember(f, line, at, stamp);
	return at;
}

/* number_at - "123:" at @at; Return: where it ends, or 0 */
static inline size_t number_at(struct str line, size_t at)
{
	size_t first = at;

	while (at < line.n && is_digit(line.p[at]))
		at++;
	return at > first && at - first <= NUMBER_MAX && at < line.n && line.p[at] == ':' ? at + 1
											  : 0;
}

/* match_numbered - pass over name and number; n_before is 0 meanwhile, so as_before() takes none */
static size_t match_numbered(struct front *f, struct str line, struct stamp *stamp)
{
	size_t front = str_starts(line, f->name) ? number_at(line, f->name.n) : 0, at;
	struct str behind = str_skip(line, front);

	if (!front)
		return 0;
	f->n_before = f->n_behind;
	at = as_before(f, behind, stamp);
	if (!at)
		at = match_anew(f, behind, stamp);
	f->n_behind = f->n_before;
	f->n_before = 0;
	return at ? front + at : 0;
}

size_t front_match(struct front *f, struct str line, struct stamp *stamp)
{
	size_t at = as_before(f, line, stamp);

	if (at)
		return at;
	if (f->kmsg) {
		at = kmsg_match(f, line, stamp);
		return at && !goes_on(line, at) ? at : 0;
	}
	return f->numbered ? match_numbered(f, line, stamp) : match_anew(f, line, stamp);
}

static bool clock_at(struct str line, size_t at)
{
	uint32_t value;

	return line.n >= at + 8 && digits_at(line.p + at, 2, &value) && line.p[at + 2] == ':' &&
	       digits_at(line.p + at + 3, 2, &value) && line.p[at + 5] == ':' &&
	       digits_at(line.p + at + 6, 2, &value) && value < 60;
}

/* find_second - the wall's clock, wherever it stands in the framing @line */
static bool find_second(struct front *f, struct str line)
{
	size_t at = 0;

	while (at < line.n && !clock_at(line, at))
		at++;
	if (at == line.n)
		return false;
	f->sec = (uint32_t)at + 6;
	at += 8;
	if (at == line.n || (line.p[at] != '.' && line.p[at] != ','))
		return true;
	f->frac = (uint32_t)++at;
	while (at < line.n && is_digit(line.p[at++]))
		f->n_frac++;
	return f->n_frac && f->n_frac <= 9;
}

/* find_uptime - the kernel's stamp: the words are at @text, but for what may stand between */
static bool find_uptime(struct front *f, struct str line, size_t text, const struct stamp *stamp)
{
	size_t at = 0, end = 0;
	uint64_t ns;

	if (!stamp->up_digits || stamp->up_digits > 9)
		return false;
	while (!end && at < text)
		if (line.p[at++] == '[')
			end = uptime_at(f, line, at, stamp->up_digits, &ns);
	if (!end || end > text || ns != stamp->up_ns || at < f->sec)
		return false;
	f->up = (uint32_t)at;
	f->tail = (uint32_t)end;
	f->n_tail = (uint32_t)(text - end);
	return true;
}

/* sort_out - where the digits stand in the framing of @line, as @env tells them */
static bool sort_out(struct front *f, struct str line, const struct envelope *env)
{
	size_t text = (size_t)(env->text.p - line.p);
	uint32_t sec = 0, frac = 0;

	if (!env->kernel || env->user ||
	    (env->stamp.have & (STAMP_DELTA | STAMP_SEQ | STAMP_NO_DATE)))
		return false;
	if ((env->stamp.have & STAMP_WALL) && !find_second(f, str_first(line, text)))
		return false;
	if ((env->stamp.have & STAMP_UP) && !find_uptime(f, line, text, &env->stamp))
		return false;
	f->text = (uint32_t)text;
	f->stamp = env->stamp;
	f->stamp.up_ns = 0;
	if (!f->sec)
		return f->up;
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

/* opens - does envelope_open() read the framing of @line as @f does, and say that @host wrote it?
 */
static bool opens(const struct front *f, struct str line, struct str host)
{
	struct scratch none = { .buf = NULL };
	struct front g = *f;
	struct stamp stamp;
	struct envelope env;
	size_t text = front_match(&g, line, &stamp);

	envelope_open(line, &none, &env);
	return text && env.text.p == line.p + text && same_stamp(&stamp, &env.stamp) &&
	       str_eq(host, env.host) && env.kernel && !env.user;
}

/* change_digits - @n of them, to others; the first one stays below @limit */
static void change_digits(char *p, size_t n, char limit)
{
	for (size_t i = 0; i < n; i++)
		p[i] = (char)('0' + (p[i] - '0' + 3) % (i ? 10 : limit));
}

/*
 * try_words - do lines with other digits and other words have that framing, behind @before? Some
 * read a first word as a host: any, or, as dmesg's, only one with a tag behind it.
 */
static bool try_words(const struct front *f, struct str before, struct str host, bool *closed)
{
	static const char word[] = "DROP IN=a OUT= SRC=",
			  tagged[] = "gw kernel: DROP IN=a OUT= SRC=";
	char line[2 * FRONT_MAX + sizeof(tagged)], *other = line + before.n;
	size_t n = before.n + f->text;

	memcpy(line, before.p, before.n);
	memcpy(other, f->line, f->text);
	if (f->sec)
		change_digits(other + f->sec, 2, 6);
	change_digits(other + f->frac, f->n_frac, 10);
	if (f->up)
		change_digits(other + f->tail - 2 - f->stamp.up_digits, f->stamp.up_digits, 10);
	memcpy(line + n, word, sizeof(word));
	if (!opens(f, (struct str){ line, n + sizeof(word) - 1 }, host))
		return false;
	memcpy(line + n, tagged, sizeof(tagged));
	*closed = opens(f, (struct str){ line, n + sizeof(tagged) - 1 }, host);
	return true;
}

/* try_others - the same with other numbers: of two digits the hour might be, of four the year */
static bool try_others(struct front *f, struct str host)
{
	static const char *const numbers[] = { "7:", "23:", "2026:", "123456789:" };
	char before[FRONT_MAX];
	bool closed;

	if (f->text > FRONT_MAX || f->name.n + NUMBER_MAX + 1 > FRONT_MAX)
		return false;
	if (!f->numbered)
		return try_words(f, (struct str){ before, 0 }, host, &f->closed);
	memcpy(before, f->name.p, f->name.n);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		size_t n = strlen(numbers[i]);

		memcpy(before + f->name.n, numbers[i], n);
		if (!try_words(f, (struct str){ before, f->name.n + n }, host, &closed) ||
		    (i && closed != f->closed))
			return false;
		f->closed = closed;
	}
	return true;
}

/* is_same - do two of them say the same of a line? */
static bool is_same(const struct envelope *a, const struct envelope *b)
{
	return a->text.p == b->text.p && a->text.n == b->text.n && str_eq(a->host, b->host) &&
	       same_stamp(&a->stamp, &b->stamp) && a->kernel == b->kernel && a->user == b->user;
}

/*
 * skip_number - what grep puts before a line: "12:", or "kern.log:12:". It is that if without it
 * the line says the same. Return: the line without it
 */
static struct str skip_number(struct front *f, struct str line, const struct envelope *env)
{
	struct scratch none = { .buf = NULL };
	struct envelope bare;
	struct str name = str_first(line, 0), token = line, rest;
	size_t at = number_at(line, 0);

	if (!at) {
		name = str_first(scan_token(&token), FRONT_MAX);
		name = str_first(name, str_find(name, STR(":")) + 1);
		at = number_at(line, name.n);
	}
	rest = str_skip(line, at);
	if (!at || !rest.n)
		return line;
	envelope_open(rest, &none, &bare);
	if (!is_same(&bare, env))
		return line;
	f->numbered = true;
	f->name = name;
	return rest;
}

static bool learn(struct front *f, struct str line, struct batch *batch)
{
	struct scratch none = { .buf = NULL };
	struct envelope env;

	envelope_open(line, &none, &env);
	line = skip_number(f, line, &env);
	f->line = line.p;
	return env.text.p >= line.p && env.text.p < line.p + line.n && sort_out(f, line, &env) &&
	       try_others(f, env.host) && batch_host(batch, env.host, &f->host);
}

bool front_learn(struct front *front, struct str line, struct batch *batch)
{
	struct front f = { .line = NULL };

	if (!line.n || (!kmsg_learn(&f, line, batch) && !learn(&f, line, batch)))
		return false;
	f.epoch = front->epoch + 1;
	*front = f;
	return true;
}
