/* SPDX-License-Identifier: GPL-2.0-or-later */
/* html.h - the report as one page: no script, nothing loaded from anywhere */
#ifndef OUTPUT_HTML_H
#define OUTPUT_HTML_H

#include "nfhop/output.h"

void html_head(struct report *report, const struct model *model);
void html_packet(struct report *report, const struct model *model, const struct packet *packet);
void html_tail(struct report *report, const struct model *model);

/* What does not depend on the model. It is well-formed XML, too: so tests can read it strictly. */
extern const char html_start[];	       /* up to the title */
extern const char *const html_style[]; /* lines, from its end to the beginning of the page */
extern const char html_end[];

#endif
