/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * save.c - reads iptables-save, and `iptables -S`, of either flavour and family
 *
 * Lines end where no double quote is open: a comment may hold a raw newline (formats.md 6.3).
 */
#include "build.h"

#include <errno.h>

#include "value.h"
#include "xt_file.h"
#include "xt_spec.h"
#include "xt_words.h"
#include "lit.h"

struct save {
	struct xt_file file;
	struct load *load;
	bool starred; /* the current table began with `*name`, so `-P` begins no other */
};

/* The next word of @rest without quotes; empty at its end. */
static struct str next_word(struct save *save, struct str *rest)
{
	struct xt_token token;

	return xt_token_next(save->load->arena, rest, &token) ? token.word
							      : str_skip(*rest, rest->n);
}

/* `[12:345]`; Return: false if it is something else */
static bool parse_counters(struct str s, uint64_t *packets, uint64_t *bytes)
{
	struct str rest, first;

	if (s.n < 5 || s.p[0] != '[' || s.p[s.n - 1] != ']')
		return false;
	rest = str_first(str_skip(s, 1), s.n - 2);
	first = str_cut(&rest, ':');
	return value_number64(first, packets) && value_number64(rest, bytes);
}

static bool parse_policy(struct str word, enum verdict *policy)
{
	static const struct {
		struct str word;
		enum verdict verdict;
	} policies[] = { { S("ACCEPT"), VERDICT_ACCEPT },
			 { S("DROP"), VERDICT_DROP },
			 { S("QUEUE"), VERDICT_QUEUE },
			 { S("REJECT"), VERDICT_REJECT },
			 { S("RETURN"), VERDICT_RETURN } }; /* ebtables' user chains */

	for (size_t i = 0; i < sizeof(policies) / sizeof(*policies); i++) {
		if (str_eq(policies[i].word, word)) {
			*policy = policies[i].verdict;
			return true;
		}
	}
	return false;
}

/* Get the chain, make it if it is new; Return: NULL without memory */
static struct chain_node *chain_named(struct save *save, struct str name, const char *at)
{
	struct chain_node *chain = build_find_chain(save->load->rs, save->file.table, name);

	return chain ? chain : build_chain(save->load, save->file.table, name, at);
}

static int star_line(struct save *save, struct str line)
{
	struct str name = str_trim_right(str_skip(line, 1));

	if (!name.n || memchr(name.p, ' ', name.n))
		return load_fail(save->load, line.p + 1, "the name of a table");
	save->starred = true;
	return xt_file_table(&save->file, name, line.p);
}

static void set_policy(struct chain *chain, enum verdict policy)
{
	chain->policy = policy;
	if (xt_chain_hook(chain->name))
		chain->have |= CHAIN_BASE;
	else
		chain->policy = VERDICT_NONE;
}

static int colon_line(struct save *save, struct str line)
{
	struct str rest = str_skip(line, 1);
	struct str name = next_word(save, &rest);
	struct str policy = next_word(save, &rest);
	const char *at = rest.p;
	struct str counters = next_word(save, &rest);
	struct chain_node *chain;
	enum verdict verdict = VERDICT_NONE;

	if (!save->file.table)
		return load_fail(save->load, line.p, "*TABLE before the first chain");
	if (!name.n)
		return load_fail(save->load, line.p + 1, "the name of a chain");
	if (!str_eq(policy, STR("-")) && !parse_policy(policy, &verdict))
		return load_fail(save->load, policy.p, "a policy: ACCEPT, DROP or -");
	chain = chain_named(save, name, line.p);
	if (!chain)
		return -ENOMEM;
	if (verdict)
		set_policy(&chain->chain, verdict);
	if (!counters.n)
		return 0;
	if (!parse_counters(counters, &chain->chain.packets, &chain->chain.bytes))
		return load_fail(save->load, str_trim_left(str_between(at, rest.p)).p,
				 "counters: [PACKETS:BYTES]");
	chain->chain.have |= CHAIN_COUNTERS;
	return 0;
}

/* -P begins a table of its own if the current one has that chain already, or has user chains. */
static bool policy_begins_table(const struct save *save, struct str name)
{
	const struct table_node *table = save->file.table;

	if (!table)
		return true;
	if (save->starred)
		return false;
	for (const struct chain_node *chain = table->chains; chain; chain = chain->next)
		if (!(chain->chain.have & CHAIN_BASE) || str_eq(chain->chain.name, name))
			return true;
	return false;
}

static int policy_line(struct save *save, struct str line, struct str rest)
{
	struct str name = next_word(save, &rest);
	struct str policy = next_word(save, &rest);
	struct chain_node *chain;
	enum verdict verdict;
	uint64_t packets, bytes;

	if (!parse_policy(policy, &verdict))
		return load_fail(save->load, policy.p, "a policy: ACCEPT or DROP");
	if (policy_begins_table(save, name) && xt_file_table(&save->file, STR(""), line.p))
		return -ENOMEM;
	chain = chain_named(save, name, line.p);
	if (!chain)
		return -ENOMEM;
	set_policy(&chain->chain, verdict);
	if (str_eq(next_word(save, &rest), STR("-c")) &&
	    value_number64(next_word(save, &rest), &packets) &&
	    value_number64(next_word(save, &rest), &bytes)) {
		chain->chain.packets = packets;
		chain->chain.bytes = bytes;
		chain->chain.have |= CHAIN_COUNTERS;
	}
	return 0;
}

/* `iptables -S CHAIN` begins with -N or even -A: there was no line that begins a table */
static int need_table(struct save *save, const char *at)
{
	return save->file.table ? 0 : xt_file_table(&save->file, STR(""), at);
}

static int new_chain_line(struct save *save, struct str line, struct str rest)
{
	struct str name = next_word(save, &rest);

	if (!name.n)
		return load_fail(save->load, name.p, "the name of a chain");
	if (need_table(save, line.p) || !chain_named(save, name, line.p))
		return -ENOMEM;
	return 0;
}

static int append_line(struct save *save, struct str line, struct str rest)
{
	struct str name = next_word(save, &rest);
	struct xt_spec_result result;
	struct chain_node *chain;
	struct rule *rule;

	if (!name.n)
		return load_fail(save->load, name.p, "the name of a chain");
	if (need_table(save, line.p))
		return -ENOMEM;
	chain = chain_named(save, name, line.p);
	rule = chain ? build_rule(save->load, chain, line.p) : NULL;
	if (!rule)
		return -ENOMEM;
	if (*line.p == '[' && parse_counters(str_cut(&line, ' '), &rule->packets, &rule->bytes))
		rule->flags |= RULE_COUNTERS;
	result = xt_spec_parse(save->load, rule, str_trim_right(str_trim_left(rest)));
	if (result.bad)
		return load_fail(save->load, result.bad, result.expected);
	if (!save->file.table->hint)
		save->file.table->hint = result.hint;
	if (result.expands)
		build_note(save->load->rs, &save->file.table->table,
			   "a rule names several addresses: iptables makes several rules of it, so "
			   "the numbers after it differ");
	return 0;
}

static int commit_line(struct save *save)
{
	save->file.table = NULL;
	save->starred = false;
	return 0;
}

static int dash_line(struct save *save, struct str line)
{
	static const struct {
		struct str word;
		int (*take)(struct save *save, struct str line, struct str rest);
	} commands[] = { { S("-A"), append_line },    { S("--append"), append_line },
			 { S("-P"), policy_line },    { S("--policy"), policy_line },
			 { S("-N"), new_chain_line }, { S("--new-chain"), new_chain_line } };
	struct str rest = line;
	struct str word;

	if (*line.p == '[') {
		uint64_t ignored;
		struct str counters = next_word(save, &rest);

		if (!parse_counters(counters, &ignored, &ignored))
			return load_fail(save->load, line.p, "counters: [PACKETS:BYTES]");
	}
	word = next_word(save, &rest);
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (str_eq(commands[i].word, word))
			return commands[i].take(save, line, rest);
	return load_fail(save->load, word.p, "-A CHAIN, -N CHAIN or -P CHAIN POLICY");
}

static int take_line(struct save *save, struct str line)
{
	switch (line.n ? *line.p : '#') {
	case '#':
		xt_file_says(&save->file, line);
		return 0;
	case '*':
		return star_line(save, line);
	case ':':
		return colon_line(save, line);
	case '-':
	case '[':
		return dash_line(save, line);
	}
	if (str_eq(line, STR("COMMIT")))
		return commit_line(save);
	if (xt_file_says(&save->file, line))
		return 0;
	return load_fail(save->load, line.p, "a line of iptables-save: *, :, -A, COMMIT or #");
}

/*
 * The logical line at @p. A quote only counts on lines that hold a rule; if it is left open the
 * line ends with the file, and the rule's reading says so.
 */
static const char *logical_end(const char *p, const char *end)
{
	bool rule = *p == '-' || *p == '[';
	bool open = false;

	for (; p < end; p++) {
		if (*p == '\n' && !open)
			break;
		if (!rule)
			continue;
		if (*p == '"')
			open = !open;
		else if (*p == '\\' && open && end - p > 1)
			p++;
	}
	return p;
}

static struct str chomp(const char *p, const char *end)
{
	if (end > p && end[-1] == '\r')
		end--;
	return str_trim_right(str_trim_left(str_between(p, end)));
}

int load_save(struct load *load)
{
	struct save save = { .file = xt_file_begin(load), .load = load };
	const char *p = load->begin;
	int ret = 0;

	while (p < load->end && !ret) {
		const char *end;

		while (p < load->end && (*p == ' ' || *p == '\t'))
			p++;
		if (p == load->end)
			break;
		end = logical_end(p, load->end);
		ret = take_line(&save, chomp(p, end));
		p = end < load->end ? end + 1 : end;
	}
	return ret ? ret : xt_file_finish(&save.file);
}
