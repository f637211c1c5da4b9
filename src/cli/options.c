// SPDX-License-Identifier: GPL-2.0-or-later
/* options.c - the one table of options */
#include "options.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

static struct choice format_choice(size_t i)
{
	return (struct choice){ outputs[i].name, outputs[i].help };
}

static bool set_format(struct settings *settings, const char *argument, size_t i)
{
	(void)argument;
	settings->output = &outputs[i];
	return true;
}

static struct choice plain_choice(size_t i)
{
	static const struct choice plain[] = {
		{ "text", "for people" },
		{ "json", "one document" },
		{ NULL, NULL },
	};

	return plain[i];
}

static bool set_json(struct settings *settings, const char *argument, size_t i)
{
	(void)argument;
	settings->json = i;
	return true;
}

static struct choice check_choice(size_t i)
{
	return (struct choice){ check_outputs[i].name, check_outputs[i].help };
}

static bool set_check(struct settings *settings, const char *argument, size_t i)
{
	(void)argument;
	settings->check = &check_outputs[i];
	return true;
}

static bool set_never(struct settings *settings, const char *argument, size_t i)
{
	(void)argument;
	(void)i;
	return settings->never = true;
}

static bool set_learn(struct settings *settings, const char *argument, size_t i)
{
	(void)argument;
	(void)i;
	return settings->learn = true;
}

static struct choice by_choice(size_t i)
{
	static const struct choice by[] = {
		[REPORT_BY_FLOW] = { "flow", "one block a flow, each way through the host once" },
		[REPORT_BY_PACKET] = { "packet", "one block a packet" },
		[REPORT_BY_PATH] = { "path", "each way through the host once, over all flows" },
		[REPORT_BY_STOP] = { "stop", "a table: which rule stopped how many packets" },
		{ NULL, NULL },
	};

	return by[i];
}

static bool set_by(struct settings *settings, const char *argument, size_t i)
{
	(void)argument;
	settings->by = (enum report_by)i;
	return true;
}

static struct choice color_choice(size_t i)
{
	static const struct choice when[] = {
		[COLOR_AUTO] = { "auto", "on a terminal, unless NO_COLOR is set" },
		[COLOR_ALWAYS] = { "always", "also into a file or a pipe" },
		[COLOR_NEVER] = { "never", "not at all" },
		{ NULL, NULL },
	};

	return when[i];
}

static bool set_color(struct settings *settings, const char *argument, size_t i)
{
	(void)argument;
	settings->color = (enum color_when)i;
	return true;
}

static bool set_file(struct settings *settings, const char *argument, size_t i)
{
	(void)i;
	settings->file = strcmp(argument, "-") ? argument : NULL;
	return *argument;
}

static bool set_keep(struct settings *settings, const char *argument, size_t i)
{
	(void)i;
	settings->keep = argument;
	return *argument && strcmp(argument, "-") != 0;
}

static bool set_netns(struct settings *settings, const char *argument, size_t i)
{
	(void)i;
	settings->netns = argument;
	return *argument;
}

static bool set_year(struct settings *settings, const char *argument, size_t i)
{
	(void)i;
	if (strlen(argument) != 4 || strspn(argument, "0123456789") != 4)
		return false;
	settings->year = atoi(argument);
	return settings->year >= 1970 && settings->year <= 2200;
}

static bool set_strict(struct settings *settings, const char *argument, size_t i)
{
	(void)argument;
	(void)i;
	return settings->strict = true;
}

static bool set_quiet(struct settings *settings, const char *argument, size_t i)
{
	(void)argument;
	(void)i;
	settings->loud--;
	return true;
}

static bool set_verbose(struct settings *settings, const char *argument, size_t i)
{
	(void)argument;
	(void)i;
	settings->loud++;
	return true;
}

static bool set_help(struct settings *settings, const char *argument, size_t i)
{
	(void)argument;
	(void)i;
	return settings->help = true;
}

static bool set_manual(struct settings *settings, const char *argument, size_t i)
{
	(void)argument;
	(void)i;
	return settings->manual = true;
}

static bool set_version(struct settings *settings, const char *argument, size_t i)
{
	(void)argument;
	(void)i;
	return settings->version = true;
}

/* number_of - Return: the number that @text begins with and, in @rest, what is behind it */
static bool number_of(const char *text, uint64_t *number, const char **rest)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 10);
	*rest = end;
	return *text >= '0' && *text <= '9' && !errno;
}

/* struct unit - a word behind a number, and what it multiplies it by */
struct unit {
	const char *word;
	uint64_t times;
};

/* scaled_of - a number with one of @units, ended by a row without a word; alone it is the first */
static bool scaled_of(const char *text, const struct unit *units, uint64_t *number)
{
	const char *rest;

	if (!number_of(text, number, &rest))
		return false;
	for (const struct unit *unit = units; unit->word; unit++)
		if (!strcmp(rest, unit->word) || (!*rest && unit == units)) {
			*number *= unit->times;
			return *number / unit->times <= UINT64_MAX / unit->times;
		}
	return false;
}

static bool set_for(struct settings *settings, const char *argument, size_t i)
{
	static const struct unit units[] = {
		{ "s", 1000000000 },
		{ "ms", 1000000 },
		{ "m", UINT64_C(60000000000) },
		{ "min", UINT64_C(60000000000) },
		{ "h", UINT64_C(3600000000000) },
		{ NULL, 0 },
	};

	(void)i;
	return scaled_of(argument, units, &settings->for_ns) && settings->for_ns;
}

static bool set_count(struct settings *settings, const char *argument, size_t i)
{
	const char *rest;

	(void)i;
	return number_of(argument, &settings->count, &rest) && !*rest && settings->count;
}

static bool set_buffer(struct settings *settings, const char *argument, size_t i)
{
	static const struct unit units[] = {
		{ "K", 1 << 10 }, { "k", 1 << 10 }, { "M", 1 << 20 }, { "G", 1 << 30 }, { NULL, 0 },
	};
	uint64_t bytes;

	(void)i;
	if (!scaled_of(argument, units, &bytes) || !bytes || bytes > (UINT64_C(1) << 30))
		return false;
	settings->buffer = (size_t)bytes;
	return true;
}

static bool set_limit(struct settings *settings, const char *argument, size_t i)
{
	static const struct unit units[] = {
		{ "second", 1 }, { "minute", 60 }, { "hour", 3600 }, { "day", 86400 }, { NULL, 0 },
	};
	const char *rest;

	(void)i;
	if (!number_of(argument, &settings->limit, &rest) || settings->limit > UINT32_MAX)
		return false;
	if (!*rest && !settings->limit)
		return true;
	for (const struct unit *unit = units; unit->word; unit++)
		if (*rest == '/' && rest[1] && !strncmp(unit->word, rest + 1, strlen(rest + 1))) {
			settings->limit_unit = (uint32_t)unit->times;
			return true;
		}
	return false;
}

static bool set_trace(struct settings *settings, const char *argument, size_t i)
{
	(void)i;
	return filter_trace(settings, argument);
}

static bool set_print_commands(struct settings *settings, const char *argument, size_t i)
{
	(void)argument;
	(void)i;
	return settings->print_commands = true;
}

static bool set_follow(struct settings *settings, const char *argument, size_t i)
{
	(void)argument;
	(void)i;
	return settings->follow = true;
}

static bool set_ruleset(struct settings *settings, const char *argument, size_t i)
{
	(void)i;
	if (!*argument || settings->n_rulesets == RULESETS_MAX)
		return false;
	settings->rulesets[settings->n_rulesets++] = argument;
	return true;
}

static bool set_side_ruleset(struct settings *settings, const char *argument, int side)
{
	if (!*argument || settings->n_side_rulesets[side] == RULESETS_MAX)
		return false;
	settings->side_rulesets[side][settings->n_side_rulesets[side]++] = argument;
	return true;
}

static bool set_ruleset_before(struct settings *settings, const char *argument, size_t i)
{
	(void)i;
	return set_side_ruleset(settings, argument, 0);
}

static bool set_ruleset_after(struct settings *settings, const char *argument, size_t i)
{
	(void)i;
	return set_side_ruleset(settings, argument, 1);
}

static bool set_where(struct settings *settings, const char *argument, size_t i)
{
	(void)i;
	return filter_add(settings, argument);
}

static bool set_since(struct settings *settings, const char *argument, size_t i)
{
	(void)i;
	return filter_add_time(settings, "since", argument);
}

static bool set_until(struct settings *settings, const char *argument, size_t i)
{
	(void)i;
	return filter_add_time(settings, "until", argument);
}

#define A_TIME "2026-11-22T14:58:09, 2026-11-22, 14:58, @SECONDS since 1970 or +SECONDS since boot"

// clang-format off
const struct option_row option_rows[] = {
	{ 'r', "ruleset", "FILE", COMMAND_COMPARES, NULL, set_ruleset,
	  "a file name (32 at most)",
	  "the rule set that was loaded, as iptables-save, ip6tables-save, nft -a list ruleset, "
	  "nft -j list ruleset or iptables -L -nv --line-numbers print it; may be given "
	  "several times" },
	{ 0, "ruleset-before", "FILE", COMMAND_DIFF, NULL, set_ruleset_before,
	  "a file name (32 at most)", "a rule set of BEFORE alone; may be given several times" },
	{ 0, "ruleset-after", "FILE", COMMAND_DIFF, NULL, set_ruleset_after,
	  "a file name (32 at most)", "a rule set of AFTER alone; may be given several times" },
	{ 'w', "where", "FILTER", COMMAND_COMPARES, NULL, set_where, "16 filters at most",
	  "only packets for which FILTER holds, as 'tcp and dst 10.0.0.0/8' (see nfhop-filter(7)); "
	  "given several times, all must hold" },
	{ 0, "since", "TIME", COMMAND_COMPARES, NULL, set_since, A_TIME,
	  "only packets whose first hop is not earlier: " A_TIME },
	{ 0, "until", "TIME", COMMAND_COMPARES, NULL, set_until, A_TIME,
	  "only packets whose first hop is not later" },
	{ 'F', "format", "FORMAT", COMMAND_REPORT, format_choice, set_format, NULL,
	  "how the report is written" },
	{ 'F', "format", "FORMAT", COMMAND_DOCTOR | COMMAND_RULES, plain_choice, set_json, NULL,
	  "how it is written" },
	{ 'F', "format", "FORMAT", COMMAND_CHECK, check_choice, set_check, NULL,
	  "how the result is written" },
	{ 0, "never", NULL, COMMAND_RULES, NULL, set_never, NULL,
	  "only rules that were never reached, or never matched" },
	{ 0, "learn", NULL, COMMAND_CHECK, NULL, set_learn, NULL,
	  "write the expectations that the packets of SOURCE meet, instead of checking any" },
	{ 'b', "by", "WHAT", COMMAND_REPORT, by_choice, set_by, NULL,
	  "what a report for people is ordered by" },
	{ 'o', "output", "FILE", COMMAND_REPORT | COMMAND_CHECK | COMMAND_RECORD |
	  COMMAND_RULES | COMMAND_DIFF, NULL, set_file, "a file name",
	  "write to FILE, not to standard output" },
	{ 0, "year", "YYYY", COMMAND_COMPARES, NULL, set_year, "a year from 1970 to 2200",
	  "the year of log lines that have none (default: that of the file's last change, "
	  "stepping back at a year's turn)" },
	{ 0, "strict", NULL, COMMAND_COMPARES, NULL, set_strict, NULL,
	  "end with status 2 at the first netfilter line that is broken, and say where" },
	{ 't', "trace", "FILTER", COMMAND_READS, NULL, set_trace, "a filter",
	  "while running, make the kernel trace the packets for which FILTER holds: by an "
	  "nftables table of nfhop's own, which the kernel removes when nfhop ends, however it "
	  "ends; it lights nftables and legacy iptables" },
	{ 0, "limit", "N/UNIT", COMMAND_READS, NULL, set_limit,
	  "a rate, as 50/second or 600/minute, or 0 for no limit; --count N ends after N packets",
	  "with --trace: so many packets at most (default 10/second, of check none; 0: no limit)" },
	{ 0, "print-commands", NULL, COMMAND_READS, NULL, set_print_commands, NULL,
	  "with --trace: print the iptables commands that would trace the same, and end" },
	{ 0, "keep", "FILE", COMMAND_READS & ~COMMAND_RECORD, NULL, set_keep, "a file name",
	  "write a recording of all that is read to FILE, too, as nfhop record does" },
	{ 'f', "follow", NULL, COMMAND_READS, NULL, set_follow, NULL,
	  "go on when a file ends; it may be rotated, cut, or not be there yet" },
	{ 0, "for", "DURATION", COMMAND_READS, NULL, set_for,
	  "a duration, as 500ms, 10s, 5m or 1h", "end after so long" },
	{ 0, "count", "N", COMMAND_READS, NULL, set_count, "a number above 0",
	  "end after so many packets" },
	{ 'B', "buffer", "SIZE", COMMAND_READS, NULL, set_buffer,
	  "kibibytes, or a number with K, M or G, up to 1G",
	  "what live sources may have waiting to be read (default 128M)" },
	{ 0, "netns", "NAME", COMMAND_READS | COMMAND_DOCTOR, NULL, set_netns,
	  "a network namespace",
	  "enter that network namespace first, as ip netns knows it" },
	{ 0, "color", "WHEN", COMMAND_ALL & ~COMMAND_HELP, color_choice, set_color, NULL,
	  "whether colour is used" },
	{ 'q', "quiet", NULL, COMMAND_COMPARES, NULL, set_quiet, NULL,
	  "no progress on standard error" },
	{ 'v', "verbose", NULL, COMMAND_COMPARES, NULL, set_verbose, NULL,
	  "say on standard error what was read and how long it took" },
	{ 'h', "help", NULL, COMMAND_ALL, NULL, set_help, NULL,
	  "print this" },
	{ 0, "version", NULL, COMMAND_ALL, NULL, set_version, NULL,
	  "print the version" },
	{ 0, "help-scdoc", NULL, COMMAND_ALL, NULL, set_manual, NULL, NULL },
	{ 0 },
};
// clang-format on

static_assert(sizeof(option_rows) / sizeof(*option_rows) - 1 <= OPTION_ROWS_MAX, "raise it");
