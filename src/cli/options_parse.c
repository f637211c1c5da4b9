// SPDX-License-Identifier: GPL-2.0-or-later
/* options_parse.c - how a command line is read by the table of options */
#include "options.h"

#include <errno.h>
#include <getopt.h>

#define FIRST_ROW 256 /* above every letter */

/* struct parsing - what getopt_long() needs, and what complaints need */
struct parsing {
	struct settings *settings;
	const struct command *command;
	char *const *words;
	char **argv;
	struct option longs[OPTION_ROWS_MAX + 1];
	char shorts[2 * OPTION_ROWS_MAX + 2];
};

static void prepare(struct parsing *parsing)
{
	size_t n = 0, at = 0;

	parsing->shorts[at++] = ':';
	for (size_t i = 0; option_rows[i].name; i++) {
		const struct option_row *row = &option_rows[i];

		if (!(row->commands & parsing->command->bit))
			continue;
		parsing->longs[n++] = (struct option){
			.name = row->name,
			.has_arg = row->argument ? required_argument : no_argument,
			.val = FIRST_ROW + (int)i,
		};
		if (row->letter)
			parsing->shorts[at++] = row->letter;
		if (row->letter && row->argument)
			parsing->shorts[at++] = ':';
	}
}

/* The same letter may be several commands', each in its own row. */
static const struct option_row *row_of(const struct parsing *parsing, int val)
{
	if (val >= FIRST_ROW)
		return &option_rows[val - FIRST_ROW];
	for (size_t i = 0; option_rows[i].name; i++)
		if (option_rows[i].letter == val &&
		    (option_rows[i].commands & parsing->command->bit))
			return &option_rows[i];
	return NULL;
}

/* The word that getopt_long() has just stumbled over. */
static const char *stumbled(const struct parsing *parsing)
{
	const char *word = parsing->argv[optind - 1];

	if (optopt && optopt < FIRST_ROW && (word[0] != '-' || !strchr(word, optopt)))
		return parsing->argv[optind];
	return word;
}

static int complain_unknown(const struct parsing *parsing)
{
	const char *word = stumbled(parsing);
	size_t n = strcspn(word, "=");
	struct guess guess;
	char name[40];

	if (optopt >= FIRST_ROW) {
		complain_at(parsing->words, word, strlen(word), "--%s takes no argument",
			    row_of(parsing, optopt)->name);
		return -EINVAL;
	}
	snprintf(name, sizeof(name), "%.*s", (int)(n < 39 ? n : 39), word);
	guess = guess_start(name + strspn(name, "-"));
	for (size_t i = 0; !optopt && parsing->longs[i].name; i++)
		guess_consider(&guess, parsing->longs[i].name);
	if (guess.best)
		complain_at(parsing->words, word, n, "no option %s; did you mean --%s?", name,
			    guess.best);
	else if (optopt)
		complain_at(parsing->words, strchr(word, optopt), 1,
			    "no option -%c; see nfhop %s --help", optopt, parsing->command->name);
	else
		complain_at(parsing->words, word, n, "no option %s; see nfhop %s --help", name,
			    parsing->command->name);
	return -EINVAL;
}

static int complain_missing(const struct parsing *parsing)
{
	const struct option_row *row = row_of(parsing, optopt);
	const char *word = parsing->argv[optind - 1];

	complain_at(parsing->words, word, strlen(word), "--%s needs an argument: %s", row->name,
		    row->argument);
	return -EINVAL;
}

static int complain_choice(const struct parsing *parsing, const struct option_row *row)
{
	struct guess guess = guess_start(optarg);
	char list[128] = "";
	size_t n = strlen(optarg), at = 0;

	for (size_t i = 0; row->choice(i).name; i++) {
		guess_consider(&guess, row->choice(i).name);
		at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%s", i ? ", " : "",
				       row->choice(i).name);
	}
	complain_at(parsing->words, optarg, n, "--%s takes one of %s%s%s%s", row->name, list,
		    guess.best ? "; did you mean " : "", guess.best ? guess.best : "",
		    guess.best ? "?" : "");
	return -EINVAL;
}

/* Return: the number of the choice, or how many there are */
static size_t choice_number(const struct option_row *row, const char *word)
{
	size_t i = 0;

	while (row->choice(i).name && strcmp(row->choice(i).name, word))
		i++;
	return i;
}

static int take(const struct parsing *parsing, const struct option_row *row)
{
	size_t i = row->choice ? choice_number(row, optarg) : 0;

	if (row->choice && !row->choice(i).name)
		return complain_choice(parsing, row);
	if (row->set(parsing->settings, optarg, i))
		return 0;
	if (*parsing->settings->trouble.text) {
		complain_at(parsing->words, parsing->settings->trouble.part,
			    parsing->settings->trouble.part_n, "--%s: %s", row->name,
			    parsing->settings->trouble.text);
		return -EINVAL;
	}
	complain_at(parsing->words, optarg, strlen(optarg), "--%s takes %s", row->name,
		    row->wanted);
	return -EINVAL;
}

static int take_next(const struct parsing *parsing, int val)
{
	if (val == '?')
		return complain_unknown(parsing);
	if (val == ':')
		return complain_missing(parsing);
	return take(parsing, row_of(parsing, val));
}

/* Behind -- stands the command that is the traffic. Return: how many words are before it */
static int split_child(struct settings *settings, const struct command *command, int argc,
		       char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (!(command->bit & COMMAND_CHECK) || strcmp(argv[i], "--"))
			continue;
		argv[i] = NULL;
		settings->child = argv + i + 1;
		return i;
	}
	return argc;
}

int options_parse(struct settings *settings, const struct command *command, char *const *words,
		  int argc, char **argv)
{
	struct parsing parsing = {
		.settings = settings, .command = command, .words = words, .argv = argv
	};
	int val;

	*settings = (struct settings){
		.output = &outputs[0],
		.check = &check_outputs[0],
		.limit = command->bit & COMMAND_CHECK ? 0 : 10, /* a part proves nothing */
		.limit_unit = 1,
	};
	argc = split_child(settings, command, argc, argv);
	prepare(&parsing);
	optind = 0; /* glibc: start anew, a test parses many lines */
	while ((val = getopt_long(argc, argv, parsing.shorts, parsing.longs, NULL)) != -1) {
		int ret = take_next(&parsing, val);

		if (ret < 0)
			return ret;
	}
	settings->sources = argv + optind;
	settings->n_sources = (size_t)(argc - optind);
	return 0;
}
