// SPDX-License-Identifier: GPL-2.0-or-later
/* json_write.c - JSON as a stream: keys, values, commas, escaping */
#include "json_write.h"

#include "nfhop/addr.h"
#include "nfhop/writer.h"

void json_flush(struct json *json)
{
	fwrite_unlocked(json->buf, 1, json->n, json->out);
	json->n = 0;
}

static void put(struct json *json, struct str s)
{
	if (s.n > sizeof(json->buf) - json->n)
		json_flush(json);
	if (s.n > sizeof(json->buf)) {
		fwrite_unlocked(s.p, 1, s.n, json->out);
		return;
	}
	if (s.n)
		memcpy(json->buf + json->n, s.p, s.n);
	json->n += s.n;
}

#define KEY_MAX 64

static void put_char(struct json *json, char c)
{
	if (json->n == sizeof(json->buf))
		json_flush(json);
	json->buf[json->n++] = c;
}

void json_raw(struct json *json, const char *text)
{
	put(json, str_from(text));
}

/* put_key - keys are short, many, and ours: no escaping */
static void put_key(struct json *json, const char *key)
{
	char *p;

	if (sizeof(json->buf) - json->n < KEY_MAX + 4)
		json_flush(json);
	p = json->buf + json->n;
	if (json->comma)
		*p++ = ',';
	json->comma = true;
	if (key) {
		*p++ = '"';
		for (size_t i = 0; key[i] && i < KEY_MAX; i++)
			*p++ = key[i];
		*p++ = '"';
		*p++ = ':';
	}
	json->n = (size_t)(p - json->buf);
}

void json_open(struct json *json, const char *key, char bracket)
{
	put_key(json, key);
	put_char(json, bracket);
	json->comma = false;
	json->depth++;
}

void json_close(struct json *json, char bracket)
{
	put_char(json, bracket);
	json->comma = true;
	if (json->depth && !--json->depth)
		json_flush(json);
}

void json_number(struct json *json, const char *key, const char *digits)
{
	put_key(json, key);
	put(json, str_from(digits));
}

void json_null(struct json *json, const char *key)
{
	json_number(json, key, "null");
}

void json_uint(struct json *json, const char *key, uint64_t value)
{
	char digits[24];
	char *at = digits + sizeof(digits) - 1;

	*at = '\0';
	do
		*--at = (char)('0' + value % 10);
	while (value /= 10);
	json_number(json, key, at);
}

void json_fact(struct json *json, const char *key, bool known, uint64_t value)
{
	if (known)
		json_uint(json, key, value);
	else
		json_null(json, key);
}

void json_nonzero(struct json *json, const char *key, uint64_t value)
{
	json_fact(json, key, value != 0, value);
}

void json_word(struct json *json, const char *key, const char *word)
{
	if (word)
		json_put_string(json, key, str_from(word));
	else
		json_null(json, key);
}

static inline bool is_plain(char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* has_special - is one of eight bytes not plain? */
static inline bool has_special(uint64_t x)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
	uint64_t quote = x ^ ones * '"', slash = x ^ ones * '\\', del = x ^ ones * 0x7f;

	return (((x - ones * 0x20) | x | ((quote - ones) & ~quote) | ((slash - ones) & ~slash) |
		 ((del - ones) & ~del)) &
		high) != 0;
}

/* plain_length - how many bytes at the front need no escaping */
static size_t plain_length(struct str s)
{
	size_t n = 0;
	uint64_t x;

	for (; n + sizeof(x) <= s.n; n += sizeof(x)) {
		memcpy(&x, s.p + n, sizeof(x));
		if (has_special(x))
			break;
	}
	while (n < s.n && is_plain(s.p[n]))
		n++;
	return n;
}

/* The number of a character of one or two bytes, which is all that ever needs escaping. */
static unsigned int code_point(struct str s, size_t n)
{
	unsigned int first = (unsigned char)s.p[0];

	if (n == 1)
		return first;
	return n == 2 ? (first & 0x1f) << 6 | ((unsigned char)s.p[1] & 0x3f) : 0x10000;
}

/*
 * Controls are escaped as JSON does, U+007F to U+009F too: JSON is looked at on terminals.
 * Return: how many bytes it took
 */
static size_t put_special(struct json *json, struct str s)
{
	size_t n = utf8_length(s);
	unsigned int code = n ? code_point(s, n) : (unsigned char)s.p[0];
	char text[16] = "";

	if (!n)
		snprintf(text, sizeof(text), "\\\\x%02X", code);
	else if (code == '"' || code == '\\')
		snprintf(text, sizeof(text), "\\%c", (char)code);
	else if (code < 0x20 || (code >= 0x7f && code < 0xa0))
		snprintf(text, sizeof(text), "\\u%04x", code);
	put(json, *text ? str_from(text) : str_first(s, n));
	return n ? n : 1;
}

void json_put_string(struct json *json, const char *key, struct str s)
{
	if (!s.n) {
		json_null(json, key);
		return;
	}
	put_key(json, key);
	put_char(json, '"');
	while (s.n) {
		size_t n = plain_length(s);

		put(json, str_first(s, n));
		s = str_skip(s, n);
		if (s.n)
			s = str_skip(s, put_special(json, s));
	}
	put_char(json, '"');
}

void json_addr(struct json *json, const char *key, bool known, const struct addr *addr)
{
	if (known)
		json_word(json, key, addr_text(addr).s);
	else
		json_null(json, key);
}

void json_time(struct json *json, const char *key, const struct stamp *stamp)
{
	const struct stamp *last = &json->time;

	if (!stamp_is_dated(stamp)) {
		json_null(json, key);
		return;
	}
	if (!last->have || last->wall_ns != stamp->wall_ns || last->have != stamp->have ||
	    last->zone_min != stamp->zone_min || last->wall_digits != stamp->wall_digits)
		json->time_text = format_rfc3339(stamp);
	json->time = *stamp;
	json_word(json, key, json->time_text.s);
}

/* A stamp relative to the line before (dmesg --reltime) is no time since boot. */
void json_uptime(struct json *json, const char *key, const struct stamp *stamp)
{
	struct text text;

	if ((stamp->have & (STAMP_UP | STAMP_DELTA)) != STAMP_UP) {
		json_null(json, key);
		return;
	}
	text = format_uptime(stamp);
	json_number(json, key, text.s);
}
