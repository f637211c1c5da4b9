// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * json_form.c - JSON that many objects have in common, with blanks for their own values
 *
 * Theory of Operation
 *
 * Thousands of packets take the same path through the same devices, and their JSON differs in some
 * thirty numbers. So the first one is written the ordinary way into a form: text, and where a
 * value of its own would stand, a blank that says where in the packet it is. All that have an
 * equal key, the first one too, are then copied from the form and filled in. What JSON looks like
 * is said once, by the functions that write it the ordinary way.
 *
 * There is room for a bounded number of forms. If there is no more, all are forgotten: those that
 * are in use are made again soon.
 */
#include "json_form.h"

#include <stdlib.h>
#include <string.h>

#include "nfhop/hash.h"

#define FORMS	    1024
#define SLOTS	    (FORMS * 2)
#define KEY_WORDS   (FORMS * 32)
#define BLANKS	    (FORMS * 64)
#define TEXT_BYTES  ((size_t)FORMS * 4096)
#define MOST_BLANKS 1024 /* of one form */

/* struct blank - @what of @size bytes at @offset of part @part, behind @text bytes of the form's */
struct blank {
	uint32_t text, offset;
	uint8_t what, part, size;
};

/**
 * struct json_form - one form: ends of its key, blanks and text in those of struct json_forms
 * @alike: while it is being made
 * @unfit: it has no room, or a value in no part
 */
struct json_form {
	struct json_forms *all;
	const struct json_alike *alike;
	uint64_t hash;
	const uint64_t *key;
	struct blank *blanks;
	char *text;
	uint32_t n_key, n_blanks, n_text;
	bool unfit;
};

struct json_forms {
	struct json_counts counts;
	size_t n, n_key, n_blanks, n_text;
	uint16_t slots[SLOTS]; /* index + 1 in @forms, 0: free */
	struct json_form forms[FORMS];
	uint64_t key[KEY_WORDS];
	struct blank blanks[BLANKS];
	char text[TEXT_BYTES];
};

struct json *json_create(FILE *out)
{
	struct {
		struct json json;
		struct json_forms forms;
	} *both = calloc(1, sizeof(*both));

	if (!both)
		return NULL;
	both->json.out = out;
	both->json.forms = &both->forms;
	return &both->json;
}

struct json_counts json_counts(const struct json *json)
{
	return json->forms->counts;
}

void json_form_add(struct json_form *form, const char *text, size_t n)
{
	size_t room = (size_t)(form->all->text + TEXT_BYTES - form->text) - form->n_text;

	form->unfit |= n > room;
	if (form->unfit)
		return;
	memcpy(form->text + form->n_text, text, n);
	form->n_text += (uint32_t)n;
}

/* Which part of the object has @size bytes at @at? JSON_PARTS: none. */
static uint8_t part_of(const struct json_alike *alike, const void *at, size_t size)
{
	uint8_t i;

	for (i = 0; i < JSON_PARTS; i++) {
		uintptr_t offset = (uintptr_t)at - (uintptr_t)alike->parts[i].at;

		if (offset < alike->parts[i].size && size <= alike->parts[i].size - offset)
			break;
	}
	return i;
}

void json_form_blank(struct json_form *form, size_t n, enum json_value what, const void *at,
		     size_t size)
{
	size_t room = (size_t)(form->all->blanks + BLANKS - form->blanks) - form->n_blanks;
	uint8_t part = part_of(form->alike, at, size);

	form->unfit |= part == JSON_PARTS || !room || form->n_blanks == MOST_BLANKS;
	if (form->unfit)
		return;
	form->blanks[form->n_blanks++] = (struct blank){
		.text = form->n_text + (uint32_t)n,
		.offset = (uint32_t)((uintptr_t)at - (uintptr_t)form->alike->parts[part].at),
		.what = (uint8_t)what,
		.part = part,
		.size = (uint8_t)size,
	};
}

/* put_text - to the buffer at @p; Return: what follows it, with room for a value */
static char *put_text(struct json *json, char *p, const char *text, size_t n)
{
	char *end = json->buf + sizeof(json->buf);

	if (n + JSON_VALUE <= (size_t)(end - p)) {
		memcpy(p, text, n);
		return p + n;
	}
	json->n = (size_t)(p - json->buf);
	json_text(json, (struct str){ text, n });
	if (sizeof(json->buf) - json->n < JSON_VALUE)
		json_flush(json);
	return json->buf + json->n;
}

static void fill(struct json *json, const struct json_form *form, const struct json_alike *alike)
{
	const struct blank *blank = form->blanks, *end = blank + form->n_blanks;
	char *p = json->buf + json->n;
	uint32_t at = 0;

	for (; blank < end; blank++) {
		const char *part = alike->parts[blank->part].at;

		p = put_text(json, p, form->text + at, blank->text - at);
		p = json_value(json, p, blank->what, part + blank->offset, blank->size);
		at = blank->text;
	}
	p = put_text(json, p, form->text + at, form->n_text - at);
	json->n = (size_t)(p - json->buf);
	form->all->counts.filled++;
}

static uint64_t hash_key(const struct json_alike *alike)
{
	uint64_t hash = alike->n;

	for (size_t i = 0; i < alike->n; i++)
		hash = hash_add(hash, alike->key[i]);
	return hash;
}

/* The slot of the form with that key, or the free one for it. */
static uint16_t *slot_of(struct json_forms *all, const struct json_alike *alike, uint64_t hash)
{
	size_t at = hash % SLOTS;

	for (; all->slots[at]; at = (at + 1) % SLOTS) {
		const struct json_form *form = &all->forms[all->slots[at] - 1];

		if (form->hash == hash && form->n_key == alike->n &&
		    !memcmp(form->key, alike->key, alike->n * sizeof(*alike->key)))
			break;
	}
	return &all->slots[at];
}

static void forget_all(struct json_forms *all)
{
	all->n = all->n_key = all->n_blanks = all->n_text = 0;
	memset(all->slots, 0, sizeof(all->slots));
}

static bool has_room(const struct json_forms *all)
{
	return all->n < FORMS && KEY_WORDS - all->n_key >= JSON_KEY &&
	       BLANKS - all->n_blanks >= MOST_BLANKS;
}

/* Have the object written into a form at the end of the others; Return: does it fit? */
static bool make(struct json *json, struct json_form *form, const struct json_alike *alike)
{
	bool comma = json->comma;

	json_flush(json);
	json->form = form;
	alike->put(json, alike->who);
	json_flush(json);
	json->form = NULL;
	json->comma = comma;
	return !form->unfit;
}

/* Return: the new form, or NULL if there is no room for it: then there are none. */
static const struct json_form *form_new(struct json *json, const struct json_alike *alike,
					uint64_t hash)
{
	struct json_forms *all = json->forms;
	struct json_form *form;
	uint64_t *key;

	if (!has_room(all))
		forget_all(all);
	form = &all->forms[all->n];
	key = &all->key[all->n_key];
	memcpy(key, alike->key, alike->n * sizeof(*key));
	*form = (struct json_form){
		.all = all,
		.alike = alike,
		.hash = hash,
		.key = key,
		.n_key = (uint32_t)alike->n,
		.blanks = &all->blanks[all->n_blanks],
		.text = &all->text[all->n_text],
	};
	if (!make(json, form, alike)) {
		forget_all(all);
		return NULL;
	}
	all->counts.made++;
	all->n_key += form->n_key;
	all->n_blanks += form->n_blanks;
	all->n_text += form->n_text;
	*slot_of(all, alike, hash) = (uint16_t)++all->n;
	return form;
}

void json_alike(struct json *json, const struct json_alike *alike)
{
	const struct json_form *form = NULL;
	uint64_t hash;
	uint16_t slot;

	json_key(json, NULL);
	json->comma = false;
	if (json->forms && !json->form) {
		hash = hash_key(alike);
		slot = *slot_of(json->forms, alike, hash);
		form = slot ? &json->forms->forms[slot - 1] : form_new(json, alike, hash);
	}
	if (form)
		fill(json, form, alike);
	else
		alike->put(json, alike->who);
	json->comma = true;
}
