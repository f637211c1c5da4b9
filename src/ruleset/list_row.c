/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * list_row.c - turns one row of `iptables -L` back into the words that made the rule
 *
 * Theory of operation. Columns are set by blanks, not by place (long values push the others), and
 * two may be empty: the target, and with ip6tables before 1.8.9 `opt`. So the row is read in four
 * shapes, the first of which all fields fit. Behind the addresses each match prints as it likes
 * (iptables 1.8.9, extensions' print functions): what speaks of headers is turned back into
 * options, the rest is kept as it is, in brackets, and cannot be checked.
 */
#include "list_row.h"

#include "value.h"
#include "xt_words.h"
#include "lit.h"

/* A row may go on in the next line, within or behind a comment. */
static struct str skip_blanks(struct str s)
{
	while (s.n && (*s.p == ' ' || *s.p == '\t' || *s.p == '\n'))
		s = str_skip(s, 1);
	return s;
}

static struct str blank_cut(struct str *s)
{
	struct str all = skip_blanks(*s);
	size_t n = 0;

	while (n < all.n && all.p[n] != ' ' && all.p[n] != '\t' && all.p[n] != '\n')
		n++;
	*s = str_skip(all, n);
	return str_first(all, n);
}

static bool take_not(struct str *s)
{
	if (!s->n || *s->p != '!')
		return false;
	*s = str_skip(*s, 1);
	return true;
}

bool list_count(struct str s, uint64_t *v)
{
	static const char units[] = "KMGTP";
	const char *unit = s.n ? memchr(units, s.p[s.n - 1], sizeof(units) - 1) : NULL;

	if (!value_number64(str_first(s, s.n - (unit != NULL)), v))
		return false;
	for (; unit && unit >= units; unit--)
		*v = *v > UINT64_MAX / 1000 ? UINT64_MAX : *v * 1000;
	return true;
}

/* ---- the columns ---- */

struct columns {
	struct str target, proto, opt, iif, oif, src, dst, extra;
};

static bool is_proto(struct str s)
{
	uint32_t proto;

	take_not(&s);
	return value_proto(s, &proto);
}

static bool is_opt(struct str s)
{
	return str_eq(s, STR("--")) || str_eq(s, STR("-f")) || str_eq(s, STR("!f"));
}

/* With -n they are numbers; without it any name may stand there. */
static bool is_address(struct str s)
{
	struct addr_span span;
	bool v6;

	take_not(&s);
	return value_addrs(s, &span, &v6) || (s.n && *s.p != '*' && *s.p != '-');
}

static bool is_numeric_address(struct str s)
{
	struct addr_span span;
	bool v6;

	take_not(&s);
	return str_eq(s, STR("anywhere")) || value_addrs(s, &span, &v6);
}

static bool columns_in_shape(struct str row, bool devices, bool target, bool opt, struct columns *c)
{
	bool ok;

	*c = (struct columns){ 0 };
	if (target)
		c->target = blank_cut(&row);
	c->proto = blank_cut(&row);
	if (opt)
		c->opt = blank_cut(&row);
	if (devices) {
		c->iif = blank_cut(&row);
		c->oif = blank_cut(&row);
	}
	c->src = blank_cut(&row);
	c->dst = blank_cut(&row);
	c->extra = skip_blanks(row);
	ok = is_proto(c->proto) && is_address(c->src) && is_address(c->dst);
	/* without the opt column, only addresses that look like it can hold the shape together */
	return ok &&
	       (opt ? is_opt(c->opt) : is_numeric_address(c->src) && is_numeric_address(c->dst));
}

static bool columns_of(struct str row, bool devices, struct columns *c)
{
	return columns_in_shape(row, devices, true, true, c) ||
	       columns_in_shape(row, devices, false, true, c) ||
	       columns_in_shape(row, devices, true, false, c) ||
	       columns_in_shape(row, devices, false, false, c);
}

/* ---- writing options ---- */

static void put(struct text *spec, struct str word)
{
	if (spec->n)
		text_add_char(spec, ' ');
	text_add(spec, word);
}

static void put_option(struct text *spec, bool negated, struct str option, struct str value)
{
	if (negated)
		put(spec, STR("!"));
	put(spec, option);
	put(spec, value);
}

static void put_quoted(struct text *spec, struct str option, struct str value)
{
	put(spec, option);
	text_add(spec, STR(" \""));
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] == '"' || value.p[i] == '\\')
			text_add_char(spec, '\\');
		text_add_char(spec, value.p[i]);
	}
	text_add_char(spec, '"');
}

static void put_address(struct text *spec, struct str option, struct str value,
			struct list_row *out)
{
	bool negated = take_not(&value);

	if (!out->hint && is_numeric_address(value) && !str_eq(value, STR("anywhere")))
		out->hint = memchr(value.p, ':', value.n) ? FAMILY_IP6 : FAMILY_IP;
	if (str_eq(value, STR("0.0.0.0/0")) || str_eq(value, STR("::/0")) ||
	    str_eq(value, STR("anywhere")))
		return;
	put_option(spec, negated, option, value);
}

static void put_device(struct text *spec, struct str option, struct str value)
{
	bool negated = take_not(&value);

	if (value.n && !str_eq(value, STR("*")) && !str_eq(value, STR("any")))
		put_option(spec, negated, option, value);
}

static void put_proto(struct text *spec, struct str value)
{
	bool negated = take_not(&value);

	if (!str_eq(value, STR("all")) && !str_eq(value, STR("0")))
		put_option(spec, negated, STR("-p"), value);
}

/* ---- what the matches print ---- */

/* @extra begins with what was recognised; each takes it off and writes the options. */
struct phrase {
	struct str begins;
	bool (*take)(struct str *extra, const struct phrase *phrase, struct text *spec);
	struct str option;
};

static bool take_word(struct str *extra, const struct phrase *phrase, struct text *spec)
{
	struct str rest = str_skip(*extra, phrase->begins.n);

	if (rest.n && *rest.p != ' ')
		return false;
	put_option(spec, false, STR("-m"), phrase->begins);
	*extra = rest;
	return true;
}

/* `dpts:!1:1023` */
static bool take_port(struct str *extra, const struct phrase *phrase, struct text *spec)
{
	struct str value = str_skip(blank_cut(extra), phrase->begins.n);
	bool negated = take_not(&value);

	put_option(spec, negated, phrase->option, value);
	return true;
}

/* `multiport dports  !22,80`, `mark match ! 0x10/0xff`, `source IP range ! A-B`, `ctstate NEW` */
static bool take_value(struct str *extra, const struct phrase *phrase, struct text *spec)
{
	struct str rest = skip_blanks(str_skip(*extra, phrase->begins.n));
	bool negated = take_not(&rest);
	struct str module = phrase->option;
	struct str option = module;
	struct str name = blank_cut(&option);

	put_option(spec, false, STR("-m"), name);
	put_option(spec, negated, skip_blanks(option), blank_cut(&rest));
	*extra = rest;
	return true;
}

/* `flags:!0x17/0x02` */
static bool take_flags(struct str *extra, const struct phrase *phrase, struct text *spec)
{
	struct str value = str_skip(blank_cut(extra), phrase->begins.n);
	bool negated = take_not(&value);
	struct str mask = str_cut(&value, '/');

	put_option(spec, negated, phrase->option, mask);
	put(spec, value);
	return true;
}

static void put_icmp(struct text *spec, const struct phrase *phrase, bool negated, struct str type,
		     struct str *rest)
{
	struct str after = *rest;
	struct str code = { 0 };

	if (str_eq(blank_cut(&after), STR("code"))) {
		code = blank_cut(&after);
		*rest = after;
	}
	put_option(spec, negated, phrase->option, str_eq(type, STR("255")) ? STR("any") : type);
	if (code.n) {
		text_add_char(spec, '/');
		text_add(spec, code);
	}
}

/* `icmptype 3 code 4`, `icmp !type 8 code 0`, `icmp echo-request` */
static bool take_icmp(struct str *extra, const struct phrase *phrase, struct text *spec)
{
	struct str rest = str_skip(*extra, phrase->begins.n);
	struct str type = blank_cut(&rest);
	bool negated = take_not(&type);

	if (str_eq(type, STR("type")))
		type = blank_cut(&rest);
	if (!type.n)
		return false;
	put_icmp(spec, phrase, negated, type, &rest);
	*extra = rest;
	return true;
}

static bool take_comment(struct str *extra, const struct phrase *phrase, struct text *spec)
{
	struct str rest = str_skip(*extra, phrase->begins.n);
	size_t end = str_find(rest, STR(" */"));

	put(spec, STR("-m comment"));
	put_quoted(spec, STR("--comment"), str_first(rest, end));
	*extra = str_skip(rest, end + 3);
	return true;
}

/* clang-format off */
static const struct phrase phrases[] = {
	{ S("/* "),                   take_comment, S("") },
	{ S("tcp"),                   take_word,    S("") },
	{ S("udp"),                   take_word,    S("") },
	{ S("udplite"),               take_word,    S("") },
	{ S("sctp"),                  take_word,    S("") },
	{ S("dccp"),                  take_word,    S("") },
	{ S("spt:"),                  take_port,    S("--sport") },
	{ S("spts:"),                 take_port,    S("--sport") },
	{ S("dpt:"),                  take_port,    S("--dport") },
	{ S("dpts:"),                 take_port,    S("--dport") },
	{ S("flags:"),                take_flags,   S("--tcp-flags") },
	{ S("multiport dports "),     take_value,   S("multiport --dports") },
	{ S("multiport sports "),     take_value,   S("multiport --sports") },
	{ S("multiport ports "),      take_value,   S("multiport --ports") },
	{ S("source IP range "),      take_value,   S("iprange --src-range") },
	{ S("destination IP range "), take_value,   S("iprange --dst-range") },
	{ S("mark match "),           take_value,   S("mark --mark") },
	{ S("ctstate "),              take_value,   S("conntrack --ctstate") },
	{ S("state "),                take_value,   S("state --state") },
	{ S("icmptype "),             take_icmp,    S("--icmp-type") },
	{ S("icmp "),                 take_icmp,    S("--icmp-type") },
	{ S("ipv6-icmptype "),        take_icmp,    S("--icmpv6-type") },
	{ S("ipv6-icmp "),            take_icmp,    S("--icmpv6-type") },
};
/* clang-format on */

static bool take_phrase(struct str *extra, struct text *spec)
{
	for (size_t i = 0; i < sizeof(phrases) / sizeof(*phrases); i++)
		if (str_starts(*extra, phrases[i].begins) &&
		    phrases[i].take(extra, &phrases[i], spec))
			return true;
	return false;
}

/* ---- what the target prints, always last ---- */

/* A prefix holds whatever it likes, its own quotes unescaped; it ends with the row. */
static void put_log(struct str said, struct text *spec)
{
	size_t at = str_find(said, STR("prefix "));
	struct str prefix = str_skip(said, at + 7);
	bool nflog = str_starts(said, STR("nflog-"));
	const char *last;

	if (at == said.n || prefix.n < 2 || (*prefix.p != '"' && *prefix.p != '`'))
		return;
	last = memrchr(prefix.p + 1, *prefix.p == '"' ? '"' : '\'', prefix.n - 1);
	if (last)
		put_quoted(spec, nflog ? STR("--nflog-prefix") : STR("--log-prefix"),
			   str_between(prefix.p + 1, last));
}

static void put_nat(const struct xt_target *target, struct str said, struct text *spec)
{
	struct str value = skip_blanks(str_skip(said, target->listing.n));
	struct str option = STR("--to-ports");

	if (str_eq(target->listing, STR("to:"))) {
		option = target->flags & XT_TARGET_BY_MAP ? STR("--to")
			 : target->flags & XT_TARGET_DEST ? STR("--to-destination")
							  : STR("--to-source");
	}
	put_option(spec, false, option, blank_cut(&value));
	if (skip_blanks(value).n)
		put(spec, skip_blanks(value));
}

static void put_target(const struct xt_target *target, struct str said, struct text *spec)
{
	if (target->rule_flags & RULE_LOGS) {
		put_log(said, spec);
	} else if (target->flags & (XT_TARGET_SOURCE | XT_TARGET_DEST)) {
		put_nat(target, said, spec);
	} else if (target->listing.n) {
		put(spec, STR("--"));
		text_add(spec, said);
	} else {
		said = skip_blanks(str_skip(said, target->name.n));
		put(spec, said);
	}
}

static bool begins_target(const struct xt_target *target, struct str extra)
{
	struct str begins;

	if (!target || (target->flags & XT_TARGET_STANDARD))
		return false;
	begins = target->listing.n ? target->listing : target->name;
	return str_starts(extra, begins) &&
	       (target->listing.n || extra.n == begins.n || extra.p[begins.n] == ' ');
}

/* One word that nobody knows; a quoted string is one. */
static struct str odd_word(struct str *extra)
{
	struct str rest = *extra;
	size_t end;

	if (rest.n && *rest.p == '"') {
		end = str_find(str_skip(rest, 1), STR("\"")) + 2;
		*extra = str_skip(rest, end);
		return str_first(rest, end);
	}
	return blank_cut(extra);
}

static void put_odd(struct text *spec, struct str word, bool *open)
{
	put(spec, *open ? STR("") : STR("["));
	*open = true;
	for (size_t i = 0; i < word.n;
	     i++) /* these three would end the brackets, or open a quote */
		text_add_char(spec, memchr("]\"\n", word.p[i], 3) ? '\'' : word.p[i]);
}

static void close_odd(struct text *spec, bool *open)
{
	if (*open)
		text_add_char(spec, ']');
	*open = false;
}

/* Return: what the target printed, empty if nothing */
static struct str put_matches(struct str extra, const struct xt_target *target, struct text *spec)
{
	bool odd = false;

	for (;;) {
		struct text before = *spec;

		extra = skip_blanks(extra);
		if (!extra.n || begins_target(target, extra))
			break;
		if (odd) /* so that brackets close in front of what is understood */
			text_add_char(spec, ']');
		if (take_phrase(&extra, spec)) {
			odd = false;
			continue;
		}
		spec->n = before.n;
		put_odd(spec, odd_word(&extra), &odd);
	}
	close_odd(spec, &odd);
	return extra;
}

static const char *put_row(const struct columns *c, struct list_row *out, struct text *spec)
{
	const struct xt_target *target = xt_target_find(c->target);
	struct str extra = c->extra;
	bool is_goto = str_starts(extra, STR("[goto]"));
	struct str said;

	put_address(spec, STR("-s"), c->src, out);
	put_address(spec, STR("-d"), c->dst, out);
	put_device(spec, STR("-i"), c->iif);
	put_device(spec, STR("-o"), c->oif);
	put_proto(spec, c->proto);
	if (str_eq(c->opt, STR("-f")) || str_eq(c->opt, STR("!f")))
		put(spec, *c->opt.p == '!' ? STR("! -f") : STR("-f"));
	said = put_matches(is_goto ? str_skip(extra, 6) : extra, target, spec);
	if (!c->target.n)
		return NULL;
	put_option(spec, false, is_goto ? STR("-g") : STR("-j"), c->target);
	if (said.n)
		put_target(target, said, spec);
	return NULL;
}

const char *list_row_spec(struct str row, const struct list_format *format, struct list_row *out,
			  struct text *spec)
{
	struct columns columns;

	*out = (struct list_row){ 0 };
	if (format->numbers) {
		if (!value_number(blank_cut(&row), &out->number))
			return "the rule's number";
		out->have |= LIST_ROW_NUMBER;
	}
	if (format->counters) {
		if (!list_count(blank_cut(&row), &out->packets) ||
		    !list_count(blank_cut(&row), &out->bytes))
			return "counters of packets and bytes";
		out->have |= LIST_ROW_COUNTERS;
	}
	if (!columns_of(row, format->devices, &columns))
		return "a rule: target, protocol, options, devices, source, destination";
	return put_row(&columns, out, spec);
}
