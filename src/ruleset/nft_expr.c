/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_expr.c - writes expressions of nft's JSON in nft's own words */
#include "nft_expr.h"

#include <stdio.h>

#include "lit.h"
#include "value.h"

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
	print->typed = NULL;
	nft_put_expr(print, json_node_get(value, "len"));
}

static void put_range(struct print *print, const struct json_node *value, struct str key)
{
	(void)key;
	print->range = true;
	put_list(print, value, "-");
}

/* An element of a map is a pair. */
static void put_element(struct print *print, const struct json_node *element)
{
	struct print key = *print;

	if (!json_node_is(element, JSON_ARRAY) || !element->first || !element->first->next) {
		nft_put_expr(print, element);
		return;
	}
	key.typed = print->keyed;
	nft_put_expr(&key, element->first);
	nft_put(print, " : ");
	element = element->first->next;
	if (print->names && json_node_is(element, JSON_STRING))
		nft_put_quoted(print, element);
	else
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
	const struct json_node *timeout = json_node_get(value, "timeout");

	(void)key;
	nft_put_expr(print, json_node_get(value, "val"));
	if (!timeout)
		return;
	nft_put(print, " timeout ");
	nft_put_seconds(print, timeout);
}

/* The parts of a value are of the types of the parts of what it is compared with. */
static void put_concat(struct print *print, const struct json_node *value, struct str key)
{
	const struct json_node *typed = json_node_first(json_node_get(print->typed, "concat"));
	struct print part = *print;

	(void)key;
	for (const struct json_node *item = json_node_first(value); item; item = item->next) {
		part.typed = typed;
		nft_put_expr(&part, item);
		nft_put(print, item->next ? " . " : "");
		typed = typed ? typed->next : NULL;
	}
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
	if (!print->typed)
		print->typed = json_node_first(value);
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
	print->typed = NULL;
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
	static const struct str bare[] = { S("iif"),	 S("oif"),	S("iifname"),
					   S("oifname"), S("iifgroup"), S("oifgroup") };
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

/* `tcp option maxseg size`, `tcp option 200`, `tcp option @200,8,8` */
static void put_tcp_option(struct print *print, const struct json_node *value, struct str key)
{
	const struct json_node *base = json_node_get(value, "base");
	const struct json_node *offset = json_node_get(value, "offset");

	if (!base || !offset) {
		put_words(print, value, key);
		return;
	}
	print->typed = NULL;
	text_add(print->text, key);
	/* that it is there is asked of its first byte */
	nft_put(print, str_eq(offset->text, STR("0")) ? " " : " @");
	nft_put_expr(print, base);
	if (str_eq(offset->text, STR("0")))
		return;
	nft_put(print, ",");
	nft_put_expr(print, offset);
	nft_put(print, ",");
	nft_put_expr(print, json_node_get(value, "len"));
}

/* `osf ttl loose name`, `ipsec in spnum 1 spi`: a word with its value before the key */
static void put_osf(struct print *print, const struct json_node *value, struct str key)
{
	text_add(print->text, key);
	if (json_node_get(value, "ttl")) {
		nft_put(print, " ttl ");
		nft_put_member(print, value, "ttl");
	}
	nft_put(print, " ");
	nft_put_member(print, value, "key");
}

static void put_ipsec(struct print *print, const struct json_node *value, struct str key)
{
	const struct json_node *number = json_node_get(value, "spnum");

	if (!number || str_eq(number->text, STR("0"))) {
		put_words(print, value, key);
		return;
	}
	text_add(print->text, key);
	nft_put(print, " ");
	nft_put_member(print, value, "dir");
	nft_put(print, " spnum ");
	text_add(print->text, number->text);
	if (json_node_get(value, "family")) {
		nft_put(print, " ");
		nft_put_member(print, value, "family");
	}
	nft_put(print, " ");
	nft_put_member(print, value, "key");
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

/* ` mod 4 seed 0xdeadbeef offset 10` */
static void put_mod(struct print *print, const struct json_node *value)
{
	const struct json_node *seed = json_node_get(value, "seed");
	const struct json_node *offset = json_node_get(value, "offset");
	uint64_t v;
	char z[32];

	print->typed = NULL;
	nft_put(print, " mod ");
	nft_put_expr(print, json_node_get(value, "mod"));
	if (seed && value_number64(seed->text, &v)) {
		snprintf(z, sizeof(z), " seed 0x%llx", (unsigned long long)v);
		nft_put(print, z);
	}
	if (offset && !str_eq(offset->text, STR("0"))) {
		nft_put(print, " offset ");
		nft_put_expr(print, offset);
	}
}

static void put_numgen(struct print *print, const struct json_node *value, struct str key)
{
	text_add(print->text, key);
	nft_put(print, " ");
	nft_put_member(print, value, "mode");
	put_mod(print, value);
}

/* jhash, symhash: the former of an expression */
static void put_hash(struct print *print, const struct json_node *value, struct str key)
{
	text_add(print->text, key);
	print->typed = NULL;
	if (json_node_get(value, "expr")) {
		nft_put(print, " ");
		nft_put_expr(print, json_node_get(value, "expr"));
	}
	put_mod(print, value);
}

/* map and vmap: `KEY map { a : b }` */
void nft_put_map(struct print *print, const struct json_node *value, struct str key)
{
	struct print selector = *print;

	selector.typed = NULL;
	print->keyed = json_node_get(value, "key");
	nft_put_expr(&selector, print->keyed);
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
	{ S("exthdr"), put_exthdr },              { S("tcp option"), put_tcp_option },
	{ S("ip option"), put_words },            { S("sctp chunk"), put_words },
	{ S("socket"), put_words },               { S("osf"), put_osf },
	{ S("ipsec"), put_ipsec },                { S("fib"), put_fib },
	{ S("jhash"), put_hash },                 { S("symhash"), put_hash },
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
	if (++inner.depth > NFT_DEPTH_MAX)
		nft_put(&inner, "...");
	else if (value->kind == JSON_STRING)
		nft_put_string(&inner, value);
	else if (value->kind == JSON_NUMBER)
		nft_put_number(&inner, value->text);
	else if (value->kind == JSON_ARRAY)
		put_list(&inner, value, ",");
	else if (value->kind == JSON_OBJECT)
		put_object(&inner, value);
}
