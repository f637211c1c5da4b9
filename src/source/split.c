// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * split.c - cuts a stream of bytes into records
 *
 * Nearly all input is lines. Two kinds of record span lines, and both are recognised by their
 * first bytes and checked to their last, so that text which only begins like one is cut into
 * lines after all: a journal export entry ("_KEY=value" lines up to an empty one, with binary
 * fields), and a JSON object (no line end in a string, nothing but JSON outside of one).
 * `dmesg -J` wraps its objects into one big object; its head and tail are handed out as lines,
 * so that memory stays bounded. Whatever is undecided when the bytes run out waits for more,
 * up to SPLIT_MAX.
 */
#include "nfhop/split.h"

#define SPLIT_MAX (1u << 20)
#define DEPTH_MAX 32 /* so that lines which each open an object are not scanned again and again */

/* found - what cutting at the front of the input came to */
enum found {
	FOUND,
	NOT_THIS,  /* it is another kind of record */
	NEED_MORE, /* it may be one, but its end is not here yet */
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_key(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static size_t key_length(struct str s)
{
	size_t n = 0;

	while (n < s.n && n < 64 && is_key(s.p[n]))
		n++;
	return n;
}

static size_t line_length(struct str s)
{
	const char *end = s.n ? memchr(s.p, '\n', s.n) : NULL;

	return end ? (size_t)(end - s.p) : s.n;
}

/* begins_entry - an export entry opens with a field whose name no log line begins with */
static bool begins_entry(struct str in)
{
	size_t n = key_length(in);

	if (!n || n == in.n || in.p[n] != '=')
		return false;
	return *in.p == '_' || str_starts(in, STR("MESSAGE=")) ||
	       str_starts(in, STR("PRIORITY=")) || str_starts(in, STR("SYSLOG_IDENTIFIER="));
}

/* field_length - one field of an entry with its line end; @more if it runs out of @in */
static size_t field_length(struct str in, bool *more)
{
	size_t n = key_length(in), line, i;
	uint64_t size = 0;

	*more = n == in.n;
	if (!n || *more)
		return 0;
	if (in.p[n] == '=') {
		line = line_length(in);
		*more = line == in.n;
		return line + 1;
	}
	if (in.p[n] != '\n')
		return 0;
	*more = in.n < n + 9;
	if (*more)
		return 0;
	for (i = 8; i-- > 0;)
		size = size << 8 | (unsigned char)in.p[n + 1 + i];
	*more = size < SPLIT_MAX && in.n < n + 9 + size + 1;
	if (*more || size >= SPLIT_MAX || in.p[n + 9 + size] != '\n')
		return 0;
	return n + 9 + (size_t)size + 1;
}

/* cut_entry - fields up to an empty line (taken off), or to a line that is no field */
static enum found cut_entry(struct str in, bool last, struct record *rec, size_t *used)
{
	size_t at = 0, n;
	bool more;

	if (!begins_entry(in))
		return NOT_THIS;
	while (at < in.n && at < SPLIT_MAX) {
		n = field_length(str_skip(in, at), &more);
		if (more)
			break;
		if (!n) {
			rec->kind = RECORD_JOURNAL;
			rec->data = str_first(in, at);
			*used = at + (in.p[at] == '\n');
			return FOUND;
		}
		at += n;
	}
	if (in.n < SPLIT_MAX && !last)
		return NEED_MORE;
	if (in.n < SPLIT_MAX)
		at = in.n;
	if (!at)
		return NOT_THIS;
	rec->kind = RECORD_JOURNAL;
	rec->data = str_first(in, at);
	rec->whole = last && at == in.n && in.p[at - 1] == '\n';
	*used = at;
	return FOUND;
}

static size_t skip_space(struct str in, size_t at)
{
	while (at < in.n && is_space(in.p[at]))
		at++;
	return at;
}

/* begins_object - "{" and a member's name or "}"; @more if that cannot be seen yet */
static bool begins_object(struct str in, bool *more)
{
	size_t at;

	*more = false;
	if (!in.n || *in.p != '{')
		return false;
	at = skip_space(in, 1);
	*more = at == in.n;
	return !*more && (in.p[at] == '"' || in.p[at] == '}');
}

/* dmesg_head - size of `{ "dmesg": [`, which wraps all that `dmesg -J` prints; 0 if it is not */
static size_t dmesg_head(struct str in)
{
	size_t at = skip_space(in, 1);

	if (!str_starts(str_skip(in, at), STR("\"dmesg\"")))
		return 0;
	at = skip_space(in, at + 7);
	if (at == in.n || in.p[at] != ':')
		return 0;
	at = skip_space(in, at + 1);
	return at < in.n && in.p[at] == '[' ? at + 1 : 0;
}

/* string_end - where the string that goes on at @at has its closing quote, a line end, or @end */
static size_t string_end(const char *p, size_t at, size_t end)
{
	static const bool stops[256] = { ['"'] = true, ['\\'] = true, ['\n'] = true };
	const char *quote = at < end ? memchr(p + at, '"', end - at) : NULL;
	size_t n = quote ? (size_t)(quote - (p + at)) : 0;

	if (n && !memchr(p + at, '\\', n) && !memchr(p + at, '\n', n))
		return at + n;
	for (; at < end; at += 2) { /* what is escaped, be it a quote, is passed over */
		while (at < end && !stops[(unsigned char)p[at]])
			at++;
		if (at < end && p[at] != '\\')
			break;
	}
	return at;
}

/* is_outside - may it stand outside of strings? (the letters are those of true, false and null) */
static bool is_outside(char c)
{
	static const bool is[256] = {
		['{'] = true,  ['}'] = true,  ['['] = true,  [']'] = true, [':'] = true,
		[','] = true,  ['.'] = true,  ['+'] = true,  ['-'] = true, ['0'] = true,
		['1'] = true,  ['2'] = true,  ['3'] = true,  ['4'] = true, ['5'] = true,
		['6'] = true,  ['7'] = true,  ['8'] = true,  ['9'] = true, ['e'] = true,
		['E'] = true,  [' '] = true,  ['t'] = true,  ['r'] = true, ['u'] = true,
		['f'] = true,  ['a'] = true,  ['l'] = true,  ['s'] = true, ['n'] = true,
		['\t'] = true, ['\r'] = true, ['\n'] = true,
	};

	return is[(unsigned char)c];
}

/* object_length - up to and with its closing bracket; 0 with @more, or if it is no JSON */
static size_t object_length(struct str in, bool *more)
{
	size_t depth = 0, at, end = in.n < SPLIT_MAX ? in.n : SPLIT_MAX;

	*more = false;
	for (at = 0; at < end; at++) {
		char c = in.p[at];

		if (c == '"') {
			at = string_end(in.p, at + 1, end);
			if (at < end && in.p[at] == '\n')
				return 0;
		} else if (!is_outside(c)) {
			return 0;
		} else if (c == '{' || c == '[') {
			if (++depth > DEPTH_MAX)
				return 0;
		} else if ((c == '}' || c == ']') && !--depth) {
			return at + 1;
		}
	}
	*more = at < SPLIT_MAX;
	return 0;
}

/* line_rest - blanks, a comma and the line end after an object, if nothing else is there */
static size_t line_rest(struct str in, size_t at, bool *more)
{
	size_t end = at;

	while (end < in.n && (in.p[end] == ' ' || in.p[end] == ',' || in.p[end] == '\r'))
		end++;
	*more = end == in.n && in.n < SPLIT_MAX;
	return end < in.n && in.p[end] == '\n' ? end + 1 : at;
}

/* object_front - what may stand before an object: json-sse, json-seq, a comma of dmesg -J */
static size_t object_front(struct str in)
{
	size_t at = 0;

	if (str_starts(in, STR("data: ")))
		return 6;
	while (at < in.n && at < 64 &&
	       (in.p[at] == ' ' || in.p[at] == '\t' || in.p[at] == ',' || in.p[at] == '\x1e' ||
		in.p[at] == '['))
		at++;
	return at;
}

static enum found cut_object(struct str in, bool last, struct record *rec, size_t *used)
{
	size_t front = object_front(in), n;
	struct str object = str_skip(in, front);
	bool more;

	if (!begins_object(object, &more))
		return more && !last ? NEED_MORE : NOT_THIS;
	n = dmesg_head(object);
	if (n) {
		rec->data = str_first(object, 0);
		*used = front + n;
		return FOUND;
	}
	n = object_length(object, &more);
	if (!n)
		return more && !last ? NEED_MORE : NOT_THIS;
	rec->kind = RECORD_JSON;
	rec->data = str_first(object, n);
	*used = line_rest(in, front + n, &more);
	return more && !last ? NEED_MORE : FOUND;
}

static enum found cut_line(struct str in, bool last, struct record *rec, size_t *used)
{
	size_t n = line_length(in);

	if (n == in.n && !last && n < SPLIT_MAX)
		return NEED_MORE;
	if (n > SPLIT_MAX || (n == in.n && n >= SPLIT_MAX)) {
		n = SPLIT_MAX; /* a line that never ends must not fill the memory */
		rec->whole = false;
		*used = n;
	} else {
		rec->whole = n < in.n;
		*used = n + rec->whole;
	}
	rec->data = str_first(in, n);
	if (str_ends(rec->data, STR("\r")))
		rec->data.n--;
	return FOUND;
}

/* skip_front - NUL bytes that logrotate's copytruncate left, and a byte order mark */
static size_t skip_front(struct str in)
{
	size_t at = 0;

	while (at < in.n && !in.p[at])
		at++;
	if (str_starts(str_skip(in, at), STR("\xef\xbb\xbf")))
		at += 3;
	return at;
}

static uint64_t count_lines(struct str s)
{
	uint64_t n = 0;
	const char *end;

	while (s.n && (end = memchr(s.p, '\n', s.n))) {
		s = str_skip(s, (size_t)(end + 1 - s.p));
		n++;
	}
	return n;
}

static size_t hand_out(struct split *split, struct str in, size_t used, struct record *rec)
{
	uint64_t lines = count_lines(str_first(in, used));

	rec->source = split->source;
	rec->line = split->line + 1;
	rec->lines = lines ? lines : 1;
	rec->offset = split->offset + (uint64_t)(rec->data.p - in.p);
	split->line += lines;
	split->offset += used;
	return used;
}

size_t split_next(struct split *split, struct str in, bool last, struct record *rec)
{
	static enum found (*const kinds[])(struct str in, bool last, struct record *rec,
					   size_t *used) = { cut_entry, cut_object, cut_line };
	size_t front = skip_front(in), used = 0, i;
	struct str body = str_skip(in, front);
	enum found found = NOT_THIS;

	*rec = (struct record){ .kind = RECORD_LINE, .whole = true, .data = body };
	if (!in.n || (!body.n && !last))
		return 0;
	for (i = 0; body.n && found == NOT_THIS; i++)
		found = kinds[i](body, last, rec, &used);
	if (found == NEED_MORE)
		return 0;
	return hand_out(split, in, front + used, rec);
}
