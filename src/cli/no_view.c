// SPDX-License-Identifier: GPL-2.0-or-later
/* no_view.c - stands in for view.c where nfhop is built without ncurses */
#include "cli.h"

bool view_possible(void)
{
	return false;
}

int view_run(const struct settings *settings)
{
	(void)settings;
	complain("this nfhop was built without the view (-Dtui=disabled); nfhop report prints the "
		 "same as text");
	return STATUS_USAGE;
}
