// SPDX-License-Identifier: GPL-2.0-or-later
/* intake.c - what every command that reads has in common: sources to model */
#include "intake.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "nfhop/bulk.h"
#include "nfhop/netns.h"
#include "nfhop/privilege.h"

/* The kernel needs microseconds from hop to hop, and its log a little more. */
#define LIVE_IDLE_NS UINT64_C(300000000)
#define LIVE_OPEN    65536 /* one source may be ahead by 250 ms, which is 25,000 packets and more */

#define HEAD_MS 500 /* without a word: then a person is told what is waited for */

#define TURN_RECORDS 4096 /* some milliseconds: between two of them a view can answer a key */

static int reserve(struct intake *in, size_t n)
{
	if (n > BULK_SOURCES_MAX) {
		complain("too many sources: %u at most", BULK_SOURCES_MAX - LIVE_SOURCES);
		return -E2BIG;
	}
	in->sources = calloc(n, sizeof(*in->sources));
	in->parts = calloc(n, sizeof(*in->parts));
	if (in->sources && in->parts)
		return 0;
	complain("%s", strerror(ENOMEM));
	return -ENOMEM;
}

/* tell_of - some names of sources have their colon already */
static void tell_of(const char *name, const char *words)
{
	complain("%s%s %s", name, name[strlen(name) - 1] == ':' ? "" : ":", words);
}

int intake_add(struct intake *in, const char *name, bool must)
{
	const struct settings *settings = in->settings;
	const struct source_want want = {
		.follow = settings->follow || (in->patient && in->piped),
		.no_rules = settings->n_rulesets,
		.buffer = settings->buffer,
		.own_table = in->own_table,
	};
	size_t i = in->n;
	int ret = source_open(name, (unsigned int)i, &want, &in->sources[i]);
	const char *trouble = in->sources[i] ? source_trouble(in->sources[i]) : NULL;

	in->parts[i].name = strcmp(name, "-") ? name : "standard input";
	if (ret < 0 && must)
		complain("cannot open %s: %s", in->parts[i].name,
			 trouble ? trouble : strerror(-ret));
	else if (trouble)
		tell_of(in->parts[i].name, trouble);
	if (ret < 0 && !must) {
		source_close(in->sources[i]);
		in->sources[i] = NULL;
		return ret;
	}
	if (!ret && !strcmp(name, "-") && isatty(STDIN_FILENO) && settings->loud >= 0)
		complain("reading standard input, which is this terminal; Ctrl-D ends it");
	in->live |= !ret && source_fd(in->sources[i]) >= 0;
	in->by_arrival |= !source_is_live(name) || !strcmp(name, "journal:");
	in->n++;
	return ret;
}

bool intake_unread(const struct settings *settings)
{
	struct stat st;

	return !settings->n_sources && !fstat(STDIN_FILENO, &st) && S_ISFIFO(st.st_mode);
}

/* Records of a file and of what is followed would not be merged by time. */
static bool only_pipes(const struct settings *settings)
{
	struct stat st;

	for (size_t i = 0; i < settings->n_sources; i++) {
		const char *name = settings->sources[i];

		if (strcmp(name, "-") ? stat(name, &st) : fstat(STDIN_FILENO, &st))
			return false;
		if (!S_ISFIFO(st.st_mode) && !S_ISSOCK(st.st_mode))
			return false;
	}
	return settings->n_sources;
}

/* All of them before any is read: a misspelt name is told at once, not after an hour. */
static int open_named(struct intake *in)
{
	const struct settings *settings = in->settings;
	int failed = 0;

	for (size_t i = 0; i < settings->n_sources; i++) {
		int ret = intake_add(in, settings->sources[i], true);

		failed = ret < 0 ? ret : failed;
	}
	return failed;
}

/*
 * count_parts - Return: by how many numbers the records of source @i go
 * A recording says first whose records follow. A pipe may be slow to say that (ssh asks for a
 * password), or say it in pieces, and nobody else is kept waiting.
 */
static size_t count_parts(const struct intake *in, size_t i)
{
	struct pollfd fd = { .events = POLLIN, .fd = source_fd(in->sources[i]) };
	bool waits = in->n == 1 && in->piped && fd.fd >= 0, told = false;
	size_t n;

	while (!(n = source_parts(in->sources[i], (unsigned int)in->n_names)) && waits) {
		if (!told && !poll(&fd, 1, HEAD_MS) && isatty(STDERR_FILENO)) {
			complain("waiting for %s", in->parts[i].name);
			told = true;
		}
		poll(&fd, 1, -1);
	}
	return n ? n : 1;
}

/* number_parts - records are numbered by source, those of a recording by what was recorded */
static int number_parts(struct intake *in)
{
	for (size_t i = 0; i < in->n; i++) {
		size_t n = count_parts(in, i);
		const char **names = realloc(in->names, (in->n_names + n) * sizeof(*names));
		size_t *owners = realloc(in->owners, (in->n_names + n) * sizeof(*owners));

		in->names = names ? names : in->names;
		in->owners = owners ? owners : in->owners;
		if (!names || !owners) {
			complain("%s", strerror(ENOMEM));
			return -ENOMEM;
		}
		for (size_t k = 0; k < n; k++) {
			const char *name = source_part_name(in->sources[i], k);

			in->recorded |= name != NULL;
			names[in->n_names] = name ? name : in->parts[i].name;
			owners[in->n_names++] = i;
		}
	}
	return 0;
}

static int enter_netns(const struct settings *settings)
{
	int ret = settings->netns ? netns_enter(settings->netns) : 0;

	if (ret == -ENOENT)
		complain("no network namespace %s; `ip netns` lists them", settings->netns);
	else if (ret < 0)
		complain("cannot enter the network namespace %s: %s", settings->netns,
			 strerror(-ret));
	return ret;
}

int intake_open(struct intake *in, const struct settings *settings)
{
	int ret;

	in->settings = settings;
	in->piped = only_pipes(settings);
	netns_logged("", &in->all_netns);
	arm_name(in->own_table);
	ret = rules_load(settings, &in->rules);
	if (!ret)
		ret = conventions_load(&in->prefixes);
	if (!ret)
		ret = reserve(in, settings->n_sources + LIVE_SOURCES);
	if (!ret)
		ret = enter_netns(settings);
	if (!ret)
		ret = settings->n_sources ? open_named(in) : 0;
	if (!ret)
		ret = live_open(in);
	if (!ret)
		ret = number_parts(in);
	if (!ret && settings->trace)
		ret = live_arm(in);
	if (!ret && settings->keep)
		ret = keep_open(in, settings->keep);
	return ret;
}

void intake_close(struct intake *in)
{
	in->failed |= !keep_close(in);
	arm_close(in->arm);
	merge_destroy(in->merge);
	model_destroy(in->model);
	for (size_t i = 0; in->sources && i < in->n; i++)
		source_close(in->sources[i]);
	free(in->sources);
	free(in->parts);
	free(in->names);
	free(in->owners);
	ruleset_destroy(in->rules);
	prefixes_destroy(in->prefixes);
}

static bool is_file(const struct stat *file, const char *path)
{
	struct stat st;

	return path && stat(path, &st) == 0 && st.st_dev == file->st_dev &&
	       st.st_ino == file->st_ino;
}

static bool is_among(const struct stat *file, const char *const *paths, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (is_file(file, paths[i]))
			return true;
	return false;
}

bool intake_reads(const struct settings *s, const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	return is_among(&st, (const char *const *)s->sources, s->n_sources) ||
	       is_among(&st, s->rulesets, s->n_rulesets) ||
	       is_among(&st, s->side_rulesets[0], s->n_side_rulesets[0]) ||
	       is_among(&st, s->side_rulesets[1], s->n_side_rulesets[1]) ||
	       is_file(&st, s->expectations);
}

/* Return: bytes of all sources, or 0 if one of them cannot say */
static uint64_t total_size(const struct intake *in)
{
	uint64_t total = 0;

	for (size_t i = 0; i < in->n; i++) {
		if (!source_size(in->sources[i]))
			return 0;
		total += source_size(in->sources[i]);
	}
	return total;
}

/* All is open: sources, outputs, the trace. The command of check is to have the user's own rights.
 */
static int drop_privileges(const struct settings *settings)
{
	int ret = settings->child ? 0 : privilege_drop(settings->follow);

	if (ret < 0)
		complain("cannot give up privileges: %s", strerror(-ret));
	return ret;
}

/* is_live - does a live source speak, or a recording of one? That says what was said then. */
static bool is_live(const struct intake *in)
{
	static const char *const names[] = { "nft:", "nflog:", "kmsg:", "journal:" };
	bool live = false;

	for (size_t i = 0; (in->live || in->recorded) && i < in->n_names; i++)
		for (size_t k = 0; k < sizeof(names) / sizeof(*names); k++)
			live |= !strncmp(in->names[i], names[k], strlen(names[k]));
	return live;
}

/* set_order - one log that is followed is in order: it tells what it tells where it lies whole */
static void set_order(struct intake *in, struct model_config *config)
{
	config->live = is_live(in);
	in->timed = in->recorded && config->live;
	in->whole &= !config->live;
	config->woven = config->live || (in->live && in->n > 1);
	if (config->live && !in->by_arrival)
		config->idle_ns = LIVE_IDLE_NS;
	if (config->woven)
		config->max_open = LIVE_OPEN;
}

int intake_model(struct intake *in, struct model_config config, const struct model_sink *sink)
{
	const struct settings *settings = in->settings;
	int ret = -ENOMEM;

	config.rules = in->rules;
	config.prefixes = in->prefixes;
	config.filter = query_filter(settings->filter);
	set_order(in, &config);
	in->model = model_create(&config, sink);
	in->merge = merge_create(in->sources, in->n, settings->year,
				 !in->live && !in->recorded && !in->keep && !in->by_record);
	if (in->model && in->merge)
		ret = 0;
	for (size_t i = 0; !ret && i < in->n_names; i++)
		ret = model_set_source(in->model, (unsigned int)i,
				       source_mtime_ns(in->sources[in->owners[i]]), settings->year);
	if (ret < 0)
		complain("%s", strerror(-ret));
	in->progress = progress_start(settings->loud >= 0 && !in->live, total_size(in));
	in->started = seconds_now();
	in->ticking = in->live;
	if (!ret && in->live)
		ret = drop_privileges(settings);
	if (!ret && in->keep)
		keep_begin(in);
	return ret;
}

static int complain_bad_line(struct intake *in)
{
	const struct stats *stats = model_stats(in->model);

	progress_end(&in->progress);
	complain("%s:%llu:%zu: expected %s", in->names[stats->bad_source],
		 (unsigned long long)stats->bad_line, stats->bad_at + 1, stats->bad_expected);
	return -EINVAL;
}

/* fed - what the model said to its food; Return: the same, if it is the end */
static int fed(struct intake *in, int ret)
{
	if (ret == -EINVAL)
		return in->settings->strict ? complain_bad_line(in) : 0;
	if (ret < 0) {
		progress_end(&in->progress);
		complain("%s", strerror(-ret));
	}
	return ret;
}

int intake_take(struct intake *in, const struct record *rec)
{
	size_t i = in->owners[rec->source];
	struct part *part = &in->parts[i];
	uint64_t position = source_position(in->sources[i]);

	part->lines += rec->lines;
	glance_record(&part->glance, rec);
	in->read += position - part->position;
	part->position = position;
	progress_show(&in->progress, in->read);
	if (rec->when_ns) {
		in->first_ns = in->first_ns ? in->first_ns : rec->when_ns;
		in->last_ns = rec->when_ns;
	}
	if (in->keep)
		keep_record(in->keep, rec);
	if (in->recent)
		recent_put(in->recent, rec);
	return fed(in, model_feed(in->model, rec));
}

void intake_lost_source(struct intake *in, size_t i, int error)
{
	const char *trouble = source_trouble(in->sources[i]);

	progress_end(&in->progress);
	complain("cannot read %s: %s", in->parts[i].name, trouble ? trouble : strerror(error));
	in->parts[i].failed = true;
	in->parts[i].ended = true;
	in->failed = true;
}

/* tell_ends - all was read; Return: was there anything that a report can be made of? */
static bool tell_ends(struct intake *in)
{
	bool any = false;

	progress_end(&in->progress);
	for (size_t i = 0; i < in->n; i++) {
		const struct part *part = &in->parts[i];
		const char *trouble = source_trouble(in->sources[i]);
		uint64_t bytes = source_position(in->sources[i]);

		any |= part->lines || !part->failed;
		model_count_bytes(in->model, bytes);
		if (trouble && !part->failed)
			tell_of(part->name, trouble);
		if (in->settings->loud > 0)
			complain("%s: %llu bytes, %llu lines", part->name,
				 (unsigned long long)bytes, (unsigned long long)part->lines);
	}
	if (in->settings->loud > 0)
		complain("read in %.3f s", seconds_now() - in->started);
	return any;
}

static int end(struct intake *in)
{
	if (!tell_ends(in))
		return -EINVAL;
	if (in->keep && !in->live && !in->recorded)
		keep_end(in->keep);
	model_end(in->model);
	in->seconds = in->live || in->recorded ? (double)(in->last_ns - in->first_ns) / 1e9
					       : seconds_now() - in->started;
	return 0;
}

static int take_steps(struct intake *in, const struct food *food)
{
	struct part *part = &in->parts[food->source];
	int ret;

	if (food->from == 0) {
		part->lines += food->batch->n_lines;
		if (!food->batch->n_bodies) /* what tells of packets is a log */
			glance_text(&part->glance, food->batch->text);
	}
	in->read += food->position - part->position;
	part->position = food->position;
	progress_show(&in->progress, in->read);
	ret = model_feed_batch(in->model, (unsigned int)food->source, food->batch, food->from,
			       food->to, in->settings->strict);
	return ret < 0 ? fed(in, ret) : 0;
}

/* file_turn - some records; or steps of a batch, which are as many records or more */
static int file_turn(struct intake *in)
{
	struct food food;
	size_t failed;

	for (size_t i = 0; i < TURN_RECORDS; i += food.batch ? food.to - food.from : 1) {
		int ret = merge_next(in->merge, &food, &failed);

		food.batch = ret > 0 ? food.batch : NULL;
		if (!ret)
			return 0;
		if (ret < 0)
			intake_lost_source(in, failed, -ret);
		else if ((ret = food.batch ? take_steps(in, &food) : intake_take(in, &food.rec)) <
			 0)
			return ret;
	}
	return 1;
}

int intake_turn(struct intake *in, int ms)
{
	int ret = in->ticking ? live_start(in) : 0;

	in->ticking = false;
	if (ret < 0)
		return ret;
	if (in->live) /* it has something to say at its end, however that came */
		ret = live_turn(in, ms);
	else
		ret = in->ended ? 0 : file_turn(in);
	return ret ? ret : end(in);
}

void intake_stop(struct intake *in)
{
	in->ended = true;
}

int intake_read(struct intake *in)
{
	int ret;

	while ((ret = intake_turn(in, -1)) > 0)
		;
	return ret;
}

bool intake_failed(const struct intake *in)
{
	return in->failed;
}

int intake_percent(const struct intake *in)
{
	uint64_t total = in->progress.total;

	return total && in->read <= total ? (int)(100 * in->read / total) : -1;
}
