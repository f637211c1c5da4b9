// SPDX-License-Identifier: GPL-2.0-or-later
/* filter.c - filters of the command line: -w, --since, --until, -t */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "nfhop/arm.h"

static void tell(struct settings *settings, const char *argument, const struct query_error *err)
{
	settings->trouble.part = argument + err->at;
	settings->trouble.part_n = err->n;
	query_error_text(err, str_from(argument), settings->trouble.text,
			 sizeof(settings->trouble.text));
}

struct query *filter_parse(struct settings *settings, const char *argument)
{
	struct query_error err;
	struct query *q;

	if (query_parse(str_from(argument), &q, &err) == -EINVAL)
		tell(settings, argument, &err);
	return q;
}

static bool add(struct settings *settings, struct query *q)
{
	if (!q || settings->n_filters == FILTERS_MAX) {
		query_destroy(q);
		return false;
	}
	settings->filters[settings->n_filters++] = q;
	query_destroy(settings->filter);
	return query_all((const struct query *const *)settings->filters, settings->n_filters,
			 &settings->filter) == 0;
}

bool filter_add(struct settings *settings, const char *argument)
{
	return add(settings, filter_parse(settings, argument));
}

bool filter_add_time(struct settings *settings, const char *word, const char *argument)
{
	struct query_error err = { 0 };
	struct query *q = NULL;
	char text[128];

	/* a quote in it would end the string that it is put into */
	if (!strpbrk(argument, "\"\\") &&
	    snprintf(text, sizeof(text), "%s \"%s\"", word, argument) < (int)sizeof(text))
		query_parse(str_from(text), &q, &err);
	return add(settings, q);
}

bool filter_trace(struct settings *settings, const char *argument)
{
	struct arm_want want = { .limit = 0 };
	struct arm_error err;
	struct str text = { NULL, 0 };

	query_destroy(settings->trace);
	settings->trace = filter_parse(settings, argument);
	want.query = settings->trace;
	if (!want.query)
		return false;
	if (!arm_print(&want, &text, &err)) {
		free((char *)(uintptr_t)text.p);
		return true;
	}
	settings->trouble.part = argument + err.at;
	settings->trouble.part_n = err.n;
	snprintf(settings->trouble.text, sizeof(settings->trouble.text), "%s", err.text);
	return false;
}

void settings_finish(struct settings *settings)
{
	for (size_t i = 0; i < settings->n_filters; i++)
		query_destroy(settings->filters[i]);
	query_destroy(settings->filter);
	query_destroy(settings->trace);
	settings->trace = NULL;
	settings->n_filters = 0;
	settings->filter = NULL;
}
