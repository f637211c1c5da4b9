// SPDX-License-Identifier: GPL-2.0-or-later
/* menu.c - a choice of some lines, on a screen of its own */
#include "view.h"

static void menu_refresh(struct tui *tui, struct frame *frame)
{
	(void)tui;
	list_resize(&frame->list, frame->menu ? frame->menu->n : 0);
}

static void menu_row(struct tui *tui, struct frame *frame, size_t i, struct pen *pen)
{
	frame->menu->row(tui, i, pen);
}

static void menu_draw(struct tui *tui, struct frame *frame, struct area area)
{
	struct area line = area_columns(area, 1, area.w - 2);

	draw_text(tui, area_rows(line, 1), ROLE_BOLD, frame->menu->title);
	draw_list(tui, frame, area_from(area, 2));
}

static void menu_choose(struct tui *tui, struct frame *frame)
{
	const struct menu *menu = frame->menu;
	size_t at = frame->list.at, depth = tui->depth;

	if (menu->pick(tui, at) && tui->depth == depth)
		tui_back(tui);
}

void menu_open(struct tui *tui, const struct menu *menu, size_t at)
{
	struct frame *frame = tui_open(tui, &view_menu, NULL);

	frame->menu = menu;
	menu_refresh(tui, frame);
	list_to(&frame->list, at);
}

const struct view view_menu = {
	.name = "menu",
	.bit = VIEW_MENU,
	.refresh = menu_refresh,
	.draw = menu_draw,
	.row = menu_row,
	.enter = menu_choose,
};
