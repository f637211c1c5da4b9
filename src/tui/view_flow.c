// SPDX-License-Identifier: GPL-2.0-or-later
/* view_flow.c - one flow: its distinct ways with their counts, and the packets that are kept */
#include <stdlib.h>

#include "nfhop/own.h"

#include "packet_line.h"

enum { AT_OUTCOME = 18, LEAST_OUTCOME = 46 };

static const struct flow *flow_here(struct tui *tui, struct frame *frame)
{
	return model_flow_by_no(tui->model, frame->subject.flow);
}

/* The line of what is chosen, if it was @at before new ways came. */
static size_t line_among(const struct frame *frame, const uint32_t *ways, uint32_t n)
{
	size_t at = frame->list.at;
	uint32_t i = 0;

	if (!at || at > frame->n_ways)
		return at > frame->n_ways && frame->n_ways ? at + n - frame->n_ways : at;
	while (i < n && ways[i] != frame->ways[at - 1])
		i++;
	return i + 1;
}

/* Ways there stand before those back, though an answer's packet may have closed first. */
static void order_ways(struct frame *frame, const struct flow *flow)
{
	uint32_t *ways, n = 0;

	if (frame->n_ways == flow->n_paths)
		return;
	ways = malloc(flow->n_paths * sizeof(*ways));
	if (!ways)
		return;
	for (int back = 0; back < 2; back++)
		for (uint32_t i = 0; i < flow->n_paths; i++)
			if (flow->paths[i].back == back)
				ways[n++] = i;
	frame->list.at = line_among(frame, ways, n);
	free(frame->ways);
	frame->ways = ways;
	frame->n_ways = n;
}

static const struct flow_path *way_at(const struct frame *frame, const struct flow *flow, size_t i)
{
	return &flow->paths[frame->n_ways == flow->n_paths ? frame->ways[i] : i];
}

/* Lines: a title, the ways, a title, the packets. */
static size_t first_packet_line(const struct flow *flow)
{
	return flow->n_paths + 2u;
}

static void flow_refresh(struct tui *tui, struct frame *frame)
{
	const struct flow *flow = flow_here(tui, frame);
	struct packet_rows *rows = &frame->packets;

	if (!flow) {
		list_resize(&frame->list, 0);
		return;
	}
	order_ways(frame, flow);
	list_resize(&frame->list, first_packet_line(flow) + rows->n - rows->first);
	if (frame->list.at)
		return;
	for (uint32_t i = 0; i < flow->n_paths; i++) { /* the first time: the way that was meant */
		const struct flow_path *fp = way_at(frame, flow, i);

		if (fp->path == frame->subject.path && fp->back == frame->subject.back &&
		    fp->flags == frame->subject.flags)
			list_to(&frame->list, i + 1u);
	}
	if (!frame->list.at)
		list_to(&frame->list, 1);
}

static bool flow_skips(struct tui *tui, struct frame *frame, size_t i)
{
	const struct flow *flow = flow_here(tui, frame);

	return flow && (i == 0 || i == flow->n_paths + 1u);
}

static bool flow_subject(struct tui *tui, struct frame *frame, struct subject *subject)
{
	const struct flow *flow = flow_here(tui, frame);
	const struct packet_rows *rows = &frame->packets;
	size_t at = frame->list.at;

	if (!flow || !frame->list.n || flow_skips(tui, frame, at))
		return false;
	*subject = (struct subject){ .flow = flow->no };
	if (at <= flow->n_paths) {
		const struct flow_path *fp = way_at(frame, flow, at - 1);

		subject->way = true;
		subject->path = fp->path;
		subject->flags = fp->flags;
		subject->back = fp->back;
	} else {
		subject->packet = rows->at[rows->first + at - first_packet_line(flow)];
	}
	return true;
}

/* Return: columns that the times take at the right end of the line; 0: no room for them */
static unsigned int put_times(struct tui *tui, const struct flow_path *fp, struct area line)
{
	struct writer dry = { .utf8 = tui->utf8 };
	unsigned int n;
	struct pen pen;

	text_span(&dry, &fp->first, &fp->last);
	n = (unsigned int)dry.column + 2;
	if (n + AT_OUTCOME + LEAST_OUTCOME > line.w)
		return 0;
	pen_init(&pen, &tui->canvas, area_columns(line, line.w - n + 1, n), tui->utf8);
	writer_role(&pen.w, ROLE_DIM);
	text_span(&pen.w, &fp->first, &fp->last);
	return n;
}

/* Which rule let it pass: ways that end alike differ there. */
static void put_passing(struct tui *tui, const struct flow *flow, const struct flow_path *fp,
			struct pen *pen)
{
	struct subject subject = { flow->no, fp->path, fp->flags, true, fp->back, 0, 0 };
	struct hop_view hop;
	struct scene scene;

	if (!scene_of(tui->model, &subject, &scene))
		return;
	way_hop(tui->model, &scene.way, scene_end(tui->model, &scene), &hop);
	if (hop.kind != HOP_RULE || is_own_table(hop.family, hop.table))
		return;
	writer_role(&pen->w, ROLE_DIM);
	writer_word(&pen->w, "  by ");
	text_short_place(&pen->w, &hop);
	writer_role(&pen->w, ROLE_PLAIN);
}

static void put_way(struct tui *tui, const struct flow *flow, const struct flow_path *fp,
		    struct pen *pen)
{
	struct way way = way_of(flow, fp);
	struct writer dry = { .utf8 = tui->utf8 };
	unsigned int times = 0;
	struct decision d;
	struct pen sub;

	if (pen->canvas == &tui->canvas)
		times = put_times(tui, fp, pen->area);
	model_decide_path(tui->model, flow, fp, &d);
	writer_word(&pen->w, fp->back ? " back " : " there");
	writer_number(&dry, fp->packets);
	pen_at(pen, dry.column < 9 ? 16 - (unsigned int)dry.column : 7, 0);
	writer_number(&pen->w, fp->packets);
	pen_init(&sub, pen->canvas,
		 area_columns(pen->area, AT_OUTCOME, pen->area.w - AT_OUTCOME - times), tui->utf8);
	text_mark(&sub.w, outcome_glyph(d.outcome));
	writer_word(&sub.w, " ");
	text_outcome(&sub.w, tui->model, &way, &d);
	if (outcome_passes(d.outcome))
		put_passing(tui, flow, fp, &sub);
}

static void put_title(const char *words, struct pen *pen)
{
	writer_role(&pen->w, ROLE_DIM);
	writer_word(&pen->w, words);
}

/* All packets of a flow come from one source, mostly: the first one's time tells. */
static unsigned int times_width(struct tui *tui, struct frame *frame)
{
	const struct packet_rows *rows = &frame->packets;

	return packet_time_width(tui, rows->n > rows->first ? rows->at[rows->first] : 0);
}

static void flow_row(struct tui *tui, struct frame *frame, size_t i, struct pen *pen)
{
	const struct flow *flow = flow_here(tui, frame);
	const struct packet_rows *rows = &frame->packets;

	if (!flow)
		return;
	if (i == 0) {
		put_title(" WAY     PACKETS  WHAT BECAME OF THEM", pen);
	} else if (i <= flow->n_paths) {
		put_way(tui, flow, way_at(frame, flow, i - 1), pen);
	} else if (i == flow->n_paths + 1u) {
		if (rows->n > rows->first)
			packet_title(tui, times_width(tui, frame), false, pen);
	} else {
		packet_line(tui, times_width(tui, frame),
			    rows->at[rows->first + i - first_packet_line(flow)], false, pen);
	}
}

/* Return: the rows that it takes */
static unsigned int draw_head(struct tui *tui, const struct flow *flow, struct area area)
{
	struct flow_view view;
	struct pen pen;

	model_flow_view(tui->model, flow, &view);
	pen_init(&pen, &tui->canvas, area_columns(area, 1, area.w - 2), tui->utf8);
	text_mark(&pen.w, flow_glyph(&view));
	writer_word(&pen.w, "  ");
	writer_role(&pen.w, ROLE_BOLD);
	text_flow_name_within(&pen.w, flow, pen.area.w - pen.w.column);
	writer_role(&pen.w, ROLE_PLAIN);
	writer_line(&pen.w);
	writer_word(&pen.w, "   ");
	text_conclusion(&pen.w, tui->model, flow);
	writer_line(&pen.w);
	if (!view.nat.changed)
		return 2;
	writer_word(&pen.w, "   ");
	text_flow_nat(&pen.w, tui->model, flow);
	return 3;
}

static void draw_facts(struct tui *tui, struct frame *frame, const struct flow *flow,
		       struct area area)
{
	uint64_t all = flow->packets[0] + flow->packets[1];
	size_t kept = frame->packets.n - frame->packets.first;
	char words[128];

	if (kept < all)
		snprintf(words, sizeof(words), "%s of %s packets are kept whole",
			 number_text(kept).s, number_text(all).s);
	else
		snprintf(words, sizeof(words), "%s packet%s", number_text(all).s,
			 all == 1 ? "" : "s");
	draw_rule(tui, area, words);
}

static void flow_draw(struct tui *tui, struct frame *frame, struct area area)
{
	const struct flow *flow = flow_here(tui, frame);
	unsigned int detail = draw_detail_rows(area), head;
	struct subject subject;
	struct scene scene;
	struct pen pen;

	if (!flow) {
		draw_text(tui, area_columns(area, 1, area.w), ROLE_UNSURE,
			  "This flow is no longer kept: newer ones took its room.");
		return;
	}
	head = draw_head(tui, flow, area_rows(area, 3)) + draw_gap_rows(area);
	draw_list(tui, frame, area_rows(area_from(area, head), area.h - detail - head - 1));
	draw_facts(tui, frame, flow, area_from(area, area.h - detail - 1));
	if (!flow_subject(tui, frame, &subject) || !scene_of(tui->model, &subject, &scene))
		return;
	pen_init(&pen, &tui->canvas, area_columns(area_from(area, area.h - detail), 1, area.w - 2),
		 tui->utf8);
	text_mark(&pen.w, outcome_glyph(scene.d.outcome));
	writer_word(&pen.w, "  ");
	text_sure(&pen.w, tui->model, scene.way.path, &scene.d);
	writer_line(&pen.w);
	writer_word(&pen.w, "   ");
	packet_detail(tui, &scene, &pen);
}

static void flow_open(struct tui *tui, struct frame *frame)
{
	struct subject subject;

	if (flow_subject(tui, frame, &subject))
		tui_open(tui, &view_hops, &subject);
}

const struct view view_flow = {
	.name = "flow",
	.bit = VIEW_FLOW,
	.refresh = flow_refresh,
	.draw = flow_draw,
	.row = flow_row,
	.skips = flow_skips,
	.subject = flow_subject,
	.enter = flow_open,
};
