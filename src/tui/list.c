// SPDX-License-Identifier: GPL-2.0-or-later
/* list.c - which line of a long list is chosen, and which part of it is to be seen */
#include "list.h"

#define CONTEXT 2 /* lines that stay in sight beyond the chosen one */

void list_to(struct list *list, size_t at)
{
	if (!list->n)
		list->at = 0;
	else
		list->at = at < list->n ? at : list->n - 1;
}

void list_resize(struct list *list, size_t n)
{
	list->n = n;
	list_to(list, list->follow && n ? n - 1 : list->at);
}

void list_move(struct list *list, long by)
{
	size_t up = by < 0 ? (size_t)-by : 0;

	if (by < 0)
		list_to(list, up < list->at ? list->at - up : 0);
	else
		list_to(list, list->at + (size_t)by);
	if (list->at + 1 < list->n)
		list->follow = false;
}

void list_page(struct list *list, int direction)
{
	long page = list->area.h > CONTEXT ? (long)(list->area.h - CONTEXT) : 1;

	list_move(list, direction * page);
	if (direction > 0)
		list->top += (size_t)page; /* list_show() keeps it within bounds */
	else
		list->top = list->top > (size_t)page ? list->top - (size_t)page : 0;
}

void list_show(struct list *list, struct area area)
{
	size_t h = area.h, margin = h > 3 * CONTEXT ? CONTEXT : 0;
	size_t last = list->n > h ? list->n - h : 0;

	list->area = area;
	if (list->at < list->top + margin)
		list->top = list->at > margin ? list->at - margin : 0;
	if (h && list->at + margin >= list->top + h)
		list->top = list->at + margin + 1 - h;
	if (list->top > last)
		list->top = last;
}

size_t list_line(const struct list *list, unsigned int x, unsigned int y)
{
	const struct area *a = &list->area;
	size_t line = list->top + (y - a->y);

	if (x < a->x || x >= a->x + a->w || y < a->y || y >= a->y + a->h || line >= list->n)
		return list->n;
	return line;
}
