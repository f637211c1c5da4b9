/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_value.h - what an nft rule compares a field with: one value, or the elements of a set */
#ifndef NFHOP_RULESET_NFT_VALUE_H
#define NFHOP_RULESET_NFT_VALUE_H

#include "cond.h"

enum value_kind {
	V_ADDR,
	V_NAME,
	V_PROTO,
	V_PORT,
	V_TYPE,
	V_CODE,
	V_FLAGS,
	V_MARK,
	V_FAMILY,
	V_CT
};

/**
 * struct selector - a field that can be checked
 * @second: empty if one word says it
 * @proto, @family: implied, 0 if nothing is
 */
struct selector {
	struct str first, second;
	enum cond_field field;
	enum value_kind kind;
	uint8_t proto;
	enum family family;
};

/* nft_num_value - one element that is not an address or a name: @span gets the values that fit */
bool nft_num_value(const struct selector *selector, struct str word, struct num_span *span);

/* nft_next_element - take the next element off a set's inside; commas in strings do not count */
struct str nft_next_element(struct str *list);
/* nft_element_key - `10.0.0.1 timeout 1h`, `22 : accept`: what is compared; @part: of it, from 0 */
struct str nft_element_key(struct str element, int part);

/* nft_element_value - `22 : accept`: what a map gives for it, empty if nothing */
struct str nft_element_value(struct str element);

#define NFT_WHOLE (-1)

/**
 * nft_read_elements - read every element of a list into an array of the kind
 * @part: NFT_WHOLE, or from 0 the one of its key (`10.0.0.1 . 22 : accept`) that is wanted
 * @cond: receives it
 * Return: how many, 0 if one is odd
 */
uint32_t nft_read_elements(struct arena *arena, const struct selector *selector, struct str list,
			   int part, struct cond *cond);

#endif
