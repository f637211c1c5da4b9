/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json.h - reads JSON piece by piece into a tree that lives in an arena */
#ifndef NFHOP_RULESET_JSON_H
#define NFHOP_RULESET_JSON_H

#include "arena.h"

enum json_kind {
	JSON_NULL,
	JSON_TRUE,
	JSON_FALSE,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

/**
 * struct json_node - one value
 * @key: if it is an object's member
 * @text: of a string without quotes and escapes; of a number as written
 * @first: of an array or object, NULL if it is empty; @next: in the same one
 */
struct json_node {
	enum json_kind kind;
	struct str key, text;
	const struct json_node *first, *next;
};

/**
 * struct json_reader - where in the text we are
 * @strings: for strings that had escapes; the others point into the text
 * @nodes: for the tree; may be reset between values
 * @bad: where it went wrong; @expected: a constant
 */
struct json_reader {
	const char *at, *end;
	struct arena *strings, *nodes;
	const char *bad, *expected;
};

/* json_read - Return: the value at @at, which moves behind it; NULL: see @bad, or no memory */
const struct json_node *json_read(struct json_reader *reader);

/* json_read_blanks - move to the next thing. Return: its first character, 0 at the end */
char json_read_blanks(struct json_reader *reader);
/* json_read_char - Return: true if @c comes next, which is taken; else @bad and @expected are set
 */
bool json_read_char(struct json_reader *reader, char c, const char *expected);
/* json_read_string - Return: true if a string comes next, which is taken; else as above */
bool json_read_string(struct json_reader *reader, struct str *s);

/* The rest takes NULL for a value that is not there, and says no or empty. */

/* json_node_get - Return: the member @key of @object, or NULL */
const struct json_node *json_node_get(const struct json_node *object, const char *key);
/* json_node_text - Return: the text of a string, empty if it is none */
struct str json_node_text(const struct json_node *value);

static inline bool json_node_is(const struct json_node *value, enum json_kind kind)
{
	return value && value->kind == kind;
}

/* json_node_first - Return: the first thing in an array or object, or NULL */
static inline const struct json_node *json_node_first(const struct json_node *value)
{
	return value ? value->first : NULL;
}

#endif
