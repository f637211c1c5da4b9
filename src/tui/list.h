/* SPDX-License-Identifier: GPL-2.0-or-later */
/* list.h - which line of a long list is chosen, and which part of it is to be seen */
#ifndef TUI_LIST_H
#define TUI_LIST_H

#include "canvas.h"

/**
 * struct list - a window on @n lines
 * @at: the chosen line
 * @top: the first line to be seen
 * @follow: stay on the last line when more come
 * @area: where it was drawn last, for the mouse
 */
struct list {
	size_t n, at, top;
	bool follow;
	struct area area;
};

/* list_resize - there are @n lines now; the chosen one stays chosen */
void list_resize(struct list *list, size_t n);
/* list_to - choose line @at, or the last if there are fewer */
void list_to(struct list *list, size_t at);
/* list_move - choose the line @by lines further down; negative: up */
void list_move(struct list *list, long by);
/* list_page - the same by pages, as high as it was drawn last; @direction: 1 or -1 */
void list_page(struct list *list, int direction);
/* list_show - it is drawn into @area: move the window so that the chosen line is in it */
void list_show(struct list *list, struct area area);
/* list_line - Return: the line that is drawn at row @y of the screen, or list->n if none is */
size_t list_line(const struct list *list, unsigned int x, unsigned int y);

#endif
