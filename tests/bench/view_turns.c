/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * view_turns.c - how long a key would wait while events pour in
 *
 * usage: view_turns FILE
 *
 * Does what the view does between two keys, with a file as the pouring source: read, take in,
 * press a key, draw. What is measured is the processor time of a turn, which is what a key waits
 * at the most. It fails if one turn in a hundred takes longer than an eye forgives.
 */
#include <inttypes.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "nfhop/tui.h"

#include "intake.h"
#include "options.h"

#define TURNS_MAX  1000000
#define LIVE_FLOWS 131072

/* options.c and help.c speak of the commands, which live beside main() */
const struct command commands[] = { { "view", COMMAND_VIEW, "", "", NULL }, { 0 } };

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	static const uint32_t pressed[] = { 'j', 'j', TUI_KEY_PAGE_DOWN, 'k', TUI_KEY_END, 'g' };
	static double turns[TURNS_MAX];
	struct model_config config = model_config_default();
	struct tui_news news = { .sources = "bench", .trace = "", .live = true, .reading = true };
	struct tui_host host = { 0 };
	struct settings settings;
	struct intake in = { 0 };
	double start = now_ms(), began;
	size_t n = 0;
	struct tui *tui;
	int more = 1;

	setlocale(LC_CTYPE, "");
	if (argc < 2 || options_parse(&settings, &commands[0], argv, argc, argv) < 0)
		return 2;
	in.by_record = true; /* as live sources are */
	config.max_kept = INTAKE_KEPT;
	config.max_flows = LIVE_FLOWS;
	if (intake_open(&in, &settings) < 0 || intake_model(&in, config, NULL) < 0)
		return 2;
	tui = tui_create(in.model, &host, true);
	for (; tui && more > 0 && n < TURNS_MAX; n++) {
		struct tui_key key = { .code = pressed[n % 6] };
		began = now_ms();
		more = intake_turn(&in, 0);
		tui_tick(tui, &news);
		tui_key(tui, &key);
		tui_draw(tui, 160, 45);
		turns[n] = now_ms() - began;
	}
	qsort(turns, n, sizeof(*turns), by_size);
	printf("%" PRIu64 " events of %" PRIu64 " packets and %" PRIu64 " flows in %zu turns: "
	       "%.0f events/s of processor time\n"
	       "a turn takes %.1f ms, 99 of 100 at most %.1f ms, the longest %.1f ms\n",
	       model_stats(in.model)->events, model_stats(in.model)->packets,
	       model_stats(in.model)->flows, n,
	       (double)model_stats(in.model)->events * 1e3 / (now_ms() - start), turns[n / 2],
	       turns[n * 99 / 100], turns[n - 1]);
	began = now_ms();
	model_conclude(in.model);
	printf("findings drawn anew take %.1f ms\n", now_ms() - began);
	tui_destroy(tui);
	intake_close(&in);
	settings_finish(&settings);
	return turns[n * 99 / 100] < 50 ? 0 : 1;
}
