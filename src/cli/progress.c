// SPDX-License-Identifier: GPL-2.0-or-later
/* progress.c - bytes, rate and time left on standard error, while a long input is read */
#include "cli.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE 0.5 /* seconds without a word */
#define INTERVAL 0.2
#define STEP	 ((uint64_t)1 << 20) /* bytes between two looks at the clock */

double seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct progress progress_start(bool wanted, uint64_t total)
{
	double now = seconds_now();

	return (struct progress){
		.wanted = wanted && isatty(STDERR_FILENO),
		.total = total,
		.started = now,
		.next = now + PATIENCE,
		.next_at = STEP,
	};
}

static void print_time_left(double seconds)
{
	unsigned int s = (unsigned int)(seconds + 0.5);

	if (s < 60)
		fprintf(stderr, ", %u s left", s);
	else
		fprintf(stderr, ", %u min %02u s left", s / 60, s % 60);
}

static void print_line(const struct progress *progress, uint64_t done, double took)
{
	double mib = (double)done / (1 << 20), rate = mib / took;

	fprintf(stderr, "\r\033[Knfhop: %.0f", mib);
	if (progress->total >= done && done)
		fprintf(stderr, " of %.0f MiB (%.0f %%), %.0f MiB/s",
			(double)progress->total / (1 << 20),
			100.0 * (double)done / (double)progress->total, rate);
	else
		fprintf(stderr, " MiB, %.0f MiB/s", rate);
	if (progress->total >= done && done)
		print_time_left((double)(progress->total - done) * took / (double)done);
}

void progress_show(struct progress *progress, uint64_t done)
{
	double now;

	if (!progress->wanted || done < progress->next_at)
		return;
	progress->next_at = done + STEP;
	now = seconds_now();
	if (now < progress->next)
		return;
	progress->next = now + INTERVAL;
	progress->shown = true;
	print_line(progress, done, now - progress->started);
}

void progress_end(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
}
