// SPDX-License-Identifier: GPL-2.0-or-later
/* outputs.c - the table of outputs */
#include "html.h"
#include "json.h"
#include "text.h"

// clang-format off
const struct output outputs[] = {
	{ "text", "for people", false, false, NULL, text_packet, text_tail },
	{ "json", "one document", true, true, json_doc_head, json_doc_packet, json_doc_tail },
	{ "ndjson", "one object a line, as packets close", true, false,
	  NULL, json_lines_packet, json_lines_tail },
	{ "html", "one page for a browser", false, true, html_head, html_packet, html_tail },
	{ 0 },
};
// clang-format on

const struct output *output_find(struct str name)
{
	for (const struct output *output = outputs; output->name; output++)
		if (str_eq(str_from(output->name), name))
			return output;
	return NULL;
}
