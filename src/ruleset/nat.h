/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nat.h - reads what address translation translates to */
#ifndef NFHOP_RULESET_NAT_H
#define NFHOP_RULESET_NAT_H

#include "nfhop/ruleset.h"

/**
 * nat_parse - fill @nat from `A`, `A-B`, `A:p`, `A-B:p-q`, `:p`, `[A6]:p`, `[A6]-[B6]:p-q`
 *
 * Return: false if the text has another form; @nat is unchanged then.
 */
bool nat_parse(struct str s, struct nat_target *nat);

/* nat_parse_ports - the same for `p` or `p-q` */
bool nat_parse_ports(struct str s, struct nat_target *nat);

#endif
