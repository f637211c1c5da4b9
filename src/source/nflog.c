// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nflog.c - the packets of one NFLOG group
 *
 * Theory of operation
 *
 * The group is bound and nothing else: no protocol family is bound to nfnetlink_log (PF_BIND),
 * since that would take TRACE lines out of the kernel log of the whole network namespace for
 * good, as tcpdump and ulogd do (formats.md 2.8).
 *
 * The kernel numbers the messages of a group; a hole is a loss. It does not number what it could
 * not build for want of memory (formats.md 4.3). An overrun of the socket shows as a hole too,
 * and so is counted by it alone.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <libnetfilter_log/libnetfilter_log.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_log.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "nfhop/event.h"
#include "nfhop/nflog_owner.h"

#include "events.h"

#define TIMEOUT	  2 /* hundredths of a second that the kernel may keep packets back */
#define THRESHOLD 64
#define DATAGRAM  32768
#define COPY	  256 /* bytes of a packet: all headers, and what an ICMP error quotes */

struct nflog {
	struct live live;
	struct events events;
	unsigned int group;
	uint32_t seq;
	bool numbered;
	struct nlmsghdr *held; /* waits until the hole before it was told */
};

#define TYPE(message) (NFNL_SUBSYS_ULOG << 8 | (message))

/* config - a request to the group; attributes are the caller's to add */
static struct nlmsghdr *config(struct nflog *nflog, char *buf)
{
	static unsigned int seq;
	struct nlmsghdr *msg = nflog_nlmsg_put_header(buf, NFULNL_MSG_CONFIG, AF_UNSPEC,
						      (uint16_t)nflog->group);

	msg->nlmsg_flags |= NLM_F_ACK;
	msg->nlmsg_seq = ++seq;
	return msg;
}

static int set_up(struct nflog *nflog, struct mnl_socket *nl)
{
	_Alignas(8) char buf[512];
	struct nlmsghdr *msg = config(nflog, buf);
	int ret;

	if (nflog_attr_put_cfg_cmd(msg, NFULNL_CFG_CMD_BIND) < 0)
		return -EINVAL;
	ret = events_ask(nl, msg);
	if (ret < 0)
		return ret;
	msg = config(nflog, buf);
	if (nflog_attr_put_cfg_mode(msg, NFULNL_COPY_PACKET, COPY) < 0)
		return -EINVAL;
	mnl_attr_put_u16(msg, NFULA_CFG_FLAGS, htons(NFULNL_CFG_F_SEQ | NFULNL_CFG_F_SEQ_GLOBAL));
	mnl_attr_put_u32(msg, NFULA_CFG_NLBUFSIZ, htonl(DATAGRAM));
	mnl_attr_put_u32(msg, NFULA_CFG_TIMEOUT, htonl(TIMEOUT));
	mnl_attr_put_u32(msg, NFULA_CFG_QTHRESH, htonl(THRESHOLD));
	return events_ask(nl, msg);
}

/* complain - who has the group */
static void complain_owned(struct nflog *nflog)
{
	struct nflog_owner owner;

	if (nflog_owner_find("", nflog->group, &owner) > 0 && owner.pid)
		live_trouble(&nflog->live, "NFLOG group %u is read by %s (process %d) already",
			     nflog->group, owner.program, owner.pid);
	else
		live_trouble(&nflog->live,
			     "NFLOG group %u is read by another program already, or this needs "
			     "CAP_NET_ADMIN: run it as root",
			     nflog->group);
}

static uint32_t seq_of(const struct nlmsghdr *msg, uint32_t dev[4], bool *numbered)
{
	struct nlattr *attrs[NFULA_SEQ + 1];
	uint32_t seq = 0;

	events_attrs(msg, attrs, NFULA_SEQ + 1);
	*numbered = events_u32(attrs[NFULA_SEQ], &seq);
	for (unsigned int i = 0; i < 4; i++) /* in, out, bridge port in, out */
		events_u32(attrs[NFULA_IFINDEX_INDEV + i], &dev[i]);
	return seq;
}

static int take_packet(struct nflog *nflog, struct nlmsghdr *msg, struct record *rec)
{
	uint32_t dev[4] = { 0 }, seq, expected = nflog->seq + 1;
	bool numbered, hole;

	seq = seq_of(msg, dev, &numbered);
	hole = numbered && nflog->numbered && seq != expected;
	if (numbered) {
		nflog->seq = seq;
		nflog->numbered = true;
	}
	if (hole && msg != nflog->held) {
		nflog->held = msg;
		return live_loss(&nflog->live, GAP_SEQUENCE, seq - expected, 0,
				 "a hole in the numbers of an NFLOG group", rec);
	}
	nflog->held = NULL;
	return live_record(&nflog->live, RECORD_PACKET, events_head(&nflog->events, msg, dev),
			   nflog->events.when, rec);
}

static int group_next(struct source *source, struct record *rec)
{
	struct nflog *nflog = (struct nflog *)source;
	struct nlmsghdr *msg;
	int ret;

	if (nflog->held)
		return take_packet(nflog, nflog->held, rec);
	while ((ret = events_next(&nflog->events, &msg)) > 0) {
		if (ret != EVENTS_MESSAGE || msg->nlmsg_type != TYPE(NFULNL_MSG_PACKET) ||
		    mnl_nlmsg_get_payload_len(msg) < sizeof(struct nfgenmsg))
			continue;
		return take_packet(nflog, msg, rec);
	}
	return ret;
}

static int group_fd(const struct source *source)
{
	return mnl_socket_get_fd(((const struct nflog *)source)->events.nl);
}

static void group_close(struct source *source)
{
	struct nflog *nflog = (struct nflog *)source;

	events_close(&nflog->events);
	free(nflog);
}

static const struct source_ops group_ops = {
	.next = group_next,
	.close = group_close,
	.fd = group_fd,
	.trouble = live_ops_trouble,
	.position = live_ops_position,
	.parts = live_ops_parts,
};

static int read_group(struct nflog *nflog, const char *name)
{
	size_t n = strspn(name, "0123456789");

	if (!n || n > 5 || name[n] || strtoul(name, NULL, 10) > UINT16_MAX) {
		live_trouble(&nflog->live, "expected nflog: and a group from 0 to 65535");
		return -EINVAL;
	}
	nflog->group = (unsigned int)strtoul(name, NULL, 10);
	return 0;
}

int nflog_source_open(const char *name, unsigned int number, const struct source_want *want,
		      struct source **source)
{
	struct nflog *nflog = calloc(1, sizeof(*nflog));
	int ret;

	if (!nflog)
		return -ENOMEM;
	live_init(&nflog->live, &group_ops, number);
	*source = &nflog->live.source;
	ret = read_group(nflog, name);
	if (!ret)
		ret = events_open(&nflog->events, &nflog->live, want ? want->buffer : 0, DATAGRAM);
	if (!ret)
		ret = set_up(nflog, nflog->events.nl);
	if (ret == -EPERM || ret == -EBUSY)
		complain_owned(nflog);
	return ret;
}
