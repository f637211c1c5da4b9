// SPDX-License-Identifier: GPL-2.0-or-later
/* number.c - numbers as people read them */
#include "nfhop/number.h"

#include <inttypes.h>
#include <stdio.h>

struct number_text number_text(uint64_t number)
{
	struct number_text text;
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%" PRIu64, number);
	size_t at = 0;

	for (int i = 0; i < n; i++) {
		if (i && (n - i) % 3 == 0)
			text.s[at++] = ',';
		text.s[at++] = digits[i];
	}
	text.s[at] = '\0';
	return text;
}
