/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_expr.c - writes expressions of nft's JSON in nft's own words */
#include "nft_expr.h"

#include <stdio.h>

#include "lit.h"
#include "value.h"

#define DEPTH_MAX 24 /* nested expressions; nft itself stops earlier */

void nft_put(struct print *print, const char *z)
{
	text_add(print->text, str_from(z));
}

static void put_str(struct print *print, const struct json_node *value)
{
	text_add(print->text, json_node_text(value));
}

void nft_put_member(struct print *print, const struct json_node *object, const char *key)
{
	put_str(print, json_node_get(object, key));
}

static void put_number(struct print *print, struct str number)
{
	char z[32];
	uint64_t v;

	if (!print->hex || !value_number64(number, &v)) {
		text_add(print->text, number);
		return;
	}
	snprintf(z, sizeof(z), "0x%08llx", (unsigned long long)v);
	nft_put(print, z);
}

static void put_list(struct print *print, const struct json_node *list, const char *between)
{
	for (const struct json_node *item = json_node_first(list); item; item = item->next) {
		nft_put_expr(print, item);
		if (item->next)
			nft_put(print, between);
	}
}

/* ---- expressions ---- */

static void put_prefix(struct print *print, const struct json_node *value, struct str key)
{
	(void)key;
	nft_put_expr(print, json_node_get(value, "addr"));
	nft_put(print, "/");
	print->hex = false;
	nft_put_expr(print, json_node_get(value, "len"));
}

static void put_range(struct print *print, const struct json_node *value, struct str key)
{
	(void)key;
	put_list(print, value, "-");
}

/* An element of a map is a pair. */
static void put_element(struct print *print, const struct json_node *element)
{
	if (json_node_is(element, JSON_ARRAY) && element->first && element->first->next) {
		nft_put_expr(print, element->first);
		nft_put(print, " : ");
		element = element->first->next;
	}
	nft_put_expr(print, element);
}

void nft_put_elements(struct print *print, const struct json_node *value)
{
	if (!json_node_is(value, JSON_ARRAY))
		put_element(print, value);
	for (const struct json_node *item = json_node_first(value); item; item = item->next) {
		put_element(print, item);
		if (item->next)
			nft_put(print, ", ");
	}
}

static void put_set(struct print *print, const struct json_node *value, struct str key)
{
	(void)key;
	nft_put(print, "{ ");
	nft_put_elements(print, value);
	nft_put(print, " }");
}

static void put_elem(struct print *print, const struct json_node *value, struct str key)
{
	(void)key;
	nft_put_expr(print, json_node_get(value, "val"));
}

static void put_concat(struct print *print, const struct json_node *value, struct str key)
{
	(void)key;
	put_list(print, value, " . ");
}

/* The member of a match that an operator in it stands before, through masks. */
static const struct json_node *leftmost(const struct json_node *value)
{
	const struct json_node *inner = value;

	for (int depth = 0; inner && depth < DEPTH_MAX; depth++) {
		value = inner;
		inner = json_node_first(json_node_get(value, "&"));
	}
	return value;
}

bool nft_key_is(const struct json_node *value, const char *object, const char *member,
		struct str is)
{
	return str_eq(json_node_text(json_node_get(json_node_get(leftmost(value), object), member)),
		      is);
}

bool nft_is_mark(const struct json_node *value)
{
	return nft_key_is(value, "meta", "key", STR("mark")) ||
	       nft_key_is(value, "ct", "key", STR("mark"));
}

/* A mask of several flags is one word: (fin | syn). */
static void put_operand(struct print *print, const struct json_node *value)
{
	if (!json_node_is(value, JSON_ARRAY)) {
		nft_put_expr(print, value);
		return;
	}
	nft_put(print, "(");
	put_list(print, value, " | ");
	nft_put(print, ")");
}

static void put_binary(struct print *print, const struct json_node *value, struct str key)
{
	print->hex |= nft_is_mark(json_node_first(value));
	for (const struct json_node *item = json_node_first(value); item; item = item->next) {
		put_operand(print, item);
		if (item->next) {
			nft_put(print, " ");
			text_add(print->text, key);
			nft_put(print, " ");
		}
	}
}

static void put_payload(struct print *print, const struct json_node *value, struct str key)
{
	(void)key;
	print->hex = false;
	if (!json_node_get(value, "base")) {
		nft_put_member(print, value, "protocol");
		nft_put(print, " ");
		nft_put_member(print, value, "field");
		return;
	}
	nft_put(print, "@");
	nft_put_member(print, value, "base");
	nft_put(print, ",");
	nft_put_expr(print, json_node_get(value, "offset"));
	nft_put(print, ",");
	nft_put_expr(print, json_node_get(value, "len"));
}

static void put_meta(struct print *print, const struct json_node *value, struct str key)
{
	static const struct str bare[] = { S("iif"), S("oif"), S("iifname"), S("oifname") };
	struct str name = json_node_text(json_node_get(value, "key"));

	(void)key;
	for (size_t i = 0; i < sizeof(bare) / sizeof(*bare); i++) {
		if (str_eq(name, bare[i])) {
			text_add(print->text, name);
			return;
		}
	}
	nft_put(print, "meta ");
	text_add(print->text, name);
}

/* ct, rt: `ct original ip saddr`; the words that are there, in nft's order */
static void put_words(struct print *print, const struct json_node *value, struct str key)
{
	static const char *const members[] = { "dir", "family", "name", "key", "field" };

	text_add(print->text, key);
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
		const struct json_node *member = json_node_get(value, members[i]);

		if (json_node_is(member, JSON_STRING)) {
			nft_put(print, " ");
			put_str(print, member);
		}
	}
}

/* `exthdr frag exists`, but `frag more-fragments 1` */
static void put_exthdr(struct print *print, const struct json_node *value, struct str key)
{
	if (!json_node_get(value, "field")) {
		put_words(print, value, key);
		return;
	}
	nft_put_member(print, value, "name");
	nft_put(print, " ");
	nft_put_member(print, value, "field");
}

static void put_fib(struct print *print, const struct json_node *value, struct str key)
{
	const struct json_node *flags = json_node_get(value, "flags");

	text_add(print->text, key);
	nft_put(print, " ");
	if (json_node_is(flags, JSON_ARRAY))
		put_list(print, flags, " . ");
	else
		put_str(print, flags);
	nft_put(print, " ");
	nft_put_member(print, value, "result");
}

static void put_numgen(struct print *print, const struct json_node *value, struct str key)
{
	const struct json_node *offset = json_node_get(value, "offset");

	text_add(print->text, key);
	nft_put(print, " ");
	nft_put_member(print, value, "mode");
	nft_put(print, " mod ");
	nft_put_expr(print, json_node_get(value, "mod"));
	if (offset && !str_eq(offset->text, STR("0"))) {
		nft_put(print, " offset ");
		nft_put_expr(print, offset);
	}
}

/* map and vmap: `KEY map { a : b }` */
void nft_put_map(struct print *print, const struct json_node *value, struct str key)
{
	nft_put_expr(print, json_node_get(value, "key"));
	nft_put(print, " ");
	text_add(print->text, key);
	nft_put(print, " ");
	nft_put_expr(print, json_node_get(value, "data"));
}

/* jump, goto */
void nft_put_jump(struct print *print, const struct json_node *value, struct str key)
{
	text_add(print->text, key);
	nft_put(print, " ");
	nft_put_member(print, value, "target");
}

static void put_key(struct print *print, const struct json_node *value, struct str key)
{
	(void)value;
	text_add(print->text, key);
}

/* clang-format off */
static const struct printer expressions[] = {
	{ S("prefix"), put_prefix },              { S("range"), put_range },
	{ S("set"), put_set },                    { S("elem"), put_elem },
	{ S("concat"), put_concat },              { S("&"), put_binary },
	{ S("|"), put_binary },                   { S("^"), put_binary },
	{ S("<<"), put_binary },                  { S(">>"), put_binary },
	{ S("payload"), put_payload },            { S("meta"), put_meta },
	{ S("ct"), put_words },                   { S("rt"), put_words },
	{ S("exthdr"), put_exthdr },              { S("tcp option"), put_words },
	{ S("ip option"), put_words },            { S("sctp chunk"), put_words },
	{ S("socket"), put_words },               { S("osf"), put_words },
	{ S("ipsec"), put_words },                { S("fib"), put_fib },
	{ S("numgen"), put_numgen },              { S("map"), nft_put_map },
	{ S("jump"), nft_put_jump },              { S("goto"), nft_put_jump },
};
/* clang-format on */

const struct printer *nft_printer(const struct printer *printers, size_t n, struct str key)
{
	static const struct printer bare = { S(""), put_key };

	for (size_t i = 0; i < n; i++)
		if (str_eq(printers[i].key, key))
			return &printers[i];
	return &bare;
}

static void put_string(struct print *print, const struct json_node *value)
{
	nft_put(print, print->quoted ? "\"" : "");
	put_str(print, value);
	nft_put(print, print->quoted ? "\"" : "");
}

static void put_object(struct print *print, const struct json_node *object)
{
	const struct json_node *member = json_node_first(object);

	if (member)
		NFT_PRINTER(expressions, member->key)->put(print, member, member->key);
}

void nft_put_expr(struct print *print, const struct json_node *value)
{
	struct print inner = *print;

	if (!value)
		return;
	if (++inner.depth > DEPTH_MAX)
		nft_put(&inner, "...");
	else if (value->kind == JSON_STRING)
		put_string(&inner, value);
	else if (value->kind == JSON_NUMBER)
		put_number(&inner, value->text);
	else if (value->kind == JSON_ARRAY)
		put_list(&inner, value, ",");
	else if (value->kind == JSON_OBJECT)
		put_object(&inner, value);
}
