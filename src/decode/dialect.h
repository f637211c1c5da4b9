/* SPDX-License-Identifier: GPL-2.0-or-later */
/* dialect.h - the dialects that this room knows, for the table in decode.c */
#ifndef NFHOP_DECODE_DIALECT_H
#define NFHOP_DECODE_DIALECT_H

#include "nfhop/decode.h"

/* klog_decode - kernel log lines in every framing (formats.md sections 1, 2, 5.5, 7) */
int klog_decode(const struct record *rec, struct scratch *scratch, struct event *ev,
		struct complaint *why);

/* live_decode - what live sources say beside packets; of these, none is left to others */
int live_decode(const struct record *rec, struct scratch *scratch, struct event *ev,
		struct complaint *why);

/* nftrace_decode - trace events of nf_tables (formats.md 3); of these, none is left to others */
int nftrace_decode(const struct record *rec, struct scratch *scratch, struct event *ev,
		   struct complaint *why);

/* nflog_decode - packets of NFLOG, live or captured (formats.md 4); none is left to others */
int nflog_decode(const struct record *rec, struct scratch *scratch, struct event *ev,
		 struct complaint *why);

/* nftmon_decode - lines of nft monitor trace (formats.md 6.1) */
int nftmon_decode(const struct record *rec, struct scratch *scratch, struct event *ev,
		  struct complaint *why);

/* xtmon_decode - lines of xtables-monitor --trace (formats.md 6.2) */
int xtmon_decode(const struct record *rec, struct scratch *scratch, struct event *ev,
		 struct complaint *why);

#endif
