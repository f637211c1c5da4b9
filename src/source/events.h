/* SPDX-License-Identifier: GPL-2.0-or-later */
/* events.h - a netlink socket that is read fast and whose losses are known */
#ifndef NFHOP_SOURCE_EVENTS_H
#define NFHOP_SOURCE_EVENTS_H

#include <libmnl/libmnl.h>

#include "live.h"

struct datagrams;

/**
 * struct events - zero it, then events_open()
 * @batch: datagrams that were received together and wait
 * @overrun: the kernel drops until its queue was read empty
 * @drops: that the kernel has counted and we have told
 * @when: the batch was received, CLOCK_REALTIME in ns; @emptied: nothing else was queued then
 * @at: the message to be looked at next, @len bytes of its datagram left
 */
struct events {
	struct mnl_socket *nl;
	struct datagrams *batch;
	bool overrun;
	uint32_t drops;
	int64_t when, emptied;
	const struct nlmsghdr *at;
	int len;
};

/**
 * events_open - open and bind
 * @live: told of a receive buffer that is smaller than wanted
 * @buffer: its bytes; 0: plenty
 * @slot: bytes that the longest datagram may have; what is longer is cut
 * Return: 0, or -errno
 */
int events_open(struct events *n, struct live *live, size_t buffer, size_t slot);
void events_close(struct events *n);
int events_join(struct events *n, int group);

/**
 * events_next - the next message
 * @msg: valid until the next call; a record_netlink's bytes before its payload may be written over
 * Return: 1; 2 where events were lost and the loss goes on; 3 where it ended; -EAGAIN when the
 * queue was read empty; -errno
 */
int events_next(struct events *n, struct nlmsghdr **msg);

enum { EVENTS_MESSAGE = 1, EVENTS_LOSES = 2, EVENTS_LOST = 3 };

/* events_lost - messages that the kernel dropped since this was asked last */
uint64_t events_lost(struct events *n);

/**
 * events_attrs - the attributes of a message of nfnetlink
 * @attrs: receives the one of each type below @n, NULL where there is none that is whole
 */
void events_attrs(const struct nlmsghdr *msg, struct nlattr **attrs, unsigned int n);

/* events_u32 - Return: true with its value if there is @attr and it has that size */
bool events_u32(const struct nlattr *attr, uint32_t *value);

/**
 * events_head - put a struct record_netlink before the payload of @msg
 * @dev: numbers of its devices, 0 for none
 * Return: both together
 */
struct str events_head(const struct events *n, struct nlmsghdr *msg, const uint32_t dev[4]);

/* events_ask - send @req, wait for its answer; Return: 0 or the kernel's -errno */
int events_ask(struct mnl_socket *nl, struct nlmsghdr *req);

#endif
