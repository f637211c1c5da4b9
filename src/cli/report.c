// SPDX-License-Identifier: GPL-2.0-or-later
/* report.c - `nfhop report`: sources in, one report out */
#include "intake.h"

#include <errno.h>
#include <stdlib.h>

/**
 * struct run - one report on its way
 * @where: the filter as text, NULL without one
 * @status: what the program will end with
 * @headed: the output's head was written
 */
struct run {
	const struct settings *settings;
	const struct output *output;
	struct intake in;
	struct report report;
	char *where;
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

static int create_model(struct run *run)
{
	struct model_sink sink = { .who = run };
	struct model_config config = model_config_default();

	if (run->output->needs_packets || run->settings->by == REPORT_BY_PACKET) {
		sink.packet = on_packet;
		config.max_kept = INTAKE_KEPT;
	}
	run->in.whole = !sink.packet || run->output->whole;
	return intake_model(&run->in, config, &sink);
}

static char *filter_text(const struct query *q)
{
	size_t n = query_print(q, NULL, 0);
	char *text = calloc(1, n + 1);

	if (text)
		query_print(q, text, n);
	return text;
}

static void describe(struct run *run)
{
	const struct settings *settings = run->settings;
	int fd = fileno(run->report.out);

	if (settings->filter)
		run->where = filter_text(settings->filter);

	run->report.by = settings->by;
	run->report.color = terminal_color(settings->color, fd);
	run->report.utf8 = terminal_utf8();
	run->report.width = terminal_width(fd);
	run->report.names = run->in.names;
	run->report.n_names = run->in.n_names;
	run->report.where = run->where;
}

/* Packets of a live source are shown as they come, until nobody reads any more. */
static int read_all(struct run *run)
{
	int ret;

	while ((ret = intake_turn(&run->in, -1)) > 0)
		if (run->in.live && fflush(run->report.out))
			intake_stop(&run->in);
	return ret;
}

static int make_report(struct run *run)
{
	int ret = create_model(run);

	if (ret < 0)
		return ret;
	describe(run);
	ret = read_all(run);
	if (ret < 0)
		return ret;
	run->report.seconds = run->in.seconds;
	head(run, run->in.model);
	if (run->output->tail)
		run->output->tail(&run->report, run->in.model);
	return 0;
}

int report_run(const struct settings *settings)
{
	struct run run = { .settings = settings, .output = settings->output };

	if (intake_open(&run.in, settings) < 0 || out_open(settings, &run.report.out) < 0) {
		run.status = STATUS_USAGE;
		goto out_intake;
	}
	intake_tell(&run.in, false);
	if (make_report(&run) < 0 || intake_failed(&run.in))
		run.status = STATUS_USAGE;
	if (run.status == STATUS_FINE)
		run.status = intake_tell(&run.in, true);
	if (!keep_close(&run.in))
		run.status = STATUS_USAGE;
	if (out_close(settings, run.report.out) < 0)
		run.status = STATUS_USAGE;
	free(run.report.state);
	free(run.where);
out_intake:
	intake_close(&run.in);
	return run.status;
}
