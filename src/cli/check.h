/* SPDX-License-Identifier: GPL-2.0-or-later */
/* check.h - what the files of `nfhop check` share */
#ifndef CLI_CHECK_H
#define CLI_CHECK_H

#include "intake.h"

/*
 * struct check - one check on its way; zero it but for the settings
 * @cut: why the command was not waited for; run.cut points to it then
 */
struct check {
	const struct settings *settings;
	struct expectations all;
	struct expect_run run;
	struct intake in;
	char cut[128];
};

/**
 * check_command - run settings->child as the traffic, until its packets' ways are over
 * The intake's model is made; live sources are open. What was seen is judged, too, if reading ended
 * before the command did.
 * Return: 0, or -errno after complaining
 */
int check_command(struct check *check);

#endif
