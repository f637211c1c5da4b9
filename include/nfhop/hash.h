/* SPDX-License-Identifier: GPL-2.0-or-later */
/* hash.h - mixing bytes and numbers into 64 bits */
#ifndef NFHOP_HASH_H
#define NFHOP_HASH_H

#include <stdint.h>
#include <string.h>

/* The finaliser of MurmurHash3 (public domain, A. Appleby): every bit of @x moves every bit. */
static inline uint64_t hash_mix(uint64_t x)
{
	x ^= x >> 33;
	x *= UINT64_C(0xff51afd7ed558ccd);
	x ^= x >> 33;
	x *= UINT64_C(0xc4ceb9fe1a85ec53);
	return x ^ x >> 33;
}

#define HASH_ODD UINT64_C(0x9e3779b97f4a7c15) /* what is multiplied by it can be added to */

/* hash_16 - of an address; to be mixed */
static inline uint64_t hash_16(const uint8_t b[16])
{
	uint64_t half[2];

	memcpy(half, b, sizeof(half));
	return half[0] * HASH_ODD + half[1];
}

static inline uint64_t hash_add(uint64_t h, uint64_t x)
{
	return hash_mix(h ^ x) + UINT64_C(0x9e3779b97f4a7c15);
}

static inline uint64_t hash_bytes(const void *bytes, size_t n)
{
	const char *p = bytes;
	uint64_t h = n, word = 0;

	for (; n >= sizeof(word); p += sizeof(word), n -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		h = hash_add(h, word);
	}
	word = 0;
	memcpy(&word, p, n);
	return hash_add(h, word);
}

#endif
