/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xt_option.h - the options of iptables rules that are understood, and what each does to a rule */
#ifndef NFHOP_RULESET_XT_OPTION_H
#define NFHOP_RULESET_XT_OPTION_H

#include "xt_spec.h"
#include "xt_words.h"

#define ARGS_MAX 2

/* Whose options come: the core's own only, those of the match last named, of the target. */
enum scope { SCOPE_MATCH, SCOPE_TARGET };

/**
 * struct spec - one rule being read
 * @start: where the current option begins, its `!` included
 * @negated: a `!` stands before it or before its value
 * @conditional: the kernel would not call the rule unconditional
 * @extra: the target has options
 */
struct spec {
	struct load *load;
	struct rule *rule;
	struct str rest;
	struct xt_spec_result result;
	struct nat_target *nat;
	const struct xt_target *target;
	enum scope scope;
	const char *start;
	bool negated, conditional, extra;
};

struct option;

struct args {
	struct str word[ARGS_MAX];
	struct str text; /* the whole condition as written */
};

struct option {
	struct str name;
	uint8_t n_args;
	bool of_target; /* else of a match, or of the core */
	void (*apply)(struct spec *spec, const struct option *option, const struct args *args);
	enum cond_field field;
	uint32_t arg;
};

/* xt_option_find - Return: NULL if it is none that is understood where it stands */
const struct option *xt_option_find(const struct spec *spec, struct str word);

/**
 * xt_match_is_known - are the options of this match in the table?
 * @hint: becomes the family that it alone has; else stays
 */
bool xt_match_is_known(struct str name, enum family *hint);

/* xt_add_cond - Return: the new condition, negated if a `!` was there, or NULL */
struct cond *xt_add_cond(struct spec *spec, enum cond_field field, struct str text);

/* xt_add_num - the same, of one span */
void xt_add_num(struct spec *spec, enum cond_field field, struct str text, struct num_span span);

/* xt_apply_match - `-m NAME`; with all its options if they are not known (xt_spec.c) */
void xt_apply_match(struct spec *spec, const struct option *option, const struct args *args);

#endif
