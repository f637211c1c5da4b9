// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * json.c - one JSON object: a journal entry (formats.md 7.4) or a line of dmesg -J (7.2)
 *
 * Only the object's own members matter, and only strings, numbers and flat arrays among them;
 * what is nested deeper is stepped over. A string without escapes is used where it stands.
 */
#include "journal.h"
#include "scan.h"

static void skip_space(struct str *s)
{
	while (s->n && (is_blank(*s->p) || *s->p == '\r' || *s->p == '\n'))
		*s = str_skip(*s, 1);
}

/* struct out - where unescaped text goes */
struct out {
	struct scratch *scratch;
	size_t start;
	bool full;
};

static struct out out_begin(struct scratch *scratch)
{
	return (struct out){ scratch, scratch->used, false };
}

static void out_byte(struct out *out, unsigned int byte)
{
	if (out->scratch->used < out->scratch->cap)
		out->scratch->buf[out->scratch->used++] = (char)byte;
	else
		out->full = true;
}

static struct str out_end(const struct out *out)
{
	return (struct str){ out->scratch->buf + out->start, out->scratch->used - out->start };
}

static void out_utf8(struct out *out, uint32_t c)
{
	if (c < 0x80) {
		out_byte(out, c);
		return;
	}
	if (c < 0x800) {
		out_byte(out, 0xc0 | c >> 6);
	} else {
		if (c < 0x10000) {
			out_byte(out, 0xe0 | c >> 12);
		} else {
			out_byte(out, 0xf0 | c >> 18);
			out_byte(out, 0x80 | (c >> 12 & 0x3f));
		}
		out_byte(out, 0x80 | (c >> 6 & 0x3f));
	}
	out_byte(out, 0x80 | (c & 0x3f));
}

static bool scan_hex4(struct str *s, uint32_t *value)
{
	uint32_t v = 0;
	int i;

	if (s->n < 4)
		return false;
	for (i = 0; i < 4; i++) {
		if (hex_value(s->p[i]) < 0)
			return false;
		v = v << 4 | (uint32_t)hex_value(s->p[i]);
	}
	*value = v;
	*s = str_skip(*s, 4);
	return true;
}

/* scan_unicode - what follows \u, with the second half of a surrogate pair */
static bool scan_unicode(struct str *s, struct out *out)
{
	uint32_t high, low;
	struct str rest;

	if (!scan_hex4(s, &high))
		return false;
	rest = *s;
	if (high >= 0xd800 && high < 0xdc00 && scan_word(&rest, STR("\\u")) &&
	    scan_hex4(&rest, &low) && low >= 0xdc00 && low < 0xe000) {
		*s = rest;
		high = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
	}
	out_utf8(out, high);
	return true;
}

static bool scan_escape(struct str *s, struct out *out)
{
	static const char names[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
	const char *at;

	if (scan_char(s, 'u'))
		return scan_unicode(s, out);
	at = s->n && *s->p ? strchr(names, *s->p) : NULL;
	if (!at)
		return false;
	out_byte(out, (unsigned char)bytes[at - names]);
	*s = str_skip(*s, 1);
	return true;
}

static bool scan_string(struct str *s, struct scratch *scratch, struct str *value)
{
	struct str rest = *s;
	const char *quote;
	struct out out;

	if (!scan_char(&rest, '"'))
		return false;
	quote = rest.n ? memchr(rest.p, '"', rest.n) : NULL;
	if (!quote)
		return false;
	*value = str_between(rest.p, quote);
	if (!value->n || !memchr(value->p, '\\', value->n)) {
		*s = str_skip(rest, value->n + 1);
		return true;
	}
	out = out_begin(scratch);
	while (rest.n && *rest.p != '"') {
		if (!scan_char(&rest, '\\')) {
			out_byte(&out, (unsigned char)*rest.p);
			rest = str_skip(rest, 1);
		} else if (!scan_escape(&rest, &out)) {
			return false;
		}
	}
	*value = out_end(&out);
	*s = rest;
	return scan_char(s, '"') && !out.full;
}

/* skip_nested - an object or array inside an array: step over it by its brackets */
static bool skip_nested(struct str *s)
{
	bool quoted = false;
	unsigned int depth = 0;

	for (; s->n; *s = str_skip(*s, 1)) {
		char c = *s->p;

		if (quoted && c == '\\')
			*s = str_skip(*s, 1);
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '{' || c == '['))
			depth++;
		else if (!quoted && (c == '}' || c == ']') && !--depth)
			break;
	}
	return scan_char(s, '}') || scan_char(s, ']');
}

static struct str scan_literal(struct str *s)
{
	size_t n = 0;

	while (n < s->n && (is_alnum(s->p[n]) || memchr("+-.", s->p[n], 3)))
		n++;
	*s = str_skip(*s, n);
	return str_first((struct str){ s->p - n, n }, n);
}

/* scan_array - bytes as numbers make one string; of several strings the first is taken */
static bool scan_array(struct str *s, struct scratch *scratch, struct str *value)
{
	struct out out = out_begin(scratch);
	struct str item;
	uint64_t byte;

	*value = (struct str){ s->p, 0 };
	scan_char(s, '[');
	for (skip_space(s); !scan_char(s, ']'); skip_space(s)) {
		if (s->n && *s->p == '"') {
			if (!scan_string(s, scratch, &item))
				return false;
			if (!value->n)
				*value = item;
		} else if (scan_dec(s, 3, &byte) && byte <= UINT8_MAX) {
			out_byte(&out, (unsigned int)byte);
			*value = out_end(&out);
		} else {
			return false;
		}
		skip_space(s);
		if (!scan_char(s, ',') && (!s->n || *s->p != ']'))
			return false;
	}
	return !out.full;
}

static bool scan_value(struct str *s, struct scratch *scratch, struct str *value)
{
	struct str copy = *s;

	if (!s->n)
		return false;
	if (*s->p == '"')
		return scan_string(s, scratch, value);
	if (*s->p == '[' && scan_array(&copy, scratch, value)) {
		*s = copy;
		return true;
	}
	*value = (struct str){ s->p, 0 };
	if (*s->p == '[' || *s->p == '{')
		return skip_nested(s);
	*value = scan_literal(s);
	if (value->n && !is_digit(*value->p)) { /* null, true, false */
		value->n = 0;
		return true;
	}
	return value->n;
}

bool json_record_read(struct str data, struct scratch *scratch, struct entry *entry)
{
	struct str name, value;

	skip_space(&data);
	if (!scan_char(&data, '{'))
		return false;
	for (skip_space(&data); !scan_char(&data, '}'); skip_space(&data)) {
		if (!scan_string(&data, scratch, &name))
			return false;
		skip_space(&data);
		if (!scan_char(&data, ':'))
			return false;
		skip_space(&data);
		if (!scan_value(&data, scratch, &value))
			return false;
		journal_field(entry, name, value);
		skip_space(&data);
		if (!scan_char(&data, ',') && (!data.n || *data.p != '}'))
			return false;
	}
	return true;
}
