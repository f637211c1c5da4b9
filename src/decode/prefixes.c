// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * prefixes.c - what a LOG line's prefix says of its rule: the table of rows, and how it is asked
 *
 * Built-in rows and the user's are the same text, read by the same code (prefix_row.c). To match
 * is to try the regular expressions one after the other, to fill in the templates of the first
 * that fits, and to look their words up. A template with a group that took no part says nothing:
 * half a name is a wrong name.
 *
 * A user's regex may be slow by design or by mistake. Limits on backtracking, depth and heap end
 * such a search, and the row counts as not matching.
 */
#include "nfhop/prefixes.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "nfhop/grow.h"

#include "prefix_row.h"
#include "prefix_table.h"

#define LONGEST_REGEX 2048
#define MATCH_LIMIT   100000 /* backtracks: about a millisecond */
#define DEPTH_LIMIT   1000
#define HEAP_LIMIT    1024 /* KiB */

struct rows {
	struct prefix_row *row;
	size_t n, cap;
};

/* struct source - a text that rows were read from, kept as long as they */
struct source {
	struct source *next;
	char text[];
};

/**
 * struct prefixes - the table
 * @compile, @match: with the limits set
 * @groups: of the row that has most of them
 */
struct prefixes {
	struct rows user, builtin;
	struct source *sources;
	pcre2_compile_context *compile;
	pcre2_match_context *match;
	uint32_t groups;
};

/* ---- the table ---- */

/* push_row - Return: a new, empty row, or NULL if there is no memory */
static struct prefix_row *push_row(struct rows *rows)
{
	struct prefix_row *row = array_grow(rows->row, rows->n, &rows->cap, sizeof(*row));

	if (!row)
		return NULL;
	rows->row = row;
	row = &rows->row[rows->n++];
	*row = (struct prefix_row){ .code = NULL };
	return row;
}

static void cut_rows(struct rows *rows, size_t n)
{
	while (rows->n > n)
		pcre2_code_free(rows->row[--rows->n].code);
}

static int add_row(struct prefixes *prefixes, struct rows *rows, struct str line,
		   struct prefixes_error *err)
{
	struct prefix_row *row = push_row(rows);
	uint32_t groups;
	int fail = row ? prefix_row_read(row, line, prefixes->compile, err) : -ENOMEM;

	if (fail)
		return fail;
	pcre2_pattern_info(row->code, PCRE2_INFO_CAPTURECOUNT, &groups);
	if (groups > prefixes->groups)
		prefixes->groups = groups;
	return 0;
}

static int add_line(struct prefixes *prefixes, struct str line, struct prefixes_error *err)
{
	struct str row = str_trim_left(line);
	int fail;

	if (str_ends(row, STR("\r")))
		row.n--;
	if (!row.n || *row.p == '#')
		return 0;
	fail = add_row(prefixes, &prefixes->user, row, err);
	if (fail == -EINVAL)
		err->column += (uint32_t)(row.p - line.p);
	return fail;
}

static int add_lines(struct prefixes *prefixes, struct str text, struct prefixes_error *err)
{
	int fail = 0;

	err->line = 0;
	while (text.n && !fail) {
		struct str line = str_first(text, str_find(text, STR("\n")));

		err->line++;
		fail = add_line(prefixes, line, err);
		text = str_skip(text, line.n + 1);
	}
	return fail;
}

int prefixes_add(struct prefixes *prefixes, const char *file_name, struct str text,
		 struct prefixes_error *err)
{
	struct source *source = malloc(sizeof(*source) + text.n);
	const size_t before = prefixes->user.n;
	int fail;

	if (!source)
		return -ENOMEM;
	if (text.n)
		memcpy(source->text, text.p, text.n);
	err->file = file_name;
	fail = add_lines(prefixes, (struct str){ source->text, text.n }, err);
	if (!fail) {
		source->next = prefixes->sources;
		prefixes->sources = source;
		return 0;
	}
	if (fail == -EINVAL) /* it must point into what stays */
		err->found.p = text.p + (err->found.p - source->text);
	cut_rows(&prefixes->user, before);
	free(source);
	return fail;
}

const char *prefixes_builtin(size_t i)
{
	return i < builtin_count ? builtin_prefixes[i] : NULL;
}

/* add_builtin - Return: 0 or -ENOMEM */
static int add_builtin(struct prefixes *prefixes)
{
	struct prefixes_error err;
	int fail = 0;
	size_t i;

	for (i = 0; i < builtin_count && !fail; i++)
		fail = add_row(prefixes, &prefixes->builtin, str_from(builtin_prefixes[i]), &err);
	assert(fail != -EINVAL);
	if (fail)
		cut_rows(&prefixes->builtin, 0);
	return fail;
}

struct prefixes *prefixes_create(void)
{
	struct prefixes *prefixes = calloc(1, sizeof(*prefixes));

	if (!prefixes)
		return NULL;
	prefixes->compile = pcre2_compile_context_create(NULL);
	prefixes->match = pcre2_match_context_create(NULL);
	if (!prefixes->compile || !prefixes->match)
		goto destroy;
	pcre2_set_max_pattern_length(prefixes->compile, LONGEST_REGEX);
	pcre2_set_match_limit(prefixes->match, MATCH_LIMIT);
	pcre2_set_depth_limit(prefixes->match, DEPTH_LIMIT);
	pcre2_set_heap_limit(prefixes->match, HEAP_LIMIT);
	return prefixes;

destroy:
	prefixes_destroy(prefixes);
	return NULL;
}

static void finish_rows(struct rows *rows)
{
	cut_rows(rows, 0);
	free(rows->row);
}

void prefixes_destroy(struct prefixes *prefixes)
{
	struct source *source;

	if (!prefixes)
		return;
	finish_rows(&prefixes->user);
	finish_rows(&prefixes->builtin);
	while ((source = prefixes->sources)) {
		prefixes->sources = source->next;
		free(source);
	}
	pcre2_compile_context_free(prefixes->compile);
	pcre2_match_context_free(prefixes->match);
	free(prefixes);
}

/* ---- matching ---- */

/* struct match - a row that matched, and the room its names are put together in */
struct match {
	const struct prefix_row *row;
	struct str prefix;
	pcre2_match_data *data;
	char *room;
	size_t used;
};

/* group_text - Return: what a group matched; p is NULL if it took no part */
static struct str group_text(const struct match *m, struct str name)
{
	const size_t *ends = pcre2_get_ovector_pointer(m->data);
	uint32_t number = group_number(m->row->code, name);

	ends += 2 * number;
	if (!number || ends[0] == PCRE2_UNSET || ends[1] < ends[0])
		return (struct str){ NULL, 0 };
	return str_between(m->prefix.p + ends[0], m->prefix.p + ends[1]);
}

/* glue - put the pieces of a template together in the room; empty if one says nothing */
static struct str glue(struct match *m, struct str template)
{
	char *from = m->room + m->used, *to = from;
	struct piece piece;

	while (template.n) {
		take_piece(&template, &piece);
		if (piece.group)
			piece.text = group_text(m, piece.text);
		if (!piece.text.p || piece.text.n > (size_t)(m->room + PREFIX_ROOM - to))
			return (struct str){ NULL, 0 };
		memcpy(to, piece.text.p, piece.text.n);
		to += piece.text.n;
	}
	m->used += (size_t)(to - from);
	return str_between(from, to);
}

/* value - a template filled in; without glue if it is one piece */
static struct str value(struct match *m, enum prefix_key key)
{
	struct str template = m->row->value[key], rest = template;
	struct piece piece;

	if (key == KEY_VERDICT)
		template = rest = value_sure(template);
	if (!template.n)
		return template;
	take_piece(&rest, &piece);
	if (rest.n)
		return glue(m, template);
	return piece.group ? group_text(m, piece.text) : piece.text;
}

static void say(struct match *m, struct prefix_meaning *out)
{
	struct str rule = value(m, KEY_RULE);

	out->convention = m->row->name;
	out->table = value(m, KEY_TABLE);
	out->chain = value(m, KEY_CHAIN);
	if (!hook_bits(value(m, KEY_HOOK), &out->hooks))
		out->hooks = 0;
	out->rule = value_rule(rule);
	out->default_rule = value_is_default(rule) || group_text(m, STR("default")).p;
	if (!action_verdict(value(m, KEY_VERDICT), &out->verdict))
		out->verdict = VERDICT_NONE;
	out->certain = out->verdict != VERDICT_NONE &&
		       !str_ends(m->row->value[KEY_VERDICT], STR("?"));
}

/* find - Return: the first row that matches, NULL if none does */
static const struct prefix_row *find(const struct prefixes *prefixes, const struct rows *rows,
				     struct str prefix, pcre2_match_data *data)
{
	size_t i;

	for (i = 0; i < rows->n; i++)
		if (pcre2_match(rows->row[i].code, (PCRE2_SPTR)prefix.p, prefix.n, 0, 0, data,
				prefixes->match) > 0)
			return &rows->row[i];
	return NULL;
}

bool prefixes_match(struct prefixes *prefixes, struct str prefix, struct prefix_meaning *out)
{
	struct match m = { .prefix = str_trim_right(prefix), .room = out->room };

	/* most logs have no such prefix, and to compile all rows takes longer than a short log */
	if (!prefixes->builtin.n && add_builtin(prefixes))
		return false;
	m.data = pcre2_match_data_create(prefixes->groups + 1, NULL);
	if (!m.data || !m.prefix.n) {
		pcre2_match_data_free(m.data);
		return false;
	}
	m.row = find(prefixes, &prefixes->user, m.prefix, m.data);
	if (!m.row)
		m.row = find(prefixes, &prefixes->builtin, m.prefix, m.data);
	if (m.row)
		say(&m, out);
	pcre2_match_data_free(m.data);
	return m.row;
}
