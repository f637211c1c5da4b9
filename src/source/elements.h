/* SPDX-License-Identifier: GPL-2.0-or-later */
/* elements.h - elements of named sets and maps, for a listing that was made without them */
#ifndef NFHOP_SOURCE_ELEMENTS_H
#define NFHOP_SOURCE_ELEMENTS_H

#include <nftables/libnftables.h>
#include <stdio.h>

/* struct elements - @left: how many may still be listed, of all sets together */
struct elements {
	struct nft_ctx *nft;
	unsigned int left;
};

/* struct set_name - @kind: "set" or "map"; @family: "inet", ... */
struct set_name {
	char kind[8], family[8], table[256], name[256];
};

void elements_open(struct elements *elements);
void elements_close(struct elements *elements);

/**
 * elements_put - the lines of `nft list ruleset` with the elements of @set
 *
 * Nothing if it has very many, and `elements = { }` if it has none, which nft does not print.
 */
void elements_put(struct elements *elements, FILE *out, const struct set_name *set);

#endif
