// SPDX-License-Identifier: GPL-2.0-or-later
/* arm.c - a table of our own that makes the kernel trace: made, changed, asked, given up */
#include "nfhop/arm.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnftnl/common.h>
#include <libnftnl/object.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "arm_table.h"

static void explain(int ret, struct arm_error *err)
{
	static const struct {
		int code;
		const char *words;
	} reasons[] = {
		{ -EPERM, "this needs CAP_NET_ADMIN: run it as root" },
		{ -EINVAL, "this kernel does not take the table: tables that go away by themselves "
			   "need Linux 5.12 (--print-commands shows how to trace by hand)" },
		{ -EOPNOTSUPP, "this kernel has no nf_tables (--print-commands shows how to trace "
			       "with iptables)" },
		{ -EPROTONOSUPPORT, "this kernel has no nf_tables (--print-commands shows how to "
				    "trace with iptables)" },
	};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++)
		if (reasons[i].code == ret)
			snprintf(err->text, sizeof(err->text), "%s", reasons[i].words);
	if (!*err->text)
		snprintf(err->text, sizeof(err->text), "%s", strerror(-ret));
}

static int load(struct arm *arm, const struct arm_want *want, bool fresh, struct arm_error *err)
{
	struct terms terms = { NULL, 0, 0 };
	int ret = terms_of(query_root(want->query), &terms, err);

	if (!ret && !terms.n) {
		snprintf(err->text, sizeof(err->text), "no packet can be like that");
		ret = -EINVAL;
	}
	if (!ret)
		ret = arm_table_send(arm, want, &terms, fresh);
	terms_finish(&terms);
	if (ret < 0 && !*err->text)
		explain(ret, err);
	return ret;
}

static int open_socket(struct arm *arm)
{
	int bytes = (int)ARM_MESSAGES;

	arm->nl = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (!arm->nl)
		return -errno;
	if (setsockopt(mnl_socket_get_fd(arm->nl), SOL_SOCKET, SO_SNDBUFFORCE, &bytes,
		       sizeof(bytes)) < 0)
		setsockopt(mnl_socket_get_fd(arm->nl), SOL_SOCKET, SO_SNDBUF, &bytes,
			   sizeof(bytes));
	return mnl_socket_bind(arm->nl, 0, MNL_SOCKET_AUTOPID) < 0 ? -errno : 0;
}

void arm_name(char name[32])
{
	snprintf(name, 32, "nfhop-%d", (int)getpid());
}

int arm_open(const struct arm_want *want, struct arm **arm, struct arm_error *err)
{
	struct arm *a = calloc(1, sizeof(*a));
	int ret;

	*err = (struct arm_error){ "", 0, 0 };
	if (!a)
		return -ENOMEM;
	arm_name(a->table);
	ret = open_socket(a);
	if (ret < 0)
		explain(ret, err);
	else
		ret = load(a, want, true, err);
	if (ret < 0)
		arm_close(a);
	else
		*arm = a;
	return ret;
}

int arm_change(struct arm *arm, const struct arm_want *want, struct arm_error *err)
{
	*err = (struct arm_error){ "", 0, 0 };
	return load(arm, want, false, err);
}

/* read_answer - the kernel's NFT_MSG_NEWOBJ; Return: as arm_counts() */
static int read_answer(const struct arm *arm, uint64_t *packets)
{
	_Alignas(8) char buf[4096];
	const struct nlmsghdr *msg = (const struct nlmsghdr *)(const void *)buf;
	ssize_t n = recv(mnl_socket_get_fd(arm->nl), buf, sizeof(buf), 0);
	struct nftnl_obj *o;
	int ret = -EIO;

	if (n < 0)
		return -errno;
	if (!mnl_nlmsg_ok(msg, (int)n) ||
	    msg->nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWOBJ))
		return ret;
	o = nftnl_obj_alloc();
	if (o && nftnl_obj_nlmsg_parse(msg, o) == 0) {
		*packets = nftnl_obj_get_u64(o, NFTNL_OBJ_CTR_PKTS);
		ret = 0;
	}
	if (o)
		nftnl_obj_free(o);
	return ret;
}

static int ask_counter(struct arm *arm, const char *name, uint64_t *packets)
{
	_Alignas(8) char buf[1024];
	struct nftnl_obj *o = arm_object(arm, NFT_OBJECT_COUNTER, name);
	struct nlmsghdr *msg;

	if (!o)
		return -ENOMEM;
	msg = nftnl_nlmsg_build_hdr(buf, NFT_MSG_GETOBJ, NFPROTO_INET, 0, ++arm->seq);
	nftnl_obj_nlmsg_build_payload(msg, o);
	nftnl_obj_free(o);
	if (mnl_socket_sendto(arm->nl, msg, msg->nlmsg_len) < 0)
		return -errno;
	return read_answer(arm, packets);
}

int arm_counts(struct arm *arm, uint64_t *asked, uint64_t *traced)
{
	int ret = ask_counter(arm, ARM_TRACED, traced);

	return ret ? ret : ask_counter(arm, ARM_ASKED, asked);
}

void arm_close(struct arm *arm)
{
	if (arm && arm->nl)
		mnl_socket_close(arm->nl);
	free(arm);
}
