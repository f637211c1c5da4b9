// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * merge.c - the records of several sources in the order of time
 *
 * Theory of operation
 *
 * Of each source the next record waits in its lane, with the stamp that it or one before it
 * had; the smallest goes first. So kern.log.2.gz, kern.log.1 and kern.log are read one after
 * the other, in whatever order they were named, and two logs of the same hour are woven.
 * A waiting record lies in its source's own buffer, so nothing is copied. Texts are read in
 * blocks; then what waits is a step of a batch, and what is handed out is all steps from there
 * that go before whatever waits in the other lanes: of rotated logs, whole batches.
 *
 * Stamps can be compared only if they are of one kind: lanes are put into groups by the kind
 * of their first stamp, and a group is read to its end before the next. A lane whose first hop
 * has no stamp is a group of its own. Records before the first stamp or hop are handed out at
 * once: they say nothing, or something about what came before the log.
 *
 * Stamps are learned by decoding, which the model does a second time. It is left out where
 * nothing depends on it: when only one lane of the group is left; and where the answer is known:
 * most logs have stamps of whole seconds at the front of each line, and many lines a second.
 *
 * Equal stamps: a log may be rotated in the middle of a second, so the lane goes first in which the
 * second began earlier by the kernel's clock, of one boot; without one, that which was read last,
 * so that packets logged in the same second stay together; else the one that was named first.
 */
#include "merge.h"

#include <errno.h>
#include <stdlib.h>

#include "nfhop/decode.h"
#include "nfhop/trace.h"

/* What a lane's stamps can be compared with: others of the same kind. */
enum kind {
	KIND_UNKNOWN, /* nothing has shown it yet */
	KIND_NONE,
	KIND_UP,
	KIND_CLOCK, /* time of day only */
	KIND_WALL,
};

#define SECOND_NS UINT64_C(1000000000)

#define FRONT 15 /* bytes of "Nov  9 04:41:34", as traditional syslog writes it */

/**
 * struct lane - one source
 * @bulk: NULL: it is read by records
 * @batch, @at: a step of it waits, if @held
 * @rec: waits, if @held and there is no @bulk; its own stamp, or that of one before it, is @stamp
 * @began: the kernel's clock where @stamp was first seen, 0 if the line does not show it
 * @ended: there will be no more
 * @front: what lines begin with that have @stamp, if @fronted
 */
struct lane {
	struct source *source;
	struct bulk *bulk;
	const struct batch *batch;
	size_t at;
	uint64_t position;
	struct timeline timeline;
	struct record rec;
	bool held, ended;
	enum kind kind;
	int64_t stamp;
	uint64_t began;
	bool fronted;
	char front[FRONT];
};

/**
 * struct merge
 * @opening: lanes before this one know their kind
 * @at: the lane that was read last
 */
struct merge {
	struct lane *lanes;
	size_t n, opening, at;
	struct scratch scratch;
};

struct merge *merge_create(struct source *const *sources, size_t n, int year, bool blocks)
{
	bool ok = true;
	struct merge *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	m->n = n;
	m->lanes = calloc(n, sizeof(*m->lanes));
	m->scratch = (struct scratch){ malloc(SCRATCH_SIZE), SCRATCH_SIZE, 0 };
	if (!m->lanes || !m->scratch.buf) {
		merge_destroy(m);
		return NULL;
	}
	for (size_t i = 0; i < n && ok; i++) {
		struct lane *lane = &m->lanes[i];

		lane->source = sources[i];
		lane->timeline.mtime_ns = source_mtime_ns(sources[i]);
		lane->timeline.year = year;
		if (blocks)
			lane->bulk = bulk_create(sources[i], (unsigned int)i, (unsigned int)n,
						 bulk_cores());
		ok = lane->bulk || !blocks;
	}
	if (ok)
		return m;
	merge_destroy(m);
	return NULL;
}

void merge_destroy(struct merge *m)
{
	if (!m)
		return;
	for (size_t i = 0; m->lanes && i < m->n; i++)
		bulk_destroy(m->lanes[i].bulk);
	free(m->scratch.buf);
	free(m->lanes);
	free(m);
}

static enum kind kind_of(const struct stamp *stamp)
{
	if (stamp->have & STAMP_WALL)
		return stamp->have & STAMP_NO_DATE ? KIND_CLOCK : KIND_WALL;
	return stamp_from_boot(stamp) ? KIND_UP : KIND_UNKNOWN;
}

/* has_front - @stamp is all that the line's first bytes say, and nothing else in it matters */
static bool has_front(const struct record *rec, const struct stamp *stamp)
{
	const char *p = rec->data.p;

	return rec->kind == RECORD_LINE && rec->data.n > FRONT && stamp->have & STAMP_WALL &&
	       stamp->have & STAMP_NO_YEAR && !stamp->wall_digits && p[3] == ' ' && p[6] == ' ' &&
	       p[9] == ':' && p[12] == ':' && p[FRONT] == ' ';
}

/* learn_stamp - @stamp is that of the record that waits; @hop: it is one of ours */
static void learn_stamp(struct lane *lane, struct stamp stamp, bool hop)
{
	bool first = !lane->kind;
	enum kind kind;

	timeline_resolve(&lane->timeline, &stamp);
	kind = kind_of(&stamp);
	if (!lane->kind && kind)
		lane->kind = kind;
	else if (!lane->kind && hop)
		lane->kind = KIND_NONE;
	if (lane->kind == KIND_UP && stamp.have & STAMP_UP)
		lane->stamp = (int64_t)stamp.up_ns;
	else if (kind && kind == lane->kind && (first || lane->stamp != stamp.wall_ns)) {
		lane->stamp = stamp.wall_ns;
		lane->began = stamp.have & STAMP_UP ? stamp.up_ns : 0;
	}
}

/* learn_record - take the stamp of a record that waits in @lane, if it has one */
static void learn_record(struct merge *m, struct lane *lane, const struct record *rec)
{
	struct complaint why;
	struct event ev;
	int err;

	if (lane->fronted && str_starts(rec->data, (struct str){ lane->front, FRONT }))
		return;
	if (rec->when_ns) { /* a recording says of all that it has when it came */
		learn_stamp(lane, (struct stamp){ .wall_ns = rec->when_ns, .have = STAMP_WALL },
			    false);
		return;
	}
	m->scratch.used = 0;
	err = decode_record(rec, &m->scratch, &ev, &why);
	learn_stamp(lane, ev.stamp, !err && (ev.kind == EVENT_HOP || ev.kind == EVENT_START));
	if (ev.stamp.have)
		lane->fronted = lane->kind == KIND_WALL && has_front(rec, &ev.stamp);
	if (ev.stamp.have && lane->fronted)
		memcpy(lane->front, rec->data.p, FRONT);
}

/* learn - take the stamp of what waits in @lane, if it has one */
static void learn(struct merge *m, struct lane *lane)
{
	const struct line *line;

	if (!lane->bulk) {
		learn_record(m, lane, &lane->rec);
		return;
	}
	line = &lane->batch->lines[lane->at];
	if (line->kind == LINE_RECORD) {
		learn_record(m, lane, &lane->batch->records[line->number]);
	} else if (line->kind == LINE_HOP) {
		lane->fronted = false;
		learn_stamp(lane, line->stamp, true);
	}
}

static bool same_group(const struct lane *a, const struct lane *b)
{
	return a == b || (a->kind == b->kind && a->kind != KIND_NONE);
}

/* is_alone - nothing else is left that a record of @lane could have to wait for */
static bool is_alone(const struct merge *m, const struct lane *lane)
{
	for (size_t i = 0; i < m->n; i++)
		if (&m->lanes[i] != lane && !m->lanes[i].ended && same_group(&m->lanes[i], lane))
			return false;
	return true;
}

/* next_step - the next step of a batch waits; Return: as advance(), -ENOTSUP: there are none */
static int next_step(struct lane *lane)
{
	int ret;

	if (lane->batch && lane->at < lane->batch->n)
		return 1;
	do {
		lane->at = 0;
		ret = bulk_next(lane->bulk, &lane->batch, &lane->position);
	} while (ret > 0 && !lane->batch->n);
	if (ret <= 0)
		lane->batch = NULL;
	return ret;
}

static int next_record(struct lane *lane)
{
	int ret = lane->bulk ? next_step(lane) : -ENOTSUP;

	if (ret != -ENOTSUP)
		return ret;
	bulk_destroy(lane->bulk);
	lane->bulk = NULL;
	ret = source_next(lane->source, &lane->rec);
	lane->position = source_position(lane->source);
	return ret;
}

/* advance - Return: 1 if a record waits in @lane now, 0 at its end, -errno */
static int advance(struct merge *m, struct lane *lane)
{
	int ret;

	if (lane->held)
		return 1;
	if (lane->ended)
		return 0;
	ret = next_record(lane);
	lane->held = ret > 0;
	lane->ended = ret <= 0;
	if (lane->held && m->n > 1 && (!lane->kind || !is_alone(m, lane)))
		learn(m, lane);
	return ret;
}

/* same_boot - may the kernel's clocks of two lines of one second be compared? */
static bool same_boot(uint64_t a, uint64_t b)
{
	return a && b && (a > b ? a - b : b - a) <= SECOND_NS;
}

/* order - Return: less than, equal to, greater than 0, as what waits in @a goes before that in @b
 */
static int order(const struct lane *a, const struct lane *b)
{
	int c = (a->stamp > b->stamp) - (a->stamp < b->stamp);

	if (c || !same_boot(a->began, b->began))
		return c;
	return (a->began > b->began) - (a->began < b->began);
}

/* least_of_others - that of which the next record of the group is, besides @lane; NULL: none waits
 */
static const struct lane *least_of_others(const struct merge *m, const struct lane *lane)
{
	const struct lane *least = NULL;

	for (size_t i = 0; i < m->n; i++) {
		const struct lane *other = &m->lanes[i];

		if (other != lane && other->held && same_group(other, lane) &&
		    (!least || order(other, least) < 0))
			least = other;
	}
	return least;
}

/* run_on - how far does @lane go on before it is another's turn? What is next then waits. */
static size_t run_on(struct merge *m, struct lane *lane)
{
	bool alone = m->n == 1 || (lane->kind && is_alone(m, lane));
	const struct lane *least = alone ? NULL : least_of_others(m, lane);

	if (alone)
		lane->at = lane->batch->n;
	else
		lane->at++;
	while (lane->kind && lane->at < lane->batch->n) {
		learn(m, lane);
		if (least && order(lane, least) > 0) {
			lane->held = true;
			break;
		}
		lane->at++;
	}
	return lane->at;
}

static int hand_out(struct merge *m, size_t i, struct food *food)
{
	struct lane *lane = &m->lanes[i];

	m->at = i;
	lane->held = false;
	*food = (struct food){ .batch = lane->bulk ? lane->batch : NULL,
			       .from = lane->at,
			       .rec = lane->rec,
			       .source = i,
			       .position = lane->position };
	if (food->batch)
		food->to = run_on(m, lane);
	return 1;
}

/* open_lanes - read on in each lane until its kind is known. Return: as merge_next() */
static int open_lanes(struct merge *m, struct food *food, size_t *failed)
{
	for (; m->opening < m->n; m->opening++) {
		struct lane *lane = &m->lanes[m->opening];
		int ret = advance(m, lane);

		*failed = m->opening;
		if (ret > 0 && !lane->kind)
			return hand_out(m, m->opening, food);
		if (ret < 0)
			return ret;
	}
	return 0;
}

static bool goes_first(const struct merge *m, size_t a, size_t b)
{
	int c = order(&m->lanes[a], &m->lanes[b]);

	return c < 0 || (!c && a == m->at);
}

/* choose - Return: the lane whose record is next, or n if none is left */
static size_t choose(const struct merge *m)
{
	size_t best = m->n;

	for (size_t i = 0; i < m->n; i++) {
		if (!m->lanes[i].held)
			continue;
		if (best == m->n ||
		    (same_group(&m->lanes[i], &m->lanes[best]) && goes_first(m, i, best)))
			best = i;
	}
	return best;
}

int merge_next(struct merge *m, struct food *food, size_t *failed)
{
	size_t next;
	int ret = m->n > 1 ? open_lanes(m, food, failed) : 0;

	if (ret)
		return ret;
	*failed = m->at;
	ret = advance(m, &m->lanes[m->at]);
	if (ret < 0)
		return ret;
	next = choose(m);
	return next < m->n ? hand_out(m, next, food) : 0;
}
