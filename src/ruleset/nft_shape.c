/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_shape.c - how many words the expressions of nft have, so that one finds the next one */
#include "nft_rule.h"

#include "lit.h"

/* clang-format off */
/* Words that begin an expression of @words words, unless a function below knows better. */
static const struct { struct str first; size_t words; } shapes[] = {
	{ S("meta"), 2 },    { S("ct"), 2 },       { S("ip"), 2 },       { S("ip6"), 2 },
	{ S("tcp"), 2 },     { S("udp"), 2 },      { S("udplite"), 2 },  { S("sctp"), 2 },
	{ S("dccp"), 2 },    { S("th"), 2 },       { S("icmp"), 2 },     { S("icmpv6"), 2 },
	{ S("igmp"), 2 },    { S("ether"), 2 },    { S("vlan"), 2 },     { S("arp"), 2 },
	{ S("esp"), 2 },     { S("ah"), 2 },       { S("comp"), 2 },     { S("gre"), 2 },
	{ S("frag"), 2 },    { S("hbh"), 2 },      { S("rt"), 2 },       { S("rt0"), 2 },
	{ S("dst"), 2 },     { S("mh"), 2 },       { S("exthdr"), 2 },   { S("socket"), 2 },
	{ S("osf"), 2 },     { S("fib"), 2 },      { S("numgen"), 4 },   { S("symhash"), 3 },
	{ S("iif"), 1 },     { S("oif"), 1 },      { S("iifname"), 1 },  { S("oifname"), 1 },
	{ S("iiftype"), 1 }, { S("oiftype"), 1 },  { S("iifgroup"), 1 }, { S("oifgroup"), 1 },
	{ S("mark"), 1 },    { S("skuid"), 1 },    { S("skgid"), 1 },    { S("pkttype"), 1 },
	{ S("cpu"), 1 },     { S("rtclassid"), 1 },{ S("l4proto"), 1 },  { S("protocol"), 1 },
	{ S("cgroup"), 1 },  { S("nftrace"), 1 },  { S("length"), 1 },   { S("priority"), 1 },
};
/* clang-format on */

static bool is_any_of(struct str word, const struct str *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(list[i], word))
			return true;
	return false;
}

#define IS_ANY_OF(word, list) is_any_of(word, list, sizeof(list) / sizeof(*(list)))

/* `fib saddr . iif oif`: its own words end with what is asked of it */
static size_t fib_words(const struct nft_words *words, size_t i)
{
	static const struct str ends[] = { S("type"), S("oif"), S("oifname"), S("check") };
	size_t n = 2;

	/* an iif behind the dot is a key, an oif without a dot before it is the question */
	while (i + n < words->n &&
	       (!IS_ANY_OF(words->word[i + n], ends) || nft_is_word(words, i + n - 1, STR("."))))
		n++;
	return n + 1;
}

/* `ct original ip saddr`, `tcp option maxseg size`, `arp saddr ip`, `numgen inc mod 2 offset 1` */
static size_t longer_shape(const struct nft_words *words, size_t i, size_t n)
{
	static const struct str directions[] = { S("original"), S("reply") };
	static const struct str layers[] = { S("ip"), S("ip6"), S("ether") };
	static const struct str presence[] = { S("exists"), S("missing") };
	struct str first = words->word[i];
	struct str second = nft_word(words, i + 1);

	if (str_eq(first, STR("fib")))
		return fib_words(words, i);
	if (str_eq(first, STR("ct")) && IS_ANY_OF(second, directions))
		return IS_ANY_OF(nft_word(words, i + 2), layers) ? 4 : 3;
	if (str_eq(second, STR("option")) || str_eq(second, STR("chunk")))
		return IS_ANY_OF(nft_word(words, i + 3), presence) ? 3 : 4;
	if (str_eq(first, STR("arp")) && IS_ANY_OF(nft_word(words, i + 2), layers))
		return 3;
	if (str_eq(first, STR("rt")) && IS_ANY_OF(second, layers))
		return 3;
	if (str_eq(first, STR("socket")) && nft_is_word(words, i + 2, STR("level")))
		return 4;
	return n + 2 * nft_is_word(words, i + n, STR("offset"));
}

size_t nft_selector(const struct nft_words *words, size_t i)
{
	struct str first = nft_word(words, i);

	if (first.n && (*first.p == '@' || *first.p == '('))
		return 1; /* @th,16,16 */
	for (size_t k = 0; k < sizeof(shapes) / sizeof(*shapes); k++)
		if (str_eq(shapes[k].first, first))
			return longer_shape(words, i, shapes[k].words);
	return 0;
}

static const struct str compares[] = { S("=="), S("!="), S("<"),  S(">"),  S("<="), S(">="), S("!"),
				       S("eq"), S("ne"), S("lt"), S("gt"), S("le"), S("ge") };
static const struct str joins[] = { S("."),  S("&"), S("|"),   S("^"),	S("<<"),
				    S(">>"), S("/"), S("and"), S("or"), S("xor") };

size_t nft_operand_end(const struct nft_words *words, size_t i)
{
	size_t n = nft_selector(words, i);

	i += n ? n : 1;
	return i < words->n ? i : words->n;
}

size_t nft_joins_end(const struct nft_words *words, size_t i)
{
	while (i < words->n && IS_ANY_OF(words->word[i], joins))
		i = nft_operand_end(words, i + 1);
	return i;
}

/* Return: behind the value of the expression whose selector ends before @i */
size_t nft_value_end(const struct nft_words *words, size_t i)
{
	i = nft_joins_end(words, i);
	if (i < words->n && IS_ANY_OF(words->word[i], compares))
		i++;
	/* the right side is a constant, even if it reads like a selector: `meta l4proto tcp` */
	for (i++; i < words->n && IS_ANY_OF(words->word[i], joins);)
		i += 2;
	if (nft_is_word(words, i, STR("map")))
		i += 2;
	return i < words->n ? i : words->n;
}

bool nft_is_compare(struct str word)
{
	return IS_ANY_OF(word, compares);
}
