// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz_nftmon.c - any bytes as one record, whole and cut, through nft-monitor's decoder */
#include "fuzz_monitor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_monitor("nft-monitor", data, size);
}
