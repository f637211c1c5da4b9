/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json_write.h - JSON as a stream: keys, values, commas, escaping */
#ifndef OUTPUT_JSON_WRITE_H
#define OUTPUT_JSON_WRITE_H

#include <stdint.h>
#include <stdio.h>

#include "nfhop/format.h"
#include "nfhop/str.h"

/**
 * struct json - where in a document we are; zero it, set @out, end with json_flush()
 * @comma: the next value is not the first of its array or object
 * @time: the stamp written last, and how: lines of a second often have the same
 * @depth: of brackets that are open
 * @n, @buf: what goes to @out next, at the latest when the last bracket closes
 *
 * In all functions @key is a constant of ours, NULL in an array.
 */
struct json {
	FILE *out;
	bool comma;
	struct stamp time;
	struct text time_text;
	unsigned int depth;
	size_t n;
	char buf[4096];
};

/* json_flush - what was written goes to the file; to be called before others write to it */
void json_flush(struct json *json);

/* json_raw - text that is JSON already */
void json_raw(struct json *json, const char *text);

/* json_open, json_close - @bracket is one of [ { and ] } */
void json_open(struct json *json, const char *key, char bracket);
void json_close(struct json *json, char bracket);

void json_null(struct json *json, const char *key);
void json_uint(struct json *json, const char *key, uint64_t value);
/* json_fact - null if it is not @known */
void json_fact(struct json *json, const char *key, bool known, uint64_t value);
/* json_nonzero - null if it is 0 */
void json_nonzero(struct json *json, const char *key, uint64_t value);
/* json_number - a number that is text already */
void json_number(struct json *json, const char *key, const char *digits);
/* json_word - a constant, null if it is NULL */
void json_word(struct json *json, const char *key, const char *word);
/* json_put_string - null if it is empty; bytes that are not UTF-8 become the text \xNN */
void json_put_string(struct json *json, const char *key, struct str s);
void json_addr(struct json *json, const char *key, bool known, const struct addr *addr);
/* json_time, json_uptime - null if the stamp does not say it */
void json_time(struct json *json, const char *key, const struct stamp *stamp);
void json_uptime(struct json *json, const char *key, const struct stamp *stamp);

#endif
