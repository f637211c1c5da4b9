/* SPDX-License-Identifier: GPL-2.0-or-later */
/* rules.c - the rule sets that the command line names, read and joined */
#include <errno.h>
#include <stdlib.h>

#include "nfhop/ruleset.h"

#include "cli.h"

static void complain_error(const struct ruleset_error *e)
{
	complain_file(e->file, e->line, e->column, e->expected, e->found);
	if (e->command)
		complain(
			"-r takes rules as they are loaded, not a file that loads them. Where they "
			"are loaded, run: %s",
			e->command);
}

static int load_one(struct ruleset *rules, const char *name)
{
	struct ruleset_error e = { .file = name };
	struct str text = { NULL, 0 };
	int err = file_read(name, &text);

	if (err) {
		complain("cannot read %s: %s", name, strerror(-err));
	} else {
		err = ruleset_load(rules, name, text, &e);
		if (err == -EINVAL)
			complain_error(&e);
		else if (err)
			complain("%s: %s", name, strerror(-err));
	}
	free((char *)text.p);
	return err;
}

static void tell_assumptions(const struct settings *settings, const struct ruleset *rules)
{
	const struct ruleset_note *notes;
	size_t n = ruleset_notes(rules, &notes);

	for (size_t i = 0; settings->loud >= 0 && i < n; i++)
		complain("%s: table %.*s: %s", ruleset_file_name(rules, notes[i].table->file),
			 STR_ARG(notes[i].table->name), notes[i].text);
}

static int seal(struct ruleset *rules)
{
	struct ruleset_error e = { .file = "" };
	int err = ruleset_seal(rules, &e);

	if (err == -EEXIST)
		complain_error(&e);
	else if (err)
		complain("%s", strerror(-err));
	return err;
}

int rules_load(const struct settings *settings, struct ruleset **rules)
{
	int err = 0;

	*rules = NULL;
	if (!settings->n_rulesets)
		return 0;
	*rules = ruleset_create();
	if (!*rules)
		return -ENOMEM;
	for (size_t i = 0; i < settings->n_rulesets && !err; i++)
		err = load_one(*rules, settings->rulesets[i]);
	if (!err)
		err = seal(*rules);
	if (err) {
		ruleset_destroy(*rules);
		*rules = NULL;
		return err;
	}
	tell_assumptions(settings, *rules);
	return 0;
}
