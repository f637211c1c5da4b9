/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netns.h - going into another network namespace */
#ifndef NFHOP_NETNS_H
#define NFHOP_NETNS_H

/**
 * netns_enter - from here on, sockets and /proc of this thread are those of that namespace
 * @name: as `ip netns` knows it, or a path (with a '/')
 *
 * Return: 0, or -errno: -ENOENT: there is none of that name, -EPERM: CAP_SYS_ADMIN is missing,
 * -EINVAL: the file is no network namespace
 */
int netns_enter(const char *name);

#endif
