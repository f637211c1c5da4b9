/* SPDX-License-Identifier: GPL-2.0-or-later */
/* load.c - tells what a file is from its content, and has it read */
#include "build.h"
#include "lit.h"

#include <errno.h>
#include <stdlib.h>

struct ruleset *ruleset_create(void)
{
	struct ruleset *rs = calloc(1, sizeof(*rs));

	if (!rs)
		return NULL;
	rs->end = &rs->first;
	rs->files_end = &rs->files;
	rs->note_end = &rs->note_nodes;
	return rs;
}

void ruleset_destroy(struct ruleset *rs)
{
	if (!rs)
		return;
	arena_finish(&rs->arena);
	free(rs);
}

const char *ruleset_file_name(const struct ruleset *rs, uint32_t file)
{
	const struct file_name *name = rs->files;

	for (; name && file; file--)
		name = name->next;
	return name ? name->name : NULL;
}

struct format {
	int (*load)(struct load *load);
	bool (*begins)(struct str line);
	const char *command;
};

static bool begins_json(struct str line)
{
	return *line.p == '{';
}

static bool begins_save(struct str line)
{
	static const struct str starts[] = { S("*"), S("-A "), S("-P "), S("-N "), S("-A\t") };

	for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); i++)
		if (str_starts(line, starts[i]))
			return true;
	/* a part of one: chain lines, rules with counters; empty dumps have but this line */
	return *line.p == ':' || (*line.p == '[' && str_has(line, STR("] -A "))) ||
	       (*line.p == '#' && str_has(line, STR("tables-save v"))) ||
	       (*line.p == '#' && str_has(line, STR("tables-nft-save v")));
}

static bool begins_list(struct str line)
{
	return str_starts(line, STR("Chain ")) &&
	       (str_has(line, STR("(policy ")) || str_has(line, STR(" references)")));
}

static bool begins_nft(struct str line)
{
	return str_starts(line, STR("table ")) && str_has(line, STR("{"));
}

/* clang-format off */
static const struct format formats[] = {
	{ load_nft_json, begins_json, "nft -j list ruleset" },
	{ load_save,     begins_save, "iptables-save -c" },
	{ load_list,     begins_list, "iptables -L -n -v --line-numbers" },
	{ load_nft_text, begins_nft,  "nft -a list ruleset" },
};
/* clang-format on */

static const struct format *format_of_line(struct str line)
{
	for (size_t i = 0; line.n && i < sizeof(formats) / sizeof(*formats); i++)
		if (formats[i].begins(line))
			return &formats[i];
	return NULL;
}

/* The first line that any format begins with decides; those before may be prompts or remarks. */
static const struct format *find_format(const struct load *load)
{
	const struct format *format = NULL;
	const char *p = load->begin;

	while (p < load->end && !format) {
		const char *eol = memchr(p, '\n', (size_t)(load->end - p));

		eol = eol ? eol : load->end;
		format = format_of_line(str_trim_left(str_between(p, eol)));
		p = eol < load->end ? eol + 1 : eol;
	}
	return format;
}

static bool add_file(struct ruleset *rs, const char *name)
{
	struct file_name *file = arena_alloc(&rs->arena, sizeof(*file));

	if (!file)
		return false;
	file->name = arena_copy(&rs->arena, name, strlen(name) + 1);
	*rs->files_end = file;
	rs->files_end = &file->next;
	rs->n_files++;
	return file->name != NULL;
}

static const char *first_word(const struct load *load)
{
	const char *p = load->begin;

	while (p < load->end && memchr(" \t\r\n", *p, 4))
		p++;
	return p;
}

static int load_copy(struct load *load)
{
	const struct format *format = find_format(load);
	struct str text = str_between(load->begin, load->end);
	int ret;

	if (!format && (str_starts(text, STR("\xff\xfe")) || str_starts(text, STR("\xfe\xff"))))
		return load_fail(load, load->begin,
				 "UTF-8 (iconv -f utf-16 -t utf-8 makes it of UTF-16, which "
				 "PowerShell writes)");
	if (!format) {
		load->err->command = "iptables-save -c, or nft -a list ruleset";
		return load_fail(load, first_word(load),
				 "what iptables-save, iptables -L, nft list ruleset or nft -j "
				 "prints");
	}
	load->err->command = format->command;
	ret = format->load(load);
	if (!ret && load->arena->failed)
		ret = -ENOMEM;
	return ret;
}

int ruleset_load(struct ruleset *rs, const char *name, struct str text, struct ruleset_error *err)
{
	static const struct str mark = S("\xef\xbb\xbf"); /* a byte order mark */
	struct load load = { .rs = rs, .arena = &rs->arena, .err = err, .line = 1 };
	struct str copy;
	int ret;

	*err = (struct ruleset_error){ .file = name };
	if (!add_file(rs, name))
		return -ENOMEM;
	if (str_starts(text, mark))
		text = str_skip(text, mark.n);
	copy = arena_file(&rs->arena, text);
	if (!copy.p)
		return -ENOMEM;
	load.file = rs->n_files - 1;
	load.theirs = text.n ? text.p : "";
	load.begin = load.counted = copy.p;
	load.end = load.begin + text.n;
	ret = load_copy(&load);
	conds_finish(&load.conds);
	return ret;
}
