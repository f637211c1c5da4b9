// SPDX-License-Identifier: GPL-2.0-or-later
/* guess.c - "did you mean": the word that is the fewest slips of the finger away */
#include "nfhop/guess.h"

#include <stdint.h>
#include <string.h>

#define LONGEST 32 /* no word of ours is longer */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Letters changed, left out, put in or swapped with their neighbour (Damerau, Levenshtein). */
static size_t distance(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b), d[LONGEST + 1][LONGEST + 1];

	if (n > LONGEST || m > LONGEST)
		return SIZE_MAX;
	for (size_t i = 0; i <= n; i++)
		d[i][0] = i;
	for (size_t j = 0; j <= m; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= n; i++) {
		for (size_t j = 1; j <= m; j++) {
			size_t change = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);

			d[i][j] = least(change, least(d[i - 1][j], d[i][j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	}
	return d[n][m];
}

/* More than a third of the letters wrong is another word. */
struct guess guess_start(const char *word)
{
	return (struct guess){ .word = word, .distance = strlen(word) / 3 + 1 };
}

void guess_consider(struct guess *guess, const char *candidate)
{
	size_t n = strlen(guess->word), d = distance(guess->word, candidate);

	if (n >= 2 && !strncmp(guess->word, candidate, n))
		d = 0;
	if (d > guess->distance || (guess->best && d == guess->distance))
		return;
	guess->best = candidate;
	guess->distance = d;
}
