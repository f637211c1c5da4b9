/* SPDX-License-Identifier: GPL-2.0-or-later */
/* live.h - what the sources have in common that ask the running kernel */
#ifndef NFHOP_SOURCE_LIVE_H
#define NFHOP_SOURCE_LIVE_H

#include "kind.h"

/**
 * struct live - what each live source's own struct begins with
 * @records, @bytes: handed out so far
 * @zone_min: of local time when it was opened
 * @lost: not yet told losses, for live_loss(); @lossy: an overrun is going on
 * @trouble: what is wrong, or what a person should know, empty if nothing
 */
struct live {
	struct source source;
	unsigned int number;
	uint64_t records, bytes;
	int16_t zone_min;
	char loss[160];
	char trouble[200];
};

void live_init(struct live *live, const struct source_ops *ops, unsigned int number);

/* live_now - CLOCK_REALTIME in ns */
int64_t live_now(void);

/* live_record - fill in a record that was received at @when; Return: 1, as source_next() */
int live_record(struct live *live, enum record_kind kind, struct str data, int64_t when,
		struct record *rec);

/**
 * live_loss - a RECORD_LOSS
 * @kind: enum gap_kind; @lost: 0 if not known; @span: 0, RECORD_LOSS_OPENS or _CLOSES
 * Return: 1, as source_next()
 */
int live_loss(struct live *live, unsigned int kind, uint64_t lost, unsigned int span,
	      const char *words, struct record *rec);

/* live_trouble - @live->trouble, printf-like */
void live_trouble(struct live *live, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* For struct source_ops. */
const char *live_ops_trouble(const struct source *source);
size_t live_ops_parts(struct source *source, unsigned int number);
uint64_t live_ops_position(const struct source *source);

#endif
