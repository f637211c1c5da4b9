// SPDX-License-Identifier: GPL-2.0-or-later
/* view_packets.c - packets in the order in which they closed, of all flows or of one */
#include <inttypes.h>

#include "nfhop/addr.h"

#include "packet_line.h"

/* Columns: the direction, the number right-aligned, the time, then the packet itself. */
enum { AT_WAY = 1, NO_WIDTH = 8, AT_NO = 3, AT_TIME = AT_NO + NO_WIDTH + 2, OUTCOME_WIDTH = 21 };

enum { TIME_TITLE = 4 }; /* "TIME" */

/* "tcp 192.168.111.200:65087 → 203.0.113.200:65535 " */
enum { ENDS_WIDTH = 49 };

/* The same on a narrow screen. "10:00:00"; "x filter FORWARD 2" */
enum { NARROW = 100, NO_LEAST = 4, TIME_LEAST = 8, OUTCOME_LEAST = 18 };

/* " SYN ACK id 4711 60 bytes" */
static void put_header(const struct header *h, struct writer *writer)
{
	text_details(writer, h);
	if (h->have & HEADER_LEN)
		writer_format(writer, " %u bytes", h->length);
}

/* Addresses of IPv6 give way to the flags behind them, which take a fifth of the line at most. */
static void put_ends(const struct packet *packet, struct pen *pen)
{
	const struct header *h = &packet->first;
	struct endpoints ends = { h->src, h->dst, h->sport, h->dport };
	struct writer dry = { .utf8 = pen->w.utf8 };
	size_t behind, most = addr_is_ip4(&h->src) ? 1 : pen->area.w / 5;

	put_header(h, &dry);
	behind = dry.column < most ? dry.column : most;
	text_proto(&pen->w, h->family, h->have & HEADER_PROTO, h->proto);
	writer_word(&pen->w, " ");
	behind += pen->w.column;
	if (h->have & HEADER_ADDR)
		text_endpoints_within(&pen->w, &ends, h->have & HEADER_PORTS,
				      pen->area.w > behind ? pen->area.w - behind : 0);
}

static void put_outcome(struct tui *tui, const struct packet *packet, struct pen *pen)
{
	struct way way = { model_flow_of(tui->model, packet), packet->path, packet };
	struct decision d;
	struct hop_view hop;

	model_decide(tui->model, packet, &d);
	text_mark(&pen->w, outcome_glyph(d.outcome));
	writer_word(&pen->w, " ");
	if (d.stop >= 0 && (d.outcome == OUTCOME_DROPPED || d.outcome == OUTCOME_REJECTED)) {
		way_hop(tui->model, &way, (size_t)d.stop, &hop);
		writer_role(&pen->w, ROLE_STOP);
		text_short_place(&pen->w, &hop);
		writer_role(&pen->w, ROLE_PLAIN);
	} else {
		text_outcome(&pen->w, tui->model, &way, &d);
	}
}

/* struct columns - where things begin; @time_width: of the time that is shown */
struct columns {
	unsigned int time, time_width, packet, outcome;
};

static unsigned int digits_of(uint64_t n)
{
	unsigned int digits = 1;

	while (n /= 10)
		digits++;
	return digits;
}

/* Both ends of a packet go before the fraction of its time and the last words on its outcome. */
static struct columns narrow_columns(const struct tui *tui, unsigned int width, unsigned int time)
{
	unsigned int digits = digits_of(model_stats(tui->model)->packets);
	struct columns at = { .time = AT_NO + 1 + (digits < NO_LEAST ? NO_LEAST : digits),
			      .time_width = time < TIME_LEAST ? time : TIME_LEAST };

	at.packet = at.time + at.time_width + 1;
	if (width < at.packet + 2 * OUTCOME_LEAST)
		width = at.packet + 2 * OUTCOME_LEAST;
	at.outcome = width - OUTCOME_LEAST;
	return at;
}

static struct columns columns_of(const struct tui *tui, const struct pen *pen, unsigned int time,
				 bool ends)
{
	struct columns at = { AT_TIME, time, AT_TIME + time + 2, 0 };
	unsigned int room = pen->area.w > at.packet + 2 * OUTCOME_WIDTH ? pen->area.w - at.packet
									: 2 * OUTCOME_WIDTH;
	unsigned int outcome = OUTCOME_WIDTH;

	if (ends && pen->area.w < NARROW)
		return narrow_columns(tui, pen->area.w, time);
	if (!ends || room >= 5 * OUTCOME_WIDTH)
		outcome = room - room / 2;
	else if (room > ENDS_WIDTH + OUTCOME_WIDTH)
		outcome = room - ENDS_WIDTH;
	at.outcome = at.packet + room - outcome;
	return at;
}

unsigned int packet_time_width(struct tui *tui, uint64_t seq)
{
	const struct packet *packet = packet_by_seq(tui->model, seq);
	struct writer dry = { .utf8 = tui->utf8 };

	if (packet && packet->n_hops)
		text_stamp(&dry, &packet->hops[0].stamp);
	return dry.column > TIME_TITLE ? (unsigned int)dry.column : TIME_TITLE;
}

void packet_title(struct tui *tui, unsigned int time, bool ends, struct pen *pen)
{
	struct columns at = columns_of(tui, pen, time, ends);

	writer_role(&pen->w, ROLE_DIM);
	pen_at(pen, at.time - (at.time == AT_TIME ? 4 : 3), 0);
	writer_word(&pen->w, "NO");
	pen_at(pen, at.time, 0);
	writer_word(&pen->w, "TIME");
	pen_at(pen, at.packet, 0);
	writer_word(&pen->w, "PACKET");
	pen_at(pen, at.outcome, 0);
	writer_word(&pen->w, "WHAT BECAME OF IT");
}

/* Right-aligned before the column @end. */
static void put_number(const struct packet *packet, unsigned int end, struct pen *pen)
{
	char no[24];
	int n = snprintf(no, sizeof(no), "%" PRIu64, packet->no);

	pen_at(pen, AT_WAY, 0);
	writer_glyph(&pen->w, packet->flags & PACKET_BACK ? GLYPH_LEFT : GLYPH_RIGHT);
	pen_at(pen, end > AT_NO + (unsigned int)n ? end - (unsigned int)n : AT_NO, 0);
	writer_word(&pen->w, no);
}

void packet_line(struct tui *tui, unsigned int time, uint64_t seq, bool ends, struct pen *pen)
{
	const struct packet *packet = packet_by_seq(tui->model, seq);
	struct columns at = columns_of(tui, pen, time, ends);
	struct pen sub;

	if (!packet) {
		writer_role(&pen->w, ROLE_DIM);
		writer_word(&pen->w, " no longer kept");
		return;
	}
	put_number(packet, at.time - (at.time == AT_TIME ? 2 : 1), pen);
	if (packet->n_hops) {
		pen_init(&sub, pen->canvas, area_columns(pen->area, at.time, at.time_width),
			 pen->w.utf8);
		writer_role(&sub.w, ROLE_DIM);
		text_stamp(&sub.w, &packet->hops[0].stamp);
	}
	pen_init(&sub, pen->canvas, area_columns(pen->area, at.packet, at.outcome - at.packet - 1),
		 pen->w.utf8);
	if (ends)
		put_ends(packet, &sub);
	put_header(&packet->first, &sub.w);
	pen_init(&sub, pen->canvas, area_columns(pen->area, at.outcome, pen->area.w), pen->w.utf8);
	put_outcome(tui, packet, &sub);
}

void packet_detail(struct tui *tui, const struct scene *scene, struct pen *pen)
{
	const struct packet *packet = scene->packet;

	if (!packet)
		return;
	pen_format(pen, "Packet %" PRIu64 ": ", packet->no);
	put_ends(packet, pen);
	put_header(&packet->first, &pen->w);
	if (packet->first.have & HEADER_TTL)
		pen_format(pen, " ttl %u", packet->first.ttl);
	if (packet->host) {
		writer_word(&pen->w, ", host ");
		writer_text(&pen->w, model_text(tui->model, packet->host));
	}
	writer_line(&pen->w);
}

static void packets_refresh(struct tui *tui, struct frame *frame)
{
	size_t n = frame->packets.n - frame->packets.first;
	const struct packet_rows *rows = &frame->packets;
	uint64_t chosen = frame->subject.packet;

	(void)tui;
	list_resize(&frame->list, n);
	if (!chosen || frame->list.follow || !n)
		return;
	/* lines that left at the front move all others up: stay on the packet that was chosen */
	while (frame->list.at && rows->at[rows->first + frame->list.at] > chosen)
		list_move(&frame->list, -1);
}

static void packets_chosen(struct tui *tui, struct frame *frame)
{
	const struct packet_rows *rows = &frame->packets;

	(void)tui;
	frame->subject.packet = frame->list.n ? rows->at[rows->first + frame->list.at] : 0;
}

static void packets_row(struct tui *tui, struct frame *frame, size_t i, struct pen *pen)
{
	packet_line(tui, frame->widths[0], frame->packets.at[frame->packets.first + i], true, pen);
}

static bool packets_subject(struct tui *tui, struct frame *frame, struct subject *subject)
{
	const struct packet_rows *rows = &frame->packets;
	const struct packet *packet;
	const struct flow *flow;

	if (!frame->list.n)
		return false;
	*subject = (struct subject){ .packet = rows->at[rows->first + frame->list.at] };
	packet = packet_by_seq(tui->model, subject->packet);
	flow = packet ? model_flow_of(tui->model, packet) : NULL;
	subject->flow = flow ? flow->no : 0;
	if (packet) {
		subject->way = true;
		subject->path = packet->path;
		subject->back = packet->flags & PACKET_BACK;
	}
	return packet;
}

static void draw_facts(struct tui *tui, struct frame *frame, struct area area)
{
	uint64_t gone = model_stats(tui->model)->evicted_packets;
	char words[EDIT_SIZE + 160], more[64] = "";

	if (gone)
		snprintf(more, sizeof(more), ", %s older ones are no longer kept",
			 number_text(gone).s);
	snprintf(words, sizeof(words), "%s of %s%s%s%s%s",
		 number_text(frame->list.n ? frame->list.at + 1 : 0).s,
		 number_text(frame->list.n).s, more, tui->filter ? ", filter: " : "",
		 tui->filter ? tui->filter_text : "",
		 frame->list.follow ? ", staying on the newest" : "");
	draw_rule(tui, area, words);
}

/* Sources differ in how precise their times are. */
static void measure(struct tui *tui, struct frame *frame, struct area area)
{
	const struct packet_rows *rows = &frame->packets;

	list_show(&frame->list, area);
	if (frame->widths[0] < TIME_TITLE)
		frame->widths[0] = TIME_TITLE;
	for (size_t i = frame->list.top; i < frame->list.top + area.h && i < frame->list.n; i++) {
		unsigned int width = packet_time_width(tui, rows->at[rows->first + i]);

		if (width > frame->widths[0])
			frame->widths[0] = width;
	}
}

static void packets_draw(struct tui *tui, struct frame *frame, struct area area)
{
	unsigned int detail = draw_detail_rows(area);
	struct area list = area_rows(area_from(area, 1), area.h - detail - 2);
	struct subject subject;
	struct scene scene;
	struct pen pen;

	measure(tui, frame, list);
	pen_init(&pen, &tui->canvas, area_rows(area, 1), tui->utf8);
	packet_title(tui, frame->widths[0], true, &pen);
	if (!frame->list.n)
		draw_text(tui, area_columns(area_from(area, 2), 3, area.w - 6), ROLE_PLAIN,
			  tui->filter
				  ? "No kept packet passes the filter. f changes it; an empty one "
				    "shows all."
				  : "No packet is kept.");
	draw_list(tui, frame, list);
	draw_facts(tui, frame, area_from(area, area.h - detail - 1));
	if (!packets_subject(tui, frame, &subject) || !scene_of(tui->model, &subject, &scene))
		return;
	area = area_columns(area_from(area, area.h - detail), 1, area.w - 2);
	pen_init(&pen, &tui->canvas, area, tui->utf8);
	text_mark(&pen.w, outcome_glyph(scene.d.outcome));
	writer_word(&pen.w, "  ");
	text_outcome(&pen.w, tui->model, &scene.way, &scene.d);
	writer_line(&pen.w);
	writer_word(&pen.w, "   ");
	text_sure(&pen.w, tui->model, scene.way.path, &scene.d);
	writer_line(&pen.w);
	writer_word(&pen.w, "   ");
	packet_detail(tui, &scene, &pen);
}

static void packets_open(struct tui *tui, struct frame *frame)
{
	struct subject subject;

	if (packets_subject(tui, frame, &subject))
		tui_open(tui, &view_hops, &subject);
}

const struct view view_packets = {
	.name = "packets",
	.bit = VIEW_PACKETS,
	.refresh = packets_refresh,
	.draw = packets_draw,
	.row = packets_row,
	.chosen = packets_chosen,
	.subject = packets_subject,
	.enter = packets_open,
};
