// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * packet_rows.c - the list of packets: the kept ones, or those of one flow
 *
 * Packets are named by their number in the order of closing, which survives that the model lets
 * go of the oldest. New ones are looked at as they come, some in each tick; those that are no
 * longer kept leave the list at its front.
 */
#include "rows.h"

#include <stdlib.h>

#include "nfhop/grow.h"

#define LOOKS_PER_TICK 50000

void packet_rows_finish(struct packet_rows *rows)
{
	free(rows->at);
	*rows = (struct packet_rows){ 0 };
}

const struct packet *packet_by_seq(const struct model *model, uint64_t seq)
{
	uint64_t gone = model_stats(model)->evicted_packets;

	return seq > gone ? model_packet_at(model, (size_t)(seq - gone - 1)) : NULL;
}

static bool is_wanted(const struct model *model, const struct packet *packet,
		      const struct query *filter, uint32_t no)
{
	const struct flow *flow;

	if (no) {
		flow = model_flow_of(model, packet);
		if (!flow || flow->no != no)
			return false;
	}
	return !filter || query_match(filter, model, packet);
}

/* Those at the front that are gone are cut off when they are half of the list. */
static void let_go(struct packet_rows *rows, uint64_t gone)
{
	while (rows->first < rows->n && rows->at[rows->first] <= gone)
		rows->first++;
	if (rows->first <= rows->n / 2)
		return;
	rows->n -= rows->first;
	for (size_t i = 0; i < rows->n; i++)
		rows->at[i] = rows->at[i + rows->first];
	rows->first = 0;
}

static bool add(struct packet_rows *rows, uint64_t seq)
{
	uint64_t *grown = array_grow(rows->at, rows->n, &rows->cap, sizeof(*grown));

	if (!grown)
		return false;
	rows->at = grown;
	grown[rows->n++] = seq;
	return true;
}

bool packet_rows_tick(struct packet_rows *rows, const struct model *model,
		      const struct query *filter, uint32_t flow)
{
	uint64_t gone = model_stats(model)->evicted_packets;
	uint64_t all = gone + model_packet_count(model);

	if (filter != rows->filter) {
		rows->filter = filter;
		rows->n = rows->first = 0;
		rows->seen = gone;
	}
	if (rows->seen < gone)
		rows->seen = gone;
	let_go(rows, gone);
	for (unsigned int i = 0; i < LOOKS_PER_TICK && rows->seen < all; i++) {
		const struct packet *packet = packet_by_seq(model, ++rows->seen);

		if (packet && is_wanted(model, packet, filter, flow) && !add(rows, rows->seen))
			break;
	}
	return rows->seen < all;
}
