/* SPDX-License-Identifier: GPL-2.0-or-later */
/* say.h - lines of a log in, one short line a packet and a flow out: the form tests compare */
#ifndef TESTS_UNIT_FLOW_SAY_H
#define TESTS_UNIT_FLOW_SAY_H

#include "nfhop/model.h"

#define SAY_SIZE 8192

/**
 * say_log - feed @text, say what the model makes of it
 * @config: NULL for the default
 * @buf: SAY_SIZE bytes
 *
 * A packet: "no flow there|back outcome certainty flags: path". A flow: "flow no state there/back
 * [nat]". Return: @buf
 */
const char *say_log(const char *text, const struct model_config *config, char *buf);

/* model_of - a model that has read @text to its end */
struct model *model_of(const char *text, const struct model_config *config);

#endif
