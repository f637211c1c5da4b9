// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * arm_table.c - the table that makes the kernel trace, as messages to the kernel
 *
 * Theory of operation
 *
 * The rows of the filter are rules of the base chains `prerouting` and `output`. They share one
 * limit, an object of the table's, and set the bit. The other chains have no rule: a traced packet
 * that passes them is reported by the kernel, and nothing more happens to it.
 *
 * All is one transaction: the kernel takes the table as a whole or not at all. The table belongs
 * to the socket (NFT_TABLE_F_OWNER), which stays open as long as the trace is wanted.
 */
#include "arm_table.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/object.h>
#include <libnftnl/rule.h>
#include <libnftnl/table.h>
#include <limits.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "arm_rule.h"

#define BEHIND 150 /* of srcnat (100); connections are confirmed at INT_MAX */

#define LIMIT "limit"

/* clang-format off */
static const struct own_chain {
	const char *name;
	uint32_t hook;
	int32_t priority;
	bool starts; /* traces begin here */
} own_chains[] = {
	{ "prerouting",  NF_INET_PRE_ROUTING,  ARM_PRIORITY, true },
	{ "output",      NF_INET_LOCAL_OUT,    ARM_PRIORITY, true },
	{ "forward",     NF_INET_FORWARD,      ARM_PRIORITY, false },
	{ "input",       NF_INET_LOCAL_IN,     BEHIND, false },
	{ "postrouting", NF_INET_POST_ROUTING, BEHIND, false },
};
/* clang-format on */

/**
 * struct transaction - messages that the kernel takes all or none of
 * @first, @seq: numbers of the first and of the next
 */
struct transaction {
	struct arm *arm;
	char *buf;
	size_t used;
	bool failed;
};

static char *room(struct transaction *b)
{
	if (b->used + 65536 > ARM_MESSAGES)
		b->failed = true;
	return b->failed ? NULL : b->buf + b->used;
}

static struct nlmsghdr *begin(struct transaction *b, uint16_t type, uint16_t flags)
{
	char *at = room(b);

	return at ? nftnl_nlmsg_build_hdr(at, type, NFPROTO_INET, flags | NLM_F_ACK, ++b->arm->seq)
		  : NULL;
}

static void finish(struct transaction *b, const struct nlmsghdr *msg)
{
	b->used += NLMSG_ALIGN(msg->nlmsg_len);
}

static void put_mark(struct transaction *b, struct nlmsghdr *(*build)(char *buf, uint32_t seq))
{
	char *at = room(b);

	if (at)
		finish(b, build(at, ++b->arm->seq));
}

static void put_table(struct transaction *b)
{
	struct nftnl_table *table = nftnl_table_alloc();
	struct nlmsghdr *msg = begin(b, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL);

	if (!table || !msg) {
		b->failed = true;
	} else {
		nftnl_table_set_str(table, NFTNL_TABLE_NAME, b->arm->table);
		nftnl_table_set_u32(table, NFTNL_TABLE_FLAGS, NFT_TABLE_F_OWNER);
		nftnl_table_nlmsg_build_payload(msg, table);
		finish(b, msg);
	}
	nftnl_table_free(table);
}

static void put_chain(struct transaction *b, const struct own_chain *base)
{
	struct nftnl_chain *chain = nftnl_chain_alloc();
	struct nlmsghdr *msg = begin(b, NFT_MSG_NEWCHAIN, NLM_F_CREATE);

	if (!chain || !msg) {
		b->failed = true;
	} else {
		nftnl_chain_set_str(chain, NFTNL_CHAIN_TABLE, b->arm->table);
		nftnl_chain_set_str(chain, NFTNL_CHAIN_NAME, base->name);
		nftnl_chain_set_str(chain, NFTNL_CHAIN_TYPE, "filter");
		nftnl_chain_set_u32(chain, NFTNL_CHAIN_HOOKNUM, base->hook);
		nftnl_chain_set_s32(chain, NFTNL_CHAIN_PRIO, base->priority);
		nftnl_chain_set_u32(chain, NFTNL_CHAIN_POLICY, NF_ACCEPT);
		nftnl_chain_nlmsg_build_payload(msg, chain);
		finish(b, msg);
	}
	nftnl_chain_free(chain);
}

static struct nftnl_rule *new_rule(const struct transaction *b, const char *chain)
{
	struct nftnl_rule *rule = nftnl_rule_alloc();

	if (!rule)
		return NULL;
	nftnl_rule_set_u32(rule, NFTNL_RULE_FAMILY, NFPROTO_INET);
	nftnl_rule_set_str(rule, NFTNL_RULE_TABLE, b->arm->table);
	nftnl_rule_set_str(rule, NFTNL_RULE_CHAIN, chain);
	return rule;
}

static void put_rule(struct transaction *b, struct nftnl_rule *rule)
{
	struct nlmsghdr *msg = begin(b, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);

	if (msg) {
		nftnl_rule_nlmsg_build_payload(msg, rule);
		finish(b, msg);
	}
}

static struct nftnl_expr *add(struct transaction *b, struct nftnl_rule *rule, const char *name)
{
	struct nftnl_expr *e = nftnl_expr_alloc(name);

	if (e)
		nftnl_rule_add_expr(rule, e);
	else
		b->failed = true;
	return e;
}

static void add_accept(struct transaction *b, struct nftnl_rule *rule)
{
	struct nftnl_expr *e = add(b, rule, "immediate");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
	nftnl_expr_set_u32(e, NFTNL_EXPR_IMM_VERDICT, NF_ACCEPT);
}

/* add_object - the packet passes an object of the table's */
static void add_object(struct transaction *b, struct nftnl_rule *rule, uint32_t type,
		       const char *name)
{
	struct nftnl_expr *e = add(b, rule, "objref");

	if (!e)
		return;
	nftnl_expr_set_u32(e, NFTNL_EXPR_OBJREF_IMM_TYPE, type);
	nftnl_expr_set_str(e, NFTNL_EXPR_OBJREF_IMM_NAME, name);
}

struct nftnl_obj *arm_object(const struct arm *arm, uint32_t type, const char *name)
{
	struct nftnl_obj *o = nftnl_obj_alloc();

	if (!o)
		return NULL;
	nftnl_obj_set_str(o, NFTNL_OBJ_TABLE, arm->table);
	nftnl_obj_set_str(o, NFTNL_OBJ_NAME, name);
	nftnl_obj_set_u32(o, NFTNL_OBJ_TYPE, type);
	return o;
}

static void put_counter(struct transaction *b, const char *name)
{
	struct nftnl_obj *counter = arm_object(b->arm, NFT_OBJECT_COUNTER, name);
	struct nlmsghdr *msg = begin(b, NFT_MSG_NEWOBJ, NLM_F_CREATE);

	if (!counter || !msg) {
		b->failed = true;
	} else {
		nftnl_obj_nlmsg_build_payload(msg, counter);
		finish(b, msg);
	}
	if (counter)
		nftnl_obj_free(counter);
}

/* The kernel's bucket of tokens holds as many as come in one unit. */
static void put_limit(struct transaction *b, const struct arm_want *want, uint16_t type,
		      uint16_t flags)
{
	struct nftnl_obj *limit = arm_object(b->arm, NFT_OBJECT_LIMIT, LIMIT);
	struct nlmsghdr *msg = begin(b, type, flags);

	if (!limit || !msg) {
		b->failed = true;
	} else {
		nftnl_obj_set_u64(limit, NFTNL_OBJ_LIMIT_RATE, want->limit ? want->limit : 1);
		nftnl_obj_set_u64(limit, NFTNL_OBJ_LIMIT_UNIT, want->unit ? want->unit : 1);
		nftnl_obj_set_u32(limit, NFTNL_OBJ_LIMIT_BURST,
				  want->limit < 65535 ? (uint32_t)want->limit : 65535);
		nftnl_obj_set_u32(limit, NFTNL_OBJ_LIMIT_TYPE, NFT_LIMIT_PKTS);
		nftnl_obj_nlmsg_build_payload(msg, limit);
		finish(b, msg);
	}
	if (limit)
		nftnl_obj_free(limit);
}

static void add_trace(struct transaction *b, struct nftnl_rule *rule)
{
	struct nftnl_expr *one = add(b, rule, "immediate"), *set = add(b, rule, "meta");

	if (!one || !set)
		return;
	nftnl_expr_set_u32(one, NFTNL_EXPR_IMM_DREG, NFT_REG_1);
	nftnl_expr_set_u32(one, NFTNL_EXPR_IMM_DATA, 1);
	nftnl_expr_set_u32(set, NFTNL_EXPR_META_KEY, NFT_META_NFTRACE);
	nftnl_expr_set_u32(set, NFTNL_EXPR_META_SREG, NFT_REG_1);
}

/* After the bit is set no other row matters: the packet goes on. */
static void put_term_rule(struct transaction *b, const char *chain, const struct term *term,
			  bool limited)
{
	struct nftnl_rule *rule = new_rule(b, chain);

	if (!rule || arm_rule_add(rule, term)) {
		b->failed = true;
	} else {
		add_object(b, rule, NFT_OBJECT_COUNTER, ARM_ASKED);
		if (limited)
			add_object(b, rule, NFT_OBJECT_LIMIT, LIMIT);
		add_object(b, rule, NFT_OBJECT_COUNTER, ARM_TRACED);
		add_trace(b, rule);
		add_accept(b, rule);
		put_rule(b, rule);
	}
	if (rule)
		nftnl_rule_free(rule);
}

static void put_rules(struct transaction *b, const struct arm_want *want, const struct terms *terms)
{
	for (size_t i = 0; i < sizeof(own_chains) / sizeof(*own_chains); i++)
		for (size_t k = 0; own_chains[i].starts && k < terms->n; k++)
			put_term_rule(b, own_chains[i].name, &terms->at[k], want->limit);
}

static void put_chains(struct transaction *b)
{
	for (size_t i = 0; i < sizeof(own_chains) / sizeof(*own_chains); i++)
		put_chain(b, &own_chains[i]);
}

/* put_flush - all rules of the table go */
static void put_flush(struct transaction *b)
{
	struct nftnl_rule *rule = nftnl_rule_alloc();
	struct nlmsghdr *msg = begin(b, NFT_MSG_DELRULE, 0);

	if (!rule || !msg) {
		b->failed = true;
	} else {
		nftnl_rule_set_str(rule, NFTNL_RULE_TABLE, b->arm->table);
		nftnl_rule_nlmsg_build_payload(msg, rule);
		finish(b, msg);
	}
	if (rule)
		nftnl_rule_free(rule);
}

/* answers - Return: the first error that the kernel says of a message up to number @last, or 0 */
static int answers(struct mnl_socket *nl, uint32_t last)
{
	char buf[16384];
	int ret = 0;

	for (;;) {
		ssize_t n = recv(mnl_socket_get_fd(nl), buf, sizeof(buf), 0);
		const struct nlmsghdr *msg = (const struct nlmsghdr *)(const void *)buf;
		int len = (int)n;

		if (n < 0)
			return errno == EINTR ? -EAGAIN : -errno;
		for (; mnl_nlmsg_ok(msg, len); msg = mnl_nlmsg_next(msg, &len)) {
			const struct nlmsgerr *err = mnl_nlmsg_get_payload(msg);

			if (msg->nlmsg_type != NLMSG_ERROR)
				continue;
			if (!ret)
				ret = err->error;
			if (err->error || msg->nlmsg_seq >= last)
				return ret;
		}
	}
}

static int commit(struct transaction *b)
{
	uint32_t last = b->arm->seq;

	put_mark(b, nftnl_batch_end);
	if (b->failed)
		return -E2BIG;
	if (mnl_socket_sendto(b->arm->nl, b->buf, b->used) < 0)
		return -errno;
	return answers(b->arm->nl, last);
}

int arm_table_send(struct arm *arm, const struct arm_want *want, const struct terms *terms,
		   bool fresh)
{
	struct transaction b = { .arm = arm, .buf = malloc(ARM_MESSAGES) };
	int ret;

	if (!b.buf)
		return -ENOMEM;
	put_mark(&b, nftnl_batch_begin);
	if (fresh) {
		put_table(&b);
		put_chains(&b);
		put_counter(&b, ARM_ASKED);
		put_counter(&b, ARM_TRACED);
	} else {
		put_flush(&b);
		put_limit(&b, want, NFT_MSG_DELOBJ, 0);
	}
	put_limit(&b, want, NFT_MSG_NEWOBJ, NLM_F_CREATE);
	put_rules(&b, want, terms);
	ret = commit(&b);
	free(b.buf);
	return ret;
}
