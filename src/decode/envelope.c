// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * envelope.c - takes the framing off one line: who, when, and the kernel's own words
 *
 * Framings are not announced and mix within one file, so each line is read from its front:
 * quote marks, priority, a date in some form, host, facility, tag, kernel stamp; each part may
 * be missing. The kernel's words begin where nothing of that is left. Whatever is in doubt
 * stays in the words: a LOG prefix such as "[UFW BLOCK] " or "DROP: " must survive, and a
 * prefix that only looks like "TRACE: " must not become one.
 */
#include "envelope.h"

#include "scan.h"
#include "stamp.h"

/* is_one_of - @word is one of the words of @list, which are separated and ended by a blank */
static bool is_one_of(struct str word, struct str list)
{
	size_t at = 0;

	while (word.n && (at += str_find(str_skip(list, at), word)) < list.n) {
		struct str found = str_skip(list, at);

		if ((!at || found.p[-1] == ' ') && found.n > word.n && found.p[word.n] == ' ')
			return true;
		at++;
	}
	return false;
}

static bool is_level(struct str word)
{
	return is_one_of(word, STR("emerg alert crit err error warn warning notice info debug "
				   "panic "));
}

static bool is_facility(struct str word)
{
	return is_one_of(word, STR("kern user mail daemon auth syslog lpr news uucp cron authpriv "
				   "ftp local0 local1 local2 local3 local4 local5 local6 local7 "));
}

static bool has_blank(struct str s)
{
	return s.n && memchr(s.p, ' ', s.n);
}

static struct str until(struct str s, char c)
{
	const char *at = s.n ? memchr(s.p, c, s.n) : NULL;

	return at ? str_between(s.p, at) : s;
}

/* skip_quote_marks - what mails, patches and source comments put in front of a quoted line */
static void skip_quote_marks(struct str *s)
{
	static const char marks[] = ">|/+";
	struct str rest;

	scan_blanks(s);
	rest = *s;
	while (rest.n && memchr(marks, *rest.p, sizeof(marks) - 1)) {
		rest = str_skip(rest, 1);
		scan_blanks(&rest);
	}
	*s = rest;
}

/* skip_element - "<programlisting>": a log quoted in a document */
static void skip_element(struct str *s)
{
	size_t n = 1;

	if (!s->n || *s->p != '<')
		return;
	while (n < s->n && s->p[n] >= 'a' && s->p[n] <= 'z')
		n++;
	if (n > 1 && n < s->n && s->p[n] == '>')
		*s = str_trim_left(str_skip(*s, n + 1));
}

/* skip_priority - <4>; Return: true if there was one */
static bool skip_priority(struct str *s)
{
	struct str rest = *s;
	uint64_t pri;

	if (!scan_char(&rest, '<') || !scan_dec(&rest, 3, &pri) || !scan_char(&rest, '>'))
		return false;
	*s = rest;
	return true;
}

static struct str alnums(struct str s)
{
	size_t n = 0;

	while (n < s.n && is_alnum(s.p[n]))
		n++;
	return str_first(s, n);
}

/* skip_facility - "kern.warn ", "kern.info: ", "kern  :warn  : " (dmesg -x) */
static void skip_facility(struct str *s)
{
	struct str facility = alnums(*s), rest = str_trim_left(str_skip(*s, facility.n)), level;

	if ((!scan_char(&rest, '.') && !scan_char(&rest, ':')) || !is_facility(facility))
		return;
	level = alnums(rest);
	if (!is_level(level))
		return;
	rest = str_trim_left(str_skip(rest, level.n));
	scan_char(&rest, ':');
	*s = str_trim_left(rest);
}

/* skip_level - "notice ": OpenWrt's LuCI */
static void skip_level(struct str *s)
{
	struct str rest = *s;

	struct str level = scan_token(&rest);

	rest = str_trim_left(rest);
	if (str_starts(rest, STR("kernel")) && is_level(level))
		*s = rest;
}

/*
 * skip_tag - "kernel:", "kernel[152]", "kernel[]:", "warning.kernel:"; also ulogd's, whose
 * lines hold the kernel's prefix and packet. Any other word may be the prefix itself.
 */
static bool skip_tag(struct str *s)
{
	struct str rest = *s;
	size_t dot = until(str_first(rest, 10), '.').n;
	uint64_t pid;

	if (dot < rest.n && rest.p[dot] == '.' && is_level(str_first(rest, dot)))
		rest = str_skip(rest, dot + 1);
	if (!scan_word(&rest, STR("kernel")) && !scan_word(&rest, STR("ulogd")))
		return false;
	if (scan_char(&rest, '[')) {
		scan_dec(&rest, 10, &pid);
		if (!scan_char(&rest, ']'))
			return false;
		scan_char(&rest, ':');
	} else if (!scan_char(&rest, ':')) {
		return false;
	}
	*s = str_trim_left(rest);
	return true;
}

static bool is_host(struct str word)
{
	size_t i;

	if (!word.n || word.p[word.n - 1] == ':' || word.p[0] == '-')
		return false;
	for (i = 0; i < word.n; i++)
		if (!is_alnum(word.p[i]) && !memchr(".-_:", word.p[i], 4) && !(word.p[i] & 0x80))
			return false;
	return true;
}

/* take_kernel_stamp - the stamp that the kernel or dmesg itself put in front of the words */
static bool take_kernel_stamp(struct envelope *env)
{
	struct stamp stamp = { .have = 0 };
	struct str rest = env->text;

	if (!stamp_kernel(&rest, &stamp))
		return false;
	if (env->stamp.have & STAMP_WALL) { /* the log's own date is the better one */
		env->stamp.up_ns = stamp.up_ns;
		env->stamp.up_digits = stamp.up_digits;
		env->stamp.have |= stamp.have & (STAMP_UP | STAMP_DELTA);
	} else {
		stamp.have |= env->stamp.have;
		env->stamp = stamp;
	}
	env->kernel = true;
	env->text = str_trim_left(rest);
	return true;
}

/* take_tagged - facility and tag, and the kernel stamp after them */
static bool take_tagged(struct envelope *env)
{
	struct str rest = env->text;

	skip_facility(&rest);
	skip_level(&rest);
	if (!skip_tag(&rest))
		return false;
	env->text = rest;
	env->kernel = true;
	take_kernel_stamp(env);
	return true;
}

/* take_host_tagged - "host kernel: ": a host is only certain if a tag follows */
static bool take_host_tagged(struct envelope *env)
{
	struct envelope after = *env;
	struct str host = scan_token(&after.text);

	scan_blanks(&after.text);
	if (!is_host(host) || !take_tagged(&after))
		return false;
	after.host = host;
	*env = after;
	return true;
}

/* take_host - after a date comes the host, unless the word cannot be one; UniFi gives it twice */
static void take_host(struct envelope *env)
{
	struct str rest = env->text, again;
	struct str host = scan_token(&rest);

	scan_blanks(&rest);
	if (!is_host(host) || !rest.n)
		return;
	env->host = host;
	env->text = rest;
	again = scan_token(&rest);
	if (str_eq(host, again) && rest.n)
		env->text = str_trim_left(rest);
}

/* after_date - host, facility, tag, kernel stamp */
static void after_date(struct envelope *env)
{
	if (take_tagged(env) || take_kernel_stamp(env))
		return;
	take_host(env);
	if (!take_tagged(env))
		take_kernel_stamp(env);
}

/* structured - skip RFC 5424's structured data: "-", or one or more [id name="value" ...] */
static bool skip_structured(struct str *s)
{
	struct str rest = *s;
	bool quoted = false;

	if (scan_char(&rest, '-')) {
		*s = rest;
		return true;
	}
	if (!rest.n || *rest.p != '[')
		return false;
	while (rest.n && *rest.p == '[') {
		while (rest.n && (quoted || *rest.p != ']')) {
			if (quoted && *rest.p == '\\')
				rest = str_skip(rest, 1);
			else if (*rest.p == '"')
				quoted = !quoted;
			rest = str_skip(rest, 1);
		}
		if (!scan_char(&rest, ']'))
			return false;
	}
	*s = rest;
	return true;
}

/* open_5424 - "1 2026-11-22T15:10:35Z host app procid msgid sd message", after the priority */
static bool open_5424(struct envelope *env)
{
	struct str rest = env->text, host, app;
	struct stamp stamp = { .have = 0 };

	if (!scan_word(&rest, STR("1 ")))
		return false;
	if (!stamp_wall(&rest, &stamp) && !scan_char(&rest, '-'))
		return false;
	host = scan_token(&rest);
	app = scan_token(&rest);
	scan_token(&rest);
	scan_token(&rest);
	scan_blanks(&rest);
	if (!skip_structured(&rest))
		return false;
	scan_blanks(&rest);
	scan_word(&rest, STR("\xef\xbb\xbf"));
	env->host = str_eq(host, STR("-")) ? (struct str){ host.p, 0 } : host;
	env->kernel = str_eq(app, STR("kernel"));
	env->stamp = stamp;
	env->text = str_trim_left(rest);
	take_kernel_stamp(env);
	return true;
}

/* open_proxmox - "101 1 tap101i0-IN 20/Jun/2022:13:12:46 +0200 REJECT: IN=..." */
static bool open_proxmox(struct envelope *env)
{
	struct str rest = env->text, chain;
	struct stamp stamp = { .have = 0 };
	uint64_t vmid, level;

	if (!scan_dec(&rest, 10, &vmid) || !scan_blanks(&rest) || !scan_dec(&rest, 1, &level) ||
	    !scan_blanks(&rest))
		return false;
	chain = scan_token(&rest);
	scan_blanks(&rest);
	if (!chain.n || !stamp_apache(&rest, &stamp))
		return false;
	env->stamp = stamp;
	env->text = str_trim_left(rest);
	return true;
}

/* open_dated - a date in front; dmesg's ISO form (with a comma) has no host after it */
static bool open_dated(struct envelope *env)
{
	struct str date = env->text, rest = date;

	if (!stamp_wall(&rest, &env->stamp))
		return false;
	env->text = str_trim_left(rest);
	if (memchr(date.p, ',', (size_t)(rest.p - date.p)))
		env->kernel = true;
	else
		after_date(env);
	return true;
}

static bool open_stamped(struct envelope *env)
{
	if (!take_kernel_stamp(env))
		return false;
	take_host_tagged(env); /* journalctl -o short-monotonic */
	return true;
}

static bool open_clocked(struct envelope *env)
{
	struct envelope dated = *env;

	if (!open_dated(&dated) || dated.stamp.have & STAMP_NO_DATE)
		return open_stamped(env);
	*env = dated;
	return true;
}

/* open_grepped - "kern.log:Mar 17 ...", "kern.log:12:Mar 17 ...": grep on files, and grep -Hn */
static bool open_grepped(struct envelope *env)
{
	struct str file = until(str_first(env->text, 200), ':');
	struct envelope plain = *env, numbered;
	struct str rest;
	uint64_t line;

	if (has_blank(file) || file.n == env->text.n)
		return false;
	plain.text = rest = str_skip(env->text, file.n + 1);
	numbered = plain;
	if (scan_dec(&rest, 9, &line) && scan_char(&rest, ':'))
		numbered.text = rest;
	if (open_clocked(&plain)) {
		*env = plain;
		return true;
	}
	if (!open_clocked(&numbered))
		return false;
	*env = numbered;
	return true;
}

static bool open_tagged(struct envelope *env)
{
	return take_tagged(env) || take_host_tagged(env);
}

/* open_numbered - "12:Mar 17 ...", "    12\tMar 17 ...": grep -n, cat -n, less -N */
static bool open_numbered(struct envelope *env)
{
	struct envelope after = *env;
	uint64_t line;

	if (!scan_dec(&after.text, 9, &line) ||
	    (!scan_char(&after.text, ':') && !scan_blanks(&after.text)))
		return false;
	scan_blanks(&after.text);
	if (!open_clocked(&after) && !open_tagged(&after))
		return false;
	*env = after;
	return true;
}

/* open_trace - in a field of a table, as CSV; behind a blank it is the prefix of a LOG line */
static bool open_trace(struct envelope *env)
{
	static const struct str words = { "TRACE: ", 7 };
	size_t at = str_find(env->text, words);

	if (!at || at == env->text.n || !memchr("\",;|\t", env->text.p[at - 1], 5))
		return false;
	env->text = str_skip(env->text, at);
	return true;
}

bool envelope_kmsg(struct str *line, struct envelope *env)
{
	struct str rest = *line;
	uint64_t prio, seq, usec;

	if (!scan_dec(&rest, 4, &prio) || !scan_char(&rest, ',') || !scan_dec(&rest, 19, &seq) ||
	    !scan_char(&rest, ',') || !scan_dec(&rest, 15, &usec) || !scan_char(&rest, ','))
		return false;
	rest = str_skip(rest, until(rest, ';').n);
	if (!scan_char(&rest, ';'))
		return false;
	env->seq = seq;
	env->stamp.up_ns = usec * 1000;
	env->stamp.up_digits = 6;
	env->stamp.have = STAMP_UP | STAMP_SEQ;
	env->kernel = prio < 8; /* user space cannot write with facility 0 (formats.md 7.1) */
	env->user = prio >= 8;
	env->text = rest;
	*line = rest;
	return true;
}

/* unescape - \xNN; without room in @scratch the text stays as it is */
static struct str unescape(struct str s, struct scratch *scratch)
{
	char *out;
	size_t n = 0;

	if (!s.n || !memchr(s.p, '\\', s.n) || scratch->cap - scratch->used < s.n)
		return s;
	out = scratch->buf + scratch->used;
	while (s.n) {
		if (s.n >= 4 && s.p[0] == '\\' && s.p[1] == 'x' && hex_value(s.p[2]) >= 0 &&
		    hex_value(s.p[3]) >= 0) {
			out[n++] = (char)(hex_value(s.p[2]) << 4 | hex_value(s.p[3]));
			s = str_skip(s, 4);
		} else {
			out[n++] = *s.p;
			s = str_skip(s, 1);
		}
	}
	scratch->used += n;
	return (struct str){ out, n };
}

bool envelope_reltime(struct str line, struct envelope *env)
{
	*env = (struct envelope){ .text = line, .host = { line.p, 0 } };
	return line.n > 2 && line.p[0] == '[' && !is_digit(line.p[1]) && take_kernel_stamp(env);
}

void envelope_open(struct str line, struct scratch *scratch, struct envelope *env)
{
	static bool (*const forms[])(struct envelope * env) = {
		open_dated,   open_stamped,  open_tagged, open_proxmox,
		open_grepped, open_numbered, open_trace,
	};
	bool priority;
	size_t i;

	*env = (struct envelope){ .text = line, .host = { line.p, 0 } };
	if (line.n && is_digit(*line.p) && envelope_kmsg(&env->text, env)) {
		env->text = unescape(env->text, scratch);
		return;
	}
	skip_quote_marks(&env->text);
	skip_element(&env->text);
	priority = skip_priority(&env->text);
	if (priority && open_5424(env))
		return;
	scan_blanks(&env->text);
	skip_facility(&env->text);
	for (i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (forms[i](env))
			return;
}
