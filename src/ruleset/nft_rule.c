/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_rule.c - reads one rule in nft's own words: its statements */
#include "nft_rule.h"

#include "nat.h"
#include "value.h"
#include "xt_words.h"
#include "lit.h"

/**
 * struct statement - what a rule does
 * @take: reads the words behind the first one at @i; Return: the number of the word behind it.
 *	NULL: the statement is one word.
 * @sets: the rule's verdict becomes @verdict
 */
struct statement {
	struct str word;
	size_t (*take)(struct nft_words *words, size_t i, const struct statement *statement);
	bool sets;
	enum verdict verdict;
	uint32_t rule_flags;
};

/* Everything up to the next statement belongs to this one. */
static size_t skip_rest(struct nft_words *words, size_t i, const struct statement *statement)
{
	(void)statement;
	for (i++; i < words->n && !nft_is_statement(words->word[i]); i++) {
	}
	return i;
}

static size_t skip_as_condition(struct nft_words *words, size_t i,
				const struct statement *statement)
{
	size_t end = skip_rest(words, i, statement);

	nft_other(words, i, end);
	return end;
}

static size_t take_jump(struct nft_words *words, size_t i, const struct statement *statement)
{
	(void)statement;
	words->rule->target = nft_unquote(nft_word(words, i + 1));
	return i + 2;
}

static size_t take_counter(struct nft_words *words, size_t i, const struct statement *statement)
{
	struct rule *rule = words->rule;

	(void)statement;
	if (nft_is_word(words, i + 1, STR("name")))
		return i + 3;
	if (!nft_is_word(words, i + 1, STR("packets")))
		return i + 1;
	if (value_number64(nft_word(words, i + 2), &rule->packets) &&
	    value_number64(nft_word(words, i + 4), &rule->bytes))
		rule->flags |= RULE_COUNTERS;
	return i + 5;
}

static size_t take_comment(struct nft_words *words, size_t i, const struct statement *statement)
{
	(void)statement;
	words->rule->comment = nft_unquote(nft_word(words, i + 1));
	return i + 2;
}

/* clang-format off */
/* The options of `log`, each with as many words behind it; of `flags` some have one more. */
static const struct { struct str word; size_t words; } log_options[] = {
	{ S("prefix"), 1 }, { S("level"), 1 },   { S("group"), 1 }, { S("snaplen"), 1 },
	{ S("flags"), 1 },  { S("queue-threshold"), 1 },
};
/* clang-format on */

static size_t log_option(const struct nft_words *words, size_t i)
{
	for (size_t k = 0; k < sizeof(log_options) / sizeof(*log_options); k++)
		if (nft_is_word(words, i, log_options[k].word))
			return log_options[k].words;
	return 0;
}

static size_t take_log(struct nft_words *words, size_t i, const struct statement *statement)
{
	size_t n;

	if (!words->rule->target.n)
		words->rule->target = statement->word;
	for (i++; (n = log_option(words, i)); i += 1 + n) {
		if (nft_is_word(words, i, STR("prefix")))
			words->rule->prefix = nft_unquote(nft_word(words, i + 1));
		/* flags tcp sequence,options; flags ip options */
		if (nft_is_word(words, i, STR("flags")) &&
		    (nft_is_word(words, i + 1, STR("tcp")) || nft_is_word(words, i + 1, STR("ip"))))
			n++;
	}
	return i;
}

/* `reject with icmp type host-prohibited`, `reject with tcp reset` */
static size_t take_reject(struct nft_words *words, size_t i, const struct statement *statement)
{
	words->rule->target = statement->word;
	if (!nft_is_word(words, i + 1, STR("with")))
		return i + 1;
	return i + (nft_is_word(words, i + 3, STR("type")) ? 5 : 4);
}

static size_t take_queue(struct nft_words *words, size_t i, const struct statement *statement)
{
	words->rule->target = statement->word;
	return skip_rest(words, i, statement);
}

static struct nat_target *new_nat(struct nft_words *words, const struct xt_target *like)
{
	struct nat_target *nat = arena_alloc(words->load->arena, sizeof(*nat));

	if (!nat)
		return NULL;
	nat->source = like->flags & XT_TARGET_SOURCE;
	nat->by_device = like->flags & XT_TARGET_BY_DEVICE;
	nat->by_map = like->flags & XT_TARGET_BY_MAP;
	words->rule->nat = nat;
	return nat;
}

/* `snat ip to 10.0.0.1-10.0.0.5:1000-2000 persistent`, `masquerade to :1024-2048`, `dnat to map` */
static size_t take_nat(struct nft_words *words, size_t i, const struct statement *statement)
{
	const struct xt_target *like =
		xt_target_find(str_eq(statement->word, STR("snat"))	  ? STR("SNAT")
			       : str_eq(statement->word, STR("dnat"))	  ? STR("DNAT")
			       : str_eq(statement->word, STR("redirect")) ? STR("REDIRECT")
									  : STR("MASQUERADE"));
	struct nat_target *nat = like ? new_nat(words, like) : NULL;
	size_t end = skip_rest(words, i, statement);

	words->rule->target = statement->word;
	if (!nat)
		return end;
	while (i < end && !nft_is_word(words, i, STR("to")))
		i++;
	/* a map, an expression: the answer depends on the packet */
	if (i + 1 < end && !nat_parse(nft_word(words, i + 1), nat))
		nat->by_map = true;
	return end;
}

/* Where it translates to is not shown. */
static void xt_target(struct nft_words *words, struct str name)
{
	const struct xt_target *target = xt_target_find(name);

	words->rule->target = name;
	words->rule->verdict = target ? target->verdict : VERDICT_NONE;
	if (!target)
		return;
	if (target->flags & (XT_TARGET_SOURCE | XT_TARGET_DEST))
		new_nat(words, target);
}

/* `xt target "NFQUEUE"`, `xt match recent`: all that nft knows of an iptables extension */
static size_t take_xt(struct nft_words *words, size_t i, const struct statement *statement)
{
	struct str name = nft_unquote(nft_word(words, i + 2));

	(void)statement;
	if (nft_is_word(words, i + 1, STR("target"))) {
		xt_target(words, name);
		return i + 3;
	}
	if (xt_match_needs_ct(name))
		words->rule->flags |= RULE_NEEDS_CT;
	if (!str_eq(name, STR("comment")))
		nft_other(words, i, i + 3);
	return i + 3;
}

/* clang-format off */
static const struct statement statements[] = {
	{ S("accept"),     NULL,              true,  VERDICT_ACCEPT,   0 },
	{ S("drop"),       NULL,              true,  VERDICT_DROP,     0 },
	{ S("return"),     NULL,              true,  VERDICT_RETURN,   0 },
	{ S("continue"),   NULL,              true,  VERDICT_CONTINUE, 0 },
	{ S("jump"),       take_jump,         true,  VERDICT_JUMP,     0 },
	{ S("goto"),       take_jump,         true,  VERDICT_GOTO,     0 },
	{ S("reject"),     take_reject,       true,  VERDICT_REJECT,   0 },
	{ S("queue"),      take_queue,        true,  VERDICT_QUEUE,    0 },
	{ S("snat"),       take_nat,          true,  VERDICT_ACCEPT,   RULE_NEEDS_CT },
	{ S("dnat"),       take_nat,          true,  VERDICT_ACCEPT,   RULE_NEEDS_CT },
	{ S("masquerade"), take_nat,          true,  VERDICT_ACCEPT,   RULE_NEEDS_CT },
	{ S("redirect"),   take_nat,          true,  VERDICT_ACCEPT,   RULE_NEEDS_CT },
	{ S("synproxy"),   skip_rest,         true,  VERDICT_STOLEN,   RULE_NEEDS_CT },
	{ S("fwd"),        skip_rest,         true,  VERDICT_STOLEN,   0 },
	{ S("counter"),    take_counter,      false, VERDICT_NONE,     0 },
	{ S("comment"),    take_comment,      false, VERDICT_NONE,     0 },
	{ S("log"),        take_log,          false, VERDICT_NONE,     RULE_LOGS },
	{ S("xt"),         take_xt,           false, VERDICT_NONE,     0 },
	{ S("notrack"),    NULL,              false, VERDICT_NONE,     0 },
	{ S("tproxy"),     skip_rest,         false, VERDICT_NONE,     0 },
	{ S("dup"),        skip_rest,         false, VERDICT_NONE,     RULE_COPIES },
	{ S("last"),       skip_rest,         false, VERDICT_NONE,     0 },
	/* These end the rule when they are exceeded, or when the set is full. */
	{ S("limit"),      skip_as_condition, false, VERDICT_NONE,     0 },
	{ S("quota"),      skip_as_condition, false, VERDICT_NONE,     0 },
	{ S("add"),        skip_as_condition, false, VERDICT_NONE,     0 },
	{ S("update"),     skip_as_condition, false, VERDICT_NONE,     0 },
	{ S("delete"),     skip_as_condition, false, VERDICT_NONE,     0 },
	{ S("meter"),      skip_as_condition, false, VERDICT_NONE,     0 },
	{ S("flow"),       skip_as_condition, false, VERDICT_NONE,     0 },
};
/* clang-format on */

static const struct statement *find_statement(struct str word)
{
	for (size_t i = 0; i < sizeof(statements) / sizeof(*statements); i++)
		if (str_eq(statements[i].word, word))
			return &statements[i];
	return NULL;
}

bool nft_is_statement(struct str word)
{
	return find_statement(word) != NULL;
}

static size_t take_statement(struct nft_words *words, size_t i, const struct statement *statement)
{
	words->rule->flags |= statement->rule_flags;
	if (statement->sets) {
		words->rule->verdict = statement->verdict;
		words->rule->target = (struct str){ 0 };
	}
	return statement->take ? statement->take(words, i, statement) : i + 1;
}

void nft_rule_parse(struct load *load, struct rule *rule, enum family family, struct str text)
{
	struct nft_words words;
	bool whole;

	words.load = load;
	words.rule = rule;
	words.family = family;
	words.changed = false;
	whole = nft_words_cut(&words, text);
	rule->text = text;
	rule->flags |= nft_words_flags(&words);
	for (size_t i = 0; i < words.n;) {
		const struct statement *statement = find_statement(words.word[i]);

		i = statement ? take_statement(&words, i, statement) : nft_condition(&words, i);
	}
	if (!whole)
		conds_add(&load->conds, COND_OTHER, text);
	conds_into(&load->conds, load->arena, rule);
}
