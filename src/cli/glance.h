/* SPDX-License-Identifier: GPL-2.0-or-later */
/* glance.h - is an input a log at all? */
#ifndef CLI_GLANCE_H
#define CLI_GLANCE_H

#include "nfhop/record.h"

/**
 * struct glance - zero it at first
 * @lines: that were looked at; the first ones of an input are enough
 * @framed: of these, as lines of a log are
 * @wide: it begins as text in UTF-16 does, two bytes a letter
 */
struct glance {
	uint32_t lines, framed;
	bool wide;
};

void glance_record(struct glance *glance, const struct record *rec);
/* glance_text - the same for lines of text */
void glance_text(struct glance *glance, struct str text);

bool glance_is_log(const struct glance *glance);

#endif
