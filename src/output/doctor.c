// SPDX-License-Identifier: GPL-2.0-or-later
/* doctor.c - what the doctor says, as text and as JSON */
#include "nfhop/doctor.h"

#include "json_write.h"

#define TEXT_COLUMN 6 /* behind "note  " */

static const enum role roles[DOCTOR_LEVEL_MAX] = {
	[DOCTOR_OK] = ROLE_PASS,
	[DOCTOR_NOTE] = ROLE_PLAIN,
	[DOCTOR_BAD] = ROLE_STOP,
};

/* A command is never broken: it is there to be copied. */
static void put_item(struct writer *writer, const struct doctor_item *item)
{
	writer_role(writer, roles[item->level]);
	writer_word(writer, doctor_level_name(item->level));
	writer_role(writer, ROLE_PLAIN);
	writer_to(writer, TEXT_COLUMN);
	writer_sentence(writer, TEXT_COLUMN, str_from(item->text));
	writer_line(writer);
	if (!item->command)
		return;
	writer_to(writer, TEXT_COLUMN);
	writer_role(writer, ROLE_DIM);
	writer_text(writer, str_from(item->command));
	writer_role(writer, ROLE_PLAIN);
	writer_line(writer);
}

void doctor_write_text(struct writer *writer, const struct doctor *doctor)
{
	for (size_t i = 0; i < doctor->n; i++)
		put_item(writer, &doctor->items[i]);
}

void doctor_write_json(FILE *out, const struct doctor *doctor)
{
	struct json json = { .out = out };
	uint64_t bad = 0;

	json_open(&json, NULL, '{');
	json_open(&json, "nfhop", '{');
	json_word(&json, "version", NFHOP_VERSION);
	json_uint(&json, "schema", 1);
	json_close(&json, '}');
	json_open(&json, "checks", '[');
	for (size_t i = 0; i < doctor->n; i++) {
		const struct doctor_item *item = &doctor->items[i];

		json_open(&json, NULL, '{');
		json_word(&json, "check", item->check);
		json_word(&json, "level", doctor_level_name(item->level));
		json_put_string(&json, "text", str_from(item->text));
		json_put_string(&json, "command", str_from(item->command));
		json_close(&json, '}');
		bad += item->level == DOCTOR_BAD;
	}
	json_close(&json, ']');
	json_uint(&json, "bad", bad);
	json_close(&json, '}');
	json_raw(&json, "\n");
	json_flush(&json);
}
