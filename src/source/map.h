/* SPDX-License-Identifier: GPL-2.0-or-later */
/* map.h - a file in memory, which may be cut or unreadable while it is looked at */
#ifndef NFHOP_SOURCE_MAP_H
#define NFHOP_SOURCE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map;

/**
 * map_create - the first @n bytes of a regular file
 * Return: NULL if it cannot be mapped: then it can be read
 *
 * What is not in the file any more reads as NUL bytes, and map_holds() says so. (A process that
 * touches such a page gets SIGBUS: mmap(2).)
 */
struct map *map_create(int fd, uint64_t n);
void map_destroy(struct map *map);

/* map_at - the bytes from @at on, which must be less than @n; they stay where they are */
const char *map_at(const struct map *map, uint64_t at);

/* map_pass - what stands before @at will hardly be looked at again: it need not count as ours */
void map_pass(struct map *map, uint64_t at);

/* map_holds - was all that was looked at in the first @end bytes really the file's? Any thread. */
bool map_holds(const struct map *map, uint64_t end);

/**
 * map_again - what the file has at @at now, for who cannot trust what was looked at
 * Return: how many bytes are in @buf, less than @n at the end of the file; -errno. Any thread.
 */
int64_t map_again(const struct map *map, uint64_t at, char *buf, size_t n);

#endif
