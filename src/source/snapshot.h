/* SPDX-License-Identifier: GPL-2.0-or-later */
/* snapshot.h - the rule sets that are loaded, as the programs that manage them print them */
#ifndef NFHOP_SOURCE_SNAPSHOT_H
#define NFHOP_SOURCE_SNAPSHOT_H

#include <stdio.h>

#include "nfhop/str.h"

/**
 * snapshot_take - all of this network namespace, as the data of a RECORD_RULES
 * @own_table: kept under the name "nfhop"; may be NULL
 * @elements: named sets and maps that are not large come with theirs
 * @text: receives it (heap); tables of other nfhop programs are left out
 *
 * Counters, and elements that come and go by themselves (timeouts, `add @set`), are left out, so
 * that equal rule sets give equal texts.
 * Return: 0, -ENOMEM, -EPERM if nf_tables does not let us, or -EIO
 */
int snapshot_take(const char *own_table, bool elements, struct str *text);

/*
 * snapshot_put_saved - what iptables-save printed, without its dates and the counters of policies,
 * which differ each time
 */
void snapshot_put_saved(FILE *out, struct str text);

/* snapshot_is_nfhop - is @table that of an nfhop program that makes the kernel trace? */
bool snapshot_is_nfhop(struct str table);

#endif
