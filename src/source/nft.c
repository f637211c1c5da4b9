// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nft.c - trace events of nf_tables, and the rule set that they speak of
 *
 * Theory of operation
 *
 * Events name rules by handle, which means something in one generation of the rule set alone.
 * One socket is in the groups of trace events and of changes, so that the kernel's message "new
 * generation" stands where it happened between the events. When it comes the rule set is read
 * again, and handed out as a record if its text is another.
 *
 * Reading takes time, and others may commit meanwhile. The generation is asked for before and
 * after; a message about one that was read already is passed over.
 *
 * Events have no time of their own, and under load many of them wait to be read. So whenever none
 * is left a record says so: what is read behind it happened after that moment.
 *
 * Legacy iptables tells nobody of changes: its rules are read again every LEGACY_NS, if there
 * are any (formats.md 3.6, 3.8).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "nfhop/event.h"

#include "events.h"
#include "snapshot.h"

#define LEGACY_NS INT64_C(2000000000)
#define SLOT                                                                                       \
	4096 /* events are below 1 KiB; of changes the last message alone matters, and is short */
#define CHANGES	 64 /* rule sets with elements in one run: so many are kept apart, and no more */
#define EMPTY_NS 5000000 /* what happened in that time is one moment to the model, nearly */
#define SHARE	 20	 /* of the time, reading rule sets may take at most one part of so many */

/**
 * struct nft
 * @traces: events are wanted, not the rule set alone
 * @own: our table
 * @ask: socket for questions
 * @text: the rule set as handed out last; @generation that was read; @legacy: it has legacy rules
 * @changes: of the text so far
 * @due: it is to be read again, not before @not_before
 * @emptied: that no event was left was told last of that moment
 */
struct nft {
	struct live live;
	struct events events;
	struct mnl_socket *ask;
	bool traces, rules, due, legacy;
	char own[32];
	struct str text;
	uint32_t generation;
	unsigned int changes;
	int64_t read_at, not_before, emptied;
};

#define TYPE(message) (NFNL_SUBSYS_NFTABLES << 8 | (message))

static uint32_t generation_of(const struct nlmsghdr *msg)
{
	struct nlattr *attrs[NFTA_GEN_ID + 1];
	uint32_t generation = 0;

	events_attrs(msg, attrs, NFTA_GEN_ID + 1);
	events_u32(attrs[NFTA_GEN_ID], &generation);
	return generation;
}

/* generation_now - 0 if the kernel does not say */
static uint32_t generation_now(struct nft *nft)
{
	_Alignas(8) char buf[4096];
	struct nlmsghdr *msg = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *head;
	ssize_t n;

	msg->nlmsg_type = TYPE(NFT_MSG_GETGEN);
	msg->nlmsg_flags = NLM_F_REQUEST;
	head = mnl_nlmsg_put_extra_header(msg, sizeof(*head));
	head->version = NFNETLINK_V0;
	if (mnl_socket_sendto(nft->ask, msg, msg->nlmsg_len) < 0)
		return 0;
	n = mnl_socket_recvfrom(nft->ask, buf, sizeof(buf));
	msg = (struct nlmsghdr *)(void *)buf;
	if (n < (ssize_t)sizeof(*msg) || msg->nlmsg_type != TYPE(NFT_MSG_NEWGEN))
		return 0;
	return generation_of(msg);
}

/* read_rules - Return: 1 with a record if they are others than before, 0, -errno */
static int read_rules(struct nft *nft, struct record *rec)
{
	int64_t began = live_now();
	uint32_t before, after;
	struct str text;
	int ret;

	for (unsigned int i = 0; i < 3; i++) {
		before = generation_now(nft);
		ret = snapshot_take(*nft->own ? nft->own : NULL, nft->changes < CHANGES, &text);
		if (ret < 0)
			return ret;
		after = generation_now(nft);
		if (before == after || i == 2)
			break;
		free((char *)(uintptr_t)text.p);
	}
	nft->generation = after;
	nft->due = false;
	nft->read_at = live_now();
	nft->not_before = nft->read_at + (nft->read_at - began) * SHARE;
	if (str_eq(text, nft->text)) {
		free((char *)(uintptr_t)text.p);
		return 0;
	}
	free((char *)(uintptr_t)nft->text.p);
	nft->text = text;
	nft->changes++;
	nft->legacy = str_has(text, STR("tables-legacy-save\n"));
	return live_record(&nft->live, RECORD_RULES, text, nft->read_at, rec);
}

/* is_foreign - an event of another nfhop's table; ours is called "nfhop" from here on */
static bool is_foreign(const struct nft *nft, struct nlattr *attr)
{
	char *name = mnl_attr_get_payload(attr);
	struct str table = { name, strnlen(name, mnl_attr_get_payload_len(attr)) };

	if (!snapshot_is_nfhop(table))
		return false;
	if (!str_eq(table, str_from(nft->own)))
		return true;
	name[strlen("nfhop")] = '\0';
	return false;
}

/* take_trace - Return: 1 with a record, 0 if it is none of ours */
static int take_trace(struct nft *nft, struct nlmsghdr *msg, struct record *rec)
{
	struct nlattr *attrs[NFTA_TRACE_OIF + 1];
	uint32_t dev[4] = { 0 };

	events_attrs(msg, attrs, NFTA_TRACE_OIF + 1);
	if (attrs[NFTA_TRACE_TABLE] && is_foreign(nft, attrs[NFTA_TRACE_TABLE]))
		return 0;
	events_u32(attrs[NFTA_TRACE_IIF], &dev[0]);
	events_u32(attrs[NFTA_TRACE_OIF], &dev[1]);
	return live_record(&nft->live, RECORD_NFT, events_head(&nft->events, msg, dev),
			   nft->events.when, rec);
}

static void take_generation(struct nft *nft, const struct nlmsghdr *msg)
{
	uint32_t generation = generation_of(msg);

	if (!generation || (int32_t)(generation - nft->generation) > 0)
		nft->due = true;
}

static int take_message(struct nft *nft, struct nlmsghdr *msg, struct record *rec)
{
	if (mnl_nlmsg_get_payload_len(msg) < sizeof(struct nfgenmsg))
		return 0;
	if (msg->nlmsg_type == TYPE(NFT_MSG_NEWGEN))
		take_generation(nft, msg);
	if (msg->nlmsg_type == TYPE(NFT_MSG_TRACE))
		return take_trace(nft, msg, rec);
	return 0;
}

static int take_loss(struct nft *nft, int what, struct record *rec)
{
	if (what == EVENTS_LOSES)
		return live_loss(&nft->live, GAP_SOCKET, 0, RECORD_LOSS_OPENS,
				 "the trace socket's receive buffer ran over", rec);
	nft->due = true; /* a change of rules may be among what was lost */
	return live_loss(&nft->live, GAP_SOCKET, events_lost(&nft->events), RECORD_LOSS_CLOSES,
			 "the trace socket's queue is read empty again", rec);
}

static bool is_due(const struct nft *nft, bool idle)
{
	if (!nft->rules)
		return false;
	if (!nft->text.n)
		return true;
	if (nft->due)
		return live_now() >= nft->not_before;
	return idle && nft->legacy && live_now() - nft->read_at > LEGACY_NS;
}

/* try_rules - Return: 1 with a record if another rule set is loaded */
static int try_rules(struct nft *nft, bool idle, struct record *rec)
{
	int ret = is_due(nft, idle) ? read_rules(nft, rec) : 0;

	if (ret < 0) {
		live_trouble(&nft->live, "the rule set cannot be read: %s", strerror(-ret));
		nft->rules = false;
	}
	return ret > 0;
}

/* tell_empty - Return: 1 with a record if no event was left at a moment that was not told yet */
static int tell_empty(struct nft *nft, struct record *rec)
{
	static const struct str nothing;

	if (!nft->traces || nft->events.emptied - nft->emptied < EMPTY_NS)
		return 0;
	nft->emptied = nft->events.emptied;
	return live_record(&nft->live, RECORD_EMPTY, nothing, nft->emptied, rec);
}

static int nft_next(struct source *source, struct record *rec)
{
	struct nft *nft = (struct nft *)source;
	struct nlmsghdr *msg;
	int ret;

	do {
		if (try_rules(nft, false, rec))
			return 1;
		ret = events_next(&nft->events, &msg);
		if (ret == EVENTS_MESSAGE && take_message(nft, msg, rec))
			return 1;
		if (ret == EVENTS_LOSES || ret == EVENTS_LOST)
			return take_loss(nft, ret, rec);
	} while (ret > 0);
	if (ret == -EAGAIN && (try_rules(nft, true, rec) || tell_empty(nft, rec)))
		return 1;
	return ret;
}

static int nft_fd(const struct source *source)
{
	return mnl_socket_get_fd(((const struct nft *)source)->events.nl);
}

static void nft_close(struct source *source)
{
	struct nft *nft = (struct nft *)source;

	events_close(&nft->events);
	if (nft->ask)
		mnl_socket_close(nft->ask);
	free((char *)(uintptr_t)nft->text.p);
	free(nft);
}

static const struct source_ops nft_ops = {
	.next = nft_next,
	.close = nft_close,
	.fd = nft_fd,
	.trouble = live_ops_trouble,
	.position = live_ops_position,
	.parts = live_ops_parts,
};

static int open_sockets(struct nft *nft, size_t buffer)
{
	int ret = events_open(&nft->events, &nft->live, buffer, SLOT);

	if (!ret)
		ret = events_join(&nft->events, NFNLGRP_NFTABLES);
	if (!ret && nft->traces)
		ret = events_join(&nft->events, NFNLGRP_NFTRACE);
	if (ret < 0)
		return ret;
	nft->ask = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	if (!nft->ask || mnl_socket_bind(nft->ask, 0, MNL_SOCKET_AUTOPID) < 0)
		return -errno;
	return 0;
}

static int open_nft(bool traces, const char *name, unsigned int number,
		    const struct source_want *want, struct source **source)
{
	static const struct source_want nothing;
	struct nft *nft = calloc(1, sizeof(*nft));
	int ret;

	if (!nft)
		return -ENOMEM;
	want = want ? want : &nothing;
	live_init(&nft->live, &nft_ops, number);
	nft->traces = traces;
	nft->rules = !want->no_rules;
	if (want->own_table)
		snprintf(nft->own, sizeof(nft->own), "%s", want->own_table);
	*source = &nft->live.source;
	ret = open_sockets(nft, want->buffer);
	if (ret == -EPERM)
		live_trouble(&nft->live, "trace events need CAP_NET_ADMIN: run it as root");
	else if (*name)
		live_trouble(&nft->live, "expected nft: alone, found nft:%s", name);
	return *name && !ret ? -EINVAL : ret;
}

int nft_open(const char *name, unsigned int number, const struct source_want *want,
	     struct source **source)
{
	return open_nft(true, name, number, want, source);
}

int rules_open(const char *name, unsigned int number, const struct source_want *want,
	       struct source **source)
{
	return open_nft(false, name, number, want, source);
}
