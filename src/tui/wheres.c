// SPDX-License-Identifier: GPL-2.0-or-later
/* wheres.c - the distinct words for what became of flows, each kept once */
#include "wheres.h"

#include <stdlib.h>

#include "nfhop/grow.h"
#include "nfhop/hash.h"

#include "view.h"

#define WORDS_SIZE 64	 /* longer ones are sorted by their beginning */
#define WORDS_MAX  65536 /* more distinct places than any rule set has; then the first stands in */
#define BUCKETS	   4096

struct words {
	char text[WORDS_SIZE];
	uint32_t next; /* of the same bucket, + 1 */
	uint32_t rank;
};

struct wheres {
	struct words *words;
	size_t n, cap;
	uint32_t buckets[BUCKETS];
};

void wheres_destroy(struct wheres *wheres)
{
	if (wheres)
		free(wheres->words);
	free(wheres);
}

static void words_sink(void *who, struct str s, size_t columns, enum role role)
{
	struct words *words = who;
	size_t at = strlen(words->text), n = WORDS_SIZE - 1 - at;

	(void)columns;
	(void)role;
	memcpy(words->text + at, s.p, s.n < n ? s.n : n);
}

/* Return: the number of @words, given out now if they had none */
static uint32_t intern(struct wheres *wheres, struct words *words)
{
	size_t bucket = hash_bytes(words->text, strlen(words->text)) % BUCKETS;
	struct words *grown;

	for (uint32_t i = wheres->buckets[bucket]; i; i = wheres->words[i - 1].next)
		if (!strcmp(wheres->words[i - 1].text, words->text))
			return i - 1;
	if (wheres->n == WORDS_MAX)
		return 0;
	grown = array_grow(wheres->words, wheres->n, &wheres->cap, sizeof(*grown));
	if (!grown)
		return 0;
	wheres->words = grown;
	words->next = wheres->buckets[bucket];
	wheres->words[wheres->n++] = *words;
	wheres->buckets[bucket] = (uint32_t)wheres->n;
	return (uint32_t)wheres->n - 1;
}

uint32_t wheres_add(struct wheres **wheres, const struct model *model, const struct told *told)
{
	struct words words = { .text = "" };
	struct writer_sink sink = { words_sink, &words };
	struct writer writer = { .sink = &sink, .utf8 = true };

	if (!*wheres)
		*wheres = calloc(1, sizeof(**wheres));
	if (!*wheres)
		return 0;
	text_where(&writer, model, told);
	return intern(*wheres, &words);
}

static int by_text(const void *a, const void *b, void *who)
{
	const struct words *words = who;

	return strcmp(words[*(const uint32_t *)a].text, words[*(const uint32_t *)b].text);
}

/* Without memory they keep the ranks that they have. */
void wheres_sort(struct wheres *wheres)
{
	size_t n = wheres ? wheres->n : 0;
	uint32_t *order = calloc(n + 1, sizeof(*order));

	for (uint32_t i = 0; order && i < n; i++)
		order[i] = i;
	if (order && n)
		qsort_r(order, n, sizeof(*order), by_text, wheres->words);
	for (uint32_t i = 0; order && i < n; i++)
		wheres->words[order[i]].rank = i;
	free(order);
}

uint64_t wheres_rank(const struct wheres *wheres, uint32_t where)
{
	return wheres && where < wheres->n ? wheres->words[where].rank : 0;
}
