// SPDX-License-Identifier: GPL-2.0-or-later
/* edge.c - memory that ends at a forbidden page */
#include "edge.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static char *edge; /* the first byte of the forbidden page */

int map_edge(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *p = mmap(NULL, EDGE_ROOM + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		       -1, 0);

	(void)state;
	if (p == MAP_FAILED || mprotect(p + EDGE_ROOM, page, PROT_NONE))
		return -1;
	edge = p + EDGE_ROOM;
	return 0;
}

struct str at_edge(struct str s)
{
	if (s.n)
		memcpy(edge - s.n, s.p, s.n);
	return (struct str){ edge - s.n, s.n };
}
