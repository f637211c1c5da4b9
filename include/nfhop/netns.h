/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netns.h - going into another network namespace */
#ifndef NFHOP_NETNS_H
#define NFHOP_NETNS_H

#include "nfhop/evidence.h"

/**
 * netns_enter - from here on, sockets and /proc of this thread are those of that namespace
 * @name: as `ip netns` knows it, or a path (with a '/')
 *
 * Return: 0, or -errno: -ENOENT: there is none of that name, -EPERM: CAP_SYS_ADMIN is missing,
 * -EINVAL: the file is no network namespace
 */
int netns_enter(const char *name);

/**
 * netns_logged - are log lines of all network namespaces printed (nf_log_all_netns)?
 * @root: "" for this host, else a directory that holds proc/
 * @on: receives it; SWITCH_UNKNOWN if it cannot be seen from here
 *
 * The sysctl shows in the initial network namespace only: it is looked for in ours, then where
 * process 1 is. Ask before netns_enter().
 * Return: 0, or -errno if the way back to our namespace is barred
 */
int netns_logged(const char *root, enum evidence_switch *on);

#endif
