// SPDX-License-Identifier: GPL-2.0-or-later
/* view_trace.c - the form that makes the kernel trace other packets */
#include <assert.h>
#include <stdio.h>

#include "nfhop/addr.h"

#include "view.h"

#define FILTER_SIZE 512

/* The lines of the form; the first FIELD_MAX of them are typed. */
enum {
	FIELD_HOST,
	FIELD_PEER,
	FIELD_PROTO,
	FIELD_PORT,
	FIELD_DEVICE,
	FIELD_MORE,
	LINE_START = TRACE_FIELDS,
	LINE_STOP,
	FORM_LINES
};

static_assert(FIELD_MORE + 1 == TRACE_FIELDS, "one text a field");

// clang-format off
static const struct { const char *label, *help, *filter; } fields[FORM_LINES] = {
	[FIELD_HOST]   = { "host",      "an address or network, either side", "host " },
	[FIELD_PEER]   = { "and host",  "the other side", "host " },
	[FIELD_PROTO]  = { "protocol",  "tcp, udp, icmp, ...", "" },
	[FIELD_PORT]   = { "port",      "either side", "port " },
	[FIELD_DEVICE] = { "came in by", "a device, before the first chain", "iif " },
	[FIELD_MORE]   = { "and",       "any other filter that the kernel can match", "" },
	[LINE_START]   = { "Start tracing what fits", "", NULL },
	[LINE_STOP]    = { "Stop tracing", "", NULL },
};
// clang-format on

static void compose(const struct tui *tui, char *text)
{
	size_t n = 0;

	*text = '\0';
	for (size_t i = 0; i < TRACE_FIELDS; i++)
		if (*tui->fields[i] && n < FILTER_SIZE - 1)
			n += (size_t)snprintf(text + n, FILTER_SIZE - n, "%s%s%s", n ? " and " : "",
					      fields[i].filter, tui->fields[i]);
}

/* From the flow at hand: its server, because answers come from there whatever NAT does. */
static void fill_in(struct tui *tui, const struct flow *flow)
{
	const struct tuple *there = &flow->there;
	const char *proto = there->known ? ip_proto_name(there->proto) : NULL;

	memset(tui->fields, 0, sizeof(tui->fields));
	if (there->family != FAMILY_IP && there->family != FAMILY_IP6)
		return;
	snprintf(tui->fields[FIELD_HOST], TRACE_FIELD_SIZE, "%s", addr_text(&there->ends.dst).s);
	snprintf(tui->fields[FIELD_PROTO], TRACE_FIELD_SIZE, "%s", proto ? proto : "");
	if (there->ports && there->proto != 1 && there->proto != 58)
		snprintf(tui->fields[FIELD_PORT], TRACE_FIELD_SIZE, "%u", there->ends.dport);
}

void trace_open(struct tui *tui)
{
	struct frame *top = tui_top(tui);
	const struct flow *flow;
	struct subject subject;

	if (!tui->host.arm) {
		tui_say(tui, ROLE_UNSURE,
			"Tracing is for live sources: run nfhop without a file, "
			"as root.");
		return;
	}
	if (top->view->subject && top->view->subject(tui, top, &subject)) {
		flow = model_flow_by_no(tui->model, subject.flow);
		if (flow)
			fill_in(tui, flow);
	}
	tui_open(tui, &view_trace, NULL);
}

void trace_field(struct tui *tui, const char *text)
{
	snprintf(tui->fields[tui->field], TRACE_FIELD_SIZE, "%s", text);
}

void trace_label(const struct tui *tui, struct writer *writer)
{
	writer_word(writer, fields[tui->field].label);
	writer_word(writer, ": ");
}

static void trace_refresh(struct tui *tui, struct frame *frame)
{
	(void)tui;
	list_resize(&frame->list, FORM_LINES);
}

static void trace_row(struct tui *tui, struct frame *frame, size_t i, struct pen *pen)
{
	(void)frame;
	pen_at(pen, 3, 0);
	writer_role(&pen->w, i < TRACE_FIELDS ? ROLE_PLAIN : ROLE_BOLD);
	writer_word(&pen->w, fields[i].label);
	if (i >= TRACE_FIELDS)
		return;
	pen_at(pen, 16, 0);
	writer_text(&pen->w, str_from(tui->fields[i]));
	if (*tui->fields[i])
		return;
	writer_role(&pen->w, ROLE_DIM);
	writer_word(&pen->w, fields[i].help);
}

static void trace_draw(struct tui *tui, struct frame *frame, struct area area)
{
	struct area line = area_columns(area, 1, area.w - 2);
	char text[FILTER_SIZE];
	struct pen pen;

	draw_text(tui, area_rows(line, 1), ROLE_BOLD, "What the kernel is to trace");
	draw_list(tui, frame, area_rows(area_from(area, 2), FORM_LINES));
	pen_init(&pen, &tui->canvas, area_from(line, FORM_LINES + 3), tui->utf8);
	compose(tui, text);
	writer_role(&pen.w, ROLE_DIM);
	writer_word(&pen.w, "filter  ");
	writer_role(&pen.w, ROLE_PLAIN);
	writer_text(&pen.w, *text ? str_from(text) : STR("none: every packet"));
	writer_line(&pen.w);
	writer_role(&pen.w, ROLE_DIM);
	writer_word(&pen.w, "now     ");
	writer_role(&pen.w, ROLE_PLAIN);
	writer_text(&pen.w, *tui->news.trace ? str_from(tui->news.trace) : STR("nothing"));
}

static void trace_do(struct tui *tui, struct frame *frame)
{
	char text[FILTER_SIZE] = "", err[256] = "";
	bool start = frame->list.at == LINE_START;

	if (frame->list.at < TRACE_FIELDS) {
		tui->field = frame->list.at;
		ask_start(tui, ASK_FIELD, tui->fields[tui->field]);
		return;
	}
	if (start)
		compose(tui, text);
	if (start && !*text)
		tui_say(tui, ROLE_UNSURE, "Tracing every packet would drown the host: say which.");
	else if (tui->host.arm(tui->host.who, text, err, sizeof(err)) < 0)
		tui_say(tui, ROLE_STOP, "%s", err);
	else
		tui_back(tui);
}

const struct view view_trace = {
	.name = "trace",
	.bit = VIEW_TRACE,
	.refresh = trace_refresh,
	.draw = trace_draw,
	.row = trace_row,
	.enter = trace_do,
};
