// SPDX-License-Identifier: GPL-2.0-or-later
/* diff.c - `nfhop diff`: which flows take another way in a second capture */
#include "nfhop/diff.h"

#include "intake.h"

#define READABLE 100 /* columns of text that is not for a terminal */

/* struct capture - one of the two, with its own settings */
struct capture {
	struct settings settings;
	struct intake in;
};

/* Rule sets of both captures, and those of this one alone. */
static int take_rulesets(struct settings *own, const struct settings *given, int side)
{
	for (size_t i = 0; i < given->n_side_rulesets[side]; i++) {
		if (own->n_rulesets == RULESETS_MAX) {
			complain("too many rule sets: %d at most", RULESETS_MAX);
			return -1;
		}
		own->rulesets[own->n_rulesets++] = given->side_rulesets[side][i];
	}
	return 0;
}

static int read_capture(struct capture *capture, const struct settings *given, int side)
{
	capture->settings = *given;
	capture->settings.sources = given->sources + side;
	capture->settings.n_sources = 1;
	if (take_rulesets(&capture->settings, given, side) < 0 ||
	    intake_open(&capture->in, &capture->settings) < 0 ||
	    intake_model(&capture->in, model_config_default(), NULL) < 0 ||
	    intake_read(&capture->in) < 0 || intake_failed(&capture->in))
		return -1;
	return intake_tell(&capture->in, true) == STATUS_FINE ? 0 : -1;
}

static int write_diff(const struct settings *settings, const struct capture captures[2])
{
	const char *const names[2] = { captures[0].in.names[0], captures[1].in.names[0] };
	struct diff diff;
	FILE *out;
	int ret = out_open(settings, &out), status;
	struct writer writer;

	if (ret < 0)
		return STATUS_USAGE;
	ret = diff_draw(&diff, captures[0].in.model, captures[1].in.model);
	writer = (struct writer){
		.out = out,
		.color = terminal_color(settings->color, fileno(out)),
		.utf8 = terminal_utf8(),
		.wrap = terminal_width(fileno(out)),
	};
	writer.wrap = writer.wrap ? writer.wrap : READABLE;
	if (ret < 0)
		complain("%s", strerror(-ret));
	else
		diff_write_text(&writer, &diff, names);
	status = diff.n ? STATUS_FAILED : diff.matched ? STATUS_FINE : STATUS_INCONCLUSIVE;
	diff_finish(&diff);
	return out_close(settings, out) < 0 || ret < 0 ? STATUS_USAGE : status;
}

int diff_run(const struct settings *settings)
{
	struct capture captures[2] = { { .in = { 0 } } };
	int status = STATUS_USAGE;

	if (settings->n_sources != 2) {
		complain("diff compares two captures:\n"
			 "\n"
			 "    nfhop diff --ruleset-before old.rules --ruleset-after new.rules "
			 "old.log new.log");
		return STATUS_USAGE;
	}
	if (read_capture(&captures[0], settings, 0) == 0 &&
	    read_capture(&captures[1], settings, 1) == 0)
		status = write_diff(settings, captures);
	intake_close(&captures[0].in);
	intake_close(&captures[1].in);
	return status;
}
