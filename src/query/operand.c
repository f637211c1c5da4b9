/* SPDX-License-Identifier: GPL-2.0-or-later */
/* operand.c - what follows a primitive's word: addresses, numbers, names, lists of them */
#include "tree.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "nfhop/grow.h"
#include "nfhop/names.h"

#define IP4_BITS 96 /* of a mapped IPv4 address stand before its own */

/* ---- numbers ---- */

/* Decimal, or hexadecimal with 0x. */
static bool number_read(struct str s, uint64_t limit, uint64_t *number)
{
	bool hex = str_starts(s, STR("0x"));
	char buf[20];

	s = hex ? str_skip(s, 2) : s;
	if (!s.n || s.n > (hex ? 16 : 19)) /* what fits into 64 bits in any case */
		return false;
	snprintf(buf, sizeof(buf), "%.*s", STR_ARG(s));
	if (buf[strspn(buf, hex ? "0123456789abcdefABCDEF" : "0123456789")])
		return false;
	*number = strtoull(buf, NULL, hex ? 16 : 10);
	return *number <= limit;
}

static bool number_read32(struct str s, uint32_t limit, uint32_t *number)
{
	uint64_t wide;

	if (!number_read(s, limit, &wide))
		return false;
	*number = (uint32_t)wide;
	return true;
}

/* Offset of the last @c in @s, or s.n */
static size_t last_of(struct str s, char c)
{
	const char *at = s.n ? memrchr(s.p, c, s.n) : NULL;

	return at ? (size_t)(at - s.p) : s.n;
}

/* ---- lists ---- */

typedef bool value_fn(struct parser *p, const struct primitive *row, struct query_value *value);

/* struct list - values as they are read; kept by the query once they are all there */
struct list {
	struct query_value *values;
	size_t n, cap;
};

static struct query_value *list_more(struct list *list)
{
	struct query_value *values = array_grow(list->values, list->n, &list->cap, sizeof(*values));

	if (!values)
		return NULL;
	list->values = values;
	values[list->n] = (struct query_value){ 0 };
	return &values[list->n++];
}

static bool list_keep(struct parser *p, struct query_node *node, const struct list *list)
{
	struct query_value *values = query_take(p->q, list->n * sizeof(*values));

	if (!values)
		return parser_no_memory(p);
	memcpy(values, list->values, list->n * sizeof(*values));
	node->values = values;
	node->n_values = list->n;
	return true;
}

static bool list_read(struct parser *p, const struct primitive *row, value_fn *one,
		      struct list *list)
{
	bool braces = p->token.kind == TOKEN_LIST;

	if (braces)
		parser_advance(p);
	for (;;) {
		struct query_value *value = list_more(list);

		if (!value)
			return parser_no_memory(p);
		if (!one(p, row, value))
			return false;
		parser_advance(p);
		if (p->token.kind != TOKEN_COMMA)
			break;
		parser_advance(p);
	}
	if (braces && p->token.kind != TOKEN_LIST_END)
		return parser_expected(p, "a comma or } in the list");
	if (braces)
		parser_advance(p);
	return true;
}

static bool values_read(struct parser *p, struct query_node *node, const struct primitive *row,
			value_fn *one)
{
	struct list list = { 0 };
	bool ok = list_read(p, row, one, &list) && list_keep(p, node, &list);

	free(list.values);
	return ok;
}

static bool value_add(struct parser *p, struct query_node *node, const struct query_value *value)
{
	struct list list = { (struct query_value *)value, 1, 1 };

	return list_keep(p, node, &list);
}

/* ---- one function a form ---- */

bool operand_none(struct parser *p, struct query_node *node, const struct primitive *row)
{
	(void)p;
	(void)node;
	(void)row;
	return true;
}

bool operand_preset(struct parser *p, struct query_node *node, const struct primitive *row)
{
	return value_add(p, node, &(struct query_value){ .from = row->preset, .to = row->preset });
}

void address_mask(struct addr *addr, unsigned int prefix)
{
	for (unsigned int i = 0; i < sizeof(addr->b); i++) {
		unsigned int bits = prefix > 8 * i ? prefix - 8 * i : 0;

		if (bits < 8)
			addr->b[i] &= (uint8_t)(0xff00u >> bits);
	}
}

static bool address_read(struct str s, struct query_value *value)
{
	static const struct addr mapped = { { [10] = 0xff, [11] = 0xff } };
	size_t slash = last_of(s, '/');
	struct str net = str_first(s, slash);
	uint32_t bits = 0;
	char buf[64];
	bool v6;

	if (net.n >= sizeof(buf))
		return false;
	snprintf(buf, sizeof(buf), "%.*s", STR_ARG(net));
	v6 = strchr(buf, ':');
	value->addr = mapped;
	if (inet_pton(v6 ? AF_INET6 : AF_INET, buf, v6 ? value->addr.b : value->addr.b + 12) != 1)
		return false;
	bits = v6 ? 128 : 32;
	if (slash < s.n && !number_read32(str_skip(s, slash + 1), bits, &bits))
		return false;
	value->family = v6 ? FAMILY_IP6 : FAMILY_IP;
	value->prefix = bits + (v6 ? 0 : IP4_BITS);
	address_mask(&value->addr, value->prefix);
	if (value->prefix >= IP4_BITS && !memcmp(&value->addr, &mapped, IP4_BITS / 8))
		value->family = FAMILY_IP;
	return true;
}

/* `src port 80` is tcpdump's; so is `dst host`, `src net`, `src or dst host`. */
static void guess_tcpdump(struct parser *p, const struct primitive *row)
{
	bool src = row->shown.kind == QUERY_SRC;

	if (parser_is_word(p, "or") || parser_is_word(p, "and"))
		p->err->advice = "write host ADDRESS for source or destination";
	else if (parser_is_word(p, "host") || parser_is_word(p, "net"))
		p->err->advice = src ? "write src 10.0.0.9 or src 10.0.0.0/8"
				     : "write dst 10.0.0.9 or dst 10.0.0.0/8";
	else if (parser_is_word(p, "portrange"))
		p->err->advice = src ? "write sport 8000-8100" : "write dport 8000-8100";
	else if (row->shown.kind != QUERY_HOST && parser_is_word(p, "port"))
		p->err->guess = src ? "sport" : "dport";
}

static bool value_addr(struct parser *p, const struct primitive *row, struct query_value *value)
{
	if (p->token.kind == TOKEN_WORD && address_read(p->token.text, value))
		return true;
	parser_expected(p, "an address or a prefix, as 10.0.0.9, 10.0.0.0/8 or 2001:db8::/32");
	guess_tcpdump(p, row);
	return false;
}

bool operand_addr(struct parser *p, struct query_node *node, const struct primitive *row)
{
	return values_read(p, node, row, value_addr);
}

static bool port_read(struct str s, uint32_t limit, uint32_t *number)
{
	return number_read32(s, limit, number) || names_service(s, number);
}

/* A number, a name, or a range; names may hold a dash, so every dash may be the range's. */
static bool range_read(struct str s, uint32_t limit, struct query_value *value)
{
	if (port_read(s, limit, &value->from)) {
		value->to = value->from;
		return true;
	}
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '-' && port_read(str_first(s, i), limit, &value->from) &&
		    port_read(str_skip(s, i + 1), limit, &value->to))
			return value->from <= value->to;
	return false;
}

static bool value_port(struct parser *p, const struct primitive *row, struct query_value *value)
{
	if (p->token.kind == TOKEN_WORD && range_read(p->token.text, row->limit, value))
		return true;
	parser_expected(p, "a port: a number up to 65535, a service's name, a range as 8000-8100 "
			   "or a list as {80,443}");
	if (p->token.kind == TOKEN_COMPARE)
		p->err->advice = "write a range, as 1024-65535";
	parser_guess(p, names_service_at);
	return false;
}

bool operand_port(struct parser *p, struct query_node *node, const struct primitive *row)
{
	return values_read(p, node, row, value_port);
}

static bool value_proto(struct parser *p, const struct primitive *row, struct query_value *value)
{
	struct str s = p->token.text;

	if (p->token.kind == TOKEN_WORD && (number_read32(s, row->limit, &value->from) ||
					    (names_protocol(s, &value->from) && value->from))) {
		value->to = value->from;
		return true;
	}
	return parser_expected(p, "a protocol: a number up to 255 or a name, as ospf");
}

bool operand_proto(struct parser *p, struct query_node *node, const struct primitive *row)
{
	return values_read(p, node, row, value_proto);
}

/* The words that join primitives are no names, unless they are quoted. */
static bool is_joining(struct str s)
{
	return str_eq(s, STR("and")) || str_eq(s, STR("or")) || str_eq(s, STR("not"));
}

enum quoting { BARE, QUOTED, REGEX };

static bool text_keep(struct parser *p, struct str s, enum quoting quoting, struct str *kept)
{

	char *copy = query_take(p->q, s.n + 1);

	if (!copy)
		return parser_no_memory(p);
	if (quoting != BARE) {
		*kept = unquote(s, quoting == REGEX, copy);
		return true;
	}
	memcpy(copy, s.p, s.n);
	*kept = (struct str){ copy, s.n };
	return true;
}

static bool value_name(struct parser *p, const struct primitive *row, struct query_value *value)
{
	struct str s = p->token.text;
	bool quoted = p->token.kind == TOKEN_STRING;

	if ((!quoted && p->token.kind != TOKEN_WORD) || is_joining(s))
		return parser_expected(p, row->shown.kind == QUERY_HOST_NAME
						  ? "a host's name, or a pattern as gw*"
						  : "a device, or a pattern as zt*");
	if (!text_keep(p, s, quoted ? QUOTED : BARE, &value->text))
		return false;
	/* iptables' way to say zt* */
	if (!quoted && row->shown.kind != QUERY_HOST_NAME && value->text.p[s.n - 1] == '+')
		((char *)value->text.p)[s.n - 1] = '*';
	return true;
}

bool operand_name(struct parser *p, struct query_node *node, const struct primitive *row)
{
	return values_read(p, node, row, value_name);
}

#define FLAGS_WORDS "TCP flags, as syn, or syn,ack, or syn,!ack (fin syn rst psh ack urg ece cwr)"

bool operand_flags(struct parser *p, struct query_node *node, const struct primitive *row)
{
	struct query_value value = { 0 };

	(void)row;
	for (;;) {
		bool negated = p->token.kind == TOKEN_BANG;
		uint32_t bit;

		if (negated)
			parser_advance(p);
		if (p->token.kind != TOKEN_WORD || !names_tcp_flag(p->token.text, &bit) || !bit)
			return parser_expected(p, FLAGS_WORDS);
		if ((negated ? value.from : value.to) & bit)
			return parser_expected(p, "a flag that is not asked for both ways");
		*(negated ? &value.to : &value.from) |= bit;
		parser_advance(p);
		if (p->token.kind != TOKEN_COMMA)
			return value_add(p, node, &value);
		parser_advance(p);
	}
}

static bool value_mark(struct parser *p, const struct primitive *row, struct query_value *value)
{
	struct str s = p->token.text;
	size_t slash = last_of(s, '/');

	(void)row;
	value->to = UINT32_MAX;
	if (p->token.kind == TOKEN_WORD &&
	    number_read32(str_first(s, slash), UINT32_MAX, &value->from) &&
	    (slash == s.n || number_read32(str_skip(s, slash + 1), UINT32_MAX, &value->to)))
		return true;
	return parser_expected(p, "a mark, as 7, 0x7 or 0x10/0xff");
}

bool operand_mark(struct parser *p, struct query_node *node, const struct primitive *row)
{
	return values_read(p, node, row, value_mark);
}

const char *const compare_words[] = {
	[QUERY_LT] = "<",  [QUERY_LE] = "<=", [QUERY_EQ] = "=",
	[QUERY_NE] = "!=", [QUERY_GE] = ">=", [QUERY_GT] = ">",
};

static enum query_compare compare_read(struct str s)
{
	size_t i = QUERY_LT;

	while (i <= QUERY_GT && !str_eq(s, str_from(compare_words[i])))
		i++;
	return i <= QUERY_GT ? (enum query_compare)i : QUERY_EQ; /* == */
}

bool operand_number(struct parser *p, struct query_node *node, const struct primitive *row)
{
	struct query_value value = { 0 };
	char expected[80];

	node->compare = QUERY_EQ;
	if (p->token.kind == TOKEN_COMPARE) {
		node->compare = compare_read(p->token.text);
		parser_advance(p);
	}
	snprintf(expected, sizeof(expected), "a number up to %u, perhaps behind < <= = != >= or >",
		 row->limit);
	if (p->token.kind != TOKEN_WORD || !number_read32(p->token.text, row->limit, &value.from))
		return parser_expected(p, expected);
	value.to = value.from;
	parser_advance(p);
	return value_add(p, node, &value);
}

static bool value_uid(struct parser *p, const struct primitive *row, struct query_value *value)
{
	struct str s = p->token.text;
	size_t dash = str_find(s, STR("-"));

	if (p->token.kind == TOKEN_WORD &&
	    number_read32(str_first(s, dash), row->limit, &value->from)) {
		value->to = value->from;
		if (dash == s.n || (number_read32(str_skip(s, dash + 1), row->limit, &value->to) &&
				    value->from <= value->to))
			return true;
	}
	return parser_expected(p, "a user's number, as 1000 or 1000-1999");
}

bool operand_uid(struct parser *p, struct query_node *node, const struct primitive *row)
{
	return values_read(p, node, row, value_uid);
}

static bool value_outcome(struct parser *p, const struct primitive *row, struct query_value *value)
{
	const struct primitive *word = p->token.kind == TOKEN_WORD ? primitive_find(p->token.text)
								   : NULL;

	(void)row;
	if (!word || word->shown.kind != QUERY_OUTCOME || word->operand != operand_preset)
		return parser_expected(p, "one of forwarded, delivered, sent, dropped, rejected, "
					  "lost, queued, unknown");
	value->from = value->to = word->preset;
	return true;
}

bool operand_outcome(struct parser *p, struct query_node *node, const struct primitive *row)
{
	return values_read(p, node, row, value_outcome);
}

bool operand_regex(struct parser *p, struct query_node *node, const struct primitive *row)
{
	struct regex_trouble trouble;
	struct query_regex *regex;
	char expected[200];
	int ret;

	if (p->token.kind != TOKEN_TILDE) {
		snprintf(expected, sizeof(expected),
			 "~ and a regular expression in quotes, as %s "
			 "~ \"^raw\"",
			 row->shown.word);
		return parser_expected(p, expected);
	}
	parser_advance(p);
	if (p->token.kind != TOKEN_STRING)
		return parser_expected(p, "a regular expression in quotes");
	if (!text_keep(p, p->token.text, REGEX, &node->text))
		return false;
	ret = regex_create(node->text, &regex, &trouble);
	if (ret == -EINVAL) {
		snprintf(expected, sizeof(expected), "a regular expression (byte %zu: %s)",
			 trouble.at, trouble.text);
		return parser_expected(p, expected);
	}
	if (ret)
		return parser_no_memory(p);
	node->regex = p->q->regexes[p->q->n_regexes++] = regex;
	parser_advance(p);
	return true;
}

bool operand_time(struct parser *p, struct query_node *node, const struct primitive *row)
{
	struct query_value value = { 0 };
	struct str text = { NULL, 0 };

	(void)row;
	if ((p->token.kind != TOKEN_WORD && p->token.kind != TOKEN_STRING) ||
	    (text_keep(p, p->token.text, p->token.kind == TOKEN_STRING ? QUOTED : BARE, &text) &&
	     !time_read(text, &value)))
		return parser_expected(p, "a time, as 2026-11-22T14:58:09, 2026-11-22, 14:58, "
					  "@SECONDS since 1970 or +SECONDS since boot");
	if (p->status)
		return false;
	parser_advance(p);
	return value_add(p, node, &value);
}
