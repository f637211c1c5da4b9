/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arena.c - memory that is given out piece by piece and taken back all at once */
#include "arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

#define CHUNK_SIZE ((size_t)256 * 1024)

struct arena_chunk {
	struct arena_chunk *next;
	size_t used, size;
	alignas(max_align_t) char bytes[];
};

static struct arena_chunk *chunk_create(size_t size)
{
	struct arena_chunk *chunk;

	if (size > SIZE_MAX - sizeof(*chunk))
		return NULL;
	/* calloc: fresh pages are zero already, so nothing is touched before it is used */
	chunk = calloc(1, sizeof(*chunk) + size);
	if (chunk)
		chunk->size = size;
	return chunk;
}

/* A piece as large as a chunk gets its own, behind the head, so that the head stays in use. */
static struct arena_chunk *arena_grow(struct arena *arena, size_t n, bool alone)
{
	struct arena_chunk *chunk = chunk_create(alone || n > CHUNK_SIZE ? n : CHUNK_SIZE);

	if (!chunk)
		return NULL;
	if (arena->head && (alone || n >= CHUNK_SIZE)) {
		chunk->next = arena->head->next;
		arena->head->next = chunk;
	} else {
		chunk->next = arena->head;
		arena->head = chunk;
	}
	return chunk;
}

void *arena_alloc(struct arena *arena, size_t n)
{
	struct arena_chunk *chunk = arena->head;
	const size_t align = alignof(max_align_t);
	void *at;

	if (n > SIZE_MAX - align)
		chunk = NULL;
	n = (n + align - 1) / align * align;
	if (!chunk || n > chunk->size - chunk->used)
		chunk = arena_grow(arena, n, false);
	if (!chunk) {
		arena->failed = true;
		return NULL;
	}
	at = chunk->bytes + chunk->used;
	chunk->used += n;
	return at;
}

struct str arena_file(struct arena *arena, struct str s)
{
	struct arena_chunk *chunk = arena_grow(arena, s.n, true);

	if (!chunk) {
		arena->failed = true;
		return (struct str){ 0 };
	}
	if (s.n)
		memcpy(chunk->bytes, s.p, s.n);
	chunk->used = chunk->size;
	return (struct str){ chunk->bytes, s.n };
}

void *arena_copy(struct arena *arena, const void *from, size_t n)
{
	void *to = arena_alloc(arena, n);

	if (to && n)
		memcpy(to, from, n);
	return to;
}

struct str arena_str(struct arena *arena, struct str s)
{
	char *p = s.n ? arena_copy(arena, s.p, s.n) : NULL;

	return (struct str){ p, p ? s.n : 0 };
}

static void free_chunks(struct arena_chunk *chunk)
{
	struct arena_chunk *next;

	for (; chunk; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
}

void arena_reset(struct arena *arena)
{
	struct arena_chunk *chunk = arena->head;

	if (!chunk)
		return;
	free_chunks(chunk->next);
	chunk->next = NULL;
	memset(chunk->bytes, 0, chunk->used);
	chunk->used = 0;
}

void arena_finish(struct arena *arena)
{
	free_chunks(arena->head);
	*arena = (struct arena){ 0 };
}

static bool text_room(struct text *text, size_t n)
{
	size_t cap = text->cap ? text->cap : 256;
	char *p;

	if (n <= text->cap - text->n)
		return true;
	while (cap - text->n < n) {
		if (cap > SIZE_MAX / 2)
			goto failed;
		cap *= 2;
	}
	p = realloc(text->p, cap);
	if (!p)
		goto failed;
	text->p = p;
	text->cap = cap;
	return true;
failed:
	text->failed = true;
	return false;
}

void text_add(struct text *text, struct str s)
{
	if (!s.n || !text_room(text, s.n))
		return;
	memcpy(text->p + text->n, s.p, s.n);
	text->n += s.n;
}

void text_add_char(struct text *text, char c)
{
	text_add(text, (struct str){ &c, 1 });
}

void text_finish(struct text *text)
{
	free(text->p);
	*text = (struct text){ 0 };
}
