// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * view_do.c - what the view's keys do: arm the trace, save an expectation or a flow's records
 *
 * Files are read again; of live sources the newest records are kept. What speaks of the flow is
 * copied as it is into a recording, so that it reads as the original did. Losses are copied too;
 * a conclusion must not become surer by being saved.
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "nfhop/decode.h"
#include "nfhop/recording.h"

#include "view.h"

#define IDS 4096 /* trace ids of nft that are remembered, by their lower bits */

/**
 * struct picking - one flow's records are being copied
 * @ids: of nft, whose later lines have no addresses: does the packet belong to the flow?
 */
struct picking {
	const struct flow *flow;
	FILE *out;
	struct scratch scratch;
	uint64_t copied;
	int error;
	struct {
		uint32_t id;
		bool ours;
	} ids[IDS];
};

static bool is_end(const struct addr *addr, uint16_t port, bool ports, const struct addr *end,
		   uint16_t end_port)
{
	return !memcmp(addr, end, sizeof(*addr)) && (!ports || port == end_port);
}

/* Before or after NAT of either side, in this direction. */
static bool runs(const struct header *h, const struct tuple *a, const struct tuple *b, bool back)
{
	const struct addr *src = back ? &h->dst : &h->src, *dst = back ? &h->src : &h->dst;
	uint16_t sport = back ? h->dport : h->sport, dport = back ? h->sport : h->dport;
	bool ports = a->ports && (h->have & HEADER_PORTS);

	return (is_end(src, sport, ports, &a->ends.src, a->ends.sport) ||
		is_end(src, sport, ports, &b->ends.src, b->ends.sport)) &&
	       (is_end(dst, dport, ports, &a->ends.dst, a->ends.dport) ||
		is_end(dst, dport, ports, &b->ends.dst, b->ends.dport));
}

static bool is_header_of(const struct header *h, const struct flow *flow)
{
	if (!(h->have & HEADER_ADDR) || ((h->have & HEADER_PROTO) && h->proto != flow->there.proto))
		return false;
	return runs(h, &flow->there, &flow->left, false) ||
	       runs(h, &flow->there, &flow->left, true);
}

static bool is_event_of(struct picking *p, const struct event *ev)
{
	size_t slot = ev->trace_id % IDS;
	bool ours = is_header_of(&ev->pkt, p->flow) ||
		    ((ev->have & EVENT_QUOTED) && is_header_of(&ev->quoted, p->flow));

	if (!(ev->have & EVENT_TRACE_ID))
		return ours;
	if (ev->pkt.have & HEADER_ADDR) {
		p->ids[slot].id = ev->trace_id;
		p->ids[slot].ours = ours;
	}
	return p->ids[slot].id == ev->trace_id && p->ids[slot].ours;
}

static bool is_wanted(struct picking *p, const struct record *rec)
{
	struct complaint why;
	struct event ev;

	p->scratch.used = 0;
	if (decode_record(rec, &p->scratch, &ev, &why) < 0)
		return false;
	if (ev.kind == EVENT_GAP)
		return true;
	return (ev.kind == EVENT_HOP || ev.kind == EVENT_START) && is_event_of(p, &ev);
}

/* Rules, evidence, losses and the passing of time belong to every flow. */
static bool is_of_all(enum record_kind kind)
{
	return kind == RECORD_LOSS || kind == RECORD_RULES || kind == RECORD_EVIDENCE ||
	       kind == RECORD_TICK || kind == RECORD_END;
}

static void copy(struct picking *p, const struct record *rec)
{
	if (!is_of_all(rec->kind) && !is_wanted(p, rec))
		return;
	if (!p->error)
		p->error = recording_put(p->out, rec);
	p->copied += !is_of_all(rec->kind);
}

static int pick_from(struct picking *p, const char *name, unsigned int number)
{
	struct source *source;
	struct record rec;
	int ret = source_open(name, number, NULL, &source);

	while (!ret && (ret = source_next(source, &rec)) > 0) {
		copy(p, &rec);
		ret = 0;
	}
	source_close(source);
	return ret;
}

static int pick_recent(struct picking *p, const struct recent *recent)
{
	struct record rec, end = { .kind = RECORD_END, .whole = true };
	struct timespec now;

	for (size_t i = 0; recent_at(recent, i, &rec); i++)
		copy(p, &rec);
	clock_gettime(CLOCK_REALTIME, &now);
	end.when_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	copy(p, &end);
	return 0;
}

static int pick(struct picking *p, struct intake *in)
{
	int ret = recording_begin(p->out, in->names, in->n_names);

	if (!ret && in->recent)
		return pick_recent(p, in->recent);
	for (size_t i = 0; !ret && i < in->settings->n_sources; i++)
		ret = pick_from(p, in->settings->sources[i], (unsigned int)i);
	return ret;
}

static struct picking *picking_open(const char *file, const struct flow *flow, int *err)
{
	struct picking *p = calloc(1, sizeof(*p));

	*err = p ? 0 : -ENOMEM;
	if (!p)
		return NULL;
	p->flow = flow;
	p->scratch = (struct scratch){ malloc(SCRATCH_SIZE), SCRATCH_SIZE, 0 };
	p->out = p->scratch.buf ? fopen(file, "wxe") : NULL;
	if (!p->out)
		*err = p->scratch.buf ? -errno : -ENOMEM;
	return p;
}

static int save_records(struct intake *in, const char *file, const struct flow *flow, char *err,
			size_t n)
{
	int ret;
	struct picking *p = picking_open(file, flow, &ret);

	if (!ret)
		ret = pick(p, in);
	if (p && p->out && fclose(p->out) != 0 && !ret)
		ret = -EIO;
	if (!ret)
		ret = p->error;
	if (ret < 0)
		snprintf(err, n, "Cannot save to %s: %s", file, strerror(-ret));
	else
		snprintf(err, n, "%llu record%s%s", (unsigned long long)p->copied,
			 p->copied == 1 ? "" : "s",
			 in->recent && recent_gone(in->recent) ? ", older ones are gone" : "");
	if (p)
		free(p->scratch.buf);
	free(p);
	return ret;
}

static int save_line(const char *file, const char *text, char *err, size_t n)
{
	FILE *out = fopen(file, "ae");
	int ret = out ? 0 : -errno;

	if (out && (fprintf(out, "%s\n", text) < 0 || fflush(out) != 0))
		ret = -EIO;
	if (out)
		fclose(out);
	if (ret < 0)
		snprintf(err, n, "Cannot save to %s: %s", file, strerror(-ret));
	return ret;
}

static int save(void *who, enum tui_save what, const char *file, const struct flow *flow,
		const char *text, char *err, size_t n)
{
	const struct view_deeds *deeds = who;
	struct intake *in = deeds->in;

	if (intake_reads(in->settings, file)) {
		snprintf(err, n, "%s is being read: saving there would destroy it", file);
		return -EINVAL;
	}
	if (what == TUI_SAVE_EXPECTATION)
		return save_line(file, text, err, n);
	for (size_t i = 0; !in->recent && i < in->settings->n_sources; i++)
		if (!strcmp(in->settings->sources[i], "-")) {
			snprintf(err, n,
				 "Standard input cannot be read again: save it to a file "
				 "first");
			return -ENOTSUP;
		}
	return save_records(in, file, flow, err, n);
}

static int stop_tracing(struct view_deeds *deeds)
{
	arm_close(deeds->in->arm);
	deeds->in->arm = NULL;
	deeds->trace[0] = '\0';
	return 0;
}

static int arm(void *who, const char *filter, char *err, size_t n)
{
	struct view_deeds *deeds = who;
	struct arm_error why = { .text = "" };
	struct query_error wrong;
	struct query *query;
	int ret;

	if (!*filter)
		return stop_tracing(deeds);
	ret = query_parse(str_from(filter), &query, &wrong);
	if (ret == -EINVAL)
		query_error_text(&wrong, str_from(filter), err, n);
	else if (ret < 0)
		snprintf(err, n, "%s", strerror(-ret));
	if (ret < 0)
		return ret;
	ret = intake_trace(deeds->in, query, &why);
	if (ret < 0)
		snprintf(err, n, "Cannot trace: %s", why.text);
	else
		snprintf(deeds->trace, sizeof(deeds->trace), "%s", filter);
	query_destroy(query);
	return ret;
}

struct tui_host view_host(struct view_deeds *deeds)
{
	/* what comes through a pipe may be of another host */
	return (struct tui_host){
		.who = deeds,
		.arm = deeds->in->live && !deeds->in->piped ? arm : NULL,
		.save = save,
	};
}
