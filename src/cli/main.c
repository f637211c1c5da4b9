// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main.c - which command is meant; below: the map of the program
 *
 */
#include "options.h"

#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

static int help_run(const struct settings *settings);

// clang-format off
const struct command commands[] = {
	{ "report", COMMAND_REPORT, "[OPTION...] SOURCE...",
	  "Print the packets' ways: by flow, packet, path or stop; as text or JSON.", report_run },
	{ "help", 0, "[COMMAND]", "Print help, as COMMAND --help does.", help_run },
	{ 0 },
};
// clang-format on

static const struct command *command_find(const char *name)
{
	for (const struct command *command = commands; command->name; command++)
		if (!strcmp(command->name, name))
			return command;
	return NULL;
}

static int help_run(const struct settings *settings)
{
	const struct command *command = NULL;

	if (settings->n_sources)
		command = command_find(settings->sources[0]);
	if (settings->n_sources && !command) {
		complain("no command %s; see nfhop --help", settings->sources[0]);
		return STATUS_USAGE;
	}
	help_print(stdout, command);
	return STATUS_FINE;
}

/* A first word that is neither a command nor a file was meant to be one of them. */
static bool is_misspelt(char *const *words, const struct settings *settings)
{
	const char *word = settings->n_sources ? settings->sources[0] : "-";
	struct guess guess = guess_start(word);

	if (!strcmp(word, "-") || strpbrk(word, "./") || access(word, F_OK) == 0)
		return false;
	for (const struct command *command = commands; command->name; command++)
		guess_consider(&guess, command->name);
	if (guess.best)
		complain_at(words, word, strlen(word),
			    "%s is neither a command nor a file; did you mean %s?", word,
			    guess.best);
	else
		complain_at(words, word, strlen(word),
			    "%s is neither a command nor a file; see nfhop --help", word);
	return true;
}

/* What was asked instead of running the command. Return: was anything? */
static bool told(const struct settings *settings, const struct command *command, bool named)
{
	if (settings->version)
		puts("nfhop " NFHOP_VERSION);
	else if (settings->help)
		help_print(stdout, named ? command : NULL);
	else if (settings->manual)
		help_manual(stdout, command);
	return settings->version || settings->help || settings->manual;
}

static int run(char *const *words, int argc, char **argv)
{
	const struct command *command = argc > 1 ? command_find(argv[1]) : NULL;
	bool named = command;
	struct settings settings;

	if (!named)
		command = &commands[0];
	if (options_parse(&settings, command, words, argc - named, argv + named) < 0)
		return STATUS_USAGE;
	if (told(&settings, command, named))
		return STATUS_FINE;
	if (!named && is_misspelt(words, &settings))
		return STATUS_USAGE;
	return command->run(&settings);
}

int main(int argc, char **argv)
{
	char **words = calloc((size_t)argc + 1, sizeof(*words));
	int status;

	if (!words)
		return STATUS_USAGE;
	setlocale(LC_CTYPE, "");
	memcpy(words, argv, (size_t)argc * sizeof(*words));
	status = run(words, argc, argv);
	free(words);
	return status;
}
