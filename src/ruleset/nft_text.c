/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nft_text.c - reads what `nft list ruleset` prints, with or without -a
 *
 * Tables, chains and rules are taken; sets, maps and everything else in braces is skipped. A rule
 * is a line, but for a comment with a newline in it. The handle is the last `# handle N` of the
 * rule, since a comment may say so too.
 */
#include "build.h"

#include <errno.h>

#include "nft_rule.h"
#include "nft_names.h"
#include "value.h"

struct nft_text {
	struct load *load;
	const char *at, *end;
	struct table_node *table;
	struct chain_node *chain;
	bool any_handle, any_rule;
};

static bool at_char(const struct nft_text *nft, char c)
{
	return nft->at < nft->end && *nft->at == c;
}

static void skip_line(struct nft_text *nft)
{
	const char *eol = memchr(nft->at, '\n', (size_t)(nft->end - nft->at));

	nft->at = eol ? eol : nft->end;
}

/* Blanks, newlines, semicolons, comments: what stands between two things. */
static void skip_space(struct nft_text *nft)
{
	while (nft->at < nft->end) {
		if (*nft->at == '#')
			skip_line(nft);
		else if (memchr(" \t\r\n;", *nft->at, 5))
			nft->at++;
		else
			break;
	}
}

static void skip_blanks(struct nft_text *nft)
{
	while (nft->at < nft->end && memchr(" \t\r", *nft->at, 3))
		nft->at++;
}

/* A word, or a string with its quotes, on this line; empty if there is none. */
static struct str take_word(struct nft_text *nft)
{
	const char *from;

	skip_blanks(nft);
	from = nft->at;
	if (at_char(nft, '"')) {
		const char *close = nft_quote_end(nft->at, nft->end);

		nft->at = close ? close : nft->end;
		return str_between(from, nft->at);
	}
	while (nft->at < nft->end && !memchr(" \t\r\n;{}#", *nft->at, 8))
		nft->at++;
	return str_between(from, nft->at);
}

/* What follows `# handle ` at the end of @s, which is cut there. Return: false if there is none */
static bool cut_handle(struct str *s, uint64_t *handle)
{
	static const struct str mark = { "# handle ", 9 };
	struct str tail = str_trim_right(*s);
	size_t digits = 0;

	while (digits < tail.n && tail.p[tail.n - 1 - digits] >= '0' &&
	       tail.p[tail.n - 1 - digits] <= '9')
		digits++;
	if (!str_ends(str_first(tail, tail.n - digits), mark) ||
	    !value_number64(str_skip(tail, tail.n - digits), handle))
		return false;
	*s = str_trim_right(str_first(tail, tail.n - digits - mark.n));
	return true;
}

/* What comes behind an opening brace on its line: `# handle N`, perhaps. */
static bool brace_handle(struct nft_text *nft, uint64_t *handle)
{
	struct str rest;

	skip_blanks(nft);
	if (!at_char(nft, '#'))
		return false;
	rest.p = nft->at;
	skip_line(nft);
	rest.n = (size_t)(nft->at - rest.p);
	if (rest.n && rest.p[rest.n - 1] == '\r')
		rest.n--;
	return cut_handle(&rest, handle);
}

/* Skip to behind the brace that closes the one before which @nft stands. */
static int skip_braces(struct nft_text *nft, const char *opened)
{
	size_t depth = 0;

	while (nft->at < nft->end) {
		const char *p = nft->at++;

		if (*p == '"') {
			const char *close = nft_quote_end(p, nft->end);

			nft->at = close ? close : nft->end;
		} else if (*p == '#') {
			skip_line(nft);
		} else if (*p == '{') {
			depth++;
		} else if (*p == '}' && !--depth) {
			return 0;
		}
	}
	return load_fail(nft->load, opened, "a closing brace for this");
}

/* ---- chains ---- */

/* `priority filter - 5;`; Return: false if it is no priority */
static bool take_priority(struct nft_text *nft)
{
	struct chain *chain = &nft->chain->chain;
	struct str name = take_word(nft);
	struct str sign, number;
	int32_t offset = 0;

	if (!nft_priority(nft->table->table.family, name, &chain->priority))
		return false;
	skip_blanks(nft);
	if (at_char(nft, '+') || at_char(nft, '-')) {
		sign = take_word(nft);
		number = sign.n > 1 ? str_skip(sign, 1) : take_word(nft);
		if (!nft_priority(FAMILY_NONE, number, &offset))
			return false;
		offset = *sign.p == '-' ? -offset : offset;
	}
	if (__builtin_add_overflow(chain->priority, offset, &chain->priority))
		return false;
	chain->have |= CHAIN_PRIORITY;
	return true;
}

/* `device "r0"`, `devices = { r0, r1 }` */
static int take_devices(struct nft_text *nft)
{
	const char *from;

	skip_blanks(nft);
	if (at_char(nft, '='))
		nft->at++;
	skip_blanks(nft);
	from = nft->at;
	if (at_char(nft, '{')) {
		int ret = skip_braces(nft, from);

		nft->chain->chain.device = str_between(from, nft->at);
		return ret;
	}
	nft->chain->chain.device = nft_unquote(take_word(nft));
	return 0;
}

/* `type filter hook input device "r0" priority filter; policy accept;` */
static int hook_line(struct nft_text *nft)
{
	struct chain *chain = &nft->chain->chain;
	const char *from;
	int ret = 0;

	if (str_eq(take_word(nft), STR("nat")))
		chain->have |= CHAIN_NAT;
	chain->policy = VERDICT_ACCEPT;
	chain->have |= CHAIN_BASE;
	while (!ret && nft->at < nft->end && *nft->at != '\n' && *nft->at != ';') {
		struct str word = take_word(nft);

		from = nft->at;
		if (str_eq(word, STR("hook"))) {
			chain->hook = nft_hook(take_word(nft));
			if (!chain->hook)
				ret = load_fail(nft->load,
						str_trim_left(str_between(from, nft->at)).p,
						"a hook: prerouting, input, forward, output, "
						"postrouting, ingress or egress");
		} else if (str_eq(word, STR("priority"))) {
			if (!take_priority(nft))
				ret = load_fail(nft->load, from, "a priority");
		} else if (str_eq(word, STR("device")) || str_eq(word, STR("devices"))) {
			ret = take_devices(nft);
		} else if (!word.n) {
			ret = load_fail(nft->load, nft->at, "hook, device, priority or ;");
		}
		skip_blanks(nft);
	}
	return ret;
}

static int policy_line(struct nft_text *nft)
{
	const char *from = nft->at;
	struct str word = take_word(nft);

	if (!str_eq(word, STR("accept")) && !str_eq(word, STR("drop")))
		return load_fail(nft->load, str_trim_left(str_between(from, nft->end)).p,
				 "a policy: accept or drop");
	nft->chain->chain.policy = *word.p == 'a' ? VERDICT_ACCEPT : VERDICT_DROP;
	return 0;
}

/* The rule's end: a newline, semicolon or closing brace that is in no string and no braces. */
static const char *rule_end(const char *p, const char *end)
{
	size_t depth = 0;

	while (p < end) {
		const char *close;

		switch (*p) {
		case '"':
			close = nft_quote_end(p, end);
			p = close ? close : end;
			continue;
		case '{':
			depth++;
			break;
		case '}':
			if (!depth--)
				return p;
			break;
		case '\n':
		case ';':
			if (!depth)
				return p;
			break;
		case '#':
			close = memchr(p, '\n', (size_t)(end - p));
			return close ? close : end;
		}
		p++;
	}
	return p;
}

/* The text of a rule without the comment behind it. */
static struct str without_remark(struct str s)
{
	for (const char *p = s.p; p < s.p + s.n; p++) {
		if (*p == '"') {
			const char *close = nft_quote_end(p, s.p + s.n);

			if (!close)
				break;
			p = close - 1;
		} else if (*p == '#') {
			return str_trim_right(str_between(s.p, p));
		}
	}
	return s;
}

static int rule_line(struct nft_text *nft)
{
	const char *from = nft->at;
	const char *end = rule_end(from, nft->end);
	struct str text = str_between(from, end);
	struct rule *rule = build_rule(nft->load, nft->chain, from);

	if (!rule)
		return -ENOMEM;
	nft->at = end;
	if (text.n && text.p[text.n - 1] == '\r')
		text.n--;
	nft->any_rule = true;
	if (cut_handle(&text, &rule->handle)) {
		rule->flags |= RULE_HANDLE;
		nft->any_handle = true;
	}
	nft_rule_parse(nft->load, rule, nft->table->table.family,
		       str_trim_right(without_remark(text)));
	return 0;
}

/* What a file for nft -f may hold where nft itself prints a rule or a set. */
static bool is_directive(struct str word)
{
	static const struct str words[] = {
		{ "define", 6 }, { "redefine", 8 }, { "undefine", 8 }, { "include", 7 }
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (str_eq(word, words[i]))
			return true;
	return false;
}

static int chain_thing(struct nft_text *nft)
{
	const char *from = nft->at;
	struct str word = take_word(nft);

	if (is_directive(word))
		return load_fail(nft->load, from, "a rule, as nft prints it");
	if (str_eq(word, STR("type")))
		return hook_line(nft);
	if (str_eq(word, STR("policy")))
		return policy_line(nft);
	if (str_eq(word, STR("flags")) ||
	    (str_eq(word, STR("comment")) && !nft->chain->chain.n_rules)) {
		take_word(nft);
		return 0;
	}
	nft->at = from;
	return rule_line(nft);
}

static int take_chain(struct nft_text *nft, const char *from)
{
	struct str name = nft_unquote(take_word(nft));
	const char *opened;
	int ret = 0;

	skip_blanks(nft);
	opened = nft->at;
	if (!name.n || !at_char(nft, '{'))
		return load_fail(nft->load, nft->at, name.n ? "{" : "the name of a chain");
	if (build_find_chain(nft->load->rs, nft->table, name))
		return load_fail(nft->load, name.p, "a chain that did not come before");
	nft->at++;
	nft->chain = build_chain(nft->load, nft->table, name, from);
	if (!nft->chain)
		return -ENOMEM;
	if (brace_handle(nft, &nft->chain->chain.handle))
		nft->chain->chain.have |= CHAIN_HANDLE;
	for (skip_space(nft); !ret && nft->at < nft->end && *nft->at != '}'; skip_space(nft))
		ret = chain_thing(nft);
	if (ret)
		return ret;
	if (!at_char(nft, '}'))
		return load_fail(nft->load, opened, "a closing brace for this");
	nft->at++;
	return 0;
}

/* ---- tables ---- */

/* Its elements come and go: by timeouts, or as packets add them. */
static bool is_fleeting(struct str flags)
{
	return str_has(flags, STR("dynamic")) || str_has(flags, STR("timeout"));
}

/* `elements = { ... }`, behind that word */
static int take_elements(struct nft_text *nft, struct str *elements)
{
	const char *from;
	int ret;

	skip_blanks(nft);
	if (!at_char(nft, '='))
		return 0;
	nft->at++;
	skip_blanks(nft);
	from = nft->at;
	if (!at_char(nft, '{'))
		return 0;
	ret = skip_braces(nft, from);
	if (!ret)
		*elements = str_between(from + 1, nft->at - 1);
	return ret;
}

/* `set NAME {`, `map NAME {`: the brace is next */
static int take_set(struct nft_text *nft, struct str name)
{
	const char *opened = nft->at++, *from;
	struct set_node *set = build_set(nft->load, nft->table, nft_unquote(name));
	bool fleeting = false;
	int ret = 0;

	if (!set)
		return -ENOMEM;
	for (skip_space(nft); !ret && nft->at < nft->end && *nft->at != '}'; skip_space(nft)) {
		struct str word = take_word(nft);

		from = nft->at;
		if (str_eq(word, STR("elements")))
			ret = take_elements(nft, &set->elements);
		else if (at_char(nft, '{'))
			ret = skip_braces(nft, nft->at);
		else if (!word.n)
			nft->at++;
		if (str_eq(word, STR("flags"))) {
			while (nft->at < nft->end && *nft->at != '\n' && *nft->at != ';')
				nft->at++;
			fleeting = is_fleeting(str_between(from, nft->at));
		}
	}
	if (fleeting)
		set->elements = STR("");
	if (ret || at_char(nft, '}'))
		nft->at += !ret;
	else
		ret = load_fail(nft->load, opened, "a closing brace for this");
	return ret;
}

/* `flags dormant`, `comment "x"`, and whatever has braces: set, map, counter, ct helper, ... */
static int other_thing(struct nft_text *nft, struct str word, const char *from)
{
	struct str line, name;

	if (str_eq(word, STR("set")) || str_eq(word, STR("map"))) {
		name = take_word(nft);
		skip_blanks(nft);
		if (name.n && at_char(nft, '{'))
			return take_set(nft, name);
		nft->at = from;
	}
	while (nft->at < nft->end && *nft->at != '{' && *nft->at != '\n' && *nft->at != ';') {
		if (at_char(nft, '"'))
			take_word(nft);
		else
			nft->at++;
	}
	line = str_between(from, nft->at);
	if (at_char(nft, '{'))
		return skip_braces(nft, nft->at);
	if (str_eq(word, STR("flags"))) {
		if (str_has(line, STR("dormant")))
			nft->table->table.flags |= TABLE_DORMANT;
		return 0;
	}
	if (str_eq(word, STR("comment")))
		return 0;
	return load_fail(nft->load, from, "chain NAME {, or something else with braces");
}

static int table_thing(struct nft_text *nft)
{
	const char *from = nft->at;
	struct str word = take_word(nft);

	if (!word.n)
		return load_fail(nft->load, nft->at, "chain, set, map or }");
	return str_eq(word, STR("chain")) ? take_chain(nft, from) : other_thing(nft, word, from);
}

static int take_table(struct nft_text *nft, const char *from)
{
	struct str word = take_word(nft);
	enum family family = family_of_word(word);
	struct str name = family ? take_word(nft) : word;
	const char *opened;
	uint64_t ignored;
	int ret = 0;

	skip_blanks(nft);
	opened = nft->at;
	if (!name.n)
		return load_fail(nft->load, nft->at, "the name of a table");
	if (!at_char(nft, '{'))
		return load_fail(nft->load, family ? nft->at : word.p,
				 family ? "{" : "a family: ip, ip6, inet, arp, bridge or netdev");
	/* nft itself takes a table without a family for an ip one */
	nft->table = build_table(nft->load, BACKEND_NFT, family ? family : FAMILY_IP,
				 nft_unquote(name), from);
	if (!nft->table)
		return -ENOMEM;
	nft->any_handle = nft->any_rule = false;
	nft->at++;
	brace_handle(nft, &ignored);
	for (skip_space(nft); !ret && nft->at < nft->end && *nft->at != '}'; skip_space(nft))
		ret = table_thing(nft);
	if (ret)
		return ret;
	if (!at_char(nft, '}'))
		return load_fail(nft->load, opened, "a closing brace for this");
	nft->at++;
	if (nft->any_rule && !nft->any_handle)
		nft->table->table.flags |= TABLE_NO_HANDLES;
	return 0;
}

static bool is_prompt(const struct nft_text *nft, const char *from)
{
	const char *eol = memchr(from, '\n', (size_t)(nft->end - from));
	struct str line = str_between(from, eol ? eol : nft->end);

	return str_has(line, STR("nft")) && str_has(line, STR(" list "));
}

int load_nft_text(struct load *load)
{
	struct nft_text nft = { .load = load, .at = load->begin, .end = load->end };
	int ret = 0;

	for (skip_space(&nft); !ret && nft.at < nft.end; skip_space(&nft)) {
		const char *from = nft.at;

		if (str_eq(take_word(&nft), STR("table"))) {
			ret = take_table(&nft, from);
		} else if (is_prompt(&nft, from)) {
			nft.at = from;
			skip_line(&nft);
		} else {
			ret = load_fail(load, from, "table FAMILY NAME {, as nft prints it");
		}
	}
	return ret;
}
