/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check_junit.c - a check's result as the JUnit XML that CI systems read
 *
 * There is no standard; what is written is what Jenkins, GitLab and others agree on: testsuites,
 * testsuite, testcase with failure or error. An inconclusive expectation is an error, not a
 * failure: the firewall was not found wrong, the test was not able to tell.
 */
#include <stdlib.h>

#include "check.h"
#include "markup.h"

/* Somebody's text: first what a terminal would need, then what XML needs. */
static void put_text(FILE *out, struct str s)
{
	struct writer writer = { .utf8 = true };
	char *text = NULL;
	size_t n = 0;

	writer.out = open_memstream(&text, &n);
	if (!writer.out)
		return;
	writer_text(&writer, s);
	if (fclose(writer.out) == 0)
		markup_text(out, str_from(text));
	free(text);
}

static void put_attribute(FILE *out, const char *key, struct str s)
{
	fprintf(out, " %s=\"", key);
	put_text(out, s);
	fputc('"', out);
}

static void put_counts(const struct check_report *report)
{
	struct check_counts counts = check_count(report->run);

	fprintf(report->out, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\"", report->run->all->n,
		counts.n[EXPECT_FAILED], counts.n[EXPECT_INCONCLUSIVE]);
	if (report->seconds >= 0)
		fprintf(report->out, " time=\"%.3f\"", report->seconds);
}

static void put_problem(const struct check_report *report, size_t i, const struct model *model)
{
	const struct expectation *e = &report->run->all->at[i];
	const struct expect_result *r = &report->run->results[i];
	bool failed = r->answer == EXPECT_FAILED;
	const char *element = failed ? "failure" : "error";
	char *detail = check_detail(model, r);

	fprintf(report->out, "      <%s type=\"%s\"", element,
		failed ? "expectation" : "inconclusive");
	put_attribute(report->out, "message", str_from(r->reason));
	fputc('>', report->out);
	put_text(report->out, str_from(report->run->all->file));
	fprintf(report->out, ":%u: ", e->line);
	put_text(report->out, e->text);
	fputc('\n', report->out);
	if (detail)
		markup_text(report->out, str_from(detail));
	fprintf(report->out, "</%s>\n", element);
	free(detail);
}

static void put_case(const struct check_report *report, size_t i, const struct model *model)
{
	const struct expectation *e = &report->run->all->at[i];
	bool passed = report->run->results[i].answer == EXPECT_PASSED;

	fputs("    <testcase", report->out);
	put_attribute(report->out, "classname", str_from(report->run->all->file));
	put_attribute(report->out, "name", check_name(e));
	fprintf(report->out, " time=\"0\"%s>\n", passed ? "/" : "");
	if (passed)
		return;
	put_problem(report, i, model);
	fputs("    </testcase>\n", report->out);
}

/* Of the evidence as a whole: Jenkins and others show it with the suite. */
static void put_warnings(const struct check_report *report, const struct model *model)
{
	char *text = check_warnings(report, model), *line = text;

	if (!text)
		return;
	while (*line == '\n')
		line++;
	fputs("    <system-out>", report->out);
	markup_text(report->out, str_from(line));
	fputs("</system-out>\n", report->out);
	free(text);
}

void check_junit(const struct check_report *report, const struct model *model)
{
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"nfhop check\"",
	      report->out);
	put_counts(report);
	fputs(">\n  <testsuite", report->out);
	put_attribute(report->out, "name", str_from(report->run->all->file));
	put_counts(report);
	fputs(">\n", report->out);
	for (size_t i = 0; i < report->run->all->n; i++)
		put_case(report, i, model);
	put_warnings(report, model);
	fputs("  </testsuite>\n</testsuites>\n", report->out);
}
