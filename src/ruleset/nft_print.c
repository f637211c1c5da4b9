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
#include "value.h"

static bool is_flags(const struct json_node *left)
{
	return nft_key_is(left, "payload", "field", STR("flags"));
}

/* `==` goes without saying, but for bits: `tcp flags syn` is another condition than `== syn`. */
static bool says_operator(const struct json_node *left, const struct json_node *right,
			  struct str op)
{
	if (!op.n || str_eq(op, STR("in")))
		return false;
	return !str_eq(op, STR("==")) || json_node_get(left, "&") ||
	       (is_flags(left) && !json_node_get(right, "set"));
}

/* `tcp flags syn / fin,syn`: what `tcp flags & (fin | syn) == syn` became. Return: was it that? */
static bool put_masked_flags(struct print *print, const struct json_node *left,
			     const struct json_node *right, struct str op)
{
	const struct json_node *flags = json_node_first(json_node_get(left, "&"));

	if (!flags || !is_flags(left) || !json_node_is(flags->next, JSON_ARRAY) ||
	    json_node_is(right, JSON_NUMBER))
		return false;
	nft_put_expr(print, flags);
	nft_put(print, str_eq(op, STR("!=")) ? " != " : " ");
	nft_put_expr(print, right);
	nft_put(print, " / ");
	nft_put_expr(print, flags->next);
	return true;
}

static void put_match(struct print *print, const struct json_node *value, struct str key)
{
	const struct json_node *left = json_node_get(value, "left");
	const struct json_node *right = json_node_get(value, "right");
	struct str op = json_node_text(json_node_get(value, "op"));

	(void)key;
	if (put_masked_flags(print, left, right, op))
		return;
	nft_put_expr(print, left);
	nft_put(print, " ");
	if (says_operator(left, right, op)) {
		text_add(print->text, op);
		nft_put(print, " ");
	}
	print->typed = left;
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
	print->typed = to;
	nft_put_expr(print, json_node_get(value, "value"));
}

/* `counter name "c"`, `limit name tcp dport map { 80 : "l" }`; Return: is it one with a name? */
static bool put_named(struct print *print, const struct json_node *value, struct str key)
{
	const struct json_node *map = json_node_get(value, "map");

	if (!map && !json_node_is(value, JSON_STRING))
		return false;
	text_add(print->text, key);
	nft_put(print, " name ");
	print->names = true;
	if (map)
		nft_put_map(print, map, STR("map"));
	else
		nft_put_quoted(print, value);
	return true;
}

static void put_counter(struct print *print, const struct json_node *value, struct str key)
{
	if (put_named(print, value, key))
		return;
	text_add(print->text, key);
	if (!json_node_is(value, JSON_OBJECT))
		return;
	nft_put(print, " packets ");
	nft_put_expr(print, json_node_get(value, "packets"));
	nft_put(print, " bytes ");
	nft_put_expr(print, json_node_get(value, "bytes"));
}

static void put_with_unit(struct print *print, const struct json_node *value, const char *number,
			  const char *unit)
{
	nft_put_expr(print, json_node_get(value, number));
	if (!json_node_get(value, unit))
		return;
	nft_put(print, " ");
	nft_put_member(print, value, unit);
}

static bool is_inverted(const struct json_node *value)
{
	return json_node_is(json_node_get(value, "inv"), JSON_TRUE);
}

/* Five packets, and no bytes, go without saying. */
static void put_burst(struct print *print, const struct json_node *value)
{
	const struct json_node *burst = json_node_get(value, "burst");
	bool bytes = json_node_get(value, "rate_unit");

	if (!burst || str_eq(burst->text, bytes ? STR("0") : STR("5")))
		return;
	nft_put(print, " burst ");
	put_with_unit(print, value, "burst", "burst_unit");
	nft_put(print, bytes ? "" : " packets");
}

static void put_limit(struct print *print, const struct json_node *value, struct str key)
{
	if (put_named(print, value, key))
		return;
	text_add(print->text, key);
	nft_put(print, is_inverted(value) ? " rate over " : " rate ");
	put_with_unit(print, value, "rate", "rate_unit");
	nft_put(print, "/");
	nft_put_member(print, value, "per");
	put_burst(print, value);
}

static void put_quota(struct print *print, const struct json_node *value, struct str key)
{
	if (put_named(print, value, key))
		return;
	text_add(print->text, key);
	nft_put(print, is_inverted(value) ? " over " : " ");
	put_with_unit(print, value, "val", "val_unit");
	if (!json_node_get(value, "used"))
		return;
	nft_put(print, " used ");
	put_with_unit(print, value, "used", "used_unit");
}

static void put_synproxy(struct print *print, const struct json_node *value, struct str key)
{
	const struct json_node *flags = json_node_get(value, "flags");

	if (put_named(print, value, key))
		return;
	text_add(print->text, key);
	if (json_node_get(value, "mss")) {
		nft_put(print, " mss ");
		nft_put_expr(print, json_node_get(value, "mss"));
	}
	if (json_node_get(value, "wscale")) {
		nft_put(print, " wscale ");
		nft_put_expr(print, json_node_get(value, "wscale"));
	}
	if (json_node_is(flags, JSON_STRING)) {
		nft_put(print, " ");
		nft_put_expr(print, flags);
	}
	for (const struct json_node *flag = json_node_first(flags); flag; flag = flag->next) {
		nft_put(print, " ");
		nft_put_expr(print, flag);
	}
}

static void put_reset(struct print *print, const struct json_node *value, struct str key)
{
	text_add(print->text, key);
	nft_put(print, " ");
	nft_put_expr(print, value);
}

/* What a table of the packet's own family would answer by itself goes without saying. */
static bool goes_without_saying(enum family family, struct str type, struct str with)
{
	if (!str_eq(with, STR("port-unreachable")))
		return false;
	return str_eq(type, STR("icmpx")) || (family == FAMILY_IP && str_eq(type, STR("icmp"))) ||
	       (family == FAMILY_IP6 && str_eq(type, STR("icmpv6")));
}

static void put_reject(struct print *print, const struct json_node *value, struct str key)
{
	struct str type = json_node_text(json_node_get(value, "type"));
	const struct json_node *with = json_node_get(value, "expr");

	text_add(print->text, key);
	if (!type.n || goes_without_saying(print->family, type, json_node_text(with)))
		return;
	nft_put(print, " with ");
	text_add(print->text, type);
	if (with) {
		nft_put(print, " ");
		nft_put_expr(print, with);
	}
}

/* `flags tcp sequence,options flags skuid`: those of TCP share a word */
static void put_log_flag(struct print *print, struct str flag, bool *tcp)
{
	bool is_tcp = str_starts(flag, STR("tcp "));

	nft_put(print, is_tcp && *tcp ? "," : " flags ");
	text_add(print->text, is_tcp && *tcp ? str_skip(flag, 4) : flag);
	*tcp |= is_tcp;
}

static void put_log_flags(struct print *print, const struct json_node *flags)
{
	bool tcp = false;

	if (json_node_is(flags, JSON_STRING))
		put_log_flag(print, json_node_text(flags), &tcp);
	for (const struct json_node *flag = json_node_first(flags); flag; flag = flag->next)
		put_log_flag(print, json_node_text(flag), &tcp);
}

static void put_log(struct print *print, const struct json_node *value, struct str key)
{
	static const char *const members[] = { "level", "group", "snaplen", "queue-threshold" };
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
	put_log_flags(print, json_node_get(value, "flags"));
}

static void put_nat_addr(struct print *print, const struct json_node *addr, bool port)
{
	struct str z = json_node_text(addr);
	bool brackets = port && str_has(z, STR(":"));

	nft_put(print, brackets ? "[" : "");
	nft_put_expr(print, addr);
	nft_put(print, brackets ? "]" : "");
}

/* snat, dnat, masquerade, redirect, tproxy: `snat ip to 10.0.0.1-10.0.0.5:1000-2000 persistent` */
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
	if (str_eq(json_node_text(json_node_get(value, "type_flags")), STR("prefix")))
		nft_put(print, " prefix");
	if (addr || port)
		nft_put(print, " to ");
	if (addr)
		put_nat_addr(print, addr, port != NULL);
	if (port) {
		nft_put(print, ":");
		nft_put_expr(print, port);
	}
	if (flags && !str_eq(json_node_text(flags), STR("netmap"))) {
		nft_put(print, " ");
		nft_put_expr(print, flags);
	}
}

/* `dup to 10.0.0.1 device "lo"`, and of netdev's chains `dup to "lo"`, `fwd to "lo"` */
static void put_copy(struct print *print, const struct json_node *value, struct str key)
{
	const struct json_node *addr = json_node_get(value, "addr"), *dev;
	struct addr ip;
	bool v6;

	dev = json_node_get(value, "dev");
	text_add(print->text, key);
	if (json_node_get(value, "family")) {
		nft_put(print, " ");
		nft_put_member(print, value, "family");
	}
	nft_put(print, " to ");
	if (json_node_is(addr, JSON_STRING) && !value_ip(addr->text, &ip, &v6))
		nft_put_quoted(print, addr);
	else if (addr)
		nft_put_expr(print, addr);
	if (!dev)
		return;
	nft_put(print, addr ? " device " : "");
	nft_put_quoted(print, dev);
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

static void put_statement(struct print *print, const struct json_node *statement);

/* `add @s { ip saddr timeout 1m counter }` */
static void put_set_statement(struct print *print, const struct json_node *value, struct str key)
{
	const struct json_node *with = json_node_first(json_node_get(value, "stmt"));

	(void)key;
	nft_put_member(print, value, "op");
	nft_put(print, " ");
	nft_put_member(print, value, "set");
	nft_put(print, " { ");
	nft_put_expr(print, json_node_get(value, "elem"));
	for (; with; with = with->next) {
		nft_put(print, " ");
		put_statement(print, with);
	}
	nft_put(print, " }");
}

/* `meter m size 100 { ip saddr limit rate 10/second }` */
static void put_meter(struct print *print, const struct json_node *value, struct str key)
{
	text_add(print->text, key);
	nft_put(print, " ");
	nft_put_member(print, value, "name");
	if (json_node_get(value, "size")) {
		nft_put(print, " size ");
		nft_put_expr(print, json_node_get(value, "size"));
	}
	nft_put(print, " { ");
	nft_put_expr(print, json_node_get(value, "key"));
	nft_put(print, " ");
	put_statement(print, json_node_get(value, "stmt"));
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
	{ S("quota"), put_quota },                { S("reject"), put_reject },
	{ S("meter"), put_meter },                { S("synproxy"), put_synproxy },
	{ S("reset"), put_reset },                { S("tproxy"), put_nat },
	{ S("dup"), put_copy },                   { S("fwd"), put_copy },
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

static void put_statement(struct print *print, const struct json_node *statement)
{
	struct print inner = { .text = print->text, .family = print->family };
	const struct json_node *member = json_node_first(statement);

	inner.depth = print->depth + 1;
	if (inner.depth > NFT_DEPTH_MAX)
		return;
	/* what nft has no JSON for it writes as text */
	if (json_node_is(statement, JSON_STRING))
		text_add(print->text, json_node_text(statement));
	else if (member)
		NFT_PRINTER(statements, member->key)->put(&inner, member, member->key);
}

void nft_print_rule(struct text *text, enum family family, const struct json_node *list)
{
	struct print print = { .text = text, .family = family };

	for (const struct json_node *item = json_node_first(list); item; item = item->next) {
		space(&print);
		put_statement(&print, item);
	}
}
