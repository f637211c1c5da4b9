/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nflog_owner.h - who reads an NFLOG group */
#ifndef NFHOP_NFLOG_OWNER_H
#define NFHOP_NFLOG_OWNER_H

#include <stdint.h>

/**
 * struct nflog_owner - the socket that a group is bound to
 * @portid: its netlink port
 * @pid: the process that has it open, 0 if none was found (another pid namespace, or no right)
 * @program: its name, empty if @pid is 0; it may hold any byte but NUL
 */
struct nflog_owner {
	uint32_t portid;
	int pid;
	char program[32];
};

/**
 * nflog_owner_find - who has bound NFLOG group @group in this network namespace
 * @root: "" for this host; tests give a directory that holds proc/
 * @owner: filled in if the answer is 1
 *
 * The port number often is a process number, but nothing makes it so: the process is the one
 * that has the socket of /proc/net/netlink's inode open.
 * Return: 1, 0 if nobody has, or -errno if /proc/net/netfilter/nfnetlink_log cannot be read
 * (-ENOENT: the kernel has no nfnetlink_log)
 */
int nflog_owner_find(const char *root, unsigned int group, struct nflog_owner *owner);

#endif
