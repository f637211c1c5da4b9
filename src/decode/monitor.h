/* SPDX-License-Identifier: GPL-2.0-or-later */
/* monitor.h - what lines of nft's and of iptables-nft's trace monitor have in common */
#ifndef NFHOP_DECODE_MONITOR_H
#define NFHOP_DECODE_MONITOR_H

#include "nfhop/decode.h"

/**
 * struct monitor - one record on its way through
 * @text: the line itself, or the message of a journal entry
 * @used: how much of @scratch was taken before
 */
struct monitor {
	const struct record *rec;
	struct scratch *scratch;
	struct event *ev;
	struct complaint *why;
	struct str text;
	size_t used;
};

/* monitor_open - fill in m->text; Return: false if the record has no words */
bool monitor_open(struct monitor *m);

/* monitor_frame - who and when, from what stands in front of the words, which begin at @at */
void monitor_frame(struct monitor *m, const char *at);

/* monitor_decline - the record is not ours after all; Return: -ENOENT */
int monitor_decline(struct monitor *m);

/* monitor_fault - @at is where it went wrong; Return: -EINVAL */
int monitor_fault(struct monitor *m, const char *at, const char *expected);

/* monitor_id - a trace id and the blank after it (or the end) */
bool monitor_id(struct str *s, uint32_t *id);

#endif
