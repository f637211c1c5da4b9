// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * intake_live.c - sources that have no end: waiting for them, and when it is over
 *
 * Theory of operation
 *
 * A turn reads what there is, some hundred records of each source after the other, so that none
 * starves, and waits only if each source was read until it had nothing more. Whether packets are
 * over is decided by the time that went on, and that is a record too (RECORD_TICK), as is the end
 * of the run: so what was recorded gives the same conclusions when it is read back.
 *
 * The kernel sends an event for each hop, and to be woken costs more than to read one: so whoever
 * was woken naps before reading. The stamps of events, which are of their arrival here, may be
 * late by as much. A receive buffer that somebody made small (--buffer) may not hold what comes
 * meanwhile: it is read at once.
 *
 * Logs that are followed have no clock of ours: intake_follow.c.
 */
#include "intake.h"

#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "nfhop/evidence.h"

#define SHARE	   256 /* records of one source before the next one has its turn */
#define ROUNDS	   16
#define TICK_NS	   INT64_C(50000000)
#define LIMIT_NS   INT64_C(1000000000) /* so often the limit's counters are read */
#define POLLED_MAX 64
#define NAP_NS	   500000

static volatile sig_atomic_t stopped_by;

static void on_signal(int signal)
{
	stopped_by = signal;
}

int intake_signalled(void)
{
	return stopped_by;
}

/* The second signal of a kind ends the program at once. */
static void catch_signals(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND };

	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		sigaction(signals[i], &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static bool has_source(const struct intake *in, const char *prefix)
{
	for (size_t i = 0; i < in->n; i++)
		if (!strncmp(in->parts[i].name, prefix, strlen(prefix)))
			return true;
	return false;
}

static bool any_live(const struct intake *in)
{
	return has_source(in, "nft:") || has_source(in, "nflog:") || has_source(in, "kmsg:");
}

/* complain_none - nothing was named, and nothing can be opened */
static int complain_none(void)
{
	if (!source_is_live("nft:")) {
		complain("this nfhop was built without live sources: name a file, or - for "
			 "standard input");
		return -EOPNOTSUPP;
	}
	complain(
		"no live source can be opened: that needs root (CAP_NET_ADMIN for nft:, CAP_SYSLOG "
		"for kmsg:).\n"
		"`nfhop doctor` says more. A saved log needs no rights:\n"
		"\n"
		"    nfhop report /var/log/kern.log\n"
		"    dmesg | nfhop report -\n"
		"    journalctl -k | nfhop report -");
	return -EPERM;
}

/* TRACE lines go to NFLOG group 0 where tcpdump or ulogd has bound the family (formats.md 2.8). */
static bool legacy_goes_to_nflog(void)
{
	struct str text;
	bool found;

	if (file_read("/proc/net/netfilter/nf_log", &text) < 0)
		return false;
	found = str_has(text, STR(" 2 nfnetlink_log")) || str_has(text, STR("10 nfnetlink_log"));
	free((char *)(uintptr_t)text.p);
	return found;
}

int live_open(struct intake *in)
{
	bool named = in->settings->n_sources;

	if (!named) {
		intake_add(in, "nft:", false);
		intake_add(in, "kmsg:", false);
		if (legacy_goes_to_nflog())
			intake_add(in, "nflog:0", false);
		if (!in->n)
			return complain_none();
	}
	if (any_live(in) && !has_source(in, "nft:") && !in->settings->n_rulesets)
		intake_add(in, "rules:", false);
	return 0;
}

int intake_trace(struct intake *in, const struct query *query, struct arm_error *err)
{
	const struct arm_want want = { query, in->settings->limit, in->settings->limit_unit };

	return in->arm ? arm_change(in->arm, &want, err) : arm_open(&want, &in->arm, err);
}

static void tell_of_bridges(const struct settings *settings)
{
	char names[256];

	arm_unreached(names, sizeof(names));
	if (*names)
		complain("--trace does not reach what is bridged from port to port (table %s): "
			 "`nfhop doctor%s%s` says what does.",
			 names, settings->netns ? " --netns " : "",
			 settings->netns ? settings->netns : "");
}

int live_arm(struct intake *in)
{
	struct arm_error err;
	int ret;

	/* whoever sees the table may end us: that is a run that ended, not one that was killed */
	catch_signals();
	ret = intake_trace(in, in->settings->trace, &err);

	if (ret < 0)
		complain("cannot trace: %s", err.text);
	else if (in->settings->loud >= 0)
		tell_of_bridges(in->settings);
	return ret;
}

/* Was anything read that is a log, or nothing at all? */
static bool is_understood(const struct intake *in)
{
	const struct stats *stats = model_stats(in->model);
	bool log = stats->other_lines < stats->lines || !stats->lines;

	for (size_t i = 0; i < in->n; i++)
		log |= glance_is_log(&in->parts[i].glance);
	return log;
}

/* What PowerShell writes by `>`; Return: was there any? */
static bool tell_wide(const struct intake *in)
{
	bool any = false;

	for (size_t i = 0; i < in->n; i++) {
		const char *name = in->parts[i].name;
		bool piped = !strcmp(name, "standard input");

		if (!in->parts[i].glance.wide)
			continue;
		complain("%s is text in UTF-16, of which nothing can be read; make UTF-8 of it: "
			 "iconv -f utf-16 -t utf-8 %s | nfhop report -",
			 name, piped ? "FILE" : name);
		any = true;
	}
	return any;
}

/* A log of a quiet day is no mistake, but it looks like one that nfhop cannot read. */
static void tell_nothing(const struct intake *in, bool understood)
{
	const struct stats *stats = model_stats(in->model);
	const char *name = in->n_names == 1 ? in->names[0] : "these inputs";

	if (!tell_wide(in) && stats->lines && stats->other_lines == stats->lines)
		complain("nothing in %s is %s. nfhop reads TRACE and LOG lines of kernel logs, "
			 "what nft monitor trace and xtables-monitor --trace print, NFLOG "
			 "captures, and its own recordings: INPUT FORMATS in nfhop(1).",
			 strcmp(name, "-") ? name : "standard input",
			 understood ? "netfilter's" : "a line of a log");
}

/* What is wrong with a stamp, by the clock that a time of the filter means. */
static const char *stamp_words(const struct stamp *stamp)
{
	if (!(stamp->have & (STAMP_WALL | STAMP_UP)))
		return "no time at all";
	if (!(stamp->have & STAMP_WALL))
		return stamp_from_boot(stamp) ? "seconds since boot alone"
					      : "seconds since the line before alone";
	return stamp->have & STAMP_NO_DATE ? "a time without its date" : "a date and a time alone";
}

/* A filter by time leaves out what does not say when it was: that is no answer. */
void intake_tell_untimed(const struct intake *in)
{
	static const char *const clocks[] = {
		[QUERY_CLOCK_LOG] = "a date and a time",
		[QUERY_CLOCK_UTC] = "a date and a time",
		[QUERY_CLOCK_DAY] = "a time of day",
		[QUERY_CLOCK_BOOT] = "seconds since boot",
	};
	struct query_untimed untimed = query_untimed(in->settings->filter, in->model);
	uint64_t all = model_stats(in->model)->packets;
	char text[128];
	size_t n;

	if (!untimed.n || in->settings->loud < 0)
		return;
	n = query_print_node(untimed.node, text, sizeof(text));
	complain("%.*s: %llu of %llu packet%s left out: expected stamps with %s, found %s; %s",
		 (int)(n < sizeof(text) ? n : sizeof(text)), text, (unsigned long long)untimed.n,
		 (unsigned long long)all, all == 1 ? " is" : "s are",
		 clocks[untimed.node->values->clock], stamp_words(&untimed.stamp),
		 untimed.stamp.have & STAMP_WALL ? "give a time of that sort"
		 : stamp_from_boot(&untimed.stamp)
			 ? "give +SECONDS, or a log with dates (dmesg -T, "
			   "journalctl -k)"
			 : "give a log with times");
}

static void tell_of_packets(const struct intake *in, bool after)
{
	const struct settings *settings = in->settings;

	if (!after && !settings->n_sources && !settings->trace)
		complain("listening to all live sources until ^C; nothing is made to trace here, "
			 "--trace FILTER does that%s",
			 intake_unread(settings) ? "; standard input is not read, - does that"
						 : "");
	if (after && !model_stats(in->model)->packets)
		complain("no packet was seen%s. `nfhop doctor%s%s` says what may be in the way.",
			 settings->trace ? "; what a device's own chains or other early ones drop "
					   "is not traced"
					 : "",
			 settings->netns ? " --netns " : "",
			 settings->netns ? settings->netns : "");
}

int intake_tell(const struct intake *in, bool after)
{
	bool understood = !after || is_understood(in), quiet = in->settings->loud < 0;

	if (after && (!quiet || !understood))
		tell_nothing(in, understood);
	if (after)
		intake_tell_untimed(in);
	if (!quiet && any_live(in))
		tell_of_packets(in, after);
	return understood ? STATUS_FINE : STATUS_USAGE;
}

static int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static const struct str nothing;

/* tell - a record of our own */
static int tell(struct intake *in, enum record_kind kind, struct str data, int64_t now)
{
	struct record rec = { .kind = kind, .whole = true, .data = data, .when_ns = now };

	in->ticked_ns = now;
	return intake_take(in, &rec);
}

/* tell_evidence - how this host is set up now */
static int tell_evidence(struct intake *in)
{
	struct str text = { NULL, 0 };
	int ret = 0;

	if (!any_live(in))
		return 0;
	in->devices = evidence_devices();
	if (!evidence_gather("", in->settings->netns, in->all_netns, &text))
		ret = tell(in, RECORD_EVIDENCE, text, now_ns());
	free((char *)(uintptr_t)text.p);
	return ret;
}

/* see_devices - kernel lines with devices that are not here are another namespace's */
static int see_devices(struct intake *in)
{
	if (in->all_netns != SWITCH_ON || !any_live(in) || evidence_devices() == in->devices)
		return 0;
	return tell_evidence(in);
}

int live_start(struct intake *in)
{
	int ret;

	catch_signals();
	ret = tell(in, RECORD_TICK, nothing, now_ns());
	if (!ret)
		ret = tell_evidence(in);
	in->handed_ns = in->ticked_ns;
	if (in->settings->for_ns)
		in->ends_ns = in->ticked_ns + (int64_t)in->settings->for_ns;
	return ret;
}

/* tell_limit - if the limit of --trace left out packets, the model is to know: absence proves less
 */
static int tell_limit(struct intake *in, int64_t now)
{
	struct record_limit limit;
	uint64_t asked, traced;

	in->limited_ns = now;
	if (!in->arm || !in->settings->limit || arm_counts(in->arm, &asked, &traced) < 0 ||
	    asked <= traced)
		return 0;
	asked = htole64(asked);
	traced = htole64(traced);
	memcpy(limit.asked, &asked, sizeof(asked));
	memcpy(limit.traced, &traced, sizeof(traced));
	return tell(in, RECORD_LIMIT, (struct str){ (const char *)&limit, sizeof(limit) }, now);
}

static int finish(struct intake *in)
{
	int ret = tell_limit(in, now_ns());

	if (!ret)
		ret = tell_evidence(in);
	return ret ? ret : tell(in, RECORD_END, nothing, now_ns());
}

/* read_some - Return: how many records source @i had, or -errno after complaining */
static int read_some(struct intake *in, size_t i)
{
	struct record rec;
	int n = 0;

	while (n < SHARE && !in->parts[i].ended) {
		int ret = source_next(in->sources[i], &rec);

		if (ret == -EAGAIN)
			break;
		in->parts[i].ended = !ret;
		if (ret < 0)
			intake_lost_source(in, i, -ret);
		if (ret <= 0)
			break;
		in->timed &= rec.kind != RECORD_END;
		ret = intake_take(in, &rec);
		if (ret < 0)
			return ret;
		n++;
	}
	return n;
}

/**
 * read_all - of each source some
 * @heard: set if there was anything
 * Return: may there be more? -errno after complaining
 */
static int read_all(struct intake *in, bool *heard)
{
	int more = 0;

	for (size_t i = 0; i < in->n; i++) {
		int ret = read_some(in, i);

		if (ret < 0)
			return ret;
		*heard |= ret > 0;
		more |= ret == SHARE;
	}
	return more;
}

static bool all_ended(const struct intake *in)
{
	for (size_t i = 0; i < in->n; i++)
		if (!in->parts[i].ended)
			return false;
	return true;
}

static void wait_for(struct intake *in, int ms)
{
	struct pollfd fds[POLLED_MAX];
	nfds_t n = 0;
	int tick = TICK_NS / 1000000, woken;

	for (size_t i = 0; i < in->n && n < POLLED_MAX; i++)
		if (!in->parts[i].ended && source_fd(in->sources[i]) >= 0)
			fds[n++] = (struct pollfd){ .fd = source_fd(in->sources[i]),
						    .events = POLLIN };
	woken = poll(fds, n, ms < 0 || ms > tick ? tick : ms);
	if (woken > 0 && any_live(in) && !in->settings->buffer)
		nanosleep(&(struct timespec){ 0, NAP_NS }, NULL);
}

static bool is_over(const struct intake *in, int64_t now)
{
	return stopped_by || in->ended || (in->ends_ns && now >= in->ends_ns) ||
	       (in->settings->count && model_stats(in->model)->packets >= in->settings->count) ||
	       all_ended(in);
}

/* time_goes_on - tell the model what quiet packets are */
static int time_goes_on(struct intake *in, int64_t now)
{
	if (in->by_arrival)
		return follow_time(in, now);
	return now - in->ticked_ns >= TICK_NS ? tell(in, RECORD_TICK, nothing, now) : 0;
}

/* it_is_over - a log that came to its own end is complete */
static int it_is_over(struct intake *in, int64_t now)
{
	if (!in->by_arrival)
		return finish(in);
	return all_ended(in) ? 0 : follow_break_off(in, now);
}

int live_turn(struct intake *in, int ms)
{
	bool heard = false;
	int more = 1, ret;
	int64_t now;

	if (now_ns() - in->ticked_ns >= TICK_NS && (ret = see_devices(in)) < 0)
		return ret;
	for (unsigned int i = 0; more > 0 && i < ROUNDS; i++)
		more = read_all(in, &heard);
	if (more < 0)
		return more;
	now = now_ns();
	in->heard_ns = heard ? now : in->heard_ns;
	if (now - in->limited_ns >= LIMIT_NS && (ret = tell_limit(in, now)) < 0)
		return ret;
	if (is_over(in, now))
		return it_is_over(in, now);
	ret = time_goes_on(in, now);
	if (ret < 0)
		return ret;
	if (in->keep && !keep_flush(in->keep))
		in->ended = true;
	if (!more) {
		follow_hand_out(in, now);
		wait_for(in, ms);
	}
	return 1;
}
