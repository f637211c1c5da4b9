// SPDX-License-Identifier: GPL-2.0-or-later
/* nflog_owner.c - who reads an NFLOG group */
#include "nfhop/nflog_owner.h"

#include <errno.h>
#include <stdlib.h>

#include "host.h"
#include "proc.h"

#define PROTOCOL_NETFILTER 12 /* NETLINK_NETFILTER of linux/netlink.h */

static bool find_group(struct str text, unsigned int group, uint32_t *portid)
{
	struct nflog_group row;

	while (proc_nflog_group(&text, &row)) {
		*portid = row.portid;
		if (row.group == group)
			return true;
	}
	return false;
}

static int process_of_port(const char *root, uint32_t portid)
{
	struct str sockets;
	int pid;

	if (host_read(root, "proc/net/netlink", &sockets) < 0)
		return 0;
	pid = host_process_of(root, proc_netlink_inode(sockets, PROTOCOL_NETFILTER, portid));
	free((char *)sockets.p);
	return pid;
}

int nflog_owner_find(const char *root, unsigned int group, struct nflog_owner *owner)
{
	struct str groups;
	int ret = host_read(root, "proc/net/netfilter/nfnetlink_log", &groups);
	bool found;

	if (ret < 0)
		return ret;
	*owner = (struct nflog_owner){ .pid = 0 };
	found = find_group(groups, group, &owner->portid);
	free((char *)groups.p);
	if (!found)
		return 0;
	owner->pid = process_of_port(root, owner->portid);
	if (owner->pid)
		host_program(root, owner->pid, owner->program, sizeof(owner->program));
	return 1;
}
