/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft_print.c - writes nft's JSON of a rule in nft's own words
 *
 * So a rule has one reader (nft_rule.c) whichever way it came, and a text that people know. The
 * grammar is libnftables-json(5); what is not in the tables below is written as its bare key,
 * which the reader takes for a condition that cannot be checked.
 */
#include "nft_print.h"

#include "lit.h"
#include "nft_expr.h"

static bool is_device(const struct json_node *value)
{
	return nft_key_is(value, "meta", "key", STR("iifname")) ||
	       nft_key_is(value, "meta", "key", STR("oifname")) ||
	       nft_key_is(value, "meta", "key", STR("iif")) ||
	       nft_key_is(value, "meta", "key", STR("oif"));
}

/* `==` goes without saying, but for bits: `tcp flags syn` is another condition than `== syn`. */
static bool says_operator(const struct json_node *left, struct str op)
{
	if (!op.n || str_eq(op, STR("in")))
		return false;
	return !str_eq(op, STR("==")) || json_node_get(left, "&") ||
	       nft_key_is(left, "payload", "field", STR("flags"));
}

static void put_match(struct print *print, const struct json_node *value, struct str key)
{
	const struct json_node *left = json_node_get(value, "left");
	const struct json_node *right = json_node_get(value, "right");
	struct str op = json_node_text(json_node_get(value, "op"));

	(void)key;
	print->hex = nft_is_mark(left);
	nft_put_expr(print, left);
	nft_put(print, " ");
	if (says_operator(left, op)) {
		text_add(print->text, op);
		nft_put(print, " ");
	}
	print->quoted = is_device(left);
	print->hex = nft_is_mark(left);
	if (json_node_is(right, JSON_TRUE) || json_node_is(right, JSON_FALSE))
		nft_put(print, json_node_is(right, JSON_TRUE) ? "exists" : "missing");
	else
		nft_put_expr(print, right);
}

static void put_mangle(struct print *print, const struct json_node *value, struct str key)
{
	const struct json_node *to = json_node_get(value, "key");

	(void)key;
	nft_put_expr(print, to);
	nft_put(print, " set ");
	print->hex = nft_is_mark(to);
	nft_put_expr(print, json_node_get(value, "value"));
}

static void put_named(struct print *print, const struct json_node *value, struct str key)
{
	text_add(print->text, key);
	nft_put(print, " name \"");
	text_add(print->text, json_node_text(value));
	nft_put(print, "\"");
}

static void put_counter(struct print *print, const struct json_node *value, struct str key)
{
	if (json_node_is(value, JSON_STRING)) {
		put_named(print, value, key);
		return;
	}
	text_add(print->text, key);
	if (!json_node_is(value, JSON_OBJECT))
		return;
	nft_put(print, " packets ");
	nft_put_expr(print, json_node_get(value, "packets"));
	nft_put(print, " bytes ");
	nft_put_expr(print, json_node_get(value, "bytes"));
}

static void put_limit(struct print *print, const struct json_node *value, struct str key)
{
	if (json_node_is(value, JSON_STRING)) {
		put_named(print, value, key);
		return;
	}
	text_add(print->text, key);
	nft_put(print,
		json_node_is(json_node_get(value, "inv"), JSON_TRUE) ? " rate over " : " rate ");
	nft_put_expr(print, json_node_get(value, "rate"));
	nft_put(print, "/");
	nft_put_member(print, value, "per");
	if (json_node_get(value, "burst")) {
		nft_put(print, " burst ");
		nft_put_expr(print, json_node_get(value, "burst"));
	}
}

static void put_reject(struct print *print, const struct json_node *value, struct str key)
{
	const struct json_node *type = json_node_get(value, "type");
	const struct json_node *with = json_node_get(value, "expr");

	text_add(print->text, key);
	if (!type)
		return;
	nft_put(print, " with ");
	text_add(print->text, json_node_text(type));
	if (with) {
		nft_put(print, " ");
		nft_put_expr(print, with);
	}
}

static void put_log(struct print *print, const struct json_node *value, struct str key)
{
	static const char *const members[] = { "level", "flags", "group", "snaplen",
					       "queue-threshold" };
	const struct json_node *prefix = json_node_get(value, "prefix");

	text_add(print->text, key);
	if (prefix) {
		nft_put(print, " prefix \"");
		text_add(print->text, json_node_text(prefix));
		nft_put(print, "\"");
	}
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
		const struct json_node *member = json_node_get(value, members[i]);

		if (!member)
			continue;
		nft_put(print, " ");
		nft_put(print, members[i]);
		nft_put(print, " ");
		nft_put_expr(print, member);
	}
}

static void put_nat_addr(struct print *print, const struct json_node *addr, bool port)
{
	struct str z = json_node_text(addr);
	bool brackets = port && str_has(z, STR(":"));

	nft_put(print, brackets ? "[" : "");
	nft_put_expr(print, addr);
	nft_put(print, brackets ? "]" : "");
}

/* snat, dnat, masquerade, redirect: `snat ip to 10.0.0.1-10.0.0.5:1000-2000 persistent` */
static void put_nat(struct print *print, const struct json_node *value, struct str key)
{
	const struct json_node *addr = json_node_get(value, "addr");
	const struct json_node *port = json_node_get(value, "port");
	const struct json_node *flags = json_node_get(value, "flags");

	text_add(print->text, key);
	if (json_node_get(value, "family")) {
		nft_put(print, " ");
		nft_put_member(print, value, "family");
	}
	if (addr || port)
		nft_put(print, " to ");
	if (addr)
		put_nat_addr(print, addr, port != NULL);
	if (port) {
		nft_put(print, ":");
		nft_put_expr(print, port);
	}
	if (flags) {
		nft_put(print, " ");
		nft_put_expr(print, flags);
	}
}

static void put_queue(struct print *print, const struct json_node *value, struct str key)
{
	const struct json_node *flags = json_node_get(value, "flags");
	const struct json_node *num = json_node_get(value, "num");

	text_add(print->text, key);
	if (flags) {
		nft_put(print, " flags ");
		nft_put_expr(print, flags);
	}
	if (num) {
		nft_put(print, " to ");
		nft_put_expr(print, num);
	}
}

/* `add @s { ip saddr }` */
static void put_set_statement(struct print *print, const struct json_node *value, struct str key)
{
	(void)key;
	nft_put_member(print, value, "op");
	nft_put(print, " ");
	nft_put_member(print, value, "set");
	nft_put(print, " { ");
	nft_put_expr(print, json_node_get(value, "elem"));
	nft_put(print, " }");
}

static void put_ct_count(struct print *print, const struct json_node *value, struct str key)
{
	text_add(print->text, key);
	nft_put(print, json_node_is(json_node_get(value, "inv"), JSON_TRUE) ? " over " : " ");
	nft_put_expr(print, json_node_get(value, "val"));
}

/* ct helper, ct timeout, ct expectation: `ct helper set "h"` */
static void put_ct_set(struct print *print, const struct json_node *value, struct str key)
{
	text_add(print->text, key);
	nft_put(print, " set \"");
	text_add(print->text, json_node_text(value));
	nft_put(print, "\"");
}

static void put_xt(struct print *print, const struct json_node *value, struct str key)
{
	text_add(print->text, key);
	nft_put(print, " ");
	nft_put_member(print, value, "type");
	nft_put(print, " ");
	nft_put_member(print, value, "name");
}

/* clang-format off */
static const struct printer statements[] = {
	{ S("match"), put_match },                { S("counter"), put_counter },
	{ S("mangle"), put_mangle },              { S("limit"), put_limit },
	{ S("quota"), put_limit },                { S("reject"), put_reject },
	{ S("log"), put_log },                    { S("snat"), put_nat },
	{ S("dnat"), put_nat },                   { S("masquerade"), put_nat },
	{ S("redirect"), put_nat },               { S("queue"), put_queue },
	{ S("vmap"), nft_put_map },               { S("jump"), nft_put_jump },
	{ S("goto"), nft_put_jump },              { S("set"), put_set_statement },
	{ S("ct count"), put_ct_count },          { S("xt"), put_xt },
	{ S("ct helper"), put_ct_set },           { S("ct timeout"), put_ct_set },
	{ S("ct expectation"), put_ct_set },
};
/* clang-format on */

static void space(struct print *print)
{
	if (print->text->n && print->text->p[print->text->n - 1] != ' ')
		text_add_char(print->text, ' ');
}

void nft_print_rule(struct text *text, const struct json_node *list)
{
	for (const struct json_node *item = json_node_first(list); item; item = item->next) {
		struct print print = { .text = text };
		const struct json_node *statement = json_node_first(item);

		if (!statement)
			continue;
		space(&print);
		NFT_PRINTER(statements, statement->key)->put(&print, statement, statement->key);
	}
}
