/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conventions.c - the LOG prefixes that are known: the built-in ones and the user's own */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "nfhop/prefixes.h"

#include "cli.h"

#define NAME_LONGEST 4096

/* $XDG_CONFIG_HOME/nfhop/prefixes, else ~/.config/nfhop/prefixes; Return: is there one? */
static bool user_file(char *name)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	int n;

	if (config && *config)
		n = snprintf(name, NAME_LONGEST, "%s/nfhop/prefixes", config);
	else if (home && *home)
		n = snprintf(name, NAME_LONGEST, "%s/.config/nfhop/prefixes", home);
	else
		return false;
	return n > 0 && n < NAME_LONGEST && !access(name, F_OK);
}

static int add_user_file(struct prefixes *prefixes, const char *name)
{
	struct prefixes_error e = { .file = name };
	struct str text = { NULL, 0 };
	int err = file_read(name, &text);

	if (err) {
		complain("cannot read %s: %s", name, strerror(-err));
	} else {
		err = prefixes_add(prefixes, name, text, &e);
		if (err == -EINVAL)
			complain_file(e.file, e.line, e.column, *e.detail ? e.detail : e.expected,
				      e.found);
		else if (err)
			complain("%s: %s", name, strerror(-err));
	}
	free((char *)text.p);
	return err;
}

int conventions_load(struct prefixes **prefixes)
{
	char name[NAME_LONGEST];
	int err = 0;

	*prefixes = prefixes_create();
	if (!*prefixes)
		return -ENOMEM;
	if (user_file(name))
		err = add_user_file(*prefixes, name);
	if (err) {
		prefixes_destroy(*prefixes);
		*prefixes = NULL;
	}
	return err;
}
