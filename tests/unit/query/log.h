/* SPDX-License-Identifier: GPL-2.0-or-later */
/* log.h - six packets and the rules that they met, for tests of filters and expectations */
#ifndef TESTS_UNIT_QUERY_LOG_H
#define TESTS_UNIT_QUERY_LOG_H

#include "nfhop/query.h"

#define LOG_PACKETS 6

/**
 * log_model - a model that has read them to the end and kept all; model_destroy() it
 * @rules: NULL: not known; @given: NULL: the default
 */
struct model *log_model(const struct ruleset *rules, const struct model_config *given);

/* log_rules - the rules that were loaded, and @nft, if not NULL; ruleset_destroy() them */
struct ruleset *log_rules(const char *nft);

#endif
