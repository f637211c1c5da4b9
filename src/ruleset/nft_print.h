/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_print.h - writes nft's JSON of a rule in nft's own words */
#ifndef NFHOP_RULESET_NFT_PRINT_H
#define NFHOP_RULESET_NFT_PRINT_H

#include "nfhop/words.h"

#include "arena.h"
#include "json.h"

/* nft_print_rule - append the statements of the array @expr; what is not known keeps its key;
 * @family: of the table */
void nft_print_rule(struct text *text, enum family family, const struct json_node *expr);

#endif
