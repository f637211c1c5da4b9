/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_nft_text.c - anything at all, read as nft list ruleset */
#include "fuzz_load.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_load("table inet fuzz { }\n", data, size);
}
