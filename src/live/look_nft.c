// SPDX-License-Identifier: GPL-2.0-or-later
/* look_nft.c - what nftables holds: tables, flowtables, rules that set the trace */
#include "look.h"

#include <errno.h>
#include <stdio.h> /* libnftnl's headers want it */

#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/flowtable.h>
#include <libnftnl/rule.h>
#include <libnftnl/table.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>

#include "nfhop/arm.h"

#include "netlink.h"

#define SEQ	    1
#define REQUEST_MAX 256

/* struct nft_asking - the dump of rules comes chain by chain, in the order of evaluation */
struct nft_asking {
	struct look *look;
	char table[LOOK_NAME], chain[LOOK_NAME];
	unsigned int family;
	uint32_t number;
};

static void name_copy(char *to, const char *from)
{
	snprintf(to, LOOK_NAME, "%s", from ? from : "");
}

static int on_table(const struct nlmsghdr *nlh, void *who)
{
	struct look *look = ((struct nft_asking *)who)->look;
	struct nftnl_table *table = nftnl_table_alloc();

	if (table && !nftnl_table_nlmsg_parse(nlh, table)) {
		if (look->n_tables < LOOK_MAX) {
			struct look_thing *thing = &look->tables[look->n_tables];

			thing->family = nftnl_table_get_u32(table, NFTNL_TABLE_FAMILY);
			name_copy(thing->table, nftnl_table_get_str(table, NFTNL_TABLE_NAME));
			look->n_tables++;
		}
	}
	if (table)
		nftnl_table_free(table);
	return MNL_CB_OK;
}

static int on_flowtable(const struct nlmsghdr *nlh, void *who)
{
	struct look *look = ((struct nft_asking *)who)->look;
	struct nftnl_flowtable *ft = nftnl_flowtable_alloc();

	if (ft && !nftnl_flowtable_nlmsg_parse(nlh, ft) && look->n_flowtables < LOOK_MAX) {
		struct look_thing *thing = &look->flowtables[look->n_flowtables++];

		thing->family = nftnl_flowtable_get_u32(ft, NFTNL_FLOWTABLE_FAMILY);
		name_copy(thing->table, nftnl_flowtable_get_str(ft, NFTNL_FLOWTABLE_TABLE));
		name_copy(thing->name, nftnl_flowtable_get_str(ft, NFTNL_FLOWTABLE_NAME));
	}
	if (ft)
		nftnl_flowtable_free(ft);
	return MNL_CB_OK;
}

/* struct seen_exprs - what a rule's expressions say of tracing */
struct seen_exprs {
	bool traces, counted;
	uint64_t packets;
};

static int on_expr(struct nftnl_expr *expr, void *who)
{
	struct seen_exprs *seen = who;
	const char *name = nftnl_expr_get_str(expr, NFTNL_EXPR_NAME);

	if (!strcmp(name, "counter")) {
		seen->counted = true;
		seen->packets = nftnl_expr_get_u64(expr, NFTNL_EXPR_CTR_PACKETS);
	}
	if (!strcmp(name, "meta") && nftnl_expr_is_set(expr, NFTNL_EXPR_META_SREG) &&
	    nftnl_expr_get_u32(expr, NFTNL_EXPR_META_KEY) == NFT_META_NFTRACE)
		seen->traces = true;
	return MNL_CB_OK;
}

static void count_rule(struct nft_asking *asking, const struct nftnl_rule *rule)
{
	unsigned int family = nftnl_rule_get_u32(rule, NFTNL_RULE_FAMILY);
	const char *table = nftnl_rule_get_str(rule, NFTNL_RULE_TABLE);
	const char *chain = nftnl_rule_get_str(rule, NFTNL_RULE_CHAIN);

	if (asking->family != family || strcmp(asking->table, table ? table : "") ||
	    strcmp(asking->chain, chain ? chain : ""))
		asking->number = 0;
	asking->family = family;
	name_copy(asking->table, table);
	name_copy(asking->chain, chain);
	asking->number++;
	asking->look->rules++;
	for (size_t i = 0; i < asking->look->n_tables; i++) {
		struct look_thing *thing = &asking->look->tables[i];

		if (thing->family == family && !strcmp(thing->table, asking->table))
			thing->rules++;
	}
}

static int on_rule(const struct nlmsghdr *nlh, void *who)
{
	struct nft_asking *asking = who;
	struct look *look = asking->look;
	struct nftnl_rule *rule = nftnl_rule_alloc();
	struct seen_exprs seen = { .traces = false };

	if (!rule || nftnl_rule_nlmsg_parse(nlh, rule) < 0)
		goto out;
	count_rule(asking, rule);
	nftnl_expr_foreach(rule, on_expr, &seen);
	if (seen.traces && look->n_traces < LOOK_MAX) {
		struct look_rule *trace = &look->traces[look->n_traces++];

		*trace = (struct look_rule){
			.family = asking->family,
			.number = asking->number,
			.handle = nftnl_rule_get_u64(rule, NFTNL_RULE_HANDLE),
			.counted = seen.counted,
			.packets = seen.packets,
		};
		name_copy(trace->table, asking->table);
		name_copy(trace->chain, asking->chain);
	}
out:
	if (rule)
		nftnl_rule_free(rule);
	return MNL_CB_OK;
}

/* The kernel breaks a dump off when the rule set changes: begin anew. */
static void forget_tables(void *who)
{
	((struct nft_asking *)who)->look->n_tables = 0;
}

static void forget_flowtables(void *who)
{
	((struct nft_asking *)who)->look->n_flowtables = 0;
}

static void forget_rules(void *who)
{
	struct nft_asking *asking = who;

	asking->look->rules = 0;
	asking->look->n_traces = 0;
	for (size_t i = 0; i < asking->look->n_tables; i++)
		asking->look->tables[i].rules = 0;
	*asking = (struct nft_asking){ .look = asking->look };
}

static int dump(struct look *look, unsigned int type, mnl_cb_t answer, void (*restart)(void *who))
{
	struct nft_asking asking = { .look = look };
	char buf[REQUEST_MAX];
	struct nlmsghdr *nlh = nftnl_nlmsg_build_hdr(buf, (uint16_t)type, NFPROTO_UNSPEC,
						     NLM_F_DUMP, SEQ);

	return netlink_ask(NETLINK_NETFILTER, nlh, answer, restart, &asking);
}

static int try_trace_group(void)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	int group = NFNLGRP_NFTRACE, ret = 0;

	if (!socket)
		return -errno;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_setsockopt(socket, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0)
		ret = -errno;
	mnl_socket_close(socket);
	return ret;
}

static void look_tables(struct look *look)
{
	look->err = dump(look, NFT_MSG_GETTABLE, on_table, forget_tables);
}

void look_nft(struct look *look)
{
	look->trace_err = try_trace_group();
	look_tables(look);
	if (!look->err)
		look->err = dump(look, NFT_MSG_GETRULE, on_rule, forget_rules);
	if (!look->err)
		look->err = look_early(look);
	/* kernels before 4.16 have no flowtables */
	if (!look->err)
		dump(look, NFT_MSG_GETFLOWTABLE, on_flowtable, forget_flowtables);
}

void arm_unreached(char *names, size_t n)
{
	struct look *look = calloc(1, sizeof(*look));
	size_t used = 0;

	if (n)
		*names = '\0';
	if (look)
		look_tables(look);
	for (size_t i = 0; look && i < look->n_tables && used < n; i++)
		if (look->tables[i].family == NFPROTO_BRIDGE)
			used += (size_t)snprintf(names + used, n - used, "%sbridge %s",
						 used ? ", " : "", look->tables[i].table);
	free(look);
}
