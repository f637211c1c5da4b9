// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * note.c - lines that are no packets: what the kernel complains of, what logs lost or repeat
 *
 * Nearly every line of a log is somebody else's, and has to be turned away at the speed of
 * reading it. So each row of the table names one of its letters, a rare one; note_sight() looks
 * every byte of the line up once, and compares a needle only where its letter stands.
 */
#include "note.h"

#include <errno.h>

#include "scan.h"

/* struct sight - a found needle: @text and where the needle stands in it */
struct sight {
	struct str text;
	size_t at, end;
	struct event *ev;
	struct fault *fault;
};

static int sight_fault(struct sight *s, struct str rest, const char *expected)
{
	s->fault->at = rest.p;
	s->fault->expected = expected;
	return -EINVAL;
}

static struct str before(const struct sight *s)
{
	return str_first(s->text, s->at);
}

static struct str after(const struct sight *s)
{
	return str_skip(s->text, s->end);
}

/* by_kernel - only module names ("IPv4: ", "nf_conntrack: nf_conntrack: ") stand before it */
static bool by_kernel(const struct sight *s)
{
	struct str head = before(s);
	size_t i;

	if (!head.n)
		return true;
	if (!str_ends(head, STR(": ")))
		return false;
	for (i = 0; i < head.n; i++) {
		if (head.p[i] == ' ' && (!i || head.p[i - 1] != ':'))
			return false;
		if (!is_alnum(head.p[i]) && !memchr("_-: ", head.p[i], 4))
			return false;
	}
	return true;
}

static int set_note(struct sight *s, enum note_kind kind)
{
	s->ev->kind = EVENT_NOTE;
	s->ev->note = kind;
	s->ev->text = s->text;
	return 0;
}

static int set_gap(struct sight *s, enum gap_kind kind, uint32_t have)
{
	s->ev->kind = EVENT_GAP;
	s->ev->gap = kind;
	s->ev->have |= have;
	s->ev->text = s->text;
	return 0;
}

/* lost_count - read the number of lost records, if it is there */
static uint32_t lost_count(struct sight *s, struct str digits)
{
	return scan_dec(&digits, 18, &s->ev->lost) ? EVENT_LOST : 0;
}

/* last_word - the word at the end of @s */
static struct str last_word(struct str s)
{
	struct str left = str_trim_right(s);
	size_t n = left.n;

	while (n && !is_blank(left.p[n - 1]))
		n--;
	return str_skip(left, n);
}

static bool martian_addr(struct str *rest, struct addr *addr)
{
	return scan_addr(rest, addr) == FAMILY_IP;
}

/* martian_tuple - "(src=a, dst=b, dev=c)": since 2025 */
static int martian_tuple(struct sight *s, struct str rest)
{
	if (!scan_word(&rest, STR("(src=")) || !martian_addr(&rest, &s->ev->addr[1]))
		return sight_fault(s, rest, "an IPv4 address");
	if (!scan_word(&rest, STR(", dst=")) || !martian_addr(&rest, &s->ev->addr[0]))
		return sight_fault(s, rest, "an IPv4 address");
	if (scan_word(&rest, STR(", dev="))) {
		s->ev->dev = scan_token(&rest);
		if (str_ends(s->ev->dev, STR(")")))
			s->ev->dev.n--;
	}
	return 0;
}

/* martian_words - "DST from SRC, on dev X" (source), "DST from SRC, dev X" (destination) */
static int martian_words(struct sight *s, struct str rest)
{
	if (!martian_addr(&rest, &s->ev->addr[0]))
		return sight_fault(s, rest, "an IPv4 address");
	if (!scan_word(&rest, STR(" from ")) || !martian_addr(&rest, &s->ev->addr[1]))
		return sight_fault(s, rest, "an IPv4 address");
	if (scan_word(&rest, STR(", on dev ")) || scan_word(&rest, STR(", dev ")))
		s->ev->dev = scan_token(&rest);
	return 0;
}

static int take_martian(struct sight *s)
{
	struct str rest = after(s);
	enum note_kind kind;
	int err;

	if (!by_kernel(s))
		return -ENOENT;
	if (scan_word(&rest, STR("source ")))
		kind = NOTE_MARTIAN_SOURCE;
	else if (scan_word(&rest, STR("destination ")))
		kind = NOTE_MARTIAN_DESTINATION;
	else
		return -ENOENT;
	err = rest.n && *rest.p == '(' ? martian_tuple(s, rest) : martian_words(s, rest);
	return err ? err : set_note(s, kind);
}

static int take_conntrack_full(struct sight *s)
{
	if (!by_kernel(s) || !str_has(before(s), STR("conntrack")))
		return -ENOENT;
	return set_note(s, NOTE_CONNTRACK_FULL);
}

static int take_neighbour(struct sight *s)
{
	if (!s->at || (s->text.p[s->at - 1] != 'n' && s->text.p[s->at - 1] != 'N'))
		return -ENOENT;
	s->at--;
	return by_kernel(s) ? set_note(s, NOTE_NEIGHBOUR_OVERFLOW) : -ENOENT;
}

/* take_syn_flood - "on port 80.", "on port 192.0.2.1:80.", "on port [2001:db8::1]:80." */
static int take_syn_flood(struct sight *s)
{
	struct str rest = after(s), addr;
	uint64_t port = 0;

	if (!by_kernel(s))
		return -ENOENT;
	addr = rest;
	scan_char(&addr, '[');
	if (scan_addr(&addr, &s->ev->addr[0])) {
		scan_char(&addr, ']');
		if (scan_char(&addr, ':'))
			rest = addr;
	}
	if (!scan_dec(&rest, 5, &port) || port > UINT16_MAX)
		return sight_fault(s, rest, "a port number");
	s->ev->port = (uint16_t)port;
	s->ev->have |= EVENT_PORT;
	return set_note(s, NOTE_SYN_FLOOD);
}

static int take_tcp_memory(struct sight *s)
{
	return by_kernel(s) ? set_note(s, NOTE_TCP_MEMORY) : -ENOENT;
}

static int take_ct_helper(struct sight *s)
{
	return s->at ? -ENOENT : set_note(s, NOTE_CT_HELPER);
}

/* take_suppressed - "net_ratelimit: 50 callbacks suppressed", "printk: 7 messages suppressed." */
static int take_suppressed(struct sight *s)
{
	struct str count = last_word(before(s));

	if (!count.n || !is_digit(*count.p))
		return -ENOENT;
	s->at = (size_t)(count.p - s->text.p);
	if (!by_kernel(s))
		return -ENOENT;
	s->ev->have |= lost_count(s, count);
	return set_note(s, NOTE_SUPPRESSED);
}

/*
 * take_rate_limit - rsyslog: "... begin to drop messages", "...: 7 messages lost", "imuxsock
 * lost 7 messages from pid 1", each "due to rate-limiting" (formats.md 7.5)
 */
static int take_rate_limit(struct sight *s)
{
	struct str head = before(s), rest;
	size_t at;

	if (!str_has(head, STR("rsyslog")) && !str_has(head, STR("imuxsock")) &&
	    !str_has(head, STR("imjournal")))
		return -ENOENT;
	if (str_has(head, STR("to drop messages")))
		return set_gap(s, GAP_SYSLOG, EVENT_GAP_OPENS);
	at = str_find(head, STR(" messages lost"));
	if (at < head.n)
		return set_gap(s, GAP_SYSLOG,
			       EVENT_GAP_CLOSES | lost_count(s, last_word(str_first(head, at))));
	rest = str_skip(head, str_find(head, STR("lost ")));
	if (!scan_word(&rest, STR("lost ")))
		return -ENOENT;
	return set_gap(s, GAP_SYSLOG, EVENT_GAP_CLOSES | lost_count(s, rest));
}

/* after_tag - the needle is the first word after a program's tag, or of the text */
static bool after_tag(const struct sight *s)
{
	struct str head = str_trim_right(before(s));

	return !head.n || (str_ends(head, STR(":")) && !memchr(head.p, ' ', head.n));
}

static int take_missed_kernel(struct sight *s)
{
	struct str rest = after(s);
	uint32_t have = lost_count(s, rest);
	uint64_t n;

	if (!after_tag(s) || !have || !scan_dec(&rest, 18, &n) ||
	    !str_starts(rest, STR(" kernel messages")))
		return -ENOENT;
	return set_gap(s, GAP_JOURNAL, have);
}

static int take_missed_syslog(struct sight *s)
{
	uint32_t have = lost_count(s, after(s));

	return after_tag(s) && have ? set_gap(s, GAP_JOURNAL, have) : -ENOENT;
}

static int take_overrun(struct sight *s)
{
	return after_tag(s) ? set_gap(s, GAP_JOURNAL, 0) : -ENOENT;
}

static int take_monitor(struct sight *s)
{
	return s->at == 0 ? set_gap(s, GAP_MONITOR, 0) : -ENOENT;
}

static int set_repeat(struct sight *s)
{
	struct str rest = after(s);
	uint64_t n = 0;

	if (!after_tag(s) || !scan_dec(&rest, 9, &n) || !n || !str_starts(rest, STR(" time")))
		return -ENOENT;
	s->ev->kind = EVENT_REPEAT;
	s->ev->times = (uint32_t)n;
	return 0;
}

/* take_last - "last message repeated 2 times" */
static int take_last(struct sight *s)
{
	if (!str_ends(before(s), STR("last ")) && !str_ends(before(s), STR("Last ")))
		return -ENOENT;
	s->at -= 5;
	return set_repeat(s);
}

/* take_quoted - "Last message '...' repeated 1 times, suppressed by syslog-ng on host" */
static int take_quoted(struct sight *s)
{
	size_t at = str_find(before(s), STR("Last message '"));

	if (at == s->at)
		return -ENOENT;
	s->at = at;
	return set_repeat(s);
}

/*
 * The rows of one letter stand together; letters[] says where. @letter is where the letter
 * stands in the needle.
 */
/* clang-format off */
#define NEEDLE(z) { z, sizeof(z) - 1 }
static const struct {
	struct str needle;
	size_t letter;
	unsigned int sight;
	int (*take)(struct sight *s);
} rows[] = {
	/*  0 '=' */
	{ NEEDLE(" OUT="), 4, SIGHT_PACKET, NULL },
	{ NEEDLE("IN="), 2, SIGHT_PACKET, NULL },
	{ NEEDLE("PROTO="), 5, SIGHT_PACKET, NULL },
	/*  3 'Y' */
	{ NEEDLE("Possible SYN flooding on port "), 10, SIGHT_NOTE, take_syn_flood },
	{ NEEDLE("possible SYN flooding on port "), 10, SIGHT_NOTE, take_syn_flood },
	/*  5 'b' */
	{ NEEDLE("table full"), 2, SIGHT_NOTE, take_conntrack_full },
	{ NEEDLE("eighbour table overflow"), 4, SIGHT_NOTE, take_neighbour },
	{ NEEDLE("eighbor table overflow"), 4, SIGHT_NOTE, take_neighbour },
	{ NEEDLE("/dev/kmsg buffer overrun"), 10, SIGHT_GAP, take_overrun },
	/*  9 'k' */
	{ NEEDLE("# ERROR: We lost some netlink events"), 28, SIGHT_GAP, take_monitor },
	/* 10 'm' */
	{ NEEDLE("martian "), 0, SIGHT_NOTE, take_martian },
	{ NEEDLE("due to rate-limiting"), 14, SIGHT_GAP, take_rate_limit },
	{ NEEDLE("Forwarding to syslog missed "), 21, SIGHT_GAP, take_missed_syslog },
	{ NEEDLE("out of memory -- consider tuning tcp_mem"), 7, SIGHT_NOTE, take_tcp_memory },
	{ NEEDLE("Out of socket memory"), 14, SIGHT_NOTE, take_tcp_memory },
	/* 15 'M' */
	{ NEEDLE("Missed "), 0, SIGHT_GAP, take_missed_kernel },
	/* 16 'p' */
	{ NEEDLE(" callbacks suppressed"), 13, SIGHT_NOTE, take_suppressed },
	{ NEEDLE(" messages suppressed"), 12, SIGHT_NOTE, take_suppressed },
	{ NEEDLE("message repeated "), 10, SIGHT_REPEAT, take_last },
	{ NEEDLE("' repeated "), 4, SIGHT_REPEAT, take_quoted },
	{ NEEDLE("too many orphaned sockets"), 11, SIGHT_NOTE, take_tcp_memory },
	{ NEEDLE("too many of orphaned sockets"), 14, SIGHT_NOTE, take_tcp_memory },
	{ NEEDLE("conntrack_ftp: partial "), 12, SIGHT_NOTE, take_ct_helper },
	/* 23 'C' */
	{ NEEDLE("TRACE: "), 3, SIGHT_PACKET, NULL },
	/* 24 ESC: the end of a match, as grep --color and rg --color write it; words of their own
	 * colour, whatever tool gave them that */
	{ NEEDLE("\033[m\033[K"), 0, SIGHT_COLOUR, NULL },
	{ NEEDLE("\033[m "), 0, SIGHT_COLOUR, NULL },
	{ NEEDLE("\033[0m"), 0, SIGHT_COLOUR, NULL },
	{ NEEDLE("trace\033["), 5, SIGHT_COLOUR, NULL },
	{ NEEDLE("trace \033["), 6, SIGHT_COLOUR, NULL },
	{ NEEDLE("trace id\033["), 8, SIGHT_COLOUR, NULL },
	/* 30 */
};

static const struct {
	uint8_t first, end;
} letters[256] = {
	['='] = { 0, 3 },  ['Y'] = { 3, 5 },   ['b'] = { 5, 9 },   ['k'] = { 9, 10 },
	['m'] = { 10, 15 }, ['M'] = { 15, 16 }, ['p'] = { 16, 23 }, ['C'] = { 23, 24 },
	['\033'] = { 24, 30 },
};
/* clang-format on */

#define ROWS (sizeof(rows) / sizeof(*rows))

static unsigned int sight_at(struct str line, size_t at, unsigned char letter)
{
	unsigned int sights = 0;
	size_t i;

	for (i = letters[letter].first; i < letters[letter].end; i++) {
		size_t start = at - rows[i].letter;

		if (at >= rows[i].letter && line.p[start] == *rows[i].needle.p &&
		    str_starts(str_skip(line, start), rows[i].needle))
			sights |= rows[i].sight;
	}
	return sights;
}

unsigned int note_sight(struct str line)
{
	unsigned int sights = 0;
	size_t at;

	for (at = 0; at < line.n && !(sights & SIGHT_PACKET); at++) {
		unsigned char c = (unsigned char)line.p[at];

		if (letters[c].end)
			sights |= sight_at(line, at, c);
	}
	return sights;
}

int note_decode(struct str text, unsigned int kinds, struct event *ev, struct fault *fault)
{
	struct sight s = { .text = str_trim_right(text), .ev = ev, .fault = fault };
	size_t i;

	for (i = 0; i < ROWS; i++) {
		int err;

		if (!rows[i].take || !(rows[i].sight & kinds))
			continue;
		s.at = str_find(s.text, rows[i].needle);
		if (s.at == s.text.n)
			continue;
		s.end = s.at + rows[i].needle.n;
		err = rows[i].take(&s);
		if (err != -ENOENT)
			return err;
	}
	return -ENOENT;
}

bool note_repeated(struct str text, struct str *inner, uint32_t *times)
{
	struct str rest = text;
	uint64_t n;

	if (!scan_word(&rest, STR("message repeated ")) || !scan_dec(&rest, 9, &n) || !n ||
	    !scan_word(&rest, STR(" times: [")))
		return false;
	rest = str_trim_right(rest);
	if (str_ends(rest, STR("]")))
		rest.n--;
	*inner = str_trim_left(rest);
	*times = (uint32_t)n;
	return true;
}
