/* SPDX-License-Identifier: GPL-2.0-or-later */
/* regex.h - regular expressions, compiled once and asked often */
#ifndef NFHOP_QUERY_REGEX_H
#define NFHOP_QUERY_REGEX_H

#include "nfhop/str.h"

struct query_regex;

/* struct regex_trouble - what is wrong with one, and at which byte of it */
struct regex_trouble {
	size_t at;
	char text[160];
};

/**
 * regex_create - compile @pattern (heap)
 * @trouble: filled in if the answer is -EINVAL
 * Return: 0, -EINVAL or -ENOMEM
 */
int regex_create(struct str pattern, struct query_regex **regex, struct regex_trouble *trouble);
void regex_destroy(struct query_regex *regex);

/* regex_matches - somewhere in @s; a pattern that takes too long on it does not match */
bool regex_matches(const struct query_regex *regex, struct str s);

#endif
