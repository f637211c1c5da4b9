// SPDX-License-Identifier: GPL-2.0-or-later
/* json_write.c - JSON as a stream: keys, values, commas, escaping */
#include "json_form.h"

#include <string.h>

#include "nfhop/addr.h"
#include "nfhop/number.h"
#include "nfhop/writer.h"

void json_flush(struct json *json)
{
	if (json->form)
		json_form_add(json->form, json->buf, json->n);
	else
		fwrite_unlocked(json->buf, 1, json->n, json->out);
	json->n = 0;
}

void json_text(struct json *json, struct str s)
{
	while (s.n > sizeof(json->buf) - json->n) {
		size_t room = sizeof(json->buf) - json->n;

		memcpy(json->buf + json->n, s.p, room);
		json->n += room;
		s = str_skip(s, room);
		json_flush(json);
	}
	if (s.n)
		memcpy(json->buf + json->n, s.p, s.n);
	json->n += s.n;
}

static void need(struct json *json, size_t n)
{
	if (sizeof(json->buf) - json->n < n)
		json_flush(json);
}

static void put_char(struct json *json, char c)
{
	need(json, 1);
	json->buf[json->n++] = c;
}

void json_raw(struct json *json, const char *text)
{
	json_text(json, str_from(text));
}

#define KEY_MAX 64

/* Keys are short, many, and ours: no escaping. */
void json_key(struct json *json, const char *key)
{
	char *p;

	need(json, KEY_MAX + 4);
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
	json_key(json, key);
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
	json_key(json, key);
	json_text(json, str_from(digits));
}

void json_null(struct json *json, const char *key)
{
	json_number(json, key, "null");
}

void json_uint(struct json *json, const char *key, uint64_t value)
{
	json_key(json, key);
	need(json, NUMBER_DIGITS);
	json->n = (size_t)(number_put(json->buf + json->n, value) - json->buf);
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
	json_text(json, *text ? str_from(text) : str_first(s, n));
	return n ? n : 1;
}

void json_put_string(struct json *json, const char *key, struct str s)
{
	if (!s.n) {
		json_null(json, key);
		return;
	}
	json_key(json, key);
	put_char(json, '"');
	while (s.n) {
		size_t n = plain_length(s);

		json_text(json, str_first(s, n));
		s = str_skip(s, n);
		if (s.n)
			s = str_skip(s, put_special(json, s));
	}
	put_char(json, '"');
}

char *json_value(struct json *json, char *p, enum json_value what, const void *at, size_t size)
{
	switch (what) {
	case JSON_NUMBER:
		return number_put(p, number_at(at, size));
	case JSON_ADDR:
		return p + addr_put(p, at);
	case JSON_TIME:
		return p + format_time(&json->second, p, at);
	case JSON_UPTIME:
		return p + format_up(p, at);
	}
	return p;
}

/* put_value - or the blank for it, if a form is being made; quoted if it is no number */
static void put_value(struct json *json, const char *key, enum json_value what, const void *at,
		      size_t size)
{
	bool quoted = what == JSON_ADDR || what == JSON_TIME;

	json_key(json, key);
	if (quoted)
		put_char(json, '"');
	need(json, JSON_VALUE);
	if (json->form)
		json_form_blank(json->form, json->n, what, at, size);
	else
		json->n =
			(size_t)(json_value(json, json->buf + json->n, what, at, size) - json->buf);
	if (quoted)
		put_char(json, '"');
}

void json_field(struct json *json, const char *key, bool known, const void *at, size_t size)
{
	if (known)
		put_value(json, key, JSON_NUMBER, at, size);
	else
		json_null(json, key);
}

void json_addr(struct json *json, const char *key, bool known, const struct addr *addr)
{
	if (known)
		put_value(json, key, JSON_ADDR, addr, sizeof(*addr));
	else
		json_null(json, key);
}

void json_time(struct json *json, const char *key, const struct stamp *stamp)
{
	if (stamp_is_dated(stamp))
		put_value(json, key, JSON_TIME, stamp, sizeof(*stamp));
	else
		json_null(json, key);
}

/* A stamp relative to the line before (dmesg --reltime) is no time since boot. */
void json_uptime(struct json *json, const char *key, const struct stamp *stamp)
{
	if (stamp_from_boot(stamp))
		put_value(json, key, JSON_UPTIME, stamp, sizeof(*stamp));
	else
		json_null(json, key);
}
