/* SPDX-License-Identifier: GPL-2.0-or-later */
/* prefetch.h - memory that is needed soon */
#ifndef NFHOP_PREFETCH_H
#define NFHOP_PREFETCH_H

#include <stddef.h>
#include <stdint.h>

#define CACHE_LINE 64 /* bytes, on nearly all machines */

/* prefetch - bring @n bytes at @p into the caches; nothing happens if they are no memory */
static inline void prefetch(const void *p, size_t n)
{
	uintptr_t first = (uintptr_t)p & ~(uintptr_t)(CACHE_LINE - 1);

	for (uintptr_t at = first; at < (uintptr_t)p + n; at += CACHE_LINE)
		__builtin_prefetch((const void *)at);
}

#endif
