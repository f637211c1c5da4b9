// SPDX-License-Identifier: GPL-2.0-or-later
/* view_flows.c - the list of flows: where each stopped, and below it why the chosen one did */

#include "columns.h"

#define MARGIN	    1
#define TRACED_SIZE 256 /* of a filter, in the line below the list */

static struct flow_cell cell_of(struct tui *tui, const struct flow *flow)
{
	struct flow_cell cell = { .tui = tui };

	told_of(tui->model, tui->filter, flow, &cell.told);
	return cell;
}

/* The chosen flow stays chosen when others come; who has chosen none stays at the top. */
static void flows_refresh(struct tui *tui, struct frame *frame)
{
	const struct flow *flow = flow_rows_flow(&tui->flows, tui->model, frame->list.at);
	size_t line;

	list_resize(&frame->list, tui->flows.n_order);
	if (!frame->subject.flow || frame->list.follow || (flow && flow->no == frame->subject.flow))
		return;
	line = flow_rows_find(&tui->flows, frame->subject.flow);
	if (line < tui->flows.n_order)
		list_to(&frame->list, line);
}

/* What each column of the lines in sight would like; it only grows, so that nothing jumps. */
static void measure(struct tui *tui, struct frame *frame, unsigned int rows)
{
	for (size_t i = frame->list.top; i < frame->list.top + rows; i++) {
		const struct flow *flow = flow_rows_flow(&tui->flows, tui->model, i);
		struct flow_cell cell;

		if (!flow)
			continue;
		cell = cell_of(tui, flow);
		for (size_t k = 0; k < COLUMNS_MAX; k++) {
			struct writer dry = { .utf8 = tui->utf8 };

			columns[k].cell(&dry, &cell);
			if (dry.column > frame->widths[k])
				frame->widths[k] = (unsigned int)dry.column;
		}
	}
}

/* A column that never had anything to say is left out. */
static void fit(const struct tui *tui, const struct frame *frame, unsigned int room,
		unsigned int *widths)
{
	for (size_t k = 0; k < COLUMNS_MAX; k++) {
		unsigned int title = (unsigned int)strlen(columns[k].title);

		widths[k] = frame->widths[k];
		if (widths[k] && widths[k] < title)
			widths[k] = title;
		if (widths[k] && widths[k] < columns[k].least)
			widths[k] = columns[k].least;
	}
	columns_fit(tui->columns, widths, room);
}

static void put_cell(struct pen *pen, struct flow_cell *cell, size_t k, unsigned int x,
		     unsigned int width)
{
	struct pen sub;
	struct writer dry = { .utf8 = pen->w.utf8 };

	columns[k].cell(&dry, cell);
	if (columns[k].right && dry.column < width) {
		x += width - (unsigned int)dry.column;
		width = (unsigned int)dry.column;
	}
	pen_init(&sub, pen->canvas, area_columns(pen->area, x, width), pen->w.utf8);
	cell->room = width;
	columns[k].cell(&sub.w, cell);
	cell->room = 0;
}

static void flows_row(struct tui *tui, struct frame *frame, size_t i, struct pen *pen)
{
	const struct flow *flow = flow_rows_flow(&tui->flows, tui->model, i);
	unsigned int widths[COLUMNS_MAX], x = MARGIN;
	struct flow_cell cell;

	if (!flow) {
		writer_role(&pen->w, ROLE_DIM);
		writer_word(&pen->w, "   no longer kept");
		return;
	}
	cell = cell_of(tui, flow);
	fit(tui, frame, pen->area.w - MARGIN, widths);
	for (size_t k = 0; k < COLUMNS_MAX; k++) {
		if (!widths[k])
			continue;
		put_cell(pen, &cell, k, x, widths[k]);
		x += widths[k] + columns[k].gap;
	}
}

static void draw_titles(struct tui *tui, struct area area, const unsigned int *widths)
{
	unsigned int x = MARGIN;

	for (size_t k = 0; k < COLUMNS_MAX; k++) {
		struct area title = area_columns(area, x, widths[k]);

		if (!widths[k])
			continue;
		if (columns[k].right)
			draw_right(tui, area_columns(area, 0, x + widths[k]), ROLE_DIM,
				   columns[k].title);
		else
			draw_text(tui, title, ROLE_DIM, columns[k].title);
		x += widths[k] + columns[k].gap;
	}
}

static void draw_facts(struct tui *tui, struct frame *frame, struct area area)
{
	const struct flow_rows *rows = &tui->flows;
	char words[EDIT_SIZE + TRACED_SIZE + 128], count[72] = "";
	bool traced = tui->news.live && *tui->news.trace;

	if (rows->n_order)
		snprintf(count, sizeof(count), "%s of %s", number_text(frame->list.at + 1).s,
			 number_text(rows->n_order).s);
	snprintf(words, sizeof(words), "%s%ssorted by %s%s%s%s%s%.*s%s", count, *count ? ", " : "",
		 columns_sort_name(rows->sort), rows->turned ? ", turned round" : "",
		 tui->filter ? ", filter: " : "", tui->filter ? tui->filter_text : "",
		 traced ? ", tracing: " : "", TRACED_SIZE, traced ? tui->news.trace : "",
		 frame->list.follow ? ", staying on the newest" : "");
	draw_rule(tui, area, words);
}

static void put_waiting(struct tui *tui, struct pen *pen)
{
	writer_sentence(&pen->w, 0, STR("No packet yet of those that are traced:"));
	writer_word(&pen->w, " ");
	writer_role(&pen->w, ROLE_BOLD);
	writer_sentence(&pen->w, 0, str_from(tui->news.trace));
	writer_role(&pen->w, ROLE_PLAIN);
	writer_line(&pen->w);
	writer_sentence(&pen->w, 0,
			STR("t changes what is traced. nfhop doctor tells why nothing may come."));
}

static void draw_nothing(struct tui *tui, struct area area)
{
	const struct stats *stats = model_stats(tui->model);
	struct pen pen;

	pen_init(&pen, &tui->canvas, area_columns(area, 3, area.w - 6), tui->utf8);
	pen_at(&pen, 0, draw_gap_rows(area));
	if (tui->filter && stats->flows)
		writer_sentence(&pen.w, 0,
				STR("No flow has a packet that the filter holds for. "
				    "f changes the filter; an empty one shows all."));
	else if (tui->news.reading && stats->packets)
		writer_sentence(&pen.w, 0,
				STR("Packets are coming in; each is shown when its way is "
				    "complete."));
	else if (tui->news.live && *tui->news.trace)
		put_waiting(tui, &pen);
	else if (tui->news.live && tui->host.arm)
		writer_sentence(&pen.w, 0,
				STR("No packet yet. t makes the kernel trace packets; rules of "
				    "your own that trace or log are seen as well. nfhop doctor "
				    "tells why nothing may come."));
	else if (tui->news.reading)
		writer_sentence(&pen.w, 0, STR("No packet yet."));
	else if (stats->lines)
		writer_sentence(&pen.w, 0,
				STR("Nothing that was read is a packet's trace or log line."));
	else
		writer_sentence(&pen.w, 0, STR("What was read is empty."));
}

/* The rule that stopped it, in its own words. */
static void put_stop_text(struct tui *tui, struct pen *pen, const struct scene *scene)
{
	struct hop_view hop;

	if (scene->d.stop < 0)
		return;
	way_hop(tui->model, &scene->way, (size_t)scene->d.stop, &hop);
	if (!hop.text.n)
		return;
	writer_word(&pen->w, "   ");
	writer_text(&pen->w, hop.text);
	writer_line(&pen->w);
}

/* What an expert would say of it, less what the conclusion says already. */
static bool is_said(const struct finding *finding)
{
	static const char *const ids[] = { "rule-drop", "policy-drop", "reject" };

	for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++)
		if (!strcmp(finding->id, ids[i]))
			return true;
	return false;
}

static void put_findings(struct tui *tui, struct pen *pen, uint32_t flow)
{
	for (size_t i = 0; i < model_finding_count(tui->model); i++) {
		const struct finding *finding = model_finding_at(tui->model, i);

		if (finding->flow != flow || is_said(finding))
			continue;
		writer_word(&pen->w, "   ");
		writer_sentence(&pen->w, 3, finding->text);
		writer_line(&pen->w);
		for (size_t k = 0; k < finding->n_evidence; k++) {
			writer_word(&pen->w, "   ");
			writer_sentence(&pen->w, 3, finding->evidence[k]);
			writer_line(&pen->w);
		}
	}
}

/* "2 of 9 packets there: stopped in FORWARD by filter WEB rule 2" */
static void put_fit(struct tui *tui, struct pen *pen, const struct told *told)
{
	struct way way = way_of(told->flow, told->fit);

	if (told->alike < told->all) {
		writer_number(&pen->w, told->alike);
		writer_word(&pen->w, " of ");
	}
	writer_count(&pen->w, told->all, "packet", "packets");
	writer_word(&pen->w, told->fit->back ? " back: " : " there: ");
	text_outcome(&pen->w, tui->model, &way, &told->view.decision);
}

/* The row speaks of the packets that fit; here stands what became of all. */
static void put_whole(struct tui *tui, struct pen *pen, const struct flow *flow)
{
	writer_word(&pen->w, "   The whole flow: ");
	text_conclusion(&pen->w, tui->model, flow);
	writer_line(&pen->w);
}

static void draw_flow(struct tui *tui, const struct flow *flow, struct area area)
{
	struct flow_cell cell = cell_of(tui, flow);
	const struct told *told = &cell.told;
	struct subject subject = subject_of(told);
	struct scene scene;
	struct pen pen;

	pen_init(&pen, &tui->canvas, area_columns(area, 1, area.w - 2), tui->utf8);
	text_mark(&pen.w, flow_glyph(&told->view));
	writer_word(&pen.w, "  ");
	if (told->fit)
		put_fit(tui, &pen, told);
	else
		text_conclusion(&pen.w, tui->model, flow);
	writer_line(&pen.w);
	if (!scene_of(tui->model, &subject, &scene))
		return;
	put_stop_text(tui, &pen, &scene);
	if (told->fit)
		put_whole(tui, &pen, flow);
	if (told->view.nat.changed) {
		writer_word(&pen.w, "   ");
		text_flow_nat(&pen.w, tui->model, flow);
		writer_line(&pen.w);
	}
	writer_word(&pen.w, "   ");
	text_sure(&pen.w, tui->model, scene.way.path, &scene.d);
	writer_line(&pen.w);
	put_findings(tui, &pen, flow->no);
}

static void flows_draw(struct tui *tui, struct frame *frame, struct area area)
{
	unsigned int detail = draw_detail_rows(area), widths[COLUMNS_MAX];
	struct area list = area_rows(area_from(area, 1), area.h - detail - 2);
	const struct flow *flow;

	list_show(&frame->list, list);
	measure(tui, frame, list.h);
	fit(tui, frame, area.w - MARGIN, widths);
	draw_titles(tui, area_rows(area, 1), widths);
	if (!frame->list.n)
		draw_nothing(tui, list);
	draw_list(tui, frame, list);
	draw_facts(tui, frame, area_from(area, area.h - detail - 1));
	flow = flow_rows_flow(&tui->flows, tui->model, frame->list.at);
	if (flow)
		draw_flow(tui, flow, area_from(area, area.h - detail));
}

static void flows_chosen(struct tui *tui, struct frame *frame)
{
	const struct flow *flow = flow_rows_flow(&tui->flows, tui->model, frame->list.at);

	frame->subject.flow = flow && frame->list.at ? flow->no : 0;
}

static bool flows_subject(struct tui *tui, struct frame *frame, struct subject *subject)
{
	const struct flow *flow = flow_rows_flow(&tui->flows, tui->model, frame->list.at);
	struct told told;

	if (!flow)
		return false;
	told_of(tui->model, tui->filter, flow, &told);
	*subject = subject_of(&told);
	return true;
}

static void flows_open(struct tui *tui, struct frame *frame)
{
	struct subject subject;

	if (flows_subject(tui, frame, &subject))
		tui_open(tui, &view_flow, &subject);
}

/* On a column's title: sort by it; again: the other way round. */
static void flows_click(struct tui *tui, struct frame *frame, unsigned int x, unsigned int y)
{
	struct flow_rows *rows = &tui->flows;
	unsigned int widths[COLUMNS_MAX], at = MARGIN;

	if (y + 1 != frame->list.area.y)
		return;
	fit(tui, frame, frame->list.area.w - MARGIN, widths);
	for (size_t k = 0; k < COLUMNS_MAX; k++) {
		if (x >= at && x < at + widths[k] && columns[k].sort != SORT_MAX) {
			bool again = rows->sort == columns[k].sort && !rows->turned;

			columns_sort(tui, columns[k].sort, again);
		}
		at += widths[k] ? widths[k] + columns[k].gap : 0;
	}
}

static bool flows_act(struct tui *tui, struct frame *frame, enum action action)
{
	(void)frame;
	switch (action) {
	case ACT_SORT:
		menu_open(tui, &menu_sort, tui->flows.sort);
		return true;
	case ACT_TURN:
		columns_sort(tui, tui->flows.sort, !tui->flows.turned);
		return true;
	case ACT_COLUMNS:
		menu_open(tui, &menu_columns, 0);
		return true;
	default:
		return false;
	}
}

const struct view view_flows = {
	.name = "flows",
	.bit = VIEW_FLOWS,
	.refresh = flows_refresh,
	.draw = flows_draw,
	.row = flows_row,
	.chosen = flows_chosen,
	.subject = flows_subject,
	.enter = flows_open,
	.click = flows_click,
	.act = flows_act,
};
