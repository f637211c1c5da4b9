/* SPDX-License-Identifier: GPL-2.0-or-later */
/* tree.h - a query's inside: its memory, its rows, its parser, shared by the files of this room */
#ifndef NFHOP_QUERY_TREE_H
#define NFHOP_QUERY_TREE_H

#include "nfhop/query.h"

#include "lex.h"
#include "regex.h"

/* struct chunk - a piece of memory that lives as long as its query */
struct chunk {
	struct chunk *next;
};

struct query {
	struct chunk *chunks;
	const struct query_node *root;
	struct str text;
	unsigned int n_leaves;
	struct query_regex *regexes[QUERY_LEAVES_MAX];
	unsigned int n_regexes;
};

/* query_take - @n zeroed bytes that live as long as @q; NULL if there is no memory */
void *query_take(struct query *q, size_t n);

/**
 * struct parser - where we are in the text
 * @token: the one that is read next
 * @end: of the token before it
 * @depth: how many parentheses and nots are open
 * @status: 0, or what query_parse() will answer
 */
struct parser {
	struct query *q;
	struct query_error *err;
	struct str rest;
	struct token token;
	size_t end;
	unsigned int depth;
	int status;
};

/* parser_advance - go on to the next token */
void parser_advance(struct parser *p);
bool parser_is_word(const struct parser *p, const char *word);
/* parser_expected, parser_wrong - the next token, or @part, is not what it should be; false */
bool parser_expected(struct parser *p, const char *expected);
bool parser_wrong(struct parser *p, struct str part, const char *expected);
bool parser_no_memory(struct parser *p);
/**
 * parser_guess - which word was meant by the next token?
 * @word: word number @i of those that could stand there, NULL behind the last
 */
void parser_guess(struct parser *p, const char *(*word)(size_t i));

struct primitive;

/*
 * What follows the word of a primitive, one function a form. Each reads from the next token on,
 * fills in @node and leaves the token behind it; false after filling in the parser's error.
 */
typedef bool operand_fn(struct parser *p, struct query_node *node, const struct primitive *row);

operand_fn operand_none, operand_preset, operand_addr, operand_port, operand_proto, operand_name;
operand_fn operand_flags, operand_mark, operand_number, operand_uid, operand_at, operand_stopped;
operand_fn operand_outcome, operand_regex, operand_time;

/**
 * struct primitive - one row of the language
 * @word: what a user types; @argument, @help: for the manual
 * @preset: the number that the word itself stands for (tcp, ip6, dropped)
 * @operand: reads what follows
 * @limit: highest number it takes
 */
struct primitive {
	struct query_primitive shown;
	operand_fn *operand;
	uint32_t preset, limit;
};

/* primitives - ended by a row without a word */
extern const struct primitive primitives[];
/* primitive_find - Return: the row of that word, or NULL */
const struct primitive *primitive_find(struct str word);
/* primitive_preset - the row whose word alone stands for @number, or NULL */
const struct primitive *primitive_preset(enum query_kind kind, uint32_t number);
/* primitive_of - the first row of a kind that is no preset */
const struct primitive *primitive_of(enum query_kind kind);

/* address_prefix_mask - clear the bits of @addr behind the first @prefix */
void address_mask(struct addr *addr, unsigned int prefix);

/* glob_matches - @glob with * and ?, over the whole of @s */
bool glob_matches(struct str glob, struct str s);

/* name_print, place_print - as query_print() */
size_t name_print(struct str name, char *buf, size_t n);
size_t place_print(const struct query_place *place, char *buf, size_t n);

extern const char *const compare_words[]; /* by enum query_compare */

/* time_read - Return: false if @text is no time that --since takes */
bool time_read(struct str text, struct query_value *value);
/* time_print - the one form in which times are printed; @buf: TIME_SIZE bytes */
#define TIME_SIZE 64
void time_print(const struct query_value *value, char *buf);
bool time_holds(const struct query_value *value, bool since, const struct stamp *stamp,
		bool *known);

#endif
