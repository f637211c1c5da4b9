/* SPDX-License-Identifier: GPL-2.0-or-later */
/* prefix_row.h - one row of the table of prefixes: a regular expression and what it stands for */
#ifndef NFHOP_DECODE_PREFIX_ROW_H
#define NFHOP_DECODE_PREFIX_ROW_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "nfhop/prefixes.h"

enum prefix_key { KEY_TABLE, KEY_CHAIN, KEY_HOOK, KEY_RULE, KEY_VERDICT, KEY_MAX };

/**
 * struct prefix_row - a way to write a prefix
 * @code: matches such a prefix; the row's owner frees it
 * @value: templates, checked; empty if nothing is said
 *
 * The strs point into the line it was read from, or to constants.
 */
struct prefix_row {
	struct str name;
	pcre2_code *code;
	struct str value[KEY_MAX];
};

/**
 * prefix_row_read - read NAME /REGEX/ KEY=VALUE...
 * @row: empty; after an error too its code is the owner's to free
 * @line: without its end; no blank in front, no comment
 * @err: all but file and line are filled in if the answer is -EINVAL; columns count from the
 *	beginning of @line
 *
 * Return: 0; -EINVAL; -ENOMEM.
 */
int prefix_row_read(struct prefix_row *row, struct str line, pcre2_compile_context *context,
		    struct prefixes_error *err);

/* struct piece - what a template begins with: a group, or bytes that stand for themselves */
struct piece {
	struct str text;
	bool group;
};

/* take_piece - off the front of a template; Return: false if a `$` is not followed by a name */
bool take_piece(struct str *template, struct piece *piece);

/* group_number - Return: the number of a regex's group, 0 if it has none of that name */
uint32_t group_number(const pcre2_code *code, struct str name);

/* value_sure - the value without the `?` that says: that is what comes next by default */
struct str value_sure(struct str value);

/* value_is_default - is the rule `default`? */
bool value_is_default(struct str value);

/* value_rule - Return: the number, 0 if it is none */
uint32_t value_rule(struct str value);

#endif
