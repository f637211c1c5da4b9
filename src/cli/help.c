// SPDX-License-Identifier: GPL-2.0-or-later
/* help.c - help texts and the option sections of the manual, from the table of options */
#include "options.h"

#define HELP_COLUMN   26
#define HELP_WIDTH    80
#define CHOICE_INDENT 4

/* Return: the column after @n more */
static int put_blanks(FILE *out, int column, int to)
{
	int n = to > column ? to - column : 0;

	fprintf(out, "%*s", n, "");
	return column + n;
}

/* A sentence in the right-hand column, broken between words. */
static void put_wrapped(FILE *out, int column, int indent, const char *text)
{
	if (column && column >= indent) {
		fputc('\n', out);
		column = 0;
	}
	column = put_blanks(out, column, indent);
	while (*text) {
		int n = (int)strcspn(text, " ");

		if (column > indent && column + 1 + n > HELP_WIDTH) {
			fputc('\n', out);
			column = put_blanks(out, 0, indent);
		}
		column += fprintf(out, "%s%.*s", column > indent ? " " : "", n, text);
		text += n + (text[n] == ' ');
	}
	fputc('\n', out);
}

static void put_choices(FILE *out, const struct option_row *row)
{
	for (size_t i = 0; row->choice && row->choice(i).name; i++) {
		struct choice choice = row->choice(i);
		int column = put_blanks(out, 0, HELP_COLUMN + CHOICE_INDENT / 2);

		column += fprintf(out, "%s", choice.name);
		column = put_blanks(out, column, HELP_COLUMN + 10);
		fprintf(out, "%s%s\n", choice.help, i ? "" : " (default)");
	}
}

static void put_row(FILE *out, const struct option_row *row)
{
	int column = fprintf(out, row->letter ? "  -%c, " : "      ", row->letter);

	column += fprintf(out, "--%s", row->name);
	if (row->argument)
		column += fprintf(out, " %s", row->argument);
	put_wrapped(out, column, HELP_COLUMN, row->help);
	put_choices(out, row);
}

static void put_rows(FILE *out, unsigned int bit)
{
	fputs("\nOptions:\n", out);
	for (const struct option_row *row = option_rows; row->name; row++)
		if (row->help && (row->commands & bit))
			put_row(out, row);
}

static const struct {
	const char *word, *help;
} sources[] = {
	{ "PATH", "a saved file: a kernel log, what nft monitor trace prints, a recording, packed "
		  "or not" },
	{ "-", "standard input" },
	{ "nft:", "live: the trace of nftables, and of iptables-nft" },
	{ "kmsg:", "live: the kernel log, with TRACE and LOG lines of legacy iptables" },
	{ "nflog:GROUP", "live: one NFLOG group" },
	{ "journal:", "live: the kernel log as journald has it" },
	{ "(none)", "every live source that this host has, in one row of hops" },
};

static void help_all(FILE *out)
{
	fputs("Usage: nfhop [OPTION...] [COMMAND] [OPTION...] [SOURCE...]\n\n"
	      "Shows a packet's way through netfilter, from the kernel's own log lines:\n"
	      "hook by hook, rule by rule, and where it stopped.\n\n"
	      "Commands:\n",
	      out);
	for (const struct command *command = commands; command->name; command++) {
		int column = fprintf(out, "  %s", command->name);

		put_wrapped(out, column, HELP_COLUMN, command->help);
	}
	fputs("\nWithout a command: view on a terminal, else report.\n"
	      "nfhop COMMAND --help tells the command's options.\n\n"
	      "SOURCE, any number, merged by time:\n",
	      out);
	for (size_t i = 0; i < sizeof(sources) / sizeof(*sources); i++) {
		int column = fprintf(out, "  %s", sources[i].word);

		put_wrapped(out, column, HELP_COLUMN, sources[i].help);
	}
	fputs("\n  nfhop /var/log/kern.log\n"
	      "  dmesg | nfhop -\n"
	      "  nfhop --trace 'host 192.0.2.7'\n",
	      out);
}

void help_print(FILE *out, const struct command *command)
{
	if (!command) {
		help_all(out);
		return;
	}
	fprintf(out, "Usage: nfhop %s %s\n\n", command->name, command->arguments);
	put_wrapped(out, 0, 0, command->help);
	put_rows(out, command->bit);
}

void help_filter(FILE *out)
{
	const struct query_primitive *rows;
	size_t n = query_primitives(&rows);

	fputs("A filter is made of these, joined by and, or, not and parentheses (see "
	      "nfhop-filter(7)):\n\n",
	      out);
	for (size_t i = 0; i < n; i++) {
		int column = fprintf(out, "  %s", rows[i].word);

		if (rows[i].argument)
			column += fprintf(out, " %s", rows[i].argument);
		put_wrapped(out, column, HELP_COLUMN, rows[i].help);
	}
	fputs("\nADDRESS is an address or a prefix, PORT a number, a name or a range; several in\n"
	      "braces: dport {80,443,8000-8100}. PLACE is TABLE:CHAIN, perhaps with :rule:N,\n"
	      ":policy or :\"the rule's comment\".\n\n"
	      "  nfhop report -w 'dst 10.0.0.9 and not dport 22' kern.log\n"
	      "  nfhop report -w 'stopped at filter:FORWARD' kern.log\n",
	      out);
}

/* What scdoc takes for emphasis is escaped, the first letter made a capital, lines broken. */
static void put_scdoc(FILE *out, const char *text, bool sentence)
{
	int column = 8;

	for (bool first = sentence; *text; text++, first = false) {
		bool small = *text >= 'a' && *text <= 'z';
		int n = (int)strcspn(text + 1, " ");

		if (*text == ' ' && column + n > HELP_WIDTH) {
			fputs("\n\t", out);
			column = 8;
			continue;
		}
		if (strchr("_*\\", *text))
			fputc('\\', out);
		fputc(first && small ? *text - 'a' + 'A' : *text, out);
		column++;
	}
}

static void put_scdoc_row(FILE *out, const struct option_row *row)
{
	if (row->letter)
		fprintf(out, "*-%c*, ", row->letter);
	fprintf(out, "*--%s*", row->name);
	if (row->argument)
		fprintf(out, " _%s_", row->argument);
	fputs("\n\t", out);
	put_scdoc(out, row->help, true);
	fputs(row->choice ? ":\n\n" : ".\n\n", out);
	for (size_t i = 0; row->choice && row->choice(i).name; i++) {
		struct choice choice = row->choice(i);

		fprintf(out, "\t- *%s*: ", choice.name);
		put_scdoc(out, choice.help, false);
		fprintf(out, "%s\n", i ? "" : " (default)");
	}
	if (row->choice)
		fputc('\n', out);
}

void help_manual(FILE *out, const struct command *command)
{
	for (const struct option_row *row = option_rows; row->name; row++)
		if (row->help && (row->commands & command->bit))
			put_scdoc_row(out, row);
}
