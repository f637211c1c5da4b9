/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arena.h - memory that is given out piece by piece and taken back all at once */
#ifndef NFHOP_RULESET_ARENA_H
#define NFHOP_RULESET_ARENA_H

#include "nfhop/str.h"

struct arena_chunk;

/**
 * struct arena - zero it to begin
 * @failed: some request could not be met; whoever finishes a job looks here once
 */
struct arena {
	struct arena_chunk *head;
	bool failed;
};

/* arena_alloc - Return: @n zero bytes, aligned for anything, or NULL (and @failed is set) */
void *arena_alloc(struct arena *arena, size_t n);
/* arena_copy - Return: a copy of @n bytes at @from, or NULL */
void *arena_copy(struct arena *arena, const void *from, size_t n);
/* arena_str - Return: a copy of @s, empty if there is no memory */
struct str arena_str(struct arena *arena, struct str s);
/*
 * arena_file - the same for a whole file, which ends where its memory ends, so that reading on is
 * found out. Return: its p is not NULL even if it is empty, but NULL without memory.
 */
struct str arena_file(struct arena *arena, struct str s);
/* arena_reset - take everything back, but keep the newest chunk for what comes next */
void arena_reset(struct arena *arena);
void arena_finish(struct arena *arena);

/**
 * struct text - a string that grows; zero it to begin, text_finish() it
 * @failed: something is missing from it for want of memory
 */
struct text {
	char *p;
	size_t n, cap;
	bool failed;
};

void text_add(struct text *text, struct str s);
void text_add_char(struct text *text, char c);
void text_finish(struct text *text);

static inline struct str text_str(const struct text *text)
{
	return (struct str){ text->p, text->n };
}

#endif
