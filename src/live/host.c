// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * host.c - reads the files of /proc, /sys and /run that tell how a host is set up
 *
 * All paths stand below a root, which is empty for the host itself: tests build another one.
 */
#include "host.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "nfhop/grow.h"

#define TEXT_MAX ((size_t)16 << 20) /* a route table of the internet's size */
#define PATH_N	 4096

static int open_file(const char *root, const char *path, int flags)
{
	char full[PATH_N];
	int fd;

	if ((size_t)snprintf(full, sizeof(full), "%s/%s", root, path) >= sizeof(full))
		return -ENAMETOOLONG;
	fd = open(full, O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags);
	return fd < 0 ? -errno : fd;
}

/* Files of /proc have no size: read until the end. */
static int read_all(int fd, struct str *text)
{
	size_t cap = 4096, n = 0;
	char *buf = malloc(cap), *more;
	ssize_t got = 1;

	while (buf && got > 0 && n < TEXT_MAX) {
		got = read(fd, buf + n, cap - n);
		if (got < 0) {
			int err = -errno;

			free(buf);
			return err;
		}
		n += (size_t)got;
		if (n < cap)
			continue;
		more = realloc(buf, cap *= 2);
		if (!more)
			free(buf);
		buf = more;
	}
	*text = (struct str){ buf, n };
	return buf ? 0 : -ENOMEM;
}

int host_read(const char *root, const char *path, struct str *text)
{
	int fd = open_file(root, path, 0), ret;

	*text = (struct str){ NULL, 0 };
	if (fd < 0)
		return fd;
	ret = read_all(fd, text);
	close(fd);
	return ret;
}

bool host_exists(const char *root, const char *path)
{
	int fd = open_file(root, path, O_PATH);

	if (fd < 0)
		return false;
	close(fd);
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int add_name(struct host_names *names, size_t *cap, const char *name)
{
	char **more = array_grow(names->names, names->n, cap, sizeof(*more)), *copy;

	if (!more)
		return -ENOMEM;
	names->names = more;
	copy = strdup(name);
	if (!copy)
		return -ENOMEM;
	names->names[names->n++] = copy;
	return 0;
}

int host_list(const char *root, const char *path, struct host_names *names)
{
	int fd = open_file(root, path, O_DIRECTORY), ret = 0;
	struct dirent *entry;
	size_t cap = 0;
	DIR *dir;

	*names = (struct host_names){ NULL, 0 };
	if (fd < 0)
		return fd;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		return -ENOMEM;
	}
	while (!ret && (entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			ret = add_name(names, &cap, entry->d_name);
	closedir(dir);
	if (ret < 0)
		host_names_free(names);
	else if (names->n)
		qsort(names->names, names->n, sizeof(*names->names), by_name);
	return ret;
}

void host_names_free(struct host_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->names[i]);
	free(names->names);
	*names = (struct host_names){ NULL, 0 };
}

static bool is_number(const char *name)
{
	return *name && !name[strspn(name, "0123456789")];
}

/* Does the process have a file open whose link reads @wanted? */
static bool has_open(const char *root, const char *pid, const char *wanted)
{
	struct host_names fds;
	char path[PATH_N], link[64];
	bool found = false;

	snprintf(path, sizeof(path), "proc/%s/fd", pid);
	if (host_list(root, path, &fds) < 0)
		return false;
	for (size_t i = 0; i < fds.n && !found; i++) {
		ssize_t n;

		if ((size_t)snprintf(path, sizeof(path), "%s/proc/%s/fd/%s", root, pid,
				     fds.names[i]) >= sizeof(path))
			continue;
		n = readlink(path, link, sizeof(link) - 1);
		link[n < 0 ? 0 : n] = '\0';
		found = !strcmp(link, wanted);
	}
	host_names_free(&fds);
	return found;
}

int host_process_of(const char *root, uint64_t inode)
{
	struct host_names pids;
	char wanted[64];
	int pid = 0;

	snprintf(wanted, sizeof(wanted), "socket:[%" PRIu64 "]", inode);
	if (!inode || host_list(root, "proc", &pids) < 0)
		return 0;
	for (size_t i = 0; i < pids.n && !pid; i++)
		if (is_number(pids.names[i]) && has_open(root, pids.names[i], wanted))
			pid = atoi(pids.names[i]);
	host_names_free(&pids);
	return pid;
}

void host_program(const char *root, int pid, char *name, size_t n)
{
	char path[64];
	struct str text;

	name[0] = '\0';
	snprintf(path, sizeof(path), "proc/%d/comm", pid);
	if (host_read(root, path, &text) < 0)
		return;
	snprintf(name, n, "%.*s", (int)strnlen(text.p, text.n), text.p);
	name[strcspn(name, "\n")] = '\0';
	free((char *)text.p);
}

bool host_runs(const char *root, const char *program)
{
	struct host_names pids;
	bool found = false;
	char name[64];

	if (host_list(root, "proc", &pids) < 0)
		return false;
	for (size_t i = 0; i < pids.n && !found; i++) {
		if (!is_number(pids.names[i]))
			continue;
		host_program(root, atoi(pids.names[i]), name, sizeof(name));
		found = !strcmp(name, program);
	}
	host_names_free(&pids);
	return found;
}
