/* SPDX-License-Identifier: GPL-2.0-or-later */
/* columns.h - the columns of the list of flows */
#ifndef TUI_COLUMNS_H
#define TUI_COLUMNS_H

#include "view.h"

/**
 * struct flow_cell - one flow, for its cells
 * @told: the flow, and what is said of it
 * @room: columns that an address may take; 0: as many as it wants
 */
struct flow_cell {
	const struct tui *tui;
	struct told told;
	unsigned int room;
};

/**
 * struct column - one column
 * @gap: blanks behind it
 * @least, @most: columns of the screen; a longer cell is cut
 * @enough: with so many another column need not go; 0: it may want all of them
 * @right: numbers stand at the right
 * @wanted: 0: always there; else the higher, the sooner it goes where room is short
 * @sort: what a click on its title sorts by; SORT_MAX: nothing
 * @cell: writes it; nothing if it is empty. A column whose cells are all empty is left out.
 */
struct column {
	const char *title, *help;
	unsigned int gap, least, enough, most;
	bool right;
	unsigned int wanted;
	enum flow_sort sort;
	void (*cell)(struct writer *writer, const struct flow_cell *cell);
};

#define COLUMNS_MAX 10

extern const struct column columns[COLUMNS_MAX];

/**
 * columns_fit - how wide each column is
 * @shown: bits of those that the user wants
 * @widths: what each would like; receives what each gets, 0: it is left out
 * @room: for all of them
 */
void columns_fit(unsigned int shown, unsigned int *widths, unsigned int room);

/* columns_sort - sort flows as the user wants, who no longer wants to stay on the newest */
void columns_sort(struct tui *tui, enum flow_sort sort, bool turned);
/* columns_sort_name - "trouble" */
const char *columns_sort_name(enum flow_sort sort);

#endif
