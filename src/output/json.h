/* SPDX-License-Identifier: GPL-2.0-or-later */
/* json.h - the objects of interface.md section 5 */
#ifndef OUTPUT_JSON_H
#define OUTPUT_JSON_H

#include "json_form.h"
#include "nfhop/output.h"

void json_packet(struct json *json, const struct model *model, const struct packet *packet);
/* json_nat - @nat may be NULL: nothing was changed */
void json_nat(struct json *json, const struct nat *nat);
/* json_stop - null if nothing stopped it */
void json_stop(struct json *json, const struct model *model, uint32_t path,
	       const struct decision *d);
void json_path(struct json *json, const struct model *model, uint32_t path);

void json_doc_head(struct report *report, const struct model *model);
void json_doc_packet(struct report *report, const struct model *model, const struct packet *packet);
void json_doc_tail(struct report *report, const struct model *model);
void json_lines_packet(struct report *report, const struct model *model,
		       const struct packet *packet);
void json_lines_tail(struct report *report, const struct model *model);

#endif
