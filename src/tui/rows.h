/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rows.h - the lines of long lists: flows in the order that is wished for, packets of a kind */
#ifndef TUI_ROWS_H
#define TUI_ROWS_H

#include "nfhop/query.h"
#include "nfhop/text.h"

/* What the list of flows is sorted by. */
enum flow_sort {
	SORT_TROUBLE, /* what was stopped first, then what takes most packets */
	SORT_AGE,     /* newest first */
	SORT_NUMBER,  /* in the order in which they were first seen */
	SORT_CLIENT,
	SORT_SERVER,
	SORT_THERE,
	SORT_BACK,
	SORT_WHERE,
	SORT_MAX
};

/**
 * struct flow_row - what is remembered of one slot of the model
 * @no: of its flow; 0: none
 * @packets: when it was judged
 * @glyph, @where: how it is marked; number of the words for what became of it
 * @rank: how much trouble it has, most first: what was stopped, what was lost, what nobody can
 *	tell all of, of what nothing is known, what got through
 * @fit: number of the flow's path that it is told of (struct told), + 1; 0: of its conclusion
 * @shown: the filter holds
 */
struct flow_row {
	uint32_t no, where;
	uint64_t packets;
	uint32_t fit;
	uint8_t glyph, rank;
	bool shown;
};

/* struct flow_order - one line: what it is sorted by, and whose it is */
struct flow_order {
	uint64_t key[2];
	uint32_t slot, no;
};

struct wheres;

/**
 * struct flow_rows - all flows, judged bit by bit
 * @order: those that are shown, @n_order of them
 * @n: slots; @at: the next one to look at; @stale: the next one to judge again
 * @sort, @turned: how they are ordered
 * @events, @packets: of the model when this round began
 * @changed: the order is no longer true; @ended: judged after the end of input
 */
struct flow_rows {
	struct flow_row *rows;
	struct flow_order *order;
	struct wheres *wheres;
	size_t n, cap, n_order, at, stale;
	enum flow_sort sort;
	bool turned, changed, ended, begun;
	uint64_t events, packets, flows;
};

void flow_rows_finish(struct flow_rows *rows);
/* flow_rows_again - everything is to be judged anew: another filter, another end */
void flow_rows_again(struct flow_rows *rows);
/* flow_rows_sort - order them otherwise, at once */
void flow_rows_sort(struct flow_rows *rows, const struct model *model, enum flow_sort sort,
		    bool turned);
/**
 * flow_rows_tick - look at some more flows
 * @filter: or NULL; @ended: the model has drawn its conclusions
 * Return: true if there is more to do
 */
bool flow_rows_tick(struct flow_rows *rows, const struct model *model, const struct query *filter,
		    bool ended);
/* flow_rows_flow - Return: the flow on line @i, or NULL */
const struct flow *flow_rows_flow(const struct flow_rows *rows, const struct model *model,
				  size_t i);
/* flow_rows_find - Return: the line of flow @no, or n_order */
size_t flow_rows_find(const struct flow_rows *rows, uint32_t no);

/**
 * struct packet_rows - kept packets that are shown, oldest first
 * @at: numbers in the order of closing, from 1; @n of them, those from @first on still kept
 * @seen: packets up to this number were looked at
 * @filter: the one that was asked, to see that it changed
 */
struct packet_rows {
	uint64_t *at;
	size_t n, cap, first;
	uint64_t seen;
	const struct query *filter;
};

void packet_rows_finish(struct packet_rows *rows);
/**
 * packet_rows_tick - look at some more packets
 * @flow: only those of this flow; 0: of all
 * Return: true if there is more to do
 */
bool packet_rows_tick(struct packet_rows *rows, const struct model *model,
		      const struct query *filter, uint32_t flow);
/* packet_by_seq - Return: the packet of that number in the order of closing; NULL: not kept */
const struct packet *packet_by_seq(const struct model *model, uint64_t seq);

#endif
