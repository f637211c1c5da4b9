/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cli.h - what the files of the command line share: commands, settings, complaints */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stddef.h>
#include <stdint.h>

#include "nfhop/checks.h"
#include "nfhop/guess.h"
#include "nfhop/output.h"
#include "nfhop/query.h"

/* interface.md section 2 */
enum { STATUS_FINE = 0, STATUS_FAILED = 1, STATUS_USAGE = 2, STATUS_INCONCLUSIVE = 3 };

#define RULESETS_MAX 32
#define FILTERS_MAX  16

enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/**
 * struct settings - what the command line asked for
 * @output, @by, @color: how it is written
 * @check: how check's result is written; @learn: write expectations; @child: the command that is
 *	the traffic, behind --, ended by NULL; NULL if there is none
 * @never: only rules that were never reached
 * @json: as JSON, where that is not an output's matter
 * @file: where to; NULL is standard output
 * @keep: where a recording of what is read goes, or NULL
 * @netns: the network namespace to enter first, NULL for ours
 * @trace: the packets that the kernel is to trace, NULL: none; @limit: how many of them at most
 *	in each @limit_unit seconds, 0: all; @print_commands: say how to do it by hand, and end
 * @follow: go on when a file ends
 * @for_ns, @count: end after so long, after so many packets; 0: not for that
 * @buffer: bytes that live sources may have waiting; 0: plenty
 * @year: of stamps without one, or 0
 * @loud: more (-v) or less (-q) on standard error
 * @help, @manual, @version: print that and end
 * @filters: -w, --since, --until as they were given, @n_filters of them; @filter: all of them
 *	together, NULL if there are none
 * @trouble: what is wrong with an argument, if its option can say so: @part of it, @part_n bytes
 * @rulesets: names of rule set files, @n_rulesets of them
 * @side_rulesets: of diff's first capture alone and of its second, @n_side_rulesets of them
 * @expectations: the file that check holds packets against, or NULL
 * @sources: names, @n_sources of them; point into argv
 */
struct settings {
	const struct output *output;
	const struct check_output *check;
	bool learn, never;
	char **child;
	enum report_by by;
	enum color_when color;
	const char *file, *keep;
	const char *netns;
	struct query *trace;
	uint64_t limit;
	uint32_t limit_unit;
	bool print_commands, follow;
	uint64_t for_ns, count;
	size_t buffer;
	int year;
	int loud;
	bool json, strict, help, manual, version;
	struct query *filters[FILTERS_MAX], *filter;
	size_t n_filters;
	struct {
		const char *part;
		size_t part_n;
		char text[512];
	} trouble;
	const char *rulesets[RULESETS_MAX];
	size_t n_rulesets;
	const char *side_rulesets[2][RULESETS_MAX];
	size_t n_side_rulesets[2];
	const char *expectations;
	char **sources;
	size_t n_sources;
};

/* settings_finish - free what options_parse() made */
void settings_finish(struct settings *settings);

#define COMMAND_REPORT (1u << 0)
#define COMMAND_HELP   (1u << 1)
#define COMMAND_DOCTOR (1u << 2)
#define COMMAND_CHECK  (1u << 3)
#define COMMAND_RECORD (1u << 4)
#define COMMAND_RULES  (1u << 5)
#define COMMAND_DIFF   (1u << 6)
#define COMMAND_VIEW   (1u << 8)
#define COMMAND_ALL    (~0u)
/* all that read sources, files or live ones */
#define COMMAND_READS                                                                              \
	(COMMAND_REPORT | COMMAND_RECORD | COMMAND_CHECK | COMMAND_VIEW | COMMAND_RULES)

/* and those that compare two captures */
#define COMMAND_COMPARES (COMMAND_READS | COMMAND_DIFF)

/**
 * struct command - one row of `nfhop --help`
 * @bit: COMMAND_* bit, says which options it takes
 * @arguments: after its options
 * @run: Return: the exit status
 */
struct command {
	const char *name;
	unsigned int bit;
	const char *arguments;
	const char *help;
	int (*run)(const struct settings *settings);
};

/* commands - ended by a row without a name; without a command view, or report without a terminal */
extern const struct command commands[];

int record_run(const struct settings *settings);
int report_run(const struct settings *settings);
int view_run(const struct settings *settings);
/* view_possible - is standard output a terminal that the view could be shown on? */
bool view_possible(void);
int doctor_run(const struct settings *settings);
int check_run(const struct settings *settings);
int coverage_run(const struct settings *settings);
int diff_run(const struct settings *settings);

/**
 * filter_parse - a filter that is an argument of an option
 * Return: the query, query_destroy() it; NULL after filling in settings->trouble
 */
struct query *filter_parse(struct settings *settings, const char *argument);
/* filter_add, filter_add_time - one more that must hold; @word: since or until; false if wrong */
bool filter_add(struct settings *settings, const char *argument);
/* filter_trace - the packets that the kernel is to trace; false if it is none, or too much for it
 */
bool filter_trace(struct settings *settings, const char *argument);
bool filter_add_time(struct settings *settings, const char *word, const char *argument);

/**
 * rules_load - the rule sets that the command line names, joined
 * @rules: receives the sealed rule set (ruleset_destroy() it), NULL if none is named
 * Return: 0, or -errno after complaining
 */
int rules_load(const struct settings *settings, struct ruleset **rules);

/**
 * conventions_load - the LOG prefixes that are known, the user's file included
 * Return: 0 and what is to be prefixes_destroy()ed, or -errno after complaining
 */
int conventions_load(struct prefixes **prefixes);

/* file_read - a whole file on the heap, free((char *)text->p) it; Return: 0 or -errno */
int file_read(const char *name, struct str *text);

/* complain_file - "FILE:LINE:COLUMN: expected ..., found ..." */
void complain_file(const char *file, unsigned int line, unsigned int column, const char *expected,
		   struct str found);

/**
 * complain_line - "FILE:LINE:COLUMN: ...", then the line with the offending part underlined
 * @at: offset of the part in @text, @n bytes of it; @message: what is wrong with it
 */
void complain_line(const char *file, unsigned int line, struct str text, size_t at, size_t n,
		   const char *message);

/* complain - "nfhop: ..." on standard error */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* complain_into - hand complaints to @to instead, while there is a screen; NULL: no longer */
void complain_into(void (*to)(void *who, const char *text), void *who);

/**
 * complain_at - the same, then the command line with the offending part underlined
 * @words: the command line as it was typed, ended by NULL
 * @part: points into or at one of @words; @n bytes of it are meant
 */
void complain_at(char *const *words, const char *part, size_t n, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* What standard output is. */
bool terminal_utf8(void);
bool terminal_color(enum color_when when, int fd);
unsigned int terminal_width(int fd);

/**
 * struct progress - a line on standard error for inputs that take their time
 * @total: bytes of all sources, 0 if not known
 */
struct progress {
	bool wanted, shown;
	uint64_t total, next_at;
	double started, next;
};

struct progress progress_start(bool wanted, uint64_t total);
/* progress_show - @done bytes are read; cheap if there is nothing to say yet */
void progress_show(struct progress *progress, uint64_t done);
void progress_end(struct progress *progress);
double seconds_now(void);

#endif
