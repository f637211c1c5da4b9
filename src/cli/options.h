/* SPDX-License-Identifier: GPL-2.0-or-later */
/* options.h - the one table from which parsing, help and manual pages are made */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "cli.h"

/* struct choice - one word that an option takes; a row without a name ends them */
struct choice {
	const char *name;
	const char *help;
};

/**
 * struct option_row - one option
 * @letter: 0 if it has none
 * @argument: what its argument is called, NULL if it takes none
 * @commands: COMMAND_* bits
 * @choice: number @i of the words it takes; NULL if it takes anything
 * @set: Return: false if the argument is not what @wanted says. @i: number of the choice
 * @help: a sentence without its stop; NULL if it is not shown
 */
struct option_row {
	char letter;
	const char *name;
	const char *argument;
	unsigned int commands;
	struct choice (*choice)(size_t i);
	bool (*set)(struct settings *settings, const char *argument, size_t i);
	const char *wanted;
	const char *help;
};

#define OPTION_ROWS_MAX 48

/* option_rows - ended by a row without a name */
extern const struct option_row option_rows[];

/**
 * options_parse - fill in @settings from the words after the command
 * @words: the whole command line as typed, ended by NULL, for complaints
 * @argc, @argv: argv[0] is skipped; argv is permuted
 * Return: 0, or -EINVAL after complaining
 */
int options_parse(struct settings *settings, const struct command *command, char *const *words,
		  int argc, char **argv);

/* help_print - `nfhop --help` if @command is NULL, else that of the command */
void help_print(FILE *out, const struct command *command);
/* help_filter - the words of the filter language, from its own table */
void help_filter(FILE *out);
/* help_manual - the options of the command as scdoc source */
void help_manual(FILE *out, const struct command *command);

#endif
