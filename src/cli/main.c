// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * main.c - which command is meant
 *
 * The map of the program, in the order in which data flows:
 *
 *   src/decode/bare.c         the words of a packet line that have no '='
 *   src/decode/body.c         walks over the tokens of a packet line and says what they make
 *   src/decode/decode.c       the table of dialects
 *   src/decode/ebt.c          the packet as ebtables --log prints it: keys with blanks in them
 *   src/decode/envelope.c     takes the framing off one line: who, when, and the kernel's own words
 *   src/decode/fields.c       the keys and words of a packet line, one row and one reader each
 *   src/decode/journal.c      journalctl -o export: KEY=value lines and binary fields
 *   src/decode/json.c         one JSON object: a journal entry
 *   src/decode/klog.c         kernel log lines: opens the framing
 *   src/decode/note.c         lines that are no packets: what the kernel complains of
 *   src/decode/packet.c       finds the packet in a kernel text: prefix, devices
 *   src/decode/scan.c         reading words, numbers and addresses off the front of a str
 *   src/decode/stamp.c        every way in which a log line says when it was
 *
 *   src/trace/addr.c          addresses as text
 *   src/trace/assemble.c      hops in, packets out: who belongs to whom
 *   src/trace/fit.c           can an event be the next hop of a packet?
 *   src/trace/order.c         where the iptables tables stand in the hooks
 *   src/trace/outcome.c       what became of a packet
 *   src/trace/path.c          steps and paths, each distinct one kept once
 *   src/trace/sym.c           interned names
 *   src/trace/timeline.c      years for stamps that have none, sums for stamps that are differences
 *   src/trace/words.c         the words for families, hooks, verdicts and outcomes
 *
 *   src/ruleset/arena.c       memory that is given out piece by piece and taken back all at once
 *   src/ruleset/build.c       a rule set while it is being read
 *   src/ruleset/cond.c        gathers the conditions of one rule
 *   src/ruleset/list.c        reads `iptables -L`, with or without -n, -v and --line-numbers
 *   src/ruleset/list_row.c    turns one row of `iptables -L` back into the words that made the rule
 *   src/ruleset/match.c       does a rule fit a packet?
 *   src/ruleset/names.c       words that iptables and nft print instead of numbers
 *   src/ruleset/nat.c         reads what address translation translates to
 *   src/ruleset/save.c        reads iptables-save, and `iptables -S`, of either flavour and family
 *   src/ruleset/value.c       what stands on the right of a condition: addresses, numbers, ports
 *   src/ruleset/xt_file.c     what iptables-save, -S and -L have in common
 *   src/ruleset/xt_spec.c     reads one rule in iptables' own words: what follows `-A CHAIN`
 *   src/ruleset/xt_token.c    takes a line apart as iptables-restore does: blanks, double quotes
 *   src/ruleset/xt_words.c    what iptables' tables, built-in chains and targets are
 *
 *   src/flow/finding.c        what an expert would say: a table of findings
 *   src/flow/flow_path.c      which ways a flow's packets took, how many each
 *   src/flow/flows.c          both directions of a connection, joined across NAT
 *   src/flow/index.c          a chained hash whose entries are named by number
 *   src/flow/model.c          records in: decoded, repeated where the log says so, assembled
 *   src/flow/note.c           gaps and notes: what the log says besides packets
 *   src/flow/reason.c         one sentence for why a conclusion is what it is
 *   src/flow/remote.c         addresses that are not this host's own
 *   src/flow/state.c          conclusions: of a packet, of a path within a flow
 *   src/flow/tuple.c          what tells connections apart, forwards and backwards
 *   src/flow/view.c           hops and paths put into words' reach: numbers become names
 *
 *   src/source/file.c         files, pipes and standard input
 *   src/source/split.c        cuts a stream of bytes into records
 *
 *   src/output/format.c       times and protocols as text
 *   src/output/json.c         the whole report as one JSON document, or as one JSON object a line
 *   src/output/json_packet.c  one packet and its hops as JSON
 *   src/output/json_write.c   JSON as a stream: keys, values, commas, escaping
 *   src/output/outputs.c      the table of outputs
 *   src/output/text.c         the report for people: head, blocks, end
 *   src/output/text_end.c     findings, and what a reader must know of the input: lost, broken
 *   src/output/text_flow.c    one flow: what became of it, how sure that is, its ways, what to try
 *   src/output/text_packet.c  one block a packet (-b packet)
 *   src/output/text_rank.c    flows' paths put together and ranked: by where they stopped
 *   src/output/text_way.c     a packet's way as a table: hook, table, rule, verdict, text
 *   src/output/text_words.c   places, endpoints, outcomes and times in plain words
 *   src/output/writer.c       text for people: escaped, coloured by role, in columns
 *
 *   src/cli/complain.c        what goes to standard error, with the offending word underlined
 *   src/cli/guess.c           "did you mean"
 *   src/cli/help.c            help, and the option sections of the manual
 *   src/cli/main.c            which command is meant
 *   src/cli/options.c         the one table of options, and how a command line is read by it
 *   src/cli/progress.c        bytes, rate and time left on standard error
 *   src/cli/report.c          `nfhop report`: sources in, one report out
 *   src/cli/terminal.c        what the place we write to can show: symbols, colour, columns
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
