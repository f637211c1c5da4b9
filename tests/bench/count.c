// SPDX-License-Identifier: GPL-2.0-or-later
/* count.c - counts the trace events of nf_tables until SIGINT: what it costs to have them at all */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>

#define BUFFER (128 << 20) /* as src/source/events.c */

static volatile sig_atomic_t stopped;

static void on_signal(int signal)
{
	(void)signal;
	stopped = 1;
}

static int count(const struct nlmsghdr *msg, void *who)
{
	unsigned long *events = who;

	*events += msg->nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_TRACE);
	return MNL_CB_OK;
}

int main(void)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct mnl_socket *nl = mnl_socket_open(NETLINK_NETFILTER);
	unsigned long events = 0, losses = 0;
	int group = NFNLGRP_NFTRACE, size = BUFFER;
	_Alignas(8) char buf[8192];

	sigaction(SIGINT, &action, NULL);
	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_setsockopt(nl, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0 ||
	    setsockopt(mnl_socket_get_fd(nl), SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		return 1;
	while (!stopped) {
		ssize_t n = mnl_socket_recvfrom(nl, buf, sizeof(buf));

		if (n > 0)
			mnl_cb_run(buf, (size_t)n, 0, 0, count, &events);
		else if (errno == ENOBUFS)
			losses++;
		else if (errno != EINTR)
			return 1;
	}
	printf("%lu events, %s lost\n", events, losses ? "some" : "nothing");
	return 0;
}
