/* SPDX-License-Identifier: GPL-2.0-or-later */
/* finding.c - what an expert would say: the table of findings */
#include "find_flow.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "nfhop/addr.h"
#include "nfhop/grow.h"

_Static_assert(FINDING_LINES <= 8, "struct finding: a bit of @outside for each command");

struct str text(const char *format, ...)
{
	struct str s = { NULL, 0 };
	char *buf = NULL;
	va_list args;
	int n;

	va_start(args, format);
	n = vasprintf(&buf, format, args);
	va_end(args);
	if (n >= 0)
		s = (struct str){ buf, (size_t)n };
	return s;
}

void text_free(struct str s)
{
	free((char *)s.p);
}

bool told_by_nft(const struct model *m, const struct packet *p)
{
	return p && p->n_hops && (paths_step_at(m->paths, p->hops[0].step)->have & STEP_NFT);
}

const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

struct finding *finding_add(struct model *m, const struct finding_row *row, struct str sentence)
{
	struct finding *f = array_grow(m->findings, m->n_findings, &m->cap_findings, sizeof(*f));

	if (!f) {
		text_free(sentence);
		return NULL;
	}
	m->findings = f;
	f = &m->findings[m->n_findings++];
	*f = (struct finding){ .id = row->id, .severity = row->severity, .text = sentence };
	return f;
}

void finding_evidence(struct finding *f, struct str s)
{
	if (f->n_evidence < FINDING_LINES)
		f->evidence[f->n_evidence++] = s;
	else
		text_free(s);
}

void finding_confirm(struct finding *f, struct str s)
{
	if (f->n_confirm < FINDING_LINES)
		f->confirm[f->n_confirm++] = s;
	else
		text_free(s);
}

void finding_confirm_outside(struct finding *f, struct str s)
{
	if (f->n_confirm < FINDING_LINES)
		f->outside |= (uint8_t)(1u << f->n_confirm);
	finding_confirm(f, s);
}

void finding_packet(struct finding *f, const struct packet *p)
{
	for (size_t i = 0; p && i < f->n_packets; i++)
		if (f->packets[i] == p->no)
			return;
	if (p && f->n_packets < FINDING_PACKETS)
		f->packets[f->n_packets++] = p->no;
}

struct str flow_name(const struct flow *flow)
{
	struct addr_text src = addr_text(&flow->there.ends.src);
	struct addr_text dst = addr_text(&flow->there.ends.dst);
	const char *proto = flow->there.known ? ip_proto_name(flow->there.proto) : NULL;

	if (flow->there.unseen)
		return text("packets without headers");
	if (!proto)
		proto = family_name((enum family)flow->there.family);
	if (!flow->there.ports || flow->there.proto == 1 || flow->there.proto == 58)
		return text("%s %s → %s", proto ? proto : "", src.s, dst.s);
	return text(flow->there.family == FAMILY_IP6 ? "%s [%s]:%u → [%s]:%u" : "%s %s:%u → %s:%u",
		    proto ? proto : "", src.s, flow->there.ends.sport, dst.s,
		    flow->there.ends.dport);
}

/* Most important first. */
static const struct finding_row rows[] = {
	{ "wrong-ruleset", SEVERITY_WARNING, draw_wrong_ruleset, NULL },
	{ "conntrack-full", SEVERITY_ERROR, draw_notes, NULL },
	{ "neighbour-overflow", SEVERITY_ERROR, draw_notes, NULL },
	{ "rule-drop", SEVERITY_ERROR, draw_stops, NULL },
	{ "policy-drop", SEVERITY_ERROR, draw_stops, NULL },
	{ "reject", SEVERITY_ERROR, draw_stops, NULL },
	{ "unmatched-before-policy", SEVERITY_INFO, draw_near_misses, NULL },
	{ "ct-forgotten", SEVERITY_ERROR, NULL, &find_forgotten },
	{ "not-forwarded", SEVERITY_ERROR, NULL, &find_not_forwarded },
	{ "not-sent", SEVERITY_ERROR, NULL, &find_unsent },
	{ "no-neighbour", SEVERITY_ERROR, NULL, &find_no_neighbour },
	{ "queued", SEVERITY_ERROR, NULL, &find_queued },
	{ "no-socket", SEVERITY_ERROR, NULL, &find_no_socket },
	{ "nat-ports-out", SEVERITY_ERROR, NULL, &find_nat_taken },
	{ "reply-blocked", SEVERITY_ERROR, NULL, &find_reply_blocked },
	{ "answer-around", SEVERITY_ERROR, NULL, &find_around },
	{ "fragment-stopped", SEVERITY_ERROR, NULL, &find_fragment },
	{ "mark-overwritten", SEVERITY_ERROR, NULL, &find_overwritten_mark },
	{ "snat-wrong-interface", SEVERITY_ERROR, NULL, &find_snat_wrong_interface },
	{ "no-snat", SEVERITY_ERROR, NULL, &find_no_snat },
	{ "dnat-not-applied", SEVERITY_INFO, NULL, &find_dnat_not_applied },
	{ "hairpin", SEVERITY_WARNING, NULL, &find_hairpin },
	{ "mtu", SEVERITY_WARNING, NULL, &find_mtu },
	{ "silent-legacy", SEVERITY_WARNING, draw_silent_legacy, NULL },
	{ "out-of-order", SEVERITY_WARNING, draw_out_of_order, NULL },
	{ "recorded-twice", SEVERITY_WARNING, draw_recorded_twice, NULL },
	{ "no-end", SEVERITY_WARNING, draw_no_end, NULL },
	{ "other-netns", SEVERITY_WARNING, draw_other_netns, NULL },
	{ "unknown-prefix", SEVERITY_WARNING, draw_unknown_prefixes, NULL },
	{ "trace-gap", SEVERITY_WARNING, draw_trace_gap, NULL },
	{ "trace-limit", SEVERITY_WARNING, draw_trace_limit, NULL },
	{ "ct-invalid", SEVERITY_WARNING, draw_ct_invalid, NULL },
	{ "syn-flood", SEVERITY_WARNING, draw_notes, NULL },
	{ "martian", SEVERITY_WARNING, draw_notes, NULL },
	{ "asymmetric", SEVERITY_WARNING, NULL, &find_asymmetric },
	{ "answer-elsewhere", SEVERITY_WARNING, NULL, &find_astray },
	{ "no-reply", SEVERITY_WARNING, NULL, &find_no_reply },
	{ "refused", SEVERITY_WARNING, NULL, &find_refused },
	{ "rules-changed", SEVERITY_INFO, draw_rules_changed, NULL },
	{ "early-chains", SEVERITY_INFO, draw_early_chains, NULL },
	{ "untraced-bridge", SEVERITY_INFO, draw_untraced_bridges, NULL },
	{ "copies", SEVERITY_INFO, NULL, &find_copies },
	{ "retransmit", SEVERITY_INFO, NULL, &find_retransmit },
	{ "one-way-trace", SEVERITY_INFO, NULL, &find_one_way },
	{ "not-ours", SEVERITY_INFO, NULL, &find_not_ours },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

static size_t row_of(const struct finding *f)
{
	size_t i = 0;

	while (rows[i].id != f->id)
		i++;
	return i;
}

/* What all else hangs on, then errors before warnings; of stops, those that took most packets, and
 * before them what is behind them; else as the rows stand. */
static int by_importance(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;

	if (x->caveat != y->caveat)
		return x->caveat ? -1 : 1;
	if (x->severity != y->severity)
		return x->severity < y->severity ? -1 : 1;
	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	if (x->leads != y->leads)
		return x->leads ? -1 : 1;
	if (x->id != y->id)
		return row_of(x) < row_of(y) ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

/* struct flow_rows - numbers of the rows that look at each flow */
struct flow_rows {
	uint8_t rows[ROWS];
	size_t n;
};

static struct flow_rows flow_rows(void)
{
	struct flow_rows of = { .n = 0 };

	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].flow)
			of.rows[of.n++] = (uint8_t)i;
	return of;
}

/* draw_flow - what can be said of one flow; @n counts by row */
static int draw_flow(struct model *m, const struct flow *flow, const struct flow_rows *of,
		     struct kind_count *n)
{
	struct flow_case c = { .flow = flow };

	model_flow_view(m, flow, &c.view);
	c.there = c.view.newest ? c.view.newest->sample : NULL;
	c.back = c.view.newest_back ? c.view.newest_back->sample : NULL;
	for (size_t k = 0; k < of->n; k++) {
		size_t i = of->rows[k];
		int err = flow_finding_draw(m, &rows[i], &c, &n[i]);

		if (err)
			return err;
	}
	return 0;
}

/* One pass over the flows for all rows: there may be millions, and each has to be fetched. */
static int draw_flows(struct model *m)
{
	struct kind_count n[ROWS] = { { 0, 0 } };
	const struct flow_rows of = flow_rows();

	for (size_t i = 0; i < flows_slots(m->flows); i++) {
		const struct flow *flow = model_flow_at(m, i);
		int err = flow ? draw_flow(m, flow, &of, n) : 0;

		if (err)
			return err;
	}
	for (size_t i = 0; i < ROWS; i++)
		if (n[i].n > ONE_KIND_MAX)
			finding_evidence(&m->findings[n[i].first], text("%s more flows are like it",
									number_text(n[i].n - 1).s));
	return 0;
}

static void take_inside(struct finding *f, const char *inside)
{
	for (size_t i = 0; i < f->n_confirm; i++) {
		struct str bare = f->confirm[i];

		if (f->outside >> i & 1)
			continue;
		f->confirm[i] = text("%s%.*s", inside, STR_ARG(bare));
		text_free(bare);
	}
}

/* A command is to be run where the packets were, which need not be where the reader's shell is. */
static void take_all_inside(struct model *m)
{
	const struct evidence *e = evidence_now(m);
	struct evidence_inside inside;

	if (!e || !e->netns.n)
		return;
	inside = evidence_inside(e->netns);
	for (size_t i = 0; i < m->n_findings; i++)
		take_inside(&m->findings[i], inside.s);
}

/* Notes may be of a host that no packet was seen on; not every source says which one. */
static bool is_only_host(const struct model *m, sym_t host)
{
	for (size_t i = 0; i < m->n_hosts; i++)
		if (m->hosts[i].name && m->hosts[i].name != host)
			return false;
	for (size_t i = 0; i < m->n_notes; i++)
		if (m->notes[i].host && m->notes[i].host != host)
			return false;
	return true;
}

/* Which of several hosts it is about. */
static void name_host(const struct model *m, struct finding *f)
{
	const struct flow *flow = f->flow && !f->host ? flows_by_no(m->flows, f->flow) : NULL;
	struct str host = model_host_told(m, flow ? flow->host : f->host), bare = f->text;

	if (f->host && !host.n && !is_only_host(m, f->host))
		host = sym_text(m->syms, f->host);
	if (!host.n)
		return;
	f->text = text("%.*s: %.*s", STR_ARG(host), STR_ARG(bare));
	text_free(bare);
}

int findings_draw(struct model *m)
{
	int err = early_find(m);

	for (size_t i = 0; i < ROWS && !err; i++)
		err = rows[i].draw ? rows[i].draw(m, &rows[i]) : 0;
	if (!err)
		err = draw_flows(m);
	stops_lead(m);
	stops_free(m->stops);
	free(m->early);
	m->stops = NULL;
	m->early = NULL;
	take_all_inside(m);
	for (size_t i = 0; i < m->n_findings; i++) {
		m->findings[i].order = i;
		name_host(m, &m->findings[i]);
	}
	if (m->n_findings)
		qsort(m->findings, m->n_findings, sizeof(*m->findings), by_importance);
	return err;
}

void findings_free(struct model *m)
{
	for (size_t i = 0; i < m->n_findings; i++) {
		struct finding *f = &m->findings[i];

		text_free(f->text);
		for (size_t k = 0; k < f->n_evidence; k++)
			text_free(f->evidence[k]);
		for (size_t k = 0; k < f->n_confirm; k++)
			text_free(f->confirm[k]);
	}
	free(m->findings);
	m->findings = NULL;
	m->n_findings = m->cap_findings = 0;
}

size_t model_finding_count(const struct model *m)
{
	return m->n_findings;
}

const struct finding *model_finding_at(const struct model *m, size_t i)
{
	return i < m->n_findings ? &m->findings[i] : NULL;
}
