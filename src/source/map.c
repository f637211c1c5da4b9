// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * map.c - a file in memory, without the copy that reading makes
 *
 * Theory of operation
 *
 * Copying a log out of the page cache takes as long as looking for our lines in it. A mapped
 * file needs no copy, but it can be cut while it is looked at (logrotate's copytruncate), or the
 * disk can fail; then the processor finds no page, and the kernel sends SIGBUS. The handler puts
 * pages of NUL bytes there, for the rest of the map, and notes that.
 *
 * So a look at the map never fails, but what was seen may be none of the file's. Who looked asks
 * map_holds() afterwards, and if the answer is no, reads the same bytes once more, as if nothing
 * had been mapped. That also tells a short file from a broken disk.
 *
 * Invariant: an address outside of the maps is none of ours, and ends the program as before.
 */
#include "map.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAPS_MAX   128 /* a hundred rotated logs; more are read */
#define PASS_STEPS ((uint64_t)16 << 20)

/* struct map - @passed: pages before it were given back; @lost: some were none of the file's */
struct map {
	char *base;
	uint64_t n, passed;
	int fd;
	unsigned int slot;
	atomic_bool lost;
};

/* Signals have no argument, so the maps are everybody's. */
static _Atomic(struct map *) maps[MAPS_MAX];

static struct map *map_around(const char *at)
{
	for (size_t i = 0; i < MAPS_MAX; i++) {
		struct map *map = atomic_load(&maps[i]);

		if (map && at >= map->base && (uint64_t)(at - map->base) < map->n)
			return map;
	}
	return NULL;
}

static void on_sigbus(int number, siginfo_t *info, void *context)
{
	struct map *map = map_around(info->si_addr);
	size_t page = (size_t)sysconf(_SC_PAGESIZE), at;
	int before = errno;

	(void)context;
	if (map) {
		at = (size_t)((char *)info->si_addr - map->base) / page * page;
		atomic_store(&map->lost, true);
		if (mmap(map->base + at, map->n - at, PROT_READ,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED) {
			errno = before;
			return;
		}
	}
	signal(number, SIG_DFL); /* it comes again */
}

static bool enter(struct map *map)
{
	struct sigaction action = { .sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO };

	for (map->slot = 0; map->slot < MAPS_MAX; map->slot++) {
		struct map *none = NULL;

		if (atomic_compare_exchange_strong(&maps[map->slot], &none, map))
			return !sigaction(SIGBUS, &action, NULL);
	}
	return false;
}

struct map *map_create(int fd, uint64_t n)
{
	struct map *map = n && n <= SIZE_MAX / 2 ? calloc(1, sizeof(*map)) : NULL;

	if (!map)
		return NULL;
	map->fd = fd;
	map->n = n;
	map->base = mmap(NULL, n, PROT_READ, MAP_SHARED, fd, 0);
	if (map->base != MAP_FAILED && enter(map)) {
		madvise(map->base, n, MADV_SEQUENTIAL);
		return map;
	}
	map_destroy(map);
	return NULL;
}

void map_destroy(struct map *map)
{
	if (!map)
		return;
	if (map->slot < MAPS_MAX && atomic_load(&maps[map->slot]) == map)
		atomic_store(&maps[map->slot], NULL);
	if (map->base != MAP_FAILED)
		munmap(map->base, map->n);
	free(map);
}

const char *map_at(const struct map *map, uint64_t at)
{
	return map->base + at;
}

void map_pass(struct map *map, uint64_t at)
{
	if (at < map->passed + 2 * PASS_STEPS)
		return;
	if (!atomic_load(&map->lost))
		madvise(map->base + map->passed, PASS_STEPS, MADV_DONTNEED);
	map->passed += PASS_STEPS;
}

bool map_holds(const struct map *map, uint64_t end)
{
	struct stat st;

	return !atomic_load(&map->lost) && !fstat(map->fd, &st) && (uint64_t)st.st_size >= end;
}

int64_t map_again(const struct map *map, uint64_t at, char *buf, size_t n)
{
	size_t got = 0;
	ssize_t more;

	while (got < n) {
		more = pread(map->fd, buf + got, n - got, (off_t)(at + got));
		if (more < 0 && errno == EINTR)
			continue;
		if (more < 0)
			return -errno;
		if (!more)
			break;
		got += (size_t)more;
	}
	return (int64_t)got;
}
