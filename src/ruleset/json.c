/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json.c - reads JSON piece by piece into a tree that lives in an arena
 *
 * The need: 5,000 rules are 3.7 MB of nft's JSON, 300,000 values, to be read in 50 ms. jansson
 * 2.14 takes 70 ms to build them and as long to free them, one malloc a value and more an object.
 * Here a value is a node in an arena that is used again for the next rule, and a string without
 * escapes is where it stands in the file.
 */
#include "json.h"

#define DEPTH_MAX 64

static bool fail(struct json_reader *reader, const char *expected)
{
	/* the innermost complaint is the one that helps */
	if (!reader->bad) {
		reader->bad = reader->at;
		reader->expected = expected;
	}
	return false;
}

char json_read_blanks(struct json_reader *reader)
{
	while (reader->at < reader->end && memchr(" \t\r\n", *reader->at, 4))
		reader->at++;
	return reader->at < reader->end ? *reader->at : '\0';
}

bool json_read_char(struct json_reader *reader, char c, const char *expected)
{
	if (json_read_blanks(reader) != c || reader->at == reader->end)
		return fail(reader, expected);
	reader->at++;
	return true;
}

/* ---- strings ---- */

static bool hex4(const char *p, const char *end, unsigned int *v)
{
	static const char digits[] = "0123456789abcdef";

	*v = 0;
	if (end - p < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		int c = p[i] >= 'A' && p[i] <= 'F' ? p[i] | 0x20 : p[i];
		const char *digit = memchr(digits, c, 16);

		if (!digit)
			return false;
		*v = *v << 4 | (unsigned int)(digit - digits);
	}
	return true;
}

static size_t put_utf8(char *to, unsigned int v)
{
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t n = v < 0x80 ? 1 : v < 0x800 ? 2 : v < 0x10000 ? 3 : 4;

	for (size_t i = n; i-- > 1; v >>= 6)
		to[i] = (char)(0x80 | (v & 0x3f));
	to[0] = (char)(n == 1 ? v : lead[n] | v);
	return n;
}

/* \uXXXX, perhaps half of a pair, at the u. Return: how many characters it takes, 0 if broken */
static size_t put_unicode(const char *p, const char *end, char *to, size_t *n)
{
	unsigned int v, low;
	size_t used = 5;

	if (!hex4(p + 1, end, &v))
		return 0;
	if (v >= 0xd800 && v < 0xdc00 && end - p >= 11 && p[5] == '\\' && p[6] == 'u' &&
	    hex4(p + 7, end, &low) && low >= 0xdc00 && low < 0xe000) {
		v = 0x10000 + ((v - 0xd800) << 10) + (low - 0xdc00);
		used = 11;
	}
	*n += put_utf8(to + *n, v);
	return used;
}

/* An escape never makes a string longer: six characters become three bytes at most. */
static bool unescape(struct json_reader *reader, struct str raw, struct str *s)
{
	static const char names[] = "\"\\/bfnrt";
	static const char values[] = "\"\\/\b\f\n\r\t";
	char *to = arena_alloc(reader->strings, raw.n);
	const char *end = raw.p + raw.n;
	size_t n = 0;

	for (const char *p = raw.p; to && p < end;) {
		const char *name;
		size_t used;

		if (*p != '\\') {
			to[n++] = *p++;
			continue;
		}
		name = ++p < end ? memchr(names, *p, sizeof(names) - 1) : NULL;
		if (name)
			to[n++] = values[name - names];
		used = name ? 1 : p < end && *p == 'u' ? put_unicode(p, end, to, &n) : 0;
		if (!used) {
			reader->at = p;
			return fail(reader, "an escape that JSON knows");
		}
		p += used;
	}
	*s = (struct str){ to, n };
	return to != NULL;
}

bool json_read_string(struct json_reader *reader, struct str *s)
{
	bool escaped = false;
	const char *p;

	if (json_read_blanks(reader) != '"')
		return fail(reader, "a string");
	for (p = reader->at + 1; p < reader->end && *p != '"'; p++) {
		if (*p == '\\') {
			escaped = true;
			p++;
		}
	}
	if (p >= reader->end)
		return fail(reader, "a string with its closing quote");
	*s = str_between(reader->at + 1, p);
	if (escaped && !unescape(reader, *s, s))
		return false;
	reader->at = p + 1;
	return true;
}

/* ---- values ---- */

static struct json_node *value(struct json_reader *reader, int depth);

static bool read_key(struct json_reader *reader, struct str *key)
{
	return json_read_string(reader, key) && json_read_char(reader, ':', "a colon");
}

/* Members or elements up to @close; the opening bracket has been taken. */
static bool read_list(struct json_reader *reader, struct json_node *list, char close, int depth)
{
	const struct json_node **end = &list->first;
	struct str key = { 0 };

	if (json_read_blanks(reader) == close) {
		reader->at++;
		return true;
	}
	for (;;) {
		struct json_node *item;

		if (list->kind == JSON_OBJECT && !read_key(reader, &key))
			return false;
		item = value(reader, depth + 1);
		if (!item)
			return false;
		item->key = key;
		*end = item;
		end = &item->next;
		if (json_read_blanks(reader) != ',')
			break;
		reader->at++;
	}
	return json_read_char(reader, close, close == '}' ? "a comma or }" : "a comma or ]");
}

static bool read_word(struct json_reader *reader, struct json_node *node)
{
	static const struct {
		struct str word;
		enum json_kind kind;
	} words[] = { { { "null", 4 }, JSON_NULL },
		      { { "true", 4 }, JSON_TRUE },
		      { { "false", 5 }, JSON_FALSE } };
	struct str rest = str_between(reader->at, reader->end);
	size_t n = 0;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (str_starts(rest, words[i].word)) {
			node->kind = words[i].kind;
			reader->at += words[i].word.n;
			return true;
		}
	}
	while (n < rest.n && memchr("+-.0123456789eE", rest.p[n], 15))
		n++;
	if (!n)
		return fail(reader, "a JSON value");
	node->kind = JSON_NUMBER;
	node->text = str_first(rest, n);
	reader->at += n;
	return true;
}

static bool read_value(struct json_reader *reader, struct json_node *node, int depth)
{
	char c = json_read_blanks(reader);

	if (depth > DEPTH_MAX)
		return fail(reader, "fewer brackets in brackets");
	switch (c) {
	case '"':
		node->kind = JSON_STRING;
		return json_read_string(reader, &node->text);
	case '{':
	case '[':
		node->kind = c == '{' ? JSON_OBJECT : JSON_ARRAY;
		reader->at++;
		return read_list(reader, node, c == '{' ? '}' : ']', depth);
	}
	return read_word(reader, node);
}

static struct json_node *value(struct json_reader *reader, int depth)
{
	struct json_node *node = arena_alloc(reader->nodes, sizeof(*node));

	return node && read_value(reader, node, depth) ? node : NULL;
}

const struct json_node *json_read(struct json_reader *reader)
{
	return value(reader, 0);
}

/* ---- questions ---- */

const struct json_node *json_node_get(const struct json_node *object, const char *key)
{
	struct str name = str_from(key);

	if (!json_node_is(object, JSON_OBJECT))
		return NULL;
	for (const struct json_node *member = object->first; member; member = member->next)
		if (str_eq(member->key, name))
			return member;
	return NULL;
}

struct str json_node_text(const struct json_node *node)
{
	return json_node_is(node, JSON_STRING) ? node->text : (struct str){ 0 };
}
