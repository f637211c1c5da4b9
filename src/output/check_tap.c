/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check_tap.c - a check's result as TAP version 14 (testanything.org) */
#include <stdlib.h>

#include "check.h"

/* In a description `#` begins a directive and `\` escapes; both are escaped. */
static void put_description(struct writer *writer, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '#' || s.p[i] == '\\')
			writer_word(writer, "\\");
		else if (s.p[i] != ' ' && s.p[i] != '\t') {
			size_t n = 1;

			while (i + n < s.n && !memchr("#\\ \t", s.p[i + n], 4))
				n++;
			writer_text(writer, (struct str){ s.p + i, n });
			i += n - 1;
			continue;
		}
		writer_word(writer, s.p[i] == '#' ? "#" : s.p[i] == '\\' ? "\\" : " ");
	}
}

/* A YAML string in double quotes: what stands between them is escaped as in JSON. */
static void put_yaml(struct writer *writer, const char *key, struct str s)
{
	writer_format(writer, "  %s: \"", key);
	for (size_t i = 0, n; i < s.n; i += n) {
		n = 1;
		if (s.p[i] == '"' || s.p[i] == '\\')
			writer_word(writer, "\\");
		while (i + n < s.n && s.p[i + n] != '"' && s.p[i + n] != '\\')
			n++;
		writer_text(writer, (struct str){ s.p + i, n });
	}
	writer_word(writer, "\"");
	writer_line(writer);
}

/* The way, line by line, as a YAML literal block. */
static void put_way(struct writer *writer, char *text)
{
	if (!text)
		return;
	writer_word(writer, "  packet: |");
	writer_line(writer);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		writer_word(writer, "  ");
		writer_text(writer, str_from(line));
		writer_line(writer);
	}
	free(text);
}

static void put_diagnostics(struct writer *writer, const struct check_report *report, size_t i,
			    const struct model *model)
{
	const struct expectation *e = &report->run->all->at[i];
	const struct expect_result *r = &report->run->results[i];

	writer_word(writer, "  ---");
	writer_line(writer);
	put_yaml(writer, "message", str_from(r->reason));
	put_yaml(writer, "expected", e->text);
	put_yaml(writer, "file", str_from(report->run->all->file));
	writer_format(writer, "  line: %u", e->line);
	writer_line(writer);
	put_way(writer, check_detail(model, r));
	writer_word(writer, "  ...");
	writer_line(writer);
}

static void put_point(struct writer *writer, const struct check_report *report, size_t i)
{
	const struct expect_result *r = &report->run->results[i];

	writer_format(writer, "%s %zu - ", r->answer == EXPECT_PASSED ? "ok" : "not ok", i + 1);
	put_description(writer, check_name(&report->run->all->at[i]));
	if (r->answer == EXPECT_INCONCLUSIVE) {
		writer_word(writer, " # INCONCLUSIVE ");
		put_description(writer, str_from(r->reason));
	}
	writer_line(writer);
}

/* Of the evidence as a whole: comments, which harnesses show and do not count */
static void put_warnings(struct writer *writer, const struct check_report *report,
			 const struct model *model)
{
	char *text = check_warnings(report, model);

	for (char *line = text ? strtok(text, "\n") : NULL; line; line = strtok(NULL, "\n")) {
		writer_word(writer, "# ");
		writer_text(writer, str_from(line));
		writer_line(writer);
	}
	free(text);
}

/* What is used of the two versions is the same. */
static void put_tap(const struct check_report *report, const struct model *model, int version)
{
	struct writer writer = { .out = report->out, .utf8 = true };

	writer_format(&writer, "TAP version %d", version);
	writer_line(&writer);
	writer_format(&writer, "1..%zu", report->run->all->n);
	writer_line(&writer);
	put_warnings(&writer, report, model);
	for (size_t i = 0; i < report->run->all->n; i++) {
		put_point(&writer, report, i);
		if (report->run->results[i].answer != EXPECT_PASSED)
			put_diagnostics(&writer, report, i, model);
	}
}

void check_tap(const struct check_report *report, const struct model *model)
{
	put_tap(report, model, 14);
}

void check_tap13(const struct check_report *report, const struct model *model)
{
	put_tap(report, model, 13);
}
