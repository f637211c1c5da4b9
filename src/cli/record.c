// SPDX-License-Identifier: GPL-2.0-or-later
/* record.c - `nfhop record`: keep what live sources say, to be read back by every command */
#include "intake.h"

#include <inttypes.h>

static void tell_end(const struct intake *in, const char *name)
{
	const struct stats *stats = model_stats(in->model);
	bool lost = stats->lost || model_gap_count(in->model);
	uint64_t left_out = model_left_out(in->model);

	complain("%s: %" PRIu64 " packet%s of %" PRIu64 " flow%s in %.1f s, %s", name,
		 stats->packets, stats->packets == 1 ? "" : "s", stats->flows,
		 stats->flows == 1 ? "" : "s", in->seconds,
		 lost	    ? "events were lost"
		 : left_out ? "not all were traced"
			    : "nothing lost");
	if (left_out)
		complain("%" PRIu64 " more packets were not traced for --limit; --limit 0 traces "
			 "all",
			 left_out);
}

int record_run(const struct settings *settings)
{
	struct intake in = { .whole = true };
	const char *name = settings->file ? settings->file : "-";
	int status = STATUS_USAGE;

	if (intake_open(&in, settings) == 0 && keep_open(&in, name) == 0 &&
	    intake_model(&in, model_config_default(), NULL) == 0 && intake_read(&in) == 0 &&
	    !intake_failed(&in))
		status = STATUS_FINE;
	if (!keep_close(&in))
		status = STATUS_USAGE;
	if (status == STATUS_FINE)
		status = intake_tell(&in, true);
	if (status == STATUS_FINE && settings->loud >= 0)
		tell_end(&in, settings->file ? settings->file : "standard output");
	intake_close(&in);
	return status;
}
