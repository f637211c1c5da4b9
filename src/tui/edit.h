/* SPDX-License-Identifier: GPL-2.0-or-later */
/* edit.h - one line of text that is being typed, with what was typed before */
#ifndef TUI_EDIT_H
#define TUI_EDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EDIT_SIZE    512
#define EDIT_HISTORY 16

/**
 * struct edit - the line, UTF-8
 * @n: bytes; @at: of them before the cursor
 * @past: what was typed before, newest last; @n_past of them
 * @back: how many lines back in it we are; 0: at the one that is being typed, kept in @draft
 */
struct edit {
	char text[EDIT_SIZE];
	size_t n, at;
	char past[EDIT_HISTORY][EDIT_SIZE];
	size_t n_past, back;
	char draft[EDIT_SIZE];
};

void edit_set(struct edit *edit, const char *text);
/* edit_remember - it was meant: keep it */
void edit_remember(struct edit *edit);
/* edit_key - Return: false if the key is none for a line */
bool edit_key(struct edit *edit, uint32_t key);

#endif
