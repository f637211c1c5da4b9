/* SPDX-License-Identifier: GPL-2.0-or-later */
/* grow.h - arrays that get one element more at a time */
#ifndef NFHOP_GROW_H
#define NFHOP_GROW_H

#include <stdlib.h>

/**
 * array_grow - room for one more of @size bytes than the @n that are there
 * @cap: how many there is room for; changed
 * Return: the array, perhaps elsewhere; NULL if there is no memory, then the old one stays
 */
static inline void *array_grow(void *array, size_t n, size_t *cap, size_t size)
{
	size_t more = *cap ? *cap * 2 : 64;
	void *grown;

	if (n < *cap)
		return array;
	grown = realloc(array, more * size);
	if (grown)
		*cap = more;
	return grown;
}

#endif
