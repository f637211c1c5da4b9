/* SPDX-License-Identifier: GPL-2.0-or-later */
/* say.c - lines of a log in, one short line a packet and a flow out */
#include "say.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "nfhop/addr.h"
#include "nfhop/split.h"

struct saying {
	char *buf;
	size_t n;
};

__attribute__((format(printf, 2, 3))) static void say(struct saying *s, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(s->buf + s->n, SAY_SIZE - s->n, format, args);
	va_end(args);
	assert(n >= 0 && s->n + (size_t)n < SAY_SIZE);
	s->n += (size_t)n;
}

static void on_packet(void *who, const struct model *m, const struct packet *p)
{
	struct saying *s = who;
	const struct flow *flow = model_flow_of(m, p);
	struct decision d;
	char path[2048];
	size_t n = model_path_text(m, p->path, path, sizeof(path) - 1);

	path[n] = '\0';
	model_decide(m, p, &d);
	say(s, "%" PRIu64 " f%" PRIu32 " %s %s%s%s: %s\n", p->no, flow ? flow->no : 0,
	    p->flags & PACKET_BACK ? "back" : "there", outcome_name(d.outcome),
	    d.lost_after ? " after " : "", d.lost_after ? hook_name(d.lost_after) : "", path);
}

static void say_flow(struct saying *s, const struct model *m, const struct flow *flow)
{
	struct flow_view v;

	model_flow_view(m, flow, &v);
	say(s, "flow %" PRIu32 " %s %" PRIu64 "/%" PRIu64, flow->no, flow_state_name(v.state),
	    flow->packets[0], flow->packets[1]);
	if (v.nat.changed & NAT_SRC)
		say(s, " src=%s", addr_text(&v.nat.ends->src).s);
	if (v.nat.changed & NAT_DST)
		say(s, " dst=%s", addr_text(&v.nat.ends->dst).s);
	say(s, "\n");
}

static void feed(struct model *m, const char *text)
{
	struct split split = { .source = 0 };
	struct str in = str_from(text);
	struct record rec;
	size_t n;

	model_set_source(m, 0, 0, 2026);
	while ((n = split_next(&split, in, true, &rec))) {
		model_feed(m, &rec);
		in = str_skip(in, n);
	}
	model_end(m);
}

const char *say_log(const char *text, const struct model_config *config, char *buf)
{
	struct saying s = { buf, 0 };
	struct model_sink sink = { on_packet, &s };
	struct model_config c = config ? *config : model_config_default();
	struct model *m;

	buf[0] = '\0';
	if (!c.max_kept)
		c.max_kept = 1024;
	m = model_create(&c, &sink);
	assert(m);
	feed(m, text);
	for (size_t i = 0; i < model_flow_count(m); i++)
		if (model_flow_at(m, i))
			say_flow(&s, m, model_flow_at(m, i));
	model_destroy(m);
	return buf;
}

struct model *model_of(const char *text, const struct model_config *config)
{
	struct model_config c = config ? *config : model_config_default();
	struct model *m = model_create(&c, NULL);

	assert(m);
	feed(m, text);
	return m;
}
