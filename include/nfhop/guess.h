/* SPDX-License-Identifier: GPL-2.0-or-later */
/* guess.h - "did you mean": the word that is the fewest slips of the finger away */
#ifndef NFHOP_GUESS_H
#define NFHOP_GUESS_H

#include <stddef.h>

/**
 * struct guess - what somebody may have meant
 * @best: the nearest word so far, NULL if none is near enough
 */
struct guess {
	const char *word, *best;
	size_t distance;
};

/* guess_start - @word must outlive the guess */
struct guess guess_start(const char *word);
/* guess_consider - @candidate must outlive the guess */
void guess_consider(struct guess *guess, const char *candidate);

#endif
