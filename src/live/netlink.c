// SPDX-License-Identifier: GPL-2.0-or-later
/* netlink.c - one question to the kernel, and all of its answers */
#include "netlink.h"

#include <errno.h>

#define TRIES	   5
#define ANSWER_MAX 32768 /* a dump's message; libmnl's MNL_SOCKET_BUFFER_SIZE is smaller */

static int read_answers(struct mnl_socket *socket, unsigned int seq, mnl_cb_t answer, void *who)
{
	unsigned int port = mnl_socket_get_portid(socket);
	char buf[ANSWER_MAX];
	int ret = MNL_CB_OK;

	while (ret > MNL_CB_STOP) {
		ssize_t n = mnl_socket_recvfrom(socket, buf, sizeof(buf));

		if (n < 0)
			return -errno;
		ret = mnl_cb_run(buf, (size_t)n, seq, port, answer, who);
		if (ret < 0)
			return -errno;
	}
	return 0;
}

static int ask_once(int protocol, struct nlmsghdr *request, mnl_cb_t answer, void *who)
{
	struct mnl_socket *socket = mnl_socket_open2(protocol, SOCK_CLOEXEC);
	int ret;

	if (!socket)
		return -errno;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		ret = -errno;
	else
		ret = read_answers(socket, request->nlmsg_seq, answer, who);
	mnl_socket_close(socket);
	return ret;
}

int netlink_ask(int protocol, struct nlmsghdr *request, mnl_cb_t answer, void (*restart)(void *who),
		void *who)
{
	int ret = ask_once(protocol, request, answer, who);

	for (int i = 1; i < TRIES && ret == -EINTR; i++) {
		if (restart)
			restart(who);
		ret = ask_once(protocol, request, answer, who);
	}
	return ret;
}
