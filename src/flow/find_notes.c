/* SPDX-License-Identifier: GPL-2.0-or-later */
/* find_notes.c - findings that the log itself states: losses, kernel notes */
#include "finding.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "nfhop/addr.h"

static struct str line_evidence(const struct model *m, uint64_t line, sym_t said)
{
	struct str t = sym_text(m->syms, said);

	return text("line %" PRIu64 ": %.*s", line, STR_ARG(t));
}

static uint64_t withdrawn_path(const struct model *m, const struct flow *flow,
			       const struct flow_path *fp)
{
	struct decision d;

	if (!(fp->flags & (PACKET_GAP | PACKET_MID_GAP)))
		return 0;
	model_decide_path(m, flow, fp, &d);
	return d.reason == REASON_GAP || d.reason == REASON_MID_GAP ? fp->packets : 0;
}

/* How many packets' conclusions were withdrawn for a loss? */
static uint64_t withdrawn(const struct model *m)
{
	uint64_t n = 0;

	for (size_t i = 0; i < flows_slots(m->flows); i++) {
		const struct flow *flow = flows_at(m->flows, i);

		for (uint32_t k = 0; flow && k < flow->n_paths; k++)
			n += withdrawn_path(m, flow, &flow->paths[k]);
	}
	return n;
}

/* "at least 7 of them", "how many is not said" */
static struct str how_many(uint64_t lost)
{
	return lost ? text("at least %s of them", number_text(lost).s)
		    : text("how many is not said");
}

static struct str what_hangs_on_it(uint64_t packets)
{
	if (!packets)
		return text("no conclusion hangs on it");
	return text("of %s packet%s it cannot be said what became of %s", number_text(packets).s,
		    packets == 1 ? "" : "s", packets == 1 ? "it" : "them");
}

/* What loses less another time; only of a live source somebody can say it. */
static const char *how_to_lose_less(const struct model *m)
{
	for (size_t i = 0; i < m->n_gaps; i++)
		if (m->gaps[i].kind == GAP_SOCKET)
			return " A narrower --trace, a smaller --limit or a larger --buffer loses "
			       "less.";
	return "";
}

int draw_trace_gap(struct model *m, const struct finding_row *row)
{
	uint64_t n = withdrawn(m), broken = m->stats.malformed;
	struct str lost = how_many(m->stats.lost), packets = what_hangs_on_it(n);
	struct finding *f = NULL;
	bool due = m->n_gaps || (broken && n);

	if (!m->n_gaps && due)
		f = finding_add(m, row,
				text("%s line%s broken: %.*s.", number_text(broken).s,
				     broken == 1 ? " is" : "s are", STR_ARG(packets)));
	if (m->n_gaps)
		f = finding_add(m, row,
				text("Events were lost in %s place%s, %.*s: %.*s.%s",
				     number_text(m->n_gaps).s, m->n_gaps == 1 ? "" : "s",
				     STR_ARG(lost), STR_ARG(packets), how_to_lose_less(m)));
	if (f && broken)
		finding_evidence(f, text("line %" PRIu64 ": expected %s", m->stats.bad_line,
					 m->stats.bad_expected));
	for (size_t i = 0; f && i < m->n_gaps && i < FINDING_LINES; i++)
		finding_evidence(f, line_evidence(m, m->gaps[i].line, m->gaps[i].text));
	text_free(lost);
	text_free(packets);
	return due && !f ? -ENOMEM : 0;
}

int draw_no_end(struct model *m, const struct finding_row *row)
{
	struct finding *f;

	if (!m->stats.unended)
		return 0;
	f = finding_add(m, row,
			text("The recording has no end: nfhop was killed while it recorded, or the "
			     "file was cut. What came last is not known, nor whether anything was "
			     "lost there."));
	if (!f)
		return -ENOMEM;
	f->caveat = true;
	return 0;
}

int draw_trace_limit(struct model *m, const struct finding_row *row)
{
	struct finding *f;

	if (!model_left_out(m))
		return 0;
	f = finding_add(m, row,
			text("The limit of --trace let %s of %s packets be traced: "
			     "what is not seen here may still have come.",
			     number_text(m->traced).s, number_text(m->asked).s));
	if (!f)
		return -ENOMEM;
	f->caveat = true;
	finding_confirm(f, text("nfhop report --trace 'FILTER' --limit 0"));
	return 0;
}

/*
 * The rows that repeat what the kernel itself said; one row a kind of note. What is set for the
 * whole host (@outside) shows in the initial network namespace only.
 */
static const struct note_words {
	const char *id;
	enum note_kind kind;
	const char *sentence;
	const char *outside, *confirm[2];
} note_words[] = {
	{ "conntrack-full",
	  NOTE_CONNTRACK_FULL,
	  "The connection table was full: the kernel dropped packets that began new connections, "
	  "between raw and mangle, and no rule did it.",
	  NULL,
	  { "sysctl net.netfilter.nf_conntrack_count net.netfilter.nf_conntrack_max" } },
	{ "syn-flood",
	  NOTE_SYN_FLOOD,
	  "A listening port's SYN queue overflowed: the kernel answered with cookies or dropped "
	  "requests.",
	  NULL,
	  { "nstat -az TcpExtTCPReqQFullDrop TcpExtTCPReqQFullDoCookies TcpExtListenDrops" } },
	{ "martian",
	  NOTE_MARTIAN_SOURCE,
	  "Packets with an impossible source were dropped after PREROUTING: the route back to "
	  "their source does not lead out of the device they came in by (rp_filter), or the "
	  "address cannot come from a wire.",
	  NULL,
	  { NULL, NULL } },
	{ "martian",
	  NOTE_MARTIAN_DESTINATION,
	  "Packets with an impossible destination were dropped after PREROUTING.",
	  NULL,
	  { NULL, NULL } },
	{ "neighbour-overflow",
	  NOTE_NEIGHBOUR_OVERFLOW,
	  "The neighbour table overflowed: packets to new neighbours were dropped after "
	  "POSTROUTING.",
	  "sysctl net.ipv4.neigh.default.gc_thresh3",
	  { "ip -s neigh | wc -l" } },
};

/* The addresses and the device of the first one stand for the others. */
static void confirm_martian(const struct model *m, const struct note *note, struct finding *f)
{
	bool source = note->kind == NOTE_MARTIAN_SOURCE;

	if (source)
		confirm_rp_filter(f, sym_text(m->syms, note->dev));
	finding_confirm(f, text("ip route get %s", addr_text(&note->addr[source]).s));
}

static void confirm_note(struct finding *f, const struct note_words *words)
{
	if (words->outside)
		finding_confirm_outside(f, text("%s", words->outside));
	for (size_t i = 0; i < 2 && words->confirm[i]; i++)
		finding_confirm(f, text("%s", words->confirm[i]));
}

/* "999 of 1000 entries": as far as there is evidence */
static void say_entries(const struct model *m, struct finding *f)
{
	const struct evidence *e = evidence_now(m);

	if (e && e->has_conntrack)
		finding_evidence(f,
				 text("the table held %s of %s entries %s",
				      number_text(e->ct_count).s, number_text(e->ct_max).s,
				      m->after ? "when the trace ended" : "when the trace began"));
}

/* The kernel says so at most some times a second, and not to every log: its counters always do. */
static struct finding *add_full_table(struct model *m, const struct finding_row *row,
				      const struct note_words *words)
{
	const struct evidence *e = evidence_now(m);
	struct finding *f;

	if (!e || !e->has_conntrack || !e->ct_max || e->ct_count < e->ct_max)
		return NULL;
	f = finding_add(m, row,
			text("The connection table is full: the kernel may drop packets that "
			     "begin new connections, between raw and mangle, and no rule does "
			     "it."));
	if (f)
		confirm_note(f, words);
	return f;
}

/* If the lines leave no room for it, the last of them goes. @named: the number that they give */
static void say_untold(struct finding *f, uint64_t named)
{
	struct str s = named ? text("whether network namespace %" PRIu64 " is the traced one was "
				    "not recorded: it may be another one",
				    named)
			     : text("the kernel log does not say of which network namespace it is: "
				    "it may be another one's");

	if (f->n_evidence == FINDING_LINES)
		text_free(f->evidence[--f->n_evidence]);
	finding_evidence(f, s);
	if (named)
		finding_confirm(f, text("readlink /proc/self/ns/net"));
}

/* Has a note of that kind been told of with @host before number @i? */
static bool host_was_before(const struct model *m, enum note_kind kind, sym_t host, size_t i)
{
	while (i-- > 0)
		if (m->notes[i].kind == kind && m->notes[i].host == host &&
		    !netns_note_elsewhere(m, &m->notes[i]))
			return true;
	return false;
}

/* draw_host_note - of one host: number @i is the first of its notes */
static struct finding *draw_host_note(struct model *m, const struct finding_row *row,
				      const struct note_words *words, size_t i)
{
	struct finding *f = finding_add(m, row, text("%s", words->sentence));
	sym_t host = m->notes[i].host;
	uint64_t times = 0, named = 0;
	bool untold = false;

	if (!f)
		return NULL;
	f->host = host;
	confirm_note(f, words);
	if (!strcmp(words->id, "martian"))
		confirm_martian(m, &m->notes[i], f);
	for (; i < m->n_notes; i++) {
		const struct note *note = &m->notes[i];

		if (note->kind != words->kind || note->host != host ||
		    netns_note_elsewhere(m, note))
			continue;
		times += note->times;
		if (f->n_evidence < FINDING_LINES && netns_note_untold(m, note)) {
			untold = true;
			named = netns_named(sym_text(m->syms, note->text));
		}
		finding_evidence(f, line_evidence(m, note->line, note->text));
	}
	if (untold)
		say_untold(f, named);
	if (times > f->n_evidence)
		finding_evidence(f, text("said %s times in all", number_text(times).s));
	return f;
}

static int draw_note(struct model *m, const struct finding_row *row, const struct note_words *words)
{
	bool full = words->kind == NOTE_CONNTRACK_FULL;
	struct finding *f = NULL;
	size_t n = 0;

	for (size_t i = 0; i < m->n_notes && n < ONE_KIND_MAX; i++) {
		const struct note *note = &m->notes[i];

		if (note->kind != words->kind || netns_note_elsewhere(m, note) ||
		    host_was_before(m, words->kind, note->host, i))
			continue;
		f = draw_host_note(m, row, words, i);
		if (!f)
			return -ENOMEM;
		n++;
	}
	if (!n && full)
		f = add_full_table(m, row, words);
	if (f && full && n <= 1)
		say_entries(m, f);
	return 0;
}

int draw_notes(struct model *m, const struct finding_row *row)
{
	for (size_t i = 0; i < sizeof(note_words) / sizeof(note_words[0]); i++) {
		int err = 0;

		if (!strcmp(note_words[i].id, row->id))
			err = draw_note(m, row, &note_words[i]);
		if (err)
			return err;
	}
	return 0;
}
