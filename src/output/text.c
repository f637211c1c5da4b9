// SPDX-License-Identifier: GPL-2.0-or-later
/* text.c - the report for people: head, blocks, end */
#include "text.h"

#include <stdlib.h>

#define MOST_NAMES 3

/* The rule set goes with live sources: nobody asked for it. */
static bool is_unasked(const char *name)
{
	return !strcmp(name, "rules:");
}

void text_names(struct writer *writer, const struct report *report)
{
	const char *between = "";

	for (size_t i = 0; i < report->n_names && i < MOST_NAMES; i++) {
		const char *name = report->names[i];

		if (is_unasked(name))
			continue;
		writer_word(writer, between);
		writer_word(writer, strcmp(name, "-") ? name : "standard input");
		between = ", ";
	}
	if (report->n_names > MOST_NAMES) {
		writer_word(writer, " and ");
		writer_number(writer, report->n_names - MOST_NAMES);
		writer_word(writer, " more");
	}
}

/* "24 trace lines and 3 log lines of 1,204", each kind only where there are some */
static void put_lines(struct writer *writer, const struct stats *stats)
{
	uint64_t ours = stats->trace_events + stats->log_events;

	if (stats->trace_events)
		writer_count(writer, stats->trace_events, "trace line", "trace lines");
	if (stats->trace_events && stats->log_events)
		writer_word(writer, ", ");
	if (stats->log_events)
		writer_count(writer, stats->log_events, "log line", "log lines");
	if (stats->lines > ours) {
		writer_word(writer, " of ");
		writer_count(writer, stats->lines, "line", "lines");
	}
}

/* A log without host names is of one host, whose name does not matter. */
static void put_hosts(struct writer *writer, const struct model *model)
{
	sym_t hosts[MOST_NAMES];
	size_t n = model_hosts(model, hosts, MOST_NAMES), held = n < MOST_NAMES ? n : MOST_NAMES;

	if (!n || (n == 1 && !hosts[0]))
		return;
	writer_word(writer, ", ");
	writer_count(writer, n, "host", "hosts");
	writer_word(writer, " (");
	for (size_t i = 0; i < held; i++) {
		writer_word(writer, i ? ", " : "");
		writer_word(writer, hosts[i] ? "" : "one without a name");
		writer_text(writer, model_text(model, hosts[i]));
	}
	if (n > held) {
		writer_word(writer, ", ");
		writer_glyph(writer, GLYPH_MORE);
	}
	writer_word(writer, ")");
}

static void put_when(struct writer *writer, const struct stats *stats)
{
	struct writer dry = writer_dry(writer);

	text_span(&dry, &stats->when.first, &stats->when.last);
	if (!dry.column)
		return;
	writer_word(writer, ", ");
	text_span(writer, &stats->when.first, &stats->when.last);
}

/* "2 records lost, 1 record broken": what keeps the input from being all that happened */
static void put_lost(struct writer *writer, const struct model *model)
{
	const struct stats *stats = model_stats(model);
	const struct {
		uint64_t n;
		const char *one, *many, *behind;
	} parts[] = {
		{ stats->lost, "record lost", "records lost", "" },
		{ stats->malformed, "record broken", "records broken", "" },
		{ stats->late, "line out of order", "lines out of order", "" },
		{ stats->twice, "packet twice", "packets twice", "" },
		{ stats->unended, "recording without its end", "recordings without their end", "" },
		{ model_left_out(model), "more not traced", "more not traced", " (--limit)" },
	};
	const char *between = "";

	if (!stats->lost && model_gap_count(model)) {
		writer_role(writer, ROLE_UNSURE);
		writer_word(writer, "records lost, nobody says how many");
		between = ", ";
	}
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (!parts[i].n)
			continue;
		writer_word(writer, between);
		writer_role(writer, ROLE_UNSURE);
		writer_count(writer, parts[i].n, parts[i].one, parts[i].many);
		writer_word(writer, parts[i].behind);
		between = ", ";
	}
	writer_role(writer, ROLE_PLAIN);
	if (!*between)
		writer_word(writer, "nothing lost");
}

static void put_nothing(struct writer *writer, const struct stats *stats)
{
	if (stats->lines) {
		writer_count(writer, stats->lines, "line", "lines");
		writer_word(writer, ", none of them is a packet's trace or log line");
	} else {
		writer_word(writer, "empty");
	}
	writer_line(writer);
}

/* "nft:" has its colon already. */
static bool ends_in_colon(const struct report *report)
{
	const char *last = "";

	for (size_t i = 0; i < report->n_names; i++)
		if (!is_unasked(report->names[i]))
			last = report->names[i];
	return report->n_names <= MOST_NAMES && *last && last[strlen(last) - 1] == ':';
}

void text_head(struct writer *writer, const struct report *report, const struct model *model)
{
	const struct stats *stats = model_stats(model);

	text_names(writer, report);
	writer_word(writer, ends_in_colon(report) ? " " : ": ");
	if (!stats->events) {
		put_nothing(writer, stats);
		return;
	}
	put_lines(writer, stats);
	put_hosts(writer, model);
	put_when(writer, stats);
	writer_word(writer, ": ");
	writer_count(writer, stats->packets, "packet", "packets");
	writer_word(writer, ", ");
	writer_count(writer, stats->flows, "flow", "flows");
	writer_word(writer, ", ");
	put_lost(writer, model);
	writer_line(writer);
}

uint8_t flow_trouble(const struct flow_view *view)
{
	static const uint8_t troubles[GLYPH_MAX] = {
		[GLYPH_STOP] = 0, [GLYPH_LOST] = 2, [GLYPH_UNKNOWN] = 3, [GLYPH_PASS] = 5
	};
	bool nothing = view->state == FLOW_UNKNOWN && view->decision.outcome == OUTCOME_UNKNOWN;
	uint8_t trouble = troubles[flow_glyph(view)];

	if (view->housekeeping)
		return trouble ? FLOW_TROUBLES - 1 : 1;
	return (uint8_t)(trouble + nothing);
}

/* Return: of each flow (heap); NULL without memory */
static uint8_t *troubles_of(const struct model *model)
{
	uint8_t *troubles = calloc(model_flow_count(model) + 1, sizeof(*troubles));

	for (size_t i = 0; troubles && i < model_flow_count(model); i++) {
		const struct flow *flow = model_flow_at(model, i);
		struct flow_view view;

		if (!flow)
			continue;
		model_flow_view(model, flow, &view);
		troubles[i] = flow_trouble(&view);
	}
	return troubles;
}

/* What was stopped is why somebody reads this: it comes first, and what got through last. */
static void put_flows(struct writer *writer, const struct model *model)
{
	struct finding_index index = finding_index(model);
	uint8_t *troubles = troubles_of(model);

	text_first_finding(writer, model, &index);
	for (uint8_t trouble = 0; trouble < (troubles ? FLOW_TROUBLES : 1); trouble++)
		for (size_t i = 0; i < model_flow_count(model); i++) {
			const struct flow *flow = model_flow_at(model, i);

			if (flow && (!troubles || troubles[i] == trouble))
				text_flow(writer, model, flow, &index);
		}
	text_findings(writer, &index, 0, 0);
	free(troubles);
	free(index.findings);
}

/* Packets were said as they came; what belongs to no single one follows. */
static void put_general(struct writer *writer, const struct model *model)
{
	struct finding_index index = finding_index(model);

	text_findings(writer, &index, 0, 0);
	free(index.findings);
}

/* What of all that the head counts is shown. */
static void put_where(struct writer *writer, const struct report *report, const struct model *model)
{
	uint64_t packets, flows;

	if (!report->where)
		return;
	model_count_shown(model, &packets, &flows);
	writer_word(writer, "Shown where ");
	writer_text(writer, str_from(report->where));
	writer_word(writer, ": ");
	writer_count(writer, packets, "packet", "packets");
	writer_word(writer, ", ");
	writer_count(writer, flows, "flow", "flows");
	writer_line(writer);
}

void say_tail(struct writer *writer, const struct report *report, const struct model *model)
{
	if (report->by == REPORT_BY_PACKET && report->n)
		writer_line(writer);
	writer_begin(writer, SECTION_HEAD, "");
	text_head(writer, report, model);
	put_where(writer, report, model);
	text_caveats(writer, model);
	writer_end(writer, SECTION_HEAD);
	if (report->by == REPORT_BY_FLOW)
		put_flows(writer, model);
	else if (report->by == REPORT_BY_STOP)
		text_stops(writer, model);
	else if (report->by == REPORT_BY_PATH)
		text_paths(writer, model);
	if (report->by != REPORT_BY_FLOW)
		put_general(writer, model);
	text_end(writer, report, model);
}

void text_tail(struct report *report, const struct model *model)
{
	struct writer writer = text_writer(report);

	say_tail(&writer, report, model);
}
