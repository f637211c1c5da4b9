/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_load.h - have one text read by one loader, and use all that comes of it */
#ifndef TESTS_FUZZ_LOAD_H
#define TESTS_FUZZ_LOAD_H

#include <stddef.h>
#include <stdint.h>

/* fuzz_load - load @data behind @head, a line that makes the loader certain; may be empty */
int fuzz_load(const char *head, const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
