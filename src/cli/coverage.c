// SPDX-License-Identifier: GPL-2.0-or-later
/* coverage.c - `nfhop rules`: which rules were met, and which never */
#include "nfhop/coverage.h"

#include "intake.h"

#define READABLE 100 /* columns of text that is not for a terminal */

static int write_rules(const struct settings *settings, const struct model *model)
{
	struct coverage c;
	FILE *out;
	int ret = out_open(settings, &out);

	if (ret < 0)
		return ret;
	ret = coverage_draw(&c, model);
	if (ret < 0) {
		complain("%s", strerror(-ret));
	} else if (settings->json) {
		coverage_write_json(out, model, &c, settings->never);
	} else {
		unsigned int width = terminal_width(fileno(out));
		struct writer writer = {
			.out = out,
			.color = terminal_color(settings->color, fileno(out)),
			.utf8 = terminal_utf8(),
			.wrap = width ? width : READABLE,
		};

		coverage_write_text(&writer, model, &c, settings->never);
	}
	coverage_finish(&c);
	return out_close(settings, out) < 0 ? -1 : ret;
}

int coverage_run(const struct settings *settings)
{
	struct intake in = { .whole = true };
	int status = STATUS_USAGE;

	if (intake_open(&in, settings) < 0 || intake_model(&in, model_config_default(), NULL) < 0 ||
	    intake_read(&in) < 0)
		goto out;
	if (settings->never && !model_rules(in.model)) {
		complain("--never: only the rule set tells which rules there are; give it with -r");
		goto out;
	}
	if (write_rules(settings, in.model) == 0 && !intake_failed(&in))
		status = STATUS_FINE;
	if (status == STATUS_FINE)
		status = intake_tell(&in, true);
out:
	intake_close(&in);
	return status;
}
