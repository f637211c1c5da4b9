/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * learn.c - expectations that a good capture meets
 *
 * A firewall's promises are about kinds of traffic, not about packets: by which device it comes,
 * to which service, first packet of a connection, later one or answer. Each packet is put into
 * such words, and so is what became of it: the outcome, and the rules that decided it. Packets
 * with the same words on the left become one `all`, if they also have the same on the right, or
 * else one `some` for each. Then the result is held against the packets that it came from: what
 * does not pass was no promise, and is written as a comment.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>

#include "nfhop/addr.h"
#include "nfhop/expect.h"
#include "nfhop/own.h"
#include "tree.h"

#define SIDE_MAX 1024

/**
 * struct lesson - what some packets have in common
 * @select, @then: the two sides; @no: the first packet's number; @packets: how many
 * @alone: no other lesson has the same left side
 */
struct lesson {
	char *select, *then;
	uint64_t no, packets;
	bool alone;
};

/* struct side - one side of an expectation as it is put together */
struct side {
	char s[SIDE_MAX];
	size_t n;
};

__attribute__((format(printf, 2, 3))) static void side_add(struct side *side, const char *format,
							   ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(side->s + side->n, sizeof(side->s) - side->n, format, args);
	va_end(args);
	side->n += n > 0 ? (size_t)n : 0;
	if (side->n >= sizeof(side->s))
		side->n = sizeof(side->s) - 1;
}

static void side_join(struct side *side)
{
	if (side->n)
		side_add(side, " and ");
}

/* A file that people read holds no bytes that could steer a terminal. */
static bool is_ascii(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < ' ' || s.p[i] > '~')
			return false;
	return true;
}

/* ---- the left side ---- */

static void add_device(struct side *side, const struct model *m, const struct packet *p)
{
	bool came_in = p->flags & PACKET_CAME_IN;
	sym_t dev = 0;
	char name[64];
	size_t n;

	for (uint16_t i = 0; i < p->n_hops && !dev; i++)
		dev = came_in ? p->hops[i].iif : p->hops[i].oif;
	if (!dev)
		return;
	n = name_print(model_text(m, dev), name, sizeof(name));
	side_add(side, "%s %.*s", came_in ? "iif" : "oif",
		 (int)(n < sizeof(name) ? n : sizeof(name)), name);
}

static void add_proto(struct side *side, const struct header *h)
{
	const struct primitive *word = primitive_preset(QUERY_PROTO, h->proto);

	side_join(side);
	if (!(h->have & HEADER_PROTO))
		side_add(side, h->family == FAMILY_ARP ? "arp" : "not ip");
	else if (word)
		side_add(side, "%s", word->shown.word);
	else
		side_add(side, "proto %u", h->proto);
}

#define PRIVILEGED 1024

/* Which end is the service: where a SYN went, else the one with the privileged port. */
static bool service_is_source(const struct flow *flow, const struct packet *p)
{
	const struct header *h = &p->first;
	bool opened = flow && flow->syns;

	if ((p->flags & PACKET_BACK) && flow_opener_known(flow))
		return true;
	return !opened && (h->have & HEADER_PORTS) && h->sport < PRIVILEGED &&
	       h->dport >= PRIVILEGED;
}

static void add_service(struct side *side, const struct packet *p, bool source)
{
	const struct header *h = &p->first;
	struct addr_text addr = addr_text(source ? &h->src : &h->dst);

	if (!(h->have & HEADER_ADDR))
		return;
	side_add(side, " and %s %s", source ? "src" : "dst", addr.s);
	if (h->have & HEADER_PORTS)
		side_add(side, " and %s %u", source ? "sport" : "dport",
			 source ? h->sport : h->dport);
}

static void add_flags(struct side *side, const struct header *h)
{
	if (!(h->have & HEADER_FLAGS))
		return;
	if (!(h->tcp_flags & TCP_SYN))
		side_add(side, " and flags !syn");
	else
		side_add(side,
			 h->tcp_flags & TCP_ACK ? " and flags syn,ack" : " and flags syn,!ack");
}

static void put_select(struct side *side, const struct model *m, const struct packet *p)
{
	const struct flow *flow = model_flow_of(m, p);

	add_device(side, m, p);
	add_proto(side, &p->first);
	add_service(side, p, service_is_source(flow, p));
	add_flags(side, &p->first);
	if (flow_opener_known(flow))
		side_add(side, p->flags & PACKET_BACK ? " and reply" : " and not reply");
}

/* ---- the right side ---- */

/* Is the comment the rule's own in its chain? */
static bool comment_tells(const struct rule *rule)
{
	for (uint32_t i = 0; rule && i < rule->chain->n_rules; i++) {
		const struct rule *other = &rule->chain->rules[i];

		if (other != rule && str_eq(other->comment, rule->comment))
			return false;
	}
	return rule && rule->comment.n && is_ascii(rule->comment);
}

static void add_place(struct side *side, const struct hop_view *hop)
{
	struct query_place place = {
		.table = hop->table, .chain = hop->chain, .kind = hop->kind, .rule = hop->rule
	};
	char buf[256];
	size_t n;

	if (hop->kind == HOP_RULE && comment_tells(hop->meaning->rule))
		place.comment = hop->meaning->rule->comment;
	else if (hop->kind != HOP_RULE)
		place.rule = 0;
	else if (!hop->rule)
		place.handle = hop->handle;
	n = place_print(&place, buf, sizeof(buf));
	side_add(side, " at %.*s", (int)(n < sizeof(buf) ? n : sizeof(buf)), buf);
}

/* Tables that mark and trace, but seldom decide. */
static bool decides(const struct hop_view *hop)
{
	return hop->table.n && !is_own_table(hop->family, hop->table) &&
	       !str_eq(hop->table, STR("raw")) && !str_eq(hop->table, STR("mangle")) &&
	       !str_eq(hop->table, STR("security"));
}

/* The last rule of each base chain: whatever came after it was in another chain. */
static bool is_deciding(const struct model *m, const struct packet *p, size_t i,
			struct hop_view *hop)
{
	struct hop_view next;

	model_path_step(m, p->path, i, hop);
	if (hop->kind != HOP_RULE || !decides(hop) || hop->verdict == VERDICT_JUMP ||
	    hop->verdict == VERDICT_GOTO || hop->verdict == VERDICT_CONTINUE)
		return false;
	if (i + 1u == p->n_hops)
		return true;
	model_path_step(m, p->path, i + 1, &next);
	return !next.depth && !(str_eq(next.table, hop->table) && str_eq(next.chain, hop->chain));
}

static bool put_then(struct side *side, const struct model *m, const struct packet *p)
{
	struct hop_view hop;
	struct decision d;

	model_decide(m, p, &d);
	if (d.outcome == OUTCOME_UNKNOWN)
		return false;
	if (d.stop >= 0) {
		model_hop(m, p, (size_t)d.stop, &hop);
		side_add(side, d.outcome == OUTCOME_REJECTED ? "rejected and stopped" : "stopped");
		if (hop.chain.n)
			add_place(side, &hop);
		return true;
	}
	side_add(side, "%s", outcome_name(d.outcome));
	for (size_t i = 0; i < p->n_hops; i++)
		if (is_deciding(m, p, i, &hop)) {
			side_add(side, " and");
			add_place(side, &hop);
		}
	return true;
}

static bool holds(const char *filter, const struct model *m, const struct packet *p)
{
	struct query_error err;
	struct query *q;
	bool yes = query_parse(str_from(filter), &q, &err) == 0 &&
		   query_judge(q, m, p, NULL) == MATCH_YES;

	query_destroy(q);
	return yes;
}

/* What the input cannot tell for certain is left out: the outcome alone, or nothing. */
static bool put_certain(struct side *side, const struct model *m, const struct packet *p)
{
	struct decision d;

	if (!put_then(side, m, p))
		return false;
	if (holds(side->s, m, p))
		return true;
	model_decide(m, p, &d);
	*side = (struct side){ .n = 0 };
	side_add(side, "%s", outcome_name(d.outcome));
	return holds(side->s, m, p);
}

/* ---- lessons ---- */

struct lessons {
	struct lesson *at;
	size_t n;
	uint64_t packets, unknown; /* looked at; of these, what nothing could be learned of */
};

static int learn_packet(struct lessons *lessons, const struct model *m, const struct packet *p)
{
	struct lesson *lesson = &lessons->at[lessons->n];
	struct side select = { .n = 0 }, then = { .n = 0 };

	if (!model_packet_shown(m, p) ||
	    p->has_quoted) /* an ICMP error: it comes when it must, nobody promises it */
		return 0;
	lessons->packets++;
	put_select(&select, m, p);
	if (!put_certain(&then, m, p) || !holds(select.s, m, p) || !is_ascii(str_from(select.s)) ||
	    !is_ascii(str_from(then.s))) {
		lessons->unknown++;
		return 0;
	}
	*lesson = (struct lesson){ strdup(select.s), strdup(then.s), p->no, 1, false };
	lessons->n++;
	return lesson->select && lesson->then ? 0 : -ENOMEM;
}

static int by_sides(const void *a, const void *b)
{
	const struct lesson *x = a, *y = b;
	int c = strcmp(x->select, y->select);

	c = c ? c : strcmp(x->then, y->then);
	return c ? c : (x->no > y->no) - (x->no < y->no);
}

static int by_number(const void *a, const void *b)
{
	const struct lesson *x = a, *y = b;

	return (x->no > y->no) - (x->no < y->no);
}

static void lesson_free(struct lesson *lesson)
{
	free(lesson->select);
	free(lesson->then);
}

/* Equal ones become one. */
static void join(struct lessons *lessons)
{
	size_t n = 0;

	qsort(lessons->at, lessons->n, sizeof(*lessons->at), by_sides);
	for (size_t i = 0; i < lessons->n; i++) {
		struct lesson *last = n ? &lessons->at[n - 1] : NULL;

		if (last && !strcmp(last->select, lessons->at[i].select) &&
		    !strcmp(last->then, lessons->at[i].then)) {
			last->packets++;
			lesson_free(&lessons->at[i]);
		} else {
			lessons->at[n++] = lessons->at[i];
		}
	}
	lessons->n = n;
	for (size_t i = 0; i < n; i++)
		lessons->at[i].alone =
			(!i || strcmp(lessons->at[i - 1].select, lessons->at[i].select)) &&
			(i + 1 == n || strcmp(lessons->at[i + 1].select, lessons->at[i].select));
	qsort(lessons->at, n, sizeof(*lessons->at), by_number);
}

static int collect(struct lessons *lessons, const struct model *m)
{
	size_t n = model_packet_count(m);
	int err = 0;

	*lessons = (struct lessons){ .at = calloc(n + 1, sizeof(*lessons->at)) };
	if (!lessons->at)
		return -ENOMEM;
	for (size_t i = 0; i < n && !err; i++)
		err = learn_packet(lessons, m, model_packet_at(m, i));
	if (!err)
		join(lessons);
	return err;
}

static void no_error(void *who, const struct expect_error *err)
{
	(void)who;
	(void)err;
}

/* Does the capture itself meet it? @line ends with a line end. */
static enum expect_answer answer_of(const char *line, const struct model *m)
{
	struct expectations all;
	struct expect_run run = { 0 };
	enum expect_answer answer = EXPECT_INCONCLUSIVE;

	if (expectations_parse(&all, "", str_from(line), no_error, NULL) == 0 &&
	    expect_start(&run, &all) == 0) {
		for (size_t i = 0; i < model_packet_count(m); i++)
			expect_packet(&run, m, model_packet_at(m, i));
		if (expect_end(&run, m) == 0)
			answer = expect_worst(&run);
	}
	expect_finish(&run);
	expectations_finish(&all);
	return answer;
}

static void write_lesson(FILE *out, const struct lesson *lesson, const struct model *m)
{
	static const char *const quantities[] = { "all", "some" };
	char line[2 * SIDE_MAX + 32];

	for (size_t i = lesson->alone ? 0 : 1; i < 2; i++) {
		snprintf(line, sizeof(line), "%-5s %s  =>  %s\n", quantities[i], lesson->select,
			 lesson->then);
		if (answer_of(line, m) == EXPECT_PASSED) {
			fputs(line, out);
			return;
		}
	}
	fprintf(out, "# not certain: %s", line);
}

int expect_learn(FILE *out, const struct model *m)
{
	struct lessons lessons;
	int err = collect(&lessons, m);

	if (!err) {
		fprintf(out,
			"# learned from %" PRIu64 " packets; nfhop-check(7) says how to read it\n",
			lessons.packets);
		for (size_t i = 0; i < lessons.n; i++)
			write_lesson(out, &lessons.at[i], m);
		if (lessons.unknown)
			fprintf(out, "# packets of which nothing could be learned: %" PRIu64 "\n",
				lessons.unknown);
	}
	for (size_t i = 0; lessons.at && i < lessons.n; i++)
		lesson_free(&lessons.at[i]);
	free(lessons.at);
	return err;
}
