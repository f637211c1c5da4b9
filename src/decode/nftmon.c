// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * nftmon.c - lines of nft monitor trace (formats.md 6.1)
 *
 * Each line is "trace id ID FAMILY TABLE CHAIN" and one word that says what follows. Chains may
 * be called like these words, so a word counts by its place. Other programs write "trace id"
 * too, and documents leave the family out: without a family only a whole line is ours.
 */
#include "nftmon.h"

#include <errno.h>

#include "dialect.h"
#include "monitor.h"
#include "scan.h"

struct head;

/* struct word - what a line is about; @take reads the rest of the line */
struct word {
	struct str name;
	int (*take)(struct monitor *m, const struct head *head);
};

/**
 * struct head - the front of a line
 * @at: its first byte
 * @word: NULL if there is nothing after the chain
 * @rest: what follows the word
 */
struct head {
	const char *at;
	uint32_t id;
	enum family family;
	struct str table, chain, rest;
	const struct word *word;
};

/* scan_verdict - "accept", "jump chain": the chain may be called anything, so it is all of @s */
static bool scan_verdict(struct str s, struct event *ev)
{
	static const struct {
		struct str word;
		enum verdict verdict;
	} verdicts[] = {
		{ { "continue", 8 }, VERDICT_CONTINUE }, { { "accept", 6 }, VERDICT_ACCEPT },
		{ { "drop", 4 }, VERDICT_DROP },	 { { "jump", 4 }, VERDICT_JUMP },
		{ { "return", 6 }, VERDICT_RETURN },	 { { "goto", 4 }, VERDICT_GOTO },
		{ { "queue", 5 }, VERDICT_QUEUE },	 { { "stolen", 6 }, VERDICT_STOLEN },
		{ { "break", 5 }, VERDICT_CONTINUE },	 { { "unknown", 7 }, VERDICT_NONE },
	};
	struct str rest = s, word = scan_token(&rest);
	size_t i;

	for (i = 0; i < sizeof(verdicts) / sizeof(*verdicts); i++) {
		if (!str_eq(verdicts[i].word, word))
			continue;
		ev->verdict = verdicts[i].verdict;
		if (ev->verdict == VERDICT_JUMP || ev->verdict == VERDICT_GOTO)
			ev->target = str_trim_left(str_trim_right(rest));
		else if (ev->verdict != VERDICT_NONE && str_trim_left(rest).n)
			return false;
		return true;
	}
	return false;
}

/* scan_mark - "meta mark 0x00000042"; only the eighth digit shows that none is cut off. Where it
 * may stand and does not, the mark is 0. */
static bool scan_mark(struct str s, bool whole, struct event *ev)
{
	struct str rest = str_trim_left(s);
	unsigned int digits;
	uint64_t mark;

	if (!scan_word(&rest, STR("meta mark "))) {
		ev->have |= whole ? EVENT_MARK_TOLD : 0;
		return whole || !rest.n;
	}
	digits = scan_hex(&rest, &mark);
	if (!digits || mark > UINT32_MAX || (!whole && digits < 8))
		return false;
	ev->mark = (uint32_t)mark;
	ev->have |= EVENT_MARK;
	return true;
}

/* rfind - offset of the last @needle in @s, whose second byte is a rare one; or s.n */
static size_t rfind(struct str s, struct str needle)
{
	size_t n = s.n;
	const char *at;

	while (n && (at = memrchr(s.p, needle.p[1], n))) {
		n = (size_t)(at - s.p);
		if (n && str_starts(str_skip(s, n - 1), needle))
			return n - 1;
	}
	return s.n;
}

/*
 * scan_ruling - " (verdict V)" at the end of @s, which is cut off there. Documents leave it out, as
 * they do the family; nft never does.
 */
static int scan_ruling(struct monitor *m, const struct head *head, struct str *s)
{
	static const struct str mark = { " (verdict ", 10 };
	size_t at = rfind(*s, mark);
	struct str verdict = str_skip(str_skip(*s, at), mark.n);
	const char *end = verdict.n ? memrchr(verdict.p, ')', verdict.n) : NULL;

	if (at == s->n && m->rec->whole && !head->family)
		return 0;
	if (!end || !scan_verdict(str_between(verdict.p, end), m->ev))
		return monitor_fault(m, at < s->n ? verdict.p : s->p + s->n, "(verdict ...)");
	*s = str_first(*s, at);
	return 0;
}

/* scan_handle - " # handle 5" at the end of @s, as nft -a prints it; cut off there */
static void scan_handle(struct str *s, struct event *ev)
{
	static const struct str mark = { " # handle ", 10 };
	size_t at = rfind(*s, mark);
	struct str digits = str_skip(*s, at + mark.n);

	if (at == s->n || !scan_dec(&digits, 19, &ev->handle) || digits.n)
		return;
	ev->have |= EVENT_HANDLE;
	*s = str_first(*s, at);
}

static int take_rule(struct monitor *m, const struct head *head)
{
	struct str text = str_trim_right(head->rest);
	int err = scan_ruling(m, head, &text);

	if (err)
		return err;
	scan_handle(&text, m->ev);
	m->ev->rule_text = str_trim_left(str_trim_right(text));
	m->ev->hop = HOP_RULE;
	return 0;
}

/* take_unknown - "rule handle 24 (verdict accept)": a rule that came after nft had started */
static int take_unknown(struct monitor *m, const struct head *head)
{
	struct str rest = str_trim_left(str_trim_right(head->rest));
	int err;

	if (!scan_word(&rest, STR("rule handle ")) || !scan_dec(&rest, 19, &m->ev->handle))
		return monitor_fault(m, head->rest.p, "rule handle and a number");
	err = scan_ruling(m, head, &rest);
	m->ev->have |= EVENT_HANDLE;
	m->ev->hop = HOP_RULE;
	return err;
}

static int take_policy(struct monitor *m, const struct head *head)
{
	struct str rest = head->rest, word = scan_token(&rest);

	if (!scan_verdict(word, m->ev))
		return monitor_fault(m, word.p, "a policy");
	if (!scan_mark(rest, m->rec->whole, m->ev))
		return monitor_fault(m, rest.p, "a mark");
	m->ev->hop = HOP_POLICY;
	return 0;
}

/*
 * take_end - "verdict V [meta mark M]": the end of a chain, as kernels before 6.7 report it, with a
 * verdict always (nft_trace_notify() of net/netfilter/nf_tables_trace.c, 4.6 to 6.6)
 */
static int take_end(struct monitor *m, const struct head *head)
{
	struct str rest = str_trim_left(head->rest);
	size_t mark = str_find(rest, STR("meta mark "));
	struct str verdict = str_trim_right(str_first(rest, mark));

	if (verdict.n && !scan_verdict(verdict, m->ev))
		return monitor_fault(m, verdict.p, "a verdict");
	if (!scan_mark(str_skip(rest, mark), m->rec->whole, m->ev))
		return monitor_fault(m, rest.p, "a mark");
	m->ev->hop = HOP_RETURN;
	m->ev->have |= EVENT_CHAIN_END;
	return 0;
}

/* take_bare_end - "return", "meta mark M": the word is part of what is to be read */
static int take_bare_end(struct monitor *m, const struct head *head)
{
	struct head whole = *head;

	whole.rest = str_between(head->rest.p - head->word->name.n, head->rest.p + head->rest.n);
	return take_end(m, &whole);
}

/* ends_behind - is @rest one value? */
static bool ends_behind(struct str rest)
{
	scan_token(&rest);
	return !str_trim_left(rest).n;
}

/* is_cut_behind - does the line end behind an IP header, or within the one that follows it? */
static bool is_cut_behind(struct str rest, const struct header *h)
{
	/* the first field of a header, and the last one of the bytes that the packet must have */
	static const struct {
		struct str first, last;
		uint32_t bytes;
	} headers[] = {
		{ { "ip length ", 10 }, { "", 0 }, 1 },
		{ { "ip6 length ", 11 }, { "", 0 }, 1 },
		{ { "udp sport ", 10 }, { "udp length ", 11 }, 6 },
		{ { "tcp sport ", 10 }, { "tcp window ", 11 }, 16 },
		{ { "icmp type ", 10 }, { "icmp code ", 10 }, 2 },
		{ { "icmpv6 type ", 12 }, { "icmpv6 code ", 12 }, 2 },
	};
	uint32_t before = h->family == FAMILY_IP6 ? 40 : 20;

	if (!(h->have & HEADER_LEN))
		return false;
	for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++) {
		struct str from = str_skip(rest, str_find(rest, headers[i].first));

		if (from.n && h->length >= before + headers[i].bytes &&
		    (headers[i].last.n ? !str_has(rest, headers[i].last)
				       : ends_behind(str_skip(from, headers[i].first.n))))
			return true;
	}
	return false;
}

/*
 * is_cut - is the line over in the middle of a header? An IP packet's length follows its addresses,
 * and then what it carries; behind a frame's addresses stands what is in it, or its type.
 */
static bool is_cut(const struct head *head, const struct header *h)
{
	const uint32_t behind = HEADER_LEN | HEADER_PORTS | HEADER_FLAGS | HEADER_ICMP | HEADER_SPI;

	if (head->family != FAMILY_IP && head->family != FAMILY_IP6 && head->family != FAMILY_INET)
		return false;
	if (h->have & HEADER_ADDR)
		return !(h->have & behind) || is_cut_behind(head->rest, h);
	return str_has(head->rest, STR("ether saddr ")) && !str_has(head->rest, STR("ether type "));
}

/* take_packet - nft prints iif whenever the hook has an input device, so none is a fact too */
static int take_packet(struct monitor *m, const struct head *head)
{
	const char *fault = nftmon_packet(head->rest, m->ev);

	if (fault || !m->rec->whole || is_cut(head, &m->ev->pkt))
		return monitor_fault(m, fault ? fault : head->rest.p + head->rest.n,
				     "the rest of the packet's fields");
	m->ev->kind = EVENT_START;
	m->ev->have |= EVENT_HEADERS | EVENT_IN;
	return 0;
}

static int take_conntrack(struct monitor *m, const struct head *head)
{
	(void)head;
	m->ev->kind = EVENT_OTHER;
	return 0;
}

static const struct word *find_word(struct str name)
{
	static const struct word words[] = {
		{ { "packet:", 7 }, take_packet },	  { { "rule", 4 }, take_rule },
		{ { "policy", 6 }, take_policy },	  { { "verdict", 7 }, take_end },
		{ { "unknown", 7 }, take_unknown },	  { { "return", 6 }, take_bare_end },
		{ { "conntrack:", 10 }, take_conntrack }, { { "meta", 4 }, take_bare_end },
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (str_eq(words[i].name, name))
			return &words[i];
	return NULL;
}

enum { NOT_OURS, BROKEN, OURS };

/* read_head - @s begins with "trace id "; documents leave out the family at times */
static int read_head(struct str s, bool whole, struct head *head)
{
	struct str first, word;

	*head = (struct head){ .at = s.p, .rest = str_skip(s, 9) };
	if (!monitor_id(&head->rest, &head->id))
		return whole || head->rest.n > 8 ? NOT_OURS : BROKEN;
	first = scan_token(&head->rest);
	head->family = family_of_word(first);
	head->table = head->family ? scan_token(&head->rest) : first;
	head->chain = scan_token(&head->rest);
	word = scan_token(&head->rest);
	head->word = find_word(word);
	if (head->word)
		return OURS;
	head->rest = word;
	return head->family || (!whole && !word.n) ? BROKEN : NOT_OURS;
}

/* count_quotes - flip @odd for each quote before @to; Return: @to */
static const char *count_quotes(const char *from, const char *to, bool *odd)
{
	for (; from < to; from++)
		*odd ^= *from == '"';
	return to;
}

/*
 * find_head - the last head in the line: what stands before it lost its end, be it somebody
 * else's or an event of ours. A rule may quote one.
 */
static int find_head(struct str text, bool whole, struct head *head)
{
	const char *seen = text.p;
	int found = NOT_OURS, is;
	bool odd = false;
	struct head next;
	size_t at;

	for (at = 0; (at += str_find(str_skip(text, at), STR("trace id "))) < text.n; at += 9) {
		is = read_head(str_skip(text, at), whole, &next);
		seen = count_quotes(seen, text.p + at, &odd);
		if (is < found || is == NOT_OURS || (is == BROKEN && at && !next.family))
			continue;
		if (found == OURS && odd && head->word && head->word->take == take_rule)
			continue;
		found = is;
		*head = next;
		odd = false;
	}
	return found;
}

/* cut_early - "trace i" at the end of the input */
static int cut_early(struct monitor *m)
{
	struct str data = m->rec->data;

	if (m->rec->kind != RECORD_LINE || m->rec->whole || data.n < 6 ||
	    !str_starts(STR("trace id "), data))
		return -ENOENT;
	return monitor_fault(m, data.p + data.n, "trace id and a number");
}

int nftmon_decode(const struct record *rec, struct scratch *scratch, struct event *ev,
		  struct complaint *why)
{
	struct monitor m = { .rec = rec, .scratch = scratch, .ev = ev, .why = why };
	struct head head;
	int found, err;

	if (!str_has(rec->data, STR("trace id ")))
		return cut_early(&m);
	if (!monitor_open(&m))
		return monitor_decline(&m);
	found = find_head(m.text, rec->whole, &head);
	if (found == NOT_OURS)
		return monitor_decline(&m);
	monitor_frame(&m, head.at);
	if (found == BROKEN)
		return monitor_fault(&m, head.rest.p, "packet:, rule, policy or verdict");
	ev->kind = EVENT_HOP;
	ev->have |= EVENT_TRACE_ID;
	ev->trace_id = head.id;
	ev->family = head.family;
	ev->table = head.table;
	ev->chain = head.chain;
	err = head.word->take(&m, &head);
	return err && !head.family ? monitor_decline(&m) : err;
}
