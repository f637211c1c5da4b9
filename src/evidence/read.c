// SPDX-License-Identifier: GPL-2.0-or-later
/* read.c - words, numbers, nets, routes and rules of evidence (doc/evidence.md) */
#include "read.h"

#include <arpa/inet.h>

#define IP4_BITS 96 /* of a mapped address, before those of the IPv4 address */

bool read_line(struct str *text, struct str *line)
{
	size_t n;

	if (!text->n)
		return false;
	n = str_find(*text, STR("\n"));
	*line = str_first(*text, n);
	*text = str_skip(*text, n + 1);
	return true;
}

struct str read_word(struct str *line)
{
	struct str word;
	size_t n = 0;

	*line = str_trim_left(*line);
	while (n < line->n && line->p[n] != ' ' && line->p[n] != '\t')
		n++;
	word = str_first(*line, n);
	*line = str_skip(*line, n);
	return word;
}

static bool read_digits(struct str word, unsigned int base, uint64_t *number)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t n = 0;

	word = str_trim_right(str_trim_left(word));
	for (size_t i = 0; i < word.n; i++) {
		const char *at = word.p[i] ? strchr(digits, word.p[i]) : NULL;
		unsigned int digit = at ? (unsigned int)(at - digits) : base;

		if (digit >= base || n > (UINT64_MAX - digit) / base)
			return false;
		n = n * base + digit;
	}
	if (word.n)
		*number = n;
	return word.n;
}

bool read_number(struct str word, uint64_t *number)
{
	return read_digits(word, 10, number);
}

bool read_hex(struct str word, uint64_t *number)
{
	if (str_starts(word, STR("0x")))
		word = str_skip(word, 2);
	return read_digits(word, 16, number);
}

static bool read_u32(struct str word, uint32_t *number)
{
	uint64_t n;

	if (!read_number(word, &n) || n > UINT32_MAX)
		return false;
	*number = (uint32_t)n;
	return true;
}

bool read_addr(struct str word, struct addr *addr, enum family *family)
{
	char text[INET6_ADDRSTRLEN];

	if (!word.n || word.n >= sizeof(text))
		return false;
	memcpy(text, word.p, word.n);
	text[word.n] = '\0';
	*addr = (struct addr){ .b = { [10] = 0xff, [11] = 0xff } };
	*family = FAMILY_IP;
	if (inet_pton(AF_INET, text, &addr->b[12]) == 1)
		return true;
	*family = FAMILY_IP6;
	return inet_pton(AF_INET6, text, addr->b) == 1;
}

bool read_net(struct str word, struct evidence_net *net, enum family *family)
{
	size_t slash = str_find(word, STR("/"));
	uint64_t bits;

	if (!read_addr(str_first(word, slash), &net->addr, family) ||
	    !read_number(str_skip(word, slash + 1), &bits) ||
	    bits > (*family == FAMILY_IP ? 32 : 128))
		return false;
	net->bits = (uint8_t)(bits + (*family == FAMILY_IP ? IP4_BITS : 0));
	return true;
}

static const char *const type_names[ROUTE_TYPE_MAX] = {
	[ROUTE_UNSPEC] = "unspec",	 [ROUTE_UNICAST] = "unicast",
	[ROUTE_LOCAL] = "local",	 [ROUTE_BROADCAST] = "broadcast",
	[ROUTE_ANYCAST] = "anycast",	 [ROUTE_MULTICAST] = "multicast",
	[ROUTE_BLACKHOLE] = "blackhole", [ROUTE_UNREACHABLE] = "unreachable",
	[ROUTE_PROHIBIT] = "prohibit",	 [ROUTE_THROW] = "throw",
};

static bool read_type(struct str word, enum route_type *type)
{
	for (unsigned int i = 0; i < ROUTE_TYPE_MAX; i++)
		if (str_eq(word, str_from(type_names[i]))) {
			*type = (enum route_type)i;
			return true;
		}
	return false;
}

bool read_route(struct str line, struct evidence_route *route)
{
	enum family family;
	struct str key;
	bool ok;

	*route = (struct evidence_route){ .table = 0 };
	ok = read_type(read_word(&line), &route->type) &&
	     read_net(read_word(&line), &route->to, &route->family);
	while (ok && (key = read_word(&line)).n) {
		struct str value = read_word(&line);

		if (str_eq(key, STR("via")))
			route->has_via = ok = read_addr(value, &route->via, &family);
		else if (str_eq(key, STR("dev")))
			route->device = value;
		else if (str_eq(key, STR("table")))
			ok = read_u32(value, &route->table);
		else if (str_eq(key, STR("metric")))
			ok = read_u32(value, &route->metric);
	}
	return ok;
}

/* "0x1/0xff" */
static bool read_mark(struct str word, struct evidence_rule *rule)
{
	size_t slash = str_find(word, STR("/"));
	uint64_t mark, mask;

	if (!read_hex(str_first(word, slash), &mark) ||
	    !read_hex(str_skip(word, slash + 1), &mask) || mark > UINT32_MAX || mask > UINT32_MAX)
		return false;
	rule->mark = (uint32_t)mark;
	rule->mask = (uint32_t)mask;
	return true;
}

/* FR_ACT_* of linux/fib_rules.h that refuse by themselves, without a table. */
static const struct {
	uint8_t action;
	enum route_type type;
} refusals[] = { { 6, ROUTE_BLACKHOLE }, { 7, ROUTE_UNREACHABLE }, { 8, ROUTE_PROHIBIT } };

static void read_refusal(struct evidence_rule *rule)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++)
		if (refusals[i].action == rule->action)
			rule->refusal = (struct evidence_route){ .type = refusals[i].type,
								 .family = rule->family,
								 .rule = rule->pref };
}

/* A key of a rule that has a value. */
static bool read_rule_key(struct evidence_rule *rule, struct str key, struct str value)
{
	enum family family;
	uint32_t action;

	if (str_eq(key, STR("pref")))
		return read_u32(value, &rule->pref);
	if (str_eq(key, STR("from")))
		return read_net(value, &rule->from, &family);
	if (str_eq(key, STR("to")))
		return read_net(value, &rule->to, &family);
	if (str_eq(key, STR("table")))
		return read_u32(value, &rule->table);
	if (str_eq(key, STR("mark")))
		return read_mark(value, rule);
	if (str_eq(key, STR("iif"))) {
		rule->iif = value;
		return true;
	}
	if (!str_eq(key, STR("action")) || !read_u32(value, &action) || action > UINT8_MAX)
		return false;
	rule->action = (uint8_t)action;
	return true;
}

bool read_rule(struct str line, struct evidence_rule *rule)
{
	struct str family = read_word(&line), key;
	bool ok = true;

	*rule = (struct evidence_rule){ .family = FAMILY_IP };
	if (str_eq(family, STR("ip6")))
		rule->family = FAMILY_IP6;
	else if (!str_eq(family, STR("ip")))
		return false;
	while (ok && (key = read_word(&line)).n) {
		if (str_eq(key, STR("not")))
			rule->inverted = true;
		else if (str_eq(key, STR("other")))
			rule->other = true;
		else
			ok = read_rule_key(rule, key, read_word(&line));
	}
	read_refusal(rule);
	return ok;
}
