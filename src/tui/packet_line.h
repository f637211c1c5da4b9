/* SPDX-License-Identifier: GPL-2.0-or-later */
/* packet_line.h - one packet on one line, and in a few */
#ifndef TUI_PACKET_LINE_H
#define TUI_PACKET_LINE_H

#include "view.h"

/**
 * packet_line - number, time, what it is, what became of it
 * @time: columns of the time, as packet_time_width() says
 * @seq: in the order of closing
 * @ends: its addresses, too
 */
void packet_line(struct tui *tui, unsigned int time, uint64_t seq, bool ends, struct pen *pen);
/* packet_title - the titles of these columns */
void packet_title(struct tui *tui, unsigned int time, bool ends, struct pen *pen);
/* packet_time_width - how many columns the time of some packet takes; 4 at least, for its title */
unsigned int packet_time_width(struct tui *tui, uint64_t seq);
/* packet_detail - header fields of the packet, if one is kept */
void packet_detail(struct tui *tui, const struct scene *scene, struct pen *pen);

#endif
