/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_expr.h - writes expressions of nft's JSON in nft's own words */
#ifndef NFHOP_RULESET_NFT_EXPR_H
#define NFHOP_RULESET_NFT_EXPR_H

#include "nfhop/words.h"

#include "arena.h"
#include "json.h"

#define NFT_DEPTH_MAX 24 /* nested expressions and statements; nft itself stops earlier */

/**
 * struct print - how values are to be written here
 * @family: of the table
 * @typed: the expression whose values they are, which says how nft writes them; NULL: plainly
 * @keyed: the same of a map's keys
 * @names: what a map gives are names of objects
 * @range: they are the ends of a range
 */
struct print {
	struct text *text;
	enum family family;
	const struct json_node *typed, *keyed;
	bool names, range;
	int depth;
};

/* struct printer - how an object is written whose only member has this key */
struct printer {
	struct str key;
	void (*put)(struct print *print, const struct json_node *value, struct str key);
};

/* nft_printer - Return: the one of @n for @key; one that writes the bare key if there is none */
const struct printer *nft_printer(const struct printer *printers, size_t n, struct str key);

#define NFT_PRINTER(printers, key)                                                                 \
	nft_printer(printers, sizeof(printers) / sizeof(*(printers)), key)

/* nft_put_expr - write any value; nothing if there is none */
void nft_put_expr(struct print *print, const struct json_node *value);
void nft_put(struct print *print, const char *z);
/* nft_put_member - write the text of a member that is a string */
/* nft_put_elements - those of a set or a map, with commas between them */
void nft_put_elements(struct print *print, const struct json_node *value);
void nft_put_member(struct print *print, const struct json_node *object, const char *key);

/* The kinds of statements that are written like expressions. */
void nft_put_map(struct print *print, const struct json_node *value, struct str key);
void nft_put_jump(struct print *print, const struct json_node *value, struct str key);

/* nft_put_number, nft_put_string - a value as its type is written */
void nft_put_number(struct print *print, struct str number);
void nft_put_string(struct print *print, const struct json_node *value);
/* nft_put_quoted - a string in quotes */
void nft_put_quoted(struct print *print, const struct json_node *value);
/* nft_put_seconds - "1h30m" */
void nft_put_seconds(struct print *print, const struct json_node *seconds);

/*
 * nft_key_is - does the field that is compared, through masks, have a @member of its @object
 * that is @is? As in { "meta": { "key": "mark" } }.
 */
bool nft_key_is(const struct json_node *value, const char *object, const char *member,
		struct str is);

#endif
