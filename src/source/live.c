// SPDX-License-Identifier: GPL-2.0-or-later
/* live.c - what the sources have in common that ask the running kernel */
#include "live.h"

#include <endian.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

int64_t live_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void live_init(struct live *live, const struct source_ops *ops, unsigned int number)
{
	time_t now = time(NULL);
	struct tm local;

	live->source.ops = ops;
	live->number = number;
	if (localtime_r(&now, &local))
		live->zone_min = (int16_t)(local.tm_gmtoff / 60);
}

int live_record(struct live *live, enum record_kind kind, struct str data, int64_t when,
		struct record *rec)
{
	bool counts = kind < RECORD_LOSS;

	live->records += counts;
	*rec = (struct record){
		.data = data,
		.kind = kind,
		.whole = true,
		.source = live->number,
		.line = live->records,
		.lines = counts,
		.offset = live->bytes,
		.when_ns = when,
		.zone_min = live->zone_min,
	};
	if (counts)
		live->bytes += data.n;
	return 1;
}

int live_loss(struct live *live, unsigned int kind, uint64_t lost, unsigned int span,
	      const char *words, struct record *rec)
{
	struct record_loss loss = { .kind = (uint8_t)kind, .span = (uint8_t)span };
	size_t n = strlen(words);

	lost = htole64(lost);
	memcpy(loss.lost, &lost, sizeof(lost));
	memcpy(live->loss, &loss, sizeof(loss));
	if (n > sizeof(live->loss) - sizeof(loss))
		n = sizeof(live->loss) - sizeof(loss);
	memcpy(live->loss + sizeof(loss), words, n);
	return live_record(live, RECORD_LOSS, (struct str){ live->loss, sizeof(loss) + n },
			   live_now(), rec);
}

void live_trouble(struct live *live, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(live->trouble, sizeof(live->trouble), format, args);
	va_end(args);
}

const char *live_ops_trouble(const struct source *source)
{
	const struct live *live = (const struct live *)source;

	return *live->trouble ? live->trouble : NULL;
}

uint64_t live_ops_position(const struct source *source)
{
	return ((const struct live *)source)->bytes;
}

size_t live_ops_parts(struct source *source, unsigned int number)
{
	((struct live *)source)->number = number;
	return 1;
}
