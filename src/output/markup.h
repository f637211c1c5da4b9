/* SPDX-License-Identifier: GPL-2.0-or-later */
/* markup.h - text between the marks of XML and HTML, and in their attributes */
#ifndef OUTPUT_MARKUP_H
#define OUTPUT_MARKUP_H

#include <stdio.h>

#include "nfhop/str.h"

/*
 * markup_text - UTF-8 without control characters, as a writer has it, so that nothing of it is
 * taken for a mark
 */
void markup_text(FILE *out, struct str text);

#endif
