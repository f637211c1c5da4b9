// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * xtmon.c - lines of xtables-monitor --trace (formats.md 6.2)
 *
 * "PACKET: FAMILY ID ..." and " TRACE: FAMILY ID TABLE:CHAIN:...". The kernel's log has lines
 * that begin alike; family and id tell these from them.
 */
#include <errno.h>

#include "dialect.h"
#include "monitor.h"
#include "scan.h"
#include "xtmon.h"

/* struct head - the front of a line: @at its first byte, @rest what follows the id */
struct head {
	const char *at;
	unsigned int family;
	uint32_t id;
	struct str rest;
};

static enum family family_of(unsigned int number)
{
	static const uint8_t known[] = { FAMILY_INET,	FAMILY_IP,     FAMILY_ARP,
					 FAMILY_NETDEV, FAMILY_BRIDGE, FAMILY_IP6 };

	return memchr(known, (int)number, sizeof(known)) ? (enum family)number : FAMILY_NONE;
}

/* hex_verdict - what has no word: linux/netfilter.h and nf_tables.h number them */
static enum verdict hex_verdict(uint64_t code)
{
	static const enum verdict low[] = { VERDICT_DROP, VERDICT_ACCEPT, VERDICT_STOLEN,
					    VERDICT_QUEUE };
	static const enum verdict negative[] = {
		VERDICT_NONE, VERDICT_CONTINUE, VERDICT_CONTINUE,
		VERDICT_JUMP, VERDICT_GOTO,	VERDICT_RETURN,
	};
	uint64_t below = (1ull << 32) - code;

	if (below < sizeof(negative) / sizeof(*negative))
		return negative[below];
	return (code & 0xff) < sizeof(low) / sizeof(*low) ? low[code & 0xff] : VERDICT_NONE;
}

/* scan_verdict - "ACCEPT", "JUMP:chain", "0x30003", to the end of @s */
static bool scan_verdict(struct str s, struct event *ev)
{
	static const struct {
		struct str word;
		enum verdict verdict;
	} words[] = {
		{ { "CONTINUE", 8 }, VERDICT_CONTINUE }, { { "ACCEPT", 6 }, VERDICT_ACCEPT },
		{ { "DROP", 4 }, VERDICT_DROP },	 { { "QUEUE", 5 }, VERDICT_QUEUE },
		{ { "STOLEN", 6 }, VERDICT_STOLEN },	 { { "BREAK", 5 }, VERDICT_CONTINUE },
		{ { "RETURN", 6 }, VERDICT_RETURN },	 { { "JUMP", 4 }, VERDICT_JUMP },
		{ { "GOTO", 4 }, VERDICT_GOTO },
	};
	struct str word = str_first(s, str_find(s, STR(":")));
	uint64_t code;
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!str_eq(words[i].word, word))
			continue;
		if (word.n != s.n && words[i].verdict != VERDICT_JUMP &&
		    words[i].verdict != VERDICT_GOTO)
			return false;
		ev->verdict = words[i].verdict;
		ev->target = str_skip(s, word.n + 1);
		return true;
	}
	if (!str_starts(s, STR("0x")) || !scan_hex(&s, &code) || s.n || code > UINT32_MAX)
		return false;
	ev->verdict = hex_verdict(code);
	return true;
}

/*
 * scan_rule - "table:chain:rule:0x5:VERDICT"; a chain may be called "a:rule:9". Handle 0 is an
 * end of a chain that kernels since 6.7 call a rule (formats.md 3.4).
 */
static bool scan_rule(struct str place, struct event *ev, struct str *chain)
{
	static const struct str mark = { ":rule:0x", 8 };
	struct str rest;
	size_t at;

	for (at = 0; (at += str_find(str_skip(place, at), mark)) < place.n; at++) {
		rest = str_skip(place, at + mark.n - 2);
		if (!scan_hex(&rest, &ev->handle) || !scan_char(&rest, ':') ||
		    !scan_verdict(rest, ev))
			continue;
		*chain = str_first(place, at);
		ev->hop = ev->handle ? HOP_RULE : HOP_RETURN;
		ev->have |= ev->handle ? EVENT_HANDLE : EVENT_CHAIN_END;
		return true;
	}
	return false;
}

/* scan_end - "table:chain:policy:ACCEPT", "table:chain:return:" */
static bool scan_end(struct str place, struct event *ev, struct str *chain)
{
	static const struct {
		struct str mark;
		enum hop_kind hop;
		uint32_t have;
	} ends[] = {
		{ { ":policy:", 8 }, HOP_POLICY, 0 },
		{ { ":return:", 8 }, HOP_RETURN, EVENT_CHAIN_END },
	};
	size_t i, n;

	for (n = place.n; n >= 8; n--) {
		for (i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
			struct str verdict = str_skip(place, n);

			if (!str_ends(str_first(place, n), ends[i].mark) ||
			    (verdict.n ? !scan_verdict(verdict, ev) : ends[i].hop == HOP_POLICY))
				continue;
			*chain = str_first(place, n - 8);
			ev->hop = ends[i].hop;
			ev->have |= ends[i].have;
			return true;
		}
	}
	return false;
}

/* rule_spec - what follows "-A CHAIN " in the rule as iptables would save it */
static struct str rule_spec(struct str text, struct str chain)
{
	struct str rest = text;

	rest = str_skip(rest, str_find(rest, STR(" -A ")) + 4);
	if (!scan_word(&rest, chain) || (rest.n && !is_blank(*rest.p)))
		rest = text;
	return str_trim_left(str_trim_right(rest));
}

static int take_trace(struct monitor *m, const struct head *head)
{
	struct str rest = head->rest, place = scan_token(&rest), chain;
	size_t table = str_find(place, STR(":"));

	if (!m->rec->whole && !rest.n && !str_ends(place, STR(":return:")) &&
	    !str_has(place, STR(":policy:")))
		return monitor_fault(m, rest.p, "the rest of the line");
	if (!scan_rule(place, m->ev, &chain) && !scan_end(place, m->ev, &chain))
		return monitor_fault(m, place.p, "table:chain:rule, policy or return");
	m->ev->table = str_first(chain, table);
	m->ev->chain = str_skip(chain, table + 1);
	if (m->ev->hop == HOP_RULE && m->rec->whole) /* what is cut is not the rule's text */
		m->ev->rule_text = rule_spec(rest, m->ev->chain);
	if (!table || !m->ev->chain.n)
		return monitor_fault(m, place.p, "table:chain:rule, policy or return");
	return 0;
}

/* take_packet - IN= is there whenever the hook has an input device, so none is a fact too */
static int take_packet(struct monitor *m, const struct head *head)
{
	struct fault fault = { .at = NULL };

	if (!xtmon_packet(head->rest, m->ev, &fault))
		return monitor_fault(m, fault.at, fault.expected);
	if (!m->rec->whole)
		return monitor_fault(m, head->rest.p + head->rest.n, "the rest of the line");
	m->ev->kind = EVENT_START;
	m->ev->have |= EVENT_HEADERS | EVENT_IN;
	return 0;
}

/* struct word - what a line begins with; @mark must be in what follows the id */
static const struct word {
	struct str name, mark;
	int (*take)(struct monitor *m, const struct head *head);
} words[] = {
	{ { "TRACE: ", 7 }, { ":", 1 }, take_trace },
	{ { "PACKET: ", 8 }, { "", 0 }, take_packet },
};

/* read_head - "2 f8922fae " at @s */
static bool read_head(struct str s, bool whole, const struct word *word, struct head *head)
{
	struct str rest = s, next;
	uint64_t family;

	if (!scan_dec(&rest, 2, &family) || (!scan_blanks(&rest) && (whole || rest.n)))
		return false;
	if (!monitor_id(&rest, &head->id) && (whole || rest.n))
		return false;
	head->family = (unsigned int)family;
	head->at = s.p - word->name.n;
	head->rest = next = rest;
	next = scan_token(&next);
	return !whole || !word->mark.n || str_has(next, word->mark);
}

/* find_head - the first one: a rule's comment may hold others */
static const struct word *find_head(struct str text, bool whole, struct head *head)
{
	const struct word *word, *found = NULL;
	struct head next;
	size_t at;

	for (word = words; word < words + sizeof(words) / sizeof(*words); word++) {
		for (at = 0; (at += str_find(str_skip(text, at), word->name)) < text.n; at++) {
			if (!read_head(str_skip(text, at + word->name.n), whole, word, &next))
				continue;
			if (!found || next.at < head->at) {
				*head = next;
				found = word;
			}
			break;
		}
	}
	return found;
}

/* is_event - a change of the rules (--event): not a packet's, but not the kernel log's either */
static bool is_event(struct str line)
{
	struct str text = str_trim_left(line);

	return str_starts(text, STR("EVENT: ")) || str_starts(text, STR("NEWGEN: GENID="));
}

/* has_digit_behind - as read_head() wants it */
static bool has_digit_behind(struct str s, struct str name)
{
	for (size_t at = 0; (at += str_find(str_skip(s, at), name)) < s.n; at += name.n) {
		struct str rest = str_skip(s, at + name.n);

		if (rest.n && is_digit(*rest.p))
			return true;
	}
	return false;
}

/*
 * may_be - is @rec worth being opened? The kernel's lines have the same word in front, and JSON is
 * opened at a price; without escapes and byte numbers its text shows what it says.
 */
static bool may_be(const struct record *rec)
{
	struct str s = rec->data;

	if (!s.n)
		return false;
	if (rec->kind != RECORD_JSON || memchr(s.p, '\\', s.n) || memchr(s.p, '[', s.n))
		return str_has(s, words[0].name) || str_has(s, words[1].name);
	return has_digit_behind(s, words[0].name) || has_digit_behind(s, words[1].name);
}

int xtmon_decode(const struct record *rec, struct scratch *scratch, struct event *ev,
		 struct complaint *why)
{
	struct monitor m = { .rec = rec, .scratch = scratch, .ev = ev, .why = why };
	const struct word *word;
	struct head head;

	if (rec->kind == RECORD_LINE && is_event(rec->data))
		return 0;
	if (!may_be(rec))
		return -ENOENT;
	if (!monitor_open(&m))
		return monitor_decline(&m);
	word = find_head(m.text, rec->whole, &head);
	if (!word)
		return monitor_decline(&m);
	monitor_frame(&m, head.at);
	ev->kind = EVENT_HOP;
	ev->have |= EVENT_TRACE_ID;
	ev->trace_id = head.id;
	ev->family = family_of(head.family);
	return word->take(&m, &head);
}
