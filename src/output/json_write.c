// SPDX-License-Identifier: GPL-2.0-or-later
/* json_write.c - JSON as a stream: keys, values, commas, escaping */
#include "json_write.h"

#include "nfhop/addr.h"
#include "nfhop/writer.h"

static void put(struct json *json, struct str s)
{
	fwrite_unlocked(s.p, 1, s.n, json->out);
}

static void put_key(struct json *json, const char *key)
{
	if (json->comma)
		putc_unlocked(',', json->out);
	json->comma = true;
	if (!key)
		return;
	putc_unlocked('"', json->out);
	put(json, str_from(key));
	put(json, STR("\":"));
}

void json_open(struct json *json, const char *key, char bracket)
{
	put_key(json, key);
	putc_unlocked(bracket, json->out);
	json->comma = false;
}

void json_close(struct json *json, char bracket)
{
	putc_unlocked(bracket, json->out);
	json->comma = true;
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

static bool is_plain(char c)
{
	return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
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

	if (!n)
		fprintf(json->out, "\\\\x%02X", code);
	else if (code == '"' || code == '\\')
		fprintf(json->out, "\\%c", (char)code);
	else if (code < 0x20 || (code >= 0x7f && code < 0xa0))
		fprintf(json->out, "\\u%04x", code);
	else
		put(json, str_first(s, n));
	return n ? n : 1;
}

void json_put_string(struct json *json, const char *key, struct str s)
{
	if (!s.n) {
		json_null(json, key);
		return;
	}
	put_key(json, key);
	putc_unlocked('"', json->out);
	while (s.n) {
		size_t n = 0;

		while (n < s.n && is_plain(s.p[n]))
			n++;
		put(json, str_first(s, n));
		s = str_skip(s, n);
		if (s.n)
			s = str_skip(s, put_special(json, s));
	}
	putc_unlocked('"', json->out);
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
	struct text text;

	if (!stamp_is_dated(stamp)) {
		json_null(json, key);
		return;
	}
	text = format_rfc3339(stamp);
	json_word(json, key, text.s);
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
