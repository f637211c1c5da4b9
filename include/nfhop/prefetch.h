/* SPDX-License-Identifier: GPL-2.0-or-later */
/* prefetch.h - memory that is needed soon */
#ifndef NFHOP_PREFETCH_H
#define NFHOP_PREFETCH_H

#include <stddef.h>

#define CACHE_LINE 64 /* bytes, on nearly all machines */

/*
 * prefetch - bring @n bytes at @p into the caches; nothing happens if they are no memory. If @n is
 * constant this is one instruction a cache line, and one more
 */
static inline void prefetch(const void *p, size_t n)
{
	for (size_t at = 0; at < n; at += CACHE_LINE)
		__builtin_prefetch((const char *)p + at);
	__builtin_prefetch((const char *)p + n - 1);
}

#endif
