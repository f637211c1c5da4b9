// SPDX-License-Identifier: GPL-2.0-or-later
/* fuzz_xtmon.c - any bytes as one record, whole and cut, through xtables-monitor's decoder */
#include "fuzz_monitor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_monitor("xtables-monitor", data, size);
}
