// SPDX-License-Identifier: GPL-2.0-or-later
/* text_end.c - findings, and what a reader must know of the input: lost, broken, given up */
#include "text.h"

#include <inttypes.h>
#include <stdlib.h>

#define MOST_GAPS  5
#define MOST_FLOWS 50 /* beyond it nobody reads on: say how to narrow */

static int by_flow(const void *a, const void *b)
{
	const struct finding *x = *(const struct finding *const *)a;
	const struct finding *y = *(const struct finding *const *)b;

	if (x->flow != y->flow)
		return x->flow < y->flow ? -1 : 1;
	return x < y ? -1 : x > y;
}

/* Without memory the index is empty, and findings are missing beside their flows. */
struct finding_index finding_index(const struct model *model)
{
	struct finding_index index = { 0 };
	size_t n = model_finding_count(model);

	index.findings = calloc(n + 1, sizeof(*index.findings));
	if (!index.findings)
		return index;
	for (; index.n < n; index.n++)
		index.findings[index.n] = model_finding_at(model, index.n);
	qsort(index.findings, n, sizeof(*index.findings), by_flow);
	return index;
}

/* Return: the first finding of @flow, or where it would stand */
static size_t index_find(const struct finding_index *index, uint32_t flow)
{
	size_t low = 0, high = index->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (index->findings[middle]->flow < flow)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const enum role severity_roles[SEVERITY_MAX] = {
	[SEVERITY_ERROR] = ROLE_STOP,
	[SEVERITY_WARNING] = ROLE_UNSURE,
	[SEVERITY_INFO] = ROLE_PLAIN,
};

static void put_lines(struct writer *writer, const char *label, const struct str *lines, size_t n,
		      size_t indent, bool wrap)
{
	for (size_t i = 0; i < n && i < FINDING_LINES; i++) {
		writer_begin(writer, SECTION_ROW, label);
		writer_begin(writer, SECTION_CELL, "label");
		writer_to(writer, indent);
		writer_role(writer, ROLE_DIM);
		writer_word(writer, i ? "" : label);
		writer_role(writer, ROLE_PLAIN);
		writer_end(writer, SECTION_CELL);
		writer_begin(writer, SECTION_CELL, "");
		writer_to(writer, indent + 6);
		if (wrap)
			writer_sentence(writer, indent + 6, lines[i]);
		else
			writer_text(writer, lines[i]);
		writer_line(writer);
		writer_end(writer, SECTION_CELL);
		writer_end(writer, SECTION_ROW);
	}
}

/* A command is never broken: it is there to be copied. */
void text_finding(struct writer *writer, const struct finding *finding, size_t indent)
{
	writer_line(writer);
	writer_begin(writer, SECTION_FINDING, severity_name(finding->severity));
	writer_to(writer, indent);
	writer_role(writer, severity_roles[finding->severity]);
	writer_sentence(writer, indent, finding->text);
	writer_role(writer, ROLE_PLAIN);
	writer_line(writer);
	writer_begin(writer, SECTION_TABLE, "notes");
	put_lines(writer, "why", finding->evidence, finding->n_evidence, indent, true);
	put_lines(writer, "try", finding->confirm, finding->n_confirm, indent, false);
	writer_end(writer, SECTION_TABLE);
	writer_end(writer, SECTION_FINDING);
}

void text_findings(struct writer *writer, const struct finding_index *index, uint32_t flow,
		   size_t indent)
{
	for (size_t i = index_find(index, flow); i < index->n; i++) {
		if (index->findings[i]->flow != flow)
			break;
		if (!index->findings[i]->caveat && index->findings[i] != index->said)
			text_finding(writer, index->findings[i], indent);
	}
}

/* They are the first of all. */
void text_caveats(struct writer *writer, const struct model *model)
{
	const struct finding *finding;

	for (size_t i = 0; (finding = model_finding_at(model, i)) && finding->caveat; i++)
		text_finding(writer, finding, 0);
}

void text_first_finding(struct writer *writer, const struct model *model,
			struct finding_index *index)
{
	size_t i = 0;

	while ((index->said = model_finding_at(model, i)) && index->said->caveat)
		i++;
	if (index->said)
		text_finding(writer, index->said, 0);
}

static const char *source_name(const struct report *report, unsigned int source)
{
	if (source >= report->n_names)
		return "input";
	return strcmp(report->names[source], "-") ? report->names[source] : "standard input";
}

static void put_where(struct writer *writer, const struct report *report, unsigned int source,
		      uint64_t line)
{
	writer_word(writer, source_name(report, source));
	writer_format(writer, ":%" PRIu64, line);
}

static void put_gaps(struct writer *writer, const struct report *report, const struct model *model)
{
	size_t n = model_gap_count(model);

	for (size_t i = 0; i < n && i < MOST_GAPS; i++) {
		const struct gap *gap = model_gap_at(model, i);

		put_where(writer, report, gap->source, gap->line);
		writer_word(writer, ": ");
		if (gap->lost)
			writer_count(writer, gap->lost, "record lost", "records lost");
		else
			writer_word(writer, "records lost, nobody says how many");
		if (gap->text) {
			writer_word(writer, ": ");
			writer_text(writer, model_text(model, gap->text));
		}
		writer_line(writer);
	}
	if (n > MOST_GAPS) {
		writer_word(writer, "and ");
		writer_count(writer, n - MOST_GAPS, "more such place", "more such places");
		writer_line(writer);
	}
}

static void put_malformed(struct writer *writer, const struct report *report,
			  const struct stats *stats)
{
	if (!stats->malformed)
		return;
	writer_count(writer, stats->malformed, "line is", "lines are");
	writer_word(writer, " netfilter's, but broken; the first: ");
	put_where(writer, report, stats->bad_source, stats->bad_line);
	writer_format(writer, ":%zu: expected ", stats->bad_at + 1);
	writer_word(writer, stats->bad_expected ? stats->bad_expected : "something else");
	writer_line(writer);
}

static void put_counts(struct writer *writer, const struct stats *stats)
{
	const struct {
		uint64_t n;
		const char *one, *many;
	} counts[] = {
		{ stats->ambiguous, "packet could also have been put together otherwise",
		  "packets could also have been put together otherwise" },
		{ stats->evicted_flows, "flow was given up for lack of room",
		  "flows were given up for lack of room" },
		{ stats->evicted_open, "packet was closed early for lack of room",
		  "packets were closed early for lack of room" },
		{ stats->evicted_names, "name was not kept for lack of room",
		  "names were not kept for lack of room" },
	};

	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++)
		if (counts[i].n) {
			writer_count(writer, counts[i].n, counts[i].one, counts[i].many);
			writer_line(writer);
		}
}

static void put_many(struct writer *writer, const struct report *report, const struct stats *stats)
{
	if (report->by != REPORT_BY_FLOW || stats->flows <= MOST_FLOWS)
		return;
	writer_count(writer, stats->flows, "flow is", "flows are");
	writer_word(writer, " many to read: -b stop ranks what stopped them, -b path their ways.");
	writer_line(writer);
}

static bool has_end(const struct report *report, const struct model *model)
{
	const struct stats *s = model_stats(model);

	return s->malformed || s->ambiguous || s->evicted_flows || s->evicted_open ||
	       s->evicted_names || model_gap_count(model) ||
	       (report->by == REPORT_BY_FLOW && s->flows > MOST_FLOWS);
}

void text_end(struct writer *writer, const struct report *report, const struct model *model)
{
	const struct stats *stats = model_stats(model);

	if (!has_end(report, model))
		return;
	writer_line(writer);
	writer_begin(writer, SECTION_END, "");
	put_gaps(writer, report, model);
	put_malformed(writer, report, stats);
	put_counts(writer, stats);
	put_many(writer, report, stats);
	writer_end(writer, SECTION_END);
}
