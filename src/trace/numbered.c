/* SPDX-License-Identifier: GPL-2.0-or-later */
/* numbered.c - things by number, where numbers begin at a few places far from each other */
#include "assemble.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK 64

void *numbered_at(struct numbered *t, size_t number, size_t size)
{
	size_t block = number / BLOCK;

	if (block >= t->n) {
		size_t n = block + 1 + t->n;
		char **blocks = realloc(t->blocks, n * sizeof(*blocks));

		if (!blocks)
			return NULL;
		for (size_t i = t->n; i < n; i++)
			blocks[i] = NULL;
		t->blocks = blocks;
		t->n = n;
	}
	if (!t->blocks[block])
		t->blocks[block] = calloc(BLOCK, size);
	return t->blocks[block] ? t->blocks[block] + number % BLOCK * size : NULL;
}

void numbered_finish(struct numbered *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->blocks[i]);
	free(t->blocks);
}
