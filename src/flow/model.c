/* SPDX-License-Identifier: GPL-2.0-or-later */
/* model.c - records in: decoded, repeated where the log says so, assembled, joined to flows
 *
 * Theory of Operation
 *
 * What a packet's missing hops prove depends on what else the input holds (a table seen once
 * exists everywhere), so conclusions are not stored: they are drawn when asked for, from the
 * path, some flags and what was visible. Closed packets that somebody asked for are held back
 * in a ring until the end of input for the same reason; if there are more than it holds, the
 * oldest are handed out with what is known by then.
 */
#include "model.h"

#include <errno.h>
#include <stdlib.h>

#include "nfhop/grow.h"

#define REPEAT_MAX 10000 /* "repeated 4 million times" must not hold us up; the rest is a gap */
#define NEAR_NS                                                                                    \
	UINT64_C(10000000) /* a kernel line this close to a packet's last hop is about it          \
			    */

#define COARSE_NS UINT64_C(1100000000) /* near, where stamps have no fraction of a second */
#define END_NS	  UINT64_C(100000000)  /* semantics.md 4, rule 1: more may have been under way */

struct model_config model_config_default(void)
{
	return (struct model_config){
		.max_open = 8192,
		.max_flows = 4 << 20,
		.max_kept = 0,
		.max_samples = 4096,
		.idle_ns = UINT64_C(3000000000),
	};
}

static void remember(struct model *m, int err)
{
	if (err && !m->err)
		m->err = err;
}

static void on_opened(void *who, struct packet *p)
{
	const struct packet *before = NULL;
	struct model *m = who;

	if (m->n_sets > 1 && p->hops[0].stamp.wall_ns <= m->stale_until_ns)
		p->flags |= PACKET_STALE;
	remember(m, flows_opened(m->flows, p, &before));
	disorder_see(m, before, p);
}

static void on_moved(void *who, struct packet *p, const struct packet *told)
{
	struct model *m = who;

	remember(m, flows_moved(m->flows, p, told));
}

static void on_translated(void *who, struct packet *p, const struct nat_target *to)
{
	struct model *m = who;

	remember(m, flows_translated(m->flows, p, to));
}

static void on_withdrawn(void *who, const struct packet *p)
{
	struct model *m = who;

	flows_withdrawn(m->flows, p);
}

static struct answers_seen *answers_seen(struct model_host *host, sym_t by)
{
	struct answers_seen *seen = answers_seen_by(host, by);

	if (seen)
		return seen;
	if (host->n_answers == sizeof(host->answers) / sizeof(host->answers[0]))
		return NULL;
	host->answers[host->n_answers] = (struct answers_seen){ .by = by };
	return &host->answers[host->n_answers++];
}

/* An answer from outside that was for a private address as it came, and went on there. */
static bool came_to_private(const struct model *m, const struct packet *p)
{
	return p->n_ends == 1 && p->hops[p->n_hops - 1].oif &&
	       paths_step_at(m->paths, p->hops[0].step)->hook == HOOK_PREROUTING &&
	       is_private(&p->ends[0].dst) && !is_private(&p->ends[0].src);
}

/* A traced answer came: remember by which device, and when. */
static void learn_answer(struct model *m, const struct packet *p)
{
	struct answers_seen *seen;
	const struct hop *in;
	sym_t by;

	if (!(p->flags & PACKET_BACK) || p->has_quoted || !was_traced(m, p))
		return;
	in = packet_device(p, false);
	by = in && (p->flags & PACKET_CAME_IN) ? in->iif : 0;
	seen = answers_seen(&m->hosts[p->scope], by);
	if (!seen)
		return;
	if (by && !seen->to_private)
		seen->to_private = came_to_private(m, p);
	if (!seen->first.have)
		seen->first = p->hops[0].stamp;
	seen->last = p->hops[p->n_hops - 1].stamp;
}

/* Where nothing tells which addresses are this host's, that a rule translates there may do. */
static bool may_be_own(const struct model *m, const struct addr *addr)
{
	const struct evidence *e = evidence_now(m);

	return e ? evidence_is_local(e, addr) == SWITCH_ON : paths_rules(m->paths) != NULL;
}

/* Nothing shows whether an answer that ended at PREROUTING is that to a flow that is known. */
__attribute__((cold, noinline)) static int ask_whose(struct model *m, struct packet *p)
{
	bool numbered = p->first.have & HEADER_SEQ;

	if (p->n_ends != 1 ||
	    paths_step_at(m->paths, p->hops[p->n_hops - 1].step)->hook != HOOK_PREROUTING ||
	    (numbered ? !(p->first.tcp_flags & TCP_ACK) : !may_be_own(m, &p->ends[0].dst)))
		return 0;
	return flows_unturned(m->flows, p, !numbered);
}

static void on_closed(void *who, struct packet *p)
{
	struct model *m = who;
	bool untold;

	if (p->path == UINT32_MAX) {
		remember(m, -ENOMEM);
		return;
	}
	untold = p->untold && !netns_told(m, p->path);
	if (untold && !p->elsewhere && netns_rules_deny(m, p))
		p->elsewhere = m->other_rules = true;
	if (p->elsewhere) {
		m->stats.elsewhere++;
		flows_withdrawn(m->flows, p);
		return;
	}
	m->untold |= untold;
	if ((p->flags & (PACKET_CAME_IN | PACKET_BACK)) == PACKET_CAME_IN &&
	    !p->hops[p->n_hops - 1].oif)
		remember(m, ask_whose(m, p));
	if (m->config.filter.class)
		p->class = m->config.filter.class(m->config.filter.who, m, p);
	m->own_errors |= p->has_quoted && !(p->flags & PACKET_CAME_IN);
	remember(m, flows_closed(m->flows, p));
	learn_answer(m, p);
	remember(m, kept_add(m, p));
}

static void on_soon(void *who, const struct packet *p, bool next)
{
	const struct model *m = who;

	flows_soon(m->flows, p, next);
}

static void on_coming(void *who, unsigned int scope, const struct header *h,
		      const struct endpoints *ends)
{
	struct model *m = who;

	flows_coming(m->flows, scope, h, ends);
}

static unsigned int on_states(void *who, const struct packet *p)
{
	return ct_states(who, p);
}

int model_scope(struct model *m, sym_t name)
{
	struct model_host *hosts;

	for (size_t i = m->n_hosts; i-- > 0;)
		if (m->hosts[i].name == name)
			return (int)i;
	if (m->n_hosts == SCOPES_MAX)
		return SCOPES_MAX - 1;
	hosts = array_grow(m->hosts, m->n_hosts, &m->cap_hosts, sizeof(*hosts));
	if (!hosts)
		return -ENOMEM;
	m->hosts = hosts;
	hosts[m->n_hosts] = (struct model_host){ .name = name };
	return (int)m->n_hosts++;
}

void see_stamp(struct model *m, const struct stamp *stamp)
{
	struct span *when = &m->stats.when;
	bool apart = m->n_hosts > 1 || ((stamp->have & STAMP_DELTA) && m->n_inputs > 1);

	if (apart || stamp->have != when->first.have || stamp->have != when->last.have) {
		span_add(when, stamp, stamp, apart);
		return;
	}
	if (stamp_age(&when->first, stamp) > 0) /* mostly, and it is asked at many lines */
		when->first = *stamp;
	if (stamp_age(stamp, &when->last) > 0)
		when->last = *stamp;
}

static int take_hop(struct model *m, const struct event *ev, const struct record *rec)
{
	sym_t host = sym_intern(m->syms, ev->host);
	int scope = model_scope(m, host), err;

	if (scope < 0)
		return scope;
	m->stats.events += ev->kind == EVENT_HOP;
	*(ev->hop == HOP_LOG ? &m->stats.log_events : &m->stats.trace_events) += 1;
	see_stamp(m, &ev->stamp);
	err = assembler_hop(m->assembler, (unsigned int)scope, host, ev);
	if (m->inexact)
		return err;
	if (disorder_is_late(input_of(m, rec->source), (unsigned int)scope, &ev->stamp) ||
	    m->behind)
		disorder_tell(m, rec->source, (unsigned int)scope, rec->line);
	return err;
}

static int take_gap(struct model *m, const struct event *ev, const struct record *rec)
{
	assembler_gap(m->assembler, ev->have & EVENT_GAP_OPENS, ev->have & EVENT_GAP_CLOSES);
	return gap_add(m, ev, rec);
}

static int take_note(struct model *m, const struct event *ev, const struct record *rec)
{
	if (ev->note == NOTE_CONNTRACK_FULL && !netns_is_other(m, ev->text))
		assembler_flag(m->assembler, PACKET_CT_FULL, &ev->stamp, NEAR_NS);
	return note_add(m, ev, rec);
}

static int take_once(struct model *m, const struct event *ev, const struct record *rec)
{
	switch (ev->kind) {
	case EVENT_HOP:
	case EVENT_START:
		return take_hop(m, ev, rec);
	case EVENT_GAP:
		return take_gap(m, ev, rec);
	case EVENT_NOTE:
		return take_note(m, ev, rec);
	default:
		m->stats.other_lines += rec->lines;
		return 0;
	}
}

/* The same event @times times; what is beyond reason counts as lost. */
static int take_times(struct model *m, const struct event *ev, const struct record *rec,
		      uint64_t times)
{
	int err = 0;

	m->inexact |= times > 1;
	for (uint64_t i = 0; i < times && i < REPEAT_MAX && !err; i++)
		err = take_once(m, ev, rec);
	m->inexact = false;
	if (times > REPEAT_MAX && ev->kind == EVENT_HOP)
		m->stats.lost += times - REPEAT_MAX;
	return err;
}

/* "last message repeated N times": the record before is decoded again. */
static int take_repeat(struct model *m, struct input *in, const struct event *repeat)
{
	struct event ev;
	struct complaint why;
	struct record rec = in->record;

	rec.data = (struct str){ in->line, in->line_n };
	m->scratch.used = 0;
	if (!in->line_n || decode_record(&rec, &m->scratch, &ev, &why) || ev.kind == EVENT_OTHER ||
	    ev.kind == EVENT_REPEAT || ev.kind == EVENT_GAP)
		return 0;
	timeline_resolve(&in->timeline, &ev.stamp);
	m->inexact = true;
	return take_times(m, &ev, &in->record, repeat->times);
}

/* A hole in the sequence numbers of /dev/kmsg: records are lost there. */
static int see_sequence(struct model *m, struct input *in, const struct event *ev,
			const struct record *rec)
{
	struct event gap = { .kind = EVENT_GAP, .gap = GAP_SEQUENCE, .have = EVENT_LOST };
	uint64_t expected = in->seq + 1;
	bool known = in->seq_known;

	if (!(ev->stamp.have & STAMP_SEQ))
		return 0;
	in->seq = ev->seq;
	in->seq_known = true;
	if (!known || ev->seq <= expected)
		return 0;
	gap.lost = ev->seq - expected;
	gap.stamp = ev->stamp;
	gap.text = STR("a hole in the record numbers of /dev/kmsg");
	return take_gap(m, &gap, rec);
}

struct input *input_of(struct model *m, unsigned int source)
{
	if (source >= m->n_inputs) {
		struct input **inputs = realloc(m->inputs, (source + 1) * sizeof(struct input *));

		if (!inputs)
			return NULL;
		for (size_t i = m->n_inputs; i <= source; i++)
			inputs[i] = NULL;
		m->inputs = inputs;
		m->n_inputs = source + 1;
	}
	if (!m->inputs[source])
		m->inputs[source] = calloc(1, sizeof(struct input));
	return m->inputs[source];
}

int model_set_source(struct model *m, unsigned int source, int64_t mtime_ns, int year)
{
	struct input *in = input_of(m, source);

	if (!in)
		return -ENOMEM;
	in->timeline = (struct timeline){ .mtime_ns = mtime_ns, .year = year };
	return 0;
}

void line_keep(struct input *in, const struct record *rec)
{
	in->line_n = 0;
	if (rec->data.n > sizeof(in->line))
		return;
	if (rec->data.n)
		memcpy(in->line, rec->data.p, rec->data.n);
	in->line_n = rec->data.n;
	in->record = *rec;
}

/* see_broken - its event is missing where @ev can be dated; @rec may be cut by the input's end */
static void see_broken(struct model *m, const struct record *rec, const struct event *ev)
{
	bool fine = (ev->stamp.have & STAMP_UP) || ev->stamp.wall_digits;

	if (rec->whole && ev->kind != EVENT_HOP)
		return; /* perhaps it was none of ours */
	if (rec->whole)
		assembler_broken(m->assembler, ev, fine ? END_NS : COARSE_NS);
	else
		assembler_cut(m->assembler);
}

static int take_broken(struct model *m, const struct record *rec, const struct complaint *why)
{
	struct stats *s = &m->stats;

	if (!s->malformed++) {
		s->bad_source = rec->source;
		s->bad_line = rec->line;
		s->bad_at = why->at;
		s->bad_expected = why->expected;
	}
	return -EINVAL;
}

void model_count(struct model *m)
{
	m->stats.packets = assembler_packets(m->assembler) - m->stats.elsewhere;
	m->stats.split_ids = assembler_split_ids(m->assembler);
	m->stats.ambiguous = assembler_ambiguous(m->assembler);
	m->stats.evicted_open = assembler_evicted(m->assembler);
	m->stats.flows = flows_count(m->flows);
	m->stats.evicted_flows = flows_evicted(m->flows);
}

/* What has no time of its own has that of its arrival. */
static void date(struct stamp *stamp, const struct record *rec)
{
	if (!rec->when_ns || (stamp->have & STAMP_WALL))
		return;
	stamp->wall_ns = rec->when_ns;
	stamp->wall_digits = 6;
	stamp->zone_min = rec->zone_min;
	stamp->have |= STAMP_WALL | STAMP_ZONE;
}

static void see_end(struct model *m, const struct record *rec, const struct stamp *now)
{
	assembler_flag(m->assembler, PACKET_CUT, now, END_NS);
	m->stats.unended += !rec->whole;
}

static int take_tick(struct model *m, const struct record *rec, const struct stamp *now)
{
	if (rec->whole)
		return model_tick(m, rec->when_ns ? now : NULL);
	assembler_rest(m->assembler);
	model_count(m);
	return m->err;
}

/* What a live source says of itself, not of packets. Return: was it that? */
static bool take_state(struct model *m, const struct record *rec, int *err)
{
	const struct complaint why = { 0,
				       "a rule set, or what else is no packet, that can be read" };
	struct stamp now = { .have = 0 };

	if (rec->kind < RECORD_RULES)
		return false;
	date(&now, rec);
	*err = 0;
	if (rec->kind == RECORD_RULES)
		*err = rules_take(m, rec, &now);
	else if (rec->kind == RECORD_EVIDENCE)
		*err = host_take(m, rec);
	else if (rec->kind == RECORD_LIMIT)
		*err = limit_take(m, rec);
	else if (rec->kind == RECORD_EMPTY)
		assembler_emptied(m->assembler, &now);
	else if (rec->kind == RECORD_TICK)
		*err = take_tick(m, rec, &now);
	else if (rec->kind == RECORD_END)
		see_end(m, rec, &now);
	if (*err == -EINVAL)
		take_broken(m, rec, &why);
	return true;
}

int model_feed(struct model *m, const struct record *rec)
{
	struct input *in = input_of(m, rec->source);
	struct complaint why = { 0, NULL };
	struct event ev;
	bool undated;
	int err;

	if (!in)
		return -ENOMEM;
	if (take_state(m, rec, &err))
		return err;
	m->stats.lines += rec->lines;
	m->scratch.used = 0;
	err = decode_record(rec, &m->scratch, &ev, &why);
	timeline_resolve(&in->timeline, &ev.stamp);
	undated = !(ev.stamp.have & (STAMP_WALL | STAMP_UP));
	date(&ev.stamp, rec);
	if (see_sequence(m, in, &ev, rec))
		return -ENOMEM;
	if (err) {
		in->line_n = 0;
		see_broken(m, rec, &ev);
		return take_broken(m, rec, &why);
	}
	if (!rec->whole && ev.kind == EVENT_OTHER)
		assembler_cut(m->assembler); /* cut so early that it could not be known as a hop */
	if (ev.kind == EVENT_REPEAT)
		return take_repeat(m, in, &ev);
	ev.have |= netns_bits(m, rec, &ev);
	/* only texts can be put in another order; NFLOG keeps none from group to group */
	m->inexact = rec->kind > RECORD_JSON || ev.hook || undated;
	err = take_times(m, &ev, rec, ev.times);
	line_keep(in, rec);
	model_count(m);
	return err ? err : m->err;
}

void model_count_bytes(struct model *m, uint64_t bytes)
{
	m->stats.bytes += bytes;
}

int model_tick(struct model *m, const struct stamp *now)
{
	if (now)
		assembler_tick(m->assembler, now);
	else
		assembler_end(m->assembler);
	model_count(m);
	return m->err;
}

void model_set_evidence(struct model *m, const struct evidence *before,
			const struct evidence *after)
{
	m->before = before;
	m->after = after;
}

int model_conclude(struct model *m)
{
	findings_free(m);
	remember(m, remote_build(m));
	remember(m, findings_draw(m));
	return m->err;
}

void model_end(struct model *m)
{
	assembler_end(m->assembler);
	model_conclude(m);
	model_hand_out(m, 0);
	model_count(m);
}

const struct stats *model_stats(const struct model *m)
{
	return &m->stats;
}

size_t model_hosts(const struct model *m, sym_t *hosts, size_t max)
{
	for (size_t i = 0; i < m->n_hosts && i < max; i++)
		hosts[i] = m->hosts[i].name;
	return m->n_hosts;
}

struct str model_host_told(const struct model *m, sym_t host)
{
	return m->n_hosts > 1 && host ? sym_text(m->syms, host) : (struct str){ NULL, 0 };
}

size_t model_flow_count(const struct model *m)
{
	return flows_slots(m->flows);
}

bool model_packet_shown(const struct model *m, const struct packet *p)
{
	const struct model_filter *filter = &m->config.filter;

	return !filter->packet || filter->packet(filter->who, m, p);
}

bool model_path_shown(const struct model *m, const struct flow *flow, const struct flow_path *fp)
{
	const struct model_filter *filter = &m->config.filter;

	return !filter->path || filter->path(filter->who, m, flow, fp);
}

const struct flow *model_flow_any(const struct model *m, size_t i)
{
	return flows_at(m->flows, i);
}

const struct flow *model_flow_at(const struct model *m, size_t i)
{
	const struct flow *flow = flows_at(m->flows, i);

	for (uint32_t k = 0; flow && k < flow->n_paths; k++)
		if (model_path_shown(m, flow, &flow->paths[k]))
			return flow;
	return NULL;
}

void model_count_shown(const struct model *m, uint64_t *packets, uint64_t *flows)
{
	*packets = *flows = 0;
	for (size_t i = 0; i < flows_slots(m->flows); i++) {
		const struct flow *flow = flows_at(m->flows, i);
		uint64_t before = *packets;

		for (uint32_t k = 0; flow && k < flow->n_paths; k++)
			if (model_path_shown(m, flow, &flow->paths[k]))
				*packets += flow->paths[k].packets;
		*flows += *packets > before;
	}
}

const struct flow *model_flow_by_no(const struct model *m, uint32_t no)
{
	return flows_by_no(m->flows, no);
}

const struct flow *model_flow_of(const struct model *m, const struct packet *p)
{
	return flows_by_no(m->flows, p->flow);
}

static int parts_create(struct model *m)
{
	const struct assembler_limits open = { m->config.woven, m->config.max_open,
					       m->config.idle_ns };
	const struct assembler_sink sink = {
		.opened = on_opened,
		.moved = on_moved,
		.translated = on_translated,
		.withdrawn = on_withdrawn,
		.closed = on_closed,
		.soon = on_soon,
		.coming = on_coming,
		.states = on_states,
		.who = m,
	};
	const struct flows_limits flows = { m->config.max_flows, m->config.max_samples };

	m->syms = syms_create();
	m->paths = m->syms ? paths_create(m->syms, m->config.rules, m->config.prefixes) : NULL;
	m->assembler = m->paths ? assembler_create(&open, &sink, m->syms, m->paths) : NULL;
	m->flows = flows_create(&flows);
	m->decided = calloc(DECIDED, sizeof(*m->decided));
	m->scratch = (struct scratch){ malloc(SCRATCH_SIZE), SCRATCH_SIZE, 0 };
	if (m->config.max_kept)
		m->kept = calloc(m->config.max_kept, sizeof(struct packet *));
	if (!m->assembler || !m->flows || !m->decided || !m->scratch.buf ||
	    (m->config.max_kept && !m->kept))
		return -ENOMEM;
	return 0;
}

struct model *model_create(const struct model_config *config, const struct model_sink *sink)
{
	struct model *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->config = *config;
	if (sink)
		m->sink = *sink;
	if (parts_create(m)) {
		model_destroy(m);
		return NULL;
	}
	return m;
}

void model_destroy(struct model *m)
{
	if (!m)
		return;
	findings_free(m);
	assembler_destroy(m->assembler);
	flows_destroy(m->flows);
	paths_destroy(m->paths);
	rules_free(m);
	host_free(m);
	syms_destroy(m->syms);
	for (size_t i = 0; i < m->n_inputs; i++)
		free(m->inputs[i]);
	kept_free(m);
	free(m->inputs);
	free(m->hosts);
	free(m->gaps);
	free(m->notes);
	remote_free(m);
	free(m->decided);
	free(m->scratch.buf);
	free(m);
}
