// SPDX-License-Identifier: GPL-2.0-or-later
/* netns.c - going into another network namespace, and what only the first one shows */
#include "nfhop/netns.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host.h"
#include "proc.h"

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

#define LOGGED_PATH "proc/sys/net/netfilter/nf_log_all_netns"

static enum evidence_switch read_logged(const char *root)
{
	enum evidence_switch on = SWITCH_UNKNOWN;
	struct str text;
	uint64_t value;

	if (host_read(root, LOGGED_PATH, &text) < 0)
		return on;
	if (proc_value(text, &value))
		on = value ? SWITCH_ON : SWITCH_OFF;
	free((char *)text.p);
	return on;
}

/* /proc/sys shows the namespace of whoever reads it. */
static int read_at_first(enum evidence_switch *on)
{
	int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	int first = open("/proc/1/ns/net", O_RDONLY | O_CLOEXEC);
	int ret = 0;

	if (here >= 0 && first >= 0 && !setns(first, CLONE_NEWNET)) {
		*on = read_logged("");
		if (setns(here, CLONE_NEWNET) < 0)
			ret = -errno;
	}
	if (here >= 0)
		close(here);
	if (first >= 0)
		close(first);
	return ret;
}

int netns_logged(const char *root, enum evidence_switch *on)
{
	*on = read_logged(root);
	return *on == SWITCH_UNKNOWN && !*root ? read_at_first(on) : 0;
}
