/* SPDX-License-Identifier: GPL-2.0-or-later */
/* envelope.h - takes the framing off one line: who, when, and the kernel's own words */
#ifndef NFHOP_DECODE_ENVELOPE_H
#define NFHOP_DECODE_ENVELOPE_H

#include "nfhop/decode.h"

/**
 * struct envelope - a line without its framing
 * @text: the words themselves; what cannot be recognised as framing stays in them
 * @host: empty if there is none
 * @seq: /dev/kmsg sequence number, if @stamp has STAMP_SEQ
 * @kernel: the framing says that the words are the kernel's (a tag, a kernel stamp)
 * @user: the framing says that they are not
 */
struct envelope {
	struct str text, host;
	struct stamp stamp;
	uint64_t seq;
	bool kernel, user;
};

/* envelope_open - any framing of formats.md 7.1 to 7.4, or none; @scratch is for \xNN */
void envelope_open(struct str line, struct scratch *scratch, struct envelope *env);

/* envelope_kmsg - only the framing of a /dev/kmsg record; Return: false if it is none */
bool envelope_kmsg(struct str *line, struct envelope *env);

/* envelope_reltime - only the stamp of a dmesg --reltime line; Return: false if it is none */
bool envelope_reltime(struct str line, struct envelope *env);

#endif
