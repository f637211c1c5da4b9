/* SPDX-License-Identifier: GPL-2.0-or-later */
/* terms.h - a filter as alternatives of simple conditions, as rules of the kernel are */
#ifndef NFHOP_LIVE_TERMS_H
#define NFHOP_LIVE_TERMS_H

#include "nfhop/arm.h"

/* What a condition looks at; terms.c has the table of where the kernel finds it. */
enum look {
	LOOK_NFPROTO, /* NFPROTO_*, 1 byte */
	LOOK_L4PROTO,
	LOOK_IIF, /* as many bytes of the name as matter */
	LOOK_MARK,
	LOOK_SRC4,
	LOOK_DST4,
	LOOK_SRC6,
	LOOK_DST6,
	LOOK_TTL4,
	LOOK_TTL6,
	LOOK_LENGTH4,
	LOOK_LENGTH6, /* of the payload */
	LOOK_SPORT,
	LOOK_DPORT,
	LOOK_FLAGS,
	LOOK_MAX
};

/**
 * struct atom - one condition: what is there, masked, compared with @data
 * @size: bytes of @data and @mask, in network byte order (mark: the host's)
 * @masked: @mask holds
 */
struct atom {
	enum look look;
	enum query_compare compare;
	uint8_t size;
	bool masked;
	uint8_t data[16], mask[16];
};

#define ATOMS_MAX 24
#define TERMS_MAX 256

/* struct term - conditions that must all hold; struct terms - one of them must (heap) */
struct term {
	size_t n;
	struct atom atoms[ATOMS_MAX];
};

struct terms {
	struct term *at;
	size_t n, cap;
};

/**
 * terms_of - @node as alternatives
 * @terms: zeroed; terms_finish() it in any case
 * Return: 0; -EINVAL, -E2BIG with @err filled in; -ENOMEM
 */
int terms_of(const struct query_node *node, struct terms *terms, struct arm_error *err);
void terms_finish(struct terms *terms);

#endif
