/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_names.h - nft's names of hooks and priorities */
#ifndef NFHOP_RULESET_NFT_NAMES_H
#define NFHOP_RULESET_NFT_NAMES_H

#include <stdint.h>

#include "nfhop/words.h"

/* nft_hook - Return: HOOK_NONE if it is none */
enum hook nft_hook(struct str word);

/**
 * nft_priority - a number, or a name that depends on the family (formats.md 5.1)
 * @family: FAMILY_NONE: numbers only
 * Return: false if it is neither
 */
bool nft_priority(enum family family, struct str word, int32_t *priority);

#endif
