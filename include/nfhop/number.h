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

/* number_two, number_four, number_eight - that many digits of @value, zeros in front */
static inline char *number_two(char *p, uint32_t value)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
				    "25262728293031323334353637383940414243444546474849"
				    "50515253545556575859606162636465666768697071727374"
				    "75767778798081828384858687888990919293949596979899";

	memcpy(p, pairs + (size_t)value * 2, 2);
	return p + 2;
}

static inline char *number_four(char *p, uint32_t value)
{
	return number_two(number_two(p, value / 100), value % 100);
}

static inline char *number_eight(char *p, uint32_t value)
{
	return number_four(number_four(p, value / 10000), value % 10000);
}

/* number_short - @value below 100,000,000 in as many digits as it has */
static inline char *number_short(char *p, uint32_t value)
{
	uint32_t high = value;

	if (value >= 1000000)
		high = value / 1000000;
	else if (value >= 10000)
		high = value / 10000;
	else if (value >= 100)
		high = value / 100;
	if (high >= 10)
		p = number_two(p, high);
	else
		*p++ = (char)('0' + high);
	if (value >= 1000000)
		p = number_two(p, value / 10000 % 100);
	if (value >= 10000)
		p = number_two(p, value / 100 % 100);
	return value >= 100 ? number_two(p, value % 100) : p;
}

/* number_put - @value in as many digits as it has, at most NUMBER_DIGITS; Return: what follows */
static inline char *number_put(char *p, uint64_t value)
{
	const uint64_t unit = 100000000;

	if (value < unit)
		return number_short(p, (uint32_t)value);
	if (value < unit * unit)
		return number_eight(number_short(p, (uint32_t)(value / unit)),
				    (uint32_t)(value % unit));
	p = number_short(p, (uint32_t)(value / unit / unit));
	p = number_eight(p, (uint32_t)(value / unit % unit));
	return number_eight(p, (uint32_t)(value % unit));
}

/* struct number_text - a number in words of ours; number_text - with thousands separators */
struct number_text {
	char s[32];
};
struct number_text number_text(uint64_t number);

#endif
