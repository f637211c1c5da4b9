// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * quick_kmsg.c - the framing of /dev/kmsg, "6,1234,567890,-;", whose records are numbered
 *
 * Theory of operation
 *
 * A hole in the numbers is a loss, which decode_record() tells of each record and the model looks
 * for. Lines in a known form do not carry their numbers. So one is taken only if its number
 * follows that of the line before, be that in a known form or a record: then there is no hole. All
 * that is to be known of the numbers is the last one of such lines, wherever a record or the
 * batch's end follows them (struct batch): a record is held against that.
 *
 * A line is asked about several times until it is taken, as the line that it was the last time.
 */
#include "envelope.h"
#include "quick.h"
#include "scan.h"

#define NUMBER_MAX 18 /* digits; envelope_kmsg() reads one more */
#define USEC_MAX   15

/* struct kmsg - @text: where the words begin */
struct kmsg {
	uint64_t seq, usec;
	size_t text;
};

/* count_at - "1234," at *@at, which is moved behind it */
static inline bool count_at(struct str line, size_t *at, size_t max, uint64_t *value)
{
	size_t i = *at, end = line.n - i < max ? line.n : i + max;
	uint64_t v = 0;

	for (; i < end && is_digit(line.p[i]); i++)
		v = v * 10 + (uint64_t)(line.p[i] - '0');
	if (i == *at || i == line.n || line.p[i] != ',')
		return false;
	*value = v;
	*at = i + 1;
	return true;
}

/* kmsg_at - a line of the kernel's (facility 0), with nothing among its flags that says more */
static inline bool kmsg_at(struct str line, struct kmsg *k)
{
	size_t at = 2;

	if (line.n < 8 || (unsigned char)(line.p[0] - '0') > 7 || line.p[1] != ',' ||
	    !count_at(line, &at, NUMBER_MAX, &k->seq) || !count_at(line, &at, USEC_MAX, &k->usec))
		return false;
	while (at < line.n && at < FRONT_MAX &&
	       (is_alnum(line.p[at]) || line.p[at] == '-' || line.p[at] == ',' ||
		line.p[at] == '='))
		at++;
	k->text = at + 1;
	return at + 1 < line.n && line.p[at] == ';';
}

/*
 * follows - is it certain that no record was numbered between the line before and this one? There
 * may be several such fronts, so what came last is asked of the batch.
 */
static bool follows(const struct front *f, uint64_t seq)
{
	const struct batch *b = f->batch;

	if (b->has_seq)
		return seq == b->seq + 1;
	return b->n_records && b->records[b->n_records - 1].data.p == f->last && seq == f->seq + 1;
}

/* see - @line, which has number @seq, is the line that is asked about now */
static void see(struct front *f, const char *line, uint64_t seq, bool fits)
{
	f->fits = fits;
	f->last = line;
	f->seq = seq;
}

size_t kmsg_match(struct front *f, struct str line, struct stamp *stamp)
{
	struct kmsg k;

	if (!kmsg_at(line, &k))
		return 0;
	if (line.p != f->last)
		see(f, line.p, k.seq, follows(f, k.seq));
	if (!f->fits)
		return 0;
	f->batch->seq = k.seq;
	f->batch->has_seq = true;
	*stamp = f->stamp;
	stamp->up_ns = k.usec * 1000;
	return k.text;
}

bool kmsg_learn(struct front *f, struct str line, struct batch *batch)
{
	struct scratch none = { .buf = NULL };
	struct envelope env;
	struct kmsg k;

	if (!kmsg_at(line, &k))
		return false;
	envelope_open(line, &none, &env);
	if (env.text.p != line.p + k.text || env.seq != k.seq || env.host.n || !env.kernel ||
	    env.user || env.stamp.up_ns != k.usec * 1000 ||
	    env.stamp.have != (STAMP_UP | STAMP_SEQ) || !batch_host(batch, env.host, &f->host))
		return false;
	f->kmsg = f->closed = true;
	f->batch = batch;
	f->stamp = env.stamp;
	see(f, line.p, k.seq, false);
	return true;
}
