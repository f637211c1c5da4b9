/* SPDX-License-Identifier: GPL-2.0-or-later */
/* print.c - a tree as text again, in the one form that the parser reads back to the same tree */
#include "tree.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "nfhop/addr.h"

/* struct out - a bounded buffer that remembers how much it would have needed */
struct out {
	char *buf;
	size_t size, n;
};

static void put_bytes(struct out *out, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++, out->n++)
		if (out->n < out->size)
			out->buf[out->n] = p[i];
}

static void put(struct out *out, const char *word)
{
	put_bytes(out, word, strlen(word));
}

__attribute__((format(printf, 2, 3))) static void put_format(struct out *out, const char *format,
							     ...)
{
	char buf[80];
	va_list args;

	va_start(args, format);
	vsnprintf(buf, sizeof(buf), format, args);
	va_end(args);
	put(out, buf);
}

/* Of a regular expression backslashes stay as they are: they came in pairs. */
static void put_quoted(struct out *out, struct str s, bool regex)
{
	put(out, "\"");
	for (size_t i = 0; i < s.n; i++) {
		bool pair = regex && s.p[i] == '\\' && i + 1 < s.n;

		if (s.p[i] == '"' || (s.p[i] == '\\' && !regex))
			put(out, "\\");
		put_bytes(out, s.p + i, pair ? 2 : 1);
		i += pair;
	}
	put(out, "\"");
}

/* Bare where the lexer would take it as one word. */
static bool is_plain(struct str s)
{
	static const char *const joining[] = { "and", "or", "not" };

	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || strchr("(){},!<>=~&|\":+\\", s.p[i]))
			return false;
	for (size_t i = 0; i < 3; i++)
		if (str_eq(s, str_from(joining[i])))
			return false;
	return s.n;
}

static void put_name(struct out *out, struct str s)
{
	if (is_plain(s))
		put_bytes(out, s.p, s.n);
	else
		put_quoted(out, s, false);
}

static void put_addr(struct out *out, const struct query_value *v)
{
	unsigned int own = v->family == FAMILY_IP ? 32 : 128;
	unsigned int bits = v->prefix - (128 - own);

	put(out, addr_text(&v->addr).s);
	if (bits < own)
		put_format(out, "/%u", bits);
}

static void put_flags(struct out *out, const struct query_value *v)
{
	static const char *const names[] = { "fin", "syn", "rst", "psh", "ack",
					     "urg", "ece", "cwr", "ae" };
	const char *comma = "";

	for (unsigned int i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!((v->from | v->to) & 1u << i))
			continue;
		put(out, comma);
		put(out, v->to & 1u << i ? "!" : "");
		put(out, names[i]);
		comma = ",";
	}
}

static void put_mark(struct out *out, const struct query_value *v)
{
	put_format(out, v->to == UINT32_MAX ? "0x%x" : "0x%x/0x%x", v->from, v->to);
}

static void put_range(struct out *out, const struct query_value *v)
{
	put_format(out, v->from == v->to ? "%u" : "%u-%u", v->from, v->to);
}

static void put_outcome(struct out *out, const struct query_value *v)
{
	put(out, outcome_name((enum outcome)v->from));
}

static void put_text(struct out *out, const struct query_value *v)
{
	put_name(out, v->text);
}

static void put_time(struct out *out, const struct query_value *v)
{
	char buf[TIME_SIZE];

	time_print(v, buf);
	put(out, buf);
}

static void (*const put_value[QUERY_KIND_MAX])(struct out *out, const struct query_value *v) = {
	[QUERY_HOST] = put_addr,      [QUERY_SRC] = put_addr,	 [QUERY_DST] = put_addr,
	[QUERY_PORT] = put_range,     [QUERY_SPORT] = put_range, [QUERY_DPORT] = put_range,
	[QUERY_PROTO] = put_range,    [QUERY_IIF] = put_text,	 [QUERY_OIF] = put_text,
	[QUERY_FLAGS] = put_flags,    [QUERY_MARK] = put_mark,	 [QUERY_TTL] = put_range,
	[QUERY_LENGTH] = put_range,   [QUERY_UID] = put_range,	 [QUERY_OUTCOME] = put_outcome,
	[QUERY_HOST_NAME] = put_text, [QUERY_SINCE] = put_time,	 [QUERY_UNTIL] = put_time,
};

static void put_values(struct out *out, const struct query_node *node)
{
	bool list = node->n_values > 1;

	put(out, " ");
	if (node->kind == QUERY_TTL || node->kind == QUERY_LENGTH) {
		put(out, compare_words[node->compare]);
		put(out, " ");
	}
	put(out, list ? "{" : "");
	for (size_t i = 0; i < node->n_values; i++) {
		put(out, i ? "," : "");
		put_value[node->kind](out, &node->values[i]);
	}
	put(out, list ? "}" : "");
}

static void put_place(struct out *out, const struct query_place *place)
{
	put_name(out, place->table);
	put(out, ":");
	put_name(out, place->chain);
	if (place->any)
		return;
	put(out, ":");
	if (place->comment.n) {
		put_quoted(out, place->comment, false);
		return;
	}
	put(out, hop_kind_name(place->kind));
	if (place->rule)
		put_format(out, ":%" PRIu32, place->rule);
	else if (place->handle)
		put_format(out, ":#%" PRIu64, place->handle);
}

size_t name_print(struct str name, char *buf, size_t n)
{
	struct out out = { buf, n, 0 };

	put_name(&out, name);
	return out.n;
}

size_t place_print(const struct query_place *place, char *buf, size_t n)
{
	struct out out = { buf, n, 0 };

	put_place(&out, place);
	return out.n;
}

static void put_leaf(struct out *out, const struct query_node *node)
{
	const struct primitive *preset =
		node->n_values == 1 ? primitive_preset(node->kind, node->values[0].from) : NULL;

	put(out, preset ? preset->shown.word : query_word(node->kind));
	if (preset)
		return;
	if (node->kind == QUERY_STOPPED && node->place)
		put(out, " at");
	if (node->place) {
		put(out, " ");
		put_place(out, node->place);
	} else if (node->regex) {
		put(out, " ~ ");
		put_quoted(out, node->text, true);
	} else if (node->n_values) {
		put_values(out, node);
	}
}

/* How tightly a kind binds: a looser child of a tighter parent stands in parentheses. */
static unsigned int tightness(enum query_kind kind)
{
	return kind > QUERY_NOT ? QUERY_NOT + 1 : kind;
}

static void put_node(struct out *out, const struct query_node *node);

static void put_child(struct out *out, const struct query_node *parent,
		      const struct query_node *child)
{
	bool loose = tightness(child->kind) < tightness(parent->kind);

	put(out, loose ? "(" : "");
	put_node(out, child);
	put(out, loose ? ")" : "");
}

static void put_node(struct out *out, const struct query_node *node)
{
	if (!node->child) {
		put_leaf(out, node);
		return;
	}
	put(out, node->kind == QUERY_NOT ? "not " : "");
	for (const struct query_node *child = node->child; child; child = child->next) {
		put_child(out, node, child);
		if (child->next)
			put(out, node->kind == QUERY_OR ? " or " : " and ");
	}
}

size_t query_print_node(const struct query_node *node, char *buf, size_t n)
{
	struct out out = { buf, n, 0 };

	put_node(&out, node);
	return out.n;
}

size_t query_print(const struct query *q, char *buf, size_t n)
{
	return query_print_node(q->root, buf, n);
}
