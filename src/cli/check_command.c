// SPDX-License-Identifier: GPL-2.0-or-later
/* check_command.c - a command as the traffic of a check */
#include <errno.h>

#include "check.h"

int check_command(struct check *check)
{
	(void)check;
	complain("-- COMMAND needs live tracing, which this build does not have");
	return -ENOSYS;
}
