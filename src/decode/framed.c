// SPDX-License-Identifier: GPL-2.0-or-later
/* framed.c - is a record as logs have them, whatever it speaks of? */
#include "colour.h"
#include "envelope.h"
#include "journal.h"

bool decode_is_framed(const struct record *rec, struct scratch *scratch)
{
	struct entry entry = { .dmesg = false };
	struct envelope env;

	switch (rec->kind) {
	case RECORD_LINE:
		envelope_open(colour_off(rec->data, scratch), scratch, &env);
		return env.stamp.have || env.kernel || env.user;
	case RECORD_JOURNAL:
		return journal_read(rec->data, &entry) && entry.stamp.have;
	case RECORD_JSON:
		return json_record_read(rec->data, scratch, &entry) && entry.stamp.have;
	default:
		return true;
	}
}
