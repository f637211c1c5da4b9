// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * flow_rows.c - the list of flows: judged bit by bit, filtered, sorted
 *
 * Theory of Operation
 *
 * The view must answer a key at once, however many flows there are and however fast packets
 * come. So each tick looks at a bounded number of the model's slots, in rounds. A slot whose
 * flow has had no packet since it was judged costs one comparison. The others are judged: what
 * became of it, does the filter hold. Because what is seen later elsewhere can change a
 * conclusion, some more are judged again in turn.
 *
 * After a round in which something changed the shown ones are sorted. Sorting is the only work
 * that grows with the number of flows; a round follows only after a while, so it is rare.
 */
#include "rows.h"

#include <stdlib.h>

#include "nfhop/addr.h"

#include "told.h"
#include "wheres.h"

#define LOOKS_PER_TICK	50000
#define JUDGED_PER_TICK 2000
#define AGAIN_PER_TICK	200

void flow_rows_finish(struct flow_rows *rows)
{
	free(rows->rows);
	free(rows->order);
	wheres_destroy(rows->wheres);
	*rows = (struct flow_rows){ 0 };
}

void flow_rows_again(struct flow_rows *rows)
{
	for (size_t i = 0; i < rows->n; i++)
		rows->rows[i].packets = 0;
	rows->at = 0;
	rows->begun = false;
	rows->changed = true;
}

const struct flow *flow_rows_flow(const struct flow_rows *rows, const struct model *model, size_t i)
{
	const struct flow *flow = i < rows->n_order ? model_flow_at(model, rows->order[i].slot)
						    : NULL;

	/* another flow may have taken the slot since it was looked at */
	return flow && flow->no == rows->order[i].no ? flow : NULL;
}

size_t flow_rows_find(const struct flow_rows *rows, uint32_t no)
{
	size_t i = 0;

	while (i < rows->n_order && rows->order[i].no != no)
		i++;
	return i;
}

static uint64_t packets_of(const struct flow *flow)
{
	return flow->packets[0] + flow->packets[1];
}

static uint64_t eight_bytes(const uint8_t *b)
{
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | b[i];
	return v;
}

/* IPv4 by address and port, then IPv6 by address. */
static void key_of_end(struct flow_order *item, const struct addr *addr, uint16_t port)
{
	uint64_t low = eight_bytes(addr->b + 8);

	item->key[0] = addr_is_ip4(addr) ? low & UINT32_MAX : eight_bytes(addr->b);
	item->key[1] = addr_is_ip4(addr) ? port : low;
}

static uint64_t moment(const struct stamp *stamp)
{
	return stamp->have & STAMP_WALL ? (uint64_t)stamp->wall_ns : stamp->up_ns;
}

/* Of its newest packet, or of the newest that fits, if it is told of that. */
static const struct stamp *last_of(const struct flow_row *row, const struct flow *flow)
{
	return row->fit && row->fit <= flow->n_paths ? &flow->paths[row->fit - 1].last
						     : &flow->last;
}

/* Sorting looks at small keys only: flows themselves are far apart in memory. */
static void key_of(const struct flow_rows *rows, const struct flow_row *row,
		   const struct flow *flow, struct flow_order *item)
{
	switch (rows->sort) {
	case SORT_TROUBLE:
		item->key[0] = row->rank;
		item->key[1] = ~packets_of(flow);
		break;
	case SORT_AGE:
		item->key[0] = ~moment(last_of(row, flow));
		break;
	case SORT_CLIENT:
		key_of_end(item, &flow->there.ends.src, flow->there.ends.sport);
		break;
	case SORT_SERVER:
		key_of_end(item, &flow->there.ends.dst, flow->there.ends.dport);
		break;
	case SORT_THERE:
		item->key[0] = ~flow->packets[0];
		break;
	case SORT_BACK:
		item->key[0] = ~flow->packets[1];
		break;
	case SORT_WHERE:
		item->key[0] = wheres_rank(rows->wheres, row->where);
		break;
	case SORT_NUMBER:
	case SORT_MAX:
		break;
	}
}

static int compare_numbers(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int compare_items(const void *p, const void *q)
{
	const struct flow_order *a = p, *b = q;
	int c = compare_numbers(a->key[0], b->key[0]);

	c = c ? c : compare_numbers(a->key[1], b->key[1]);
	return c ? c : compare_numbers(a->no, b->no);
}

static int compare_turned(const void *p, const void *q)
{
	return compare_items(q, p);
}

static void put_in_order(struct flow_rows *rows, const struct model *model)
{
	rows->n_order = 0;
	rows->changed = false;
	if (rows->sort == SORT_WHERE)
		wheres_sort(rows->wheres);
	for (size_t i = 0; i < rows->n; i++) {
		const struct flow_row *row = &rows->rows[i];
		const struct flow *flow = row->no && row->shown ? model_flow_at(model, i) : NULL;
		struct flow_order *item = &rows->order[rows->n_order];

		if (!flow)
			continue;
		*item = (struct flow_order){ .slot = (uint32_t)i, .no = row->no };
		key_of(rows, row, flow, item);
		rows->n_order++;
	}
	if (rows->n_order)
		qsort(rows->order, rows->n_order, sizeof(*rows->order),
		      rows->turned ? compare_turned : compare_items);
}

void flow_rows_sort(struct flow_rows *rows, const struct model *model, enum flow_sort sort,
		    bool turned)
{
	rows->sort = sort;
	rows->turned = turned;
	put_in_order(rows, model);
}

/* Room for as many slots as the model has; without memory the newest are not shown. */
static void grow(struct flow_rows *rows, const struct model *model)
{
	size_t n = model_flow_count(model), cap = rows->cap ? rows->cap : 64;
	struct flow_row *grown;
	struct flow_order *order;

	while (cap < n)
		cap *= 2;
	if (cap != rows->cap) {
		grown = realloc(rows->rows, cap * sizeof(*grown));
		if (!grown)
			return;
		rows->rows = grown;
		order = realloc(rows->order, cap * sizeof(*order));
		if (!order)
			return;
		rows->order = order;
		rows->cap = cap;
	}
	for (; rows->n < n; rows->n++)
		rows->rows[rows->n] = (struct flow_row){ 0 };
}

static void judge(struct flow_rows *rows, const struct model *model, const struct query *filter,
		  const struct flow *flow, struct flow_row *row)
{
	struct flow_row now = { .no = flow->no, .packets = packets_of(flow) };
	struct told told;

	now.shown = told_of(model, filter, flow, &told);
	now.fit = told.fit ? (uint32_t)(told.fit - flow->paths) + 1 : 0;
	now.glyph = (uint8_t)flow_glyph(&told.view);
	now.rank = flow_trouble(&told.view);
	now.where = wheres_add(&rows->wheres, model, &told);
	if (now.no != row->no || now.glyph != row->glyph || now.rank != row->rank ||
	    now.where != row->where || now.fit != row->fit || now.shown != row->shown ||
	    now.packets != row->packets)
		rows->changed = true;
	*row = now;
}

/* Return: was it work? */
static bool look(struct flow_rows *rows, const struct model *model, const struct query *filter,
		 size_t i)
{
	const struct flow *flow = model_flow_at(model, i);
	struct flow_row *row = &rows->rows[i];

	if (flow && (flow->no != row->no || packets_of(flow) != row->packets)) {
		judge(rows, model, filter, flow, row);
		return true;
	}
	if (!flow && row->no) {
		*row = (struct flow_row){ 0 };
		rows->changed = true;
	}
	return false;
}

static void judge_again(struct flow_rows *rows, const struct model *model,
			const struct query *filter)
{
	for (size_t i = 0; i < AGAIN_PER_TICK && i < rows->n; i++) {
		size_t at = rows->stale++ % rows->n;
		const struct flow *flow = model_flow_at(model, at);

		if (flow)
			judge(rows, model, filter, flow, &rows->rows[at]);
	}
}

static void begin_round(struct flow_rows *rows, const struct model *model)
{
	const struct stats *stats = model_stats(model);

	rows->begun = true;
	rows->at = 0;
	rows->events = stats->events;
	rows->packets = stats->packets;
	rows->flows = stats->flows;
	grow(rows, model);
}

bool flow_rows_tick(struct flow_rows *rows, const struct model *model, const struct query *filter,
		    bool ended)
{
	const struct stats *stats = model_stats(model);
	size_t judged = 0, looked = 0;

	if (ended && !rows->ended) {
		flow_rows_again(rows);
		rows->ended = true;
	}
	if (!rows->begun || (rows->at >= rows->n &&
			     (rows->events != stats->events || rows->packets != stats->packets ||
			      rows->flows != stats->flows)))
		begin_round(rows, model);
	while (rows->at < rows->n && looked++ < LOOKS_PER_TICK && judged < JUDGED_PER_TICK)
		judged += look(rows, model, filter, rows->at++);
	if (!ended)
		judge_again(rows, model, filter);
	if (rows->at >= rows->n && rows->changed)
		put_in_order(rows, model);
	return rows->at < rows->n;
}
