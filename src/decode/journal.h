/* SPDX-License-Identifier: GPL-2.0-or-later */
/* journal.h - the fields of one journal entry, however they were written down */
#ifndef NFHOP_DECODE_JOURNAL_H
#define NFHOP_DECODE_JOURNAL_H

#include "nfhop/decode.h"

/**
 * struct entry - what matters of a journal entry (formats.md 7.4) or of an object of dmesg -J
 * @message: empty if there is none
 * @transport: "kernel" if it is the kernel's; empty if the entry does not say
 * @msg: @message is a member "msg", which many programs write
 * @dmesg: it has a member "pri", so "msg" is dmesg's and the kernel's
 */
struct entry {
	struct str message, host, transport;
	struct stamp stamp;
	bool msg, dmesg;
};

/* journal_field - take one field, if it matters */
void journal_field(struct entry *entry, struct str name, struct str value);

/* journal_read - an entry of journalctl -o export; Return: false if it is none */
bool journal_read(struct str data, struct entry *entry);

/* json_record_read - a JSON object; Return: false if it is none */
bool json_record_read(struct str data, struct scratch *scratch, struct entry *entry);

#endif
