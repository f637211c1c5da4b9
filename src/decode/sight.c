// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sight.c - foreign lines passed over many at once, 32 bytes at a time
 *
 * Theory of operation
 *
 * Nine lines of ten of a log may be other programs'. Looking at each line costs more than looking
 * at its bytes, so a block is searched for all that could make a line ours, or a record of
 * several lines, at once; what lies before the first place found is foreign, and only counted.
 *
 * Of each needle four bytes that seldom stand together are its fingerprint. Needles are put
 * into eight buckets, a bit each. For each of the four places there are two tables of 16 bytes,
 * for the low and the high half of a byte: which buckets have such a byte there. Looked up for
 * 32 bytes at once (PSHUFB) and combined, they leave a bit where a fingerprint may begin; few of
 * those are none, and each is compared in full. (The scheme is that of Teddy, in Hyperscan.)
 *
 * With AVX-512 VBMI a byte of text is looked up whole, without its highest bit (VPERMI2B), 64 of
 * them at once; that is half of the instructions for twice the bytes. With neither, quick_skip()
 * skips nothing and lines are looked at one by one, with the same result: note.c has the needles
 * for that, and tests compare all of them.
 */
#include "sight.h"

#include <assert.h>

#include "scan.h"

#define BUCKETS 8
#define FP	4 /* bytes of a fingerprint */
#define NOWHERE SIZE_MAX

/* struct needle - @at: where its fingerprint stands in it */
struct needle {
	struct str text;
	size_t at;
	unsigned int bucket;
};

#define NEEDLE(z)                                                                                  \
	{                                                                                          \
		z, sizeof(z) - 1                                                                   \
	}

/*
 * By bucket: the rows of note.c, and what the monitors of nft and iptables print. Places and
 * buckets are those with the fewest false alarms in the logs of other programs: one in 4 kB.
 */
/* clang-format off */
static const struct needle needles[] = {
	{ NEEDLE(" OUT="), 1, 1 },
	{ NEEDLE("PACKET: "), 3, 1 },
	{ NEEDLE("/dev/kmsg buffer overrun"), 3, 1 },
	{ NEEDLE("martian "), 2, 1 },
	{ NEEDLE("conntrack_ftp: partial "), 17, 1 },
	{ NEEDLE("due to rate-limiting"), 11, 1 },
	{ NEEDLE("eighbour table overflow"), 2, 2 },
	{ NEEDLE("eighbor table overflow"), 2, 2 },
	{ NEEDLE("too many orphaned sockets"), 9, 2 },
	{ NEEDLE("too many of orphaned sockets"), 12, 2 },
	{ NEEDLE("Missed "), 1, 2 },
	{ NEEDLE("Forwarding to syslog missed "), 22, 2 },
	{ NEEDLE(" callbacks suppressed"), 12, 3 },
	{ NEEDLE(" messages suppressed"), 11, 3 },
	{ NEEDLE("message repeated "), 8, 3 },
	{ NEEDLE("' repeated "), 2, 3 },
	{ NEEDLE("trace\033["), 3, 3 },
	{ NEEDLE("trace \033["), 4, 3 },
	{ NEEDLE("trace id\033["), 6, 3 },
	{ NEEDLE("trace id "), 0, 4 },
	{ NEEDLE("Possible SYN flooding on port "), 10, 4 },
	{ NEEDLE("possible SYN flooding on port "), 10, 4 },
	{ NEEDLE("table full"), 6, 4 },
	{ NEEDLE("out of memory -- consider tuning tcp_mem"), 14, 4 },
	{ NEEDLE("PROTO="), 1, 5 },
	{ NEEDLE("TRACE: "), 1, 5 },
	{ NEEDLE("Out of socket memory"), 0, 5 },
	{ NEEDLE("# ERROR: We lost some netlink events"), 4, 5 },
	{ NEEDLE("\033[m\033[K"), 0, 5 },
	{ NEEDLE("\033[m "), 0, 5 },
	{ NEEDLE("\033[0m"), 0, 5 },
};
/* clang-format on */

#define NEEDLES (sizeof(needles) / sizeof(*needles))

static_assert(NEEDLES <= SIGHT_NEEDLES, "no room for their fingerprints");

/* "IN=" has no fourth byte; what a line begins with that is no plain line has a line end first. */
enum { BUCKET_IN = 0, BUCKET_FRONT = 6, BUCKET_WORD = 7 };

static const char fronts[] = { '\0', '\xef', '_', '{', ' ', '\t', ',', '[', '\x1e' };
static const char *const words[] = { "\nMES", "\nPRI", "\nSYS", "\ndat" };

/*
 * Levels before a comma, 0 to 191, each length in another bucket: a year, as most lines begin with
 * it that are no kernel's, would have been one of them where they share one.
 */
static const struct level {
	const char *bytes; /* FP of them; 0: any digit */
	unsigned int bucket;
} levels[] = {
	{ "\n0,0", BUCKET_WORD },
	{ "\n00,", 5 },
	{ "\n100", 4 },
};

bool line_is_plain(struct str s)
{
	static const bool others[256] = {
		['\0'] = true, [0xef] = true, ['_'] = true,    [' '] = true, ['\t'] = true,
		[','] = true,  ['['] = true,  ['\x1e'] = true, ['{'] = true, ['M'] = true,
		['P'] = true,  ['S'] = true,  ['d'] = true,
	};
	static const char skipped[] = " \t,[\x1e"; /* what may stand before an object */
	size_t at = 0;

	if (!others[(unsigned char)*s.p])
		return true;
	switch (*s.p) {
	case '\0':
	case '\xef':
	case '_':
	case '{':
		return false;
	case 'M':
		return !str_starts(s, STR("MESSAGE="));
	case 'P':
		return !str_starts(s, STR("PRIORITY="));
	case 'S':
		return !str_starts(s, STR("SYSLOG_IDENTIFIER="));
	case 'd':
		return !str_starts(s, STR("data: "));
	default:
		break;
	}
	while (at < s.n && memchr(skipped, s.p[at], sizeof(skipped) - 1))
		at++;
	return at < s.n && s.p[at] != '{';
}

bool line_counts(struct str s)
{
	size_t n = 0;

	if (s.n < 2)
		return false;
	if (*s.p == '[')
		return !is_digit(s.p[1]);
	while (n < 3 && n < s.n && is_digit(s.p[n]))
		n++;
	return n && n + 1 < s.n && s.p[n] == ',' && is_digit(s.p[n + 1]) && (n < 3 || *s.p == '1');
}

static void mark(struct sight *sight, size_t place, unsigned char byte, unsigned int bucket)
{
	sight->low[place][byte & 15] |= (uint8_t)(1u << bucket);
	sight->high[place][byte >> 4] |= (uint8_t)(1u << bucket);
	sight->whole[place][byte & 127] |= (uint8_t)(1u << bucket);
}

static void mark_all(struct sight *sight, size_t place, unsigned int bucket)
{
	for (unsigned int i = 0; i < 256; i++)
		mark(sight, place, (unsigned char)i, bucket);
}

static void mark_digits(struct sight *sight, size_t place, unsigned int bucket)
{
	for (char c = '0'; c <= '9'; c++)
		mark(sight, place, (unsigned char)c, bucket);
}

static void mark_level(struct sight *sight, const struct level *level)
{
	for (size_t i = 0; i < FP; i++)
		if (level->bytes[i] == '0')
			mark_digits(sight, i, level->bucket);
		else
			mark(sight, i, (unsigned char)level->bytes[i], level->bucket);
}

static void mark_text(struct sight *sight, const char *text, size_t n, unsigned int bucket)
{
	for (size_t i = 0; i < n; i++)
		mark(sight, i, (unsigned char)text[i], bucket);
	for (size_t i = n; i < FP; i++)
		mark_all(sight, i, bucket);
}

void sight_init(struct sight *sight, enum looks looks)
{
	memset(sight, 0, sizeof(*sight));
	sight->looks = looks;
	for (size_t i = 0; i < NEEDLES; i++) {
		const char *print = needles[i].text.p + needles[i].at;

		mark_text(sight, print, FP, needles[i].bucket);
		memcpy(&sight->prints[i], print, FP);
		for (size_t k = needles[i].bucket + 1; k <= BUCKETS; k++)
			sight->first[k] = (uint8_t)(i + 1);
	}
	mark_text(sight, "IN=", 3, BUCKET_IN);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		mark_text(sight, words[i], FP, BUCKET_WORD);
	mark(sight, 0, '\n', BUCKET_FRONT);
	mark_all(sight, 2, BUCKET_FRONT);
	mark_all(sight, 3, BUCKET_FRONT);
	for (size_t i = 0; i < sizeof(fronts); i++)
		mark(sight, 1, (unsigned char)fronts[i], BUCKET_FRONT);
	for (size_t i = 0; i < sizeof(levels) / sizeof(*levels); i++)
		mark_level(sight, &levels[i]);
}

#if defined(__x86_64__)
#include <immintrin.h>

/* is_sight - does a needle of one of @buckets stand around @at, where its fingerprint may be? */
static bool is_sight(const struct sight *sight, struct str text, size_t at, unsigned int buckets)
{
	struct str rest = str_skip(text, at + 1);
	uint32_t print;

	memcpy(&print, text.p + at, FP);
	if (buckets & (1u << BUCKET_IN) && str_starts(str_skip(text, at), STR("IN=")))
		return true;
	if (text.p[at] == '\n')
		return !rest.n || !line_is_plain(rest) || line_counts(rest);
	for (; buckets; buckets &= buckets - 1) {
		unsigned int bucket = (unsigned int)__builtin_ctz(buckets);

		for (size_t i = sight->first[bucket]; i < sight->first[bucket + 1]; i++)
			if (print == sight->prints[i] && at >= needles[i].at &&
			    str_starts(str_skip(text, at - needles[i].at), needles[i].text))
				return true;
	}
	return false;
}

#define AVX2 __attribute__((target("avx2")))

AVX2 static inline __m256i table(const uint8_t half[16])
{
	return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)half));
}

/* halves - which buckets have the bytes of @v at one place of their fingerprints */
AVX2 static inline __m256i halves(__m256i low, __m256i high, __m256i v)
{
	const __m256i four = _mm256_set1_epi8(15);

	return _mm256_and_si256(
		_mm256_shuffle_epi8(low, _mm256_and_si256(v, four)),
		_mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(v, 4), four)));
}

AVX2 static inline __m256i load(const char *p)
{
	return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

/* first_of - which of @places, from @at on, is one where something is; NOWHERE */
static size_t first_of(const struct sight *s, struct str text, size_t at, uint64_t places,
		       const uint8_t *buckets)
{
	for (; places; places &= places - 1) {
		size_t i = (size_t)__builtin_ctzll(places);

		if (is_sight(s, text, at + i, buckets[i]))
			return i;
	}
	return NOWHERE;
}

/* count_lines - each byte of a sum counts at most 255 of them before the sums are added up */
AVX2 static uint32_t count_lines(struct str text)
{
	const __m256i end = _mm256_set1_epi8('\n'), zero = _mm256_setzero_si256();
	uint64_t parts[4];
	__m256i all = zero;
	size_t at = 0;
	uint32_t n;

	while (at + 32 <= text.n) {
		size_t stop = text.n - at < 255 * 32 ? text.n : at + 255 * 32;
		__m256i some = zero;

		for (; at + 32 <= stop; at += 32)
			some = _mm256_sub_epi8(some, _mm256_cmpeq_epi8(load(text.p + at), end));
		all = _mm256_add_epi64(all, _mm256_sad_epu8(some, zero));
	}
	_mm256_storeu_si256((__m256i *)(void *)parts, all);
	n = (uint32_t)(parts[0] + parts[1] + parts[2] + parts[3]);
	for (; at < text.n; at++)
		n += text.p[at] == '\n';
	return n;
}

AVX2 static size_t find_32(const struct sight *s, struct str text)
{
	const __m256i low0 = table(s->low[0]), high0 = table(s->high[0]);
	const __m256i low1 = table(s->low[1]), high1 = table(s->high[1]);
	const __m256i low2 = table(s->low[2]), high2 = table(s->high[2]);
	const __m256i low3 = table(s->low[3]), high3 = table(s->high[3]);
	uint8_t buckets[32];
	size_t at, i;

	for (at = 0; at + 32 + FP <= text.n; at += 32) {
		const char *p = text.p + at;
		__m256i found = _mm256_and_si256(halves(low0, high0, load(p)),
						 halves(low1, high1, load(p + 1)));
		uint32_t places;

		found = _mm256_and_si256(found, _mm256_and_si256(halves(low2, high2, load(p + 2)),
								 halves(low3, high3, load(p + 3))));
		places = ~(uint32_t)_mm256_movemask_epi8(
			_mm256_cmpeq_epi8(found, _mm256_setzero_si256()));
		if (!places)
			continue;
		_mm256_storeu_si256((__m256i *)(void *)buckets, found);
		i = first_of(s, text, at, places, buckets);
		if (i != NOWHERE)
			return at + i;
	}
	return at;
}

static size_t look_32(const struct sight *s, struct str text, uint32_t *lines)
{
	size_t at = find_32(s, text);

	*lines = count_lines(str_first(text, at + 1));
	return at;
}

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vbmi,popcnt")))

AVX512 static inline __m512i load_64(const void *p)
{
	return _mm512_loadu_si512(p);
}

/* wholes - which buckets have the bytes at @p at one place of their fingerprints */
AVX512 static inline __m512i wholes(__m512i first, __m512i second, const char *p)
{
	return _mm512_permutex2var_epi8(first, load_64(p), second);
}

/**
 * struct view - 64 bytes, at @at
 * @places: where fingerprints may be, and @buckets of which; @ends: where lines end
 * @lines: how many ended before
 */
struct view {
	size_t at;
	uint64_t places, ends;
	uint32_t lines;
	uint8_t buckets[64];
};

/* view_next - the next where a fingerprint may be, from v->at on; Return: false: there is none */
AVX512 static bool view_next(const struct sight *s, struct str text, struct view *v)
{
	const __m512i a0 = load_64(s->whole[0]), b0 = load_64(s->whole[0] + 64);
	const __m512i a1 = load_64(s->whole[1]), b1 = load_64(s->whole[1] + 64);
	const __m512i a2 = load_64(s->whole[2]), b2 = load_64(s->whole[2] + 64);
	const __m512i a3 = load_64(s->whole[3]), b3 = load_64(s->whole[3] + 64);
	const __m512i end = _mm512_set1_epi8('\n');
	uint64_t places = 0, ends = 0;
	uint32_t lines = v->lines;
	size_t at;

	for (at = v->at; at + 64 + FP <= text.n; at += 64) {
		const char *p = text.p + at;
		__m512i found = _mm512_and_si512(
			_mm512_and_si512(wholes(a0, b0, p), wholes(a1, b1, p + 1)),
			_mm512_and_si512(wholes(a2, b2, p + 2), wholes(a3, b3, p + 3)));

		places = _mm512_test_epi8_mask(found, found);
		ends = _mm512_cmpeq_epi8_mask(load_64(p), end);
		if (places) {
			_mm512_storeu_si512(v->buckets, found);
			break;
		}
		lines += (uint32_t)__builtin_popcountll(ends);
	}
	v->at = at;
	v->places = places;
	v->ends = ends;
	v->lines = lines;
	return places;
}

AVX512 static size_t look_64(const struct sight *s, struct str text, uint32_t *lines)
{
	struct view v = { .at = 0 };

	while (view_next(s, text, &v)) {
		size_t i = first_of(s, text, v.at, v.places, v.buckets);

		if (i != NOWHERE) {
			*lines = v.lines + (uint32_t)__builtin_popcountll(v.ends << (63 - i));
			return v.at + i;
		}
		v.lines += (uint32_t)__builtin_popcountll(v.ends);
		v.at += 64;
	}
	*lines = v.lines + (v.at < text.n && text.p[v.at] == '\n');
	return v.at;
}

enum looks sight_best(void)
{
	if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi"))
		return LOOKS_64;
	return __builtin_cpu_supports("avx2") ? LOOKS_32 : LOOKS_NOT;
}
#else
#define look_32 NULL
#define look_64 NULL

enum looks sight_best(void)
{
	return LOOKS_NOT;
}
#endif

size_t sight_skip(const struct sight *sight, struct str text, uint32_t *lines)
{
	/* the first place where something is, or that could not be looked at; lines up to it */
	static size_t (*const look[])(const struct sight *s, struct str text, uint32_t *lines) = {
		[LOOKS_32] = look_32,
		[LOOKS_64] = look_64,
	};
	const char *end;
	uint32_t n;
	size_t at;

	if (!sight->looks || !text.n || line_counts(text))
		return 0;
	at = look[sight->looks](sight, text, &n);
	/* what is at a line end is about the line behind it */
	end = at < text.n && text.p[at] == '\n' ? text.p + at : memrchr(text.p, '\n', at);
	if (!end)
		return 0;
	*lines = n;
	return (size_t)(end + 1 - text.p);
}
