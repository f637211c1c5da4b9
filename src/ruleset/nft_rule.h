/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_rule.h - reads one rule in nft's own words */
#ifndef NFHOP_RULESET_NFT_RULE_H
#define NFHOP_RULESET_NFT_RULE_H

#include "build.h"

/* nft_rule_parse - fill @rule, of a table of @family, from @text, which must live in the arena */
void nft_rule_parse(struct load *load, struct rule *rule, enum family family, struct str text);

/**
 * nft_quote_end - where the string that is opened at @p ends
 *
 * Return: behind its closing quote, or NULL if it is not closed before @end.
 */
const char *nft_quote_end(const char *p, const char *end);

/* nft_unquote - without the quotes around it, if it has them */
struct str nft_unquote(struct str s);

#define NFT_WORDS_MAX 400

/**
 * struct nft_words - a rule taken apart
 * @word: blanks separate; strings, `{ ... }` and `( ... )` are one word each
 * @changed: a statement in front has changed the packet or its mark, so that what comes later
 *	cannot be compared with the packet as the trace shows it
 */
struct nft_words {
	struct load *load;
	struct rule *rule;
	enum family family;
	struct str word[NFT_WORDS_MAX];
	size_t n;
	bool changed;
};

/* nft_words_cut - Return: false if there are too many words; those that fit are there */
bool nft_words_cut(struct nft_words *words, struct str text);

/* nft_words_flags - the same as rule_text_flags() */
uint32_t nft_words_flags(const struct nft_words *words);

/* nft_map_flags - the flags of a rule whose verdict map has these elements; empty: not known */
uint32_t nft_map_flags(struct str elements);

/* nft_word - Return: word @i, empty behind the last */
static inline struct str nft_word(const struct nft_words *words, size_t i)
{
	return i < words->n ? words->word[i] : (struct str){ 0 };
}

static inline bool nft_is_word(const struct nft_words *words, size_t i, struct str is)
{
	return i < words->n && str_eq(words->word[i], is);
}

/* nft_words_text - Return: the text from word @from up to, not including, word @to */
struct str nft_words_text(const struct nft_words *words, size_t from, size_t to);

/* nft_selector - how many words from @i on name a field of the packet, 0 if none do */
size_t nft_selector(const struct nft_words *words, size_t i);

/* nft_operand_end - Return: behind the selector or the value at @i */
size_t nft_operand_end(const struct nft_words *words, size_t i);
/* nft_joins_end - Return: behind what `.`, `&`, `|`, ... join to the words before @i */
size_t nft_joins_end(const struct nft_words *words, size_t i);
/* nft_value_end - Return: behind the value of the expression whose selector ends before @i */
size_t nft_value_end(const struct nft_words *words, size_t i);
/* nft_is_compare - true for `==`, `!=`, `<`, ... */
bool nft_is_compare(struct str word);

/**
 * nft_condition - read the expression at @i, add what it asks for to the rule's conditions
 *
 * Return: the number of the word behind it, or @i if none begins there.
 */
size_t nft_condition(struct nft_words *words, size_t i);

/* nft_is_statement - true for the first word of a statement */
bool nft_is_statement(struct str word);

/* nft_other - words @from to @to are a condition that cannot be checked */
void nft_other(struct nft_words *words, size_t from, size_t to);

#endif
