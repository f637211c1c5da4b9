/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * does.c - what a rule does beside its verdict, read off its words
 *
 * iptables' words and nft's are told apart by themselves, so that a rule that only a trace prints
 * is read like those of a rule set. What an iptables extension does stands with the targets
 * (xt_words.c).
 */
#include "lit.h"
#include "nft_rule.h"
#include "nft_value.h"
#include "xt_words.h"

#define WORDS_MAX 4

/* clang-format off */
/* At each word the first row that fits counts, and the words behind it come next. */
static const struct { struct str word[WORDS_MAX]; uint32_t flags; } doings[] = {
	{ { S("reject") },                              RULE_REJECTS },
	{ { S("notrack") },                             RULE_NOTRACK },
	{ { S("--notrack") },                           RULE_NOTRACK },
	{ { S("tproxy"), S("to") },                     RULE_TO_SOCKET },
	{ { S("tproxy"), S("ip"), S("to") },            RULE_TO_SOCKET },
	{ { S("tproxy"), S("ip6"), S("to") },           RULE_TO_SOCKET },
	{ { S("nftrace"), S("set"), S("1") },           RULE_SETS_TRACE },
	{ { S("nftrace"), S("set") },                   0 },
	{ { S("-m"), S("set") },                        0 },
	{ { S("dup"), S("to") },                        RULE_COPIES },
	{ { S("ct"), S("mark"), S("set") },             RULE_SAVES_MARK },
	{ { S("mark"), S("set"), S("ct"), S("mark") },  RULE_SETS_MARK | RULE_RESTORES_MARK },
	{ { S("mark"), S("set") },                      RULE_SETS_MARK },
	{ { S("CONNMARK"), S("--set-mark") },           RULE_SAVES_MARK },
	{ { S("CONNMARK"), S("--set-xmark") },          RULE_SAVES_MARK },
	{ { S("--save-mark") },                         RULE_SAVES_MARK },
	{ { S("--restore-mark") },                      RULE_RESTORES_MARK },
	{ { S("zone"), S("set") },                      RULE_SETS_ZONE },
	{ { S("--zone") },                              RULE_SETS_ZONE },
	{ { S("--zone-orig") },                         RULE_SETS_ZONE },
	{ { S("--zone-reply") },                        RULE_SETS_ZONE },
	/* as `iptables -L` has them */
	{ { S("CONNMARK"), S("set") },                  RULE_SAVES_MARK },
	{ { S("CONNMARK"), S("xset") },                 RULE_SAVES_MARK },
	{ { S("CONNMARK"), S("save") },                 RULE_SAVES_MARK },
	{ { S("CONNMARK"), S("restore") },              RULE_RESTORES_MARK },
	{ { S("CT"), S("zone") },                       RULE_SETS_ZONE },
	{ { S("CT"), S("zone-orig") },                  RULE_SETS_ZONE },
	{ { S("CT"), S("zone-reply") },                 RULE_SETS_ZONE },
};

/* The word behind these is a name: of a chain, or where @target also of an extension. */
static const struct { struct str word; bool target; } namers[] = {
	{ S("-j"), true },    { S("--jump"), true },  { S("target"), true },
	{ S("-g"), false },   { S("--goto"), false }, { S("jump"), false }, { S("goto"), false },
};

/* nft(8), LOG STATEMENT, and counters, which fit every packet. @value: a word follows */
static const struct { struct str word; bool value; } log_words[] = {
	{ S("prefix"), true },   { S("group"), true },            { S("level"), true },
	{ S("snaplen"), true },  { S("queue-threshold"), true },  { S("flags"), true },
	{ S("counter"), false }, { S("packets"), true },          { S("bytes"), true },
	/* "flags tcp sequence,options", "flags ip options" */
	{ S("sequence"), false }, { S("options"), false },        { S("sequence,options"), false },
};
/* clang-format on */

/* Do all words of a row stand at @i? Return: how many, 0 if not */
static size_t row_fits(const struct nft_words *words, size_t i, const struct str *row)
{
	size_t n = 0;

	while (n < WORDS_MAX && row[n].n && nft_is_word(words, i + n, row[n]))
		n++;
	return n == WORDS_MAX || !row[n].n ? n : 0;
}

/* Return: how many words say what is done, at @i; 0 if none do */
static size_t take_doing(const struct nft_words *words, size_t i, uint32_t *flags)
{
	for (size_t k = 0; k < sizeof(doings) / sizeof(*doings); k++) {
		const struct str *row = doings[k].word;
		size_t n = *row->p == *words->word[i].p ? row_fits(words, i, row) : 0;

		if (!n)
			continue;
		*flags |= doings[k].flags;
		return n;
	}
	return 0;
}

/* Behind a target's name stand its options, which begin with it in some rows. */
static size_t take_name(const struct nft_words *words, size_t i, uint32_t *flags)
{
	for (size_t k = 0; k < sizeof(namers) / sizeof(*namers); k++) {
		const struct xt_target *target;

		if (!nft_is_word(words, i, namers[k].word))
			continue;
		target = namers[k].target ? xt_target_find(nft_unquote(nft_word(words, i + 1)))
					  : NULL;
		*flags |= target ? target->rule_flags : 0;
		return target ? 1 : 2;
	}
	return 1;
}

/* Return: how many words at @i belong to a log statement, or fit every packet */
static size_t log_word(const struct nft_words *words, size_t i)
{
	for (size_t k = 0; k < sizeof(log_words) / sizeof(*log_words); k++)
		if (nft_is_word(words, i, log_words[k].word))
			return log_words[k].value ? 2 : 1;
	return 0;
}

/* What stands between `log` and the verdict may not fit each packet that was logged. */
static bool log_ends(const struct nft_words *words, size_t i)
{
	size_t n;

	while ((n = log_word(words, i)))
		i += n;
	return nft_is_word(words, i, STR("drop")) || nft_is_word(words, i, STR("reject"));
}

static bool is_one_of(const struct nft_words *words, size_t i, const struct str *these, size_t n)
{
	for (size_t k = 0; k < n; k++)
		if (nft_is_word(words, i, these[k]))
			return true;
	return false;
}

/* What word @i, which is not the first one, says of the packet, or of a set, being changed */
static uint32_t alters(const struct nft_words *words, size_t i)
{
	static const struct str ends[] = { S("saddr"), S("daddr"), S("sport"), S("dport") };
	static const struct str changes[] = { S("add"), S("update"), S("delete") };

	if (nft_is_word(words, i, STR("set")))
		return RULE_ALTERS | (is_one_of(words, i - 1, ends, 4) ? RULE_SETS_ENDS : 0);
	return *words->word[i].p == '@' && is_one_of(words, i - 1, changes, 3) ? RULE_ALTERS : 0;
}

#define LETTER(c) (UINT64_C(1) << ((c)&63))

/* Most words begin no row of the two tables: the first letter tells, of `tcp` the length. */
static bool may_begin(struct str word)
{
	const uint64_t letters = LETTER('n') | LETTER('-') | LETTER('t') | LETTER('c') |
				 LETTER('m') | LETTER('C') | LETTER('z') | LETTER('j') |
				 LETTER('g') | LETTER('r');

	return word.n != 3 && (letters >> (*word.p & 63) & 1);
}

uint32_t nft_words_flags(const struct nft_words *words)
{
	uint32_t flags = 0;

	for (size_t i = 0, n; i < words->n; i += n) {
		n = 1;
		if (str_eq(words->word[i], STR("log")) && log_ends(words, i + 1))
			flags |= RULE_LOG_ENDS;
		if (i)
			flags |= alters(words, i);
		if (!may_begin(words->word[i]))
			continue;
		n = take_doing(words, i, &flags);
		if (!n)
			n = take_name(words, i, &flags);
	}
	return flags;
}

uint32_t nft_map_flags(struct str elements)
{
	uint32_t flags = elements.n ? 0 : RULE_MAP_ACCEPTS;

	while (elements.n)
		if (str_eq(nft_element_value(nft_next_element(&elements)), STR("accept")))
			flags |= RULE_MAP_ACCEPTS;
	return flags | RULE_VERDICT_MAP;
}

uint32_t rule_text_flags(struct str text)
{
	struct nft_words words;

	nft_words_cut(&words, text);
	return nft_words_flags(&words);
}

uint32_t rule_flags(const struct rule *rule, struct str text)
{
	return rule ? rule->flags : rule_text_flags(text);
}
