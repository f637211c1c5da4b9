/* SPDX-License-Identifier: GPL-2.0-or-later */
/* map.h - what stands in the boxes of the map: the chains of each hook, and what was hit there */
#ifndef TUI_MAP_H
#define TUI_MAP_H

#include "view.h"

#define MAP_LINES_MAX 64
#define MAP_NAME_SIZE 64

enum map_state {
	MAP_DIM,    /* it never came there */
	MAP_PASSED, /* it came by, or what stands there says nothing of what it did */
	MAP_HIT,    /* a hop is known */
	MAP_STOP,   /* it ended there */
};

/**
 * struct map_line - one line of a box
 * @name: the table, with the chain's name where that is not the hook's
 * @hop: number of the hop that is shown, if @state is MAP_HIT or MAP_STOP
 * @first: of the hops that the line stands for; @hop is the last
 * @depth: how much it is set in
 * @bridged: a bridge's chain, which has its place in the order of the bridge's own
 * @chain: by the rule set; NULL if it does not have it, or if it is no chain
 */
struct map_line {
	char name[MAP_NAME_SIZE];
	const struct chain *chain;
	enum map_state state;
	size_t first, hop;
	unsigned int depth;
	bool bridged;
};

/**
 * struct map_box - one hook
 * @reached: some hop is known there
 * @left_out: chains that there is no room for
 */
struct map_box {
	enum hook hook;
	bool reached, stop;
	struct map_line lines[MAP_LINES_MAX];
	size_t n, left_out;
};

/**
 * map_box_fill - what stands in the box of @hook
 * @all: a line for each hop; else one for each base chain
 */
void map_box_fill(struct map_box *box, const struct model *model, const struct scene *scene,
		  enum hook hook, bool all);
/* map_box_crop - keep at most @n lines: those where nothing happened go first */
void map_box_crop(struct map_box *box, size_t n);

#endif
