/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_save.c - anything at all, read as iptables-save */
#include "fuzz_load.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_load("*filter\n", data, size);
}
