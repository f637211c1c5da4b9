/* SPDX-License-Identifier: GPL-2.0-or-later */
/* loose.h - ICMP errors of which it is not known which flow they are about */
#ifndef NFHOP_FLOW_LOOSE_H
#define NFHOP_FLOW_LOOSE_H

#include "flows.h"
#include "index.h"

/* struct loose_error - such errors that came in by one device, to one address */
struct loose_error;

/* struct loose_errors - all of them; all zero: none */
struct loose_errors {
	struct loose_error *at;
	size_t n, cap;
	struct index index;
};

/* loose_errors_see - take @flow in if it is such errors; Return: 0 or -ENOMEM */
int loose_errors_see(struct loose_errors *errors, const struct flow *flow);
void loose_errors_free(struct loose_errors *errors);
/* loose_errors_about - may one be about @flow? It came in where that left, to whom it left from. */
bool loose_errors_about(const struct loose_errors *errors, const struct flow *flow);

#endif
