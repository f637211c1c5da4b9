// SPDX-License-Identifier: GPL-2.0-or-later
/* report.c - `nfhop report`: sources in, one report out */
#include "cli.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "merge.h"

/* Closed packets held back so that what comes later can speak for them; some 100 MB. */
#define KEPT_PACKETS 100000
#define OUT_BUFFER   ((size_t)256 << 10)

/**
 * struct part - how far one source was read
 * @position: bytes of it
 * @failed: it could not be read on
 */
struct part {
	uint64_t position, lines;
	bool failed;
};

/**
 * struct run - one report on its way
 * @status: what the program will end with
 * @parts: one a source
 * @read: bytes of all sources
 * @headed: the output's head was written
 */
struct run {
	const struct settings *settings;
	const struct output *output;
	struct source **sources;
	struct part *parts;
	struct ruleset *rules;
	struct prefixes *prefixes;
	struct model *model;
	struct report report;
	struct progress progress;
	uint64_t read;
	int status;
	bool headed;
};

/* Late, so that a run which fails at once has written nothing. */
static void head(struct run *run, const struct model *model)
{
	if (!run->headed && run->output->head)
		run->output->head(&run->report, model);
	run->headed = true;
}

static void on_packet(void *who, const struct model *model, const struct packet *packet)
{
	struct run *run = who;

	head(run, model);
	run->output->packet(&run->report, model, packet);
}

static const char *title(const struct run *run, size_t i)
{
	const char *name = run->settings->sources[i];

	return strcmp(name, "-") ? name : "standard input";
}

/* All of them before any is read: a misspelt name is told at once, not after an hour. */
static int open_sources(struct run *run)
{
	const struct settings *settings = run->settings;
	int failed = 0;

	run->sources = calloc(settings->n_sources, sizeof(*run->sources));
	run->parts = calloc(settings->n_sources, sizeof(*run->parts));
	if (!run->sources || !run->parts)
		return -ENOMEM;
	for (size_t i = 0; i < settings->n_sources; i++) {
		int ret = source_open(settings->sources[i], (unsigned int)i, &run->sources[i]);

		if (ret < 0)
			complain("cannot open %s: %s", title(run, i), strerror(-ret));
		failed = ret < 0 ? ret : failed;
	}
	return failed;
}

static void close_sources(struct run *run)
{
	for (size_t i = 0; run->sources && i < run->settings->n_sources; i++)
		source_close(run->sources[i]);
	free(run->sources);
	free(run->parts);
}

/* Return: bytes of all sources, or 0 if one of them cannot say */
static uint64_t total_size(const struct run *run)
{
	uint64_t total = 0;

	for (size_t i = 0; i < run->settings->n_sources; i++) {
		if (!source_size(run->sources[i]))
			return 0;
		total += source_size(run->sources[i]);
	}
	return total;
}

static bool is_source(const struct settings *settings, const char *path)
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

static int open_output(struct run *run)
{
	const char *path = run->settings->file;

	run->report.out = stdout;
	if (path && is_source(run->settings, path)) {
		complain("%s is a source: writing the report there would destroy it", path);
		return -EINVAL;
	}
	if (path)
		run->report.out = fopen(path, "we");
	if (!run->report.out) {
		complain("cannot write %s: %s", path, strerror(errno));
		return -EINVAL;
	}
	setvbuf(run->report.out, NULL, _IOFBF, OUT_BUFFER);
	return 0;
}

/*
 * Whoever reads us may have enough (`| head`): that is no failure.
 * Anything else that kept text from being written is one.
 */
static void close_output(struct run *run)
{
	FILE *out = run->report.out;
	const char *path = run->settings->file;
	bool failed;

	errno = 0;
	failed = fflush(out) != 0 || ferror(out);
	if (path && fclose(out) != 0)
		failed = true;
	if (!failed || errno == EPIPE)
		return;
	complain("cannot write %s: %s", path ? path : "standard output",
		 strerror(errno ? errno : EIO));
	run->status = STATUS_USAGE;
}

static int create_model(struct run *run)
{
	struct model_sink sink = { .who = run };
	struct model_config config = model_config_default();

	config.rules = run->rules;
	config.prefixes = run->prefixes;
	if (run->output->needs_packets || run->settings->by == REPORT_BY_PACKET) {
		sink.packet = on_packet;
		config.max_kept = KEPT_PACKETS;
	}
	run->model = model_create(&config, &sink);
	return run->model ? 0 : -ENOMEM;
}

static int complain_bad_line(struct run *run)
{
	const struct stats *stats = model_stats(run->model);

	progress_end(&run->progress);
	complain("%s:%llu:%zu: expected %s", run->settings->sources[stats->bad_source],
		 (unsigned long long)stats->bad_line, stats->bad_at + 1, stats->bad_expected);
	return -EINVAL;
}

static int feed(struct run *run, const struct record *rec)
{
	int ret = model_feed(run->model, rec);

	if (ret == -EINVAL)
		return run->settings->strict ? complain_bad_line(run) : 0;
	if (ret < 0) {
		progress_end(&run->progress);
		complain("%s", strerror(-ret));
	}
	return ret;
}

static int take_record(struct run *run, const struct record *rec)
{
	struct part *part = &run->parts[rec->source];
	uint64_t position = source_position(run->sources[rec->source]);

	part->lines += rec->lines;
	run->read += position - part->position;
	part->position = position;
	progress_show(&run->progress, run->read);
	return feed(run, rec);
}

static void tell_failure(struct run *run, size_t i, int error)
{
	const char *trouble = source_trouble(run->sources[i]);

	progress_end(&run->progress);
	complain("cannot read %s: %s", title(run, i), trouble ? trouble : strerror(error));
	run->parts[i].failed = true;
	run->status = STATUS_USAGE;
}

/* tell_ends - all was read; Return: was there anything that a report can be made of? */
static bool tell_ends(struct run *run, double seconds)
{
	bool any = false;

	progress_end(&run->progress);
	for (size_t i = 0; i < run->settings->n_sources; i++) {
		const struct part *part = &run->parts[i];
		const char *trouble = source_trouble(run->sources[i]);
		uint64_t bytes = source_position(run->sources[i]);

		any |= part->lines || !part->failed;
		model_count_bytes(run->model, bytes);
		if (trouble && !part->failed)
			complain("%s: %s", title(run, i), trouble);
		if (run->settings->loud > 0)
			complain("%s: %llu bytes, %llu lines", title(run, i),
				 (unsigned long long)bytes, (unsigned long long)part->lines);
	}
	if (run->settings->loud > 0)
		complain("read in %.3f s", seconds);
	return any;
}

/* Return: 0, or -errno after complaining about what no report can be made of */
static int read_merged(struct run *run, struct merge *merge)
{
	double started = seconds_now();
	struct record rec;
	size_t failed;
	int ret;

	while ((ret = merge_next(merge, &rec, &failed))) {
		if (ret < 0)
			tell_failure(run, failed, -ret);
		else if ((ret = take_record(run, &rec)) < 0)
			return ret;
	}
	return tell_ends(run, seconds_now() - started) ? 0 : -EINVAL;
}

static int read_sources(struct run *run)
{
	const struct settings *settings = run->settings;
	struct merge *merge = merge_create(run->sources, settings->n_sources, settings->year);
	int ret = merge ? 0 : -ENOMEM;

	for (size_t i = 0; !ret && i < settings->n_sources; i++)
		ret = model_set_source(run->model, (unsigned int)i,
				       source_mtime_ns(run->sources[i]), settings->year);
	if (ret < 0) {
		complain("%s", strerror(-ret));
	} else {
		run->progress = progress_start(settings->loud >= 0, total_size(run));
		ret = read_merged(run, merge);
	}
	merge_destroy(merge);
	return ret;
}

static void describe(struct run *run)
{
	const struct settings *settings = run->settings;
	int fd = fileno(run->report.out);

	run->report.by = settings->by;
	run->report.color = terminal_color(settings->color, fd);
	run->report.utf8 = terminal_utf8();
	run->report.width = terminal_width(fd);
	run->report.names = (const char *const *)settings->sources;
	run->report.n_names = settings->n_sources;
}

static int make_report(struct run *run)
{
	double started = seconds_now();
	int ret = create_model(run);

	if (ret < 0) {
		complain("%s", strerror(-ret));
		return ret;
	}
	describe(run);
	ret = read_sources(run);
	if (ret < 0)
		return ret;
	model_end(run->model);
	run->report.seconds = seconds_now() - started;
	head(run, run->model);
	if (run->output->tail)
		run->output->tail(&run->report, run->model);
	return 0;
}

static int complain_no_source(void)
{
	complain("nothing to read. Name a log file, or - for standard input:\n"
		 "\n"
		 "    nfhop report /var/log/kern.log\n"
		 "    dmesg | nfhop report -\n"
		 "    journalctl -k | nfhop report -");
	return STATUS_USAGE;
}

int report_run(const struct settings *settings)
{
	struct run run = { .settings = settings, .output = settings->output };

	if (!settings->n_sources)
		return complain_no_source();
	if (rules_load(settings, &run.rules) < 0 || conventions_load(&run.prefixes) < 0 ||
	    open_sources(&run) < 0) {
		run.status = STATUS_USAGE;
		goto out_sources;
	}
	if (open_output(&run) < 0) {
		run.status = STATUS_USAGE;
		goto out_sources;
	}
	if (make_report(&run) < 0)
		run.status = STATUS_USAGE;
	close_output(&run);
	model_destroy(run.model);
out_sources:
	close_sources(&run);
	ruleset_destroy(run.rules);
	prefixes_destroy(run.prefixes);
	return run.status;
}
