/* SPDX-License-Identifier: GPL-2.0-or-later */
/* show.h - a rule set as text, so that tests compare with what a person can read */
#ifndef TESTS_RULESET_SHOW_H
#define TESTS_RULESET_SHOW_H

#include <stdio.h>

#include "nfhop/ruleset.h"

/* show_ruleset - tables, chains, rules with all that was found out about them */
void show_ruleset(FILE *out, const struct ruleset *rs);

void show_error(FILE *out, int ret, const struct ruleset_error *err);

/* show_load - load one text and seal; Return: NULL after an error, which is in @err */
struct ruleset *show_load(const char *name, struct str text, int *ret, struct ruleset_error *err);

#endif
