// SPDX-License-Identifier: GPL-2.0-or-later
/* terminal.c - what the place we write to can show: symbols, colour, columns */
#include "cli.h"

#include <langinfo.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool terminal_utf8(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

static bool is_set(const char *variable)
{
	const char *value = getenv(variable);

	return value && *value;
}

/* https://no-color.org: present and not empty */
bool terminal_color(enum color_when when, int fd)
{
	const char *term = getenv("TERM");

	if (when != COLOR_AUTO)
		return when == COLOR_ALWAYS;
	return isatty(fd) && !is_set("NO_COLOR") && term && strcmp(term, "dumb");
}

unsigned int terminal_width(int fd)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	long n;

	n = columns ? strtol(columns, NULL, 10) : 0;
	if (n > 0 && n <= 10000)
		return (unsigned int)n;
	return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}
