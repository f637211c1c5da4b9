// SPDX-License-Identifier: GPL-2.0-or-later
/* arm_rule.c - a row of conditions as a rule of nf_tables */
#include "arm_rule.h"

#include <errno.h>
#include <stdio.h>

#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <linux/netfilter/nf_tables.h>
#include <stdint.h>

#define PLACE_META UINT32_MAX

/* Where the kernel finds it: a key of meta, or bytes of a header (RFC 791, 8200, 9293). */
static const struct place {
	uint32_t base; /* enum nft_payload_bases, or PLACE_META */
	uint32_t at;   /* offset, or enum nft_meta_keys */
} places[LOOK_MAX] = {
	[LOOK_NFPROTO] = { PLACE_META, NFT_META_NFPROTO },
	[LOOK_L4PROTO] = { PLACE_META, NFT_META_L4PROTO },
	[LOOK_IIF] = { PLACE_META, NFT_META_IIFNAME },
	[LOOK_MARK] = { PLACE_META, NFT_META_MARK },
	[LOOK_SRC4] = { NFT_PAYLOAD_NETWORK_HEADER, 12 },
	[LOOK_DST4] = { NFT_PAYLOAD_NETWORK_HEADER, 16 },
	[LOOK_SRC6] = { NFT_PAYLOAD_NETWORK_HEADER, 8 },
	[LOOK_DST6] = { NFT_PAYLOAD_NETWORK_HEADER, 24 },
	[LOOK_TTL4] = { NFT_PAYLOAD_NETWORK_HEADER, 8 },
	[LOOK_TTL6] = { NFT_PAYLOAD_NETWORK_HEADER, 7 },
	[LOOK_LENGTH4] = { NFT_PAYLOAD_NETWORK_HEADER, 2 },
	[LOOK_LENGTH6] = { NFT_PAYLOAD_NETWORK_HEADER, 4 },
	[LOOK_SPORT] = { NFT_PAYLOAD_TRANSPORT_HEADER, 0 },
	[LOOK_DPORT] = { NFT_PAYLOAD_TRANSPORT_HEADER, 2 },
	[LOOK_FLAGS] = { NFT_PAYLOAD_TRANSPORT_HEADER, 13 },
};

static struct nftnl_expr *add(struct nftnl_rule *rule, const char *name)
{
	struct nftnl_expr *e = nftnl_expr_alloc(name);

	if (e)
		nftnl_rule_add_expr(rule, e);
	return e;
}

static bool add_load(struct nftnl_rule *rule, const struct atom *atom)
{
	const struct place *place = &places[atom->look];
	bool meta = place->base == PLACE_META;
	struct nftnl_expr *e = add(rule, meta ? "meta" : "payload");

	if (!e)
		return false;
	if (meta) {
		nftnl_expr_set_u32(e, NFTNL_EXPR_META_KEY, place->at);
		nftnl_expr_set_u32(e, NFTNL_EXPR_META_DREG, NFT_REG_1);
	} else {
		nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_BASE, place->base);
		nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_OFFSET, place->at);
		nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_LEN, atom->size);
		nftnl_expr_set_u32(e, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG_1);
	}
	return true;
}

static bool add_mask(struct nftnl_rule *rule, const struct atom *atom)
{
	static const uint8_t zero[16];
	struct nftnl_expr *e;

	if (!atom->masked)
		return true;
	e = add(rule, "bitwise");
	if (!e)
		return false;
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_DREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_BITWISE_LEN, atom->size);
	nftnl_expr_set(e, NFTNL_EXPR_BITWISE_MASK, atom->mask, atom->size);
	nftnl_expr_set(e, NFTNL_EXPR_BITWISE_XOR, zero, atom->size);
	return true;
}

static bool add_compare(struct nftnl_rule *rule, const struct atom *atom)
{
	static const uint32_t ops[] = {
		[QUERY_LT] = NFT_CMP_LT,  [QUERY_LE] = NFT_CMP_LTE, [QUERY_EQ] = NFT_CMP_EQ,
		[QUERY_NE] = NFT_CMP_NEQ, [QUERY_GE] = NFT_CMP_GTE, [QUERY_GT] = NFT_CMP_GT,
	};
	struct nftnl_expr *e = add(rule, "cmp");

	if (!e)
		return false;
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_SREG, NFT_REG_1);
	nftnl_expr_set_u32(e, NFTNL_EXPR_CMP_OP, ops[atom->compare]);
	nftnl_expr_set(e, NFTNL_EXPR_CMP_DATA, atom->data, atom->size);
	return true;
}

int arm_rule_add(struct nftnl_rule *rule, const struct term *term)
{
	for (size_t i = 0; i < term->n; i++) {
		const struct atom *atom = &term->atoms[i];

		if (!add_load(rule, atom) || !add_mask(rule, atom) || !add_compare(rule, atom))
			return -ENOMEM;
	}
	return 0;
}
