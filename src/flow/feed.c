/* SPDX-License-Identifier: GPL-2.0-or-later */
/* feed.c - a batch of decoded lines into the model, as if its records had come one by one */
#include "model.h"

#include <errno.h>

/**
 * struct feed - a batch on its way
 * @before: the line before this one, if it may be repeated and is not kept yet
 * @ridden: the last line, if it was passed over
 * @stamp: of the last line that was taken, resolved
 * @orderly: all lines are of one host, and none is earlier than one before it
 * @timed: so nothing since the last record is, because its first line was not
 * @scope, @host: number and name of the host of front @front
 */
struct feed {
	struct model *m;
	struct input *in;
	unsigned int source;
	const struct batch *batch;
	const struct line *before, *ridden;
	struct stamp stamp;
	uint64_t line;
	uint32_t front;
	int scope;
	bool orderly, timed;
	sym_t host;
};

static bool see_host(struct feed *f, const struct line *line)
{
	if (f->front == line->front)
		return true;
	f->host = sym_intern(f->m->syms, f->batch->hosts[line->front]);
	f->scope = model_scope(f->m, f->host);
	f->front = line->front;
	return f->scope >= 0;
}

/*
 * rides - is all that line @i says known already? If clocks run back, or those of several hosts
 * are told, the line closes packets that the one behind it does not.
 */
static inline bool rides(struct feed *f, const struct line *line, size_t i)
{
	if (line->kind != LINE_HOP || !f->orderly || !assembler_rides(f->m->assembler, i))
		return false;
	f->m->stats.lines++;
	f->m->stats.events++;
	f->m->stats.trace_events++;
	f->ridden = line;
	f->line++;
	return true;
}

/* get_off - before something comes that is no line in a known form */
static void get_off(struct feed *f, size_t i)
{
	struct assembler *a = f->m->assembler;

	if (f->ridden) {
		f->stamp = f->ridden->stamp;
		timeline_resolve(&f->in->timeline, &f->stamp);
		assembler_pass(a, (unsigned int)f->scope, &f->stamp);
		f->ridden = NULL;
	}
	if (f->timed) {
		disorder_is_late(f->in, (unsigned int)f->scope, &f->stamp);
		see_stamp(f->m, &f->stamp);
	}
	f->timed = false;
	assembler_settle(a, i);
}

static void see_time(struct feed *f, size_t i)
{
	struct model *m = f->m;

	see_stamp(m, &f->stamp);
	f->timed = f->orderly;
	if (!disorder_is_late(f->in, (unsigned int)f->scope, &f->stamp) && !m->behind)
		return;
	f->orderly = f->timed = false;
	assembler_settle(m->assembler, i + 1);
	disorder_tell(m, f->source, (unsigned int)f->scope, f->in->lines + f->line);
}

static int take_hop(struct feed *f, const struct line *line, size_t i)
{
	struct model *m = f->m;
	int err;

	if (!see_host(f, line))
		return f->scope;
	f->ridden = NULL;
	f->stamp = line->stamp;
	timeline_resolve(&f->in->timeline, &f->stamp);
	m->stats.lines++;
	m->stats.events++;
	*(line->form->ev.hop == HOP_LOG ? &m->stats.log_events : &m->stats.trace_events) += 1;
	f->line++;
	err = assembler_line(m->assembler, (unsigned int)f->scope, f->host, f->batch, i, &f->stamp);
	if (!f->timed || m->behind)
		see_time(f, i);
	return err;
}

static int take_other(struct feed *f, const struct line *line, size_t i)
{
	(void)i;
	f->m->stats.lines += line->number;
	f->m->stats.other_lines += line->number;
	f->line += line->number;
	return 0;
}

/* text_of - of some foreign lines that of the last one */
static struct str text_of(const struct batch *batch, const struct line *line)
{
	const char *text = batch->text.p, *end;
	size_t at = line->at;

	if (line->kind != LINE_OTHER)
		return str_first(str_skip(batch->text, at), line->n);
	end = memrchr(text, '\n', at);
	return end ? (struct str){ end + 1, (size_t)(text + at - (end + 1)) }
		   : str_first(batch->text, at);
}

/* keep_before - what follows may say that the line before it came again */
static void keep_before(struct feed *f)
{
	const struct line *line = f->before;
	struct record rec = {
		.kind = RECORD_LINE,
		.whole = true,
		.source = f->source,
		.line = f->in->lines + f->line,
		.lines = 1,
	};

	f->before = NULL;
	if (!line)
		return;
	rec.data = text_of(f->batch, line);
	line_keep(f->in, &rec);
}

static int take_record(struct feed *f, const struct line *line, size_t i)
{
	struct record rec = f->batch->records[line->number];

	get_off(f, i);
	keep_before(f);
	if (line->stamp.have & STAMP_SEQ)
		f->in->seq = line->stamp.up_ns;
	rec.source = f->source;
	rec.line += f->in->lines;
	rec.offset += f->in->bytes;
	f->line += rec.lines;
	return model_feed(f->m, &rec);
}

int model_feed_batch(struct model *m, unsigned int source, const struct batch *batch, size_t from,
		     size_t to, bool strict)
{
	static int (*const take[])(struct feed * f, const struct line *line, size_t i) = {
		[LINE_HOP] = take_hop,
		[LINE_OTHER] = take_other,
		[LINE_RECORD] = take_record,
	};
	struct feed f = {
		m,     input_of(m, source), source,
		batch, .front = UINT32_MAX, .orderly = batch->sorted && batch->n_hosts <= 1
	};
	int err = 0;
	size_t i;

	if (!f.in || assembler_batch(m->assembler, batch))
		return -ENOMEM;
	f.line = from ? f.in->fed : 0;
	for (i = from; i < to; i++) {
		const struct line *line = &batch->lines[i];

		err = rides(&f, line, i) ? 0 : take[line->kind](&f, line, i);
		f.before = line->kind == LINE_RECORD ? NULL : line;
		if (err && (err != -EINVAL || strict))
			break;
		err = 0;
	}
	get_off(&f, i);
	keep_before(&f);
	f.in->fed = f.line;
	if (to == batch->n) {
		f.in->lines += batch->n_lines;
		f.in->bytes += batch->used;
		if (batch->has_seq)
			f.in->seq = batch->seq;
	}
	model_count(m);
	return err ? err : m->err;
}
