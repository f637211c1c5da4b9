// SPDX-License-Identifier: GPL-2.0-or-later
/* view_findings.c - what an expert would say, most important first, with why and what to try */
#include "view.h"

static void findings_refresh(struct tui *tui, struct frame *frame)
{
	list_resize(&frame->list, model_finding_count(tui->model));
}

static enum glyph severity_glyph(enum severity severity)
{
	static const enum glyph glyphs[SEVERITY_MAX] = {
		[SEVERITY_ERROR] = GLYPH_STOP,
		[SEVERITY_WARNING] = GLYPH_LOST,
		[SEVERITY_INFO] = GLYPH_PASS,
	};

	return glyphs[severity];
}

static void findings_row(struct tui *tui, struct frame *frame, size_t i, struct pen *pen)
{
	const struct finding *finding = model_finding_at(tui->model, i);

	(void)frame;
	if (!finding)
		return;
	writer_word(&pen->w, " ");
	if (finding->severity == SEVERITY_INFO)
		writer_word(&pen->w, "i");
	else
		text_mark(&pen->w, severity_glyph(finding->severity));
	writer_word(&pen->w, "  ");
	writer_text(&pen->w, finding->text);
}

static void put_lines(struct pen *pen, const char *label, const struct str *lines, size_t n)
{
	for (size_t i = 0; i < n && i < FINDING_LINES; i++) {
		writer_role(&pen->w, ROLE_DIM);
		writer_word(&pen->w, i ? "" : label);
		writer_role(&pen->w, ROLE_PLAIN);
		writer_to(&pen->w, 6);
		writer_sentence(&pen->w, 6, lines[i]);
		writer_line(&pen->w);
	}
}

static void draw_finding(struct tui *tui, const struct finding *finding, struct area area)
{
	struct pen pen;

	pen_init(&pen, &tui->canvas, area, tui->utf8);
	writer_role(&pen.w, ROLE_BOLD);
	writer_sentence(&pen.w, 0, finding->text);
	writer_role(&pen.w, ROLE_PLAIN);
	writer_line(&pen.w);
	put_lines(&pen, "why", finding->evidence, finding->n_evidence);
	put_lines(&pen, "try", finding->confirm, finding->n_confirm);
}

static void findings_draw(struct tui *tui, struct frame *frame, struct area area)
{
	const struct finding *finding = model_finding_at(tui->model, frame->list.at);
	unsigned int detail = area.h / 2;
	struct area line = area_columns(area, 1, area.w - 2);
	char words[64] = "";

	draw_text(tui, area_rows(line, 1), ROLE_DIM, "   FINDING");
	if (!frame->list.n)
		draw_text(tui, area_from(line, 2), ROLE_PLAIN,
			  tui->news.reading ? "Nothing stands out so far." : "Nothing stands out.");
	draw_list(tui, frame, area_rows(area_from(area, 1), area.h - detail - 2));
	if (frame->list.n)
		snprintf(words, sizeof(words), "%zu of %zu", frame->list.at + 1, frame->list.n);
	draw_rule(tui, area_from(area, area.h - detail - 1), words);
	if (finding)
		draw_finding(tui, finding, area_from(line, area.h - detail));
}

/* The flow that it names, or that the first of its packets belongs to. */
static const struct flow *flow_of(struct tui *tui, const struct finding *finding)
{
	if (finding->flow)
		return model_flow_by_no(tui->model, finding->flow);
	for (size_t i = 0; i < model_flow_count(tui->model) && finding->n_packets; i++) {
		const struct flow *flow = model_flow_at(tui->model, i);

		for (uint32_t k = 0; flow && k < flow->n_paths; k++)
			if (flow->paths[k].sample &&
			    flow->paths[k].sample->no == finding->packets[0])
				return flow;
	}
	return NULL;
}

static bool findings_subject(struct tui *tui, struct frame *frame, struct subject *subject)
{
	const struct finding *finding = model_finding_at(tui->model, frame->list.at);
	const struct flow *flow = finding ? flow_of(tui, finding) : NULL;
	struct told told;

	if (!flow)
		return false;
	told_of(tui->model, NULL, flow, &told);
	*subject = subject_of(&told);
	return true;
}

static void findings_open(struct tui *tui, struct frame *frame)
{
	struct subject subject;

	if (findings_subject(tui, frame, &subject))
		tui_open(tui, &view_flow, &subject);
	else
		tui_say(tui, ROLE_PLAIN, "This is not about one flow.");
}

const struct view view_findings = {
	.name = "findings",
	.bit = VIEW_FINDINGS,
	.refresh = findings_refresh,
	.draw = findings_draw,
	.row = findings_row,
	.subject = findings_subject,
	.enter = findings_open,
};
