/* SPDX-License-Identifier: GPL-2.0-or-later */
/* host.h - the files of /proc, /sys and /run that tell how a host is set up */
#ifndef NFHOP_LIVE_HOST_H
#define NFHOP_LIVE_HOST_H

#include <stdint.h>

#include "nfhop/str.h"

/* host_read - all of a file on the heap, free((char *)text->p) it; Return: 0 or -errno */
int host_read(const char *root, const char *path, struct str *text);

/* host_exists - is there such a file or folder? */
bool host_exists(const char *root, const char *path);

/**
 * struct host_names - the names in a folder, sorted
 * @names: @n of them, on the heap; free with host_names_free()
 */
struct host_names {
	char **names;
	size_t n;
};

/* host_list - what is in a folder, without "." and ".."; Return: 0 or -errno */
int host_list(const char *root, const char *path, struct host_names *names);
void host_names_free(struct host_names *names);

/**
 * host_process_of - the process that has the socket with that inode open
 * @inode: 0: none, or it is not known
 * Return: its number, 0 if none was found
 */
int host_process_of(const char *root, uint64_t inode);

/* host_program - the name of a process (/proc/PID/comm), empty if it cannot be read */
void host_program(const char *root, int pid, char *name, size_t n);

/* host_runs - does a process of that name run? */
bool host_runs(const char *root, const char *program);

#endif
