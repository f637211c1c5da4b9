// SPDX-License-Identifier: GPL-2.0-or-later
/* netns.c - going into another network namespace */
#include "nfhop/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NETNS_FOLDER "/run/netns" /* where `ip netns add` mounts them */

int netns_enter(const char *name)
{
	char path[PATH_MAX];
	int fd, ret = 0;

	if ((size_t)snprintf(path, sizeof(path), "%s%s", strchr(name, '/') ? "" : NETNS_FOLDER "/",
			     name) >= sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (setns(fd, CLONE_NEWNET) < 0)
		ret = -errno;
	close(fd);
	return ret;
}
