// SPDX-License-Identifier: GPL-2.0-or-later
/* doctor.c - `nfhop doctor`: is this host able to trace, and if nothing appears: why */
#include "nfhop/doctor.h"

#include <errno.h>
#include <unistd.h>

#include "cli.h"

#define READABLE 100 /* columns of text that is not for a terminal */

static void complain_examine(const struct settings *settings, int error)
{
	if (settings->netns && error == ENOENT)
		complain("no network namespace %s; `ip netns` lists them", settings->netns);
	else if (settings->netns)
		complain("cannot enter the network namespace %s: %s", settings->netns,
			 strerror(error));
	else
		complain("%s", strerror(error));
}

static void print_text(const struct settings *settings, const struct doctor *doctor)
{
	unsigned int width = terminal_width(STDOUT_FILENO);
	struct writer writer = {
		.out = stdout,
		.color = terminal_color(settings->color, STDOUT_FILENO),
		.utf8 = terminal_utf8(),
		.wrap = width ? width : READABLE,
	};

	doctor_write_text(&writer, doctor);
}

int doctor_run(const struct settings *settings)
{
	struct doctor_config config = { .root = "", .netns = settings->netns };
	struct doctor doctor;
	int ret, status;

	if (settings->n_sources) {
		complain("doctor looks at this host: it takes no source (%s)",
			 settings->sources[0]);
		return STATUS_USAGE;
	}
	ret = doctor_examine(&config, &doctor);
	if (ret < 0) {
		complain_examine(settings, -ret);
		doctor_finish(&doctor);
		return STATUS_USAGE;
	}
	if (settings->json)
		doctor_write_json(stdout, &doctor);
	else
		print_text(settings, &doctor);
	status = doctor_healthy(&doctor) ? STATUS_FINE : STATUS_FAILED;
	doctor_finish(&doctor);
	return status;
}
