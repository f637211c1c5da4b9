/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json_write.h - JSON as a stream: keys, values, commas, escaping */
#ifndef OUTPUT_JSON_WRITE_H
#define OUTPUT_JSON_WRITE_H

#include <stdint.h>
#include <stdio.h>

#include "nfhop/format.h"
#include "nfhop/str.h"

#define JSON_BUFFER 8192
#define JSON_VALUE  64 /* room for any value of enum json_value */

/* What a value is in memory; how many bytes it has says the caller. */
enum json_value { JSON_NUMBER, JSON_ADDR, JSON_TIME, JSON_UPTIME };

/**
 * struct json - where in a document we are; zero it, set @out, end with json_flush()
 * @comma: the next value is not the first of its array or object
 * @depth: of brackets that are open
 * @second: of the time that was written last
 * @forms: what was written before and is only filled in, NULL: nothing; see json_form.h
 * @form: what is written goes there and not to @out, values leave blanks; NULL mostly
 * @n, @buf: what goes to @out next, at the latest when the last bracket closes
 *
 * In all functions @key is a constant of ours, NULL in an array.
 */
struct json {
	FILE *out;
	bool comma;
	unsigned int depth;
	struct format_second second;
	struct json_forms *forms;
	struct json_form *form;
	size_t n;
	char buf[JSON_BUFFER];
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
/*
 * The values of a form's blanks: what is said of them is known, null if not; they must stand in
 * memory that the form knows.
 */
/* json_field - a number of @size bytes at @at */
void json_field(struct json *json, const char *key, bool known, const void *at, size_t size);
#define JSON_FIELD(member) &(member), sizeof(member)
void json_addr(struct json *json, const char *key, bool known, const struct addr *addr);
/* json_time, json_uptime - null if the stamp does not say it */
void json_time(struct json *json, const char *key, const struct stamp *stamp);
void json_uptime(struct json *json, const char *key, const struct stamp *stamp);

/* json_key - the comma, if one is due, and the key, if it is not NULL */
void json_key(struct json *json, const char *key);
/* json_text - text that is JSON already */
void json_text(struct json *json, struct str s);
/* json_value - a value to @p, where JSON_VALUE bytes have room; Return: what follows it */
char *json_value(struct json *json, char *p, enum json_value what, const void *at, size_t size);

#endif
