// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * events.c - a netlink socket that is read fast and whose losses are known
 *
 * Theory of operation
 *
 * Under load a datagram with one event comes every few microseconds, so up to BATCH of them are
 * taken with one system call, each into a slot of its own. Before the payload of a message there
 * is always room for a struct record_netlink, so that nothing is copied.
 *
 * When the receive buffer runs over, the kernel says ENOBUFS once and drops everything until the
 * queue was read empty (af_netlink.c: NETLINK_S_CONGESTED; Linux 6.18): what is still queued
 * came before the loss. So the loss goes on from ENOBUFS until the queue was empty, which is when
 * a batch came back smaller than asked for. How many were lost is counted by the kernel
 * (sk_drops, by SO_MEMINFO).
 *
 * Behind such a batch there is nothing to ask for, either: the caller may poll. If an error cut it
 * short, the kernel keeps that for the next call, and poll() tells of it (net/socket.c:
 * do_recvmmsg(); Linux 6.18).
 */
#include "events.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#define BATCH	64
#define ROOM	(sizeof(struct record_netlink) - NLMSG_HDRLEN)
#define PLENTY	((size_t)128 << 20) /* half a second of 350,000 events a second */
#define DEVICES 64

/* struct device - a name that was looked up, and when that was */
struct device {
	uint32_t number;
	int64_t when;
	char name[IF_NAMESIZE];
};

struct datagrams {
	struct mmsghdr headers[BATCH];
	struct iovec parts[BATCH];
	unsigned int n, at;
	size_t slot;
	_Alignas(8) char slots[];
};

static int set_buffer(struct events *n, struct live *live, size_t buffer)
{
	int fd = mnl_socket_get_fd(n->nl), got = 0;
	size_t bytes = buffer ? buffer : PLENTY;
	int want = bytes > INT32_MAX / 2 ? INT32_MAX / 2 : (int)bytes;
	socklen_t size = sizeof(got);

	if (!setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &want, sizeof(want)))
		return 0;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &want, sizeof(want)) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &got, &size) < 0)
		return -errno;
	if (got / 2 < want)
		live_trouble(live,
			     "the receive buffer is %d KiB, not %d KiB: events may be lost under "
			     "load (sysctl -w net.core.rmem_max=%d, or start as root)",
			     got / 2048, want / 1024, want);
	return 0;
}

static char *slot_at(struct datagrams *b, unsigned int i)
{
	return b->slots + i * (ROOM + b->slot) + ROOM;
}

int events_open(struct events *n, struct live *live, size_t buffer, size_t slot)
{
	int ret;

	n->batch = calloc(1, sizeof(*n->batch) + BATCH * (ROOM + slot));
	if (!n->batch)
		return -ENOMEM;
	n->batch->slot = slot;
	n->nl = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (!n->nl || mnl_socket_bind(n->nl, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	ret = set_buffer(n, live, buffer);
	for (unsigned int i = 0; i < BATCH; i++) {
		n->batch->parts[i] = (struct iovec){ slot_at(n->batch, i), slot };
		n->batch->headers[i].msg_hdr.msg_iov = &n->batch->parts[i];
		n->batch->headers[i].msg_hdr.msg_iovlen = 1;
	}
	return ret;
}

void events_close(struct events *n)
{
	if (n->nl)
		mnl_socket_close(n->nl);
	free(n->batch);
}

int events_join(struct events *n, int group)
{
	return mnl_socket_setsockopt(n->nl, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0
		       ? -errno
		       : 0;
}

static int receive(struct events *n)
{
	struct datagrams *b = n->batch;
	int got, err;

	do
		got = recvmmsg(mnl_socket_get_fd(n->nl), b->headers, BATCH, MSG_DONTWAIT, NULL);
	while (got < 0 && errno == EINTR);
	err = got < 0 ? errno : 0;
	n->when = live_now();
	if (err == EAGAIN || (!err && got < BATCH))
		n->emptied = n->when;
	if (err)
		return -err;
	b->n = (unsigned int)got;
	return got;
}

/* receive_more - Return: EVENTS_MESSAGE with a batch, or as events_next() */
static int receive_more(struct events *n)
{
	struct datagrams *b = n->batch;
	bool emptied = b->n && b->n < BATCH;
	int ret;

	b->n = b->at = 0;
	ret = emptied ? -EAGAIN : receive(n);
	if (ret == -ENOBUFS) {
		n->overrun = true;
		return EVENTS_LOSES;
	}
	if (ret == -EAGAIN && n->overrun) {
		n->overrun = false;
		return EVENTS_LOST;
	}
	return ret < 0 ? ret : EVENTS_MESSAGE;
}

/* next_datagram - Return: as events_next() */
static int next_datagram(struct events *n)
{
	struct datagrams *b = n->batch;
	int ret = b->at == b->n ? receive_more(n) : EVENTS_MESSAGE;

	if (ret != EVENTS_MESSAGE)
		return ret;
	n->at = (const struct nlmsghdr *)(const void *)slot_at(b, b->at);
	n->len = (int)b->headers[b->at++].msg_len;
	return EVENTS_MESSAGE;
}

int events_next(struct events *n, struct nlmsghdr **msg)
{
	while (!n->len || !mnl_nlmsg_ok(n->at, n->len)) {
		int ret = next_datagram(n);

		if (ret != EVENTS_MESSAGE) {
			n->len = 0;
			return ret;
		}
	}
	*msg = (struct nlmsghdr *)(uintptr_t)n->at;
	n->at = mnl_nlmsg_next(n->at, &n->len);
	return EVENTS_MESSAGE;
}

void events_attrs(const struct nlmsghdr *msg, struct nlattr **attrs, unsigned int n)
{
	char *at = mnl_nlmsg_get_payload_offset(msg, sizeof(struct nfgenmsg));
	const char *end = (const char *)msg + msg->nlmsg_len;

	memset(attrs, 0, n * sizeof(struct nlattr *));
	while (end - at >= (ptrdiff_t)sizeof(struct nlattr)) {
		struct nlattr *attr = (struct nlattr *)(void *)at;
		unsigned int type = attr->nla_type & (unsigned int)NLA_TYPE_MASK;

		if (attr->nla_len < sizeof(*attr) || attr->nla_len > end - at)
			return;
		if (type < n)
			attrs[type] = attr;
		at += MNL_ALIGN(attr->nla_len);
	}
}

bool events_u32(const struct nlattr *attr, uint32_t *value)
{
	if (!attr || attr->nla_len != sizeof(*attr) + sizeof(*value))
		return false;
	memcpy(value, attr + 1, sizeof(*value));
	*value = ntohl(*value);
	return true;
}

uint64_t events_lost(struct events *n)
{
	uint32_t info[SK_MEMINFO_VARS] = { 0 }, before = n->drops;
	socklen_t size = sizeof(info);

	if (getsockopt(mnl_socket_get_fd(n->nl), SOL_SOCKET, SO_MEMINFO, info, &size) < 0)
		return 0;
	n->drops = info[SK_MEMINFO_DROPS];
	return n->drops - before;
}

/* Devices are renamed and come and go: a name holds for a second. */
static const char *device_name(uint32_t number, int64_t now)
{
	static struct device devices[DEVICES];
	struct device *d = &devices[number % DEVICES];

	if (d->number == number && now - d->when < 1000000000)
		return d->name;
	*d = (struct device){ .number = number, .when = now };
	if (!if_indextoname(number, d->name))
		*d->name = '\0';
	return d->name;
}

struct str events_head(const struct events *n, struct nlmsghdr *msg, const uint32_t dev[4])
{
	char *payload = mnl_nlmsg_get_payload(msg);
	size_t size = mnl_nlmsg_get_payload_len(msg);
	struct record_netlink head = { .big_endian = __BYTE_ORDER == __BIG_ENDIAN };

	for (unsigned int i = 0; i < 4; i++)
		if (dev[i])
			memcpy(head.dev[i], device_name(dev[i], n->when), IF_NAMESIZE);
	memcpy(payload - sizeof(head), &head, sizeof(head));
	return (struct str){ payload - sizeof(head), sizeof(head) + size };
}

int events_ask(struct mnl_socket *nl, struct nlmsghdr *req)
{
	_Alignas(8) char buf[8192];
	const struct nlmsghdr *answer = (const struct nlmsghdr *)(const void *)buf;
	unsigned int seq = req->nlmsg_seq;
	ssize_t n;

	if (mnl_socket_sendto(nl, req, req->nlmsg_len) < 0)
		return -errno;
	for (;;) {
		n = recv(mnl_socket_get_fd(nl), buf, sizeof(buf), 0);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n < (ssize_t)sizeof(*answer) || answer->nlmsg_seq != seq ||
		    answer->nlmsg_type != NLMSG_ERROR)
			continue;
		return ((const struct nlmsgerr *)mnl_nlmsg_get_payload(answer))->error;
	}
}
