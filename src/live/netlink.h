/* SPDX-License-Identifier: GPL-2.0-or-later */
/* netlink.h - one question to the kernel, and all of its answers */
#ifndef NFHOP_LIVE_NETLINK_H
#define NFHOP_LIVE_NETLINK_H

#include <libmnl/libmnl.h>

/**
 * netlink_ask - send @request on a socket of its own and hand each answer to @answer
 * @protocol: NETLINK_*
 * @answer: as of mnl_cb_run()
 *
 * Asked anew when the kernel says that the answer was changed while it was given; @restart, if it
 * is not NULL, is called before that.
 * Return: 0, or -errno
 */
int netlink_ask(int protocol, struct nlmsghdr *request, mnl_cb_t answer, void (*restart)(void *who),
		void *who);

#endif
