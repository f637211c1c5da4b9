/* SPDX-License-Identifier: GPL-2.0-or-later */
/* arm.h - making the kernel trace packets, without leaving anything behind */
#ifndef NFHOP_ARM_H
#define NFHOP_ARM_H

#include "nfhop/query.h"

struct arm;

/**
 * struct arm_want - what is to be traced
 * @query: all packets for which it holds
 * @limit: at most so many packets in each @unit seconds; 0: no limit
 */
struct arm_want {
	const struct query *query;
	uint64_t limit;
	uint32_t unit;
};

/* Of the chains where traces begin: before raw (-300), behind defragmentation (-400). */
#define ARM_PRIORITY (-350)

/* struct arm_error - why not: a sentence, and the part of the filter that it is about */
struct arm_error {
	char text[320];
	size_t at, n;
};

/**
 * arm_open - an nf_tables table of our own that traces
 * @arm: receives it (heap)
 *
 * The table `inet nfhop-PID` has the owner flag (Linux 5.12): it is gone as soon as the socket is
 * closed, however the program ends. Nothing else of the rule set is touched. Its chains stand
 * before raw at prerouting and output, where the bit is set that makes nf_tables send events and
 * legacy iptables print TRACE lines; and, without any rule, where a packet has come through all
 * rules: at forward before all others, at input and postrouting behind all others. So a packet
 * that is traced is seen there even where no rule set has a chain.
 *
 * Return: 0; -EINVAL if the kernel cannot match a part of the filter before the first chain,
 * -E2BIG if the filter has too many alternatives, -EPERM, -EOPNOTSUPP without nf_tables or with
 * an older kernel; @err says it in words.
 */
int arm_open(const struct arm_want *want, struct arm **arm, struct arm_error *err);

/* arm_change - trace other packets from here on; Return: as arm_open(), the old ones stay if not 0
 */
int arm_change(struct arm *arm, const struct arm_want *want, struct arm_error *err);

/**
 * arm_unreached - tables of the bridge family, "bridge a, bridge b"; empty if there is none
 * @names: receives at most @n bytes, always terminated
 *
 * A frame that is bridged from port to port passes none of the hooks where traces begin.
 */
void arm_unreached(char *names, size_t n);

/* arm_name - the name that the table has, or will have */
void arm_name(char name[32]);

/**
 * arm_counts - how many packets the filter asked for, and how many of them the limit let be traced
 * A packet over lo is counted twice. Return: 0 or -errno
 */
int arm_counts(struct arm *arm, uint64_t *asked, uint64_t *traced);

/* arm_close - the table is gone when it returns; NULL is fine */
void arm_close(struct arm *arm);

/**
 * arm_print - the iptables commands that would trace the same, one a line
 * @want: its limit is left out: iptables-legacy would count each rule for itself
 * @text: receives them (heap)
 * Return: as arm_open(); nothing is asked of the kernel
 */
int arm_print(const struct arm_want *want, struct str *text, struct arm_error *err);

#endif
