/* SPDX-License-Identifier: GPL-2.0-or-later */
/* recent.h - the newest records of live sources, which cannot be read again */
#ifndef CLI_RECENT_H
#define CLI_RECENT_H

#include "nfhop/record.h"

struct recent;

/* recent_create - room for @bytes of data; Return: NULL if there is no memory */
struct recent *recent_create(size_t bytes);
void recent_destroy(struct recent *recent);

/* recent_put - keep a copy of @rec; the oldest go. Without memory it is not kept. */
void recent_put(struct recent *recent, const struct record *rec);

/**
 * recent_at - record @i that is kept, oldest first
 * @rec: filled in; valid until the next recent_put()
 * Return: is there one?
 */
bool recent_at(const struct recent *recent, size_t i, struct record *rec);

/* recent_gone - how many were let go */
uint64_t recent_gone(const struct recent *recent);

#endif
