// SPDX-License-Identifier: GPL-2.0-or-later
/* recent.c - the newest records of live sources, which cannot be read again */
#include "recent.h"

#include <stdlib.h>

#define RECORDS_MAX 262144 /* a bound on small ones, whose own size is more than their data's */

/* struct item - one record; its data follow it */
struct item {
	struct record rec;
	char data[];
};

/* struct recent - a ring of @n items from @first on, @bytes of data; at most @most */
struct recent {
	struct item *items[RECORDS_MAX];
	size_t first, n, bytes, most;
	uint64_t gone;
};

struct recent *recent_create(size_t bytes)
{
	struct recent *r = calloc(1, sizeof(*r));

	if (r)
		r->most = bytes;
	return r;
}

static void let_go(struct recent *r)
{
	struct item *item = r->items[r->first];

	r->bytes -= item->rec.data.n;
	free(item);
	r->first = (r->first + 1) % RECORDS_MAX;
	r->n--;
}

void recent_destroy(struct recent *r)
{
	while (r && r->n)
		let_go(r);
	free(r);
}

void recent_put(struct recent *r, const struct record *rec)
{
	struct item *item;

	if (rec->data.n > r->most)
		return;
	for (; r->n && (r->n == RECORDS_MAX || r->bytes + rec->data.n > r->most); r->gone++)
		let_go(r);
	item = malloc(sizeof(*item) + rec->data.n);
	if (!item)
		return;
	item->rec = *rec;
	item->rec.data.p = item->data;
	if (rec->data.n)
		memcpy(item->data, rec->data.p, rec->data.n);
	r->items[(r->first + r->n++) % RECORDS_MAX] = item;
	r->bytes += rec->data.n;
}

bool recent_at(const struct recent *r, size_t i, struct record *rec)
{
	if (i >= r->n)
		return false;
	*rec = r->items[(r->first + i) % RECORDS_MAX]->rec;
	return true;
}

uint64_t recent_gone(const struct recent *r)
{
	return r->gone;
}
