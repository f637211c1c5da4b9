// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * prefix_row.c - reads one row of the table of prefixes: NAME /REGEX/ KEY=VALUE...
 *
 * A value is a template: `$group` stands for what that group matched. A key that is missing takes
 * the group of its own name, if there is one; so after reading, a row has a template for each key
 * that it says anything of, and matching knows no cases. All that can be wrong is found here:
 * groups that are not there, and words that mean nothing.
 */
#include "prefix_row.h"

#include <errno.h>
#include <strings.h>

#include "prefix_table.h"
#include "scan.h"

/* ---- templates ---- */

static bool is_name(char c)
{
	return is_alnum(c) || c == '_';
}

/* take_name - as many bytes as a group's name may have; Return: false if there are none */
static bool take_name(struct str *s, struct str *name)
{
	size_t n = 0;

	while (n < s->n && is_name(s->p[n]))
		n++;
	*name = str_first(*s, n);
	*s = str_skip(*s, n);
	return n;
}

bool take_piece(struct str *template, struct piece *piece)
{
	piece->group = scan_char(template, '$');
	if (!piece->group) {
		piece->text = str_first(*template, str_find(*template, STR("$")));
		*template = str_skip(*template, piece->text.n);
		return true;
	}
	if (scan_char(template, '{'))
		return take_name(template, &piece->text) && scan_char(template, '}');
	return take_name(template, &piece->text);
}

uint32_t group_number(const pcre2_code *code, struct str name)
{
	char z[64];
	int number;

	if (name.n >= sizeof(z))
		return 0;
	memcpy(z, name.p, name.n);
	z[name.n] = '\0';
	number = pcre2_substring_number_from_name(code, (PCRE2_SPTR)z);
	return number > 0 ? (uint32_t)number : 0;
}

/* ---- values: what may stand right of a key, if it has no `$` ---- */

static bool is_text(struct str value)
{
	return value.n;
}

static bool is_hook(struct str value)
{
	uint32_t bits;

	return hook_bits(value, &bits);
}

bool value_is_default(struct str value)
{
	return value.n == 7 && !strncasecmp(value.p, "default", 7);
}

uint32_t value_rule(struct str value)
{
	uint64_t number = 0;

	if (!scan_dec(&value, 10, &number) || value.n || number > UINT32_MAX)
		return 0;
	return (uint32_t)number;
}

static bool is_rule(struct str value)
{
	return value_is_default(value) || value_rule(value);
}

struct str value_sure(struct str value)
{
	return str_ends(value, STR("?")) ? str_first(value, value.n - 1) : value;
}

static bool is_verdict(struct str value)
{
	enum verdict verdict;

	return action_verdict(value_sure(value), &verdict);
}

/*
 * struct key - one that a row may have
 * @group: fills in for it if it is missing
 * @fits: is a constant value good?
 */
static const struct key {
	const char *word, *group;
	bool (*fits)(struct str value);
	const char *expected;
} keys[KEY_MAX] = {
	[KEY_TABLE] = { "table", "$table", is_text, "a table's name" },
	[KEY_CHAIN] = { "chain", "$chain", is_text, "a chain's name" },
	[KEY_HOOK] = { "hook", "$hook", is_hook,
		       "ingress, prerouting, input, forward, output, postrouting or egress, "
		       "with commas between" },
	[KEY_RULE] = { "rule", "$rule", is_rule, "a number from 1, or default" },
	[KEY_VERDICT] = { "verdict", "$action", is_verdict,
			  "accept, drop, reject, continue, return, jump, goto, queue, stolen or "
			  "none, and ? behind it if it is not certain" },
};

/* ---- reading ---- */

/* struct line - a row while it is read */
struct line {
	struct str all, rest;
	struct prefixes_error *err;
};

static int fault(struct line *line, const char *at, const char *expected)
{
	struct prefixes_error *err = line->err;

	err->column = (uint32_t)(at - line->all.p) + 1;
	err->expected = expected;
	err->found = str_between(at, line->all.p + line->all.n);
	err->detail[0] = '\0';
	return -EINVAL;
}

static int fault_here(struct line *line, const char *expected)
{
	return fault(line, line->rest.p, expected);
}

static int read_name(struct line *line, struct prefix_row *row)
{
	const char *from = line->rest.p;

	while (line->rest.n && (is_name(*line->rest.p) || memchr("-.", *line->rest.p, 2)))
		line->rest = str_skip(line->rest, 1);
	row->name = str_between(from, line->rest.p);
	if (!row->name.n)
		return fault_here(line, "a row's name: letters, digits, _ - .");
	if (!scan_blanks(&line->rest))
		return fault_here(line, "a blank, then /REGEX/");
	return 0;
}

static int regex_fault(struct line *line, struct str regex, int number, size_t offset)
{
	struct prefixes_error *err = line->err;

	fault(line, regex.p + (offset < regex.n ? offset : regex.n),
	      "a regular expression of PCRE2");
	pcre2_get_error_message(number, (PCRE2_UCHAR *)err->detail, sizeof(err->detail));
	return -EINVAL;
}

/* regex_end - Return: offset of the `/` that ends it (not `\/`), or s.n */
static size_t regex_end(struct str s)
{
	size_t i;

	for (i = 0; i < s.n && s.p[i] != '/'; i++)
		if (s.p[i] == '\\' && i + 1 < s.n)
			i++;
	return i;
}

/* compile - UTF mode stays off: prefixes are cut at 29 bytes, in the middle of characters too */
static int compile(struct line *line, struct prefix_row *row, struct str regex,
		   pcre2_compile_context *context)
{
	const uint32_t options = PCRE2_DOLLAR_ENDONLY | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP |
				 PCRE2_NEVER_BACKSLASH_C;
	size_t offset;
	int number;

	row->code = pcre2_compile((PCRE2_SPTR)regex.p, regex.n, options, &number, &offset, context);
	if (!row->code && number == PCRE2_ERROR_HEAP_FAILED)
		return -ENOMEM;
	if (!row->code)
		return regex_fault(line, regex, number, offset);
	return 0;
}

static int read_regex(struct line *line, struct prefix_row *row, pcre2_compile_context *context)
{
	struct str regex;

	if (!scan_char(&line->rest, '/'))
		return fault_here(line, "/REGEX/");
	regex = str_first(line->rest, regex_end(line->rest));
	line->rest = str_skip(line->rest, regex.n);
	if (!scan_char(&line->rest, '/'))
		return fault_here(line, "a / that ends the regular expression");
	return compile(line, row, regex, context);
}

/* read_key - Return: the key in front of a '=', or KEY_MAX */
static enum prefix_key read_key(struct line *line)
{
	unsigned int i;

	for (i = 0; i < KEY_MAX; i++) {
		struct str rest = line->rest;

		if (scan_word(&rest, str_from(keys[i].word)) && scan_char(&rest, '=')) {
			line->rest = rest;
			break;
		}
	}
	return (enum prefix_key)i;
}

/* check - are a template's groups there, and if it has none, is it a good value? */
static int check(struct line *line, const pcre2_code *code, const struct key *key,
		 struct str template)
{
	struct str rest = template;
	struct piece piece;
	bool constant = true;

	while (rest.n) {
		const char *at = rest.p;

		if (!take_piece(&rest, &piece))
			return fault(line, at, "a group's name after $: $name or ${name}");
		if (piece.group && !group_number(code, piece.text))
			return fault(line, at,
				     "a group that the regular expression has once: (?<name>...)");
		constant &= !piece.group;
	}
	return constant && !key->fits(template) ? fault(line, template.p, key->expected) : 0;
}

static int read_pair(struct line *line, struct prefix_row *row)
{
	const char *at = line->rest.p;
	enum prefix_key key = read_key(line);
	struct str value = { line->rest.p, 0 };

	if (key == KEY_MAX)
		return fault(line, at, "table=, chain=, hook=, rule=, verdict= or a # comment");
	if (row->value[key].n)
		return fault(line, at, "each key once");
	while (value.n < line->rest.n && !is_blank(value.p[value.n]))
		value.n++;
	line->rest = str_skip(line->rest, value.n);
	row->value[key] = value;
	return check(line, row->code, &keys[key], value);
}

static int read_pairs(struct line *line, struct prefix_row *row)
{
	int err = 0;

	while (!err && line->rest.n) {
		if (!scan_blanks(&line->rest))
			return fault_here(line, "a blank, or the line's end");
		if (!line->rest.n || *line->rest.p == '#')
			break;
		err = read_pair(line, row);
	}
	return err;
}

/* add_missing - what is not said is what the group of that name says */
static void add_missing(struct prefix_row *row)
{
	unsigned int i;

	for (i = 0; i < KEY_MAX; i++) {
		struct str template = str_from(keys[i].group);

		if (!row->value[i].n && group_number(row->code, str_skip(template, 1)))
			row->value[i] = template;
	}
}

int prefix_row_read(struct prefix_row *row, struct str line, pcre2_compile_context *context,
		    struct prefixes_error *err)
{
	struct line l = { .all = line, .rest = line, .err = err };
	int fail = read_name(&l, row);

	if (!fail)
		fail = read_regex(&l, row, context);
	if (!fail)
		fail = read_pairs(&l, row);
	if (!fail)
		add_missing(row);
	return fail;
}
