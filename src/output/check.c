/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check.c - ways to say what came of expectations; as text */
#include "check.h"

#include <stdlib.h>

#include "nfhop/format.h"

#include "text.h"

// clang-format off
const struct check_output check_outputs[] = {
	{ "text", "for people", check_text },
	{ "tap", "TAP version 14, for test harnesses", check_tap },
	{ "tap13", "the same as version 13, for harnesses that know no later one",
	  check_tap13 },
	{ "junit", "JUnit XML, for CI systems", check_junit },
	{ 0 },
};
// clang-format on

struct str check_name(const struct expectation *e)
{
	return e->name.n ? e->name : e->text;
}

struct check_counts check_count(const struct expect_run *run)
{
	struct check_counts counts = { { 0 } };

	for (size_t i = 0; i < run->all->n; i++)
		counts.n[run->results[i].answer]++;
	return counts;
}

static void put_when(struct writer *writer, const struct packet *packet)
{
	const struct stamp *stamp = packet->n_hops ? &packet->hops[0].stamp : NULL;

	if (!stamp || !(stamp->have & (STAMP_WALL | STAMP_UP)))
		return;
	writer_word(writer, ", ");
	if (stamp->have & STAMP_WALL)
		text_span(writer, stamp, stamp);
	else
		writer_format(writer, "%.6f %s", (double)stamp->up_ns / 1e9, format_since(stamp));
}

#define MOST_FINDINGS 3

/* Does it speak of the packet? Which rule stopped it is said with its way. */
static bool explains(const struct finding *finding, const struct packet *packet,
		     const struct flow *flow)
{
	if (finding->weight)
		return false;
	for (size_t i = 0; i < finding->n_packets; i++)
		if (finding->packets[i] == packet->no)
			return true;
	return flow && finding->flow == flow->no;
}

static void put_findings(struct writer *writer, const struct model *model,
			 const struct packet *packet)
{
	const struct flow *flow = model_flow_of(model, packet);
	size_t n = 0;

	for (size_t i = 0; i < model_finding_count(model) && n < MOST_FINDINGS; i++) {
		const struct finding *finding = model_finding_at(model, i);

		if (finding->caveat || !explains(finding, packet, flow))
			continue;
		text_finding(writer, finding, TEXT_INDENT);
		n++;
	}
}

void check_packet(struct writer *writer, const struct model *model, const struct packet *packet)
{
	struct way way = { model_flow_of(model, packet), packet->path, packet };
	struct decision d;

	model_decide(model, packet, &d);
	writer_to(writer, TEXT_INDENT);
	writer_word(writer, "packet ");
	writer_number(writer, packet->no);
	put_when(writer, packet);
	writer_word(writer, ": ");
	text_header(writer, &packet->first);
	text_details(writer, &packet->first);
	writer_line(writer);
	writer_to(writer, TEXT_INDENT);
	text_outcome(writer, model, &way, &d);
	writer_word(writer, ". ");
	text_sure(writer, model, packet->path, &d);
	writer_line(writer);
	text_way(writer, model, &way, &d);
	put_findings(writer, model, packet);
}

void check_evidence(struct writer *writer, const struct check_report *report,
		    const struct model *model)
{
	const struct report end = { .by = REPORT_BY_STOP,
				    .names = report->names,
				    .n_names = report->n_names };

	text_caveats(writer, model);
	text_end(writer, &end, model);
}

/* Return: what is written by @write, or NULL */
static char *as_text(void (*write)(struct writer *writer, const void *who,
				   const struct model *model),
		     const void *who, const struct model *model)
{
	struct writer writer = { .utf8 = true, .wrap = WRITER_READABLE };
	char *text = NULL;
	size_t n = 0;

	writer.out = open_memstream(&text, &n);
	if (!writer.out)
		return NULL;
	write(&writer, who, model);
	if (fclose(writer.out) != 0 || !n) {
		free(text);
		return NULL;
	}
	return text;
}

static void write_packet(struct writer *writer, const void *who, const struct model *model)
{
	check_packet(writer, model, who);
}

char *check_detail(const struct model *model, const struct expect_result *result)
{
	return result->packet ? as_text(write_packet, result->packet, model) : NULL;
}

static void write_evidence(struct writer *writer, const void *who, const struct model *model)
{
	check_evidence(writer, who, model);
}

char *check_warnings(const struct check_report *report, const struct model *model)
{
	return as_text(write_evidence, report, model);
}

static void put_answer(struct writer *writer, size_t i, const struct expectation *e,
		       const struct expect_result *r)
{
	static const struct {
		const char *word;
		enum role role;
	} answers[] = {
		[EXPECT_PASSED] = { "ok", ROLE_PASS },
		[EXPECT_FAILED] = { "not ok", ROLE_STOP },
		[EXPECT_INCONCLUSIVE] = { "inconclusive", ROLE_UNSURE },
	};

	writer_role(writer, answers[r->answer].role);
	writer_word(writer, answers[r->answer].word);
	writer_role(writer, ROLE_PLAIN);
	writer_word(writer, " ");
	writer_number(writer, i + 1);
	writer_word(writer, " - ");
	writer_text(writer, check_name(e));
	if (r->answer == EXPECT_PASSED) {
		writer_role(writer, ROLE_DIM);
		writer_word(writer, "   (");
		writer_word(writer, r->reason);
		writer_word(writer, ")");
		writer_role(writer, ROLE_PLAIN);
	}
	writer_line(writer);
}

static void put_why(struct writer *writer, const struct expect_run *run, size_t i,
		    const struct model *model)
{
	const struct expectation *e = &run->all->at[i];
	const struct expect_result *r = &run->results[i];

	writer_to(writer, TEXT_INDENT);
	writer_word(writer, run->all->file);
	writer_format(writer, ":%u", e->line);
	if (e->name.n) {
		writer_word(writer, ": ");
		writer_text(writer, e->text);
	}
	writer_line(writer);
	writer_to(writer, TEXT_INDENT);
	if (r->answer == EXPECT_INCONCLUSIVE)
		writer_word(writer, "inconclusive: ");
	writer_sentence(writer, TEXT_INDENT, str_from(r->reason));
	writer_line(writer);
	if (r->packet)
		check_packet(writer, model, r->packet);
	writer_line(writer);
}

static void put_counts(struct writer *writer, const struct expect_run *run)
{
	struct check_counts counts = check_count(run);

	writer_count(writer, run->all->n, "expectation", "expectations");
	writer_word(writer, ": ");
	writer_number(writer, counts.n[EXPECT_PASSED]);
	writer_word(writer, " ok, ");
	writer_number(writer, counts.n[EXPECT_FAILED]);
	writer_word(writer, " not ok, ");
	writer_number(writer, counts.n[EXPECT_INCONCLUSIVE]);
	writer_word(writer, " inconclusive");
	writer_line(writer);
}

void check_text(const struct check_report *report, const struct model *model)
{
	struct writer writer = { .out = report->out, .color = report->color, .utf8 = report->utf8 };

	writer_fit(&writer, report->width);
	for (size_t i = 0; i < report->run->all->n; i++) {
		put_answer(&writer, i, &report->run->all->at[i], &report->run->results[i]);
		if (report->run->results[i].answer != EXPECT_PASSED)
			put_why(&writer, report->run, i, model);
	}
	put_counts(&writer, report->run);
	check_evidence(&writer, report, model);
}
