/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json_form.h - JSON that many objects have in common, with blanks for their own values */
#ifndef OUTPUT_JSON_FORM_H
#define OUTPUT_JSON_FORM_H

#include "json_write.h"

#define JSON_PARTS 3
#define JSON_KEY   192 /* words */

/* What is written by forms: the first word of a key begins with it. */
enum json_what { JSON_PACKET, JSON_FLOW_PATH };

/* struct json_part - a piece of memory; @size 0: none */
struct json_part {
	const void *at;
	size_t size;
};

/**
 * struct json_alike - an object that is like others
 * @key: @n words; objects with equal keys have the same JSON but for their blanks
 * @parts: memory that a blank's value may stand in; in objects of equal keys equal values stand
 *	equally far behind @at
 * @put: writes it the ordinary way; what it writes with json_field(), json_addr(), json_time()
 *	and json_uptime() are blanks
 */
struct json_alike {
	uint64_t key[JSON_KEY];
	size_t n;
	struct json_part parts[JSON_PARTS];
	void (*put)(struct json *json, const void *who);
	const void *who;
};

/* json_alike - write the object: in an array, or as the only one */
void json_alike(struct json *json, const struct json_alike *alike);

/* json_create - a writer with forms, none made yet (heap; one free() frees it all), or NULL */
struct json *json_create(FILE *out);
/* struct json_counts - forms that were made, objects that were written by filling in one */
struct json_counts {
	uint64_t made, filled;
};
struct json_counts json_counts(const struct json *json);

/* For the writer, while a form is made: */

/* json_form_add - text of it; json_form_blank - a blank behind what was added and @n bytes more */
void json_form_add(struct json_form *form, const char *text, size_t n);
void json_form_blank(struct json_form *form, size_t n, enum json_value what, const void *at,
		     size_t size);

#endif
