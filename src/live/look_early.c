// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * look_early.c - base chains that a packet passes before --trace can begin its trace
 *
 * What they drop is never seen, so it matters whether they can. A chain does what the chains do
 * that it jumps to: rules of these tables become edges between chains, along which that spreads.
 */
#include "look.h"

#include <errno.h>
#include <stdio.h> /* libnftnl's headers want it */
#include <stdlib.h>

#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter.h>

#include "nfhop/arm.h"

#include "netlink.h"

#define SEQ	    1
#define REQUEST_MAX 256

struct node {
	unsigned int family;
	char table[LOOK_NAME], chain[LOOK_NAME];
	enum look_drops drops;
};

/* struct edge - a rule of @from jumps to @to */
struct edge {
	size_t from, to;
};

/* struct early_asking - @failed: out of memory */
struct early_asking {
	struct look *look;
	struct node *nodes;
	struct edge *edges;
	size_t n_nodes, n_edges, at;
	bool failed;
};

static void name_copy(char *to, const char *from)
{
	snprintf(to, LOOK_NAME, "%s", from ? from : "");
}

static bool same(const char *a, const char *b)
{
	return !strcmp(a, b ? b : "");
}

/* What passes a device, or a bridge, before it comes to the IP hooks at which --trace begins. */
static bool is_early(unsigned int family, unsigned int hook, int32_t priority)
{
	switch (family) {
	case NFPROTO_NETDEV:
		return hook == NF_NETDEV_INGRESS;
	case NFPROTO_BRIDGE: /* NF_BR_* of linux/netfilter_bridge.h are the same numbers */
		return hook == NF_INET_PRE_ROUTING || hook == NF_INET_LOCAL_IN;
	case NFPROTO_INET:
	case NFPROTO_IPV4:
	case NFPROTO_IPV6:
		return hook == NF_INET_INGRESS ||
		       ((hook == NF_INET_PRE_ROUTING || hook == NF_INET_LOCAL_OUT) &&
			priority < ARM_PRIORITY);
	default:
		return false;
	}
}

static const char *device_of(const struct nftnl_chain *chain)
{
	const char *const *devices = nftnl_chain_get(chain, NFTNL_CHAIN_DEVICES);

	if (devices)
		return devices[0];
	return nftnl_chain_get_str(chain, NFTNL_CHAIN_DEV);
}

static void take_chain(struct look *look, const struct nftnl_chain *chain)
{
	struct look_chain *early = &look->early[look->n_early];

	*early = (struct look_chain){
		.family = nftnl_chain_get_u32(chain, NFTNL_CHAIN_FAMILY),
		.hook = nftnl_chain_get_u32(chain, NFTNL_CHAIN_HOOKNUM),
		.priority = nftnl_chain_get_s32(chain, NFTNL_CHAIN_PRIO),
	};
	if (nftnl_chain_get_u32(chain, NFTNL_CHAIN_POLICY) == NF_DROP)
		early->drops = DROPS_SOME;
	name_copy(early->table, nftnl_chain_get_str(chain, NFTNL_CHAIN_TABLE));
	name_copy(early->name, nftnl_chain_get_str(chain, NFTNL_CHAIN_NAME));
	name_copy(early->device, device_of(chain));
	if (is_early(early->family, early->hook, early->priority))
		look->n_early++;
}

static int on_chain(const struct nlmsghdr *nlh, void *who)
{
	struct look *look = ((struct early_asking *)who)->look;
	struct nftnl_chain *chain = nftnl_chain_alloc();

	if (chain && !nftnl_chain_nlmsg_parse(nlh, chain) && look->n_early < LOOK_MAX &&
	    nftnl_chain_is_set(chain, NFTNL_CHAIN_HOOKNUM))
		take_chain(look, chain);
	if (chain)
		nftnl_chain_free(chain);
	return MNL_CB_OK;
}

static bool is_asked(const struct look *look, unsigned int family, const char *table)
{
	for (size_t i = 0; i < look->n_early; i++)
		if (look->early[i].family == family && same(look->early[i].table, table))
			return true;
	return false;
}

/* Room for one more; NULL if there is none. The sizes double. */
static void *grow(void *items, size_t n, size_t size)
{
	return n & (n - 1) ? items : realloc(items, (n ? n * 2 : 1) * size);
}

/* The chain of that name; Return: its number, n_nodes if there is no memory */
static size_t node_of(struct early_asking *asking, unsigned int family, const char *table,
		      const char *chain)
{
	struct node *nodes;
	size_t i = 0;

	while (i < asking->n_nodes &&
	       (asking->nodes[i].family != family || !same(asking->nodes[i].table, table) ||
		!same(asking->nodes[i].chain, chain)))
		i++;
	if (i < asking->n_nodes)
		return i;
	nodes = grow(asking->nodes, i, sizeof(*nodes));
	if (!nodes) {
		asking->failed = true;
		return i;
	}
	asking->nodes = nodes;
	nodes[i] = (struct node){ .family = family };
	name_copy(nodes[i].table, table);
	name_copy(nodes[i].chain, chain);
	return asking->n_nodes++;
}

static void add_edge(struct early_asking *asking, const char *chain)
{
	unsigned int family = asking->nodes[asking->at].family;
	char table[LOOK_NAME];
	struct edge *edges;
	size_t to;

	name_copy(table, asking->nodes[asking->at].table);
	to = node_of(asking, family, table, chain);
	edges = grow(asking->edges, asking->n_edges, sizeof(*edges));
	asking->failed |= !edges;
	if (asking->failed)
		return;
	asking->edges = edges;
	edges[asking->n_edges++] = (struct edge){ asking->at, to };
}

static void raise_to(enum look_drops *drops, enum look_drops to)
{
	if (*drops < to)
		*drops = to;
}

/* Expressions that end a packet, whatever is in them; `target` is a module of iptables. */
static const struct {
	const char *name;
	enum look_drops drops;
} ends[] = {
	{ "reject", DROPS_SOME }, { "queue", DROPS_SOME },     { "synproxy", DROPS_SOME },
	{ "fwd", DROPS_SOME },	  { "target", DROPS_PERHAPS },
};

static void take_verdict(struct early_asking *asking, const struct nftnl_expr *expr)
{
	uint32_t verdict = nftnl_expr_get_u32(expr, NFTNL_EXPR_IMM_VERDICT);

	if (verdict == (uint32_t)NFT_JUMP || verdict == (uint32_t)NFT_GOTO)
		add_edge(asking, nftnl_expr_get_str(expr, NFTNL_EXPR_IMM_CHAIN));
	else if (verdict == NF_DROP)
		raise_to(&asking->nodes[asking->at].drops, DROPS_SOME);
}

static int on_expr(struct nftnl_expr *expr, void *who)
{
	struct early_asking *asking = who;
	enum look_drops *drops = &asking->nodes[asking->at].drops;
	const char *name = nftnl_expr_get_str(expr, NFTNL_EXPR_NAME);

	if (!strcmp(name, "immediate") && nftnl_expr_is_set(expr, NFTNL_EXPR_IMM_VERDICT))
		take_verdict(asking, expr);
	else if (!strcmp(name, "lookup") && nftnl_expr_is_set(expr, NFTNL_EXPR_LOOKUP_DREG) &&
		 nftnl_expr_get_u32(expr, NFTNL_EXPR_LOOKUP_DREG) == NFT_REG_VERDICT)
		raise_to(drops, DROPS_PERHAPS);
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++)
		if (!strcmp(name, ends[i].name))
			raise_to(drops, ends[i].drops);
	return MNL_CB_OK;
}

static int on_rule(const struct nlmsghdr *nlh, void *who)
{
	struct early_asking *asking = who;
	struct nftnl_rule *rule = nftnl_rule_alloc();
	unsigned int family;

	if (!rule || nftnl_rule_nlmsg_parse(nlh, rule) < 0)
		goto out;
	family = nftnl_rule_get_u32(rule, NFTNL_RULE_FAMILY);
	if (!is_asked(asking->look, family, nftnl_rule_get_str(rule, NFTNL_RULE_TABLE)))
		goto out;
	asking->at = node_of(asking, family, nftnl_rule_get_str(rule, NFTNL_RULE_TABLE),
			     nftnl_rule_get_str(rule, NFTNL_RULE_CHAIN));
	if (!asking->failed)
		nftnl_expr_foreach(rule, on_expr, asking);
out:
	if (rule)
		nftnl_rule_free(rule);
	return asking->failed ? MNL_CB_ERROR : MNL_CB_OK;
}

static void forget_chains(void *who)
{
	((struct early_asking *)who)->look->n_early = 0;
}

static void forget_rules(void *who)
{
	struct early_asking *asking = who;

	asking->n_nodes = asking->n_edges = 0;
}

/* Along the edges, until nothing changes; each turn raises one chain at least. */
static void spread(struct early_asking *asking)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < asking->n_edges; i++) {
			enum look_drops to = asking->nodes[asking->edges[i].to].drops;
			enum look_drops *from = &asking->nodes[asking->edges[i].from].drops;

			changed |= *from < to;
			raise_to(from, to);
		}
	}
}

static void tell(struct early_asking *asking)
{
	for (size_t i = 0; i < asking->look->n_early; i++) {
		struct look_chain *early = &asking->look->early[i];
		size_t at = node_of(asking, early->family, early->table, early->name);

		if (at < asking->n_nodes)
			raise_to(&early->drops, asking->nodes[at].drops);
	}
}

static int dump(struct early_asking *asking, unsigned int type, mnl_cb_t answer,
		void (*restart)(void *who))
{
	char buf[REQUEST_MAX];
	struct nlmsghdr *nlh = nftnl_nlmsg_build_hdr(buf, (uint16_t)type, NFPROTO_UNSPEC,
						     NLM_F_DUMP, SEQ);

	return netlink_ask(NETLINK_NETFILTER, nlh, answer, restart, asking);
}

int look_early(struct look *look)
{
	struct early_asking asking = { .look = look };
	int ret = dump(&asking, NFT_MSG_GETCHAIN, on_chain, forget_chains);

	if (!ret && look->n_early)
		ret = dump(&asking, NFT_MSG_GETRULE, on_rule, forget_rules);
	spread(&asking);
	tell(&asking);
	free(asking.nodes);
	free(asking.edges);
	return asking.failed ? -ENOMEM : ret;
}
