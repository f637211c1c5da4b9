/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xt_spec.c - reads one rule in iptables' own words: what follows `-A CHAIN`
 *
 * Theory of operation. iptables has some sixty matches; those that speak of the packet's own
 * headers are taken apart by the table of options below, every other one becomes one condition
 * that cannot be checked, with all its options as text. So a match that is not known is never
 * taken for one that fits.
 */
#include "xt_option.h"
#include "lit.h"
#include "value.h"

/* clang-format off */
/* What ends the options of a match that is not known: the core's own words. */
static const struct str boundaries[] = {
	S("-m"), S("-j"), S("-g"), S("-c"), S("-p"), S("-s"), S("-d"), S("-i"), S("-o"), S("-f"),
	S("--match"), S("--jump"), S("--goto"), S("--set-counters"),
};
/* clang-format on */

static bool is_one_of(struct str word, const struct str *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(words[i], word))
			return true;
	return false;
}

#define IS_ONE_OF(word, words) is_one_of(word, words, sizeof(words) / sizeof(*(words)))

static bool is_negation(const struct xt_token *token)
{
	return token->raw.n == 1 && *token->raw.p == '!';
}

/* Return: the text from the current option's beginning to the end of @last, which is taken */
static struct str text_upto(struct spec *spec, struct str last)
{
	return str_between(spec->start, last.p + last.n);
}

/* skip_words - take words until @ends says so; Return: the last one taken, or @last */
static struct str skip_words(struct spec *spec, struct str last, bool (*ends)(struct str rest))
{
	struct xt_token token;
	struct str rest = spec->rest;

	while (!ends(rest) && xt_token_next(spec->load->arena, &rest, &token)) {
		last = token.raw;
		spec->rest = rest;
	}
	return last;
}

/* The next raw word of @rest; a look ahead that copies nothing. */
static struct str peek_word(struct str *rest)
{
	struct str s = str_trim_left(*rest);
	size_t n = 0;

	while (n < s.n && s.p[n] != ' ' && s.p[n] != '\t' && s.p[n] != '\n')
		n++;
	*rest = str_skip(s, n);
	return str_first(s, n);
}

static bool ends_match(struct str rest)
{
	struct str word = peek_word(&rest);

	if (str_eq(word, STR("!")))
		word = peek_word(&rest);
	return IS_ONE_OF(word, boundaries) || (word.n && *word.p == '[');
}

static bool ends_values(struct str rest)
{
	struct str word = peek_word(&rest);

	return word.n && (*word.p == '-' || str_eq(word, STR("!")));
}

/* `-m conntrack [!] --ctstate A,B` and nothing else; SNAT and DNAT are no states of a packet */
static bool take_ct_state(struct spec *spec, struct str text)
{
	static const struct str words[][2] = { { S("conntrack"), S("--ctstate") },
					       { S("state"), S("--state") } };
	struct num_span span = { 0, 1, 0 };
	struct str rest = text, name, option;
	bool negated;

	peek_word(&rest);
	name = peek_word(&rest);
	option = peek_word(&rest);
	negated = str_eq(option, STR("!"));
	if (negated)
		option = peek_word(&rest);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!str_eq(name, words[i][0]) || !str_eq(option, words[i][1]) ||
		    !value_ct_states(peek_word(&rest), &span.mask) || str_trim_left(rest).n)
			continue;
		span.hi = span.mask;
		spec->negated = negated;
		xt_add_num(spec, COND_CT_STATE, text, span);
		return true;
	}
	return false;
}

void xt_apply_match(struct spec *spec, const struct option *option, const struct args *args)
{
	struct str name = args->word[0], text;

	(void)option;
	spec->conditional = true; /* even -m comment (formats.md 2.3) */
	spec->scope = SCOPE_MATCH;
	if (xt_match_is_known(name, &spec->result.hint))
		return;
	if (xt_match_needs_ct(name))
		spec->rule->flags |= RULE_NEEDS_CT;
	spec->negated = false; /* the words of its own options say it, as text */
	text = text_upto(spec, skip_words(spec, args->text, ends_match));
	if (!take_ct_state(spec, text))
		xt_add_cond(spec, COND_OTHER, text);
}

/* An option of the target's, or of a match that is known but for this one. */
static void unknown_option(struct spec *spec, const struct xt_token *token)
{
	struct str last = skip_words(spec, token->raw, ends_values);

	if (spec->scope == SCOPE_TARGET)
		spec->extra = true;
	else
		xt_add_cond(spec, COND_OTHER, text_upto(spec, last));
}

static bool take_args(struct spec *spec, const struct option *option, const struct xt_token *name,
		      struct args *args)
{
	struct xt_token token = *name;

	for (unsigned int i = 0; i < option->n_args; i++) {
		if (!xt_token_next(spec->load->arena, &spec->rest, &token))
			goto missing;
		if (is_negation(&token) && !i) { /* the old place: -s ! 10.0.0.0/8 */
			spec->negated = !spec->negated;
			if (!xt_token_next(spec->load->arena, &spec->rest, &token))
				goto missing;
		}
		args->word[i] = token.word;
	}
	args->text = text_upto(spec, token.raw);
	return true;
missing:
	if (str_trim_left(spec->rest).n)
		return false; /* a quote that is not closed */
	spec->result.bad = name->raw.p + name->raw.n;
	spec->result.expected = "a value for the option";
	return false;
}

/* `[recent: SET name: x]`: words of `iptables -L` that were not understood (list_row.c). */
static bool take_brackets(struct spec *spec, const struct xt_token *token)
{
	struct str from = str_between(token->raw.p, spec->rest.p + spec->rest.n);
	size_t end = str_find(from, STR("]"));

	if (*token->raw.p != '[' || end == from.n)
		return false;
	spec->rest = str_skip(from, end + 1);
	spec->negated = false;
	xt_add_cond(spec, COND_OTHER, str_first(str_skip(from, 1), end - 1));
	return true;
}

static bool take_option(struct spec *spec)
{
	const struct option *option;
	struct xt_token token;
	struct args args = { 0 };

	if (!xt_token_next(spec->load->arena, &spec->rest, &token))
		return false;
	spec->start = token.raw.p;
	if (take_brackets(spec, &token))
		return true;
	spec->negated = is_negation(&token);
	if (spec->negated && !xt_token_next(spec->load->arena, &spec->rest, &token))
		return false;
	option = xt_option_find(spec, token.word);
	if (!option) {
		unknown_option(spec, &token);
		return true;
	}
	if (!take_args(spec, option, &token, &args))
		return false;
	if (spec->scope == SCOPE_TARGET && option->of_target)
		spec->extra = true;
	option->apply(spec, option, &args);
	return true;
}

struct xt_spec_result xt_spec_parse(struct load *load, struct rule *rule, struct str spec_text)
{
	struct spec spec = { .load = load, .rule = rule, .rest = spec_text };
	struct str left;

	rule->text = spec_text;
	rule->flags |= rule_text_flags(spec_text);
	while (take_option(&spec)) {
	}
	left = str_trim_left(spec.rest);
	if (!spec.result.bad && left.n) {
		spec.result.bad = left.p;
		spec.result.expected = "a closing quote";
	}
	if (!spec.conditional && !spec.extra && spec.target &&
	    (spec.target->flags & XT_TARGET_STANDARD))
		rule->flags |= RULE_UNCONDITIONAL;
	conds_into(&load->conds, load->arena, rule);
	return spec.result;
}
