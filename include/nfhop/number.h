/* SPDX-License-Identifier: GPL-2.0-or-later */
/* number.h - numbers of any width in memory, and their decimal digits */
#ifndef NFHOP_NUMBER_H
#define NFHOP_NUMBER_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define NUMBER_DIGITS 20 /* of the longest uint64_t */

/* number_at - the unsigned number of @size bytes (1, 2, 4 or 8) that stands at @at */
static inline uint64_t number_at(const void *at, size_t size)
{
	uint64_t x8 = 0;
	uint32_t x4;
	uint16_t x2;

	switch (size) {
	case 1:
		return *(const unsigned char *)at;
	case 2:
		memcpy(&x2, at, sizeof(x2));
		return x2;
	case 4:
		memcpy(&x4, at, sizeof(x4));
		return x4;
	default:
		memcpy(&x8, at, sizeof(x8));
		return x8;
	}
}

/* number_pair - two digits of a @value below 100 */
static inline void number_pair(char *p, unsigned int value)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
				    "25262728293031323334353637383940414243444546474849"
				    "50515253545556575859606162636465666768697071727374"
				    "75767778798081828384858687888990919293949596979899";

	memcpy(p, pairs + (size_t)value * 2, 2);
}

/* number_padded - @value in @width digits, zeros in front; Return: what follows them */
static inline char *number_padded(char *p, uint64_t value, unsigned int width)
{
	unsigned int n = width;

	for (; n >= 2; n -= 2, value /= 100)
		number_pair(p + n - 2, (unsigned int)(value % 100));
	if (n)
		*p = (char)('0' + value % 10);
	return p + width;
}

/* number_put - @value in as many digits as it has, at most NUMBER_DIGITS; Return: what follows */
static inline char *number_put(char *p, uint64_t value)
{
	unsigned int width = 1;
	uint64_t x = value;

	for (; x >= 10000; x /= 10000)
		width += 4;
	width += (unsigned int)((x >= 10) + (x >= 100) + (x >= 1000));
	return number_padded(p, value, width);
}

#endif
