// SPDX-License-Identifier: GPL-2.0-or-later
/* intake.c - what every command that reads has in common: sources to model */
#include "intake.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#define TURN_RECORDS 4096 /* some milliseconds: between two of them a view can answer a key */

/* All of them before any is read: a misspelt name is told at once, not after an hour. */
static int open_sources(struct intake *in)
{
	const struct settings *settings = in->settings;
	int failed = 0;

	in->n = settings->n_sources;
	in->sources = calloc(in->n, sizeof(*in->sources));
	in->parts = calloc(in->n, sizeof(*in->parts));
	in->names = calloc(in->n, sizeof(*in->names));
	if (!in->sources || !in->parts || !in->names) {
		complain("%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	for (size_t i = 0; i < in->n; i++) {
		const char *name = settings->sources[i];
		int ret = source_open(name, (unsigned int)i, NULL, &in->sources[i]);

		in->names[i] = strcmp(name, "-") ? name : "standard input";
		if (ret < 0)
			complain("cannot open %s: %s", in->names[i], strerror(-ret));
		failed = ret < 0 ? ret : failed;
	}
	return failed;
}

int intake_open(struct intake *in, const struct settings *settings)
{
	int ret;

	in->settings = settings;
	ret = rules_load(settings, &in->rules);
	if (!ret)
		ret = conventions_load(&in->prefixes);
	return ret < 0 ? ret : open_sources(in);
}

void intake_close(struct intake *in)
{
	merge_destroy(in->merge);
	model_destroy(in->model);
	for (size_t i = 0; in->sources && i < in->n; i++)
		source_close(in->sources[i]);
	free(in->sources);
	free(in->parts);
	free(in->names);
	ruleset_destroy(in->rules);
	prefixes_destroy(in->prefixes);
}

bool intake_reads(const struct settings *settings, const char *path)
{
	struct stat out, in;

	if (stat(path, &out) < 0 || !S_ISREG(out.st_mode))
		return false;
	for (size_t i = 0; i < settings->n_sources; i++)
		if (!stat(settings->sources[i], &in) && in.st_dev == out.st_dev &&
		    in.st_ino == out.st_ino)
			return true;
	return false;
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

int intake_model(struct intake *in, struct model_config config, const struct model_sink *sink)
{
	const struct settings *settings = in->settings;
	int ret = -ENOMEM;

	config.rules = in->rules;
	config.prefixes = in->prefixes;
	config.filter = query_filter(settings->filter);
	in->model = model_create(&config, sink);
	in->merge = merge_create(in->sources, in->n, settings->year);
	if (in->model && in->merge)
		ret = 0;
	for (size_t i = 0; !ret && i < in->n; i++)
		ret = model_set_source(in->model, (unsigned int)i, source_mtime_ns(in->sources[i]),
				       settings->year);
	if (ret < 0)
		complain("%s", strerror(-ret));
	in->progress = progress_start(settings->loud >= 0, total_size(in));
	in->started = seconds_now();
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

static int feed(struct intake *in, const struct record *rec)
{
	int ret = model_feed(in->model, rec);

	if (ret == -EINVAL)
		return in->settings->strict ? complain_bad_line(in) : 0;
	if (ret < 0) {
		progress_end(&in->progress);
		complain("%s", strerror(-ret));
	}
	return ret;
}

static int take_record(struct intake *in, const struct record *rec)
{
	struct part *part = &in->parts[rec->source];
	uint64_t position = source_position(in->sources[rec->source]);

	part->lines += rec->lines;
	in->read += position - part->position;
	part->position = position;
	progress_show(&in->progress, in->read);
	return feed(in, rec);
}

static void tell_failure(struct intake *in, size_t i, int error)
{
	const char *trouble = source_trouble(in->sources[i]);

	progress_end(&in->progress);
	complain("cannot read %s: %s", in->names[i], trouble ? trouble : strerror(error));
	in->parts[i].failed = true;
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
			complain("%s: %s", in->names[i], trouble);
		if (in->settings->loud > 0)
			complain("%s: %llu bytes, %llu lines", in->names[i],
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
	model_end(in->model);
	in->seconds = seconds_now() - in->started;
	return 0;
}

int intake_turn(struct intake *in, int ms)
{
	struct record rec;
	size_t failed;

	(void)ms;
	for (unsigned int i = 0; i < TURN_RECORDS; i++) {
		int ret = merge_next(in->merge, &rec, &failed);

		if (!ret)
			return end(in);
		if (ret < 0)
			tell_failure(in, failed, -ret);
		else if ((ret = take_record(in, &rec)) < 0)
			return ret;
	}
	return 1;
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
