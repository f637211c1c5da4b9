/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parse.c - tokens become a tree: or, and, not, parentheses; primitives by their table
 *
 *     or:        and { ("or" | "||") and }
 *     and:       not { ("and" | "&&") not }
 *     not:       ("not" | "!") not  |  "(" or ")"  |  primitive
 *     primitive: a word of the table and its operand; `tcp dport 80` is `tcp and dport 80`
 *
 * `a and (b and c)` gives the same tree as `a and b and c`: a node takes over the children of
 * a child of its own kind, so that what is printed parses to the same tree.
 */
#include "tree.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "nfhop/guess.h"

void *query_take(struct query *q, size_t n)
{
	struct chunk *chunk = calloc(1, sizeof(*chunk) + n);

	if (!chunk)
		return NULL;
	chunk->next = q->chunks;
	q->chunks = chunk;
	return chunk + 1;
}

void query_destroy(struct query *q)
{
	if (!q)
		return;
	for (unsigned int i = 0; i < q->n_regexes; i++)
		regex_destroy(q->regexes[i]);
	for (struct chunk *c = q->chunks, *next; c; c = next) {
		next = c->next;
		free(c);
	}
	free(q);
}

const struct query_node *query_root(const struct query *q)
{
	return q->root;
}

void parser_advance(struct parser *p)
{
	p->end = (size_t)(p->token.text.p - p->q->text.p) + p->token.text.n;
	p->token = token_next(&p->rest);
}

bool parser_is_word(const struct parser *p, const char *word)
{
	return p->token.kind == TOKEN_WORD && str_eq(p->token.text, str_from(word));
}

bool parser_wrong(struct parser *p, struct str part, const char *expected)
{
	if (p->status)
		return false;
	p->status = -EINVAL;
	p->err->at = (size_t)(part.p - p->q->text.p);
	p->err->n = part.n;
	snprintf(p->err->expected, sizeof(p->err->expected), "%s", expected);
	return false;
}

bool parser_expected(struct parser *p, const char *expected)
{
	bool open = p->token.kind == TOKEN_BAD && str_has(p->token.text, STR("\""));

	return parser_wrong(p, p->token.text, open ? "a closing quote" : expected);
}

bool parser_no_memory(struct parser *p)
{
	p->status = p->status ? p->status : -ENOMEM;
	return false;
}

static struct query_node *node_new(struct parser *p, enum query_kind kind)
{
	struct query_node *node = query_take(p->q, sizeof(*node));

	if (!node) {
		parser_no_memory(p);
		return NULL;
	}
	node->kind = kind;
	node->at = (size_t)(p->token.text.p - p->q->text.p);
	return node;
}

static struct query_node *finished(const struct parser *p, struct query_node *node)
{
	node->n = p->end - node->at;
	return node;
}

void parser_guess(struct parser *p, const char *(*word)(size_t i))
{
	char given[40];
	struct guess guess;

	if (p->token.kind != TOKEN_WORD || p->token.text.n >= sizeof(given))
		return;
	snprintf(given, sizeof(given), "%.*s", STR_ARG(p->token.text));
	guess = guess_start(given);
	for (size_t i = 0; word(i); i++)
		guess_consider(&guess, word(i));
	p->err->guess = guess.best;
}

/* What may stand at the beginning of a filter, and what behind one. */
static const char *starting_word(size_t i)
{
	return i ? primitives[i - 1].shown.word : "not";
}

static const char *joining_word(size_t i)
{
	return i == 0 ? "and" : i == 1 ? "or" : primitives[i - 2].shown.word;
}

#define PASSED	"write forwarded, delivered or sent"
#define STOPPED "write stopped; dropped, if the sender is to be told nothing"

/* What a word of tcpdump, nft or iptables, which is none of ours, is here. */
static bool advise(struct parser *p)
{
	static const struct {
		const char *word, *advice;
	} words[] = {
		{ "net", "write host, src or dst: they take prefixes, as dst 10.0.0.0/8" },
		{ "portrange", "write port, sport or dport: they take ranges, as port 8000-8100" },
		{ "less", "write length <= NUMBER" },
		{ "greater", "write length >= NUMBER" },
		{ "len", "write length" },
		{ "iifname", "write iif" },
		{ "oifname", "write oif" },
		{ "saddr", "write src" },
		{ "daddr", "write dst" },
		{ "type", "there is no such thing; icmp and icmp6 have no types here" },
		{ "echo-request", "there is no such thing; icmp and icmp6 have no types here" },
		{ "echo-reply", "there is no such thing; icmp and icmp6 have no types here" },
		{ "ct",
		  "there is no such thing; reply tells directions, text ~ \"ctstate\" rules" },
		{ "state",
		  "there is no such thing; reply tells directions, text ~ \"ctstate\" rules" },
		{ "flow", "there is no such thing; write its host and port" },
		{ "dscp", "there is no such thing" },
		{ "tos", "there is no such thing" },
		{ "mac", "there is no such thing; write host, src or dst with an address of IP" },
		{ "ether", "there is no such thing; write host, src or dst with an address of IP" },
		{ "id", "there is no such thing" },
		{ "accept", PASSED },
		{ "accepted", PASSED },
		{ "allow", PASSED },
		{ "allowed", PASSED },
		{ "pass", PASSED },
		{ "passed", PASSED },
		{ "drop", STOPPED },
		{ "deny", STOPPED },
		{ "denied", STOPPED },
		{ "block", STOPPED },
		{ "blocked", STOPPED },
		{ "reject", "write rejected" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words) && !p->err->advice; i++)
		if (p->token.text.n == strlen(words[i].word) &&
		    !strncasecmp(p->token.text.p, words[i].word, p->token.text.n))
			p->err->advice = words[i].advice;
	return p->err->advice;
}

/* Our own word where and is missing: `tcp dst port 80`, `ip src 10.0.0.9` */
static bool advise_joining(struct parser *p)
{
	struct str rest = p->rest;
	bool src = parser_is_word(p, "src"), pair = src || parser_is_word(p, "dst");

	if (pair && str_eq(token_next(&rest).text, STR("port")))
		p->err->advice = src ? "write sport, as tcp sport 80"
				     : "write dport, as tcp dport 80";
	else if (p->token.kind == TOKEN_WORD && primitive_find(p->token.text))
		p->err->advice = "write \"and\" in front of it";
	return p->err->advice || advise(p);
}

/* `port 80 or 443` */
static bool advise_leaf(struct parser *p)
{
	if (p->token.kind == TOKEN_WORD && *p->token.text.p >= '0' && *p->token.text.p <= '9')
		p->err->advice =
			"several values are a list: port {80,443}, src {10.0.0.1,10.0.0.2}";
	return p->err->advice || advise(p);
}

/* What nft and tcpdump users write in one breath. */
static bool runs_on(const struct parser *p, const struct query_node *node)
{
	return node->kind == QUERY_PROTO &&
	       (parser_is_word(p, "port") || parser_is_word(p, "sport") ||
		parser_is_word(p, "dport") || parser_is_word(p, "flags"));
}

static struct query_node *parse_leaf(struct parser *p)
{
	const struct primitive *row = p->token.kind == TOKEN_WORD ? primitive_find(p->token.text)
								  : NULL;
	struct query_node *node;

	if (!row) {
		parser_expected(p, "a filter's word, as src, dport, tcp, iif, at or stopped");
		if (!advise_leaf(p))
			parser_guess(p, starting_word);
		return NULL;
	}
	if (p->q->n_leaves == QUERY_LEAVES_MAX) {
		parser_expected(p, "no more than 64 primitives in one filter");
		return NULL;
	}
	node = node_new(p, row->shown.kind);
	if (!node)
		return NULL;
	node->leaf = p->q->n_leaves++;
	parser_advance(p);
	return row->operand(p, node, row) ? finished(p, node) : NULL;
}

static struct query_node *parse_primitive(struct parser *p)
{
	struct query_node *first = parse_leaf(p), *both, *second;

	if (!first || !runs_on(p, first))
		return first;
	both = node_new(p, QUERY_AND);
	second = both ? parse_leaf(p) : NULL;
	if (!second)
		return NULL;
	both->at = first->at;
	both->child = first;
	first->next = second;
	return finished(p, both);
}

static struct query_node *parse_or(struct parser *p);

static struct query_node *parse_inside(struct parser *p)
{
	struct query_node *node;

	parser_advance(p);
	node = parse_or(p);
	if (!node)
		return NULL;
	if (p->token.kind != TOKEN_CLOSE) {
		parser_expected(p, "and, or, or a closing parenthesis");
		if (!advise_joining(p))
			parser_guess(p, joining_word);
		return NULL;
	}
	parser_advance(p);
	return node;
}

static struct query_node *parse_not(struct parser *p);

static struct query_node *parse_negated(struct parser *p)
{
	struct query_node *node = node_new(p, QUERY_NOT);

	if (!node)
		return NULL;
	parser_advance(p);
	node->child = parse_not(p);
	return node->child ? finished(p, node) : NULL;
}

static struct query_node *parse_not(struct parser *p)
{
	bool negated = p->token.kind == TOKEN_BANG || parser_is_word(p, "not");
	struct query_node *node;

	if (!negated && p->token.kind != TOKEN_OPEN)
		return parse_primitive(p);
	if (p->depth == QUERY_NESTING_MAX) {
		parser_expected(p, "no more than 64 parentheses and nots within each other");
		return NULL;
	}
	p->depth++;
	node = negated ? parse_negated(p) : parse_inside(p);
	p->depth--;
	return node;
}

static const struct query_node **last_link(const struct query_node **link)
{
	while (*link)
		link = &((struct query_node *)*link)->next;
	return link;
}

static bool is_joined(const struct parser *p, enum query_kind kind)
{
	if (kind == QUERY_AND)
		return p->token.kind == TOKEN_AND || parser_is_word(p, "and");
	return p->token.kind == TOKEN_OR || parser_is_word(p, "or");
}

/* One level of the grammar: @below, joined by the word of @kind. */
static struct query_node *parse_joined(struct parser *p, enum query_kind kind,
				       struct query_node *(*below)(struct parser *p))
{
	struct query_node *first = below(p), *all;
	const struct query_node **link;

	if (!first || !is_joined(p, kind))
		return first;
	all = node_new(p, kind);
	if (!all)
		return NULL;
	all->at = first->at;
	link = &all->child;
	for (struct query_node *next = first; next;) {
		*link = next->kind == kind ? next->child : next;
		link = last_link(link);
		if (!is_joined(p, kind))
			return finished(p, all);
		parser_advance(p);
		next = below(p);
	}
	return NULL;
}

static struct query_node *parse_and(struct parser *p)
{
	return parse_joined(p, QUERY_AND, parse_not);
}

static struct query_node *parse_or(struct parser *p)
{
	return parse_joined(p, QUERY_OR, parse_and);
}

static const struct query_node *parse_all(struct parser *p)
{
	struct query_node *root = parse_or(p);

	if (!root || p->token.kind == TOKEN_END)
		return root;
	parser_expected(p, "and, or, or the end of the filter");
	if (!advise_joining(p))
		parser_guess(p, joining_word);
	return NULL;
}

static int keep_text(struct query *q, struct str text)
{
	char *copy = query_take(q, text.n + 1);

	if (!copy)
		return -ENOMEM;
	if (text.n)
		memcpy(copy, text.p, text.n);
	q->text = (struct str){ copy, text.n };
	return 0;
}

int query_parse(struct str text, struct query **q, struct query_error *err)
{
	struct parser p = { .q = calloc(1, sizeof(*p.q)), .err = err };

	*q = NULL;
	*err = (struct query_error){ 0 };
	if (!p.q)
		return -ENOMEM;
	if (text.n > QUERY_TEXT_MAX) {
		snprintf(err->expected, sizeof(err->expected), "at most %zu bytes", QUERY_TEXT_MAX);
		err->at = QUERY_TEXT_MAX;
		p.status = -EINVAL;
	} else {
		p.status = keep_text(p.q, text);
	}
	if (!p.status) {
		p.rest = p.q->text;
		p.token = token_next(&p.rest);
		p.q->root = parse_all(&p);
	}
	if (p.status) {
		query_destroy(p.q);
		return p.status;
	}
	*q = p.q;
	return 0;
}

static int join_texts(const struct query *const *parts, size_t n, char *buf, size_t *used)
{
	size_t at = 0, size = *used;

	for (size_t i = 0; i < n; i++) {
		if (!parts[i])
			continue;
		for (const char *c = at ? " and (" : "("; *c; c++, at++)
			if (at < size)
				buf[at] = *c;
		at += query_print(parts[i], buf + (at < size ? at : size),
				  at < size ? size - at : 0);
		if (at < size)
			buf[at] = ')';
		at++;
	}
	*used = at;
	return at > QUERY_TEXT_MAX ? -E2BIG : 0;
}

int query_all(const struct query *const *parts, size_t n, struct query **q)
{
	struct query_error err;
	size_t used = 0;
	char *text;
	int ret = join_texts(parts, n, (char[]){ 0 }, &used);

	*q = NULL;
	if (ret || !used)
		return ret;
	text = malloc(used);
	if (!text)
		return -ENOMEM;
	join_texts(parts, n, text, &used);
	ret = query_parse((struct str){ text, used }, q, &err);
	free(text);
	return ret == -EINVAL ? -E2BIG : ret;
}

static const char *mask_controls(char *buf)
{
	for (char *c = buf; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	return buf;
}

const char *query_error_hint(const struct query_error *err, struct str text, char *buf, size_t n)
{
	struct str found = str_first(str_skip(text, err->at), err->n < 40 ? err->n : 40);

	if (found.n && err->advice)
		snprintf(buf, n, "%.*s: %s", STR_ARG(found), err->advice);
	else if (found.n && err->guess)
		snprintf(buf, n, "%.*s: did you mean %s?", STR_ARG(found), err->guess);
	else
		return query_error_text(err, text, buf, n);
	return mask_controls(buf);
}

const char *query_error_text(const struct query_error *err, struct str text, char *buf, size_t n)
{
	struct str found = str_first(str_skip(text, err->at), err->n < 40 ? err->n : 40);

	if (found.n && err->advice)
		snprintf(buf, n, "expected %s, found %.*s; %s", err->expected, STR_ARG(found),
			 err->advice);
	else if (found.n)
		snprintf(buf, n, "expected %s, found %.*s%s%s%s", err->expected, STR_ARG(found),
			 err->guess ? "; did you mean " : "", err->guess ? err->guess : "",
			 err->guess ? "?" : "");
	else
		snprintf(buf, n, "expected %s at its end", err->expected);
	return mask_controls(buf);
}
