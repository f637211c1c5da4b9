// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * view.c - `nfhop view`: between keys, sources and the screen
 *
 * Theory of Operation
 *
 * Three things want to be served, and none may wait for another: sources, or events are lost;
 * keys, or the view feels dead; the screen, which may be a slow line. So each turn reads a bounded
 * number of records, lets the view take in a bounded part of what is new, and asks for a key.
 * The screen is drawn DRAWS times a second at most; half of these are for news, so that a key
 * need not wait for its own.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "nfhop/tui.h"

#include "intake.h"
#include "view.h"

#define DRAWS	      20 /* a second, at most */
#define NEWS_SECONDS  0.1
#define FELT_SECONDS  0.02
#define QUIET_SECONDS 0.7 /* without a key: nobody is at work */
#define PATIENCE      0.2 /* a file that is read sooner is not shown half read */
#define TURN_MS	      20  /* a key waits no longer for a live source */
#define IDLE_MS	      250
#define LIVE_FLOWS    131072 /* that a live view holds: sorting more of them would be felt */
#define RECENT_BYTES  ((size_t)64 << 20) /* of live records, so that `w` has something to save */
#define COSTLY	      10 /* findings are drawn anew after so many times what that took */

static volatile sig_atomic_t stopped;

static void on_signal(int number)
{
	stopped = number;
}

/**
 * struct viewing - one view on its way
 * @filter: of the command line
 * @drawn: when the last DRAWS screens were shown, a ring; @n_drawn of all
 * @second: when the rate was measured last; @events then
 * @conclude: when findings are drawn anew, not before @quiet; @costly: one would feel it
 * @complaints: what could not be said while the screen was in use
 */
struct viewing {
	struct settings settings;
	const struct query *filter;
	struct intake in;
	struct view_deeds deeds;
	struct tui *tui;
	struct tui_news news;
	FILE *keys;
	double drawn[DRAWS], second, conclude, quiet, next_news;
	size_t n_drawn;
	uint64_t events;
	bool reading, keyed, costly;
	char *complaints;
	size_t n_complaints;
	char sources[256];
};

/* Complaints would be written across the screen: they are kept until it is gone. */
static void keep_complaint(void *who, const char *text)
{
	struct viewing *v = who;
	size_t n = strlen(text);
	char *grown = realloc(v->complaints, v->n_complaints + n + 2);

	if (!grown)
		return;
	v->complaints = grown;
	memcpy(grown + v->n_complaints, text, n);
	memcpy(grown + v->n_complaints + n, "\n", 2);
	v->n_complaints += n + 1;
	if (v->tui)
		tui_tell(v->tui, text);
}

static void tell_complaints(struct viewing *v)
{
	complain_into(NULL, NULL);
	for (char *line = v->complaints; line && *line;) {
		char *end = strchr(line, '\n');

		*end = '\0';
		complain("%s", line);
		line = end + 1;
	}
	free(v->complaints);
}

static void name_sources(struct viewing *v)
{
	size_t n = 0;

	for (size_t i = 0; i < v->in.n && n < sizeof(v->sources) - 1; i++)
		n += (size_t)snprintf(v->sources + n, sizeof(v->sources) - n, "%s%s", i ? " " : "",
				      v->in.parts[i].name);
	v->news.sources = v->sources;
	v->news.trace = v->deeds.trace;
	v->news.live = v->in.live;
}

/* By both clocks: which of them stamps have depends on the source. */
static struct stamp stamp_now(void)
{
	struct timespec wall, up;

	clock_gettime(CLOCK_REALTIME, &wall);
	clock_gettime(CLOCK_MONOTONIC, &up);
	return (struct stamp){
		.wall_ns = wall.tv_sec * INT64_C(1000000000) + wall.tv_nsec,
		.up_ns = (uint64_t)up.tv_sec * UINT64_C(1000000000) + (uint64_t)up.tv_nsec,
		.have = STAMP_WALL | STAMP_UP | STAMP_ZONE,
	};
}

/* Resident pages of this process, as the kernel counts them (proc(5)). */
static uint64_t memory_now(void)
{
	struct str text = { NULL, 0 };
	unsigned long all = 0, resident = 0;

	if (file_read("/proc/self/statm", &text) < 0)
		return 0;
	if (sscanf(text.n ? text.p : "", "%lu %lu", &all, &resident) != 2)
		resident = 0;
	free((char *)text.p);
	return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void count(struct viewing *v, double now)
{
	uint64_t events = model_stats(v->in.model)->events;
	double seconds = now - v->second;

	v->news.percent = intake_percent(&v->in);
	v->news.reading = v->reading;
	if (v->news.live)
		v->news.now = stamp_now();
	if (seconds < 1 && v->second > 0)
		return;
	v->news.rate = v->second > 0 ? (uint64_t)((double)(events - v->events) / seconds) : 0;
	v->news.memory = memory_now();
	v->events = events;
	v->second = now;
}

/*
 * Findings grow dear as flows and paths get more: then they are drawn less often, and only while
 * nobody presses keys, which would feel it.
 */
static void conclude(struct viewing *v, double now)
{
	double took;

	if (!v->reading || now < v->conclude || now < v->quiet)
		return;
	model_conclude(v->in.model);
	took = seconds_now() - now;
	v->conclude = now + (took * COSTLY > 1 ? took * COSTLY : 1);
	v->costly = took > FELT_SECONDS;
}

/* May a screen be shown now? If not: Return: in how many seconds */
static double wait_to_draw(const struct viewing *v, double now)
{
	double wait = 0;

	if (v->n_drawn >= DRAWS)
		wait = v->drawn[v->n_drawn % DRAWS] + 1 - now;
	if (!v->keyed && v->next_news - now > wait)
		wait = v->next_news - now;
	return wait > 0 ? wait : 0;
}

/*
 * A terminal that takes nothing (^S, a line that hangs) must not hold up the sources. One that is
 * gone for good ends the view.
 */
static bool terminal_takes(void)
{
	struct pollfd fd = { .fd = STDOUT_FILENO, .events = POLLOUT };
	int ret = poll(&fd, 1, 0);

	stopped |= ret > 0 && (fd.revents & (POLLERR | POLLHUP | POLLNVAL));
	return ret > 0 && !stopped;
}

static void draw(struct viewing *v, double now)
{
	unsigned int width, height;

	screen_size(&width, &height);
	screen_show(tui_draw(v->tui, width, height));
	v->drawn[v->n_drawn++ % DRAWS] = now;
	v->next_news = now + NEWS_SECONDS;
	v->keyed = false;
}

/* Return: 1 to go on, 0 at the end, -errno after complaining */
static int turn(struct viewing *v, bool *busy)
{
	int ret = v->reading ? intake_turn(&v->in, *busy ? 0 : TURN_MS) : 0;
	double now = seconds_now();

	if (ret < 0)
		return ret;
	if (v->reading && !ret) {
		v->reading = false;
		v->second = 0;
		if (v->in.piped) { /* what came is a log like any other now */
			v->news.live = false;
			v->news.now = (struct stamp){ 0 };
		}
	}
	count(v, now);
	conclude(v, now);
	*busy = tui_tick(v->tui, &v->news);
	return stopped || intake_signalled() ? 0 : 1;
}

static bool take_keys(struct viewing *v, int ms)
{
	struct tui_key key = screen_key(ms);

	if (key.code && v->costly)
		v->quiet = seconds_now() + QUIET_SECONDS;
	while (key.code) {
		v->keyed = true;
		if (key.code == TUI_CTRL('l'))
			screen_clear();
		if (!tui_key(v->tui, &key))
			return false;
		tui_tick(v->tui, &v->news);
		key = screen_key(0);
	}
	return true;
}

static int loop(struct viewing *v)
{
	bool busy = true, dirty = true;
	int ret;

	v->reading = true;
	v->next_news = seconds_now() + PATIENCE;
	while ((ret = turn(v, &busy)) > 0) {
		double now = seconds_now(), wait = wait_to_draw(v, now);
		int ms = 0;

		dirty |= v->reading || busy;
		if ((dirty || v->keyed) && wait <= 0 && terminal_takes()) {
			draw(v, now);
			dirty = v->reading || busy;
		} else if (!v->reading && !busy) {
			ms = !dirty && !v->keyed ? IDLE_MS
			     : wait > 0		 ? (int)(wait * 1000) + 1
						 : TURN_MS;
		}
		if (!take_keys(v, ms))
			return 0;
	}
	return ret;
}

static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	sigaction(SIGQUIT, &action, NULL); /* ^\: else the terminal would stay as we made it */
}

/* Keys come from the terminal even where a source is standard input. */
static FILE *open_keys(void)
{
	return isatty(STDIN_FILENO) ? stdin : fopen("/dev/tty", "re");
}

static int complain_no_screen(void)
{
	const char *term = getenv("TERM");

	complain("%s%s cannot show the view. nfhop report prints the same as text.",
		 term && *term ? "a terminal of the type " : "a terminal without a type (TERM)",
		 term && *term ? term : "");
	return STATUS_USAGE;
}

bool view_possible(void)
{
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb");
}

/* The filter of the command line becomes the view's own: it can be changed there. */
static void set_filter(struct viewing *v, const struct query *filter)
{
	size_t n = filter ? query_print(filter, NULL, 0) : 0;
	char *text = calloc(1, n + 1);

	if (filter && text) {
		query_print(filter, text, n);
		tui_filter(v->tui, text);
	}
	free(text);
}

static void name_trace(struct viewing *v)
{
	size_t n;

	if (!v->settings.trace)
		return;
	n = query_print(v->settings.trace, v->deeds.trace, sizeof(v->deeds.trace) - 1);
	v->deeds.trace[n < sizeof(v->deeds.trace) ? n : sizeof(v->deeds.trace) - 1] = '\0';
}

static int run_screen(struct viewing *v)
{
	bool color = terminal_color(v->settings.color, STDOUT_FILENO);
	struct tui_host host;
	int ret;

	v->deeds.in = &v->in;
	name_trace(v);
	host = view_host(&v->deeds);
	v->tui = tui_create(v->in.model, &host, terminal_utf8());
	if (!v->tui)
		return STATUS_USAGE;
	set_filter(v, v->filter);
	if (screen_open(v->keys, stdout, color) < 0) {
		tui_destroy(v->tui);
		return complain_no_screen();
	}
	complain_into(keep_complaint, v);
	if (intake_unread(&v->settings))
		tui_tell(v->tui, "Standard input is not read: nfhop - does that.");
	ret = loop(v);
	screen_close();
	tell_complaints(v);
	tui_destroy(v->tui);
	return ret < 0 || intake_failed(&v->in) ? STATUS_USAGE : STATUS_FINE;
}

int view_run(const struct settings *settings)
{
	struct viewing v = { .settings = *settings };
	struct model_config config = model_config_default();
	int status = STATUS_USAGE;

	if (!isatty(STDOUT_FILENO)) {
		complain("the view needs a terminal on standard output; nfhop report does not");
		return STATUS_USAGE;
	}
	if (!view_possible())
		return complain_no_screen();
	v.filter = v.settings.filter;
	v.settings.filter = NULL;
	v.settings.loud = v.settings.loud < 0 ? v.settings.loud : -1; /* no progress line */
	v.keys = open_keys();
	if (!v.keys) {
		complain("no terminal to read keys from: %s", strerror(errno));
		return STATUS_USAGE;
	}
	config.max_kept = INTAKE_KEPT;
	v.in.patient = true;
	if (!intake_open(&v.in, &v.settings)) {
		config.max_flows = v.in.live ? LIVE_FLOWS : config.max_flows;
		v.in.recent = v.in.live ? recent_create(RECENT_BYTES) : NULL;
		if (!intake_model(&v.in, config, NULL)) {
			name_sources(&v);
			catch_signals();
			status = run_screen(&v);
		}
	}
	recent_destroy(v.in.recent);
	intake_close(&v.in);
	if (v.keys != stdin)
		fclose(v.keys);
	return stopped ? 128 + stopped : status;
}
